"""Scans: what a text leads to, for whom, and the log."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import applied, issued, name, new_asset, new_vin, printed, stored, why
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.history import Command
from twin.domain.scan import Outcome
from twin.errors import Forbidden, InvalidInput, MutationIdReused, TooLarge, Unauthenticated
from twin.services import Services

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def rows(bench: Bench, actor: Actor) -> list[dict[str, Any]]:
    return await bench.mongo.collection("scans").find({"actor": actor.id}).sort("_id").to_list(None)


async def test_a_link_of_ours_leads_anybody_to_the_label(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    payload, link_id = bench.services.labels.payload(label), label["head"]["link_id"]
    for text in (payload, payload.lower(), link_id, link_id.lower(), f"{payload}?x=1", f"]Q1{payload}"):
        found = await bench.services.scans.resolve(ANONYMOUS, text)
        assert found.label is not None
        assert (found.label["_id"], found.outcome, found.flags) == (label["_id"], Outcome.CURRENT, (Outcome.CURRENT,))
        assert link_id in found.message
        assert found.label["head"]["face"] == {"tag": "7"}


async def test_the_outcome_is_the_worst_that_holds(bench: Bench, actor: Actor) -> None:
    labels = bench.services.labels
    label = await printed(bench, actor)
    twin, payload = label["_id"], labels.payload(label)

    async def flags() -> tuple[Outcome, ...]:
        return (await bench.services.scans.resolve(ANONYMOUS, payload)).flags

    assert await flags() == (Outcome.NOT_YET_APPLIED,)
    await labels.revise(actor, twin, face={"tag": "8"}, attributes={}, command=Command(expected_revision=2))
    assert await flags() == (Outcome.NOT_YET_APPLIED, Outcome.STALE)
    await labels.apply(actor, twin, Command())
    assert await flags() == (Outcome.STALE,)
    await labels.report(actor, twin, lost=False, command=why())
    assert await flags() == (Outcome.DAMAGED, Outcome.STALE)
    await labels.remove(actor, twin, why())
    assert await flags() == (Outcome.REMOVED, Outcome.STALE)
    await bench.services.replacements.replace(actor, twin, by=None, face=None, command=why())
    assert await flags() == (Outcome.REPLACED, Outcome.STALE)
    other = await issued(bench, actor)
    await labels.void(actor, other["_id"], why())
    assert (await bench.services.scans.resolve(ANONYMOUS, labels.payload(other))).outcome is Outcome.VOID


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8001", "127.0.0.1", "127.0.0.1.evil.example:8000"])
async def test_a_link_to_another_host_is_not_ours(bench: Bench, actor: Actor, host: str) -> None:
    label = await applied(bench, actor)
    found = await bench.services.scans.resolve(actor, f"http://{host}/L/{label['head']['link_id']}")
    assert (found.outcome, found.label, found.asset) == (Outcome.UNKNOWN, None, None)
    assert host in found.message


async def test_a_link_to_a_former_host_is_ours_for_ever(fresh_bench: Bench, actor: Actor) -> None:
    label = await applied(fresh_bench, actor)
    payload = fresh_bench.services.labels.payload(label)
    moved = await Services.on(fresh_bench.store, public_url="https://new.example", clock=fresh_bench.clock)
    for text in (payload, f"https://new.example/L/{label['head']['link_id']}"):
        found = await moved.scans.resolve(ANONYMOUS, text)
        assert (found.outcome, found.label and found.label["_id"]) == (Outcome.CURRENT, label["_id"])
    again = await Services.on(fresh_bench.store, clock=fresh_bench.clock)
    assert (await again.scans.resolve(ANONYMOUS, payload)).outcome is Outcome.CURRENT
    assert again.labels.payload(await issued(fresh_bench, actor)).startswith("HTTPS://NEW.EXAMPLE/L/")


async def test_a_vin_leads_who_may_read_to_the_asset(bench: Bench, actor: Actor) -> None:
    vin = new_vin()
    asset = await new_asset(bench, actor, f"vin:{vin}")
    for text, symbology in ((vin, None), (f"I{vin}", "]A0"), (vin.lower(), None)):
        found = await bench.services.scans.resolve(actor, text, symbology)
        assert found.asset is not None
        assert (found.asset["_id"], found.outcome, found.label) == (asset, Outcome.CURRENT, None)
        assert found.identifier is not None
        assert found.identifier.canonical == f"vin:{vin}"
    with pytest.raises(Unauthenticated):
        await bench.services.scans.resolve(ANONYMOUS, vin)
    with pytest.raises(Forbidden):
        await bench.services.scans.resolve(Actor("clerk", frozenset(), frozenset(Audience)), vin)


@pytest.mark.parametrize("text", ["0123456789ABC8", "WVWZZZ1JZXW999998"])
async def test_what_is_valid_but_not_known_here(bench: Bench, actor: Actor, text: str) -> None:
    found = await bench.services.scans.resolve(actor, text)
    assert (found.outcome, found.label, found.asset) == (Outcome.UNKNOWN, None, None)
    assert "is valid, but not known to this service" in found.message


async def test_text_of_no_known_form_is_unknown_to_anybody(bench: Bench) -> None:
    found = await bench.services.scans.resolve(ANONYMOUS, "a shopping list")
    assert (found.outcome, found.identifier, found.message) == (Outcome.UNKNOWN, None, "Text of no known form.")


@pytest.mark.parametrize(
    ("text", "error"), [("", InvalidInput), ("a\x00", InvalidInput), ("\ud800", InvalidInput), ("x" * 2_001, TooLarge)]
)
async def test_what_is_no_text_is_refused_and_not_logged(
    bench: Bench, actor: Actor, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await bench.services.scans.resolve(actor, text)
    with pytest.raises(error):
        await bench.services.scans.record(actor, text, command=Command())
    assert await rows(bench, actor) == []


async def test_a_scan_is_a_row_and_never_a_version(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    payload = bench.services.labels.payload(label)
    at = bench.clock.now - timedelta(seconds=30)
    row, found = await bench.services.scans.record(
        actor, payload, symbology_identifier="]Q1", place="Gate 3", device="d-7", command=Command(occurred_at=at)
    )
    assert await rows(bench, actor) == [row]
    assert (row["read"], row["label"], row["outcome"], row["flags"]) == (payload, label["_id"], "CURRENT", ["CURRENT"])
    assert (row["symbology_identifier"], row["place"], row["actor"]) == ("]Q1", "Gate 3", actor.id)
    assert row["occurred_at"] == at
    assert found.outcome is Outcome.CURRENT
    assert (await stored(bench, label["_id"]))["revision"] == 3


async def test_what_is_unknown_is_logged_too(bench: Bench, actor: Actor) -> None:
    row, _ = await bench.services.scans.record(actor, "a shopping list", command=Command())
    assert row["outcome"] == "UNKNOWN"
    assert not {"label", "asset", "place", "device"} & set(row)


async def test_a_repeat_is_one_row_even_eight_times_at_once(bench: Bench, actor: Actor) -> None:
    command = Command(client_mutation_id=name())
    record = bench.services.scans.record
    answers = await asyncio.gather(*(record(actor, "a list", command=command) for _ in range(8)))
    assert await rows(bench, actor) == [answers[0][0]]
    assert all(row == answers[0][0] for row, _ in answers)
    for other in ({"text": "another list"}, {"text": "a list", "place": "Gate 3"}):
        with pytest.raises(MutationIdReused):
            await record(actor, command=command, **other)
    second = replace(command, client_mutation_id=name())
    await record(actor, "a list", command=second)
    assert len(await rows(bench, actor)) == 2


async def test_a_mutation_id_stands_for_one_change_be_it_a_scan_or_a_move(bench: Bench, actor: Actor) -> None:
    label = await printed(bench, actor)
    command = Command(client_mutation_id=name())
    await bench.services.labels.apply(actor, label["_id"], command)
    with pytest.raises(MutationIdReused):
        await bench.services.scans.record(actor, "a list", command=command)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"place": "x" * 121}, ("place",)),
        ({"place": ""}, ("place",)),
        ({"device": "x" * 65}, ("device",)),
        ({"device": "\u202e"}, ("device",)),
    ],
)
async def test_place_and_device_are_short_texts(
    bench: Bench, actor: Actor, given: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await bench.services.scans.record(actor, "a list", command=Command(), **given)
    assert refused.value.path == path
    assert await rows(bench, actor) == []


async def test_a_scan_is_not_of_the_future(bench: Bench, actor: Actor) -> None:
    later = bench.clock.now + timedelta(hours=1)
    with pytest.raises(InvalidInput, match="future"):
        await bench.services.scans.record(actor, "a list", command=Command(occurred_at=later))


async def test_recording_needs_its_permission(bench: Bench, actor: Actor) -> None:
    clerk = Actor(actor.id, frozenset(Permission) - {Permission.RECORD_SCANS}, frozenset(Audience))
    for who, error in ((clerk, Forbidden), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(error):
            await bench.services.scans.record(who, "a list", command=Command())
    assert await rows(bench, actor) == []
