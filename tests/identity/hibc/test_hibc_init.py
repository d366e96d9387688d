from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InvalidIdentifier, InvalidInput, TooLarge
from twin.identity import Fragment, Granularity, Part
from twin.identity.hibc import HIBC, BasicUDIDI, DateForm, HIBCDate, parse, read

if TYPE_CHECKING:
    from collections.abc import Callable

CODE_39 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"


def oracle(data: str) -> str:
    """The check character, by a second way: Code 39's own order of values."""
    return CODE_39[sum(CODE_39.index(character) for character in data) % 43]


# what a symbol says, canonical, lot, serial, expiry, manufactured, quantity, source
PUBLISHED = [
    ("+A123BJC5D6E71G", "hibc:A123BJC5D6E71", None, None, None, None, None, "ANSI/HIBC 2.6, B.2.0"),
    ("+H123ABC01234567890D", "hibc:H123ABC01234567890", None, None, None, None, None, "ANSI/HIBC 2.6, C.3"),
    (
        "+A99912345/$$52001510X33",
        "hibc:A99912345/lot/10X3",
        "10X3",
        None,
        "20015",
        None,
        None,
        "ANSI/HIBC 2.6, 2.2.1.1",
    ),
    ("+A123BJC5D6E71/$$52001510X3C", "hibc:A123BJC5D6E71/lot/10X3", "10X3", None, "20015", None, None, "2.6, 4.3.3"),
    (
        "+A99912345/$$52001510X3/16D20111212/S77DEFG457",
        "hibc:A99912345/serial/77DEFG45",
        "10X3",
        "77DEFG45",
        "20015",
        "20111212",
        None,
        "ANSI/HIBC 2.6, 2.3.2",
    ),
    (
        "+A99912345/$10X3/16D20111231/14D202001313",
        "hibc:A99912345/lot/10X3",
        "10X3",
        None,
        "20200131",
        "20111231",
        None,
        "ANSI/HIBC 2.6, 2.3.2.3",
    ),
    (
        "+A99912349/$10X3/16D20111231/14D20200131/Q500Z",
        "hibc:A99912349/lot/10X3",
        "10X3",
        None,
        "20200131",
        "20111231",
        500,
        "ANSI/HIBC 2.6, 2.3.2.4",
    ),
    ("+J123AQ3451/25330BC34567/S4012X", "hibc:J123AQ3451/serial/4012", "BC34567", "4012", "25330", None, None, "BPB"),
    ("+J123AQ3451/$$1125BC34567/S4012L", "hibc:J123AQ3451/serial/4012", "BC34567", "4012", "1125", None, None, "BPB"),
    ("+J123AQ3451/$$0125BC34567/S4012K", "hibc:J123AQ3451/serial/4012", "BC34567", "4012", "0125", None, None, "BPB"),
    (
        "+J123AQ3451/$$3231231BC34567/S4012R",
        "hibc:J123AQ3451/serial/4012",
        "BC34567",
        "4012",
        "231231",
        None,
        None,
        "BPB",
    ),
    (
        "+E308T800206X0/$$7230513/14D20260413F",
        "hibc:E308T800206X0/lot/230513",
        "230513",
        None,
        "20260413",
        None,
        None,
        "BPB",
    ),
    (
        "+E308T800206X0/$230513/14D20260413C",
        "hibc:E308T800206X0/lot/230513",
        "230513",
        None,
        "20260413",
        None,
        None,
        "BPB #8",
    ),
    (
        "+E203PB414109/$$8243280112R00089525J",
        "hibc:E203PB414109/lot/R00089525",
        "R00089525",
        None,
        "280112",
        None,
        24,
        "BPB #16",
    ),
    ("+EHWD3551419/$$900100F", "hibc:EHWD3551419", None, None, None, None, 100, "BPB #20: a label in the field"),
    ("+EHWD3551419/$/Q100X", "hibc:EHWD3551419", None, None, None, None, 100, "BPB #20: a verifier passes it"),
    (
        "+EFOR78712011/$26485266/16D20240626/Q10S",
        "hibc:EFOR78712011/lot/26485266",
        "26485266",
        None,
        None,
        "20240626",
        10,
        "BPB",
    ),
    (
        "+A99912345/$$902345710X3/$$+320090677DEFG45/16D201112126",
        "hibc:A99912345/serial/77DEFG45",
        "10X3",
        "77DEFG45",
        "200906",
        "20111212",
        2345,
        "BPB",
    ),
    ("+E260PPAUXEMO19+", "hibc:E260PPAUXEMO19", None, None, None, None, None, "BPB #47: a label in the field"),
    ("+BLUEUNICORN7N", "hibc:BLUEUNICORN7", None, None, None, None, None, "ptw-udi, README"),
    ("+A123BJCMD6E79+", "hibc:A123BJCMD6E79", None, None, None, None, None, "BPB: the check character is a plus"),
    # both symbols of a linear label in one text
    ("+A123BJC5D6E71G+$$52001510X3GD", "hibc:A123BJC5D6E71/lot/10X3", "10X3", None, "20015", None, None, "BPB"),
    ("+A123BJC5D6E71G+$$710X3G7", "hibc:A123BJC5D6E71/lot/10X3", "10X3", None, None, None, None, "BPB"),
    ("+A123BJC5D6E71G+$$+52001510X3GB", "hibc:A123BJC5D6E71/serial/10X3", None, "10X3", "20015", None, None, "BPB"),
    ("+A123BJC5D6E71G+2001510X3GG", "hibc:A123BJC5D6E71/lot/10X3", "10X3", None, "20015", None, None, "BPB"),
    ("+A123BJCMD6E79++$$52001510X3+ ", "hibc:A123BJCMD6E79/lot/10X3", "10X3", None, "20015", None, None, "BPB"),
]  # BPB: the tests and issues of BarcodeParserBuilder

