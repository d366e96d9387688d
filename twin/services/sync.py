"""What was noted offline, done in order: each step is judged alone, and what is not reached is told as not done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from twin.domain.actor import Actor, Permission
from twin.errors import TooLarge, Unavailable

MOST: Final = 500
LONGEST_S: Final = 15.0
"""How long the steps of one call may take together: it ends in time to be answered, and the rest is sent again."""

Result = TypeVar("Result")


async def in_order(
    actor: Actor, steps: Sequence[Callable[[], Awaitable[Result]]], longest_s: float = LONGEST_S
) -> list[Result]:
    """Do one step after the other, until all are done, the time is over or the database does not answer.

    A step that was under way then may be done all the same: whoever repeats it with the same mutation id finds out.
    None after it is done, since it may build on that one.

    Args:
        actor: needs `twins:read`, and of each step the right that the step itself asks for.
        steps: what is done, 500 at most; each answers with what became of it, a refusal too.
        longest_s: how long they may take together, in seconds.

    Returns:
        What the first steps answered; those that are missing are not done.

    Raises:
        TooLarge: there are more than 500.
    """
    actor.require(Permission.READ_TWINS)
    if len(steps) > MOST:
        raise TooLarge(f"mutations: expected {MOST} at most, found {len(steps)}.", path=("mutations",))
    done: list[Result] = []
    try:
        async with asyncio.timeout(longest_s):
            for step in steps:
                result = await step()
                done.append(result)
    except (TimeoutError, Unavailable):
        pass
    return done
