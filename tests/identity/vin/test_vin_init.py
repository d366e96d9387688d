from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InvalidIdentifier, TooLarge
from twin.identity import Part, vin
from twin.identity.vin import VIN, CheckDigitPolicy, Region, parse, policy_for, read

CHARACTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
LIBVIN = Path(__file__).parents[4] / "shared" / "vectors" / "vin" / "libvin.csv"

# Our own table of what 49 CFR 565.15(c) makes of the letters: characters of one value, together.
SAME_VALUE = ["0", "1AJ", "2BKS", "3CLT", "4DMU", "5ENV", "6FW", "7GPX", "8HY", "9RZ"]

# vin, check digit by the rule, wmi, model year, source
PUBLISHED = [
    ("1G4AH59H45G118341", "4", "1G4", 2005, "49 CFR 565.15(c), sample: sum 411, remainder 4"),
    ("1G4AH59HX5G118344", "X", "1G4", 2005, "the sample with another serial: computed by hand, remainder 10"),
    ("1M8GDM9AXKP042788", "X", "1M8", 1989, "widely used specimen"),
    ("11111111111111111", "1", "111", 2001, "every product is its weight: 89 = 8 * 11 + 1"),
    ("137ZA903X1E412677", "X", "137", 2001, "python-libvin tests: Hummer"),
    ("19XFC1F7XGE028370", "X", "19X", 2016, "python-libvin tests: Honda, United States"),
    ("2A4GM684X6R632476", "X", "2A4", 2006, "python-libvin tests: Chrysler, Canada"),
    ("2FTCF15F2ECA55516", "2", "2FT", 1984, "python-libvin tests: Ford, Canada"),
    ("3C3CFFCR9FT528063", "9", "3C3", 2015, "python-libvin tests: Fiat, Mexico"),
    ("5UMDU93436L421092", "3", "5UM", 2006, "python-libvin tests: BMW, United States"),
    ("JN1AZ44EX9M403788", "X", "JN1", 2009, "python-libvin tests: Infiniti, Japan"),
    ("KNMAT2MT0GP672329", "0", "KNM", 2016, "python-libvin tests: Kia, South Korea"),
    ("SCFAD01A65G199359", "6", "SCF", 2005, "python-libvin tests: Aston Martin, United Kingdom"),
    ("TRUSC28N711268458", "7", "TRU", 2001, "python-libvin tests: Audi, Hungary"),
    ("WBSWL9C54AP786013", "4", "WBS", 2010, "python-libvin tests: BMW, Germany"),
    ("YV1902FH5D1796335", "5", "YV1", 2013, "python-libvin tests: Volvo, Sweden"),
]

# vin, findings, country, source. In position 9 stands filler, or what the maker likes.
EUROPEAN = [
    (
        "WP0ZZZ95ZJS905016",
        ["VIN_CHECK_DIGIT"],
        "Germany",
        "automesseweb.jp 2025-05-15: RM Sotheby's, Porsche 959",
    ),
    ("WP0ZZZ95ZHS900075", ["VIN_CHECK_DIGIT"], "Germany", "auto-motor-und-sport.de 2018-08: Mecum, Porsche 959"),
    ("WVWZZZ1JZWW100013", ["VIN_CHECK_DIGIT"], "Germany", "vr6-info.de: key to Volkswagen's numbers, a Golf IV"),
    ("WVWZZZ6RZBY123456", ["VIN_CHECK_DIGIT"], "Germany", "polo6rfreunde.de: key to Volkswagen's numbers, a Polo"),
    ("WAUZZZ8P77A005009", ["VIN_CHECK_DIGIT"], "Germany", "faudiq.de: key to Audi's numbers, an A3"),
    ("WAUZZZ8LZWA000001", ["VIN_CHECK_DIGIT"], "Germany", "a3-freunde.de: key to Audi's numbers, an A3"),
    ("WAUZZZ8Z25N012345", ["VIN_CHECK_DIGIT"], "Germany", "wiki.a2-freun.de: key to Audi's numbers, an A2"),
    ("W0LPC6DB3CC123456", ["VIN_CHECK_DIGIT"], "Germany", "vininfo tests: Opel Astra J"),
    ("VF14SRAP451234567", ["VIN_CHECK_DIGIT"], "France", "vininfo tests: Renault Logan"),
    ("XTAGFK330JY144213", ["VIN_CHECK_DIGIT"], "Russia", "vininfo tests: Lada Vesta; its check digit fails there too"),
    ("WBA71DC010CH14720", ["VIN_MODEL_YEAR"], "Germany", "vininfo tests: BMW; right check digit, no year code"),
    ("ZFA16900100123456", ["VIN_CHECK_DIGIT", "VIN_MODEL_YEAR"], "Italy", "made up in Fiat's pattern"),
]


