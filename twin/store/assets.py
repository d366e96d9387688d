"""Assets: found by their id; by identifier through the identifiers' own collection."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from pymongo import ASCENDING, IndexModel

from twin.store.mongo import OPERATION_MS, Mongo, Session, translated
from twin.store.paging import ORDER, Page, PageRequest, count, page
from twin.store.twins import Twins

INDEXES = (
    IndexModel(ORDER, name="newest"),
    IndexModel([("head.kind", ASCENDING), *ORDER], name="kind"),
    IndexModel([("head.granularity", ASCENDING), *ORDER], name="granularity"),
    IndexModel([("head.broader", ASCENDING), *ORDER], name="broader"),
    IndexModel([("head.merged_into", ASCENDING)], name="merged_into", sparse=True),
)


class Assets(Twins):
    """The twins of assets."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo.collection("assets"), mongo.collection("history"), INDEXES)

    async def owns(self, ids: Collection[str]) -> dict[str, dict[str, Any]]:
        """The documents of several assets, by id; of one that was merged, that of the asset which it is now."""
        found = await self.heads(ids)
        while merged := {twin: into for twin, head in found.items() if (into := head["head"].get("merged_into"))}:
            owns = await self.heads(set(merged.values()))
            found |= {twin: owns[into] for twin, into in merged.items()}
        return found

    async def of(self, broader: Collection[str]) -> list[str]:
        """The ids of the assets that are of one of these lots or products, and of those that have these identifiers."""
        query = {"$or": [{"head.broader": {"$in": list(broader)}}, {"head.identifiers": {"$in": list(broader)}}]}
        with translated():
            cursor = self.collection.find(query, {"_id": True}, max_time_ms=OPERATION_MS)
            return sorted(document["_id"] for document in await cursor.to_list(None))

    async def merged_into(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """The assets that were found to be one of these, by that; without those to which none was."""
        query = {"head.merged_into": {"$exists": True}}
        wanted = set(ids)
        found: dict[str, list[str]] = {}
        with translated():
            cursor = self.collection.find(query, {"head.merged_into": True}, max_time_ms=OPERATION_MS)
            into = {document["_id"]: document["head"]["merged_into"] for document in await cursor.to_list(None)}
        for duplicate, asset in into.items():
            while asset in into:
                asset = into[asset]
            if asset in wanted:
                found.setdefault(asset, []).append(duplicate)
        return found

    async def touch(self, ids: Collection[str], *, session: Session) -> None:
        """Make a transaction one of those that write these twins, although it changes nothing that is told of them."""
        await self.collection.update_many({"_id": {"$in": list(ids)}}, {"$inc": {"touched": 1}}, session=session)

    async def page(
        self,
        request: PageRequest,
        *,
        kinds: Iterable[str] | None = None,
        granularities: Iterable[str] | None = None,
        part_of: str | None = None,
    ) -> Page:
        """Assets, newest first: those of one of the kinds and granularities, of that lot or product."""
        return await page(self.collection, asset_query(kinds, granularities, part_of), request)

    async def count(
        self,
        *,
        kinds: Iterable[str] | None = None,
        granularities: Iterable[str] | None = None,
        part_of: str | None = None,
    ) -> int:
        """How many assets `page` would list in all."""
        return await count(self.collection, asset_query(kinds, granularities, part_of))


def asset_query(
    kinds: Iterable[str] | None, granularities: Iterable[str] | None, part_of: str | None = None
) -> dict[str, Any]:
    """The filter of a list of assets."""
    query: dict[str, Any] = {}
    if kinds is not None:
        query["head.kind"] = {"$in": sorted(kinds)}
    if granularities is not None:
        query["head.granularity"] = {"$in": sorted(granularities)}
    if part_of is not None:
        query["head.broader"] = part_of
    return query
