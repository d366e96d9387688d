r"""GS1 element strings, taken apart far enough to put FNC1 where it belongs; whether they are true is not asked here.

References:
    GS1 General Specifications, 7.8 (FNC1, predefined lengths), 3.2 (application identifiers), 7.11 (characters).
"""

from __future__ import annotations

import re

from renderers.errors import RenderError
from renderers.payload import checked

__all__ = ["ELEMENTS", "bracketed"]

GS = "\x1d"
SHOWN = 24
ELEMENTS = "elements with values of their application identifiers, not too many for the symbol"

# By the first two digits: how long the application identifier is. GS1 gives out whole blocks of one length.
_DIGITS = {f"{first:02}": 2 for first in (*range(5), *range(10, 23), 30, 37, *range(90, 100))}
_DIGITS |= {f"{first:02}": 3 for first in (23, 24, 25, 40, 41, 42, 71)}
_DIGITS |= {f"{first:02}": 4 for first in (*range(31, 37), 39, 43, 70, 72, 80, 81, 82)}

# Likewise: how long identifier and value are together, where no FNC1 follows. The list is closed for ever.
_PREDEFINED = {"00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4, "41": 16}
_PREDEFINED |= {f"{first}": 8 for first in range(11, 20)} | {f"{first}": 10 for first in range(31, 37)}

_OUTSIDE = re.compile(r"""[^!"#%&'()*+,\-./0-9:;<=>?A-Z_a-z\x1d]""")


def bracketed(payload: str) -> str:
    r"""The elements of an element string, each application identifier in square brackets: what zxing-cpp wants.

    Square, because round ones may stand in a value.

    Args:
        payload: elements in a row, GS (0x1D) after each value of no predefined length but the last; no leading FNC1.

    Returns:
        The same elements.

    Raises:
        RenderError: the payload is no such string: a character that no GS1 value has, a separator that is missing,
            stands first or last or where none is due, or no application identifier where one should begin.

    Examples:
        >>> bracketed("010950600013435210A(1)B\x1d21SER")
        '[01]09506000134352[10]A(1)B[21]SER'
        >>> bracketed("\x1d10ABC")
        Traceback (most recent call last):
        renderers.errors.RenderError: payload '\x1d10ABC': expected a GS1 element at character 1, found '\x1d'
    """
    text = checked(payload)
    if outside := _OUTSIDE.search(text):
        raise RenderError(
            "payload", text, expected="GS1 characters", found=f"{outside[0]!r} at character {outside.start() + 1}"
        )
    elements, at = [], 0
    while at < len(text):
        prefix = text[at : at + 2]
        value_at = at + _DIGITS.get(prefix, 0)
        separator = text.find(GS, at)
        end = separator if separator >= 0 else len(text)
        due = at + _PREDEFINED[prefix] if prefix in _PREDEFINED else end
        if not at < value_at < due <= end or not text[at:value_at].isdigit() or due == len(text) - 1 == separator:
            found = repr(text[at : max(end, at + 1)][:SHOWN])
            raise RenderError("payload", text, expected=f"a GS1 element at character {at + 1}", found=found)
        elements.append(f"[{text[at:value_at]}]{text[value_at:due]}")
        at = due if prefix in _PREDEFINED else due + 1
    return "".join(elements)
