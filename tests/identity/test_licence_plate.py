from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin import identity
from twin.errors import InvalidIdentifier, TooLarge
from twin.identity import Granularity, Part, licence_plate
from twin.identity.gs1 import GS1
from twin.identity.licence_plate import LicencePlate, of_transport_unit, parse, read

# licence plate, source
PUBLISHED = [
    ("LEXYZ123456789012345123456789012345", "edifice.org, License plate: LE, XYZ, unit"),
    ("UN123456789PA12345", "ANSI MH10.8.2, 34L: an agency, a company and a number"),
]

plates = st.from_regex(r"[A-Z][0-9A-Z]{1,34}", fullmatch=True)


@pytest.mark.parametrize(("value", "source"), PUBLISHED)
def test_published(value: str, source: str) -> None:
    plate = parse(value)
    assert plate.canonical == f"lpn:{value}", source
    assert plate.granularity is Granularity.ITEM
    assert plate.parts == (Part("Licence plate", value),)
    assert (plate.implied, plate.findings) == ((), ())


@given(plates)
def test_canonical_is_read_back(value: str) -> None:
    assert parse(value) == parse(value.lower()) == LicencePlate(value)
    assert identity.parse(f"lpn:{value}").canonical == f"lpn:{value}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "expected 2 to 35 characters, found 0."),
        ("U", "expected 2 to 35 characters, found 1."),
        ("U" * 36, "expected 2 to 35 characters, found 36."),
        ("UN 1", "expected A-Z or 0-9, found ' ' at position 3."),
        ("UN-1", "expected A-Z or 0-9, found '-' at position 3."),
        ("UN\u0661", "found '\u0661' at position 3."),
        ("UN\ud800", "found '\\ud800' at position 3."),
        ("UN\n", "found '\\n' at position 3."),
        ("106141411234567897", "expected a letter at position 1, found '1', which is GS1's"),
    ],
)
def test_what_is_no_licence_plate_is_refused_with_the_reason(value: str, expected: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        parse(value)
    assert " is not a licence plate: " in refused.value.message
    assert expected in refused.value.message


def test_a_value_is_in_upper_case_and_bounded() -> None:
    with pytest.raises(InvalidIdentifier):
        LicencePlate("un123456789A")
    with pytest.raises(TooLarge):
        LicencePlate("A" * 2001)


def test_gs1s_is_a_serial_shipping_container_code() -> None:
    assert isinstance(of_transport_unit("106141411234567897"), GS1)
    assert of_transport_unit("UN123456789A") == LicencePlate("UN123456789A")
    for value in ("", "106141411234567898", "1UN"):
        with pytest.raises(InvalidIdentifier):
            of_transport_unit(value)


@pytest.mark.parametrize("text", ["1JUN043325711MH80312", "*6JLEXYZ1234*", " 5JD1AB23X123\r\n"])
def test_a_linear_symbol_is_read_with_a_finding(text: str) -> None:
    [plate] = read(text)
    assert plate.value == text.strip(" *\r\n")[2:]
    assert [finding.code for finding in plate.findings] == ["LPN_DATA_IDENTIFIER"]
    assert read(text, "]C0") == read(text)
    assert read(text, "]C1") == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "JUN043325711MH80312",
        "7JUN043325711MH80312",
        "1JUN04332571MH80312",
        "1JXY043325711MH80312",
        "1J106141411234567897",
        "1JUN043325711mh80312",
        "1JUN043325711" + "A" * 25,
        "1JLE",
        "LEXYZ1234",
    ],
)
def test_a_text_of_another_form_is_none_and_never_a_guess(text: str) -> None:
    assert read(text) == ()


def test_it_keeps_the_convention() -> None:
    assert identity.standards()["lpn"] is licence_plate
