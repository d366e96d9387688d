"""Time lines: of a thing, its parts while they were in it, and its labels while they were on it; paged and merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import applied, why
from tests.services.test_facts import DAY, lot, record, things
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.fact import FactKind
from twin.domain.history import AsOf, Command
from twin.errors import InvalidInput, TooLarge, Unauthenticated
from twin.services import timelines

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def told(bench: Bench, actor: Actor, thing: str, size: int = 100, **more: Any) -> list[str]:
    """What happened, by fact id or by label and action, over all pages."""
    found: list[str] = []
    after = None
    while True:
        page = await bench.services.timelines.page(actor, thing, size, after, **more)
        for entry in page.entries:
            if entry.fact is not None:
                found.append(entry.fact["_id"])
            else:
                assert entry.version is not None
                assert entry.label is not None
                found.append(f"{entry.label['_id']} {entry.version['action']}")
        if not page.has_next:
            return found
        assert len(page.entries) == size
        after = page.entries[-1].key


async def test_parts_count_while_they_were_in_it_and_labels_while_they_were_on_it(bench: Bench, actor: Actor) -> None:
    car, engine, pump = await things(bench, actor, 3)
    now = bench.clock.now

    async def on(day: int, kind: FactKind, what: str, into: str | None = None, **said: str) -> str:
        command = Command(occurred_at=now - day * DAY)
        return str((await record(bench, actor, kind, what, into, said=said, command=command))["_id"])

    before = await on(20, FactKind.INSPECT, pump, outcome="PASSED")
    built = await on(19, FactKind.INSTALL, pump, engine)
    put = await on(18, FactKind.INSTALL, engine, car)
    while_in = await on(17, FactKind.INSPECT, pump, outcome="PASSED")
    out = await on(16, FactKind.REMOVE, pump, engine)
    after = await on(15, FactKind.INSPECT, pump, outcome="FAILED")
    made = await on(14, FactKind.PRODUCE, car, site="P1")
    label = await applied(bench, actor, car)
    await bench.services.labels.remove(actor, label["_id"], why())
    await bench.services.labels.void(actor, label["_id"], why())
    of_label = [f"{label['_id']} {action}" for action in ("REMOVE", "APPLY", "PRINT", "ISSUE")]
    expected = [*of_label, made, out, while_in, put]
    assert await told(bench, actor, car) == expected
    assert await told(bench, actor, car, size=1) == expected, "page by page, each once"
    assert await told(bench, actor, car, size=3) == expected
    assert await told(bench, actor, car, depth=0) == [*of_label, made, put]
    assert await told(bench, actor, pump) == [after, out, while_in, built, before]
    as_of = AsOf(now - 16 * DAY)
    assert await told(bench, actor, car, as_of=as_of) == [out, while_in, put]
    assert await told(bench, actor, car, as_of=AsOf(recorded=now - DAY)) == [], "nobody knew"


async def test_of_a_lot_inspections_alone_and_mistakes_without_a_point(bench: Bench, actor: Actor) -> None:
    car, other = await things(bench, actor, 2)
    bolts = await lot(bench, actor)
    used = (await record(bench, actor, FactKind.CONSUME, bolts, car))["_id"]
    await record(bench, actor, FactKind.CONSUME, bolts, other)
    await record(bench, actor, FactKind.MOVE, bolts, said={"movement": "TRANSFER", "place": "P1"})
    tested = (await record(bench, actor, FactKind.INSPECT, bolts, said={"outcome": "FAILED"}))["_id"]
    assert await told(bench, actor, car) == [tested, used]
    fix = await bench.services.facts.correct(actor, tested, why())
    assert await told(bench, actor, car) == [tested, used], "the mistake stays"
    assert tested not in await told(bench, actor, car, as_of=AsOf()), "but it never happened"
    assert fix["_id"] in await told(bench, actor, bolts), "and its correction is told of the lot"


async def test_many_parts_are_merged_in_one_order(bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twin.store.facts.IN_ONE_QUERY", 2)
    car, *parts = await things(bench, actor, 8)
    for part in parts:
        await record(bench, actor, FactKind.INSTALL, part, car)
    seen = [(await record(bench, actor, FactKind.INSPECT, part, said={"outcome": "PASSED"}))["_id"] for part in parts]
    found = await told(bench, actor, car, size=4)
    assert found[:7] == seen[::-1]
    assert len(found) == 14
    monkeypatch.setattr(timelines, "MOST_PARTS", 6)
    with pytest.raises(TooLarge):
        await told(bench, actor, car)


async def test_a_thing_moves_with_what_it_is_in(bench: Bench, actor: Actor) -> None:
    drill, case, other = await things(bench, actor, 3)

    async def moved(thing: str, place: str) -> str:
        said = {"movement": "TRANSFER", "place": place}
        return str((await record(bench, actor, FactKind.MOVE, thing, said=said))["_id"])

    first = await moved(drill, "P1")
    await moved(case, "P2")
    await record(bench, actor, FactKind.PACK, drill, case)
    carried = await moved(case, "P3")
    await record(bench, actor, FactKind.UNPACK, drill, case)
    await moved(case, "P4")
    last = await moved(drill, "P5")
    await moved(other, "P6")
    page = await bench.services.timelines.movements(actor, drill, 10)
    assert [entry.fact["_id"] for entry in page.entries if entry.fact] == [last, carried, first]
    page = await bench.services.timelines.movements(actor, drill, 2)
    assert (len(page.entries), page.has_next) == (2, True)


async def test_only_those_inside_are_told(bench: Bench, actor: Actor) -> None:
    [thing] = await things(bench, actor, 1)
    await record(bench, actor, FactKind.PRODUCE, thing, said={"site": "P"})
    partner = Actor("partner", frozenset({Permission.READ_TWINS}), frozenset({Audience.PARTNER}))
    assert await told(bench, partner, thing) == []
    assert (await bench.services.timelines.movements(partner, thing, 5)).entries == []
    with pytest.raises(Unauthenticated):
        await told(bench, ANONYMOUS, thing)
    with pytest.raises(InvalidInput):
        await told(bench, actor, thing, depth=33)


async def test_labels_of_profiles_that_the_caller_does_not_reach_are_not_told(bench: Bench, actor: Actor) -> None:
    [thing] = await things(bench, actor, 1)
    await applied(bench, actor, thing)
    assert len(await told(bench, actor, thing)) == 3
    narrow = Actor("narrow", frozenset({Permission.READ_TWINS}), frozenset(Audience), frozenset({"vin_plate"}))
    assert await told(bench, narrow, thing) == []
