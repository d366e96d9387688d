"""What the profiles of labels on vehicles share.

References:
    49 CFR 565.15(c) (check digit), 565.15(d)(1) (model year); 49 CFR 567.4(g) (weights, block capitals). The text of
    567.4 was not at hand but in excerpts: pounds and block capitals are unverified
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from twin.domain.profiles import FaceField, FieldKind, Rule
from twin.errors import InvalidInput, shown
from twin.identity import vin


def shortened(number: str) -> str:
    """What the public sees of a VIN: who made the vehicle, and enough to tell it from the one beside it.

    A whole VIN leads to keepers, histories and copied keys; who stands before the plate can read the rest there.

    Examples:
        >>> shortened("1M8GDM9AXKP042788")
        '1M8…2788'
    """
    return f"{number[:3]}…{number[-4:]}"


VIN_FIELD = FaceField("vin", "VIN", FieldKind.VIN, public_form=shortened, required=True, longest=17, identifier="vin")

TYPES = (
    "PASSENGER CAR",
    "MULTIPURPOSE PASSENGER VEHICLE",
    "TRUCK",
    "BUS",
    "TRAILER",
    "MOTORCYCLE",
    "LOW-SPEED VEHICLE",
)
"""The types of vehicle of 49 CFR 571.3 that a label classifies a vehicle as (unverified)."""

AXLES = (
    ("gawrFront", "GAWR front"),
    ("gawrFirstIntermediate", "GAWR first intermediate"),
    ("gawrSecondIntermediate", "GAWR second intermediate"),
    ("gawrRear", "GAWR rear"),
)


def _number(face: Mapping[str, str]) -> vin.VIN | None:
    try:
        return vin.parse(face["vin"])
    except (KeyError, InvalidInput):
        return None


def _check_digit(face: Mapping[str, str]) -> str | None:
    number = _number(face)
    if number is None or not number.north_american or number.check_digit_ok:
        return None
    return f"expected the check digit {number.check_digit_expected} at position 9, found {number.check_digit}."


def _model_year(face: Mapping[str, str]) -> str | None:
    number, year = _number(face), face.get("modelYear")
    if number is None or year is None or not number.model_years or year in map(str, number.model_years):
        return None
    expected = " or ".join(map(str, number.model_years))
    return f"expected {expected}, which {number.model_year_code} at position 10 of the VIN means, found {shown(year)}."


CHECK_DIGIT = Rule(
    "vin.check-digit",
    "The VIN of a vehicle for North America has its check digit.",
    _check_digit,
    path=("face", "vin"),
    clause="49 CFR 565.15(c)",
)
MODEL_YEAR = Rule(
    "vin.model-year",
    "The model year is one that position 10 of the VIN means.",
    _model_year,
    path=("face", "modelYear"),
    clause="49 CFR 565.15(d)(1)",
)


def capitals(names: Collection[str], clause: str) -> Rule:
    """The rule that these fields are lettered in capitals."""

    def check(face: Mapping[str, str]) -> str | None:
        small = next((name for name in names if face.get(name, "") != face.get(name, "").upper()), None)
        return None if small is None else f"{small}: expected capitals, found {shown(face[small])}."

    return Rule("text.capitals", "Letters are block capitals.", check, clause=clause)


def pounds(names: Collection[str], clause: str) -> Rule:
    """The rule that these weights are stated in pounds, whatever else they are stated in."""

    def check(face: Mapping[str, str]) -> str | None:
        other = next((name for name in names if name in face and "LB" not in face[name].upper()), None)
        return None if other is None else f"{other}: expected a weight in pounds, found {shown(face[other])}."

    return Rule("weight.pounds", "Weights are stated in pounds.", check, clause=clause)


def axle_fields(clause: str) -> tuple[FaceField, ...]:
    """The gross axle weight ratings, from front to rear."""
    return tuple(FaceField(name, title, FieldKind.MASS, longest=40, clause=clause) for name, title in AXLES)
