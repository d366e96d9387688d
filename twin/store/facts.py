"""Facts: written once, for ever; a correction notes on the mistake that it counts no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from twin.domain.fact import NEVER, Fact, FactKind
from twin.domain.history import AsOf, Document
from twin.domain.stock import COUNTED
from twin.store.mongo import OPERATION_MS, Mongo, Session, ensure_indexes, translated
from twin.store.paging import Page, PageRequest, count, page
from twin.store.twins import Lost

INDEXES = (
    IndexModel([("assets", ASCENDING), ("occurred_at", DESCENDING), ("_id", DESCENDING)], name="asset"),
    IndexModel([("what.asset", ASCENDING), ("superseded", ASCENDING)], name="what"),
    IndexModel([("marks", ASCENDING), ("occurred_at", DESCENDING), ("_id", DESCENDING)], name="mark"),
)
_AT = "occurred_at"


class Facts:
    """What happened."""

    def __init__(self, mongo: Mongo) -> None:
        self.collection = mongo.collection("facts")

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self.collection, INDEXES)

    async def insert(self, fact: Document, *, session: Session) -> None:
        """Write a fact, in the transaction that writes the versions that say so."""
        await self.collection.insert_one(dict(fact), session=session)

    async def supersede(self, fact: str, at: datetime, by: str, *, session: Session) -> None:
        """Note that a fact was a mistake.

        Raises:
            Lost: that was noted already.
        """
        noted = {"$set": {"superseded": at, "corrected_by": by}}
        result = await self.collection.update_one({"_id": fact, "superseded": NEVER}, noted, session=session)
        if not result.matched_count:
            raise Lost

    async def find(self, fact: str) -> dict[str, Any] | None:
        """A fact by its id."""
        with translated():
            return await self.collection.find_one({"_id": fact}, max_time_ms=OPERATION_MS)

    async def several(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Facts by their ids."""
        with translated():
            cursor = self.collection.find({"_id": {"$in": list(set(ids))}}, max_time_ms=OPERATION_MS)
            return {fact["_id"]: fact for fact in await cursor.to_list(None)}

    async def naming(self, asset: str) -> list[dict[str, Any]]:
        """All facts that name a thing, mistakes and corrections too."""
        with translated():
            return await self.collection.find({"assets": asset}, max_time_ms=OPERATION_MS).to_list(None)

    async def about(
        self, assets: Collection[str], kinds: Collection[FactKind], *, session: Session
    ) -> list[dict[str, Any]]:
        """The facts that count and that happened to one of the things, of some kinds."""
        query = {"what.asset": {"$in": list(assets)}, "superseded": NEVER, "kind": {"$in": list(kinds)}}
        return await self.collection.find(query, session=session, max_time_ms=OPERATION_MS).to_list(None)

    async def happened_to(
        self,
        kind: FactKind,
        marks: Collection[str],
        window: tuple[datetime | None, datetime | None],
        as_of: AsOf,
    ) -> list[str]:
        """The things to which facts of a kind happened that say all of some things.

        Args:
            kind: of the facts.
            marks: what each says, as `name:value`, at least one.
            window: since when and before when; None means without a bound.
            as_of: what had happened, as it was known.
        """
        query = fact_query(kinds=[kind], since=window[0], as_of=as_of) | {"marks": {"$all": list(marks)}}
        if window[1] is not None:
            query["occurred_at"] = {**query.get("occurred_at", {}), "$lt": window[1]}
        with translated():
            found = await self.collection.distinct("what.asset", query)
        return sorted(found)

    async def counted(self, lot: str, *, session: Session) -> list[Fact]:
        """The facts that count and that say how much of a lot went where; of each what concerns the lot."""
        query = {
            "what": {"$elemMatch": {"asset": lot, "quantity": {"$exists": True}}},
            "what.asset": lot,
            "superseded": NEVER,
            "kind": {"$in": list(COUNTED)},
        }
        shown = {"kind": True, "what": {"$elemMatch": {"asset": lot}}, "said": True, "occurred_at": True}
        cursor = self.collection.find(query, shown, session=session, max_time_ms=OPERATION_MS)
        return [Fact.from_document(fact, lot) for fact in await cursor.to_list(None)]

    async def page(self, query: Mapping[str, Any], request: PageRequest) -> Page:
        """Facts, those that happened last first."""
        return await page(self.collection, query, request, shown={}, at=_AT)

    async def count(self, query: Mapping[str, Any]) -> int:
        """How many facts `page` would list in all."""
        return await count(self.collection, query)


def fact_query(
    *,
    assets: Iterable[str] | None = None,
    marks: Iterable[str] | None = None,
    kinds: Iterable[FactKind] | None = None,
    since: datetime | None = None,
    as_of: AsOf | None = None,
) -> dict[str, Any]:
    """The filter of a list of facts: those that counted at a point, and corrections among them.

    Args:
        assets: only those that name one of these.
        marks: only those with one of these, as `name:value`.
        kinds: only of these kinds.
        since: only what happened then or later.
        as_of: what had happened, as it was known; None means all, mistakes too.
    """
    query: dict[str, Any] = {}
    if assets is not None:
        query["assets"] = {"$in": sorted(assets)}
    if marks is not None:
        query["marks"] = {"$in": sorted(marks)}
    if kinds is not None:
        query["kind"] = {"$in": sorted(kinds)}
    occurred: dict[str, Any] = {} if since is None else {"$gte": since}
    if as_of is not None:
        query |= known(as_of.recorded, "recorded_at")
        if as_of.occurred is not None:
            occurred["$lte"] = as_of.occurred
    if occurred:
        query["occurred_at"] = occurred
    return query


def known(recorded: datetime | None, written: str) -> dict[str, Any]:
    """The filter of what counted at a moment of knowledge; None means now.

    Args:
        recorded: the moment.
        written: the field that says when it was learnt.
    """
    if recorded is None:
        return {"superseded": NEVER}
    return {"superseded": {"$gt": recorded}, written: {"$lte": recorded}}
