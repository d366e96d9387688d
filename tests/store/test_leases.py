"""Leases: one holder at a time, by the database's clock."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


@pytest.fixture
def name() -> str:
    return f"work-{uuid.uuid4().hex}"


async def test_of_many_who_take_it_at_once_one_gets_it(bench: Bench, name: str) -> None:
    for _ in range(3):
        tokens = await asyncio.gather(*(bench.store.leases.take(name, 60) for _ in range(12)))
        [token] = [token for token in tokens if token is not None]
        await bench.store.leases.release(name, token)


async def test_what_is_held_is_not_taken_and_what_ran_out_is(bench: Bench, name: str) -> None:
    leases = bench.store.leases
    first = await leases.take(name, 60)
    assert first is not None
    assert await leases.take(name, 60) is None
    held = bench.mongo.collection("leases")
    await held.update_one({"_id": name}, {"$set": {"until": datetime.now(UTC) - timedelta(seconds=1)}})
    second = await leases.take(name, 60)
    assert second is not None
    assert second != first
    assert not await leases.extend(name, first, 60), "the first holder is told that it ran out"
    await leases.release(name, first)
    assert await leases.take(name, 60) is None, "nobody gives back what another holds"


async def test_a_holder_may_hold_it_for_longer(bench: Bench, name: str) -> None:
    leases = bench.store.leases
    token = await leases.take(name, 0)
    assert token is not None
    assert await leases.extend(name, token, 60)
    assert await leases.take(name, 60) is None
    assert await leases.take(f"{name}-other", 60) is not None


async def test_the_time_is_that_of_the_database(bench: Bench, name: str) -> None:
    await bench.store.leases.take(name, 90)
    [row] = (
        await bench.mongo.collection("leases")
        .aggregate([{"$match": {"_id": name}}, {"$project": {"left": {"$subtract": ["$until", "$$NOW"]}}}])
        .to_list(None)
    )
    assert 30_000 < row["left"] <= 90_000
