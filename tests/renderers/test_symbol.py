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
    ],
)
def test_what_is_no_symbol_does_not_exist(field: str, value: object, said: str) -> None:
    with pytest.raises(RenderError, match=said.replace("]", r"\]")):
        Symbol(**{**GOOD, field: value})
