"""Calls of many requests, done as one: what comes while the database is busy goes to it in the next round."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

MOST_TOGETHER = 16  # of commits of the largest twins, these are within the 16 MB of one command
MOST_ROUNDS = 4
SLOW_S = 0.1
MOST_SLOW_ROUNDS = 16


class Together(Generic[Item, Answer]):
    """Gathers single calls into rounds. A call that comes alone goes at once, in a round of its own.

    Four rounds are under way at most; but one that is held up, by a lock or a lost server, does not count any more, so
    that what is in it holds up nobody else. Of those there are sixteen at most.

    Args:
        work: does a round: from its items to an answer or an exception for each, in their order. What it raises is
            raised to everybody in the round.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._count = itertools.count()
        self._begun: dict[int, float] = {}  # when each round that is under way began
        self._alarm: asyncio.TimerHandle | None = None  # to look whether a round under way is held up
        self._tasks: set[asyncio.Task[None]] = set()  # the event loop alone would let them be collected

    async def __call__(self, item: Item) -> Answer:
        """The answer for one item."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((item, answer))
        self._start()
        return await answer

    def _start(self) -> None:
        """Begin a round with those who wait if there is room for one, or look again before long."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        quick = sum(now - begun < SLOW_S for begun in self._begun.values())
        if quick < MOST_ROUNDS and len(self._begun) < MOST_SLOW_ROUNDS:
            number = next(self._count)
            self._begun[number] = now
            task = asyncio.create_task(self._run(number))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif self._alarm is None:
            self._alarm = loop.call_later(SLOW_S, self._look_again)

    def _look_again(self) -> None:
        self._alarm = None
        if self._waiting:
            self._start()

    async def _run(self, number: int) -> None:
        try:
            await self._rounds(number)
        finally:  # with nothing awaited since the last look at who waits
            del self._begun[number]

    async def _rounds(self, number: int) -> None:
        while self._waiting:
            self._begun[number] = asyncio.get_running_loop().time()
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
