"""Versions: canonical bytes, the chain, merge patches, and the past on both axes."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.life import ACTOR, HOUR, T0, Life, claim, in_state, issued, preprinted, print_, revise, verify
from twin.domain import moves as rules
from twin.domain.actor import full_actor
from twin.domain.history import (
    LARGEST_SNAPSHOT,
    SCHEMA,
    AsOf,
    Draft,
    Mutation,
    canonical_json,
    changed_fields,
    difference,
    merge,
    next_version,
    state_as_of,
    upcast,
    version_hash,
)
from twin.domain.label import LabelState
from twin.errors import IllegalMove, InvalidInput, TooLarge

LARGEST = 2**53 - 1
NAMES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENTS = st.builds(
    lambda since, zone: (datetime(1970, 1, 2, tzinfo=UTC) + timedelta(milliseconds=since)).astimezone(zone),
    st.integers(0, 8_000 * 365 * 86_400_000),
    st.sampled_from([UTC, timezone(timedelta(hours=-5))]),
)
VALUES = TEXTS | st.booleans() | st.integers(-LARGEST, LARGEST) | st.lists(TEXTS, max_size=3)
PLAIN = st.recursive(
    st.dictionaries(NAMES, VALUES, max_size=5), lambda inner: st.dictionaries(NAMES, VALUES | inner, max_size=5)
)
WHOLE = st.recursive(
    st.dictionaries(NAMES, VALUES | MOMENTS | st.none(), max_size=5),
    lambda inner: st.dictionaries(NAMES, VALUES | MOMENTS | st.none() | inner, max_size=5),
)


def in_words(value: Any) -> Any:
    """The same document with its moments as RFC 3339 texts, written in another way than the code does."""
    if isinstance(value, datetime):
        at = value.astimezone(UTC)
        return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z".rjust(24, "0")
    if isinstance(value, dict):
        return {name: in_words(entry) for name, entry in value.items()}
    return value


# Canonical JSON


@given(WHOLE)
@settings(max_examples=300, deadline=None)
def test_canonical_json_is_rfc_8785(document: Any) -> None:
    assert canonical_json(document) == rfc8785.dumps(in_words(document))


def test_canonical_json_escapes_as_rfc_8785_asks() -> None:
    document: Any = {"b": '\u20ac$\u000f\nA\'B"\\\\"/\x7f\u2028', "a": [], "A": {}, "": -1}
    expected = '{"":-1,"A":{},"a":[],"b":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\u2028"}'
    assert canonical_json(document) == expected.encode() == rfc8785.dumps(document)


@pytest.mark.parametrize("value", ["\ud800", b"bytes", {1}, object(), 2**64, [object()]])
def test_what_json_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="JSON"):
        canonical_json({"a": value})


def test_the_year_1_in_a_zone_that_has_no_utc_is_refused() -> None:
    with pytest.raises(InvalidInput):
        canonical_json({"a": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))})


# Merge patches

# RFC 7396, appendix A: those whose document and patch are objects
APPENDIX_A: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("document", "patch", "result"), APPENDIX_A)
def test_merge_is_rfc_7396(document: dict[str, Any], patch: dict[str, Any], result: dict[str, Any]) -> None:
    before = repr((document, patch))
    assert merge(document, patch) == result
    assert repr((document, patch)) == before


def test_a_patch_of_an_object_takes_the_place_of_a_text() -> None:
    assert merge({"a": "b"}, {"a": {"c": "d", "e": None}}) == {"a": {"c": "d"}}


@given(PLAIN, PLAIN)
@settings(max_examples=300, deadline=None)
def test_the_difference_leads_from_one_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert merge(before, difference(before, after)) == after


@given(PLAIN)
def test_there_is_no_difference_to_oneself(document: dict[str, Any]) -> None:
    assert difference(document, document) == {}
    assert merge(document, {}) == document


# Mutations


def test_a_mutation_is_the_actors_and_its_digest_the_inputs() -> None:
    one = Mutation.of(ACTOR, "m-1", {"a": "1", "b": {"c": True}})
    assert one == Mutation.of(ACTOR, "m-1", {"b": {"c": True}, "a": "1"})
    assert one.digest == hashlib.sha256(b'{"a":"1","b":{"c":true}}').hexdigest()
    assert one.digest != Mutation.of(ACTOR, "m-1", {"a": "2", "b": {"c": True}}).digest
    others = {one.at(1), Mutation.of(full_actor("tester2"), "m-1", {}).at(0), Mutation.of(ACTOR, "m-2", {}).at(0)}
    assert one.at(0) not in others
    assert len(others) == 3


@pytest.mark.parametrize("client_id", ["!", "~", "a" * 128, "3f2504e0-4f89-11d3-9a0c-0305e82c3301"])
def test_a_mutation_id_is_printable_ascii(client_id: str) -> None:
    assert Mutation.of(ACTOR, client_id, {}).client_id == client_id


@pytest.mark.parametrize(
    ("client_id", "error", "said"),
    [
        ("", InvalidInput, "found ''"),
        (" ", InvalidInput, "found ' '"),
        ("a b", InvalidInput, "found 'a b'"),
        ("a\n", InvalidInput, "without spaces"),
        ("\u00e9", InvalidInput, "printable ASCII"),
        ("a\x7f", InvalidInput, "printable ASCII"),
        ("\ud800", InvalidInput, "printable ASCII"),
        ("a" * 129, TooLarge, "at most 128 characters, found 129"),
    ],
)
def test_other_mutation_ids_are_refused(client_id: str, error: type[InvalidInput], said: str) -> None:
    with pytest.raises(error, match=said) as refused:
        Mutation.of(ACTOR, client_id, {})
    assert refused.value.path == ("clientMutationId",)


# The chain


def whole_life() -> Life:
    life = issued(tag="7", owner="Hofmann")
    print_(life)
    life.do(rules.apply)
    verify(life, grade="A")
    revise(life, face={"owner": None})
    life.correct("wrong scanner")
    life.do(rules.remove, reason="repainted")
    life.do(rules.void, reason="scrapped")
    return life


def test_every_version_hashes_itself_and_the_one_before() -> None:
    versions = whole_life().versions
    assert [version["revision"] for version in versions] == list(range(1, 9))
    assert "previous_hash" not in versions[0]
    assert all(version["schema"] == SCHEMA for version in versions)
    for version in versions:
        assert version["hash"] == version_hash(version)
        unhashed = {name: in_words(value) for name, value in version.items() if name != "hash"}
        assert version["hash"] == hashlib.sha256(rfc8785.dumps(unhashed)).hexdigest()
    pairs = list(itertools.pairwise(versions))
    assert all(later["previous_hash"] == earlier["hash"] for earlier, later in pairs)
    assert all(later["snapshot"] == merge(earlier["snapshot"], later["change"]) for earlier, later in pairs)


@pytest.mark.parametrize("name", ["actor", "action", "reason", "occurred_at", "recorded_at", "snapshot", "change"])
def test_no_part_of_a_version_can_be_changed_unnoticed(name: str) -> None:
    version = dict(whole_life().versions[6])
    other = version[name] + timedelta(milliseconds=1) if isinstance(version[name], datetime) else "forged"
    assert version_hash(version | {name: other}) != version["hash"]
    assert version_hash({key: value for key, value in version.items() if key != name}) != version["hash"]


# The next version


def following(draft: Draft, head: dict[str, Any] | None = None, now: datetime = T0) -> Any:
    mutation = Mutation.of(ACTOR, "m", {})
    return next_version(draft, twin="lbl_one", head=head, actor=ACTOR, now=now, mutation=mutation)


def test_what_is_empty_is_absent_from_the_document_but_the_change_is_not() -> None:
    document = following(Draft("X", {}, T0)).as_document()
    assert set(document) == {
        *("twin", "revision", "action", "actor", "occurred_at", "recorded_at", "change"),
        *("mutation", "digest", "schema", "hash"),
    }


def test_recorded_at_is_in_utc_milliseconds() -> None:
    now = datetime(2026, 3, 1, 9, 0, 0, 123_999, timezone(timedelta(hours=1)))
    assert following(Draft("X", {}, T0), now=now).recorded_at == datetime(2026, 3, 1, 8, 0, 0, 123_000, UTC)


def test_nothing_happens_before_the_twin_begins() -> None:
    head = {"_id": "lbl_one", "revision": 1, "head": {}, "hash": "", "created": {"occurred_at": T0}, "since": {}}
    assert following(Draft("X", {}, T0), head).revision == 2
    with pytest.raises(InvalidInput, match="before the twin began; expected 2026-03-01T08:00:00") as refused:
        following(Draft("X", {}, T0 - timedelta(milliseconds=1)), head)
    assert refused.value.path == ("occurredAt",)


def test_a_twin_holds_so_much_and_no_more() -> None:
    room = LARGEST_SNAPSHOT - len('{"a":""}')
    assert following(Draft("X", {"a": "x" * room}, T0)).revision == 1
    with pytest.raises(
        TooLarge, match=f"{LARGEST_SNAPSHOT} bytes at most; after this change .* {LARGEST_SNAPSHOT + 1}"
    ):
        following(Draft("X", {"a": "x" * (room + 1)}, T0))
    with pytest.raises(TooLarge):
        following(Draft("X", {"a": "\u20ac" * (room // 2)}, T0))


# The past on both axes


def state(life: Life, occurred: datetime | None, recorded: datetime | None = None) -> dict[str, Any]:
    found = state_as_of(life.versions, AsOf(occurred, recorded))
    assert found is not None
    return dict(found[0])


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 1, hour, minute, tzinfo=UTC)


def test_a_removal_that_is_corrected_later_holds_only_for_who_knew_no_better() -> None:
    life = in_state(LabelState.PRINTED)
    life.do(rules.apply, recorded=at(9, 30))
    life.do(rules.remove, reason="off", recorded=at(10))
    life.correct(recorded=at(12))
    assert state(life, at(11), at(11))["state"] == "REMOVED"
    assert "asset" not in state(life, at(11), at(11))
    assert state(life, at(11))["state"] == "APPLIED"
    assert state(life, at(11), at(12))["asset"] == "ast_one"
    assert state(life, at(9, 45), at(11))["state"] == "APPLIED"
    assert state(life, None, at(11))["state"] == "REMOVED"
    assert state(life, None) == life.head


def test_a_late_fact_is_known_only_after_it_was_recorded() -> None:
    life = in_state(LabelState.PRINTED)
    life.do(rules.apply, occurred=at(9, 10), recorded=at(14))
    assert state(life, at(12), at(13))["state"] == "PRINTED"
    assert state(life, at(12), at(14))["state"] == "APPLIED"
    assert state(life, at(9, 9), at(14))["state"] == "PRINTED"


def test_the_point_itself_counts_and_before_the_beginning_there_is_nothing() -> None:
    life = issued()
    print_(life, recorded=at(9))
    assert state(life, at(9), at(9))["state"] == "PRINTED"
    assert state(life, at(9) - timedelta(milliseconds=1))["state"] == "ISSUED"
    assert state_as_of(life.versions, AsOf(T0 - timedelta(milliseconds=1))) is None
    assert state_as_of(life.versions, AsOf(None, T0 - timedelta(milliseconds=1))) is None
    assert state_as_of([], AsOf()) is None


def test_the_version_is_the_highest_that_qualifies_and_the_order_of_the_input_says_nothing() -> None:
    life = whole_life()
    whole = state_as_of(life.versions, AsOf())
    assert whole is not None
    assert whole == state_as_of(reversed(life.versions), AsOf())
    assert whole[1]["revision"] == 8
    earlier = state_as_of(life.versions, AsOf(recorded=life.versions[5]["recorded_at"]))
    assert earlier is not None
    assert (earlier[0], earlier[1]["revision"]) == (life.versions[5]["snapshot"], 6)


def test_what_a_correction_took_back_never_hides_what_truly_happened_before_it() -> None:
    """Claimed for the wrong asset at 10:00; put right with the time at which the right one was claimed, 9:30."""
    life = preprinted()
    claim(life, asset="ast_wrong", recorded=at(10))
    life.correct(recorded=at(11))
    claim(life, asset="ast_right", occurred=at(9, 30), recorded=at(12))
    assert life.head["asset"] == "ast_right"
    assert state(life, at(11, 30), at(11, 30))["state"] == "UNCLAIMED"
    assert state(life, None).get("asset") == "ast_right"
    assert state(life, None) == life.head


STEPS = [
    print_,
    claim,
    lambda life: life.do(rules.apply),
    verify,
    lambda life: life.do(rules.report_lost, reason="gone"),
    lambda life: life.do(rules.remove, reason="off"),
    lambda life: revise(life, attributes={"site": str(life.document["revision"])}),
    lambda life: life.correct(),
]


@given(st.booleans(), st.lists(st.sampled_from(STEPS), max_size=12))
@settings(max_examples=150, deadline=None)
def test_each_snapshot_is_the_state_as_it_was_recorded(claimed: bool, steps: list[Any]) -> None:
    life = preprinted() if claimed else issued()
    for step in steps:
        try:
            step(life)
        except (IllegalMove, InvalidInput):
            continue
    for version in life.versions:
        assert state(life, None, version["recorded_at"]) == version["snapshot"]
        assert version["recorded_at"] >= T0
    assert state(life, life.now + HOUR) == life.head


# Old shapes


def test_a_version_of_an_older_shape_is_read_in_todays_and_its_hash_stands() -> None:
    """Schema 0 called the face `fields`, and kept no state: two steps lead to today's."""
    stored: dict[str, Any] = {"revision": 1, "schema": -1, "snapshot": {"fields": {"tag": "7"}}, "change": {}}
    stored["hash"] = version_hash(stored)
    before = repr(stored)

    def name_the_face(version: dict[str, Any]) -> dict[str, Any]:
        return {**version, "snapshot": {"face": version["snapshot"]["fields"]}}

    def state_the_state(version: dict[str, Any]) -> dict[str, Any]:
        return {**version, "snapshot": {**version["snapshot"], "state": "ISSUED"}}

    found = upcast(stored, {-1: name_the_face, 0: state_the_state})
    assert found["snapshot"] == {"face": {"tag": "7"}, "state": "ISSUED"}
    assert found["schema"] == SCHEMA
    assert found["hash"] == stored["hash"] == version_hash(stored)
    assert repr(stored) == before


