"""Calls done as one: everybody gets his own answer, and nobody waits for what will not come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from twin.store.together import MOST_ROUNDS, MOST_TOGETHER, Together

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(20)]


class Odd(Exception):
    """What an odd number gets."""


class Work:
    """Halves numbers; goes on when it is let."""

    def __init__(self, *, free: bool = True) -> None:
        self.rounds: list[list[int]] = []
        self.may_go_on = asyncio.Event()
        if free:
            self.may_go_on.set()

    async def __call__(self, items: Sequence[int]) -> list[int | Exception]:
        self.rounds.append(list(items))
        await self.may_go_on.wait()
        return [Odd(item) if item % 2 else item // 2 for item in items]


async def test_a_call_alone_goes_at_once() -> None:
    work = Work()
    assert await Together(work)(4) == 2
    assert work.rounds == [[4]]


async def test_calls_of_the_same_moment_are_one_round_and_each_gets_its_own_answer() -> None:
    work = Work()
    halves = Together(work)
    answers = await asyncio.gather(*(halves(item) for item in (2, 3, 8)), return_exceptions=True)
    assert (answers[0], answers[2]) == (1, 4)
    assert isinstance(answers[1], Odd)
    assert work.rounds == [[2, 3, 8]]


async def test_what_comes_while_rounds_are_under_way_waits_for_the_next_and_rounds_are_bounded() -> None:
    work = Work(free=False)
    halves = Together(work)
    calls = []
    for item in range(0, 2 * MOST_ROUNDS, 2):
        calls.append(asyncio.create_task(halves(item)))
        while len(work.rounds) < len(calls):  # noqa: ASYNC110 - one turn of the loop is the event
            await asyncio.sleep(0)
    late = [asyncio.create_task(halves(2 * item)) for item in range(MOST_TOGETHER + 1)]
    await asyncio.sleep(0)
    assert len(work.rounds) == MOST_ROUNDS
    work.may_go_on.set()
    assert await asyncio.gather(*calls) == list(range(MOST_ROUNDS))
    assert await asyncio.gather(*late) == list(range(MOST_TOGETHER + 1))
    assert [len(items) for items in work.rounds[MOST_ROUNDS:]] == [MOST_TOGETHER, 1]


async def test_a_round_that_is_held_up_holds_up_nobody_else() -> None:
    held = asyncio.Event()

    async def work(items: Sequence[int]) -> list[int]:
        if 1 in items:
            await held.wait()
        return [item // 2 for item in items]

    halves = Together(work)
    stuck = []
    for _ in range(MOST_ROUNDS):
        stuck.append(asyncio.create_task(halves(1)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        assert [*await asyncio.gather(halves(2), halves(4)), await halves(6)] == [1, 2, 3]
    assert not any(task.done() for task in stuck)
    held.set()
    assert await asyncio.gather(*stuck) == [0] * MOST_ROUNDS


async def test_who_asks_again_as_soon_as_he_is_answered_is_answered_again() -> None:
    halves = Together(Work())

    async def ask() -> None:
        for item in range(0, 400, 2):
            assert await halves(item) == item // 2

    await asyncio.gather(*(ask() for _ in range(20)))


async def test_what_a_round_raises_is_raised_to_all_of_it_and_the_next_goes_on() -> None:
    async def refuse(items: Sequence[int]) -> list[int]:
        if 0 in items:
            raise Odd(items)
        return list(items)

    same = Together(refuse)
    answers = await asyncio.gather(same(0), same(1), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Odd, Odd]
    assert await same(1) == 1


async def test_who_goes_away_is_not_waited_for() -> None:
    work = Work(free=False)
    halves = Together(work)
    gone, stays = asyncio.create_task(halves(2)), asyncio.create_task(halves(4))
    while not work.rounds:  # noqa: ASYNC110 - one turn of the loop is the event
        await asyncio.sleep(0)
    gone.cancel()
    work.may_go_on.set()
    assert await stays == 2
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert await halves(6) == 3
