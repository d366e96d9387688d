"""ZPL II's own bar code commands: a symbol that the printer's firmware encodes, of our size and in our place.

What a command prints is the firmware's doing: it chooses the mask of a QR Code, and nothing of it was read back here.
So a command is given only where it can say all our choices (code sets, version by its mode, size); everything else has
none, and is a graphic.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping

from renderers.symbol import Symbol

__all__ = ["command"]

HIGHEST_BAR = 9_999  # dots, of ^BC and ^B3
WIDEST_MODULE = 10  # dots, of ^BY and ^BQ
LOWER = 10  # dots that firmware draws a QR Code below its ^FO
_PLAIN = frozenset(string.ascii_letters + string.digits + " -./:$%*+,>_")
_GS = "\x1d"


def command(symbol: Symbol, *, x: int, y: int, dots: int, high: int) -> str | None:
    r"""The field that prints a symbol, or None if no command can.

    Args:
        symbol: what to print.
        x: where its modules begin, in dots from the left side of the label; the quiet zone is outside.
        y: the same from the upper side.
        dots: dots in a module.
        high: the height of the bars of a linear symbol, in dots.

    Returns:
        One line of ASCII, ^FO to ^FS. What is not a letter, digit or harmless sign of the payload is in hexadecimal, so
        that nothing of it is a command.

    References:
        Zebra, ZPL II Programming Guide: ^B3, ^BC (mode N, code sets and FNC1 by >), ^BQ, ^BX (quality 200, columns and
        rows, escapes), ^BY, ^FH.

    Examples:
        >>> from renderers.encoding import encode
        >>> print(command(encode("TWIN^42", "datamatrix"), x=8, y=8, dots=4, high=4), end="")
        ^FO8,8^BXN,4,200,14,14,6,_^FH\^FDTWIN\5E42^FS
        >>> command(encode("12345", "microqr"), x=8, y=8, dots=4, high=4) is None
        True
    """
    known = _COMMANDS.get(symbol.symbology)
    if known is None or min(x, y) < 0:
        return None
    return known(symbol, x, y, dots, high)


def _data(text: str) -> str:
    return "^FH\\^FD" + "".join(each if each in _PLAIN else f"\\{ord(each):02X}" for each in text) + "^FS\n"


def _printable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _data_matrix(symbol: Symbol, x: int, y: int, dots: int, _: int) -> str | None:
    return _matrix(symbol, symbol.payload, x, y, dots) if _unescaped(symbol.payload) else None


def _gs1_data_matrix(symbol: Symbol, x: int, y: int, dots: int, _: int) -> str | None:
    text = "_1" + symbol.payload.replace(_GS, "_1")  # FNC1
    return _matrix(symbol, text, x, y, dots) if _unescaped(symbol.payload.replace(_GS, "")) else None


def _unescaped(text: str) -> bool:
    """Whether nothing in it can be taken for an escape; doubled escape characters were not seen to be printed."""
    return _printable(text) and "_" not in text


def _matrix(symbol: Symbol, text: str, x: int, y: int, dots: int) -> str:
    return f"^FO{x},{y}^BXN,{dots},200,{symbol.width},{symbol.height},6,_{_data(text)}"


def _qr(symbol: Symbol, x: int, y: int, dots: int, _: int) -> str | None:
    text, above = symbol.payload, y - LOWER
    # A printer that does not draw it lower leaves the difference within the quiet zone, or has a graphic.
    if not _printable(text) or above < 0 or dots > WIDEST_MODULE or symbol.quiet_zone * dots < LOWER:
        return None
    if text.isdigit():
        content = f"N{text}"
    elif _ALPHANUMERIC.issuperset(text):
        content = f"A{text}"
    else:
        content = f"B{len(text):04d}{text}"
    return f"^FO{x},{above}^BQN,2,{dots}{_data(f'{_level(symbol)}M,{content}')}"


_ALPHANUMERIC = frozenset(string.digits + string.ascii_uppercase + " $%*+-./:")


def _level(symbol: Symbol) -> str:
    """The level of error correction, which stands in the first two modules of the format information, masked with 10.

    References:
        ISO/IEC 18004:2015 section 7.9.1.
    """
    return "MLHQ"[(symbol.rows[8] >> symbol.width - 2) ^ 0b10]


def _code39(symbol: Symbol, x: int, y: int, dots: int, high: int) -> str | None:
    if dots > WIDEST_MODULE or high > HIGHEST_BAR:
        return None
    return f"^FO{x},{y}^BY{dots},3^B3N,N,{high},N,N{_data(symbol.payload)}"


def _code128(symbol: Symbol, x: int, y: int, dots: int, high: int) -> str | None:
    said = _invoked(_characters(symbol))
    if said is None or dots > WIDEST_MODULE or high > HIGHEST_BAR:
        return None
    return f"^FO{x},{y}^BY{dots}^BCN,{high},N,N,N,N{_data(said)}"


def _characters(symbol: Symbol) -> Iterator[int]:
    """The values of the symbol characters, from the start character to the last before the check character."""
    [row] = symbol.rows
    for place in range(symbol.width - 11, 23, -11):  # then come the check character, of 11 modules, and the stop of 13
        yield _VALUES[row >> place & 0x7FF]


def _invoked(values: Iterator[int]) -> str | None:
    """The symbol characters as ^BC says them; None where it cannot, or was not seen to be printed so.

    That is code set A, a shift, a change to code set C in the middle, > ^ ~ and DEL, and one digit alone behind all
    others: an engine that prints ZPL made something else of each.
    """
    start = next(values)
    if start not in _STARTS:
        return None
    said, code_set = f">{_STARTS[start]}", start
    for value in values:
        if value == _FNC1:
            said += ">8"
        elif code_set == _START_C and value < 100:
            said += f"{value:02d}"
        elif code_set == _START_C and value == _TO_B:
            said, code_set = said + ">6", _START_B
        elif code_set == _START_B and value < 96 and value not in _ESCAPED:
            said += chr(value + 32)
        else:
            return None
    return None if said[-1].isdigit() and said[-3:-1] == ">6" else said


_TO_B, _FNC1, _START_B, _START_C = 100, 102, 104, 105
_STARTS = {_START_B: ":", _START_C: ";"}
_ESCAPED = {30, 62, 94, 95}  # >, ^, ~ and DEL

_COMMANDS: Mapping[str, Callable[[Symbol, int, int, int, int], str | None]] = {
    "code128": _code128,
    "code39": _code39,
    "datamatrix": _data_matrix,
    "gs1128": _code128,
    "gs1datamatrix": _gs1_data_matrix,
    "qr": _qr,
}

# The widths of bars and spaces of each symbol character, by its value (ISO/IEC 15417:2007, table 1).
_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 "
    "113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 "
    "212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 "
    "113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 "
    "241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 "
    "214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 "
    "211232 "
)


def _modules(widths: str) -> int:
    return int("".join("10"[place % 2] * int(width) for place, width in enumerate(widths)), 2)


_VALUES = {_modules(widths): value for value, widths in enumerate(_WIDTHS.split())}
