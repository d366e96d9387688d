"""PDF: rasterised by PDFium, read by zxing-cpp, checked by qpdf; none of them shares a line with the writer."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from renderers import RenderError, Symbol, encode, write
from renderers.writers.pdf import A4, LETTER, Grid, sheet
from tests.renderers.reading import ANY_TEXT, SAMPLES

CORNER = Symbol(symbology="corner", payload=".", aim="]X0", rows=(0b110, 0b100), width=3, quiet_zone=1)
LIGHT = Symbol(symbology="light", payload=".", aim="]X0", rows=(0, 0), width=2, quiet_zone=0)
URL = "HTTP://127.0.0.1:8000/L/0123456789ABCD"
HOSTILE = [
    ")Tj ET\nendstream\nendobj\n",
    "<</JavaScript(app.alert(1))>>",
    "%%EOF",
    "\\)\\\\(",
    "Q q /OpenAction",
    "\r\n1 g",
]
POINT_MM = 25.4 / 72  # a module of one point, so that a page drawn at scale n has n dots a module
DAZZLE = 16, 32, 48, 255  # a page whose colour must not show
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


def pages(pdf: bytes, dpi: float = 300) -> list[tuple[float, float, Image.Image]]:
    """Width and height in millimetres, and the picture, of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            (
                page.get_width() * POINT_MM,
                page.get_height() * POINT_MM,
                page.render(scale=dpi / 72, fill_color=DAZZLE).to_pil().convert("RGB"),
            )
            for page in document
        ]
    finally:
        document.close()


def checked(pdf: bytes) -> bytes:
    """The file, whose cross-references all lead where they say: PDFium would mend them and keep silent."""
    end = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n\Z", pdf)[0])
    assert pdf[end:].startswith(b"xref\n0 ")
    size, entries = int(pdf[end:].split()[2]), re.findall(rb"(\d{10}) 00000 n \n", pdf[end:])
    assert len(entries) == size - 1
    for number, at in enumerate(entries, 1):
        assert pdf[int(at) :].startswith(b"%d 0 obj\n" % number)
    for length, content in re.findall(rb"/Length (\d+)>>\nstream\n(.*?)\nendstream", pdf, re.DOTALL):
        assert int(length) == len(content)
    return pdf


def whole(symbols: list[Symbol], grid: Grid, module_mm: float = 0.5) -> bytes:
    return checked(b"".join(sheet(symbols, grid, module_mm=module_mm)))


@pytest.mark.parametrize("payload", ["TWIN-42", URL, "7" * 1200, "Zł 日本", *HOSTILE])
@pytest.mark.parametrize("symbology", ANY_TEXT)
def test_a_page_at_300_dpi_is_read(symbology: str, payload: str) -> None:
    symbol = encode(payload, symbology)
    [(_, _, picture)] = pages(checked(write(symbol, "pdf", module_mm=0.5)))
    [found] = zxingcpp.read_barcodes(picture)
    assert (found.bytes, found.symbology_identifier) == (payload.encode(), symbol.aim)


@pytest.mark.parametrize("symbology", SAMPLES)
def test_every_symbology_is_read_from_a_page(symbology: str) -> None:
    symbol = encode(SAMPLES[symbology], symbology)
    [(_, height, picture)] = pages(checked(write(symbol, "pdf", module_mm=0.5)))
    [found] = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    assert found.bytes == SAMPLES[symbology].encode()
    assert symbol.bar_mm is None or height >= symbol.bar_mm


@settings(deadline=None, max_examples=100)
@given(SYMBOLS)
def test_any_symbol_is_drawn_module_for_module(symbol: Symbol) -> None:
    [(_, _, picture)] = pages(checked(write(symbol, "pdf", module_mm=POINT_MM)), dpi=72 * 3)
    seen, width = picture.convert("L").tobytes(), picture.width
    assert set(seen) <= {0, 255}, "neither dark nor light"
    drawn = ["".join("10"[dot > 0] for dot in seen[at : at + width]) for at in range(0, len(seen), width)]
    grid = [f"{row:0{symbol.printed_width}b}" for row in symbol.printed_rows]
    assert drawn == ["".join(module * 3 for module in row) for row in grid for _ in range(3)]


@pytest.mark.parametrize("module_mm", [0.1, 0.25, 1 / 3, 0.42333, 0.5, 1, 20])
@pytest.mark.parametrize("payload", [URL, "A" * 2000])
def test_the_page_is_as_large_as_the_symbol(payload: str, module_mm: float) -> None:
    symbol = encode(payload, "qr")
    [(width, height, _)] = pages(write(symbol, "pdf", module_mm=module_mm), dpi=2)
    assert (width, height) == pytest.approx((symbol.printed_width * module_mm,) * 2, abs=5e-6, rel=1e-6)


