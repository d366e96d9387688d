"""What elements name, and what they are called.

References:
    GS1 General Specifications, 1.4 and 3 (identification keys, data titles); GS1 Digital Link Standard: URI Syntax
    (qualifiers of keys); GS1 Web Vocabulary, hasThirdPartyControlledSerialNumber (AI 235 makes one item of a GTIN)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from twin.identity._convention import Granularity, Part
from twin.identity.gs1._ais import AIS, Element

Name: TypeAlias = tuple[Granularity | None, tuple[Element, ...]]
"""How much is named, and the elements that name it: a primary key and its qualifier, if any."""

_ITEM, _LOT, _PRODUCT = Granularity.ITEM, Granularity.LOT, Granularity.PRODUCT
_SERIAL: Final = "its own serial number"
_GTIN: Final = "the trade item that it is a piece of"

# Every primary key, what else makes a name of it, and how much that names; the narrowest first. The keys of items,
# lots and products stand before those of documents, relations, shipments, places and parties: where a label carries
# both kinds, it is the label of the former.
_NAMES: Final[tuple[tuple[str, Granularity | None, str], ...]] = (
    ("01", _ITEM, "21"),
    ("01", _ITEM, "235"),
    ("8006", _ITEM, "21"),
    ("8010", _ITEM, "8011"),
    ("8003", _ITEM, _SERIAL),
    ("8004", _ITEM, ""),
    ("00", _ITEM, ""),
    ("01", _LOT, "10"),
    ("8006", _LOT, "10"),
    ("01", _PRODUCT, "22"),
    ("01", _PRODUCT, ""),
    ("8006", _PRODUCT, "22"),
    ("8006", _PRODUCT, ""),
    ("8006", _PRODUCT, _GTIN),
    ("8010", _PRODUCT, ""),
    ("8003", _PRODUCT, ""),
    ("8013", _PRODUCT, ""),
    ("253", None, _SERIAL),
    ("253", None, ""),
    ("255", None, _SERIAL),
    ("255", None, ""),
    ("8018", None, "8019"),
    ("8018", None, ""),
    ("8017", None, "8019"),
    ("8017", None, ""),
    ("402", None, ""),
    ("401", None, ""),
    ("414", None, "254"),
    ("414", None, "7040"),
    ("414", None, ""),
    ("417", None, "7040"),
    ("417", None, ""),
    ("415", None, "8020"),
    ("415", None, ""),
)
_RANKS: Final = {
    key: tuple((rank, level, qualifier) for rank, (other, level, qualifier) in enumerate(_NAMES) if other == key)
    for key, _, _ in _NAMES
}

# Behind these characters, the value of the key is a serial number.
_UNTIL_SERIAL: Final = {"8003": 14, "253": 13, "255": 13}
_GTIN_LENGTH: Final = 14

_TITLES: Final = {
    "00": "Serial shipping container code",
    "01": "Global trade item number",
    "02": "Global trade item number of the content",
    "10": "Batch or lot number",
    "11": "Production date (YYMMDD)",
    "12": "Due date (YYMMDD)",
    "13": "Packaging date (YYMMDD)",
    "15": "Best before date (YYMMDD)",
    "16": "Sell by date (YYMMDD)",
    "17": "Expiration date (YYMMDD)",
    "20": "Internal product variant",
    "21": "Serial number",
    "22": "Consumer product variant",
    "235": "Third party controlled serial number",
    "240": "Additional product identification",
    "241": "Customer part number",
    "250": "Secondary serial number",
    "251": "Reference to source entity",
    "253": "Global document type identifier",
    "254": "Extension of the location number",
    "255": "Global coupon number",
    "30": "Variable count",
    "37": "Count of the content",
    "400": "Customer's purchase order number",
    "401": "Global identification number for consignment",
    "402": "Global shipment identification number",
    "414": "Global location number",
    "415": "Global location number of the invoicing party",
    "417": "Global location number of the party",
    "422": "Country of origin",
    "8003": "Global returnable asset identifier",
    "8004": "Global individual asset identifier",
    "8006": "Individual trade item piece",
    "8010": "Component or part identifier",
    "8011": "Serial number of the component or part",
    "8013": "Global model number",
    "8017": "Global service relation number of the provider",
    "8018": "Global service relation number of the recipient",
    "8019": "Service relation instance number",
    "8020": "Payment slip reference number",
}


def names_of(elements: Iterable[Element]) -> list[Name]:
    """Everything that the elements name, the narrowest first.

    Args:
        elements: right by themselves.

    Examples:
        >>> for level, name in names_of((("01", "09506000134352"), ("10", "ABC"))):
        ...     print(level, *name)
        LOT ('01', '09506000134352') ('10', 'ABC')
        PRODUCT ('01', '09506000134352')
    """
    values = dict(elements)
    found = []
    for key in values.keys() & _RANKS.keys():
        for rank, level, qualifier in _RANKS[key]:
            name = _name(values, key, qualifier)
            if name is not None:
                found.append((rank, (level, name)))
    found.sort(key=_rank)
    return [name for _, name in found]


def _rank(ranked: tuple[int, Name]) -> int:
    return ranked[0]


def _name(values: Mapping[str, str], key: str, qualifier: str) -> tuple[Element, ...] | None:
    value = values[key]
    if qualifier == "":
        return ((key, value[: _UNTIL_SERIAL.get(key)]),)
    if qualifier == _SERIAL:
        return ((key, value),) if len(value) > _UNTIL_SERIAL[key] else None
    if qualifier == _GTIN:
        return (("01", value[:_GTIN_LENGTH]),)
    return ((key, value), (qualifier, values[qualifier])) if qualifier in values else None


def parts_of(elements: Iterable[Element]) -> tuple[Part, ...]:
    """The elements with names that people understand: ours, or else GS1's data titles.

    Examples:
        >>> parts_of((("21", "SER"), ("3103", "000195")))
        (Part(name='Serial number', value='SER'), Part(name='NET WEIGHT (kg)', value='000195'))
    """
    return tuple(Part(_TITLES.get(ai, AIS[ai].title), value) for ai, value in elements)
