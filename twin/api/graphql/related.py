"""What an asset has in common with others, and the time line of what happened to it, its parts and its labels."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.enums import Shared
from twin.api.graphql.facts import Fact, LazyAsset, asset_of
from twin.api.graphql.genealogy import AsOfArgument, Depth, Traced
from twin.api.graphql.nodes import After, Connection, First, cursor_of, page_request
from twin.api.graphql.pinned import page_of, position
from twin.services.genealogy import DEEPEST
from twin.services.sharing import Hit
from twin.services.timelines import Entry

if TYPE_CHECKING:
    from twin.api.graphql.labels import Label, LabelVersion

LazyLabel = Annotated["Label", strawberry.lazy("twin.api.graphql.labels")]
LazyVersion = Annotated["LabelVersion", strawberry.lazy("twin.api.graphql.labels")]

MOST_FACTS = 10
COUNTED_TO = 1_000


@strawberry.type(description="An asset that shares something with the one that was asked about.")
class SharedHit:
    """What is shared, and with what."""

    hit: strawberry.Private[Hit]

    @strawberry.field(description="What shares it.")
    async def asset(self, info: Info) -> LazyAsset | None:
        """The other thing."""
        return await asset_of(info, self.hit.thing)

    @strawberry.field(description="How it is shared.")
    def by(self) -> Shared:
        """What kind of thing is shared."""
        return self.hit.by

    @strawberry.field(description="The lot that is in both; null where something else is shared.")
    async def lot(self, info: Info) -> LazyAsset | None:
        """The lot."""
        return None if self.hit.lot is None else await asset_of(info, self.hit.lot)

    @strawberry.field(description="What is said of both, such as `workOrder:4711`; null where a lot is shared.")
    def detail(self) -> str | None:
        """The mark."""
        return self.hit.said

    @strawberry.field(
        description=f"The facts that say so, {MOST_FACTS} at most: how the lot came into the asset, beginning at the "
        "lot; or what was said of the asset, the newest first."
    )
    async def facts(self, info: Info) -> list[Fact]:
        """The facts."""
        return [Fact.of(fact) for fact in await info.context.facts.load_many(self.hit.facts[:MOST_FACTS])]


@strawberry.type(description="Something that happened: a fact, or a version of a label.")
class TimelineEntry:
    """An entry of a time line."""

    entry: strawberry.Private[Entry]

    @strawberry.field(description="When it happened.")
    def occurred_at(self) -> datetime:
        """The first axis."""
        return self.entry.key[0]

    @strawberry.field(description="When the service learnt it.")
    def recorded_at(self) -> datetime:
        """The second axis."""
        return self.entry.recorded_at

    @strawberry.field(description="The fact; null where it is a version of a label.")
    def fact(self) -> Fact | None:
        """The fact."""
        return None if self.entry.fact is None else Fact.of(self.entry.fact)

    @strawberry.field(description="The version of a label; null where it is a fact.")
    def version(self) -> LazyVersion | None:
        """The version."""
        from twin.api.graphql.labels import LabelVersion

        if self.entry.version is None or self.entry.label is None:
            return None
        return LabelVersion(document=self.entry.version, label_document=self.entry.label)

    @strawberry.field(description="The label that a version is of; null where it is a fact.")
    def label(self) -> LazyLabel | None:
        """The label as it is now."""
        from twin.api.graphql.labels import Label

        return None if self.entry.label is None else Label.of(self.entry.label)


@strawberry.type
class Related(Traced):
    """What can be asked of an asset besides what it is made of."""

    @strawberry.field(
        description="What shares a lot, work order, machine or line with it, or was at the same machine or line within "
        "some hours. It is told once for each thing that is shared."
    )
    async def sharing(
        self,
        info: Info,
        by: Annotated[list[Shared], strawberry.argument(description="What may be shared.")],
        hours: Annotated[
            int | None, strawberry.argument(description="How far apart, 1 to 744; with TIME, and only then.")
        ] = None,
        as_of: AsOfArgument = None,
        first: First = None,
        after: After = None,
    ) -> Connection[SharedHit]:
        """What has something in common with it."""
        offset, point = position(after, self._at(as_of))
        services, actor, twin = info.context.services, info.context.actor, self.document["_id"]
        hits = await services.sharing.sharing(actor, twin, by, hours, point)
        return page_of([SharedHit(hit=hit) for hit in hits], offset, first, point)

    @strawberry.field(
        description="What happened to it, to its parts while they were in it, and to its labels while they were on it, "
        f"the newest first; of lots that it is made of, inspections alone. It is counted to {COUNTED_TO}."
    )
    async def timeline(
        self,
        info: Info,
        depth: Depth = DEEPEST,
        as_of: AsOfArgument = None,
        first: First = None,
        after: After = None,
    ) -> Connection[TimelineEntry]:
        """A page of its time line."""
        timelines, actor, twin = info.context.services.timelines, info.context.actor, self.document["_id"]
        request, point = page_request(first, after, None, None), self._at(as_of)
        page = await timelines.page(actor, twin, request.size, request.after, point, depth=depth)

        async def counted() -> int:
            return len((await timelines.page(actor, twin, COUNTED_TO, None, point, depth=depth)).entries)

        return Connection.of(
            [(TimelineEntry(entry=entry), cursor_of(entry.key)) for entry in page.entries],
            counted,
            has_next=page.has_next,
            has_previous=after is not None,
        )
