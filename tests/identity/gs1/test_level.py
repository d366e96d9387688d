"""Levels: what the path of a Digital Link names, and every wider thing up to its key."""

from __future__ import annotations

import pytest

from twin.errors import InvalidIdentifier
from twin.identity.gs1 import PRIMARY_KEYS, Level

GTIN = "01/09506000134352"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (GTIN, GTIN),
        (f"gs1:{GTIN}/10/ABC", f"{GTIN}/10/ABC"),
        (f"{GTIN}/22/2A/10/ABC/21/S", f"{GTIN}/22/2A/10/ABC/21/S"),
        (f"{GTIN}/10/A%2fB", f"{GTIN}/10/A%2FB"),
        (f"{GTIN}/10/%41BC", f"{GTIN}/10/ABC"),
        (f"{GTIN}/235/TPX?10=L", f"{GTIN}/235/TPX"),
        (f"https://brand.example/x/{GTIN}/21/S?17=261231&from=mail#top", f"{GTIN}/21/S"),
        ("414/9520123456788/254/32a", "414/9520123456788/254/32a"),
    ],
)
def test_a_level_is_read_from_every_form(text: str, path: str) -> None:
    assert Level.parse(text).path == path


@pytest.mark.parametrize(
    "text",
    [
        "01/09506000134353",
        "01/9506000134352",
        f"{GTIN}/21/S/10/L",
        f"{GTIN}/10/",
        f"{GTIN}/10",
        f"{GTIN}/foo",
        f"{GTIN}/99/X",
        f"{GTIN}?17=269931",
        "00/106141411234567897/21/S",
        "10/ABC",
        "",
        "(01)09506000134352",
    ],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        Level.parse(text)


def test_the_narrowest_qualifier_counts_most() -> None:
    found = [level.path.removeprefix(GTIN) for level in Level.parse(f"{GTIN}/22/V/10/L/21/S").up()]
    lots = ["/22/V/10/L/21/S", "/10/L/21/S", "/22/V/21/S", "/21/S", "/22/V/10/L", "/10/L", "/22/V", ""]
    assert found == lots
    assert Level.parse(f"{GTIN}/22/V/10/L/21/S").paths_up() == [f"{GTIN}{lot}" for lot in lots]


def test_the_primary_keys_are_those_of_the_dictionary() -> None:
    expected = "00 01 253 255 401 402 414 415 417 8003 8004 8006 8010 8013 8017 8018"
    assert " ".join(sorted(PRIMARY_KEYS)) == expected
