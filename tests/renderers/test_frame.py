"""The frame of an identification link."""

from __future__ import annotations

import pytest

from renderers import Mark, Page, compose, draw
from renderers.frame import frame
from tests.renderers.paper import LINK, opened, read


def test_the_frame_is_a_module_thick_at_four_modules() -> None:
    *strokes, triangle = frame(33)
    corners = {corner for stroke in strokes for corner in stroke}
    assert (min(corners), max(corners)) == ((-1, -1), (34, 34))
    for stroke in strokes:
        xs, ys = zip(*stroke, strict=True)
        assert min(max(xs) - min(xs), max(ys) - min(ys)) == 1
    assert set(triangle) == {(34, 34), (34, 28), (28, 34)}


def test_no_part_of_it_is_nearer_to_the_symbol_than_four_modules() -> None:
    """The hypotenuse lies on x + y = 62; the symbol's nearest corner is (29, 29)."""
    *_, triangle = frame(33)
    assert (sum(min(triangle, key=sum)) - 2 * 29) / 2**0.5 > 2.8


@pytest.mark.parametrize("module_mm", [0.25, 0.5, 1])
@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("level", ["L", "Q"])
def test_a_framed_symbol_is_read(module_mm: float, dpi: int, level: str) -> None:
    page = Page(60, 60, (Mark(5, 5, LINK, "qr", module_mm, {"level": level}, frame=True),))
    assert read(opened(draw(compose(page), "png", dpi=dpi))) == {("]Q1", LINK)}


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_frame_moves_no_dot_of_the_symbol(dpi: int) -> None:
    seen = []
    for framed in (False, True):
        drawing = compose(Page(40, 40, (Mark(5, 5, LINK, "qr", 0.5, frame=framed),)))
        each, corner = round(0.5 * dpi / 25.4), round(5 * dpi / 25.4)
        begin, end = corner + 4 * each, corner + (4 + drawing.marks[0].symbol.width) * each
        seen.append(opened(draw(drawing, "png", dpi=dpi)).crop((begin, begin, end, end)).tobytes())
    assert seen[0] == seen[1]
