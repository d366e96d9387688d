from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identity.gs1.strategies import messages
from twin import identity
from twin.errors import InvalidIdentifier, InvalidInput, TooLarge, TwinError
from twin.identity import MAX_TEXT, Fragment, Part
from twin.identity.gs1 import GS1, parse, read
from twin.identity.gs1._ais import Element
from twin.identity.gs1._linters import CSET_82

GTIN = "09506000134352"

PROMISING = ["]C1", "]e0", "]d2", "]Q3", "]J1"]

Found = list[tuple[str, list[str]]]


def found(text: str, symbology_identifier: str | None = None) -> Found:
    """The canonical forms that the text can be, each with the codes of its findings; fragments as such."""
    return [
        (
            "a fragment" if isinstance(key, Fragment) else key.canonical.removeprefix("gs1:"),
            [finding.code.removeprefix("GS1_") for finding in key.findings],
        )
        for key in read(text, symbology_identifier)
    ]


ITEM = (f"01/{GTIN}/21/SER42", list[str]())
ITEM_AND_LOT = f"01{GTIN}10ABC\x1d21SER42"


@pytest.mark.parametrize("symbology_identifier", [None, "]C0", "]Q1", "]d1", *PROMISING])
@pytest.mark.parametrize(
    "text",
    [
        ITEM_AND_LOT,
        "\x1d" + ITEM_AND_LOT,
        ITEM_AND_LOT + "\x1d",
        f" {ITEM_AND_LOT}\r\n",
        ITEM_AND_LOT.replace("\x1d", "^]"),
        ITEM_AND_LOT.replace("\x1d", "{GS}"),
        ITEM_AND_LOT.replace("\x1d", "\u241d"),
        "^]" + ITEM_AND_LOT,
        "{GS}" + ITEM_AND_LOT.replace("\x1d", "{GS}"),
        "\u241d" + ITEM_AND_LOT,
        f"01{GTIN}\x1d21SER42\x1d10ABC",
    ],
)
def test_element_strings(text: str, symbology_identifier: str | None) -> None:
    assert found(text, symbology_identifier) == [ITEM]


@pytest.mark.parametrize(
    "text",
    [
        f"(01){GTIN}(10)ABC(21)SER42",
        f"(01) {GTIN} (10) ABC (21) SER42",
        f"(01){GTIN}\n(17)261231\n(10)ABC(21)SER42",
        f"[01]{GTIN}[10]ABC[21]SER42",
        f"https://id.gs1.org/01/{GTIN}/10/ABC/21/SER42",
        f"http://brand.example:8080/some/stem/01/{GTIN}/21/SER42?17=261231&from=mail#top",
        f"HTTPS://BRAND.EXAMPLE/01/{GTIN}/21/SER42",
        f"HtTpS://Brand.Example/01/{GTIN}/21/SER42",
        f" https://id.gs1.org/01/{GTIN}/21/%53ER42 ",
    ],
)
def test_forms_that_people_and_telephones_read(text: str) -> None:
    assert found(text) == [ITEM]
    assert found(text, "]Q1") == [ITEM]


