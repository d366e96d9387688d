"""Spans: where things were from when to when, and from when to when that was what we knew. Rows are never taken out."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from pymongo import ASCENDING, IndexModel

from twin.domain.fact import NEVER
from twin.domain.history import Document
from twin.domain.spans import GENEALOGY, How, Span
from twin.store.facts import known
from twin.store.mongo import OPERATION_MS, Mongo, Session, ensure_indexes, translated
from twin.store.twins import Lost

INDEXES = (
    IndexModel([("what", ASCENDING), ("superseded", ASCENDING), ("end", ASCENDING)], name="up"),
    IndexModel(
        [("into", ASCENDING), ("superseded", ASCENDING), ("end", ASCENDING)],
        name="down",
        partialFilterExpression={"into": {"$exists": True}},
    ),
    IndexModel(
        [("place", ASCENDING), ("superseded", ASCENDING), ("end", ASCENDING)],
        name="place",
        partialFilterExpression={"place": {"$exists": True}},
    ),
    IndexModel(
        [("superseded", ASCENDING), ("end", ASCENDING)],
        name="left",
        partialFilterExpression={"how": How.LEFT.value},
    ),
)
IN_ONE_QUERY = 2_000
"""How many things are looked for with one query: its filter is 60 kB then."""
AT_ONCE = 4
"""How many such queries one question has under way."""
_SHOWN: Document = {"_id": False, "recorded": False, "superseded": False}
_WHERE: Document = {
    "_id": False,
    **dict.fromkeys(("what", "how", "start", "end", "into", "place", "party", "transit", "share"), True),
}

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Window:
    """Which spans count.

    Args:
        start, end: those that overlap this; one moment is `start == end`.
        recorded: as it was known then; None means now.
    """

    start: datetime
    end: datetime
    recorded: datetime | None = None

    def query(self) -> dict[str, Any]:
        """The filter."""
        later = {"$lte": self.start} if self.start == self.end else {"$lt": self.end}
        return {**known(self.recorded, "recorded"), "end": {"$gt": self.start}, "start": later}


class Spans:
    """Where things were."""

    def __init__(self, mongo: Mongo) -> None:
        self.collection = mongo.collection("spans")

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self.collection, INDEXES)

    async def standing(self, things: Collection[str], *, session: Session) -> dict[str, list[dict[str, Any]]]:
        """The rows about things that count now, by thing."""
        query = {"what": {"$in": list(things)}, "superseded": NEVER}
        found: dict[str, list[dict[str, Any]]] = {thing: [] for thing in things}
        for row in await self.collection.find(query, session=session, max_time_ms=OPERATION_MS).to_list(None):
            found[row["what"]].append(row)
        return found

    async def now(self, thing: str) -> list[dict[str, Any]]:
        """The rows about a thing that count now."""
        query = {"what": thing, "superseded": NEVER}
        with translated():
            return await self.collection.find(query, max_time_ms=OPERATION_MS).to_list(None)

    async def begun_by(self, fact: str, things: Collection[str], *, session: Session) -> list[dict[str, Any]]:
        """The rows about things that count now and that a fact began."""
        query = {"what": {"$in": list(things)}, "superseded": NEVER, "began": fact}
        return await self.collection.find(query, session=session, max_time_ms=OPERATION_MS).to_list(None)

    async def change(self, gone: Sequence[Any], new: Iterable[Span], at: datetime, *, session: Session) -> None:
        """Note that rows count no more, and write new ones.

        Raises:
            Lost: another writer was first.
        """
        if gone:
            noted = {"$set": {"superseded": at}}
            query = {"_id": {"$in": list(gone)}, "superseded": NEVER}
            result = await self.collection.update_many(query, noted, session=session)
            if result.modified_count != len(gone):
                raise Lost
        rows = [{**span.as_document(), "recorded": at, "superseded": NEVER} for span in new]
        if rows:
            await self.collection.insert_many(rows, session=session)

    async def up(
        self,
        things: Collection[str],
        window: Window,
        through: Collection[How] = GENEALOGY,
        *,
        session: Session | None = None,
    ) -> list[dict[str, Any]]:
        """What things were in."""
        return await self._rows("what", things, window, {"how": {"$in": list(through)}}, session)

    async def down(
        self,
        things: Collection[str],
        window: Window,
        through: Collection[How] = GENEALOGY,
        *,
        session: Session | None = None,
    ) -> list[dict[str, Any]]:
        """What was in things."""
        return await self._rows("into", things, window, {"how": {"$in": list(through)}}, session)

    async def of(self, things: Collection[str], window: Window) -> list[dict[str, Any]]:
        """Where things were, at the last moment of the window too; without the facts that say so."""
        return await self._rows("what", things, window, {"start": {"$lte": window.end}}, None, _WHERE)

    async def at(self, places: Collection[str], window: Window, most: int) -> list[dict[str, Any]]:
        """What was at places, or on its way there: `most` rows, and one more where there are more."""
        query = {"place": {"$in": list(places)}, **window.query(), "how": How.PLACED.value}
        with translated():
            cursor = self.collection.find(query, _SHOWN, max_time_ms=OPERATION_MS)
            return await cursor.limit(most + 1).to_list(None)

    async def left(self, window: Window, most: int) -> list[str]:
        """What was where it was left when it was taken out: `most` things, and one more where there are more."""
        query = {"how": How.LEFT.value, **window.query()}
        with translated():
            cursor = self.collection.find(query, {"what": True, "_id": False}, max_time_ms=OPERATION_MS)
            return [row["what"] for row in await cursor.limit(most + 1).to_list(None)]

    async def _rows(
        self,
        name: str,
        values: Collection[str],
        window: Window,
        more: Mapping[str, Any],
        session: Session | None,
        shown: Document = _SHOWN,
    ) -> list[dict[str, Any]]:
        """The rows with one of the values: the servers look for some of them while the driver reads others.

        In a transaction it is one query after the other.
        """
        every, at_once = list(values), asyncio.Semaphore(AT_ONCE)
        parts = [every[first : first + IN_ONE_QUERY] for first in range(0, len(every), IN_ONE_QUERY)]

        async def find(part: list[str]) -> list[dict[str, Any]]:
            query = {name: {"$in": part}, **window.query(), **more}
            async with at_once:
                cursor = self.collection.find(
                    query, shown, session=session, max_time_ms=OPERATION_MS, batch_size=2 * IN_ONE_QUERY
                )
                return await cursor.to_list(None)

        with translated(session):
            if session is None:
                found = await asyncio.gather(*map(find, parts))
            else:
                found = [await find(part) for part in parts]
        return found[0] if len(found) == 1 else list(chain.from_iterable(found))
