"""The asset tag: a number in the owner's books, and a note that is nobody else's business."""

from __future__ import annotations

import pytest

from twin.domain.actor import Audience
from twin.domain.profiles import profile
from twin.errors import InvalidInput, TooLarge

TAG = profile("asset_tag")


def test_a_tag_needs_its_number_and_no_identifier() -> None:
    assert TAG.complete_face({"tag": "7"}, []) == {"tag": "7"}
    assert TAG.complete_face({"tag": "7"}, ["vin:1M8GDM9AXKP042788"]) == {"tag": "7"}
    with pytest.raises(InvalidInput, match=r"face\.tag: Asset number is required"):
        TAG.complete_face({"owner": "Hofmann"}, [])
    with pytest.raises(TooLarge):
        TAG.complete_face({"tag": "7" * 33}, [])


def test_the_note_is_internal_and_the_rest_is_public() -> None:
    assert {field.name: field.audience for field in TAG.face} == {
        "tag": Audience.PUBLIC,
        "owner": Audience.PUBLIC,
        "note": Audience.INTERNAL,
    }


def test_a_phone_reads_a_tag() -> None:
    assert TAG.symbologies[0] == "qr"
    assert TAG.identity is None
