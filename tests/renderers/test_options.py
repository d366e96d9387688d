"""Options of the wrong type never reach native code."""

from __future__ import annotations

import pytest

from renderers import RenderError
from renderers.options import in_range, one_of


class Word(str):
    __slots__ = ()


@pytest.mark.parametrize("value", ["", "ab", "c", None, 1, True, b"a", ["a"], Word("a")])
def test_a_word_is_one_of_those(value: object) -> None:
    assert one_of("word", "a", "ab") == "a"
    with pytest.raises(RenderError, match="word: expected a or b, found "):
        one_of("word", value, "ab")


@pytest.mark.parametrize("value", [0, 4, "2", None, True, float("nan"), float("inf"), 2.0, 1 + 0j])
def test_a_measure_is_of_its_type_and_in_its_range(value: object) -> None:
    assert (in_range("n", 1, (int,), (1, 3)), in_range("n", 3, (int,), (1, 3))) == (1, 3)
    with pytest.raises(RenderError, match="n: expected int from 1 to 3, found "):
        in_range("n", value, (int,), (1, 3))