# what the symbol says without its check character, the data, source. L is the link character.
SECONDARY = [
    ("+05271L", {"Expiry date": "05271"}, "ANSI/HIBC 2.6, table F1"),
    ("+$3C001L", {"Lot number": "3C001"}, "table F1"),
    ("+$$09053C001L", {"Lot number": "3C001", "Expiry date": "0905"}, "table F1: MMYY"),
    ("+$$20928053C001L", {"Lot number": "3C001", "Expiry date": "092805"}, "table F1: MMDDYY"),
    ("+$$30509283C001L", {"Lot number": "3C001", "Expiry date": "050928"}, "table F1: YYMMDD"),
    ("+$$4050928223C001L", {"Lot number": "3C001", "Expiry date": "05092822"}, "table F1: YYMMDDHH"),
    ("+$$5052713C001L", {"Lot number": "3C001", "Expiry date": "05271"}, "table F1: YYJJJ"),
    ("+$$605271223C001L", {"Lot number": "3C001", "Expiry date": "0527122"}, "table F1: YYJJJHH"),
    ("+$$73C001L", {"Lot number": "3C001"}, "table F1: no date"),
    ("+$$82409053C001L", {"Lot number": "3C001", "Expiry date": "0905", "Quantity": "24"}, "HIBC 2.x, appendix"),
    ("+$$82420928053C001L", {"Lot number": "3C001", "Expiry date": "092805", "Quantity": "24"}, "HIBC 2.x, appendix"),
    ("+$$82473C001L", {"Lot number": "3C001", "Quantity": "24"}, "HIBC 2.x, appendix"),
    ("+$$824L", {"Quantity": "24"}, "HIBC 2.x, appendix"),
    ("+$$90010030509283C001L", {"Lot number": "3C001", "Expiry date": "050928", "Quantity": "100"}, "HIBC 2.x"),
    ("+$$900100605271223C001L", {"Lot number": "3C001", "Expiry date": "0527122", "Quantity": "100"}, "HIBC 2.x"),
    ("+$$900100L", {"Quantity": "100"}, "HIBC 2.x, appendix"),
    ("+$+0001L", {"Serial number": "0001"}, "table F1"),
    ("+$$+09050001L", {"Serial number": "0001", "Expiry date": "0905"}, "table F1"),
    ("+$$+20928050001L", {"Serial number": "0001", "Expiry date": "092805"}, "table F1"),
    ("+$$+30509280001L", {"Serial number": "0001", "Expiry date": "050928"}, "table F1"),
    ("+$$+4050928200001L", {"Serial number": "0001", "Expiry date": "05092820"}, "table F1"),
    ("+$$+5052710001L", {"Serial number": "0001", "Expiry date": "05271"}, "table F1"),
    ("+$$+605271200001L", {"Serial number": "0001", "Expiry date": "0527120"}, "table F1"),
    ("+$$+70001L", {"Serial number": "0001"}, "table F1"),
    ("+$A1234G", {"Lot number": "A1234"}, "ANSI/HIBC 2.6, E1.1; check character U"),
    ("+$$52001510X3G", {"Lot number": "10X3", "Expiry date": "20015"}, "ANSI/HIBC 2.6, 4.3.2; check character D"),
    ("+$$8053290331260301104+", {"Lot number": "260301104", "Expiry date": "290331", "Quantity": "5"}, "BPB #47; $"),
    ("+$$848G", {"Quantity": "48"}, "BPB #20, from the standard; check character Q"),
    ("+16D201112127", {"Date of manufacture": "20111212"}, "BPB; check character Z"),
]

