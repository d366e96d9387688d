"""PNG labels: dots, as they will be printed."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from renderers import Line, Mark, Page, Picture, RenderError, compose, draw
from renderers.writers.png import write
from tests.renderers.paper import ELEMENTS, LINK, MARKS, dot_png, opened, read, sample
from tests.renderers.reading import dmtxread, zbarimg


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_a_picture_is_of_single_bits_at_the_resolution(dpi: int) -> None:
    file = Image.open(BytesIO(draw(sample(), "png", dpi=dpi)))
    assert file.mode == "1"
    assert file.size == (round(100 / 25.4 * dpi), round(50 / 25.4 * dpi))
    assert file.info["dpi"] == pytest.approx((dpi, dpi), abs=0.1)
    assert read(file) == MARKS


@pytest.mark.parametrize("symbology", ["qr", "code128"])
@pytest.mark.parametrize("dpi", [203, 300])
def test_a_symbol_is_drawn_dot_for_dot_as_alone(symbology: str, dpi: int) -> None:
    mark = Mark(2, 3, "TWIN-42", symbology, 0.33)
    drawing = compose(Page(80, 40, (mark,)))
    alone = opened(write(drawing.marks[0].symbol, module_mm=0.33, dpi=dpi))
    left, upper = round(2 / 25.4 * dpi), round(3 / 25.4 * dpi)
    within = opened(draw(drawing, "png", dpi=dpi)).crop((left, upper, left + alone.width, upper + alone.height))
    assert within.tobytes() == alone.tobytes()


@dmtxread
def test_libdmtx_reads_the_data_matrix_of_a_label(tmp_path: Path) -> None:
    file = tmp_path / "label.png"
    file.write_bytes(draw(sample(), "png", dpi=300))
    done = subprocess.run(["dmtxread", "-N1", "-m5000", "-G29", str(file)], capture_output=True, timeout=60)
    assert done.stdout.removeprefix(b"\x1d") == ELEMENTS.encode()


@zbarimg
def test_zbar_reads_the_framed_qr_code_and_the_bars_of_a_label(tmp_path: Path) -> None:
    file = tmp_path / "label.png"
    file.write_bytes(draw(sample(), "png", dpi=300))
    done = subprocess.run(["zbarimg", "--quiet", "--raw", "--nodbus", str(file)], capture_output=True, timeout=60)
    assert set(done.stdout.decode().splitlines()) == {LINK, "SN-000042"}


def test_a_thin_line_is_a_dot_at_least() -> None:
    drawing = compose(Page(20, 10, (Line(1, 5, 19, 5, 0.05), Line(10, 1, 10, 4, 0.05))))
    seen = opened(draw(drawing, "png", dpi=203))
    assert seen.tobytes().count(0) == pytest.approx(144 + 24, abs=2)


def test_a_picture_fills_its_place() -> None:
    seen = opened(draw(compose(Page(20, 20, (Picture(5, 5, 9, 9, dot_png()),))), "png", dpi=254))
    assert seen.point(lambda dot: 255 - dot).getbbox() == (50, 50, 140, 140)
    assert seen.crop((80, 80, 110, 110)).getextrema() == (255, 255)
    assert seen.crop((50, 50, 80, 140)).getextrema() == (0, 0)


def test_a_label_too_large_for_a_picture_is_refused_with_the_numbers() -> None:
    with pytest.raises(RenderError, match="expected at most 8192 x 8192 dots, found 23622 x 236 dots"):
        draw(compose(Page(1000, 10, ())), "png", dpi=600)
