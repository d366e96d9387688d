"""The label of a logistic unit: the SSCC of the asset, in GS1-128 and for people."""

from __future__ import annotations

import pytest

from tests.domain.profiles.samples import SAMPLES, face_of
from twin import identity
from twin.domain.profiles import profile
from twin.errors import InvalidInput

LABEL = profile("logistic_unit")
SSCC = "106141411234567897"


def test_the_sscc_comes_from_the_asset_and_is_read_back_as_it() -> None:
    face = face_of("logistic_unit")
    assert (face["sscc"], face["hri"]) == (SSCC, f"(00){SSCC}")
    content = LABEL.content("sscc", payload="", face=face)
    assert content == f"00{SSCC}"
    [read] = identity.read(content, "]C1").candidates
    assert read.canonical in SAMPLES["logistic_unit"][0]


def test_bars_are_of_the_sizes_for_scanning_at_a_distance() -> None:
    carrier = LABEL.carrier("sscc")
    assert (carrier.symbologies, carrier.least_module_mm, carrier.most_module_mm) == (("gs1128",), 0.495, 1.016)


def test_another_sscc_a_wrong_check_digit_and_an_asset_without_one() -> None:
    identifiers, _ = SAMPLES["logistic_unit"]
    with pytest.raises(InvalidInput, match="an SSCC of 18 digits with its check digit"):
        LABEL.complete_face({"sscc": "106141411234567898"}, identifiers)
    with pytest.raises(InvalidInput, match=f"expected '{SSCC}', the asset's gs1"):
        LABEL.complete_face({"sscc": "006141411234567890"}, identifiers)
    with pytest.raises(InvalidInput, match="SSCC is required"):
        LABEL.complete_face({}, ["gs1:01/09506000134352"])
