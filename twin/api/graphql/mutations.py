"""What all mutations share: what every command may say, and the shape of the answer."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import TypeVar

import strawberry

from twin import errors
from twin.api.graphql.usererrors import UserError, user_error
from twin.domain.history import Command

Result = TypeVar("Result")


@strawberry.input
class CommandInput:
    """What every change of a twin may say."""

    reason: str | None = strawberry.field(default=None, description="Why, in one line; some moves require it.")
    occurred_at: datetime | None = strawberry.field(
        default=None, description="When it happened, with its time zone; null means now. A late fact is welcome."
    )
    client_mutation_id: str | None = strawberry.field(
        default=None,
        description="Your name for this one change, for ever: repeating it answers the same and writes nothing.",
    )

    def command(self) -> Command:
        """As the services take it."""
        return Command(
            reason=self.reason,
            occurred_at=self.occurred_at,
            expected_revision=getattr(self, "expected_revision", None),
            client_mutation_id=self.client_mutation_id,
        )


@strawberry.type
class Payload:
    """What every mutation answers."""

    errors: list[UserError] = strawberry.field(description="Why nothing was changed; empty when it was.")
    client_mutation_id: str | None = strawberry.field(description="The id that the input had.")


async def answered(work: Awaitable[Result]) -> tuple[Result | None, list[UserError]]:
    """The result, or what the caller did wrong."""
    try:
        return await work, []
    except errors.TwinError as error:
        return None, [user_error(error)]
