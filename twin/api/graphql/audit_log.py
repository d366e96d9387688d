"""The audit log, for auditors: who changed what, and what was refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from twin.api.graphql.context import ACTOR_NAME, Info
from twin.api.graphql.enums import Door
from twin.api.graphql.nodes import After, Before, Connection, First, Last, cursor_of, page_request
from twin.domain import fields
from twin.domain.history import Document
from twin.services.audit_log import Wanted
from twin.store.paging import key_of


@strawberry.type(description="A node that was changed.")
class ChangedNode:
    """A node as it was left."""

    id: strawberry.ID = strawberry.field(description="The node's id.")
    revision: int | None = strawberry.field(description="Its revision after the change; null where nodes have none.")


@strawberry.type(description="A change, or something that was refused; nothing of what was entered.")
class AuditRow:
    """A row of the audit log."""

    id: strawberry.ID = strawberry.field(description="The row's id.")
    recorded_at: datetime = strawberry.field(description="When it was done or refused, the first time.")
    actor: str = strawberry.field(description="The caller's id; `anonymous` without a key, or with one not known.")
    client: str | None = strawberry.field(description="The caller's program, as it names itself: `curl/8.5.0`.")
    request_id: str | None = strawberry.field(description="The `X-Request-Id` of the answer; the first one's.")
    door: Door = strawberry.field(description="Which way the caller came in.")
    operation: str = strawberry.field(description="The field, the method and route, or the command.")
    outcome: str = strawberry.field(description="`done`, or the code of the error; several with spaces between.")
    nodes: list[ChangedNode] = strawberry.field(description="What was changed, 100 at most.")
    client_mutation_id: str | None = strawberry.field(description="The caller's name for the change.")
    times: int = strawberry.field(description="How often: what is refused alike within a second is one row.")

    @strawberry.field(description=ACTOR_NAME)
    async def actor_name(self, info: Info) -> str | None:
        """The caller's name."""
        return await info.context.names.load(self.actor)

    @classmethod
    def of(cls, row: Document) -> AuditRow:
        """The row that a document holds."""
        return cls(
            id=strawberry.ID(row["_id"]),
            recorded_at=row["created"]["recorded_at"],
            actor=row["actor"],
            client=row.get("client"),
            request_id=row.get("request_id"),
            door=Door(row["door"]),
            operation=row["operation"],
            outcome=row["outcome"],
            nodes=[ChangedNode(id=node["id"], revision=node["revision"]) for node in row.get("nodes", ())],
            client_mutation_id=row.get("mutation"),
            times=row["times"],
        )


@strawberry.type
class AuditLogQuery:
    """What auditors ask."""

    @strawberry.field(
        description="Who changed what, and what was refused, newest first; the last second may not be there yet. "
        "Needs the right `audit:read`; who reads it stands in it."
    )
    async def audit_log(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        actor: Annotated[str | None, strawberry.argument(description="Of this caller.")] = None,
        operation: Annotated[str | None, strawberry.argument(description="Of this operation.")] = None,
        outcome: Annotated[str | None, strawberry.argument(description="With this outcome.")] = None,
        from_: Annotated[
            datetime | None, strawberry.argument(name="from", description="Of this moment, or later.")
        ] = None,
        to: Annotated[datetime | None, strawberry.argument(description="Before this moment.")] = None,
    ) -> Connection[AuditRow]:
        """A page of the audit log."""
        context, log = info.context, info.context.services.audit_log
        wanted = Wanted(
            actor=actor,
            operation=operation,
            outcome=outcome,
            since=from_ and fields.utc(from_, path=("from",)),
            until=to and fields.utc(to, path=("to",)),
        )
        page = await log.page(context.actor, wanted, page_request(first, after, last, before))
        await log.room()
        log.note(context.call, info.field_name)
        return Connection.of(
            [(AuditRow.of(row), cursor_of(key_of(row))) for row in page.documents],
            lambda: log.count(context.actor, wanted),
            has_next=page.has_next,
            has_previous=page.has_previous,
        )
