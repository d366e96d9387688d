"""The elements of a template in the API: what stands where, in millimetres from the upper left corner of the label."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import fields
from enum import Enum
from typing import Annotated, Any

import strawberry

from twin.api.graphql.nodes import Field, FieldInput
from twin.domain import elements as domain
from twin.domain.elements import DECIMALS
from twin.errors import InvalidInput, shown, within

WORD = "A field of the face, `{vin}`, or `{linkId}`; braces stand for nothing else."


@strawberry.enum(description="A typeface.")
class Font(Enum):
    """What texts are set in."""

    SANS = strawberry.enum_value("sans", description="A plain one that covers Latin, Greek and Cyrillic.")
    OCR = strawberry.enum_value("ocr", description="One like OCR-B, for lines that people and machines read.")


@strawberry.enum(description="Where a line of text stands in its box.")
class Alignment(Enum):
    """To which side."""

    LEFT = strawberry.enum_value("left", description="At the left side.")
    CENTRE = strawberry.enum_value("centre", description="In the middle.")
    RIGHT = strawberry.enum_value("right", description="At the right side.")


@strawberry.type(description="A text in a box. One that names a field which the label leaves empty is left out.")
class TextElement:
    """A text, and the placeholders in it."""

    x: float = strawberry.field(description="Left side of the box.")
    y: float = strawberry.field(description="Upper side of the box, where the capitals of the first line begin.")
    width: float = strawberry.field(description="What every line must fit into.")
    height: float = strawberry.field(description="What all lines must fit into.")
    text: str = strawberry.field(description=f"What stands there. {WORD}")
    size: float = strawberry.field(description="Height of a capital letter, 0.5 to 100 mm.")
    least: float | None = strawberry.field(
        default=None, description="What it may shrink down to so that it fits; null: not at all."
    )
    font: Font = strawberry.field(default=Font.SANS, description="The typeface.")
    align: Alignment = strawberry.field(default=Alignment.LEFT, description="Where lines stand in the box.")
    wrap: bool = strawberry.field(default=False, description="Whether lines may end between words.")


@strawberry.type(description="A row `Title: value` for each field that has a value, in the profile's order.")
class FieldsElement:
    """Repeated fields."""

    x: float = strawberry.field(description="Left side of the box.")
    y: float = strawberry.field(description="Upper side of the box.")
    width: float = strawberry.field(description="What every row must fit into.")
    height: float = strawberry.field(description="What all rows must fit into.")
    size: float = strawberry.field(description="Height of a capital letter, 0.5 to 100 mm.")
    least: float | None = strawberry.field(
        default=None, description="What it may shrink down to so that all rows fit; null: not at all."
    )
    font: Font = strawberry.field(default=Font.SANS, description="The typeface.")
    fields: list[str] = strawberry.field(
        default_factory=list, description="Names of fields; none: all that the public may see."
    )


@strawberry.type(description="One of the symbols that the profile asks for.")
class SymbolElement:
    """A carrier in its place."""

    x: float = strawberry.field(description="Left side of its quiet zone.")
    y: float = strawberry.field(description="Upper side of its quiet zone.")
    carrier: str = strawberry.field(description="The profile's carrier; `link` leads to the twin.")
    module: float = strawberry.field(description="Side of a module or width of the narrowest bar, 0.1 to 20 mm.")
    symbology: str | None = strawberry.field(
        default=None, description="One that the carrier permits, such as `qr`; null: its first."
    )
    options: list[Field] = strawberry.field(
        default_factory=list, description="What the symbology lets be chosen, such as `level`; `bar_mm` is a number."
    )
    frame: bool = strawberry.field(default=False, description="Whether the frame of IEC 61406 stands around it.")


@strawberry.type(description="A line across or down.")
class LineElement:
    """A stroke."""

    x: float = strawberry.field(description="Where it begins.")
    y: float = strawberry.field(description="Where it begins.")
    to_x: float = strawberry.field(description="Where it ends.")
    to_y: float = strawberry.field(description="Where it ends.")
    thickness: float = strawberry.field(description="Of the stroke, 0.05 to 50 mm.")


@strawberry.type(description="The outline of a rectangle.")
class BoxElement:
    """Four strokes."""

    x: float = strawberry.field(description="Left side.")
    y: float = strawberry.field(description="Upper side.")
    width: float = strawberry.field(description="From outer edge to outer edge.")
    height: float = strawberry.field(description="From outer edge to outer edge.")
    thickness: float = strawberry.field(description="Of the strokes, 0.05 mm to half of the shorter side.")


@strawberry.type(description="A picture in black and white, stretched over its box.")
class ImageElement:
    """A mark or a logo."""

    x: float = strawberry.field(description="Left side.")
    y: float = strawberry.field(description="Upper side.")
    width: float = strawberry.field(description="Of the box.")
    height: float = strawberry.field(description="Of the box.")
    png: str = strawberry.field(description="A PNG file of 64 KiB and 1,024 dots a side at most, in base64.")


TemplateElement = Annotated[
    TextElement | FieldsElement | SymbolElement | LineElement | BoxElement | ImageElement,
    strawberry.union("TemplateElement", description="What stands on a label. All measures are millimetres."),
]


@strawberry.input(description="A text in a box. One that names a field which the label leaves empty is left out.")
class TextElementInput(TextElement):
    """A text, as it is asked for."""


@strawberry.input(description="A row `Title: value` for each field that has a value, in the profile's order.")
class FieldsElementInput(FieldsElement):
    """Repeated fields, as they are asked for."""


@strawberry.input(description="One of the symbols that the profile asks for.")
class SymbolElementInput(SymbolElement):
    """A carrier, as it is asked for."""

    options: list[FieldInput] = strawberry.field(  # type: ignore[assignment]  # an input has inputs
        default_factory=list, description="What the symbology lets be chosen, such as `level`; `bar_mm` is a number."
    )


@strawberry.input(description="A line across or down.")
class LineElementInput(LineElement):
    """A stroke, as it is asked for."""


@strawberry.input(description="The outline of a rectangle.")
class BoxElementInput(BoxElement):
    """Four strokes, as they are asked for."""


@strawberry.input(description="A picture in black and white, stretched over its box.")
class ImageElementInput(ImageElement):
    """A picture, as it is asked for."""


@strawberry.input(
    one_of=True,
    description="One thing on a label. Measures are millimetres from its upper left corner, rounded to micrometres.",
)
class TemplateElementInput:
    """Exactly one of them."""

    text: TextElementInput | None = strawberry.field(default=strawberry.UNSET, description="A text.")
    fields: FieldsElementInput | None = strawberry.field(default=strawberry.UNSET, description="A row for each field.")
    symbol: SymbolElementInput | None = strawberry.field(default=strawberry.UNSET, description="A symbol.")
    line: LineElementInput | None = strawberry.field(default=strawberry.UNSET, description="A line.")
    box: BoxElementInput | None = strawberry.field(default=strawberry.UNSET, description="A box.")
    image: ImageElementInput | None = strawberry.field(default=strawberry.UNSET, description="A picture.")


_SHOWN: dict[type[Any], type[Any]] = {
    domain.TextElement: TextElement,
    domain.FieldsElement: FieldsElement,
    domain.SymbolElement: SymbolElement,
    domain.LineElement: LineElement,
    domain.BoxElement: BoxElement,
    domain.ImageElement: ImageElement,
}


def shown_element(element: domain.Element) -> Any:
    """An element as the API shows it."""
    given = {each.name: _out(each.name, getattr(element, each.name)) for each in fields(element)}
    return _SHOWN[type(element)](**given)


def elements_of(given: Sequence[TemplateElementInput]) -> tuple[domain.Element, ...]:
    """The elements that the API was given.

    Raises:
        InvalidInput: one of them is none, with its index in the path.
    """
    found = []
    for index, one in enumerate(given):
        kind, element = next(
            (kind, each) for kind in domain.KINDS if (each := getattr(one, kind)) is not strawberry.UNSET
        )
        with within("elements", str(index)):
            found.append(_element(kind, element))
    return tuple(found)


def _element(kind: str, element: Any) -> domain.Element:
    known = domain.KINDS[kind]
    return known(**{each.name: _in(each.name, getattr(element, each.name)) for each in fields(known)})


def _out(name: str, value: Any) -> Any:
    if name == "png":
        return base64.b64encode(value).decode()
    if name == "options":
        return [Field(name=key, value=of if isinstance(of, str) else domain.decimal(of)) for key, of in value.items()]
    if name == "font":
        return Font(value)
    if name == "align":
        return Alignment(value)
    return list(value) if isinstance(value, tuple) else value


def _in(name: str, value: Any) -> Any:
    if name == "png":
        return domain.picture(value)
    if name == "options":
        return _options(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return tuple(value)
    return round(value, DECIMALS) if isinstance(value, float) else value


def _options(given: Sequence[FieldInput]) -> dict[str, domain.Option]:
    found: dict[str, domain.Option] = {}
    for option in given:
        if option.name in found or option.value is None:
            raise InvalidInput(
                f"options: expected a value for each, once, found {shown(option.name)} twice or without one.",
                path=("options",),
            )
        found[option.name] = domain.option(option.name, option.value)
    return found
