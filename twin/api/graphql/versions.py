"""Versions, and pages of a twin's history: newest first, the revision is the cursor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import strawberry

from twin.api.graphql.context import ACTOR_NAME, Info
from twin.api.graphql.nodes import Connection, page_size
from twin.domain import history
from twin.domain.history import Document, changed_fields
from twin.errors import InvalidInput, shown

T = TypeVar("T")

LOOKED_AT = 160

Load = Callable[[int, int], Awaitable[Sequence[Document]]]
"""The versions of a twin, from the lowest to the highest revision wanted, oldest first."""


@strawberry.interface(description="The immutable state and change of a twin at a revision.")
class Version:
    """What versions of labels and assets share."""

    document: strawberry.Private[Document]

    @strawberry.field(description="The counter: 1, 2, 3….")
    def revision(self) -> int:
        """The revision."""
        return int(self.document["revision"])

    @strawberry.field(description="Who did it: a pseudonymous id; null where the caller may not see it.")
    def actor(self) -> str | None:
        """The actor."""
        return self.document.get("actor")

    @strawberry.field(description=ACTOR_NAME)
    async def actor_name(self, info: Info) -> str | None:
        """The actor's name."""
        actor = self.document.get("actor")
        return None if actor is None else await info.context.names.load(actor)

    @strawberry.field(description="Why; null where nobody said, or the caller may not see it.")
    def reason(self) -> str | None:
        """The reason."""
        return self.document.get("reason")

    @strawberry.field(description="When it happened.")
    def occurred_at(self) -> datetime:
        """When it happened."""
        at: datetime = self.document["occurred_at"]
        return at

    @strawberry.field(description="When the service learnt it.")
    def recorded_at(self) -> datetime:
        """When the service learnt it."""
        at: datetime = self.document["recorded_at"]
        return at

    @strawberry.field(description="The revision that this one takes back: together they changed nothing.")
    def corrects(self) -> int | None:
        """The mistake that a correction takes back."""
        return self.document.get("corrects")

    @strawberry.field(description="SHA-256 over the version and the hash before it, hexadecimal.")
    def hash(self) -> str:
        """The link in the hash chain."""
        return str(self.document["hash"])

    def state(self) -> dict[str, Any]:
        """What of the twin's document is different at this revision."""
        version = self.document
        moment = {"occurred_at": version["occurred_at"], "recorded_at": version["recorded_at"]}
        return {"head": version["snapshot"], "revision": version["revision"], "changed": moment}


@strawberry.type(description="A field that differs between two revisions.")
class FieldChange:
    """What one field was and what it is."""

    path: list[str] = strawberry.field(description="The names that lead to the field, outermost first.")
    before: str | None = strawberry.field(description="Its text at the first revision; null when it was not there.")
    after: str | None = strawberry.field(description="Its text at the second revision; null when it is not there.")


From = Annotated[int, strawberry.argument(name="from", description="The first revision.")]
To = Annotated[int | None, strawberry.argument(name="to", description="The second revision; null means the one shown.")]


async def diff_of(shown_revision: int, load: Load, first: int, second: int | None) -> list[FieldChange]:
    """Which fields differ between two revisions of a twin.

    Args:
        shown_revision: the newest revision that counts.
        load: how its versions are read.
        first: a revision.
        second: another one; None means the newest.

    Raises:
        InvalidInput: there is no such revision.
    """
    revisions = {"from": first, "to": shown_revision if second is None else second}
    for name, revision in revisions.items():
        if not 1 <= revision <= shown_revision:
            raise InvalidInput(
                f"{name}: expected a revision from 1 to {shown_revision}, found {revision}.", path=(name,)
            )
    [before], [after] = [await load(revision, revision) for revision in revisions.values()]

    return [field_change(change) for change in changed_fields(before["snapshot"], after["snapshot"])]


def field_change(change: history.FieldChange) -> FieldChange:
    """A changed field as texts."""

    def text(value: object) -> str | None:
        return ", ".join(map(str, value)) if isinstance(value, list) else value if value is None else str(value)

    return FieldChange(path=list(change.path), before=text(change.before), after=text(change.after))


async def history_page(
    head: int,
    load: Load,
    version: Callable[[Document], T],
    window: Window,
    wanted: Callable[[Document], bool] | None = None,
) -> Connection[T]:
    """A page of versions.

    Args:
        head: the newest revision that counts.
        load: how its versions are read.
        version: from a version's document to its type.
        window: which part of the history.
        wanted: which versions count; None means all.

    Raises:
        InvalidInput: a cursor of another list, or a page size out of bounds.
    """
    size, backward = page_size(window.first, window.last)
    highest = head if window.after is None else min(head, _revision("after", window.after) - 1)
    lowest = 1 if window.before is None else max(1, _revision("before", window.before) + 1)
    found: list[Document] = []
    step = size + 1 if wanted is None else LOOKED_AT
    while len(found) <= size and lowest <= highest:
        if backward:
            start, end = lowest, min(highest, lowest + step - 1)
            lowest = end + 1
        else:
            start, end = max(lowest, highest - step + 1), highest
            highest = start - 1
        loaded = await load(start, end)
        found += [document for document in (loaded if backward else reversed(loaded)) if not wanted or wanted(document)]
    page = found[:size][::-1] if backward else found[:size]
    more = len(found) > size

    async def counted() -> int:
        return head if wanted is None else sum(map(wanted, await load(1, head)))

    return Connection.of(
        [(version(document), f"r{document['revision']}") for document in page],
        counted,
        has_next=window.before is not None if backward else more,
        has_previous=more if backward else window.after is not None,
    )


@dataclass(frozen=True, slots=True)
class Window:
    """Relay's four words for a part of a list."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None


def only(actions: Sequence[StrEnum] | None, actor: str | None) -> Callable[[Document], bool] | None:
    """Whether a version is of one of the actions and by the actor; None when all are wanted."""
    if actions is None and actor is None:
        return None
    names = None if actions is None else {action.value for action in actions}
    return lambda version: (names is None or version["action"] in names) and actor in (None, version.get("actor"))


def _revision(name: str, cursor: str) -> int:
    if cursor.startswith("r") and cursor[1:].isascii() and cursor[1:].isdecimal() and len(cursor) < 12:
        return int(cursor[1:])
    raise InvalidInput(f"{name}: {shown(cursor)} is not a cursor of a history.", path=(name,))