@pytest.mark.parametrize(
    ("text", "symbology_identifier", "expected"),
    [
        # bare digits
        ("9506000134352", None, [(f"01/{GTIN}", ["BARE"])]),
        (GTIN, None, [(f"01/{GTIN}", ["BARE"])]),
        ("036000291452", None, [("01/00036000291452", ["BARE"])]),
        ("97803119", None, [("01/00000097803119", ["BARE"])]),
        ("106141411234567897", None, [("00/106141411234567897", ["BARE"])]),
        ("9506000134353", None, []),
        ("106141411234567890", None, []),
        ("950600013435", None, []),
        ("9506000134352", "]E0", [(f"01/{GTIN}", [])]),
        ("036000291452", "]E0", [("01/00036000291452", [])]),
        ("416000336108", "]E0", [("01/00416000336108", ["RESTRICTED"])]),
        ("97803119", "]E4", [("01/00000097803119", [])]),
        ("950600013435212", "]E3", [(f"01/{GTIN}", ["ADD_ON"])]),
        ("950600013435212345", "]E3", [(f"01/{GTIN}", ["ADD_ON"])]),
        ("12", "]E1", []),
        ("12345", "]E2", []),
        (GTIN, "]I1", [(f"01/{GTIN}", [])]),
        ("123456", "]I1", []),
        ("2112345678900", "]E0", [("01/02112345678900", ["RESTRICTED"])]),
        ("0212345678909", "]E0", [("01/00212345678909", ["RESTRICTED"])]),
        ("02345673", "]E4", [("01/00000002345673", ["RESTRICTED"])]),
        # digits that are an element string
        (f"01{GTIN}", None, [(f"01/{GTIN}", [])]),
        ("00106141411234567897", None, [("00/106141411234567897", [])]),
        ("17261231" + f"01{GTIN}", None, [(f"01/{GTIN}", [])]),
        ("8004123456", None, [("8004/123456", ["UNMARKED"])]),
        ("8010123456", None, [("8010/123456", ["UNMARKED"])]),
        ("8004123456", "]d2", [("8004/123456", [])]),
        # the EAN of a German and of an Italian product, which begin as a consignment's and an asset's number
        ("4012345123456", None, [("01/04012345123456", ["BARE"]), ("401/2345123456", ["UNMARKED"])]),
        ("8004123456784", None, [("01/08004123456784", ["BARE"]), ("8004/123456784", ["UNMARKED"])]),
        ("800309506000134352", None, [("8003/09506000134352", [])]),
        ("80031950600013435", None, []),
        # a serial number that holds what looks like a lot
        (f"01{GTIN}21SER10", "]d2", [(f"01/{GTIN}/21/SER10", [])]),
        # lost separators
        (
            f"01{GTIN}10ABC21SER42",
            None,
            [(f"01/{GTIN}/10/ABC21SER42", []), (f"01/{GTIN}/21/SER42", ["MISSING_SEPARATOR"])],
        ),
        (f"01{GTIN}10ABC21SER42", "]d2", [(f"01/{GTIN}/10/ABC21SER42", [])]),
        (
            f"01{GTIN}17261231" + "10ABCDEFGHIJKLMNOPQRST21SER42",
            "]C1",
            [(f"01/{GTIN}/21/SER42", ["MISSING_SEPARATOR"])],
        ),
        (f"10A01{GTIN}", None, []),
        (f"10ABCDEFGHIJKLMNOPQ01{GTIN}", "]d2", [(f"01/{GTIN}/10/ABCDEFGHIJKLMNOPQ", ["MISSING_SEPARATOR"])]),
        # (21) and (235) exclude each other
        (f"01{GTIN}21A235B", None, [(f"01/{GTIN}/21/A235B", [])]),
        # <GS> may be meant
        (
            f"01{GTIN}10A<GS>21B",
            None,
            [(f"01/{GTIN}/21/B", []), (f"01/{GTIN}/10/A%3CGS%3E21B", ["LITERAL_SEPARATOR"])],
        ),
        (
            f"01{GTIN}10A<GS>B",
            "]d2",
            [(f"01/{GTIN}/10/A%3CGS%3EB", ["LITERAL_SEPARATOR"])],
        ),
        (f"01{GTIN}10A<B>C", None, [(f"01/{GTIN}/10/A%3CB%3EC", [])]),
        # short GTINs, and a slash at the end
        ("(01)9506000134352(21)S", None, [(f"01/{GTIN}/21/S", ["SHORT_GTIN"])]),
        ("https://a.example/01/9506000134352/21/S", None, [(f"01/{GTIN}/21/S", ["SHORT_GTIN"])]),
        ("https://a.example/01/416000336108", None, [("01/00416000336108", ["SHORT_GTIN"])]),
        ("https://a.example/01/02345673", None, [("01/00000002345673", ["SHORT_GTIN"])]),
        (f"https://a.example/01/{GTIN}/", None, [(f"01/{GTIN}", ["TRAILING_SLASH"])]),
        (f"https://a.example/01/{GTIN}/?17=261231", None, [(f"01/{GTIN}", ["TRAILING_SLASH"])]),
        ("https://a.example/01/9506000134352/", None, [(f"01/{GTIN}", ["TRAILING_SLASH", "SHORT_GTIN"])]),
        # elements that another symbol may complete
        (f"01{GTIN}37" + "5", "]C1", [(f"01/{GTIN}", ["EXCLUDED", "REQUIRED"])]),
        ("(415)9520123456788", None, [("415/9520123456788", ["REQUIRED"])]),
        # elements without a key
        ("10ABC", "]d2", [("a fragment", [])]),
        ("10ABC", None, []),
        ("10ABC\x1d21SER", None, [("a fragment", [])]),
        ("\x1d17261231", None, [("a fragment", [])]),
        ("(17)261231(10)ABC", None, [("a fragment", [])]),
        (f"(03){GTIN}(21)S", None, [("a fragment", [])]),
        ("8002490154203237518", "]d2", [("a fragment", [])]),
    ],
)
def test_what_is_forgiven(text: str, symbology_identifier: str | None, expected: Found) -> None:
    assert found(text, symbology_identifier) == expected


def test_a_fragment_says_what_it_holds() -> None:
    (fragment,) = read("10ABC\x1d17261231", "]d2")
    assert fragment == Fragment(
        "GS1 data without an identification key",
        (Part("Batch or lot number", "ABC"), Part("Expiration date (YYMMDD)", "261231")),
    )


