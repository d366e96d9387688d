"""A symbol is valid if it exists."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from renderers import RenderError, Symbol

GOOD: dict[str, Any] = {
    "symbology": "qr",
    "payload": "?",
    "aim": "]Q1",
    "rows": (0b110, 0b001),
    "width": 3,
    "quiet_zone": 2,
}


def test_measures_count_modules() -> None:
    symbol = Symbol(**GOOD)
    assert (symbol.width, symbol.height) == (3, 2)
    assert (symbol.printed_width, symbol.printed_height) == (7, 6)


def test_the_quiet_zone_lies_on_all_four_sides() -> None:
    printed = [f"{row:07b}" for row in Symbol(**GOOD).printed_rows]
    assert printed == ["0000000", "0000000", "0011000", "0000100", "0000000", "0000000"]


def test_equal_symbols_are_one_key() -> None:
    assert {Symbol(**GOOD): 1} == {Symbol(**GOOD): 1}
    assert Symbol(**GOOD) != Symbol(**{**GOOD, "payload": "!"})


def test_a_symbol_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Symbol(**GOOD).width = 4  # type: ignore[misc]


BARS = Symbol(**{**GOOD, "rows": (0b101,), "bar_mm": 5.0})


def test_a_linear_symbol_has_its_quiet_zone_left_and_right() -> None:
    assert [f"{row:07b}" for row in BARS.printed_rows] == ["0010100"]
    assert (BARS.printed_width, BARS.printed_height) == (7, 1)


@pytest.mark.parametrize(
    ("bar_mm", "width", "module_mm", "modules"),
    [(5.0, 3, 0.5, 10), (5.0, 3, 0.49, 11), (5.0, 100, 0.5, 15), (5.0, 101, 0.5, 16), (31.75, 100, 0.254, 125)],
)
def test_bars_are_as_high_as_asked_and_as_their_width_asks(
    bar_mm: float, width: int, module_mm: float, modules: int
) -> None:
    symbol = Symbol(**{**GOOD, "rows": (0b101,), "width": width, "bar_mm": bar_mm})
    assert symbol.row_height(module_mm) == modules


def test_a_row_of_a_matrix_is_a_module_high() -> None:
    assert Symbol(**GOOD).row_height(0.1) == 1


@pytest.mark.parametrize("bar_mm", [0, -1.0])
def test_bars_have_a_height(bar_mm: float) -> None:
    with pytest.raises(RenderError, match="expected one row of some height, found 1 of "):
        Symbol(**{**GOOD, "rows": (0b101,), "bar_mm": bar_mm})


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("symbology", "", "expected lower-case letters and digits, a letter first, found ''"),
        ("symbology", "<script>", "found '<script>'"),
        ("symbology", "qr\n", r"found 'qr\\n'"),
        ("payload", "", "expected one character or more, found ''"),
        ("aim", "Q1", "expected a symbology identifier such as ]Q1, found 'Q1'"),
        ("aim", "]Q12", "found ']Q12'"),
        ("rows", (), "expected a module or more, found 3 x 0"),
        ("width", 0, "expected a module or more, found 0 x 2"),
        ("rows", (0b1000,), "row 8: expected 3 bits, found 4"),
        ("rows", (-1,), "row -1: expected 3 bits"),
        ("quiet_zone", -1, "expected 0 modules or more, found -1"),
        ("bar_mm", 5.0, "expected one row of some height, found 2 of 5.0 mm"),
    ],
)
def test_what_is_no_symbol_does_not_exist(field: str, value: object, said: str) -> None:
    with pytest.raises(RenderError, match=said.replace("]", r"\]")):
        Symbol(**{**GOOD, field: value})
