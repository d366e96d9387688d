"""Random facts, late ones, contradictions and corrections: the services answer as a model of plain lines does."""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.conftest import bench_on
from tests.genealogy_model import FAR, Impossible, Plain, Told
from tests.services.factory import new_asset
from twin.domain.actor import Actor, full_actor
from twin.domain.fact import NEVER, FactKind, Movement
from twin.domain.history import AsOf, Command
from twin.errors import InconsistentFact
from twin.identity import Granularity
from twin.services.facts import Named

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
PLACES = ("PLANT-1", "PLANT-2", "DEALER-7")
KINDS = {"INSTALL": 8, "REMOVE": 6, "PACK": 4, "UNPACK": 3, "CONSUME": 4, "MOVE": 6, "CORRECT": 3}


class Run:
    """One seeded run against services and model."""

    def __init__(self, bench: Bench, actor: Actor, seed: int) -> None:
        self.bench, self.actor, self.random = bench, actor, random.Random(seed)  # noqa: S311 - not for secrets
        self.start = bench.clock.now
        self.items: list[str] = []
        self.lots: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self.compared = 0

    async def begin(self, items: int, lots: int) -> None:
        early = Command(occurred_at=self.start - 1_000 * HOUR)
        self.items = [await new_asset(self.bench, self.actor, command=early) for _ in range(items)]
        lot = Granularity.LOT
        self.lots = [await new_asset(self.bench, self.actor, granularity=lot, command=early) for _ in range(lots)]
        self.plain = Plain(self.lots)

    def moment(self) -> datetime:
        """Mostly now, often before, on whole hours so that things happen at once too."""
        now = self.bench.clock.now.replace(minute=0, second=0, microsecond=0)
        return now if self.random.random() < 0.6 else now - self.random.randrange(1, 60) * HOUR

    def some(self) -> Told:
        kind = self.random.choices(list(KINDS), list(KINDS.values()))[0]
        pool = self.random.sample(self.items, 4)
        what, into = tuple(pool[:1]), tuple(pool[3:])
        if kind in ("PACK", "UNPACK"):
            what = tuple(pool[: self.random.randrange(1, 4)])
        if kind in ("REMOVE", "UNPACK"):
            held = self.plain.world(datetime.max.replace(tzinfo=NEVER.tzinfo), self.plain.counting(None)).holders
            if inside := [thing for thing in self.items if any(into in self.items for into in held.get(thing, ()))]:
                what = (self.random.choice(inside),)
                into = (min(into for into in held[what[0]] if into in self.items),)
        if kind == "CONSUME":
            what = (self.random.choice(self.lots if self.random.random() < 0.8 else self.items),)
            into = tuple(thing for thing in self.random.sample([*self.items, *self.lots], 2) if thing not in what)
        place = self.random.choice(PLACES) if kind == "MOVE" else ""
        into = () if kind == "MOVE" else into
        return Told("", kind, what, into, self.moment(), NEVER, place, self.random.random() < 0.3)

    async def step(self) -> None:
        self.bench.clock.now += self.random.choice((timedelta(0), HOUR, 5 * HOUR))
        told = self.some()
        if told.kind == "CORRECT":
            await self.correct()
            return
        if set(told.what) & set(told.into):
            return
        try:
            self.plain.judge([*self.plain.counting(None), told])
        except Impossible:
            expected = False
        else:
            expected = True
        said = {"movement": Movement.SHIP if told.shipped else Movement.ARRIVE, "place": told.place}
        try:
            fact = await self.bench.services.facts.record(
                self.actor,
                FactKind(told.kind),
                what=[Named(thing) for thing in told.what],
                into=[Named(thing) for thing in told.into],
                said=said if told.kind == "MOVE" else {},
                command=Command(occurred_at=told.at),
            )
        except InconsistentFact as refused:
            assert not expected, (told, refused.message)  # noqa: PT017 - either is right
            self.outcomes[f"{told.kind} refused"] += 1
        else:
            assert expected, told
            self.plain.facts.append(replace(told, id=fact["_id"], learnt=fact["recorded_at"]))
            self.outcomes[told.kind] += 1

    async def correct(self) -> None:
        standing = self.plain.counting(None)
        if not standing:
            return
        mistake = self.random.choice(standing)
        try:
            self.plain.judge([fact for fact in standing if fact is not mistake])
        except Impossible:
            expected = False
        else:
            expected = True
        try:
            fact = await self.bench.services.facts.correct(self.actor, mistake.id, Command(reason="a mistake"))
        except InconsistentFact as refused:
            assert not expected, (mistake, refused.message)  # noqa: PT017 - either is right
            self.outcomes["CORRECT refused"] += 1
        else:
            assert expected, mistake
            mistake.corrected = fact["recorded_at"]
            self.outcomes["CORRECT"] += 1

    async def compare(self) -> None:
        """Every question about one thing, at a random point on both axes."""
        genealogy = self.bench.services.genealogy
        now = self.bench.clock.now
        occurred = self.random.choice((None, now - self.random.randrange(80) * HOUR))
        recorded = self.random.choice((None, now - self.random.randrange(1, 80) * HOUR))
        as_of = AsOf(occurred, recorded)
        facts = self.plain.counting(recorded)
        world = self.plain.world(occurred or self.bench.clock.now, facts)
        thing = self.random.choice([*self.items, *self.lots])
        where = f"{thing} as of {as_of}"
        assert {step.thing for step in await genealogy.components(self.actor, thing, as_of)} == world.below(thing), (
            where
        )
        uses = await genealogy.uses(self.actor, thing, as_of)
        assert {step.thing for step in uses} == world.above(thing), where
        assert {step.thing for step in uses if step.level == 1} == world.holders.get(thing, set()), where
        places = await genealogy.whereabouts(self.actor, self.items, as_of)
        found = {item: (at.place, at.transit) for item, at in places.items() if at.place is not None}
        assert found == {item: place for item in self.items if (place := world.place(item)) is not None}, where
        start = self.random.choice([*self.items, *self.lots])
        exposed = await genealogy.exposed([start], recorded=recorded)
        periods = {
            other: [(begin, FAR if end == NEVER else end) for begin, end in step.periods]
            for other, step in exposed.items()
        }
        assert periods == self.plain.exposures(start, recorded), f"{start} known {recorded}"
        self.compared += 4


async def run(mongo_uri: str, seed: int, steps: int) -> Run:
    async with bench_on(mongo_uri) as bench:
        made = Run(bench, full_actor("model"), seed)
        await made.begin(items=10, lots=3)
        for number in range(steps):
            try:
                await made.step()
                if number % 5 == 0:
                    await made.compare()
            except BaseException as error:
                error.add_note(f"seed {seed}, step {number}")
                raise
        return made


async def test_every_question_is_answered_as_the_model_answers_it(mongo_uri: str) -> None:
    made = await run(mongo_uri, 20_261_201, 300)
    assert all(made.outcomes[kind] for kind in (*KINDS, "INSTALL refused", "REMOVE refused", "CORRECT refused"))


@pytest.mark.soak
async def test_ten_thousand_facts(mongo_uri: str) -> None:
    for seed in range(20):
        base = int(os.environ.get("TWIN_SEED", "0")) or random.randrange(10**6)  # noqa: S311 - not for secrets
        made = await run(mongo_uri, base + seed, 500)
        print(f"seed {base + seed}: {dict(made.outcomes)}, {made.compared} comparisons, no difference")  # noqa: T201 - for the note
