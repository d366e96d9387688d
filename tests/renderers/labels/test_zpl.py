"""ZPL labels: decoded here bit by bit, and printed by an engine that we did not write."""

from __future__ import annotations

import re

import pytest

from renderers import Box, Line, Page, RenderError, Text, compose, draw, stream
from renderers.writers.pdf import A4, Grid
from tests.renderers.engine import Printer, printer
from tests.renderers.paper import EPC, MARKS, likeness, opened, read, sample, zpl_dots

__all__ = ["printer"]


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_the_graphics_are_the_dots_of_the_png(dpi: int) -> None:
    assert likeness(zpl_dots(draw(sample(), "zpl", dpi=dpi)), opened(draw(sample(), "png", dpi=dpi))) == 1


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_what_an_engine_prints_is_the_label(printer: Printer, dpi: int) -> None:
    zpl = draw(sample(), "zpl", dpi=dpi).replace(f"^RFW,H,,,A^FD{EPC}^FS\n".encode(), b"")  # which it does not know
    seen = printer(zpl, dpi)
    assert read(seen) == MARKS
    assert likeness(seen, zpl_dots(zpl)) == 1


def test_the_commands_are_ours() -> None:
    commands = set(re.findall(rb"[\^~]..", draw(sample(), "zpl", dpi=203)))
    assert commands == {b"^XA", b"^PW", b"^LL", b"^LH", b"^LR", b"^PM", b"^RF", b"^FD", b"^FO", b"^GF", b"^FS", b"^XZ"}


def test_the_tag_is_written_before_anything_is_printed() -> None:
    zpl = draw(compose(Page(20, 10, (Line(1, 1, 5, 1, 1),), epc=EPC)), "zpl", dpi=203)
    assert zpl.index(f"\n^RFW,H,,,A^FD{EPC}^FS\n".encode()) < zpl.index(b"^GFA")
    assert b"^RF" not in draw(compose(Page(20, 10, (Line(1, 1, 5, 1, 1),))), "zpl", dpi=203)


def test_a_stream_is_one_format_after_the_other() -> None:
    other = compose(Page(20, 10, (Text(1, 1, 18, 3, "TWIN-42", 2),)))
    parts = list(stream([sample(), other], "zpl", dpi=203))
    assert parts == [draw(sample(), "zpl", dpi=203), draw(other, "zpl", dpi=203)]


@pytest.mark.parametrize("dpi", [72, 200, 1200])
def test_a_resolution_that_no_head_has_is_refused(dpi: int) -> None:
    with pytest.raises(RenderError, match=rf"^dpi: expected 203 or 300 or 600 for zpl, found {dpi}$"):
        draw(sample(), "zpl", dpi=dpi)


def test_a_label_that_no_printer_takes_is_refused_with_the_numbers() -> None:
    told = r"label '600 x 10 mm at 203 dpi': expected at most 4096 x 32000 dots, found 4795 x 80 dots"
    with pytest.raises(RenderError, match=told):
        draw(compose(Page(600, 10, ())), "zpl", dpi=203)


def test_a_large_graphic_is_several_fields_that_meet() -> None:
    drawing = compose(Page(170, 170, (Box(1, 1, 168, 168, 84),)))
    zpl = draw(drawing, "zpl", dpi=600)
    assert max(int(count) for count in re.findall(rb"\^GFA,(\d+)", zpl)) <= 99_999
    assert likeness(zpl_dots(zpl), opened(draw(drawing, "png", dpi=600))) == 1


def test_letters_of_a_few_dots_are_refused() -> None:
    small = compose(Page(20, 10, (Text(1, 1, 18, 3, "TWIN-42", 0.5),)))
    assert draw(small, "zpl", dpi=300)
    with pytest.raises(RenderError, match=r"element 0, size '0\.5 mm at 203 dpi': expected 5 dots or more, found 4$"):
        draw(small, "zpl", dpi=203)


def test_a_roll_has_no_grid() -> None:
    with pytest.raises(RenderError, match="grid: expected none for zpl"):
        stream([sample()], "zpl", dpi=203, grid=Grid(page=A4, columns=1, rows=1))


def test_what_hinting_moves_beyond_the_edge_is_cut() -> None:
    """The lower edge of a tail is at the label's own."""
    height = 3 + 0.3 * 3
    drawing = compose(Page(20, height, (Text(0, 0, 18, 3, "HHHH", 3),)))
    for dpi in (203, 300, 600):
        assert zpl_dots(draw(drawing, "zpl", dpi=dpi)).getextrema() == (0, 255)
