"""The life of a version of a template: who may do what, and when."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.life import T0
from tests.domain.test_template import TAG, template
from twin.domain.approval import (
    BUILTIN,
    MOST_EVENTS,
    MOST_VERSIONS,
    STEPS,
    TemplateAction,
    TemplateId,
    TemplateState,
    TemplateVersion,
)
from twin.domain.elements import BoxElement
from twin.errors import InvalidInput, Refused, TooLarge

A, S = TemplateAction, TemplateState
OTHER = template(TAG, BoxElement(0, 0, 50, 25, 0.2))


def drawn() -> TemplateVersion:
    return TemplateVersion.drawn("tag-small", 1, template(), actor="author", now=T0)


def after(version: TemplateVersion, action: TemplateAction, actor: str, **more: Any) -> TemplateVersion:
    given: dict[str, Any] = {"reason": "because" if STEPS[action].reason else None}
    if action is A.APPROVE:
        given["sha256"] = version.template.sha256
    return version.after(action, actor=actor, now=T0, **(given | more))


def in_review() -> TemplateVersion:
    return after(drawn(), A.SUBMIT, "submitter")


def test_the_walk_of_a_version() -> None:
    version = in_review()
    assert version.state is S.IN_REVIEW
    version = after(version, A.REFUSE, "reviewer", reason="The VIN is too small")
    assert version.state is S.DRAFT
    version = after(version, A.DRAW, "author", template=OTHER)
    version = after(version, A.SUBMIT, "author")
    version = after(version, A.APPROVE, "reviewer")
    assert version.state is S.APPROVED
    version.require_approved()
    version = after(version, A.WITHDRAW, "reviewer", reason="A wrong clause")
    with pytest.raises(Refused, match="Nothing prints from tag-small@1: expected APPROVED, found WITHDRAWN"):
        version.require_approved()
    told = [(event.action, event.actor, event.reason) for event in version.events]
    assert told == [
        (A.DRAW, "author", None),
        (A.SUBMIT, "submitter", None),
        (A.REFUSE, "reviewer", "The VIN is too small"),
        (A.DRAW, "author", None),
        (A.SUBMIT, "author", None),
        (A.APPROVE, "reviewer", None),
        (A.WITHDRAW, "reviewer", "A wrong clause"),
    ]
    assert [event.sha256 for event in version.events] == [template().sha256] * 3 + [OTHER.sha256] * 4
    assert TemplateVersion.from_document(version.as_document()) == version


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", A)
def test_the_table_is_kept(state: TemplateState, action: TemplateAction) -> None:
    version = drawn()
    for step in {S.DRAFT: (), S.IN_REVIEW: (A.SUBMIT,), S.APPROVED: (A.SUBMIT, A.APPROVE), S.WITHDRAWN: (A.WITHDRAW,)}[
        state
    ]:
        version = after(version, step, "first-reviewer" if step is A.APPROVE else "author")
    assert version.state is state
    if state in STEPS[action].starts:
        assert after(version, action, "reviewer").state is STEPS[action].to
    else:
        with pytest.raises(Refused, match=f"{action} is not legal now: it needs .*, found {state}. Legal now: "):
            after(version, action, "reviewer")


def test_nobody_approves_their_own() -> None:
    for own in ("author", "submitter"):
        with pytest.raises(Refused, match=f"needs somebody else: .* found {own}"):
            after(in_review(), A.APPROVE, own)
    again = after(after(in_review(), A.REFUSE, "reviewer"), A.DRAW, "second", template=OTHER)
    again = after(again, A.SUBMIT, "second")
    for own in ("author", "submitter", "second"):  # whoever had a hand in it, ever
        with pytest.raises(Refused, match="needs somebody else"):
            after(again, A.APPROVE, own)
    assert after(again, A.APPROVE, "reviewer").state is S.APPROVED


def test_what_was_not_looked_at_is_not_approved() -> None:
    with pytest.raises(Refused, match="not the layout that was looked at"):
        after(in_review(), A.APPROVE, "reviewer", sha256=OTHER.sha256)
    with pytest.raises(Refused, match="not the layout that was looked at"):
        after(in_review(), A.APPROVE, "reviewer", sha256=None)


@pytest.mark.parametrize("action", [A.REFUSE, A.WITHDRAW])
def test_a_reason_is_asked_for(action: TemplateAction) -> None:
    with pytest.raises(InvalidInput, match=f"reason: {action} asks for one"):
        after(in_review(), action, "reviewer", reason=None)
    with pytest.raises(TooLarge):
        after(in_review(), action, "reviewer", reason="x" * 501)


def test_versions_follow_each_other_for_the_same_labels() -> None:
    second = drawn().followed(OTHER, actor="author", now=T0)
    assert (str(second.id), second.state) == ("tag-small@2", S.DRAFT)
    vin = template(profile="vin_plate")
    with pytest.raises(InvalidInput, match="tag-small@1 is for labels of asset_tag; expected that, found 'vin_plate'"):
        drawn().followed(vin, actor="author", now=T0)
    with pytest.raises(InvalidInput, match="is for labels of asset_tag"):
        after(drawn(), A.DRAW, "author", template=vin)
    last = TemplateVersion.drawn("tag", MOST_VERSIONS, template(), actor="author", now=T0)
    with pytest.raises(Refused, match="No version follows tag@999999"):
        last.followed(template(), actor="author", now=T0)


def test_steps_are_bounded_and_the_last_way_out_stays_open() -> None:
    version = drawn()
    for _ in range(MOST_EVENTS - 1):
        version = after(version, A.DRAW, "author", template=OTHER)
    with pytest.raises(Refused, match="draw a new version"):
        after(version, A.SUBMIT, "author")
    assert after(version, A.WITHDRAW, "reviewer").state is S.WITHDRAWN


@pytest.mark.parametrize("name", ["", "Tag", "1tag", "a@1", "a b", "a.b", "$a", "a" * 65, "é", "tag\n"])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(InvalidInput, match="is not the name of a template"):
        TemplateVersion.drawn(name, 1, template(), actor="author", now=T0)


@pytest.mark.parametrize("text", ["", "tag@", "tag@0", "tag@01", "tag@1000000", "tag@-1", "tag@x", "Tag@1", "tag@1\n"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not the id of a template"):
        TemplateId.parse(text)


def test_ids_are_read_as_they_are_written() -> None:
    for text in ("a", "a@1", "a_b-c@999999", f"vin_plate@{BUILTIN}"):
        assert str(TemplateId.parse(text)) == text
