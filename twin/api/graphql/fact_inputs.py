"""What the mutations that record facts ask for."""

from __future__ import annotations

import strawberry

from twin.api.graphql.enums import Counting, InspectionOutcome, Movement
from twin.api.graphql.mutations import CommandInput
from twin.api.graphql.nodes import FieldInput
from twin.services.facts import Named

_COUNTING = "How the lots are counted that this brings in first; null means EXACT."
_KEY = "The asset's id, an identifier, or a carrier's text."


@strawberry.input(description="A thing, and how much of it.")
class PartInput:
    """A thing that a fact names."""

    asset: strawberry.ID = strawberry.field(description=_KEY)
    quantity: str | None = strawberry.field(
        default=None,
        description="How much of a lot: a decimal number above 0, such as `2.5`; with its unit. What takes of a lot "
        "that is counted exactly must say it.",
    )
    unit: str | None = strawberry.field(
        default=None, description="A code of UN/ECE Recommendation 20: `KGM`, `LTR`, `MTR`, `C62` (pieces)."
    )

    def named(self) -> Named:
        """As the services take it."""
        return Named(self.asset, self.quantity, self.unit)


@strawberry.input
class FactInput(CommandInput):
    """What every fact may say."""

    attributes: list[FieldInput] = strawberry.field(
        default_factory=list, description="Free fields: torque, test values, the number of a document."
    )


@strawberry.input(description="A component that was installed in an assembly.")
class InstallComponentInput(FactInput):
    """What `installComponent` asks for."""

    component: strawberry.ID = strawberry.field(description=_KEY)
    assembly: strawberry.ID = strawberry.field(description=_KEY)
    position: str | None = strawberry.field(default=None, description="Where in the assembly, such as `front left`.")


@strawberry.input(description="A component that was taken out of the assembly that it was in.")
class RemoveComponentInput(FactInput):
    """What `removeComponent` asks for."""

    component: strawberry.ID = strawberry.field(description=_KEY)
    assembly: strawberry.ID = strawberry.field(description="What it was in: its id or an identifier.")


@strawberry.input(description="Material that was used up in making things.")
class ConsumeMaterialInput(FactInput):
    """What `consumeMaterial` asks for."""

    materials: list[PartInput] = strawberry.field(description="Lots, or items that are used up as a whole.")
    products: list[PartInput] = strawberry.field(
        description="What was made: items or lots. 2,000 pairs at most. How much of a lot is on hand then is for "
        "`recordProduction` to say."
    )
    place: str | None = strawberry.field(
        default=None, description="Where; null means where the lot is, if it is at one place alone."
    )


@strawberry.input(description="Items and the container that they are packed into, or taken out of.")
class PackItemsInput(FactInput):
    """What `packItems` and `unpackItems` ask for."""

    items: list[strawberry.ID] = strawberry.field(description="1 to 500 items, each once.")
    container: strawberry.ID = strawberry.field(description="The case, pallet or container.")


@strawberry.input(description="Things that came to a place, or left for one.")
class RecordMovementInput(FactInput):
    """What `recordMovement` asks for."""

    assets: list[PartInput] = strawberry.field(description="1 to 500 items or lots, each once.")
    movement: Movement = strawberry.field(description="How.")
    place: str = strawberry.field(description="Where they are now, or are bound for: a code of yours, or a GLN.")
    origin: str | None = strawberry.field(
        default=None, description="Where they came from; null means of a lot where it is, if it is at one place alone."
    )
    party: str | None = strawberry.field(default=None, description="Who has them there, such as a customer.")
    transport: str | None = strawberry.field(default=None, description="The number of the delivery or transport.")
    counting: Counting | None = strawberry.field(default=None, description=_COUNTING)


@strawberry.input(description="How things were made.")
class RecordProductionInput(FactInput):
    """What `recordProduction` asks for."""

    assets: list[PartInput] = strawberry.field(description="1 to 500 items or lots, each once.")
    site: str = strawberry.field(description="The plant; there the lots are that were made.")
    line: str | None = strawberry.field(default=None, description="The line.")
    work_order: str | None = strawberry.field(default=None, description="The work order.")
    operator: str | None = strawberry.field(default=None, description="Who: a pseudonym, not a name.")
    machine: str | None = strawberry.field(default=None, description="The machine.")
    process: str | None = strawberry.field(default=None, description="The process, with its version.")
    counting: Counting | None = strawberry.field(default=None, description=_COUNTING)


@strawberry.input(description="What an inspection of things found.")
class RecordInspectionInput(FactInput):
    """What `recordInspection` asks for."""

    assets: list[strawberry.ID] = strawberry.field(description="1 to 500 items or lots, each once.")
    outcome: InspectionOutcome = strawberry.field(description="What it found.")
    site: str | None = strawberry.field(default=None, description="The plant.")
    machine: str | None = strawberry.field(default=None, description="The machine.")


@strawberry.input(description="What somebody noted about things. Notes add up: none stands in the place of another.")
class RecordNoteInput(FactInput):
    """What `recordNote` asks for."""

    assets: list[strawberry.ID] = strawberry.field(description="1 to 500 items or lots, each once.")
    text: str = strawberry.field(description="The note, in one line of 1,000 characters at most.")


@strawberry.input(description="A fact that was a mistake, and why.")
class CorrectFactInput(CommandInput):
    """What `correctFact` asks for."""

    fact: strawberry.ID = strawberry.field(description="The fact's id.")
