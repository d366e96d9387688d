"""Calls of many requests, done as one: what comes while the database is busy goes to it in the next round."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

MOST_TOGETHER = 64
MOST_ROUNDS = 2


class Together(Generic[Item, Answer]):
    """Gathers single calls into rounds. A call that comes alone goes at once, in a round of its own.

    Args:
        work: does a round: from its items to an answer or an exception for each, in their order. What it raises is
            raised to everybody in the round.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()  # the event loop alone would let them be collected

    async def __call__(self, item: Item) -> Answer:
        """The answer for one item."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running < MOST_ROUNDS:
            self._running += 1
            task = asyncio.create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def _run(self) -> None:
        try:
            await self._rounds()
        finally:  # with nothing awaited since the last look at who waits
            self._running -= 1

    async def _rounds(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            try:
                answers: Sequence[Answer | Exception] = await self._work([item for item, _ in batch])
            except Exception as error:  # noqa: BLE001 - it is everybody's, and raised where each of them waits
                answers = [error] * len(batch)
            for (_, waiting), answer in zip(batch, answers, strict=True):
                if waiting.done():  # whoever asked has gone
                    continue
                if isinstance(answer, Exception):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)
