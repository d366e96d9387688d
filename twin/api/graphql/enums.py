"""The domain's enums as the API shows them, each value with its description; and those that discovered files make."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry

from twin.domain.actor import Audience, Role
from twin.domain.approval import TemplateAction, TemplateState
from twin.domain.asset import AssetAction
from twin.domain.fact import Counting, FactKind, InspectionOutcome, Movement
from twin.domain.imports import ImportState
from twin.domain.label import LabelAction, LabelState
from twin.domain.print_job import JobState as PrintJobState
from twin.domain.print_job import PrintFormat
from twin.domain.profiles import FieldKind, profiles
from twin.domain.recall import Progress as RecallProgress
from twin.domain.recall import RecallAction, RecallState, Standing
from twin.domain.scan import Outcome
from twin.domain.serials import SerialStyle
from twin.domain.spans import How
from twin.identity import Granularity
from twin.services import printing
from twin.services.audit_log import Door
from twin.services.sharing import Shared

__all__ = [
    "AssetAction",
    "Audience",
    "Counting",
    "Damage",
    "Door",
    "FactKind",
    "FieldKind",
    "Granularity",
    "How",
    "ImportState",
    "InspectionOutcome",
    "LabelAction",
    "LabelProfile",
    "LabelState",
    "Movement",
    "Outcome",
    "PrintFormat",
    "PrintJobState",
    "RecallAction",
    "RecallProgress",
    "RecallState",
    "Role",
    "SerialStyle",
    "Shared",
    "Standing",
    "Symbology",
    "TemplateAction",
    "TemplateState",
]


class Damage(Enum):
    """What happened to the paper."""

    DAMAGED = "damaged"
    LOST = "lost"


if TYPE_CHECKING:

    class LabelProfile(Enum):
        """One value for each file of `twin/domain/profiles`."""

    class Symbology(Enum):
        """One value for each file of `renderers/symbologies`."""
else:
    LabelProfile = Enum("LabelProfile", {name.upper(): name for name in profiles()})
    Symbology = Enum("Symbology", {name.upper(): name for name in printing.symbologies()})


def _describe(kind: Any, description: str, values: Mapping[str, str], *, name: str | None = None) -> None:
    strawberry.enum(kind, name=name, description=description)
    for value in kind.__strawberry_definition__.values:
        value.description = values[value.name]


_describe(
    Granularity,
    "How much one asset stands for.",
    {
        "ITEM": "One thing: a vehicle, a device, a component, a container.",
        "LOT": "All that was made together under one lot or batch number.",
        "PRODUCT": "All things of one product: a GTIN, a part number.",
    },
)
_describe(
    Audience,
    "Who may see something.",
    {
        "PUBLIC": "Anybody who holds the link.",
        "PARTNER": "Partners in the supply chain.",
        "AUTHORITY": "Authorities.",
        "INTERNAL": "The owner of the service alone.",
    },
)
_describe(
    Role,
    "What somebody may do, as people at a plant share the work.",
    {
        "VIEWER": "Reads twins, lists and search.",
        "OPERATOR": "As a viewer; claims, prints, applies, verifies, reports, removes, replaces and corrects labels.",
        "ISSUER": "As an operator; registers and revises assets, issues, revises and voids labels, draws templates.",
        "APPROVER": "As a viewer; reviews and approves templates, merges assets.",
        "AUDITOR": "As a viewer; checks and proves histories, reads the audit log.",
        "MONITOR": "Reads the figures of a process, and nothing else.",
        "ADMIN": "Everything, keys included.",
    },
)
_describe(
    FieldKind,
    "What sort of text a printed field holds.",
    {
        "TEXT": "Any text of one line.",
        "DATE": "A day: 2026-11-22.",
        "MONTH": "A month and its year: 11/2026.",
        "YEAR": "A year: 2026.",
        "DECIMAL": "A number: 12.5.",
        "MASS": "A mass with its unit, perhaps in two: 2449 kg (5400 lb).",
        "COUNTRY": "Two letters of ISO 3166-1: DE.",
        "CHOICE": "One of the words that the field lists.",
        "GTIN": "14 digits with a check digit.",
        "SSCC": "18 digits with a check digit.",
        "VIN": "17 characters.",
        "UII": "A unique item identifier, 50 characters at most.",
        "LOT": "Printable ASCII without blanks.",
        "SERIAL": "Printable ASCII without blanks.",
    },
)
_describe(
    ImportState,
    "Where an import stands.",
    {
        "QUEUED": "Its file has come whole; it waits for its turn.",
        "RUNNING": "Its rows are being registered.",
        "DONE": "Every row is registered or refused.",
        "FAILED": "It was given up; `error` says why. What is registered stays.",
    },
)
_describe(
    LabelState,
    "Where a label stands in its life. VOID and REPLACED are final; they still resolve, for ever.",
    {
        "UNCLAIMED": "Printed in a batch, on no asset yet.",
        "ISSUED": "Made for an asset, not printed yet.",
        "PRINTED": "On paper, not on the asset yet.",
        "APPLIED": "On the asset.",
        "VERIFIED": "On the asset, and read back as what it must say.",
        "DAMAGED": "Cannot be read any more, or lost.",
        "REMOVED": "Taken off its asset.",
        "REPLACED": "Another label has taken over.",
        "VOID": "Not valid, and never will be again.",
    },
)
_describe(
    LabelAction,
    "What can happen to a label.",
    {
        "ISSUE": "Made for an asset.",
        "PREPRINT": "Made in a batch that is printed before anybody knows what it will be on.",
        "CLAIM": "A pre-printed label was bound to an asset.",
        "PRINT": "Printed for the first time; the payload is fixed.",
        "REPRINT": "Printed again before it was applied.",
        "APPLY": "Put on its asset.",
        "VERIFY": "Read back as what it must say.",
        "FAIL_VERIFICATION": "Read back as something else; recorded, the state is unchanged.",
        "REPORT_DAMAGED": "Found unreadable.",
        "REPORT_LOST": "Found missing.",
        "REMOVE": "Taken off its asset.",
        "REPLACE": "Another label took over.",
        "VOID": "Declared not valid.",
        "REVISE": "Printed or free fields were changed.",
        "CORRECT": "The last move was taken back: it was a mistake.",
    },
)
_describe(
    AssetAction,
    "What can happen to an asset.",
    {
        "REGISTER": "Made known to the service.",
        "REVISE": "Name or free fields were changed.",
        "IDENTIFY": "It was given more identifiers.",
        "CORRECT_IDENTIFIER": "A wrong identifier was replaced by the right one; it still leads here.",
        "MERGE": "It was found to be another asset, which took over.",
        "ABSORB": "A duplicate of it was merged into it.",
        "INSTALL": "It was installed in another thing, or another one in it.",
        "REMOVE": "It was taken out of another thing, or another one out of it.",
        "CONSUME": "It was used up in making another thing, or made of one.",
        "PACK": "It was packed into a container, or is the container.",
        "UNPACK": "It was taken out of a container, or is the container.",
        "MOVE": "It came to a place, or left for one.",
        "PRODUCE": "It was made.",
        "INSPECT": "It was inspected.",
        "NOTE": "Somebody noted something about it.",
        "CORRECT_FACT": "A fact about it was declared a mistake.",
    },
)
_describe(
    FactKind,
    "What can happen to things.",
    {
        "INSTALL": "A component was installed in an assembly.",
        "REMOVE": "A component was taken out of its assembly.",
        "CONSUME": "Material was used up in making things.",
        "PACK": "Items were packed into a container.",
        "UNPACK": "Items were taken out of their container.",
        "MOVE": "Things came to a place, or left for one.",
        "PRODUCE": "Things were made.",
        "INSPECT": "Things were inspected.",
        "NOTE": "Somebody noted something about things.",
        "CORRECT": "Another fact was declared a mistake: it never happened.",
    },
)
_describe(
    How,
    "How a thing is where it is.",
    {
        "INSTALLED": "It is a component of an assembly.",
        "CONSUMED": "It was used up in making something.",
        "PACKED": "It is in a container.",
        "PLACED": "It is at a place, or on its way there.",
        "LEFT": "It is where what it was taken out of was then.",
    },
)
_describe(
    Shared,
    "What two things can share.",
    {
        "LOT": "A lot that is in both of them, at any level.",
        "WORK_ORDER": "The work order.",
        "MACHINE": "The machine, at one site.",
        "LINE": "The line, at one site.",
        "TIME": "The machine or the line, within some hours.",
    },
)
_describe(
    Counting,
    "How a lot is counted.",
    {
        "EXACT": "Nothing is taken that is not there.",
        "LOOSE": "More may be taken than was known to be there: bulk goods, screws.",
    },
)
_describe(
    Movement,
    "How something came to be where it is.",
    {
        "RECEIVE": "It came in from outside.",
        "SHIP": "It left for the place, and is on its way.",
        "ARRIVE": "It arrived at the place.",
        "TRANSFER": "It was moved to the place, within the site.",
    },
)
_describe(
    InspectionOutcome,
    "What an inspection found.",
    {"PASSED": "As it should be.", "FAILED": "Not as it should be."},
)
_describe(
    RecallState,
    "Where a recall stands.",
    {
        "COMPUTING": "What it affects is being computed.",
        "FROZEN": "What it affects is kept and signed, and does not change any more.",
        "PUBLISHED": "Every scan and page of what is affected shows it.",
        "CLOSED": "The work on everything affected has ended.",
        "WITHDRAWN": "It was given up before it was published.",
    },
)
_describe(
    RecallAction,
    "What can happen to a recall.",
    {
        "OPEN": "It was opened.",
        "FREEZE": "What it affects was computed and frozen.",
        "PUBLISH": "A second person published it.",
        "WITHDRAW": "It was given up.",
        "CLOSE": "It was closed with a report.",
    },
)
_describe(
    Standing,
    "Why a thing is in a recall's set.",
    {
        "AFFECTED": "It is one of what the recall starts from, or had one within it at the recall's moment.",
        "EXPOSED": "It had one within it once, which was taken out before that moment.",
    },
)
_describe(
    RecallProgress,
    "How far the work on a thing has come.",
    {
        "OPEN": "Nothing was done yet.",
        "NOTIFIED": "Whoever has it was told.",
        "FOUND": "It was found.",
        "QUARANTINED": "It was set apart.",
        "CORRECTED": "It was put right.",
        "SCRAPPED": "It was destroyed.",
        "UNREACHABLE": "Nobody can get at it.",
    },
    name="RecallProgress",
)
_describe(
    Outcome,
    "What a scan found, worst first.",
    {
        "RECALLED": "The asset is recalled.",
        "VOID": "The label is void.",
        "REPLACED": "Another label has taken over.",
        "DAMAGED": "The label was reported damaged or lost.",
        "REMOVED": "The label was taken off its asset.",
        "NOT_YET_APPLIED": "The label is not on its asset yet.",
        "STALE": "The twin has changed since the label was printed.",
        "CURRENT": "Nothing is wrong.",
        "UNKNOWN": "The text leads to nothing that the service knows.",
    },
)
_describe(
    SerialStyle,
    "How a serial number is written.",
    {
        "SEQUENTIAL": "Decimal digits with leading zeros, that count 1, 2, 3….",
        "RANDOM": "Characters of 0-9 and A-Z without I, L, O, U, in an order that cannot be guessed.",
    },
)
_describe(
    PrintJobState,
    "Where a print job stands. The last three are final.",
    {
        "QUEUED": "Nobody has begun it yet.",
        "RUNNING": "Its labels are being printed.",
        "CANCELLING": "Somebody ends it; what is just being printed is still printed.",
        "DONE": "Each of its labels was printed or refused.",
        "CANCELLED": "Somebody ended it; what was printed until then is printed.",
        "FAILED": "It could not go on, such as when a printer took nothing for a quarter of an hour.",
    },
    name="PrintJobState",
)
_describe(
    PrintFormat,
    "What is made of each label of a print job.",
    {
        "PDF": "A page of the label's size, or its place on a sheet.",
        "ZPL": "For label printers: ZPL II, whose texts and symbols are graphics, the same on any firmware.",
        "ZPL_NATIVE": "ZPL II whose symbols the printer encodes itself where a command can say them: shorter; "
        "the mask of a QR Code is the firmware's.",
        "SVG": "Vectors; many of them come as a zip.",
    },
)
_describe(
    TemplateState,
    "Where a version of a template stands.",
    {
        "DRAFT": "Being drawn.",
        "IN_REVIEW": "Handed in, and not changed while somebody else looks at it.",
        "APPROVED": "Labels are printed from it; it never changes.",
        "WITHDRAWN": "Nothing is printed from it any more, for ever.",
    },
)
_describe(
    TemplateAction,
    "What can happen to a version of a template.",
    {
        "DRAW": "It was drawn, or drawn again.",
        "SUBMIT": "It was handed in for review.",
        "REFUSE": "It was sent back to be drawn again.",
        "APPROVE": "Somebody else than who drew and submitted it lets labels be printed from it.",
        "WITHDRAW": "It was taken out of use.",
    },
)
_describe(
    Door,
    "Which way a caller came in.",
    {
        "GRAPHQL": "By an operation of GraphQL.",
        "HTTP": "By another request.",
        "CLI": "By the command line, on the machine.",
    },
)
_describe(
    Damage,
    "What happened to the paper.",
    {"DAMAGED": "It cannot be read any more.", "LOST": "It is gone."},
)
_describe(
    LabelProfile,
    "What kind of label it is: which fields it has, and what they must say.",
    {name.upper(): profile.description for name, profile in profiles().items()},
)
_describe(
    Symbology,
    "The kind of symbol.",
    {name.upper(): f"The symbol `{name}`." for name in printing.symbologies()},
)
