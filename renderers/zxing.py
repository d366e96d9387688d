"""zxing-cpp, which writes what segno does not and reads all: the one place that hands it anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import zxingcpp

from renderers.errors import RenderError

if TYPE_CHECKING:
    from renderers.symbol import Symbol

__all__ = ["bars", "modules", "read_back"]

DOTS = 1, 3  # a module: the reader of pictures without noise needs one, and where it finds nothing it gets three
BAR_DOTS = 24  # high enough for a reader that looks at several lines

_DIGITS = bytes.maketrans(b"\x00\xff", b"10")
_DARK, _LIGHT = b"\x00", b"\xff"


def modules(
    text: str, kind: zxingcpp.BarcodeFormat, payload: str, *, expected: str, **constants: object
) -> tuple[tuple[int, ...], int]:
    """Have a symbol written.

    Args:
        text: what to encode, let through by `renderers.payload.checked`.
        kind: the library's name of the symbology.
        payload: what a refusal shows.
        expected: what would have been encoded, for the refusal.
        constants: the library's options. Constants alone: one of the wrong type ends the process.

    Returns:
        The rows and their width, as a `Symbol` has them, without quiet zone.

    Raises:
        RenderError: the library refuses the text.

    Examples:
        >>> modules("TWIN-42", zxingcpp.DataMatrix, "TWIN-42", expected="less", force_square=True)[1]
        14
    """
    digits, width = _digits(text, kind, payload, expected, constants)
    return tuple([int(digits[at : at + width], 2) for at in range(0, len(digits), width)]), width


def bars(
    text: str, kind: zxingcpp.BarcodeFormat, payload: str, *, expected: str, **constants: object
) -> tuple[tuple[int], int]:
    """Have a linear symbol written: as `modules`, but of its rows, which are all alike, one.

    Examples:
        >>> bars("TWIN-42", zxingcpp.Code128, "TWIN-42", expected="less")[1]
        112
    """
    digits, width = _digits(text, kind, payload, expected, constants)
    return (int(digits[:width], 2),), width


def _digits(
    text: str, kind: zxingcpp.BarcodeFormat, payload: str, expected: str, constants: dict[str, object]
) -> tuple[bytes, int]:
    try:
        code = zxingcpp.create_barcode(text, kind, **constants)
    except ValueError as error:
        raise RenderError("payload", payload, expected=expected, found=f"{len(payload.encode())} bytes") from error
    image: Any = code.to_image(scale=1, add_quiet_zones=False)  # a buffer, which its stub keeps to itself
    return memoryview(image).tobytes().translate(_DIGITS), image.shape[1]


def read_back(symbol: Symbol, kind: zxingcpp.BarcodeFormat) -> None:
    """Read a symbol, drawn with its quiet zone, and hold what was read against what was asked for.

    Args:
        symbol: what was written.
        kind: the library's name of its symbology.

    Raises:
        RenderError: it reads as nothing, as other bytes than the payload, or with another identifier than `aim`.

    References:
        ISO/IEC 15424 (symbology identifiers).

    Examples:
        >>> from dataclasses import replace
        >>> from renderers.symbologies import qr
        >>> read_back(qr.encode("TWIN-42"), zxingcpp.QRCode)
        >>> read_back(replace(qr.encode("TWIN-42"), payload="TWIN-43"), zxingcpp.QRCode)
        Traceback (most recent call last):
        renderers.errors.RenderError: payload 'TWIN-43': expected to be read as ]Q1, found ]Q1 and 7 other bytes
    """
    found = next(filter(None, (_read(symbol, kind, dots) for dots in DOTS)), [])
    # ]A1: the last character would do as the check character of Code 39, as it does in each HIBC and one text in 43.
    read = [(one.bytes, one.symbology_identifier.replace("]A1", "]A0")) for one in found]
    if read != [(symbol.payload.encode(), symbol.aim)]:
        what = " and ".join(f"{aim} and {len(octets)} other bytes" for octets, aim in read) or "nothing"
        raise RenderError("payload", symbol.payload, expected=f"to be read as {symbol.aim}", found=what)


def _read(symbol: Symbol, kind: zxingcpp.BarcodeFormat, dots: int) -> list[zxingcpp.Barcode]:
    width, first = symbol.printed_width, 1 << symbol.printed_width
    digits = "".join([bin(row | first)[3:] for row in symbol.printed_rows]).encode()
    wide, across = digits.replace(b"1", _DARK * dots).replace(b"0", _LIGHT * dots), width * dots
    times = dots if symbol.bar_mm is None else BAR_DOTS
    picture = b"".join([wide[at : at + across] * times for at in range(0, len(wide), across)])
    found = zxingcpp.read_barcodes(
        memoryview(picture).cast("B", (len(picture) // across, across)),
        formats=zxingcpp.BarcodeFormats(kind),
        text_mode=zxingcpp.TextMode.Plain,
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
        is_pure=True,
    )
    return [one for one in found if one.valid]