# Basic UDI-DI, source
BASIC = [
    ("++A999MODELIDENTIFIER11S8", "HIBC Basic UDI-DI, the worked example"),
    ("++E22100160100000008Z", "EUDAMED, Straumann"),
    ("++E2210229000000000EE", "EUDAMED, Straumann"),
    ("++E2210575000000000K4", "EUDAMED, Straumann"),
    ("++E2210140060000000AL", "EUDAMED, Straumann"),
    ("++E2210065020000000DJ", "EUDAMED, Straumann"),
    ("++E2210478000000000LN", "EUDAMED, Straumann"),
    ("++E494ZIRKON5F5", "EUDAMED"),
]


@pytest.mark.parametrize(
    ("symbol", "canonical", "lot", "serial", "expires", "manufactured", "quantity", "source"),
    PUBLISHED,
    ids=[row[0] for row in PUBLISHED],
)
def test_published_symbols(
    symbol: str,
    canonical: str,
    lot: str | None,
    serial: str | None,
    expires: str | None,
    manufactured: str | None,
    quantity: int | None,
    source: str,
) -> None:
    for text in (symbol, f"*{symbol}*", f"\t{symbol}\r\n"):
        (found,) = read(text, "]A0")
        assert isinstance(found, HIBC), source
        assert found.canonical == canonical
        assert (found.lot, found.serial, found.quantity) == (lot, serial, quantity)
        assert (found.expires and found.expires.digits) == expires
        assert (found.manufactured and found.manufactured.digits) == manufactured
        assert found.findings == ()
        assert read(found.as_concatenated()) == (found,)
        assert parse(canonical.removeprefix("hibc:")).canonical == canonical


@pytest.mark.parametrize(("symbol", "data", "source"), SECONDARY, ids=[row[0] for row in SECONDARY])
def test_published_secondary_data_alone_are_a_fragment(symbol: str, data: dict[str, str], source: str) -> None:
    assert read(symbol + oracle(symbol)) == (
        Fragment(
            "HIBC secondary data", tuple(Part(*piece) for piece in (data | {"Link character": symbol[-1]}).items())
        ),
    ), source
    if check := source.partition("; ")[2].removeprefix("check character "):
        assert oracle(symbol) == check


