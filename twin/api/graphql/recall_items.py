"""What recalls are made of in the API: notices, events, and the things in their sets with why they are there."""

from __future__ import annotations

from datetime import datetime

import strawberry

from twin.api.graphql.context import ACTOR_NAME, Info
from twin.api.graphql.enums import How, RecallAction, RecallProgress, Standing
from twin.api.graphql.facts import Fact, LazyAsset, asset_of
from twin.domain.fact import NEVER
from twin.domain.history import Document


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


async def _assets(info: Info, ids: list[str]) -> list[LazyAsset | None]:
    return [await asset_of(info, asset) for asset in ids[:100]]
