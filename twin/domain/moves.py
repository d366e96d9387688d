"""The moves of a label: each turns the head and a command into what the next version says, or refuses.

References:
    docs/design.md, A label's life: the table of the moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace as replace_fields
from datetime import datetime
from typing import Any

from twin.domain import fields
from twin.domain.history import Command, Document, Draft, difference, merge, since_of
from twin.domain.label import CORRECTABLE, MOVES, Label, LabelAction, LabelState, Move, legal_actions
from twin.domain.print_job import Provenance
from twin.domain.profiles import profile
from twin.domain.verification import Sight, judge
from twin.errors import IllegalMove, InvalidInput

_CHANGES_STATE = frozenset(action for action, row in MOVES.items() if row.to is not None) | {
    LabelAction.ISSUE,
    LabelAction.PREPRINT,
    LabelAction.CORRECT,
}


def issue(
    *,
    link_id: str,
    asset: str,
    profile_name: str,
    face: Mapping[str, str | None],
    attributes: Mapping[str, str | None],
    identifiers: Iterable[str],
    command: Command,
    now: datetime,
    replaces: str | None = None,
    standing: Mapping[str, str] | None = None,
) -> Draft:
    """A label for an asset, not printed yet.

    Args:
        link_id: the printed name of the label, never used before.
        asset: the id of the asset.
        profile_name: which kind of label.
        face: printed fields; those that the asset's identifiers give are filled.
        attributes: free fields.
        identifiers: the asset's, in canonical form.
        command: reason and occurred_at count.
        now: the service's clock.
        replaces: the id of the label that it takes over from.
        standing: the face of that label, whose texts stand as they are.

    Raises:
        InvalidInput, TooLarge: what the profile or a field forbids.
    """
    return Draft(
        action=LabelAction.ISSUE,
        change={
            "state": LabelState.ISSUED.value,
            "link_id": link_id,
            "profile": profile_name,
            "asset": asset,
            "face": profile(profile_name).complete_face(face, identifiers, standing=standing),
            "attributes": fields.fields(attributes, path=("attributes",)),
        }
        | ({"replaces": replaces} if replaces else {}),
        occurred_at=fields.moment(command.occurred_at, now=now),
        reason=fields.optional_text(command.reason, path=("reason",)),
    )


def preprint(*, link_id: str, profile_name: str, payload: str, command: Command, now: datetime) -> Draft:
    """A label of a batch that is printed before anybody knows what it will be on.

    Raises:
        InvalidInput: no reason, or an unknown profile.
    """
    profile(profile_name)
    reason = _required_reason(command, LabelAction.PREPRINT)
    return Draft(
        action=LabelAction.PREPRINT,
        change={
            "state": LabelState.UNCLAIMED.value,
            "link_id": link_id,
            "profile": profile_name,
            "payload": payload,
            "printed": {"revision": 1, "face": {}},
        },
        occurred_at=fields.moment(command.occurred_at, now=now),
        reason=reason,
    )


def claim(
    label: Label,
    *,
    asset: str,
    face: Mapping[str, str | None],
    identifiers: Iterable[str],
    command: Command,
    now: datetime,
    replaces: str | None = None,
    standing: Mapping[str, str] | None = None,
) -> Draft:
    """A pre-printed label is now this asset's."""
    require_legal(label, LabelAction.CLAIM)
    complete = profile(label.profile).complete_face(face, identifiers, standing=standing)
    change: dict[str, Any] = {"asset": asset, "face": complete, "printed": {"face": complete}}
    if replaces:
        change["replaces"] = replaces
    return _draft(label, LabelAction.CLAIM, command, now, change)


def print_label(label: Label, *, payload: str, provenance: Provenance, command: Command, now: datetime) -> Draft:
    """The label's first print: it fixes the payload for ever.

    Args:
        label: the head.
        payload: what its link encodes.
        provenance: what was made, and from what.
        command: reason and occurred_at count.
        now: the service's clock.
    """
    change = {"payload": payload, "printed": _paper(label)}
    return _draft(label, LabelAction.PRINT, command, now, change, provenance.as_evidence())


def reprint(label: Label, *, provenance: Provenance, command: Command, now: datetime) -> Draft:
    """Another print of a label whose paper was never applied; the payload stays, the face is the newest."""
    change = {"printed": _paper(label)}
    return _draft(label, LabelAction.REPRINT, command, now, change, provenance.as_evidence())


