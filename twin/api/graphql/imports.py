"""Imports in the API: how far each has come, and what became of each row. Files come in by `POST /imports`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from twin.api.graphql.context import ACTOR_NAME, Info
from twin.api.graphql.enums import ImportState
from twin.api.graphql.nodes import (
    After,
    Before,
    Connection,
    First,
    Last,
    Node,
    cursor_of,
    page_request,
    page_size,
)
from twin.domain.history import Document
from twin.errors import InvalidInput, NotFound, shown
from twin.exchange.rows import RowFormat
from twin.store.paging import key_of


@strawberry.type(description="Why nothing of a row was written.")
class ImportRefusal:
    """A refusal."""

    code: str = strawberry.field(description="A stable code to switch on, such as `IDENTIFIER_TAKEN`.")
    message: str = strawberry.field(description="For people: the value, what was expected and what was found.")
    path: list[str] = strawberry.field(description="The words that lead to the value in the row, outermost first.")


@strawberry.type(description="One row of an import, and what became of it; while it waits, all of that is null.")
class ImportRow:
    """A row."""

    row: int = strawberry.field(description="Its number, from 1; blank lines and the names of columns are none.")
    line: int = strawberry.field(description="Where it stands in the file, from 1.")
    asset_id: strawberry.ID | None = strawberry.field(description="The id of the asset that it has registered.")
    label_id: strawberry.ID | None = strawberry.field(description="The id of the label that it has issued.")
    link_id: str | None = strawberry.field(description="That label's link id.")
    error: ImportRefusal | None = strawberry.field(description="Why it was refused.")

    @classmethod
    def of(cls, row: Document) -> ImportRow:
        """The row that a document tells of."""
        error = row.get("error")
        return cls(
            row=row["row"],
            line=row["line"],
            asset_id=_id(row.get("asset")),
            label_id=_id(row.get("label")),
            link_id=row.get("link_id"),
            error=error and ImportRefusal(code=error["code"], message=error["message"], path=error.get("path", [])),
        )


@strawberry.type(description="Assets, each with a label or none, that are registered in the background.")
class ImportJob(Node):
    """An import."""

    document: strawberry.Private[Document]

    @classmethod
    def of(cls, document: Document) -> ImportJob:
        """The import whose document this is."""
        return cls(id=strawberry.ID(document["_id"]), document=document)

    @strawberry.field(description="Where it stands.")
    def state(self) -> ImportState:
        """The state."""
        return ImportState(self.document["state"])

    @strawberry.field(description="The actor who asked for it: a pseudonymous id.")
    def actor(self) -> str:
        """The actor."""
        return str(self.document["actor"])

    @strawberry.field(description=ACTOR_NAME)
    async def actor_name(self, info: Info) -> str | None:
        """The actor's name."""
        return await info.context.names.load(str(self.document["actor"]))

    @strawberry.field(description="When its file had come whole.")
    def created_at(self) -> datetime:
        """When it was made."""
        at: datetime = self.document["created"]["recorded_at"]
        return at

    @strawberry.field(description="When its first row was begun.")
    def started_at(self) -> datetime | None:
        """When it was begun."""
        return self.document.get("started_at")

    @strawberry.field(description="When it was done, or failed.")
    def ended_at(self) -> datetime | None:
        """When it was over."""
        return self.document.get("ended_at")

    @strawberry.field(description="Why its assets are registered.")
    def reason(self) -> str | None:
        """The reason."""
        return self.document.get("reason")

    @strawberry.field(description="SHA-256 of its file, hexadecimal.")
    def sha256(self) -> str:
        """The digest of the file."""
        return str(self.document["sha256"])

    @strawberry.field(description="How many rows it has.")
    def total(self) -> int:
        """The rows."""
        return int(self.document["total"])

    @strawberry.field(description="How many of them are registered up to now.")
    def done(self) -> int:
        """Those done."""
        return int(self.document["done"])

    @strawberry.field(description="How many of them were refused up to now; `rows(refused: true)` says why.")
    def refused(self) -> int:
        """Those refused."""
        return int(self.document["refused"])

    @strawberry.field(description="Why it failed; null when all is well.")
    def error(self) -> str | None:
        """The trouble."""
        return self.document.get("error")

    @strawberry.field(description="Where all that became of its rows is downloaded, with a key, once it is over.")
    def report(self) -> list[str]:
        """The paths."""
        return [f"/imports/{self.document['_id']}.{ending}" for ending in RowFormat]

    @strawberry.field(description="Its rows in the order of the file, and what became of each.")
    async def rows(
        self,
        info: Info,
        refused: Annotated[
            bool | None, strawberry.argument(description="Only those that were refused, or only those that are done.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[ImportRow]:
        """A page of the rows."""
        imports, actor = info.context.services.imports, info.context.actor
        size, _ = page_size(first, None)
        begin = 1 if after is None else _row("after", after) + 1
        rows = await imports.rows(actor, self.id, begin, size + 1, refused=refused)
        names = {None: "total", True: "refused", False: "done"}

        async def counted() -> int:
            return int(self.document[names[refused]])

        return Connection.of(
            [(ImportRow.of(row), str(row["row"])) for row in rows[:size]],
            counted,
            has_next=len(rows) > size,
            has_previous=after is not None,
        )


@strawberry.type
class ImportQuery:
    """What can be asked about imports."""

    @strawberry.field(description="An import; null when there is none of that id. Needs a key.")
    async def import_job(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The import's id.")]
    ) -> ImportJob | None:
        """One import."""
        try:
            return ImportJob.of(await info.context.services.imports.find(info.context.actor, id))
        except NotFound:
            return None

    @strawberry.field(description="Imports, the newest first. Needs a key.")
    async def import_jobs(
        self,
        info: Info,
        states: Annotated[
            list[ImportState] | None, strawberry.argument(description="Only those in one of these.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ImportJob]:
        """A page of the imports."""
        imports, actor = info.context.services.imports, info.context.actor
        page = await imports.page(actor, page_request(first, after, last, before), states=states)
        return Connection.of(
            [(ImportJob.of(document), cursor_of(key_of(document))) for document in page.documents],
            lambda: imports.count(actor, states=states),
            has_next=page.has_next,
            has_previous=page.has_previous,
        )


def _id(value: str | None) -> strawberry.ID | None:
    return None if value is None else strawberry.ID(value)


def _row(name: str, cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 6):
        raise InvalidInput(f"{name}: {shown(cursor)} is not a cursor of this list.", path=(name,))
    return int(cursor)
