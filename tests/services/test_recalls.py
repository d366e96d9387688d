"""Recalls through the service: what is in, why, frozen, published by a second person, worked through, closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import bench_on
from tests.services.factory import Doc, applied, name, new_asset, why
from tests.services.test_facts import lot, record, things
from tests.services.test_identifiers import gtin
from twin.domain.actor import Actor, Audience, Role, actor_with, full_actor
from twin.domain.fact import FactKind
from twin.domain.history import AsOf, Command
from twin.domain.recall import Criteria, Progress, RecallState, Standing
from twin.domain.scan import Outcome
from twin.errors import Forbidden, InvalidInput, MutationIdReused, NotFound, Refused
from twin.exchange import proof
from twin.services.recalls import Asked
from twin.services.signing import Signer
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


@pytest.fixture
async def signed_bench(mongo_uri: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """Services that sign."""
    async with bench_on(mongo_uri, Signer(tmp_path / "key.pem", make=True)) as made:
        yield made


@pytest.fixture
def second() -> Actor:
    """The person who publishes what another one has opened."""
    return full_actor("second")


def asked(*assets: str, **more: Any) -> Asked:
    """A recall of things."""
    return Asked("Brake hoses of lot 7", Criteria(assets), "Do not drive. See your dealer.", **more)


async def frozen(bench: Bench, actor: Actor, *assets: str, **more: Any) -> Doc:
    """A recall whose set is computed."""
    recall = await bench.services.recalls.open(actor, asked(*assets, **more), why("hoses burst"))
    while await bench.services.recall_worker.compute_next():
        pass
    return await bench.services.recalls.find(actor, recall["_id"])


async def published(bench: Bench, actor: Actor, second: Actor, *assets: str) -> Doc:
    """A recall that everybody sees."""
    recall = await frozen(bench, actor, *assets)
    return await bench.services.recalls.publish(
        second, recall["_id"], digest=recall["frozen"]["digest"], command=Command()
    )


async def standings(bench: Bench, actor: Actor, recall: Doc) -> dict[str, str]:
    items = await bench.services.recalls.items(actor, recall["_id"], 100, None)
    return {item["asset"]: item["standing"] for item in items}


async def test_four_levels_with_a_part_swapped_before_the_date(bench: Bench, actor: Actor) -> None:
    """The one that lost the part before is exposed until then, the one that got it is affected."""
    cells = await lot(bench, actor)
    module, pack, first_car, second_car, bystander = await things(bench, actor, 5)
    start = bench.clock.now - 50 * DAY

    def day(n: int) -> Command:
        return Command(occurred_at=start + n * DAY)

    await record(bench, actor, FactKind.CONSUME, cells, module, command=day(0))
    await record(bench, actor, FactKind.INSTALL, module, pack, command=day(1))
    await record(bench, actor, FactKind.INSTALL, pack, first_car, command=day(2))
    await record(bench, actor, FactKind.REMOVE, pack, first_car, command=day(10))
    await record(bench, actor, FactKind.INSTALL, pack, second_car, command=day(11))
    recall = await frozen(bench, actor, cells, as_of=AsOf(occurred=start + 20 * DAY))
    found = await standings(bench, actor, recall)
    assert found == {
        **dict.fromkeys((cells, module, pack, second_car), "AFFECTED"),
        first_car: "EXPOSED",
    }
    assert bystander not in found
    items = {item["asset"]: item for item in await bench.services.recalls.items(actor, recall["_id"], 100, None)}
    assert [(step["what"], step["into"]) for step in items[second_car]["way"]] == [
        (cells, module),
        (module, pack),
        (pack, second_car),
    ]
    assert [(step["what"], step["into"]) for step in items[first_car]["way"]][-1] == (pack, first_car)
    [period] = items[first_car]["periods"]
    assert (period["start"], period["end"]) == (start + 2 * DAY, start + 10 * DAY)


async def test_what_is_frozen_does_not_change_and_a_new_computation_says_what_differs(
    bench: Bench, actor: Actor
) -> None:
    bad = await lot(bench, actor)
    one, other, gone = await things(bench, actor, 3)
    early = Command(occurred_at=bench.clock.now - 10 * DAY)
    await record(bench, actor, FactKind.CONSUME, bad, one, command=early)
    mistake = await record(bench, actor, FactKind.CONSUME, bad, gone, command=early)
    recall = await frozen(bench, actor, bad)
    before = await standings(bench, actor, recall)
    await record(bench, actor, FactKind.CONSUME, bad, other, command=early)
    await bench.services.facts.correct(actor, mistake["_id"], why())
    assert await standings(bench, actor, recall) == before
    difference = await bench.services.recalls.difference(actor, recall["_id"])
    assert difference == {"added": [other], "removed": [gone], "changed": []}
    again = await frozen(bench, actor, bad, as_of=AsOf(recorded=recall["as_of"]["recorded"]))
    assert await standings(bench, actor, again) == before, "as it was known then"


async def test_the_digest_and_the_signature_cover_what_is_frozen(signed_bench: Bench, actor: Actor) -> None:
    bench = signed_bench
    bad = await lot(bench, actor)
    [car] = await things(bench, actor, 1)
    await record(bench, actor, FactKind.CONSUME, bad, car)
    recall = await frozen(bench, actor, bad)
    kept = recall["frozen"]
    body = {"recall": recall["_id"], "digest": kept["digest"], "counts": kept["counts"], "at": kept["at"].isoformat()}
    assert proof.is_signed({**body, "key": kept["key"]}, kept["signature"], kept["key"])
    assert not proof.is_signed({**body, "digest": "0" * 64, "key": kept["key"]}, kept["signature"], kept["key"])


async def test_it_is_published_by_a_second_person_who_has_seen_it(bench: Bench, actor: Actor, second: Actor) -> None:
    bad = await lot(bench, actor)
    recall = await frozen(bench, actor, bad)
    recalls, digest = bench.services.recalls, recall["frozen"]["digest"]
    with pytest.raises(Refused, match="another person"):
        await recalls.publish(actor, recall["_id"], digest=digest, command=Command())
    with pytest.raises(Refused, match="expected the digest"):
        await recalls.publish(second, recall["_id"], digest="0" * 64, command=Command())
    done = await recalls.publish(second, recall["_id"], digest=digest, command=Command())
    assert done["state"] == "PUBLISHED"
    with pytest.raises(Refused, match="needs FROZEN"):
        await recalls.publish(second, recall["_id"], digest=digest, command=Command())
    with pytest.raises(Refused, match="needs COMPUTING or FROZEN"):
        await recalls.withdraw(actor, recall["_id"], why())


async def test_labels_say_it_from_the_publication_until_it_is_closed(bench: Bench, actor: Actor, second: Actor) -> None:
    bad = await lot(bench, actor)
    [car, other] = await things(bench, actor, 2)
    await record(bench, actor, FactKind.CONSUME, bad, car)
    label, unharmed = await applied(bench, actor, car), await applied(bench, actor, other)
    link = label["head"]["link_id"]
    find = bench.services.labels.find
    recall = await frozen(bench, actor, bad)
    assert (await find(actor, link))["flags"] == (Outcome.CURRENT,), "not before it is published"
    await bench.services.recalls.publish(second, recall["_id"], digest=recall["frozen"]["digest"], command=Command())
    public = actor_with("public", [], [Audience.PUBLIC])
    for caller in (actor, public):
        found = await find(caller, link)
        assert found["flags"] == (Outcome.RECALLED,)
        assert [notice["title"] for notice in found["recalls"]] == ["Brake hoses of lot 7"]
        assert not {"criteria", "events"} & found["recalls"][0].keys()
    assert (await find(actor, unharmed["_id"]))["flags"] == (Outcome.CURRENT,)
    scan = await bench.services.scans.resolve(public, f"{PUBLIC}/L/{link}")
    assert scan.outcome is Outcome.RECALLED
    page = await bench.services.labels.page(actor, PageRequest(10), asset=car)
    assert page.documents[0]["flags"] == (Outcome.RECALLED,)
    damaged = await bench.services.labels.report(actor, label["_id"], lost=False, command=why())
    assert damaged["flags"] == (Outcome.RECALLED, Outcome.DAMAGED)
    for asset in (bad, car):
        await bench.services.recalls.work(
            actor, recall["_id"], asset, progress=Progress.CORRECTED, place=None, command=Command()
        )
    await bench.services.recalls.close(second, recall["_id"], why("all hoses are new"))
    assert (await find(actor, link))["flags"] == (Outcome.DAMAGED,)


PUBLIC = "http://127.0.0.1:8000"


async def test_it_is_worked_through_by_scans_and_closed_with_a_report(
    bench: Bench, actor: Actor, second: Actor
) -> None:
    bad = await lot(bench, actor)
    car, other, stranger = await things(bench, actor, 3)
    await record(bench, actor, FactKind.CONSUME, bad, [car, other])
    label = await applied(bench, actor, car)
    recalls = bench.services.recalls
    recall = (await published(bench, actor, second, bad))["_id"]
    scanned = f"{PUBLIC}/L/{label['head']['link_id']}"
    for progress in (Progress.FOUND, Progress.QUARANTINED):
        item = await recalls.work(actor, recall, scanned, progress=progress, place="Bay 4", command=Command())
        assert (item["asset"], item["progress"]) == (car, progress)
    with pytest.raises(InvalidInput, match="is not recalled by it"):
        await recalls.work(actor, recall, stranger, progress=Progress.FOUND, place=None, command=Command())
    with pytest.raises(InvalidInput, match="found OPEN"):
        await recalls.work(actor, recall, car, progress=Progress.OPEN, place=None, command=Command())
    with pytest.raises(Refused, match="found 2 OPEN, 1 QUARANTINED"):
        await recalls.close(second, recall, why())
    named = Command(client_mutation_id=name())
    for _ in range(2):
        await recalls.work(actor, recall, car, progress=Progress.CORRECTED, place=None, command=named)
    with pytest.raises(MutationIdReused):
        await recalls.work(actor, recall, car, progress=Progress.SCRAPPED, place=None, command=named)
    await recalls.work(actor, recall, other, progress=Progress.UNREACHABLE, place=None, command=Command())
    await recalls.work(actor, recall, bad, progress=Progress.SCRAPPED, place=None, command=Command())
    items = {item["asset"]: item for item in await recalls.items(actor, recall, 10, None)}
    assert [event["progress"] for event in items[car]["events"]] == ["FOUND", "QUARANTINED", "CORRECTED"]
    closed = await recalls.close(second, recall, why("done"))
    assert closed["state"] == "CLOSED"
    assert closed["report"]["counts"] == {"CORRECTED": 1, "SCRAPPED": 1, "UNREACHABLE": 1}
    with pytest.raises(Refused, match="needs PUBLISHED"):
        await recalls.work(actor, recall, car, progress=Progress.FOUND, place=None, command=Command())


async def test_at_once_no_scan_is_lost(bench: Bench, actor: Actor, second: Actor) -> None:
    bad = await lot(bench, actor)
    cars = await things(bench, actor, 8)
    await record(bench, actor, FactKind.CONSUME, bad, cars)
    recall = (await published(bench, actor, second, bad))["_id"]
    work = bench.services.recalls.work
    await asyncio.gather(
        *(work(actor, recall, car, progress=Progress.FOUND, place=None, command=Command()) for car in cars * 2)
    )
    items = await bench.services.recalls.items(actor, recall, 10, None, progress=Progress.FOUND)
    assert {item["asset"]: len(item["events"]) for item in items} == dict.fromkeys(cars, 2)


async def test_it_starts_from_production_or_from_what_is_of_a_lot(bench: Bench, actor: Actor) -> None:
    order = f"WO-{name()[:8]}"
    early, late, elsewhere = await things(bench, actor, 3)
    start = bench.clock.now - 20 * DAY
    for item, days, where in ((early, 1, order), (late, 9, order), (elsewhere, 1, "WO-other")):
        said = {"site": "P1", "workOrder": where}
        command = Command(occurred_at=start + days * DAY)
        await record(bench, actor, FactKind.PRODUCE, item, said=said, command=command)
    made = Criteria(made={"site": "P1", "workOrder": order}, made_from=start, made_until=start + 5 * DAY)
    recalls = bench.services.recalls
    recall = await recalls.open(actor, Asked("Welds", made, "Return it."), why())
    while await bench.services.recall_worker.compute_next():
        pass
    assert await standings(bench, actor, recall) == {early: "AFFECTED"}


async def test_it_starts_from_all_that_is_of_a_product(bench: Bench, actor: Actor) -> None:
    product = f"gs1:01/{gtin()}"
    items = [await new_asset(bench, actor, f"{product}/21/{serial}") for serial in ("A1", "A2")]
    recalls = bench.services.recalls
    recall = await recalls.open(actor, Asked("All of them", Criteria(part_of=(product,)), "Return it."), why())
    while await bench.services.recall_worker.compute_next():
        pass
    assert await standings(bench, actor, recall) == dict.fromkeys(items, "AFFECTED")


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        (Criteria(), "found none"),
        (Criteria(made_from=None, made={"colour": "red"}), "found 'colour'"),
        (Criteria(assets=("ast_x",), made_until="then"), "a window needs one of"),  # type: ignore[arg-type]
        (Criteria(part_of=("vin:none",)), "is not a VIN"),
    ],
)
async def test_criteria_that_name_nothing_are_refused(
    bench: Bench, actor: Actor, criteria: Criteria, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        await bench.services.recalls.open(actor, Asked("x", criteria, "x"), why())


async def test_what_was_asked_once_is_asked_again(bench: Bench, actor: Actor) -> None:
    bad, car = await lot(bench, actor), (await things(bench, actor, 1))[0]
    first = await frozen(bench, actor, bad)
    await record(bench, actor, FactKind.CONSUME, bad, car)
    recalls = bench.services.recalls
    again = await recalls.open(actor, Asked("Again", Criteria(), "Return it.", like=first["_id"]), why())
    while await bench.services.recall_worker.compute_next():
        pass
    assert await standings(bench, actor, again) == {bad: "AFFECTED", car: "AFFECTED"}
    with pytest.raises(InvalidInput, match="found both"):
        await recalls.open(actor, Asked("Again", Criteria((bad,)), "x", like=first["_id"]), why())
    with pytest.raises(NotFound):
        await recalls.open(actor, Asked("Again", Criteria(), "x", like="rcl_none"), why())


async def test_it_needs_a_reason_and_things_that_there_are(bench: Bench, actor: Actor) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        await bench.services.recalls.open(actor, asked(await lot(bench, actor)), Command())
    with pytest.raises(NotFound):
        await bench.services.recalls.open(actor, asked("ast_none"), why())
    with pytest.raises(InvalidInput, match="https"):
        await bench.services.recalls.open(actor, asked(await lot(bench, actor), url="javascript:x"), why())


async def test_a_repeat_opens_one(bench: Bench, actor: Actor) -> None:
    bad = await lot(bench, actor)
    command = why(client_mutation_id=name())
    first, second = [await bench.services.recalls.open(actor, asked(bad), command) for _ in range(2)]
    assert first["_id"] == second["_id"]
    with pytest.raises(MutationIdReused):
        await bench.services.recalls.open(actor, asked(await lot(bench, actor)), command)


async def test_one_that_is_withdrawn_while_it_is_computed_keeps_nothing(bench: Bench, actor: Actor) -> None:
    recalls = bench.services.recalls
    recall = await recalls.open(actor, asked(await lot(bench, actor)), why())
    await recalls.withdraw(actor, recall["_id"], why())
    while await bench.services.recall_worker.compute_next():
        pass
    assert (await recalls.find(actor, recall["_id"]))["state"] == RecallState.WITHDRAWN
    assert await bench.services.recall_worker.freeze(recall) is None, "by one that had begun before"
    assert await standings(bench, actor, recall) == {}


async def test_who_may_do_what(bench: Bench, actor: Actor, second: Actor) -> None:
    bad = await lot(bench, actor)
    recall = await published(bench, actor, second, bad)
    viewer, partner = actor_with("viewer", [Role.VIEWER]), actor_with("partner", [Role.VIEWER], [Audience.PARTNER])
    recalls = bench.services.recalls
    with pytest.raises(Forbidden):
        await recalls.open(viewer, asked(bad), why())
    with pytest.raises(Forbidden):
        await recalls.work(viewer, recall["_id"], bad, progress=Progress.FOUND, place=None, command=Command())
    with pytest.raises(Forbidden):
        await recalls.close(actor_with("issuer", [Role.ISSUER]), recall["_id"], why())
    assert (await recalls.find(viewer, recall["_id"]))["_id"] == recall["_id"]
    with pytest.raises(NotFound):
        await recalls.find(partner, recall["_id"])
    assert await recalls.count(partner) == 0


async def test_a_thing_in_a_recall_is_not_merged(bench: Bench, actor: Actor, second: Actor) -> None:
    bad, other = await lot(bench, actor), await lot(bench, actor)
    await published(bench, actor, second, bad)
    with pytest.raises(Refused, match="in the recall"):
        await bench.services.identifiers.merge(actor, duplicate=other, into=bad, command=why())


async def test_a_label_of_a_merged_duplicate_is_recalled_with_what_it_is(
    bench: Bench, actor: Actor, second: Actor
) -> None:
    car, twice = await things(bench, actor, 2)
    label = await applied(bench, actor, twice)
    await bench.services.identifiers.merge(actor, duplicate=twice, into=car, command=why())
    await published(bench, actor, second, car)
    assert (await bench.services.labels.find(actor, label["_id"]))["flags"] == (Outcome.RECALLED,)


async def test_what_packs_it_is_not_recalled(bench: Bench, actor: Actor) -> None:
    item, pallet = await things(bench, actor, 2)
    await record(bench, actor, FactKind.PACK, [item], pallet)
    assert await standings(bench, actor, await frozen(bench, actor, item)) == {item: Standing.AFFECTED}
