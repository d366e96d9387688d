from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.identity.gs1.strategies import values
from twin.errors import InvalidIdentifier
from twin.identity.gs1._ais import AIS, ai_at

ENGINE = "gs1-syntax-engine, ai.c, linter tests"
PARSER = "Solidsoft-Reply GS1 parser, ElementStrings.feature"

EXAMPLES = """
        02=12345678901231 03=12345678901231 11=231231 12=231231 13=231231 15=231231 16=231231 17=231231 20=01
        402=50609175112345629 410=5060917510004 411=5060917510004 412=5060917510004 413=5060917510004 414=5060917510004
        415=5060917510004 416=5060917510004 417=5060917510004 422=826 424=826 426=826 4307=GB 4309=02790858483015297971
        4317=GB 4321=1 4322=1 4323=1 4324=2312310900 4325=2312311700 4326=231231 7001=5310997032519 7003=2312312359
        7006=231231 7040=3PA_ 7241=05 7250=20240214 7251=202402141743 7252=1 7258=2/3 8005=000150
        8006=050609175100040102 8026=050609175100040102 8111=0310 10=ABC123D 21=7337203174393624 22=733AC720317439R3624
        235=733AC720317439R3624 240=This+is+some+identifier+1234 241=This+is+some+part+no+1234 242=1234
        243=This+is+some+pcn+123 250=733AC720317439R3624 251=This+is+some+reference+1234
        253=1234567890128733AC720317439R36 254=Gln+Extension+254 255=1234567890128733720317439 30=000999 37=12345678
        400=1234567890 401=506091751123456 403=Routing+Code+1234 420=SE220PF 421=826SE220PF 423=826 425=826 427=ENG
        4300=Acme+Corp 4301=John+Smith 4302=100+Acadia+Avenue 4303=Noborough 4304=Lower+District 4305=Anytown
        4306=United+Kingdom 4308=+32-2-788-78-00 4318=SE220PF 4320=Service+code+description+12345 4330=023020
        4331=000090 4330=000250- 4333=001000- 7002=44932211340000145100 7004=3001 7005=27.6.b.1 7007=230801230831
        7008=BWQ 7009=01.1.1 7010=01 7011=2312311200 7020=ABC123DE 7021=Functional+status+01 7022=Revision+status+01
        7023=506091751ASSET+0001 710=3675419 711=3400935974419 712=384756.8 713=40056320000011 714=142199
        715=0777310502 716=A012345676 717=052-20220012345 7041=1A 7240=CACZ885N2301E2 7253=Doe 7256=Doe,John,Junior
        7257=123+Main+St,+Anytown,+Anyregion,+12345 7259=Alice+Betty 8002=RF1DB6K177Y 8003=0506091751000434B1UL09036
        8004=5060917ASSET+0001 8008=231231142652 8009=01190531 8010=506091751DR4529P327 8011=422393761701
        8012=15.0.4701.1001 8014=1987654Ad4X4bL5ttr2310c2K 8019=00499427 8020=000B231297726310000
        8030=41703319222174341186086981525711229423385405386071942069864323665892369845781264435120798=
        8040=490154203237518 8041=356938035643809 8042=89033023456789012345678901234567 8043=8944500101234567890
        8200=https://acme.com/ 90=Some+information+1234 3102=123456 3132=123456
        """

# application identifier and values, source
GOOD = [
    ("00", "123456789012345675 001234560000000018 106141411234567897", ENGINE),
    ("01", "12345678901231 95012345678903 24012345678905", ENGINE),
    ("8013", "1987654Ad4X4bL5ttr2310c2K", "gs1-syntax-engine, ai.c; GS1 General Specifications, 7.9.5"),
    ("253", "1231231231232 1231231231232TEST5678901234567", "gs1-syntax-engine, dl.c"),
    ("242", "1 12 123456", ENGINE),
    ("8001", "12341234512398 15000003056000", ENGINE),
    ("7007", "211225211231 211225", ENGINE),
    ("8003", "02112345678900ABC 02112345678900 02112345678900ABCDEFGHIJKLMNOP", ENGINE),
    ("7230", "121234567890123456789012345678 123 EMBABT-MED00108", ENGINE),
    *[(ai, value, PARSER) for pair in EXAMPLES.split() for ai, _, value in [pair.partition("=")]],
]

