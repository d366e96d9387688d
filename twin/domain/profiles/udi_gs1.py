"""The unique device identifier of a medical device, by GS1.

The least module is that of GS1's symbol specification table for regulated healthcare items, which was not at hand.

References:
    21 CFR 801.40(a) (plain text and AIDC), 801.40(b) (device identifier and production identifiers), 801.18 (dates);
    GS1 General Specifications, 2.6 and 3 (elements), 7.8 (separators); minimum module unverified
"""

from collections.abc import Mapping

from twin.domain.profiles import Carrier, FaceField, FieldKind, Profile, Rule, link
from twin.domain.profiles._gs1 import element_of, key_of
from twin.domain.template import FieldsElement, SymbolElement, Template, TextElement

_ELEMENTS = {"01": "deviceIdentifier", "11": "manufactured", "17": "expires", "10": "lot", "21": "serial"}
_PRODUCTION = "21 CFR 801.40(b)"
_DATES = "21 CFR 801.18(a)"


def _element_string(face: Mapping[str, str]) -> str | None:
    key = key_of(face, _ELEMENTS)
    return None if key is None else key.as_element_string()


def _plain_text(face: Mapping[str, str]) -> str | None:
    key = key_of(face, _ELEMENTS)
    return None if key is None else key.as_bracketed()


def _shelf_life(face: Mapping[str, str]) -> str | None:
    made, expires = face.get("manufactured"), face.get("expires")
    if made is None or expires is None or made <= expires:
        return None
    return f"expected a date no earlier than {made}, when it was made, found {expires}."


PROFILE = Profile(
    title="UDI label (GS1)",
    description="The unique device identifier of a medical device, as GS1 elements.",
    face=(
        FaceField("productName", "Device"),
        FaceField("manufacturer", "Manufacturer"),
        FaceField("reference", "Catalogue number", longest=40),
        FaceField(
            "deviceIdentifier",
            "Device identifier (GTIN)",
            FieldKind.GTIN,
            required=True,
            longest=14,
            identifier="gs1",
            source=element_of("01"),
            said_in="udi",
            clause=_PRODUCTION,
        ),
        FaceField("manufactured", "Manufactured", FieldKind.DATE, longest=10, clause=_DATES),
        FaceField("expires", "Use by", FieldKind.DATE, longest=10, clause=_DATES),
        FaceField(
            "lot", "Lot", FieldKind.LOT, longest=20, identifier="gs1", source=element_of("10"), clause=_PRODUCTION
        ),
        FaceField(
            "serial",
            "Serial number",
            FieldKind.SERIAL,
            longest=20,
            identifier="gs1",
            source=element_of("21"),
            clause=_PRODUCTION,
        ),
        FaceField("udi", "UDI", required=True, longest=100, composed=_plain_text, clause="21 CFR 801.40(a)"),
    ),
    identity="gs1",
    carriers=(
        link("qr", "datamatrix", least_module_mm=0.25),
        Carrier(
            "udi",
            ("gs1datamatrix", "gs1128", "gs1qr"),
            least_module_mm=0.25,
            content=_element_string,
            clause="21 CFR 801.40(a)",
        ),
    ),
    rules=(
        Rule("udi.shelf-life", "A device does not expire before it was made.", _shelf_life, path=("face", "expires")),
    ),
)

TEMPLATE = Template(
    profile="udi_gs1",
    width=50,
    height=30,
    elements=(
        SymbolElement(1, 1, carrier="udi", module=0.37),
        SymbolElement(1, 12.6, carrier="link", module=0.3),
        TextElement(15.5, 1.5, 33.5, 2, "{productName}", size=2, least=1),
        TextElement(15.5, 4.8, 33.5, 1.4, "{manufacturer}", size=1.4, least=0.8),
        FieldsElement(
            15.5,
            8,
            33.5,
            13,
            size=1.4,
            least=1,
            fields=("reference", "deviceIdentifier", "lot", "serial", "manufactured", "expires"),
        ),
        TextElement(15.5, 24, 33.5, 1.4, "{linkId}", size=1.4, least=1, font="ocr"),
        TextElement(1.5, 27.8, 47, 1.3, "{udi}", size=1.3, least=0.6),
    ),
)

SAMPLE = {
    "productName": "Infusion pump",
    "manufacturer": "Hofmann Medical",
    "reference": "IP-5",
    "deviceIdentifier": "09506000134352",
    "manufactured": "2026-11-22",
    "expires": "2031-11-22",
    "lot": "L7",
    "serial": "SER42",
    "udi": "(01)09506000134352(11)261122(17)311122(10)L7(21)SER42",
}
