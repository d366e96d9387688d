"""The label of a logistic unit: its SSCC in a GS1-128 symbol, in the lowest part of the label.

References:
    GS1 General Specifications, 6.6.4.1 (the SSCC's symbol is the lowest; human readable interpretation), 2.6 and 3.3
    (SSCC), 5.12.3 (symbol specification table 5: modules of 0.495 to 1.016 mm; unverified)
"""

from collections.abc import Mapping

from twin.domain.profiles import Carrier, FaceField, FieldKind, Profile, link
from twin.domain.profiles._gs1 import element_of, key_of

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
