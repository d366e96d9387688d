"""Rows and cursor of a job: whoever does a round again counts nothing twice."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from tests.conftest import Bench
from twin.domain.history import Document
from twin.domain.print_job import JobState
from twin.store.print_jobs import PrintJobs
from twin.store.twins import Lost

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def added(jobs: PrintJobs, labels: int) -> str:
    job = f"job_{uuid.uuid4().hex}"
    document = {
        "_id": job,
        "state": "QUEUED",
        "created": {"recorded_at": NOW},
        "total": labels,
        "cursor": 0,
        "printed": 0,
        "refused": 0,
    }
    await jobs.add(document, [f"lbl_{position}" for position in range(labels)])
    return job


async def test_a_job_is_added_once_with_its_rows_in_order(fresh_bench: Bench) -> None:
    jobs = fresh_bench.store.print_jobs
    job = await added(jobs, 12)
    assert [row["label"] for row in await jobs.rows(job, 0, 100)] == [f"lbl_{position}" for position in range(12)]
    assert [row["position"] for row in await jobs.rows(job, 9, 2)] == [9, 10]
    found = await jobs.find(job)
    assert found is not None
    with pytest.raises(Lost):
        await jobs.add(found, ["lbl_other"])
    assert len(await jobs.rows(job, 0, 100)) == 12


async def test_a_round_that_is_done_twice_counts_once(fresh_bench: Bench) -> None:
    jobs = fresh_bench.store.print_jobs
    job = await added(jobs, 3)
    outcomes: dict[int, Document] = {0: {"sha256": "a", "revision": 2}, 1: {"error": {"code": "X", "message": "y"}}}
    for again in (False, True):
        await jobs.settle(job, outcomes)
        counted = await jobs.advance(job, 0, printed=1, refused=1)
        assert (counted is None) is again
    found = await jobs.find(job)
    assert found is not None
    assert (found["cursor"], found["printed"], found["refused"]) == (2, 1, 1)
    assert [row["position"] for row in await jobs.rows(job, 0, 9, printed=True)] == [0]
    assert [row["position"] for row in await jobs.rows(job, 0, 9, printed=False)] == [1]


async def test_a_print_outweighs_a_refusal_whoever_writes_first(fresh_bench: Bench) -> None:
    jobs = fresh_bench.store.print_jobs
    job = await added(jobs, 2)
    printed, refused = {"sha256": "a", "revision": 2}, {"error": {"code": "X", "message": "y"}}
    await jobs.settle(job, {0: printed, 1: refused})
    await jobs.settle(job, {0: refused, 1: printed})
    for row in await jobs.rows(job, 0, 9):
        assert row["sha256"] == "a"
        assert "error" not in row


async def test_a_job_that_is_over_stays_over(fresh_bench: Bench) -> None:
    jobs = fresh_bench.store.print_jobs
    job = await added(jobs, 1)
    assert (await jobs.start(job, NOW) or {})["state"] == "RUNNING"
    await jobs.trouble(job, "no paper")
    assert "error" not in (await jobs.start(job, NOW) or {})  # of the process before
    assert (await jobs.cancel(job, NOW) or {})["state"] == "CANCELLING"
    assert await jobs.start(job, NOW) is None
    assert await jobs.cancel(job, NOW) is None
    assert (await jobs.end(job, JobState.CANCELLED, NOW) or {})["state"] == "CANCELLED"
    assert await jobs.end(job, JobState.DONE, NOW) is None
    assert job not in [each["_id"] for each in await jobs.open()]


async def test_a_lease_that_is_ended_leaves_nothing(fresh_bench: Bench) -> None:
    leases, name = fresh_bench.store.leases, uuid.uuid4().hex
    token = await leases.take(name, 600)
    assert token is not None
    await leases.end(name, "another's")
    assert await leases.take(name, 600) is None
    await leases.end(name, token)
    assert await leases.take(name, 600) is not None