@pytest.mark.parametrize(("text", "source"), BASIC, ids=[row[0] for row in BASIC])
def test_published_basic_udi_dis(text: str, source: str) -> None:
    (found,) = read(text)
    assert isinstance(found, BasicUDIDI), source
    assert found.canonical == f"hibc:{text}"
    assert found.granularity is Granularity.PRODUCT
    assert (found.implied, found.findings) == ((), ())
    assert parse(text.lower()) == found == parse(text)
    assert found.parts == (
        Part("Labeler identification code", text[2:6]),
        Part("Model identifier", text[6:-2]),
        Part("Check characters", text[-2:]),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("++E221023102000000093", "expected the check characters 9B at position 20, found '93'"),  # EUDAMED, miscopied
        ("++A999MODELIDENTIFIER11S9", "expected the check characters S8"),
        ("++A999MODELIDENTIFIERI1S8", "expected the check characters"),
    ],
)
def test_a_wrong_basic_udi_di_is_explained(text: str, expected: str) -> None:
    for call in (read, parse):
        with pytest.raises(InvalidIdentifier, match=expected):
            call(text)


@pytest.mark.parametrize(
    ("symbol", "message"),
    [
        (
            # HL7 FHIR R4, device-example-udi3, from FDA's list of formats: C is not its check character
            "+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ456789012345678/16D20130202C",
            "expected the check character 'H' at position 87, found 'C'.",
        ),
        (
            "+A99912345/$$52001510X3/16D20111212/S77DEFG45/",
            "expected the check character '7' at position 46, found '/'.",
        ),
        ("+A123BJC5D6E71++$$52001510X3+D", "expected the check character 'G' at position 15, found '+'."),
        ("+A123BJC5D6E71G+$$52001510X3+ ", "expected the link character 'G' at position 14, found '+'."),
        # BarcodeParserBuilder's first tests: a quantity, then a lot without a date flag. It has since mended them.
        (
            "+A99912345/$$81210X3/16D20111212/14D20200906/S77DEFG45$",
            "expected secondary data at position 12, found '$$81210X3'.",
        ),
        ("+Z999009993020351 ", "expected the check character 'E' at position 17, found '1'."),
    ],
)
def test_published_symbols_that_are_wrong_say_why(symbol: str, message: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        read(symbol)
    assert refused.value.message.endswith(message)


# Data that tc-lib-barcode's tests refuse, with the check character that belongs to them.
@pytest.mark.parametrize(
    "data",
    [
        "+$$8052713C001L",
        "+$$+9052713C001L",
        "+$$5ABCDE3C001L",
        "+$$505271ABCDEFGHIJKLMNOPQRST",
        "+A123BJC5D6E71/$$3231031ABCDEFGHIJKLMNOPQRS",
        "+A123BJC5D6E71/$$3231031ABC%",
        "+A99912345/$10X3/16D2011123",
        "+A99912345/$10X3/14D2020013A",
        "+A99912345/$10X3/S",
        "+A99912345/$10X3/Q123456/%",
        "+A99912345/$$",
        "+A99912345/$$7A/$$7B",
        "+A99912345/$$7A//SB",
        "+A99912345/S7",
        "+A99912345/$$+7A/SB",
        "+A99912345/2533",
        "+A99912345/25330ABCDEFGHIJKLMNO",
    ],
)
def test_broken_data_behind_a_right_check_character_say_where(data: str) -> None:
    with pytest.raises(InvalidIdentifier, match=r"expected (secondary|supplemental) data at position \d+, found "):
        read(data + oracle(data))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "++",
        "*+*",
        "+/EO5232013",  # the provider standard
        "+4930123456",
        "+49301234567",
        "+49 30 123456",
        "+49301-23456",
        "+49301/23456",
        "+1-800-555-0199",
        "+1 (800) 555-0199",
        "+hello world",
        "+hello12",
        "+A1231",
        "+A123BJC5D6EXA",
        "+A123BJ.C5D6E71X",
        "+%A123BJC5D6E71X",
        "+A123BJC5#D6E71X",
        "+A123BJC5D6E7123456789012XX",
        "A123BJC5D6E71G",
        "+$3C001LX",
        "+05271LX",
        "+A123BJC5D6E71\x1dG",
        "\u00a0+A123BJC5D6E71G",
        "++A999MODEL.1S8",
        "+" * 400,
    ],
)
def test_what_has_not_the_form_is_not_read(text: str) -> None:
    assert read(text) == ()


