"""What may be entered, and what an error says of what may not."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.domain import fields
from twin.errors import InvalidInput, TooLarge

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
PATH = ("face", "tag")


@given(st.text(st.characters() | st.sampled_from(BIDI) | st.characters(categories=["Cs", "Cc"]), max_size=30))
@settings(max_examples=1_000)
def test_no_control_direction_or_surrogate_gets_through(value: str) -> None:
    try:
        passed = fields.text(value, path=PATH)
    except InvalidInput:
        return
    assert passed == value
    assert passed.strip()
    assert not set(passed) & set(BIDI)
    assert not {unicodedata.category(character) for character in passed} & {"Cc", "Cs", "Zl", "Zp"}
    passed.encode()


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=30))
def test_letters_digits_and_signs_of_every_script_get_through(value: str) -> None:
    assert fields.text(value, path=PATH) == value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a\x00b", "holds U+0000 at position 2; expected printable text of one line"),
        ("a\nb", "holds U+000A at position 2"),
        ("\x7f", "holds U+007F at position 1"),
        ("\x85x", "holds U+0085 at position 1"),
        ("\u2028x", "holds U+2028 at position 1"),
        ("1M8\u202eGDM", "holds U+202E at position 4"),
        ("x\ud800", "holds U+D800 at position 2"),
        ("x\uffff", "holds U+FFFF at position 2"),
        ("", "found '', which is empty"),
        (" \u00a0", "which is empty"),
        (7, "expected a text, found 7"),
        (None, "expected a text, found None"),
        (b"x", "expected a text, found b'x'"),
        ("x" * 1_001, "expected at most 1000 characters, found 1001"),
    ],
)
def test_a_refusal_says_where_what_and_why(value: object, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        fields.text(value, path=PATH)
    assert refused.value.message.startswith("face.tag: ")
    assert said in refused.value.message
    assert refused.value.path == PATH
    assert refused.value.message.isprintable()


def test_the_limit_is_a_limit_of_size() -> None:
    assert fields.text("x" * 5, path=PATH, longest=5) == "xxxxx"
    with pytest.raises(TooLarge):
        fields.text("x" * 6, path=PATH, longest=5)


def test_an_optional_text_may_be_none_but_not_empty() -> None:
    assert fields.optional_text(None, path=PATH) is None
    assert fields.optional_text("x", path=PATH) == "x"
    with pytest.raises(InvalidInput):
        fields.optional_text("", path=PATH)


@pytest.mark.parametrize("separator", ["\x04", "\x1c", "\x1d", "\x1e", "\x1f"])
def test_a_scanned_text_may_hold_separators(separator: str) -> None:
    text = f"[)>{separator}06"
    assert fields.scanned_text(text, path=PATH) == text
    with pytest.raises(InvalidInput):
        fields.text(text, path=PATH)


@pytest.mark.parametrize("value", ["", "a\x00", "a\n", "\u202ea", "\ud800", 7, None, "x" * 2_001])
def test_a_scanned_text_holds_nothing_else_that_a_text_may_not(value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        fields.scanned_text(value, path=PATH)
    assert refused.value.path == PATH


@pytest.mark.parametrize("name", ["a", "vin", "modelYear", "x9", "a" * 64])
def test_a_name(name: str) -> None:
    assert fields.field_name(name, path=PATH) == name


@pytest.mark.parametrize(
    "name", ["", "A", "9a", "a.b", "$where", "a b", "a_b", "a-b", "\u00e9a", "a\u0661", "a\n", "a" * 65, 7, None]
)
def test_what_is_no_name(name: object) -> None:
    with pytest.raises(InvalidInput, match="is not the name of a field; expected a letter in lower case") as refused:
        fields.field_name(name, path=PATH)
    assert refused.value.path == PATH


def test_fields_are_names_and_texts_and_none_only_to_remove() -> None:
    assert fields.fields({"a": "1", "b": "2"}, path=PATH) == {"a": "1", "b": "2"}
    assert fields.fields({"a": None}, path=PATH, removable=True) == {"a": None}
    with pytest.raises(InvalidInput) as refused:
        fields.fields({"a": None}, path=PATH)
    assert refused.value.path == ("face", "tag", "a")


def test_fields_are_64_at_most() -> None:
    many: dict[str, str | None] = {f"f{number}": "x" for number in range(64)}
    assert fields.fields(many, path=PATH) == many
    with pytest.raises(TooLarge, match="at most 64 fields, found 65"):
        fields.fields(many | {"onemore": "x"}, path=PATH)


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=10) | st.none(), max_size=4))
def test_whatever_is_entered_no_key_is_an_operator_or_a_path(value: dict[str, Any]) -> None:
    try:
        passed = fields.fields(value, path=PATH, removable=True)
    except InvalidInput:
        return
    assert all(name.isascii() and name.isalnum() for name in passed)


def test_a_moment_is_now_unless_told_in_utc_and_whole_milliseconds() -> None:
    assert fields.moment(None, now=NOW + timedelta(microseconds=1_999)) == NOW + timedelta(milliseconds=1)
    eastern = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert fields.moment(eastern, now=NOW) == NOW
    assert fields.moment(eastern, now=NOW).tzinfo is UTC


def test_a_moment_is_not_in_the_future_but_for_the_clocks_skew() -> None:
    assert fields.moment(NOW + fields.CLOCK_SKEW, now=NOW) == NOW + timedelta(seconds=60)
    with pytest.raises(InvalidInput, match="in the future; expected at most 60 seconds after 2026-03-01T08:00:00"):
        fields.moment(NOW + fields.CLOCK_SKEW + timedelta(milliseconds=1), now=NOW)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has no time zone; expected one such as 2026-01-02T09:00:00Z") as refused:
        fields.moment(datetime(2026, 1, 1), now=NOW)  # noqa: DTZ001 - the point of the test
    assert refused.value.path == ("occurredAt",)


def test_a_moment_that_utc_cannot_say_is_refused_too() -> None:
    with pytest.raises(InvalidInput):
        fields.moment(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), now=NOW)
    with pytest.raises(InvalidInput):
        fields.moment(datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14))), now=NOW)
