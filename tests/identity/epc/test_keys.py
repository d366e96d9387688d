from __future__ import annotations

import pytest
from hypothesis import given

from tests.identity.epc.epcs import SCHEMES as MADE
from tests.identity.epc.epcs import epcs
from twin.errors import InvalidIdentifier, InvalidInput
from twin.identity.epc import EPC
from twin.identity.epc.keys import check_digit_of, components_of, elements_of
from twin.identity.epc.schemes import SCHEMES
from twin.identity.gs1 import GS1

KEYED = [name for name in MADE if SCHEMES[name].key]

# element strings, length of the company prefix, scheme, components, source
CORRESPONDENCE = [
    ([("01", "80614141123458"), ("21", "6789")], 7, "sgtin", ("0614141", "812345", "6789"), "TDS 1.13, E.3"),
    ([("01", "09506000134352"), ("21", "32a/b")], 11, "sgtin", ("95060001343", "05", "32a/b"), "TDS 2.3, E.3"),
    ([("01", "09526567890126"), ("21", "4711")], 12, "sgtin", ("952656789012", "0", "4711"), "TDS 2.3, 7.2.1"),
    ([("01", "00000095010939"), ("21", "S")], 8, "sgtin", ("00000950", "01093", "S"), "TDS 2.3, 7.3.2: a GTIN-8"),
    ([("01", "09521141894569"), ("235", "51q")], 7, "upui", ("9521141", "089456", "51q"), "TDS 2.3, 7.16"),
    ([("01", "79521141123453"), ("10", "32a/b")], 7, "lgtin", ("9521141", "712345", "32a/b"), "TDS 2.3, 7.18"),
    ([("01", "79521141123453")], 7, "sgtin", ("9521141", "712345"), "TDS 2.3, 8: a type"),
    ([("00", "095201234567891235")], 6, "sscc", ("952012", "03456789123"), "TDS 2.3, E.3"),
    ([("414", "9521141123454")], 7, "sgln", ("9521141", "12345", "0"), "TDS 2.3, 7.5"),
    ([("414", "9526567890126"), ("254", "4711")], 12, "sgln", ("952656789012", "", "4711"), "TDS 2.3, 7.2.2"),
    ([("8003", "0952114112345432a/b")], 7, "grai", ("9521141", "12345", "32a/b"), "TDS 2.3, 7.6"),
    ([("8003", "09521141123454")], 7, "grai", ("9521141", "12345"), "TDS 2.3, 7.6: a type"),
    ([("8004", "952114132a/b")], 7, "giai", ("9521141", "32a/b"), "TDS 2.3, 7.7"),
    ([("8018", "952114112345678906")], 7, "gsrn", ("9521141", "1234567890"), "TDS 2.3, 7.8"),
    ([("8017", "952114112345678906")], 7, "gsrnp", ("9521141", "1234567890"), "TDS 2.3, 7.9"),
    ([("253", "9521141123454006847")], 7, "gdti", ("9521141", "12345", "006847"), "TDS 2.3, 7.10"),
    ([("8010", "95211415PQ7/Z43"), ("8011", "12345")], 7, "cpi", ("9521141", "5PQ7/Z43", "12345"), "TDS 2.3, 7.11"),
    ([("255", "952114167890904711")], 7, "sgcn", ("9521141", "67890", "04711"), "TDS 2.3, 7.12"),
    ([("401", "9521141xyz47/11")], 7, "ginc", ("9521141", "xyz47/11"), "TDS 2.3, 7.13"),
    ([("402", "95211411234567892")], 7, "gsin", ("9521141", "123456789"), "TDS 2.3, 7.14"),
    (
        [("8006", "095211411234540404"), ("21", "32a/b")],
        7,
        "itip",
        ("9521141", "012345", "04", "04", "32a/b"),
        "TDS 2.3, 7.15",
    ),
    ([("417", "9521141890127")], 7, "pgln", ("9521141", "89012"), "TDS 2.3, 7.17"),
]


@pytest.mark.parametrize(("elements", "length", "scheme", "components", "source"), CORRESPONDENCE)
def test_a_key_and_its_epc(
    elements: list[tuple[str, str]], length: int, scheme: str, components: tuple[str, ...], source: str
) -> None:
    key = SCHEMES[scheme].key
    assert key is not None
    assert elements_of(key, components) == elements, source
    assert components_of(dict(elements), elements[0][0], length) == (scheme, components)
    assert EPC.of_gs1(GS1.of(elements), length) == EPC(scheme, components)
    assert EPC(scheme, components).as_gs1() == GS1.of(elements)


@given(epcs(KEYED))
def test_there_and_back(epc: EPC) -> None:
    gs1 = epc.as_gs1()
    assert gs1 is not None
    assert epc.canonical == gs1.canonical
    assert epc.company_prefix is not None
    if not epc.findings:
        assert EPC.of_gs1(gs1, len(epc.company_prefix)) == epc


def test_what_a_symbol_carries_beside_the_key_is_no_part_of_the_epc() -> None:
    elements = [("01", "80614141123458"), ("10", "L7"), ("17", "261231"), ("21", "6789")]
    assert EPC.of_gs1(GS1.of(elements), 7).components == ("0614141", "812345", "6789")


@pytest.mark.parametrize(
    ("digits", "check_digit"),
    [("8061414112345", "8"), ("10614141234567890", "8"), ("061414112345", "2"), ("0", "0"), ("", "0")],
)
def test_the_check_digit(digits: str, check_digit: str) -> None:
    assert check_digit_of(digits) == check_digit


@pytest.mark.parametrize("length", [4, 5, 6])
def test_a_short_company_prefix_counts_as_one_of_six_digits(length: int) -> None:
    """TDS 7.1."""
    gs1 = GS1.of([("01", "80614141123458"), ("21", "6789")])
    assert EPC.of_gs1(gs1, length).components == ("061414", "8112345", "6789")


@pytest.mark.parametrize("length", [-1, 0, 3, 13, True, 7.0, "7", None])
def test_the_company_prefix_has_a_length(length: object) -> None:
    gs1 = GS1.of([("00", "106141412345678908")])
    with pytest.raises(InvalidInput, match="Expected a company prefix length of 4 to 12, found"):
        EPC.of_gs1(gs1, length)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("elements", "why"),
    [
        ([("8013", "1987654Ad4X4bL5ttr2310c2K")], "Expected a key that an EPC can be, found (8013)."),
        ([("8004", "0614ABC123")], "expected 6 to 12 digits (GS1 Company Prefix), found '0614ABC'"),
        ([("01", "80614141123458"), ("22", "2A")], "'gs1:01/80614141123458/22/2A' is no EPC: expected 'gs1:01/8"),
        ([("8004", "0614141")], "Individual asset reference"),
        ([("01", "02012345123458"), ("21", "1")], "must not become an EPC: Expected a number of a trade item"),
    ],
)
def test_what_cannot_be_an_epc_is_refused(elements: list[tuple[str, str]], why: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        EPC.of_gs1(GS1.of(elements), 7)
    assert why in refused.value.message


def test_only_a_gs1_identifier_becomes_an_epc() -> None:
    with pytest.raises(InvalidInput, match="Expected a GS1 identifier, found str"):
        EPC.of_gs1("01/80614141123458/21/6789", 7)  # type: ignore[arg-type]
