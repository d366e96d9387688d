"""Sessions of browsers: the digest of each, and whom it stands for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from twin.domain.history import Document
from twin.store.lookup import Lookup
from twin.store.mongo import Mongo, ensure_indexes, translated

INDEXES = (IndexModel([("expires", ASCENDING)], name="expires", expireAfterSeconds=0),)


class Sessions:
    """The sessions, which the database takes out once they expire; none can be read back, only recognised."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("sessions")
        self._lookup = Lookup(self._collection)

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._collection, INDEXES)

    async def add(self, digest: str, session: Document) -> None:
        """Keep a new session by the SHA-256 of its text."""
        with translated():
            await self._collection.insert_one({"_id": digest, **session})

    async def find(self, digest: str) -> dict[str, Any] | None:
        """The session whose text has this SHA-256, as it is now."""
        return await self._lookup.one("_id", digest)

    async def prolong(self, digest: str, expires: datetime) -> None:
        """Let a session that is there still expire later."""
        with translated():
            await self._collection.update_one({"_id": digest}, {"$max": {"expires": expires}})

    async def end(self, digest: str) -> None:
        """Take a session out, if there is one."""
        with translated():
            await self._collection.delete_one({"_id": digest})
