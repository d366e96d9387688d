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
from tests.genealogy_model import FAR, Impossible, Plain, Shelf, Told, World
from tests.services.factory import new_asset
from twin.domain.actor import Actor, full_actor
from twin.domain.fact import NEVER, FactKind, Movement
from twin.domain.history import AsOf, Command
from twin.errors import InconsistentFact, InvalidInput
from twin.identity import Granularity
from twin.services.facts import Named

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
Row = tuple[str, bool, str, bool, str]
PLACES = ("PLANT-1", "PLANT-2", "DEALER-7")
KINDS = {"INSTALL": 8, "REMOVE": 6, "PACK": 4, "UNPACK": 3, "CONSUME": 7, "MOVE": 10, "PRODUCE": 3, "CORRECT": 4}
PRODUCT = "gs1:01/09506000134352"


class Run:
    """One seeded run against services and model."""

    def __init__(self, bench: Bench, actor: Actor, seed: int) -> None:
        self.bench, self.actor, self.random = bench, actor, random.Random(seed)  # noqa: S311 - not for secrets
        self.start = bench.clock.now
        self.items: list[str] = []
        self.lots: list[str] = []
        self.kinds: dict[str, str] = {}
        self.of_product: set[str] = set()
        self.outcomes: Counter[str] = Counter()
        self.compared = 0

    async def begin(self, items: int, lots: int) -> None:
        for number in range(items):
            self.items.append(await self.new(Granularity.ITEM, f"{PRODUCT}/21/{number}", number))
        for number in range(lots):
            self.lots.append(await self.new(Granularity.LOT, f"{PRODUCT}/10/{number}", number))
        self.plain = Plain(self.lots)

    async def new(self, granularity: Granularity, name: str, number: int) -> str:
        """Every other one is a tool, and two of three are of the product."""
        kind, names = ("tool", "case")[number % 2], [name] if number % 3 else []
        early = Command(occurred_at=self.start - 1_000 * HOUR)
        twin = await new_asset(self.bench, self.actor, *names, kind=kind, granularity=granularity, command=early)
        self.kinds[twin] = kind
        if names:
            self.of_product.add(twin)
        return twin

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
        if kind in ("MOVE", "PRODUCE"):
            into = ()
        if kind == "PRODUCE" or (kind == "MOVE" and self.random.random() < 0.5):
            what = tuple(self.random.sample(self.lots, self.random.randrange(1, 3)))
        return self.counted(Told("", kind, what, into, self.moment(), NEVER))

    def counted(self, told: Told) -> Told:
        """The fact with what its kind says: where, and of lots mostly how much."""
        chance = self.random.random
        place = self.random.choice(PLACES) if told.kind in ("MOVE", "PRODUCE") or chance() < 0.4 else ""
        movement = self.random.choice(list(Movement)).value if told.kind == "MOVE" else ""
        origin = self.random.choice(PLACES) if movement and chance() < 0.5 else ""
        told = replace(told, place=place, movement=movement, origin=origin)
        if set(told.what) <= set(self.lots) and chance() < 0.9:
            many = self.random.randrange(1, 4) if told.kind == "CONSUME" else self.random.randrange(1, 9)
            brings = told.kind == "PRODUCE" or movement in ("RECEIVE", "ARRIVE")
            unit = "KGM" if chance() < 0.97 else "LTR"
            told = replace(told, quantity=many, unit=unit, loose=brings and chance() < 0.1)
        return told

    @staticmethod
    def said(told: Told) -> dict[str, str]:
        named = {"movement": told.movement, "origin": told.origin, "counting": "LOOSE" if told.loose else ""}
        named["site" if told.kind == "PRODUCE" else "place"] = told.place
        wanted = {"MOVE": named, "PRODUCE": named, "CONSUME": named}.get(told.kind, {})
        return {name: value for name, value in wanted.items() if value}

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
        how_much = (str(told.quantity), told.unit) if told.quantity else ()
        try:
            fact = await self.bench.services.facts.record(
                self.actor,
                FactKind(told.kind),
                what=[Named(thing, *how_much) for thing in told.what],
                into=[Named(thing) for thing in told.into],
                said=self.said(told),
                command=Command(occurred_at=told.at),
            )
        except (InconsistentFact, InvalidInput) as refused:
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
        await self.count(as_of, world, [fact for fact in facts if fact.at <= (occurred or self.bench.clock.now)])

    async def count(self, as_of: AsOf, world: World, facts: list[Told]) -> None:
        """How much of each lot is where, and what is on hand at some places and of the product, at that point."""
        inventory = self.bench.services.inventory
        shelves = {lot: Shelf(lot, facts).levels() for lot in self.lots}
        stock = await inventory.stock(self.actor, [*self.lots, *self.items], as_of)
        found = {
            lot: {(level.spot.place or "", level.spot.transit): int(level.quantity) for level in levels}
            for lot, levels in stock.items()
        }
        assert found == {**shelves, **{item: {} for item in self.items}}, as_of
        expected: Counter[Row] = Counter()
        for item in self.items:
            if (where := world.on_hand(item)) is not None:
                expected[*where, self.kinds[item], item in self.of_product, ""] += 1
        for lot, levels in shelves.items():
            for where, many in levels.items():
                expected[*where, self.kinds[lot], lot in self.of_product, lot] = many
        places = self.random.sample(PLACES, 2)
        kinds = self.random.choice((None, ["tool"]))
        for asked, fits in (
            ({"places": places}, lambda row: row[0] in places),
            ({"places": places, "part_of": PRODUCT}, lambda row: row[0] in places and row[3]),
            ({"part_of": PRODUCT}, lambda row: row[3]),
        ):
            rows = await inventory.rows(self.actor, kinds=kinds, as_of=as_of, **asked)
            told = {
                (row.spot.place or "", row.spot.transit, row.kind, row.products == (PRODUCT,), row.lot or ""): row.items
                or int(row.quantity or 0)
                for row in rows
            }
            wanted = {row: many for row, many in expected.items() if fits(row) and (not kinds or row[2] in kinds)}
            assert told == wanted, f"{asked} {kinds} as of {as_of}"
            self.compared += 1


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
        report = await bench.services.audit.check_history(made.actor)
        assert report.findings == []
        return made


async def test_every_question_is_answered_as_the_model_answers_it(mongo_uri: str) -> None:
    made = await run(mongo_uri, 20_261_201, 300)
    refused = ("INSTALL", "REMOVE", "CONSUME", "MOVE", "CORRECT")
    assert all(made.outcomes[kind] for kind in (*KINDS, *(f"{kind} refused" for kind in refused)))


@pytest.mark.soak
async def test_ten_thousand_facts(mongo_uri: str) -> None:
    for seed in range(20):
        base = int(os.environ.get("TWIN_SEED", "0")) or random.randrange(10**6)  # noqa: S311 - not for secrets
        made = await run(mongo_uri, base + seed, 500)
        print(f"seed {base + seed}: {dict(made.outcomes)}, {made.compared} comparisons, no difference")  # noqa: T201 - for the note
