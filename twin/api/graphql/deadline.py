"""How long an operation may take, over HTTP as over WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from strawberry.extensions import SchemaExtension

from twin.errors import TimedOut

LONGEST_S = 30.0  # a lost database is told of within 20


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Bound what is done within: what it waits for, such as the database, is cancelled.

    Raises:
        TimedOut: it took too long.
    """
    try:
        async with asyncio.timeout(LONGEST_S):
            yield
    except TimeoutError:
        raise TimedOut(LONGEST_S) from None


class Deadline(SchemaExtension):
    """Bounds a query or a mutation; of a subscription the check alone, since its start is bounded where it begins."""

    async def on_execute(self) -> AsyncIterator[None]:
        """Execute, in time."""
        async with in_time():
            yield
