"""The two typefaces, from files of ours: what a text measures, and what its glyphs look like as outlines and as dots.

No kerning, no ligatures, no combining: a glyph for each character, one after the other, from left to right.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from math import ceil, floor
from threading import Lock
from typing import Any, TypeAlias

from fontTools.pens.basePen import BasePen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from renderers.errors import RenderError

__all__ = ["FACES", "Run", "Step", "capital", "dots", "em_of", "outline", "set_run"]

FACES = {"sans": ("NotoSans.ttf", "Noto Sans"), "ocr": ("OCRB.otf", "OCR B")}
MARGIN = 2  # dots that hinting may add around a glyph
KEPT_DOTS = 250_000  # the largest run that is kept: what is larger is drawn anew each time
KEPT_EM = 200  # the same of a glyph: dots in its em

_LOCK = Lock()  # the libraries read glyphs when they are asked for, which is for one thread at a time
_TABLES = frozenset({"head", "hhea", "maxp", "OS/2", "cmap", "hmtx", "loca", "glyf", "CFF "})

Step: TypeAlias = tuple[str, tuple[float, ...]]
Dots: TypeAlias = tuple[Image.Image, int, int]


@dataclass(frozen=True, slots=True)
class Run:
    """The glyphs of one line, in units of the font; y points up.

    Args:
        font: one of `FACES`.
        text: the characters, one a glyph.
        starts: where each glyph begins.
        width: where a further one would.
        ink: left, lower, right and upper edge of what is dark; nothing is if None.
    """

    font: str
    text: str
    starts: tuple[int, ...]
    width: int
    ink: tuple[float, float, float, float] | None


@lru_cache(maxsize=2048)
def set_run(font: str, text: str) -> Run:
    r"""Set a line of text.

    Args:
        font: one of `FACES`.
        text: the line; what Unicode composes is composed first.

    Raises:
        RenderError: the font has no glyph for a character.

    References:
        Unicode Standard Annex 15 (NFC).

    Examples:
        >>> set_run("sans", "TWIN-42").width
        4051
        >>> set_run("sans", "e\u0301").text
        'é'
        >>> set_run("ocr", "ж")
        Traceback (most recent call last):
        renderers.errors.RenderError: text 'ж': expected characters of OCR B, found 'ж' (U+0436) at character 1
    """
    composed = unicodedata.normalize("NFC", text)
    at, starts, boxes = 0, [], []
    for number, character in enumerate(composed, 1):
        if character not in _advances(font):
            found = f"{character!r} (U+{ord(character):04X}) at character {number}"
            raise RenderError("text", text, expected=f"characters of {FACES[font][1]}", found=found)
        starts.append(at)
        if box := _box(font, character):
            boxes.append((at + box[0], box[1], at + box[2], box[3]))
        at += _advances(font)[character]
    lefts, lowers, rights, uppers = zip(*boxes, strict=True) if boxes else ((), (), (), ())
    ink = (min(lefts), min(lowers), max(rights), max(uppers)) if boxes else None
    return Run(font, composed, tuple(starts), at, ink)


@cache
def capital(font: str) -> int:
    """The height of a capital letter, in units of the font.

    Args:
        font: one of `FACES`.

    References:
        OpenType, OS/2: sCapHeight.

    Examples:
        >>> capital("sans")
        714
    """
    height: int = _font(font)["OS/2"].sCapHeight
    return height


def em_of(font: str, tall: float) -> float:
    """The em that makes capitals of a height, in the measure of that height.

    Args:
        font: one of `FACES`.
        tall: height of a capital letter.

    Examples:
        >>> em_of("sans", 20)
        28.01
    """
    units: int = _font(font)["head"].unitsPerEm
    return round(tall * units / capital(font), 2)  # hundredths of a dot, so that equal sizes are equal keys


@lru_cache(maxsize=4096)
def outline(font: str, character: str) -> tuple[Step, ...]:
    """The outline of a glyph: M, L, Q, C and Z with absolute points, as SVG calls them; y points up.

    Args:
        font: one of `FACES`.
        character: one that the font has.

    Examples:
        >>> outline("sans", "-")[:2]
        (('M', (40, 229)), ('L', (40, 307)))
    """
    pen = _Outline(_glyphs(font))
    _draw(font, character, pen)
    return tuple(pen.steps)


def dots(run: Run, em: float) -> Dots:
    """A run as dots, each glyph at the whole dot next to its place.

    Args:
        run: the glyphs.
        em: dots in an em.

    Returns:
        One bit a dot, 1 dark; and where its upper left corner is from the beginning of the baseline, in dots to the
        right and down.

    Examples:
        >>> picture, left, top = dots(set_run("sans", "H"), 28)
        >>> picture.getbbox()[1] + top, picture.getbbox()[3] + top
        (-20, 0)
    """
    small = len(run.text) * em * em <= KEPT_DOTS
    return _kept_dots(run, em) if small else _dots(run, em)


def _dots(run: Run, em: float) -> Dots:
    scale = em / _font(run.font)["head"].unitsPerEm
    left, lower, right, upper = run.ink or (0, 0, 0, 0)
    x, y = floor(left * scale) - MARGIN, -ceil(upper * scale) - MARGIN
    canvas = Image.new("1", (ceil(right * scale) + MARGIN - x, ceil(-lower * scale) + MARGIN - y))
    for start, character in zip(run.starts, run.text, strict=True):
        if _box(run.font, character):
            glyph, dx, dy = (_kept_glyph if em <= KEPT_EM else _glyph)(run.font, character, em)
            canvas.paste(1, (round(start * scale) + dx - x, dy - y), glyph)
    return canvas, x, y


def _glyph(font: str, character: str, em: float) -> Dots:
    with _LOCK:
        face = _sized(font, em)
        left, top, right, bottom = (int(edge) for edge in face.getbbox(character, mode="1", anchor="ls"))
        picture = Image.new("1", (right - left, bottom - top))
        ImageDraw.Draw(picture).text((-left, -top), character, fill=1, font=face, anchor="ls")
    return picture, left, top


_kept_dots = lru_cache(maxsize=512)(_dots)
_kept_glyph = lru_cache(maxsize=1024)(_glyph)


@lru_cache(maxsize=64)
def _sized(font: str, em: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(BytesIO(_file(font)), em, layout_engine=ImageFont.Layout.BASIC)


class _Outline(BasePen):  # type: ignore[misc]  # fontTools has no types
    """Writes down what is drawn, quadratic curves as such."""

    def __init__(self, glyphs: object) -> None:
        super().__init__(glyphs)
        self.steps: list[Step] = []

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802  the pen's word
        self.steps.append(("M", pt))

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self.steps.append(("L", pt))

    def _qCurveToOne(self, pt1: tuple[float, float], pt2: tuple[float, float]) -> None:  # noqa: N802
        self.steps.append(("Q", (*pt1, *pt2)))

    def _curveToOne(  # noqa: N802
        self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]
    ) -> None:
        self.steps.append(("C", (*pt1, *pt2, *pt3)))

    def _closePath(self) -> None:  # noqa: N802
        self.steps.append(("Z", ()))


@lru_cache(maxsize=4096)
def _box(font: str, character: str) -> tuple[float, float, float, float] | None:
    pen = BoundsPen(_glyphs(font))
    _draw(font, character, pen)
    box: tuple[float, float, float, float] | None = pen.bounds
    return box


def _draw(font: str, character: str, pen: object) -> None:
    with _LOCK:
        _glyphs(font)[_font(font).getBestCmap()[ord(character)]].draw(pen)


@cache
def _glyphs(font: str) -> Any:
    return _font(font).getGlyphSet()


@cache
def _advances(font: str) -> dict[str, int]:
    names = _font(font).getBestCmap()
    return {chr(code): _font(font)["hmtx"][name][0] for code, name in names.items()}


@cache
def _font(font: str) -> Any:
    """The font with its tables read: one that is read later is half there for every other thread."""
    read = TTFont(BytesIO(_file(font)))
    for table in _TABLES & {*read.keys()}:
        read[table]
    return read


@cache
def _file(font: str) -> bytes:
    return (files("renderers") / "fonts" / FACES[font][0]).read_bytes()
