"""Backup and restore: everything comes back as it was, as of one moment, or nothing does."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import bench_on
from tests.services.factory import applied, issued, new_asset, new_vin, why
from twin.domain.actor import full_actor
from twin.domain.history import Command
from twin.errors import InvalidInput, Refused, SetupError
from twin.store.backup import backup, restore

if TYPE_CHECKING:
    from tests.conftest import Bench
    from twin.domain.actor import Actor

pytestmark = pytest.mark.anyio


async def everything(bench: Bench) -> dict[str, list[Any]]:
    """Every document of every collection."""
    return {
        name: sorted(
            await bench.mongo.collection(name).find({}).to_list(None), key=lambda document: str(document["_id"])
        )
        for name in await bench.mongo.collections()
    }


async def lived_in(bench: Bench, actor: Actor) -> str:
    """Some twins, one of them with an archive, an identifier, a scan and a key; the id of the busy label."""
    label = await applied(bench, actor, await new_asset(bench, actor, f"vin:{new_vin()}"))
    for number in range(40):
        change = Command(expected_revision=3 + number)
        await bench.services.labels.revise(actor, label["_id"], face={}, attributes={"n": str(number)}, command=change)
    await bench.services.replacements.replace(
        actor, (await issued(bench, actor))["_id"], by=None, face=None, command=why()
    )
    await bench.services.scans.record(actor, "a list", command=Command())
    await bench.services.keys.add(full_actor("chief"), "gate", roles=["operator"])
    await bench.store.serials.define({"_id": "tool", "style": "RANDOM", "prefix": "", "length": 8}, {}, used=7)
    return str(label["_id"])


async def test_everything_comes_back_as_it_was(
    fresh_bench: Bench, mongo_uri: str, actor: Actor, tmp_path: Path
) -> None:
    twin = await lived_in(fresh_bench, actor)
    said: list[int] = []
    counts = await backup(fresh_bench.mongo, tmp_path / "all.twins", said.append)
    before = await everything(fresh_bench)
    assert counts == {name: len(documents) for name, documents in before.items()}
    assert sum(said) == sum(counts.values())
    async with bench_on(mongo_uri) as other:
        for name in ("deployment",):  # what a new service writes before anything is restored
            await other.mongo.collection(name).delete_many({})
        restored = await restore(other.mongo, tmp_path / "all.twins", said.append)
        assert {name: count for name, count in counts.items() if count} == restored
        after = await everything(other)
        assert {name: found for name, found in after.items() if found} == {
            name: found for name, found in before.items() if found
        }
        versions = await other.services.labels.versions(actor, twin, 1, 43)
        assert [version["revision"] for version in versions] == list(range(1, 44))
        assert await other.store.serials.take("tool", 9) == 8


async def test_a_backup_is_of_one_moment(fresh_bench: Bench, mongo_uri: str, actor: Actor, tmp_path: Path) -> None:
    """While others write: no identifier without its asset, no label that replaced one which is not replaced."""
    await lived_in(fresh_bench, actor)
    done, written = asyncio.Event(), asyncio.Semaphore(0)

    async def write() -> None:
        while not done.is_set():
            label = await issued(fresh_bench, actor, await new_asset(fresh_bench, actor, f"vin:{new_vin()}"))
            await fresh_bench.services.replacements.replace(actor, label["_id"], by=None, face=None, command=why())
            written.release()

    writers = [asyncio.create_task(write()) for _ in range(4)]
    for number in range(5):
        for _ in range(2):
            await written.acquire()
        await backup(fresh_bench.mongo, tmp_path / f"{number}.twins", lambda _: None)
    done.set()
    await asyncio.gather(*writers)
    async with bench_on(mongo_uri) as other:
        for number in range(5):
            for name in await other.mongo.collections():
                await other.mongo.collection(name).delete_many({})
            await restore(other.mongo, tmp_path / f"{number}.twins", lambda _: None)
            found = await everything(other)
            assets = {asset["_id"] for asset in found["assets"]}
            assert {identifier["asset"] for identifier in found["identifiers"]} <= assets
            replaced = {label["_id"] for label in found["labels"] if label["head"]["state"] == "REPLACED"}
            assert {label["head"]["replaces"] for label in found["labels"] if "replaces" in label["head"]} == replaced


async def test_only_an_empty_database_is_restored_into(fresh_bench: Bench, actor: Actor, tmp_path: Path) -> None:
    await lived_in(fresh_bench, actor)
    await backup(fresh_bench.mongo, tmp_path / "all.twins", lambda _: None)
    before = await everything(fresh_bench)
    with pytest.raises(Refused, match="expected an empty one"):
        await restore(fresh_bench.mongo, tmp_path / "all.twins", lambda _: None)
    assert await everything(fresh_bench) == before


async def test_a_backup_does_not_overwrite_and_leaves_no_part(fresh_bench: Bench, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    with pytest.raises(Refused, match="there already"):
        await backup(fresh_bench.mongo, there, lambda _: None)
    assert there.read_text() == "mine"
    with pytest.raises(SetupError, match="cannot be written"):
        await backup(fresh_bench.mongo, tmp_path / "no" / "folder", lambda _: None)
    assert [path.name for path in tmp_path.glob("*")] == ["there"]  # noqa: ASYNC240 - a test's own folder


async def test_a_file_that_is_not_whole_restores_nothing(
    fresh_bench: Bench, mongo_uri: str, actor: Actor, tmp_path: Path
) -> None:
    await lived_in(fresh_bench, actor)
    whole = tmp_path / "all.twins"
    await backup(fresh_bench.mongo, whole, lambda _: None)
    plain = gzip.decompress(whole.read_bytes())
    at = plain.index(b"VERIFIED") if b"VERIFIED" in plain else plain.index(b"APPLIED")
    broken = {
        "empty": b"",
        "text": b"not a backup",
        "cut": whole.read_bytes()[:-200],
        "another format": gzip.compress(plain.replace(b"label-twin-backup", b"label-twin-BACKUP")),
        "a byte flipped": gzip.compress(plain[:at] + b"X" + plain[at + 1 :]),
        "cut between documents": gzip.compress(plain[: int.from_bytes(plain[:4], "little")]),
        "a huge document": gzip.compress(plain[: int.from_bytes(plain[:4], "little")] + b"\xff\xff\xff\x7f"),
    }
    async with bench_on(mongo_uri) as other:
        await other.mongo.collection("deployment").delete_many({})
        for what, content in broken.items():
            file = tmp_path / "broken"
            file.write_bytes(content)
            with pytest.raises(InvalidInput, match="not a whole backup"):
                await restore(other.mongo, file, lambda _: None)
            assert not any((await everything(other)).values()), what
        with pytest.raises(InvalidInput, match="No such file"):
            await restore(other.mongo, tmp_path / "missing", lambda _: None)
