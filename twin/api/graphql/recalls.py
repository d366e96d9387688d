"""Recalls in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.enums import RecallProgress, RecallState, Standing
from twin.api.graphql.facts import LazyAsset, asset_of
from twin.api.graphql.mutations import CommandInput, Payload, answered
from twin.api.graphql.nodes import (
    After,
    Before,
    Connection,
    Field,
    First,
    Last,
    Node,
    as_of_point,
    cursor_of,
    fields_of,
    page_request,
    page_size,
)
from twin.api.graphql.recall_inputs import (
    EndRecallInput,
    OpenRecallInput,
    PublishRecallInput,
    WorkRecallInput,
)
from twin.api.graphql.recall_items import Period, RecallCount, RecallDifference, RecallEvent, RecallItem
from twin.api.graphql.usererrors import UserError
from twin.domain.history import Document
from twin.domain.recall import Criteria
from twin.services.recalls import Asked
from twin.store.paging import key_of


@strawberry.type(description="A recall: what must come back, why, and how far that is.")
class Recall(Node):
    """A recall."""

    document: strawberry.Private[Document]

    @classmethod
    def of(cls, document: Document) -> Recall:
        """The recall that a document holds."""
        return cls(id=strawberry.ID(document["_id"]), document=document)

    @strawberry.field(description="What people call it.")
    def title(self) -> str:
        """The title."""
        return str(self.document["title"])

    @strawberry.field(description="What the public is told: what is wrong, and what to do.")
    def notice(self) -> str:
        """The notice."""
        return str(self.document["notice"])

    @strawberry.field(description="Where more of that is.")
    def url(self) -> str | None:
        """The address."""
        return self.document.get("url")

    @strawberry.field(description="Where it stands.")
    def state(self) -> RecallState:
        """The state."""
        return RecallState(self.document["state"])

    @strawberry.field(description="The assets that it starts from.")
    async def assets(self, info: Info) -> list[LazyAsset | None]:
        """The assets of the criteria."""
        return [await asset_of(info, asset) for asset in self.document["criteria"].get("assets", ())]

    @strawberry.field(description="The lots and products that it starts from: all that is registered as of them.")
    def part_of(self) -> list[str]:
        """The identifiers of the criteria."""
        return list(self.document["criteria"].get("part_of", ()))

    @strawberry.field(description="What production facts say of what it starts from.")
    def made(self) -> list[Field]:
        """The marks of the criteria."""
        return fields_of(self.document["criteria"].get("made", {}))

    @strawberry.field(description="When what it starts from was made; null for any time.")
    def made_between(self) -> Period | None:
        """The window of the criteria."""
        criteria = self.document["criteria"]
        if not {"made_from", "made_until"} & criteria.keys():
            return None
        return Period(start=criteria.get("made_from"), end=criteria.get("made_until"))

    @strawberry.field(description="The moment at which things count as affected.")
    def occurred(self) -> datetime:
        """The moment on the first axis."""
        at: datetime = self.document["as_of"]["occurred"]
        return at

    @strawberry.field(description="The moment of knowledge: what was learnt later is not in the set.")
    def recorded(self) -> datetime:
        """The moment on the second axis."""
        at: datetime = self.document["as_of"]["recorded"]
        return at

    @strawberry.field(description="How many things were found so far.")
    def found(self) -> int:
        """The size of the set."""
        return int(self.document["found"])

    @strawberry.field(description="How many of them are kept so far; all of them once it is frozen.")
    def written(self) -> int:
        """How far the computing has come."""
        return int(self.document["written"])

    @strawberry.field(
        description="SHA-256 over what was asked and found; who publishes names it. Null until the set is frozen."
    )
    def digest(self) -> str | None:
        """The digest."""
        return _text(self.document.get("frozen", {}).get("digest"))

    @strawberry.field(description="The Ed25519 signature of what is frozen, in hexadecimal.")
    def signature(self) -> str | None:
        """The signature."""
        return _text(self.document.get("frozen", {}).get("signature"))

    @strawberry.field(description="The public key that the signature is checked with, in hexadecimal.")
    def key(self) -> str | None:
        """The key."""
        return _text(self.document.get("frozen", {}).get("key"))

    @strawberry.field(description="What happened to it, the oldest first.")
    def events(self) -> list[RecallEvent]:
        """The events."""
        return [RecallEvent(document=event) for event in self.document["events"]]

    @strawberry.field(description="How many things have come how far.")
    async def counts(self, info: Info) -> list[RecallCount]:
        """The counts."""
        found = await info.context.services.recalls.counts(info.context.actor, str(self.id))
        return [
            RecallCount(standing=Standing(standing), progress=RecallProgress(progress), count=many)
            for (standing, progress), many in sorted(found.items())
        ]

    @strawberry.field(description="The things in its set, in the order of their ids.")
    async def items(
        self,
        info: Info,
        standing: Annotated[Standing | None, strawberry.argument(description="Only of this standing.")] = None,
        progress: Annotated[RecallProgress | None, strawberry.argument(description="Only those so far.")] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[RecallItem]:
        """A page of the items."""
        size, _ = page_size(first, None)
        recalls, actor, recall = info.context.services.recalls, info.context.actor, str(self.id)
        found = await recalls.items(actor, recall, size, after, standing=standing, progress=progress)
        return Connection.of(
            [(RecallItem(document=item), item["asset"]) for item in found[:size]],
            lambda: recalls.count_items(actor, recall, standing=standing, progress=progress),
            has_next=len(found) > size,
            has_previous=after is not None,
        )

    @strawberry.field(description="What the same question would answer by what is known now.")
    async def difference(self, info: Info) -> RecallDifference:
        """What came since."""
        found = await info.context.services.recalls.difference(info.context.actor, str(self.id))
        return RecallDifference(found=found)


@strawberry.type(description="What became of a recall.")
class RecallPayload(Payload):
    """The answer of a mutation of a recall."""

    recall: Recall | None = strawberry.field(description="The recall; null when there are errors.")


@strawberry.type(description="What became of the work on one thing.")
class WorkRecallPayload(Payload):
    """The answer of `workRecall`."""

    item: RecallItem | None = strawberry.field(description="The thing; null when there are errors.")


@strawberry.type
class RecallQuery:
    """What can be asked about recalls."""

    @strawberry.field(description="A recall by its id. Needs a key.")
    async def recall(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The recall's id.")]
    ) -> Recall | None:
        """One recall."""
        return Recall.of(await info.context.services.recalls.find(info.context.actor, id))

    @strawberry.field(description="Recalls, newest first. Needs a key.")
    async def recalls(
        self,
        info: Info,
        states: Annotated[list[RecallState] | None, strawberry.argument(description="Only in these states.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Recall]:
        """A page of the recalls."""
        recalls, actor = info.context.services.recalls, info.context.actor
        page = await recalls.page(actor, page_request(first, after, last, before), states)
        return Connection.of(
            [(Recall.of(document), cursor_of(key_of(document))) for document in page.documents],
            lambda: recalls.count(actor, states),
            has_next=page.has_next,
            has_previous=page.has_previous,
        )


@strawberry.type
class RecallMutation:
    """What can be done about recalls."""

    @strawberry.mutation(
        description="Open a recall. What it affects is computed at once, in the background, and frozen: ask for its "
        "state until it is FROZEN."
    )
    async def open_recall(
        self, info: Info, input: Annotated[OpenRecallInput, strawberry.argument(description="The recall.")]
    ) -> RecallPayload:
        """Open."""

        async def work() -> Document:
            criteria = Criteria() if input.criteria is None else input.criteria.criteria()
            at, like = as_of_point(input.as_of), input.like
            asked = Asked(input.title, criteria, input.notice, input.url, at, like)
            return await info.context.services.recalls.open(info.context.actor, asked, input.command())

        return _payload(input, *await answered(work()))

    @strawberry.mutation(description="Publish a frozen recall that somebody else has opened: every scan shows it.")
    async def publish_recall(
        self, info: Info, input: Annotated[PublishRecallInput, strawberry.argument(description="Which.")]
    ) -> RecallPayload:
        """Publish."""
        recalls, actor = info.context.services.recalls, info.context.actor
        work = recalls.publish(actor, input.recall, digest=input.digest, command=input.command())
        return _payload(input, *await answered(work))

    @strawberry.mutation(description="Give up a recall that was not published.")
    async def withdraw_recall(
        self, info: Info, input: Annotated[EndRecallInput, strawberry.argument(description="Which.")]
    ) -> RecallPayload:
        """Withdraw."""
        work = info.context.services.recalls.withdraw(info.context.actor, input.recall, input.command())
        return _payload(input, *await answered(work))

    @strawberry.mutation(description="Note how far the work on one thing has come, by scanning it.")
    async def work_recall(
        self, info: Info, input: Annotated[WorkRecallInput, strawberry.argument(description="What was done.")]
    ) -> WorkRecallPayload:
        """Work."""
        document, errors = await answered(
            info.context.services.recalls.work(
                info.context.actor,
                input.recall,
                input.item,
                progress=input.progress,
                place=input.place,
                command=input.command(),
            )
        )
        item = None if document is None else RecallItem(document=document)
        return WorkRecallPayload(item=item, errors=errors, client_mutation_id=input.client_mutation_id)

    @strawberry.mutation(description="Close a recall with a signed report, once the work on everything has ended.")
    async def close_recall(
        self, info: Info, input: Annotated[EndRecallInput, strawberry.argument(description="Which.")]
    ) -> RecallPayload:
        """Close."""
        work = info.context.services.recalls.close(info.context.actor, input.recall, input.command())
        return _payload(input, *await answered(work))


def _payload(input: CommandInput, document: Document | None, errors: list[UserError]) -> RecallPayload:
    recall = None if document is None else Recall.of(document)
    return RecallPayload(recall=recall, errors=errors, client_mutation_id=input.client_mutation_id)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
