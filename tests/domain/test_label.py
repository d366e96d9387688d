"""A label's life, held against a table that is typed from the design once more."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.domain.life import (
    HOUR,
    PAYLOAD,
    PROVENANCE,
    T0,
    Life,
    claim,
    in_state,
    issued,
    preprinted,
    print_,
    reprint,
    revise,
    verify,
)
from twin.domain import moves as rules
from twin.domain.history import AsOf, Command, Version, state_as_of
from twin.domain.label import (
    CORRECTABLE,
    FINAL,
    LIVE,
    MOVES,
    LabelAction,
    LabelState,
    bindings_after,
    bindings_at,
    is_stale,
    legal_actions,
)
from twin.errors import IllegalMove, InvalidInput, TooLarge

A, S = LabelAction, LabelState
FROM_LIVE = {S.ISSUED, S.PRINTED, S.APPLIED, S.VERIFIED}
FROM_PAPER = {S.PRINTED, S.APPLIED, S.VERIFIED}

# design.md, section 4: from which states, and to which (None: unchanged).
TABLE: dict[LabelAction, tuple[set[LabelState], LabelState | None]] = {
    A.CLAIM: ({S.UNCLAIMED}, S.PRINTED),
    A.PRINT: ({S.ISSUED}, S.PRINTED),
    A.REPRINT: ({S.PRINTED}, None),
    A.APPLY: ({S.PRINTED}, S.APPLIED),
    A.VERIFY: ({S.APPLIED, S.VERIFIED}, S.VERIFIED),
    A.FAIL_VERIFICATION: (FROM_LIVE, None),
    A.REPORT_DAMAGED: (FROM_PAPER, S.DAMAGED),
    A.REPORT_LOST: (FROM_PAPER, S.DAMAGED),
    A.REMOVE: ({S.APPLIED, S.VERIFIED, S.DAMAGED}, S.REMOVED),
    A.REPLACE: (FROM_LIVE | {S.DAMAGED, S.REMOVED}, S.REPLACED),
    A.VOID: (set(S) - {S.REPLACED, S.VOID}, S.VOID),
    A.REVISE: (FROM_LIVE, None),
}
MOVE: dict[LabelAction, Callable[[Life], Version]] = {
    A.CLAIM: claim,
    A.PRINT: print_,
    A.REPRINT: reprint,
    A.APPLY: lambda life: life.do(rules.apply),
    A.VERIFY: verify,
    A.FAIL_VERIFICATION: lambda life: verify(life, passed=False),
    A.REPORT_DAMAGED: lambda life: life.do(rules.report_damaged, reason="scratched"),
    A.REPORT_LOST: lambda life: life.do(rules.report_lost, reason="gone"),
    A.REMOVE: lambda life: life.do(rules.remove, reason="repainted"),
    A.REPLACE: lambda life: life.do(rules.replace, by="lbl_two", reason="faded"),
    A.VOID: lambda life: life.do(rules.void, reason="wrong batch"),
    A.REVISE: revise,
}
REASONED: dict[LabelAction, Callable[[Life, str | None], Version]] = {
    A.REPRINT: reprint,
    A.REPORT_DAMAGED: lambda life, reason: life.do(rules.report_damaged, reason=reason),
    A.REPORT_LOST: lambda life, reason: life.do(rules.report_lost, reason=reason),
    A.REMOVE: lambda life, reason: life.do(rules.remove, reason=reason),
    A.REPLACE: lambda life, reason: life.do(rules.replace, by="lbl_two", reason=reason),
    A.VOID: lambda life, reason: life.do(rules.void, reason=reason),
    A.CORRECT: lambda life, reason: life.correct(reason),
}
TAKEN_BACK_FROM = {S.PRINTED, S.APPLIED, S.VERIFIED, S.DAMAGED, S.REMOVED}  # the results of such moves
PAIRS = list(itertools.product(S, TABLE))
LEGAL = [(state, action) for state, action in PAIRS if state in TABLE[action][0]]
ILLEGAL = [(state, action) for state, action in PAIRS if state not in TABLE[action][0]]
TAKES_BACK = [
    (state, action) for state, action in LEGAL if TABLE[action][1] is not None and action not in {A.REPLACE, A.VOID}
]


def legal_in(state: LabelState) -> set[str]:
    corrections = {"CORRECT"} if state in TAKEN_BACK_FROM else set()
    return {action.value for action, (starts, _) in TABLE.items() if state in starts} | corrections


def test_every_action_and_state_stands_in_the_table() -> None:
    assert set(TABLE) | {A.ISSUE, A.PREPRINT, A.CORRECT} == set(A)
    assert set(MOVES) == set(TABLE) | {A.CORRECT}
    assert set(S) == {in_state(state).label.state for state in S}
    assert len(LEGAL) + len(ILLEGAL) == len(S) * len(TABLE)
    assert (set(LIVE), set(FINAL)) == (FROM_LIVE, {S.REPLACED, S.VOID})
    assert {action for _, action in TAKES_BACK} == set(CORRECTABLE)


@pytest.mark.parametrize(("state", "action"), LEGAL)
def test_a_legal_move_leads_where_the_table_says(state: LabelState, action: LabelAction) -> None:
    life = in_state(state)
    version = MOVE[action](life)
    assert version.action == action
    assert life.label.state == (TABLE[action][1] or state)
    assert life.document["revision"] == version.revision == len(life.versions)


@pytest.mark.parametrize(("state", "action"), ILLEGAL)
def test_an_illegal_move_is_refused_with_what_would_be_legal(state: LabelState, action: LabelAction) -> None:
    life = in_state(state)
    before = life.document
    with pytest.raises(IllegalMove) as refused:
        MOVE[action](life)
    error = refused.value
    assert (error.move, error.state) == (action, state)
    assert set(error.allowed) == {start.value for start in TABLE[action][0]}
    assert set(error.legal) == legal_in(state)
    for named in (action.value, state.value, *error.allowed, *(error.legal or ("nothing",))):
        assert named in error.message
    assert life.document is before


@pytest.mark.parametrize("state", S)
def test_the_legal_moves_of_a_state_are_the_tables(state: LabelState) -> None:
    assert {action.value for action in legal_actions(state)} == legal_in(state)


@pytest.mark.parametrize("state", sorted(FINAL))
def test_nothing_leads_out_of_a_final_state(state: LabelState) -> None:
    assert legal_actions(state) == ()


@pytest.mark.parametrize("action", REASONED)
@pytest.mark.parametrize("reason", [None, "", "  ", "two\nlines"])
def test_what_asks_for_a_reason_is_refused_without_one(action: LabelAction, reason: str | None) -> None:
    life = in_state(S.PRINTED if action is A.REPRINT else S.APPLIED)
    with pytest.raises(InvalidInput) as refused:
        REASONED[action](life, reason)
    assert refused.value.path == ("reason",)
    assert REASONED[action](life, "it fell off").reason == "it fell off"


@pytest.mark.parametrize("action", [A.CLAIM, A.PRINT, A.APPLY, A.VERIFY, A.FAIL_VERIFICATION, A.REVISE])
def test_other_moves_take_a_reason_but_do_not_ask_for_one(action: LabelAction) -> None:
    assert MOVES[action].reason is False
    assert rules.apply(in_state(S.PRINTED).label, command=Command("by hand"), now=T0).reason == "by hand"


def test_a_move_is_judged_against_the_head_and_may_be_a_late_fact_but_no_future_one() -> None:
    life = in_state(S.PRINTED)
    with pytest.raises(InvalidInput, match="state has been as it is since"):
        life.do(rules.apply, occurred=T0)
    late = T0 + 1.5 * HOUR
    version = life.do(rules.apply, occurred=late)
    assert (version.occurred_at, version.recorded_at) == (late, life.now)
    with pytest.raises(InvalidInput, match="future"):
        life.do(rules.remove, reason="off", occurred=life.now + 3 * HOUR)
    with pytest.raises(InvalidInput, match="before the twin began"):
        life.do(rules.remove, reason="off", occurred=T0 - HOUR)


# Births


def test_issue_makes_a_bound_label_that_is_not_printed() -> None:
    life = issued(tag="7", owner="Hofmann")
    assert life.head == {
        "state": "ISSUED",
        "link_id": "0123456789ABC8",
        "profile": "asset_tag",
        "asset": "ast_one",
        "face": {"tag": "7", "owner": "Hofmann"},
    } | {"attributes": {}}
    assert life.versions[0]["action"] == "ISSUE"
    assert [binding["asset"] for binding in life.document["bindings"]] == ["ast_one"]
    assert life.label.payload is None
    assert not is_stale(life.head)


def issue_with(**given: Any) -> None:
    usual: dict[str, Any] = {
        "link_id": "0123456789ABC8",
        "asset": "ast_one",
        "profile_name": "asset_tag",
        "face": {"tag": "7"},
        "attributes": {},
        "identifiers": (),
        "command": Command(),
        "now": T0,
    }
    rules.issue(**(usual | given))


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"profile_name": "poster"}, ("profile",)),
        ({"face": {}}, ("face", "tag")),
        ({"face": {"tag": "7", "colour": "red"}}, ("face", "colour")),
        ({"face": {"tag": "7" * 33}}, ("face", "tag")),
        ({"attributes": {"$where": "1"}}, ("attributes",)),
        ({"attributes": {"site": None}}, ("attributes", "site")),
        ({"command": Command(occurred_at=T0 + 2 * HOUR)}, ("occurredAt",)),
        ({"command": Command(reason=" ")}, ("reason",)),
    ],
)
def test_issue_refuses_what_a_rule_forbids(given: dict[str, Any], path: tuple[str, ...]) -> None:
    issue_with()
    with pytest.raises(InvalidInput) as refused:
        issue_with(**given)
    assert refused.value.path == path


def test_a_pre_printed_label_waits_without_an_asset_and_its_payload_is_fixed() -> None:
    life = preprinted()
    assert (life.label.state, life.label.asset, life.label.payload) == (S.UNCLAIMED, None, PAYLOAD)
    assert life.document["bindings"] == []
    assert not is_stale(life.head)


@pytest.mark.parametrize(("profile", "reason"), [("asset_tag", None), ("asset_tag", " "), ("poster", "a batch")])
def test_a_pre_print_needs_a_profile_and_a_batch_reason(profile: str, reason: str | None) -> None:
    with pytest.raises(InvalidInput):
        rules.preprint(link_id="0", profile_name=profile, payload=PAYLOAD, command=Command(reason), now=T0)


def test_a_claim_binds_and_takes_the_face() -> None:
    life = preprinted()
    claim(life, face={"tag": "9", "owner": "Hofmann"})
    assert (life.label.state, life.label.asset, life.label.payload) == (S.PRINTED, "ast_one", PAYLOAD)
    assert life.head["face"] == {"tag": "9", "owner": "Hofmann"}
    assert not is_stale(life.head)
    assert [binding["asset"] for binding in life.document["bindings"]] == ["ast_one"]


def test_a_claim_is_held_to_the_profile() -> None:
    with pytest.raises(InvalidInput, match="tag"):
        claim(preprinted(), face={})


# Printing


def test_a_print_keeps_its_provenance() -> None:
    life = issued()
    version = print_(life)
    assert life.label.payload == PAYLOAD
    assert version.evidence == PROVENANCE.as_evidence()
    assert version.evidence["sha256"] == PROVENANCE.sha256
    assert life.head["printed"] == {"revision": 2, "face": {"tag": "7"}}


def test_the_payload_is_fixed_by_the_first_print_whatever_follows() -> None:
    life = in_state(S.PRINTED)
    for move in (reprint, MOVE[A.APPLY], verify, revise, MOVE[A.REPORT_DAMAGED], MOVE[A.REMOVE], MOVE[A.REPLACE]):
        version = move(life)
        assert "payload" not in version.change
        assert life.label.payload == PAYLOAD


def test_stale_means_that_a_face_field_changed_after_the_last_print() -> None:
    life = issued(tag="7", owner="Hofmann")
    revise(life, face={"owner": "Meier"})
    assert not is_stale(life.head)
    print_(life)
    assert not is_stale(life.head)
    revise(life, attributes={"site": "Werk 3"})
    assert not is_stale(life.head)
    revise(life, face={"owner": "Huber"})
    assert is_stale(life.head)
    revise(life, face={"owner": "Meier"})
    assert not is_stale(life.head)
    revise(life, face={"owner": None})
    assert is_stale(life.head)
    reprint(life)
    assert not is_stale(life.head)
    assert life.head["printed"] == {"revision": 8, "face": {"tag": "7"}}
    life.do(rules.apply)
    revise(life, face={"note": "fragile"})
    assert is_stale(life.head)
    assert life.label.state == S.APPLIED


# Verifying


@pytest.mark.parametrize("grade", [None, "A", "B", "C", "D", "F"])
def test_verification_keeps_what_was_read_and_the_grade(grade: str | None) -> None:
    for passed in (True, False):
        version = verify(in_state(S.APPLIED), passed=passed, grade=grade)
        seen = {"read": PAYLOAD, "carrier": "link"} if passed else {"read": "something else"}
        assert version.evidence == seen | ({"grade": grade} if grade else {})
        assert version.action == (A.VERIFY if passed else A.FAIL_VERIFICATION)
        assert "evidence" in version.as_document()


@pytest.mark.parametrize("grade", ["E", "a", "", "4.0"])
def test_a_grade_that_is_none_is_refused(grade: str) -> None:
    with pytest.raises(InvalidInput, match="expected A, B, C, D or F"):
        verify(in_state(S.APPLIED), grade=grade)


# Replacing


def test_the_old_label_is_final_linked_and_off_the_asset() -> None:
    life = in_state(S.APPLIED)
    life.do(rules.replace, by="lbl_two", reason="faded")
    assert (life.label.state, life.label.replaced_by, life.label.asset) == (S.REPLACED, "lbl_two", None)
    assert life.label.last_asset == "ast_one"
    assert "until" in life.document["bindings"][-1]


@pytest.mark.parametrize("state", [S.ISSUED, S.PRINTED])
def test_a_label_that_stands_ready_takes_over(state: LabelState) -> None:
    old, new = in_state(S.APPLIED), in_state(state)
    new.twin = new.document["_id"] = "lbl_two"
    version = new.do(rules.take_over, replaced=old.label, reason="faded")
    assert (new.label.replaces, new.label.state, version.reason) == ("lbl_one", state, "faded")


@pytest.mark.parametrize("state", sorted(set(S) - {S.ISSUED, S.PRINTED}))
def test_a_label_in_another_state_does_not_take_over(state: LabelState) -> None:
    old, new = in_state(S.APPLIED), in_state(state)
    new.twin = new.document["_id"] = "lbl_two"
    with pytest.raises(IllegalMove) as refused:
        new.do(rules.take_over, replaced=old.label, reason="faded")
    assert refused.value.state == state
    assert set(refused.value.allowed) == {"UNCLAIMED", "ISSUED", "PRINTED"}


def test_take_over_refuses_itself_another_asset_a_second_time_and_no_reason() -> None:
    old = in_state(S.APPLIED)
    with pytest.raises(IllegalMove, match="cannot replace itself"):
        in_state(S.PRINTED).do(rules.take_over, replaced=old.label, reason="faded")
    with pytest.raises(IllegalMove, match="another asset"):
        issued(twin="lbl_two", asset="ast_two").do(rules.take_over, replaced=old.label, reason="faded")
    new = issued(twin="lbl_two")
    with pytest.raises(InvalidInput, match="needs a reason"):
        new.do(rules.take_over, replaced=old.label)
    new.do(rules.take_over, replaced=old.label, reason="faded")
    with pytest.raises(IllegalMove, match="already replaces lbl_one"):
        new.do(rules.take_over, replaced=issued(twin="lbl_three").label, reason="faded")


def test_a_removed_label_is_replaced_on_the_asset_that_it_was_on() -> None:
    old, new = in_state(S.REMOVED), issued(twin="lbl_two")
    new.do(rules.take_over, replaced=old.label, reason="painted over")
    assert new.label.replaces == "lbl_one"


# Revising


def test_a_free_edit_changes_only_what_it_names() -> None:
    life = issued(tag="7", owner="Hofmann")
    version = revise(life, face={"owner": None, "note": "x"}, attributes={"site": "Werk 3"})
    assert version.change == {"face": {"owner": None, "note": "x"}, "attributes": {"site": "Werk 3"}}
    revise(life, attributes={"site": None})
    assert (life.head["face"], life.head["attributes"]) == ({"tag": "7", "note": "x"}, {})


@pytest.mark.parametrize(
    ("face", "attributes"),
    [
        ({}, {}),
        ({"tag": "7"}, {}),
        ({"owner": None}, {"site": None}),
        ({"tag": None}, {}),
        ({"colour": "red"}, {}),
        ({}, {"a.b": "1"}),
        ({"tag": "\u202e"}, {}),
    ],
)
def test_a_free_edit_that_changes_nothing_or_breaks_a_rule_is_refused(
    face: dict[str, str | None], attributes: dict[str, Any]
) -> None:
    life = issued()
    with pytest.raises(InvalidInput):
        revise(life, face=face, attributes=attributes)
    assert life.document["revision"] == 1


def test_free_fields_are_bounded_over_all_edits() -> None:
    life = issued()
    revise(life, attributes={f"f{number}": "x" for number in range(64)})
    with pytest.raises(TooLarge, match="at most 64 fields, found 65"):
        revise(life, attributes={"onemore": "x"})


# Correcting


@pytest.mark.parametrize(("state", "action"), TAKES_BACK)
def test_a_correction_takes_a_move_back_from_when_it_had_happened(state: LabelState, action: LabelAction) -> None:
    life = in_state(state)
    before, bound = life.head, life.label.asset
    mistake = MOVE[action](life)
    version = life.correct()
    assert life.head == before
    assert life.label.asset == bound
    assert (version.action, version.occurred_at, version.reason) == (A.CORRECT, mistake.occurred_at, "a mistake")
    assert version.recorded_at == mistake.recorded_at + HOUR
    assert version.corrects == mistake.revision
    assert life.versions[mistake.revision - 1]["action"] == action
    found = state_as_of(life.versions, AsOf())
    assert found is not None
    assert found[0] == life.head


@pytest.mark.parametrize(("state", "action"), TAKES_BACK)
def test_a_mistake_is_not_taken_back_twice(state: LabelState, action: LabelAction) -> None:
    life = in_state(state)
    MOVE[action](life)
    life.correct()
    with pytest.raises(IllegalMove, match="CORRECT, which cannot be taken back"):
        life.correct()


@pytest.mark.parametrize("state", sorted(set(S) - TAKEN_BACK_FROM))
def test_a_state_that_no_correctable_move_leads_to_is_not_corrected(state: LabelState) -> None:
    with pytest.raises(IllegalMove) as refused:
        in_state(state).correct()
    assert (refused.value.state, set(refused.value.legal)) == (state, legal_in(state))
    assert set(refused.value.allowed) == {other.value for other in TAKEN_BACK_FROM}


@pytest.mark.parametrize("life", [issued, preprinted])
def test_a_birth_is_not_corrected_and_the_refusal_does_not_offer_it(life: Callable[[], Life]) -> None:
    with pytest.raises(IllegalMove, match="CORRECT is not legal now") as refused:
        life().correct()
    assert "CORRECT" not in refused.value.legal


def test_the_same_move_may_be_made_again_after_its_correction() -> None:
    life = in_state(S.PRINTED)
    MOVE[A.APPLY](life)
    life.correct()
    MOVE[A.APPLY](life)
    life.correct()
    assert life.label.state == S.PRINTED


def test_what_changed_no_state_does_not_stand_between_a_mistake_and_its_correction() -> None:
    life = in_state(S.APPLIED)
    verify(life, passed=False)
    revise(life, attributes={"site": "Werk 3"})
    revise(life, face={"owner": "Meier"})
    life.correct()
    assert life.label.state == S.PRINTED
    assert life.head["attributes"] == {"site": "Werk 3"}
    assert life.head["face"] == {"tag": "7", "owner": "Meier"}


def test_a_correction_does_not_say_when() -> None:
    life = in_state(S.APPLIED)
    with pytest.raises(InvalidInput, match="expected none") as refused:
        life.do(rules.correct, reason="a mistake", occurred=T0, versions=life.versions)
    assert refused.value.path == ("occurredAt",)


def reprinted() -> Life:
    life = issued()
    print_(life)
    revise(life, face={"owner": "Meier"})
    reprint(life)
    return life


def claimed_and_revised() -> Life:
    life = preprinted()
    claim(life)
    revise(life, face={"owner": "Meier"})
    return life


@pytest.mark.parametrize("made", [reprinted, claimed_and_revised])
def test_a_correction_leaves_nothing_that_later_edits_built_on_the_mistake(made: Callable[[], Life]) -> None:
    """Either it is refused, or the head and the state as of now agree."""
    life = made()
    try:
        life.correct()
    except IllegalMove:
        return
    found = state_as_of(life.versions, AsOf())
    assert found is not None
    assert found[0] == life.head


def test_the_claim_of_a_label_that_has_taken_over_is_not_taken_back() -> None:
    """Replacing is final: both labels stay linked to each other."""
    life = preprinted()
    claim(life, replaces="lbl_old")
    with pytest.raises(IllegalMove):
        life.correct()


# Bindings


def point(revision: int, occurred: datetime, recorded: datetime) -> dict[str, Any]:
    return {"revision": revision, "occurred_at": occurred, "recorded_at": recorded}


def bound(asset: str | None, point: dict[str, Any]) -> dict[str, Any]:
    """A version after which the label is on an asset, or on none."""
    return {**point, "snapshot": {} if asset is None else {"asset": asset}}


def test_a_binding_begins_lasts_and_ends_on_both_axes() -> None:
    first, second, third = (point(n, T0 + n * HOUR, T0 + 2 * n * HOUR) for n in (1, 2, 3))
    begun = bindings_after([], bound("ast_one", first))
    assert begun == [{"asset": "ast_one", "from": first}]
    assert bindings_after(begun, bound("ast_one", second)) == begun
    ended = bindings_after(begun, bound(None, second))
    assert ended == [{"asset": "ast_one", "from": first, "until": second}]
    assert bindings_after(ended, bound(None, third)) == ended
    assert bindings_after(ended, bound("ast_one", third)) == [*ended, {"asset": "ast_one", "from": third}]
    moved = bindings_after(begun, bound("ast_two", second))
    assert moved == [*ended, {"asset": "ast_two", "from": second}]
    assert begun == [{"asset": "ast_one", "from": first}]


@pytest.mark.parametrize("action", [A.REMOVE, A.REPLACE, A.VOID])
def test_what_takes_a_label_off_its_asset_ends_the_binding(action: LabelAction) -> None:
    life = in_state(S.APPLIED)
    version = MOVE[action](life)
    assert life.label.asset is None
    until = point(version.revision, version.occurred_at, version.recorded_at)
    assert [binding.get("until") for binding in life.document["bindings"]] == [until]


def test_a_corrected_removal_never_ended_the_binding() -> None:
    life = in_state(S.APPLIED)
    removal = life.do(rules.remove, reason="off", occurred=T0 + 2 * HOUR, recorded=T0 + 4 * HOUR)
    correction = life.correct(recorded=T0 + 6 * HOUR)
    first, second = life.document["bindings"]
    assert first["until"] == point(removal.revision, T0 + 2 * HOUR, T0 + 4 * HOUR)
    assert first["superseded"] == point(correction.revision, T0 + 2 * HOUR, T0 + 6 * HOUR)
    begun = first["from"]["occurred_at"]
    assert second == {"asset": "ast_one", "from": point(correction.revision, begun, T0 + 6 * HOUR)}
    assert bindings_at(life.document["bindings"], removal.revision) == [
        {k: first[k] for k in ("asset", "from", "until")}
    ]


def test_a_corrected_claim_never_was_and_another_asset_may_be_claimed() -> None:
    life = preprinted()
    mistake = claim(life)
    life.correct()
    assert (life.label.state, life.label.asset) == (S.UNCLAIMED, None)
    claim(life, asset="ast_two")
    first, second = life.document["bindings"]
    assert (first["asset"], second["asset"]) == ("ast_one", "ast_two")
    assert first["from"]["occurred_at"] == first["superseded"]["occurred_at"] == mistake.occurred_at
    assert "until" not in second
