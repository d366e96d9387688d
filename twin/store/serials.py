"""Serials: for each kind of assets its scheme, and how many numbers of it are used. That count never goes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pymongo import IndexModel, ReturnDocument

from twin.domain.history import Document
from twin.store.mongo import OPERATION_MS, Mongo, ensure_indexes, translated
from twin.store.paging import ORDER, Page, PageRequest, count, page
from twin.store.together import Together

INDEXES = (IndexModel(ORDER, name="newest"),)


class Serials:
    """The schemes, one for each kind, and their counters."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("serials")
        self._numbers: Together[tuple[str, int], int | None] = Together(self._take)

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._collection, INDEXES)

    async def define(self, scheme: Document, born: Document, used: int) -> dict[str, Any]:
        """Keep a scheme unless its kind has one, and count at least `used` numbers as used if that is the same.

        Args:
            scheme: `_id` (the kind) and all that says how numbers are written.
            born: what is kept beside it when it is new.
            used: how many numbers are used, at least.

        Returns:
            What stands: another scheme if the kind had one.
        """
        kind = {"_id": scheme["_id"]}
        new = {name: value for name, value in {**scheme, **born, "used": used}.items() if name != "_id"}
        with translated():
            stands: dict[str, Any] = await self._collection.find_one_and_update(
                kind, {"$setOnInsert": new}, upsert=True, return_document=ReturnDocument.AFTER
            )
            if stands["used"] >= used:
                return stands
            raised: dict[str, Any] | None = await self._collection.find_one_and_update(
                scheme, {"$max": {"used": used}}, return_document=ReturnDocument.AFTER
            )
        return stands if raised is None else raised

    async def find(self, kind: str) -> dict[str, Any] | None:
        """The scheme of a kind."""
        with translated():
            return await self._collection.find_one({"_id": kind}, max_time_ms=OPERATION_MS)

    async def take(self, kind: str, most: int) -> int | None:
        """The next number of a kind, which nobody else gets, or gets again; None after the number `most`."""
        return await self._numbers((kind, most))

    async def _take(self, wanted: Sequence[tuple[str, int]]) -> list[int | None]:
        """One update for each kind: whoever comes together counts on together."""
        numbers = {each: await self._counted(*each, many) for each, many in Counter(wanted).items()}
        return [next(numbers[each], None) for each in wanted]

    async def _counted(self, kind: str, most: int, many: int) -> Iterator[int]:
        counted = {"$min": [{"$add": ["$used", many]}, {"$max": ["$used", most]}]}
        with translated():
            before = await self._collection.find_one_and_update(
                {"_id": kind}, [{"$set": {"used": counted}}], return_document=ReturnDocument.BEFORE
            )
        first = most if before is None else int(before["used"])
        return iter(range(first + 1, min(first + many, most) + 1))

    async def page(self, request: PageRequest, *, kinds: Iterable[str] | None = None) -> Page:
        """Schemes, newest first: those of one of the kinds."""
        return await page(self._collection, _query(kinds), request)

    async def count(self, *, kinds: Iterable[str] | None = None) -> int:
        """How many schemes `page` would list in all."""
        return await count(self._collection, _query(kinds))


def _query(kinds: Iterable[str] | None) -> Mapping[str, Any]:
    return {} if kinds is None else {"_id": {"$in": sorted(kinds)}}
