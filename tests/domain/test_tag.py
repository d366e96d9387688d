"""What is written into the RFID tag of a label, and when nothing is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from twin.domain.tag import Tag
from twin.domain.template import Template, TextElement
from twin.errors import InvalidInput
from twin.identity import epc

SGTIN = "gs1:01/80614141123458/21/6789"


@pytest.mark.parametrize(
    ("tag", "identifiers", "digits"),
    [
        (Tag(7, 3), ["vin:1M8GDM9AXKP042788", SGTIN], "3074257BF7194E4000001A85"),  # TDS 1.13, E.3
        (Tag(7), ["gs1:00/106141412345678908"], "3114257BF4499602D2000000"),
        (Tag(), ["epc:gid:31415.271828.1414"], "350007AB70425D4000000586"),  # TDS 1.13, E.3
        (Tag(7), ["gs1:01/80614141123458", SGTIN], "3014257BF7194E4000001A85"),  # the product has none
    ],
)
def test_the_shortest_coding_of_the_one_epc(tag: Tag, identifiers: list[str], digits: str) -> None:
    assert tag.epc_of(identifiers) == digits
    assert epc.parse(digits).canonical == identifiers[-1]


@pytest.mark.parametrize(
    ("tag", "identifiers", "found"),
    [
        (Tag(7), [], "found none"),
        (Tag(7), ["vin:1M8GDM9AXKP042788"], "expected an identifier that is an EPC for the tag, found 'vin:1M8GD"),
        (Tag(), [SGTIN], "does not say how long the company prefix"),
        (Tag(7), ["gs1:01/80614141123458"], "expected one object"),
        (Tag(7), [SGTIN, "gs1:8004/061414112345"], f"one identifier that is an EPC for the tag, found '{SGTIN}' and"),
        (Tag(7, 8), [SGTIN], "filter value"),
    ],
)
def test_what_has_no_one_epc_is_refused(tag: Tag, identifiers: list[str], found: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        tag.epc_of(identifiers)
    assert found in refused.value.message


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (lambda: Tag(3), "companyPrefixLength"),
        (lambda: Tag(13), "companyPrefixLength"),
        (lambda: Tag(True), "companyPrefixLength"),
        (lambda: Tag(7, 64), "filterValue"),
        (lambda: Tag(7, -1), "filterValue"),
    ],
)
def test_numbers_are_bounded(made: Callable[[], Tag], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        made()
    assert refused.value.path == ("tag", path)


@pytest.mark.parametrize("tag", [None, Tag(), Tag(7, 3)])
def test_a_template_keeps_its_tag_and_has_another_digest(tag: Tag | None) -> None:
    parts = (TextElement(2, 2, 30, 5, "No. {tag}", 3.0),)
    plain, tagged = Template("asset_tag", 50, 25, parts), Template("asset_tag", 50, 25, parts, tag)
    assert Template.from_document(tagged.as_document()) == tagged
    assert (tagged.sha256 == plain.sha256) is (tag is None)
    assert ("tag" in tagged.as_document()) is (tag is not None)
