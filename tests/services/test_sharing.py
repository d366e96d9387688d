"""What shares something with a thing: lots at any level, work orders, machines, lines and hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import why
from tests.services.test_facts import DAY, lot, record, things
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.fact import FactKind
from twin.domain.history import AsOf, Command
from twin.errors import InvalidInput, TooLarge, Unauthenticated
from twin.services import sharing
from twin.services.sharing import Shared

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def asked(bench: Bench, actor: Actor, thing: str, *by: Shared, **more: Any) -> set[tuple[str, str | None]]:
    hits = await bench.services.sharing.sharing(actor, thing, by, **more)
    return {(hit.thing, hit.lot or hit.said) for hit in hits}


async def test_a_lot_is_shared_at_any_level_and_never_with_oneself(bench: Bench, actor: Actor) -> None:
    car, engine, other_car, other_engine, pallet, stranger = await things(bench, actor, 6)
    steel, bolts = await lot(bench, actor), await lot(bench, actor)
    made = await record(bench, actor, FactKind.CONSUME, steel, bolts)
    used = await record(bench, actor, FactKind.CONSUME, bolts, [engine, other_engine])
    await record(bench, actor, FactKind.INSTALL, engine, car)
    put = await record(bench, actor, FactKind.INSTALL, other_engine, other_car)
    await record(bench, actor, FactKind.PACK, car, pallet)
    assert await asked(bench, actor, stranger, Shared.LOT) == set()
    found = await bench.services.sharing.sharing(actor, car, [Shared.LOT])
    assert {(hit.thing, hit.lot) for hit in found} == {
        (thing, shared) for thing in (other_car, other_engine) for shared in (steel, bolts)
    }
    ways = {(hit.thing, hit.lot): hit.facts for hit in found}
    assert ways[other_car, bolts] == (used["_id"], put["_id"])
    assert ways[other_car, steel] == (made["_id"], used["_id"], put["_id"])


async def test_what_was_taken_out_shares_no_more_but_did_then_as_it_was_known(bench: Bench, actor: Actor) -> None:
    car, engine, other = await things(bench, actor, 3)
    bolts = await lot(bench, actor)
    now = bench.clock.now
    first = Command(occurred_at=now - 5 * DAY)
    await record(bench, actor, FactKind.CONSUME, bolts, [engine, other], command=first)
    await record(bench, actor, FactKind.INSTALL, engine, car, command=first)
    await record(bench, actor, FactKind.REMOVE, engine, car, command=Command(occurred_at=now - DAY))
    assert await asked(bench, actor, car, Shared.LOT) == set()
    assert await asked(bench, actor, car, Shared.LOT, as_of=AsOf(now - 2 * DAY)) == {(other, bolts)}
    assert await asked(bench, actor, car, Shared.LOT, as_of=AsOf(now, now)) == set(), "nobody knew of it"


async def test_work_orders_machines_and_lines_of_one_site_are_shared(bench: Bench, actor: Actor) -> None:
    mine, same, elsewhere, inspected, stranger = await things(bench, actor, 5)
    order, machine = f"WO-{mine[-6:]}", f"M-{mine[-6:]}"
    said = {"site": "P1", "workOrder": order, "machine": machine, "line": machine}
    await record(bench, actor, FactKind.PRODUCE, mine, said=said)
    alike = await record(bench, actor, FactKind.PRODUCE, same, said=said)
    await record(bench, actor, FactKind.PRODUCE, elsewhere, said={**said, "site": "P2"})
    await record(bench, actor, FactKind.INSPECT, inspected, said={"outcome": "PASSED", "machine": machine})
    await record(bench, actor, FactKind.PRODUCE, stranger, said={"site": "P1", "workOrder": "another"})
    on = f"workOrder:{order}"
    assert await asked(bench, actor, mine, Shared.WORK_ORDER) == {(same, on), (elsewhere, on)}
    assert await asked(bench, actor, mine, Shared.LINE) == {(same, f"line:{machine}")}
    on = f"machine:{machine}"
    assert await asked(bench, actor, mine, Shared.MACHINE) == {(same, on), (inspected, on)}, "which site, it said not"
    await bench.services.facts.correct(actor, alike["_id"], why())
    assert await asked(bench, actor, mine, Shared.MACHINE) == {(inspected, on)}, "what was a mistake shares nothing"


async def test_hours_at_the_same_machine_are_shared(bench: Bench, actor: Actor) -> None:
    mine, near, far = await things(bench, actor, 3)
    machine, now = f"M-{mine[-6:]}", bench.clock.now
    for thing, hours in ((mine, 30), (near, 28), (far, 24)):
        at = Command(occurred_at=now - timedelta(hours=hours))
        await record(bench, actor, FactKind.PRODUCE, thing, said={"site": "P", "machine": machine}, command=at)
    on = f"machine:{machine}"
    assert await asked(bench, actor, mine, Shared.TIME, hours=2) == {(near, on)}
    assert await asked(bench, actor, mine, Shared.TIME, hours=6) == {(near, on), (far, on)}
    assert await asked(bench, actor, mine, Shared.TIME, hours=1) == set()


@pytest.mark.parametrize(
    ("by", "hours"),
    [((), None), ((Shared.TIME,), None), ((Shared.LOT,), 3), ((Shared.TIME,), 0), ((Shared.TIME,), 745)],
)
async def test_what_cannot_be_asked_is_refused(
    bench: Bench, actor: Actor, by: tuple[Shared, ...], hours: int | None
) -> None:
    [thing] = await things(bench, actor, 1)
    with pytest.raises(InvalidInput):
        await bench.services.sharing.sharing(actor, thing, by, hours)


async def test_only_those_inside_are_told(bench: Bench, actor: Actor) -> None:
    one, other = await things(bench, actor, 2)
    await record(bench, actor, FactKind.PRODUCE, [one, other], said={"site": "P", "workOrder": f"WO-{one[-6:]}"})
    partner = Actor("partner", frozenset({Permission.READ_TWINS}), frozenset({Audience.PARTNER}))
    assert await asked(bench, partner, one, Shared.WORK_ORDER) == set()
    assert len(await asked(bench, actor, one, Shared.WORK_ORDER)) == 1
    with pytest.raises(Unauthenticated):
        await asked(bench, ANONYMOUS, one, Shared.WORK_ORDER)


async def test_too_much_is_refused(bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST_FACTS", 2)
    every = await things(bench, actor, 3)
    for thing in every:
        await record(bench, actor, FactKind.PRODUCE, thing, said={"site": "P", "workOrder": f"WO-{every[0][-6:]}"})
    with pytest.raises(TooLarge, match="at most 2 facts"):
        await asked(bench, actor, every[0], Shared.WORK_ORDER)
