from __future__ import annotations

import json
from pathlib import Path

import pytest

from twin.identity.iuid.constructs import DATA_IDENTIFIERS, TEXT_ELEMENTS, Derivation, Qualifiers
from twin.identity.iuid.uii import IUID, Construct

FACTS = Path(__file__).parents[4] / "shared" / "vectors" / "iuid" / "mil_std_130_facts.json"

VALUES = {
    "17V": "1AB23",
    "12V": "194532636",
    "3V": "061414123",
    "7L": "W81X9C",
    "18V": "LHA123",
    "1P": "PN-7",
    "1T": "LOT/8",
    "S": "SER9",
    "18S": "1AB23SER9",
    "25S": "UN194532636SER9",
    "22S": "3F0A1B2C",
    "CAG": "1AB23",
    "MFR": "1AB23",
    "SPL": "1AB23",
    "DUN": "194532636",
    "EUC": "061414123",
    "PNO": "PN-7",
    "SER": "SER9",
    "UCN": "SER9",
    "SEQ": "SER9",
    "LOT": "LOT/8",
    "LTN": "LOT/8",
    "BII": "LOT/8",
    "UID": "UN194532636SER9",
    "USN": "1AB23SER9",
    "UST": "1AB23SER9",
}

# construct, qualifiers, what stands before them in the UII; MIL-STD-130N with Change 1, table A-II
TABLE_A_II = [
    (Construct.ONE, ("18S",), "D"),
    (None, ("25S",), ""),
    (Construct.TWO, ("17V", "1P", "S"), "D"),
    (Construct.TWO, ("12V", "1P", "S"), "UN"),
    (Construct.TWO, ("3V", "1P", "S"), ""),
    (Construct.TWO, ("7L", "1P", "S"), "LD"),
    (Construct.TWO, ("18V", "1P", "S"), ""),
    (Construct.TWO, ("17V", "1T", "S"), "D"),
    (Construct.TWO, ("12V", "1T", "S"), "UN"),
    (Construct.TWO, ("3V", "1T", "S"), ""),
    (Construct.TWO, ("7L", "1T", "S"), "LD"),
    (Construct.TWO, ("18V", "1T", "S"), ""),
    (Construct.EQUIVALENT, ("22S",), ""),
]

# the same for text elements; table VI as bradyid.com prints it, and the complete ones as a public parser has them
TABLE_VI = [
    *[(Construct.ONE, (enterprise, serial), "D") for enterprise in ("CAG", "MFR", "SPL") for serial in ("SER", "UCN")],
    *[(Construct.ONE, ("DUN", serial), "UN") for serial in ("SER", "UCN")],
    *[(Construct.ONE, ("EUC", serial), "") for serial in ("SER", "UCN")],
    *[
        (Construct.TWO, (enterprise, within, "SEQ"), prefix)
        for enterprise, prefix in (("CAG", "D"), ("MFR", "D"), ("SPL", "D"), ("DUN", "UN"), ("EUC", ""))
        for within in ("PNO", "LOT", "LTN", "BII")
    ],
    (None, ("UID",), ""),
    (Construct.ONE, ("USN",), "D"),
    (Construct.ONE, ("UST",), "D"),
]


def derived(qualifiers: Qualifiers, **values: str) -> Derivation:
    return Derivation([(qualifier.lstrip("_"), value) for qualifier, value in values.items()], qualifiers)


@pytest.mark.parametrize(
    ("vocabulary", "construct", "qualifiers", "prefix"),
    [*[(DATA_IDENTIFIERS, *row) for row in TABLE_A_II], *[(TEXT_ELEMENTS, *row) for row in TABLE_VI]],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else None,
)
def test_tables(vocabulary: Qualifiers, construct: Construct | None, qualifiers: tuple[str, ...], prefix: str) -> None:
    for order in (qualifiers, qualifiers[::-1]):
        elements = [(qualifier, VALUES[qualifier]) for qualifier in order]
        derivation = Derivation(elements, vocabulary)
        [item] = derivation.identifiers
        assert isinstance(item, IUID)
        assert item.uii == prefix + "".join(VALUES[qualifier] for qualifier in qualifiers)
        assert item.construct is construct
        assert item.encoded == tuple((qualifier, VALUES[qualifier]) for qualifier in qualifiers)
        assert derivation.used == set(qualifiers)
        assert (derivation.faults, derivation.remarks) == ([], [])


@pytest.mark.skipif(not FACTS.exists(), reason="the wider vectors lie outside the repository")
def test_wider_cross_check() -> None:
    rows = json.loads(FACTS.read_text(encoding="utf-8"))["table_A_II_DI_to_UII"]
    for row in rows:
        if row["dis"] == ["I"]:  # a vehicle identification number stays one: see test_message
            continue
        uii = "".join(
            VALUES[piece[1:-1]] if piece.startswith("<") else piece for piece in row["uii"].replace(" ", "").split("+")
        )
        [item] = Derivation([(code, VALUES[code]) for code in row["dis"]], DATA_IDENTIFIERS).identifiers
        assert item.canonical == f"iuid:{uii}", row
    assert len(rows) == 14