def test_a_version_of_todays_shape_is_read_as_it_is() -> None:
    life = issued()
    assert upcast(life.versions[0]) is life.versions[0]


FLAT = st.dictionaries(NAMES, TEXTS, max_size=4)
STATES = st.fixed_dictionaries(
    {"state": TEXTS}, optional={"face": FLAT, "printed": st.fixed_dictionaries({"face": FLAT})}
)


def leaves(document: dict[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every field that is no document, by its path."""
    found: dict[tuple[str, ...], Any] = {}
    for name, value in document.items():
        found |= leaves(value, (*path, name)) if isinstance(value, dict) else {(*path, name): value}
    return found


@given(STATES, STATES)
def test_the_changed_fields_are_those_that_differ(before: dict[str, Any], after: dict[str, Any]) -> None:
    old, new = leaves(before), leaves(after)
    differ = sorted(path for path in {*old, *new} if old.get(path) != new.get(path))
    changes = changed_fields(before, after)
    assert [(change.path, change.before, change.after) for change in changes] == [
        (path, old.get(path), new.get(path)) for path in differ
    ]


# Order


def test_a_fact_is_not_recorded_behind_what_it_would_contradict() -> None:
    """Else the newest revision would not be the newest fact; other fields may be told of as late as you like."""
    life = issued(tag="7")
    revise(life, attributes={"site": "A", "line": "1"}, occurred=T0 + 5 * HOUR, recorded=T0 + 6 * HOUR)
    with pytest.raises(InvalidInput, match=r"attributes\.site has been as it is since 2026-03-01T13:00:00") as refused:
        revise(life, attributes={"site": "B"}, occurred=T0 + 4 * HOUR)
    assert refused.value.path == ("occurredAt",)
    revise(life, attributes={"shelf": "9"}, occurred=T0 + 4 * HOUR)
    revise(life, attributes={"site": "B"}, occurred=T0 + 5 * HOUR)
    assert state(life, None) == life.head
    assert state(life, T0 + 4 * HOUR)["attributes"] == {"shelf": "9"}
