"""The change feed: each version once and in order for every subscriber, whatever happens to it."""

from __future__ import annotations

import asyncio
import base64
import random
import re
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bench, bench_on
from tests.replicaset import replica_set
from tests.services.factory import applied, issued, new_asset, preprinted, printed, why
from twin.domain.actor import ANONYMOUS, Actor, Permission
from twin.domain.history import Command
from twin.errors import (
    CursorTooOld,
    FellBehind,
    Forbidden,
    InvalidInput,
    NotFound,
    RevisionConflict,
    Unauthenticated,
    Unavailable,
)
from twin.services import fanout
from twin.services.changes import Changes, Told, Wanted
from twin.services.labels import Order

pytestmark = pytest.mark.anyio

WRITERS = 16

Key = tuple[str, int]


def key_of(told: Told) -> Key:
    return told.twin, told.version["revision"]


def is_of(twin: str, revision: int = 1) -> Callable[[Told], bool]:
    return lambda change: key_of(change) == (twin, revision)


async def take(changes: AsyncGenerator[Told, None], count: int) -> list[Told]:
    return [await anext(changes) for _ in range(count)]


async def until(changes: AsyncGenerator[Told, None], last: Callable[[Told], bool]) -> list[Told]:
    """The changes up to one that is the last."""
    found: list[Told] = []
    while not found or not last(found[-1]):
        found.append(await anext(changes))
    return found


async def revised(bench: Bench, actor: Actor, twin: str, **attributes: str) -> None:
    """One more version of an asset, whoever else writes it."""
    while True:
        head = await bench.services.assets.find(actor, twin)
        command = Command(expected_revision=head["revision"])
        with suppress(RevisionConflict):
            await bench.services.assets.revise(actor, twin, name=None, attributes=attributes, command=command)
            return


async def written(bench: Bench, actor: Actor, writer: int, shared: str) -> None:
    """What one of many writers does: births, moves, batches, replacements, and revisions of what others revise too."""
    asset = await new_asset(bench, actor)
    for number in range(36):  # past the archive
        await revised(bench, actor, asset, count=str(number))
        if number % 6 == 0:
            await revised(bench, actor, shared, **{f"writer{writer}": str(number)})
    orders = [Order(asset, "asset_tag", {"tag": str(number)}) for number in range(12)]
    labels = await bench.services.labels.issue(actor, orders, Command())
    for label in labels[:3]:
        await bench.services.replacements.replace(actor, label["_id"], by=None, face=None, command=why())
    await bench.services.labels.void(actor, labels[3]["_id"], why())


async def stored(bench: Bench) -> set[Key]:
    """Every version of every twin."""
    found: set[Key] = set()
    for twins in (bench.store.assets, bench.store.labels):
        async for document in twins.collection.find({}, {"revision": True}):
            found |= {(document["_id"], revision) for revision in range(1, document["revision"] + 1)}
    return found


def check(got: list[Key], expected: set[Key]) -> None:
    """Each once, and those of each twin in order."""
    assert len(got) == len(set(got)), "told twice"
    assert set(got) == expected
    seen: dict[str, int] = {}
    for twin, revision in got:
        assert revision == seen.get(twin, 0) + 1, f"{twin}: {revision} after {seen.get(twin, 0)}"
        seen[twin] = revision