def test_the_part_goes_before_the_lot() -> None:
    [item] = derived(DATA_IDENTIFIERS, _17V="1AB23", _1P="PN", _1T="L", S="9").identifiers
    assert item.canonical == "iuid:D1AB23PN9"
    assert [other.canonical for other in item.implied] == [
        "part:1AB23/PN/serial/9",
        "part:1AB23/PN/lot/L",
        "part:1AB23/PN",
    ]


def test_construct_1_knows_the_part_that_stands_beside_it() -> None:
    for derivation in (
        derived(DATA_IDENTIFIERS, _18S="1AB239", _1P="PN"),
        derived(TEXT_ELEMENTS, MFR="1AB23", SER="9", PNR="PN"),
    ):
        [item] = derivation.identifiers
        assert item.canonical == "iuid:D1AB239"
        assert [other.canonical for other in item.implied] == ["part:1AB23/PN/serial/9", "part:1AB23/PN"]
    assert derivation.used == {"MFR", "SER", "PNR"}


def test_an_original_part_number_comes_before_a_current_one() -> None:
    [item] = derived(TEXT_ELEMENTS, MFR="1AB23", PNR="NEW", PNO="OLD", SEQ="9").identifiers
    assert item.canonical == "iuid:D1AB23OLD9"
    [product] = derived(TEXT_ELEMENTS, MFR="1AB23", PNR="NEW", SEQ="9").identifiers
    assert product.canonical == "part:1AB23/NEW"


def test_makers_and_suppliers_serial_numbers_are_told_apart() -> None:
    both = derived(TEXT_ELEMENTS, MFR="0CVA5", SER="674A36458", SPL="0F3N5", UCN="10936")
    assert [item.canonical for item in both.identifiers] == ["iuid:D0CVA5674A36458", "iuid:D0F3N510936"]
    one = derived(TEXT_ELEMENTS, MFR="0CVA5", SER="674A36458", SPL="0F3N5")
    assert [item.canonical for item in one.identifiers] == ["iuid:D0CVA5674A36458"]


@pytest.mark.parametrize("serial", ["a1", "A.1", "A 1", "A" * 50])
def test_what_no_uii_may_hold_is_named_by_its_makers_numbers(serial: str) -> None:
    derivation = derived(DATA_IDENTIFIERS, _12V="194532636", _1P="PN", S=serial)
    [part] = derivation.identifiers
    assert part.canonical == f"part:194532636/PN/serial/{serial.replace(' ', '%20')}"
    [why] = part.findings
    assert why.code == "IUID_NOT_UII"
    assert why.message.startswith("Named by its maker's numbers instead: '")
    assert derivation.faults == []


@pytest.mark.parametrize(
    "values", [{"_17V": "1AB23", "_1T": "l", "S": "9"}, {"_12V": "194532636", "_1P": "P", "S": "9\t"}]
)
def test_what_not_even_that_can_name_is_a_fault(values: dict[str, str]) -> None:
    derivation = derived(DATA_IDENTIFIERS, **values)
    assert derivation.identifiers == []
    assert len(derivation.faults) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"_17V": "IAB23", "_1P": "PN", "S": "9"}, "'IAB23' is not a CAGE code"),
        ({"_17V": "1AB2", "_1P": "PN"}, "'1AB2' is not a CAGE code"),
        ({"_12V": "19453263", "_1P": "PN", "S": "9"}, "'19453263' is not a D-U-N-S number"),
        ({"_3V": "06141A", "_1P": "PN", "S": "9"}, "'06141A' is not a GS1 company prefix"),
        ({"_18V": "UN", "_1P": "PN", "S": "9"}, "'UN' is not an agency's code and an enterprise"),
        ({"_18S": "1AB23"}, "'1AB23' is not a CAGE code and a serial number, as 18S is"),
        ({"_18S": "1AB23 9"}, "found ' ' at position 7"),
        ({"_25S": "UN19453 2636"}, "found ' ' at position 8"),
        ({"_22S": "3f"}, "'3f' is not a UII"),
    ],
)
def test_what_a_uii_needs_and_is_broken_is_a_fault(values: dict[str, str], expected: str) -> None:
    derivation = derived(DATA_IDENTIFIERS, **values)
    assert derivation.identifiers == []
    assert expected in derivation.faults[0].message


