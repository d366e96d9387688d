"""Looking up what many ask for at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from twin.store.lookup import Lookup

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def filled(bench: Bench, projection: dict[str, Any] | None = None) -> Lookup:
    collection = bench.mongo.collection("looked_up")
    await collection.insert_many([{"_id": f"t{n}", "head": {"link_id": f"L{n}"}, "more": n} for n in range(40)])
    return Lookup(collection, projection)


async def test_each_gets_what_it_asked_for_by_whatever_field(fresh_bench: Bench) -> None:
    lookup = await filled(fresh_bench)
    asked = [("_id", "t1"), ("head.link_id", "L2"), ("_id", "none"), ("head.link_id", "t1"), ("_id", "t1")]
    found = await asyncio.gather(*(lookup.one(name, value) for name, value in asked))
    assert [document and document["_id"] for document in found] == ["t1", "t2", None, None, "t1"]
    assert set(await lookup.by("_id", ["t3", "t4", "none"])) == {"t3", "t4"}
    assert await lookup.by("_id", []) == {}


async def test_what_is_not_wanted_stays_there(fresh_bench: Bench) -> None:
    lookup = await filled(fresh_bench, {"more": False})
    assert await lookup.one("_id", "t7") == {"_id": "t7", "head": {"link_id": "L7"}}


async def test_what_was_changed_is_seen_at_once(fresh_bench: Bench) -> None:
    lookup = await filled(fresh_bench)
    assert (await lookup.one("_id", "t7") or {})["more"] == 7
    await fresh_bench.mongo.collection("looked_up").update_one({"_id": "t7"}, {"$set": {"more": 8}})
    assert (await lookup.one("_id", "t7") or {})["more"] == 8
