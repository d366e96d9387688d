"""Print jobs: a small document for each, and a row for each label, so that a job of 10,000 is no document of megabytes.

A row's id is the job's and the position, so the rows of a job stand together in their order, and writing one twice is
harmless. A job's `cursor` is how many rows are settled; it moves by one conditional update with the counts of that
round, after the rows are written: so whoever does a round again counts nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from twin.domain.history import Document
from twin.domain.print_job import OPEN, JobState
from twin.store.mongo import OPERATION_MS, Mongo, Session, ensure_indexes, translated
from twin.store.paging import ORDER, Page, PageRequest, count, page
from twin.store.twins import Lost

INDEXES = (IndexModel(ORDER, name="newest"), IndexModel([("state", ASCENDING), *ORDER], name="state"))
MOST_OPEN = 1_000


class PrintJobs:
    """The print jobs of one database."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._jobs = mongo.collection("print_jobs")
        self._rows = mongo.collection("print_rows")

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._jobs, INDEXES)

    async def add(self, job: Document, labels: Sequence[str]) -> None:
        """Add a job and its rows, both or neither.

        Args:
            job: its document.
            labels: the ids of its labels, in the order of printing.

        Raises:
            Lost: the job is there already.
        """
        rows = [
            {"_id": row_id(job["_id"], position), "position": position, "label": label}
            for position, label in enumerate(labels)
        ]

        async def work(session: Session) -> None:
            try:
                await self._jobs.insert_one(dict(job), session=session)
            except DuplicateKeyError as error:
                raise Lost from error
            await self._rows.insert_many([dict(row) for row in rows], session=session)

        await self._mongo.transaction(work)

    async def find(self, job: str) -> dict[str, Any] | None:
        """The document of a job."""
        with translated():
            return await self._jobs.find_one({"_id": job}, max_time_ms=OPERATION_MS)

    async def page(
        self, request: PageRequest, *, states: Iterable[str] | None = None, profiles: Iterable[str] | None = None
    ) -> Page:
        """Jobs, newest first: those in one of the states, all of whose labels are of these profiles."""
        return await page(self._jobs, _query(states, profiles), request)

    async def count(self, *, states: Iterable[str] | None = None, profiles: Iterable[str] | None = None) -> int:
        """How many jobs `page` would list in all."""
        return await count(self._jobs, _query(states, profiles))

    async def open(self) -> list[dict[str, Any]]:
        """The jobs that are to be done, oldest first; 1,000 at most."""
        query = _query(OPEN)
        with translated():
            cursor = self._jobs.find(query, max_time_ms=OPERATION_MS)
            return await cursor.sort([(name, -direction) for name, direction in ORDER]).to_list(MOST_OPEN)

    async def start(self, job: str, at: datetime) -> dict[str, Any] | None:
        """The job, now running; None when it is over, or is being cancelled."""
        running = {"$set": {"state": JobState.RUNNING.value}, "$min": {"started_at": at}, "$unset": {"error": ""}}
        return await self._change(job, running, (JobState.QUEUED, JobState.RUNNING))

    async def cancel(self, job: str, at: datetime) -> dict[str, Any] | None:
        """The job, cancelled or, if it was begun, about to be; None when it was neither queued nor running."""
        cancelled = {"$set": {"state": JobState.CANCELLED.value, "ended_at": at}}
        cancelling = {"$set": {"state": JobState.CANCELLING.value}}
        return await self._change(job, cancelled, (JobState.QUEUED,)) or await self._change(
            job, cancelling, (JobState.RUNNING,)
        )

    async def end(self, job: str, state: JobState, at: datetime, error: str | None = None) -> dict[str, Any] | None:
        """The job in its last state; None when it was over before."""
        why = {} if error is None else {"error": error}
        return await self._change(job, {"$set": {"state": state.value, "ended_at": at, **why}})

    async def trouble(self, job: str, error: str | None) -> None:
        """Say what holds a running job up; None that nothing does any more."""
        await self._change(job, {"$unset": {"error": ""}} if error is None else {"$set": {"error": error}})

    async def _change(
        self, job: str, update: Mapping[str, Any], states: Iterable[JobState] = OPEN
    ) -> dict[str, Any] | None:
        query = {"_id": job, **_query(states)}
        with translated():
            found: dict[str, Any] | None = await self._jobs.find_one_and_update(
                query, update, return_document=ReturnDocument.AFTER
            )
        return found

    async def rows(
        self, job: str, first: int, most: int, *, printed: bool | None = None, last: int | None = None
    ) -> list[dict[str, Any]]:
        """Rows of a job in their order.

        Args:
            job: its id.
            first: the lowest position wanted.
            most: how many at most.
            printed: only those that were printed, or only those that were refused.
            last: the highest position wanted.
        """
        end = row_id(job, last) if last is not None else f"{job}:~"
        query: dict[str, Any] = {"_id": {"$gte": row_id(job, first), "$lte": end}}
        if printed is not None:
            query["sha256" if printed else "error"] = {"$exists": True}
        with translated():
            cursor = self._rows.find(query, max_time_ms=OPERATION_MS)
            return await cursor.sort("_id", ASCENDING).limit(most).to_list(None)

    async def settle(self, job: str, outcomes: Mapping[int, Document]) -> None:
        """Write what became of some rows, by position; a refusal never replaces a print that another has written."""
        updates = [_settled(row_id(job, position), outcome) for position, outcome in outcomes.items()]
        with translated():
            await self._rows.bulk_write(updates, ordered=False)

    async def advance(self, job: str, cursor: int, *, printed: int, refused: int) -> dict[str, Any] | None:
        """Count the rows of a round that begins at `cursor`.

        Returns:
            The job after it; None when another process has counted them.
        """
        counted = {"cursor": printed + refused, "printed": printed, "refused": refused}
        with translated():
            found: dict[str, Any] | None = await self._jobs.find_one_and_update(
                {"_id": job, "cursor": cursor}, {"$inc": counted}, return_document=ReturnDocument.AFTER
            )
        return found


def row_id(job: str, position: int) -> str:
    """The id of the row of a job at a position, from 0; in the order of positions.

    Examples:
        >>> row_id("job_a", 7)
        'job_a:00007'
    """
    return f"{job}:{position:05}"


def _settled(row: str, outcome: Document) -> UpdateOne:
    if "sha256" in outcome:
        return UpdateOne({"_id": row}, {"$set": dict(outcome), "$unset": {"error": ""}})
    return UpdateOne({"_id": row, "sha256": {"$exists": False}}, {"$set": dict(outcome)})


def _query(states: Iterable[str] | None, profiles: Iterable[str] | None = None) -> dict[str, Any]:
    query: dict[str, Any] = {} if states is None else {"state": {"$in": sorted(states)}}
    if profiles is not None:
        query["profiles"] = {"$not": {"$elemMatch": {"$nin": sorted(profiles)}}}
    return query
