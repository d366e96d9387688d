"""Makes the table of data identifiers from the patterns of a public parser.

    python -m twin.identity.iuid._dictionary mh10_8_2_data_identifiers.json > data_identifiers.csv

The codes and the formats come from there; the names are ours, and stand in the table: a new code gets an empty one, for
somebody to fill in. `data_identifiers` says what the formats mean.

References:
    ANSI MH10.8.2, by way of Solidsoft Reply's validating parser (Apache-2.0)
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from twin.identity.iuid.data_identifiers import DATA_IDENTIFIERS

# Below this, an entry is a flag character of another system, such as HIBC's plus sign.
_FIRST: Final = 1000

_PIECE: Final = re.compile(r"(\[[^]]+\]|\\d)(\+|\{(\d+)(?:,(\d+))?\})")
_KINDS: Final = {"[A-Z]": "a", r"\d": "n", "[0-9.]": "d"}

# What the patterns say in a longer way.
_SPELT: Final = {
    **dict.fromkeys(("D",), "YYMMD0"),
    **dict.fromkeys(("1D",), "D0MMYY"),
    **dict.fromkeys(("2D",), "MMD0YY"),
    "3D": "YDDD",
    "4D": "YYDDD",
    "5D": "YYMMDD+an",  # the pattern is open at the end, where the qualifier of the date stands
    "6D": "YYYYMMDD+an",
    "7D": "MMYY",
    "8D": "YYYYMMDDHHMM+n1..3",
    "10D": "YYWW",
    "11D": "YYYYWW",
    "13D": "YYWWYYWW",
    "28D": "YYYYMMDDYYYYMMDD",
    **dict.fromkeys(("12D", "14D", "16D", "25D", "26D", "27D"), "YYYYMMDD"),
    **dict.fromkeys(("15D", "17D", "20D"), "DDMMYYYY"),
    **dict.fromkeys(("18D", "19D", "22D"), "YYYYMMDDHHMM"),
    "4B": "an4..15",
    "5B": "an4..35",
    "14B": "a1",
    "15B": "an1..4",
    "18B": "a3+n7",
    **dict.fromkeys(("2E", "3E", "6E"), "an1..5"),
    "26H": "an5..39",
}

# Patterns that are cut off or broken, or that the standard's own examples do not match.
_DOUBTFUL: Final = {
    **dict.fromkeys(("21B", "23B", "24B"), "an6"),
    **dict.fromkeys(("21K", "18L", "35L", "33L", "34L"), "an"),
    **dict.fromkeys(("11L", "12L", "13L", "15L"), "an"),
    **dict.fromkeys(("27L", "27P", "12Q", "31Q"), "an"),
}


def table(entries: list[dict[str, Any]]) -> str:
    """The table, as it is committed.

    Args:
        entries: `di`, `n` and `regex` of every data identifier.
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("di", "name", "format"))
    for entry in entries:
        if entry["n"] >= _FIRST:
            known = DATA_IDENTIFIERS.get(entry["di"])
            rows.writerow((entry["di"], known.name if known else "", _format(entry["di"], *entry["regex"])))
    return out.getvalue()


def _format(di: str, pattern: str) -> str:
    """The format that a pattern stands for: most are sequences of character classes and how many."""
    if short := _SPELT.get(di) or _DOUBTFUL.get(di):
        return short
    bare = pattern.removeprefix("^").removesuffix("$")
    pieces = list(_PIECE.finditer(bare))
    if "".join(piece[0] for piece in pieces) != bare:
        raise SystemExit(f"{di}: {pattern} is of no known form: add it to the tables of this script.")
    return "+".join(_KINDS.get(piece[1], "an") + _bounds(piece) for piece in pieces)


def _bounds(piece: re.Match[str]) -> str:
    if piece[3] is None:
        return ""
    return piece[3] if piece[4] is None else f"{piece[3]}..{piece[4]}"


if __name__ == "__main__":
    sys.stdout.write(table(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
