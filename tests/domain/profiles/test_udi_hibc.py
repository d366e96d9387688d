"""UDI by HIBCC: the device fills the label, and the symbol ends with its check character."""

from __future__ import annotations

import pytest

from tests.domain.profiles.samples import SAMPLES, face_of
from twin import identity
from twin.domain.profiles import profile
from twin.errors import InvalidInput

LABEL = profile("udi_hibc")


def test_the_device_fills_the_label_and_the_symbol_reads_back_as_the_asset() -> None:
    face = face_of("udi_hibc")
    assert (face["deviceIdentifier"], face["serial"]) == ("A99912345", "S42")
    content = LABEL.content("udi", payload="", face=face)
    assert content is not None
    assert content.startswith("+A99912345/$$7L7/16D20261122/14D20311122/SS42")
    [read] = identity.read(content).candidates
    assert read.canonical in SAMPLES["udi_hibc"][0]
    assert face["udi"] == content


def test_the_product_alone_has_primary_data_alone() -> None:
    assert LABEL.complete_face({}, ["hibc:A123BJC5D6E71"])["udi"] == "+A123BJC5D6E71G"


@pytest.mark.parametrize("lot", ["l7", "L_7", "L/7"])
def test_a_lot_that_hibc_cannot_hold_is_refused_when_it_is_entered(lot: str) -> None:
    with pytest.raises(InvalidInput, match=r"the carrier udi: .* is not a lot"):
        LABEL.complete_face({"lot": lot}, SAMPLES["udi_hibc"][0])


def test_a_device_identifier_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"expected 'A99912345', the asset's hibc, found 'A9'"):
        LABEL.complete_face({"deviceIdentifier": "A9"}, SAMPLES["udi_hibc"][0])
    with pytest.raises(InvalidInput, match="of the scheme hibc, found none"):
        LABEL.complete_face({"deviceIdentifier": "A99912345"}, [])
