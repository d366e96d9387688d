"""QR Code, for phones: written by segno."""

from __future__ import annotations

import segno
import zxingcpp

from renderers.errors import RenderError
from renderers.masking import FIRST_MASK, best_rows
from renderers.options import one_of
from renderers.payload import checked
from renderers.symbol import Symbol

__all__ = ["READ_AS", "encode", "mode_of", "rows_of"]

READ_AS = zxingcpp.QRCode
ERROR_CORRECTION = "M"
QUIET_ZONE = 4

ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
MODES = {"numeric": "digits", "alphanumeric": "alphanumeric characters", "byte": "bytes"}
# What version 40 holds, in the order of MODES.
CAPACITY = {"L": (7089, 4296, 2953), "M": (5596, 3391, 2331), "Q": (3993, 2420, 1663), "H": (3057, 1852, 1273)}

_DIGITS = bytes.maketrans(b"\0\1", b"01")


def encode(payload: str, *, level: str = ERROR_CORRECTION) -> Symbol:
    """Encode a payload as a QR Code, model 2, never Micro QR.

    Three digits take 10 bits, two characters of `ALPHANUMERIC` 11, a byte of UTF-8 all of 8: an upper-case URL is often
    a version smaller. Text beyond ASCII stands after the designator of ECI 26, so that no reader guesses.

    Args:
        payload: the text that a reader will read.
        level: the least error correction: `L`, `M`, `Q` or `H`. Where the version has room for more, there is more.

    Returns:
        The symbol; `aim` is `]Q1` (readers that use the ECI protocol report `]Q2` for a symbol with an ECI).

    Raises:
        RenderError: the payload is none (`renderers.payload.checked`) or too long for version 40; or the level is
            another.

    References:
        ISO/IEC 18004:2015 sections 7.4.2 (ECI), 7.4.3 to 7.4.5 (modes), 6.3.8 (quiet zone); table 7 (capacity).

    Examples:
        >>> encode("HTTP://127.0.0.1:8000/L/0123456789ABCD").width
        25
        >>> encode("http://127.0.0.1:8000/l/0123456789abcd").width
        29
    """
    text = checked(payload)
    mode = mode_of(text, CAPACITY[one_of("level", level, CAPACITY)], "a QR Code")
    code = segno.make(
        text, error=level, micro=False, mode=mode, encoding="utf-8", eci=not text.isascii(), mask=FIRST_MASK
    )
    rows = best_rows(code)
    return Symbol(symbology="qr", payload=text, aim="]Q1", rows=rows, width=len(rows), quiet_zone=QUIET_ZONE)


def mode_of(text: str, capacity: tuple[int, int, int], where: str) -> str:
    """The shortest mode, chosen here because segno would also choose Shift JIS.

    Args:
        text: what to encode.
        capacity: how many digits, alphanumeric characters and bytes fit.
        where: what they fit into, in words.

    Raises:
        RenderError: they do not.

    Examples:
        >>> mode_of("TWIN-42", (35, 21, 15), "a Micro QR Code")
        'alphanumeric'
    """
    digits = text.isascii() and text.isdigit()
    mode = "numeric" if digits else "alphanumeric" if ALPHANUMERIC.issuperset(text) else "byte"
    size, most, unit = len(text.encode()), capacity[list(MODES).index(mode)], MODES[mode]
    if not text.isascii():  # the designator of an ECI takes twelve bits, so that the last byte falls
        most, unit = most - 1, "bytes of UTF-8"
    if size > most:
        raise RenderError("payload", text, expected=f"at most {most} {unit} in {where}", found=f"{size}")
    return mode


def rows_of(code: segno.QRCode) -> tuple[int, ...]:
    """The modules that segno wrote, as a `Symbol` has them."""
    return tuple(int(row.translate(_DIGITS), 2) for row in code.matrix)
