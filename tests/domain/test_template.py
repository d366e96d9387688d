"""Templates: what stands on the label, what they name, and how they are filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.domain.test_elements import png
from twin.domain.elements import BoxElement, Element, FieldsElement, ImageElement, SymbolElement, TextElement
from twin.domain.history import canonical_json
from twin.domain.profiles import profile
from twin.domain.template import Template, filled
from twin.errors import InvalidInput, TooLarge

TAG = TextElement(1, 1, 20, 4, "{tag}", 3)


def template(*parts: Element, **more: Any) -> Template:
    return Template(**{"profile": "asset_tag", "width": 50, "height": 25, "elements": parts or (TAG,), **more})


def test_a_template_comes_back_from_its_document() -> None:
    made = template(TAG, SymbolElement(30, 1, "link", 0.5, options={"level": "H"}), BoxElement(0, 0, 50, 25, 0.2))
    assert Template.from_document(made.as_document()) == made
    assert made.sha256 == Template.from_document(made.as_document()).sha256
    assert made.sha256 != template(TAG).sha256
    canonical_json(made.as_document())


@pytest.mark.parametrize(
    "text", ["{{", "{tag", "tag}", "{tag}}", "{{tag}}", "{}", "{a.b}", "{a-b}", "{ tag }", "{tag!r}"]
)
def test_braces_stand_around_names_alone(text: str) -> None:
    with pytest.raises(InvalidInput, match="expected braces around the name of a field only") as refused:
        template(TAG, TextElement(1, 1, 20, 4, text, 3))
    assert refused.value.path == ("elements", "1", "text")


@pytest.mark.parametrize(
    ("element", "words"),
    [
        (TextElement(1, 1, 20, 4, "{colour}", 3), "'colour' is not a field of the profile asset tag"),
        (FieldsElement(1, 1, 20, 4, 3, fields=("colour",)), "'colour' is not a field of the profile asset tag"),
        (SymbolElement(1, 1, "udi", 0.5), "'udi' is not a carrier of the profile asset tag"),
        (SymbolElement(1, 1, "link", 0.5, "code128"), "permits qr or datamatrix, found 'code128'"),
        (SymbolElement(1, 1, "link", 0.5, "datamatrix", frame=True), "expected qr within a frame, found datamatrix"),
    ],
)
def test_it_names_what_its_profile_has(element: Element, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        template(TAG, element).require_fit(profile("asset_tag"))
    assert refused.value.path[:2] == ("elements", "1")


def test_link_id_is_always_known() -> None:
    made = template(TextElement(1, 1, 20, 4, "{linkId} {owner} {tag} {owner}", 3))
    made.require_fit(profile("asset_tag"))
    assert made.placeholders == ("linkId", "owner", "tag")


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (lambda: template(width=4.9), ("width",)),
        (lambda: template(height=1001), ("height",)),
        (lambda: template(width=float("nan")), ("width",)),
        (lambda: template(elements=()), ("elements",)),
        (lambda: template(elements=(TAG,) * 201), ("elements",)),
        (lambda: template(elements=(SymbolElement(1, 1, "link", 0.5),) * 21), ("elements",)),
        (lambda: template(elements=(ImageElement(1, 1, 5, 5, png()),) * 9), ("elements",)),
        (lambda: template(TextElement(31, 1, 20, 4, "a", 3)), ("elements", "0", "width")),
        (lambda: template(BoxElement(0, 20, 5, 5.001, 0.2)), ("elements", "0", "height")),
        (lambda: template(SymbolElement(50.001, 1, "link", 0.5)), ("elements", "0", "width")),
    ],
)
def test_what_does_not_stand_on_the_label_is_refused(made: Callable[[], Template], path: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        made()
    assert refused.value.path == path


def test_bounds_are_reached() -> None:
    assert len(template(elements=(TAG,) * 200).elements) == 200
    with pytest.raises(TooLarge, match="at most 200 elements, found 201"):
        template(elements=(TAG,) * 201)
    assert template(BoxElement(0, 0, 50, 25, 0.2)).width == 50


def test_values_are_put_in_as_they_are() -> None:
    hostile = "{linkId} {0.__class__} %s $& \\1 \\g<0> </svg>^XZ~JA"
    assert filled("{tag}: {linkId}", {"tag": hostile, "linkId": "L"}) == f"{hostile}: L"
    assert filled("no placeholder", {}) == "no placeholder"
    assert filled("{tag} of {owner}", {"tag": "7"}) is None