def test_a_page_larger_than_readers_open_is_refused_with_the_numbers() -> None:
    long = Symbol(symbology="long", payload=".", aim="]X0", rows=(1,), width=254, quiet_zone=0)
    assert pages(write(long, "pdf", module_mm=20), dpi=1)[0][0] == pytest.approx(5080)
    longer = Symbol(symbology="long", payload=".", aim="]X0", rows=(1,) * 255, width=1, quiet_zone=0)
    with pytest.raises(RenderError, match=r"module '20 mm': expected a page of at most 5080 mm a side, found 5100 mm$"):
        write(longer, "pdf", module_mm=20)


def test_the_bytes_are_these_for_ever() -> None:
    """A new edition of the writer may change them; an upgrade of anything else may not."""
    assert (
        hashlib.sha256(write(CORNER, "pdf", module_mm=0.5)).hexdigest()
        == "ade08ac794bde2fb1ec0c29418e6ee97294b972c331e58d8c05e355b7a07b5bf"
    )
    grid = Grid(page=LETTER, columns=2, rows=1, margins=(10, 5, 10, 5), gaps=(3, 0))
    assert (
        hashlib.sha256(whole([CORNER] * 3, grid)).hexdigest()
        == "44ac97c733d7bdc60ba5c80fd90216744c6c2368736361b3d3b070f8a633087d"
    )


@pytest.mark.parametrize("symbology", ANY_TEXT)
def test_the_same_symbol_gives_the_same_bytes_at_any_resolution(symbology: str) -> None:
    symbol = encode("TWIN-42", symbology)
    assert len({write(symbol, "pdf", dpi=dpi) for dpi in (72, 300, 300, 2400)}) == 1


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("symbology", ANY_TEXT)
def test_nothing_of_the_payload_nor_of_the_clock_is_in_the_file(symbology: str, payload: str) -> None:
    pdf = checked(write(encode(payload, symbology), "pdf"))
    words = set(re.findall(rb"/(\w+)", pdf))
    assert words == {
        *(b"Type", b"Page", b"Parent", b"MediaBox", b"Resources", b"Contents", b"Length", b"Catalog", b"Pages"),
        *(b"ViewerPreferences", b"PrintScaling", b"None", b"Count", b"Kids", b"Size", b"Root"),
    }
    [content] = re.findall(rb"stream\n(.*?)endstream", pdf, re.DOTALL)
    assert re.fullmatch(rb"q [-0-9. ]+ cm\n1 g 0 0 \d+ \d+ re f\n0 g\n(\d+ \d+ \d+ 1 re\n)+f\nQ\n\n", content)


def test_a_symbol_without_a_dark_module_fills_no_path() -> None:
    """`f` is an error where there is none."""
    assert re.findall(rb"stream\n(.*?)\nendstream", write(LIGHT, "pdf", module_mm=POINT_MM), re.DOTALL) == [
        b"q 1 0 0 -1 0 2 cm\n1 g 0 0 2 2 re f\nQ\n"
    ]


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf (Debian: qpdf) is missing: PDFium alone opens our PDF")
@pytest.mark.parametrize(
    "pdf",
    [
        write(encode(URL, "qr"), "pdf"),
        write(LIGHT, "pdf"),
        b"".join(sheet([CORNER, LIGHT] * 20, Grid(page=A4, columns=3, rows=5), module_mm=1)),
    ],
    ids=["symbol", "light", "sheets"],
)
def test_qpdf_finds_no_fault(pdf: bytes, tmp_path: Path) -> None:
    file = tmp_path / "label.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "No syntax or stream encoding errors found" in done.stdout


