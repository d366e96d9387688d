"""What stands where on a label, before anything is set or encoded.

All measures are millimetres, from the upper left corner of the label to the right and down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from renderers.errors import RenderError
from renderers.options import MODULE_MM_RANGE, in_range, one_of

__all__ = ["ALIGNS", "FONTS", "Box", "Element", "Line", "Mark", "Page", "Picture", "Text"]

FONTS = "sans", "ocr"
ALIGNS = "left", "centre", "right"
MAX_SIDE = 1000.0  # of a label, in millimetres
SIZE_RANGE = 0.5, 100.0  # of a capital letter
THICKNESS_RANGE = 0.05, 50.0
MAX_TEXT = 1000  # characters
MAX_ELEMENTS = 500
MAX_MARKS = 20  # and as many pictures
MAX_TEXTS = 20_000  # characters in all
MAX_PNG = 256 * 1024

EPC = re.compile(r"(?:[0-9A-F]{4}){1,31}")  # words of 16 bits; the five bits of the PC count 31 of them


@dataclass(frozen=True, slots=True)
class Text:
    """One text, whose first line has its capitals at the top of the box; valid if it exists.

    Further lines stand `LINE_PITCH` of the size apart. Accents of capitals and tails of letters may reach out of the
    box, but not out of the label.

    Args:
        x: left side of the box.
        y: upper side of the box.
        width: what every line must fit into.
        height: what all lines must fit into, from the capitals of the first to the baseline of the last.
        text: what is set, of 1,000 characters at most; nothing is drawn if it is empty.
        size: height of a capital letter, which is what regulations state.
        least: down to which it may shrink so that it fits; it may not if None.
        font: one of `FONTS`.
        align: one of `ALIGNS`.
        wrap: whether lines may end between words.

    Raises:
        RenderError: a field is no such thing.

    Examples:
        >>> Text(1, 1, 30, 2, "TWIN-42", 2).font
        'sans'
    """

    x: float
    y: float
    width: float
    height: float
    text: str
    size: float
    least: float | None = None
    font: Literal["sans", "ocr"] = "sans"
    align: Literal["left", "centre", "right"] = "left"
    wrap: bool = False

    def __post_init__(self) -> None:
        _check_box(self.x, self.y, self.width, self.height)
        _measure("size", self.size, SIZE_RANGE)
        if self.least is not None:
            _measure("least", self.least, (SIZE_RANGE[0], self.size))
        one_of("font", self.font, FONTS)
        one_of("align", self.align, ALIGNS)
        if type(self.text) is not str:
            raise RenderError("text", self.text, expected="a str")
        if len(self.text) > MAX_TEXT:
            raise RenderError("text", self.text, expected=f"at most {MAX_TEXT} characters", found=f"{len(self.text)}")


@dataclass(frozen=True, slots=True)
class Mark:
    """One symbol; valid if it exists. What it holds is checked when it is encoded.

    Args:
        x: left side of its quiet zone.
        y: upper side of its quiet zone.
        payload: what a reader will read.
        symbology: one of `renderers.symbologies()`.
        module_mm: side of one module.
        options: what the symbology lets be chosen, as `renderers.encode` takes it.
        frame: whether the frame of IEC 61406 stands around the quiet zone, one module further out on each side; of a QR
            Code alone.

    Raises:
        RenderError: a measure is out of its range.

    Examples:
        >>> Mark(1, 1, "TWIN-42", "qr", 0.5).frame
        False
    """

    x: float
    y: float
    payload: str
    symbology: str
    module_mm: float
    options: Mapping[str, str | float] = field(default_factory=dict)
    frame: bool = False

    def __post_init__(self) -> None:
        _check_box(self.x, self.y)
        _measure("module_mm", self.module_mm, MODULE_MM_RANGE)
        for name in self.options:
            if type(name) is not str:
                raise RenderError("option", name, expected="a word")
        if self.frame and self.symbology != "qr":
            raise RenderError("frame", self.symbology, expected="qr within a frame", found="another symbology")


@dataclass(frozen=True, slots=True)
class Line:
    """A stroke, across or down, along whose middle the two points lie; valid if it exists.

    Args:
        x: of the one end.
        y: of the one end.
        to_x: of the other.
        to_y: of the other.
        thickness: of the stroke.

    Raises:
        RenderError: a measure is out of its range, or it slants or has no length.

    Examples:
        >>> Line(1, 1, 20, 5, 0.2)
        Traceback (most recent call last):
        renderers.errors.RenderError: line '1, 1 to 20, 5': expected one across or down, found a slant or a point
    """

    x: float
    y: float
    to_x: float
    to_y: float
    thickness: float

    def __post_init__(self) -> None:
        ends = self.x, self.y, self.to_x, self.to_y
        for name, value in zip(("x", "y", "to_x", "to_y"), ends, strict=True):
            _measure(name, value, (0.0, MAX_SIDE))
        _measure("thickness", self.thickness, THICKNESS_RANGE)
        if (self.x == self.to_x) == (self.y == self.to_y):
            shown = "{:g}, {:g} to {:g}, {:g}".format(*ends)
            raise RenderError("line", shown, expected="one across or down", found="a slant or a point")


@dataclass(frozen=True, slots=True)
class Box:
    """A frame of four strokes within its measures; valid if it exists.

    Args:
        x: left side.
        y: upper side.
        width: from outer edge to outer edge.
        height: from outer edge to outer edge.
        thickness: of the strokes.

    Raises:
        RenderError: a measure is out of its range.

    Examples:
        >>> Box(0, 0, 60, 30, 0.3).thickness
        0.3
    """

    x: float
    y: float
    width: float
    height: float
    thickness: float

    def __post_init__(self) -> None:
        _check_box(self.x, self.y, self.width, self.height)
        _measure("thickness", self.thickness, (THICKNESS_RANGE[0], min(self.width, self.height) / 2))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in black and white, stretched over its box; valid if it exists. It is opened when it is set.

    Args:
        x: left side.
        y: upper side.
        width: of the box.
        height: of the box.
        png: the file, of 256 KiB at most.

    Raises:
        RenderError: a measure is out of its range, or the file too large.

    Examples:
        >>> Picture(0, 0, 5, 5, b"").png
        b''
    """

    x: float
    y: float
    width: float
    height: float
    png: bytes

    def __post_init__(self) -> None:
        _check_box(self.x, self.y, self.width, self.height)
        if type(self.png) is not bytes:
            raise RenderError("png", self.png, expected="bytes")
        if len(self.png) > MAX_PNG:
            raise RenderError("png", self.png, expected=f"at most {MAX_PNG} bytes", found=f"{len(self.png)}")


