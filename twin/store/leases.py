"""Leases: of several processes, one does a thing at a time. The database tells the time, no clock of ours."""

from __future__ import annotations

import secrets

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from twin.store.mongo import Mongo, translated


class Leases:
    """Who does what until when: one small document for each thing."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("leases")

    async def take(self, name: str, seconds: float) -> str | None:
        """Take what nobody holds, or what its holder let run out.

        Args:
            name: what is to be done.
            seconds: for how long, by the database's clock.

        Returns:
            The holder's token, or None when somebody else holds it.
        """
        token = secrets.token_hex(16)
        free = {"$lte": [{"$ifNull": ["$until", None]}, "$$NOW"]}  # null sorts before every time
        until = {"$add": ["$$NOW", round(seconds * 1000)]}
        update = [
            {"$set": {"holder": {"$cond": [free, token, "$holder"]}, "until": {"$cond": [free, until, "$until"]}}}
        ]
        with translated():
            try:
                found = await self._collection.find_one_and_update(
                    {"_id": name}, update, upsert=True, return_document=ReturnDocument.AFTER
                )
            except DuplicateKeyError:
                return None  # somebody else has just taken it for the first time
        return token if found["holder"] == token else None

    async def extend(self, name: str, token: str, seconds: float) -> bool:
        """Hold it for longer; False when it ran out and somebody else has it."""
        with translated():
            done = await self._collection.update_one(
                {"_id": name, "holder": token}, [{"$set": {"until": {"$add": ["$$NOW", round(seconds * 1000)]}}}]
            )
        return done.matched_count == 1

    async def release(self, name: str, token: str) -> None:
        """Let others have it now."""
        with translated():
            await self._collection.update_one({"_id": name, "holder": token}, [{"$set": {"until": "$$NOW"}}])

    async def end(self, name: str, token: str) -> None:
        """Give up what will never be done again: nothing is kept of it."""
        with translated():
            await self._collection.delete_one({"_id": name, "holder": token})
