"""The IUID mark: what is encoded are the pieces that make the UII, or the whole of it."""

from __future__ import annotations

import pytest

from tests.domain.profiles.samples import SAMPLES, UII, face_of
from twin import identity
from twin.domain.profiles import profile
from twin.errors import InvalidInput

MARK = profile("iuid")


@pytest.mark.parametrize(
    ("uii", "pieces", "message"),
    [
        (
            UII,
            {"enterprise": "1AB23", "partNumber": "PN123", "serial": "SER"},
            "[)>\x1e06\x1d17V1AB23\x1d1PPN123\x1dSSER\x1e\x04",
        ),
        ("D1AB23SER", {"enterprise": "1AB23", "serial": "SER"}, "[)>\x1e06\x1d18S1AB23SER\x1e\x04"),
        (
            "D1AB23SER",
            {"enterprise": "1AB23", "partNumber": "PN123", "serial": "SER"},
            "[)>\x1e06\x1d18S1AB23SER\x1d1PPN123\x1e\x04",
        ),
        (UII, {}, f"[)>\x1e06\x1d25S{UII}\x1e\x04"),
    ],
)
def test_what_is_encoded_reads_back_as_the_uii(uii: str, pieces: dict[str, str], message: str) -> None:
    face = MARK.complete_face(pieces, [f"iuid:{uii}"])
    content = MARK.content("iuid", payload="", face=face)
    assert content == message
    assert f"iuid:{uii}" in {found.canonical for found in identity.read(content).candidates}


def test_the_uii_is_that_of_the_asset() -> None:
    with pytest.raises(InvalidInput, match=f"expected '{UII}', the asset's iuid, found 'D1AB23PN123X'"):
        MARK.complete_face({"uii": "D1AB23PN123X"}, SAMPLES["iuid"][0])
    with pytest.raises(InvalidInput, match="scheme iuid, found part"):
        MARK.complete_face({}, ["part:1AB23/PN123/serial/SER"])


def test_modules_are_of_the_sizes_that_the_standard_permits() -> None:
    carrier = MARK.carrier("iuid")
    assert (carrier.symbologies, carrier.least_module_mm, carrier.most_module_mm) == (("datamatrix",), 0.19, 0.64)
    assert face_of("iuid")["uii"] == UII
