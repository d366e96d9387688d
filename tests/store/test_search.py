"""Twins by their words in a real MongoDB: by index, at a bounded cost, and twins of old get their words."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient

from tests.domain.life import ACTOR, T0
from tests.services.factory import issued, new_asset, printed
from twin.domain.history import Command, Document, Draft, Mutation, Version, next_version
from twin.domain.search import words_of
from twin.services.search import MOST_HITS
from twin.store import Store, search
from twin.store.search import MOST_CANDIDATES, MOST_EXAMINED, SEARCH_MS

if TYPE_CHECKING:
    from tests.conftest import Bench
    from twin.domain.actor import Actor

pytestmark = pytest.mark.anyio

CROWD = 1_300
NOISE = 2_000


def born(name: str, number: int) -> tuple[Version, list[Document]]:
    """A new asset of this name; a higher number is a newer one."""
    at = T0 + timedelta(seconds=number)
    mutation = Mutation.of(ACTOR, f"{name}-{number}".replace(" ", ""), {})
    draft = Draft("REGISTER", {"name": name, "kind": "crate"}, T0)
    return next_version(draft, twin=f"ast_{uuid.uuid4().hex}", head=None, actor=ACTOR, now=at, mutation=mutation), []


async def insert(bench: Bench, names: Iterable[str]) -> None:
    await bench.store.assets.insert([born(name, number) for number, name in enumerate(names)])


async def names(bench: Bench, *words: str) -> list[str]:
    found = await bench.store.search.candidates("asset", words)
    return [head["head"]["name"] for head in found.heads]


@asynccontextmanager
async def profiled(bench: Bench, into: list[dict[str, Any]]) -> AsyncIterator[None]:
    """Whatever the database does for us meanwhile, as its own profiler tells it."""
    database = bench.store.assets.collection.database
    await database.command("profile", 2)
    try:
        yield
    finally:
        await database.command("profile", 0)
    into += await database["system.profile"].find({"ns": {"$regex": "(assets|labels)$"}}).to_list(None)


async def test_each_search_goes_by_the_index_and_its_cost_is_bounded(fresh_bench: Bench) -> None:
    await insert(fresh_bench, (f"crowd {number:05}" for number in range(CROWD)))
    await insert(fresh_bench, (f"noise {number}" for number in range(NOISE)))
    for words, most in (
        (["01234"], 10),
        (["234"], 10),
        (["CROWD"], 3 * MOST_CANDIDATES),
        (["CRA"], 3 * MOST_CANDIDATES),
        (["CROWD", "01234"], 10),
        (["CROWD", "CRATE", "NOISE"], 3 * MOST_EXAMINED),
    ):
        operations: list[dict[str, Any]] = []
        async with profiled(fresh_bench, operations):
            await fresh_bench.store.search.candidates("asset", words)
        assert {one["command"]["maxTimeMS"] for one in operations} == {SEARCH_MS}
        assert {one["planSummary"] for one in operations} == {"IXSCAN { words: 1, created.recorded_at: -1 }"}, words
        assert sum(one["docsExamined"] for one in operations) <= most, words
        keys = [one["keysExamined"] for one in operations]
        assert max(keys) <= (2 * most + 10 if len(words) == 1 else MOST_EXAMINED + 2), words
        await fresh_bench.store.assets.collection.database["system.profile"].drop()


async def test_the_exact_come_newest_first_however_many_begin_or_end_alike(fresh_bench: Bench) -> None:
    await insert(fresh_bench, [f"PUMP {number}" for number in range(MOST_CANDIDATES + 20)])
    await insert(fresh_bench, [f"PUMPS{number}" for number in range(MOST_CANDIDATES + 20)])
    found = await names(fresh_bench, "PUMP")
    newest = [f"PUMP {MOST_CANDIDATES + 19 - number}" for number in range(MOST_HITS)]
    assert found[:MOST_HITS] == newest


async def test_few_are_complete_and_many_are_not(fresh_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_HITS <= MOST_CANDIDATES <= MOST_EXAMINED
    await insert(fresh_bench, [f"PUMP RED {number:03}" for number in range(30)])
    await insert(fresh_bench, [f"PUMP BLUE {number:03}" for number in range(30, 40)])
    monkeypatch.setattr(search, "MOST_EXAMINED", 25)
    monkeypatch.setattr(search, "MOST_CANDIDATES", 20)
    candidates = fresh_bench.store.search.candidates
    assert (await candidates("asset", ["BLUE"])).complete
    assert not (await candidates("asset", ["PUMP"])).complete
    rare = await candidates("asset", ["PUMP", "RED", "017"])
    assert ({head["head"]["name"] for head in rare.heads}, rare.complete) == ({"PUMP RED 017"}, True)
    both = await candidates("asset", ["PUMP", "BLUE"])
    assert (len({head["_id"] for head in both.heads}), both.complete) == (10, True)
    many = await candidates("asset", ["PUMP", "RED"])
    assert not many.complete
    assert {head["head"]["name"][:8] for head in many.heads} == {"PUMP RED"}
    assert (await candidates("label", ["PUMP"])).heads == []


@pytest.mark.parametrize("other", ["7", "47", "B7", "RE", "D", "RED", "P"])
async def test_the_other_words_may_be_short(fresh_bench: Bench, other: str) -> None:
    await insert(fresh_bench, ["PUMPE RED 47", "PUMPE B7"])
    found = set(await names(fresh_bench, "PUMPE", other))
    expected = {
        "PUMPE RED 47": {"7", "47", "RE", "D", "RED", "P"},
        "PUMPE B7": {"7", "B7", "P"},
    }
    assert found == {name for name, fitting in expected.items() if other in fitting}


async def test_a_candidate_is_a_head_alone(bench: Bench, actor: Actor) -> None:
    name = uuid.uuid4().hex
    await new_asset(bench, actor, name=name)
    [head, *_] = (await bench.store.search.candidates("asset", [name.upper()])).heads
    assert head["head"]["name"] == name
    assert not {"versions", "words"} & head.keys()


async def test_words_are_written_when_a_text_changes_and_never_else(bench: Bench, actor: Actor) -> None:
    services, labels = bench.services, bench.store.labels.collection
    label = (await printed(bench, actor, tag="TAG-ONE"))["_id"]

    async def stored() -> list[str]:
        document = await bench.store.labels.read({"_id": label})
        assert document is not None
        assert document["words"] in ([], words_of(document["head"]))
        return list(document["words"])

    assert {"TAGONE", "<ENOGAT"} <= set(await stored())
    await labels.update_one({"_id": label}, {"$set": {"words": []}})  # to see if anybody writes them
    await services.labels.apply(actor, label, Command())
    await services.labels.verify(actor, label, read="something else", grade=None, command=Command())
    assert await stored() == []
    for field, attributes in (({"tag": "TAG-TWO"}, {}), ({}, {"site": "Werk 3"})):
        before = await stored()
        change = Command(expected_revision=(await services.labels.find(actor, label))["revision"])
        await services.labels.revise(actor, label, face=field, attributes=attributes, command=change)
        assert await stored() != before
    assert {"TAGTWO", "WERK3"} <= set(await stored())
    assert "TAGONE" not in await stored()


async def test_versions_and_heads_hold_no_words(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor, tag="x")
    document = await bench.store.labels.read({"_id": label["_id"]})
    assert document is not None
    assert "words" not in document["versions"][0]
    for head in (
        await bench.store.labels.sure_head({"_id": label["_id"]}),
        await bench.store.labels.head({"_id": label["_id"]}),
        (await bench.store.labels.heads([label["_id"]]))[label["_id"]],
    ):
        assert head is not None
        assert "words" not in head


async def test_a_twin_that_moves_on_while_it_gets_its_words_gets_the_new_ones(
    fresh_bench: Bench, actor: Actor, mongo_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = await new_asset(fresh_bench, actor, name="before")
    assets = fresh_bench.store.assets.collection
    await assets.update_one({"_id": twin}, {"$unset": {"words": True}})

    def late(state: Document) -> list[str]:
        if state["name"] == "before":
            with MongoClient[dict[str, Any]](mongo_uri) as client:
                moved_on = {"$set": {"head.name": "after"}, "$inc": {"revision": 1}}
                client[assets.database.name]["assets"].update_one({"_id": twin}, moved_on)
        return words_of(state)

    monkeypatch.setattr(search, "words_of", late)
    await fresh_bench.store.search.prepare()
    assert [(one["head"]["name"], "AFTER" in one["words"]) for one in await assets.find({}).to_list(None)] == [
        ("after", True)
    ]


async def test_twins_of_old_get_their_words_at_the_start(
    fresh_bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FILLED_AT_ONCE", 3)
    assets, labels = fresh_bench.store.assets.collection, fresh_bench.store.labels.collection
    for number in range(7):
        await issued(fresh_bench, actor, await new_asset(fresh_bench, actor, name=f"Old {number}"), tag=f"T{number}")
    before = {collection.name: await collection.find({}).to_list(None) for collection in (assets, labels)}
    for collection in (assets, labels):
        await collection.drop_index("words")
        await collection.update_many({}, {"$unset": {"words": True}})
    misshapen: list[dict[str, Any]] = [{"_id": "ast_none"}, {"_id": "ast_text", "head": "text", "revision": 1}]
    await assets.insert_many([{**one, "versions": [{"mutation": one["_id"]}]} for one in misshapen])
    await Store.prepared(fresh_bench.mongo)
    await assets.delete_many({"_id": {"$in": [one["_id"] for one in misshapen]}})
    assert {collection.name: await collection.find({}).to_list(None) for collection in (assets, labels)} == before
    operations: list[dict[str, Any]] = []
    async with profiled(fresh_bench, operations):
        await Store.prepared(fresh_bench.mongo)
    assert sum(one.get("docsExamined", 0) for one in operations if one["op"] == "query") == 0, "once is enough"
