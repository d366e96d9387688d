"""SVG: drawn again here, by a rasteriser that knows nothing of the writer, and read."""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from renderers import Symbol, encode, symbologies, write
from tests.renderers.reading import ANY_TEXT, LINEAR, SAMPLES

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title></svg><script>alert(1)</script>\"'&amp;<!--]]>"
STEP = re.compile(r"([MLHVZmlhvz])((?:\s*,?\s*-?\d+(?:\.\d+)?)*)")


def polygons(path: str) -> list[list[tuple[float, float]]]:
    """The closed figures of a path of straight lines (SVG 1.1 section 8.3), in user units."""
    figures: list[list[tuple[float, float]]] = []
    x = y = 0.0
    assert STEP.sub("", path).strip() == "", "a command that this rasteriser does not know"
    for letter, numbers in STEP.findall(path):
        values = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", numbers)]
        from_x, from_y = (x, y) if letter.islower() else (0.0, 0.0)
        match letter.lower(), values:
            case "m", [dx, dy]:
                x, y = from_x + dx, from_y + dy
                figures.append([])
            case "l", [dx, dy]:
                x, y = from_x + dx, from_y + dy
            case "h", [dx]:
                x = from_x + dx
            case "v", [dy]:
                y = from_y + dy
            case "z", []:
                x, y = figures[-1][0]
                continue
            case _:
                pytest.fail(f"{letter}{values} is no step")
        figures[-1].append((x, y))
    return figures


def drawn(svg: bytes, scale: int = 4) -> Image.Image:
    """The picture that the document describes, `scale` dots a user unit, on a page whose colour must not show."""
    root = ET.fromstring(svg)  # noqa: S314  our own bytes
    left, top, width, height = (int(number) for number in root.attrib["viewBox"].split())
    assert (left, top) == (0, 0)
    image = Image.new("RGB", (width * scale, height * scale), "#102030")
    pen = ImageDraw.Draw(image)
    for shape in root:
        match shape.tag.removeprefix(SVG):
            case "rect":
                w, h = int(shape.attrib["width"]), int(shape.attrib["height"])
                pen.rectangle((0, 0, w * scale - 1, h * scale - 1), shape.attrib["fill"])
            case "path":
                for figure in polygons(shape.attrib["d"]):
                    xs, ys = [x * scale for x, _ in figure], [y * scale for _, y in figure]
                    pen.rectangle((min(xs), min(ys), max(xs) - 1, max(ys) - 1), shape.attrib["fill"])
            case tag:
                assert tag == "title"
    return image


def test_every_figure_of_the_path_is_a_rectangle_of_whole_modules() -> None:
    """What `drawn` takes for granted."""
    path = ET.fromstring(write(encode("TWIN-42", "qr"), "svg")).find(f"{SVG}path")  # noqa: S314
    assert path is not None
    for figure in polygons(path.attrib["d"]):
        (left, top), (right, upper), (right_again, bottom), (left_again, lower) = figure
        assert (upper, right_again, left_again, lower) == (top, right, left, bottom)
        assert bottom - top == 1
        assert right > left
        assert all(number.is_integer() for point in figure for number in point)


@pytest.mark.parametrize("payload", ["TWIN-42", "HTTP://127.0.0.1:8000/L/0123456789ABCD", "Zł 日本", HOSTILE])
@pytest.mark.parametrize("symbology", ANY_TEXT)
def test_svg_and_png_show_the_same_modules_and_both_are_read(symbology: str, payload: str) -> None:
    symbol = encode(payload, symbology)
    svg = drawn(write(symbol, "svg"), scale=6).convert("1")
    png = Image.open(BytesIO(write(symbol, "png", module_mm=0.5, dpi=300)))
    assert (svg.size, svg.tobytes()) == (png.size, png.tobytes())
    [found] = zxingcpp.read_barcodes(svg.convert("L"))
    assert found.bytes == payload.encode()


