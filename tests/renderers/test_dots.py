"""Labels in whole dots: strokes of one thickness, corners that meet, and runs where they were set."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderers import Box, Line, Page, compose
from renderers.dots import pieces, size_of


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("thickness", [0.1, 0.2, 0.3, 1])
def test_strokes_of_a_thickness_are_of_as_many_dots(dpi: int, thickness: float) -> None:
    lines = [Line(1, 2 + 1.37 * number, 50, 2 + 1.37 * number, thickness) for number in range(15)]
    lines += [Line(2 + 1.37 * number, 1, 2 + 1.37 * number, 25, thickness) for number in range(15)]
    seen = {min(dark.size) for _, _, dark in pieces(compose(Page(60, 30, tuple(lines))), dpi, least=1)}
    assert seen == {max(1, round(thickness * dpi / 25.4))}


@settings(deadline=None, max_examples=200)
@given(
    st.floats(0, 10),
    st.floats(0, 10),
    st.floats(2, 40),
    st.floats(2, 20),
    st.floats(0.05, 0.9),
    st.sampled_from([203, 300]),
)
def test_the_sides_of_a_box_meet(x: float, y: float, width: float, height: float, thick: float, dpi: int) -> None:
    drawing = compose(Page(60, 40, (Box(x, y, width, height, thick),)))
    (top, bottom, left, right) = (
        (at_x, at_y, at_x + dark.width, at_y + dark.height) for at_x, at_y, dark in pieces(drawing, dpi, least=1)
    )
    assert left[0] == top[0] == bottom[0]
    assert right[2] == top[2] == bottom[2]
    assert top[1] == left[1] == right[1]
    assert bottom[3] == left[3] == right[3]
    assert len({top[3] - top[1], bottom[3] - bottom[1], left[2] - left[0], right[2] - right[0]}) == 1


@pytest.mark.parametrize(("dpi", "size"), [(203, (480, 240)), (300, (709, 354)), (600, (1417, 709))])
def test_a_label_has_the_nearest_whole_number_of_dots(dpi: int, size: tuple[int, int]) -> None:
    assert size_of(compose(Page(60, 30, ())), dpi, widest=4096, highest=4096) == size
