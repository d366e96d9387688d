"""Notices: what those who asked for it are to be told, until they have taken it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from twin.domain.history import Document
from twin.store.mongo import OPERATION_MS, Mongo, Session, ensure_indexes, translated

INDEXES = (
    IndexModel([("next_at", ASCENDING)], name="next", sparse=True),
    IndexModel([("recall", ASCENDING), ("at", ASCENDING)], name="recall"),
)


class Notices:
    """What is to be told to whom."""

    def __init__(self, mongo: Mongo) -> None:
        self.collection = mongo.collection("notices")

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self.collection, INDEXES)

    async def add(self, notices: Sequence[Document], *, session: Session) -> None:
        """Keep notices, in the transaction of what they tell of."""
        if notices:
            await self.collection.insert_many([dict(notice) for notice in notices], session=session)

    async def due(self, now: datetime, many: int) -> list[dict[str, Any]]:
        """The notices that are to be sent now, those that have waited longest first."""
        with translated():
            cursor = self.collection.find({"next_at": {"$lte": now}}, max_time_ms=OPERATION_MS)
            return await cursor.sort([("next_at", ASCENDING)]).limit(many).to_list(None)

    async def tried(self, notice: str, at: datetime, outcome: str, next_at: datetime | None) -> None:
        """Note what became of a try; without another one it is done with."""
        change: dict[str, Any] = {"$inc": {"tries": 1}, "$set": {"tried_at": at, "outcome": outcome}}
        if next_at is None:
            change["$unset"] = {"next_at": True}
        else:
            change["$set"]["next_at"] = next_at
        with translated():
            await self.collection.update_one({"_id": notice}, change)

    async def of(self, recall: str) -> list[dict[str, Any]]:
        """The notices of a recall, the oldest first."""
        with translated():
            cursor = self.collection.find({"recall": recall}, max_time_ms=OPERATION_MS)
            return await cursor.sort([("at", ASCENDING), ("_id", ASCENDING)]).to_list(1_000)
