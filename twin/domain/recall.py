"""A recall: what it is for, the steps of its life, and what is frozen of it so that it can be proven."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from twin.domain import fields
from twin.domain.fact import LONGEST_SAID
from twin.domain.history import Document, canonical_json
from twin.errors import InvalidInput, Refused, TooLarge, shown

LONGEST_TITLE = 120
LONGEST_NOTICE = 1_000
MOST_STARTS = 500
MOST_ITEMS = 200_000
MADE_WHERE: Final = ("site", "line", "workOrder", "machine", "process")


class RecallState(StrEnum):
    """Where a recall stands."""

    COMPUTING = "COMPUTING"
    FROZEN = "FROZEN"
    PUBLISHED = "PUBLISHED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class RecallAction(StrEnum):
    """What can happen to it."""

    OPEN = "OPEN"
    FREEZE = "FREEZE"
    PUBLISH = "PUBLISH"
    WITHDRAW = "WITHDRAW"
    CLOSE = "CLOSE"


class Standing(StrEnum):
    """Why a thing is in a recall's set."""

    AFFECTED = "AFFECTED"
    EXPOSED = "EXPOSED"


class Progress(StrEnum):
    """How far the work on one thing has come."""

    OPEN = "OPEN"
    NOTIFIED = "NOTIFIED"
    FOUND = "FOUND"
    QUARANTINED = "QUARANTINED"
    CORRECTED = "CORRECTED"
    SCRAPPED = "SCRAPPED"
    UNREACHABLE = "UNREACHABLE"


ENDS = frozenset({Progress.CORRECTED, Progress.SCRAPPED, Progress.UNREACHABLE})
"""Where the work on a thing ends. A recall is closed when it has ended for all that are affected."""

_STARTS: Final[Mapping[RecallAction, frozenset[RecallState]]] = {
    RecallAction.FREEZE: frozenset({RecallState.COMPUTING}),
    RecallAction.PUBLISH: frozenset({RecallState.FROZEN}),
    RecallAction.WITHDRAW: frozenset({RecallState.COMPUTING, RecallState.FROZEN}),
    RecallAction.CLOSE: frozenset({RecallState.PUBLISHED}),
}


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a recall starts from: all that any of these names.

    Args:
        assets: ids of lots, serials or components.
        part_of: identifiers of lots or products: whatever is registered as of them.
        made: what production facts say, by name; all of it must hold of one fact.
        made_from, made_until: when that was.
    """

    assets: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    made: Mapping[str, str] = field(default_factory=dict)
    made_from: datetime | None = None
    made_until: datetime | None = None

    def require_any(self) -> None:
        """Let pass criteria that name something, and no more than can be looked up.

        Raises:
            InvalidInput: they name nothing, a window without a beginning or place, or what no production fact says.
            TooLarge: more than 500 assets or identifiers.
        """
        if not (self.assets or self.part_of or self.made):
            raise InvalidInput(
                "criteria: expected assets, identifiers or what production facts say, found none.", path=("criteria",)
            )
        for name, found in (("assets", self.assets), ("partOf", self.part_of)):
            if len(found) > MOST_STARTS:
                raise TooLarge(
                    f"criteria: expected at most {MOST_STARTS} {name}, found {len(found)}.", path=("criteria", name)
                )
        if (self.made_from or self.made_until) and not self.made:
            raise InvalidInput(
                f"criteria: a window needs one of {', '.join(MADE_WHERE)}, found none.", path=("criteria", "made")
            )
        for name, value in self.made.items():
            if name not in MADE_WHERE:
                raise InvalidInput(
                    f"criteria: expected one of {', '.join(MADE_WHERE)}, found {shown(name)}.",
                    path=("criteria", "made"),
                )
            fields.text(value, path=("criteria", "made", name), longest=LONGEST_SAID)

    def as_document(self) -> dict[str, Any]:
        """As it is stored: what is empty is absent."""
        said: dict[str, Any] = {
            "assets": list(self.assets),
            "part_of": list(self.part_of),
            "made": dict(self.made),
            "made_from": self.made_from,
            "made_until": self.made_until,
        }
        return {name: value for name, value in said.items() if value}

    @classmethod
    def from_document(cls, document: Document) -> Criteria:
        """The criteria that a document holds."""
        return cls(
            tuple(document.get("assets", ())),
            tuple(document.get("part_of", ())),
            document.get("made", {}),
            document.get("made_from"),
            document.get("made_until"),
        )


def require_legal(recall: Document, action: RecallAction) -> None:
    """Let pass a step that the recall's state allows.

    Raises:
        Refused: it does not.
    """
    state, starts = RecallState(recall["state"]), _STARTS[action]
    if state not in starts:
        expected = " or ".join(sorted(starts))
        raise Refused(f"{recall['_id']}: {action} needs {expected}, found {state}.")


def require_other(recall: Document, actor: str, digest: str) -> None:
    """Let pass who publishes a recall that somebody else has opened, and has looked at what is frozen.

    Raises:
        Refused: it is the actor's own, or something else is frozen.
    """
    if recall["events"][0]["actor"] == actor:
        raise Refused(f"{recall['_id']}: it is published by another person than {actor}, who opened it.")
    if recall["frozen"]["digest"] != digest:
        raise Refused(
            f"{recall['_id']}: expected the digest {recall['frozen']['digest']} of what is frozen, found "
            f"{shown(digest)}."
        )


def title(value: str) -> str:
    """The title of a recall: what people call it.

    Raises:
        InvalidInput: no printable text of one line.
        TooLarge: more than 120 characters.
    """
    return fields.text(value, path=("title",), longest=LONGEST_TITLE)


def item_line(item: Document) -> bytes:
    """What is frozen of one thing: RFC 8785 canonical JSON of why it is in the set."""
    kept = {name: item[name] for name in ("asset", "standing", "way", "periods") if item.get(name)}
    return canonical_json(kept)


def digest_of(recall: Document, lines: Iterable[bytes]) -> str:
    """SHA-256, in hexadecimal, over what a recall asked and what it found: a line for each, in the order of the ids.

    Args:
        recall: its document.
        lines: of its items, as `item_line` writes them, in the order of the ids of their assets.
    """
    asked = {name: recall[name] for name in ("_id", "criteria", "as_of")}
    digest = hashlib.sha256(canonical_json(asked))
    for line in lines:
        digest.update(b"\n" + line)
    return digest.hexdigest()