async def test_all_that_sixteen_writers_write_is_told_once_and_in_order(fresh_bench: Bench, actor: Actor) -> None:
    """One subscriber from before the writes, and others that come and go at random and go on from their cursors."""
    bench, changes, chance = fresh_bench, fresh_bench.services.changes, random.Random(20261122)  # noqa: S311
    start = await changes.now(actor)
    end: list[Key] = []  # the last change, known before it is written: it may be told before its writer is answered

    async def steady(ready: asyncio.Event) -> list[Key]:
        async with changes.of_all(actor) as told:
            ready.set()
            found = await until(told, lambda change: [key_of(change)] == end)
        return [key_of(change) for change in found]

    async def restless() -> list[Key]:
        found: list[Key] = []
        cursor = start
        while not end or end[0] not in found:
            async with changes.of_all(actor, after=cursor) as told:
                for _ in range(chance.randrange(1, 60)):
                    change = await anext(told)
                    found.append(key_of(change))
                    cursor = change.cursor
                    if end and end[0] == found[-1]:
                        break
        return found

    ready = asyncio.Event()
    subscribers = [asyncio.create_task(steady(ready)), *(asyncio.create_task(restless()) for _ in range(4))]
    await ready.wait()
    shared = await new_asset(bench, actor)
    await asyncio.gather(*(written(bench, actor, writer, shared) for writer in range(WRITERS)))
    last = await new_asset(bench, actor)
    end.append((last, 2))
    await revised(bench, actor, last, shelf="13")
    expected = await stored(bench)
    assert len(expected) > WRITERS * 50
    for subscriber in subscribers:
        check(await subscriber, expected)
    assert changes.subscribers == 0


async def test_a_change_tells_the_version_as_the_history_does(bench: Bench, actor: Actor) -> None:
    async with bench.services.changes.of_all(actor) as told:
        label = await applied(bench, actor)
        asset = label["head"]["asset"]
        found = await until(told, lambda change: key_of(change) == (label["_id"], 3))
    mine = [change for change in found if change.twin in (label["_id"], asset)]
    assert [(change.kind, change.twin) for change in mine] == [("asset", asset), *[("label", label["_id"])] * 3]
    assert [change.version for change in mine[1:]] == await bench.services.labels.versions(actor, label["_id"], 1, 3)
    assert mine[-1].version["snapshot"] == label["head"]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{60,200}", change.cursor) for change in mine)


async def test_a_subscriber_gets_only_what_it_wants(bench: Bench, actor: Actor) -> None:
    changes, start = bench.services.changes, await bench.services.changes.now(actor)
    label = await issued(bench, actor)
    wanted = {
        "all": Wanted(),
        "assets": Wanted(kinds=frozenset({"asset"})),
        "labels": Wanted(kinds=frozenset({"label"})),
        "plates": Wanted(profiles=frozenset({"vin_plate"})),
        "tags": Wanted(kinds=frozenset({"label"}), profiles=frozenset({"asset_tag"})),
    }
    last = await new_asset(bench, actor)
    tag = await issued(bench, actor)
    found: dict[str, list[str]] = {}
    for name, filtered in wanted.items():
        end = tag["_id"] if name in ("all", "labels", "tags") else tag["head"]["asset"]
        async with changes.of_all(actor, filtered, start) as told:
            found[name] = [change.twin for change in await until(told, is_of(end))]
    assets = [label["head"]["asset"], last, tag["head"]["asset"]]
    assert [twin for twin in found["assets"] if twin in assets] == assets
    assert [twin for twin in found["plates"] if twin.startswith("lbl_")] == []
    assert set(found["plates"]) >= set(assets)
    assert [twin for twin in found["tags"] if twin in (label["_id"], tag["_id"])] == [label["_id"], tag["_id"]]
    assert not [twin for twin in found["labels"] if twin.startswith("ast_")]
    assert set(found["all"]) >= {*assets, label["_id"], tag["_id"]}


