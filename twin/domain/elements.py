"""The elements of a template: where on the label a text, a symbol, a line, a box or a picture stands.

All measures are millimetres from the upper left corner of the label, whole micrometres, so that they can be stored as
decimal texts: documents hold no floats.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, Final, Literal

from twin.domain import fields as entries
from twin.domain.history import Document
from twin.errors import InvalidInput, TooLarge, shown

DECIMALS: Final = 3
LONGEST_SIDE: Final = 1_000.0
TEXT_SIZES: Final = 0.5, 100.0
THICKNESSES: Final = 0.05, 50.0
MODULES: Final = 0.1, 20.0
LARGEST_PICTURE: Final = 64 * 1024
MOST_DOTS: Final = 1_024
MOST_OPTIONS: Final = 8
FONTS: Final = ("sans", "ocr")
ALIGNMENTS: Final = ("left", "centre", "right")
Font = Literal["sans", "ocr"]
Alignment = Literal["left", "centre", "right"]

_PNG: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_OPTION: Final = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_MEASURE: Final = "_mm"  # how the names of those options end that are measures

Option = str | float


@dataclass(frozen=True, slots=True)
class TextElement:
    """A text in a box. `{name}` stands for a field of the face, `{linkId}` for the id that the link ends with.

    A text that names a field which the label leaves empty is left out as a whole.

    Args:
        x, y: the upper left corner, in mm.
        width, height: of the box, in mm.
        text: what stands there; braces stand for nothing else.
        size: height of a capital letter, in mm.
        least: what it may shrink down to, in mm; None: not at all.
        font: `sans` or `ocr`.
        align: `left`, `centre` or `right`.
        wrap: whether it may be broken between words.

    Raises:
        InvalidInput: a measure out of range, an unknown word, or a text that is none.
    """

    x: float
    y: float
    width: float
    height: float
    text: str
    size: float
    least: float | None = None
    font: Font = "sans"
    align: Alignment = "left"
    wrap: bool = False

    def __post_init__(self) -> None:
        _box(self)
        entries.text(self.text, path=("text",))
        _sizes(self.size, self.least)
        _one_of("font", self.font, FONTS)
        _one_of("align", self.align, ALIGNMENTS)
        if type(self.wrap) is not bool:
            raise InvalidInput(f"wrap: expected true or false, found {shown(self.wrap)}.", path=("wrap",))


@dataclass(frozen=True, slots=True)
class FieldsElement:
    """One row `Title: value` for each field that has a value, in the profile's order.

    Args:
        x, y: the upper left corner, in mm.
        width, height: of the box that holds all rows, in mm.
        size: height of a capital letter, in mm.
        least: what it may shrink down to, in mm; None: not at all.
        font: `sans` or `ocr`.
        fields: names of face fields; none: all that the public may see.

    Raises:
        InvalidInput: a measure out of range, an unknown word, or a field named twice.
    """

    x: float
    y: float
    width: float
    height: float
    size: float
    least: float | None = None
    font: Font = "sans"
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _box(self)
        _sizes(self.size, self.least)
        _one_of("font", self.font, FONTS)
        entries.require_few(dict.fromkeys(self.fields), path=("fields",))
        for name in self.fields:
            entries.field_name(name, path=("fields",))
        if len(set(self.fields)) != len(self.fields):
            raise InvalidInput(f"fields: expected each once, found {', '.join(self.fields)}.", path=("fields",))


@dataclass(frozen=True, slots=True)
class SymbolElement:
    """One of the symbols that the profile asks for.

    Args:
        x, y: the upper left corner of its quiet zone, in mm.
        carrier: the name of the profile's carrier; `link` leads to the twin.
        module: side of a module, or width of the narrowest bar, in mm.
        symbology: one that the carrier permits; None: its first.
        options: of the symbology; names that end with `_mm` have measures, all others words.
        frame: whether the frame of IEC 61406 stands around it.

    Raises:
        InvalidInput: a measure out of range, or a name that is none.
    """

    x: float
    y: float
    carrier: str
    module: float
    symbology: str | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    frame: bool = False

    def __post_init__(self) -> None:
        _place(self.x, "x")
        _place(self.y, "y")
        entries.text(self.carrier, path=("carrier",), longest=64)
        _measure(self.module, "module", *MODULES)
        entries.optional_text(self.symbology, path=("symbology",), longest=64)
        if len(self.options) > MOST_OPTIONS:
            raise TooLarge(f"options: expected at most {MOST_OPTIONS}, found {len(self.options)}.", path=("options",))
        for name, value in self.options.items():
            if not _OPTION.fullmatch(name):
                raise InvalidInput(f"options: {shown(name)} is not the name of an option.", path=("options",))
            if name.endswith(_MEASURE):
                _measure(value, f"options.{name}", 0.1, LONGEST_SIDE)
            else:
                entries.text(value, path=("options", name), longest=64)
        if type(self.frame) is not bool:
            raise InvalidInput(f"frame: expected true or false, found {shown(self.frame)}.", path=("frame",))


@dataclass(frozen=True, slots=True)
class LineElement:
    """A line, horizontal or vertical.

    Args:
        x, y: where it begins, in mm.
        to_x, to_y: where it ends, in mm.
        thickness: in mm.

    Raises:
        InvalidInput: a measure out of range, or a line that slopes.
    """

    x: float
    y: float
    to_x: float
    to_y: float
    thickness: float

    def __post_init__(self) -> None:
        for name in ("x", "y", "to_x", "to_y"):
            _place(getattr(self, name), name)
        _measure(self.thickness, "thickness", *THICKNESSES)
        if (self.x == self.to_x) == (self.y == self.to_y):
            raise InvalidInput(
                f"to_x: expected a horizontal or vertical line, found one from {self.x}, {self.y} to "
                f"{self.to_x}, {self.to_y}.",
                path=("to_x",),
            )


@dataclass(frozen=True, slots=True)
class BoxElement:
    """The outline of a rectangle.

    Args:
        x, y: the upper left corner, in mm.
        width, height: in mm.
        thickness: of the outline, in mm.

    Raises:
        InvalidInput: a measure out of range.
    """

    x: float
    y: float
    width: float
    height: float
    thickness: float

    def __post_init__(self) -> None:
        _box(self)
        _measure(self.thickness, "thickness", THICKNESSES[0], min(self.width, self.height) / 2)


@dataclass(frozen=True, slots=True)
class ImageElement:
    """A picture, such as a mark of conformity or a logo.

    Args:
        x, y: the upper left corner, in mm.
        width, height: what it is scaled to, in mm.
        png: the picture as a PNG file of 64 KiB and 1,024 dots a side at most.

    Raises:
        InvalidInput: a measure out of range, or bytes that do not begin as a PNG file does.
        TooLarge: too many bytes or dots.
    """

    x: float
    y: float
    width: float
    height: float
    png: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _box(self)
        if len(self.png) > LARGEST_PICTURE:
            raise TooLarge(f"png: expected at most {LARGEST_PICTURE} bytes, found {len(self.png)}.", path=("png",))
        if not self.png.startswith(_PNG) or len(self.png) < len(_PNG) + 8:
            raise InvalidInput(f"png: expected a PNG file, found {shown(self.png[:16])}.", path=("png",))
        wide, high = struct.unpack_from(">II", self.png, len(_PNG))
        if not (0 < wide <= MOST_DOTS and 0 < high <= MOST_DOTS):
            raise TooLarge(f"png: expected 1 to {MOST_DOTS} dots a side, found {wide} x {high}.", path=("png",))


Element = TextElement | FieldsElement | SymbolElement | LineElement | BoxElement | ImageElement

KINDS: Final[Mapping[str, type[Element]]] = {
    "text": TextElement,
    "fields": FieldsElement,
    "symbol": SymbolElement,
    "line": LineElement,
    "box": BoxElement,
    "image": ImageElement,
}
_MEASURES: Final = frozenset({"x", "y", "width", "height", "to_x", "to_y", "size", "least", "thickness", "module"})


def as_document(element: Element) -> dict[str, Any]:
    """The element as it is stored: measures as decimal texts, and nothing that is not said.

    Examples:
        >>> as_document(LineElement(1, 2.5, 20, 2.5, 0.2))
        {'kind': 'line', 'x': '1', 'y': '2.5', 'to_x': '20', 'to_y': '2.5', 'thickness': '0.2'}
    """
    kind = next(name for name, known in KINDS.items() if isinstance(element, known))
    pairs = ((each.name, getattr(element, each.name)) for each in fields(element))
    return {"kind": kind, **{name: _stored(name, value) for name, value in pairs if value not in (None, (), {})}}


def from_document(document: Document) -> Element:
    """The element that a document holds.

    Examples:
        >>> from_document({"kind": "box", "x": "1", "y": "1", "width": "48", "height": "23", "thickness": "0.25"})
        BoxElement(x=1.0, y=1.0, width=48.0, height=23.0, thickness=0.25)
    """
    given = {name: _read(name, value) for name, value in document.items() if name != "kind"}
    return KINDS[document["kind"]](**given)


def decimal(measure: float) -> str:
    """A measure as a text: as few digits as say it, in whole micrometres.

    Examples:
        >>> decimal(25.40), decimal(0.05), decimal(100)
        ('25.4', '0.05', '100')
    """
    return f"{Decimal(repr(float(measure))).quantize(Decimal('0.001')).normalize():f}"


def option(name: str, text: str) -> Option:
    """The value of a symbology's option that came in as a text.

    Raises:
        InvalidInput: a measure that is no number.

    Examples:
        >>> option("level", "H"), option("bar_mm", "15")
        ('H', 15.0)
    """
    if not name.endswith(_MEASURE):
        return text
    try:
        return float(text[:32])
    except ValueError:
        raise InvalidInput(f"options.{name}: expected a number, found {shown(text)}.", path=("options",)) from None


def picture(text: str) -> bytes:
    """The bytes of a picture that came in as base64.

    Raises:
        InvalidInput: it is not base64.
        TooLarge: of more bytes than a picture may have.
    """
    if len(text) > LARGEST_PICTURE * 4 // 3 + 4:
        raise TooLarge(
            f"png: expected at most {LARGEST_PICTURE} bytes, found about {len(text) * 3 // 4}.", path=("png",)
        )
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise InvalidInput(f"png: expected base64, found {shown(text)}.", path=("png",)) from None


def _stored(name: str, value: Any) -> Any:
    if name in _MEASURES:
        return decimal(value)
    if name == "png":
        return base64.b64encode(value).decode()
    if name == "options":
        return {key: decimal(of) if key.endswith(_MEASURE) else of for key, of in sorted(value.items())}
    return list(value) if isinstance(value, tuple) else value


def _read(name: str, value: Any) -> Any:
    if name in _MEASURES:
        return float(value)
    if name == "png":
        return base64.b64decode(value)
    if name == "options":
        return {key: float(of) if key.endswith(_MEASURE) else of for key, of in value.items()}
    return tuple(value) if name == "fields" else value


def _box(element: TextElement | FieldsElement | BoxElement | ImageElement) -> None:
    _place(element.x, "x")
    _place(element.y, "y")
    side(element.width, "width")
    side(element.height, "height")


def side(value: object, name: str, least: float = 0.1) -> None:
    """Let pass the side of a box, in mm.

    Raises:
        InvalidInput: it is shorter than `least`, longer than 1000, or no whole number of micrometres.
    """
    _measure(value, name, least, LONGEST_SIDE)


def _place(value: object, name: str) -> None:
    _measure(value, name, 0.0, LONGEST_SIDE)


def _sizes(size: object, least: object) -> None:
    _measure(size, "size", *TEXT_SIZES)
    if least is not None:
        _measure(least, "least", TEXT_SIZES[0], float(size))  # type: ignore[arg-type]  # it is a measure


def _measure(value: object, name: str, low: float, high: float) -> None:
    # The exact types, for True is an int; NaN lies in no range.
    if type(value) in {int, float} and low <= value <= high and round(value, DECIMALS) == value:  # type: ignore[operator, call-overload]
        return
    found = shown(value) if not isinstance(value, float) or math.isfinite(value) else str(value)
    raise InvalidInput(
        f"{name}: expected {low:g} to {high:g} mm with {DECIMALS} decimals at most, found {found}.",
        path=tuple(name.split(".")),
    )


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidInput(f"{name}: expected {' or '.join(allowed)}, found {shown(value)}.", path=(name,))
