"""Measures: numbers in a range, and nothing that merely compares like one. The door's tests try every hostile value."""

from __future__ import annotations

import pytest

from renderers import RenderError
from renderers.measure import check_measure


@pytest.mark.parametrize("value", [1, 2.5, 3])
def test_a_number_in_its_range_passes(value: float) -> None:
    check_measure("gap", value, (int, float), (1, 3))


@pytest.mark.parametrize("value", [0.999, 3.001, float("nan"), float("inf"), True, None, "2", [2]])
def test_anything_else_is_refused_with_the_range(value: object) -> None:
    with pytest.raises(RenderError, match="gap: expected int or float from 1 to 3, found "):
        check_measure("gap", value, (int, float), (1, 3))
