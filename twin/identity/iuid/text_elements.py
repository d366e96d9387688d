"""The text elements of ATA Spec 2000: what stands in front of each element of a message of format 12.

A text element identifier is three letters, then a space and the data.

References:
    MIL-STD-130N, table VI and its notes; ATA Spec 2000, common support data dictionary (neither text was at hand: names
    as public users of them tell)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["TEXT_ELEMENTS", "split"]

_ELEMENT: Final = re.compile(r"([A-Z]{3})( ?)(.+)", re.DOTALL)

TEXT_ELEMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ASN": "Airline stock number",
        "BII": "Batch item identifier",
        "CAG": "CAGE code",
        "DUN": "D-U-N-S number",
        "EUC": "GS1 company prefix",
        "LOT": "Lot number, unique within the part number",
        "LTN": "Lot number, unique within the enterprise",
        "MFN": "Manufacturer's name",
        "MFR": "CAGE code of the manufacturer",
        "MPN": "Manufacturer's full part number",
        "OPN": "Overlength part number",
        "PDT": "Part description",
        "PML": "Part modification level",
        "PNO": "Original part number",
        "PNR": "Current part number",
        "SEQ": "Serial number, unique within the part number",
        "SER": "Serial number, unique within the enterprise",
        "SPL": "CAGE code of the supplier",
        "UCN": "Unique component identification number",
        "UID": "Unique item identifier",
        "USN": "Universal serial number",
        "UST": "Universal serial tracking number",
    }
)
"""The names of the text elements that we know, by their identifiers."""


def split(element: str) -> tuple[str, str] | None:
    """The text element identifier of an element and its data; None when the element begins with none.

    Args:
        element: what stands between the separators of a message of format 12. The space may be missing after an
            identifier that we know.

    Examples:
        >>> split("MFR 0CVA5"), split("SER674A36458"), split("SERIAL")
        (('MFR', '0CVA5'), ('SER', '674A36458'), ('SER', 'IAL'))
        >>> split("ABC1") is None
        True
    """
    found = _ELEMENT.fullmatch(element)
    if found is None or not (found[2] or found[1] in TEXT_ELEMENTS):
        return None
    return found[1], found[3]
