"""QR Code, for phones: written by segno."""

from __future__ import annotations

import segno

from renderers.errors import RenderError
from renderers.payload import checked
from renderers.symbol import Symbol

__all__ = ["encode"]

ERROR_CORRECTION = "M"  # the least: where the version has room for a higher level, segno takes it
QUIET_ZONE = 4

ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
# What version 40 holds at ERROR_CORRECTION. The designator of an ECI takes twelve bits, so that the last byte falls.
NUMERIC_DIGITS, ALPHANUMERIC_CHARACTERS, BYTES, ECI_BYTES = 5596, 3391, 2331, 2330

_DIGITS = bytes.maketrans(b"\0\1", b"01")


def encode(payload: str) -> Symbol:
    """Encode a payload as a QR Code, model 2, never Micro QR.

    Three digits take 10 bits, two characters of `ALPHANUMERIC` 11, a byte of UTF-8 all of 8: an upper-case URL is often
    a version smaller. Text beyond ASCII stands after the designator of ECI 26, so that no reader guesses.

    Args:
        payload: the text that a reader will read.

    Returns:
        The symbol; `aim` is `]Q1` (readers that use the ECI protocol report `]Q2` for a symbol with an ECI).

    Raises:
        RenderError: the payload is none (`renderers.payload.checked`) or too long for version 40.

    References:
        ISO/IEC 18004:2015 sections 7.4.2 (ECI), 7.4.3 to 7.4.5 (modes), 6.3.8 (quiet zone); table 7 (capacity).

    Examples:
        >>> encode("HTTP://127.0.0.1:8000/L/0123456789ABCD").width
        25
        >>> encode("http://127.0.0.1:8000/l/0123456789abcd").width
        29
    """
    text = checked(payload)
    mode = _mode(text)
    code = segno.make(text, error=ERROR_CORRECTION, micro=False, mode=mode, encoding="utf-8", eci=not text.isascii())
    rows = tuple(int(row.translate(_DIGITS), 2) for row in code.matrix)
    return Symbol(symbology="qr", payload=text, aim="]Q1", rows=rows, width=len(rows), quiet_zone=QUIET_ZONE)


def _mode(text: str) -> str:
    """The shortest mode, chosen here because segno would also choose Shift JIS."""
    size = len(text.encode())
    if not text.isascii():
        mode, most, unit = "byte", ECI_BYTES, "bytes of UTF-8"
    elif text.isdigit():
        mode, most, unit = "numeric", NUMERIC_DIGITS, "digits"
    elif ALPHANUMERIC.issuperset(text):
        mode, most, unit = "alphanumeric", ALPHANUMERIC_CHARACTERS, "alphanumeric characters"
    else:
        mode, most, unit = "byte", BYTES, "bytes"
    if size > most:
        raise RenderError("payload", text, expected=f"at most {most} {unit} in a QR Code", found=f"{size}")
    return mode