# application identifier, value, what the message says was expected, source
BAD = [
    ("00", "A23456789012345675", "digits, found 'A' at position 1", ENGINE),
    ("00", "123456789012345670", "the check digit 5, found '0' at position 18", ENGINE),
    ("01", "1234567890123A", "digits, found 'A' at position 14", ENGINE),
    ("01", "12345678901234", "the check digit 1, found '4' at position 14", ENGINE),
    ("01", "1234567890123", "14 characters, found 13", ENGINE),
    ("10", " ", "characters of GS1's set of 82, found ' ' at position 1", ENGINE),
    ("10", "", "1 to 20 characters, found 0", ENGINE),
    ("11", "131313", "a date YYMMDD, or YYMM00, found '131313' at position 1", ENGINE),
    ("99", "~ABC", "characters of GS1's set of 82, found '~' at position 1", ENGINE),
    ("242", "1234567", "1 to 6 characters, found 7", ENGINE),
    ("253", "1231231231232TEST56789012345678", "13 to 30 characters, found 31", ENGINE),
    ("401", "123", "the four digits or more of a company prefix, found '123' at position 1", ENGINE),
    ("426", "987", "a country code of ISO 3166-1, three digits, found '987' at position 1", ENGINE),
    ("3910", "9870", "a currency code of ISO 4217, three digits, found '987' at position 1", ENGINE),
    ("4300", "ABC%0g", "two hexadecimal digits after %, found '%0g' at position 4", ENGINE),
    ("4307", "AA", "a country code of ISO 3166-1, two letters, found 'AA' at position 1", ENGINE),
    ("4309", "18000000010000000000", "1800000000, found '1800000001' at position 1", ENGINE),
    ("4309", "00000000003600000001", "3600000000, found '3600000001' at position 11", ENGINE),
    ("4321", "2", "0 or 1, found '2' at position 1", ENGINE),
    ("4324", "2012252400", "a time HHMM from 0000 to 2359, found '2400' at position 7", ENGINE),
    ("4324", "2012252360", "a time HHMM from 0000 to 2359, found '2360' at position 7", ENGINE),
    ("4326", "201300", "a date YYMMDD, found '201300' at position 1", ENGINE),
    ("4326", "201200", "a date YYMMDD, found '201200' at position 1", ENGINE),
    ("4330", "000000X", "a hyphen, found 'X' at position 7", ENGINE),
    ("7007", "2112252", "6 to 12 characters, found 7", ENGINE),
    ("7007", "21122521123", "6 to 12 characters, found 11", ENGINE),
    ("7023", "12A4", "the four digits or more of a company prefix, found '12A4' at position 1", ENGINE),
    ("7030", "987ABC", "a country code of ISO 3166-1, three digits, or 999, found '987' at position 1", ENGINE),
    ("7040", "1AB=", "a letter, a digit, - or _, found '=' at position 4", ENGINE),
    ("7230", "12", "3 to 30 characters, found 2", ENGINE),
    ("8001", "12340000012311", "a number above zero, found '00000' at position 5", ENGINE),
    ("8001", "12341234512321", "0, 1 or 9, found '2' at position 13", ENGINE),
    ("8003", "112345678901281234567890123456", "0, found '1' at position 1", ENGINE),
    ("8003", "02112345678901ABC", "the check digit 0, found '1' at position 14", ENGINE),
    ("8003", "02112345678900ABCDEFGHIJKLMNOPQ", "14 to 30 characters, found 31", ENGINE),
    ("8007", "AB1234", "a country code and more than eight digits and capital letters", ENGINE),
    ("8007", "FR12_45678901234", "a country code and more than eight digits and capital letters", ENGINE),
    ("8007", "AB12345678901234", "a country code and more than eight digits and capital letters", ENGINE),
    ("8007", "FR12345678901234", "the check digits of an IBAN, found '12' at position 3", ENGINE),
    ("8008", "20122515300", "8 to 12 characters, found 11", ENGINE),
    ("8008", "201225230060", "a second from 00 to 59, found '60' at position 11", ENGINE),
    ("8010", "123456_", "digits, capital letters, #, - and /, found '_' at position 7", ENGINE),
    ("8011", "023456789012", "no zero in front, found '0' at position 1", ENGINE),
    ("8013", "123456ABOO", "the check characters", ENGINE),
    ("8013", "123456ABXX", "the check characters", ENGINE),
    ("8013", "A", "two check characters at the end", ENGINE),
    (
        "8026",
        "123456789012310099",
        "a piece from 01 up to the total that follows it, found '0099' at position 15",
        ENGINE,
    ),
    (
        "8026",
        "123456789012310100",
        "a piece from 01 up to the total that follows it, found '0100' at position 15",
        ENGINE,
    ),
    (
        "8026",
        "123456789012310302",
        "a piece from 01 up to the total that follows it, found '0302' at position 15",
        ENGINE,
    ),
    ("8030", "ABC:123", "letters, digits, -, _ and =, found ':' at position 4", ENGINE),
    ("8030", "123=", "base64 for URIs, with its padding, found '123=' at position 1", ENGINE),
]


