"""Templates: one document for each version, changed only on the revision that a step was judged on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from twin.domain.history import Document
from twin.store.mongo import OPERATION_MS, Mongo, ensure_indexes, translated
from twin.store.paging import ORDER, Page, PageRequest, count, page

INDEXES = (
    IndexModel(ORDER, name="newest"),
    IndexModel([("profile", ASCENDING), *ORDER], name="profile"),
    IndexModel([("name", ASCENDING), ("version", DESCENDING)], name="name"),
    IndexModel([("events.mutation", ASCENDING)], name="mutation", unique=True, sparse=True),
)
LISTED = {"layout.elements": False}
"""A list shows no elements: a page of them could hold megabytes of pictures."""


class Templates:
    """The versions of all templates."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("templates")
        self._linearizable = self._collection.with_options(read_concern=ReadConcern("linearizable"))

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._collection, INDEXES)

    async def add(self, document: Document) -> bool:
        """Keep a new version.

        Returns:
            Whether it is kept; False when its id or its mutation is there already.
        """
        with translated():
            try:
                await self._collection.insert_one(dict(document))
            except DuplicateKeyError:
                return False
        return True

    async def replace(self, document: Document) -> bool:
        """Keep a version after one more step.

        Args:
            document: with `revision` one higher than that which the step was judged on.

        Returns:
            Whether it is kept; False when another step was first, or its mutation is there already.
        """
        before = {"_id": document["_id"], "revision": document["revision"] - 1}
        with translated():
            try:
                done = await self._collection.replace_one(before, dict(document))
            except DuplicateKeyError:
                return False
        return done.matched_count == 1

    async def find(self, template: str, *, sure: bool = False) -> dict[str, Any] | None:
        """A version by its id.

        Args:
            template: name and version.
            sure: whether every acknowledged write must be seen, whoever became primary a moment ago.
        """
        return await self._one({"_id": template}, sure=sure)

    async def newest(self, name: str, *, state: str | None = None, sure: bool = False) -> dict[str, Any] | None:
        """The highest version of a name, in that state if one is named."""
        query = {"name": name} if state is None else {"name": name, "state": state}
        return await self._one(query, sure=sure)

    async def by_mutation(self, key: str) -> dict[str, Any] | None:
        """The version that a mutation has changed, as it is now."""
        return await self._one({"events.mutation": key}, sure=True)

    async def page(
        self, request: PageRequest, *, profiles: Collection[str] | None = None, state: str | None = None
    ) -> Page:
        """Versions without their elements, newest first: those of some profiles, in a state."""
        return await page(self._collection, _query(profiles, state), request, shown=LISTED)

    async def count(self, *, profiles: Collection[str] | None = None, state: str | None = None) -> int:
        """How many versions `page` would list in all."""
        return await count(self._collection, _query(profiles, state))

    async def _one(self, query: Mapping[str, Any], *, sure: bool) -> dict[str, Any] | None:
        collection = self._linearizable if sure else self._collection
        with translated():
            return await collection.find_one(query, sort=[("version", DESCENDING)], max_time_ms=OPERATION_MS)


def _query(profiles: Collection[str] | None, state: str | None) -> Mapping[str, Any]:
    query: dict[str, Any] = {} if state is None else {"state": state}
    if profiles is not None:
        query["profile"] = next(iter(profiles)) if len(profiles) == 1 else {"$in": sorted(profiles)}
    return query