@given(st.from_regex(r"\A\+[0-9]{1,3}[0-9 ./-]{4,16}\Z"))
def test_a_telephone_number_is_never_read(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("+a123bjc5d6e71g", ["HIBC_CASE"]),
        ("+A123BJCMD6E79++$$52001510X3+", ["HIBC_BLANK"]),
        ("+A123BJCMD6E79++$$52001510X3+_", ["HIBC_BLANK"]),
        ("*+Z99900999302034701 *".replace("1 ", "1" + oracle("+Z99900999302034701")), []),
        ("+A99912345/$$2133120LOT" + oracle("+A99912345/$$2133120LOT"), ["HIBC_DATE"]),
        ("+A99912345/$$7LOT/16D20110231" + oracle("+A99912345/$$7LOT/16D20110231"), ["HIBC_DATE"]),
        ("+A99912345/$$7LOT/17D20110228" + oracle("+A99912345/$$7LOT/17D20110228"), ["HIBC_SUPPLEMENT"]),
        ("+A99912345/$$7LOT/25LXYZ" + oracle("+A99912345/$$7LOT/25LXYZ"), ["HIBC_SUPPLEMENT"]),
    ],
)
def test_what_is_forgiven_is_a_finding(text: str, codes: list[str]) -> None:
    (found,) = read(text)
    assert isinstance(found, HIBC)
    assert [finding.code for finding in found.findings] == codes
    assert parse(found.canonical.removeprefix("hibc:")).canonical == found.canonical
    if codes and codes != ["HIBC_CASE"]:
        with pytest.raises(InvalidIdentifier):
            parse(text)


def test_a_check_character_that_is_a_blank_survives_white_space_around_it() -> None:
    product = HIBC("A123", "N", "1")
    symbol = product.as_primary()
    assert symbol.endswith(" ")
    assert [read(text) for text in (symbol, f"*{symbol}*", f"{symbol}\r\n")] == [(product,)] * 3
    assert [found.findings for found in read(symbol)] == [()]
    (found,) = read(symbol[:-1])
    assert found == product
    assert [finding.code for finding in found.findings] == ["HIBC_BLANK"]
    assert parse(symbol) == product
    with pytest.raises(InvalidIdentifier):
        parse(symbol[:-1])


def test_levels() -> None:
    device = HIBC("A999", "1234", "5", lot="10X3", serial="7")
    assert device.granularity is Granularity.ITEM
    assert [(other.canonical, other.granularity) for other in device.implied] == [
        ("hibc:A99912345/lot/10X3", Granularity.LOT),
        ("hibc:A99912345", Granularity.PRODUCT),
    ]
    assert device.implied[-1].implied == ()
    assert HIBC("A999", "1234", "5", serial="7").implied == (HIBC("A999", "1234", "5"),)


@pytest.mark.parametrize(
    ("device", "symbol"),
    [
        (HIBC("A123", "BJC5D6E7", "1"), "+A123BJC5D6E71G"),
        (HIBC("A999", "1234", "5", lot="10X3", expires=HIBCDate(DateForm.YYJJJ, "20015")), "+A99912345/$$52001510X33"),
        (
            HIBC(
                "A999",
                "1234",
                "5",
                lot="10X3",
                serial="77DEFG45",
                expires=HIBCDate(DateForm.YYJJJ, "20015"),
                manufactured=HIBCDate(DateForm.YYYYMMDD, "20111212"),
            ),
            "+A99912345/$$52001510X3/16D20111212/S77DEFG457",
        ),
        (
            HIBC("E308", "T800206X", "0", lot="230513", expires=HIBCDate(DateForm.YYYYMMDD, "20260413")),
            "+E308T800206X0/$$7230513/14D20260413F",
        ),
        (HIBC("A999", "1234", "5", lot="X", expires=HIBCDate(DateForm.MMYY, "0125")), "+A99912345/$$0125X."),
    ],
)
def test_a_device_is_written_as_published(device: HIBC, symbol: str) -> None:
    assert device.as_concatenated() == symbol
    assert symbol[-1] == oracle(symbol[:-1])


