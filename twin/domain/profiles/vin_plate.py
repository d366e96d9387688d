"""The plate that carries a vehicle's VIN, readable through the windscreen.

References:
    49 CFR 565.13(b) (the VIN on a plate or label), 565.13(e) (readable from outside the vehicle); ISO 4030.
"""

from twin.domain.profiles import FaceField, FieldKind, Profile, link

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
