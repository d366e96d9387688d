"""What clients of the released schema would miss, and what may go."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from twin.api.graphql.compatibility import broken, unexplained
from twin.api.graphql.schema import sdl
from twin.cli import main

RELEASED = Path(__file__).parents[3] / "docs" / "schema-released.graphql"
TODAY = date(2028, 2, 1)
DUE, EARLY = "Ask for `c`. Goes on or after 2028-02-01.", "Ask for `c`. Goes on or after 2028-02-02."
OLD = """
type Query {{ a(x: Int, y: Int @deprecated(reason: "{0}")): Int  b: E @deprecated(reason: "{0}")  c(i: I): E }}
enum E {{ P  Q @deprecated(reason: "{0}") }}
input I {{ f: Int  g: Int @deprecated(reason: "{0}") }}
"""
NEW = "type Query { a(x: Int): Int  c(i: I): E } enum E { P } input I { f: Int }"
GONE = [
    "Argument Query.a(y:) was removed.",
    "Enum value E.Q was removed.",
    "Field I.g was removed.",
    "Field Query.b was removed.",
]


def test_clients_of_the_last_release_miss_nothing() -> None:
    assert broken(RELEASED.read_text(encoding="utf-8"), sdl(), datetime.now(UTC).date()) == []


def test_everything_deprecated_says_what_to_use_and_until_when() -> None:
    assert unexplained(sdl()) == []


@pytest.mark.parametrize(("reason", "missed"), [(DUE, []), (EARLY, GONE), ("No longer supported", GONE)])
def test_what_was_deprecated_goes_on_its_day_and_not_before(reason: str, missed: list[str]) -> None:
    assert broken(OLD.format(reason), NEW, TODAY) == missed


def test_a_reason_names_the_day() -> None:
    assert unexplained(OLD.format(EARLY)) == []
    assert len(unexplained(OLD.format("Old."))) == len(GONE)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("a: Int!", "a: Int", "changed type from Int! to Int"),
        ("a: Int", "a: String", "changed type from Int to String"),
        ("a: Int", "a(x: Int!): Int", "required argument Query.a(x:) was added"),
        ("a(x: Int): Int", "a(x: Int!): Int", "has changed type from Int to Int!"),
    ],
)
def test_what_changes_its_meaning_is_found(old: str, new: str, told: str) -> None:
    [found] = broken(f"type Query {{ b: String  i: Int  {old} }}", f"type Query {{ b: String  i: Int  {new} }}", TODAY)
    assert told in found
    assert broken(f"type Query {{ {old} }}", f"type Query {{ {old}  more: Int }}", TODAY) == []


def test_the_command_ends_with_1_where_something_is_missed(tmp_path: Path) -> None:
    older = tmp_path / "older.graphql"
    released = RELEASED.read_text(encoding="utf-8")
    older.write_text(re.sub(r"(?m)^type Query .*\{$", r"\g<0>\n  old: Int", released), encoding="utf-8")
    found = CliRunner().invoke(main, ["schema", "--released", str(older)])
    assert (found.exit_code, found.output) == (1, "Field Query.old was removed.\n")
    found = CliRunner().invoke(main, ["schema", "--released", str(RELEASED)])
    assert (found.exit_code, found.output) == (0, "")
