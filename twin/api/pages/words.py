"""The words of the pages, in one place: what outcomes, states and actions are called by people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twin.domain.fact import Counting, FactKind, InspectionOutcome, Movement
from twin.domain.label import LabelAction, LabelState
from twin.domain.scan import Outcome
from twin.domain.spans import How
from twin.identity import Granularity


@dataclass(frozen=True, slots=True)
class Verdict:
    """How good a label is, for somebody who has three seconds.

    Args:
        tone: `good`, `warn`, `bad` or `idle`: the colour and the shape of the symbol beside it.
        badge: in a word or two.
        headline: in a sentence.
        advice: what it means and what to do.
    """

    tone: str
    badge: str
    headline: str
    advice: str


VERDICTS: Mapping[Outcome, Verdict] = {
    Outcome.CURRENT: Verdict(
        "good", "Current", "This label is current.", "It is where it belongs, and its print says what its record says."
    ),
    Outcome.STALE: Verdict(
        "warn",
        "Out of date",
        "This label is out of date.",
        "Its record has changed since it was printed. Go by this page, not by the print.",
    ),
    Outcome.DAMAGED: Verdict(
        "warn",
        "Damaged",
        "This label was reported damaged.",
        "Its print may be unreadable or wrong. Go by this page, not by the print.",
    ),
    Outcome.REMOVED: Verdict(
        "bad",
        "Removed",
        "This label was removed.",
        "It was taken off what it was on. If it is on something now, do not go by it.",
    ),
    Outcome.REPLACED: Verdict(
        "bad",
        "Replaced",
        "This label was replaced.",
        "Another label has taken over. Look for the newer one, and do not go by this one.",
    ),
    Outcome.VOID: Verdict(
        "bad", "Void", "This label is void.", "It is not valid, and never will be again. Do not go by it."
    ),
    Outcome.NOT_YET_APPLIED: Verdict(
        "idle",
        "Not yet applied",
        "This label is not in use yet.",
        "As far as its record knows, nobody has put it where it belongs.",
    ),
    Outcome.RECALLED: Verdict(
        "bad", "Recalled", "This is recalled.", "What the label is on is recalled. Ask its maker before you use it."
    ),
}
UNCLAIMED = Verdict(
    "idle", "Unclaimed", "This label is unclaimed.", "It was printed ahead of time and stands for nothing yet."
)
LOST = Verdict(
    "warn",
    "Lost",
    "This label was reported lost.",
    "If you have found it, tell the people it belongs to; do not put it on anything.",
)

FACE = ("What it says", "What it should say")
"""Above the printed fields: of a label whose paper can be relied on, and of one whose paper cannot."""

WITHOUT_LABEL: Mapping[Granularity, str] = {
    Granularity.ITEM: "We know this item, but it has no label of ours.",
    Granularity.LOT: "We know this lot, but it has no label of ours.",
    Granularity.PRODUCT: "We know this product, but it has no label of ours.",
}

STATES: Mapping[LabelState, str] = {
    LabelState.UNCLAIMED: "Printed ahead, on nothing yet",
    LabelState.ISSUED: "Issued, not printed yet",
    LabelState.PRINTED: "Printed, not applied yet",
    LabelState.APPLIED: "Applied, not read back yet",
    LabelState.VERIFIED: "Applied, and read back",
    LabelState.DAMAGED: "Damaged or lost",
    LabelState.REMOVED: "Taken off",
    LabelState.REPLACED: "Replaced",
    LabelState.VOID: "Void",
}

ACTIONS: Mapping[LabelAction, str] = {
    LabelAction.ISSUE: "Issued",
    LabelAction.PREPRINT: "Printed ahead, for nothing in particular yet",
    LabelAction.CLAIM: "Given to what it is for",
    LabelAction.PRINT: "Printed",
    LabelAction.REPRINT: "Printed again",
    LabelAction.APPLY: "Applied",
    LabelAction.VERIFY: "Read back: correct",
    LabelAction.FAIL_VERIFICATION: "Read back: wrong",
    LabelAction.REPORT_DAMAGED: "Reported damaged",
    LabelAction.REPORT_LOST: "Reported lost",
    LabelAction.REMOVE: "Taken off",
    LabelAction.REPLACE: "Replaced by another label",
    LabelAction.VOID: "Declared void",
    LabelAction.REVISE: "Details changed",
    LabelAction.CORRECT: "Taken back: a mistake",
}

EVIDENCE: Mapping[LabelAction, Mapping[str, str]] = {
    LabelAction.VERIFY: {"grade": "Print quality"},
    LabelAction.FAIL_VERIFICATION: {"read": "What was read", "grade": "Print quality"},
    LabelAction.PRINT: {"copies": "Copies"},
    LabelAction.REPRINT: {"copies": "Copies"},
    LabelAction.CORRECT: {"corrects": "Takes back revision"},
}
"""The evidence that is worth showing, by action, and what people call it."""

FACTS: Mapping[FactKind, str] = {
    FactKind.INSTALL: "Installed",
    FactKind.REMOVE: "Taken out",
    FactKind.CONSUME: "Used up",
    FactKind.PACK: "Packed",
    FactKind.UNPACK: "Unpacked",
    FactKind.MOVE: "Moved",
    FactKind.PRODUCE: "Produced",
    FactKind.INSPECT: "Inspected",
    FactKind.NOTE: "Noted",
    FactKind.CORRECT: "Taken back: a mistake",
}

HOWS: Mapping[How, str] = {
    How.INSTALLED: "installed",
    How.CONSUMED: "used up",
    How.PACKED: "packed",
}
"""How one thing is in another."""

MOVEMENTS: Mapping[Movement, str] = {
    Movement.RECEIVE: "Received",
    Movement.SHIP: "Shipped",
    Movement.ARRIVE: "Arrived",
    Movement.TRANSFER: "Moved within the site",
}

FOUND: Mapping[InspectionOutcome, str] = {InspectionOutcome.PASSED: "Passed", InspectionOutcome.FAILED: "Failed"}

COUNTINGS: Mapping[Counting, str] = {Counting.EXACT: "Exact", Counting.LOOSE: "Loose"}

SAID: Mapping[str, str] = {
    "site": "Site",
    "line": "Line",
    "workOrder": "Work order",
    "operator": "Operator",
    "machine": "Machine",
    "process": "Process",
    "outcome": "Outcome",
    "position": "Position",
    "movement": "Movement",
    "place": "Place",
    "origin": "From",
    "party": "Party",
    "transport": "Transport",
    "counting": "Counting",
    "text": "Note",
}
"""What facts say, by name."""

SYMBOLOGIES: Mapping[str, str] = {
    "code128": "Code 128",
    "code39": "Code 39",
    "datamatrix": "Data Matrix",
    "gs1128": "GS1-128",
    "gs1datamatrix": "GS1 DataMatrix",
    "gs1qr": "GS1 QR Code",
    "microqr": "Micro QR Code",
    "qr": "QR Code",
}
"""Names that are not their file's; a new symbology shows as its file is called until it has one here."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no page, and what to check.

    Args:
        headline: in a sentence.
        advice: what it means, where that can be said of all such problems.
        checks: what to look at or to try, in order.
    """

    headline: str
    advice: str = ""
    checks: tuple[str, ...] = ()


_KEY = Problem(
    "This key does not open this page.",
    "The page was asked for with a key that is not known, or has not the right.",
    ("Without any key you see what is public about a label.", "Ask whoever gave you the key for a new one."),
)
PROBLEMS: Mapping[int, Problem] = {
    401: _KEY,
    403: _KEY,
    404: Problem(
        "We do not know this label.",
        "No label of ours has the id in this link. A label that we have issued stays here for ever.",
        (
            "Scan the code again, from nearer and in better light.",
            "If you typed the link, compare it with the print: 14 digits and letters after /L/, never a U.",
            "If the print really says so, the label is not ours. Do not go by it.",
        ),
    ),
    503: Problem(
        "We cannot look this label up just now.",
        "That is our fault, not the label's: its record is safe.",
        ("Try again in a minute.",),
    ),
}
OTHER_PROBLEM = Problem("This page cannot be shown.", "We understood the link, but not all that came with it.")
NOWHERE = Problem("This code leads nowhere.")

RECALL: Mapping[str, str] = {
    "COMPUTING": "Being computed",
    "FROZEN": "Frozen",
    "PUBLISHED": "Published",
    "CLOSED": "Closed",
    "WITHDRAWN": "Withdrawn",
    "OPEN": "Nothing done yet",
    "NOTIFIED": "Owner told",
    "FOUND": "Found",
    "QUARANTINED": "Set apart",
    "CORRECTED": "Put right",
    "SCRAPPED": "Destroyed",
    "UNREACHABLE": "Out of reach",
    "AFFECTED": "Affected",
    "EXPOSED": "Exposed once",
    "INSTALLED": "was installed in",
    "CONSUMED": "went into",
}
"""The states of a recall, how far the work on a thing has come, why it is in the set, how one was in another."""

RECALL_STEPS: Mapping[str, str] = {
    "OPEN": "Opened",
    "FREEZE": "Computed and frozen",
    "PUBLISH": "Published",
    "WITHDRAW": "Withdrawn",
    "CLOSE": "Closed",
}
