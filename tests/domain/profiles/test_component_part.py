"""The mark of a component: its maker's numbers, and a message that holds them."""

from __future__ import annotations

import pytest

from tests.domain.profiles.samples import face_of
from twin import identity
from twin.domain.profiles import profile
from twin.errors import InvalidInput

MARK = profile("component_part")


def test_the_makers_numbers_come_from_the_asset() -> None:
    face = face_of("component_part")
    assert (face["maker"], face["partNumber"], face["serial"], face["lot"]) == ("1AB23", "PN777", "SER", "L7")


def test_the_message_names_the_part() -> None:
    content = MARK.content("part", payload="", face=face_of("component_part"))
    assert content == "[)>\x1e06\x1d17V1AB23\x1d1PPN777\x1d1TL7\x1dSSER\x1e\x04"
    named = [name.canonical for each in identity.read(content).candidates for name in (each, *each.implied)]
    assert "part:1AB23/PN777/serial/SER" in named


def test_a_maker_without_a_cage_code_is_on_the_label_and_not_in_the_message() -> None:
    face = MARK.complete_face({}, ["part:HOFMANN/PN%201/lot/L7"])
    assert face == {"maker": "HOFMANN", "partNumber": "PN 1", "lot": "L7"}
    assert MARK.content("part", payload="", face=face) == "[)>\x1e06\x1d1PPN 1\x1d1TL7\x1e\x04"


def test_a_country_is_one_of_the_standard_in_capitals() -> None:
    with pytest.raises(
        InvalidInput, match="a country of ISO 3166-1 by its two letters in capitals, such as DE, found 'de'"
    ):
        MARK.complete_face({"countryOfOrigin": "de"}, ["part:1AB23/PN123"])
