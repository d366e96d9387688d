from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, repeat
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identity.gs1.strategies import elements, messages
from twin.errors import InvalidIdentifier, InvalidInput, TooLarge, TwinError
from twin.identity import Finding, Granularity, Identifier, Part
from twin.identity.gs1 import GS1, parse
from twin.identity.gs1._ais import AIS, Element
from twin.identity.gs1._element_string import bracketed_elements_in

GTIN = "09506000134352"

ITEM, LOT, PRODUCT = Granularity.ITEM, Granularity.LOT, Granularity.PRODUCT

# in brackets, canonical, granularity, implied
NAMES: list[tuple[str, str, Granularity | None, str]] = [
    (f"(01){GTIN}", f"01/{GTIN}", PRODUCT, ""),
    (f"(01){GTIN}(10)L", f"01/{GTIN}/10/L", LOT, f"01/{GTIN}"),
    (f"(01){GTIN}(21)S", f"01/{GTIN}/21/S", ITEM, f"01/{GTIN}"),
    (f"(01){GTIN}(22)V", f"01/{GTIN}/22/V", PRODUCT, f"01/{GTIN}"),
    (f"(01){GTIN}(10)L(21)S", f"01/{GTIN}/21/S", ITEM, f"01/{GTIN}/10/L 01/{GTIN}"),
    (f"(01){GTIN}(22)V(10)L(21)S", f"01/{GTIN}/21/S", ITEM, f"01/{GTIN}/10/L 01/{GTIN}/22/V 01/{GTIN}"),
    (f"(01){GTIN}(235)T(10)L", f"01/{GTIN}/235/T", ITEM, f"01/{GTIN}/10/L 01/{GTIN}"),
    (f"(01){GTIN}(17)261231(21)S/1", f"01/{GTIN}/21/S%2F1", ITEM, f"01/{GTIN}"),
    ("(00)106141411234567897", "00/106141411234567897", ITEM, ""),
    ("(00)106141411234567897(02)09506000134352(37)5", "00/106141411234567897", ITEM, ""),
    (f"(00)106141411234567897(01){GTIN}(10)L", "00/106141411234567897", ITEM, f"01/{GTIN}/10/L 01/{GTIN}"),
    (f"(8004)9520614141234567(01){GTIN}", "8004/9520614141234567", ITEM, f"01/{GTIN}"),
    (f"(01){GTIN}(8004)9520614141234567(21)S", f"01/{GTIN}/21/S", ITEM, f"8004/9520614141234567 01/{GTIN}"),
    ("(8003)09506000134352", "8003/09506000134352", PRODUCT, ""),
    ("(8003)09506000134352S", "8003/09506000134352S", ITEM, "8003/09506000134352"),
    (f"(8006){GTIN}0102", f"8006/{GTIN}0102", PRODUCT, f"01/{GTIN}"),
    (f"(8006){GTIN}0102(10)L", f"8006/{GTIN}0102/10/L", LOT, f"8006/{GTIN}0102 01/{GTIN}"),
    (f"(8006){GTIN}0102(22)V", f"8006/{GTIN}0102/22/V", PRODUCT, f"8006/{GTIN}0102 01/{GTIN}"),
    (f"(8006){GTIN}0102(21)S", f"8006/{GTIN}0102/21/S", ITEM, f"8006/{GTIN}0102 01/{GTIN}"),
    ("(8010)0614141A#/B", "8010/0614141A%23%2FB", PRODUCT, ""),
    ("(8010)0614141AB(8011)12", "8010/0614141AB/8011/12", ITEM, "8010/0614141AB"),
    ("(8013)1987654Ad4X4bL5ttr2310c2K", "8013/1987654Ad4X4bL5ttr2310c2K", PRODUCT, ""),
    (
        f"(01){GTIN}(8013)1987654Ad4X4bL5ttr2310c2K",
        f"01/{GTIN}",
        PRODUCT,
        "8013/1987654Ad4X4bL5ttr2310c2K",
    ),
    ("(414)9520123456788", "414/9520123456788", None, ""),
    ("(414)9520123456788(254)32a/b", "414/9520123456788/254/32a%2Fb", None, "414/9520123456788"),
    ("(414)9520123456788(7040)3PA_", "414/9520123456788/7040/3PA_", None, "414/9520123456788"),
    (f"(414)9520123456788(254)X(01){GTIN}(10)L", f"01/{GTIN}/10/L", LOT, f"01/{GTIN}"),
    ("(417)9520123456788", "417/9520123456788", None, ""),
    ("(415)9520123456788(8020)R", "415/9520123456788/8020/R", None, "415/9520123456788"),
    ("(253)1231231231232", "253/1231231231232", None, ""),
    ("(253)1231231231232T", "253/1231231231232T", None, "253/1231231231232"),
    ("(255)12312312312321", "255/12312312312321", None, "255/1231231231232"),
    ("(401)12345678", "401/12345678", None, ""),
    ("(402)50609175112345629", "402/50609175112345629", None, ""),
    ("(8018)123456789012345675(8019)123", "8018/123456789012345675/8019/123", None, "8018/123456789012345675"),
    ("(8017)795260646688514634", "8017/795260646688514634", None, ""),
    ("(8017)795260646688514634(253)9526064000028000001", "253/9526064000028000001", None, "253/9526064000028"),
]

