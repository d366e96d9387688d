from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InvalidIdentifier, InvalidInput, TooLarge
from twin.identity import Granularity, Part, iuid
from twin.identity.iuid.agencies import AGENCIES, agency_of
from twin.identity.iuid.uii import IUID, Construct

# issuing agency, enterprise, part number, serial number, UII, source
DERIVED = [
    ("D", "0CVA5", None, "674A36458", "D0CVA5674A36458", "uidlaser.com, IUID string"),
    ("D", "0CVA5", None, "786950", "D0CVA5786950", "DoD UID 101, quoted by technifor.com"),
    ("UN", "194532636", "1234", "786950", "UN1945326361234786950", "DoD UID 101, quoted by technifor.com"),
    ("D", "A3309", None, "1234567", "DA33091234567", "bradyid.com, Encoding UII data"),
    ("D", "7A720", None, "00000001", "D7A72000000001", "a2btracking.com, Marking construct"),
    ("D", "1HLD9", "31-142", "2044492", "D1HLD931-1422044492", "milpac.com, type 2 (its page shows D1HLD93…)"),
    (
        "LD",
        "W81X9C",
        "3KL984PX1",
        "2WMA52",
        "LDW81X9C3KL984PX12WMA52",
        "the DoDAAC of GS1 TDS, ADI; rule of table A-II",
    ),
    (
        "0",
        "0614141",
        "99999",
        "MH80312",
        "061414199999MH80312",
        "the company of MIL-STD-130N, figure 8; rule of table A-II",
    ),
    ("LB", "ABCD", "PN", "1", "LBABCDPN1", "rule of table A-II, 18V"),
]


@pytest.mark.parametrize(("agency", "enterprise", "part", "serial", "uii", "source"), DERIVED)
def test_derived(agency: str, enterprise: str, part: str | None, serial: str, uii: str, source: str) -> None:
    item = IUID.of(agency, enterprise, serial, part_number=part)
    assert item.uii == uii, source
    assert item.canonical == f"iuid:{uii}"
    assert item.construct is (Construct.ONE if part is None else Construct.TWO)
    assert item.granularity is Granularity.ITEM
    assert item.findings == ()
    for message in (item.as_envelope(), item.as_text_elements()):
        [back] = iuid.read(message)
        assert back == item
        assert back.findings == ()


def test_the_pieces() -> None:
    item = IUID.of("D", "1AB23", "SER", part_number="PN123", lot="L7")
    assert item.parts == (
        Part("Issuing agency", "D"),
        Part("CAGE code", "1AB23"),
        Part("Original part number", "PN123"),
        Part("Lot number", "L7"),
        Part("Serial number", "SER"),
    )
    assert item.uii == "D1AB23PN123SER"
    assert [other.canonical for other in item.implied] == [
        "part:1AB23/PN123/serial/SER",
        "part:1AB23/PN123/lot/L7",
        "part:1AB23/PN123",
    ]
    assert item.as_envelope() == "[)>\x1e06\x1d17V1AB23\x1d1PPN123\x1d1TL7\x1dSSER\x1e\x04"
    assert item.as_text_elements() == "[)>\x1e12\x1dCAG 1AB23\x1dPNO PN123\x1dLTN L7\x1dSEQ SER\x1e\x04"


def test_a_lot_takes_the_place_of_the_part() -> None:
    item = IUID.of("0", "0614141", "9", lot="L7")
    assert (item.uii, item.construct, item.implied) == ("0614141L79", Construct.TWO, ())
    assert item.parts[0] == Part("GS1 company prefix", "0614141")
    assert item.as_envelope() == "[)>\x1e06\x1d3V0614141\x1d1TL7\x1dS9\x1e\x04"
    assert item.as_text_elements() == "[)>\x1e12\x1dEUC 0614141\x1dLTN L7\x1dSEQ 9\x1e\x04"


def test_a_complete_uii_tells_agency_and_enterprise_where_their_length_is_fixed() -> None:
    known = [
        (item.issuing_agency, item.enterprise) for item in map(IUID.complete, ("D1AB23X", "UN123456789X", "LDW81X9CX"))
    ]
    assert known == [("D", "1AB23"), ("UN", "123456789"), ("LD", "W81X9C")]
    for uii in ("LHA123X", "0614141X", "D1AB2", "DIAB23X"):
        assert IUID.complete(uii).issuing_agency is None
    item = IUID.complete("UN123456789PA12345")
    assert item.parts == (Part("Unique item identifier", "UN123456789PA12345"),)
    assert item.implied == ()
    assert item.as_envelope() == "[)>\x1e06\x1d25SUN123456789PA12345\x1e\x04"
    assert item.as_text_elements() == "[)>\x1e12\x1dUID UN123456789PA12345\x1e\x04"


def test_an_equivalent_is_written_as_such() -> None:
    item = IUID("3F0A1B2C", Construct.EQUIVALENT, serial="3F0A1B2C")
    assert item.parts == (Part("Electronic serial number", "3F0A1B2C"),)
    assert item.as_envelope() == "[)>\x1e06\x1d22S3F0A1B2C\x1e\x04"
    with pytest.raises(InvalidInput, match="no text element"):
        item.as_text_elements()