def test_no_more_than_eight_guesses_are_offered() -> None:
    offered = found(f"01{GTIN}10A240B241C400D21E")
    assert offered[0] == (f"01/{GTIN}/10/A240B241C400D21E", [])
    assert offered[1] == (f"01/{GTIN}/10/A", ["MISSING_SEPARATOR"])
    assert len(offered) == 9
    assert [len(codes) for _, codes in offered] == sorted(len(codes) for _, codes in offered)


@pytest.mark.parametrize(
    ("text", "symbology_identifier", "message"),
    [
        ("", "]d2", "expected elements, found none"),
        ("\x1d", "]C1", "expected elements, found none"),
        ("1M8GDM9AXKP042788", "]d2", "expected an application identifier, found '1M8G' at position 1"),
        (f"(01){GTIN}", "]d2", "expected an application identifier, found '(01)' at position 1"),
        ("0109506000134353", "]C1", "expected the check digit 2, found '3' at position 14"),
        (f"01{GTIN}17261331", "]e0", "expected a date YYMMDD, or YYMM00, found '261331'"),
        (f"01{GTIN}10A\x1d10B", "]Q3", "(10) stands twice in GS1 data"),
        ("(01)09506000134353", None, "expected the check digit 2"),
        ("(01) 9506000 13435 2", None, "expected digits, found ' ' at position 8"),
        ("(8004)123", None, "the four digits or more of a company prefix"),
        (f"(01){GTIN}(17)261331", None, "expected a date YYMMDD"),
        (f"(01){GTIN}(89)X", None, "'89' is not a GS1 application identifier"),
        (f"[01]{GTIN}[10]A B", None, "found ' ' at position 2"),
        ("https://id.gs1.org/01/09506000134353", None, "expected the check digit 2"),
        (f"https://a.example/01/{GTIN}/21/S/10/L", None, "in this order, 22, 10, 21"),
        (f"https://a.example/01/{GTIN}?10=L", None, "expected (10) in the path"),
        (f"https://user@a.example/01/{GTIN}", None, "expected a host, found '@'"),
        (f"https://id.gs1.org/01/{GTIN}/HuYBUmhkR", None, "Compressed Digital Links are not read"),
        ("https://id.gs1.org/ARHKVAdpQgAQjA", None, "as it is before compression"),
        ("https://a.example/8013/1987654Ad4X4bL5ttr2310cXX", None, "the check characters 2K"),
        (f"01{GTIN}10ABC\x1d17261331", None, "expected a date YYMMDD"),
        (f"01{GTIN}10ABC^]89X", None, "expected an application identifier, found '89X' at position 23"),
        ("9506000134353", "]E0", "'9506000134353' is not a GTIN: expected the check digit 2, found '3' at position 13"),
        ("95060001343", "]E0", "]E0: expected 8 or 12 or 13 digits, found 11 characters"),
        ("950600013435A", "]E0", "]E0: expected 8 or 12 or 13 digits, found 13 characters"),
        ("97803118", "]E4", "expected the check digit 9"),
        ("09506000134353", "]I1", "expected the check digit 2"),
        ("(02)09506000134352(217)1", None, "'217' is not a GS1 application identifier"),
        ("(21)A(217)1", None, "'217' is not a GS1 application identifier"),
    ],
)
def test_what_is_clearly_meant_and_broken_is_refused(text: str, symbology_identifier: str | None, message: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        read(text, symbology_identifier)
    assert message in refused.value.message
    assert identity.read(text, symbology_identifier).faults


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a shopping list",
        "1M8GDM9AXKP042788",
        "I1M8GDM9AXKP042788",
        "4500123456",
        "2100456",
        "0123456789",
        "0109506000134353",
        "01" + GTIN + "89X",
        "+A99912345/99",
        "[)>\x1e06\x1d17V1AB23\x1e\x04",
        "urn:epc:id:sgtin:0614141.812345.6789",
        "3074257BF7194E4000001A85",
        "https://twin.example/L/0123456789ABC8",
        "https://shop.example/00/2024/05",
        "https://blog.example/2024/01/20240115-title",
        "https://blog.example/2024/01/20240116",
        "https://example.com/01/intro",
        "https://example.com/253/abc",
        "https://example.com",
        "hello",
        f"homepage: brand.example/01/{GTIN}",
        f"https://a.example and /01/{GTIN}",
        "(800) 555-0100",
        "(415) 555-1234",
        "(401) 555-1234",
        "(01) 234 567 890",
        "(01)23456789",
        "(00) 49 30 1234567",
        "(10) green bottles",
        "(a) first",
        "(",
        "(01",
        "[",
        "<b>bold</b>",
        '{"a": 1}',
        "^",
        "12\x1d34",
        "9\uff11506000134352",
        "\u0669\u0665\u0660\u0666\u0660\u0660\u0660\u0661\u0663\u0664\u0663\u0665\u0662",
    ],
)
def test_what_is_foreign_is_passed_over(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " " + f"(01){GTIN}",
        f"(01) {GTIN}",
        f"(01){GTIN[1:]}",
        "\x1d" + f"01{GTIN}",
        GTIN,
        f"01{GTIN}37" + "5",
        "10ABC",
        f"https://a.example/01/{GTIN}/",
        f"https://a.example/01/{GTIN[1:]}",
        f"HtTp://a.example/01/{GTIN}",
        f"01{GTIN}10A^]21B",
        "gs1:01/" + GTIN,
        f"01/{GTIN}/",
        f"01/{GTIN[1:]}",
        "10/ABC",
        "nothing of the kind",
    ],
)
def test_parse_forgives_nothing(text: str) -> None:
    with pytest.raises(InvalidIdentifier):
        parse(text)


