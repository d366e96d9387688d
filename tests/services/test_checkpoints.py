"""Signed checkpoints: what they cover, what they follow from, and what they never vouch for."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bench, bench_on
from tests.services.factory import issued, new_asset
from twin.app import keep_checkpoints
from twin.config import Settings
from twin.domain.actor import full_actor
from twin.domain.history import Command, version_hash
from twin.errors import Refused, Unavailable
from twin.exchange import proof
from twin.services import Services, checkpoints
from twin.services.checkpoints import LEASE, SCHEDULE
from twin.services.signing import Signer
from twin.store import chains
from twin.store import checkpoints as kept

pytestmark = pytest.mark.anyio

AUDITOR = full_actor("auditor")


@pytest.fixture
async def bench(mongo_uri: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """Services on a database that is empty, with a key."""
    async with bench_on(mongo_uri, Signer(tmp_path / "checkpoint-key.pem", make=True)) as made:
        yield made


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Chunks of four leaves, so that a few twins fill several."""
    for module in ("twin.services.checkpoints", "twin.services.audit", "twin.store.checkpoints"):
        monkeypatch.setattr(f"{module}.CHUNK", 4)
    monkeypatch.setattr(checkpoints, "AT_ONCE", 3)
    return 4


async def revised(bench: Bench, twin: str, revision: int) -> None:
    command = Command(expected_revision=revision)
    await bench.services.assets.revise(AUDITOR, twin, name=f"name {revision}", attributes={}, command=command)


async def findings(bench: Bench) -> list[tuple[str, int | None]]:
    report = await bench.services.audit.check_history(AUDITOR)
    return [(finding.subject, finding.revision) for finding in report.findings]


async def test_a_checkpoint_covers_the_newest_version_of_every_twin(bench: Bench) -> None:
    audit = bench.services.audit
    twins = [await new_asset(bench, AUDITOR) for _ in range(3)] + [(await issued(bench, AUDITOR))["_id"]]
    await revised(bench, twins[0], 1)
    made = await audit.checkpoint(AUDITOR)
    assert made.signed is not None
    body = made.signed["body"]
    assert (made.is_new, made.broken, body["number"], body["previous"], body["leaves"]) == (True, [], 1, "", 5)
    assert proof.is_signed(body, made.signed["signature"], body["key"])
    newest = await bench.store.checkpoints.newest()
    assert newest is not None
    assert newest["body"] == body
    [chunk] = [chunk async for chunk in bench.store.checkpoints.chunks(newest["run"])]
    stored = {**await bench.store.assets.heads(twins), **await bench.store.labels.heads(twins)}
    leaves = {leaf["twin"]: (leaf["revision"], leaf["hash"]) for leaf in chunk["leaves"]}
    assert sorted(leaves) == [leaf["twin"] for leaf in chunk["leaves"]]
    assert {twin: leaves[twin] for twin in stored} == {
        twin: (head["revision"], head["hash"]) for twin, head in stored.items()
    }
    assert body["root"] == proof.tree_root([proof.leaf_hash(leaf) for leaf in chunk["leaves"]]).hex()


async def test_each_follows_from_the_one_before_and_none_is_made_when_nothing_changed(bench: Bench) -> None:
    audit = bench.services.audit
    assert (await audit.checkpoint(AUDITOR)).signed is None, "there is nothing to cover yet"
    twin = await new_asset(bench, AUDITOR)
    first = (await audit.checkpoint(AUDITOR)).signed
    again = await audit.checkpoint(AUDITOR)
    assert first is not None
    assert again.signed is not None
    assert (again.is_new, again.signed["body"]) == (False, first["body"])
    await revised(bench, twin, 1)
    second = (await audit.checkpoint(AUDITOR)).signed
    assert second is not None
    assert second["body"]["number"] == 2
    assert second["body"]["previous"] == proof.digest(first["body"])
    assert await findings(bench) == []
    assert await bench.mongo.collection("checkpoint_leaves").count_documents({"root": ""}) == 0, "the copy of the heads"