@pytest.mark.parametrize(("page", "size"), [(A4, (210, 297)), (LETTER, (215.9, 279.4))], ids=["A4", "Letter"])
@pytest.mark.parametrize(
    ("columns", "rows", "margins", "gaps"),
    [(3, 8, (4.5, 0, 4.5, 0), (0, 0)), (2, 5, (12, 30, 20, 5), (7, 3)), (1, 1, (0, 0, 0, 0), (0, 0))],
)
def test_every_symbol_is_in_the_middle_of_its_label(
    page: tuple[float, float],
    size: tuple[float, float],
    columns: int,
    rows: int,
    margins: tuple[float, float, float, float],
    gaps: tuple[float, float],
) -> None:
    grid = Grid(page=page, columns=columns, rows=rows, margins=margins, gaps=gaps)
    payloads = [f"TWIN-{number:03}" for number in range(2 * columns * rows + 1)]
    drawn = pages(whole([encode(payload, "qr") for payload in payloads], grid))
    assert [(width, height) for width, height, _ in drawn] == [pytest.approx(size, abs=2e-5)] * 3
    top, right, bottom, left = margins
    wide = (size[0] - left - right - gaps[0] * (columns - 1)) / columns
    high = (size[1] - top - bottom - gaps[1] * (rows - 1)) / rows
    expected = {}
    for number, payload in enumerate(payloads):
        sheet_number, place = divmod(number, columns * rows)
        row, column = divmod(place, columns)
        expected[payload] = (
            sheet_number,
            left + column * (wide + gaps[0]) + wide / 2,
            top + row * (high + gaps[1]) + high / 2,
        )
    found: dict[str, Any] = {}
    for sheet_number, (_, _, picture) in enumerate(drawn):
        for code in zxingcpp.read_barcodes(picture):
            corners = (code.position.top_left, code.position.bottom_right)
            x, y = (sum(axis) / 2 * 25.4 / 300 for axis in zip(*((at.x, at.y) for at in corners), strict=True))
            found[code.text] = (sheet_number, pytest.approx(x, abs=0.5), pytest.approx(y, abs=0.5))
    assert expected == found


def test_a_symbol_may_fill_its_label_and_no_more() -> None:
    symbol = Symbol(symbology="wide", payload=".", aim="]X0", rows=(1,), width=700, quiet_zone=0)
    grid = Grid(page=A4, columns=3, rows=1)
    assert whole([symbol] * 3, grid, 0.1)
    roll = Grid(page=(13.2, 13.2), columns=1, rows=1)  # floating point makes 13.200000000000001 of 33 * 0.4
    assert whole([encode(URL, "qr")], roll, 0.4)
    with pytest.raises(
        RenderError, match=r"symbol '700 x 1 modules of 0\.11 mm': expected a label that holds it, found 70 x 297 mm$"
    ):
        whole([symbol], grid, 0.11)


def test_ten_thousand_symbols_are_drawn_and_one_more_is_not() -> None:
    grid = Grid(page=A4, columns=10, rows=30)
    assert len(re.findall(rb"/Type/Page/", whole([CORNER] * 10_000, grid))) == 34
    with pytest.raises(RenderError, match="symbols None: expected at most 10000, found more"):
        whole([CORNER] * 10_001, grid)
    with pytest.raises(RenderError, match="symbols None: expected one or more, found none"):
        whole([], grid)


def test_a_page_is_written_before_the_next_is_asked_for() -> None:
    taken = 0

    def symbols() -> Iterator[Symbol]:
        nonlocal taken
        for taken in range(1, 7):  # noqa: B007  how many were asked for
            yield CORNER

    parts = sheet(symbols(), Grid(page=A4, columns=2, rows=1), module_mm=1)
    seen = [taken for part in parts if b"/Type/Page/" in part]
    assert seen == [2, 4, 6]


@pytest.mark.parametrize("module_mm", [0, 0.0999, 20.001, True, float("nan"), "0.5"])
def test_a_module_out_of_range_is_refused_at_once(module_mm: Any) -> None:
    with pytest.raises(RenderError, match=r"module_mm: expected int or float from 0\.1 to 20\.0, found "):
        sheet([CORNER], Grid(page=A4, columns=1, rows=1), module_mm=module_mm)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"columns": 0}, "columns: expected int from 1 to 1000, found 0"),
        ({"rows": 1001}, "rows: expected int from 1 to 1000, found 1001"),
        ({"rows": 2.0}, "rows: expected int from 1 to 1000, found 2.0"),
        ({"columns": True}, "columns: expected int from 1 to 1000, found True"),
        ({"page": (210,)}, "page None: expected 2 measures, found 1"),
        ({"page": (210, 5081)}, "page: expected int or float from 0.0 to 5080.0, found 5081"),
        ({"page": (float("nan"), 1)}, "page: expected int or float from 0.0 to 5080.0, found nan"),
        ({"margins": (1, 1)}, "margins None: expected 4 measures, found 2"),
        ({"margins": (0, -1, 0, 0)}, "margins: expected int or float from 0.0 to 5080.0, found -1"),
        ({"gaps": (0, float("inf"))}, "gaps: expected int or float from 0.0 to 5080.0, found inf"),
        ({"gaps": (200, 0), "columns": 3}, "grid None: expected labels with a width, found -63.3333 mm for each"),
        ({"margins": (150, 0, 147, 0)}, "grid None: expected labels with a height, found 0 mm for each"),
    ],
)
def test_a_grid_that_is_none_is_refused_with_the_numbers(given: dict[str, Any], told: str) -> None:
    usual: dict[str, Any] = {"page": A4, "columns": 1, "rows": 1}
    with pytest.raises(RenderError) as refused:
        Grid(**usual | given)
    assert str(refused.value) == told