@pytest.mark.parametrize("text", ["a123bjc5d6e71/LOT/10x3", "A123BJC5D6E71/lot/10X3", "+A123BJC5D6E71/$$52001510X3C"])
def test_parse_takes_every_written_form(text: str) -> None:
    assert parse(text).canonical == "hibc:A123BJC5D6E71/lot/10X3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a labeler identification code: expected 4 characters, found 0."),
        ("A12", "'A12' is not a labeler identification code: expected 4 characters, found 3."),
        ("1234A1", "'1234' is not a labeler identification code: expected a letter at position 1, found '1'."),
        ("A12-A1", "'A12-' is not a labeler identification code: expected A-Z or 0-9, found '-' at position 4."),
        ("A1231", "'' is not a product or catalog number: expected 1 to 18 characters, found 0."),
        ("A123X.1", "'X.' is not a product or catalog number: expected A-Z or 0-9, found '.' at position 2."),
        ("A123XX", "'X' is not a unit of measure: expected 0-9, found 'X' at position 1."),
        ("A123" + "X" * 19 + "1", "expected 1 to 18 characters, found 19."),
        ("A123X1/lot", "then perhaps /lot/… or /serial/…, found '/lot' at position 7."),
        ("A123X1/batch/1", "then perhaps /lot/… or /serial/…, found '/batch/1' at position 7."),
        ("A123X1/lot/", "'' is not a lot: expected 1 to 18 characters, found 0."),
        ("A123X1/serial/A_B", "'A_B' is not a serial number: expected A-Z, 0-9, - or ., found '_' at position 2."),
        ("A123X1/lot/" + "1" * 19, "is not a lot: expected 1 to 18 characters, found 19."),
        ("+$A1234GU", "'+$A1234GU' is not an HIBC device. Expected primary data, found secondary data alone."),
        ("+4930123456", "'+4930123456' is not an HIBC device. Expected primary data, found another form."),
        ("\u017f123X1", "expected A-Z or 0-9, found '\u017f' at position 1."),
    ],
)
def test_what_is_no_device_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        parse(text)
    assert refused.value.message.endswith(message)


