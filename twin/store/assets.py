"""Assets: found by their id; by identifier through the identifiers' own collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
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
_BY_ID = {"_id": ASCENDING}
IN_ONE_QUERY = 10_000
"""How many assets are looked for with one query: its filter is 300 kB then."""


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

    async def ids_of(self, query: Mapping[str, Any], most: int) -> list[str]:
        """The ids of the assets of a lot or product that match: `most` of them, and one more where there are more."""
        with translated():
            cursor = self.collection.find(dict(query), {"_id": True}, max_time_ms=OPERATION_MS, hint="broader")
            return [row["_id"] for row in await cursor.limit(most + 1).to_list(None)]

    async def told(self, ids: Collection[str], query: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """What they are, by id: of those of the assets that match, the kind, identifiers, and what they are of."""
        shown = {"head.kind": True, "head.identifiers": True, "head.broader": True}
        with translated():
            cursor = self.collection.find({"$and": [{"_id": {"$in": list(ids)}}, query]}, shown, hint=_BY_ID)
            return {row["_id"]: row["head"] for row in await cursor.max_time_ms(OPERATION_MS).to_list(None)}

    async def sorts(self, ids: Sequence[str], query: Mapping[str, Any]) -> Counter[tuple[str, tuple[str, ...]]]:
        """How many of the assets that match there are of each kind, and of the same lots and products."""
        found: Counter[tuple[str, tuple[str, ...]]] = Counter()
        sort = {"kind": "$head.kind", "broader": "$head.broader"}
        for first in range(0, len(ids), IN_ONE_QUERY):
            wanted = {"$and": [{"_id": {"$in": ids[first : first + IN_ONE_QUERY]}}, query]}
            steps: list[dict[str, Any]] = [{"$match": wanted}, {"$group": {"_id": sort, "many": {"$sum": 1}}}]
            with translated():
                rows = await self.collection.aggregate(steps, maxTimeMS=OPERATION_MS, hint=_BY_ID).to_list(None)
            for row in rows:
                found[row["_id"]["kind"], tuple(row["_id"].get("broader", ()))] += row["many"]
        return found


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
