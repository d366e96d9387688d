"""Assets: found by their id; by identifier through the identifiers' own collection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pymongo import ASCENDING, IndexModel

from twin.store.mongo import Mongo
from twin.store.paging import ORDER, Page, PageRequest, count, page
from twin.store.twins import Twins

INDEXES = (
    IndexModel(ORDER, name="newest"),
    IndexModel([("head.kind", ASCENDING), *ORDER], name="kind"),
    IndexModel([("head.granularity", ASCENDING), *ORDER], name="granularity"),
)


class Assets(Twins):
    """The twins of assets."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo.collection("assets"), mongo.collection("history"), INDEXES)

    async def page(
        self, request: PageRequest, *, kinds: Iterable[str] | None = None, granularities: Iterable[str] | None = None
    ) -> Page:
        """Assets, newest first: those of one of the kinds and granularities."""
        return await page(self.collection, asset_query(kinds, granularities), request)

    async def count(self, *, kinds: Iterable[str] | None = None, granularities: Iterable[str] | None = None) -> int:
        """How many assets `page` would list in all."""
        return await count(self.collection, asset_query(kinds, granularities))


def asset_query(kinds: Iterable[str] | None, granularities: Iterable[str] | None) -> dict[str, Any]:
    """The filter of a list of assets."""
    query: dict[str, Any] = {}
    if kinds is not None:
        query["head.kind"] = {"$in": sorted(kinds)}
    if granularities is not None:
        query["head.granularity"] = {"$in": sorted(granularities)}
    return query
