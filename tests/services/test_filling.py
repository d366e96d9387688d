"""A template and a label become a page: values are put in as they are, and nothing is put where there is none."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image

import renderers
from tests.domain.test_template import template
from twin.domain.builtin import sample
from twin.domain.elements import (
    BoxElement,
    Element,
    FieldsElement,
    ImageElement,
    LineElement,
    SymbolElement,
    TextElement,
)
from twin.domain.template import Template
from twin.errors import InvalidInput
from twin.services import printing
from twin.services.filling import ROW_PITCH, marked, page_of

PAYLOAD = "https://id.example.com/L/00000000000000"


def label(profile: str = "asset_tag", **face: str) -> dict[str, Any]:
    head = dict(sample(profile))
    return {"head": {**head, "face": {**head["face"], **face}}}


def page(*elements: Element, document: dict[str, Any] | None = None, **more: Any) -> renderers.Page:
    return page_of(template(*elements, **more), document or label(), PAYLOAD)


def texts(page: renderers.Page) -> list[str]:
    return [element.text for element in page.elements if isinstance(element, renderers.Text)]


def black_png() -> bytes:
    content = BytesIO()
    Image.new("1", (8, 8)).save(content, "PNG")
    return content.getvalue()


def test_everything_has_its_place() -> None:
    found = page(
        TextElement(1, 2, 22, 3, "No. {tag} / {linkId}", 2, 1, "ocr", "right", wrap=True),
        SymbolElement(25, 2, "link", 0.4, "qr", {"level": "H"}, frame=True),
        LineElement(1, 24, 20, 24, 0.2),
        BoxElement(0, 0, 50, 25, 0.1),
        ImageElement(1, 10, 5, 5, black_png()),
    )
    assert (found.width, found.height) == (50, 25)
    assert found.elements == (
        renderers.Text(1, 2, 22, 3, "No. A-000123 / 00000000000000", 2, 1, "ocr", "right", wrap=True),
        renderers.Mark(25, 2, PAYLOAD, "qr", 0.4, {"level": "H"}, frame=True),
        renderers.Line(1, 24, 20, 24, 0.2),
        renderers.Box(0, 0, 50, 25, 0.1),
        renderers.Picture(1, 10, 5, 5, black_png()),
    )
    assert renderers.compose(found).marks[0].element == 1


def test_a_text_without_its_value_is_left_out_and_the_others_keep_their_index() -> None:
    document = label()
    del document["head"]["face"]["owner"]
    found = page(
        TextElement(1, 1, 30, 3, "Property of {owner}", 2),
        TextElement(1, 5, 30, 3, "{tag} {owner}", 2),
        TextElement(1, 9, 30, 3, "{tag}", 2),
        document=document,
    )
    assert texts(found) == ["", "", "A-000123"]
    assert renderers.compose(found).texts == ((2, 2),)


def test_rows_stand_one_below_the_other_in_the_profiles_order() -> None:
    found = page(FieldsElement(2, 3, 40, 10, 2), document=label(note="secret"))
    rows = [element for element in found.elements if isinstance(element, renderers.Text) and element.text]
    assert [row.text for row in rows] == ["Asset number: A-000123", "Property of: Hofmann GmbH"], "what the public sees"
    assert [row.y for row in rows] == [3, 3 + 2 * ROW_PITCH]
    named = page(FieldsElement(2, 3, 40, 10, 2, fields=("note", "tag")), document=label(note="secret"))
    assert texts(named)[1:] == ["Asset number: A-000123", "Note: secret"]
    assert texts(page(FieldsElement(2, 3, 40, 10, 2, fields=("note",))))[1:] == []


def test_many_rows_shrink_as_far_as_they_may() -> None:
    found = page(FieldsElement(2, 3, 40, 4, 2, 1))
    rows = [element for element in found.elements if isinstance(element, renderers.Text) and element.text]
    assert {row.size for row in rows} == {1.538}
    assert rows[-1].y + rows[-1].size <= 7
    with pytest.raises(InvalidInput, match=r"elements.0: 2 rows of 1.8 mm need 4.7 mm, found 4 mm") as refused:
        page(FieldsElement(2, 3, 40, 4, 2, 1.8))
    assert refused.value.path == ("elements", "0")
    with pytest.raises(InvalidInput, match=r"rows of 2 mm need 5.2 mm"):
        page(FieldsElement(2, 3, 40, 4, 2))


def test_a_symbol_encodes_what_the_profile_says() -> None:
    found = page_of(
        Template("logistic_unit", 105, 60, (SymbolElement(5, 5, "sscc", 0.5), SymbolElement(5, 40, "link", 0.3))),
        label("logistic_unit"),
        PAYLOAD,
    )
    sscc, link = found.elements
    assert isinstance(sscc, renderers.Mark)
    assert isinstance(link, renderers.Mark)
    assert (sscc.payload, sscc.symbology) == ("00106141411234567897", "gs1128")
    assert (link.payload, link.symbology) == (PAYLOAD, "qr")
    nameplate = page_of(Template("nameplate", 50, 50, (SymbolElement(5, 5, "link", 0.5),)), label("nameplate"), PAYLOAD)
    [mark] = nameplate.elements
    assert isinstance(mark, renderers.Mark)
    assert mark.options == {"level": "Q"}, "what the profile asks for"


def test_a_carrier_without_content_is_refused_where_it_is_required_and_left_out_where_not() -> None:
    document = label("logistic_unit")
    del document["head"]["face"]["sscc"]
    layout = Template("logistic_unit", 105, 60, (SymbolElement(5, 5, "sscc", 0.5),))
    with pytest.raises(InvalidInput, match=r"elements.0: the carrier sscc .* is required, and the face has nothing"):
        page_of(layout, document, PAYLOAD)
    part = label("component_part")
    del part["head"]["face"]["partNumber"]
    found = page_of(Template("component_part", 20, 20, (SymbolElement(1, 1, "part", 0.3),)), part, PAYLOAD)
    assert texts(found) == [""]


HOSTILE = ["^XA^FDx^FS^XZ~JA", "</text><script>alert(1)</script>", "{linkId}{tag}", "%s {0} \\g<0>", "&lt;", "]]>"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("format_name", ["svg", "zpl", "pdf", "png"])
def test_a_hostile_value_is_drawn_as_text(value: str, format_name: str) -> None:
    found = page(TextElement(1, 1, 48, 3, "{tag}", 2, 0.5), document=label(tag=value))
    assert texts(found) == [value]
    content = printing.draw_page(found, format_name).content
    assert b"<script" not in content
    assert content.count(b"^XA") == (format_name == "zpl")
    assert b"~JA" not in content


def test_what_the_renderers_refuse_is_the_callers_input() -> None:
    with pytest.raises(InvalidInput, match="element 0"):
        printing.draw_page(page(TextElement(1, 1, 5, 3, "{tag}", 3)), "svg")
    with pytest.raises(InvalidInput, match=r"element 1.*found element 0"):
        printing.draw_page(page(BoxElement(1, 1, 9, 9, 1), SymbolElement(1, 1, "link", 0.5)), "svg")
    with pytest.raises(InvalidInput, match="expected at most 500"):
        page(elements=(FieldsElement(1, 1, 40, 20, 1),) * 180)


def test_a_preview_says_so_below_the_label_and_still_scans() -> None:
    whole = page(SymbolElement(1, 1, "link", 0.5))
    found = marked(whole, "PREVIEW: tag@1 is DRAFT. Not for use.")
    assert found.height > whole.height
    assert found.elements[: len(whole.elements)] == whole.elements
    image = Image.open(BytesIO(printing.draw_page(found, "png").content)).convert("L")
    assert [read.text for read in zxingcpp.read_barcodes(image)] == [PAYLOAD]
    margin = image.crop((0, round((whole.height + 1) * 300 / 25.4), image.width, image.height))
    assert margin.getextrema() == (0, 255), "something is written there"
    narrow = marked(page(TextElement(0, 0, 5, 1, "a", 1), width=5, height=5), "PREVIEW: t@1 is DRAFT. Not for use.")
    printing.draw_page(narrow, "pdf")


@pytest.mark.parametrize(("name", "dpi"), [("w" * 64 + "@999999", 300), ("frame-plate@3", 96)])
def test_a_margin_has_room_for_every_name_and_is_legible_on_a_screen(name: str, dpi: int) -> None:
    narrow = page(TextElement(0, 0, 5, 2, "a", 2), width=5, height=5)
    found = marked(narrow, f"PREVIEW: {name} is WITHDRAWN. Not for use.")
    assert printing.draw_page(found, "png", dpi=dpi).content
