"""Every expected error on one page.

TwinError
├── InvalidInput                 the caller's text or value breaks a rule
│   ├── InvalidIdentifier        … of an identity standard
│   ├── TooLarge                 … of size
│   └── CursorTooOld             … by now: what followed that cursor is not kept
├── NotFound                     no such thing, or not for this caller
├── Refused                      understood, but the state of the twin forbids it
│   ├── IllegalMove
│   ├── RevisionConflict
│   ├── MutationIdReused
│   ├── IdentifierTaken
│   ├── AssetMerged
│   ├── LabelNotClean
│   ├── InconsistentFact
│   └── SerialsExhausted
├── Unauthenticated, Forbidden   no key, or a key without this right
├── RateLimited                  asked too often, and worth a retry after the seconds that it says
└── Unavailable                  not the caller's fault, and worth a retry
    ├── FellBehind               … from the cursor that was told last
    ├── PrinterStopped           … once the printer takes labels again
    ├── TimedOut                 … took too long, and may be done all the same
    └── SetupError               … once somebody has mended the machine

Each class has a stable public `code`: clients switch on it. HTTP statuses stand in one table at the edge.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

__all__ = [
    "AssetMerged",
    "CursorTooOld",
    "FellBehind",
    "Forbidden",
    "IdentifierTaken",
    "IllegalMove",
    "InconsistentFact",
    "InvalidIdentifier",
    "InvalidInput",
    "LabelNotClean",
    "MutationIdReused",
    "NotFound",
    "PrinterStopped",
    "RateLimited",
    "Refused",
    "RevisionConflict",
    "SerialsExhausted",
    "SetupError",
    "TimedOut",
    "TooLarge",
    "TwinError",
    "Unauthenticated",
    "Unavailable",
    "shown",
    "within",
]

SHOWN_CHARACTERS = 60
SHOWN_FINDINGS = 5


def shown(value: object) -> str:
    r"""The value as an error message shows it: quoted, escaped, and cut when it is long.

    Examples:
        >>> shown("1M8\u202eGDM")
        "'1M8\\u202eGDM'"
        >>> shown("A" * 1000)
        "'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…' (1000 characters)"
    """
    if not isinstance(value, str):
        try:
            written = reprlib.repr(value)
        except ValueError:  # an integer of more digits than Python writes
            written = f"<{type(value).__name__}>"
        return written if len(written) <= 4 * SHOWN_CHARACTERS else f"{written[: 4 * SHOWN_CHARACTERS]}…"
    if len(value) <= SHOWN_CHARACTERS:
        return ascii(value) if not value.isprintable() else repr(value)
    quoted = shown(value[:SHOWN_CHARACTERS])
    return f"{quoted[:-1]}…{quoted[0]} ({len(value)} characters)"


class TwinError(Exception):
    """Never raised itself: the root of all errors that a caller can expect."""

    code: ClassVar[str] = "ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInput(TwinError):
    """A text or value that breaks a rule.

    Args:
        message: the value, what was expected and what was found.
        path: the words that lead to the value in the caller's input, outermost first; empty when there is but one.
    """

    code = "INVALID_INPUT"

    def __init__(self, message: str, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.path = path


@contextmanager
def within(*path: str) -> Iterator[None]:
    """Say where the value stood, when what is done here finds it invalid."""
    try:
        yield
    except InvalidInput as error:
        error.path = (*path, *error.path)
        raise


class InvalidIdentifier(InvalidInput):
    """A text that is not an identifier of the standard that it was read as."""

    code = "INVALID_IDENTIFIER"


class TooLarge(InvalidInput):
    """More of something than one request, one text or one twin may hold."""

    code = "TOO_LARGE"


class CursorTooOld(InvalidInput):
    """A cursor of the change feed that the feed cannot go on from: the changes that followed it are not kept."""

    code = "CURSOR_TOO_OLD"

    def __init__(self) -> None:
        super().__init__(
            "after: what followed this cursor is not kept any more. Start without a cursor, read the lists anew, and "
            "go on from there.",
            path=("after",),
        )


class NotFound(TwinError):
    """No such thing, or not for this caller: the text does not say which."""

    code = "NOT_FOUND"

    def __init__(self, what: str, key: str) -> None:
        super().__init__(f"There is no {what} {shown(key)}, or you may not see it.")


class Refused(TwinError):
    """Understood, but the state of the twin forbids it; nothing was written."""

    code = "REFUSED"


class IllegalMove(Refused):
    """A move that the label's state does not allow.

    Args:
        move: the move that was asked for.
        state: the state that the label is in.
        allowed: the states that the move may start from.
        legal: the moves that are legal now.
        why: a closer reason, when the state alone does not explain the refusal.
    """

    code = "ILLEGAL_MOVE"

    def __init__(
        self, *, move: str, state: str, allowed: tuple[str, ...], legal: tuple[str, ...], why: str = ""
    ) -> None:
        expected = why or f"it needs {' or '.join(allowed)}, found {state}"
        super().__init__(f"{move} is not legal now: {expected}. Legal now: {', '.join(legal) or 'nothing'}.")
        self.move, self.state, self.allowed, self.legal = move, state, allowed, legal


class RevisionConflict(Refused):
    """Somebody else wrote first: read again, decide again, try again.

    Args:
        twin: the id of the twin.
        expected: the revision that the caller based its change on.
        actual: the twin's revision now.
    """

    code = "REVISION_CONFLICT"

    def __init__(self, *, twin: str, expected: int, actual: int) -> None:
        super().__init__(
            f"{twin} has changed: expected revision {expected}, found {actual}. Read it again and repeat the change."
        )
        self.expected, self.actual = expected, actual


class MutationIdReused(Refused):
    """A clientMutationId that this actor has already used for another input."""

    code = "MUTATION_ID_REUSED"

    def __init__(self, client_mutation_id: str) -> None:
        super().__init__(
            f"clientMutationId {shown(client_mutation_id)} stands for another change of yours: "
            "expected the same input as then, found a different one. Use a new id for a new change."
        )


class IdentifierTaken(Refused):
    """An identifier that another asset holds."""

    code = "IDENTIFIER_TAKEN"

    def __init__(self, identifier: str, holder: str | None) -> None:
        super().__init__(f"{shown(identifier)} is already the identifier of {holder or 'another asset'}.")
        self.identifier, self.holder = identifier, holder


class AssetMerged(Refused):
    """An asset that was found to be another one, which has taken over."""

    code = "ASSET_MERGED"

    def __init__(self, asset: str, into: str) -> None:
        super().__init__(f"{asset} was merged into {into}; change that one instead.")
        self.asset, self.into = asset, into


class LabelNotClean(Refused):
    """A label that breaks rules of its profile, which nobody has overridden: nothing is printed of it.

    Args:
        findings: of each the rule, the clause that it comes from, if any, and what is wrong.
    """

    code = "LABEL_NOT_CLEAN"

    def __init__(self, findings: Sequence[tuple[str, str | None, str]]) -> None:
        shown_findings = [
            f"{rule}{f' ({clause})' if clause else ''}: {message}"
            for rule, clause, message in findings[:SHOWN_FINDINGS]
        ]
        more = len(findings) - SHOWN_FINDINGS
        super().__init__(" ".join(shown_findings) + (f" And {more} more." if more > 0 else ""))
        self.rules = tuple(dict.fromkeys(rule for rule, _, _ in findings))


class InconsistentFact(Refused):
    """A fact, or the correction of one, after which not all that was said of a thing could have happened."""

    code = "INCONSISTENT_FACT"


class SerialsExhausted(Refused):
    """A serial of a kind of assets whose scheme has no more."""

    code = "SERIALS_EXHAUSTED"

    def __init__(self, kind: str, capacity: int) -> None:
        super().__init__(
            f"All {capacity} serials of {shown(kind)} are used. Define a scheme with more of them for another kind."
        )


class Unauthenticated(TwinError):
    """The call needs a key and has none, or one that is not known."""

    code = "UNAUTHENTICATED"


class Forbidden(TwinError):
    """The caller is known, but has not the right that the call needs."""

    code = "FORBIDDEN"


class RateLimited(TwinError):
    """The caller has asked as often as it may in a while."""

    code = "RATE_LIMITED"

    def __init__(self, quota: int, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            f"{quota} requests a minute at most, and they are used up; try again in {retry_after} seconds."
        )


class Unavailable(TwinError):
    """Not the caller's fault; the same call may succeed in a moment."""

    code = "UNAVAILABLE"


class FellBehind(Unavailable):
    """A subscriber that did not take its changes as fast as they came, and was cut off."""

    code = "FELL_BEHIND"

    def __init__(self, waiting: int) -> None:
        super().__init__(
            f"{waiting} changes were waiting for this subscriber, which is too many. Subscribe again after the last "
            "cursor that you got, and nothing is missed."
        )


class PrinterStopped(Unavailable):
    """A printer that cannot be reached, or did not take a label in time."""

    code = "PRINTER_STOPPED"


class TimedOut(Unavailable):
    """An operation that was cut off after so many seconds; what it waited for, such as the database, was cancelled."""

    code = "TIMED_OUT"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The operation took more than {seconds:g} seconds. A mutation may be done: repeat it with the same "
            "clientMutationId."
        )


class SetupError(Unavailable):
    """The service cannot start until somebody mends the machine or its settings; the message says how."""

    code = "SETUP"