# EPC URI, canonical Digital Link, source: the pairs of EPCIS's own hash generator whose check digits agree
TRANSLATED = [
    ("urn:epc:id:sgtin:0614141.011111.987", "01/00614141111114/21/987"),
    ("urn:epc:id:sgln:4012345.00012.0", "414/4012345000122"),
    ("urn:epc:id:sgln:4012345.00011.0", "414/4012345000115"),
    ("urn:epc:id:grai:4012345.00022.334455", "8003/04012345000221334455"),
    ("urn:epc:id:giai:4000001.111", "8004/4000001111"),
    ("urn:epc:id:gsrn:4012345.0000006765", "8018/401234500000067657"),
    ("urn:epc:id:gsrnp:4012345.0000000007", "8017/401234500000000074"),
    ("urn:epc:id:gdti:4012345.55555.1234", "253/40123455555541234"),
    ("urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234", "8010/061414111111111111111-A%23%2F/8011/1234"),
    ("urn:epc:id:ginc:0614141.xyz47%2F11", "401/0614141xyz47%2F11"),
    ("urn:epc:id:gsin:4012345.222333444", "402/40123452223334442"),
    ("urn:epc:id:itip:4012345.011111.01.02.987", "8006/040123451111180102/21/987"),
    ("urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7SDB", "01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7SDB"),
    ("urn:epc:id:pgln:4012345.00000", "417/4012345000009"),
    ("urn:epc:class:lgtin:4012345.099988.2014-02-10", "01/04012345999884/10/2014-02-10"),
    ("urn:epc:class:lgtin:4012345.012345.Lot987", "01/04012345123456/10/Lot987"),
    ("urn:epc:idpat:grai:4012345.99999.*", "8003/04012345999990"),
    ("urn:epc:idpat:gdti:4012345.11111.*", "253/4012345111118"),
    ("urn:epc:idpat:sgcn:4012345.22222.*", "255/4012345222227"),
    ("urn:epc:idpat:itip:4012345.012345.01.02.*", "8006/040123451234560102"),
]


def made(bracketed: str) -> GS1:
    return GS1(bracketed_elements_in(bracketed))


@pytest.mark.parametrize(("bracketed", "canonical", "granularity", "implied"), NAMES, ids=[row[0] for row in NAMES])
def test_what_is_named(bracketed: str, canonical: str, granularity: Granularity | None, implied: str) -> None:
    key = made(bracketed)
    assert isinstance(key, Identifier)
    assert (key.canonical, key.granularity) == (f"gs1:{canonical}", granularity)
    assert [other.canonical for other in key.implied] == [f"gs1:{other}" for other in implied.split()]
    assert key.as_canonical_digital_link() == f"https://id.gs1.org/{canonical}"
    assert parse(canonical).canonical == key.canonical
    ranks = [granularity, *(other.granularity for other in key.implied)]
    assert ranks == sorted(ranks, key=[ITEM, LOT, PRODUCT, None].index)