@pytest.mark.parametrize("symbology", symbologies())
def test_both_show_the_same_modules_of_every_symbology(symbology: str) -> None:
    symbol = encode(SAMPLES[symbology], symbology)
    svg = drawn(write(symbol, "svg", module_mm=0.508), scale=6).convert("1")
    png = Image.open(BytesIO(write(symbol, "png", module_mm=0.508, dpi=300)))
    assert (svg.size, svg.tobytes()) == (png.size, png.tobytes())
    [found] = zxingcpp.read_barcodes(svg.convert("L"))
    assert found.bytes == SAMPLES[symbology].encode()


@pytest.mark.parametrize("symbology", LINEAR)
def test_a_bar_is_one_rectangle_as_high_as_the_picture(symbology: str) -> None:
    root = ET.fromstring(write(encode(SAMPLES[symbology], symbology, bar_mm=80), "svg", module_mm=0.5))  # noqa: S314
    assert root.attrib["height"] == "80mm"
    assert {max(y for _, y in figure) for figure in polygons(root[2].attrib["d"])} == {160}
    assert min(x for figure in polygons(root[2].attrib["d"]) for x, _ in figure) == 10


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 20).flatmap(lambda w: st.tuples(st.just(w), st.lists(st.integers(0, 2**w - 1), min_size=1))))
def test_any_matrix_is_drawn_module_for_module(matrix: tuple[int, list[int]]) -> None:
    width, rows = matrix
    symbol = Symbol(symbology="any", payload=".", aim="]X0", rows=tuple(rows), width=width, quiet_zone=3)
    seen = drawn(write(symbol, "svg"), scale=1).convert("L").tobytes()
    size = width + 6
    empty = "0" * size
    expected = [empty] * 3 + [f"000{row:0{width}b}000" for row in rows] + [empty] * 3
    assert ["".join("10"[dot > 0] for dot in seen[at : at + size]) for at in range(0, len(seen), size)] == expected


@pytest.mark.parametrize(
    ("module_mm", "millimetres"),
    [(0.5, "16.5mm"), (0.4, "13.2mm"), (1, "33mm"), (0.1, "3.3mm"), (0.42333, "13.96989mm")],
)
def test_sizes_are_millimetres(module_mm: float, millimetres: str) -> None:
    root = ET.fromstring(write(encode("HTTP://127.0.0.1:8000/L/0123456789ABCD", "qr"), "svg", module_mm=module_mm))  # noqa: S314
    assert (root.attrib["width"], root.attrib["height"]) == (millimetres, millimetres)
    assert root.attrib["viewBox"] == "0 0 33 33"


def test_no_page_can_invert_it() -> None:
    root = ET.fromstring(write(encode("TWIN-42", "qr"), "svg"))  # noqa: S314
    assert [(shape.tag.removeprefix(SVG), shape.get("fill")) for shape in root] == [
        ("title", None),
        ("rect", "#fff"),
        ("path", "#000"),
    ]
    assert (root.attrib["role"], root.attrib["shape-rendering"]) == ("img", "crispEdges")
    assert root[0].text == "qr"


@pytest.mark.parametrize("symbology", ANY_TEXT)
def test_nothing_of_the_payload_is_in_the_file(symbology: str) -> None:
    svg = write(encode(HOSTILE, symbology), "svg")
    assert svg.isascii()
    assert not re.search(rb"script|alert|<!--|&", svg)
    assert len(list(ET.fromstring(svg).iter())) == 4  # noqa: S314


@pytest.mark.parametrize("symbology", symbologies())
def test_the_same_symbol_gives_the_same_bytes(symbology: str) -> None:
    assert len({write(encode(SAMPLES[symbology], symbology), "svg") for _ in range(3)}) == 1


def test_dots_do_not_matter_to_a_vector() -> None:
    symbol = encode("TWIN-42", "qr")
    assert write(symbol, "svg", dpi=72) == write(symbol, "svg", dpi=2400)
