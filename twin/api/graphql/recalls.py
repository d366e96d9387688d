"""Recalls in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from twin.api.graphql.context import ACTOR_NAME, Info
from twin.api.graphql.enums import How, RecallAction, RecallProgress, RecallState, Standing
from twin.api.graphql.facts import Fact, LazyAsset, asset_of
from twin.api.graphql.mutations import CommandInput, Payload, answered
from twin.api.graphql.nodes import (
    After,
    AsOf,
    Before,
    Connection,
    Field,
    FieldInput,
    First,
    Last,
    Node,
    as_of_point,
    cursor_of,
    fields_of,
    page_request,
    page_size,
    texts_of,
)
from twin.api.graphql.usererrors import UserError
from twin.domain.fact import NEVER
from twin.domain.history import Document
from twin.domain.recall import Criteria
from twin.services.recalls import Asked
from twin.store.paging import key_of


@strawberry.type(description="What the public is told of a recall.")
class RecallNotice:
    """A recall as everybody may see it."""

    document: strawberry.Private[Document]

    @strawberry.field(description="The recall's id.")
    def recall(self) -> strawberry.ID:
        """The id."""
        return strawberry.ID(self.document["_id"])

    @strawberry.field(description="What it is called.")
    def title(self) -> str:
        """The title."""
        return str(self.document["title"])

    @strawberry.field(description="What is wrong, and what to do.")
    def notice(self) -> str:
        """The notice."""
        return str(self.document["notice"])

    @strawberry.field(description="Where more of it is.")
    def url(self) -> str | None:
        """The address."""
        return self.document.get("url")

    @strawberry.field(description="When it was published.")
    def published(self) -> datetime:
        """When."""
        at: datetime = self.document["published"]
        return at


@strawberry.type(description="A step in the life of a recall, or in the work on one thing.")
class RecallEvent:
    """An event."""

    document: strawberry.Private[Document]

    @strawberry.field(description="What happened to the recall; null for work on one thing.")
    def action(self) -> RecallAction | None:
        """The action."""
        return RecallAction(self.document["action"]) if "action" in self.document else None

    @strawberry.field(description="How far the work has come; null for a step of the recall.")
    def progress(self) -> RecallProgress | None:
        """The progress."""
        return RecallProgress(self.document["progress"]) if "progress" in self.document else None

    @strawberry.field(description="Who: a pseudonymous id.")
    def actor(self) -> str:
        """Who."""
        return str(self.document["actor"])

    @strawberry.field(description=ACTOR_NAME)
    async def actor_name(self, info: Info) -> str | None:
        """The name."""
        name: str | None = await info.context.names.load(self.document["actor"])
        return name

    @strawberry.field(description="When it happened.")
    def occurred_at(self) -> datetime:
        """The first axis."""
        at: datetime = self.document.get("occurred_at", self.document["at"])
        return at

    @strawberry.field(description="When the service learnt it.")
    def recorded_at(self) -> datetime:
        """The second axis."""
        at: datetime = self.document["at"]
        return at

    @strawberry.field(description="Why.")
    def reason(self) -> str | None:
        """Why."""
        return self.document.get("reason")

    @strawberry.field(description="Roughly where.")
    def place(self) -> str | None:
        """Where."""
        return self.document.get("place")


@strawberry.type(description="A time during which something was so.")
class Period:
    """A period."""

    start: datetime | None = strawberry.field(description="Since when; null for always.")
    end: datetime | None = strawberry.field(description="Until when; null while it goes on.")

    @classmethod
    def of(cls, start: datetime, end: datetime) -> Period:
        """The period between two moments."""
        return cls(start=start, end=None if end == NEVER else end)


@strawberry.type(description="One step of the way from what a recall starts from to a thing in its set.")
class RecallStep:
    """A step, as it was frozen."""

    row: strawberry.Private[Document]

    @strawberry.field(description="What was in the other.")
    async def what(self, info: Info) -> LazyAsset | None:
        """The thing."""
        return await asset_of(info, self.row["what"])

    @strawberry.field(description="What it was in.")
    async def into(self, info: Info) -> LazyAsset | None:
        """What held it."""
        return await asset_of(info, self.row["into"])

    @strawberry.field(description="How.")
    def how(self) -> How:
        """How."""
        return How(self.row["how"])

    @strawberry.field(description="When, as it was known when the set was frozen.")
    def period(self) -> Period:
        """When."""
        return Period.of(self.row["start"], self.row["end"])

    @strawberry.field(description="The fact that put one into the other.")
    async def fact(self, info: Info) -> Fact:
        """The fact."""
        return Fact.of(await info.context.facts.load(self.row["began"]))


@strawberry.type(description="A thing in a recall's set: why it is there, and how far the work on it has come.")
class RecallItem:
    """An item."""

    document: strawberry.Private[Document]

    @strawberry.field(description="The thing.")
    async def asset(self, info: Info) -> LazyAsset | None:
        """The asset."""
        return await asset_of(info, self.document["asset"])

    @strawberry.field(description="Whether it is affected, or was only exposed until a part was taken out.")
    def standing(self) -> Standing:
        """The standing."""
        return Standing(self.document["standing"])

    @strawberry.field(description="Why it is in the set: the way to it; empty for what the recall starts from.")
    def way(self) -> list[RecallStep]:
        """The way."""
        return [RecallStep(row=row) for row in self.document["way"]]

    @strawberry.field(description="Of what was exposed: when it was.")
    def exposed(self) -> list[Period]:
        """The periods."""
        return [Period.of(period["start"], period["end"]) for period in self.document["periods"]]

    @strawberry.field(description="How far the work on it has come.")
    def progress(self) -> RecallProgress:
        """The progress."""
        return RecallProgress(self.document["progress"])

    @strawberry.field(description="What was done, the oldest first.")
    def events(self) -> list[RecallEvent]:
        """The events."""
        return [RecallEvent(document=event) for event in self.document["events"]]


@strawberry.type(description="How many things of one standing have come so far.")
class RecallCount:
    """A count."""

    standing: Standing = strawberry.field(description="Why they are in the set.")
    progress: RecallProgress = strawberry.field(description="How far the work on them has come.")
    count: int = strawberry.field(description="How many there are.")


@strawberry.type(description="What the same question would answer now, beside what is frozen; 100 of each at most.")
class RecallDifference:
    """What came since."""

    found: strawberry.Private[dict[str, list[str]]]

    @strawberry.field(description="How many things would be in the set that are not.")
    def added_count(self) -> int:
        """How many came."""
        return len(self.found["added"])

    @strawberry.field(description="How many things are in the set that would not be.")
    def removed_count(self) -> int:
        """How many went."""
        return len(self.found["removed"])

    @strawberry.field(description="How many things would be affected and were exposed, or the other way round.")
    def changed_count(self) -> int:
        """How many changed."""
        return len(self.found["changed"])

    @strawberry.field(description="Things that would be in the set and are not.")
    async def added(self, info: Info) -> list[LazyAsset | None]:
        """What came."""
        return await _assets(info, self.found["added"])

    @strawberry.field(description="Things that are in the set and would not be.")
    async def removed(self, info: Info) -> list[LazyAsset | None]:
        """What went."""
        return await _assets(info, self.found["removed"])

    @strawberry.field(description="Things that would stand otherwise.")
    async def changed(self, info: Info) -> list[LazyAsset | None]:
        """What changed."""
        return await _assets(info, self.found["changed"])


def _text(value: object) -> str | None:
    return None if value is None else str(value)


async def _assets(info: Info, ids: list[str]) -> list[LazyAsset | None]:
    return [await asset_of(info, asset) for asset in ids[:100]]


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


@strawberry.input(description="What a recall starts from: all that any of these names.")
class RecallCriteriaInput:
    """The criteria."""

    assets: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Lots, serials or components: ids, identifiers or carriers' texts; 500 at most.",
    )
    part_of: list[str] = strawberry.field(
        default_factory=list, description="Identifiers of lots or products: all that is registered as of them."
    )
    made: list[FieldInput] = strawberry.field(
        default_factory=list,
        description="What one production fact says: site, line, workOrder, machine, process; all of it must hold.",
    )
    made_from: datetime | None = strawberry.field(default=None, description="Only what was made then or later.")
    made_until: datetime | None = strawberry.field(default=None, description="Only what was made before then.")

    def criteria(self) -> Criteria:
        """As the services take it."""
        made = {name: value or "" for name, value in texts_of(self.made, "made").items()}
        return Criteria(tuple(self.assets), tuple(self.part_of), made, self.made_from, self.made_until)


@strawberry.input(description="A new recall.")
class OpenRecallInput(CommandInput):
    """What `openRecall` asks for."""

    title: str = strawberry.field(description="What people call it; 120 characters at most.")
    notice: str = strawberry.field(description="What the public is told: what is wrong, and what to do.")
    criteria: RecallCriteriaInput | None = strawberry.field(default=None, description="What it starts from.")
    like: strawberry.ID | None = strawberry.field(
        default=None, description="A recall whose criteria are asked again, in the place of others."
    )
    url: str | None = strawberry.field(default=None, description="Where more of it is: an address with https.")
    as_of: AsOf | None = strawberry.field(
        default=None, description="When things count as affected, and as it was known when; null means now."
    )


@strawberry.input(description="A recall whose set you have looked at.")
class PublishRecallInput(CommandInput):
    """What `publishRecall` asks for."""

    recall: strawberry.ID = strawberry.field(description="The recall's id.")
    digest: str = strawberry.field(description="The digest of what is frozen.")


@strawberry.input(description="A recall, and why it ends.")
class EndRecallInput(CommandInput):
    """What `withdrawRecall` and `closeRecall` ask for."""

    recall: strawberry.ID = strawberry.field(description="The recall's id.")


@strawberry.input(description="How far the work on one thing has come.")
class WorkRecallInput(CommandInput):
    """What `workRecall` asks for."""

    recall: strawberry.ID = strawberry.field(description="The recall's id.")
    item: str = strawberry.field(description="What was scanned: a label's link, an identifier, or the asset's id.")
    progress: RecallProgress = strawberry.field(description="How far; not OPEN.")
    place: str | None = strawberry.field(default=None, description="Roughly where; 120 characters at most.")


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
