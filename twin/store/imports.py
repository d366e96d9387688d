"""Imports: a small document for each, and its rows in chunks, so that 100,000 rows are some hundreds of documents.

A chunk comes with what its rows say, and is written anew with what became of them, in the one transaction that writes
their twins and moves the job's `cursor`, the number of chunks that are done: so it is done once, and wholly or not at
all. Until the file has come whole, chunks belong to no job, and expire.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from twin.domain.history import Document
from twin.domain.imports import OPEN, ImportState
from twin.store.mongo import OPERATION_MS, Mongo, Session, ensure_indexes, translated
from twin.store.paging import ORDER, Page, PageRequest, count, page
from twin.store.twins import Lost

INDEXES = (IndexModel(ORDER, name="newest"), IndexModel([("state", ASCENDING), *ORDER], name="state"))
CHUNK_INDEXES = (IndexModel([("expires", ASCENDING)], name="expires", expireAfterSeconds=0),)
MOST_OPEN = 1_000


class Imports:
    """The imports of one database."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._jobs = mongo.collection("imports")
        self._chunks = mongo.collection("import_chunks")

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._jobs, INDEXES)
        await ensure_indexes(self._chunks, CHUNK_INDEXES)

    async def take_in(self, upload: str, number: int, rows: Sequence[Document], expires: datetime) -> None:
        """Keep a chunk of what is coming in.

        Args:
            upload: the name of the upload.
            number: of the chunk, from 0.
            rows: `row`, `line`, and `said` or `error` of each.
            expires: when it goes, unless a job has it by then.
        """
        chunk = {
            "_id": chunk_id(upload, number),
            "first": rows[0]["row"],
            "last": rows[-1]["row"],
            "rows": [dict(row) for row in rows],
            "expires": expires,
        }
        with translated():
            await self._chunks.insert_one(chunk)

    async def drop(self, upload: str) -> None:
        """Forget what came of an upload that no job has."""
        with translated():
            await self._chunks.delete_many({"_id": _chunks_of(upload), "expires": {"$exists": True}})

    async def add(self, job: Document) -> None:
        """Add a job, to which the chunks of its `upload` belong from now on.

        Raises:
            Lost: the job is there already.
        """

        async def work(session: Session) -> None:
            try:
                await self._jobs.insert_one(dict(job), session=session)
            except DuplicateKeyError as error:
                raise Lost from error
            kept = await self._chunks.update_many(
                {"_id": _chunks_of(job["upload"])}, {"$unset": {"expires": ""}}, session=session
            )
            if kept.matched_count != job["chunks"]:
                raise Lost  # the upload took so long that some have expired

        await self._mongo.transaction(work)

    async def find(self, job: str) -> dict[str, Any] | None:
        """The document of a job."""
        with translated():
            return await self._jobs.find_one({"_id": job}, max_time_ms=OPERATION_MS)

    async def page(self, request: PageRequest, *, states: Collection[str] | None = None) -> Page:
        """Jobs, newest first: those in one of the states."""
        return await page(self._jobs, _query(states), request)

    async def count(self, *, states: Collection[str] | None = None) -> int:
        """How many jobs `page` would list in all."""
        return await count(self._jobs, _query(states))

    async def open(self) -> list[dict[str, Any]]:
        """The jobs that are to be done, oldest first; 1,000 at most."""
        with translated():
            cursor = self._jobs.find(_query(OPEN), max_time_ms=OPERATION_MS)
            return await cursor.sort([(name, -direction) for name, direction in ORDER]).to_list(MOST_OPEN)

    async def start(self, job: str, at: datetime) -> None:
        """A job is being done, from that moment unless it was begun before."""
        running = {"$set": {"state": ImportState.RUNNING.value}, "$min": {"started_at": at}}
        with translated():
            await self._jobs.update_one({"_id": job, **_query(OPEN)}, running)

    async def end(self, job: str, state: ImportState, at: datetime, error: str | None = None) -> None:
        """A job is over, unless it was before."""
        why = {} if error is None else {"error": error}
        with translated():
            await self._jobs.update_one(
                {"_id": job, **_query(OPEN)}, {"$set": {"state": state.value, "ended_at": at, **why}}
            )

    async def chunk(self, upload: str, number: int) -> dict[str, Any] | None:
        """A chunk of an upload."""
        with translated():
            return await self._chunks.find_one({"_id": chunk_id(upload, number)}, max_time_ms=OPERATION_MS)

    async def settle(self, job: Document, number: int, outcomes: Sequence[Document], *, session: Session) -> None:
        """Write what became of a chunk's rows, in the transaction that writes their twins.

        Args:
            job: its document.
            number: of the chunk.
            outcomes: `row`, `line`, and `asset` or `error` of each.
            session: the transaction.

        Raises:
            Lost: another process has done it.
        """
        refused = sum("error" in row for row in outcomes)
        counted = {"cursor": 1, "done": len(outcomes) - refused, "refused": refused}
        moved = await self._jobs.update_one(
            {"_id": job["_id"], "cursor": number, **_query(OPEN)}, {"$inc": counted}, session=session
        )
        if moved.matched_count == 0:
            raise Lost
        settled = {"rows": [dict(row) for row in outcomes], "refused": refused}
        await self._chunks.update_one({"_id": chunk_id(job["upload"], number)}, {"$set": settled}, session=session)

    async def rows(
        self, upload: str, first: int = 1, *, refused: bool | None = None, settled: bool = False
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Rows in their order, as they are read.

        Args:
            upload: that of their job.
            first: the lowest row wanted.
            refused: only those that were refused, or only those that were not and are done.
            settled: only those that are done or refused.
        """
        query: dict[str, Any] = {"_id": _chunks_of(upload), "last": {"$gte": first}}
        if settled or refused is not None:
            query["refused"] = {"$gt": 0} if refused else {"$exists": True}
        with translated():
            async for chunk in self._chunks.find(query).sort("_id", ASCENDING).batch_size(4):
                for row in chunk["rows"]:
                    if row["row"] >= first and refused in (None, "error" in row):
                        yield row


def chunk_id(upload: str, number: int) -> str:
    """The id of a chunk, in the order of their numbers.

    Examples:
        >>> chunk_id("upl_a", 7)
        'upl_a:000007'
    """
    return f"{upload}:{number:06}"


def _chunks_of(upload: str) -> Document:
    return {"$gte": chunk_id(upload, 0), "$lt": f"{upload}:~"}


def _query(states: Collection[str] | None) -> dict[str, Any]:
    return {} if states is None else {"state": {"$in": sorted(states)}}
