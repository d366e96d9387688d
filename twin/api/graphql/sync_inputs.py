"""What `sync` takes: the inputs of the mutations that make sense offline, one of them for each item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import strawberry
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from twin.api.graphql.assets import AddIdentifiersInput, AssetMutation, RegisterAssetInput, ReviseAssetInput
from twin.api.graphql.fact_inputs import (
    ConsumeMaterialInput,
    CorrectFactInput,
    InstallComponentInput,
    PackItemsInput,
    RecordInspectionInput,
    RecordMovementInput,
    RecordNoteInput,
    RecordProductionInput,
    RemoveComponentInput,
)
from twin.api.graphql.facts import FactMutation
from twin.api.graphql.moves import (
    ClaimLabelInput,
    LabelInput,
    LabelMutation,
    PrintLabelInput,
    ReplaceLabelInput,
    ReportLabelInput,
    ReviseLabelInput,
    VerifyLabelInput,
)
from twin.api.graphql.mutations import CommandInput
from twin.api.graphql.recall_inputs import WorkRecallInput
from twin.api.graphql.recalls import RecallMutation
from twin.api.graphql.scans import RecordScanInput, ScanMutation

_APPENDS = "It is added to what is there, and never conflicts."
_BY_TIME = "The newest `occurredAt` says where a thing is; an older one is added to its past, if the story still holds."
_STORY = "It is judged by the whole story of the things, in the order in which it happened."
_HEAD = "It is judged against what the label is now."
_FREE = "A free edit: refused when the revision is not the expected one any more."


@strawberry.input(
    one_of=True,
    description="One mutation that was made offline: exactly one of them, with its `clientMutationId` and its "
    "`occurredAt`, except that corrections hold since the mistake.",
)
class SyncMutationInput:
    """Exactly one of them, by the name of its mutation."""

    record_scan: RecordScanInput | None = strawberry.field(default=strawberry.UNSET, description=_APPENDS)
    record_inspection: RecordInspectionInput | None = strawberry.field(default=strawberry.UNSET, description=_APPENDS)
    record_note: RecordNoteInput | None = strawberry.field(default=strawberry.UNSET, description=_APPENDS)
    record_movement: RecordMovementInput | None = strawberry.field(default=strawberry.UNSET, description=_BY_TIME)
    record_production: RecordProductionInput | None = strawberry.field(default=strawberry.UNSET, description=_STORY)
    install_component: InstallComponentInput | None = strawberry.field(default=strawberry.UNSET, description=_STORY)
    remove_component: RemoveComponentInput | None = strawberry.field(default=strawberry.UNSET, description=_STORY)
    consume_material: ConsumeMaterialInput | None = strawberry.field(default=strawberry.UNSET, description=_STORY)
    pack_items: PackItemsInput | None = strawberry.field(default=strawberry.UNSET, description=_STORY)
    unpack_items: PackItemsInput | None = strawberry.field(default=strawberry.UNSET, description=_STORY)
    correct_fact: CorrectFactInput | None = strawberry.field(default=strawberry.UNSET, description=_STORY)
    claim_label: ClaimLabelInput | None = strawberry.field(default=strawberry.UNSET, description=_HEAD)
    print_label: PrintLabelInput | None = strawberry.field(default=strawberry.UNSET, description=_HEAD)
    reprint_label: PrintLabelInput | None = strawberry.field(default=strawberry.UNSET, description=_HEAD)
    apply_label: LabelInput | None = strawberry.field(default=strawberry.UNSET, description=_HEAD)
    verify_label: VerifyLabelInput | None = strawberry.field(default=strawberry.UNSET, description=_HEAD)
    report_label: ReportLabelInput | None = strawberry.field(default=strawberry.UNSET, description=_HEAD)
    remove_label: LabelInput | None = strawberry.field(default=strawberry.UNSET, description=_HEAD)
    replace_label: ReplaceLabelInput | None = strawberry.field(default=strawberry.UNSET, description=_HEAD)
    void_label: LabelInput | None = strawberry.field(default=strawberry.UNSET, description=_HEAD)
    correct_label: LabelInput | None = strawberry.field(default=strawberry.UNSET, description=_HEAD)
    revise_label: ReviseLabelInput | None = strawberry.field(default=strawberry.UNSET, description=_FREE)
    revise_asset: ReviseAssetInput | None = strawberry.field(default=strawberry.UNSET, description=_FREE)
    register_asset: RegisterAssetInput | None = strawberry.field(
        default=strawberry.UNSET, description="A new asset; refused when another one has an identifier of it."
    )
    add_identifiers: AddIdentifiersInput | None = strawberry.field(
        default=strawberry.UNSET, description="They are added; refused when another asset has one."
    )
    work_recall: WorkRecallInput | None = strawberry.field(
        default=strawberry.UNSET, description="It is judged against how far the work on the thing has come."
    )

    def given(self) -> tuple[str, CommandInput]:
        """The name of the one mutation, as Python has it, and its input."""
        return next((each.name, value) for each in fields(self) if (value := getattr(self, each.name)))


MUTATIONS: Mapping[str, StrawberryField] = {
    field.python_name: field
    for kind in (LabelMutation, AssetMutation, FactMutation, ScanMutation, RecallMutation)
    for field in get_object_definition(kind, strict=True).fields
}
"""The mutations that there are, by their names: an item is done by its own."""

UNDATED = frozenset({"correct_fact", "correct_label"})