def print_action(label: Label) -> LabelAction:
    """What a print of the label is now: its first one, or another one of a label whose paper was never applied.

    Raises:
        IllegalMove: it is neither issued nor printed.
    """
    if label.state is LabelState.PRINTED:
        return LabelAction.REPRINT
    require_legal(label, LabelAction.PRINT)
    return LabelAction.PRINT


def print_in_job(label: Label, *, payload: str, provenance: Provenance, command: Command, now: datetime) -> Draft:
    """A print by a job: the first one or, with a reason, another one.

    Args:
        label: the head.
        payload: what its link encodes; fixed at the first print.
        provenance: what was made, and from what.
        command: reason and occurred_at count.
        now: the service's clock.
    """
    if print_action(label) is LabelAction.REPRINT:
        return reprint(label, provenance=provenance, command=command, now=now)
    return print_label(label, payload=payload, provenance=provenance, command=command, now=now)


def apply(label: Label, *, command: Command, now: datetime) -> Draft:
    """The paper is on the asset."""
    return _draft(label, LabelAction.APPLY, command, now)


def verify(
    label: Label, *, must_be: Mapping[str, str], sight: Sight, grade: str | None, command: Command, now: datetime
) -> Draft:
    """Somebody compared the paper with the twin; a failure changes no state, but is recorded.

    Args:
        label: the head.
        must_be: what the label's carriers say, by name.
        sight: what was seen of it.
        grade: the letter that a verifier gave to the print quality, A to F (ISO/IEC 15415).
        command: reason and occurred_at count.
        now: the service's clock.
    """
    if grade is not None and grade not in {"A", "B", "C", "D", "F"}:
        raise InvalidInput(f"grade: expected A, B, C, D or F (ISO/IEC 15415), found {grade!r}.", path=("grade",))
    verdict = judge(must_be, sight)
    action = LabelAction.VERIFY if verdict.passed else LabelAction.FAIL_VERIFICATION
    evidence = verdict.evidence(sight) | ({"grade": grade} if grade else {})
    return _draft(label, action, command, now, evidence=evidence)


def report_damaged(label: Label, *, command: Command, now: datetime) -> Draft:
    """The paper cannot be read any more."""
    return _draft(label, LabelAction.REPORT_DAMAGED, command, now)


def report_lost(label: Label, *, command: Command, now: datetime) -> Draft:
    """The paper is gone."""
    return _draft(label, LabelAction.REPORT_LOST, command, now)


def remove(label: Label, *, command: Command, now: datetime) -> Draft:
    """The paper was taken off its asset: the binding ends."""
    return _draft(label, LabelAction.REMOVE, command, now, {"asset": None})


def replace(label: Label, *, by: str, command: Command, now: datetime) -> Draft:
    """A new label takes over; this one is final, and its binding ends."""
    return _draft(label, LabelAction.REPLACE, command, now, {"asset": None, "replaced_by": by})


def take_over(label: Label, *, replaced: Label, command: Command, now: datetime) -> Draft:
    """This label, which stands ready for the same asset, replaces another.

    Raises:
        IllegalMove: it is not issued or printed, is on another asset, or has replaced a label already.
    """
    ready = frozenset({LabelState.ISSUED, LabelState.PRINTED})
    if label.id == replaced.id:
        raise _illegal(label, LabelAction.REPLACE, ready, "a label cannot replace itself")
    if label.state not in ready:
        raise _illegal(label, LabelAction.REPLACE, ready | {LabelState.UNCLAIMED})
    if label.profile != replaced.profile:
        why = f"the new label is a {label.profile}, the old one a {replaced.profile}"
        raise _illegal(label, LabelAction.REPLACE, ready, why)
    if label.asset != replaced.last_asset:
        raise _illegal(label, LabelAction.REPLACE, ready, "the new label is bound to another asset")
    if label.replaces is not None:
        raise _illegal(label, LabelAction.REPLACE, ready, f"the new label already replaces {label.replaces}")
    reason = _required_reason(command, LabelAction.REPLACE)
    return Draft(
        action=LabelAction.REVISE,
        change={"replaces": replaced.id},
        occurred_at=fields.moment(command.occurred_at, now=now),
        reason=reason,
    )


def void(label: Label, *, command: Command, now: datetime) -> Draft:
    """The label is not valid any more and never will be; its binding ends."""
    return _draft(label, LabelAction.VOID, command, now, {"asset": None} if label.asset else {})


