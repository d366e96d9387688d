"""Labels: found by their id, the link that is printed, or the asset that they are or were on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel

from twin.domain.history import AsOf, Document
from twin.domain.label import LIVE
from twin.store.mongo import OPERATION_MS, Mongo, translated
from twin.store.paging import ORDER, Page, PageRequest, count, page
from twin.store.together import Together
from twin.store.twins import Twins

MOST_AT_ONCE = 64
"""How many labels are looked at for all who ask for the newest ones at the same time."""

INDEXES = (
    IndexModel([("head.link_id", ASCENDING)], name="link_id", unique=True),
    IndexModel([("bindings.asset", ASCENDING), *ORDER], name="asset"),
    IndexModel(ORDER, name="newest"),
    IndexModel([("head.state", ASCENDING), *ORDER], name="state"),
    IndexModel([("head.profile", ASCENDING), *ORDER], name="profile"),
)


class Labels(Twins):
    """The twins of labels."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo.collection("labels"), mongo.collection("history"), INDEXES)
        self._live: Together[frozenset[str], str | None] = Together(self._newest_live)

    async def named(self, keys: Collection[str]) -> list[dict[str, Any]]:
        """Of each label that a key names, by `_id` or `head.link_id`: both of these, and `head.profile`."""
        wanted = {"head.link_id": True, "head.profile": True}
        query = {"$or": [{"_id": {"$in": list(keys)}}, {"head.link_id": {"$in": list(keys)}}]}
        with translated():
            return await self.collection.find(query, wanted, max_time_ms=OPERATION_MS).to_list(None)

    async def page(
        self,
        request: PageRequest,
        *,
        states: Iterable[str] | None = None,
        profiles: Iterable[str] | None = None,
        assets: Collection[str] | None = None,
        as_of: AsOf | None = None,
    ) -> Page:
        """Labels, newest first: those in one of the states, of one of the profiles, bound to one of the assets then."""
        return await page(self.collection, label_query(states, profiles, assets, as_of), request)

    async def count(
        self,
        *,
        states: Iterable[str] | None = None,
        profiles: Iterable[str] | None = None,
        assets: Collection[str] | None = None,
        as_of: AsOf | None = None,
    ) -> int:
        """How many labels `page` would list in all."""
        return await count(self.collection, label_query(states, profiles, assets, as_of))

    async def newest_of(self, assets: Collection[str], profiles: Iterable[str] | None = None) -> str | None:
        """The link id of the newest live label on one of the assets; else of the newest that was ever on one."""
        live = await (self._live(frozenset(assets)) if profiles is None else self._newest_live_of(assets, profiles))
        if live is not None:
            return live
        ever = {**label_query(None, profiles, None, None), "bindings.asset": _one_of(assets)}
        with translated():
            found = await self.collection.find_one(ever, {"head.link_id": True}, sort=ORDER, max_time_ms=OPERATION_MS)
        return None if found is None else str(found["head"]["link_id"])

    async def _newest_live_of(self, assets: Collection[str], profiles: Iterable[str]) -> str | None:
        rows = await self._newest_on(assets, 1, profiles)
        return rows[0][0] if rows else None

    async def _newest_live(self, rounds: Sequence[frozenset[str]]) -> list[str | None]:
        """What is asked for at the same time is looked for at once, newest first, among so many labels at most."""
        every = frozenset().union(*rounds)
        rows = await self._newest_on(every, 1 if len(rounds) == 1 else MOST_AT_ONCE)
        if len(rows) == MOST_AT_ONCE:  # those of some assets may be so many that others' are not among them
            return [(await self._newest_live([assets]))[0] for assets in rounds]
        return [next((link_id for link_id, bound in rows if bound & assets), None) for assets in rounds]

    async def _newest_on(
        self, assets: Collection[str], limit: int, profiles: Iterable[str] | None = None
    ) -> list[tuple[str, frozenset[str]]]:
        """The newest live labels on some assets: the link id of each, and what it is on."""
        wanted = ("head.link_id", "bindings.asset", "bindings.until", "bindings.superseded")
        query = label_query(LIVE, profiles, assets, None)
        with translated():
            cursor = self.collection.find(query, wanted, sort=ORDER, limit=limit, max_time_ms=OPERATION_MS)
            rows = await cursor.to_list(None)
        return [(str(row["head"]["link_id"]), frozenset(_bound_now(row["bindings"]))) for row in rows]


def _bound_now(bindings: Iterable[Document]) -> Iterator[str]:
    return (str(one["asset"]) for one in bindings if "until" not in one and "superseded" not in one)


def label_query(
    states: Iterable[str] | None, profiles: Iterable[str] | None, assets: Collection[str] | None, as_of: AsOf | None
) -> dict[str, Any]:
    """The filter of a list of labels."""
    query: dict[str, Any] = {}
    if states is not None:
        query["head.state"] = {"$in": sorted(states)}
    if profiles is not None:
        query["head.profile"] = {"$in": sorted(profiles)}
    if assets is not None:
        query["bindings"] = {"$elemMatch": _bound(assets, as_of)}
        query["bindings.asset"] = _one_of(assets)
    return query


def _one_of(assets: Collection[str]) -> Any:
    return next(iter(assets)) if len(assets) == 1 else {"$in": sorted(assets)}  # of one, an index gives the order


def _bound(assets: Collection[str], as_of: AsOf | None) -> dict[str, Any]:
    """A binding to one of the assets that holds now or, on both axes, as of a point."""
    if as_of is None:
        return {"asset": _one_of(assets), "until": {"$exists": False}, "superseded": {"$exists": False}}
    begun: dict[str, Any] = {"asset": _one_of(assets)}
    ended: dict[str, Any] = {"until": {"$exists": True}}
    corrected: dict[str, Any] = {"superseded": {"$exists": True}}
    if as_of.occurred is not None:
        begun["from.occurred_at"] = ended["until.occurred_at"] = {"$lte": as_of.occurred}
    if as_of.recorded is not None:
        for row, point in ((begun, "from"), (ended, "until"), (corrected, "superseded")):
            row[f"{point}.recorded_at"] = {"$lte": as_of.recorded}
    return {"$and": [begun, {"$nor": [ended, corrected]}]}
