"""SVG labels: drawn again here, by a rasteriser that knows nothing of the writer."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from fontTools.pens.basePen import BasePen
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import parse_path
from PIL import Image, ImageChops, ImageDraw

from renderers import Box, Mark, Page, Text, compose, draw
from tests.renderers.paper import read, sample

SVG = "{http://www.w3.org/2000/svg}"
FLAT = 8  # straight pieces of a curve


class _Polygons(BasePen):  # type: ignore[misc]  # fontTools has no types
    def __init__(self) -> None:
        super().__init__(None)
        self.figures: list[list[tuple[float, float]]] = []

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802  the pen's word
        self.figures.append([pt])

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self.figures[-1].append(pt)

    def _curveToOne(  # noqa: N802
        self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]
    ) -> None:
        begun = self.figures[-1][-1]
        for step in range(1, FLAT + 1):
            t = step / FLAT
            weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            x, y = (sum(w * p[axis] for w, p in zip(weights, (begun, pt1, pt2, pt3), strict=True)) for axis in (0, 1))
            self.figures[-1].append((x, y))


def drawn(svg: bytes, dpi: int) -> Image.Image:
    """The picture that a document describes: figures of a path that overlap cut each other out."""
    root = ET.fromstring(svg)  # noqa: S314  our own bytes
    scale = dpi / 25.4
    _, _, width, height = (float(number) for number in root.attrib["viewBox"].split())
    assert root.attrib["width"] == f"{width:g}mm"
    assert root.attrib["height"] == f"{height:g}mm"
    label = Image.new("L", (round(width * scale), round(height * scale)), 255)
    for path in root.iter(f"{SVG}path"):
        assert path.attrib["fill"] == "#000"
        given = re.fullmatch(r"matrix\(([-0-9. ]+)\)", path.attrib.get("transform", "matrix(1 0 0 1 0 0)"))
        assert given
        matrix = [float(number) * scale for number in given[1].split()]
        pen = _Polygons()
        parse_path(path.attrib["d"], TransformPen(pen, matrix))
        ink = Image.new("1", label.size)
        for figure in (figure for figure in pen.figures if len(figure) > 2):
            one = Image.new("1", label.size)
            xs, ys = zip(*figure, strict=True)
            if len(set(figure)) == 4 and len(set(xs)) == len(set(ys)) == 2:
                box = (round(min(xs)), round(min(ys)), round(max(xs)) - 1, round(max(ys)) - 1)
                ImageDraw.Draw(ink).rectangle((*box[:2], max(box[0], box[2]), max(box[1], box[3])), 1)
                continue
            ImageDraw.Draw(one).polygon([(x - 0.5, y - 0.5) for x, y in figure], 1)
            ink = ImageChops.logical_xor(ink, one)
        label.paste(0, (0, 0), ink)
    return label


def test_a_document_is_one_in_millimetres() -> None:
    root = ET.fromstring(draw(sample(), "svg"))  # noqa: S314
    assert root.attrib["viewBox"] == "0 0 100 50"
    assert (root.attrib["width"], root.attrib["height"], root.attrib["role"]) == ("100mm", "50mm", "img")
    assert {child.tag.removeprefix(SVG) for child in root.iter()} == {"svg", "title", "rect", "path"}


def test_only_outlines_are_in_it() -> None:
    svg = draw(sample(), "svg").decode("ascii")
    assert set(re.findall(r">([^<]+)<", svg)) == {"label"}
    paths = re.findall(r' d="([^"]*)"', svg)
    assert len(paths) == svg.count("<path")
    assert all(re.fullmatch(r"[MmLlHhVvQqCcZz0-9. -]+", path) for path in paths)


def test_a_frame_stands_around_a_symbol_that_is_read() -> None:
    bare = Mark(10, 10, "HTTPS://ID.EXAMPLE.COM/L/0123456789ABCD", "qr", 0.5)
    framed = Mark(10, 10, "HTTPS://ID.EXAMPLE.COM/L/0123456789ABCD", "qr", 0.5, frame=True)
    with_frame, without = (drawn(draw(compose(Page(40, 40, (mark,))), "svg"), 254) for mark in (framed, bare))
    assert read(with_frame) == read(without) == {("]Q1", framed.payload)}
    side = (compose(Page(40, 40, (bare,))).marks[0].symbol.width + 8) * 5  # dots of 0.1 mm

    def dark(x: int, y: int) -> bool:
        return with_frame.getpixel((x, y)) == 0

    assert dark(96, 96)
    assert dark(100 + side + 3, 96)
    assert not dark(94, 96)
    assert not dark(101, 101)
    assert dark(100 + side - 10, 100 + side - 10), "the triangle"
    assert not dark(100 + side - 10, 110)


def test_small_measures_have_no_exponent() -> None:
    page = Page(40, 40, (Text(0.00001, 1, 30, 2, "TWIN", 2), Box(0.00002, 5, 3, 3, 0.1)))
    svg = draw(compose(page), "svg").decode()
    assert not re.search(r"\de-\d", svg)
    assert "M0.00002 5h3v0.1h-3z" in svg
