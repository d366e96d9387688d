"""The certification label: what it says stands in the order of the regulation, from front axle to rear."""

from __future__ import annotations

import pytest

from tests.domain.profiles.samples import SAMPLES, VIN, face_of
from twin.domain.profiles import profile
from twin.errors import InvalidInput

LABEL = profile("certification_label")


def test_the_face_stands_in_the_order_of_the_clause() -> None:
    face = face_of("certification_label")
    assert list(face) == ["manufacturer", "manufactured", "gvwr", "gawrFront", "gawrRear", "statement", "vin", "type"]
    assert LABEL.ordered == "49 CFR 567.4(g)"
    clauses = [field.clause for field in LABEL.face if field.clause and field.clause.startswith("49 CFR 567.4(g)(")]
    assert clauses == sorted(clauses)


def test_intermediate_axles_stand_between_front_and_rear() -> None:
    identifiers, given = SAMPLES["certification_label"]
    axles = {"gawrSecondIntermediate": "1000 KG (2205 LB)", "gawrFirstIntermediate": "900 KG (1984 LB)"}
    face = LABEL.complete_face({**given, **axles}, identifiers)
    assert [name for name in face if name.startswith("gawr")] == [
        "gawrFront",
        "gawrFirstIntermediate",
        "gawrSecondIntermediate",
        "gawrRear",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"manufactured": "2026-11"}, "a month and a year such as 11/2026"),
        ({"gvwr": "heavy"}, "a mass in kg, g, t or lb"),
        ({"type": "truck"}, "expected one of PASSENGER CAR, MULTIPURPOSE"),
        ({"statement": None}, "Statement is required"),
    ],
)
def test_what_is_not_of_its_kind_is_refused(changes: dict[str, str | None], said: str) -> None:
    identifiers, given = SAMPLES["certification_label"]
    with pytest.raises(InvalidInput, match=said):
        LABEL.complete_face({**given, **changes}, identifiers)


def test_letters_are_three_thirty_seconds_of_an_inch() -> None:
    assert LABEL.least_text_mm == pytest.approx(3 / 32 * 25.4, abs=0.002)
    assert face_of("certification_label")["vin"] == VIN
