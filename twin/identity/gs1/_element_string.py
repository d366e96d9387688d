"""Element strings: the elements in a row as barcodes hold them, and in brackets as people read them.

References:
    GS1 General Specifications, 7.8 (separators), 4.14 (human readable interpretation)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity.gs1._ais import AIS, GS, Element, ai_at

_ESCAPED: Final = r"\\\g<0>"
_BRACKETED: Final = re.compile(r"(?<!\\)(?:\((?P<round>[0-9]{2,4})\)|\[(?P<square>[0-9]{2,4})\])")


def elements_in(text: str) -> tuple[Element, ...]:
    r"""The elements of an element string, not yet looked into.

    A separator after a value of predefined length is passed over, as is one at the end.

    Args:
        text: application identifiers and values, with GS where a value of another length ends before the end.

    Raises:
        InvalidIdentifier: something else than an application identifier stands where one must.

    Examples:
        >>> elements_in("010950600013435210ABC\x1d21SER42")
        (('01', '09506000134352'), ('10', 'ABC'), ('21', 'SER42'))
    """
    elements, position = split(text)
    if position < len(text):
        raise InvalidIdentifier(
            f"{shown(text)} is not GS1 data: expected an application identifier, "
            f"found {shown(text[position : position + 4])} at position {position + 1}."
        )
    return elements


def split(text: str) -> tuple[tuple[Element, ...], int]:
    """The elements of an element string as far as application identifiers are where they must, and how far that is.

    Args:
        text: any.

    Examples:
        >>> split("172612310A")
        ((('17', '261231'),), 8)
    """
    elements = []
    position, end = 0, len(text)
    while position < end:
        known = ai_at(text, position)
        if known is None:
            break
        start = position + len(known.ai)
        if known.predefined_length:
            stop = min(start + known.longest, end)
        else:
            stop = text.find(GS, start)
            if stop < 0:
                stop = end
        elements.append((known.ai, text[start:stop]))
        position = stop + (text[stop : stop + 1] == GS)
    return tuple(elements), position


def element_string_of(elements: Iterable[Element]) -> str:
    r"""The elements in a row, with GS after every value of no predefined length but the last; no leading FNC1.

    Examples:
        >>> element_string_of((("10", "ABC"), ("17", "261231"), ("21", "SER42")))
        '10ABC\x1d1726123121SER42'
    """
    pieces = [f"{ai}{value}{'' if AIS[ai].predefined_length else GS}" for ai, value in elements]
    return "".join(pieces).removesuffix(GS)


def is_bracketed(text: str) -> bool:
    """Whether the text begins with an application identifier in brackets."""
    found = _BRACKETED.match(text)
    return found is not None and (found["round"] or found["square"]) in AIS


def bracketed_elements_in(text: str) -> tuple[Element, ...]:
    r"""The elements of a text in brackets, not yet looked into.

    Two to four digits in brackets are an application identifier, be it a known one or not; where they are of a value,
    a backslash stands before them.

    Args:
        text: begins with an application identifier in round or square brackets.

    Examples:
        >>> bracketed_elements_in("(01)09506000134352(10)AB(C)")
        (('01', '09506000134352'), ('10', 'AB(C)'))
        >>> bracketed_elements_in("(10)A\\(21)B")
        (('10', 'A(21)B'),)
    """
    marks = list(_BRACKETED.finditer(text))
    stops = [mark.start() for mark in marks[1:]] + [len(text)]
    return tuple(
        (mark["round"] or mark["square"], text[mark.end() : stop].replace("\\(", "("))
        for mark, stop in zip(marks, stops, strict=True)
    )


def bracketed_of(elements: Iterable[Element]) -> str:
    """The elements with their application identifiers in brackets.

    Examples:
        >>> bracketed_of((("01", "09506000134352"), ("10", "AB(C)")))
        '(01)09506000134352(10)AB(C)'
    """
    return "".join(f"({ai}){_BRACKETED.sub(_ESCAPED, value)}" for ai, value in elements)
