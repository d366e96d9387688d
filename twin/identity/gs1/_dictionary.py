"""Makes the table of application identifiers from GS1's syntax dictionary.

    python -m twin.identity.gs1._dictionary gs1-syntax-dictionary.txt > twin/identity/gs1/ais.csv

The dictionary is published by GS1 in the repository gs1/gs1-syntax-dictionary (Apache-2.0). The table holds its facts,
one line for one entry; coupon codes of North America (8110, 8112) are left out.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS: Final = (
    "ai",
    "format",
    "predefined_length",
    "digital_link_attribute",
    "primary_key",
    "qualifiers",
    "requires",
    "excludes",
    "title",
)

_LEFT_OUT: Final = frozenset({"8110", "8112"})
_FLAGS: Final = frozenset("*?")


def table_of(dictionary: str) -> str:
    """The table, as CSV, that the text of a syntax dictionary makes.

    Args:
        dictionary: entries of the form `AIs [flags] specification [attributes] [# title]`, one a line.

    Raises:
        ValueError: an attribute that is not known here.

    References:
        GS1 Barcode Syntax Dictionary, its own header

    Examples:
        >>> print(table_of("01  *?  N14,csum,gcppos2  ex=255,37 dlpkey=22,10,21|235  # GTIN").splitlines()[1])
        01,"N14,csum,gcppos2",yes,yes,yes,"22,10,21|235",,"255,37",GTIN
    """
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(_rows(dictionary))
    return written.getvalue()


def _rows(dictionary: str) -> Iterator[dict[str, str]]:
    for line in dictionary.splitlines():
        entry, _, title = line.partition("#")
        words = entry.split()
        if not words or words[0] in _LEFT_OUT:
            continue
        flags = words[1] if set(words[1]) <= _FLAGS else ""
        specification = words[2:] if flags else words[1:]
        row = dict.fromkeys(COLUMNS, "") | {"ai": words[0], "title": title.strip()}
        row["predefined_length"] = "yes" if "*" in flags else ""
        row["digital_link_attribute"] = "yes" if "?" in flags else ""
        row["format"] = " ".join(word for word in specification if word[0] in "NXYZ[")
        for attribute in specification:
            if attribute[0] not in "NXYZ[":
                _note(row, attribute)
        yield row


def _note(row: dict[str, str], attribute: str) -> None:
    name, _, value = attribute.partition("=")
    column = {"req": "requires", "ex": "excludes", "dlpkey": "qualifiers"}.get(name)
    if column is None or row[column]:
        raise ValueError(f"{row['ai']}: {attribute} is not known here.")
    row[column] = value
    if name == "dlpkey":
        row["primary_key"] = "yes"


if __name__ == "__main__":
    sys.stdout.write(table_of(Path(sys.argv[1]).read_text(encoding="utf-8")))
