"""The unique device identifier of a medical device, by HIBCC.

References:
    21 CFR 801.40(a) (plain text and AIDC), 801.40(b) (device identifier and production identifiers), 801.18 (dates);
    ANSI/HIBC 2.6, held to its published examples: its text was not at hand, and the least module is unverified
"""

from collections.abc import Callable, Mapping

from twin.domain.profiles import Carrier, FaceField, FieldKind, Profile, link
from twin.domain.template import FieldsElement, SymbolElement, Template, TextElement
from twin.identity import Identifier, hibc
from twin.identity.hibc import HIBC, DateForm, HIBCDate

_PRODUCTION = "21 CFR 801.40(b)"
_DATES = "21 CFR 801.18(a)"


def _source(read: Callable[[HIBC], str | None]) -> Callable[[Identifier], str | None]:
    return lambda known: read(known) if isinstance(known, HIBC) else None


def _date(text: str | None) -> HIBCDate | None:
    return None if text is None else HIBCDate(DateForm.YYYYMMDD, text.replace("-", ""))


def _symbol(face: Mapping[str, str]) -> str | None:
    if "deviceIdentifier" not in face:
        return None
    known = face["deviceIdentifier"]
    device = HIBC(
        known[:4],
        known[4:-1],
        known[4:][-1:],
        lot=face.get("lot"),
        serial=face.get("serial"),
        expires=_date(face.get("expires")),
        manufactured=_date(face.get("manufactured")),
    )
    symbol = device.as_concatenated()
    hibc.parse(symbol)  # strict: what is printed is read first
    return symbol


PROFILE = Profile(
    title="UDI label (HIBC)",
    description="The unique device identifier of a medical device, as a Health Industry Bar Code.",
    face=(
        FaceField("productName", "Device"),
        FaceField("manufacturer", "Manufacturer"),
        FaceField("reference", "Catalogue number", longest=40),
        FaceField(
            "deviceIdentifier",
            "Device identifier",
            required=True,
            longest=23,
            identifier="hibc",
            source=_source(lambda device: device.device_identifier),
            said_in="udi",
            clause=_PRODUCTION,
        ),
        FaceField("manufactured", "Manufactured", FieldKind.DATE, longest=10, clause=_DATES),
        FaceField("expires", "Use by", FieldKind.DATE, longest=10, clause=_DATES),
        FaceField(
            "lot",
            "Lot",
            FieldKind.LOT,
            longest=18,
            identifier="hibc",
            source=_source(lambda device: device.lot),
            clause=_PRODUCTION,
        ),
        FaceField(
            "serial",
            "Serial number",
            FieldKind.SERIAL,
            longest=18,
            identifier="hibc",
            source=_source(lambda device: device.serial),
            clause=_PRODUCTION,
        ),
        FaceField("udi", "UDI", required=True, longest=100, composed=_symbol, clause="21 CFR 801.40(a)"),
    ),
    identity="hibc",
    carriers=(
        link("qr", "datamatrix", least_module_mm=0.25),
        Carrier(
            "udi",
            ("datamatrix", "code128", "code39", "qr"),
            least_module_mm=0.25,
            content=_symbol,
            clause="21 CFR 801.40(a)",
        ),
    ),
)

TEMPLATE = Template(
    profile="udi_hibc",
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
    "deviceIdentifier": "A99912345",
    "manufactured": "2026-11-22",
    "expires": "2031-11-22",
    "lot": "L7",
    "serial": "S42",
    "udi": "+A99912345/$$7L7/16D20261122/14D20311122/SS42L",
}
