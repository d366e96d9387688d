from __future__ import annotations

from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.identity.epc import epcs as made
from tests.identity.epc.epcs import epcs
from twin.errors import InvalidIdentifier
from twin.identity.epc import EPC
from twin.identity.epc.schemes import SCHEMES


def test_the_schemes_are_those_of_the_standard() -> None:
    """TDS 6.3.1 to 6.3.20, and the one class of 6.4."""
    assert set(SCHEMES) == set(made.SCHEMES)
    assert [scheme.name for scheme in SCHEMES.values() if scheme.namespace == "class"] == ["lgtin"]


@given(epcs())
def test_what_follows_the_rules_is_an_epc(epc: EPC) -> None:
    assert len(epc.components) == len(SCHEMES[epc.scheme].components)
    assert SCHEMES[epc.scheme].fault(epc.components) is None


@pytest.mark.parametrize(
    ("scheme", "components", "why"),
    [
        ("sgtin", ("0614141", "812345"), ""),
        ("sgtin", ("0614141",), "expected 3 components with dots between them, found the end at position 15"),
        ("sgtin", (), "expected 3 components with dots between them, found the end at position 7"),
        ("sgtin", ("0614141", "812345", "1", "2"), "expected 3 components with dots between them, found '2'"),
        (
            "sgtin",
            ("06141", "81234567", "1"),
            "expected 6 to 12 digits (GS1 Company Prefix), found '06141' at position 7",
        ),
        ("sgtin", ("0614141012345", "", "1"), "expected 6 to 12 digits (GS1 Company Prefix)"),
        ("sgtin", ("061414A", "812345", "1"), "found '061414A' at position 7"),
        ("sgtin", ("061414٣", "812345", "1"), "found '061414٣' at position 7"),
        (
            "sgtin",
            ("0614141", "81234", "1"),
            "expected 6 characters (Item reference and indicator) next to a GS1 Company Prefix of 7, found '81234' at "
            "position 15",
        ),
        ("sgtin", ("0614141", "8123456", "1"), "expected 6 characters (Item reference and indicator)"),
        ("sgtin", ("061414101234", "", "1"), "expected 1 to 7 digits (Item reference and indicator)"),
        (
            "sgtin",
            ("0614141", "812345", ""),
            "expected 1 to 20 characters of the GS1 set of 82 (Serial number), found ''",
        ),
        ("sgtin", ("0614141", "812345", "A" * 21), "expected 1 to 20 characters"),
        ("sgtin", ("0614141", "812345", "a b"), "found 'a b' at position 22"),
        ("sgtin", ("0614141", "812345", "a#b"), "found 'a#b'"),
        ("sgtin", ("0614141", "812345", "é"), "found 'é'"),
        ("sgtin", ("0614141", "812345", "1\n"), "found '1\\n'"),
        ("sscc", ("0614141", "123456789"), "expected 10 characters (Serial reference and extension)"),
        ("sscc", ("0614141",), "expected 2 components"),
        ("sgln", ("061414101234", "1", "0"), "expected 0 characters (Location reference)"),
        ("sgln", ("0614141", "12345"), "expected 3 components"),
        ("giai", ("061414101234", "A" * 19), "expected at most 18 characters (Individual asset reference)"),
        ("giai", ("0614141", "A" * 24), "expected at most 23 characters"),
        ("cpi", ("0614141", "abc", "1"), "expected 1 to 24 characters of A-Z, 0-9, #, - and /"),
        (
            "cpi",
            ("0614141", "ABC", "01"),
            "1 to 12 digits, the first of them not 0 (Serial number), found '01'",
        ),
        ("cpi", ("0614141", "ABC", "1" * 13), "expected 1 to 12 digits, the first of them not 0"),
        ("cpi", ("0614141", "123456", "0"), "found '0'"),  # tests of epcpy 0.1.8 take it
        ("sgcn", ("0614141", "12345", "A"), "expected 1 to 12 digits (Serial component), found 'A'"),
        ("itip", ("0614141", "812345", "1", "02", "9"), "expected 2 digits (Piece), found '1'"),
        ("gid", ("01", "1", "1"), "expected 1 to 9 digits without leading zeros (General manager number), found '01'"),
        ("usdod", ("CAGEI", "1"), "expected 5 or 6 characters of A-Z without I and O, or 0-9 (CAGE code or DoDAAC)"),
        ("usdod", ("CAGE", "1"), "found 'CAGE'"),
        ("adi", ("35962", "A#", "1"), "expected 0 to 32 characters of A-Z, 0-9, - and / (Original part number)"),
        ("adi", ("35962", "", ""), "expected 1 to 30 characters of A-Z, 0-9, - and /, perhaps after # (Serial number)"),
        ("adi", ("35962", "", "#"), "found '#'"),
        ("adi", ("35962", "", "1#"), "found '1#'"),
        ("adi", ("35962", "", "##1"), "found '##1'"),
        ("adi", ("35962", "", "#" + "1" * 30), "perhaps after #"),
        ("bic", ("CSQU3054384",), "expected the check digit 3 (BIC container code), found 'CSQU3054384' at position 5"),
        ("bic", ("CSQJ3054381",), "expected the check digit 6 (BIC container code)"),  # tests of epcpy 0.1.8 take it
        ("bic", ("CSQX3054383",), "expected three letters, J, U or Z, and seven digits"),
        ("imovn", ("9176188",), "expected the check digit 7 (IMO vessel number), found '9176188'"),
        ("imovn", ("917618",), "expected 7 digits (IMO vessel number)"),
    ],
)
def test_components_that_break_the_rules_are_refused(scheme: str, components: tuple[str, ...], why: str) -> None:
    if not why:
        assert EPC(scheme, components).is_type
        return
    with pytest.raises(InvalidIdentifier) as refused:
        EPC(scheme, components)
    assert f"'{scheme}:" in refused.value.message
    assert " is not an EPC: expected " in refused.value.message
    assert why in refused.value.message
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("scheme", "value", "source"),
    [
        ("bic", "CSQU3054383", "TDS 2.3, 6.3.19"),
        ("imovn", "9176187", "TDS 2.3, 6.3.20"),
        ("imovn", "9074729", "by hand: 9*7 + 0*6 + 7*5 + 4*4 + 7*3 + 2*2 = 139"),
    ],
)
def test_a_container_and_a_vessel_have_a_check_digit(scheme: str, value: str, source: str) -> None:
    assert EPC(scheme, (value,)).canonical == f"epc:{scheme}:{value}", source


@given(st.data())
def test_one_wrong_digit_of_a_container_or_vessel_is_caught(data: st.DataObject) -> None:
    epc = data.draw(epcs(["bic", "imovn"]))
    (value,) = epc.components
    start = 4 if epc.scheme == "bic" else 0
    place = data.draw(st.integers(start, len(value) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != value[place]))
    mutated = value[:place] + other + value[place + 1 :]
    try:
        EPC(epc.scheme, (mutated,))
    except InvalidIdentifier:
        return
    # The remainder 10 is written 0, and even weights lose half of what a digit differs.
    assert escapes(epc.scheme, value, mutated, place)


def escapes(scheme: str, value: str, mutated: str, place: int) -> bool:
    difference = int(mutated[place]) - int(value[place])
    if scheme == "imovn":
        return place < 6 and difference * (7 - place) % 10 == 0
    return {remainder(value), remainder(mutated)} == {0, 10}


def remainder(container: str) -> int:
    values = {str(digit): digit for digit in range(10)}
    values |= {letter: 10 + place + (9 + place) // 10 for place, letter in enumerate(ascii_uppercase)}
    return sum(values[character] << place for place, character in enumerate(container[:-1])) % 11
