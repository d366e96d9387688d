"""ZPL: its graphic decoded here bit by bit, and the whole printed by an engine that we did not write."""

from __future__ import annotations

import hashlib
import re

import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from renderers import RenderError, Symbol, encode, write
from tests.renderers.engine import Printer, printer
from tests.renderers.reading import ANY_TEXT, SAMPLES

__all__ = ["printer"]

CORNER = Symbol(symbology="corner", payload=".", aim="]X0", rows=(0b110, 0b100), width=3, quiet_zone=1)
HOSTILE = [
    "^XZ^XA^FO0,0^FDowned^FS",
    "~JR",
    "~DGR:A.GRF,8,1,FF",
    "^FS\r\n^XZ",
    "^CC!",
    "`$(reboot)",
    "\x1b%-12345X@PJL",
]
FIELD = re.compile(rb"\^FO0,(\d+)\^GFA,(\d+),(\d+),(\d+),([0-9A-F]*)\^FS\n")
FORMAT = re.compile(
    rb"\^XA\^PW(\d+)\^LL(\d+)\^LH0,0\^LRN\^PMN\n((?:\^FO0,\d+\^GFA,\d+,\d+,\d+,[0-9A-F]+\^FS\n)+)\^XZ\n"
)
SYMBOLS = st.integers(1, 24).flatmap(
    lambda width: st.builds(
        Symbol,
        symbology=st.just("any"),
        payload=st.just("."),
        aim=st.just("]X0"),
        rows=st.lists(st.integers(0, 2**width - 1), min_size=1, max_size=24).map(tuple),
        width=st.just(width),
        quiet_zone=st.integers(0, 4),
    )
)


def parsed(zpl: bytes) -> tuple[int, int, list[str]]:
    """Width, height and rows of dots, by the programming guide; what is no graphic field of ours is an error."""
    found = FORMAT.fullmatch(zpl)
    assert found, f"not one format of graphic fields: {zpl[:200]!r}"
    width, height = int(found[1]), int(found[2])
    rows: list[str] = []
    for field in FIELD.finditer(found[3]):
        top, sent, count, octets = (int(number) for number in field.groups()[:4])
        data = bytes.fromhex(field[5].decode())
        assert top == len(rows)
        assert sent == count == len(data) <= 99_999
        assert count % octets == 0
        lines = [data[at : at + octets] for at in range(0, count, octets)]
        rows += ["".join(f"{octet:08b}" for octet in line) for line in lines]
    assert len(rows) == height
    assert not any("1" in row[width:] for row in rows), "dots beyond the label"
    return width, height, [row[:width] for row in rows]


def enlarged(symbol: Symbol, dots: int) -> list[str]:
    """The rows of dots that a printer must set."""
    grid = [f"{row:0{symbol.printed_width}b}" for row in symbol.printed_rows]
    return ["".join(module * dots for module in row) for row in grid for _ in range(dots)]


def dark(label: Image.Image) -> list[str]:
    seen = label.tobytes()
    return ["".join("10"[dot > 0] for dot in seen[at : at + label.width]) for at in range(0, len(seen), label.width)]


def test_the_whole_file_is_known() -> None:
    zpl = write(CORNER, "zpl", module_mm=0.25, dpi=203)
    assert zpl == (b"^XA^PW10^LL8^LH0,0^LRN^PMN\n^FO0,0^GFA,16,16,2,000000003C003C003000300000000000^FS\n^XZ\n")
    larger = hashlib.sha256(write(CORNER, "zpl", module_mm=0.5, dpi=600)).hexdigest()
    assert larger == "7c2bd981cad8344b4635e874739db95bb442a0423700944f298b2dda4e5f3476"


@pytest.mark.parametrize(
    ("module_mm", "dpi", "dots"),
    [(0.5, 300, 6), (0.25, 203, 2), (0.254, 600, 6), (0.19, 203, 2), (0.1, 203, 1), (0.1, 300, 1), (0.1, 600, 2)],
)
@pytest.mark.parametrize("symbology", ANY_TEXT)
def test_a_module_is_the_nearest_whole_number_of_dots(symbology: str, module_mm: float, dpi: int, dots: int) -> None:
    symbol = encode("TWIN-42", symbology)
    width, height, rows = parsed(write(symbol, "zpl", module_mm=module_mm, dpi=dpi))
    assert (width, height) == (symbol.printed_width * dots, symbol.printed_height * dots)
    assert rows == enlarged(symbol, dots)


