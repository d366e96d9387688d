"""What this deployment knows of itself: its secret, and every address that its links ever named."""

from __future__ import annotations

import secrets
from typing import Any

from pymongo import ReturnDocument

from twin.store.mongo import Mongo, translated


class Deployment:
    """The few facts that stand for the whole database."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("deployment")

    async def secret(self) -> bytes:
        """32 random bytes, made once: ids of new twins are derived with them."""
        found = await self._changed("secret", {"$setOnInsert": {"value": secrets.token_bytes(32)}})
        return bytes(found["value"])

    async def public_urls(self, current: str | None) -> tuple[str, ...]:
        """Every public URL that this deployment was ever served under, the newest first. The list only grows.

        Args:
            current: what new links name from now on; None leaves it as it was.
        """
        if current is None:
            found = await self._changed("links", {"$setOnInsert": {"urls": []}})
        else:
            found = await self._changed("links", {"$addToSet": {"urls": current}, "$set": {"current": current}})
        newest = found.get("current")
        return tuple(sorted(found["urls"], key=lambda url: url != newest))

    async def _changed(self, name: str, update: dict[str, Any]) -> dict[str, Any]:
        with translated():
            found: dict[str, Any] = await self._collection.find_one_and_update(
                {"_id": name}, update, upsert=True, return_document=ReturnDocument.AFTER
            )
        return found
