"""Versions, and pages of a twin's history: newest first, the revision is the cursor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import strawberry

from twin.api.graphql.nodes import Connection, page_size
from twin.domain.history import Document
from twin.errors import InvalidInput, shown

T = TypeVar("T")


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


async def history_page(
    head: int,
    load: Callable[[int, int], Awaitable[Sequence[Document]]],
    version: Callable[[Document], T],
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Connection[T]:
    """A page of versions.

    Args:
        head: the newest revision that counts.
        load: the versions from the lowest to the highest revision wanted, oldest first.
        version: from a version's document to its type.
        first: versions at most, from the newest.
        after: only versions older than this cursor.
        last: versions at most, from the oldest.
        before: only versions newer than this cursor.

    Raises:
        InvalidInput: a cursor of another list, or a page size out of bounds.
    """
    size, backward = page_size(first, last)
    highest = head if after is None else min(head, _revision("after", after) - 1)
    lowest = 1 if before is None else max(1, _revision("before", before) + 1)
    start, end = (lowest, min(highest, lowest + size - 1)) if backward else (max(lowest, highest - size + 1), highest)
    found = await load(start, end) if start <= end else []

    async def counted() -> int:
        return head

    return Connection.of(
        [(version(document), f"r{document['revision']}") for document in reversed(found)],
        counted,
        has_next=start > 1 if backward else start > lowest,
        has_previous=end < highest if backward else end < head,
    )


def _revision(name: str, cursor: str) -> int:
    if cursor.startswith("r") and cursor[1:].isascii() and cursor[1:].isdecimal() and len(cursor) < 12:
        return int(cursor[1:])
    raise InvalidInput(f"{name}: {shown(cursor)} is not a cursor of a history.", path=(name,))
