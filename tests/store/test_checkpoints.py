"""Where checkpoints are kept: bodies for ever, leaves in documents that stay small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bson
import pytest

from twin.store.checkpoints import CHUNK, LEAVES_KEPT, Checkpoints
from twin.store.twins import Lost

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


def leaves(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"twin": f"lbl_{n:024}", "revision": 2**31, "hash": "f" * 64} for n in range(start, start + count)]


def run_of(number: int) -> str:
    return f"run-{number}"


async def add(checkpoints: Checkpoints, number: int, *, keep: bool = False) -> None:
    await checkpoints.put(run_of(number), number, 0, leaves(2), "00")
    await checkpoints.add(number, {"number": number}, "ff", run_of(number), keep=keep)


async def test_the_newest_is_the_one_of_the_highest_number(fresh_bench: Bench) -> None:
    checkpoints = fresh_bench.store.checkpoints
    assert await checkpoints.newest() is None
    for number in range(1, 12):
        await add(checkpoints, number)
    newest = await checkpoints.newest()
    assert newest is not None
    assert (newest["_id"], newest["body"]) == (11, {"number": 11})
    assert [one["_id"] async for one in checkpoints.all()] == list(range(1, 12))


async def test_a_number_is_given_once(fresh_bench: Bench) -> None:
    checkpoints = fresh_bench.store.checkpoints
    await add(checkpoints, 1)
    await checkpoints.put("late", 1, 0, leaves(1), "00")
    with pytest.raises(Lost):
        await checkpoints.add(1, {"number": 1, "late": True}, "ff", "late", keep=False)
    newest = await checkpoints.newest()
    assert newest is not None
    assert newest["run"] == run_of(1)


async def test_leaves_are_kept_for_as_long_as_is_said(fresh_bench: Bench) -> None:
    checkpoints = fresh_bench.store.checkpoints
    await checkpoints.put("crashed", 1, 0, leaves(1), "00")
    last = LEAVES_KEPT + 6
    for number in range(1, last + 1):
        await add(checkpoints, number, keep=number in {2, 4})
    runs = await fresh_bench.mongo.collection("checkpoint_leaves").distinct("run")
    assert set(runs) == {run_of(number) for number in {2, 4, *range(last - LEAVES_KEPT + 1, last + 1)}}
    assert len([one async for one in checkpoints.all()]) == last


async def test_chunks_come_in_order_and_are_found_by_twin(fresh_bench: Bench) -> None:
    checkpoints = fresh_bench.store.checkpoints
    for index in (2, 0, 1):
        await checkpoints.put("one", 1, index, leaves(3, index * 3), f"{index:02}")
    await checkpoints.put("other", 1, 0, leaves(9), "99")
    assert [chunk["index"] async for chunk in checkpoints.chunks("one")] == [0, 1, 2]
    assert [chunk["index"] async for chunk in checkpoints.chunks("one", 1)] == [1, 2]
    outline = await checkpoints.outline("one")
    assert [(chunk["root"], "leaves" in chunk) for chunk in outline] == [("00", False), ("01", False), ("02", False)]
    found = await checkpoints.chunk_of("one", leaves(1, 4)[0]["twin"])
    assert found is not None
    assert found["index"] == 1
    assert await checkpoints.chunk_of("one", "lbl_x") is None
    await checkpoints.discard("one")
    assert [chunk async for chunk in checkpoints.chunks("one")] == []
    assert await checkpoints.outline("other") != []


async def test_a_full_chunk_is_far_below_what_a_document_may_hold(fresh_bench: Bench) -> None:
    await fresh_bench.store.checkpoints.put("full", 1, 0, leaves(CHUNK), "00" * 32)
    [chunk] = [chunk async for chunk in fresh_bench.store.checkpoints.chunks("full")]
    assert len(bson.encode(chunk)) < 256 * 1024
