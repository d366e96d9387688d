"""Dots: the limits that each writer sets. How dots look is told in the tests of PNG and ZPL."""

from __future__ import annotations

import pytest

from renderers import RenderError, Symbol
from renderers.raster import raster

WIDE = Symbol(symbology="wide", payload=".", aim="]X0", rows=(0b100000001,), width=9, quiet_zone=0)


def test_rows_end_in_whole_octets_of_light() -> None:
    assert raster(WIDE, module_mm=25.4, dpi=1, min_dots=1, max_side=9).tobytes().hex() == "8080"


def test_a_side_at_its_limit_is_drawn_and_one_dot_more_is_not() -> None:
    assert raster(WIDE, module_mm=25.4, dpi=2, min_dots=2, max_side=18).size == (18, 2)
    with pytest.raises(RenderError, match=r"expected a picture of at most 17 dots a side, found 18$"):
        raster(WIDE, module_mm=25.4, dpi=2, min_dots=2, max_side=17)


@pytest.mark.parametrize(("least", "expected"), [(1, "1 dot or more"), (3, "3 dots or more")])
def test_a_module_below_the_least_is_refused_with_the_numbers(least: int, expected: str) -> None:
    with pytest.raises(RenderError, match=rf"module '0\.1 mm at 100 dpi': expected {expected}, found 0$"):
        raster(WIDE, module_mm=0.1, dpi=100, min_dots=least, max_side=99)
