"""The label of a battery: the general information, and the QR code that leads to its passport.

The symbol for separate collection is a picture of the template; its size depends on the battery's sides, so that nobody
checks it here. From 18 February 2027 the QR code is due.

References:
    Regulation (EU) 2023/1542, articles 13 and 38(6) and (7), annex VI, parts A (general information) and C (QR code).
    The size that a reader needs is the least module here: unverified
"""

from collections.abc import Mapping

from twin.domain.profiles import FaceField, FieldKind, Profile, Rule, link
from twin.domain.profiles._gs1 import element_of
from twin.domain.template import FieldsElement, SymbolElement, Template, TextElement

_A = "Regulation (EU) 2023/1542, annex VI, part A"
_ARTICLE = "Regulation (EU) 2023/1542, article"
_NOT_RECHARGEABLE = "Portable, not rechargeable"

CATEGORIES = ("Portable", _NOT_RECHARGEABLE, "LMT", "SLI", "Industrial", "EV")
"""The categories of article 3; of portable batteries, those that cannot be charged say so."""


def _identified(face: Mapping[str, str]) -> str | None:
    if {"model", "batch", "serial"} & face.keys():
        return None
    return "expected a model and a batch or serial number, found none of them."


def _capacity(face: Mapping[str, str]) -> str | None:
    if face.get("category") == _NOT_RECHARGEABLE or "capacity" in face:
        return None
    return f"expected the capacity of a battery of the category {face.get('category')}, found none."


def _metals(face: Mapping[str, str]) -> str | None:
    named = {word.strip(",;.").capitalize() for word in face.get("hazardousSubstances", "").split()}
    metals = sorted(named & {"Mercury", "Cadmium", "Lead"})
    if not metals:
        return None
    return f"expected substances other than mercury, cadmium and lead, found {', '.join(metals)}."


PROFILE = Profile(
    title="battery label",
    description="The label of a battery, with the QR code that leads to its passport.",
    face=(
        FaceField("manufacturer", "Manufacturer", required=True, longest=200, clause=f"{_A}, 1"),
        FaceField("contact", "Address", required=True, longest=200, clause=f"{_ARTICLE} 38(7)"),
        FaceField(
            "category", "Category", FieldKind.CHOICE, required=True, choices=CATEGORIES, longest=40, clause=f"{_A}, 2"
        ),
        FaceField("model", "Model", longest=50, clause=f"{_ARTICLE} 38(6)"),
        FaceField(
            "batch",
            "Batch",
            FieldKind.LOT,
            longest=20,
            identifier="gs1",
            source=element_of("10"),
            clause=f"{_ARTICLE} 38(6)",
        ),
        FaceField(
            "serial",
            "Serial number",
            FieldKind.SERIAL,
            longest=50,
            identifier="gs1",
            source=element_of("21"),
            clause=f"{_ARTICLE} 38(6)",
        ),
        FaceField("madeIn", "Place of manufacture", required=True, clause=f"{_A}, 3"),
        FaceField("manufactured", "Manufactured", FieldKind.MONTH, required=True, longest=7, clause=f"{_A}, 4"),
        FaceField("weight", "Weight", FieldKind.MASS, required=True, longest=40, clause=f"{_A}, 5"),
        FaceField("capacity", "Capacity (Ah)", FieldKind.DECIMAL, longest=16, clause=f"{_A}, 6"),
        FaceField("chemistry", "Chemistry", required=True, longest=40, clause=f"{_A}, 7"),
        FaceField("hazardousSubstances", "Hazardous substances", longest=200, clause=f"{_A}, 8"),
        FaceField("extinguishingAgent", "Extinguishing agent", required=True, clause=f"{_A}, 9"),
        FaceField("criticalRawMaterials", "Critical raw materials", longest=200, clause=f"{_A}, 10"),
    ),
    identity=None,
    carriers=(
        link(
            "qr",
            least_module_mm=0.25,
            clause="Regulation (EU) 2023/1542, annex VI, part C",
        ),
    ),
    rules=(
        Rule(
            "battery.identified",
            "Model and batch or serial number identify the battery.",
            _identified,
            clause=f"{_ARTICLE} 38(6)",
        ),
        Rule(
            "battery.capacity",
            "A battery that can be charged states its capacity.",
            _capacity,
            path=("face", "capacity"),
            clause=f"{_ARTICLE} 13(2)",
        ),
        Rule(
            "battery.substances",
            "Mercury, cadmium and lead are marked by their signs, not listed here.",
            _metals,
            path=("face", "hazardousSubstances"),
            clause=f"{_A}, 8",
        ),
    ),
)

TEMPLATE = Template(
    profile="battery",
    width=100,
    height=70,
    elements=(
        TextElement(2, 2.2, 73, 5, "{manufacturer}", size=2.2, least=1.1, wrap=True),
        TextElement(2, 8.5, 73, 5, "{contact}", size=2, least=1.1, wrap=True),
        FieldsElement(
            2,
            15,
            73,
            31,
            size=2,
            least=1.1,
            fields=(
                "category",
                "model",
                "batch",
                "serial",
                "madeIn",
                "manufactured",
                "weight",
                "capacity",
                "chemistry",
                "extinguishingAgent",
            ),
        ),
        SymbolElement(77, 2, carrier="link", module=0.5),
        TextElement(77, 24.5, 21, 1.6, "{linkId}", size=1.6, least=1.2, font="ocr"),
        TextElement(2, 49, 96, 7, "Hazardous substances: {hazardousSubstances}", size=1.8, least=1, wrap=True),
        TextElement(2, 59, 96, 7, "Critical raw materials: {criticalRawMaterials}", size=1.8, least=1, wrap=True),
    ),
)

SAMPLE = {
    "manufacturer": "Hofmann Energie GmbH",
    "contact": "Werkstrasse 3, 80331 München, hofmann.example",
    "category": "LMT",
    "model": "E-500",
    "serial": "BAT42",
    "madeIn": "München, Bayern, Germany",
    "manufactured": "11/2026",
    "weight": "3.2 kg",
    "capacity": "14",
    "chemistry": "Li-ion",
    "hazardousSubstances": "Lithium hexafluorophosphate",
    "extinguishingAgent": "Water",
    "criticalRawMaterials": "Cobalt, lithium, natural graphite",
}
