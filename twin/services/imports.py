"""Imports of assets and their labels: taken in, looked at, and told of row by row. `import_worker` does them."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Collection
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson

from twin.domain import fields
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document
from twin.domain.imports import OPEN, ImportState
from twin.errors import MutationIdReused, NotFound, Refused, TwinError, Unavailable
from twin.exchange.rows import Reader, Row, RowFormat
from twin.services.commits import Change, Commits
from twin.services.tables import csv_lines
from twin.store.paging import Page, PageRequest
from twin.store.twins import Lost

PREFIX: Final = "imp"
CHUNK_ROWS: Final = 500
CHUNK_BYTES: Final = 1024 * 1024
PART_ROWS: Final = 500
MOST_UPLOADS: Final = 4
KEPT: Final = timedelta(days=1)
COLUMNS: Final = ("row", "line", "asset", "label", "linkId", "code", "message")


@dataclass(frozen=True, slots=True)
class _Taken:
    """What came: how many rows in how many chunks, and the SHA-256 of the file."""

    rows: int
    chunks: int
    sha256: str


class Imports:
    """What callers do with imports. All of it needs `assets:register`.

    Args:
        commits: the clock, and the ids of new things.
    """

    def __init__(self, commits: Commits) -> None:
        self._commits = commits
        self._jobs = commits.store.imports
        self._uploads = 0
        self.asked = asyncio.Event()  # set when there is something to do

    def require(self, actor: Actor) -> None:
        """Let pass who may import: who has `assets:register` and `labels:issue`."""
        actor.require(Permission.REGISTER_ASSETS)
        actor.require(Permission.ISSUE_LABELS)

    async def receive(self, actor: Actor, content: AsyncIterator[bytes], form: RowFormat, command: Command) -> Document:
        """Take in a file, row by row, and make a job of it, which begins at once, in the background.

        Args:
            actor: needs `assets:register` and `labels:issue`; history will name it.
            content: the file's bytes, 128 MiB and 100,000 rows at most; no more than a part of it is in memory.
            form: what its lines are.
            command: reason and client_mutation_id count: the same file again answers the same job.

        Raises:
            InvalidInput: no row at all, or columns that are not known. What is wrong with a row is told by the job.
            TooLarge: more than an import holds.
            MutationIdReused: the mutation's id stands for another file.
            Unavailable: four files are coming in already.
        """
        self.require(actor)
        fields.optional_text(command.reason, path=("reason",))
        self._change(actor, command, form, "")  # an id that cannot be is refused before the file comes
        if self._uploads >= MOST_UPLOADS:
            raise Unavailable(f"{MOST_UPLOADS} imports are coming in already; try again in a moment.")
        upload = f"upl_{secrets.token_hex(12)}"
        self._uploads += 1
        try:
            taken = await self._take_in(upload, content, form)
            return await self._made(upload, taken, self._change(actor, command, form, taken.sha256), form)
        finally:
            self._uploads -= 1
            with suppress(Unavailable):  # what a job has stays; what is left over expires anyway
                await asyncio.shield(self._jobs.drop(upload))

    async def _take_in(self, upload: str, content: AsyncIterator[bytes], form: RowFormat) -> _Taken:
        reader, digest = Reader(form), hashlib.sha256()
        waiting: list[Document] = []
        size = chunks = 0
        expires = self._commits.clock() + KEPT

        async def keep() -> None:
            nonlocal waiting, size, chunks
            await self._jobs.take_in(upload, chunks, waiting, expires)
            waiting, size, chunks = [], 0, chunks + 1

        async def add(row: Row) -> None:
            nonlocal size
            waiting.append(_waiting(row))
            size += len(waiting[-1].get("said", b""))
            if len(waiting) == CHUNK_ROWS or size >= CHUNK_BYTES:
                await keep()

        async for part in content:
            digest.update(part)
            for row in reader.feed(part):
                await add(row)
        for row in reader.end():
            await add(row)
        if waiting:
            await keep()
        return _Taken(reader.rows, chunks, digest.hexdigest())

    async def _made(self, upload: str, taken: _Taken, change: Change, form: RowFormat) -> Document:
        job = self._commits.twin_id(PREFIX, change.mutation, 0)
        if change.may_repeat and (known := await self._repeated(job, change)):
            return known
        document = {
            "_id": job,
            "state": ImportState.QUEUED.value,
            "actor": change.actor.id,
            "created": {"recorded_at": fields.moment(None, now=self._commits.clock())},
            "digest": change.mutation.digest,
            "sha256": taken.sha256,
            "format": form.value,
            "upload": upload,
            "total": taken.rows,
            "chunks": taken.chunks,
            "cursor": 0,
            "done": 0,
            "refused": 0,
        }
        if change.command.reason is not None:
            document["reason"] = change.command.reason
        try:
            await self._jobs.add(document)
        except Lost:
            repeated = await self._repeated(job, change)
            if repeated is None:
                raise Unavailable("The file came too slowly; send it again.") from None
            return repeated
        self.asked.set()
        return document

    def _change(self, actor: Actor, command: Command, form: RowFormat, sha256: str) -> Change:
        return self._commits.change(actor, "import", command, {"format": form.value, "sha256": sha256})

    async def _repeated(self, job: str, change: Change) -> Document | None:
        found = await self._jobs.find(job)
        if found is not None and found["digest"] != change.mutation.digest:
            raise MutationIdReused(change.mutation.client_id)
        return found

    async def find(self, actor: Actor, job: str) -> Document:
        """An import.

        Raises:
            NotFound: there is none of that id.
        """
        actor.require(Permission.REGISTER_ASSETS)
        found = await self._jobs.find(job)
        if found is None:
            raise NotFound("import", job)
        return found

    async def page(self, actor: Actor, request: PageRequest, *, states: Collection[ImportState] | None = None) -> Page:
        """A page of the imports, newest first: those in one of the states."""
        actor.require(Permission.REGISTER_ASSETS)
        return await self._jobs.page(request, states=states)

    async def count(self, actor: Actor, *, states: Collection[ImportState] | None = None) -> int:
        """How many imports there are in all."""
        actor.require(Permission.REGISTER_ASSETS)
        return await self._jobs.count(states=states)

    async def rows(
        self, actor: Actor, job: str, first: int, most: int, *, refused: bool | None = None
    ) -> list[Document]:
        """What became of the rows of an import, in their order.

        Args:
            actor: needs `assets:register`.
            job: its id.
            first: the lowest row wanted, from 1.
            most: how many at most.
            refused: only those that were refused, or only those that are done.
        """
        found = await self.find(actor, job)
        some: list[Document] = []
        async with aclosing(self._jobs.rows(found["upload"], first, refused=refused)) as rows:
            async for row in rows:
                some.append(row)
                if len(some) == most:
                    break
        return some

    async def report(self, actor: Actor, job: str, form: RowFormat) -> AsyncIterator[bytes]:
        """What became of each row of an import that is over: a line for each, in parts.

        Args:
            actor: needs `assets:register`.
            job: its id.
            form: what the lines are.

        Raises:
            NotFound: there is no such import.
            Refused: it goes on.
        """
        found = await self.find(actor, job)
        if ImportState(found["state"]) in OPEN:
            settled = found["done"] + found["refused"]
            raise Refused(f"{job} is {found['state']}: {settled} of {found['total']} rows are done yet.")
        return self._lines(found["upload"], form)

    async def _lines(self, upload: str, form: RowFormat) -> AsyncIterator[bytes]:
        write = csv_lines if form is RowFormat.CSV else _json_lines
        if form is RowFormat.CSV:
            yield csv_lines([COLUMNS])
        waiting: list[list[Any]] = []
        async with aclosing(self._jobs.rows(upload)) as rows:
            async for row in rows:
                waiting.append(_told(row))
                if len(waiting) == PART_ROWS:
                    yield write(waiting)
                    waiting = []
        if waiting:
            yield write(waiting)


def refusal(error: TwinError) -> Document:
    """Why a row was refused, as it is kept."""
    path = list(getattr(error, "path", ()))
    return {"code": error.code, "message": error.message} | ({"path": path} if path else {})


def _waiting(row: Row) -> dict[str, Any]:
    """A row as it waits: what it says as JSON, or why it is refused."""
    told: Document = {"said": orjson.dumps(row.said)} if row.error is None else {"error": refusal(row.error)}
    return {"row": row.number, "line": row.line, **told}


def _told(row: Document) -> list[Any]:
    """The cells of a row, in the order of `COLUMNS`."""
    error = row.get("error") or ({} if "asset" in row else {"code": "NOT_DONE", "message": "The import failed before."})
    ids = [row.get(name, "") for name in ("asset", "label", "link_id")]
    return [str(row["row"]), str(row["line"]), *ids, error.get("code", ""), error.get("message", "")]


def _json_lines(rows: Collection[list[Any]]) -> bytes:
    return b"".join(
        orjson.dumps({name: cell for name, cell in zip(COLUMNS, _numbered(row), strict=True) if cell != ""}) + b"\n"
        for row in rows
    )


def _numbered(row: list[Any]) -> list[Any]:
    return [int(row[0]), int(row[1]), *row[2:]]
