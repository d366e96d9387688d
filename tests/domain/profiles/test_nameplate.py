"""The nameplate: the mandatory properties of the submodel that a person reads, and a link of level Q."""

from __future__ import annotations

import pytest

from tests.domain.profiles.samples import SAMPLES
from twin.domain.profiles import profile, profiles
from twin.errors import InvalidInput

PLATE = profile("nameplate")
MANDATORY = (
    "manufacturerName",
    "manufacturerProductDesignation",
    "addressInformation",
    "orderCodeOfManufacturer",
)


def test_the_mandatory_properties_are_required() -> None:
    assert tuple(field.name for field in PLATE.face if field.required) == MANDATORY
    assert all(field.clause is not None and field.clause.startswith("IDTA 02006-3-0") for field in PLATE.face)


@pytest.mark.parametrize("name", MANDATORY)
def test_without_one_of_them_there_is_no_label(name: str) -> None:
    _, given = SAMPLES["nameplate"]
    with pytest.raises(InvalidInput, match="is required by the profile nameplate"):
        PLATE.complete_face({**given, name: None}, ())


def test_the_link_has_error_correction_q_as_a_qr_code() -> None:
    link = PLATE.carrier("link")
    assert (link.options_of("qr"), link.options_of("datamatrix")) == ({"level": "Q"}, {})
    assert link.least_module_mm == 0.25


def test_the_link_stands_in_lower_case_on_a_nameplate_alone() -> None:
    assert [name for name, known in profiles().items() if known.lower_case_link] == ["nameplate"]
