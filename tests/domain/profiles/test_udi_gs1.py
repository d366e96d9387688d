"""UDI by GS1: the key of the asset fills the label, and the symbol holds all that the label says."""

from __future__ import annotations

import pytest

from tests.domain.profiles.samples import SAMPLES, face_of
from twin import identity
from twin.domain.profiles import profile
from twin.errors import InvalidInput

LABEL = profile("udi_gs1")
GTIN = "09506000134352"


def test_device_identifier_and_serial_number_come_from_the_asset() -> None:
    face = face_of("udi_gs1")
    assert (face["deviceIdentifier"], face["serial"], face["lot"]) == (GTIN, "SER42", "L7")
    assert LABEL.complete_face({}, [f"gs1:01/{GTIN}/10/L7"]) == {
        "deviceIdentifier": GTIN,
        "lot": "L7",
        "udi": f"(01){GTIN}(10)L7",
    }


def test_the_symbol_holds_the_elements_with_separators_and_reads_back_as_the_asset() -> None:
    content = LABEL.content("udi", payload="", face=face_of("udi_gs1"))
    assert content == f"01{GTIN}112611221731112210L7\x1d21SER42"
    [read] = identity.read(content, "]d2").candidates
    assert read.canonical in SAMPLES["udi_gs1"][0]
    assert face_of("udi_gs1")["udi"] == f"(01){GTIN}(11)261122(17)311122(10)L7(21)SER42"


def test_the_link_holds_the_payload() -> None:
    assert LABEL.content("link", payload="HTTP://X/L/1", face={}) == "HTTP://X/L/1"
    assert LABEL.content("udi", payload="HTTP://X/L/1", face={}) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"serial": "SER43"}, "expected 'SER42', the asset's gs1, found 'SER43'"),
        ({"expires": "2031-02-30"}, "a date such as 2026-11-22"),
        ({"expires": "31-02-2030"}, "a date such as 2026-11-22"),
        ({"lot": "L 7"}, "without blanks"),
        ({"lot": "L~7"}, "the carrier udi: 'L~7'"),
        ({"lot": "L\x1d7"}, "U\\+001D"),
    ],
)
def test_what_no_symbol_may_hold_is_refused_when_it_is_entered(given: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        LABEL.complete_face(given, SAMPLES["udi_gs1"][0])


def test_a_pallet_is_no_device() -> None:
    with pytest.raises(InvalidInput, match=r"Device identifier \(GTIN\) is required"):
        LABEL.complete_face({}, ["gs1:00/106141411234567897"])


def test_an_asset_of_two_gtins_asks_which_one_is_meant() -> None:
    both = [f"gs1:01/{GTIN}", "gs1:01/09521234543213"]
    with pytest.raises(InvalidInput, match=f"found none of '{GTIN}', '09521234543213'"):
        LABEL.complete_face({}, both)
    assert LABEL.complete_face({"deviceIdentifier": "09521234543213"}, both)["deviceIdentifier"] == "09521234543213"
