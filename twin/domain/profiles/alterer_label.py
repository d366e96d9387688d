"""The label that who alters a certified vehicle adds beside the manufacturer's, which stays.

References:
    49 CFR 567.7(b)(1) (the statement), 567.7(b)(2) (ratings that changed), 567.7(b)(3) (another type); 567.4(g) for the
    manner of the label, of which the height of letters and the capitals are unverified
"""

from collections.abc import Mapping

from twin.domain.profiles import FaceField, FieldKind, Profile, Rule, link
from twin.domain.profiles._vehicle import AXLES, CHECK_DIGIT, TYPES, VIN_FIELD, axle_fields, capitals, pounds
from twin.domain.template import FieldsElement, SymbolElement, Template, TextElement

_CLAUSE = "49 CFR 567.7(b)(1)"
_RATINGS = ("gvwr", *(name for name, _ in AXLES))


def _statement(face: Mapping[str, str]) -> str | None:
    if not {"alteredBy", "altered", "inEffect"} <= face.keys():
        return None
    return (
        f"THIS VEHICLE WAS ALTERED BY {face['alteredBy']} IN {face['altered']} AND AS ALTERED IT CONFORMS TO ALL "
        "APPLICABLE FEDERAL MOTOR VEHICLE SAFETY, BUMPER AND THEFT PREVENTION STANDARDS AFFECTED BY THE ALTERATION "
        f"AND IN EFFECT IN {face['inEffect']}."
    )


def _dates(face: Mapping[str, str]) -> str | None:
    altered, effective = face.get("altered"), face.get("inEffect")
    if altered is None or effective is None or _month(effective) <= _month(altered):
        return None
    return f"expected a month no later than {altered}, when it was altered, found {effective}."


def _month(text: str) -> tuple[str, str]:
    month, _, year = text.partition("/")
    return year, month


PROFILE = Profile(
    title="alterer's label",
    description="The label that who alters a certified vehicle adds beside the manufacturer's.",
    face=(
        FaceField("alteredBy", "Altered by", required=True, said_in="statement", clause=_CLAUSE),
        FaceField(
            "altered",
            "Month of alteration",
            FieldKind.MONTH,
            required=True,
            longest=7,
            said_in="statement",
            clause=_CLAUSE,
        ),
        FaceField(
            "inEffect",
            "Standards in effect in",
            FieldKind.MONTH,
            required=True,
            longest=7,
            said_in="statement",
            clause=_CLAUSE,
        ),
        FaceField("statement", "Statement", required=True, longest=400, composed=_statement, clause=_CLAUSE),
        FaceField("gvwr", "GVWR", FieldKind.MASS, longest=40, clause="49 CFR 567.7(b)(2)"),
        *axle_fields("49 CFR 567.7(b)(2)"),
        FaceField("type", "Type", FieldKind.CHOICE, longest=40, choices=TYPES, clause="49 CFR 567.7(b)(3)"),
        VIN_FIELD,
    ),
    identity="vin",
    carriers=(link("datamatrix", "qr", least_module_mm=0.25),),
    rules=(
        CHECK_DIGIT,
        Rule(
            "alteration.dates",
            "The standards were in effect no later than the alteration was completed.",
            _dates,
            path=("face", "inEffect"),
            clause=_CLAUSE,
        ),
        pounds(_RATINGS, "49 CFR 567.7(b)(2)"),
        capitals(("alteredBy", *_RATINGS), "49 CFR 567.4(g)"),
    ),
    least_text_mm=2.38,  # 3/32 inch
    text_clause="49 CFR 567.4(g)",
)

TEMPLATE = Template(
    profile="alterer_label",
    width=100,
    height=58.5,
    elements=(
        TextElement(2, 1.8, 83, 25.5, "{statement}", size=2.4, wrap=True),
        SymbolElement(88, 1.5, carrier="link", module=0.3),
        FieldsElement(2, 29.5, 96, 17.8, size=2.4, fields=_RATINGS),
        TextElement(2, 50, 96, 2.4, "TYPE: {type}", size=2.4),
        TextElement(2, 54, 96, 2.4, "VIN: {vin}", size=2.4),
    ),
)

SAMPLE = {
    "alteredBy": "HOFMANN BODY CO.",
    "altered": "11/2026",
    "inEffect": "10/2026",
    "statement": (
        "THIS VEHICLE WAS ALTERED BY HOFMANN BODY CO. IN 11/2026 AND AS ALTERED IT CONFORMS TO ALL APPLICABLE FEDERAL "
        "MOTOR VEHICLE SAFETY, BUMPER AND THEFT PREVENTION STANDARDS AFFECTED BY THE ALTERATION AND IN EFFECT IN "
        "10/2026."
    ),
    "gawrRear": "2700 LB",
    "vin": "1M8GDM9AXKP042788",
}
