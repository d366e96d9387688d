"""Facts in the API: what happened to things, recorded and corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from twin.api.graphql.context import ACTOR_NAME, Info
from twin.api.graphql.enums import FactKind
from twin.api.graphql.fact_inputs import (
    ConsumeMaterialInput,
    CorrectFactInput,
    FactInput,
    InstallComponentInput,
    PackItemsInput,
    RecordInspectionInput,
    RecordMovementInput,
    RecordNoteInput,
    RecordProductionInput,
    RemoveComponentInput,
)
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
    texts_of,
)
from twin.api.graphql.usererrors import UserError
from twin.domain.history import AsOf as Point
from twin.domain.history import Document
from twin.services.facts import Named

if TYPE_CHECKING:
    from twin.api.graphql.assets import Asset

LazyAsset = Annotated["Asset", strawberry.lazy("twin.api.graphql.assets")]


@strawberry.type(description="A thing that a fact names, and how much of it.")
class FactPart:
    """A part of a fact."""

    part: strawberry.Private[Document]

    @strawberry.field(description="The thing; null when the caller may not see it.")
    async def asset(self, info: Info) -> LazyAsset | None:
        """The asset."""
        return await asset_of(info, self.part["asset"])

    @strawberry.field(description="How much of a lot, as a decimal number; null means that nobody said.")
    def quantity(self) -> str | None:
        """The quantity."""
        return self.part.get("quantity")

    @strawberry.field(description="The unit: a code of UN/ECE Recommendation 20 such as `KGM` or `C62`.")
    def unit(self) -> str | None:
        """The unit."""
        return self.part.get("unit")


@strawberry.type(description="Something that happened to things. Facts never change; another fact can correct one.")
class Fact(Node):
    """A fact."""

    document: strawberry.Private[Document]

    @classmethod
    def of(cls, document: Document) -> Fact:
        """The fact that a document holds."""
        return cls(id=strawberry.ID(document["_id"]), document=document)

    @strawberry.field(description="What it is.")
    def kind(self) -> FactKind:
        """The kind."""
        return FactKind(self.document["kind"])

    @strawberry.field(description="What it happened to.")
    def what(self) -> list[FactPart]:
        """The components, materials, items, moved, made or inspected things."""
        return [FactPart(part=part) for part in self.document["what"]]

    @strawberry.field(description="The assembly, the container, or what was made of the material.")
    def into(self) -> list[FactPart]:
        """Where it went."""
        return [FactPart(part=part) for part in self.document.get("into", ())]

    @strawberry.field(description="What its kind knows, such as `position`, `place`, `workOrder`, `outcome`.")
    def details(self) -> list[Field]:
        """What else was said."""
        return fields_of(self.document.get("said", {}))

    @strawberry.field(description="Its free fields: torque, test values.")
    def attributes(self) -> list[Field]:
        """The free fields."""
        return fields_of(self.document.get("attributes", {}))

    @strawberry.field(description="When it happened.")
    def occurred_at(self) -> datetime:
        """The first axis."""
        at: datetime = self.document["occurred_at"]
        return at

    @strawberry.field(description="When the service learnt it.")
    def recorded_at(self) -> datetime:
        """The second axis."""
        at: datetime = self.document["recorded_at"]
        return at

    @strawberry.field(description="Who said so: a pseudonymous id.")
    def actor(self) -> str:
        """Who."""
        return str(self.document["actor"])

    @strawberry.field(description=ACTOR_NAME)
    async def actor_name(self, info: Info) -> str | None:
        """The name."""
        name: str | None = await info.context.names.load(self.document["actor"])
        return name

    @strawberry.field(description="Why, as whoever recorded it said.")
    def reason(self) -> str | None:
        """Why."""
        return self.document.get("reason")

    @strawberry.field(
        description="SHA-256 over RFC 8785 canonical JSON of the fact; it stands in the evidence of a version of each "
        "thing that the fact names."
    )
    def sha256(self) -> str:
        """The hash."""
        return str(self.document["hash"])

    @strawberry.field(description="The fact that this one declares a mistake.")
    async def corrects(self, info: Info) -> Fact | None:
        """The mistake."""
        return await _fact_of(info, self.document.get("corrects"))

    @strawberry.field(description="The fact that declares this one a mistake: it counts no more.")
    async def corrected_by(self, info: Info) -> Fact | None:
        """The correction."""
        return await _fact_of(info, self.document.get("corrected_by"))


async def asset_of(info: Info, twin: str) -> LazyAsset | None:
    """The asset with an id, in one look for all of a level."""
    from twin.api.graphql.assets import Asset

    document = await info.context.assets.load(twin)
    return None if document is None else Asset.of(document)


async def _fact_of(info: Info, id: str | None) -> Fact | None:
    return None if id is None else Fact.of(await info.context.services.facts.find(info.context.actor, id))


async def facts_page(
    info: Info,
    window: tuple[int | None, str | None, int | None, str | None],
    *,
    assets: Sequence[str] | None,
    kinds: Sequence[FactKind] | None,
    as_of: Point | None,
    marks: Sequence[str] | None = None,
) -> Connection[Fact]:
    """A page of facts."""
    facts, actor = info.context.services.facts, info.context.actor
    page = await facts.page(actor, page_request(*window), assets=assets, kinds=kinds, marks=marks, as_of=as_of)
    return Connection.of(
        [(Fact.of(document), cursor_of((document["occurred_at"], document["_id"]))) for document in page.documents],
        lambda: facts.count(actor, assets=assets, kinds=kinds, marks=marks, as_of=as_of),
        has_next=page.has_next,
        has_previous=page.has_previous,
    )


@strawberry.type(description="What became of a fact.")
class FactPayload(Payload):
    """The answer of a mutation that records a fact."""

    fact: Fact | None = strawberry.field(description="The fact as it was recorded; null when there are errors.")


@strawberry.type
class FactQuery:
    """What can be asked about facts."""

    @strawberry.field(
        description="Facts, those that happened last first; without a point in time, mistakes and corrections too. "
        "Needs a key."
    )
    async def facts(
        self,
        info: Info,
        kinds: Annotated[list[FactKind] | None, strawberry.argument(description="Only of these kinds.")] = None,
        details: Annotated[
            list[FieldInput] | None,
            strawberry.argument(
                description="Only those that say one of these: site, line, workOrder, machine, process, place, party "
                "or transport."
            ),
        ] = None,
        as_of: Annotated[AsOf | None, strawberry.argument(description="What had happened, as it was known.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Fact]:
        """A page of facts."""
        marks = None if details is None else [f"{field.name}:{field.value}" for field in details]
        window = (first, after, last, before)
        return await facts_page(info, window, assets=None, kinds=kinds, as_of=as_of_point(as_of), marks=marks)


@strawberry.type
class FactMutation:
    """What can be said to have happened."""

    @strawberry.mutation(description="Record that a component was installed in an assembly.")
    async def install_component(
        self, info: Info, input: Annotated[InstallComponentInput, strawberry.argument(description="The two.")]
    ) -> FactPayload:
        """Install."""
        said = {"position": input.position}
        return await _record(info, FactKind.INSTALL, input, [Named(input.component)], [Named(input.assembly)], said)

    @strawberry.mutation(description="Record that a component was taken out of its assembly.")
    async def remove_component(
        self, info: Info, input: Annotated[RemoveComponentInput, strawberry.argument(description="The two.")]
    ) -> FactPayload:
        """Remove."""
        return await _record(info, FactKind.REMOVE, input, [Named(input.component)], [Named(input.assembly)])

    @strawberry.mutation(description="Record that material was used up in making things.")
    async def consume_material(
        self, info: Info, input: Annotated[ConsumeMaterialInput, strawberry.argument(description="What and for what.")]
    ) -> FactPayload:
        """Consume."""
        what, into = ([part.named() for part in parts] for parts in (input.materials, input.products))
        return await _record(info, FactKind.CONSUME, input, what, into, {"place": input.place})

    @strawberry.mutation(description="Record that items were packed into a container.")
    async def pack_items(
        self, info: Info, input: Annotated[PackItemsInput, strawberry.argument(description="Items and container.")]
    ) -> FactPayload:
        """Pack."""
        return await _record(info, FactKind.PACK, input, list(map(Named, input.items)), [Named(input.container)])

    @strawberry.mutation(description="Record that items were taken out of their container.")
    async def unpack_items(
        self, info: Info, input: Annotated[PackItemsInput, strawberry.argument(description="Items and container.")]
    ) -> FactPayload:
        """Unpack."""
        return await _record(info, FactKind.UNPACK, input, list(map(Named, input.items)), [Named(input.container)])

    @strawberry.mutation(description="Record that things came to a place, or left for one.")
    async def record_movement(
        self, info: Info, input: Annotated[RecordMovementInput, strawberry.argument(description="What and where.")]
    ) -> FactPayload:
        """Move."""
        said = {
            "movement": input.movement.value,
            "place": input.place,
            "origin": input.origin,
            "party": input.party,
            "transport": input.transport,
            "counting": input.counting and input.counting.value,
        }
        return await _record(info, FactKind.MOVE, input, [part.named() for part in input.assets], said=said)

    @strawberry.mutation(description="Record how things were made.")
    async def record_production(
        self, info: Info, input: Annotated[RecordProductionInput, strawberry.argument(description="What and how.")]
    ) -> FactPayload:
        """Produce."""
        said = {
            "site": input.site,
            "line": input.line,
            "workOrder": input.work_order,
            "operator": input.operator,
            "machine": input.machine,
            "process": input.process,
            "counting": input.counting and input.counting.value,
        }
        return await _record(info, FactKind.PRODUCE, input, [part.named() for part in input.assets], said=said)

    @strawberry.mutation(description="Record what an inspection of things found.")
    async def record_inspection(
        self, info: Info, input: Annotated[RecordInspectionInput, strawberry.argument(description="What was found.")]
    ) -> FactPayload:
        """Inspect."""
        said = {"outcome": input.outcome.value, "site": input.site, "machine": input.machine}
        return await _record(info, FactKind.INSPECT, input, list(map(Named, input.assets)), said=said)

    @strawberry.mutation(description="Note something about things, beside all that was noted before.")
    async def record_note(
        self, info: Info, input: Annotated[RecordNoteInput, strawberry.argument(description="The note.")]
    ) -> FactPayload:
        """Note."""
        return await _record(info, FactKind.NOTE, input, list(map(Named, input.assets)), said={"text": input.text})

    @strawberry.mutation(
        description="Declare that a fact was a mistake. It stays, with this correction, and counts no more."
    )
    async def correct_fact(
        self, info: Info, input: Annotated[CorrectFactInput, strawberry.argument(description="The mistake.")]
    ) -> FactPayload:
        """Correct."""
        work = info.context.services.facts.correct(info.context.actor, input.fact, input.command())
        document, errors = await answered(work)
        return _payload(input, document, errors)


async def _record(
    info: Info,
    kind: FactKind,
    input: FactInput,
    what: Sequence[Named],
    into: Sequence[Named] = (),
    said: Mapping[str, str | None] | None = None,
) -> FactPayload:
    async def work() -> Document:
        return await info.context.services.facts.record(
            info.context.actor,
            kind,
            what=what,
            into=into,
            said=said,
            attributes=texts_of(input.attributes, "attributes"),
            command=input.command(),
        )

    return _payload(input, *await answered(work()))


def _payload(input: CommandInput, document: Document | None, errors: list[UserError]) -> FactPayload:
    fact = None if document is None else Fact.of(document)
    return FactPayload(fact=fact, errors=errors, client_mutation_id=input.client_mutation_id)
