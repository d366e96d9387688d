from __future__ import annotations

import csv
import subprocess
import sys

import pytest

from tests.identity.gs1.strategies import TABLE, VECTORS
from twin.identity.gs1 import _dictionary
from twin.identity.gs1._ais import AIS
from twin.identity.gs1._dictionary import COLUMNS, table_of

DICTIONARY = VECTORS / "gs1-syntax-dictionary.txt"

# application identifier, predefined length, in a query, primary key, qualifiers, source
FACTS = [
    ("00", True, True, True, "", "gs1-syntax-dictionary.txt"),
    ("01", True, True, True, "22,10,21|235", "gs1-syntax-dictionary.txt"),
    ("02", True, True, False, "", "gs1-syntax-dictionary.txt"),
    ("03", True, False, False, "", "gs1-syntax-dictionary.txt"),
    ("10", False, True, False, "", "gs1-syntax-dictionary.txt"),
    ("21", False, False, False, "", "gs1-syntax-dictionary.txt"),
    ("253", False, True, True, "", "gs1-syntax-dictionary.txt"),
    ("3103", True, True, False, "", "gs1-syntax-dictionary.txt"),
    ("414", True, True, True, "254|7040", "gs1-syntax-dictionary.txt"),
    ("415", True, True, True, "8020", "gs1-syntax-dictionary.txt"),
    ("417", True, True, True, "7040", "gs1-syntax-dictionary.txt"),
    ("422", False, True, False, "", "gs1-syntax-dictionary.txt"),
    ("8003", False, True, True, "", "gs1-syntax-dictionary.txt"),
    ("8004", False, True, True, "7040", "gs1-syntax-dictionary.txt"),
    ("8006", False, True, True, "22,10,21", "gs1-syntax-dictionary.txt"),
    ("8010", False, True, True, "8011", "gs1-syntax-dictionary.txt"),
    ("8013", False, True, True, "", "gs1-syntax-dictionary.txt"),
    ("8017", False, True, True, "8019", "gs1-syntax-dictionary.txt"),
    ("8018", False, True, True, "8019", "gs1-syntax-dictionary.txt"),
    ("8200", False, False, False, "", "gs1-syntax-dictionary.txt"),
]


@pytest.mark.parametrize(("ai", "predefined", "attribute", "key", "qualifiers", "source"), FACTS)
def test_what_the_table_says(
    ai: str, predefined: bool, attribute: bool, key: bool, qualifiers: str, source: str
) -> None:
    known = AIS[ai]
    assert (known.predefined_length, known.attribute, known.primary_key) == (predefined, attribute, key), source
    assert "|".join(",".join(sequence) for sequence in known.qualifiers) == qualifiers


@pytest.mark.skipif(not DICTIONARY.exists(), reason="the wider vectors lie outside the repository")
def test_the_table_is_what_the_dictionary_makes() -> None:
    command = [sys.executable, "-m", _dictionary.__name__, str(DICTIONARY)]
    made = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    assert made == TABLE.read_text(encoding="utf-8")


def test_the_table_has_every_application_identifier_but_coupons() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (len(rows), len(AIS)) == (222, 539)
    assert list(rows[0]) == list(COLUMNS)
    assert not {"8110", "8112"} & AIS.keys()
    assert {ai for ai, known in AIS.items() if known.primary_key} == {
        *("00", "01", "253", "255", "401", "402", "414", "415", "417"),
        *("8003", "8004", "8006", "8010", "8013", "8017", "8018"),
    }


def test_all_that_begins_with_the_same_two_digits_is_as_long() -> None:
    lengths: dict[str, set[int]] = {}
    for ai in AIS:
        lengths.setdefault(ai[:2], set()).add(len(ai))
    assert all(len(found) == 1 for found in lengths.values())


def test_an_attribute_that_is_not_known_is_no_silence() -> None:
    with pytest.raises(ValueError, match="17: maybe=1 is not known here"):
        table_of("17  *?  N6,yymmd0  req=01 maybe=1  # USE BY")
    with pytest.raises(ValueError, match="17: req=02 is not known here"):
        table_of("17  *?  N6,yymmd0  req=01 req=02  # USE BY")
