"""The mark of a component: its maker's part number, and the lot or the serial number.

References:
    ANSI MH10.8.2, data identifiers 17V (CAGE code), 1P (part number), 1T (lot), S (serial number); ISO/IEC 15434,
    format 06. The texts were not at hand
"""

import re
from collections.abc import Callable, Mapping

from twin.domain.profiles import Carrier, FaceField, FieldKind, Profile, Rule, link
from twin.domain.template import SymbolElement, Template, TextElement
from twin.identity import Identifier
from twin.identity.iuid import envelope
from twin.identity.iuid.agencies import CAGE
from twin.identity.part import MakerPart

_MH10 = "ANSI MH10.8.2"


def _source(read: Callable[[MakerPart], str | None]) -> Callable[[Identifier], str | None]:
    return lambda known: read(known) if isinstance(known, MakerPart) else None


def _message(face: Mapping[str, str]) -> str | None:
    if "partNumber" not in face:
        return None
    maker = face.get("maker", "")
    pieces = [
        ("17V", maker if re.fullmatch(CAGE, maker) else None),
        ("1P", face["partNumber"]),
        ("1T", face.get("lot")),
        ("S", face.get("serial")),
    ]
    return envelope.written("06", [identifier + text for identifier, text in pieces if text is not None])


def _traced(face: Mapping[str, str]) -> str | None:
    return None if "lot" in face or "serial" in face else "expected a lot or a serial number, found neither."


PROFILE = Profile(
    title="component part marking",
    description="The mark of a component: its maker's part number, and the lot or the serial number.",
    face=(
        FaceField(
            "maker", "Maker", required=True, longest=35, identifier="part", source=_source(lambda part: part.maker)
        ),
        FaceField(
            "partNumber",
            "Part number",
            required=True,
            longest=50,
            identifier="part",
            source=_source(lambda part: part.number),
            clause=f"{_MH10}, 1P",
        ),
        FaceField(
            "lot",
            "Lot",
            FieldKind.LOT,
            longest=50,
            identifier="part",
            source=_source(lambda part: part.lot),
            clause=f"{_MH10}, 1T",
        ),
        FaceField(
            "serial",
            "Serial number",
            FieldKind.SERIAL,
            longest=50,
            identifier="part",
            source=_source(lambda part: part.serial),
            clause=f"{_MH10}, S",
        ),
        FaceField("manufactured", "Manufactured", FieldKind.MONTH, longest=7),
        FaceField("countryOfOrigin", "Country of origin", FieldKind.COUNTRY, longest=2),
    ),
    identity="part",
    carriers=(
        link("datamatrix", "qr", least_module_mm=0.19),
        Carrier(
            "part",
            ("datamatrix",),
            least_module_mm=0.19,
            content=_message,
            required=False,
            clause="ISO/IEC 15434, format 06",
        ),
    ),
    rules=(Rule("part.traceable", "The mark tells a lot or a serial number.", _traced),),
)

TEMPLATE = Template(
    profile="component_part",
    width=20,
    height=20,
    elements=(
        SymbolElement(0.8, 0.8, carrier="link", module=0.3),
        SymbolElement(10.8, 0.8, carrier="part", module=0.25),
        TextElement(1, 11.4, 18, 1.4, "{maker}", size=1.4, least=0.6),
        TextElement(1, 13.5, 18, 1.4, "P/N {partNumber}", size=1.4, least=0.5),
        TextElement(1, 15.6, 18, 1.4, "LOT {lot}", size=1.4, least=0.5),
        TextElement(1, 17.7, 18, 1.4, "S/N {serial}", size=1.4, least=0.5),
    ),
)

SAMPLE = {
    "maker": "1AB23",
    "partNumber": "PN123",
    "lot": "L7",
    "serial": "SER",
    "manufactured": "11/2026",
    "countryOfOrigin": "DE",
}