@settings(deadline=None, max_examples=100)
@given(SYMBOLS, st.integers(1, 9))
def test_any_symbol_is_its_modules_in_dots(symbol: Symbol, dots: int) -> None:
    width, height, rows = parsed(write(symbol, "zpl", module_mm=max(0.1, dots * 25.4 / 300), dpi=300))
    assert (width, height, rows) == (len(rows[0]), len(rows), enlarged(symbol, dots))


@pytest.mark.parametrize("dpi", [72, 200, 204, 299, 305, 601, 1200, 2400])
def test_a_resolution_that_no_head_has_is_refused_with_those_that_exist(dpi: int) -> None:
    with pytest.raises(RenderError, match=rf"^dpi: expected 203 or 300 or 600 for zpl, found {dpi}$"):
        write(CORNER, "zpl", dpi=dpi)


def test_a_label_wider_than_any_head_is_refused_with_the_numbers() -> None:
    edge = Symbol(symbology="edge", payload=".", aim="]X0", rows=(1,), width=4096, quiet_zone=0)
    assert parsed(write(edge, "zpl", module_mm=0.1, dpi=203))[:2] == (4096, 1)
    for symbol in (
        Symbol(symbology="wide", payload=".", aim="]X0", rows=(1,), width=4097, quiet_zone=0),
        Symbol(symbology="tall", payload=".", aim="]X0", rows=(1,) * 4097, width=1, quiet_zone=0),
    ):
        with pytest.raises(RenderError, match=r"expected a picture of at most 4096 dots a side, found 4097$"):
            write(symbol, "zpl", module_mm=0.1, dpi=203)


def test_a_graphic_larger_than_a_field_is_several_fields_that_meet() -> None:
    symbol = encode("TWIN-42", "qr")
    zpl = write(symbol, "zpl", module_mm=2, dpi=600)
    assert zpl.count(b"^GFA") > 1
    assert parsed(zpl)[2] == enlarged(symbol, 47)


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("symbology", ANY_TEXT)
def test_no_payload_speaks_to_the_printer(symbology: str, payload: str) -> None:
    """`parsed` accepts nothing but our five commands and hexadecimal digits."""
    zpl = write(encode(payload, symbology), "zpl")
    assert parsed(zpl)
    assert set(re.findall(rb"[\^~]..", zpl)) == {
        b"^XA",
        b"^PW",
        b"^LL",
        b"^LH",
        b"^LR",
        b"^PM",
        b"^FO",
        b"^GF",
        b"^FS",
        b"^XZ",
    }


@pytest.mark.parametrize("symbology", ANY_TEXT)
def test_the_same_symbol_gives_the_same_bytes(symbology: str) -> None:
    assert len({write(encode("TWIN-42", symbology), "zpl") for _ in range(3)}) == 1


@pytest.mark.parametrize("payload", ["TWIN-42", "HTTP://127.0.0.1:8000/L/0123456789ABCD", "Zł 日本", *HOSTILE])
@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("symbology", ANY_TEXT)
def test_what_an_engine_prints_is_read(printer: Printer, symbology: str, dpi: int, payload: str) -> None:
    symbol = encode(payload, symbology)
    label = printer(write(symbol, "zpl", module_mm=0.4, dpi=dpi), dpi)
    [found] = zxingcpp.read_barcodes(label)
    assert (found.bytes, found.symbology_identifier) == (payload.encode(), symbol.aim)


@pytest.mark.parametrize("symbology", SAMPLES)
def test_every_symbology_is_read_from_its_dots(symbology: str) -> None:
    symbol = encode(SAMPLES[symbology], symbology)
    width, height, rows = parsed(write(symbol, "zpl", module_mm=0.4, dpi=300))
    label = Image.new("L", (width + 40, height + 40), 255)
    dots = b"".join(bytes(0 if dot == "1" else 255 for dot in row) for row in rows)
    label.paste(Image.frombytes("L", (width, height), dots), (20, 20))
    [found] = zxingcpp.read_barcodes(label, text_mode=zxingcpp.TextMode.Plain)
    assert found.bytes == SAMPLES[symbology].encode()


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SYMBOLS, st.sampled_from([203, 300, 600]), st.integers(1, 5))
def test_an_engine_sets_the_dots_of_any_symbol(printer: Printer, symbol: Symbol, dpi: int, dots: int) -> None:
    label = printer(write(symbol, "zpl", module_mm=max(0.1, dots * 25.4 / dpi), dpi=dpi), dpi)
    assert dark(label) == enlarged(symbol, max(dots, round(0.1 * dpi / 25.4)))


def test_an_engine_joins_the_fields_of_a_large_graphic(printer: Printer) -> None:
    symbol = encode("TWIN-42", "qr")
    assert dark(printer(write(symbol, "zpl", module_mm=2, dpi=600), 600)) == enlarged(symbol, 47)
