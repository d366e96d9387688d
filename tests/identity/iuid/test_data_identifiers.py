from __future__ import annotations

import datetime as dt
import json
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.identity.iuid import _dictionary
from twin.identity.iuid.data_identifiers import DATA_IDENTIFIERS, split

PATTERNS = Path(__file__).parents[4] / "shared" / "vectors" / "iuid" / "mh10_8_2_data_identifiers.json"

# data identifier, data, whether the format admits it, source
EXAMPLES = [
    ("16D", "20131108", True, "ANSI MH10.8.2, 34L"),
    ("25D", "20170202", True, "ANSI MH10.8.2, 25D"),
    ("28D", "2017012320170214", True, "ANSI MH10.8.2, 28D"),
    ("8J", "211123456", True, "ANSI MH10.8.2, 8J"),
    ("12Q", "2.50USD", True, "ANSI MH10.8.2, 12Q"),
    ("27Q", "1000.5", True, "ANSI MH10.8.2, 27Q"),
    ("31Q", "EUR", True, "ANSI MH10.8.2, 31Q"),
    ("32Q", "28903-3+60", True, "ANSI MH10.8.2, 32Q"),
    ("50P", "ABC+6", True, "ANSI MH10.8.2, 50P"),
    ("51P", "J4LBE0431863103+ABC+", True, "ANSI MH10.8.2, 51P"),
    ("26H", "LHHIBC987XY65+LK", True, "ANSI MH10.8.2, 26H"),
    ("23V", "IE6388047V", True, "ANSI MH10.8.2, 23V"),
    ("7R", "MUC", True, "ANSI MH10.8.2, 7R"),
    ("9R", "02", True, "ANSI MH10.8.2, 9R"),
    ("13E", "2a", True, "ANSI MH10.8.2, 13E"),
    ("15N", "VAA08810000000001123Ab.098", True, "ANSI MH10.8.2, 15N"),
    ("4L", "US", True, "ANSI MH10.8.2, 34L"),
    ("D", "151231", True, "IFA specification, expiry date"),
    ("D", "280300", True, "made up: the day may be left open"),
    ("5D", "230709", True, "a public scanner's example: without the qualifier"),
    ("1P", "31-142", True, "Mil-Pac, part number of a UII"),
    ("D", "151331", False, "made up: month 13"),
    ("D", "150431", False, "made up: 31 April"),
    ("1D", "310415", False, "made up: 31 April"),
    ("2D", "043115", False, "made up: 31 April"),
    ("14D", "20230230", False, "made up: 30 February"),
    ("14D", "2023-02-28", True, "the pattern has separators"),
    ("4D", "24366", True, "made up: day 366"),
    ("4D", "24367", False, "made up: day 367"),
    ("4D", "24000", False, "made up: day 0"),
    ("10D", "2653", True, "made up: week 53"),
    ("10D", "2600", False, "made up: week 0"),
    ("18D", "202607011260", False, "made up: minute 60"),
    ("7L", "W81X9", False, "made up: five characters of six"),
    ("8P", "0415012345678", False, "made up: thirteen digits of fourteen"),
    ("8P", "0415012345678\u0662", False, "made up: an Arabic digit"),
    ("4L", "U1", False, "made up: a digit in a country"),
    ("J", "1" * 36, False, "made up: too long"),
    ("2B", "A\nB", False, "made up: a control character"),
]


@pytest.mark.parametrize(("code", "value", "admitted", "source"), EXAMPLES)
def test_formats(code: str, value: str, admitted: bool, source: str) -> None:
    assert DATA_IDENTIFIERS[code].admits(value) is admitted, source


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("S1", ("S", "1")),
        ("17V1AB23", ("17V", "1AB23")),
        ("1PABC", ("1P", "ABC")),
        ("25SUN123456789PA12345", ("25S", "UN123456789PA12345")),
        ("S\n1", ("S", "\n1")),
        ("S", None),
        ("17", None),
        ("1234S1", None),
        ("s1", None),
        ("+A123", None),
        ("", None),
        ("\u06621P1", None),
    ],
)
def test_an_element_is_split(element: str, expected: tuple[str, str] | None) -> None:
    assert split(element) == expected


def test_every_data_identifier_has_a_name_of_its_own_and_a_format_that_works() -> None:
    assert len(DATA_IDENTIFIERS) == 477
    for code, each in DATA_IDENTIFIERS.items():
        assert each.code == code
        assert split(f"{code}x") == (code, "x")
        assert each.name
        assert each.name == each.name.strip()
        assert not each.admits("\x1d")


@pytest.mark.skipif(not PATTERNS.exists(), reason="the wider vectors lie outside the repository")
def test_the_table_is_what_the_script_makes_of_the_patterns() -> None:
    made = _dictionary.table(json.loads(PATTERNS.read_text(encoding="utf-8")))
    assert made == files("twin.identity.iuid").joinpath("data_identifiers.csv").read_text(encoding="utf-8")


def test_a_pattern_of_an_unknown_form_stops_the_script() -> None:
    with pytest.raises(SystemExit, match=r"99Z: x\.y is of no known form"):
        _dictionary.table([{"di": "99Z", "n": 26099, "regex": ["x.y"]}])


def test_a_new_code_waits_for_its_name() -> None:
    assert _dictionary.table([{"di": "99Z", "n": 26099, "regex": [r"\d{2,3}$"]}]) == "di,name,format\n99Z,,n2..3\n"


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_every_date_is_admitted(date: dt.date) -> None:
    for code, written in {
        "D": "%y%m%d",
        "1D": "%d%m%y",
        "2D": "%m%d%y",
        "4D": "%y%j",
        "12D": "%Y%m%d",
        "15D": "%d%m%Y",
        "28D": "%Y%m%d%Y%m%d",
        "18D": "%Y%m%d2359",
        "7D": "%m%y",
    }.items():
        assert DATA_IDENTIFIERS[code].admits(date.strftime(written)), code


@given(st.integers(0, 999999).map("{:06}".format))
def test_no_other_day_is_admitted(text: str) -> None:
    def is_date() -> bool:
        try:
            dt.date(2000, int(text[2:4]), int(text[4:]) or 1)
        except ValueError:
            return False
        return True

    assert DATA_IDENTIFIERS["D"].admits(text) == is_date()