async def test_whoever_holds_the_link_is_told_what_is_public(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    async with bench.services.changes.of_label(ANONYMOUS, label["head"]["link_id"]) as told:
        other = await issued(bench, actor)
        command = Command(expected_revision=1, reason="secret")
        await bench.services.labels.revise(
            actor, label["_id"], face={"tag": "8"}, attributes={"shelf": "3"}, command=command
        )
        await bench.services.labels.void(actor, other["_id"], why())
        await bench.services.labels.void(actor, label["_id"], why("secret too"))
        changes = await take(told, 2)
    assert [key_of(change) for change in changes] == [(label["_id"], 2), (label["_id"], 3)]
    for change in changes:
        assert not {"actor", "reason", "change", "mutation", "digest", "evidence"} & set(change.version)
        assert not {"attributes", "issuer"} & set(change.version["snapshot"])
        assert "secret" not in repr(change)
    public = await bench.services.labels.versions(ANONYMOUS, label["head"]["link_id"], 2, 3)
    assert [change.version for change in changes] == public
    async with bench.services.changes.of_label(actor, label["head"]["link_id"], "r1") as told:
        assert [change.version["reason"] for change in await take(told, 2)] == ["secret", "secret too"]


async def test_all_changes_need_the_right_to_read(bench: Bench) -> None:
    may_scan = Actor("scanner", frozenset({Permission.RECORD_SCANS}), ANONYMOUS.audiences)
    for caller, error in ((ANONYMOUS, Unauthenticated), (may_scan, Forbidden)):
        with pytest.raises(error):
            async with bench.services.changes.of_all(caller):
                pass
        with pytest.raises(error):
            await bench.services.changes.now(caller)


async def test_a_label_is_followed_through_its_archive_while_it_is_written(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    link, count = label["head"]["link_id"], 90

    async def write() -> None:
        for revision in range(1, count):
            command = Command(expected_revision=revision)
            await bench.services.labels.revise(
                actor, label["_id"], face={}, attributes={"n": str(revision)}, command=command
            )

    async def follow(chance: random.Random) -> list[int]:
        last = 0
        found: list[int] = []
        while last < count:
            async with bench.services.changes.of_label(ANONYMOUS, link, f"r{last}") as told:
                for change in await take(told, min(chance.randrange(1, 30), count - last)):
                    found.append(change.version["revision"])
                    assert change.cursor == f"r{found[-1]}"
                    last = found[-1]
        return found

    followers = [asyncio.create_task(follow(random.Random(seed))) for seed in range(5)]  # noqa: S311
    await write()
    assert await asyncio.gather(*followers) == [list(range(1, count + 1))] * 5


async def test_a_label_that_is_not_there_and_a_cursor_that_is_not_its_own(bench: Bench, actor: Actor) -> None:
    label = await preprinted(bench, actor)
    link = label["head"]["link_id"]
    changes = bench.services.changes
    for key in ("0123456789ABC8", "nonsense", ""):
        with pytest.raises(NotFound):
            async with changes.of_label(ANONYMOUS, key):
                pass
    for cursor in ("r2", "r-1", "1", "r", "r1.0", "r9999999999999", "²", "r²", "", await changes.now(actor)):
        with pytest.raises(InvalidInput, match="is not a cursor of this label's history"):
            async with changes.of_label(ANONYMOUS, link, cursor):
                pass
    assert changes.subscribers == 0


async def test_a_cursor_that_is_none(bench: Bench, actor: Actor) -> None:
    changes = bench.services.changes
    cursor = await changes.now(actor)
    for text in ("", "x", "r1", "é", "\x00", "A" * 5_000, cursor[:9], base64.urlsafe_b64encode(b"1 ast_x").decode()):
        with pytest.raises(InvalidInput, match="is not a cursor of the changes") as refused:
            async with changes.of_all(actor, after=text):
                pass
        assert refused.value.path == ("after",)
        assert not isinstance(refused.value, CursorTooOld)


async def test_a_cursor_that_was_changed_or_is_of_another_deployment_is_too_old(
    bench: Bench, fresh_bench: Bench, actor: Actor
) -> None:
    ours, theirs = await bench.services.changes.now(actor), await fresh_bench.services.changes.now(actor)
    for cursor in (theirs, ours[:-4] + "AAAA", ours + "AAAA"):
        with pytest.raises(CursorTooOld):
            async with bench.services.changes.of_all(actor, after=cursor):
                pass


async def test_a_cursor_whose_changes_are_gone_is_too_old(bench: Bench, actor: Actor) -> None:
    """A restored deployment has its secret, and so its cursors, but another oplog."""
    changes = bench.services.changes
    async with changes.of_all(actor) as told:
        asset = await new_asset(bench, actor)
        [*_, change] = await until(told, lambda change: change.twin == asset)
    position = changes._position_of(change.cursor)
    gone = changes._cursor_of(position[:1] + (int.from_bytes(position[1:5]) - 5).to_bytes(4) + position[5:])
    with pytest.raises(CursorTooOld):
        async with changes.of_all(actor, after=gone) as told:
            await anext(told)


async def test_one_that_does_not_keep_up_is_cut_and_the_others_are_not(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "MOST_WAITING", 10)
    asset = await new_asset(bench, actor)
    async with bench.services.changes.of_all(actor) as slow, bench.services.changes.of_all(actor) as keen:
        for number in range(30):
            await revised(bench, actor, asset, n=str(number))
            await until(keen, is_of(asset, number + 2))
        with pytest.raises(FellBehind, match="10 changes were waiting") as cut:
            await take(slow, 30)
        assert cut.value.code == "FELL_BEHIND"


async def test_what_waits_is_bounded_in_bytes_too(bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "MOST_WAITING_BYTES", 30_000)
    asset = await new_asset(bench, actor)
    async with bench.services.changes.of_all(actor) as slow, bench.services.changes.of_all(actor) as keen:
        for number in range(4):
            await revised(bench, actor, asset, **{f"field{n}": f"{number}" * 900 for n in range(8)})
            await until(keen, is_of(asset, number + 2))
        with pytest.raises(FellBehind):
            await take(slow, 4)


async def test_there_is_an_end_to_how_many_may_listen(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "MOST_LISTENERS", 1)
    async with bench.services.changes.of_all(actor):
        with pytest.raises(Unavailable, match="1 subscribers are served already"):
            async with bench.services.changes.of_all(actor):
                pass
    async with bench.services.changes.of_all(actor):
        assert bench.services.changes.subscribers == 1
    assert bench.services.changes.subscribers == 0


async def test_an_ending_service_cuts_everybody_and_takes_nobody(mongo_uri: str, actor: Actor) -> None:
    async with bench_on(mongo_uri) as bench:
        changes = bench.services.changes
        async with changes.of_all(actor) as told:
            closing = asyncio.create_task(changes.close())
            with pytest.raises(Unavailable, match="The service is ending; subscribe again"):
                await anext(told)
        await closing
        with pytest.raises(Unavailable, match="The service is ending"):
            async with changes.of_all(actor):
                pass
        assert changes._fanout._tasks == set()


async def test_the_stream_is_there_while_somebody_listens(bench: Bench, actor: Actor) -> None:
    changes = bench.services.changes
    async with changes.of_all(actor):
        tasks = set(changes._fanout._tasks)
        async with changes.of_all(actor):
            assert changes._fanout._tasks == tasks
    await asyncio.wait(tasks)
    label = await printed(bench, actor)
    async with changes.of_label(ANONYMOUS, label["head"]["link_id"], "r0") as told:
        assert [change.version["revision"] for change in await take(told, 2)] == [1, 2]


async def test_subscribers_outlive_an_election(tmp_path: Path, actor: Actor) -> None:
    """The primary is killed while one subscriber waits and another goes on from an old cursor."""
    with replica_set(tmp_path) as members:
        async with bench_on(members.uri) as bench:
            changes: Changes = bench.services.changes
            start = await changes.now(actor)
            async with changes.of_all(actor) as told:
                asset = await new_asset(bench, actor)
                before = await take(told, 1)
                primary = await asyncio.to_thread(members.primary)
                await asyncio.to_thread(primary.end, signal.SIGKILL)
                for number in range(10):
                    await patiently(bench, actor, asset, number)
                after = await take(told, 10)
            async with changes.of_all(actor, after=start) as told:
                again = await take(told, 11)
    assert [key_of(change) for change in before + after] == [(asset, revision) for revision in range(1, 12)]
    assert again == before + after


async def patiently(bench: Bench, actor: Actor, asset: str, number: int) -> None:
    """One more version, whether there is a primary already or not."""
    command: dict[str, Any] = {"expected_revision": number + 1, "client_mutation_id": f"patient-{number}"}
    async with asyncio.timeout(60):
        while True:
            with suppress(Unavailable):
                await bench.services.assets.revise(
                    actor, asset, name=None, attributes={"n": str(number)}, command=Command(**command)
                )
                return
