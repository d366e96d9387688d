"""The scan log: noted at once, written in rounds, bounded, and counted for each label and day."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from tests.services.factory import applied, name, rows_of
from twin.domain.actor import ANONYMOUS, Actor, Audience
from twin.domain.history import Command
from twin.domain.scan import Answer, Outcome
from twin.errors import Forbidden, InvalidInput, TooLarge, Unauthenticated
from twin.services import scan_log
from twin.services.scan_log import DayOfScans, ScanLog
from twin.store.mongo import Mongo
from twin.store.scan_log import ScanLog as Rows

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

LONG = 36_500  # days: the database takes out what has expired by its own clock
VOID = (Outcome.VOID, Outcome.STALE)


@dataclass(frozen=True)
class Read:
    """A read of a label that nobody else reads."""

    label: str = field(default_factory=lambda: f"lbl_{uuid.uuid4().hex}")

    @property
    def path(self) -> str:
        return f"L/{self.label}"

    def note(self, log: ScanLog) -> None:
        log.note(self.path, Answer.PAGE, VOID, self.label)


def log_of(bench: Bench, days: int | None) -> ScanLog:
    return ScanLog(bench.store.scan_log, bench.clock, days)


async def rows(bench: Bench, read: Read) -> list[dict[str, Any]]:
    return await rows_of(bench).find({"read": read.path}, {"_id": False}).to_list(None)


async def counted(log: ScanLog, actor: Actor, read: Read, day: date) -> dict[Outcome, int]:
    found = await log.counts(actor, read.label, day, day)
    assert all(one.day == day for one in found)
    return found[0].outcomes if found else {}


async def test_a_read_is_a_row_and_a_count_once_it_was_written(bench: Bench, actor: Actor) -> None:
    log, read = log_of(bench, LONG), Read()
    for _ in range(3):
        read.note(log)
    assert await rows(bench, read) == []
    await log.flush()
    await log.flush()
    found = await rows(bench, read)
    assert len(found) == 3
    at = found[0].pop("occurred_at")
    assert found[0].pop("expires") - at == timedelta(days=LONG)
    assert found[0] == {
        "read": read.path,
        "answer": "PAGE",
        "flags": ["VOID", "STALE"],
        "label": read.label,
    }
    assert await counted(log, actor, read, at.date()) == {Outcome.VOID: 3}


@pytest.mark.parametrize(("days", "count"), [(0, 1), (None, 0)])
async def test_a_deployment_may_keep_counts_alone_or_nothing(
    bench: Bench, actor: Actor, days: int | None, count: int
) -> None:
    log, read = log_of(bench, days), Read()
    read.note(log)
    await log.flush()
    assert await rows(bench, read) == []
    assert sum((await counted(log, actor, read, bench.clock.now.date())).values()) == count


async def test_what_is_more_than_waits_is_dropped_and_said(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scan_log, "MOST_WAITING", 1_200)
    log, read = log_of(bench, LONG), Read()
    for _ in range(1_205):
        read.note(log)
    await log.flush()
    assert len(await rows(bench, read)) == 1_200
    assert "5 reads of codes are not in the scan log" in caplog.text
    read.note(log)
    caplog.clear()
    await log.flush()
    assert len(await rows(bench, read)) == 1_201
    assert caplog.text == ""


async def test_counts_of_more_labels_than_wait_are_dropped(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_log, "MOST_WAITING", 2)
    log, reads = log_of(bench, 0), [Read() for _ in range(3)]
    for read in (*reads, *reads):
        read.note(log)
    await log.flush()
    day = bench.clock.now.date()
    assert [sum((await counted(log, actor, read, day)).values()) for read in reads] == [2, 2, 0]


async def test_a_lost_database_holds_nobody_up_and_is_said(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient("127.0.0.1", 1, serverSelectionTimeoutMS=100)
    log = ScanLog(Rows(Mongo(client, "gone")), bench.clock, LONG)
    Read().note(log)
    Read().note(log)
    await log.flush()
    client.close()
    assert "the scan log waits" in caplog.text
    assert "2 reads of codes are not in the scan log or not counted" in caplog.text


async def test_it_is_written_round_by_round_until_it_ends(bench: Bench) -> None:
    log, read, rounds = log_of(bench, LONG), Read(), asyncio.Queue[None]()

    async def pause(seconds: float) -> None:
        assert seconds == 1
        await rounds.get()

    keeping = asyncio.create_task(log.keep(pause))
    for written in (1, 2):
        read.note(log)
        rounds.put_nowait(None)
        while len(await rows(bench, read)) < written:
            assert not keeping.done()
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping


async def test_what_an_operator_records_counts_once(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    command = Command(client_mutation_id=name(), occurred_at=bench.clock.now - timedelta(seconds=1))
    payload = bench.services.labels.payload(label)
    await asyncio.gather(*(bench.services.scans.record(actor, payload, command=command) for _ in range(4)))
    await bench.services.scan_log.flush()
    day = bench.clock.now.date()
    found = await bench.services.scan_log.counts(actor, label["_id"], day, day)
    assert found == [DayOfScans(day, {Outcome.CURRENT: 1})]


async def test_counts_are_for_those_who_may_read_twins_and_of_a_year_at_most(bench: Bench, actor: Actor) -> None:
    counts, day = bench.services.scan_log.counts, date(2026, 3, 1)
    for who, error in ((ANONYMOUS, Unauthenticated), (Actor("clerk", frozenset(), frozenset(Audience)), Forbidden)):
        with pytest.raises(error):
            await counts(who, "lbl_x", day, day)
    assert await counts(actor, "lbl_x", day, day + timedelta(days=365)) == []
    with pytest.raises(TooLarge, match="at most 366 days, found 367"):
        await counts(actor, "lbl_x", day, day + timedelta(days=366))
    with pytest.raises(InvalidInput, match="expected 2026-03-01 or a later day, found 2026-02-28"):
        await counts(actor, "lbl_x", day, day - timedelta(days=1))
