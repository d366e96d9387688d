"""Data Matrix, written by zxing-cpp, read by libdmtx, which shares no line with it, and by zxing-cpp."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from renderers import RenderError, Symbol, write
from renderers.symbologies import datamatrix

URL = "HTTP://127.0.0.1:8000/L/0123456789ABCD"
ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=120)
UPPER_CASE_URLS = st.from_regex(r"HTTPS?://[A-Z0-9.-]{1,30}(:[0-9]{2,5})?/[A-Z0-9/:.+%$*-]{0,60}", fullmatch=True)
PLAIN = [URL, URL.lower(), "A", "7" * 200, "(01)09506000134352", "[01]09506000134352", "\\000026\\n~d029", "</svg>&'\""]
CONTROLS = [
    "[)>\x1e06\x1d17V1\x1dS2\x1e\x04",
    "[)>\x1e05\x1d0109506\x1e\x04",
    "[)>\x1e12\x1dX\x1e\x04",
    "\x1d01095",
    "\x7f\x01",
]
BEYOND_ASCII = ["Zł", "ü", "日本", "Ω😀", "\u202e", "ÿ" * 40]

dmtxread = pytest.mark.skipif(
    shutil.which("dmtxread") is None,
    reason="dmtxread (Debian: dmtx-utils) is missing: Data Matrix is read by zxing-cpp alone, which wrote it",
)


def png(symbol: Symbol) -> bytes:
    return write(symbol, "png", module_mm=0.5, dpi=203)


def read(symbol: Symbol, mode: zxingcpp.TextMode = zxingcpp.TextMode.Plain) -> zxingcpp.Barcode:
    [found] = zxingcpp.read_barcodes(
        Image.open(BytesIO(png(symbol))).convert("L"),
        formats=zxingcpp.BarcodeFormats(zxingcpp.DataMatrix),
        text_mode=mode,
    )
    return found


def read_by_libdmtx(symbol: Symbol, folder: Path) -> bytes:
    file = folder / "symbol.png"
    file.write_bytes(png(symbol))
    done = subprocess.run(["dmtxread", "-N1", "-m5000", str(file)], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, f"dmtxread finds no symbol: {done.stderr!r}"
    return done.stdout


@pytest.mark.parametrize("payload", PLAIN + CONTROLS + BEYOND_ASCII)
def test_zxing_reads_what_was_asked_for(payload: str) -> None:
    symbol = datamatrix.encode(payload)
    found = read(symbol)
    assert (found.bytes, found.symbology_identifier) == (payload.encode(), symbol.aim)
    assert found.extra == {"UEC": 1.0, "Version": f"{symbol.width}x{symbol.height}"}


@dmtxread
@pytest.mark.parametrize("payload", PLAIN + CONTROLS)
def test_libdmtx_reads_what_was_asked_for(payload: str, tmp_path: Path) -> None:
    assert read_by_libdmtx(datamatrix.encode(payload), tmp_path) == payload.encode()


@pytest.mark.parametrize("payload", BEYOND_ASCII)
def test_text_beyond_ascii_says_that_it_is_utf_8(payload: str) -> None:
    found = read(datamatrix.encode(payload), zxingcpp.TextMode.HexECI)
    assert bytes.fromhex(found.text) == b"]d4\\000026" + payload.encode()


@dmtxread
@pytest.mark.parametrize("payload", BEYOND_ASCII)
def test_libdmtx_reads_the_same_bytes_after_the_designator(payload: str, tmp_path: Path) -> None:
    """It knows no ECI, and shows the two codewords of the designator as characters."""
    assert read_by_libdmtx(datamatrix.encode(payload), tmp_path).endswith(payload.encode())


def test_plain_text_carries_no_eci() -> None:
    assert bytes.fromhex(read(datamatrix.encode("TWIN"), zxingcpp.TextMode.HexECI).text) == b"]d1TWIN"


@pytest.mark.parametrize("length", range(1, 80))
def test_every_length_is_square(length: int) -> None:
    """Left to itself the encoder takes 8 x 18, 20 x 44, 8 x 96… for most of these."""
    symbol = datamatrix.encode("a" * length)
    assert symbol.width == symbol.height
    assert symbol.quiet_zone == 1


def test_the_url_of_a_label_takes_22_modules() -> None:
    assert datamatrix.encode(URL).width == 22


def test_the_finder_is_where_it_belongs() -> None:
    """Solid on the left and below, alternating above and on the right: nothing is mirrored or inverted."""
    symbol = datamatrix.encode("TWIN-42")
    grid = [f"{row:0{symbol.width}b}" for row in symbol.rows]
    assert {row[0] for row in grid} == {"1"}
    assert set(grid[-1]) == {"1"}
    assert grid[0] == "10" * (symbol.width // 2)
    assert "".join(row[-1] for row in grid) == "01" * (symbol.width // 2)


@pytest.mark.parametrize(("payload"), ["7" * 3116, "A" * 2335, "~`" * 777 + "~", "日" * 518], ids=len)
def test_the_largest_symbol_is_filled(payload: str, tmp_path: Path) -> None:
    symbol = datamatrix.encode(payload)
    assert symbol.width == 144
    assert read(symbol).bytes == payload.encode()
    with pytest.raises(RenderError, match=rf"144 x 144 modules hold: .*, found {len((payload * 2).encode())} bytes$"):
        datamatrix.encode(payload * 2)


@dmtxread
def test_libdmtx_reads_the_largest_symbol(tmp_path: Path) -> None:
    assert read_by_libdmtx(datamatrix.encode("7" * 3116), tmp_path) == b"7" * 3116


@settings(deadline=None)
@given(payload=ASCII | UPPER_CASE_URLS)
def test_what_is_written_is_read(payload: str) -> None:
    symbol = datamatrix.encode(payload)
    found = read(symbol)
    assert (found.bytes, found.symbology_identifier) == (payload.encode(), symbol.aim)


@settings(deadline=None)
@given(payload=st.text(min_size=1, max_size=60))
def test_any_text_is_read_back_or_refused(payload: str) -> None:
    try:
        symbol = datamatrix.encode(payload)
    except RenderError:
        assert "\0" in payload
    else:
        assert read(symbol).bytes == payload.encode()


@dmtxread
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=ASCII | UPPER_CASE_URLS)
def test_libdmtx_reads_what_is_written(payload: str, tmp_path: Path) -> None:
    assert read_by_libdmtx(datamatrix.encode(payload), tmp_path) == payload.encode()


RECTANGLES = {(8, 18), (8, 32), (12, 26), (12, 36), (16, 36), (16, 48)}  # ISO/IEC 16022 table 7


@pytest.mark.parametrize("length", [1, 5, 6, 7, 10, 16, 17, 22, 30, 31, 40, 47])
def test_a_rectangle_is_one_of_the_standard(length: int, tmp_path: Path) -> None:
    payload = "a1~Z" * 12
    symbol = datamatrix.encode(payload[:length], shape="rectangle")
    assert (symbol.height, symbol.width) in RECTANGLES
    found = read(symbol)
    assert (found.bytes, found.symbology_identifier) == (payload[:length].encode(), "]d1")


def test_rectangles_grow_with_the_text() -> None:
    symbols = [datamatrix.encode("7" * length, shape="rectangle") for length in range(1, 99)]
    areas = [symbol.height * symbol.width for symbol in symbols]
    assert areas == sorted(areas)
    assert {(symbol.height, symbol.width) for symbol in symbols} == RECTANGLES


def test_what_no_rectangle_holds_is_refused() -> None:
    for fits in ("7" * 98, "A" * 72, "~`" * 23 + "~"):
        assert datamatrix.encode(fits, shape="rectangle").width == 48
    with pytest.raises(RenderError, match=r"expected what 16 x 48 modules hold: .*, found 99 bytes$"):
        datamatrix.encode("7" * 99, shape="rectangle")


@dmtxread
@pytest.mark.parametrize("payload", ["A", "TWIN-42", "1M8GDM9AXKP042788", URL, "7" * 98])
def test_libdmtx_reads_rectangles(payload: str, tmp_path: Path) -> None:
    assert read_by_libdmtx(datamatrix.encode(payload, shape="rectangle"), tmp_path) == payload.encode()


@pytest.mark.parametrize(("form", "width"), [("05", 14), ("06", 14), ("12", 18)])
def test_a_message_of_format_05_or_06_saves_its_head_and_tail(form: str, width: int) -> None:
    """A macro codeword stands for nine characters; a reader gives them back."""
    message = f"[)>\x1e{form}\x1d17V1\x1dS2\x1e\x04"
    symbol = datamatrix.encode(message)
    found = read(symbol)
    assert (symbol.width, found.bytes, found.symbology_identifier) == (width, message.encode(), "]d1")
