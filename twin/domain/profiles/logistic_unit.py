"""The label of a logistic unit: its SSCC in a GS1-128 symbol, in the lowest part of the label.

References:
    GS1 General Specifications, 6.6.4.1 (the SSCC's symbol is the lowest; human readable interpretation), 2.6 and 3.3
    (SSCC), 5.12.3 (symbol specification table 5: modules of 0.495 to 1.016 mm; unverified)
"""

from collections.abc import Mapping

from twin.domain.profiles import Carrier, FaceField, FieldKind, Profile, link
from twin.domain.profiles._gs1 import element_of, key_of
from twin.domain.template import LineElement, SymbolElement, Template, TextElement

_ELEMENTS = {"00": "sscc"}


def _element_string(face: Mapping[str, str]) -> str | None:
    key = key_of(face, _ELEMENTS)
    return None if key is None else key.as_element_string()


def _human_readable(face: Mapping[str, str]) -> str | None:
    key = key_of(face, _ELEMENTS)
    return None if key is None else key.as_bracketed()


PROFILE = Profile(
    title="logistic unit label",
    description="The label of a pallet or a case that is shipped: its serial shipping container code.",
    face=(
        FaceField("shipFrom", "From", longest=200),
        FaceField("shipTo", "To", longest=200),
        FaceField("contents", "Contents", longest=120),
        FaceField("grossWeight", "Gross weight", FieldKind.MASS, longest=40),
        FaceField(
            "sscc",
            "SSCC",
            FieldKind.SSCC,
            required=True,
            longest=18,
            identifier="gs1",
            source=element_of("00"),
            said_in="hri",
            clause="GS1 General Specifications, 3.3",
        ),
        FaceField(
            "hri",
            "Human readable interpretation",
            required=True,
            longest=40,
            composed=_human_readable,
            clause="GS1 General Specifications, 6.6.4.1.2",
        ),
    ),
    identity="gs1",
    carriers=(
        link("qr", "datamatrix", least_module_mm=0.25),
        Carrier(
            "sscc",
            ("gs1128",),
            least_module_mm=0.495,
            content=_element_string,
            clause="GS1 General Specifications, 6.6.4.1 and 5.12.3",
            most_module_mm=1.016,
        ),
    ),
)

TEMPLATE = Template(
    profile="logistic_unit",
    width=105,
    height=148,
    elements=(
        TextElement(6, 6, 70, 2, "FROM", size=2),
        TextElement(6, 11, 70, 18, "{shipFrom}", size=3, least=1.8, wrap=True),
        SymbolElement(80, 5, carrier="link", module=0.5),
        LineElement(4, 33, 101, 33, thickness=0.3),
        TextElement(6, 37, 70, 2, "TO", size=2),
        TextElement(6, 42, 93, 22, "{shipTo}", size=4, least=2, wrap=True),
        LineElement(4, 68, 101, 68, thickness=0.3),
        TextElement(6, 72, 93, 7, "{contents}", size=3, least=1.8, wrap=True),
        TextElement(6, 82, 60, 3, "Gross weight {grossWeight}", size=3, least=2),
        TextElement(70, 82, 29, 1.8, "{linkId}", size=1.8, least=1.2, font="ocr", align="right"),
        LineElement(4, 89, 101, 89, thickness=0.3),
        TextElement(6, 93, 93, 3, "SSCC {sscc}", size=3),
        SymbolElement(7.5, 100, carrier="sscc", module=0.5, options={"bar_mm": 32.0}),
        TextElement(6, 137, 93, 4, "{hri}", size=4, least=3, align="centre"),
    ),
)

SAMPLE = {
    "shipFrom": "Hofmann GmbH, München",
    "shipTo": "ACME, Lyon",
    "contents": "40 valves",
    "grossWeight": "612 kg",
    "sscc": "106141411234567897",
    "hri": "(00)106141411234567897",
}
