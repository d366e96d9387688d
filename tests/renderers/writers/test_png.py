"""PNG: every module the same number of dots."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from renderers import RenderError, Symbol, encode, symbologies, write
from tests.renderers.reading import SAMPLES

CORNER = Symbol(symbology="corner", payload=".", aim="]X0", rows=(0b110, 0b100), width=3, quiet_zone=1)


def opened(png: bytes) -> Image.Image:
    image = Image.open(BytesIO(png))
    image.load()
    return image


def dots(image: Image.Image) -> list[str]:
    """The picture as text, a line of dots a line, `#` for dark."""
    lit = image.convert("L").tobytes()
    return ["".join(".#"[dot == 0] for dot in lit[at : at + image.width]) for at in range(0, len(lit), image.width)]


def test_the_picture_is_the_symbol_in_its_quiet_zone() -> None:
    assert dots(opened(write(CORNER, "png", module_mm=0.25, dpi=203))) == [
        "..........",
        "..........",
        "..####....",
        "..####....",
        "..##......",
        "..##......",
        "..........",
        "..........",
    ]


@pytest.mark.parametrize(
    ("module_mm", "dpi", "expected"), [(0.5, 300, 6), (0.25, 203, 2), (0.254, 2400, 24), (1, 72, 3), (0.19, 203, 2)]
)
@pytest.mark.parametrize("symbology", symbologies())
def test_a_module_is_the_nearest_whole_number_of_dots(
    symbology: str, module_mm: float, dpi: int, expected: int
) -> None:
    symbol = encode(SAMPLES[symbology], symbology)
    image = opened(write(symbol, "png", module_mm=module_mm, dpi=dpi))
    tall = symbol.row_height(expected * 25.4 / dpi)
    assert image.size == (symbol.printed_width * expected, symbol.printed_height * tall * expected)
    grid = [f"{row:0{symbol.printed_width}b}".replace("0", ".").replace("1", "#") for row in symbol.printed_rows]
    assert dots(image) == ["".join(m * expected for m in row) for row in grid for _ in range(tall * expected)]


@pytest.mark.parametrize("dpi", [72, 203, 300, 600, 2400])
def test_the_file_says_its_resolution_and_spends_one_bit_a_dot(dpi: int) -> None:
    image = opened(write(CORNER, "png", module_mm=1, dpi=dpi))
    assert (image.format, image.mode) == ("PNG", "1")
    assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)


def test_a_module_of_less_than_two_dots_is_refused_with_the_numbers() -> None:
    with pytest.raises(RenderError, match=r"module '0\.1 mm at 300 dpi': expected 2 dots or more, found 1$"):
        write(CORNER, "png", module_mm=0.1, dpi=300)


def test_a_picture_that_would_fill_the_memory_is_refused_with_the_numbers() -> None:
    edge = Symbol(symbology="edge", payload=".", aim="]X0", rows=(1,), width=4096, quiet_zone=0)
    assert opened(write(edge, "png", module_mm=0.25, dpi=203)).size == (8192, 2)
    wide = Symbol(symbology="wide", payload=".", aim="]X0", rows=(1,), width=4097, quiet_zone=0)
    tall = Symbol(symbology="tall", payload=".", aim="]X0", rows=(1,) * 4097, width=1, quiet_zone=0)
    for symbol in (wide, tall):
        with pytest.raises(RenderError, match=r"expected a picture of at most 8192 dots a side, found 8194$"):
            write(symbol, "png", module_mm=0.25, dpi=203)


@pytest.mark.parametrize("symbology", symbologies())
def test_the_same_symbol_gives_the_same_bytes(symbology: str) -> None:
    assert len({write(encode(SAMPLES[symbology], symbology), "png") for _ in range(3)}) == 1


@pytest.mark.parametrize(("module_mm", "dpi"), [(0.5, 300), (0.25, 203), (0.19, 203), (0.33, 600), (0.32, 203)])
def test_bars_are_high_enough_on_paper(module_mm: float, dpi: int) -> None:
    """Measured in dots of this printer, whose modules are not quite those that were asked for."""
    symbol = encode("TWIN-42" * 4, "code128")
    width, height = opened(write(symbol, "png", module_mm=module_mm, dpi=dpi)).size
    bars = width * symbol.width / symbol.printed_width
    assert height * 25.4 / dpi >= 5.0
    assert height >= 0.15 * bars


def test_another_resolution_gives_other_bytes() -> None:
    assert write(CORNER, "png", module_mm=0.5, dpi=300) != write(CORNER, "png", module_mm=0.5, dpi=301)
