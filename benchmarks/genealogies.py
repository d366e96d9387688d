"""Genealogies of vehicles for benchmarks, as the services would have written them, straight into the collections.

A vehicle has 48 edges, six levels deep: ore, cathode material, cells, modules, battery, drive; beside those motor,
inverter, brakes, airbags, brake fluid and paint. Lots serve 20 to 10,000 vehicles, which are made, leave and arrive; of
one in fifty an airbag was replaced. Whatever is written passes `twin check-history`.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from twin.domain.actor import full_actor
from twin.domain.fact import NEVER, Fact, FactKind, Part
from twin.domain.history import Draft, Mutation, next_version
from twin.domain.spans import spans_of
from twin.store import Store
from twin.store.twins import new_document, next_head

ACTOR = full_actor("bench")
EDGES_OF_ONE = 48
OF_ONE_MELT = 10_000
BLOCK = 100
"""How many vehicles are written at once."""

_BEGUN = datetime(2024, 1, 1, 6, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_MOST_PRODUCTS = 500


@dataclass(slots=True)
class _Twin:
    """A twin that is being made: its head, its versions, and the facts about it."""

    head: dict[str, Any]
    versions: list[dict[str, Any]]
    facts: list[tuple[Fact, datetime]]
    words: list[str]


@dataclass(frozen=True, slots=True)
class Written:
    """What there is to ask for.

    Args:
        vehicles: in the order in which they were made.
        modules: of batteries, likewise.
        ore: a lot at the end of six levels, in up to 500 vehicles.
        cells: a lot in 20 vehicles, four levels below them.
        melt: a lot in 10,000 vehicles, or all if there are less, four levels below them.
        edges: how many there are.
    """

    vehicles: list[str]
    modules: list[str]
    ore: str
    cells: str
    melt: str
    edges: int


class Writer:
    """Writes genealogies.

    Args:
        store: where to.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._twins: dict[str, _Twin] = {}
        self._facts: list[dict[str, Any]] = []
        self._spans: list[dict[str, Any]] = []
        self._count = itertools.count()
        self._edges = 0

    async def write(self, edges: int) -> Written:
        """Write about so many edges, 1,000 at least."""
        vehicles: list[str] = []
        modules: list[str] = []
        lots: dict[str, str] = {}
        many = max(edges // EDGES_OF_ONE, 20)
        for first in range(0, many, BLOCK):
            numbers = range(first, min(first + BLOCK, many))
            made = await self._block(numbers, lots)
            vehicles += made[0]
            modules += made[1]
        await self._flush(list(self._twins))
        return Written(vehicles, modules, lots["ore 0"], lots["cells 0"], lots["melt 0"], self._edges)

    async def _block(self, numbers: range, lots: dict[str, str]) -> tuple[list[str], list[str]]:
        at = _BEGUN + numbers.start * _HOUR / 4
        vehicles, modules = [], []
        for series in range(numbers.start, numbers.stop, 20):
            cars = [
                self._item("vehicle", f"Car {number}", at) for number in range(series, min(series + 20, numbers.stop))
            ]
            vehicles += cars
            modules += self._build(series, cars, lots, at)
        for place in range(0, len(vehicles), _MOST_PRODUCTS):
            some = vehicles[place : place + _MOST_PRODUCTS]
            self.record(
                FactKind.PRODUCE, some, at=at + 40 * _HOUR, site="Plant 1", line="L1", workOrder=f"WO-{numbers.start}"
            )
            dealer = f"Dealer {numbers.start // BLOCK % 97}"
            self.record(FactKind.MOVE, some, at=at + 60 * _HOUR, movement="SHIP", place=dealer, origin="Plant 1")
            self.record(FactKind.MOVE, some, at=at + 90 * _HOUR, movement="ARRIVE", place=dealer, party=dealer)
        items = [name for name, twin in self._twins.items() if twin.head["head"]["granularity"] == "ITEM"]
        await self._flush(items)
        return vehicles, modules

    def _build(self, series: int, cars: Sequence[str], lots: dict[str, str], at: datetime) -> list[str]:
        """Make a series of vehicles of 20, and return its battery modules."""

        def lot(kind: str, every: int) -> str:
            name = f"{kind} {series // every}"
            if name not in lots:
                lots[name] = self._lot(kind, name, at - 200 * _HOUR)
            return lots[name]

        cells = lot("cells", 20)
        if (castings := f"castings {series // 500}") not in lots:
            self._consume(lot("melt", OF_ONE_MELT), [lot("castings", 500)], at - 150 * _HOUR)
        if (cathode := f"cathode {series // 100}") not in lots:
            self._consume(lot("ore", 500), [lot("cathode", 100)], at - 150 * _HOUR)
        self._consume(lots[cathode], [cells], at - 100 * _HOUR)
        every: dict[str, list[str]] = {}

        def parts(kind: str, holders: Sequence[str], each: int = 1, into_at: int = 10) -> list[str]:
            found = []
            for holder in holders:
                for place in range(1, each + 1):
                    part = self._item(kind, kind.capitalize(), at)
                    self.record(FactKind.INSTALL, [part], [holder], at=at + into_at * _HOUR, position=f"{kind} {place}")
                    found.append(part)
            every[kind] = found
            return found

        drives = parts("drive", cars, into_at=30)
        modules = parts("module", parts("battery", drives, into_at=20), 8)
        motors = parts("motor", drives, into_at=20)
        parts("rotor", motors)
        self._consume(lot("copper", 100), parts("stator", motors), at + _HOUR)
        self._consume(lot("boards", 100), parts("inverter", drives, into_at=20), at + _HOUR)
        self._consume(cells, modules, at + _HOUR)
        calipers = parts("caliper", parts("brakes", cars, into_at=30), 4)
        self._consume(lots[castings], calipers[::4], at + _HOUR)
        self._consume(lot("alloy", 100), [each for place, each in enumerate(calipers) if place % 4], at + _HOUR)
        airbags = parts("airbag", parts("control", cars, into_at=30), 6)
        self._consume(lot("inflators", 20), airbags, at + _HOUR)
        self._consume(lot("fluid", 500), cars, at + 32 * _HOUR)
        self._consume(lot("paint", 500), cars, at + 33 * _HOUR)
        if series % 50 < 20:
            self._replace(every["airbag"][0], every["control"][0], lot("inflators", 20), at)
        return modules

    def _replace(self, old: str, control: str, inflators: str, at: datetime) -> None:
        new = self._item("airbag", "Airbag", at)
        self._consume(inflators, [new], at + 200 * _HOUR)
        self.record(FactKind.REMOVE, [old], [control], at=at + 210 * _HOUR)
        self.record(FactKind.INSTALL, [new], [control], at=at + 211 * _HOUR, position="airbag 1")
        self.record(FactKind.MOVE, [old], at=at + 230 * _HOUR, movement="SHIP", place="Returns")

    def _consume(self, lot: str, products: Sequence[str], at: datetime) -> None:
        for first in range(0, len(products), _MOST_PRODUCTS):
            self.record(FactKind.CONSUME, [lot], products[first : first + _MOST_PRODUCTS], at=at)

    def _item(self, kind: str, name: str, at: datetime) -> str:
        return self._register(kind, "ITEM", name, at - 20 * _HOUR)

    def _lot(self, kind: str, name: str, at: datetime) -> str:
        twin = self._register(kind, "LOT", name, at - 20 * _HOUR)
        self.record(FactKind.PRODUCE, [twin], at=at, site="Supplier", line="L7", machine="M3")
        return twin

    def _register(self, kind: str, granularity: str, name: str, at: datetime) -> str:
        number = next(self._count)
        twin = _id("ast", number)
        state = {"kind": kind, "granularity": granularity, "name": name, "identifiers": [], "attributes": {}}
        version = next_version(
            Draft("REGISTER", state, at), twin=twin, head=None, actor=ACTOR, now=at, mutation=_mutation(number)
        )
        document = new_document(version, [])
        words = document.pop("words")
        self._twins[twin] = _Twin(document, document.pop("versions"), [], words)
        return twin

    def record(
        self, kind: FactKind, what: Sequence[str], into: Sequence[str] = (), *, at: datetime, **said: str
    ) -> None:
        """Write a fact, and a version of each twin that it names."""
        number = next(self._count)
        named = [*what, *into]
        whole = Fact(_id("fct", number), kind, tuple(map(Part, what)), tuple(map(Part, into)), said, {}, at).at(
            {twin: self._twins[twin].head["revision"] + 1 for twin in named}
        )
        now, mutation = at + _HOUR / 60, _mutation(number)
        document = whole.as_document(actor=ACTOR.id, recorded_at=now, mutation=mutation.key, digest=mutation.digest)
        draft = Draft(kind.value, {}, at, evidence={"fact": whole.id, "sha256": document["hash"]})
        for place, name in enumerate(named):
            twin = self._twins[name]
            version = next_version(
                draft, twin=name, head=twin.head, actor=ACTOR, now=now, mutation=mutation, position=place
            )
            twin.head = next_head(twin.head, version, None)
            twin.versions.append(version.as_document())
        self._facts.append(document)
        for name in what:
            self._twins[name].facts.append((whole, now))
        if into:
            self._edges += len(what) * len(into)

    async def _flush(self, names: Sequence[str]) -> None:
        documents = []
        for name in names:
            twin = self._twins.pop(name)
            documents.append({**twin.head, "words": twin.words, "versions": twin.versions})
            self._spans += _rows(name, twin)
        for collection, rows in (
            (self._store.assets.collection, documents),
            (self._store.facts.collection, self._facts),
            (self._store.spans.collection, self._spans),
        ):
            if rows:
                await collection.insert_many(rows, ordered=False)
        self._facts, self._spans = [], []


def _rows(name: str, twin: _Twin) -> list[dict[str, Any]]:
    """The rows of spans, those that count no more too, as each fact about a thing led to them."""
    lot = twin.head["head"]["granularity"] == "LOT"
    rows: list[dict[str, Any]] = []
    standing: dict[Any, dict[str, Any]] = {}
    told = [(replace(fact, order=number), now) for number, (fact, now) in enumerate(twin.facts)]
    for place, (_, now) in enumerate(told, start=1):
        after = spans_of(name, [fact for fact, _ in told[:place]], lot=lot)
        for span in standing.keys() - set(after):
            standing.pop(span)["superseded"] = now
        for span in after:
            if span not in standing:
                standing[span] = {**span.as_document(), "recorded": now, "superseded": NEVER}
                rows.append(standing[span])
    return rows


def _mutation(number: int) -> Mutation:
    return Mutation(f"bench {number}", hashlib.sha256(b"%d" % number).hexdigest(), str(number))


def _id(prefix: str, number: int) -> str:
    """An id as the service would make it: nobody sees from it when it was made."""
    digest = hashlib.blake2b(b"%d" % number, digest_size=15).digest()
    return f"{prefix}_{base64.b32encode(digest).decode().lower()}"
