from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.identity.gs1.strategies import DIGITS, FORMATS
from twin.identity.gs1._linters import (
    CSET_32,
    CSET_39,
    CSET_82,
    LINTERS,
    check_digit_of,
    check_pair_of,
)

# linter, what it passes, what it does not, source
PUBLISHED = [
    (
        "csum",
        "02345673 416000336108 1234567890128 12345678901231 123456789012345675",
        "12345673 416000336109 1234567890129 12345678901232 123456789012345670",
        "lint_csum.c",
    ),
    (
        "csumalpha",
        "22 !22 !!22 1987654Ad4X4bL5ttr2310c2K 12345678901234567890123NT 12345_ABCDEFGHIJKLMCP 12345_NOPQRSTUVWXYZDN "
        "12345_abcdefghijklmN3 12345_nopqrstuvwxyzP2 12345_!\"%&'()*+,-./LC 12345_0123456789:;<=>?62 7907665Bm8v2AB "
        "97850l6KZm0yCD 225803106GSpEF 149512464PM+GH 62577B8fRG7HJK 515942070CYxLM 390800494sP6NP 386830132uO+QR "
        "53395376X1:nST 957813138Sb6UV 530790no0qOgWX 62185314IvwmYZ 23956qk1&dB!23 794394895ic045 57453Uq3qA<H67 "
        "0881063PhHvY89 00000!HV 99999zzzzzzzzzzzzzzzzzzT2",
        "2 33 1987654Ad4X4bL5ttr2310cXK 1987654Ad4X4bL5ttr2310c2X",
        "lint_csumalpha.c",
    ),
    ("gcppos1", "01234 0123 0123A", "012 01 0 012A 01AA 0AAA AAAA", "lint_gcppos1.c"),
    ("gcppos2", "I01234 I0123 I0123A", "I012 I01 I0 I I012A I01AA I0AAA IAAAA", "lint_gcppos2.c"),
    (
        "cset64",
        "123 12 12= 1== ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789-_",
        "=== 123= 12== 1=== 1234= A.C",
        "lint_cset64.c",
    ),
    ("hasnondigit", "/ : /123456789 012345678/ AA A1 1A 1A1", "0 9 0123456789 11 111", "lint_hasnondigit.c"),
    ("nonzero", "1 01 10 11 001 0009 9000 01234567890", "0 00 000 0000", "lint_nonzero.c"),
    ("zero", "0 00 000", "1 01 10 001 010 110 X 0X X0", "lint_zero.c"),
    ("nozeroprefix", "1 10 210 321 1234567890", "0 01 012 0123", "lint_nozeroprefix.c"),
    ("hyphen", "- --", "X XX", "lint_hyphen.c"),
    (
        "yymmd0",
        "000606 250606 500606 750606 990606 200131 200229 200430 210228 240229 000229 040229 960229 200600",
        "200010 201310 209910 200132 200230 200332 200431 201131 201232 210229 220229 230229 240230 000230 040230",
        "lint_yymmd0.c",
    ),
    (
        "yymmdd",
        "000606 990606 200131 200229 240229 000229",
        "200600 200010 201310 200132 200230 210229",
        "lint_yymmdd.c",
    ),
    (
        "yyyymmdd",
        "20000606 20750606 19990606 19200131 20200229 19960229 20000229 24000229 21000228",
        "20200010 20201310 20200132 20200230 20210229 21000229 22000229 23000229 24000230 20200600",
        "lint_yyyymmdd.c and lint_yyyymmd0.c",
    ),
    ("hh", "00 09 10 19 20 23", "24 29 30 99", "lint_hh.c"),
    ("mi", "00 09 10 59", "60 69 99", "lint_mi.c"),
    ("ss", "00 09 10 59", "60 69 99", "lint_ss.c"),
    ("hhmi", "0000 2359 0100 1200 0059", "2400 0060", "lint_hhmi.c"),
    ("latitude", "0279085848 0000000000 1800000000", "1800000001", "lint_latitude.c"),
    ("longitude", "3015297971 0000000000 3600000000", "3600000001", "lint_latlong.c"),
    (
        "pieceoftotal",
        "11 13 23 33 89 99 0101 0103 0203 0303 9899 9999 001001 002003 998999",
        "01 00 10 0001 0000 0100 000001 001000 21 98 0908 1009 1110 9998 002001 100099",
        "lint_pieceoftotal.c",
    ),
    (
        "posinseqslash",
        "1/1 1/3 2/3 3/3 8/9 9/10 10/10 1/100 98/99 999/999",
        "/ 1 x 1/ x/ 1// /1 //1 1//2 x/y 0/1 1/0 0/0 1/02 01/2 2/1 10/9 11/10 100/99 999/998",
        "lint_posinseqslash.c",
    ),
    (
        "pcenc",
        "A ABCDEFGHI %00 %FF %Ff %fF %ff %20 ABC%20XYZ ABCDEFGHIJKLMNOPQRSTUVWXYZ%00+12345",
        "%fg %gf %g ABC%fg ABC%gf ABC%g ABC%fgXYZ ABC%gfXYZ ABC%gXYZ",
        "lint_pcenc.c",
    ),
    (
        "iban",
        "FR7630006000011234567890189 DE91100000000123456789 GR9608100010000001234567890 MU43BOMM0101123456789101000MUR "
        "PK70BANK0000123456789000 PL10105000997603123456789123 RO09BCYP0000001234567890 SA4420000001234567891234 "
        "ES7921000813610123456789 CH5604835012345678009 GB98MIDL07009312345678 BE71096123456769 "
        "LC14BOSL123456789012345678901234 MT90MALT011000012345MTLCAST001SABC",
        "BE71096123456760 LC14BOSL123456789012345678901230 MT90MALT011000012345MTLCAST001SAB0 B BE BE7 BE71 "
        "LC14BOSLxx3456789012345678901230 XX361234567890",
        "lint_iban.c",
    ),
    ("importeridx", "- 0 9 A Z _ a z", "! \" % & ' ( ) * + , . / : ; < = > ?", "lint_importeridx.c"),
    ("iso3166", "004 008 248 276 728 840 894", "000 001 003 005 999 AAA 0000", "lint_iso3166.c"),
    ("iso3166999", "999 004 894", "000 998 99 9999 AAA", "lint_iso3166999.c"),
    ("iso3166alpha2", "AD DE US ZW", "AA A AAA ZZ XX de", "lint_iso3166alpha2.c"),
    ("iso4217", "008 036 840 924 978 999", "000 001 009 AAA 0000", "lint_iso4217.c"),
    ("iso4217", "396 926", "", "ISO 4217: the Arab accounting dinar and the digital bolívar, later than the linter"),
    ("iso5218", "0 1 2 9", "3 4 5 6 7 8 / : 01", "lint_iso5218.c"),
    ("mediatype", "01 10 80 99", "00 11 29 30 59 60 79 0 001 AA", "lint_mediatype.c"),
    ("packagetype", "1A 200 212 8 9 APE PAE X11 ZZ", "0 00 000 0000 _9 9_ _1A 200_", "lint_packagetype.c"),
    ("winding", "0 1 9", "2 3 4 5 6 7 8 / : 01", "lint_winding.c"),
    ("yesno", "0 1", "2 9 / : 01", "lint_yesno.c"),
]


