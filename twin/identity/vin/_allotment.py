"""To whom the first two characters of a manufacturer identifier are allotted: a region, and mostly a country.

References:
    ISO 3780. Neither its text nor its chart of codes was at hand: `countries.csv` has the chart's ranges as two public
    tables give them, which agree; so region and country are good for display and are not verified
"""

from __future__ import annotations

import csv
from enum import Enum
from importlib import resources
from typing import Final

__all__ = ["Region", "country_of", "region_of"]

# The order in which ranges run: letters first, then 1 to 9, then 0.
_ORDER: Final = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890"


class Region(Enum):
    """The part of the world that a manufacturer identifier is allotted to; not where the vehicle was sold."""

    AFRICA = "Africa"
    ASIA = "Asia"
    EUROPE = "Europe"
    NORTH_AMERICA = "North America"
    OCEANIA = "Oceania"
    SOUTH_AMERICA = "South America"


_REGIONS: Final = {
    character: region
    for characters, region in (
        ("ABCDFG", Region.AFRICA),
        ("HJKLMNPR", Region.ASIA),  # H was Africa's, and is China's now
        ("ESTUVWXYZ", Region.EUROPE),  # E was Africa's, and is Russia's now
        ("12345", Region.NORTH_AMERICA),
        ("67", Region.OCEANIA),
        ("890", Region.SOUTH_AMERICA),
    )
    for character in characters
}


def _countries() -> dict[str, str]:
    table = resources.files(__package__).joinpath("countries.csv").read_text(encoding="utf-8")
    return {
        row["first"][0] + second: row["country"]
        for row in csv.DictReader(table.splitlines())
        for second in _ORDER[_ORDER.index(row["first"][1]) : _ORDER.index(row["last"][1]) + 1]
    }


_COUNTRIES: Final = _countries()


def region_of(code: str) -> Region:
    """The region of two characters: by the first, and for 7 by the second.

    Examples:
        >>> region_of("WV"), region_of("7S")
        (<Region.EUROPE: 'Europe'>, <Region.NORTH_AMERICA: 'North America'>)
    """
    if code[0] == "7" and code[1] not in "ABCDE":
        return Region.NORTH_AMERICA
    return _REGIONS[code[0]]


def country_of(code: str) -> str | None:
    """The country of two characters, or None where none is allotted.

    Examples:
        >>> country_of("WV"), country_of("20")
        ('Germany', None)
    """
    return _COUNTRIES.get(code)