def test_parse_reads_every_strict_form() -> None:
    forms = [
        f"01/{GTIN}/21/S%2F1",
        f"01/{GTIN}/10/L/21/S%2F1?17=261231",
        f"01{GTIN}21S/1",
        f"(01){GTIN}(21)S/1",
        f"[01]{GTIN}[21]S/1",
        f"https://a.example/01/{GTIN}/21/S%2f1",
    ]
    assert {parse(form).canonical for form in forms} == {f"gs1:01/{GTIN}/21/S%2F1"}
    assert identity.parse(f"gs1:01/{GTIN}").canonical == f"gs1:01/{GTIN}"
    assert parse("415/9520123456788").canonical == "gs1:415/9520123456788"  # a name need not be a whole message


@pytest.mark.parametrize("value", [None, 17, b"01", ["01"], object()])
def test_what_is_not_a_text_is_refused(value: Any) -> None:
    for call in (parse, read, lambda symbology_identifier: read("01", symbology_identifier)):
        if call in (parse, read) or value is not None:
            with pytest.raises(InvalidInput, match="Expected a text"):
                call(value)


def test_a_text_is_bounded() -> None:
    for call in (parse, read):
        with pytest.raises(TooLarge):
            call("1" * (MAX_TEXT + 1))
    assert read("1" * MAX_TEXT) == ()


@given(messages(), st.sampled_from([None, "]d2"]), st.sampled_from(["", "\x1d"]))
def test_what_is_issued_is_read(elements: tuple[Element, ...], symbology_identifier: str | None, fnc1: str) -> None:
    key = GS1(elements)
    first = read(fnc1 + key.as_element_string(), symbology_identifier)[0]
    assert isinstance(first, GS1)
    assert (first.elements, first.findings) == (key.elements, key.findings)
    assert read(key.as_bracketed()) == (key,)
    assert [other.canonical for other in read(key.as_digital_link()) if isinstance(other, GS1)] == [key.canonical]


pieces = st.sampled_from(
    [
        *("01", GTIN, "(01)", "(21)", "[10]", "10", "21", "17", "261231", "00", "106141411234567897", "8004", "253"),
        *(
            "\x1d",
            "<GS>",
            "^]",
            "{GS}",
            "\u241d",
            "https://",
            "id.gs1.org",
            "/",
            "/01/",
            "/21/",
            "?",
            "&",
            "=",
            "%",
            "#",
        ),
        *("A", "(", ")", "\\", " ", "\ud800", "\0", "\uff11"),
    ]
)
texts = st.one_of(
    st.text(),
    st.text(st.characters()),
    st.text(CSET_82 + "\x1d "),
    st.lists(pieces, max_size=12).map("".join),
)


def refusal(call: Callable[..., object], *arguments: object) -> str:
    """Why the call refuses; empty when it answers. Any error but ours comes through."""
    try:
        call(*arguments)
    except TwinError as refused:
        return refused.message
    return ""


@settings(max_examples=400)
@given(texts, st.none() | st.sampled_from([*PROMISING, "]E0", "]E3", "]E4", "]I1", "]Q1", "\ud800"]))
def test_whatever_the_text_only_our_errors_come_out(text: str, symbology_identifier: str | None) -> None:
    assert refusal(parse, text).isprintable()
    why = refusal(read, text, symbology_identifier)
    assert why.isprintable()
    answers = () if why else read(text, symbology_identifier)
    for answer in answers:
        assert all(finding.code.startswith("GS1_") and finding.message for finding in answer.findings)
        assert answer.parts
        if isinstance(answer, GS1):
            assert parse(answer.canonical.removeprefix("gs1:")).canonical == answer.canonical
            assert all(parse(other.canonical.removeprefix("gs1:")) == other for other in answer.implied)
            assert parse(answer.canonical.removeprefix("gs1:")).granularity == answer.granularity
    assert len(answers) <= 10