def oracle(value: str) -> str:
    """The check digit, by a second way: the table of values above, and the weights by their rule."""
    weights = [8 - i for i in range(7)] + [10, 0] + [9 - i for i in range(8)]
    remainder = sum(
        weight * next(digit for digit, same in enumerate(SAME_VALUE) if character in same)
        for weight, character in zip(weights, value, strict=True)
    )
    return str(remainder % 11) if remainder % 11 < 10 else "X"


anything = st.text(CHARACTERS, min_size=17, max_size=17)
with_check_digit = anything.map(lambda value: value[:8] + oracle(value) + value[9:])


@pytest.mark.parametrize(
    ("value", "check_digit", "wmi", "year", "source"), PUBLISHED, ids=[row[0] for row in PUBLISHED]
)
def test_published(value: str, check_digit: str, wmi: str, year: int, source: str) -> None:
    parsed = parse(value, CheckDigitPolicy.NORTH_AMERICA)
    assert parsed.check_digit == parsed.check_digit_expected == check_digit, source
    assert parsed.findings == ()
    assert parsed.wmi == wmi
    assert parsed.model_years[0] == year


@pytest.mark.skipif(not LIBVIN.exists(), reason="the wider vectors lie outside the repository")
def test_wider_cross_check() -> None:
    with LIBVIN.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 84
    for row in rows:
        parsed = parse(row["vin"], CheckDigitPolicy.NORTH_AMERICA)
        assert parsed.wmi == row["wmi"]
        assert parsed.model_years[0] == int(row["model_year"])
        assert parsed.north_american == (row["country"] in {"United States", "Canada", "Mexico"})


def test_the_pieces() -> None:
    parsed = VIN("1M8GDM9AXKP042788")
    assert (parsed.wmi, parsed.vds, parsed.vis) == ("1M8", "GDM9AX", "KP042788")
    assert (parsed.check_digit, parsed.model_year_code, parsed.plant_code, parsed.serial) == ("X", "K", "P", "042788")
    assert (parsed.manufacturer, parsed.maker_suffix) == ("1M8", "")
    assert parsed.canonical == "vin:1M8GDM9AXKP042788"
    assert parsed.parts == (
        Part("World manufacturer identifier", "1M8"),
        Part("Vehicle attributes", "GDM9A"),
        Part("Check digit", "X"),
        Part("Model year code", "K"),
        Part("Plant code", "P"),
        Part("Serial number", "042788"),
    )


def test_a_nine_in_third_place_makes_six_characters_of_manufacturer() -> None:
    parsed = VIN("1A9BC1234KR357001")
    assert (parsed.wmi, parsed.maker_suffix, parsed.manufacturer, parsed.serial) == ("1A9", "357", "1A9357", "001")
    assert parsed.vis == "KR357001"
    assert parsed.parts[-2:] == (Part("Manufacturer identifier, second half", "357"), Part("Serial number", "001"))


@given(anything)
def test_the_parts_are_the_whole(value: str) -> None:
    parsed = VIN(value)
    assert "".join(part.value for part in parsed.parts) == value
    assert parsed.wmi + parsed.vds + parsed.vis == value


@given(anything)
def test_canonical_is_read_back(value: str) -> None:
    parsed = parse(value)
    assert parse(parsed.canonical.removeprefix("vin:")) == parsed
    assert parse(value.lower()) == parsed
    assert parsed.check_digit_expected == oracle(value)
    assert parsed.check_digit_ok == (not any(finding.code == "VIN_CHECK_DIGIT" for finding in parsed.findings))


