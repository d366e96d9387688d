"""Serials: each number makes a text of its own, and random ones tell nothing of their order."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.domain.serials import MOST_SERIALS, PLACEHOLDER, SerialScheme, SerialStyle, filled
from twin.errors import InvalidInput

SECRET = bytes(range(32))
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def random_scheme(length: int, kind: str = "valve", prefix: str = "") -> SerialScheme:
    return SerialScheme(kind, SerialStyle.RANDOM, prefix, length)


def sequential_scheme(length: int, prefix: str = "") -> SerialScheme:
    return SerialScheme("pump", SerialStyle.SEQUENTIAL, prefix, length)


def serials(scheme: SerialScheme, count: int, secret: bytes = SECRET) -> list[str]:
    return [scheme.serial(number, secret) for number in range(1, count + 1)]


def worked_out_once_more(kind: str, length: int, number: int, secret: bytes) -> str:
    """The same permutation on texts of 0 and 1."""
    bits = f"{number - 1:0{5 * length}b}"
    middle = (len(bits) + 1) // 2
    left, right = bits[:middle], bits[middle:]
    for step in range(12):
        message = f"serial {kind} {step} {int((right, left)[step % 2], 2)}".encode()
        mask = "".join(f"{byte:08b}" for byte in hmac.new(secret, message, hashlib.sha256).digest())
        if step % 2 == 0:
            left = "".join(str(int(one != other)) for one, other in zip(left, mask, strict=False))
        else:
            right = "".join(str(int(one != other)) for one, other in zip(right, mask, strict=False))
    whole = left + right
    return "".join(CROCKFORD[int(whole[at : at + 5], 2)] for at in range(0, len(whole), 5))


def test_sequential_serials_count() -> None:
    scheme = sequential_scheme(2, "P-")
    assert serials(scheme, scheme.capacity) == [f"P-{number:02}" for number in range(1, 100)]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_random_scheme_uses_each_text_once(length: int) -> None:
    scheme = random_scheme(length)
    assert scheme.capacity == 32**length
    found = serials(scheme, scheme.capacity)
    assert len(set(found)) == scheme.capacity
    assert set("".join(found)) == set(CROCKFORD)
    assert {len(serial) for serial in found} == {length}


def test_no_two_of_a_hundred_thousand_are_the_same() -> None:
    assert len(set(serials(random_scheme(13), 100_000))) == 100_000


@given(st.integers(1, 16), st.data())
def test_each_number_has_the_serial_that_it_has_when_worked_out_another_way(length: int, data: st.DataObject) -> None:
    scheme = random_scheme(length)
    number = data.draw(st.integers(1, scheme.capacity))
    secret = data.draw(st.binary(min_size=1, max_size=40))
    assert scheme.serial(number, secret) == worked_out_once_more("valve", length, number, secret)


@pytest.mark.parametrize(
    ("length", "number", "serial"),
    [
        (1, 1, "0"),
        (4, 1, "BXS5"),
        (8, 1, "5EAMYDA8"),
        (8, 2, "KA0N5TY1"),
        (8, MOST_SERIALS, "JGJVB9VJ"),
        (16, 1_000_000, "DJSFFVR2JVX1281G"),
    ],
)
def test_what_was_given_once_is_what_the_scheme_writes_for_ever(length: int, number: int, serial: str) -> None:
    """Counters in databases go on: if this changes, serials that are printed already are given again."""
    assert random_scheme(length).serial(number, SECRET) == serial


def test_kinds_and_secrets_have_orders_of_their_own() -> None:
    here = serials(random_scheme(8), 1_000)
    for other in (serials(random_scheme(8, "hose"), 1_000), serials(random_scheme(8), 1_000, bytes(32))):
        assert not set(here) & set(other), "of 10**12, these are 1,000"
    every = [serials(random_scheme(2, kind), 1_024) for kind in ("valve", "hose")]
    assert set(every[0]) == set(every[1])
    assert sum(one == other for one, other in zip(*every, strict=True)) < 10, "about 1 of 1,024 places by chance"


@pytest.mark.parametrize(("length", "most"), [(2, 60), (4, 2), (8, 0)])
def test_neighbours_are_not_alike_more_often_than_by_chance(length: int, most: int) -> None:
    """Chance makes 1 in 32**(length - 1) share all but the last character: of 1,000, 31 or 0.03 or none."""
    found = serials(random_scheme(length), 1_000)
    for place in (0, length - 1):
        rest = [serial[:place] + serial[place + 1 :] for serial in found]
        assert sum(one == other for one, other in pairwise(rest)) <= most


def test_every_character_stands_in_every_position_about_equally_often() -> None:
    found = serials(random_scheme(7), 6_400)
    for position in range(7):
        counts = Counter(serial[position] for serial in found)
        assert set(counts) == set(CROCKFORD)
        # chi-square with 31 degrees of freedom: over 80 once in 250,000 times
        assert sum((count - 200) ** 2 / 200 for count in counts.values()) < 80


@given(
    st.sampled_from(SerialStyle),
    st.text(st.sampled_from("AZ09._-"), max_size=10),
    st.integers(1, 16),
    st.data(),
)
def test_every_serial_has_the_form_of_its_scheme(
    style: SerialStyle, prefix: str, length: int, data: st.DataObject
) -> None:
    if len(prefix) + length > 20:
        with pytest.raises(InvalidInput):
            SerialScheme("pump", style, prefix, length)
        return
    scheme = SerialScheme("pump", style, prefix, length)
    assert 1 <= scheme.capacity <= MOST_SERIALS
    one, other = (data.draw(st.integers(1, scheme.capacity)) for _ in range(2))
    serial = scheme.serial(one, SECRET)
    assert serial.startswith(prefix)
    assert len(serial) == len(scheme.sample) == len(prefix) + length
    assert set(serial[len(prefix) :]) <= set(CROCKFORD if style is SerialStyle.RANDOM else "0123456789")
    assert (serial == scheme.serial(other, SECRET)) is (one == other)
    assert SerialScheme.from_document(scheme.as_document()) == scheme


@pytest.mark.parametrize(
    ("kind", "prefix", "length", "path", "said"),
    [
        ("$ne", "", 8, "kind", "'\\$ne' is not the name of a field"),
        ("a.b", "", 8, "kind", "is not the name of a field"),
        ("pump", "a", 8, "prefix", "found 'a'"),
        ("pump", "A/B", 8, "prefix", "found 'A/B'"),
        ("pump", "A B", 8, "prefix", "found 'A B'"),
        ("pump", "\u0661", 8, "prefix", "found '\u0661'"),
        ("pump", "A\n", 8, "prefix", "found"),
        ("pump", "ABCDEFGHIJK", 8, "prefix", "expected 10 characters"),
        ("pump", "", 0, "length", "expected 1 to 16 characters after the prefix, found 0"),
        ("pump", "", -1, "length", "found -1"),
        ("pump", "", 17, "length", "expected 1 to 16 .*found 17"),
        ("pump", "ABCDEFGHIJ", 11, "length", "expected 1 to 10 .*found 11"),
        ("pump", "ABCDE", 16, "length", "expected 1 to 15 .*found 16"),
    ],
)
@pytest.mark.parametrize("style", SerialStyle)
def test_what_is_no_scheme_is_named(
    style: SerialStyle, kind: str, prefix: str, length: int, path: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as refused:
        SerialScheme(kind, style, prefix, length)
    assert refused.value.path == (path,)


def test_the_longest_serials_fit_the_gs1_application_identifier() -> None:
    assert len(random_scheme(16, prefix="ABCD").serial(1, SECRET)) == 20
    assert len(sequential_scheme(10, "ABCDEFGHIJ").serial(1, SECRET)) == 20


def test_only_the_placeholder_is_filled() -> None:
    assert PLACEHOLDER == "{serial}"
    assert filled("{serial}/{serial}", "7") == "7/7"
    for text in ("{Serial}", "{ serial }", "{}", "{0}", "{serial:03}", "%s", "serial"):
        assert filled(text, "7") == text
