"""A label as a whole: everything in its place, nothing on a symbol, and errors that name the element."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from renderers import Box, Line, Mark, Page, Picture, RenderError, Text, compose
from renderers.layout import Element
from tests.renderers.paper import EPC, SAMPLE, dot_png, sample

QR = Mark(20, 5, "TWIN-42", "qr", 0.5)  # 29 modules with its quiet zone: 14.5 mm


def page(*elements: Element) -> Page:
    return Page(60, 30, elements)


def refusal(*elements: Element) -> str:
    with pytest.raises(RenderError) as refused:
        compose(page(*elements))
    return str(refused.value)


def test_a_label_tells_what_is_on_it() -> None:
    drawing = sample()
    assert (drawing.width, drawing.height, drawing.epc) == (100, 50, EPC)
    assert [(mark.element, mark.symbol.symbology, mark.module_mm) for mark in drawing.marks] == [
        (5, "qr", 0.75),
        (7, "gs1datamatrix", 0.4),
        (8, "code128", 0.25),
    ]
    sizes = dict(drawing.texts)
    assert list(sizes) == [1, 2, 4, 6]
    assert sizes[4] == sizes[6] == 2
    assert all(sizes[index] <= SAMPLE.elements[index].size for index in sizes)  # type: ignore[union-attr]


def test_an_empty_text_draws_nothing() -> None:
    drawing = compose(page(Text(1, 1, 10, 2, "", 2)))
    assert (drawing.runs, drawing.texts) == ((), ())


@pytest.mark.parametrize(
    ("element", "told"),
    [
        (Text(1, 1, 5, 2, "TWIN-42", 2), "element 1, text 'TWIN-42': expected at most 5 mm wide with capitals of 2 mm"),
        (
            Text(1, 1, 9, 2, "שלום", 2),
            "element 1, text 'שלום': expected characters of Noto Sans, found 'ש' (U+05",
        ),
        (
            Mark(1, 1, "x" * 9999, "qr", 0.5),
            f"element 1, payload '{'x' * 60}'…: expected at most 2331 bytes in a QR",
        ),
        (Mark(1, 1, "x", "aztec", 0.5), "element 1, symbology: expected code128 or code39 or "),
        (Mark(1, 1, "x", "qr", 0.5, {"level": "X"}), "element 1, level: expected L or M or Q or H, found 'X'"),
        (Mark(1, 1, "x", "qr", 0.5, {"payload": "y"}), "element 1, option: expected level, found 'payload'"),
        (Mark(1, 1, "x", "qr", 0.5, {"symbology": "y"}), "element 1, option: expected level, found 'symbology'"),
        (
            Mark(1, 1, "x", "qr", 0.5, {"level": ["Q"]}),  # type: ignore[dict-item]
            "element 1, level: expected a word or a number, found",
        ),
        (Picture(1, 1, 5, 5, b""), "element 1, png None: expected a PNG of at most 1024 dots a side, found 0 bytes"),
    ],
)
def test_an_error_names_the_element(element: Element, told: str) -> None:
    assert refusal(Line(0, 29, 60, 29, 0.2), element).startswith(told)


@pytest.mark.parametrize(
    "element",
    [
        Text(50, 1, 20, 2, "TWIN-42", 2),
        Text(1, 28.5, 20, 2, "gyp", 1.5),
        Text(1, 0, 20, 2, "Å", 2),
        Mark(50, 1, "TWIN-42", "qr", 0.5),
        Mark(0, 0, "TWIN-42", "qr", 0.5, frame=True),
        Line(1, 30, 20, 30, 0.2),
        Box(0, 0, 60.1, 30, 0.2),
        Picture(58, 1, 5, 5, dot_png()),
    ],
    ids=["right", "tails", "accent", "symbol", "frame", "line", "box", "picture"],
)
def test_nothing_reaches_out_of_the_label(element: Element) -> None:
    told = refusal(Line(0, 15, 5, 15, 0.2), element)
    assert told.startswith("element 1: expected a place on the label of 60 x 30 mm, found ")


@pytest.mark.parametrize(
    "element",
    [
        Text(1, 6, 30, 2, "reaches into its zone", 2),
        Line(0, 7, 20.1, 7, 0.2),
        Line(34.4, 0, 34.4, 30, 0.1),
        Box(15, 3, 25, 2.1, 0.3),
        Box(22, 7, 3, 3, 0.2),
        Picture(34.4, 5, 3, 3, dot_png()),
        Mark(34, 12, "TWIN-43", "datamatrix", 0.5),
    ],
    ids=["text", "line", "line down", "side of a box", "box within", "picture", "symbol"],
)
def test_nothing_stands_on_a_symbol_or_in_its_quiet_zone(element: Element) -> None:
    told = refusal(QR, element)
    assert told.startswith("element 0: expected nothing else on its symbol and quiet zone of 14.5 x 14.5 mm at 20, 5")
    assert "found element 1 of " in told


def test_what_touches_a_quiet_zone_or_stands_around_it_is_no_neighbour() -> None:
    around = Box(15, 1, 25, 25, 0.3), Line(0, 4.9, 60, 4.9, 0.2), Text(1, 6, 18.9, 2, "TWIN-42", 2, align="right")
    assert compose(page(QR, *around))


def test_a_frame_takes_a_module_around_the_quiet_zone() -> None:
    framed = Mark(20, 5, "TWIN-42", "qr", 0.5, frame=True)
    assert str(compose(page(framed)).marks[0].place) == "15.5 x 15.5 mm at 19.5, 4.5"
    near = Line(0, 4.8, 60, 4.8, 0.2)
    assert compose(page(QR, near))
    assert "15.5 x 15.5 mm" in refusal(framed, near)


def test_a_symbol_needs_its_room_in_dots_too() -> None:
    """0.33 mm are 2.64 dots of 203 dpi: three are printed, and the symbol grows by an eighth."""
    drawing = compose(page(Mark(20, 5, "TWIN-42", "qr", 0.33), Line(29.95, 0, 29.95, 30, 0.1)))
    assert drawing.in_dots(300, least=1).marks[0].module_mm == pytest.approx(4 * 25.4 / 300)
    with pytest.raises(RenderError, match=r"found element 1 of 0\.1 x 30 mm at 29\.9, 0$"):
        drawing.in_dots(203, least=1)
    with pytest.raises(RenderError, match=r"element 0, module '0\.33 mm at 72 dpi': expected 2 dots or more, found 1$"):
        drawing.in_dots(72, least=2)


def _png(mode: str, size: tuple[int, int], colour: object = 0) -> bytes:
    file = BytesIO()
    Image.new(mode, size, colour).save(file, "PNG")  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize(
    ("png", "dark"),
    [
        (_png("1", (3, 2), 0), True),
        (_png("L", (3, 2), 127), True),
        (_png("L", (3, 2), 128), False),
        (_png("RGBA", (3, 2), (0, 0, 0, 0)), False),
        (_png("LA", (3, 2), (0, 255)), True),
        (_png("P", (3, 2), 0), True),
        (_png("I;16", (3, 2), 0), True),
        (_png("I;16", (3, 2), 65535), False),
    ],
)
def test_a_picture_is_dark_or_light(png: bytes, dark: bool) -> None:
    [bitmap] = compose(page(Picture(1, 1, 5, 5, png))).bitmaps
    assert (bitmap.rows, bitmap.width) == ((0b111 * dark,) * 2, 3)


@pytest.mark.parametrize(
    ("png", "told"),
    [
        (b"GIF89a" + bytes(30), "expected a PNG of at most 1024 dots a side, found 36 bytes, 0 x 0 dots"),
        (_png("L", (1025, 1)), "found 74 bytes, 1025 x 1 dots"),
        (dot_png()[:40], "expected a PNG that can be read, found "),
        (dot_png()[:60] + b"\xff" * 20, "expected a PNG that can be read, found "),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "expected a PNG of at most 1024 dots a side"),
    ],
)
def test_a_picture_that_cannot_be_opened_is_refused(png: bytes, told: str) -> None:
    assert told in refusal(Picture(1, 1, 5, 5, png))


def test_a_picture_of_grain_is_refused_with_the_number() -> None:
    """Half-tones would be a path of a million steps."""
    file = BytesIO()
    row = [b"\x55" * 128, b"\xaa" * 128]
    Image.frombytes("1", (1024, 1024), b"".join(row * 512)).save(file, "PNG")
    told = refusal(Picture(1, 1, 5, 5, file.getvalue()))
    assert told.endswith("expected at most 50000 changes of dark and light, found 1048064")
