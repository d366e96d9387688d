"""Genealogy in the API: what a thing is made of, what it went into, and where it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.enums import FactKind, How
from twin.api.graphql.facts import Fact, LazyAsset, asset_of, facts_page
from twin.api.graphql.nodes import After, AsOf, Before, Connection, First, Last, as_of_point
from twin.api.graphql.pinned import page_of, position
from twin.api.graphql.stock import StockLevel
from twin.domain.fact import NEVER
from twin.domain.history import AsOf as Point
from twin.domain.history import Document
from twin.domain.spans import GENEALOGY
from twin.domain.tracing import Step
from twin.errors import InvalidInput
from twin.services.genealogy import DEEPEST
from twin.services.genealogy import Whereabouts as Found

Depth = Annotated[int, strawberry.argument(description=f"Levels at most, 1 to {DEEPEST}.")]
AsOfArgument = Annotated[
    AsOf | None,
    strawberry.argument(description="At this moment, as it was known then; null means as the asset is shown."),
]
Through = Annotated[
    list[How] | None,
    strawberry.argument(description="Only what is INSTALLED, CONSUMED or PACKED so; null means any of them."),
]


@strawberry.type(description="A step of a walk through what is in what.")
class GenealogyStep:
    """A step."""

    step: strawberry.Private[Step]

    @strawberry.field(description="How many steps it is away from where the walk began, from 1.")
    def level(self) -> int:
        """The level."""
        return self.step.level

    @strawberry.field(description="What the step leads to.")
    async def asset(self, info: Info) -> LazyAsset | None:
        """The thing."""
        return await asset_of(info, self.step.thing)

    @strawberry.field(description="What the step leads from, one level before.")
    async def via(self, info: Info) -> LazyAsset | None:
        """The thing before."""
        return await asset_of(info, self.step.via)

    @strawberry.field(description="How one is in the other.")
    def how(self) -> How:
        """The kind of the span."""
        return How(self.step.span["how"])

    @strawberry.field(description="Where in the assembly.")
    def position(self) -> str | None:
        """The position."""
        return self.step.span.get("position")

    @strawberry.field(description="How much of a lot; null where it went into several things at once, or nobody said.")
    def quantity(self) -> str | None:
        """The quantity."""
        return self.step.span.get("quantity")

    @strawberry.field(description="The unit of the quantity.")
    def unit(self) -> str | None:
        """The unit."""
        return self.step.span.get("unit")

    @strawberry.field(description="Since when one has been in the other.")
    def since(self) -> datetime:
        """The beginning."""
        start: datetime = self.step.span["start"]
        return start

    @strawberry.field(description="Until when; null while it goes on.")
    def until(self) -> datetime | None:
        """The end."""
        return None if self.step.span["end"] == NEVER else self.step.span["end"]

    @strawberry.field(description="The fact that put one into the other.")
    async def fact(self, info: Info) -> Fact:
        """The fact."""
        return Fact.of(await info.context.facts.load(self.step.span["began"]))


@strawberry.type(description="Where a thing is, or was.")
class Whereabouts:
    """Where a thing is."""

    found: strawberry.Private[Found]

    @strawberry.field(description="What it is in, from the nearest to the outermost.")
    async def inside(self, info: Info) -> list[LazyAsset | None]:
        """What it is in."""
        return [await asset_of(info, twin) for twin in self.found.inside]

    @strawberry.field(description="How it is in the nearest; null when in nothing.")
    def how(self) -> How | None:
        """How."""
        return self.found.how

    @strawberry.field(description="The place of the outermost; null when nobody said.")
    def place(self) -> str | None:
        """The place."""
        return self.found.place

    @strawberry.field(description="Who has it there.")
    def party(self) -> str | None:
        """The party."""
        return self.found.party

    @strawberry.field(description="Whether it is on its way to the place.")
    def in_transit(self) -> bool:
        """Whether it has not arrived."""
        return self.found.transit

    @strawberry.field(description="Since when it has been there, or on its way.")
    def since(self) -> datetime | None:
        """Since when."""
        return self.found.since


@strawberry.type
class Traced:
    """What can be asked of an asset about what it is made of, what it went into, and where it is."""

    document: strawberry.Private[Document]
    as_of: strawberry.Private[Point | None] = None

    @strawberry.field(
        description="Its bill of materials: what is in it, to every level, the nearest first. Each thing is looked "
        "into once, however often it is met."
    )
    async def components(
        self,
        info: Info,
        depth: Depth = DEEPEST,
        through: Through = None,
        as_built: Annotated[
            bool | None, strawberry.argument(description="As of when it was made, as its newest production fact says.")
        ] = None,
        as_of: AsOfArgument = None,
        first: First = None,
        after: After = None,
    ) -> Connection[GenealogyStep]:
        """The bill of materials."""
        genealogy, actor, twin = info.context.services.genealogy, info.context.actor, self.document["_id"]
        if as_built and as_of is not None:
            raise InvalidInput("Expected asBuilt or asOf, found both.", path=("asBuilt",))
        offset, point = position(after, await genealogy.as_built(actor, twin) if as_built else self._at(as_of))
        steps = await genealogy.components(actor, twin, point, depth=depth, through=_through(through))
        return page_of([GenealogyStep(step=step) for step in steps], offset, first, point)

    @strawberry.field(
        description="Where it is used: what it is in, to every level, the nearest first. Each thing is looked into "
        "once, however often it is met."
    )
    async def used_in(
        self,
        info: Info,
        depth: Depth = DEEPEST,
        through: Through = None,
        finished: Annotated[
            bool | None, strawberry.argument(description="Only what is in nothing else, as far as was walked.")
        ] = None,
        as_of: AsOfArgument = None,
        first: First = None,
        after: After = None,
    ) -> Connection[GenealogyStep]:
        """Where-used."""
        genealogy, actor, twin = info.context.services.genealogy, info.context.actor, self.document["_id"]
        offset, point = position(after, self._at(as_of))
        steps = await genealogy.uses(actor, twin, point, depth=depth, through=_through(through))
        if finished:
            inner = {step.via for step in steps}
            steps = list({step.thing: step for step in reversed(steps) if step.thing not in inner}.values())[::-1]
        return page_of([GenealogyStep(step=step) for step in steps], offset, first, point)

    @strawberry.field(description="Where it is.")
    async def whereabouts(self, info: Info, as_of: AsOfArgument = None) -> Whereabouts:
        """Where it is."""
        return Whereabouts(found=await info.context.whereabouts(self._at(as_of)).load(self.document["_id"]))

    @strawberry.field(
        description="How much of this lot is where, as its facts say; nothing where nobody said a quantity."
    )
    async def stock(self, info: Info, as_of: AsOfArgument = None) -> list[StockLevel]:
        """How much is where."""
        found = await info.context.stock(self._at(as_of)).load(self.document["_id"])
        return [StockLevel(level=level) for level in found]

    @strawberry.field(
        description="What happened to it and with it, the newest first; without a point in time, mistakes and "
        "corrections too."
    )
    async def facts(
        self,
        info: Info,
        kinds: Annotated[list[FactKind] | None, strawberry.argument(description="Only of these kinds.")] = None,
        as_of: AsOfArgument = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Fact]:
        """A page of its facts."""
        twin, window = self.document["_id"], (first, after, last, before)
        return await facts_page(info, window, assets=[twin], kinds=kinds, as_of=self._at(as_of))

    def _at(self, as_of: AsOf | None) -> Point | None:
        return self.as_of if as_of is None else as_of_point(as_of)


def _through(through: Sequence[How] | None) -> Sequence[How]:
    if through is None:
        return GENEALOGY
    if wrong := [how for how in through if how not in GENEALOGY]:
        raise InvalidInput(f"through: expected INSTALLED, CONSUMED or PACKED, found {wrong[0]}.", path=("through",))
    return through
