"""The connection: what it refuses at start, and what it makes of the driver's errors."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ASCENDING, IndexModel

from twin.errors import SetupError, Unavailable
from twin.store import Store, mongo
from twin.store.deployment import Deployment
from twin.store.embedded import find_mongod
from twin.store.mongo import Mongo, connected, ensure_indexes

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def standalone(folder: Path) -> Iterator[str]:
    """A mongod of no replica set."""
    port = free_port()
    command = [str(find_mongod()), "--port", str(port), "--bind_ip", "127.0.0.1", "--dbpath", str(folder), "--quiet"]
    command += ["--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"mongodb://127.0.0.1:{port}"
        finally:
            process.kill()


async def test_a_standalone_is_refused_with_the_reason_and_the_way_out(tmp_path: Path) -> None:
    with standalone(tmp_path) as uri, pytest.raises(SetupError) as refused:
        async with connected(uri, "test"):
            pass
    assert "standalone mongod, which has neither transactions nor change streams" in refused.value.message
    assert "--replSet" in refused.value.message


async def test_an_address_where_nobody_listens_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongo, "CONNECT_MS", 1_000)
    port, began = free_port(), time.monotonic()
    with pytest.raises(SetupError, match=r"No MongoDB answers within 1 seconds.*Is TWIN_MONGO_URI right") as refused:
        async with connected(f"mongodb://127.0.0.1:{port}", "test"):
            pass
    assert time.monotonic() - began < 5
    assert str(port) in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(
    "uri", ["", "http://127.0.0.1", "mongodb://", "mongodb://127.0.0.1:99999", "mongodb://a:b@c@d"]
)
async def test_what_is_no_address_is_refused_at_once(uri: str) -> None:
    with pytest.raises(SetupError, match="TWIN_MONGO_URI is not a MongoDB address"):
        async with connected(uri, "test"):
            pass


async def test_a_lost_server_is_unavailable_and_not_a_fault() -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        f"mongodb://127.0.0.1:{free_port()}", serverSelectionTimeoutMS=500
    )
    lost = Mongo(client, "test")
    with pytest.raises(Unavailable, match="may succeed in a moment"):
        await lost.ping()
    with pytest.raises(Unavailable):
        await Deployment(lost).secret()
    client.close()


async def test_the_server_gives_a_sign_of_life(bench: Bench) -> None:
    await bench.mongo.ping()


async def test_an_index_that_differs_is_named(fresh_bench: Bench) -> None:
    collection = fresh_bench.mongo.collection("labels")
    await collection.drop_index("link_id")
    await collection.create_index([("head.link_id", ASCENDING)], name="link_id")
    with pytest.raises(SetupError, match=r"collection labels has an index that differs.*link_id.*Drop that index"):
        await Store.prepared(fresh_bench.mongo)
    await collection.drop_index("link_id")
    await Store.prepared(fresh_bench.mongo)
    assert (await collection.index_information())["link_id"]["unique"] is True


async def test_an_index_of_that_name_on_other_keys_is_named(fresh_bench: Bench) -> None:
    collection = fresh_bench.mongo.collection("things")
    await ensure_indexes(collection, [IndexModel([("a", ASCENDING)], name="mine")])
    await ensure_indexes(collection, [IndexModel([("a", ASCENDING)], name="mine")])
    with pytest.raises(SetupError, match="mine"):
        await ensure_indexes(collection, [IndexModel([("b", ASCENDING)], name="mine")])


async def test_an_archive_from_before_loses_its_unique_index(fresh_bench: Bench) -> None:
    history = fresh_bench.mongo.collection("history")
    await history.create_index([("versions.mutation", ASCENDING)], name="mutation", unique=True)
    await Store.prepared(fresh_bench.mongo)
    assert set(await history.index_information()) == {"_id_", "as_of", "archived_mutation"}


async def test_moments_come_back_with_their_time_zone(bench: Bench) -> None:
    document = {"_id": uuid.uuid4().hex, "at": bench.clock()}
    await bench.mongo.collection("things").insert_one(document)
    assert await bench.mongo.collection("things").find_one({"_id": document["_id"]}) == document


async def test_updates_wait_for_a_transaction_no_longer_than_an_operation_may(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    things, one = bench.mongo.collection("things"), uuid.uuid4().hex
    await things.insert_one({"_id": one, "n": 0})
    held, done = asyncio.Event(), asyncio.Event()

    async def work(session: mongo.Session) -> None:
        await things.update_one({"_id": one}, {"$set": {"m": 0}}, session=session)
        held.set()
        await done.wait()

    holder = asyncio.create_task(bench.mongo.transaction(work))
    await held.wait()
    monkeypatch.setattr(mongo, "OPERATION_MS", 300)
    try:
        async with asyncio.timeout(5):
            with pytest.raises(Unavailable), mongo.translated():
                await mongo.update(things, [{"q": {"_id": one}, "u": {"$inc": {"n": 1}}}])
    finally:
        done.set()
        await holder
    assert await things.find_one({"_id": one}) == {"_id": one, "n": 0, "m": 0}


async def test_a_transaction_that_fails_leaves_nothing(bench: Bench) -> None:
    one = uuid.uuid4().hex
    things = bench.mongo.collection("things")
    await things.insert_one({"_id": f"{one}-before"})

    async def work(session: mongo.Session) -> None:
        await things.insert_one({"_id": one}, session=session)
        raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError):
        await bench.mongo.transaction(work)
    assert await things.find_one({"_id": one}) is None
