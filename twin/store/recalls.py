"""Recalls, and the things in their sets: frozen once, then worked through."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from twin.domain.history import Document
from twin.domain.recall import RecallState, Standing
from twin.store.mongo import OPERATION_MS, Mongo, Session, ensure_indexes, translated
from twin.store.paging import ORDER, Page, PageRequest, count, page
from twin.store.together import Together
from twin.store.twins import Lost

INDEXES = (
    IndexModel(ORDER, name="newest"),
    IndexModel([("state", ASCENDING), *ORDER], name="state"),
    IndexModel([("events.mutation", ASCENDING)], name="mutation", unique=True, sparse=True),
)
ITEM_INDEXES = (
    IndexModel([("names", ASCENDING)], name="names"),
    IndexModel([("recall", ASCENDING), ("standing", ASCENDING), ("asset", ASCENDING)], name="standing"),
    IndexModel([("recall", ASCENDING), ("progress", ASCENDING), ("asset", ASCENDING)], name="progress"),
)
AT_ONCE = 1_000


class Recalls:
    """The recalls, and their items."""

    def __init__(self, mongo: Mongo) -> None:
        self.collection = mongo.collection("recalls")
        self.items = mongo.collection("recall_items")
        self._open: Together[frozenset[str], dict[str, list[dict[str, Any]]]] = Together(self._find_open)

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self.collection, INDEXES)
        await ensure_indexes(self.items, ITEM_INDEXES)

    async def add(self, recall: Document) -> bool:
        """Keep a new recall; False when its id or its mutation is there already."""
        with translated():
            try:
                await self.collection.insert_one(dict(recall))
            except DuplicateKeyError:
                return False
        return True

    async def step(
        self, recall: Document, changed: Mapping[str, Any], event: Document, *, session: Session | None = None
    ) -> dict[str, Any]:
        """Keep what a step changes.

        Args:
            recall: as the step was judged on.
            changed: what is other after it.
            event: what happened.
            session: the transaction.

        Raises:
            Lost: another step was first, or its mutation is there already.
        """
        before = {"_id": recall["_id"], "revision": recall["revision"]}
        update = {"$set": dict(changed), "$push": {"events": dict(event)}, "$inc": {"revision": 1}}
        with translated(session):
            try:
                done = await self.collection.update_one(before, update, session=session)
            except DuplicateKeyError as error:
                raise Lost from error
        if not done.matched_count:
            raise Lost
        events = [*recall["events"], event]
        return {**recall, **changed, "revision": recall["revision"] + 1, "events": events}

    async def told(self, recall: str, found: int, written: int) -> None:
        """Note how far the computing has come."""
        with translated():
            await self.collection.update_one(
                {"_id": recall, "state": RecallState.COMPUTING}, {"$set": {"found": found, "written": written}}
            )

    async def find(self, recall: str) -> dict[str, Any] | None:
        """A recall by its id."""
        with translated():
            return await self.collection.find_one({"_id": recall}, max_time_ms=OPERATION_MS)

    async def computing(self) -> list[dict[str, Any]]:
        """The recalls that are not frozen yet, the oldest first."""
        order = [(name, ASCENDING) for name, _ in ORDER]
        with translated():
            cursor = self.collection.find({"state": RecallState.COMPUTING}, max_time_ms=OPERATION_MS)
            return await cursor.sort(order).to_list(100)

    async def page(self, request: PageRequest, states: Collection[RecallState] | None) -> Page:
        """Recalls, newest first."""
        return await page(self.collection, _states(states), request, shown={})

    async def count(self, states: Collection[RecallState] | None) -> int:
        """How many recalls `page` would list in all."""
        return await count(self.collection, _states(states))

    # Items

    async def write_items(self, items: Iterable[Document]) -> None:
        """Keep what is in a set; what is there already stays."""
        with translated():
            try:
                await self.items.insert_many([dict(item) for item in items], ordered=False)
            except BulkWriteError as error:
                if any(write["code"] != 11000 for write in error.details["writeErrors"]):
                    raise

    async def drop_items(self, recall: str) -> None:
        """Take away what a recall that was withdrawn while it was computed has written."""
        with translated():
            await self.items.delete_many({"recall": recall})

    async def all_items(self, recall: str) -> AsyncGenerator[dict[str, Any], None]:
        """The items of a recall, in the order of the ids of their assets."""
        with translated():
            cursor = self.items.find({"recall": recall}).sort([("_id", ASCENDING)]).batch_size(AT_ONCE)
            async for item in cursor:
                yield item

    async def item(self, recall: str, asset: str) -> dict[str, Any] | None:
        """One thing in a recall's set."""
        with translated():
            return await self.items.find_one({"_id": item_id(recall, asset)}, max_time_ms=OPERATION_MS)

    async def items_page(self, query: Mapping[str, Any], size: int, after: str | None) -> list[dict[str, Any]]:
        """Items in the order of the ids of their assets, one more than are asked for if there are more.

        Args:
            query: which.
            size: how many.
            after: only those after this asset.
        """
        beyond = {} if after is None else {"asset": {"$gt": after}}
        with translated():
            cursor = self.items.find({**query, **beyond}, max_time_ms=OPERATION_MS)
            return await cursor.sort([("asset", ASCENDING)]).limit(size + 1).to_list(None)

    async def count_items(self, query: Mapping[str, Any]) -> int:
        """How many items there are."""
        return await count(self.items, query)

    async def counts(self, recall: str, *, session: Session | None = None) -> dict[tuple[str, str], int]:
        """How many things of each standing have come how far."""
        group = {"_id": {"standing": "$standing", "progress": "$progress"}, "count": {"$sum": 1}}
        pipeline: list[dict[str, Any]] = [{"$match": {"recall": recall}}, {"$group": group}]
        with translated(session):
            rows = await self.items.aggregate(pipeline, session=session, maxTimeMS=OPERATION_MS).to_list(None)
        return {(row["_id"]["standing"], row["_id"]["progress"]): row["count"] for row in rows}

    async def work(self, item: Document, progress: str, event: Document, *, session: Session) -> None:
        """Keep how far the work on a thing has come, while its recall goes on.

        Raises:
            Lost: another one was first, or the recall ends.
        """
        going = {"_id": item["recall"], "state": RecallState.PUBLISHED}
        if not (await self.collection.update_one(going, {"$inc": {"worked": 1}}, session=session)).matched_count:
            raise Lost
        before = {"_id": item["_id"], "events": {"$size": len(item["events"])}}
        update = {"$set": {"progress": progress}, "$push": {"events": dict(event)}}
        if not (await self.items.update_one(before, update, session=session)).matched_count:
            raise Lost

    async def open_of(self, assets: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """The recalls that are published and that affect one of the things, by thing; without those that have none."""
        return await self._open(frozenset(assets)) if assets else {}

    async def going_on_with(self, assets: Collection[str]) -> str | None:
        """A recall that has one of the things in its set and is neither closed nor withdrawn."""
        ended = [RecallState.CLOSED, RecallState.WITHDRAWN]
        with translated():
            items = await self.items.find(
                {"names": {"$in": list(assets)}}, {"recall": True}, max_time_ms=OPERATION_MS
            ).to_list(None)
            query = {"_id": {"$in": [item["recall"] for item in items]}, "state": {"$nin": ended}}
            found = await self.collection.find_one(query, {"_id": True}, max_time_ms=OPERATION_MS)
        return None if found is None else str(found["_id"])

    async def _find_open(self, asked: Sequence[frozenset[str]]) -> list[dict[str, list[dict[str, Any]]]]:
        every = list(frozenset().union(*asked))
        query = {"names": {"$in": every}, "standing": Standing.AFFECTED}
        with translated():
            items = await self.items.find(query, {"names": True, "recall": True}, max_time_ms=OPERATION_MS).to_list(
                None
            )
            if not items:
                return [{} for _ in asked]
            ids = {"_id": {"$in": list({item["recall"] for item in items})}, "state": RecallState.PUBLISHED}
            cursor = self.collection.find(ids, {"criteria": False, "events": False}, max_time_ms=OPERATION_MS)
            going = {recall["_id"]: recall for recall in await cursor.sort([("_id", DESCENDING)]).to_list(None)}
        found: dict[str, list[dict[str, Any]]] = {}
        for item in items:
            for name in item["names"] if item["recall"] in going else ():
                found.setdefault(name, []).append(going[item["recall"]])
        return [{asset: found[asset] for asset in assets if asset in found} for assets in asked]


def item_id(recall: str, asset: str) -> str:
    """The id of a thing in a recall's set."""
    return f"{recall}:{asset}"


def item_query(recall: str, standing: str | None, progress: str | None) -> dict[str, Any]:
    """The filter of a list of items."""
    given = {"recall": recall, "standing": standing, "progress": progress}
    return {name: value for name, value in given.items() if value is not None}


def new_item(
    recall: str, asset: str, standing: Standing, way: Sequence[Document] = (), periods: Sequence[Any] = ()
) -> dict[str, Any]:
    """A thing in a recall's set, as it is kept; `names` are those of the assets that turned out to be it, too."""
    return {
        "_id": item_id(recall, asset),
        "recall": recall,
        "asset": asset,
        "names": [asset],
        "standing": standing.value,
        "way": [{name: row[name] for name in _OF_A_SPAN if name in row} for row in way],
        "periods": [{"start": start, "end": end} for start, end in periods],
        "progress": "OPEN",
        "events": [],
    }


_OF_A_SPAN = ("what", "into", "how", "start", "end", "began", "position", "quantity", "unit")


def _states(states: Collection[RecallState] | None) -> dict[str, Any]:
    return {} if states is None else {"state": {"$in": sorted(states)}}
