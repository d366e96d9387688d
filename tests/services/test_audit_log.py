"""The audit log: noted at once, written in rounds, folded where refusals are alike, and never dropped."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from twin.domain.actor import ANONYMOUS, Actor, Role, actor_with
from twin.errors import Forbidden, InvalidInput, Unauthenticated, Unavailable
from twin.services import audit_log
from twin.services.audit_log import AuditLog, Call, Door, Wanted
from twin.store.audit_log import AuditLog as Rows
from twin.store.mongo import Mongo
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def call(actor: str | None = None, client: str | None = "curl/8.5.0") -> Call:
    return Call(actor or f"tester-{uuid.uuid4().hex[:8]}", Door.GRAPHQL, "00ff", client)


async def rows(bench: Bench, **query: Any) -> list[dict[str, Any]]:
    return await bench.mongo.collection("audit_log").find(query).sort("_id").to_list(None)


async def test_a_change_is_a_row_with_all_that_is_known_of_it(bench: Bench) -> None:
    log, who = AuditLog(bench.store.audit_log, lambda: NOON, days=36_500), call()
    log.note(who, "reviseLabel", nodes=[(f"lbl_{n}", n) for n in range(120)], mutation="\ud800" + "m" * 200)
    assert (log.waiting, await rows(bench, actor=who.actor)) == (1, [])
    await log.flush()
    [row] = await rows(bench, actor=who.actor)
    assert row.pop("_id").startswith("aud_")
    assert row.pop("nodes") == [{"id": f"lbl_{n}", "revision": n} for n in range(100)]
    assert row == {
        "created": {"recorded_at": NOON},
        "actor": who.actor,
        "client": "curl/8.5.0",
        "request_id": "00ff",
        "door": "graphql",
        "operation": "reviseLabel",
        "outcome": "done",
        "mutation": "?" + "m" * 127,
        "times": 1,
        "expires": NOON + timedelta(days=36_500),
    }
    assert log.waiting == 0


async def test_rows_stay_for_ever_if_not_said(bench: Bench) -> None:
    log, who = AuditLog(bench.store.audit_log, lambda: NOON), call()
    log.note(who, "reviseLabel")
    await log.flush()
    [row] = await rows(bench, actor=who.actor)
    assert "expires" not in row


async def test_refusals_that_are_alike_are_one_row_for_each_second(bench: Bench) -> None:
    now, who = [NOON], call()
    log = AuditLog(bench.store.audit_log, lambda: now[0])
    for tenth in range(20):
        now[0] = NOON + timedelta(seconds=tenth / 10)
        log.note(who, "voidLabel", "FORBIDDEN")
        await log.flush(all_of_it=False)
    log.note(who, "printLabel", "FORBIDDEN")
    assert [row["times"] for row in await rows(bench, actor=who.actor)] == [10]
    await log.flush()
    assert [row["times"] for row in await rows(bench, actor=who.actor, operation="voidLabel")] == [10, 10]
    assert [row["times"] for row in await rows(bench, actor=who.actor, operation="printLabel")] == [1]


async def test_nobody_without_a_key_makes_rows_by_naming_other_programs(bench: Bench) -> None:
    log, operation = AuditLog(bench.store.audit_log, lambda: NOON), uuid.uuid4().hex
    for number in range(50):
        log.note(call(ANONYMOUS.id, f"bot/{number}"), operation, "UNAUTHENTICATED")
    await log.flush()
    [row] = await rows(bench, operation=operation)
    assert (row["times"], row["client"]) == (50, "bot/0")


async def test_a_change_waits_for_room_and_goes_on_once_there_is_some(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "MOST_WAITING", 2)
    log, who = AuditLog(bench.store.audit_log, bench.clock), call()
    for _ in range(2):
        await log.room()
        log.note(who, "issueLabels")
    waiting = asyncio.create_task(log.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await log.flush()
    await waiting
    assert len(await rows(bench, actor=who.actor)) == 2


async def test_without_room_a_change_is_refused_and_no_row_is_lost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(audit_log, "MOST_WAITING", 1)
    monkeypatch.setattr(audit_log, "LONGEST_WAIT_S", 0.05)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient("127.0.0.1", 1, serverSelectionTimeoutMS=100)
    log, who = AuditLog(Rows(Mongo(client, "gone")), bench.clock), call()
    log.note(who, "issueLabels")
    await log.flush()
    client.close()
    assert "the audit log waits, 1 rows" in caplog.text
    assert log.waiting == 1
    with pytest.raises(Unavailable, match="audit log cannot be written"):
        await log.room()


async def test_rows_that_are_written_twice_stand_once(bench: Bench) -> None:
    who = call()
    told = [{"_id": f"aud_{uuid.uuid4().hex}", "actor": who.actor, "created": {"recorded_at": NOON}}]
    await bench.store.audit_log.write(told)
    await bench.store.audit_log.write([*told, {**told[0], "_id": f"aud_{uuid.uuid4().hex}"}])
    assert len(await rows(bench, actor=who.actor)) == 2


async def test_auditors_read_it_and_nobody_else(bench: Bench) -> None:
    log, who = AuditLog(bench.store.audit_log, lambda: NOON), call()
    log.note(who, "voidLabel", "FORBIDDEN")
    log.note(who, "issueLabels")
    await log.flush()
    auditor = actor_with("auditor", [Role.AUDITOR])
    asked = Wanted(actor=who.actor, outcome="FORBIDDEN", since=NOON, until=NOON + timedelta(seconds=1))
    page = await log.page(auditor, asked, PageRequest(10))
    assert [row["operation"] for row in page.documents] == ["voidLabel"]
    assert await log.count(auditor, asked) == 1
    assert await log.count(auditor, Wanted(actor=who.actor, until=NOON)) == 0
    operator = actor_with("operator", [Role.OPERATOR])
    refusals: list[tuple[Actor, type[Exception]]] = [(ANONYMOUS, Unauthenticated), (operator, Forbidden)]
    for other, error in refusals:
        with pytest.raises(error):
            await log.page(other, asked, PageRequest(10))
        with pytest.raises(error):
            await log.count(other, asked)
    with pytest.raises(InvalidInput, match="to: expected a moment after"):
        await log.page(auditor, Wanted(since=NOON, until=NOON), PageRequest(10))
