"""The mark of an item that the Department of Defense owns: its unique item identifier.

References:
    MIL-STD-130N with Change 1, table A-II (what is encoded), 5.2.3 (Data Matrix; modules of 0.19 to 0.64 mm, read as
    quoted by makers of labels), 6.4 (the UII); ISO/IEC 15434 (the message)
"""

from collections.abc import Mapping
from contextlib import suppress

from twin.domain.profiles import Carrier, FaceField, FieldKind, Profile, Rule, link
from twin.domain.template import SymbolElement, Template, TextElement
from twin.errors import InvalidInput
from twin.identity.iuid import IUID, Construct

_ENCODED = "MIL-STD-130N, table A-II"
_CAGE = "D"  # the issuing agency of CAGE codes


def _item(face: Mapping[str, str]) -> IUID | None:
    """The UII with the pieces that make it, where they stand on the face; else as a whole."""
    uii, cage, serial = face.get("uii"), face.get("enterprise"), face.get("serial")
    if uii is None:
        return None
    if cage is not None and serial is not None:
        part = face.get("partNumber")
        for construct in (Construct.ONE,) if part is None else (Construct.TWO, Construct.ONE):
            with suppress(InvalidInput):
                made = IUID.derived(construct, _CAGE, cage, part, None, serial)
                if made.uii == uii:
                    return made
    return IUID.complete(uii)


def _message(face: Mapping[str, str]) -> str | None:
    item = _item(face)
    return None if item is None else item.as_envelope()


def _pieces(face: Mapping[str, str]) -> str | None:
    if "serial" not in face or "enterprise" not in face or "uii" not in face:
        return None
    item = _item(face)
    if item is None or item.construct is not None:
        return None
    return (
        f"expected a UII that CAGE code, part number and serial number make ({_CAGE}{face['enterprise']}"
        f"{face.get('partNumber', '')}{face['serial']}), found {face['uii']}."
    )


PROFILE = Profile(
    title="IUID mark",
    description="The unique item identifier of an item, as the Department of Defense asks for it.",
    face=(
        FaceField("enterprise", "CAGE code", longest=5, clause="MIL-STD-130N, table A-II"),
        FaceField("partNumber", "Part number", longest=32, clause="MIL-STD-130N, table A-II"),
        FaceField("serial", "Serial number", FieldKind.SERIAL, longest=30, clause="MIL-STD-130N, table A-II"),
        FaceField(
            "uii",
            "UII",
            FieldKind.UII,
            required=True,
            longest=50,
            identifier="iuid",
            clause="MIL-STD-130N, 6.4",
        ),
        FaceField("description", "Description"),
    ),
    identity="iuid",
    carriers=(
        link("qr", "datamatrix", least_module_mm=0.25),
        Carrier(
            "iuid",
            ("datamatrix",),
            least_module_mm=0.19,
            content=_message,
            clause="MIL-STD-130N, 5.2.3",
            most_module_mm=0.64,
        ),
    ),
    rules=(Rule("uii.pieces", "The pieces that are marked make the UII.", _pieces, ("face", "uii"), _ENCODED),),
)

TEMPLATE = Template(
    profile="iuid",
    width=25,
    height=12,
    elements=(
        SymbolElement(0.6, 0.8, carrier="link", module=0.25, symbology="datamatrix"),
        SymbolElement(8.3, 0.8, carrier="iuid", module=0.25),
        TextElement(16, 1.2, 8.4, 1, "CAGE {enterprise}", size=1, least=0.6),
        TextElement(16, 3.2, 8.4, 1, "PNR {partNumber}", size=1, least=0.5),
        TextElement(16, 5.2, 8.4, 1, "SER {serial}", size=1, least=0.5),
        TextElement(0.8, 10, 23.4, 1.1, "UII {uii}", size=1.1, least=0.5),
    ),
)

SAMPLE = {
    "enterprise": "1AB23",
    "partNumber": "PN123",
    "serial": "SER",
    "uii": "D1AB23PN123SER",
    "description": "Valve",
}
