"""The moves of a label, as mutations."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, TypeVar

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.enums import Damage, LabelProfile, PrintFormat, Symbology
from twin.api.graphql.labels import Label
from twin.api.graphql.mutations import CommandInput, Payload, answered
from twin.api.graphql.nodes import FieldInput, texts_of
from twin.api.graphql.print_jobs import PrintOverrideInput, overrides_of
from twin.domain.history import Document
from twin.domain.print_job import PrintOrder
from twin.services.labels import Order

T = TypeVar("T")
Input = Annotated[T, strawberry.argument(description="What is asked for.")]


@strawberry.input(description="A move of one label.")
class LabelInput(CommandInput):
    """What every move of a label asks for."""

    label: strawberry.ID = strawberry.field(description="The label's id, or the link id that is printed on it.")
    expected_revision: int | None = strawberry.field(
        default=None, description="The revision that the move is based on; a later one refuses it."
    )


@strawberry.input(description="One label to be issued.")
class LabelOrder:
    """One label for one asset."""

    asset: strawberry.ID = strawberry.field(description="The asset's id, an identifier, or a carrier's text.")
    profile: LabelProfile = strawberry.field(description="What kind of label.")
    face: list[FieldInput] = strawberry.field(
        default_factory=list, description="Printed fields; those that the asset's identifiers give are filled."
    )
    attributes: list[FieldInput] = strawberry.field(default_factory=list, description="Free fields.")


@strawberry.input(description="Labels to be issued, all or none.")
class IssueLabelsInput(CommandInput):
    """What `issueLabels` asks for."""

    labels: list[LabelOrder] = strawberry.field(description="1 to 500 labels.")


@strawberry.input(description="A batch of labels that are printed before anybody knows what they will be on.")
class PreprintLabelsInput(CommandInput):
    """What `preprintLabels` asks for; it requires a reason."""

    profile: LabelProfile = strawberry.field(description="What kind of label.")
    count: int = strawberry.field(description="How many, 1 to 500.")


@strawberry.input(description="A pre-printed label is now this asset's.")
class ClaimLabelInput(LabelInput):
    """What `claimLabel` asks for."""

    asset: strawberry.ID = strawberry.field(description="The asset's id, an identifier, or a carrier's text.")
    face: list[FieldInput] = strawberry.field(default_factory=list, description="Printed fields.")


@strawberry.input(description="A print of one label.")
class PrintLabelInput(LabelInput):
    """What `printLabel` and `reprintLabel` ask for."""

    symbology: Symbology | None = strawberry.field(
        default=None, description="What the link is drawn in, one that the profile permits; null: as the template says."
    )
    copies: int = strawberry.field(default=1, description="How many pieces of paper, 1 to 1,000.")
    template: str | None = strawberry.field(
        default=None, description="`name@version`, approved; null: the built-in one of the label's profile."
    )
    format: PrintFormat = strawberry.field(default=PrintFormat.SVG, description="What is made of the label.")
    dpi: int = strawberry.field(default=300, description="Dots per inch of the printer: 203, 300 or 600.")
    overrides: list[PrintOverrideInput] = strawberry.field(
        default_factory=list, description="Rules that the label may break, each with the reason; 20 at most."
    )

    def order(self) -> PrintOrder:
        """How it is printed."""
        return PrintOrder(
            format=self.format,
            dpi=self.dpi,
            copies=self.copies,
            template=self.template,
            overrides=overrides_of(self.overrides),
        )

    def link_symbology(self) -> str | None:
        """What the link is drawn in."""
        return self.symbology and str(self.symbology.value)


@strawberry.input(
    description="What a scanner read from the paper. A photo is the body of a POST request to /L/{linkId}/photo."
)
class VerifyLabelInput(LabelInput):
    """What `verifyLabel` asks for."""

    read: str = strawberry.field(
        description="The text of one of the label's symbols, perhaps with its symbology identifier in front."
    )
    grade: str | None = strawberry.field(
        default=None, description="The letter of the print quality, A to F, if a verifier gave one (ISO/IEC 15415)."
    )


@strawberry.input(description="The paper cannot be read any more, or is gone. It requires a reason.")
class ReportLabelInput(LabelInput):
    """What `reportLabel` asks for."""

    damage: Damage = strawberry.field(description="What happened to the paper.")


@strawberry.input(description="A new label takes over. It requires a reason.")
class ReplaceLabelInput(LabelInput):
    """What `replaceLabel` asks for."""

    by: strawberry.ID | None = strawberry.field(
        default=None,
        description="The new label: pre-printed and unclaimed, or made for the same asset. Null: issue one.",
    )
    face: list[FieldInput] | None = strawberry.field(
        default=None, description="Printed fields of a label issued or claimed here; null takes over the old ones."
    )


@strawberry.input(description="A change of printed or free fields.")
class ReviseLabelInput(CommandInput):
    """What `reviseLabel` asks for."""

    label: strawberry.ID = strawberry.field(description="The label's id, or the link id that is printed on it.")
    expected_revision: int = strawberry.field(description="The revision that the change is based on.")
    face: list[FieldInput] = strawberry.field(
        default_factory=list, description="Printed fields to set; null as a value removes one."
    )
    attributes: list[FieldInput] = strawberry.field(
        default_factory=list, description="Free fields to set; null as a value removes one."
    )


@strawberry.type(description="What became of a mutation of a label.")
class LabelPayload(Payload):
    """The answer of a mutation of one label."""

    label: Label | None = strawberry.field(description="The label after the change; null when there are errors.")


@strawberry.type(description="What became of a mutation that makes labels.")
class LabelsPayload(Payload):
    """The answer of a mutation that makes labels."""

    labels: list[Label] = strawberry.field(description="The new labels, in the order of the input.")


@strawberry.type(description="What became of a replacement.")
class ReplaceLabelPayload(Payload):
    """The answer of `replaceLabel`."""

    label: Label | None = strawberry.field(description="The old label, now final; null when there are errors.")
    replacement: Label | None = strawberry.field(description="The new label; null when there are errors.")


@strawberry.type
class LabelMutation:
    """What can be done with labels."""

    @strawberry.mutation(description="Issue labels for assets, all or none.")
    async def issue_labels(self, info: Info, input: Input[IssueLabelsInput]) -> LabelsPayload:
        """Issue labels."""

        async def work() -> list[Document]:
            orders = [
                Order(
                    asset=order.asset,
                    profile=order.profile.value,
                    face=texts_of(order.face, "face"),
                    attributes=texts_of(order.attributes, "attributes"),
                )
                for order in input.labels
            ]
            return await info.context.services.labels.issue(info.context.actor, orders, input.command())

        return await _many(input, work())

    @strawberry.mutation(
        description="Make a batch of labels that are printed before anybody knows what they will be on."
    )
    async def preprint_labels(self, info: Info, input: Input[PreprintLabelsInput]) -> LabelsPayload:
        """Pre-print labels."""
        labels = info.context.services.labels
        return await _many(
            input, labels.preprint(info.context.actor, input.profile.value, input.count, input.command())
        )

    @strawberry.mutation(description="Bind a pre-printed label to an asset.")
    async def claim_label(self, info: Info, input: Input[ClaimLabelInput]) -> LabelPayload:
        """Claim a label."""

        async def work() -> Document:
            return await info.context.services.labels.claim(
                info.context.actor,
                input.label,
                asset=input.asset,
                face=texts_of(input.face, "face"),
                command=input.command(),
            )

        return await _one(input, work())

    @strawberry.mutation(
        description="Print a label for the first time; its payload is fixed for ever. A label that breaks rules is "
        "refused, unless they are overridden."
    )
    async def print_label(self, info: Info, input: Input[PrintLabelInput]) -> LabelPayload:
        """Print a label."""

        async def work() -> Document:
            return await info.context.services.labels.print_label(
                info.context.actor,
                input.label,
                command=input.command(),
                order=input.order(),
                symbology=input.link_symbology(),
            )

        return await _one(input, work())

    @strawberry.mutation(
        description="Print a label again whose paper was never applied. It requires a reason; a label that breaks "
        "rules is refused, unless they are overridden."
    )
    async def reprint_label(self, info: Info, input: Input[PrintLabelInput]) -> LabelPayload:
        """Reprint a label."""

        async def work() -> Document:
            return await info.context.services.labels.reprint(
                info.context.actor,
                input.label,
                command=input.command(),
                order=input.order(),
                symbology=input.link_symbology(),
            )

        return await _one(input, work())

    @strawberry.mutation(description="The paper is on the asset.")
    async def apply_label(self, info: Info, input: Input[LabelInput]) -> LabelPayload:
        """Apply a label."""
        return await _one(input, info.context.services.labels.apply(info.context.actor, input.label, input.command()))

    @strawberry.mutation(
        description="Compare what was read with what must be there. A failure is recorded, in `verification` of the"
        " newest version, and changes no state."
    )
    async def verify_label(self, info: Info, input: Input[VerifyLabelInput]) -> LabelPayload:
        """Verify a label."""
        return await _one(
            input,
            info.context.services.labels.verify(
                info.context.actor, input.label, read=input.read, grade=input.grade, command=input.command()
            ),
        )

    @strawberry.mutation(description="The paper is damaged or lost. It requires a reason.")
    async def report_label(self, info: Info, input: Input[ReportLabelInput]) -> LabelPayload:
        """Report a label."""
        return await _one(
            input,
            info.context.services.labels.report(
                info.context.actor, input.label, lost=input.damage is Damage.LOST, command=input.command()
            ),
        )

    @strawberry.mutation(description="The paper was taken off its asset. It requires a reason.")
    async def remove_label(self, info: Info, input: Input[LabelInput]) -> LabelPayload:
        """Remove a label."""
        return await _one(input, info.context.services.labels.remove(info.context.actor, input.label, input.command()))

    @strawberry.mutation(description="A new label takes over from an old one, both or neither. It requires a reason.")
    async def replace_label(self, info: Info, input: Input[ReplaceLabelInput]) -> ReplaceLabelPayload:
        """Replace a label."""

        async def work() -> tuple[Document, Document]:
            return await info.context.services.replacements.replace(
                info.context.actor,
                input.label,
                by=input.by,
                face=None if input.face is None else texts_of(input.face, "face"),
                command=input.command(),
            )

        pair, errors = await answered(work())
        return ReplaceLabelPayload(
            label=None if pair is None else Label.of(pair[0]),
            replacement=None if pair is None else Label.of(pair[1]),
            errors=errors,
            client_mutation_id=input.client_mutation_id,
        )

    @strawberry.mutation(description="The label is not valid any more and never will be. It requires a reason.")
    async def void_label(self, info: Info, input: Input[LabelInput]) -> LabelPayload:
        """Void a label."""
        return await _one(input, info.context.services.labels.void(info.context.actor, input.label, input.command()))

    @strawberry.mutation(description="Change printed or free fields. A printed one makes the label stale.")
    async def revise_label(self, info: Info, input: Input[ReviseLabelInput]) -> LabelPayload:
        """Revise a label."""

        async def work() -> Document:
            return await info.context.services.labels.revise(
                info.context.actor,
                input.label,
                face=texts_of(input.face, "face"),
                attributes=texts_of(input.attributes, "attributes"),
                command=input.command(),
            )

        return await _one(input, work())

    @strawberry.mutation(description="Take back the last move, which was a mistake. It requires a reason.")
    async def correct_label(self, info: Info, input: Input[LabelInput]) -> LabelPayload:
        """Correct a label."""
        return await _one(input, info.context.services.labels.correct(info.context.actor, input.label, input.command()))


async def _one(input: CommandInput, work: Awaitable[Document]) -> LabelPayload:
    document, errors = await answered(work)
    label = None if document is None else Label.of(document)
    return LabelPayload(label=label, errors=errors, client_mutation_id=input.client_mutation_id)


async def _many(input: CommandInput, work: Awaitable[list[Document]]) -> LabelsPayload:
    documents, errors = await answered(work)
    labels = [Label.of(document) for document in documents or ()]
    return LabelsPayload(labels=labels, errors=errors, client_mutation_id=input.client_mutation_id)
