"""Texts in their boxes: as large as they may, as small as they must, and never beyond."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderers import RenderError, Text
from renderers.typefaces import set_run
from renderers.typesetting import LINE_PITCH, typeset

BOX: dict[str, Any] = {"x": 10, "y": 5, "width": 30, "height": 8, "size": 2}
WORDS = "Преобразователь давления, pressure transmitter, μεταδότης πίεσης"


@pytest.mark.parametrize(("align", "side"), [("left", 0.0), ("centre", 0.5), ("right", 1.0)])
def test_a_line_is_aligned_by_its_advance(align: Any, side: float) -> None:
    [line] = typeset(Text(**BOX, text="TWIN-42", align=align))
    wide = line.run.width * line.unit
    assert line.x == pytest.approx(10 + (30 - wide) * side)
    assert line.y == 7, "the capitals of the first line touch the top of the box"


def test_a_text_that_fits_keeps_its_size() -> None:
    assert typeset(Text(**BOX, text="TWIN-42", least=1))[0].size == 2


def test_a_text_shrinks_no_more_than_it_must() -> None:
    text = Text(**BOX, text="A label with a longish text", least=1)
    [line] = typeset(text)
    wide = line.run.width * line.unit
    assert 1 <= line.size < 2
    assert wide <= 30
    assert wide * (line.size + 0.01) / line.size > 30


def test_a_text_that_is_too_long_says_by_how_much() -> None:
    with pytest.raises(RenderError) as refused:
        typeset(Text(**BOX, text="A label with a longish text"))
    assert str(refused.value) == (
        "text 'A label with a longish text': expected at most 30 mm wide with capitals of 2 mm, found 33.74 mm"
    )
    with pytest.raises(RenderError, match=r"with capitals of 1\.9 mm, found 32\.05 mm$"):
        typeset(Text(**BOX, text="A label with a longish text", least=1.9))
    with pytest.raises(
        RenderError, match=r"expected at most 8 mm high with capitals of 2 mm, found 11\.6 mm in 4 lines$"
    ):
        typeset(Text(**BOX, text=WORDS, wrap=True))


def test_lines_end_between_words() -> None:
    lines = typeset(Text(**BOX | {"height": 20}, text=WORDS, wrap=True))
    assert [line.run.text for line in lines] == [
        "Преобразователь",
        "давления, pressure",
        "transmitter,",
        "μεταδότης πίεσης",
    ]
    assert [line.y for line in lines] == [pytest.approx(7 + 2 * LINE_PITCH * number) for number in range(4)]


def test_a_wrapped_text_shrinks_until_its_lines_fit() -> None:
    lines = typeset(Text(**BOX, text=WORDS, wrap=True, least=1))
    assert " ".join(line.run.text for line in lines) == WORDS
    assert 1 <= lines[0].size < 2
    assert lines[-1].y <= 5 + 8 + 1e-6


def test_a_word_is_never_cut() -> None:
    with pytest.raises(RenderError, match=r"at most 30 mm wide with capitals of 2 mm, found "):
        typeset(Text(**BOX, text="Donaudampfschifffahrtsgesellschaft", wrap=True))


def test_a_box_lower_than_a_capital_holds_nothing() -> None:
    with pytest.raises(RenderError, match=r"at most 1 mm high with capitals of 2 mm, found 2 mm in 1 line$"):
        typeset(Text(**BOX | {"height": 1}, text="T"))


@pytest.mark.parametrize("text", ["", " ", "   "])
@pytest.mark.parametrize("wrap", [False, True])
def test_nothing_is_drawn_of_nothing(text: str, wrap: bool) -> None:
    assert typeset(Text(**BOX, text=text, wrap=wrap)) == ()


@settings(deadline=None, max_examples=150)
@given(
    st.text("Wi .лΩ", max_size=60),
    st.floats(2, 60),
    st.floats(1, 30),
    st.booleans(),
    st.sampled_from(["left", "centre", "right"]),
    st.sampled_from([0.5, 1, 2]),
)
def test_whatever_is_set_lies_in_its_box(
    text: str, width: float, height: float, wrap: bool, align: Any, least: float
) -> None:
    box = Text(10, 10, width, height, text, 2, least=least, wrap=wrap, align=align)
    try:
        lines = typeset(box)
    except RenderError:
        return
    for line in lines:
        assert least <= line.size <= 2
        assert line.x >= 10 - 1e-5
        assert line.x + line.run.width * line.unit <= 10 + width + 1e-5
        assert line.y - line.size >= 10 - 1e-5
        assert line.y <= 10 + height + 1e-5
    if not wrap and lines:
        assert lines[0].run == set_run("sans", text)
    larger = replace(box, size=2.5)
    assert typeset(larger)[:1] == () or typeset(larger)[0].size >= lines[0].size - 0.011
