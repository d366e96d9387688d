"""The label of a battery: the ten points of annex VI, part A, and a QR code."""

from __future__ import annotations

import pytest

from tests.domain.profiles.samples import SAMPLES, face_of
from twin.domain.profiles import profile
from twin.errors import InvalidInput

LABEL = profile("battery")


def test_the_ten_points_of_the_annex_stand_in_their_order() -> None:
    part = "Regulation (EU) 2023/1542, annex VI, part A, "
    points = [field.clause.removeprefix(part) for field in LABEL.face if field.clause and part in field.clause]
    assert points == [str(point) for point in range(1, 11)]


def test_the_serial_number_comes_from_the_asset_where_it_has_one() -> None:
    assert face_of("battery")["serial"] == "BAT42"
    _, given = SAMPLES["battery"]
    assert "serial" not in LABEL.complete_face(given, ())


def test_a_qr_code_alone_leads_to_the_passport() -> None:
    assert LABEL.symbologies == ("qr",)
    assert LABEL.carrier("link").clause == "Regulation (EU) 2023/1542, annex VI, part C"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"category": "Car"}, "expected one of Portable"),
        ({"capacity": "14 Ah"}, "a number such as 12.5"),
        ({"capacity": "1e3"}, "a number such as 12.5"),
        ({"weight": "3,2 kg"}, "a mass in kg"),
        ({"extinguishingAgent": None}, "is required"),
    ],
)
def test_what_is_not_of_its_kind_is_refused(changes: dict[str, str | None], said: str) -> None:
    identifiers, given = SAMPLES["battery"]
    with pytest.raises(InvalidInput, match=said):
        LABEL.complete_face({**given, **changes}, identifiers)
