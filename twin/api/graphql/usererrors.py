"""What a caller did wrong, as data in the answer of a mutation: stable codes, and the path of the input."""

from __future__ import annotations

import strawberry

from twin import errors
from twin.api.graphql.enums import LabelAction, LabelState


@strawberry.interface(description="Why a mutation changed nothing.")
class UserError:
    """An expected error."""

    code: str = strawberry.field(description="A stable code to switch on, such as `REVISION_CONFLICT`.")
    message: str = strawberry.field(description="For people: the value, what was expected and what was found.")
    path: list[str] = strawberry.field(description="The words that lead to the value in the input, outermost first.")


@strawberry.type(description="A text or value of the input breaks a rule.")
class InvalidInput(UserError):
    """The caller's input breaks a rule."""


@strawberry.type(description="There is no such thing, or the caller may not see it.")
class NotFound(UserError):
    """No such thing."""


@strawberry.type(description="The state of the label does not allow the move.")
class IllegalMove(UserError):
    """A move that the state forbids."""

    state: LabelState = strawberry.field(description="The state that the label is in.")
    legal_moves: list[LabelAction] = strawberry.field(description="The moves that are legal now.")


@strawberry.type(description="Somebody else wrote first: read again, decide again, try again.")
class RevisionConflict(UserError):
    """A stale writer."""

    expected_revision: int = strawberry.field(description="The revision that the change was based on.")
    actual_revision: int = strawberry.field(description="The revision of the twin now.")


@strawberry.type(description="Refused for another reason, such as an identifier that is taken.")
class Refused(UserError):
    """Any other refusal."""


@strawberry.type(description="Of one of several mutations: the caller may not do that, as a key or a right is missing.")
class NotAllowed(UserError):
    """A right that the caller has not."""


@strawberry.type(description="Of one of several mutations: it failed by a fault of the service, which has logged it.")
class Failed(UserError):
    """A fault of ours."""


def user_error(error: errors.TwinError) -> UserError:
    """The error as data.

    Raises:
        TwinError: the same, when it is about the call and not about its input: a missing right, a busy database.
    """
    path = list(error.path) if isinstance(error, errors.InvalidInput) else []
    match error:
        case errors.IllegalMove():
            return IllegalMove(
                code=error.code,
                message=error.message,
                path=path,
                state=LabelState(error.state),
                legal_moves=[LabelAction(move) for move in error.legal],
            )
        case errors.RevisionConflict():
            return RevisionConflict(
                code=error.code,
                message=error.message,
                path=["expectedRevision"],
                expected_revision=error.expected,
                actual_revision=error.actual,
            )
        case errors.InvalidInput():
            return InvalidInput(code=error.code, message=error.message, path=path)
        case errors.NotFound():
            return NotFound(code=error.code, message=error.message, path=path)
        case errors.Refused():
            return Refused(code=error.code, message=error.message, path=path)
    raise error


TYPES = (InvalidInput, NotFound, IllegalMove, RevisionConflict, Refused, NotAllowed, Failed)