@pytest.mark.parametrize(("ai", "listed", "source"), GOOD, ids=[f"{row[0]}={row[1][:20]}" for row in GOOD])
def test_published_values(ai: str, listed: str, source: str) -> None:
    for value in listed.split():
        AIS[ai].require(value)
        assert AIS[ai].accepts(value), source


@pytest.mark.parametrize(("ai", "value", "expected", "source"), BAD)
def test_published_faults(ai: str, value: str, expected: str, source: str) -> None:
    assert not AIS[ai].accepts(value), source
    with pytest.raises(InvalidIdentifier) as refused:
        AIS[ai].require(value)
    start = f"{value!r} is not a GS1 ({ai}) {AIS[ai].title}: expected "
    assert refused.value.message.startswith(start)
    assert expected in refused.value.message.removeprefix(start)


@given(st.sampled_from(list(AIS)).flatmap(lambda ai: st.tuples(st.just(ai), values(ai))))
def test_what_the_format_says_is_accepted(element: tuple[str, str]) -> None:
    ai, value = element
    known = AIS[ai]
    assert known.pattern.fullmatch(value)
    assert known.shortest <= len(value) <= known.longest
    # These ask more of random digits and characters than the strategy knows.
    if not {"nonzero", "nozeroprefix", "pcenc", "hasnondigit"} & {check.__name__ for *_, check in known.checks}:
        known.require(value)
    assert not known.accepts(value + "\n")
    assert not known.accepts(value[:-1] + "\uff11")


@pytest.mark.parametrize(
    "digits",
    ["\u0661\u0662\u0663\u0661\u0662\u0663", "\uff11\uff12\uff11\uff12\uff11\uff12", "\xb9\xb2\xb3\xb9\xb2\xb3"],
)
def test_only_ascii_counts(digits: str) -> None:
    for ai in ("11", "20", "30", "3103", "10"):
        with pytest.raises(InvalidIdentifier, match=re.escape(f"({ai})")):
            AIS[ai].require(digits)


def test_an_application_identifier_is_found_by_its_first_two_digits() -> None:
    published = [("011234", "01"), ("8012", "8012"), ("235XXX", "235"), ("37123", "37"), ("3103000195", "3103")]
    assert [(text, known.ai) for text, _ in published if (known := ai_at(text, 0))] == published
    assert [ai_at(text, 0) for text in ("2345"[0:1], "234567", "XX", "", "0", "23", "800", "89")] == [None] * 8
    assert ai_at("..01", 2) is AIS["01"]
