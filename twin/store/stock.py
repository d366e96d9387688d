"""Stock of lots: the entries of their ledgers, which are never taken out, and what these add up to now, a row a lot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection as Names
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from bson.decimal128 import Decimal128
from pymongo import ASCENDING, IndexModel, ReplaceOne

from twin.domain.fact import NEVER
from twin.domain.history import Document
from twin.domain.stock import Entry, Spot, Stock
from twin.store.facts import known
from twin.store.mongo import OPERATION_MS, Collection, Mongo, Session, ensure_indexes, translated
from twin.store.twins import Lost

ENTRY_INDEXES = (
    IndexModel([("lot", ASCENDING), ("superseded", ASCENDING), ("at", ASCENDING)], name="lot"),
    IndexModel(
        [("place", ASCENDING), ("superseded", ASCENDING), ("at", ASCENDING)],
        name="place",
        partialFilterExpression={"place": {"$exists": True}},
    ),
)
STOCK_INDEXES = (IndexModel([("at.place", ASCENDING)], name="place"),)


class LevelRow(NamedTuple):
    """How much of a lot is at a spot."""

    lot: str
    spot: Spot
    quantity: Decimal
    unit: str


class Ledger:
    """How much of each lot is and was where."""

    def __init__(self, mongo: Mongo) -> None:
        self.collection = mongo.collection("stock_entries")
        self.sums = mongo.collection("stock")

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self.collection, ENTRY_INDEXES)
        await ensure_indexes(self.sums, STOCK_INDEXES)

    async def stocks(self, lots: Names[str], *, session: Session | None = None) -> dict[str, Stock]:
        """What the facts about lots add up to, by lot; without those whose facts say no quantity."""
        with translated(session):
            cursor = self.sums.find({"_id": {"$in": list(lots)}}, session=session, max_time_ms=OPERATION_MS)
            return {row["_id"]: _stock(row) for row in await cursor.to_list(None)}

    async def standing(self, lot: str, *, session: Session | None = None) -> list[tuple[Any, Entry]]:
        """The entries of a lot that count now, each with the id of its row."""
        query = {"lot": lot, "superseded": NEVER}
        with translated(session):
            cursor = self.collection.find(query, session=session, max_time_ms=OPERATION_MS)
            return [(row["_id"], _entry(row)) for row in await cursor.to_list(None)]

    async def rewrite(self, lot: str, entries: Sequence[Entry], at: datetime, *, session: Session) -> None:
        """Make these the entries of a lot that count.

        Raises:
            Lost: another writer was first.
        """
        missing, gone = Counter(entries), []
        for row, entry in await self.standing(lot, session=session):
            if missing[entry]:
                missing[entry] -= 1
            else:
                gone.append(row)
        if gone:
            query = {"_id": {"$in": gone}, "superseded": NEVER}
            result = await self.collection.update_many(query, {"$set": {"superseded": at}}, session=session)
            if result.modified_count != len(gone):
                raise Lost
        await self.add(missing.elements(), at, session=session)

    async def add(self, entries: Iterable[Entry], at: datetime, *, session: Session) -> None:
        """Write entries that were learnt now."""
        if rows := [{**_row(entry), "recorded": at, "superseded": NEVER} for entry in entries]:
            await self.collection.insert_many(rows, session=session)

    async def keep(self, stocks: Sequence[Stock], *, session: Session) -> None:
        """Write what the facts about lots add up to now."""
        if stocks:
            rows = [ReplaceOne({"_id": stock.lot}, _document(stock), upsert=True) for stock in stocks]
            await self.sums.bulk_write(rows, ordered=False, session=session)

    async def now(
        self, *, places: Names[str] | None = None, lots: Names[str] | None = None, most: int
    ) -> list[LevelRow]:
        """What is where now.

        Args:
            places: what is there alone.
            lots: of these alone.
            most: rows at most, and one more.
        """
        there = {} if places is None else {"at.place": {"$in": list(places)}}
        query = there if lots is None else {**there, "_id": {"$in": list(lots)}}
        shown = {
            "_id": {"lot": "$_id", "place": "$at.place", "transit": "$at.transit"},
            "unit": True,
            "quantity": "$at.quantity",
        }
        steps: list[dict[str, Any]] = [
            {"$match": query},
            {"$unwind": "$at"},
            {"$match": there},
            {"$limit": most + 1},
            {"$project": shown},
        ]
        return await self._levels(self.sums, steps)

    async def then(
        self,
        moment: datetime,
        recorded: datetime | None,
        *,
        places: Names[str] | None = None,
        lots: Names[str] | None = None,
        most: int,
    ) -> list[LevelRow]:
        """What was where at a moment, as it was known then: it is added up from what happened until then.

        Args:
            moment: the moment.
            recorded: as it was known then; None means now.
            places: what was there alone.
            lots: of these alone.
            most: rows at most, and one more.
        """
        query: dict[str, Any] = {**known(recorded, "recorded"), "at": {"$lte": moment}}
        if places is not None:
            query["place"] = {"$in": list(places)}
        if lots is not None:
            query["lot"] = {"$in": list(lots)}
        added = {
            "_id": {"lot": "$lot", "place": "$place", "transit": "$transit"},
            "quantity": {"$sum": "$quantity"},
            "unit": {"$first": "$unit"},
        }
        steps: list[dict[str, Any]] = [
            {"$match": query},
            {"$group": added},
            {"$match": {"quantity": {"$ne": Decimal128("0")}}},
            {"$limit": most + 1},
        ]
        return await self._levels(self.collection, steps)

    async def _levels(self, collection: Collection, steps: list[dict[str, Any]]) -> list[LevelRow]:
        with translated():
            rows = await collection.aggregate(steps, maxTimeMS=OPERATION_MS).to_list(None)
        return [
            LevelRow(row["_id"]["lot"], _spot(row["_id"]), row["quantity"].to_decimal(), row["unit"]) for row in rows
        ]


def _spot(row: Mapping[str, Any]) -> Spot:
    return Spot(row.get("place"), transit=row.get("transit", False))


def _placed(spot: Spot, quantity: Decimal) -> dict[str, Any]:
    said = {"place": spot.place, "transit": spot.transit or None, "quantity": Decimal128(quantity)}
    return {name: value for name, value in said.items() if value is not None}


def _row(entry: Entry) -> dict[str, Any]:
    where = _placed(entry.spot, entry.quantity)
    return {"lot": entry.lot, **where, "unit": entry.unit, "at": entry.at, "fact": entry.fact}


def _entry(row: Document) -> Entry:
    return Entry(row["lot"], _spot(row), row["quantity"].to_decimal(), row["unit"], row["at"], row["fact"])


_SAID = ("unit", "counted_by", "loose", "breach", "last")


def _document(stock: Stock) -> dict[str, Any]:
    said = {name: value for name in _SAID if (value := getattr(stock, name))}
    return {"_id": stock.lot, **said, "at": [_placed(*level) for level in stock.at.items()]}


def _stock(row: Document) -> Stock:
    said = {name: row[name] for name in _SAID if name in row}
    return Stock(row["_id"], **said, at={_spot(level): level["quantity"].to_decimal() for level in row["at"]})
