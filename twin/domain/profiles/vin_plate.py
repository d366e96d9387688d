"""The plate that carries a vehicle's VIN, readable through the windscreen.

The height of the characters is that of 565.13(f), whose wording was read as it stood in 565.4(f) before 2008.

References:
    49 CFR 565.13(b) (the VIN on a plate or label), 565.13(f) (readable from outside, characters of 4 mm); ISO 4030.
"""

from collections.abc import Mapping
from dataclasses import replace

from twin.domain.profiles import Carrier, FaceField, FieldKind, Profile, link
from twin.domain.profiles._vehicle import CHECK_DIGIT, MODEL_YEAR, VIN_FIELD
from twin.domain.template import SymbolElement, Template, TextElement


def _vin(face: Mapping[str, str]) -> str | None:
    return face.get("vin")


PROFILE = Profile(
    title="VIN plate",
    description="The plate that carries a vehicle's VIN.",
    face=(
        replace(VIN_FIELD, least_text_mm=4.0, clause="49 CFR 565.13(b)"),
        FaceField("manufacturer", "Manufacturer"),
        FaceField("modelYear", "Model year", FieldKind.YEAR, longest=4),
    ),
    identity="vin",
    carriers=(
        link("datamatrix", "qr", least_module_mm=0.25),
        Carrier("vin", ("code39", "datamatrix", "code128"), least_module_mm=0.19, content=_vin, required=False),
    ),
    rules=(CHECK_DIGIT, MODEL_YEAR),
    text_clause="49 CFR 565.13(f)",
)

TEMPLATE = Template(
    profile="vin_plate",
    width=70,
    height=20,
    elements=(
        SymbolElement(2, 1.2, carrier="link", module=0.42),
        TextElement(17, 2, 51, 2.2, "{manufacturer}", size=2.2, least=1.2),
        TextElement(17, 6.5, 51, 1.8, "MODEL YEAR {modelYear}", size=1.8, least=1.2),
        TextElement(17, 10.5, 51, 1.6, "{linkId}", size=1.6, least=1.2, font="ocr"),
        TextElement(2, 14.7, 66, 4, "{vin}", size=4),
    ),
)

SAMPLE = {
    "vin": "1M8GDM9AXKP042788",
    "manufacturer": "Motor Coach Industries",
    "modelYear": "1989",
}