@pytest.mark.parametrize(
    ("form", "digits", "found"),
    [
        ("MMYY", "1325", "month 13"),
        ("MMYY", "0025", "month 00"),
        ("YYMMDD", "250230", "day 30"),
        ("YYMMDD", "250229", "day 29"),
        ("YYMMDD", "250200", "day 00"),
        ("YYYYMMDD", "21000229", "day 29"),
        ("YYJJJ", "25366", "day 366 of the year"),
        ("YYJJJ", "25000", "day 000 of the year"),
        ("YYJJJHH", "2500124", "hour 24"),
        ("YYMMDDHH", "25010199", "hour 99"),
        ("YYMMDD", "25010", "5 characters"),
        ("YYMMDD", "25010\u0661", "6 characters"),
    ],
)
def test_what_is_no_date_is_refused(form: str, digits: str, found: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        HIBCDate(DateForm(form), digits)
    assert refused.value.message.endswith(f"is not a date: expected {form}, found {found}.")


@pytest.mark.parametrize(
    ("form", "digits"),
    [
        ("YYMMDD", "240229"),
        ("YYJJJ", "24366"),
        ("YYYYMMDD", "20000229"),
        ("YYMMDD", "000229"),
        ("YYYYMMDD", "00000101"),
    ],
)
def test_leap_days_are_dates(form: str, digits: str) -> None:
    assert HIBCDate(DateForm(form), digits).digits == digits


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ({"quantity": -1}, InvalidIdentifier),
        ({"quantity": 100_000}, InvalidIdentifier),
        ({"quantity": True}, InvalidInput),
        ({"quantity": "5"}, InvalidInput),
        ({"expires": "250101"}, InvalidInput),
        ({"manufactured": HIBCDate(DateForm.YYMMDD, "250101")}, InvalidIdentifier),
        ({"lot": 7}, InvalidInput),
        ({"lot": "7" * 2001}, TooLarge),
    ],
)
def test_a_device_that_exists_is_valid(pieces: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        HIBC("A999", "1234", "5", **pieces)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        HIBCDate("YYMMDD", "250101")  # type: ignore[arg-type]


def padded(form: DateForm) -> st.SearchStrategy[HIBCDate]:
    return st.dates().map(
        lambda date: HIBCDate(
            form,
            form.replace("YYYY", f"{date.year:04}")
            .replace("YY", f"{date.year % 100:02}")
            .replace("MM", f"{date.month:02}")
            .replace("DD", f"{min(date.day, 28):02}")
            .replace("JJJ", f"{min(date.timetuple().tm_yday, 365):03}")
            .replace("HH", "23"),
        )
    )


numbers = st.text("0123456789ABCXYZ.-", min_size=1, max_size=18)
devices = st.builds(
    HIBC,
    st.from_regex(r"\A[A-Z][0-9A-Z]{3}\Z"),
    st.from_regex(r"\A[0-9A-Z]{1,18}\Z"),
    st.sampled_from("0123456789"),
    lot=st.none() | numbers,
    serial=st.none() | numbers,
    expires=st.none() | st.sampled_from(list(DateForm)).flatmap(padded),
    manufactured=st.none() | padded(DateForm.YYYYMMDD),
    quantity=st.none() | st.integers(0, 99_999),
)


@given(devices)
def test_what_is_written_is_read_back(device: HIBC) -> None:
    assert read(device.as_concatenated()) == (device,) == (parse(device.as_concatenated()),)
    assert read(device.as_primary()) == (HIBC(device.lic, device.pcn, device.unit_of_measure),)
    again = parse(device.canonical.removeprefix("hibc:"))
    assert (again.canonical, again.granularity) == (device.canonical, device.granularity)


@given(devices, st.data())
def test_one_mutated_character_is_caught(device: HIBC, data: st.DataObject) -> None:
    symbol = device.as_concatenated()
    place = data.draw(st.integers(0, len(symbol) - 1))
    other = data.draw(st.sampled_from(CODE_39).filter(lambda character: character != symbol[place]))
    mutated = symbol[:place] + other + symbol[place + 1 :]
    with pytest.raises(InvalidIdentifier):
        parse(mutated if mutated.startswith("+") else f"+{mutated}")


@given(st.builds(BasicUDIDI, st.from_regex(r"\A[A-Z][0-9A-Z]{3}\Z"), st.from_regex(r"\A[0-9A-Z]{1,17}\Z")), st.data())
def test_one_mutated_character_of_a_basic_udi_di_is_caught(basic: BasicUDIDI, data: st.DataObject) -> None:
    assert parse(basic.value) == basic
    place = data.draw(st.integers(2, len(basic.value) - 1))
    other = data.draw(st.sampled_from(CODE_39[:36]).filter(lambda character: character != basic.value[place]))
    with pytest.raises(InvalidIdentifier):
        parse(basic.value[:place] + other + basic.value[place + 1 :])


@given(st.text() | st.text(st.characters()) | st.text("+$/%*A1 5789DSQ_", max_size=40), st.none() | st.just("]d2"))
def test_only_our_errors_come_out(text: str, symbology_identifier: str | None) -> None:
    why = ""
    for asked in (text, f"+{text}", f"++{text}", f"+$${text}", f"+A99912345/{text}", f"+A123BJC5D6E71G+$${text}"):
        for call in (parse, lambda asked: read(asked, symbology_identifier)):
            try:
                call(asked)
            except InvalidInput as refused:
                why += refused.message
    assert why.isprintable()


def test_gs1_symbols_hold_no_hibc() -> None:
    assert read("+A123BJC5D6E71G", "]d2") == ()
    assert read("+A123BJC5D6E71G", "]d1") != ()


@pytest.mark.parametrize("value", [None, 7, b"+A123BJC5D6E71G"])
@pytest.mark.parametrize("call", [parse, read])
def test_only_texts_of_bounded_size(call: Callable[[object], object], value: object) -> None:
    with pytest.raises(InvalidInput):
        call(value)
    with pytest.raises(TooLarge):
        call("+" * 2001)
