"""The names of actors: the one collection where they stand, by the id that history shows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from twin.domain.history import Document
from twin.store.lookup import Lookup
from twin.store.mongo import OPERATION_MS, Mongo, ensure_indexes, translated

INDEXES = (IndexModel([("noted_at", ASCENDING), ("_id", ASCENDING)], name="noted"),)
_NOT_FORGOTTEN = {"forgotten_at": {"$exists": False}}


class People:
    """A name for each actor id that has one, or since when it has none any more."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("people")
        self._lookup = Lookup(self._collection)

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._collection, INDEXES)

    async def note(self, actor: str, name: str, source: str, at: datetime) -> bool:
        """Keep a name; False for an actor who was forgotten, whose name is not kept again."""
        told = {"name": name, "source": source, "noted_at": at}
        with translated():
            try:
                await self._collection.update_one({"_id": actor, **_NOT_FORGOTTEN}, {"$set": told}, upsert=True)
            except DuplicateKeyError:  # forgotten, or two notes at once, one of which is there
                found = await self._collection.find_one({"_id": actor}, {"forgotten_at": True})
                return found is not None and "forgotten_at" not in found
        return True

    async def find(self, actors: Collection[str]) -> dict[str, Document]:
        """What is known of these actors, by id; without those of whom nothing is."""
        return dict(await self._lookup.by("_id", actors))

    async def all(self, most: int) -> list[Document]:
        """The actors with a name, the one noted last first, and then those who were forgotten; so many at most."""
        with translated():
            found = self._collection.find({}, max_time_ms=OPERATION_MS).sort(
                [("noted_at", DESCENDING), ("_id", DESCENDING)]
            )
            return list(await found.limit(most).to_list(most))

    async def forget(self, actor: str, by: str, at: datetime) -> bool:
        """Put a tombstone where a name stands; False where nothing stands. A tombstone stays as it is."""
        stone: dict[str, Any] = {"forgotten_at": at, "forgotten_by": by}
        gone = {"name": "", "source": "", "noted_at": ""}
        with translated():
            await self._collection.update_one({"_id": actor, **_NOT_FORGOTTEN}, {"$set": stone, "$unset": gone})
            return await self._collection.find_one({"_id": actor}, {"_id": True}) is not None
