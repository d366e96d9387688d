"""A template: the layout of a profile's labels on a stock size, in millimetres.

It says where everything stands, and nothing of what a label says: `{vin}` stands for the field `vin` of whatever label
is drawn. A value is put in as it is: braces in it stand for nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from twin.domain import elements, history
from twin.domain.elements import (
    BoxElement,
    Element,
    FieldsElement,
    ImageElement,
    LineElement,
    SymbolElement,
    TextElement,
)
from twin.domain.history import Document
from twin.domain.profiles import LINK, Profile
from twin.domain.tag import Tag
from twin.errors import InvalidInput, TooLarge, shown, within

__all__ = [
    "BoxElement",
    "Element",
    "FieldsElement",
    "ImageElement",
    "LineElement",
    "SymbolElement",
    "Template",
    "TextElement",
    "filled",
    "placeholders_in",
]

SHORTEST_SIDE: Final = 5.0
MOST_ELEMENTS: Final = 200
MOST_SYMBOLS: Final = 20
MOST_IMAGES: Final = 8
LINK_ID: Final = "linkId"
_FRAMED: Final = "qr"

_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z][A-Za-z0-9]{0,63})\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Template:
    """A layout.

    Args:
        profile: the name of the profile whose labels it draws.
        width, height: of the label, 5 to 1000 mm.
        elements: what stands on it, 1 to 200; later ones are drawn over earlier ones.
        tag: what is written into its RFID tag; None: it has none, or nothing is.

    Raises:
        InvalidInput: a side out of range, no element, one that is not wholly on the label, or braces that are no
            placeholder.
        TooLarge: more than 200 elements, 20 symbols or 8 pictures.

    Examples:
        >>> tag = Template("asset_tag", 50, 25, (TextElement(2, 2, 30, 5, "No. {tag}", 3.0),))
        >>> tag.as_document()["elements"]
        [{'kind': 'text', 'x': '2', 'y': '2', 'width': '30', 'height': '5', 'text': 'No. {tag}', 'size': '3', \
'font': 'sans', 'align': 'left', 'wrap': False}]
        >>> Template.from_document(tag.as_document()) == tag
        True
    """

    profile: str
    width: float
    height: float
    elements: tuple[Element, ...]
    tag: Tag | None = None

    def __post_init__(self) -> None:
        elements.side(self.width, "width", SHORTEST_SIDE)
        elements.side(self.height, "height", SHORTEST_SIDE)
        _few(self.elements, MOST_ELEMENTS, "elements")
        _few([each for each in self.elements if isinstance(each, SymbolElement)], MOST_SYMBOLS, "symbols")
        _few([each for each in self.elements if isinstance(each, ImageElement)], MOST_IMAGES, "pictures")
        if not self.elements:
            raise InvalidInput("elements: expected one at least, found none.", path=("elements",))
        for index, element in enumerate(self.elements):
            with within("elements", str(index)):
                self._require_on_label(element)
                if isinstance(element, TextElement):
                    _require_placeholders(element.text)

    @classmethod
    def from_document(cls, document: Document) -> Template:
        """The template that a document holds."""
        parts = tuple(elements.from_document(each) for each in document["elements"])
        tag = Tag.from_document(document["tag"]) if "tag" in document else None
        return cls(document["profile"], float(document["width"]), float(document["height"]), parts, tag)

    def as_document(self) -> dict[str, Any]:
        """As it is stored: measures are decimal texts."""
        return {
            "profile": self.profile,
            "width": elements.decimal(self.width),
            "height": elements.decimal(self.height),
            "elements": [elements.as_document(each) for each in self.elements],
            **({} if self.tag is None else {"tag": self.tag.as_document()}),
        }

    @property
    def sha256(self) -> str:
        """SHA-256, hexadecimal, over RFC 8785 canonical JSON of its document: what was approved, and what printed."""
        return hashlib.sha256(history.canonical_json(self.as_document())).hexdigest()

    @property
    def placeholders(self) -> tuple[str, ...]:
        """What its texts and rows name, each once, in the order of the elements."""
        return tuple(dict.fromkeys(name for _, name in self._named()))

    def require_fit(self, profile: Profile) -> None:
        """Let pass a template that names only what the profile has.

        Args:
            profile: that of the template's labels.

        Raises:
            InvalidInput: a placeholder, a field or a carrier that the profile does not have, or a symbology that the
                carrier does not permit.
        """
        known = {LINK_ID, *(each.name for each in profile.face)}
        for index, name in self._named():
            if name not in known:
                raise InvalidInput(
                    f"elements.{index}: {shown(name)} is not a field of the profile {profile.title}; expected one of "
                    f"{', '.join(sorted(known))}.",
                    path=("elements", str(index)),
                )
        for index, element in enumerate(self.elements):
            if isinstance(element, SymbolElement):
                with within("elements", str(index)):
                    _require_carrier(element, profile)

    def linked_by(self, symbology: str) -> Template:
        """The same layout with another kind of symbol where the link stands, with what its profile asks for.

        Args:
            symbology: one that the profile permits for the link.
        """
        parts = (
            replace(each, symbology=symbology, options={})
            if isinstance(each, SymbolElement) and each.carrier == LINK
            else each
            for each in self.elements
        )
        return replace(self, elements=tuple(parts))

    def _named(self) -> Iterator[tuple[int, str]]:
        for index, element in enumerate(self.elements):
            if isinstance(element, TextElement):
                yield from ((index, name) for name in placeholders_in(element.text))
            elif isinstance(element, FieldsElement):
                yield from ((index, name) for name in element.fields)

    def _require_on_label(self, element: Element) -> None:
        right, bottom = _extent(element)
        for name, found, most in (("width", right, self.width), ("height", bottom, self.height)):
            if round(found, elements.DECIMALS) > most:
                raise InvalidInput(
                    f"{name}: expected it to end within {most:g} mm, where the label ends, found {found:g} mm.",
                    path=(name,),
                )


def filled(text: str, values: Mapping[str, str]) -> str | None:
    """A template's text with the values in their places; None where one of them is not there.

    Args:
        text: with placeholders.
        values: by the names of the placeholders.

    Examples:
        >>> filled("{width} x {height}", {"width": "20", "height": "{width}"})
        '20 x {width}'
        >>> filled("Model {model}", {}) is None
        True
    """
    if any(name not in values for name in placeholders_in(text)):
        return None
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def placeholders_in(text: str) -> tuple[str, ...]:
    """What a template's text names, in order.

    Examples:
        >>> placeholders_in("{width} x {height}")
        ('width', 'height')
    """
    return tuple(_PLACEHOLDER.findall(text))


def _extent(element: Element) -> tuple[float, float]:
    """Where it ends to the right and at the bottom, in mm; of a symbol only its corner, for it is not encoded yet."""
    if isinstance(element, LineElement):
        return max(element.x, element.to_x), max(element.y, element.to_y)
    if isinstance(element, SymbolElement):
        return element.x, element.y
    return element.x + element.width, element.y + element.height


def _require_placeholders(text: str) -> None:
    rest = _PLACEHOLDER.sub("", text)
    if "{" in rest or "}" in rest:
        raise InvalidInput(
            f"text: expected braces around the name of a field only, such as {{vin}}, found {shown(text)}.",
            path=("text",),
        )


def _require_carrier(element: SymbolElement, profile: Profile) -> None:
    carrier = profile.carrier(element.carrier)
    if element.symbology is not None and element.symbology not in carrier.symbologies:
        raise InvalidInput(
            f"symbology: the carrier {carrier.name} permits {' or '.join(carrier.symbologies)}, "
            f"found {shown(element.symbology)}.",
            path=("symbology",),
        )
    chosen = element.symbology or carrier.symbologies[0]
    if element.frame and chosen != _FRAMED:
        raise InvalidInput(f"frame: expected {_FRAMED} within a frame, found {chosen}.", path=("frame",))


def _few(found: tuple[Element, ...] | list[Element], most: int, what: str) -> None:
    if len(found) > most:
        raise TooLarge(f"elements: expected at most {most} {what}, found {len(found)}.", path=("elements",))
