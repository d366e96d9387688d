"""API keys: the digest of each, and the actor that it stands for."""

from __future__ import annotations

from typing import Any

from twin.domain.history import Document
from twin.store.mongo import OPERATION_MS, Mongo, translated


class Keys:
    """The keys; none of them can be read back, only recognised."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("keys")

    async def add(self, digest: str, key: Document) -> None:
        """Keep a new key by the SHA-256 of its text."""
        with translated():
            await self._collection.insert_one({"_id": digest, **key})

    async def find(self, digest: str) -> dict[str, Any] | None:
        """The key whose text has this SHA-256."""
        with translated():
            return await self._collection.find_one({"_id": digest}, max_time_ms=OPERATION_MS)