@given(with_check_digit, st.integers(0, 16), st.sampled_from(CHARACTERS))
def test_one_wrong_character_is_noticed_unless_its_value_is_the_same(value: str, place: int, other: str) -> None:
    wrong = VIN(value[:place] + other + value[place + 1 :])
    same = value[place] == other if place == 8 else any({value[place], other} <= set(group) for group in SAME_VALUE)
    assert wrong.check_digit_ok == same


def test_which_substitutions_escape_the_check_digit_all_of_them() -> None:
    """Weights and 11 are coprime: only letters that share a value escape, 84 of 1,056 ordered pairs."""
    value = "1M8GDM9AXKP042788"
    escaping = set()
    for place in range(17):
        for original in CHARACTERS:
            start = value[:place] + original + value[place + 1 :]
            start = start[:8] + oracle(start) + start[9:] if place != 8 else value
            for other in CHARACTERS:
                if other != start[place] and VIN(start[:place] + other + start[place + 1 :]).check_digit_ok:
                    escaping.add((place, original, other))
    expected = {
        (place, one, other)
        for place in range(17)
        if place != 8
        for group in SAME_VALUE
        for one in group
        for other in group
        if one != other
    }
    assert escaping == expected
    assert len(expected) == 16 * 84


@pytest.mark.parametrize(("value", "codes", "country", "source"), EUROPEAN, ids=[row[0] for row in EUROPEAN])
def test_european_numbers_are_accepted_with_findings(value: str, codes: list[str], country: str, source: str) -> None:
    for parsed in (parse(value), parse(value, policy_for(value)), *read(value)):
        assert [finding.code for finding in parsed.findings] == codes, source
        assert "Perhaps" not in "".join(finding.message for finding in parsed.findings)
        assert parsed.region is Region.EUROPE
        assert parsed.country == country
        assert not parsed.north_american


@pytest.mark.parametrize("value", [row[0] for row in EUROPEAN if "VIN_CHECK_DIGIT" in row[1]])
def test_a_european_number_is_refused_where_the_caller_asks_for_the_check_digit(value: str) -> None:
    with pytest.raises(InvalidIdentifier, match="is not a North American VIN"):
        parse(value, CheckDigitPolicy.NORTH_AMERICA)


def test_a_wrong_check_digit_is_fatal_under_the_north_american_policy_alone() -> None:
    wrong = "1M8GDM9A1KP042788"
    assert [finding.message for finding in parse(wrong).findings] == [
        "Check digit in position 9: expected X, found 1. "
        "Perhaps 1M8GDM9AXKP042788, 4M8GDM9A1KP042788 or 1R8GDM9A1KP042788 is meant."
    ]
    with pytest.raises(InvalidIdentifier) as refused:
        parse(wrong, policy_for(wrong))
    assert refused.value.message == (
        "'1M8GDM9A1KP042788' is not a North American VIN: expected the check digit X at position 9, found '1'."
    )


@pytest.mark.parametrize(
    ("first", "region"),
    [
        *[(first, Region.AFRICA) for first in ("AA", "BA", "CA")],
        *[(first, Region.ASIA) for first in ("HJ", "JN", "KN", "LS", "MA", "NM", "PL", "R2")],
        *[(first, Region.EUROPE) for first in ("EA", "SA", "TR", "UU", "VF", "WV", "XT", "YV", "ZF")],
        *[(first, Region.NORTH_AMERICA) for first in ("1G", "2T", "3V", "4T", "5Y", "7F", "7S", "7Z", "71", "70")],
        *[(first, Region.OCEANIA) for first in ("6F", "7A", "7E")],
        *[(first, Region.SOUTH_AMERICA) for first in ("8A", "93", "01")],
    ],
)
def test_region(first: str, region: Region) -> None:
    parsed = VIN(first + "111111111111111")
    assert parsed.region is region
    assert parsed.north_american == (region is Region.NORTH_AMERICA)
    assert policy_for(parsed.value.lower()) is (
        CheckDigitPolicy.NORTH_AMERICA if parsed.north_american else CheckDigitPolicy.REPORT
    )


def test_every_first_character_has_a_region() -> None:
    assert {VIN(first + "1" * 16).region for first in CHARACTERS} == set(Region)