def revise(
    label: Label,
    *,
    face: Mapping[str, str | None],
    attributes: Mapping[str, str | None],
    identifiers: Iterable[str],
    command: Command,
    now: datetime,
) -> Draft:
    """Change printed or free fields; None removes one. A printed field makes the label stale.

    Raises:
        InvalidInput: nothing would change, or what the profile or a field forbids.
    """
    require_legal(label, LabelAction.REVISE)
    complete = profile(label.profile).complete_face(merge(label.face, face), identifiers, standing=label.face)
    free = merge(label.attributes, fields.fields(attributes, path=("attributes",), removable=True))
    fields.require_few(free, path=("attributes",))
    before = {"face": label.face, "attributes": label.attributes}
    change = difference(before, {"face": complete, "attributes": free})
    if not change:
        raise InvalidInput("The label already says that; expected at least one field to change.", path=("face",))
    return _draft(label, LabelAction.REVISE, command, now, change)


def correct(label: Label, *, versions: Iterable[Document], command: Command, now: datetime) -> Draft:
    """Take back the label's last move, which was a mistake: as if it had not happened, from when it had happened.

    Args:
        label: the head.
        versions: all versions of the twin.
        command: reason counts; `occurred_at` must be left out, because it is the mistake's own.
        now: the service's clock.

    Raises:
        IllegalMove: the last change of state was not a move, or was taken back already, or was built upon since.
        InvalidInput: no reason, or an `occurred_at`.
    """
    if command.occurred_at is not None:
        raise InvalidInput(
            "occurredAt: a correction takes effect when its mistake did; expected none.", path=("occurredAt",)
        )
    history = sorted(versions, key=lambda version: int(version["revision"]))
    last = next(index for index in reversed(range(len(history))) if history[index]["action"] in _CHANGES_STATE)
    mistake, since = history[last], history[last + 1 :]
    if why := _why_not_corrected(mistake, since):
        raise _illegal(label, LabelAction.CORRECT, MOVES[LabelAction.CORRECT].starts, why)
    before, head = history[last - 1]["snapshot"], history[-1]["snapshot"]
    keys = mistake["change"].keys()
    undo = difference({k: head[k] for k in keys if k in head}, {k: before[k] for k in keys if k in before})
    at = Command(command.reason, mistake["occurred_at"])
    without = [version for version in history if version is not mistake]
    draft = _draft(label, LabelAction.CORRECT, at, now, undo)
    return replace_fields(draft, corrects=mistake["revision"], since=since_of(without))


def _why_not_corrected(mistake: Document, since: Iterable[Document]) -> str:
    if mistake["action"] not in CORRECTABLE:
        return f"its last change of state was {mistake['action']}, which cannot be taken back"
    if "replaces" in mistake["change"]:
        return "it has taken over from another label, which is final"
    for version in since:
        if built_upon := sorted(version["change"].keys() & mistake["change"].keys()):
            return f"revision {version['revision']} has changed {', '.join(built_upon)} since"
    return ""


def _draft(
    label: Label,
    action: LabelAction,
    command: Command,
    now: datetime,
    change: Document | None = None,
    evidence: Document | None = None,
) -> Draft:
    row = require_legal(label, action)
    reason = _required_reason(command, action) if row.reason else fields.optional_text(command.reason, path=("reason",))
    state = {} if row.to is None else {"state": row.to.value}
    return Draft(
        action=action,
        change={**state, **(change or {})},
        occurred_at=fields.moment(command.occurred_at, now=now),
        reason=reason,
        evidence=evidence or {},
    )


def require_legal(label: Label, action: LabelAction) -> Move:
    """The row of the table for a move that the label allows where it stands.

    Raises:
        IllegalMove: it does not allow it.
    """
    row = MOVES[action]
    if label.state not in row.starts:
        raise _illegal(label, action, row.starts)
    return row


def _illegal(label: Label, action: LabelAction, starts: Iterable[LabelState], why: str = "") -> IllegalMove:
    return IllegalMove(
        move=action,
        state=label.state,
        allowed=tuple(state.value for state in LabelState if state in starts),
        legal=tuple(legal.value for legal in legal_actions(label.state)),
        why=why,
    )


def _required_reason(command: Command, action: LabelAction) -> str:
    if command.reason is None:
        raise InvalidInput(f"reason: {action.value} needs a reason, found none.", path=("reason",))
    return fields.text(command.reason, path=("reason",))


def _paper(label: Label) -> Document:
    # A merge patch: a field that is on the paper but not in the twin any more must be taken out by name.
    before = {} if label.printed is None else label.printed["face"]
    return {"revision": label.revision + 1, "face": {**dict.fromkeys(before), **label.face}}
