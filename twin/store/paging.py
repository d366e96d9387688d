"""Pages of a list by keyset: newest first, in both directions, each page costs the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pymongo import ASCENDING, DESCENDING

from twin.store.mongo import OPERATION_MS, Collection, translated
from twin.store.twins import HEAD

RECORDED = "created.recorded_at"
ORDER = [(RECORDED, DESCENDING), ("_id", DESCENDING)]

Key = tuple[datetime, str]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list.

    Args:
        size: documents at most.
        after: only what comes after this key in the list's order.
        before: only what comes before it.
        backward: take the last `size` of them instead of the first.
    """

    size: int
    after: Key | None = None
    before: Key | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, in the list's order whichever way it was asked for."""

    documents: Sequence[Mapping[str, Any]]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """A part of a list that is in memory."""

    items: Sequence[Item]
    has_next: bool
    has_previous: bool


def sliced(items: Sequence[Item], place: Callable[[Item], Key], request: PageRequest) -> Slice[Item]:
    """A page of a list that is in memory, newest first, as `page` takes it out of a collection.

    Args:
        items: all of them, in the list's order.
        place: where an item stands in it.
        request: which part.
    """
    inside = [
        item
        for item in items
        if (request.after is None or place(item) < request.after)
        and (request.before is None or place(item) > request.before)
    ]
    more = len(inside) > request.size
    if request.backward:
        return Slice(inside[-request.size :], has_next=request.before is not None, has_previous=more)
    return Slice(inside[: request.size], has_next=more, has_previous=request.after is not None)


def key_of(document: Mapping[str, Any]) -> Key:
    """Where a document stands in the list."""
    return document["created"]["recorded_at"], document["_id"]


async def page(
    collection: Collection,
    query: Mapping[str, Any],
    request: PageRequest,
    *,
    shown: Mapping[str, Any] = HEAD,
    at: str = RECORDED,
) -> Page:
    """A page of the documents that match: of twins the heads, of others what is `shown`; the newest by `at` first."""
    bounds = [dict(query)]
    if request.after is not None:
        bounds.append(_beyond("$lt", request.after, at))
    if request.before is not None:
        bounds.append(_beyond("$gt", request.before, at))
    direction = ASCENDING if request.backward else DESCENDING
    order = [(at, direction), ("_id", direction)]
    with translated():
        cursor = collection.find({"$and": bounds}, shown, max_time_ms=OPERATION_MS)
        found = await cursor.sort(order).limit(request.size + 1).to_list(None)
    more, documents = len(found) > request.size, found[: request.size]
    if request.backward:
        return Page(documents[::-1], has_next=request.before is not None, has_previous=more)
    return Page(documents, has_next=more, has_previous=request.after is not None)


async def count(collection: Collection, query: Mapping[str, Any]) -> int:
    """How many documents match."""
    with translated():
        return await collection.count_documents(dict(query), maxTimeMS=OPERATION_MS)


def _beyond(operator: str, key: Key, name: str) -> dict[str, Any]:
    at, twin = key
    return {"$or": [{name: {operator: at}}, {name: at, "_id": {operator: twin}}]}
