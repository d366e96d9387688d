"""What a label may be made of."""

from __future__ import annotations

from typing import Any

import pytest

from renderers import Box, Line, Mark, Page, Picture, RenderError, Text

TEXT: dict[str, Any] = {"x": 1, "y": 1, "width": 30, "height": 2, "text": "TWIN-42", "size": 2}
MARK: dict[str, Any] = {"x": 1, "y": 1, "payload": "TWIN-42", "symbology": "qr", "module_mm": 0.5}
PAGE: dict[str, Any] = {"width": 60, "height": 30, "elements": ()}
NAN = float("nan")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"x": -1}, "x: expected int or float from 0.0 to 1000.0, found -1"),
        ({"y": NAN}, "y: expected int or float from 0.0 to 1000.0, found nan"),
        ({"x": True}, "x: expected int or float from 0.0 to 1000.0, found True"),
        ({"width": 0}, "width: expected int or float from 0.05 to 1000.0, found 0"),
        ({"height": "3"}, "height: expected int or float from 0.05 to 1000.0, found '3'"),
        ({"size": 0.4}, "size: expected int or float from 0.5 to 100.0, found 0.4"),
        ({"least": 2.1}, "least: expected int or float from 0.5 to 2, found 2.1"),
        ({"least": NAN}, "least: expected int or float from 0.5 to 2, found nan"),
        ({"font": "Arial"}, "font: expected sans or ocr, found 'Arial'"),
        ({"align": "justify"}, "align: expected left or centre or right, found 'justify'"),
        ({"text": None}, "text: expected a str, found None"),
        ({"text": "x" * 1001}, f"text '{'x' * 60}'…: expected at most 1000 characters, found 1001"),
    ],
)
def test_a_text_that_is_none_is_refused_with_the_value(given: dict[str, Any], told: str) -> None:
    with pytest.raises(RenderError) as refused:
        Text(**TEXT | given)
    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"module_mm": 0.09}, "module_mm: expected int or float from 0.1 to 20.0, found 0.09"),
        ({"symbology": "datamatrix", "frame": True}, "frame 'datamatrix': expected qr within a frame, found another"),
        ({"options": {7: "Q"}}, "option: expected a word, found 7"),
    ],
)
def test_a_mark_that_is_none_is_refused_with_the_value(given: dict[str, Any], told: str) -> None:
    with pytest.raises(RenderError) as refused:
        Mark(**MARK | given)
    assert str(refused.value).startswith(told)


def test_a_line_is_across_or_down() -> None:
    assert Line(1, 1, 1, 9, 0.1)
    assert Line(9, 1, 1, 1, 0.1)
    with pytest.raises(RenderError, match="line '1, 1 to 2, 2': expected one across or down, found a slant or a point"):
        Line(1, 1, 2, 2, 0.1)
    with pytest.raises(RenderError, match="found a slant or a point"):
        Line(1, 1, 1, 1, 0.1)
    with pytest.raises(RenderError, match=r"thickness: expected int or float from 0\.05 to 50\.0, found 0"):
        Line(1, 1, 1, 9, 0)


def test_the_strokes_of_a_box_have_room_in_it() -> None:
    assert Box(0, 0, 10, 4, 2)
    with pytest.raises(RenderError, match=r"thickness: expected int or float from 0\.05 to 2\.0, found 2\.1"):
        Box(0, 0, 10, 4, 2.1)


def test_a_picture_is_bounded() -> None:
    assert Picture(0, 0, 1, 1, b"x" * 256 * 1024)
    with pytest.raises(RenderError, match="expected at most 262144 bytes, found 262145"):
        Picture(0, 0, 1, 1, b"x" * (256 * 1024 + 1))
    with pytest.raises(RenderError, match="png: expected bytes, found 'x'"):
        Picture(0, 0, 1, 1, "x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"width": 0.9}, "width: expected int or float from 1.0 to 1000.0, found 0.9"),
        ({"height": float("inf")}, "height: expected int or float from 1.0 to 1000.0, found inf"),
        ({"elements": (Line(0, 0, 1, 0, 1),) * 501}, "elements None: expected at most 500, found 501"),
        ({"elements": (Mark(**MARK),) * 21}, "marks None: expected at most 20, found 21"),
        ({"elements": (Picture(0, 0, 1, 1, b""),) * 21}, "pictures None: expected at most 20, found 21"),
        (
            {"elements": (Text(**TEXT | {"text": "x" * 1000}),) * 20 + (Text(**TEXT),)},
            "texts None: expected at most 20000 characters in all, found 20007",
        ),
        ({"elements": ("text",)}, "element: expected a text, mark, line, box or picture, found 'text'"),
    ],
)
def test_a_page_that_is_none_is_refused_with_the_value(given: dict[str, Any], told: str) -> None:
    with pytest.raises(RenderError) as refused:
        Page(**PAGE | given)
    assert str(refused.value) == told


@pytest.mark.parametrize(
    "epc", ["", "307", "30742", "3074g", "3074 ", "3074\n", "30ab", "^XZ~", "3074" * 32, 3074, "３０７４"]
)
def test_an_epc_is_words_of_hexadecimal_digits(epc: Any) -> None:
    assert Page(60, 30, (), epc="30AB" * 31).epc
    with pytest.raises(RenderError, match="epc: expected 1 to 31 times four of 0 to 9 and A to F, found "):
        Page(60, 30, (), epc=epc)
