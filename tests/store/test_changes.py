"""The feed in a real MongoDB: what its events look like, which version each tells, and where it can go on."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.conftest import Bench
from tests.replicaset import free_ports, replica_set
from tests.store.test_twins import born, grown, stored, version
from twin.domain.history import Document
from twin.errors import CursorTooOld, Unavailable
from twin.store import Store, mongo
from twin.store.changes import PIPELINE, Change, ChangeFeed, Stream, change_of
from twin.store.embedded import find_mongod
from twin.store.mongo import Mongo, connected
from twin.store.twins import MOST_KEPT

pytestmark = pytest.mark.anyio

WAIT_MS = 100


@pytest.fixture
def twin() -> str:
    return f"ast_{uuid.uuid4().hex}"


@asynccontextmanager
async def watching(mongo: Mongo, twin: str) -> AsyncIterator[Any]:
    """The raw events of one twin, as `next` of what this yields."""
    async with mongo.watch(list(PIPELINE), max_await_time_ms=WAIT_MS) as watched:

        async def following() -> AsyncIterator[dict[str, Any]]:
            while True:
                event = await watched.try_next()
                if event is not None and event["documentKey"]["_id"].startswith(twin):
                    yield event

        yield following()


async def told(stream: Stream, twin: str, count: int) -> list[Change]:
    """The next changes of the twins whose ids begin so."""
    found: list[Change] = []
    while len(found) < count:
        change = await stream.next()
        if change is not None and change.twin.startswith(twin):
            found.append(change)
    return found


async def all_of(stream: Stream, changes: list[Change]) -> None:
    """Add to the changes for as long as the stream lives."""
    while True:
        change = await stream.next()
        if change is not None:
            changes.append(change)


def shape(event: Document) -> list[str]:
    """The names of the fields that the event holds, numbers left out."""
    if event["operationType"] == "insert":
        return sorted(event["fullDocument"])
    description = event["updateDescription"]
    assert description["removedFields"] == []
    assert description.get("truncatedArrays", []) == []
    return sorted(re.sub(r"\.\d+$", ".N", name) for name in description["updatedFields"])


async def test_what_mongodb_reports_of_each_kind_of_write(bench: Bench, twin: str) -> None:
    twins, last = bench.store.assets, 2 * MOST_KEPT + 3
    async with watching(bench.mongo, twin) as events:
        document = await grown(twins, twin, last)
        await twins.append(document, version(document, twin), [{"asset": twin}])
        found = [await anext(events) for _ in range(last + 1)]
    assert {"versions", "revision", "head"} <= set(shape(found[0]))
    dropped: list[dict[str, Any]] = []
    for event in found[1:]:
        names = [name for name in shape(event) if name.startswith("versions")]
        assert {"revision", "hash", "changed"} <= set(shape(event))
        assert not {name.partition(".")[0] for name in shape(event)} & {"head", "since", "bindings", "words"}
        assert names in (["versions.N"], ["versions"])
        if names == ["versions"]:
            dropped.append(event)
    # 33, 49 and 65: a full array goes over as a whole, of which the last is new
    assert [event["updateDescription"]["updatedFields"]["revision"] for event in dropped] == [33, 49, 65]
    for event in dropped:
        updated = event["updateDescription"]["updatedFields"]
        assert [kept["revision"] for kept in updated["versions"]][-1] == updated["revision"]
    versions = await twins.versions(await stored(twins, twin))
    changes = [change_of(event) for event in found]
    assert [change and change.version for change in changes] == versions
    assert [change and (change.kind, change.twin) for change in changes] == [("asset", twin)] * (last + 1)
    assert all(change is not None and 300 < change.size < 2_000 for change in changes)


async def test_a_transaction_tells_of_each_of_its_twins_at_a_position_of_its_own(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    before = await grown(twins, twin, MOST_KEPT)
    async with bench.store.changes.stream(wait_ms=WAIT_MS) as stream:

        async def work(session: Any) -> None:
            await twins.insert([(version(None, f"{twin}{n}"), []) for n in range(3)], session=session)
            await twins.append(before, version(before, twin), session=session)

        await bench.mongo.transaction(work)
        changes = await told(stream, twin, 4)
    assert [change.twin for change in changes] == [f"{twin}0", f"{twin}1", f"{twin}2", twin]
    assert [change.version["revision"] for change in changes] == [1, 1, 1, MOST_KEPT + 1]
    positions = [change.position for change in changes]
    assert positions == sorted(set(positions))
    async with bench.store.changes.stream(positions[1], wait_ms=WAIT_MS) as stream:  # in the middle of it
        assert [change.position for change in await told(stream, twin, 2)] == positions[2:]


async def test_a_write_of_no_version_tells_nothing(bench: Bench, twin: str, caplog: pytest.LogCaptureFixture) -> None:
    twins = bench.store.assets
    await born(twins, twin)
    async with bench.store.changes.stream(wait_ms=WAIT_MS) as stream:
        await twins.collection.update_one({"_id": twin}, {"$set": {"looked_at": True}})
        await twins.collection.update_one({"_id": twin}, {"$set": {"revision": 7}})
        await twins.collection.update_one({"_id": twin}, {"$set": {"revision": 1}})
        document = await stored(twins, twin)
        await twins.append(document, version(document, twin))
        [change] = await told(stream, twin, 1)
    assert change.version["revision"] == 2
    assert f"{twin} has a revision 7 without a version" in caplog.text


async def test_positions_sort_as_the_changes_do_and_each_can_be_gone_on_from(bench: Bench, twin: str) -> None:
    feed = bench.store.changes
    async with feed.stream(wait_ms=WAIT_MS) as stream:
        start = stream.position
        await grown(bench.store.assets, twin, 20)
        changes = await told(stream, twin, 20)
        assert stream.position >= changes[-1].position
    positions = [change.position for change in changes]
    assert start < positions[0]
    assert positions == sorted(set(positions))
    for after, number in ((start, 0), (positions[0], 1), (positions[9], 10), (positions[18], 19)):
        async with feed.stream(after, wait_ms=WAIT_MS) as stream:
            assert await told(stream, twin, 20 - number) == changes[number:]


async def test_a_reader_that_gives_up_leaves_when_the_driver_has_answered(bench: Bench, twin: str) -> None:
    async with bench.store.changes.stream(wait_ms=WAIT_MS) as stream:
        waiting = asyncio.create_task(told(stream, twin, 1))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await born(bench.store.assets, twin)
        assert len(await told(stream, twin, 1)) == 1  # the stream is whole


async def test_a_position_that_never_was_is_too_old(bench: Bench, twin: str) -> None:
    async with bench.store.changes.stream(wait_ms=WAIT_MS) as stream:
        await born(bench.store.assets, twin)
        [change] = await told(stream, twin, 1)
    seconds = int.from_bytes(change.position[1:5])
    earlier = change.position[:1] + (seconds - 5).to_bytes(4) + change.position[5:]
    with pytest.raises(CursorTooOld) as refused:  # the server's error 280
        async with bench.store.changes.stream(earlier, wait_ms=WAIT_MS) as stream:
            await stream.next()
    assert "Start without a cursor, read the lists anew" in refused.value.message
    assert refused.value.path == ("after",)


async def test_a_dropped_database_ends_the_stream(fresh_bench: Bench, twin: str) -> None:
    await born(fresh_bench.store.assets, twin)
    async with fresh_bench.store.changes.stream(wait_ms=WAIT_MS) as stream:
        database = fresh_bench.store.assets.collection.database
        await database.client.drop_database(database.name)
        with pytest.raises(CursorTooOld):
            await all_of(stream, [])


@contextmanager
def tiny_oplog(folder: Path) -> Iterator[str]:
    """A replica set of one mongod that forgets what was written a megabyte ago."""
    [port] = free_ports(1)
    command: list[str | Path] = [find_mongod(), "--port", str(port), "--bind_ip", "127.0.0.1", "--dbpath", folder]
    command += ["--quiet", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25", "--replSet", "tiny"]
    command += ["--oplogSize", "1", "--syncdelay", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with MongoClient[dict[str, Any]]("127.0.0.1", port, directConnection=True) as client:
                members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
                client.admin.command("replSetInitiate", {"_id": "tiny", "members": members})
            yield f"mongodb://127.0.0.1:{port}/?replicaSet=tiny"
        finally:
            process.kill()


async def test_a_position_that_the_oplog_has_rolled_over_is_too_old(tmp_path: Path, twin: str) -> None:
    with tiny_oplog(tmp_path) as uri:
        async with connected(uri, "test") as mongo:
            store = await Store.prepared(mongo)
            async with store.changes.stream(wait_ms=WAIT_MS) as stream:
                await born(store.assets, twin)
                [change] = await told(stream, twin, 1)

            async def fill() -> None:
                while True:  # until the server has dropped the oldest part of its oplog: a second or two
                    await mongo.collection("filler").insert_many([{"x": os.urandom(100_000)} for _ in range(20)])
                    async with store.changes.stream(change.position, wait_ms=1) as stream:
                        await stream.next()

            with pytest.raises(CursorTooOld) as refused:
                await fill()
            assert getattr(refused.value.__cause__, "code", None) == 286


async def test_a_stream_goes_on_after_the_server_was_killed(
    tmp_path: Path, twin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "CONNECT_MS", 1_000)
    with replica_set(tmp_path, size=1) as members:
        async with connected(members.uri, "test") as connection:
            store = await Store.prepared(connection)
            async with store.changes.stream(wait_ms=WAIT_MS) as stream:
                document = await grown(store.assets, twin, 3)
                changes = await told(stream, twin, 2)
                await asyncio.to_thread(members.members[0].end, signal.SIGKILL)
                with pytest.raises(Unavailable):
                    await all_of(stream, changes)
                await asyncio.to_thread(members.members[0].start)
                await asyncio.to_thread(members.primary)
                await store.assets.append(document, version(document, twin))
                while len(changes) < 4:
                    changes += await told(stream, twin, 1)
    assert [change.version["revision"] for change in changes] == [1, 2, 3, 4]


async def test_a_feed_of_a_server_that_is_gone_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongo, "CONNECT_MS", 500)
    with replica_set(tmp_path, size=1) as members:
        async with connected(members.uri, "test") as connection:
            await asyncio.to_thread(members.members[0].end, signal.SIGKILL)
            with pytest.raises(Unavailable):
                async with ChangeFeed(connection).stream(wait_ms=WAIT_MS):
                    pass
