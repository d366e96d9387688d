"""Data Matrix ECC 200, for small marks and plates: written by zxing-cpp."""

from __future__ import annotations

import zxingcpp

from renderers.errors import RenderError
from renderers.options import one_of
from renderers.payload import checked
from renderers.symbol import Symbol
from renderers.zxing import modules

__all__ = ["READ_AS", "encode", "modules_in_shape"]

READ_AS = zxingcpp.DataMatrix
QUIET_ZONE = 1
CAPACITY = {
    "square": "what 144 x 144 modules hold: at most 3116 digits, 2335 letters of one case or 1555 bytes of anything",
    "rectangle": "what 16 x 48 modules hold: at most 98 digits, 72 letters of one case or 47 bytes of anything",
}
# The library's numbers of the rectangles of ECC 200, the smallest first; those after 30 are DMRE.
RECTANGLES = range(25, 31)  # 8 x 18, 8 x 32, 12 x 26, 12 x 36, 16 x 36, 16 x 48


def encode(payload: str, *, shape: str = "square") -> Symbol:
    """Encode a payload as a Data Matrix.

    Square unless a rectangle is asked for, and then one of ISO/IEC 16022: left to itself the encoder takes those of
    ISO/IEC 21471 (DMRE), which many readers do not know. Text beyond ASCII stands after the designator of ECI 26, so
    that no reader guesses; no character is ever FNC1. Head and tail of a message in format 05 or 06 of ISO/IEC 15434
    are one codeword, a macro, and are read as if they were written out.

    Args:
        payload: the text that a reader will read.
        shape: `square` or `rectangle`.

    Returns:
        The symbol; `aim` is `]d1` (readers that use the ECI protocol report `]d4` for a symbol with an ECI).

    Raises:
        RenderError: the payload is none (`renderers.payload.checked`) or too long for 144 x 144 modules, in a rectangle
            for 16 x 48; or the shape is another.

    References:
        ISO/IEC 16022:2006 sections 5.2 (encodation, macros), 5.4 (ECI), 5.5 and table 7 (sizes).

    Examples:
        >>> encode("HTTP://127.0.0.1:8000/L/0123456789ABCD").width
        22
        >>> plate = encode("1M8GDM9AXKP042788", shape="rectangle")
        >>> plate.height, plate.width
        (12, 26)
    """
    text = checked(payload)
    # `eci` for ASCII would cost two codewords.
    constants: dict[str, object] = {} if text.isascii() else {"eci": "UTF-8"}
    rows, width = modules_in_shape(text, text, shape, constants)
    return Symbol(symbology="datamatrix", payload=text, aim="]d1", rows=rows, width=width, quiet_zone=QUIET_ZONE)


def modules_in_shape(text: str, payload: str, shape: str, constants: dict[str, object]) -> tuple[tuple[int, ...], int]:
    """The smallest symbol of a shape that holds a text.

    Args:
        text: what the library is to encode.
        payload: what a refusal shows.
        shape: `square` or `rectangle`.
        constants: the library's options besides.

    Returns:
        The rows and their width, as a `Symbol` has them.

    Raises:
        RenderError: none holds it, or the shape is another.
    """
    expected = CAPACITY[one_of("shape", shape, CAPACITY)]
    if shape == "square":
        return modules(text, READ_AS, payload, expected=expected, force_square=True, **constants)
    for version in RECTANGLES[:-1]:
        try:
            return modules(text, READ_AS, payload, expected=expected, version=version, **constants)
        except RenderError:
            continue
    return modules(text, READ_AS, payload, expected=expected, version=RECTANGLES[-1], **constants)
