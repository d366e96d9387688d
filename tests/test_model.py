"""Random commands, legal and not, alone and at once: the services answer as a model of 300 plain lines does."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.conftest import bench_on
from tests.model import STARTS, Ask, Flat, Refusal, Step, Twin, World, flat
from tests.services.factory import new_vin, told
from twin.domain.actor import Actor, full_actor
from twin.domain.history import AsOf, Command
from twin.domain.print_job import PrintFormat, PrintOrder
from twin.errors import InvalidInput, NotFound, TwinError
from twin.identity import Granularity
from twin.services.labels import Order
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

URL = "HTTP://127.0.0.1:8000"
MS = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
PAUSES = (timedelta(0), timedelta(microseconds=700), MS, SECOND, 90 * SECOND, timedelta(hours=1))
KINDS: Mapping[str, int] = {
    "register": 3,
    "revise_asset": 5,
    "issue": 4,
    "preprint": 2,
    "claim": 6,
    "print": 8,
    "reprint": 5,
    "apply": 8,
    "verify": 14,
    "report": 4,
    "remove": 3,
    "void": 1,
    "revise": 16,
    "correct": 10,
    "replace": 3,
}
BIRTHS = ("register", "issue", "preprint")
LASTING = 2  # the first labels are never voided or replaced: their histories grow into the archive
HOT = 6  # the oldest of the newest labels that can still move get most of the other commands

Outcome = list[Mapping[str, Any]] | BaseException


class Paced:
    """A clock that stands, or moves by `tick` at each look."""

    now: datetime
    tick = timedelta(0)

    def __call__(self) -> datetime:
        self.now += self.tick
        return self.now


class Run:
    """One seeded run of commands and reads against services and model."""

    def __init__(self, bench: Bench, actor: Actor, seed: int) -> None:
        self.services, self.actor, self.seed = bench.services, actor, seed
        bench.clock.__class__ = cast(Any, Paced)
        self.clock = cast(Paced, bench.clock)
        self.random = random.Random(seed)  # noqa: S311 - a run that can be repeated
        self.world = World(URL)
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.labels: list[str] = []
        self.assets: list[str] = []
        self.latest: Twin | None = None  # the label that was asked for last
        self.step = 0
        self.began = time.monotonic()
        self.names = 0
        self.last: deque[str] = deque(maxlen=16)
        self.kinds: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.repeats = self.races = self.reads = 0

    def differ(self, what: str) -> NoReturn:
        lines = "\n  ".join(self.last)
        raise AssertionError(f"seed {self.seed}, step {self.step}: {what}\nThe last commands:\n  {lines}")

    def same(self, what: str, found: object, expected: object) -> None:
        self.reads += 1
        if found != expected:
            self.differ(f"{what}\n found    {found}\n expected {expected}")

    async def go(self, steps: int) -> str:
        """Go some steps on, compare every twin, and tell the figures so far."""
        for _ in range(steps):
            await self.one()
        await self.same_twins()
        longest = max(twin.revision for twin in self.world.labels.values())
        return (
            f"seed {self.seed}: {self.step} steps, {self.races} of them races, {sum(self.kinds.values())} commands "
            f"{dict(sorted(self.kinds.items()))}, refused {sum(self.refused.values())} "
            f"{dict(sorted(self.refused.items()))}, repeats {self.repeats}, {len(self.labels)} labels "
            f"(the longest history {longest}), {len(self.assets)} assets, {self.reads} comparisons, "
            f"{time.monotonic() - self.began:.0f} s, differences: 0"
        )

    async def one(self) -> None:
        """Send one command, or several at once, and compare some reads."""
        self.step += 1
        self.clock.now += self.random.choice(PAUSES)
        await self.send(self.asks())
        await self.look()

    async def same_twins(self) -> None:
        """Compare every twin and all of its versions."""
        for twin in (*self.labels, *self.assets):
            await self.same_head(twin)
            await self.same_versions(twin, 1, self.twin(twin).revision)

    # What is asked

    def asks(self) -> list[Ask]:
        if len(self.assets) < 3:
            return [self.ask("register", None)]
        if len(self.labels) < 3:
            return [self.ask("issue", None)]
        chance = self.random.random()
        if chance < 0.08 and self.answers:
            before = self.world.done[self.random.choice(list(self.answers))][0]
            return [before if self.random.random() < 0.6 else replace(before, reason=f"{before.reason}!")]
        twin = self.pick()
        if chance < 0.2:
            asks = [self.ask(self.kind(twin, births=False), twin, race=True) for _ in range(self.random.randint(2, 6))]
            if self.random.random() < 0.4:
                asks[0] = asks[-1]
            elif self.random.random() < 0.2:
                asks[0] = replace(asks[-1], reason="another")
            return asks
        return [self.ask(self.kind(twin, births=True), twin)]

    def pick(self) -> Twin:
        live = [twin for twin in self.labels[-40:] if self.state(twin) not in ("VOID", "REPLACED")]
        if self.random.random() < 0.4:
            return self.world.labels[self.random.choice(self.labels[:LASTING])]
        pool = live[:HOT] if live and self.random.random() < 0.8 else self.labels
        return self.world.labels[self.random.choice(pool)]

    def kind(self, twin: Twin, *, births: bool) -> str:
        if twin.events[-1].action in ("CLAIM", "REMOVE", "REPORT_LOST") and self.random.random() < 0.4:
            return "correct"
        kinds = [kind for kind in KINDS if births or kind not in (*BIRTHS, "revise_asset")]
        if self.random.random() < 0.8 or twin.id in self.labels[:LASTING]:
            actions = {"verify": "FAIL_VERIFICATION", "report": "REPORT_LOST"}
            state = twin.head["state",]
            if twin.id in self.labels[:LASTING]:
                kinds = [kind for kind in kinds if kind not in ("void", "replace")]
            kinds = [k for k in kinds if state in STARTS.get(actions.get(k, k.upper()), (state,))] or kinds
        return self.random.choices(kinds, [KINDS[kind] for kind in kinds])[0]

    def ask(self, kind: str, label: Twin | None, *, race: bool = False) -> Ask:
        pick = self.random
        self.names += 1
        name = f"n{self.names}" if race or pick.random() < 0.7 else None
        reason = None if pick.random() < 0.05 else f"why {self.names}"
        if kind in BIRTHS or label is None:
            return Ask(kind, "", self.args(kind, None), reason, self.moment(None, race=race), None, name)
        twin = self.world.assets[pick.choice(self.assets)] if kind == "revise_asset" else label
        occurred = None if kind == "correct" and pick.random() < 0.95 else self.moment(twin, race=race)
        expected = None if kind not in ("revise", "revise_asset") and pick.random() < 0.85 else twin.revision
        if pick.random() < 0.03:
            expected = pick.choice((None, 0, twin.revision + 1))
        link = twin.head.get(("link_id",))
        key = link if link and pick.random() < 0.2 else twin.id
        if pick.random() < 0.01:
            key = "ast_none" if kind == "revise_asset" else "lbl_none"
        return Ask(kind, key, self.args(kind, twin), reason, occurred, expected, name)

    def args(self, kind: str, twin: Twin | None) -> dict[str, Any]:
        pick = self.random
        asset = "ast_none" if pick.random() < 0.02 else pick.choice(self.assets or ["ast_none"])
        face: dict[str, str | None] = {"tag": f"T{pick.randint(1, 9)}"} if pick.random() < 0.97 else {}
        face |= {name: f"{name} {pick.randint(1, 3)}" for name in ("owner", "note") if pick.random() < 0.4}
        free = {name: f"{pick.randint(1, 3)}" for name in ("shelf", "by") if pick.random() < 0.5}
        if kind == "register":
            known = sorted(self.world.taken) if pick.random() < 0.1 else []
            identifiers = tuple(known[:1]) or ((f"vin:{new_vin()}",) if pick.random() < 0.4 else ())
            return {"name": f"Drill {self.names}", "identifiers": identifiers, "attributes": free}
        if kind == "issue":
            order = {"asset": asset, "face": face, "attributes": free}
            return {"orders": (order,) * pick.choice((1, 1, 1, 2))}
        if kind in ("revise", "revise_asset"):
            removed: dict[str, str | None] = {
                n: None for n in ("owner", "note", "tag") if pick.random() < (0.01 if n == "tag" else 0.2)
            }
            less = {name: None for name in ("shelf", "by") if pick.random() < 0.2}
            name = f"Drill {pick.randint(1, 3)}" if pick.random() < 0.4 else None
            changed = {"face": face | removed if pick.random() < 0.6 else {}, "attributes": free | less}
            return changed if kind == "revise" else {"name": name, "attributes": free | less}
        if kind == "verify":
            right = self.world.payload(str(twin.head["link_id",])) if twin is not None else ""
            return {"read": right if pick.random() < 0.7 else "something else"}
        if kind == "replace" and twin is not None:
            return self.replacing(twin, face)
        plain: Mapping[str, dict[str, Any]] = {
            "preprint": {"count": pick.choice((1, 1, 3))},
            "claim": {"asset": asset, "face": face},
            "print": {"copies": 0 if pick.random() < 0.03 else 1},
            "reprint": {"copies": 0 if pick.random() < 0.03 else 2},
            "report": {"lost": pick.random() < 0.5},
        }
        return plain.get(kind, {})

    def replacing(self, twin: Twin, face: Mapping[str, str | None]) -> dict[str, Any]:
        carried = [new.id for new, _ in self.world.carried(twin.last_asset or "", None, None)]
        waiting = [label for label in self.labels[-40:] if self.state(label) == "UNCLAIMED"]
        by = self.random.choice(([None], carried, waiting, self.labels, ["lbl_none"] * (self.random.random() < 0.1)))
        new = self.random.choice(by) if by else None
        ready = new is not None and self.random.random() < 0.8
        return {"by": new, "face": None if ready or self.random.random() < 0.5 else face}

    def state(self, label: str) -> str:
        return str(self.world.labels[label].head["state",])

    def moment(self, twin: Twin | None, *, race: bool) -> datetime | None:
        """When it happened: mostly now; or late, early, exactly at what the twin knows, or in the future."""
        pick, now = self.random, self.clock.now
        if pick.random() < 0.5:
            return None
        ahead = [30 * SECOND, 600 * SECOND] if race else [30 * SECOND, 60 * SECOND, 60 * SECOND + MS / 10]
        if pick.random() < 0.15:
            return now + pick.choice(ahead)
        if twin is None:
            return now - pick.random() * timedelta(hours=3)
        known = [event.occurred for event in twin.events]
        if pick.random() < 0.1:
            return known[0] - pick.choice((MS, SECOND, timedelta(0)))
        if pick.random() < 0.5:
            return pick.choice(known[-4:]) + pick.choice((-MS, MS * 0, MS))
        return min(known[0], now) + pick.random() * abs(now - known[0])

    # What is answered

    async def send(self, asks: Sequence[Ask]) -> None:
        """Send commands at once, and find the serial order in which the model does the same."""
        self.clock.tick = self.random.choice((timedelta(0), MS, SECOND)) if len(asks) > 1 else timedelta(0)
        began = self.clock.now
        self.last.append(f"{self.step}: now {began.isoformat()}, tick {self.clock.tick}, {' | '.join(map(repr, asks))}")
        outcomes: list[Outcome] = await asyncio.gather(*(self.perform(ask) for ask in asks), return_exceptions=True)
        self.last[-1] += "\n    → " + " | ".join(map(_shown, outcomes))
        self.races += len(asks) > 1
        self.kinds.update(ask.kind for ask in asks)
        refusals: dict[int, set[tuple[str, str]]] = {position: set() for position in range(len(asks))}
        self.judge(asks, began, refusals)
        granted = [(ask, docs) for ask, docs in zip(asks, outcomes, strict=True) if isinstance(docs, list)]
        for ask, docs in sorted(granted, key=lambda pair: int(pair[1][0]["revision"])):
            if ask.name in self.answers:
                self.repeats += 1
                self.same(f"the repeat of {ask}", [told(doc) for doc in docs], self.answers[ask.name])
                self.same("the input of a repeat", ask, self.world.done[ask.name][0])
                continue
            self.grant(ask, docs, began)
            self.judge(asks, began, refusals)
        for position, outcome in enumerate(outcomes):
            if isinstance(outcome, BaseException):
                self.refuse(asks[position], outcome, refusals[position])
        for twin in {self.world.links.get(ask.key, ask.key) for ask in asks} & {*self.labels, *self.assets}:
            await self.same_head(twin)
            self.latest = self.world.labels.get(twin)

    def judge(self, asks: Sequence[Ask], began: datetime, refusals: Mapping[int, set[tuple[str, str]]]) -> None:
        for position, ask in enumerate(asks):
            for now in {began, self.clock.now}:
                try:
                    self.world.decide(ask, now)
                except Refusal as refusal:
                    refusals[position].add(refusal.told)

    def refuse(self, ask: Ask, error: BaseException, expected: set[tuple[str, str]]) -> None:
        if not isinstance(error, TwinError):
            raise error
        path = error.path[-1] if isinstance(error, InvalidInput) and error.path else ""
        self.refused[error.code] += 1
        if (error.code, path) not in expected:
            self.differ(f"{ask} was refused with {error.code} {path} ({error}); the model says {expected or 'granted'}")

    def grant(self, ask: Ask, docs: Sequence[Mapping[str, Any]], began: datetime) -> None:
        first = docs[0]["changed"]
        now = first["occurred_at"] if ask.occurred is None and ask.kind != "correct" else first["recorded_at"]
        try:
            # While the clock stands its microseconds count: 60 s ahead of it is not 60 s ahead of the millisecond.
            steps = cast(list[Step], self.world.decide(ask, now if self.clock.tick else began))
        except Refusal as refusal:
            self.differ(f"{ask} was granted; the model refuses: {refusal.told}")
        self.same("twins written", len(docs), len(steps))
        for step, doc in zip(steps, docs, strict=True):
            at = doc["changed"]
            if not began - MS <= at["recorded_at"] <= self.clock.now:
                self.differ(f"recorded at {at['recorded_at']}, not between {began} and {self.clock.now}")
            done = replace(step, occurred=at["occurred_at"]) if self.clock.tick and ask.occurred is None else step
            if step.action == "REPLACE":
                done = replace(done, change={**step.change, ("replaced_by",): docs[1]["_id"]})
            self.remember(self.world.record(done, doc["_id"], at["recorded_at"], doc["head"].get("link_id", "")))
        if ask.name is not None:
            self.world.done[ask.name] = (ask, [(doc["_id"], doc["revision"]) for doc in docs])
            self.answers[ask.name] = [told(doc) for doc in docs]
        for doc in docs:
            self.same_state(f"the answer to {ask}", doc, self.twin(doc["_id"]).at(None, None))

    def remember(self, twin: Twin) -> None:
        if twin.revision == 1:
            (self.assets if twin.id in self.world.assets else self.labels).append(twin.id)

    def perform(self, ask: Ask) -> Awaitable[list[Mapping[str, Any]]]:
        """Send one command to the service that it is for."""
        labels, assets, actor, args = self.services.labels, self.services.assets, self.actor, ask.args
        command = Command(ask.reason, ask.occurred, ask.expected, ask.name)
        c: dict[str, Any] = {"command": command}
        calls: Mapping[str, Callable[[], Awaitable[Any]]] = {
            "register": lambda: assets.register(actor, kind="tool", granularity=Granularity.ITEM, **args, **c),
            "revise_asset": lambda: assets.revise(actor, ask.key, **args, **c),
            "issue": lambda: labels.issue(
                actor, [Order(profile="asset_tag", **order) for order in args["orders"]], **c
            ),
            "preprint": lambda: labels.preprint(actor, "asset_tag", args["count"], **c),
            "claim": lambda: labels.claim(actor, ask.key, **args, **c),
            "print": lambda: labels.print_label(actor, ask.key, order=PrintOrder(PrintFormat.SVG, **args), **c),
            "reprint": lambda: labels.reprint(actor, ask.key, order=PrintOrder(PrintFormat.SVG, **args), **c),
            "apply": lambda: labels.apply(actor, ask.key, **c),
            "verify": lambda: labels.verify(actor, ask.key, grade=None, **args, **c),
            "report": lambda: labels.report(actor, ask.key, **args, **c),
            "remove": lambda: labels.remove(actor, ask.key, **c),
            "void": lambda: labels.void(actor, ask.key, **c),
            "revise": lambda: labels.revise(actor, ask.key, **args, **c),
            "correct": lambda: labels.correct(actor, ask.key, **c),
            "replace": lambda: self.services.replacements.replace(actor, ask.key, **args, **c),
        }

        async def answered() -> list[Mapping[str, Any]]:
            answer = await calls[ask.kind]()
            return list(answer) if isinstance(answer, list | tuple) else [answer]

        return answered()

    # What is read

    def twin(self, twin: str) -> Twin:
        return self.world.labels.get(twin) or self.world.assets[twin]

    async def find(self, twin: str, at: int | AsOf | None = None) -> Mapping[str, Any] | None:
        service = self.services.labels if twin in self.world.labels else self.services.assets
        try:
            return await service.find(self.actor, twin, at)
        except NotFound:
            return None

    def same_state(self, what: str, doc: Mapping[str, Any] | None, expected: tuple[Flat, Any] | None) -> None:
        if doc is None or expected is None:
            return self.same(what, doc, expected)
        state, event = expected
        changed = {"occurred_at": event.occurred, "recorded_at": event.recorded}
        return self.same(what, (doc["revision"], doc["changed"], _state(doc["head"])), (event.revision, changed, state))

    async def same_head(self, twin: str) -> None:
        """The head is the newest fact: what is so now, as it is known now."""
        known = self.twin(twin)
        self.same_state(f"the head of {twin}", await self.find(twin), known.at(None, None))
        latest = max(self.clock.now, *(event.occurred for event in known.events), self.clock.now)
        point = AsOf(latest, self.clock.now)
        self.same_state(f"{twin} as of now", await self.find(twin, point), known.at(None, None))

    def point(self, events: Sequence[Any]) -> AsOf:
        """A random point on both axes: open, where something happened or a millisecond beside it, or anywhere."""
        pick, began = self.random, min(event.occurred for event in events)

        def axis(known: Sequence[datetime]) -> datetime | None:
            anywhere = began + pick.uniform(-0.1, 1.1) * (self.clock.now - began)
            exact = pick.choice(known) + pick.choice((-MS, MS * 0, MS, MS / 2))
            return pick.choice((None, anywhere, exact, exact))

        return AsOf(axis([event.occurred for event in events]), axis([event.recorded for event in events]))

    async def look(self) -> None:
        """Compare some random reads."""
        if not self.labels and not self.assets:  # the first command was refused
            return
        for twin in {self.pick().id if self.labels else self.assets[0], self.random.choice(self.labels + self.assets)}:
            known = self.twin(twin)
            revision = self.random.randint(1, known.revision)
            first = Twin(twin, known.events[:revision])
            self.same_state(f"{twin} at revision {revision}", await self.find(twin, revision), first.at(None, None))
            for _ in range(2):
                at = self.point(known.events)
                self.same_state(f"{twin} {at}", await self.find(twin, at), known.at(at.occurred, at.recorded))
            await self.same_versions(twin, max(1, revision - self.random.randint(0, 20)), revision)
        if self.labels:
            await self.same_carried()

    async def same_versions(self, twin: str, first: int, last: int) -> None:
        service = self.services.labels if twin in self.world.labels else self.services.assets
        versions = await service.versions(self.actor, twin, first, last)
        known = self.twin(twin)
        found = [
            (v["revision"], v["action"], v["occurred_at"], v["recorded_at"], v.get("reason"), v.get("corrects"))
            for v in versions
        ]
        expected = [
            (e.revision, e.action, e.occurred, e.recorded, e.reason, e.corrects) for e in known.events[first - 1 : last]
        ]
        self.same(f"the versions {first} to {last} of {twin}", found, expected)
        for version in versions if last - first < 50 else versions[-50:]:
            state = Twin(twin, known.events[: version["revision"]]).head
            self.same(f"the snapshot of {twin} at {version['revision']}", _state(version["snapshot"]), state)

    async def same_carried(self) -> None:
        asset = self.random.choice(self.assets)
        if self.latest is not None and self.random.random() < 0.7:
            asset = next((e.change["asset",] for e in self.latest.events if e.change.get(("asset",))), asset)
        ever = [
            twin for twin in self.world.labels.values() if any(e.change.get(("asset",)) == asset for e in twin.events)
        ]
        if not ever:
            return
        of = self.latest if self.latest in ever and self.random.random() < 0.7 else self.random.choice(ever)
        at = self.point(of.events)
        what = f"the labels of {asset} {at}"
        try:
            page = await self.services.labels.page_as_of(self.actor, PageRequest(1_000), asset, at)
        except NotFound as error:
            self.differ(f"{what}: {error}")
        expected = self.world.carried(asset, at.occurred, at.recorded)
        found = [(doc["_id"], _state(doc["head"])) for doc in page.documents]
        self.same(what, found, [(twin.id, state) for twin, state in expected])
        self.same(f"{what}, counted", await self.services.labels.count_as_of(self.actor, asset, at), len(expected))


def _state(document: Mapping[str, Any]) -> Flat:
    return {path: tuple(value) if isinstance(value, list) else value for path, value in flat(document).items()}


def _shown(outcome: Outcome) -> str:
    if isinstance(outcome, BaseException):
        return f"{type(outcome).__name__}: {outcome}"
    return ", ".join(f"{doc['_id']} revision {doc['revision']} {doc['changed']}" for doc in outcome)


class Machine(RuleBasedStateMachine):
    """The same run, its steps chosen by hypothesis, which makes a run that differs as short as it can."""

    def __init__(self, runner: asyncio.Runner, bench: Bench) -> None:
        super().__init__()
        self.runner = runner
        self.run = Run(bench, full_actor(f"machine-{uuid.uuid4().hex[:8]}"), 0)

    @rule(seed=st.integers(0, 2**32 - 1))
    def step(self, seed: int) -> None:
        self.run.random.seed(seed)
        self.runner.run(self.run.one())

    def teardown(self) -> None:
        self.runner.run(self.run.same_twins())


def state_machine(mongo_uri: str, runs: int, steps: int) -> None:
    """Let hypothesis choose that many runs of that many steps."""
    patient = settings(
        max_examples=runs, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    with asyncio.Runner() as runner:
        bench = bench_on(mongo_uri)
        made = runner.run(bench.__aenter__())
        try:
            run_state_machine_as_test(lambda: Machine(runner, made), settings=patient)  # type: ignore[arg-type]
        finally:
            runner.run(bench.__aexit__(None, None, None))


def test_a_state_machine_finds_no_difference(mongo_uri: str) -> None:
    state_machine(mongo_uri, runs=8, steps=30)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_state_machine_finds_no_difference_for_long(mongo_uri: str) -> None:
    state_machine(mongo_uri, runs=100, steps=100)


@pytest.mark.parametrize("seed", [1, 2])
async def test_services_and_model_agree(fresh_bench: Bench, actor: Actor, seed: int) -> None:
    await Run(fresh_bench, actor, seed).go(120)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_services_and_model_agree_for_long(fresh_bench: Bench, actor: Actor) -> None:
    seed = time.time_ns() % 1_000_000
    print(f"\nseed {seed}")  # noqa: T201 - to repeat it, should it fail or hang
    run = Run(fresh_bench, actor, seed)
    for _ in range(10):
        print(await run.go(1_000), flush=True)  # noqa: T201 - for the note
