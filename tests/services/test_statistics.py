"""Figures of all labels: what is counted, for whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import client_on
from tests.services.factory import applied, issued, new_asset, printed, why
from tests.services.test_facts import record
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.fact import FactKind
from twin.domain.history import Command
from twin.domain.print_job import PrintFormat, PrintOrder
from twin.errors import Forbidden, InvalidInput, TooLarge, Unauthenticated
from twin.services.labels import Order
from twin.services.statistics import Count
from twin.store.twins import MOST_KEPT

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

DAYS = (date(2026, 3, 1), date(2026, 3, 2))


def told(found: list[Count]) -> dict[str | None, int]:
    return {row.of: row.count for row in found}


async def test_labels_are_counted_by_state_profile_and_site(fresh_bench: Bench, actor: Actor) -> None:
    bench, figures = fresh_bench, fresh_bench.services.statistics
    assert await figures.labels_by_state(actor) == []
    car, other = await new_asset(bench, actor), await new_asset(bench, actor)
    for asset in (car, car, other):
        await issued(bench, actor, asset)
    await applied(bench, actor, other)
    gone = await printed(bench, actor, other)
    await bench.services.labels.void(actor, gone["_id"], why())
    valve = await new_asset(bench, actor, "part:1AB23/PN777/serial/SER")
    face = {"lot": "L7", "manufactured": "11/2026", "countryOfOrigin": "DE"}
    await bench.services.labels.issue(actor, [Order(valve, "component_part", face)], Command())
    assert told(await figures.labels_by_state(actor)) == {"ISSUED": 4, "APPLIED": 1, "VOID": 1}
    assert told(await figures.labels_by_profile(actor)) == {"asset_tag": 5, "component_part": 1}
    early = Command(occurred_at=bench.clock.now)
    await record(bench, actor, FactKind.PRODUCE, car, said={"site": "P2"})
    await record(bench, actor, FactKind.PRODUCE, car, said={"site": "P1"}, command=early)
    await record(bench, actor, FactKind.PRODUCE, valve, said={"site": "P3"})
    assert told(await figures.labels_by_site(actor)) == {"P2": 2, None: 2, "P3": 1}, (
        "the newest counts, and what is bound"
    )
    narrow = Actor("narrow", frozenset({Permission.READ_TWINS}), frozenset(Audience), frozenset({"component_part"}))
    assert told(await figures.labels_by_state(narrow)) == {"ISSUED": 1}
    assert told(await figures.labels_by_profile(narrow)) == {"component_part": 1}
    assert told(await figures.labels_by_site(narrow)) == {"P3": 1}


async def test_stale_labels_jobs_prints_and_scans_are_counted(fresh_bench: Bench, actor: Actor) -> None:
    bench, figures = fresh_bench, fresh_bench.services.statistics
    first, second = await printed(bench, actor), await printed(bench, actor)
    assert await figures.stale(actor) == 0
    command = Command(reason="x", expected_revision=first["revision"])
    await bench.services.labels.revise(actor, first["_id"], face={"tag": "8"}, attributes={}, command=command)
    assert await figures.stale(actor) == 1
    for _ in range(MOST_KEPT):
        await bench.services.labels.reprint(actor, second["_id"], command=why())
    bucket = await bench.store.labels.history.find_one({})
    assert bucket is not None, "some of it is archived"
    await bench.store.labels.history.insert_one({**bucket, "_id": "once more, as while it is being archived"})
    bench.clock.now += timedelta(days=1)
    await bench.services.labels.reprint(actor, second["_id"], command=why())
    assert told(await figures.prints(actor, *DAYS)) == {"2026-03-01": MOST_KEPT + 2, "2026-03-02": 1}
    assert told(await figures.prints(actor, DAYS[1], DAYS[1])) == {"2026-03-02": 1}
    for label in (first, second):
        bench.services.scan_log.count(label["_id"], bench.clock.now, label["flags"][0])
    await bench.services.scan_log.flush()
    assert told(await figures.scans(actor, *DAYS)) == {"2026-03-02": 2}
    assert await figures.scans(actor, DAYS[0], DAYS[0]) == []
    assert await figures.open_print_jobs(actor) == 0
    await bench.services.print_jobs.create(
        actor, [second["_id"]], PrintOrder(PrintFormat.PDF, reason="again"), Command()
    )
    assert await figures.open_print_jobs(actor) == 1
    narrow = Actor("narrow", frozenset({Permission.READ_TWINS}), frozenset(Audience), frozenset({"vin_plate"}))
    assert await figures.stale(narrow) == 0
    assert await figures.prints(narrow, *DAYS) == []
    assert await figures.scans(narrow, *DAYS) == []
    assert await figures.open_print_jobs(narrow) == 0


async def test_figures_are_for_those_inside_and_of_a_year_at_most(bench: Bench, actor: Actor) -> None:
    figures = bench.services.statistics
    whole: list[Callable[[Actor], Awaitable[Any]]] = [
        figures.labels_by_state,
        figures.labels_by_profile,
        figures.labels_by_site,
        figures.stale,
        figures.open_print_jobs,
        lambda who: figures.prints(who, *DAYS),
        lambda who: figures.scans(who, *DAYS),
    ]
    partner = Actor("partner", frozenset({Permission.READ_TWINS}), frozenset({Audience.PARTNER}))
    for figure in whole:
        with pytest.raises(Unauthenticated):
            await figure(ANONYMOUS)
        with pytest.raises(Forbidden):
            await figure(partner)
    for of_days in (figures.prints, figures.scans):
        with pytest.raises(InvalidInput):
            await of_days(actor, DAYS[1], DAYS[0])
        with pytest.raises(TooLarge):
            await of_days(actor, DAYS[0], DAYS[0] + timedelta(days=366))


async def test_they_are_asked_for_in_one_query(fresh_bench: Bench, actor: Actor) -> None:
    await issued(fresh_bench, actor)
    text = """{ statistics { labelsByState { state labels } labelsByProfile { profile labels } staleLabels openPrintJobs
      labelsBySite { site labels } printsByDay(from: "2026-03-01", to: "2026-03-02") { day count }
      scansByDay(from: "2026-03-01", to: "2026-03-02") { day count } } }"""
    async with client_on(fresh_bench) as client:
        answer = (await client.post("/graphql", json={"query": text})).json()
    assert answer["data"]["statistics"] == {
        "labelsByState": [{"state": "ISSUED", "labels": 1}],
        "labelsByProfile": [{"profile": "ASSET_TAG", "labels": 1}],
        "staleLabels": 0,
        "openPrintJobs": 0,
        "labelsBySite": [{"site": None, "labels": 1}],
        "printsByDay": [],
        "scansByDay": [],
    }