@pytest.mark.parametrize("bracketed", [row[0] for row in NAMES])
def test_the_order_of_the_elements_makes_no_other_name(bracketed: str) -> None:
    key = made(bracketed)
    for order in permutations(key.elements):
        again = GS1(order)
        assert (again.canonical, again.granularity, again.implied) == (key.canonical, key.granularity, key.implied)


@pytest.mark.parametrize(("urn", "canonical"), TRANSLATED)
def test_canonical_forms_that_others_published(urn: str, canonical: str) -> None:
    assert parse(canonical).canonical == f"gs1:{canonical}", urn
    assert parse(f"https://id.gs1.org/{canonical}").as_canonical_digital_link() == f"https://id.gs1.org/{canonical}"


def test_the_fda_example() -> None:
    key = parse("(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234")  # FDA, UDI formats by issuing agency, 2017
    assert key.canonical == "gs1:01/51022222233336/21/1234"
    assert key.parts == (
        Part("Global trade item number", "51022222233336"),
        Part("Production date (YYMMDD)", "141231"),
        Part("Expiration date (YYMMDD)", "150707"),
        Part("Batch or lot number", "A213B1"),
        Part("Serial number", "1234"),
    )
    assert [key.value_of(ai) for ai in ("01", "11", "17", "10", "21", "240", "")] == [
        "51022222233336",
        "141231",
        "150707",
        "A213B1",
        "1234",
        None,
        None,
    ]
    assert key.as_element_string() == "01510222222333361114123117150707" + "10A213B1\x1d211234"
    assert key.as_bracketed() == "(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234"
    assert key.as_digital_link() == "https://id.gs1.org/01/51022222233336/10/A213B1/21/1234?11=141231&17=150707"
    assert key.findings == ()


def test_of_is_strict_and_the_findings_say_why() -> None:
    for bracketed, codes in [
        (f"(01){GTIN}(37)5", ["GS1_EXCLUDED", "GS1_REQUIRED"]),
        (f"(01){GTIN}(02){GTIN}", ["GS1_EXCLUDED", "GS1_REQUIRED"]),
        ("(415)9520123456788", ["GS1_REQUIRED"]),
        (f"(01){GTIN}(3103)000195(3102)000195", ["GS1_EXCLUDED"]),
        (f"(01){GTIN}(235)T(21)S", ["GS1_EXCLUDED"]),
    ]:
        key = made(bracketed)
        assert sorted(finding.code for finding in key.findings) == codes
        with pytest.raises(InvalidIdentifier, match="is not a whole GS1 message: expected"):
            GS1.of(key.elements)
    assert GS1.of([("01", GTIN), ("10", "L"), ("01", GTIN)]).elements == (("01", GTIN), ("10", "L"))
    assert GS1.of([["01", GTIN]]) == made(f"(01){GTIN}")  # type: ignore[list-item]


def test_what_was_forgiven_is_found_and_has_no_part_in_equality() -> None:
    finding = Finding("GS1_SHORT_GTIN", "…")
    key = GS1((("01", GTIN), ("37", "5")), (finding,))
    assert [found.code for found in key.findings] == ["GS1_SHORT_GTIN", "GS1_EXCLUDED", "GS1_REQUIRED"]
    assert key == made(f"(01){GTIN}(37)5")
    assert len({key, made(f"(01){GTIN}(37)5")}) == 1


@pytest.mark.parametrize(
    ("elements", "error", "message"),
    [
        ((), InvalidIdentifier, "no elements: expected a GS1 identification key"),
        ((("10", "ABC"),), InvalidIdentifier, "expected a GS1 identification key such as (01) among the elements"),
        ((("01", GTIN), ("10", "A"), ("10", "B")), InvalidIdentifier, "(10) stands twice in GS1 data"),
        ((("1", GTIN),), InvalidIdentifier, "'1' is not a GS1 application identifier"),
        ((("\u0660\u0661", GTIN),), InvalidIdentifier, "is not a GS1 application identifier"),
        ((("01", "\ud800"),), InvalidIdentifier, "expected digits, found '\\ud800' at position 1"),
        ([("01", GTIN)], InvalidInput, "Expected a tuple of elements, found list"),
        ((["01", GTIN],), InvalidInput, "Expected an application identifier and its value"),
        ((("01", GTIN, ""),), InvalidInput, "Expected an application identifier and its value"),
        ((("01", 9506000134352),), InvalidInput, "Expected an application identifier and its value"),
        ((1,), InvalidInput, "Expected an application identifier and its value"),
    ],
)
def test_what_is_no_key(elements: Any, error: type[TwinError], message: str) -> None:
    with pytest.raises(error) as refused:
        GS1(elements)
    assert type(refused.value) is error
    assert message in refused.value.message
    assert refused.value.message.isprintable()


