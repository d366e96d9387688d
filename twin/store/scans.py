"""The scan log: one row for each read of a carrier."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from twin.domain.history import Document
from twin.store.mongo import OPERATION_MS, Mongo, ensure_indexes, translated

INDEXES = (
    IndexModel([("mutation", ASCENDING)], name="mutation", unique=True),
    IndexModel([("label", ASCENDING), ("_id", DESCENDING)], name="label"),
)


class Scans:
    """The scan log."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("scans")

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._collection, INDEXES)

    async def record(self, row: Document) -> tuple[dict[str, Any], bool]:
        """Write a row, once for each mutation; return the row that stands, and whether it is new."""
        document = {"_id": str(ObjectId()), **row}
        with translated():
            try:
                await self._collection.insert_one(document)
            except DuplicateKeyError:
                found = await self.by_mutation(row["mutation"])
                if found is None:
                    raise
                return found[1], False
        return document, True

    async def by_mutation(self, key: str) -> tuple[str, dict[str, Any]] | None:
        """The id and the row that a mutation wrote."""
        with translated():
            found = await self._collection.find_one({"mutation": key}, max_time_ms=OPERATION_MS)
        return None if found is None else (found["_id"], found)
