"""API keys: the digest of each, and the actor that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from twin.domain.history import Document
from twin.store.lookup import Lookup
from twin.store.mongo import OPERATION_MS, Mongo, translated

_FIRST = "first key"


class Keys:
    """The keys; none of them can be read back, only recognised."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("keys")
        self._deployment = mongo.collection("deployment")
        self._lookup = Lookup(self._collection)

    async def add(self, digest: str, key: Mapping[str, Any]) -> None:
        """Keep a new key by the SHA-256 of its text."""
        with translated():
            await self._collection.insert_one({"_id": digest, **key})

    async def find(self, digest: str) -> dict[str, Any] | None:
        """The key whose text has this SHA-256, as it is now."""
        return await self._lookup.one("_id", digest)

    async def all(self, most: int) -> list[Document]:
        """The keys, oldest first, so many at most."""
        with translated():
            cursor = self._collection.find({}, max_time_ms=OPERATION_MS).sort("created_at", ASCENDING).limit(most)
            return list(await cursor.to_list(most))

    async def knows(self, actor: str) -> bool:
        """Whether there is, or was, a key of an actor."""
        with translated():
            return (
                await self._collection.find_one({"actor": actor}, {"_id": True}, max_time_ms=OPERATION_MS) is not None
            )

    async def revoke(self, beginning: str, at: datetime) -> bool:
        """Take back the key whose digest begins so; False when there is none. One that was taken back stays so."""
        mine = {"_id": {"$regex": f"^{beginning}"}}
        with translated():
            await self._collection.update_many({**mine, "revoked_at": {"$exists": False}}, {"$set": {"revoked_at": at}})
            return await self._collection.find_one(mine, {"_id": True}, max_time_ms=OPERATION_MS) is not None

    async def used(self, digest: str, at: datetime) -> None:
        """Note when a key was used."""
        with translated():
            await self._collection.update_one({"_id": digest}, {"$max": {"last_used": at}})

    async def claim_first(self) -> bool:
        """The right to make the first key, once for ever: False when there is a key, or somebody had it before."""
        with translated():
            if await self._collection.find_one({}, {"_id": True}, max_time_ms=OPERATION_MS) is not None:
                return False
            try:
                await self._deployment.insert_one({"_id": _FIRST})
            except DuplicateKeyError:
                return False
        return True