def test_only_the_uii_counts_when_two_are_compared() -> None:
    derived = IUID.of("D", "1AB23", "SER", part_number="PN123")
    assert derived == IUID("D1AB23PN123SER")
    assert hash(derived) == hash(IUID("D1AB23PN123SER"))


@pytest.mark.parametrize(
    ("uii", "expected"),
    [
        ("", "'' is not a UII: expected 1 to 50 characters, found 0."),
        ("D" * 51, "expected 1 to 50 characters, found 51."),
        ("D1AB23 1", "expected A-Z, 0-9, - or /, found ' ' at position 7."),
        ("D1AB23.1", "found '.' at position 7."),
        ("D1AB23#1", "found '#' at position 7."),
        ("D1AB23a", "found 'a' at position 7."),
        ("D1AB23\u0661", "found '\u0661' at position 7."),
        ("D1AB23\u212a", "found '\u212a' at position 7."),
        ("D1AB23\ud800", "found '\\ud800' at position 7."),
        ("D1AB23\n", "found '\\n' at position 7."),
    ],
)
def test_what_is_no_uii_is_refused_with_the_reason(uii: str, expected: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        IUID(uii)
    assert refused.value.message.endswith(expected)
    assert refused.value.message.isprintable()


def test_pieces_must_make_the_uii() -> None:
    with pytest.raises(InvalidIdentifier, match="expected 'D1AB23SER', which its pieces make"):
        IUID("D1AB23PNSER", Construct.ONE, "D", "1AB23", None, None, "SER")
    with pytest.raises(InvalidIdentifier, match="expected no blank at either end"):
        IUID("D1AB23SER", Construct.ONE, "D", "1AB23", "PN ", None, "SER")


@pytest.mark.parametrize(
    ("agency", "enterprise", "expected"),
    [
        ("X", "1AB23", "'X' is not an issuing agency of UIIs: expected D, UN, LD, LB, LH or a digit."),
        ("0-9", "0614141", "'0-9' is not an issuing agency of UIIs"),
        ("D", "1AB2", "'1AB2' is not a CAGE code: expected 5 characters, A-Z without I, O, or 0-9."),
        ("D", "1AB2O", "'1AB2O' is not a CAGE code"),
        ("D", "1ab23", "'1ab23' is not a CAGE code"),
        ("UN", "19453263", "'19453263' is not a D-U-N-S number: expected 9 to 13 digits."),
        ("UN", "19453263\u0661", "is not a D-U-N-S number"),
        ("LD", "W81X9", "'W81X9' is not a DoDAAC: expected 6 characters, A-Z or 0-9."),
        ("0", "614141", "'614141' is not of GS1 0: expected that digit first."),
        ("6", "614", "'614' is not a GS1 company prefix: expected 4 to 12 digits."),
        ("LH", "", "'' is not a Labeler code"),
    ],
)
def test_an_enterprise_is_its_agencys(agency: str, enterprise: str, expected: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        IUID.of(agency, enterprise, "1")
    assert expected in refused.value.message


def test_a_piece_is_not_empty_and_a_text() -> None:
    for pieces in ({"serial": ""}, {"serial": "1", "part_number": ""}, {"serial": "1", "lot": ""}):
        with pytest.raises(InvalidIdentifier, match="expected at least one character, found none"):
            IUID.of("D", "1AB23", **pieces)
    with pytest.raises(InvalidInput):
        IUID.of("D", "1AB23", 7)  # type: ignore[arg-type]
    with pytest.raises(TooLarge):
        IUID("A" * 2001)


def test_every_agency_has_its_code() -> None:
    assert set(AGENCIES) == {"D", "UN", "LD", "LB", "LH", *"0123456789"}
    assert [agency_of(code).code for code in ("D", "UN", "7")] == ["D", "UN", "0-9"]


legal = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-/", min_size=1, max_size=12)
enterprises = st.one_of(
    st.tuples(st.just("D"), st.from_regex(r"[0-9A-HJ-NP-Z]{5}", fullmatch=True)),
    st.tuples(st.just("UN"), st.from_regex(r"[0-9]{9}", fullmatch=True)),
    st.tuples(st.just("LD"), st.from_regex(r"[0-9A-Z]{6}", fullmatch=True)),
    st.tuples(st.sampled_from(["LB", "LH"]), st.from_regex(r"[0-9A-Z]{1,9}", fullmatch=True)),
    st.from_regex(r"[0-9]{4,12}", fullmatch=True).map(lambda prefix: (prefix[0], prefix)),
)


@given(enterprises, st.none() | legal, st.none() | legal, legal)
def test_what_is_issued_is_read_back_by_either_format(
    agency_and_enterprise: tuple[str, str], part: str | None, lot: str | None, serial: str
) -> None:
    item = IUID.of(*agency_and_enterprise, serial, part_number=part, lot=lot)
    assert iuid.parse(item.uii) == item
    assert iuid.parse(item.uii.lower()).canonical == item.canonical
    for message in (item.as_envelope(), item.as_text_elements()):
        [back] = iuid.read(message)
        assert isinstance(back, IUID)
        assert back == item
        assert back.findings == ()
        if back.construct is not None:
            assert back.parts == item.parts
            assert back.implied == item.implied
            assert back.as_envelope() == item.as_envelope()
