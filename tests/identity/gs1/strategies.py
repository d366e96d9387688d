"""What the tests of GS1 share: where the wider vectors lie, and elements at random."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from twin.identity.gs1._ais import AIS, Element
from twin.identity.gs1._linters import CSET_39, CSET_82, check_digit_of, check_pair_of

VECTORS: Final = Path(__file__).parents[4] / "shared" / "vectors" / "gs1"

TABLE: Final = Path(__file__).parents[3] / "twin" / "identity" / "gs1" / "ais.csv"

DIGITS: Final = "0123456789"

_SETS: Final = {"N": DIGITS, "X": CSET_82, "Y": CSET_39, "Z": DIGITS + "ABCabc-_"}

_dates = st.dates().map(lambda day: f"{day:%y%m%d}").filter(lambda day: day[2:] != "0229")

# The components that random characters alone do not make.
_LINTED: Final = {
    "yymmd0": _dates | _dates.map(lambda day: day[:4] + "00"),
    "yymmdd": _dates,
    "yyyymmdd": st.dates().map(lambda day: f"{day.year:04}{day:%m%d}"),
    "hhmi": st.times().map(lambda time: f"{time:%H%M}"),
    "hh": st.times().map(lambda time: f"{time:%H}"),
    "mi": st.times().map(lambda time: f"{time:%M}"),
    "ss": st.times().map(lambda time: f"{time:%S}"),
    "iso3166": st.sampled_from(["004", "276", "840", "894"]),
    "iso3166999": st.sampled_from(["004", "276", "840", "894", "999"]),
    "iso3166alpha2": st.sampled_from(["AD", "DE", "US", "ZW"]),
    "iso4217": st.sampled_from(["008", "978", "840", "999"]),
    "iso5218": st.sampled_from("0129"),
    "hyphen": st.just("-"),
    "yesno": st.sampled_from("01"),
    "winding": st.sampled_from("019"),
    "zero": st.just("0"),
    "importeridx": st.sampled_from("-09AZ_az"),
    "packagetype": st.sampled_from(["1A", "8", "9", "APE", "ZZ"]),
    "mediatype": st.sampled_from(["01", "10", "80", "99"]),
    "pieceoftotal": st.sampled_from(["0101", "0102", "0202", "9999"]),
    "posinseqslash": st.sampled_from(["1/1", "2/3"]),
    "latitude": st.integers(0, 1_800_000_000).map("{:010}".format),
    "longitude": st.integers(0, 3_600_000_000).map("{:010}".format),
    "iban": st.sampled_from(["FR7630006000011234567890189", "BE71096123456769"]),
    "nonzero": None,
    "pcenc": None,
    "nozeroprefix": None,
}


def _component(written: str) -> st.SearchStrategy[str]:
    part = re.fullmatch(r"\[?([NXYZ])(\.\.)?(\d+)\]?(\S*)", written)
    assert part is not None
    characters, longest, linters = _SETS[part[1]], int(part[3]), part[4].split(",")[1:]
    for linter in linters:
        if (made := _LINTED.get(linter)) is not None:
            return made
    plain = st.text(characters, min_size=1 if part[2] else longest, max_size=longest)
    if "csum" in linters:
        return plain.map(lambda value: value[:-1] + check_digit_of(value[:-1]))
    if "gcppos1" in linters and part[1] != "N":
        prefix = st.text(DIGITS, min_size=4, max_size=4)
        room = longest - 4 - 2 * ("csumalpha" in linters)
        plain = st.builds(str.__add__, prefix, st.text(characters, max_size=room))
    if "csumalpha" in linters:
        return plain.map(lambda value: value + check_pair_of(value))
    return plain


def _formats() -> dict[str, list[str]]:
    formats = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            first, _, last = row["ai"].partition("-")
            for number in range(int(first), int(last or first) + 1):
                formats[f"{number:0{len(first)}}"] = row["format"].split()
    return formats


FORMATS: Final = _formats()


@st.composite
def values(draw: st.DrawFn, ai: str) -> str:
    """A value of the application identifier, by its format in the table."""
    pieces = []
    for component in FORMATS[ai]:
        if component.startswith("[") and draw(st.booleans()):
            break
        pieces.append(draw(_component(component)))
    return "".join(pieces)


def elements(*ais: str) -> st.SearchStrategy[tuple[Element, ...]]:
    """Elements of these application identifiers, in this order."""
    return st.tuples(*(st.tuples(st.just(ai), values(ai).filter(AIS[ai].accepts)) for ai in ais))


BESIDE_GTIN: Final = ("10", "11", "17", "21", "22", "240", "250", "30", "3103", "3922", "414", "422", "710", "90", "99")


@st.composite
def messages(draw: st.DrawFn) -> tuple[Element, ...]:
    """A GTIN, and in any order what may stand beside it."""
    ais = draw(st.lists(st.sampled_from(BESIDE_GTIN), unique=True, max_size=6))
    return draw(elements(*draw(st.permutations(["01", *ais]))))
