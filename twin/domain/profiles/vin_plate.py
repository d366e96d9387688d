"""The plate that carries a vehicle's VIN, readable through the windscreen.

References:
    49 CFR 565.13(b) (the VIN on a plate or label), 565.13(e) (readable from outside the vehicle); ISO 4030.
"""

from twin.domain.profiles import FaceField, FieldKind, Profile, link
from twin.domain.template import SymbolElement, Template, TextElement

PROFILE = Profile(
    title="VIN plate",
    description="The plate that carries a vehicle's VIN.",
    face=(
        FaceField("vin", "VIN", FieldKind.VIN, required=True, longest=17, identifier="vin", clause="49 CFR 565.13(b)"),
        FaceField("manufacturer", "Manufacturer"),
        FaceField("modelYear", "Model year", FieldKind.YEAR, longest=4),
    ),
    identity="vin",
    carriers=(link("datamatrix", "qr", least_module_mm=0.25),),
)

TEMPLATE = Template(
    profile="vin_plate",
    width=70,
    height=20,
    elements=(
        SymbolElement(1, 1, carrier="link", module=0.5),
        TextElement(20, 2, 48, 3, "{manufacturer}", size=2, least=1.2),
        TextElement(20, 7, 48, 6, "{vin}", size=4, least=3, font="ocr"),
        TextElement(20, 15.5, 48, 3, "{linkId}", size=1.6, least=1.2, font="ocr"),
    ),
)
