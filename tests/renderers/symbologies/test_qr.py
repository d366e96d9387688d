"""QR Code, written by segno, read by zxing-cpp."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from renderers import RenderError, Symbol, write
from renderers.symbologies import qr

URL = "HTTP://127.0.0.1:8000/L/0123456789ABCD"
ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=120)
UPPER_CASE_URLS = st.from_regex(r"HTTPS?://[A-Z0-9.-]{1,30}(:[0-9]{2,5})?/[A-Z0-9/:.+%$*-]{0,60}", fullmatch=True)


def read(symbol: Symbol, mode: zxingcpp.TextMode = zxingcpp.TextMode.Plain) -> zxingcpp.Barcode:
    image = Image.open(BytesIO(write(symbol, "png", module_mm=0.5, dpi=203)))
    [found] = zxingcpp.read_barcodes(
        image.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.QRCode), text_mode=mode
    )
    return found


def facts(found: zxingcpp.Barcode) -> dict[str, object]:
    assert isinstance(found.extra, dict)
    return found.extra


@pytest.mark.parametrize(
    ("payload", "version", "level"),
    [
        (URL, 2, "M"),  # alphanumeric: 38 characters, which 2-M just holds (ISO/IEC 18004 table 7)
        (URL.lower(), 3, "M"),  # bytes
        ("7" * 63, 2, "M"),  # numeric: 63 digits are all of 2-M
        ("7" * 64, 3, "Q"),
        ("TWIN-42", 1, "H"),  # too short for Micro QR not to be tempting; the level rises for nothing
    ],
)
def test_the_shortest_mode_gives_the_smallest_version(payload: str, version: int, level: str) -> None:
    symbol = qr.encode(payload)
    found = read(symbol)
    assert (found.text, found.ec_level) == (payload, level)
    assert facts(found)["Version"] == str(version)
    assert (symbol.width, symbol.height) == (4 * version + 17,) * 2
    assert symbol.quiet_zone == 4


def test_the_modules_are_perfect() -> None:
    assert facts(read(qr.encode(URL)))["UEC"] == 1.0


@pytest.mark.parametrize("payload", ["Zł", "ü", "日本", "点茗", "Ω😀", "naïve <&> 'x'", "\u202e", "ÿ" * 40])
def test_text_beyond_ascii_says_that_it_is_utf_8(payload: str) -> None:
    symbol = qr.encode(payload)
    found = read(symbol)
    assert (found.text, found.bytes) == (payload, payload.encode())
    assert found.symbology_identifier == symbol.aim == "]Q1"
    assert bytes.fromhex(read(symbol, zxingcpp.TextMode.HexECI).text) == b"]Q2\\000026" + payload.encode()


@pytest.mark.parametrize(
    "payload",
    [
        "(01)09506000134352",
        "[)>\x1e06\x1d17V1\x1dS2\x1e\x04",
        "\\000026\\n",
        "\x01",
        "\x7f",
        "</svg><script>",
        "٣٤٥",
        "²³",
    ],
)
def test_a_payload_is_encoded_as_it_stands(payload: str) -> None:
    symbol = qr.encode(payload)
    assert read(symbol).bytes == payload.encode()
    assert symbol.payload == payload


def test_plain_text_carries_no_eci() -> None:
    assert bytes.fromhex(read(qr.encode("TWIN"), zxingcpp.TextMode.HexECI).text) == b"]Q1TWIN"


@pytest.mark.parametrize(
    ("fits", "more"),
    [("7" * 5596, "7"), ("A" * 3391, "A"), ("a" * 2331, "a"), ("é" * 1165, "a")],  # ISO/IEC 18004 table 7, 40-M
    ids=["numeric", "alphanumeric", "bytes", "bytes with an ECI"],
)
def test_version_40_is_filled_to_the_brim_and_no_further(fits: str, more: str) -> None:
    symbol = qr.encode(fits)
    assert symbol.width == 177
    assert read(symbol).bytes == fits.encode()
    with pytest.raises(RenderError, match=r"expected at most \d+ .* in a QR Code, found \d+"):
        qr.encode(fits + more)


def test_a_refusal_names_both_numbers() -> None:
    with pytest.raises(RenderError, match=r"expected at most 2331 bytes in a QR Code, found 2400$"):
        qr.encode("a" * 2400)


@settings(deadline=None)
@given(payload=ASCII | UPPER_CASE_URLS)
def test_what_is_written_is_read(payload: str) -> None:
    symbol = qr.encode(payload)
    found = read(symbol)
    assert (found.bytes, found.symbology_identifier) == (payload.encode(), symbol.aim)


@settings(deadline=None)
@given(payload=st.text(min_size=1, max_size=60))
def test_any_text_is_read_back_or_refused(payload: str) -> None:
    try:
        symbol = qr.encode(payload)
    except RenderError:
        assert "\0" in payload
    else:
        assert read(symbol).bytes == payload.encode()


@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
def test_the_level_is_at_least_what_was_asked_for(level: str) -> None:
    found = read(qr.encode(URL, level=level))
    assert "LMQH".index(found.ec_level) >= "LMQH".index(level)
    assert found.text == URL


@pytest.mark.parametrize(
    ("level", "digits", "letters", "octets"),  # ISO/IEC 18004 table 7, version 40
    [("L", 7089, 4296, 2953), ("Q", 3993, 2420, 1663), ("H", 3057, 1852, 1273)],
)
def test_version_40_is_filled_at_every_level(level: str, digits: int, letters: int, octets: int) -> None:
    for payload in ("7" * digits, "A" * letters, "a" * octets, "é" * ((octets - 1) // 2)):
        symbol = qr.encode(payload, level=level)
        assert (symbol.width, read(symbol).bytes) == (177, payload.encode())
    for payload in ("7" * (digits + 1), "A" * (letters + 1), "a" * (octets + 1), "é" * ((octets + 1) // 2)):
        with pytest.raises(RenderError, match=r"expected at most \d+ .* in a QR Code, found \d+$"):
            qr.encode(payload, level=level)
