from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InvalidInput, TooLarge
from twin.identity.vin import VIN, corrections, parse, transpositions

if TYPE_CHECKING:
    from collections.abc import Callable

CHARACTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
RIGHT = "1M8GDM9AXKP042788"
LOOK_ALIKE = [*zip("SBZGDU", "58260V", strict=True), *zip("58260V", "SBZGDU", strict=True)]


def made_right(value: str) -> str:
    return value[:8] + VIN(value).check_digit_expected + value[9:]


def replaced(value: str, place: int, character: str) -> str:
    return value[:place] + character + value[place + 1 :]


vins = st.from_regex(r"\A[1-5][A-HJ-NPR-Z][0-9A-HJ-NPR-Z]{7}[A-HJ-NPR-TV-Y1-9][0-9A-HJ-NPR-Z]{3}[0-9]{4}\Z").map(
    made_right
)


def test_what_is_right_needs_no_correction() -> None:
    assert corrections(RIGHT) == ()
    assert transpositions(RIGHT) == ()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("1M8GDM9AXKPO42788", RIGHT),
        ("1m8gdm9axkpo42788", RIGHT),
        ("IM8GDM9AXKPQ42788", RIGHT),
        ("1MBGDM9AXKP042788", RIGHT),
        ("1M86DM9AXKP042788", RIGHT),
        ("1M8G0M9AXKP042788", RIGHT),
        ("1M8GDM9AXKP0427B8", RIGHT),
        ("1M8GDM9AXKP04Z788", RIGHT),
        ("WVWZZZIJZXW000001", "WVWZZZ1JZXW000001"),
        ("WP0ZZZ95ZJS9O5O16", "WP0ZZZ95ZJS905016"),
    ],
)
def test_the_likeliest_stands_first(text: str, first: str) -> None:
    assert corrections(text)[0] == first


@given(vins, st.integers(0, 16), st.sampled_from(CHARACTERS))
def test_whichever_character_was_misread_the_right_number_is_among_the_corrections(
    value: str, place: int, other: str
) -> None:
    wrong = replaced(value, place, other)
    found = corrections(wrong)
    if VIN(wrong).check_digit_ok:
        assert found == ()
    else:
        assert value in found
        assert len(found) == len(set(found)) <= 65
        assert all(VIN(one).check_digit_ok for one in found)
        assert all(sum(a != b for a, b in zip(one, wrong, strict=True)) == 1 for one in found)


@given(vins, st.integers(0, 16), st.sampled_from(LOOK_ALIKE))
def test_a_look_alike_is_corrected_before_anything_else(value: str, place: int, pair: tuple[str, str]) -> None:
    right, wrong = pair
    value = made_right(replaced(value, place, right)) if place != 8 else value
    if place == 8 or value[place] != right or place == 9:
        return
    misread = replaced(value, place, wrong)
    if not VIN(misread).check_digit_ok:
        looks = {replaced(misread, at, a) for at in range(17) for a, b in LOOK_ALIKE if misread[at] == b}
        expected_rank = 0 if right.isdigit() or place < 13 else None
        if expected_rank == 0:
            assert value in corrections(misread)[: len(looks)]


@given(vins, st.lists(st.integers(0, 16), min_size=1, max_size=3, unique=True))
def test_zeros_and_ones_that_were_read_as_letters_come_back(value: str, places: list[int]) -> None:
    misread = value
    for place in places:
        misread = replaced(misread, place, {"1": "I", "0": "O"}.get(misread[place], misread[place]))
    if misread != value:
        assert corrections(misread)[0] == value


@given(vins, st.integers(0, 15))
def test_swapped_neighbours_come_back(value: str, place: int) -> None:
    swapped = value[:place] + value[place + 1] + value[place] + value[place + 2 :]
    if not VIN(swapped).check_digit_ok:
        assert value in transpositions(swapped)
        assert all(VIN(one).check_digit_ok for one in transpositions(swapped))


def test_an_unlikely_letter_where_vehicles_are_counted_stands_last() -> None:
    kinds = [one[13:].isdigit() for one in corrections("1M8GDM9A1KP042788")]
    assert kinds == sorted(kinds, reverse=True)
    assert not all(kinds)


def test_what_is_no_year_code_is_not_offered_for_the_year() -> None:
    assert all(one[9] not in "UZ0" or one[9] == "K" for one in corrections("1M8GDM9A1KP042788"))
    assert len([one for one in corrections("1M8GDM9A2KP042788") if one[9] != "K"]) <= 3


@pytest.mark.parametrize("text", ["", "1M8", RIGHT + "1", "1M8GDM9AXKP04278-", "1M8GDM9AXKP04278\uff18", "\ud800" * 17])
def test_for_other_texts_there_is_no_correction(text: str) -> None:
    assert corrections(text) == ()
    assert transpositions(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IM8GDM9AXKPO42788", (RIGHT,)),
        ("IM8GDM9AXKPO42789", ()),  # read as 1 and 0, they do not agree with the check digit
        ("WP0ZZZ95ZJS9O5O16", ("WP0ZZZ95ZJS905016",)),
    ],
)
def test_several_letters_that_no_vin_has_are_one_mistake(text: str, expected: tuple[str, ...]) -> None:
    assert corrections(text) == expected
    assert transpositions(text) == ()


def test_a_check_digit_that_is_a_letter_is_itself_the_mistake() -> None:
    assert corrections("1M8GDM9ABKP042788") == (RIGHT,)


@given(st.text() | st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=17, max_size=17))
def test_hints_are_vins(text: str) -> None:
    for one in (*corrections(text), *transpositions(text)):
        assert parse(one).value == one


@pytest.mark.parametrize("call", [corrections, transpositions])
def test_only_texts_of_bounded_size(call: Callable[[object], object]) -> None:
    with pytest.raises(InvalidInput):
        call(17)
    with pytest.raises(TooLarge):
        call("A" * 2001)
