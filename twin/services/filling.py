"""Filling: a template and what one label says become a page, which the renderers compose."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import renderers
from renderers.layout import Element as Placed
from twin.domain import template as layout
from twin.domain.actor import Audience
from twin.domain.history import Document
from twin.domain.profiles import Profile, profile
from twin.domain.template import FieldsElement, SymbolElement, Template, TextElement
from twin.errors import InvalidInput

ROW_PITCH = 1.6
"""From one row of fields to the next, in heights of a capital letter."""

MARGIN_MM = 7.5
NARROWEST_MARGIN_MM = 50.0  # the longest name of a template fits


def page_of(template: Template, label: Document, payload: str, epc: str | None = None) -> renderers.Page:
    """A template filled with what one label says.

    An element of the template has the same index on the page, so that errors name it; rows of fields come after them.

    Args:
        template: the layout.
        label: the label's document: the face and the link id of its `head` count.
        payload: what the link encodes.
        epc: hexadecimal digits for the label's RFID tag; None: nothing is written.

    Raises:
        InvalidInput: a symbol that the profile requires has nothing to encode, or rows have too little room.
    """
    head, known = label["head"], profile(template.profile)
    face = head.get("face", {})
    elements: list[Placed] = []
    rows: list[Placed] = []
    with translated():
        for index, element in enumerate(template.elements):
            if isinstance(element, TextElement):
                elements.append(_text(element, {**face, layout.LINK_ID: head["link_id"]}))
            elif isinstance(element, SymbolElement):
                elements.append(_mark(element, index, known, payload, face))
            elif isinstance(element, FieldsElement):
                elements.append(_nothing(element))
                rows += _rows(element, index, known, face)
            else:
                elements.append(_drawn(element))
        return renderers.Page(template.width, template.height, (*elements, *rows), epc)


def marked(page: renderers.Page, words: str) -> renderers.Page:
    """The page with a margin below the label that says what it is: a preview that nobody can take for the label.

    Args:
        page: the label.
        words: what the margin says.
    """
    width = max(page.width, NARROWEST_MARGIN_MM)
    edge = page.height + 0.5
    margin = (
        renderers.Line(0.0, edge, width, edge, 0.2),
        renderers.Text(1.0, edge + 1.2, width - 2, 5.2, words, size=2.0, least=0.5, wrap=True),
    )
    return replace(page, width=width, height=page.height + MARGIN_MM, elements=(*page.elements, *margin))


def _text(element: TextElement, values: Document) -> renderers.Text:
    text = layout.filled(element.text, values)
    if text is None:
        return _nothing(element)
    return renderers.Text(
        element.x,
        element.y,
        element.width,
        element.height,
        text,
        element.size,
        element.least,
        element.font,
        element.align,
        element.wrap,
    )


def _nothing(element: layout.Element) -> renderers.Text:
    """What is drawn of an element that has nothing to say."""
    return renderers.Text(element.x, element.y, 1.0, 1.0, "", 1.0)


def _mark(element: SymbolElement, index: int, known: Profile, payload: str, face: Document) -> Placed:
    carrier = known.carrier(element.carrier)
    content = known.content(element.carrier, payload=payload, face=face)
    if content is None and carrier.required:
        raise InvalidInput(
            f"elements.{index}: the carrier {carrier.name} of the profile {known.title} is required, and the face has "
            "nothing that it encodes.",
            path=("elements", str(index)),
        )
    if content is None:
        return _nothing(element)
    symbology = element.symbology or carrier.symbologies[0]
    options = {**carrier.options_of(symbology), **element.options}
    return renderers.Mark(element.x, element.y, content, symbology, element.module, options, element.frame)


def _rows(element: FieldsElement, index: int, known: Profile, face: Document) -> Iterator[renderers.Text]:
    """One text for each field that has a value, all of one size: smaller than it should be where they are many."""
    named = [field for field in known.face if field.name in face and _shown(field.name, element, known)]
    heights = ROW_PITCH * max(len(named) - 1, 0) + 1
    size = min(element.size, math.floor(1000 * element.height / heights) / 1000)
    if size < (element.size if element.least is None else element.least):
        raise InvalidInput(
            f"elements.{index}: {len(named)} rows of {element.least or element.size:g} mm need "
            f"{heights * (element.least or element.size):.1f} mm, found {element.height:g} mm.",
            path=("elements", str(index)),
        )
    for row, field in enumerate(named):
        yield renderers.Text(
            element.x,
            round(element.y + row * ROW_PITCH * size, 3),
            element.width,
            size,
            f"{field.title}: {face[field.name]}",
            size,
            element.least,
            element.font,
        )


def _shown(name: str, element: FieldsElement, known: Profile) -> bool:
    field = known.field(name)
    return name in element.fields if element.fields else field is not None and field.audience is Audience.PUBLIC


def _drawn(element: layout.LineElement | layout.BoxElement | layout.ImageElement) -> Placed:
    if isinstance(element, layout.LineElement):
        return renderers.Line(element.x, element.y, element.to_x, element.to_y, element.thickness)
    if isinstance(element, layout.BoxElement):
        return renderers.Box(element.x, element.y, element.width, element.height, element.thickness)
    return renderers.Picture(element.x, element.y, element.width, element.height, element.png)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the renderers refuse into what the caller did wrong."""
    try:
        yield
    except renderers.RenderError as error:
        raise InvalidInput(str(error)) from error