@pytest.mark.parametrize(
    "value", [None, 17, [1], ["01"], {"01": GTIN}, "01", [("01", GTIN, 3)], [(["01"], GTIN)], [None]]
)
def test_what_is_no_list_of_elements(value: Any) -> None:
    with pytest.raises(InvalidInput):
        GS1.of(value)


def test_elements_without_end_are_refused() -> None:
    with pytest.raises(TooLarge):
        GS1.of(("91", str(number)) for number in range(10**9))
    assert GS1.of(repeat(("01", GTIN))).elements == (("01", GTIN),)


@pytest.mark.parametrize(
    "base", [None, 17, "", "ftp://a", "https://", "https://a b", "https://a?b", "https://a#b", "x" * 300]
)
def test_a_digital_link_stands_behind_a_public_url(base: Any) -> None:
    with pytest.raises(InvalidInput):
        made(f"(01){GTIN}").as_digital_link(base)


def test_where_a_digital_link_is_written() -> None:
    key = made(f"(01){GTIN}")
    for base in ("https://brand.example/x", "https://brand.example/x/", "HTTPS://Brand.Example/x"):
        assert key.as_digital_link(base) == f"https://brand.example/x/01/{GTIN}"
    with pytest.raises(InvalidIdentifier, match=r"^\(8200\): expected elements that a Digital Link URI can hold"):
        made(f"(01){GTIN}(8200)https://a.example").as_digital_link()


FORMS: list[Callable[[GS1], str]] = [
    GS1.as_element_string,
    GS1.as_bracketed,
    GS1.as_digital_link,
    lambda key: key.as_digital_link("https://brand.example/01/00"),
]


@given(messages(), st.sampled_from(FORMS))
def test_every_form_of_one_thing_has_one_canonical(elements: tuple[Element, ...], form: Callable[[GS1], str]) -> None:
    key = GS1(elements)
    if key.findings:
        with pytest.raises(InvalidIdentifier):
            parse(form(key))
        return
    again = parse(form(key))
    assert sorted(again.elements) == sorted(elements)
    assert (again.canonical, again.implied) == (key.canonical, key.implied)
    assert form(again) == form(key)


@given(messages())
def test_canonical_is_read_back_and_names_no_more(elements: tuple[Element, ...]) -> None:
    key = GS1(elements)
    named = parse(key.canonical.removeprefix("gs1:"))
    assert (named.canonical, named.granularity) == (key.canonical, key.granularity)
    assert set(named.elements) <= set(elements)
    for other in key.implied:
        assert isinstance(other, GS1)
        assert parse(other.canonical.removeprefix("gs1:")) == other
        assert other.canonical != key.canonical


@given(elements("01", "21"), st.integers(0, 13), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_a_key_is_caught(elements: tuple[Element, ...], place: int, digit: str) -> None:
    gtin = elements[0][1]
    wrong = gtin[:place] + digit + gtin[place + 1 :]
    if wrong != gtin:
        with pytest.raises(InvalidIdentifier, match="expected the check digit"):
            GS1((("01", wrong), elements[1]))


@pytest.mark.parametrize("ai", [ai for ai, known in AIS.items() if known.primary_key])
@settings(max_examples=20)
@given(data=st.data())
def test_every_primary_key_names_something(ai: str, data: st.DataObject) -> None:
    key = GS1(data.draw(elements(ai)))
    assert key.canonical.startswith(f"gs1:{ai}/")
    assert parse(key.canonical.removeprefix("gs1:")).canonical == key.canonical
    assert all(other.canonical.startswith((f"gs1:{ai}/", "gs1:01/")) for other in key.implied)