@pytest.mark.parametrize(
    ("code", "older", "newer"),
    [
        ("A", 1980, 2010),
        ("H", 1987, 2017),
        ("J", 1988, 2018),
        ("N", 1992, 2022),
        ("P", 1993, 2023),
        ("R", 1994, 2024),
        ("T", 1996, 2026),
        ("V", 1997, 2027),
        ("Y", 2000, 2030),
        ("1", 2001, 2031),
        ("9", 2009, 2039),
    ],
)
def test_model_years_are_both_cycles_the_likelier_first(code: str, older: int, newer: int) -> None:
    digit, letter = VIN(f"111111311{code}1111111"), VIN(f"111111B11{code}1111111")
    assert digit.model_years == (older, newer)
    assert letter.model_years == (newer, older)
    assert "a digit, 3: on a light North American vehicle that means 1980 to 2009" in digit.model_years_reason
    assert "a letter, B: on a light North American vehicle that means 2010 to 2039" in letter.model_years_reason


def test_thirty_year_codes_cover_sixty_years() -> None:
    years = [year for code in CHARACTERS for year in VIN(f"111111111{code}1111111").model_years]
    assert sorted(years) == list(range(1980, 2040))


@pytest.mark.parametrize("code", ["U", "Z", "0"])
def test_what_is_no_year_code_gives_no_year_and_a_finding(code: str) -> None:
    parsed = VIN(f"111111111{code}1111111")
    assert parsed.model_years == ()
    assert parsed.model_years_reason == f"Position 10 is no year code: {code}."
    assert [finding.message for finding in parsed.findings if finding.code == "VIN_MODEL_YEAR"] == [
        f"Model year in position 10: expected one of ABCDEFGHJKLMNPRSTVWXY123456789, found {code}."
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "expected 17 characters, found 0."),
        ("1M8GDM9AXKP04278", "expected 17 characters, found 16."),
        ("1M8GDM9AXKP0427889", "expected 17 characters, found 18."),
        ("I1M8GDM9AXKP042788", "expected 17 characters, found 18."),
        (" 1M8GDM9AXKP042788", "expected 17 characters, found 18."),
        ("1M8GDM9AXKP042788\n", "expected 17 characters, found 18."),
        ("IM8GDM9AXKP042788", "expected A-Z without I, O, Q, or 0-9, at position 1, found 'I'."),
        ("1M8GDM9AXKPO42788", "expected A-Z without I, O, Q, or 0-9, at position 12, found 'O'."),
        ("1M8GDM9AXKPQ42788", "expected A-Z without I, O, Q, or 0-9, at position 12, found 'Q'."),
        ("1M8GDM9AXKP04278-", "expected A-Z without I, O, Q, or 0-9, at position 17, found '-'."),
        ("1M8GDM9AX P042788", "expected A-Z without I, O, Q, or 0-9, at position 10, found ' '."),
        ("¹M8GDM9AXKP042788", "expected A-Z without I, O, Q, or 0-9, at position 1, found '¹'."),
        ("1M8GDM9AXKP04278\uff18", "expected A-Z without I, O, Q, or 0-9, at position 17, found '\uff18'."),
        ("1M8GDM9AXKP04278٨", "expected A-Z without I, O, Q, or 0-9, at position 17, found '٨'."),
        ("1M8GDM9AX\uff2bP042788", "expected A-Z without I, O, Q, or 0-9, at position 10, found '\uff2b'."),
        ("1M8GDM9AX\u212aP042788", "expected A-Z without I, O, Q, or 0-9, at position 10, found '\u212a'."),
        ("1M8GDM9AX\u017fP042788", "expected A-Z without I, O, Q, or 0-9, at position 10, found '\u017f'."),
        ("1M8GDM9A\u00dfP042788", "expected 17 characters, found 16."),
        ("1M8GDM9AX\0P042788", "expected A-Z without I, O, Q, or 0-9, at position 10, found '\\x00'."),
        ("1M8GDM9AX\ud800P042788", "expected A-Z without I, O, Q, or 0-9, at position 10, found '\\ud800'."),
    ],
)
def test_what_is_no_vin_is_refused_with_the_reason(text: str, found: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        parse(text)
    assert refused.value.message.startswith(("'", '"'))
    assert refused.value.message.endswith(f" is not a VIN: {found}")


def test_a_vin_that_exists_is_in_upper_case() -> None:
    assert parse("wvwzzz1jzxw000001").value == "WVWZZZ1JZXW000001"
    with pytest.raises(InvalidIdentifier, match="at position 1, found 'w'"):
        VIN("wvwzzz1jzxw000001")
    with pytest.raises(TooLarge):
        VIN("A" * 2001)


@pytest.mark.parametrize(
    "text",
    [
        "1M8GDM9AXKP042788",
        "1m8gdm9axkp042788",
        " \t1M8GDM9AXKP042788\r\n",
        "1M8 GDM9AX KP042788",
        "1M8-GDM9AX-KP042788",
        "I1M8GDM9AXKP042788",
        "i1m8gdm9axkp042788",
        "*1M8GDM9AXKP042788*",
        "*I1M8GDM9AXKP042788*",
        "* I 1M8 GDM9AX KP042788 *",
    ],
)
def test_a_scan_is_forgiven_its_clothes(text: str) -> None:
    assert read(text) == (VIN("1M8GDM9AXKP042788"),)
    assert read(text, "]A0") == (VIN("1M8GDM9AXKP042788"),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "1M8GDM9AXKP04278",
        "11M8GDM9AXKP042788",
        "II1M8GDM9AXKP042788",
        "1M8GDM9AX*KP042788",
        "1M8GDM9AXKP042788\x1d",
        "¹M8GDM9AXKP042788",
        "\uff11M8GDM9AXKP042788",
        "\u00a01M8GDM9AXKP042788",
        "\u01311M8GDM9AXKP042788",
        "1M8GDM9AXKP042788 1M8GDM9AXKP042788",
    ],
)
def test_a_scan_of_another_form_is_none_and_never_a_guess(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1M8GDM9AXKPO42788", "1M8GDM9AXKP042788"),
        ("1m8gdm9axkpo42788", "1M8GDM9AXKP042788"),
        ("IM8GDM9AXKP042788", "1M8GDM9AXKP042788"),
        ("IIM8GDM9AXKP042788", "1M8GDM9AXKP042788"),  # the data identifier, and the one misread
        ("*1M8GDM9AXKPQ42788*", "1M8GDM9AXKP042788"),
        ("IM8GDM9AXKPO42788", "1M8GDM9AXKP042788"),
        ("WVWZZZIJZXWOOOOO1", None),  # two digits are too few to be sure
        ("WVWZZZIJZXW000001", "WVWZZZ1JZXW000001"),
        ("WP0ZZZ95ZJS9O5016", "WP0ZZZ95ZJS905016"),
        ("VFI4SRAP451234567", "VF14SRAP451234567"),
    ],
)
def test_a_vin_with_i_o_or_q_in_it_is_explained(text: str, meant: str | None) -> None:
    if meant is None:
        assert read(text) == ()
        return
    with pytest.raises(InvalidIdentifier) as refused:
        read(text)
    assert refused.value.message.endswith(f" Perhaps {meant} is meant.")
    assert "is not a VIN: expected A-Z without I, O, Q, or 0-9, at position " in refused.value.message
    assert read(text, "]C1") == ()