@pytest.mark.parametrize(
    ("value", "agency", "enterprise"),
    [
        ("D1AB23", "D", "1AB23"),
        ("UN194532636", "UN", "194532636"),
        ("LDW81X9C", "LD", "W81X9C"),
        ("LB12", "LB", "12"),
        ("0614141", "0", "0614141"),
        ("LEXYZ", None, "LEXYZ"),
    ],
)
def test_18v_is_an_agency_and_an_enterprise(value: str, agency: str | None, enterprise: str) -> None:
    derivation = derived(DATA_IDENTIFIERS, _18V=value, _1P="PN", S="9")
    [item] = derivation.identifiers
    assert isinstance(item, IUID)
    assert (item.issuing_agency, item.enterprise, item.uii) == (agency, enterprise, f"{value}PN9")
    assert [finding.code for finding in derivation.remarks] == ([] if agency else ["IUID_AGENCY"])
    assert item.as_envelope().startswith("[)>\x1e06\x1d")
    assert item.implied[-1].canonical == f"part:{enterprise}/PN"


def test_the_enterprises_own_qualifier_and_18v_name_one_item() -> None:
    for qualifier, value in (("17V", "1AB23"), ("12V", "194532636"), ("7L", "W81X9C"), ("3V", "0614141")):
        prefix = {"17V": "D", "12V": "UN", "7L": "LD", "3V": ""}[qualifier]
        [own] = Derivation([(qualifier, value), ("1P", "P"), ("S", "9")], DATA_IDENTIFIERS).identifiers
        [other] = Derivation([("18V", prefix + value), ("1P", "P"), ("S", "9")], DATA_IDENTIFIERS).identifiers
        assert own.canonical == other.canonical
        assert [each.canonical for each in own.implied] == [each.canonical for each in other.implied]


@pytest.mark.parametrize(
    ("values", "canonical"),
    [
        ({"_17V": "1AB23", "_1P": "PN"}, "part:1AB23/PN"),
        ({"_17V": "1AB23", "_1P": "PN", "_1T": "L 7"}, "part:1AB23/PN/lot/L%207"),
        ({"_25V": "1AB23", "_1P": "PN", "S": "9"}, "part:1AB23/PN/serial/9"),
        ({"_13V": "194532636", "_1P": "PN"}, "part:194532636/PN"),
    ],
)
def test_a_set_that_is_no_construct_names_the_makers_part(values: dict[str, str], canonical: str) -> None:
    derivation = derived(DATA_IDENTIFIERS, **values)
    assert [each.canonical for each in derivation.identifiers] == [canonical]
    assert derivation.used == {each.lstrip("_") for each in values}


@pytest.mark.parametrize(
    "values", [{"_1P": "PN", "S": "9"}, {"_17V": "1AB23", "S": "9"}, {"_1V": "TI", "_1P": "PN"}, {}]
)
def test_a_set_that_names_nothing_is_left(values: dict[str, str]) -> None:
    derivation = derived(DATA_IDENTIFIERS, **values)
    assert (derivation.identifiers, derivation.faults, derivation.used) == ([], [], set())


def test_what_stands_twice_is_not_chosen_from() -> None:
    elements = [("17V", "1AB23"), ("1P", "PN"), ("S", "1"), ("S", "2"), ("S", "1")]
    derivation = Derivation(elements, DATA_IDENTIFIERS)
    assert [each.canonical for each in derivation.identifiers] == ["part:1AB23/PN"]
    assert [finding.code for finding in derivation.remarks] == ["IUID_REPEATED"]
    [item] = Derivation([*elements[:3], ("S", "1")], DATA_IDENTIFIERS).identifiers
    assert item.canonical == "iuid:D1AB23PN1"


def test_lower_case_is_raised_where_nothing_but_a_uii_can_stand() -> None:
    for values, canonical in (({"_18S": "1ab239x"}, "iuid:D1AB239X"), ({"_25S": "unx"}, "iuid:UNX")):
        [item] = derived(DATA_IDENTIFIERS, **values).identifiers
        assert (item.canonical, [finding.code for finding in item.findings]) == (canonical, ["IUID_CASE"])


def test_blanks_around_data_are_passed_over() -> None:
    derivation = derived(DATA_IDENTIFIERS, _17V="1AB23 ", _1P=" PN", S="9", Q=" 1")
    assert [each.canonical for each in derivation.identifiers] == ["iuid:D1AB23PN9"]
    assert derivation.trimmed == {"17V", "1P", "Q"}
    assert derived(DATA_IDENTIFIERS, _3V=" ", _1P="PN", S="9").identifiers == []


def test_what_stands_beside_a_uii_and_is_no_number_is_left() -> None:
    for values, canonical in (
        ({"_18S": "1AB239", "_1P": "P\tN", "_1T": "L"}, "iuid:D1AB239"),
        ({"_17V": "1AB23", "_1P": "PN", "_1T": "L\t7", "S": "9"}, "iuid:D1AB23PN9"),
    ):
        derivation = derived(DATA_IDENTIFIERS, **values)
        [item] = derivation.identifiers
        assert (item.canonical, derivation.faults) == (canonical, [])
        assert not derivation.used & {each.lstrip("_") for each, value in values.items() if "\t" in value}
