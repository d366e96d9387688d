"""A scan: what a read of a carrier means for whoever holds it."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from twin.domain.history import Document
from twin.domain.label import LabelState, is_stale


class Outcome(StrEnum):
    """What a scan found, from worst to best; UNKNOWN is a text that leads to no label."""

    RECALLED = "RECALLED"
    VOID = "VOID"
    REPLACED = "REPLACED"
    DAMAGED = "DAMAGED"
    REMOVED = "REMOVED"
    NOT_YET_APPLIED = "NOT_YET_APPLIED"
    STALE = "STALE"
    CURRENT = "CURRENT"
    UNKNOWN = "UNKNOWN"


class Answer(StrEnum):
    """What somebody got who read a code."""

    PAGE = "PAGE"
    REDIRECT = "REDIRECT"
    CHOICES = "CHOICES"
    LINKSET = "LINKSET"
    NOTHING = "NOTHING"


_OF_STATE = {
    LabelState.VOID: Outcome.VOID,
    LabelState.REPLACED: Outcome.REPLACED,
    LabelState.DAMAGED: Outcome.DAMAGED,
    LabelState.REMOVED: Outcome.REMOVED,
    LabelState.UNCLAIMED: Outcome.NOT_YET_APPLIED,
    LabelState.ISSUED: Outcome.NOT_YET_APPLIED,
    LabelState.PRINTED: Outcome.NOT_YET_APPLIED,
}


def flags(head: Document) -> tuple[Outcome, ...]:
    """All that holds of a label, worst first; CURRENT alone when nothing is wrong.

    Args:
        head: the label's snapshot.
    """
    return _flags(head["state"], is_stale(head))


@cache
def _flags(state: LabelState, stale: bool) -> tuple[Outcome, ...]:  # noqa: FBT001 - private, and so it can be cached
    found = {_OF_STATE.get(LabelState(state))} | ({Outcome.STALE} if stale else set())
    return tuple(outcome for outcome in Outcome if outcome in found) or (Outcome.CURRENT,)


def recalled(flags: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """All that holds of a label, when what it is on is recalled too."""
    return (Outcome.RECALLED, *(flag for flag in flags if flag is not Outcome.CURRENT))


def outcome(head: Document) -> Outcome:
    """The worst that holds of a label."""
    return flags(head)[0]