@pytest.mark.parametrize(
    "text",
    [
        "CONSTITUTIONALITY",
        "Incomprehensibili",
        "OOOOOOOOOOOOOOOOO",
        "IIIIIIIIIIIIIIIII",
        "QQQQ1234567890123",
        "PO123456789012345",
        "ORDER202410011234",
        "INVOICE2024100112",
        "ISBN9780306406157",
        "SO-2024-000012345",
        "IPHONE15PRO256GBX",
        "WVWZZZ1JZXW0O0AB1",
        "IM8GDM9A1KP042788",  # no reading of the I agrees with the check digit
    ],
)
def test_what_only_has_seventeen_characters_is_no_broken_vin(text: str) -> None:
    assert read(text) == ()


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=16, max_size=18) | st.text("0123456789IOQ ", max_size=20))
def test_words_and_numbers_are_no_broken_vins(text: str) -> None:
    read(text)


def test_the_clause_is_in_the_docstring_of_every_rule() -> None:
    rules = (
        VIN.check_digit_expected,
        VIN.model_years,
        VIN.maker_suffix,
        VIN.region,
        VIN.country,
        vin.corrections,
        vin.transpositions,
        vin.parse,
        vin.policy_for,
        vin.read,
    )
    for rule in rules:
        assert rule.__doc__ is not None
        assert "References:" in rule.__doc__
