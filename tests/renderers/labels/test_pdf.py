"""PDF labels: rolls and sheets, rasterised by PDFium, checked by qpdf."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from renderers import Drawing, Mark, Page, RenderError, Text, compose, draw, stream
from renderers.writers.pdf import A4, LETTER, Grid
from tests.renderers.paper import MARKS, pdf_pages, read, sample
from tests.renderers.writers.test_pdf import checked, pages


def label(number: int) -> Drawing:
    payload = f"TWIN-{number:03}"
    return compose(Page(50, 20, (Text(20, 5, 28, 3, payload, 3), Mark(2, 2, payload, "datamatrix", 0.8))))


def whole(drawings: list[Drawing], grid: Grid | None = None) -> bytes:
    return checked(b"".join(stream(drawings, "pdf", grid=grid)))


def test_a_roll_has_a_page_for_each_label() -> None:
    seen = pages(whole([label(1), sample(), label(2)]))
    assert [(width, height) for width, height, _ in seen] == [
        pytest.approx(size, abs=1e-4) for size in ((50, 20), (100, 50), (50, 20))
    ]
    assert [read(picture) for _, _, picture in seen] == [{("]d1", "TWIN-001")}, MARKS, {("]d1", "TWIN-002")}]


@pytest.mark.parametrize("paper", [A4, LETTER], ids=["A4", "Letter"])
def test_every_label_of_every_sheet_is_read_where_it_is(paper: tuple[float, float]) -> None:
    grid = Grid(page=paper, columns=3, rows=8, margins=(20, 10, 12, 10), gaps=(2, 1))
    drawn = pages(whole([label(number) for number in range(60)], grid))
    assert [(width, height) for width, height, _ in drawn] == [pytest.approx(paper, abs=2e-5)] * 3
    places = list(grid.places())
    for sheet, (_, _, picture) in enumerate(drawn):
        for place, number in enumerate(range(sheet * 24, min(60, (sheet + 1) * 24))):
            left, upper = places[place]
            box = left, upper, left + grid.cell[0], upper + grid.cell[1]
            assert read(picture.crop(tuple(round(edge / 25.4 * 300) for edge in box))) == {("]d1", f"TWIN-{number:03}")}  # type: ignore[arg-type]


def test_a_label_larger_than_its_place_is_refused_with_the_numbers() -> None:
    with pytest.raises(RenderError, match=r"label '50 x 20 mm': expected a place on the sheet .* found 50 x 19 mm$"):
        whole([label(1)], Grid(page=(50, 19), columns=1, rows=1))
    assert whole([label(1)], Grid(page=(50, 20), columns=1, rows=1))


def test_a_glyph_is_drawn_once_and_named_in_every_page() -> None:
    pdf = whole([label(number) for number in range(12)])
    names = re.findall(rb"/XObject<<(.*)>>>>", pdf)[0]
    assert sorted(set(re.findall(rb"/(\w+) \d+ 0 R", names))) == sorted(
        f"sans{ord(character):x}".encode() for character in "TWIN-0123456789"
    )
    assert pdf.count(b"/Subtype/Form") == 15
    assert pdf.count(b"/sans54 Do") == 12


def test_nothing_is_in_it_but_paths() -> None:
    pdf = draw(sample(), "pdf")
    assert b"/Font" not in pdf
    words = set(b" ".join(re.findall(rb"stream\n(.*?)endstream", pdf, re.DOTALL)).replace(b"/", b" /").split())
    operators = {word for word in words if not re.fullmatch(rb"-?[0-9.]+", word)}
    assert {word for word in operators if word[:1] != b"/"} == {*b"q Q cm g re f m l c h Do".split()}
    assert all(re.fullmatch(rb"/(sans|ocr)[0-9a-f]+", word) for word in operators if word[:1] == b"/")


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf (Debian: qpdf) is missing: PDFium alone opens our PDF")
def test_qpdf_finds_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "labels.pdf"
    file.write_bytes(whole([sample(), label(1)] * 3, Grid(page=A4, columns=1, rows=4)))
    done = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_empty_label_is_an_empty_page() -> None:
    [page] = pdf_pages(checked(draw(compose(Page(20, 10, ())), "pdf")))
    assert page.getextrema() == (255, 255)
