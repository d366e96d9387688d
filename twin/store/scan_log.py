"""The log of what people read: one row for each read, for as long as it is kept; and counts for each label and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne

from twin.domain.history import Document
from twin.domain.scan import Outcome
from twin.store.mongo import OPERATION_MS, Mongo, ensure_indexes, translated

INDEXES = (IndexModel([("expires", ASCENDING)], name="expires", expireAfterSeconds=0),)
COUNT_INDEXES = (IndexModel([("day", ASCENDING)], name="day"),)

Counted = Mapping[tuple[str, date, Outcome], int]
"""How often something was read: by label, day and outcome."""


class ScanLog:
    """Rows that the database takes out once they expire, and counts that stay."""

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("scan_log")
        self._counts = mongo.collection("scan_counts")

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._rows, INDEXES)
        await ensure_indexes(self._counts, COUNT_INDEXES)

    async def write(self, rows: Sequence[Document]) -> None:
        """Write rows; each is taken out at its `expires`.

        Once, and for the primary to know alone: nobody is told that a row stands, so it need not be sure.
        """
        command = {"insert": self._rows.name, "documents": rows, "ordered": False, "writeConcern": {"w": 1}}
        with translated():
            await self._rows.database.command(command)

    async def count(self, counted: Counted) -> None:
        """Add to the counts of labels and days."""
        updates = [
            UpdateOne(
                {"_id": _id(label, day)},
                {"$inc": {f"outcomes.{outcome}": many}, "$setOnInsert": {"label": label, "day": day.isoformat()}},
                upsert=True,
            )
            for (label, day, outcome), many in counted.items()
        ]
        with translated():
            await self._counts.bulk_write(updates, ordered=False)

    async def counts(self, label: str, first: date, last: date) -> list[dict[str, Any]]:
        """`day` and `outcomes` of each day from the first to the last on which the label was read, in their order."""
        query = {"_id": {"$gte": _id(label, first), "$lte": _id(label, last)}}
        with translated():
            return await self._counts.find(query, sort=[("_id", ASCENDING)], max_time_ms=OPERATION_MS).to_list(None)


def _id(label: str, day: date) -> str:
    return f"{label}:{day.isoformat()}"
