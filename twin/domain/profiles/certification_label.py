"""The label by which a vehicle's manufacturer certifies it.

The text of 567.4 was at hand in excerpts alone. The order is sure from an interpretation of NHTSA, the ratings from
567.7(b)(2), which refers to them; height of letters, capitals and the wording of the statement are unverified.

References:
    49 CFR 567.4(g) (what the label says, in which order); NHTSA interpretation nht71-1.8 (more text at
    the bottom alone)
"""

from collections.abc import Mapping
from dataclasses import replace

from twin.domain.profiles import FaceField, FieldKind, Profile, Rule, link
from twin.domain.profiles._vehicle import AXLES, CHECK_DIGIT, TYPES, VIN_FIELD, axle_fields, capitals, pounds
from twin.domain.template import FieldsElement, SymbolElement, Template, TextElement
from twin.errors import shown

_ORDER = "49 CFR 567.4(g)"
_STATEMENT = "THIS VEHICLE CONFORMS TO ALL APPLICABLE"
_IN_EFFECT = "IN EFFECT ON THE DATE OF MANUFACTURE SHOWN ABOVE"
_RATINGS = ("gvwr", *(name for name, _ in AXLES))


def _axles(face: Mapping[str, str]) -> str | None:
    if any(name in face for name, _ in AXLES):
        return None
    return "expected a gross axle weight rating for each axle, found none."


def _wording(face: Mapping[str, str]) -> str | None:
    statement = face.get("statement", "").upper().rstrip(".")
    if statement.startswith(_STATEMENT) and statement.endswith(_IN_EFFECT):
        return None
    return f"expected {_STATEMENT} … {_IN_EFFECT}, found {shown(face.get('statement', ''))}."


PROFILE = Profile(
    title="certification label",
    description="The label by which a vehicle's manufacturer certifies that it conforms.",
    face=(
        FaceField("manufacturer", "Manufactured by", required=True, clause="49 CFR 567.4(g)(1)"),
        FaceField(
            "manufactured",
            "Month of manufacture",
            FieldKind.MONTH,
            required=True,
            longest=7,
            clause="49 CFR 567.4(g)(2)",
        ),
        FaceField("gvwr", "GVWR", FieldKind.MASS, required=True, longest=40, clause="49 CFR 567.4(g)(3)"),
        *axle_fields("49 CFR 567.4(g)(4)"),
        FaceField("statement", "Statement", required=True, longest=300, clause="49 CFR 567.4(g)(5)"),
        replace(VIN_FIELD, clause="49 CFR 567.4(g)(6)"),
        FaceField(
            "type", "Type", FieldKind.CHOICE, required=True, longest=40, choices=TYPES, clause="49 CFR 567.4(g)(7)"
        ),
        FaceField("extra", "Further text", longest=200, clause="NHTSA interpretation nht71-1.8"),
    ),
    identity="vin",
    carriers=(link("datamatrix", "qr", least_module_mm=0.25),),
    rules=(
        CHECK_DIGIT,
        Rule("gawr.each-axle", "Each axle's weight rating is stated.", _axles, clause="49 CFR 567.4(g)(4)"),
        pounds(_RATINGS, "49 CFR 567.4(g)(3)"),
        Rule(
            "statement.wording",
            "The statement of conformity has the words of the regulation.",
            _wording,
            path=("face", "statement"),
            clause="49 CFR 567.4(g)(5)",
        ),
        capitals(("manufacturer", *_RATINGS, "statement"), _ORDER),
    ),
    ordered=_ORDER,
    least_text_mm=2.38,  # 3/32 inch
    text_clause=_ORDER,
)

TEMPLATE = Template(
    profile="certification_label",
    width=100,
    height=60,
    elements=(
        FieldsElement(2, 1.8, 85, 25.5, size=2.4, fields=("manufacturer", "manufactured", *_RATINGS)),
        SymbolElement(88, 1.5, carrier="link", module=0.3),
        TextElement(2, 28.6, 96, 18, "{statement}", size=2.4, wrap=True),
        TextElement(2, 48.4, 96, 2.4, "VIN: {vin}", size=2.4),
        TextElement(2, 52.3, 96, 2.4, "TYPE: {type}", size=2.4),
        TextElement(2, 56.2, 96, 2.4, "{extra}", size=2.4),
    ),
)

SAMPLE = {
    "manufacturer": "HOFMANN TRUCKS INC.",
    "manufactured": "11/2026",
    "gvwr": "2449 KG (5400 LB)",
    "gawrFront": "1224 KG (2700 LB)",
    "gawrRear": "1224 KG (2700 LB)",
    "statement": (
        "THIS VEHICLE CONFORMS TO ALL APPLICABLE FEDERAL MOTOR VEHICLE SAFETY, BUMPER, AND THEFT PREVENTION STANDARDS "
        "IN EFFECT ON THE DATE OF MANUFACTURE SHOWN ABOVE."
    ),
    "vin": "1M8GDM9AXKP042788",
    "type": "TRUCK",
}
