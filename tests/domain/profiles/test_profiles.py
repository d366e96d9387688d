"""Profiles: discovery, and what the rules make of a face."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import renderers
from tests.domain.profiles.samples import face_of
from twin.domain import fields, profiles
from twin.domain.actor import Audience
from twin.domain.profiles import LINK, FaceField, Profile, link, profile
from twin.errors import InvalidInput, TooLarge

PART = Profile(
    title="part marking",
    description="A part.",
    face=(
        FaceField("serial", "Serial number", required=True, longest=8, identifier="part"),
        FaceField("lot", "Lot", longest=4),
        FaceField("secret", "Secret", audience=Audience.INTERNAL),
    ),
    identity="part",
    carriers=(link("datamatrix", least_module_mm=0.25),),
)


def test_every_file_here_is_a_profile_and_has_a_test_file() -> None:
    files = {file.stem for folder in profiles.__path__ for file in Path(folder).glob("[!_]*.py")}
    assert list(profiles.profiles()) == sorted(files)
    tests = {file.stem.removeprefix("test_") for file in Path(__file__).parent.glob("test_*.py")}
    assert files <= tests


@pytest.mark.parametrize("name", profiles.profiles())
def test_every_profile_is_sound(name: str) -> None:
    found = profile(name)
    names = [field.name for field in found.face]
    assert names
    assert len(set(names)) == len(names)
    assert all(fields.field_name(field, path=("face",)) for field in names)
    assert found.symbologies
    assert found.title
    assert found.description.endswith(".")
    assert all(found.field(field.name) is field for field in found.face)
    assert found.field("nosuch") is None


@pytest.mark.parametrize("name", ["poster", "", "__init__", "\u202e"])
def test_an_unknown_profile_is_refused_with_those_that_exist(name: str) -> None:
    with pytest.raises(InvalidInput, match="is not known; expected one of alterer_label, asset_tag, ") as refused:
        profile(name)
    assert refused.value.path == ("profile",)


def test_the_face_stands_in_printed_order_and_the_assets_identifier_fills_it() -> None:
    face = PART.complete_face({"secret": "s", "lot": "7"}, ["vin:1M8GDM9AXKP042788", "part:A-1"])
    assert list(face.items()) == [("serial", "A-1"), ("lot", "7"), ("secret", "s")]
    assert PART.complete_face({"serial": "A-1", "lot": None}, ["part:A-1"]) == {"serial": "A-1"}


@pytest.mark.parametrize(
    ("given", "identifiers", "path", "said"),
    [
        ({}, [], ("asset",), "needs an asset with an identifier of the scheme part, found none"),
        ({}, ["vin:1"], ("asset",), "of the scheme part, found vin"),
        ({"serial": "B-2"}, ["part:A-1"], ("face", "serial"), "expected 'A-1', the asset's part, found 'B-2'"),
        (
            {"colour": "red"},
            ["part:A-1"],
            ("face", "colour"),
            "'colour' is not a field of the profile part marking; expected",
        ),
        ({"lot": ""}, ["part:A-1"], ("face", "lot"), "which is empty"),
        ({"lot": "a\n"}, ["part:A-1"], ("face", "lot"), "U+000A at position 2"),
    ],
)
def test_a_face_that_breaks_a_rule(
    given: dict[str, str | None], identifiers: list[str], path: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        PART.complete_face(given, identifiers)
    assert refused.value.path == path
    assert said in refused.value.message


def test_a_text_longer_than_its_field_is_too_large() -> None:
    with pytest.raises(TooLarge, match=r"face\.lot: expected at most 4 characters, found 5") as refused:
        PART.complete_face({"lot": "12345"}, ["part:A-1"])
    assert refused.value.path == ("face", "lot")


def test_a_text_that_stays_is_not_held_to_a_rule_that_came_later() -> None:
    plate, vin = profile("vin_plate"), ["vin:1M8GDM9AXKP042788"]
    with pytest.raises(InvalidInput, match="a year such as 2026, found '89'"):
        plate.complete_face({"modelYear": "89"}, vin)
    old = {"vin": "1M8GDM9AXKP042788", "modelYear": "89"}
    assert plate.complete_face({**old, "manufacturer": "X"}, vin, standing=old)["modelYear"] == "89"
    with pytest.raises(InvalidInput, match="found '88'"):
        plate.complete_face({**old, "modelYear": "88"}, vin, standing=old)


def test_the_first_carrier_of_every_profile_is_the_link() -> None:
    for kind in profiles.profiles().values():
        names = [carrier.name for carrier in kind.carriers]
        assert names[0] == LINK
        assert len(set(names)) == len(names)
        assert [carrier.content is None for carrier in kind.carriers] == [True] + [False] * (len(names) - 1)
        assert all(0.1 <= carrier.least_module_mm <= (carrier.most_module_mm or 1) for carrier in kind.carriers)


def test_every_permitted_symbology_is_one_that_can_be_drawn_and_its_options_are_known() -> None:
    payloads = {"gs1": "0109506000134352", "microqr": "TWIN"}
    for kind in profiles.profiles().values():
        for carrier in kind.carriers:
            for symbology in carrier.symbologies:
                payload = payloads.get("gs1" if symbology.startswith("gs1") else symbology, "TWIN-42")
                options: dict[str, Any] = {**carrier.options_of(symbology)}
                assert renderers.encode(payload, symbology, **options).width


def test_a_carrier_that_the_profile_does_not_have() -> None:
    with pytest.raises(InvalidInput, match="'udi' is not a carrier of the profile part marking; expected one of link"):
        PART.carrier("udi")


@pytest.mark.parametrize("name", profiles.profiles())
def test_the_sample_of_every_profile_is_complete_and_what_carriers_encode_can_be_drawn(name: str) -> None:
    kind, face = profile(name), face_of(name)
    assert {field.name for field in kind.face if field.required} <= face.keys()
    for carrier in kind.carriers:
        content = kind.content(carrier.name, payload="HTTPS://T.EX/L/0", face=face)
        assert content is not None
        for symbology in carrier.symbologies:
            options: dict[str, Any] = {**carrier.options_of(symbology)}
            assert renderers.encode("TWIN" if symbology == "microqr" else content, symbology, **options).width


def test_an_identifier_with_colons_keeps_them() -> None:
    assert PART.complete_face({}, ["part:urn:x:1"])["serial"] == "urn:x:1"