Element: TypeAlias = Text | Mark | Line | Box | Picture


@dataclass(frozen=True, slots=True)
class Page:
    """One label; valid if it exists.

    Args:
        width: of the label.
        height: of the label.
        elements: what stands on it, 500 at most; of them 20 symbols, 20 pictures, and texts of 20,000 characters.
        epc: what is written into the EPC memory of its RFID tag, without PC bits: words of four hexadecimal digits, 31
            at most; nothing if None. Formats other than ZPL cannot.

    Raises:
        RenderError: a field is no such thing.

    References:
        EPC UHF Gen2 Air Interface 6.3.2.1.2 (EPC memory; the length in the PC), unverified.

    Examples:
        >>> Page(60, 30, (), epc="3074257BF7194E4000001A85").width
        60
    """

    width: float
    height: float
    elements: tuple[Element, ...]
    epc: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("width", self.width), ("height", self.height)):
            _measure(name, value, (1.0, MAX_SIDE))
        if len(self.elements) > MAX_ELEMENTS:
            raise RenderError("elements", None, expected=f"at most {MAX_ELEMENTS}", found=f"{len(self.elements)}")
        for kind, name in ((Mark, "marks"), (Picture, "pictures")):
            if (many := sum(isinstance(element, kind) for element in self.elements)) > MAX_MARKS:
                raise RenderError(name, None, expected=f"at most {MAX_MARKS}", found=f"{many}")
        if (long := sum(len(element.text) for element in self.elements if isinstance(element, Text))) > MAX_TEXTS:
            raise RenderError("texts", None, expected=f"at most {MAX_TEXTS} characters in all", found=f"{long}")
        for element in self.elements:
            if not isinstance(element, Text | Mark | Line | Box | Picture):
                raise RenderError("element", element, expected="a text, mark, line, box or picture")
        if self.epc is not None and not (type(self.epc) is str and EPC.fullmatch(self.epc)):
            raise RenderError("epc", self.epc, expected="1 to 31 times four of 0 to 9 and A to F")


def _measure(name: str, value: object, limits: tuple[float, float]) -> float:
    return in_range(name, value, (int, float), limits)


def _check_box(x: float, y: float, *sides: float) -> None:
    for name, value in (("x", x), ("y", y)):
        _measure(name, value, (0.0, MAX_SIDE))
    for name, value in zip(("width", "height"), sides, strict=False):
        _measure(name, value, (THICKNESS_RANGE[0], MAX_SIDE))
