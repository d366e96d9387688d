"""The scan log: one row for each mutation."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.life import T0

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


def row(**more: Any) -> dict[str, Any]:
    return {"read": "x", "mutation": f"tester {uuid.uuid4().hex} 0", "recorded_at": T0, **more}


async def rows(bench: Bench, mutation: str) -> list[dict[str, Any]]:
    return await bench.mongo.collection("scans").find({"mutation": mutation}).to_list(None)


async def test_a_row_stands_as_it_was_given_and_gets_an_id(bench: Bench) -> None:
    given = row(label="lbl_one")
    stands, new = await bench.store.scans.record(given)
    assert new
    assert stands == {"_id": stands["_id"], **given}
    assert await rows(bench, given["mutation"]) == [stands]
    assert "_id" not in given


async def test_ids_grow_with_time(bench: Bench) -> None:
    found = [(await bench.store.scans.record(row()))[0]["_id"] for _ in range(5)]
    assert found == sorted(found)
    assert len(set(found)) == 5


async def test_a_repeat_writes_nothing_and_answers_with_the_row_that_stands(bench: Bench) -> None:
    given = row()
    first, _ = await bench.store.scans.record(given)
    assert await bench.store.scans.record({**given, "read": "y"}) == (first, False)
    assert await rows(bench, given["mutation"]) == [first]


async def test_eight_at_the_same_time_write_one_row(bench: Bench) -> None:
    given = row()
    answers = await asyncio.gather(*(bench.store.scans.record(given) for _ in range(8)))
    assert await rows(bench, given["mutation"]) == [answers[0][0]]
    assert all(row == answers[0][0] for row, _ in answers)
    assert sum(new for _, new in answers) == 1
