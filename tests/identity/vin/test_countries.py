from __future__ import annotations

import csv
from importlib import resources

import pytest

from twin.identity.vin import VIN, Region

ORDER = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890"

with resources.files("twin.identity.vin").joinpath("countries.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("first", "country", "source"),
    [
        ("AA", "South Africa", "clearvin.com 2019: AA-AH"),
        ("J1", "Japan", "python-libvin: J"),
        ("JN", "Japan", "python-libvin tests: JN1, Infiniti"),
        ("KN", "South Korea", "python-libvin tests: KNM, Kia"),
        ("LS", "China", "clearvin.com 2019: L"),
        ("ML", "Thailand", "clearvin.com 2019: ML-MR"),
        ("SC", "United Kingdom", "python-libvin tests: SCF, Aston Martin"),
        ("TM", "Czechia", "clearvin.com 2019: TJ-TP; Skoda"),
        ("TR", "Hungary", "python-libvin tests: TRU, Audi"),
        ("U5", "Slovakia", "clearvin.com 2019: U5-U7"),
        ("VF", "France", "clearvin.com 2019: VF-VR; Renault"),
        ("VS", "Spain", "clearvin.com 2019: VS-VW; Seat"),
        ("W0", "Germany", "vininfo tests: W0L, Opel"),
        ("XT", "Russia", "vininfo tests: XTA, Lada"),
        ("YV", "Sweden", "python-libvin tests: YV1, Volvo"),
        ("ZF", "Italy", "clearvin.com 2019: ZA-ZR; Ferrari"),
        ("1G", "United States", "49 CFR 565.15, the sample"),
        ("2F", "Canada", "python-libvin tests: 2FT, Ford"),
        ("3C", "Mexico", "python-libvin tests: 3C3, Fiat"),
        ("5U", "United States", "python-libvin tests: 5UM, BMW"),
        ("6F", "Australia", "clearvin.com 2019: 6; Ford"),
        ("7A", "New Zealand", "Wikipedia: 7A-7E"),
        ("7S", "United States", "Wikipedia: 7F-70; Tesla in Texas is 7SA"),
        ("8A", "Argentina", "clearvin.com 2019: 8A-8E"),
        ("9B", "Brazil", "clearvin.com 2019: 9A-9E"),
        ("93", "Brazil", "clearvin.com 2019: 93-99"),
        ("20", None, "vininfo tests: 200 has no country"),
        ("GA", None, "in no range"),
        ("3Z", None, "in no range"),
    ],
)
def test_published(first: str, country: str | None, source: str) -> None:
    assert VIN(first + "111111111111111").country == country, source


def test_every_range_runs_forward_and_none_overlaps() -> None:
    codes = [
        row["first"][0] + second
        for row in ROWS
        for second in ORDER[ORDER.index(row["first"][1]) : ORDER.index(row["last"][1]) + 1]
    ]
    assert len(codes) == len(set(codes))
    assert len(codes) >= len(ROWS)
    assert all(row["first"][0] == row["last"][0] and row["country"] and row["source"] for row in ROWS)


def test_a_country_is_known_for_every_character_of_every_allotted_range() -> None:
    known = {one + other for one in ORDER for other in ORDER if VIN(one + other + "1" * 15).country}
    assert len(known) == sum(ORDER.index(row["last"][1]) - ORDER.index(row["first"][1]) + 1 for row in ROWS)


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("United States", Region.NORTH_AMERICA),
        ("Canada", Region.NORTH_AMERICA),
        ("Mexico", Region.NORTH_AMERICA),
        ("New Zealand", Region.OCEANIA),
        ("Germany", Region.EUROPE),
        ("China", Region.ASIA),
    ],
)
def test_country_and_region_agree(country: str, region: Region) -> None:
    codes = [row["first"] for row in ROWS if row["country"] == country]
    assert codes
    assert {VIN(code + "1" * 15).region for code in codes} == {region}