@pytest.mark.parametrize(("linter", "good", "bad", "source"), PUBLISHED)
def test_published(linter: str, good: str, bad: str, source: str) -> None:
    for value in good.split():
        assert LINTERS[linter](value) is None, (value, source)
    for value in bad.split():
        doubt = LINTERS[linter](value)
        assert doubt is not None, (value, source)
        expected, first, last = doubt
        assert expected
        assert 0 <= first <= last


def test_kosovo_has_accounts_though_no_code_of_iso_3166() -> None:
    assert LINTERS["iban"]("XK051212012345678906") is None
    assert LINTERS["iso3166alpha2"]("XK") is not None


def test_every_linter_of_the_table_is_tried() -> None:
    named = {linter for format_ in FORMATS.values() for component in format_ for linter in component.split(",")[1:]}
    assert named <= LINTERS.keys()
    assert {row[0] for row in PUBLISHED} == set(LINTERS)


def test_the_character_sets() -> None:
    assert [len(set(characters)) for characters in (CSET_82, CSET_39, CSET_32)] == [82, 39, 32]
    assert sorted(CSET_82) == sorted(set(CSET_82) | set(CSET_39) - {"#"})


@given(st.text(DIGITS, min_size=7, max_size=17), st.data())
def test_one_wrong_digit_is_caught(digits: str, data: st.DataObject) -> None:
    whole = digits + check_digit_of(digits)
    place = data.draw(st.integers(0, len(digits)))
    other = data.draw(st.sampled_from(DIGITS).filter(lambda digit: digit != whole[place]))
    wrong = whole[:place] + other + whole[place + 1 :]
    assert LINTERS["csum"](whole) is None
    assert LINTERS["csum"](wrong) == (f"the check digit {check_digit_of(wrong[:-1])}", len(digits), len(digits) + 1)


@given(st.text(CSET_82, min_size=1, max_size=23), st.data())
def test_one_wrong_character_is_caught(text: str, data: st.DataObject) -> None:
    whole = text + check_pair_of(text)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(CSET_82).filter(lambda character: character != whole[place]))
    assert LINTERS["csumalpha"](whole) is None
    assert LINTERS["csumalpha"](whole[:place] + other + whole[place + 1 :]) is not None
    assert LINTERS["csumalpha"](whole[:-1] + ("2" if whole[-1] != "2" else "3")) is not None


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_dates_are_those_of_the_calendar(year: int, month: int, day: int) -> None:
    written = f"{year:02}{month:02}{day:02}"
    days = (
        0
        if not 1 <= month <= 12
        else [31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    )
    assert (LINTERS["yymmdd"](written) is None) == (1 <= day <= days)
    assert (LINTERS["yymmd0"](written) is None) == (days > 0 and day <= days)
