"""A label: its states, the table of the moves between them, and its bindings.

References:
    docs/design.md, A label's life: the table of the moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from twin.domain.history import Document


class LabelState(StrEnum):
    """Where a label stands in its life. VOID and REPLACED are final; they still resolve, for ever."""

    UNCLAIMED = "UNCLAIMED"
    ISSUED = "ISSUED"
    PRINTED = "PRINTED"
    APPLIED = "APPLIED"
    VERIFIED = "VERIFIED"
    DAMAGED = "DAMAGED"
    REMOVED = "REMOVED"
    REPLACED = "REPLACED"
    VOID = "VOID"


class LabelAction(StrEnum):
    """What can happen to a label."""

    ISSUE = "ISSUE"
    PREPRINT = "PREPRINT"
    CLAIM = "CLAIM"
    PRINT = "PRINT"
    REPRINT = "REPRINT"
    APPLY = "APPLY"
    VERIFY = "VERIFY"
    FAIL_VERIFICATION = "FAIL_VERIFICATION"
    REPORT_DAMAGED = "REPORT_DAMAGED"
    REPORT_LOST = "REPORT_LOST"
    REMOVE = "REMOVE"
    REPLACE = "REPLACE"
    VOID = "VOID"
    REVISE = "REVISE"
    CORRECT = "CORRECT"


_S = LabelState
LIVE = frozenset({_S.ISSUED, _S.PRINTED, _S.APPLIED, _S.VERIFIED})
FINAL = frozenset({_S.REPLACED, _S.VOID})


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: the states that it may start from, the one it leads to (None: unchanged), what it asks."""

    starts: frozenset[LabelState]
    to: LabelState | None
    reason: bool = False


MOVES: Mapping[LabelAction, Move] = {
    LabelAction.CLAIM: Move(frozenset({_S.UNCLAIMED}), _S.PRINTED),
    LabelAction.PRINT: Move(frozenset({_S.ISSUED}), _S.PRINTED),
    LabelAction.REPRINT: Move(frozenset({_S.PRINTED}), None, reason=True),
    LabelAction.APPLY: Move(frozenset({_S.PRINTED}), _S.APPLIED),
    LabelAction.VERIFY: Move(frozenset({_S.APPLIED, _S.VERIFIED}), _S.VERIFIED),
    LabelAction.FAIL_VERIFICATION: Move(LIVE, None),
    LabelAction.REPORT_DAMAGED: Move(frozenset({_S.PRINTED, _S.APPLIED, _S.VERIFIED}), _S.DAMAGED, reason=True),
    LabelAction.REPORT_LOST: Move(frozenset({_S.PRINTED, _S.APPLIED, _S.VERIFIED}), _S.DAMAGED, reason=True),
    LabelAction.REMOVE: Move(frozenset({_S.APPLIED, _S.VERIFIED, _S.DAMAGED}), _S.REMOVED, reason=True),
    LabelAction.REPLACE: Move(LIVE | {_S.DAMAGED, _S.REMOVED}, _S.REPLACED, reason=True),
    LabelAction.VOID: Move(frozenset(_S) - FINAL, _S.VOID, reason=True),
    LabelAction.REVISE: Move(LIVE, None),
    LabelAction.CORRECT: Move(
        frozenset({_S.PRINTED, _S.APPLIED, _S.VERIFIED, _S.DAMAGED, _S.REMOVED}), None, reason=True
    ),
}
# What a mistaken operator can take back; replacing and voiding are final.
CORRECTABLE = frozenset(action for action, row in MOVES.items() if row.to is not None and row.to not in FINAL)


@dataclass(frozen=True, slots=True)
class Label:
    """The head of a label's twin, as the rules need it.

    Args:
        id: the twin's id.
        revision: the head's.
        state: where it stands.
        profile: the name of its profile.
        face: its printed fields.
        attributes: its free fields.
        asset: the id of the asset that it is bound to now.
        payload: what its symbol encodes, fixed when it was first printed.
        printed: what is on the paper: the `revision` and the `face` at the last print.
        replaces, replaced_by: ids of the labels before and after it.
        last_asset: the asset of its newest binding, ended or not.
    """

    id: str
    revision: int
    state: LabelState
    profile: str
    face: Document
    attributes: Document
    asset: str | None
    payload: str | None
    printed: Document | None
    replaces: str | None
    replaced_by: str | None
    last_asset: str | None

    @classmethod
    def from_document(cls, document: Document) -> Label:
        """The label whose twin's document this is."""
        head = document["head"]
        return cls(
            id=document["_id"],
            revision=document["revision"],
            state=LabelState(head["state"]),
            profile=head["profile"],
            face=head.get("face", {}),
            attributes=head.get("attributes", {}),
            asset=head.get("asset"),
            payload=head.get("payload"),
            printed=head.get("printed"),
            replaces=head.get("replaces"),
            replaced_by=head.get("replaced_by"),
            last_asset=next((row["asset"] for row in reversed(document["bindings"]) if "superseded" not in row), None),
        )


def legal_actions(state: LabelState) -> tuple[LabelAction, ...]:
    """The moves that a label in this state allows, in the order of the table."""
    return tuple(action for action, row in MOVES.items() if state in row.starts)


def is_stale(head: Document) -> bool:
    """Whether the paper says something else than the twin: a face field changed after the last print."""
    return "printed" in head and head["printed"]["face"] != head.get("face", {})


def bindings_after(bindings: Iterable[Document], version: Document) -> list[Document]:
    """The bindings after a version: which asset the label was on, from when to when, on both axes.

    A binding is a row: the asset, the version that it begins `from`, the one that it lasts `until`, if it has ended,
    and the correction by which it was `superseded`, if one of those two was a mistake. Rows are never taken out, so
    what was known then can be asked for ever.

    Args:
        bindings: those before the version, oldest first.
        version: any version of the label, as a document.
    """
    point = {name: version[name] for name in ("revision", "occurred_at", "recorded_at")}
    if "corrects" in version:
        return _corrected(bindings, version["corrects"], point)
    after, asset = list(bindings), version["snapshot"].get("asset")
    standing = next((row for row in reversed(after) if not row.keys() & {"until", "superseded"}), None)
    if standing is not None and standing["asset"] == asset:
        return after
    if standing is not None:
        after[after.index(standing)] = {**standing, "until": point}
    return after if asset is None else [*after, {"asset": asset, "from": point}]


def _corrected(bindings: Iterable[Document], mistake: int, point: Document) -> list[Document]:
    after, restored = [], []
    for row in bindings:
        begun, ended = row["from"]["revision"] == mistake, row.get("until", {}).get("revision") == mistake
        wrong = (begun or ended) and "superseded" not in row
        after.append({**row, "superseded": point} if wrong else row)
        if wrong and ended:
            restored.append({"asset": row["asset"], "from": {**point, "occurred_at": row["from"]["occurred_at"]}})
    return [*after, *restored]


def bindings_at(bindings: Iterable[Document], revision: int) -> list[Document]:
    """The bindings as they stood at a revision."""
    begun = [row for row in bindings if row["from"]["revision"] <= revision]
    return [
        {
            name: value
            for name, value in row.items()
            if name not in {"until", "superseded"} or value["revision"] <= revision
        }
        for row in begun
    ]
