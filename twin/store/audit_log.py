"""What was changed and what was refused: one row each, in the order of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import BulkWriteError

from twin.domain.history import Document
from twin.store.mongo import Mongo, ensure_indexes, translated
from twin.store.paging import ORDER, Page, PageRequest, count, page

FILTERS = ("actor", "operation", "outcome")
INDEXES = (
    IndexModel(ORDER, name="newest"),
    *(IndexModel([(name, ASCENDING), *ORDER], name=name) for name in FILTERS),
    IndexModel([("expires", ASCENDING)], name="expires", expireAfterSeconds=0),
)
_ALREADY_THERE = 11000
_SHOWN = {"expires": False}


class AuditLog:
    """Rows that stay, unless they have an `expires`."""

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("audit_log")

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._rows, INDEXES)

    async def write(self, rows: Sequence[Document]) -> None:
        """Write rows; one that is there already, from a try whose answer was lost, stays as it is.

        Raises:
            Unavailable: some may not be there; the same rows may be written again.
        """
        with translated():
            try:
                await self._rows.insert_many([dict(row) for row in rows], ordered=False)
            except BulkWriteError as error:
                details = error.details
                others = [one for one in details["writeErrors"] if one["code"] != _ALREADY_THERE]
                if others or details["writeConcernErrors"]:
                    raise

    async def page(self, query: Mapping[str, Any], request: PageRequest) -> Page:
        """Rows that match, newest first."""
        return await page(self._rows, query, request, shown=_SHOWN)

    async def count(self, query: Mapping[str, Any]) -> int:
        """How many rows match."""
        return await count(self._rows, query)
