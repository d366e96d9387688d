"""The ledger of lots through the service: written with its facts, never below zero, whoever comes at once."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from bson.decimal128 import Decimal128

from tests.conftest import PUBLIC_URL
from tests.services.factory import Doc, name, why
from tests.services.test_facts import DAY, lot, record, things
from twin.domain.actor import Actor
from twin.domain.fact import FactKind
from twin.domain.history import Command
from twin.domain.stock import Spot
from twin.errors import InconsistentFact, InvalidInput
from twin.services import Services
from twin.services.facts import Named

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

PLANT = Spot("PLANT")


async def some(bench: Bench, actor: Actor, quantity: str = "10", days: float = 9, **said: str) -> str:
    """A lot of which a quantity was made some days ago."""
    made = await lot(bench, actor)
    command = Command(occurred_at=bench.clock.now - days * DAY)
    part = Named(made, quantity, "KGM")
    await record(bench, actor, FactKind.PRODUCE, [part], said={"site": "PLANT", **said}, command=command)
    return made


async def consume(bench: Bench, actor: Actor, part: Named, product: str, days: float = 0, **said: str) -> Doc:
    command = Command(occurred_at=bench.clock.now - days * DAY) if days else Command()
    return await record(bench, actor, FactKind.CONSUME, [part], product, said=said, command=command)


async def there(bench: Bench, made: str) -> dict[Spot, Decimal]:
    return (await bench.store.ledger.stocks([made]))[made].at


async def test_what_is_used_is_taken_from_where_it_is(bench: Bench, actor: Actor) -> None:
    made, [car] = await some(bench, actor), await things(bench, actor, 1)
    await consume(bench, actor, Named(made, "2.5", "KGM"), car)
    assert await there(bench, made) == {PLANT: Decimal("7.5")}
    with pytest.raises(InconsistentFact, match=r"7\.6 KGM was asked, and at PLANT there was 7\.5 KGM"):
        await consume(bench, actor, Named(made, "7.6", "KGM"), car)
    with pytest.raises(InvalidInput, match=f"quantity: {made} is counted in KGM"):
        await consume(bench, actor, Named(made), car)
    assert await there(bench, made) == {PLANT: Decimal("7.5")}
    assert (await bench.services.assets.find(actor, made))["revision"] == 3, "nothing is half-written"


async def test_a_late_fact_must_leave_enough_for_what_happened_after_it(bench: Bench, actor: Actor) -> None:
    made, [car] = await some(bench, actor), await things(bench, actor, 1)
    await consume(bench, actor, Named(made, "8", "KGM"), car, days=2)
    with pytest.raises(InconsistentFact, match="8 KGM was asked, and at PLANT there was 7 KGM"):
        await consume(bench, actor, Named(made, "3", "KGM"), car, days=5)
    await consume(bench, actor, Named(made, "2", "KGM"), car, days=5)
    assert await there(bench, made) == {}


async def test_a_correction_gives_back_and_takes_nothing_that_was_used(bench: Bench, actor: Actor) -> None:
    made, [car] = await some(bench, actor), await things(bench, actor, 1)
    [produced] = await bench.store.facts.naming(made)
    fact = await consume(bench, actor, Named(made, "8", "KGM"), car)
    with pytest.raises(InconsistentFact, match="no place had any"):
        await bench.services.facts.correct(actor, produced["_id"], why())
    await bench.services.facts.correct(actor, fact["_id"], why())
    assert await there(bench, made) == {PLANT: 10}
    await bench.services.facts.correct(actor, produced["_id"], why())
    assert await there(bench, made) == {}


async def test_what_is_counted_loosely_or_not_at_all_may_go_below_zero(bench: Bench, actor: Actor) -> None:
    screws, uncounted = await some(bench, actor, counting="LOOSE"), await lot(bench, actor)
    [car] = await things(bench, actor, 1)
    for used in (screws, uncounted):
        await consume(bench, actor, Named(used), car)
        await consume(bench, actor, Named(used, "11", "KGM"), car, days=1)
    assert (await there(bench, screws), await there(bench, uncounted)) == (
        {PLANT: Decimal(-1)},
        {Spot(None): Decimal(-11)},
    )
    part = Named(uncounted, "100", "KGM")
    with pytest.raises(InconsistentFact, match="11 KGM was asked"):
        await record(bench, actor, FactKind.MOVE, [part], said={"movement": "RECEIVE", "place": "PLANT"})


@pytest.mark.parametrize(
    ("said", "quantity", "message"),
    [
        ({"counting": "SOMEHOW"}, "1", "expected EXACT or LOOSE"),
        ({"counting": "LOOSE"}, None, "expected a quantity"),
        ({"counting": "LOOSE", "movement": "SHIP"}, "1", "found SHIP"),
    ],
)
async def test_only_what_brings_a_quantity_in_says_how_it_is_counted(
    bench: Bench, actor: Actor, said: dict[str, str], quantity: str | None, message: str
) -> None:
    part = Named(await lot(bench, actor), quantity, quantity and "KGM")
    said = {"movement": "RECEIVE", "place": "PLANT", **said}
    with pytest.raises(InvalidInput, match=message):
        await record(bench, actor, FactKind.MOVE, [part], said=said)


async def test_sixty_four_who_take_at_once_never_take_more_than_there_is(bench: Bench, actor: Actor) -> None:
    """From two processes' services, so that neither waits for its turn in the other."""
    made, cars = await some(bench, actor, "40"), await things(bench, actor, 64)
    other = await Services.on(bench.store, public_url=PUBLIC_URL, clock=bench.clock)

    async def take(place: int, car: str) -> object:
        services = (bench.services, other)[place % 2]
        part = Named(made, "1", "KGM")
        return await services.facts.record(actor, FactKind.CONSUME, what=[part], into=[Named(car)], command=Command())

    answers = await asyncio.gather(*(take(*each) for each in enumerate(cars)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert {type(error) for error in refused} == {InconsistentFact}, refused
    assert len(refused) == 24
    assert await there(bench, made) == {}
    entries = [entry.quantity for _, entry in await bench.store.ledger.standing(made)]
    assert (len(entries), sum(entries)) == (41, 0)


async def test_entries_are_never_taken_out_and_say_when_they_were_known(bench: Bench, actor: Actor) -> None:
    made, [car] = await some(bench, actor), await things(bench, actor, 1)
    fact = await consume(bench, actor, Named(made, "4", "KGM"), car)
    known = bench.clock.now
    await bench.services.facts.correct(actor, fact["_id"], why())
    ledger = bench.store.ledger
    for recorded, expected in ((known, 6), (None, 10)):
        levels = await ledger.then(bench.clock.now, recorded, lots=[made], most=10)
        assert levels == [(made, PLANT, Decimal(expected), "KGM")]
    assert await ledger.then(bench.clock.now - 10 * DAY, None, lots=[made], most=10) == []


async def test_what_comes_in_order_looks_at_the_sum_alone_and_what_is_late_at_the_whole_story(
    bench: Bench, actor: Actor
) -> None:
    made, [car] = await some(bench, actor), await things(bench, actor, 1)
    sums = bench.mongo.collection("stock")
    await sums.update_one({"_id": made}, {"$set": {"at.0.quantity": Decimal128("90")}})
    await consume(bench, actor, Named(made, "1", "KGM"), car)
    assert await there(bench, made) == {PLANT: 89}, "of the sum as it was found"
    await consume(bench, actor, Named(made, "1", "KGM"), car, days=1)
    assert await there(bench, made) == {PLANT: 8}, "of the facts"


async def test_a_repeat_takes_nothing_more(bench: Bench, actor: Actor) -> None:
    made, [car] = await some(bench, actor), await things(bench, actor, 1)
    command = Command(client_mutation_id=name())
    for _ in range(2):
        await record(bench, actor, FactKind.CONSUME, [Named(made, "4", "KGM")], car, command=command)
    assert await there(bench, made) == {PLANT: 6}


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("stock_entries", {"$set": {"place": "ELSEWHERE"}}),
        ("stock_entries", None),
        ("stock", {"$set": {"at": []}}),
        ("stock", None),
    ],
)
async def test_who_alters_how_much_is_where_is_found_out(
    fresh_bench: Bench, actor: Actor, where: str, change: dict[str, Any] | None
) -> None:
    made, [car] = await some(fresh_bench, actor), await things(fresh_bench, actor, 1)
    await consume(fresh_bench, actor, Named(made, "4", "KGM"), car)
    assert (await fresh_bench.services.audit.check_history(actor)).findings == []
    collection = fresh_bench.mongo.collection(where)
    await (collection.delete_many({}) if change is None else collection.update_many({}, change))
    report = await fresh_bench.services.audit.check_history(actor)
    assert ["how much is where does not follow" in finding.why for finding in report.findings] == [True]