@pytest.mark.parametrize("count", [3, 4, 5, 8, 11])
async def test_a_tree_of_many_chunks_proves_every_twin(bench: Bench, small_chunks: int, count: int) -> None:
    audit = bench.services.audit
    twins = sorted([await new_asset(bench, AUDITOR) for _ in range(count)])
    await audit.checkpoint(AUDITOR)
    newest = await bench.store.checkpoints.newest()
    assert newest is not None
    assert len(await bench.store.checkpoints.outline(newest["run"])) == -(-count // small_chunks)
    assert newest["body"]["leaves"] == count
    for twin in twins:
        assert proof.check_bundle(await audit.proof(AUDITOR, twin)).broken is None
        report = await audit.check_history(AUDITOR, twin)
        assert (report.broken, report.uncovered_versions) == (0, 0)
    for start, most in itertools.product(["", *twins], [1, 3, 100]):
        report = await audit.check_history(AUDITOR, after=start, most=most)
        assert (report.broken, report.uncovered_versions) == (0, 0)
        assert report.twins == min(most, sum(twin > start for twin in twins))
    await new_asset(bench, AUDITOR)
    assert (await audit.checkpoint(AUDITOR)).is_new
    assert await findings(bench) == []


async def test_a_checkpoint_vouches_for_nothing_that_was_cut_rewritten_or_taken_away(bench: Bench) -> None:
    audit, assets = bench.services.audit, bench.mongo.collection("assets")
    cut, gone, whole = [await new_asset(bench, AUDITOR) for _ in range(3)]
    await revised(bench, cut, 1)
    first = (await audit.checkpoint(AUDITOR)).signed
    [before] = await assets.find({"_id": cut}).to_list(None)
    deleted = await assets.find_one({"_id": gone})
    version = before["versions"][0]
    moment = {name: version[name] for name in ("occurred_at", "recorded_at")}
    head = {"revision": 1, "hash": version["hash"], "head": version["snapshot"], "changed": moment}
    await assets.update_one({"_id": cut}, {"$set": {**head, "versions": [version]}})
    await assets.delete_one({"_id": gone})
    made = await audit.checkpoint(AUDITOR)
    assert (made.is_new, sorted(made.broken)) == (False, sorted([cut, gone]))
    await revised(bench, whole, 1)
    made = await audit.checkpoint(AUDITOR)
    assert first is not None
    assert made.signed is not None
    assert (made.is_new, sorted(made.broken)) == (True, sorted([cut, gone]))
    assert made.signed["body"]["leaves"] == first["body"]["leaves"]
    assert sorted(await findings(bench)) == sorted([(cut, 2), (gone, 1)]), "a later checkpoint has forgotten nothing"
    assert deleted is not None
    await assets.insert_one(deleted)
    await assets.replace_one({"_id": cut}, before)
    assert (await audit.checkpoint(AUDITOR)).broken == []
    assert await findings(bench) == []


@pytest.mark.parametrize("grows", [False, True], ids=["as long", "and longer"])
async def test_a_checkpoint_does_not_follow_a_history_rewritten_with_all_its_hashes(bench: Bench, grows: bool) -> None:
    audit, assets = bench.services.audit, bench.mongo.collection("assets")
    twin, other = [await new_asset(bench, AUDITOR) for _ in range(2)]
    await revised(bench, twin, 1)
    await audit.checkpoint(AUDITOR)
    [document] = await assets.find({"_id": twin}).to_list(None)
    versions = document["versions"]
    versions[0]["change"]["name"] = versions[0]["snapshot"]["name"] = "forged"
    versions[0]["hash"] = version_hash(versions[0])
    versions[1]["previous_hash"] = versions[0]["hash"]
    versions[1]["hash"] = version_hash(versions[1])
    await assets.replace_one({"_id": twin}, {**document, "hash": versions[1]["hash"]})
    if grows:
        services = await Services.on(bench.store, clock=bench.clock)
        bench.store.assets.recent.forget(twin)
        command = Command(expected_revision=2)
        await services.assets.revise(AUDITOR, twin, name="on top", attributes={}, command=command)
    await revised(bench, other, 1)
    made = await audit.checkpoint(AUDITOR)
    assert (made.is_new, made.broken) == (True, [twin])
    assert await findings(bench) == [(twin, 2)]


async def test_a_new_twin_whose_chain_is_broken_is_left_out(bench: Bench) -> None:
    audit = bench.services.audit
    whole, broken = [await new_asset(bench, AUDITOR) for _ in range(2)]
    await revised(bench, broken, 1)
    await bench.mongo.collection("assets").update_one({"_id": broken}, {"$set": {"versions.0.reason": "forged"}})
    made = await audit.checkpoint(AUDITOR)
    assert made.signed is not None
    assert (made.broken, made.signed["body"]["leaves"]) == ([broken], 1)
    assert (await audit.proof(AUDITOR, broken))["checkpoint"] is None
    assert (await audit.proof(AUDITOR, whole))["checkpoint"] is not None
    assert await findings(bench) == [(broken, 1)]


# Tampering with the checkpoints themselves

BODIES = "checkpoints"
LEAVES = "checkpoint_leaves"
FORGERIES: list[tuple[str, str, Any, Any]] = [
    ("body", BODIES, {"_id": 2}, {"$set": {"body.root": "00" * 32}}),
    ("time", BODIES, {"_id": 2}, {"$set": {"body.made_at": "2020-01-01T00:00:00.000Z"}}),
    ("signature", BODIES, {"_id": 2}, {"$set": {"signature": "00" * 64}}),
    ("no signature", BODIES, {"_id": 2}, {"$unset": {"signature": True}}),
    ("no body", BODIES, {"_id": 2}, {"$unset": {"body": True}}),
    ("a body of another type", BODIES, {"_id": 2}, {"$set": {"body": 1.5}}),
    ("an older body", BODIES, {"_id": 1}, {"$set": {"body.made_at": "2020-01-01T00:00:00.000Z"}}),
    ("an older number", BODIES, {"_id": 1}, {"$set": {"body.number": 7}}),
    ("other leaves", BODIES, {"_id": 2}, [{"$set": {"run": "another"}}]),
    ("a leaf", LEAVES, {"index": 0}, {"$set": {"leaves.1.revision": 7}}),
    ("a leaf's type", LEAVES, {"index": 0}, {"$set": {"leaves.1": "x"}}),
    ("leaves", LEAVES, {"index": 1}, {"$set": {"leaves": []}}),
    ("a leaf less", LEAVES, {"index": 0}, {"$pop": {"leaves": 1}}),
    ("a chunk's root", LEAVES, {"index": 0}, {"$set": {"root": "00" * 32}}),
    ("a chunk's root's type", LEAVES, {"index": 0}, {"$set": {"root": 7}}),
    ("a chunk's last", LEAVES, {"index": 0}, {"$set": {"last": ""}}),
    ("a chunk's place", LEAVES, {"index": 1}, {"$set": {"index": 9}}),
]


@pytest.mark.parametrize(("name", "query", "update"), [row[1:] for row in FORGERIES], ids=[row[0] for row in FORGERIES])
async def test_a_forged_checkpoint_is_reported_and_none_follows_it(
    bench: Bench, small_chunks: int, name: str, query: Any, update: Any
) -> None:
    audit = bench.services.audit
    twins = [await new_asset(bench, AUDITOR) for _ in range(6)]
    await audit.checkpoint(AUDITOR)
    await revised(bench, twins[0], 1)
    await audit.checkpoint(AUDITOR)
    newest = await bench.store.checkpoints.newest()
    assert newest is not None
    if name == LEAVES:
        query = {**query, "run": newest["run"]}
    assert await findings(bench) == []
    assert (await bench.mongo.collection(name).update_one(query, update)).modified_count == 1
    found = await findings(bench)
    assert found
    assert all(subject.startswith("checkpoint") for subject, _ in found), "the twins themselves are whole"
    await revised(bench, twins[1], 1)
    if query.get("_id") != 1:  # the newest one alone is what the next must follow from
        with pytest.raises(Refused, match="heckpoint 2"):
            await audit.checkpoint(AUDITOR)
        newest = await bench.store.checkpoints.newest()
        assert newest is not None
        assert newest["_id"] == 2


async def test_a_missing_checkpoint_is_reported(bench: Bench) -> None:
    audit = bench.services.audit
    twin = await new_asset(bench, AUDITOR)
    for revision in (1, 2, 3):
        await audit.checkpoint(AUDITOR)
        await revised(bench, twin, revision)
    await bench.mongo.collection("checkpoints").delete_one({"_id": 2})
    assert [subject for subject, _ in await findings(bench)] == ["checkpoint 3"]


async def test_a_checkpoint_of_another_key_is_not_followed_unless_that_key_is_trusted(
    bench: Bench, tmp_path: Path
) -> None:
    twin = await new_asset(bench, AUDITOR)
    await bench.services.audit.checkpoint(AUDITOR)
    await revised(bench, twin, 1)
    newer = tmp_path / "newer.pem"
    other = Signer(newer, make=True)
    assert other.key
    audit = (await Services.on(bench.store, signer=other, clock=bench.clock)).audit
    with pytest.raises(Refused, match="checkpoint 1 is not what a key of this service signed"):
        await audit.checkpoint(AUDITOR)
    assert [one.subject for one in (await audit.check_history(AUDITOR)).findings] == ["checkpoints"]
    newer.write_text(newer.read_text() + bench.services.audit.public_pem)
    audit = (await Services.on(bench.store, signer=Signer(newer, make=False), clock=bench.clock)).audit
    made = await audit.checkpoint(AUDITOR)
    assert made.signed is not None
    assert (made.is_new, made.signed["body"]["number"], made.signed["body"]["key"]) == (True, 2, other.key)
    assert (await audit.check_history(AUDITOR)).broken == 0


# Several processes, and time


async def test_of_several_that_ask_at_once_one_makes_it(bench: Bench) -> None:
    twin = await new_asset(bench, AUDITOR)
    audit = bench.services.audit
    answers = await asyncio.gather(*(audit.checkpoint(AUDITOR) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(answer, Unavailable) for answer in answers) == 2
    await revised(bench, twin, 1)
    made = await asyncio.gather(*(bench.services.audit.checkpoint_in_turn(AUDITOR, 3600) for _ in range(5)))
    assert sum(one is not None for one in made) == 1
    assert await bench.services.audit.checkpoint_in_turn(AUDITOR, 3600) is None
    assert await bench.mongo.collection("checkpoints").count_documents({}) == 2


async def test_a_turn_that_failed_is_free_again(bench: Bench) -> None:
    await new_asset(bench, AUDITOR)
    token = await bench.store.leases.take(LEASE, 60)
    assert token is not None
    with pytest.raises(Unavailable):
        await bench.services.audit.checkpoint_in_turn(AUDITOR, 3600)
    await bench.store.leases.release(LEASE, token)
    assert await bench.services.audit.checkpoint_in_turn(AUDITOR, 3600) is not None


async def test_who_lost_the_lease_stops_and_leaves_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await new_asset(bench, AUDITOR)

    async def lost(*_: object) -> bool:
        return False

    monkeypatch.setattr(type(bench.store.leases), "extend", lost)
    with pytest.raises(Unavailable, match="another process has begun"):
        await bench.services.audit.checkpoint(AUDITOR)
    assert await bench.mongo.collection("checkpoints").count_documents({}) == 0
    assert await bench.mongo.collection("checkpoint_leaves").count_documents({}) == 0


async def test_writers_meanwhile_are_covered_up_to_one_point(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A twin is revised, and another is born, while the heads are read: neither is in the checkpoint."""
    twins = sorted([await new_asset(bench, AUDITOR) for _ in range(3)])
    label = (await issued(bench, AUDITOR))["_id"]
    heads = chains.Chains.heads_at_one_point
    revision: dict[str, int] = {}

    async def slow(self: chains.Chains) -> AsyncIterator[dict[str, Any]]:
        async for head in heads(self):
            if not revision:
                await revised(bench, twins[2], 1)
                await bench.services.labels.revise(
                    AUDITOR, label, face={}, attributes={"note": "x"}, command=Command(expected_revision=1)
                )
                await issued(bench, AUDITOR)
            revision[head["_id"]] = head["revision"]
            yield head

    monkeypatch.setattr(chains.Chains, "heads_at_one_point", slow)
    made = await bench.services.audit.checkpoint(AUDITOR)
    assert made.signed is not None
    assert made.signed["body"]["leaves"] == len(revision) == 5
    assert (revision[twins[2]], revision[label]) == (1, 1)
    report = await bench.services.audit.check_history(AUDITOR)
    assert (report.broken, report.twins, report.uncovered_versions) == (0, 7, 4)


async def test_leaves_of_old_checkpoints_go_and_bodies_stay(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LEAVES_KEPT", 2)
    twin = await new_asset(bench, AUDITOR)
    for revision in range(1, 6):
        await bench.services.audit.checkpoint(AUDITOR)
        await revised(bench, twin, revision)
    assert await bench.mongo.collection("checkpoints").count_documents({}) == 5
    numbers = await bench.mongo.collection("checkpoint_leaves").distinct("number")
    assert numbers == [1, 4, 5], "the first of the month, and the newest two"
    assert await findings(bench) == []


async def test_the_schedule_goes_on_after_a_failure_and_reports_what_is_broken(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    twin = await new_asset(bench, AUDITOR)
    waited: list[float] = []
    settings = Settings(checkpoint_every=3600)
    key = await bench.store.leases.take(LEASE, 3600)
    assert key is not None

    class Enough(Exception):
        pass

    async def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            await bench.store.leases.release(LEASE, key)
        if len(waited) == 3:
            turn = bench.mongo.collection("leases")
            await turn.delete_one({"_id": SCHEDULE})
            await bench.mongo.collection("assets").delete_one({"_id": twin})
        if len(waited) == 4:
            raise Enough

    with pytest.raises(Enough):
        await keep_checkpoints(bench.services, settings, pause)
    assert waited == [60, 60, 60, 60]
    assert "no checkpoint could be made" in caplog.text
    assert f"1 twins do not extend the checkpoint before (twin check-history): {twin}" in caplog.text
    assert await bench.mongo.collection("checkpoints").count_documents({}) == 1
    await keep_checkpoints(bench.services, Settings(checkpoint_every=0), pause)
    assert len(waited) == 4
