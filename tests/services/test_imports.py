"""Imports: every row once, whole or refused with its reason; resumed, repeated, bounded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import name, new_asset, new_vin
from twin.domain.actor import ANONYMOUS, Actor, Permission, Role, actor_with
from twin.domain.history import Command, version_hash
from twin.domain.serials import SerialStyle
from twin.errors import (
    Forbidden,
    InvalidInput,
    MutationIdReused,
    NotFound,
    Refused,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from twin.exchange.rows import RowFormat
from twin.identity import Granularity
from twin.services import imports as service
from twin.services.import_worker import ImportWorker
from twin.services.labels import Order

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

LABEL = {"profile": "asset_tag", "face": {"tag": "7"}}


def part_number() -> str:
    return f"part:ACME/PN-1/serial/{name()[:16].upper()}"


def tool(*identifiers: str, **more: Any) -> dict[str, Any]:
    return {"kind": "tool", "name": "A drill", "identifiers": list(identifiers), **more}


async def parts_of(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


def ndjson(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


async def received(
    bench: Bench, actor: Actor, content: bytes, form: RowFormat = RowFormat.NDJSON, **command: Any
) -> str:
    job = await bench.services.imports.receive(actor, parts_of(content), form, Command(**command))
    return str(job["_id"])


async def imported(bench: Bench, actor: Actor, content: bytes, form: RowFormat = RowFormat.NDJSON) -> list[Any]:
    """What became of each row."""
    job = await received(bench, actor, content, form)
    await finished(bench, job)
    return await bench.services.imports.rows(actor, job, 1, 10_000)


async def finished(bench: Bench, job: str) -> None:
    assert await bench.services.import_worker.do_next(job)
    assert not await bench.services.import_worker.do_next(job)


async def counts(bench: Bench) -> tuple[int, int, int]:
    names = ("assets", "labels", "identifiers")
    return tuple([await bench.mongo.collection(each).count_documents({}) for each in names])  # type: ignore[return-value]


async def test_an_asset_and_its_label_are_as_if_registered_one_by_one(bench: Bench, actor: Actor) -> None:
    vins = [new_vin(), new_vin()]
    label = {"profile": "VIN_PLATE", "face": {"manufacturer": "ACME"}, "attributes": {"line": "3"}}
    rows = [{"kind": "vehicle", "name": "A bus", "identifiers": [f"vin:{vins[0]}"], "attributes": {"colour": "red"}}]
    [row] = await imported(bench, actor, ndjson({**rows[0], "label": label}))
    one = await bench.services.assets.register(
        actor,
        kind="vehicle",
        granularity=Granularity.ITEM,
        name="A bus",
        identifiers=[f"vin:{vins[1]}"],
        attributes={"colour": "red"},
        command=Command(),
    )
    [alone] = await bench.services.labels.issue(
        actor, [Order(one["_id"], "vin_plate", {"manufacturer": "ACME"}, {"line": "3"})], Command()
    )
    for twins, mine, theirs in (
        (bench.store.assets, row["asset"], one["_id"]),
        (bench.store.labels, row["label"], alone["_id"]),
    ):
        ours, other = await twins.read({"_id": mine}), await twins.read({"_id": theirs})
        assert ours is not None
        assert other is not None
        assert ours.keys() == other.keys()
        assert ours["head"].keys() == other["head"].keys()
        assert ours["versions"][0].keys() == other["versions"][0].keys()
        assert (ours["versions"][0]["action"], ours["revision"]) == (other["versions"][0]["action"], 1)
        assert version_hash(ours["versions"][0]) == ours["hash"]
        assert len(ours["words"]) == len(other["words"])
    found = await bench.services.labels.find(actor, row["link_id"])
    assert (found["head"]["asset"], found["head"]["face"]["vin"]) == (row["asset"], vins[0])
    assert (await bench.services.assets.find(actor, f"vin:{vins[0]}"))["_id"] == row["asset"]
    assert [each["asset"] for each in found["bindings"]] == [row["asset"]]


async def test_what_is_wrong_with_a_row_is_told_and_nothing_of_it_is_written(fresh_bench: Bench, actor: Actor) -> None:
    bench, held, twice = fresh_bench, part_number(), part_number()
    holder = await new_asset(bench, actor, held)
    before = await counts(bench)
    rows = [
        tool(twice, label=LABEL),
        tool(held),
        tool(twice),
        tool(part_number(), label={"profile": "asset_tag", "face": {}}),
        tool(part_number(), label={"profile": "no_such"}),
        tool("vin:1M8GDM9AXKP042789"),
        tool("nonsense"),
        tool(part_number(), granularity="LOT"),
        tool(part_number(), granularity="some"),
        tool(kind="No Kind"),
        {"kind": "tool"},
        tool(part_number(), attributes={"$where": "1"}),
        tool(part_number(), attributes={"shelf": 12}),
        tool(part_number(), colour="red"),
        tool(part_number(), name="two\nlines"),
        tool("part:ACME/PN-1/serial/{serial}"),
        [1],
        "text",
    ]
    found = await imported(
        bench, actor, ndjson(*rows) + b'{"kind": \n\xff\xfe\n\n' + b"x" * 70_000 + b"\n" + ndjson(tool())
    )
    assert [row["row"] for row in found] == list(range(1, len(rows) + 5))
    assert [row["line"] for row in found] == [*range(1, len(rows) + 3), len(rows) + 4, len(rows) + 5]
    assert "asset" in found[0]
    assert found[0].keys() == {"row", "line", "asset", "label", "link_id"}
    assert found[-1].keys() == {"row", "line", "asset"}
    codes = [row["error"]["code"] for row in found[1:-1]]
    taken, invalid, large = "IDENTIFIER_TAKEN", "INVALID_INPUT", "TOO_LARGE"
    assert codes == [
        taken, taken, invalid, invalid, "INVALID_IDENTIFIER", "INVALID_IDENTIFIER", *[invalid] * 13, large,
    ]  # fmt: skip
    errors = [row["error"] for row in found[1:-1]]
    assert held in errors[0]["message"]
    assert holder in errors[0]["message"]
    assert found[0]["asset"] in errors[1]["message"]
    assert errors[2]["path"] == ["label", "face", "tag"]
    assert errors[3]["path"] == ["label", "profile"]
    assert errors[4]["path"] == ["identifiers", "0"]
    assert "'some'" in errors[7]["message"]
    assert "FF" in errors[-2]["message"]
    after = await counts(bench)
    assert [new - old for new, old in zip(after, before, strict=True)] == [2, 1, 1]


async def test_what_a_refused_row_asked_for_is_there_for_the_next_one(bench: Bench, actor: Actor) -> None:
    mine = part_number()
    found = await imported(bench, actor, ndjson(tool(mine, label={"profile": "asset_tag"}), tool(mine, label=LABEL)))
    assert [("error" in row, "asset" in row) for row in found] == [(True, False), (False, True)]


async def test_rows_are_imported_once_across_chunks_though_each_meets_the_one_before(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK_ROWS", 3)
    mine = [part_number() for _ in range(5)]
    rows = [tool(mine[at % 5], label=LABEL) for at in range(20)]
    found = await imported(bench, actor, ndjson(*rows))
    assert ["asset" in row for row in found] == [True] * 5 + [False] * 15
    assert {row["error"]["code"] for row in found[5:]} == {"IDENTIFIER_TAKEN"}


async def test_an_import_never_ends_before_its_last_chunk_is_seen(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK_ROWS", 2)
    job = await received(bench, actor, ndjson(*[tool() for _ in range(4)]))
    chunks = bench.mongo.collection("import_chunks")
    upload = (await bench.services.imports.find(actor, job))["upload"]
    last = await chunks.find_one_and_delete({"_id": f"{upload}:000001"})  # as a new primary may not show it yet
    assert last is not None
    with pytest.raises(Unavailable):
        await bench.services.import_worker.do_next(job)
    assert (await bench.services.imports.find(actor, job))["state"] == "RUNNING"
    await chunks.insert_one(last)
    await finished(bench, job)
    found = await bench.services.imports.find(actor, job)
    assert (found["state"], found["done"]) == ("DONE", 4)


async def test_names_that_are_not_known_are_told_briefly(bench: Bench, actor: Actor) -> None:
    [row] = await imported(bench, actor, ndjson(tool(**{"x" * 50_000: 1})))
    assert row["error"]["path"] == ["x" * 64]
    assert len(row["error"]["message"]) < 250


async def test_every_history_of_an_import_is_whole(fresh_bench: Bench, actor: Actor) -> None:
    await imported(fresh_bench, actor, ndjson(*[tool(part_number(), label=LABEL) for _ in range(20)]))
    report = await fresh_bench.services.audit.check_history(actor)
    assert (report.twins, report.versions, report.broken) == (40, 40, 0), report.findings


class Killed(Exception):
    """What the worker cannot expect."""


async def test_a_worker_that_ends_anywhere_leaves_no_row_twice_and_none_out(
    fresh_bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = fresh_bench
    monkeypatch.setattr(service, "CHUNK_ROWS", 2)
    job = await received(bench, actor, ndjson(*[tool(part_number(), label=LABEL) for _ in range(9)]))
    written = ImportWorker._written
    fates = iter(["before", "after", "ok", "before", "after", "ok", "ok"])

    async def fatal(self: ImportWorker, document: Any, judged: Any) -> bool:
        fate = next(fates)
        if fate == "before":
            raise Unavailable("before")
        done = await written(self, document, judged)
        if fate == "after":
            raise Unavailable("after")
        return done

    monkeypatch.setattr(ImportWorker, "_written", fatal)
    for _ in range(9):
        with suppress(Unavailable):
            if not await bench.services.import_worker.do_next(job):
                break
    document = await bench.services.imports.find(actor, job)
    assert (document["state"], document["done"], document["refused"], document["total"]) == ("DONE", 9, 0, 9)
    rows = await bench.services.imports.rows(actor, job, 1, 100)
    assert len({row["asset"] for row in rows}) == len({row["label"] for row in rows}) == 9
    assert await counts(bench) == (9, 9, 9)


async def test_two_processes_that_do_the_same_chunk_write_it_once(fresh_bench: Bench, actor: Actor) -> None:
    bench = fresh_bench
    job = await received(bench, actor, ndjson(*[tool(part_number(), label=LABEL) for _ in range(9)]))
    worker, document = bench.services.import_worker, await bench.services.imports.find(actor, job)
    first, second = await worker._judged(document, 0, {}), await worker._judged(document, 0, {})
    assert first is not None
    assert second is not None
    assert [await worker._written(document, judged) for judged in (first, second)] == [True, False]
    await finished(bench, job)
    assert await counts(bench) == (9, 9, 9)


async def test_a_chunk_that_is_refused_is_counted_once_though_two_processes_do_it(bench: Bench, actor: Actor) -> None:
    job = await received(bench, actor, ndjson(tool("nonsense"), tool("nonsense")))
    worker, document = bench.services.import_worker, await bench.services.imports.find(actor, job)
    judged = await worker._judged(document, 0, {})
    assert judged is not None
    assert [await worker._written(document, judged) for _ in range(2)] == [True, False]
    await finished(bench, job)
    assert (await bench.services.imports.find(actor, job))["refused"] == 2


async def test_an_identifier_that_somebody_else_has_meanwhile_refuses_its_row_alone(bench: Bench, actor: Actor) -> None:
    mine = part_number()
    job = await received(bench, actor, ndjson(tool(part_number()), tool(mine), tool(part_number())))
    worker, document = bench.services.import_worker, await bench.services.imports.find(actor, job)
    judged = await worker._judged(document, 0, {})
    assert judged is not None
    holder = await new_asset(bench, actor, mine)
    assert not await worker._written(document, judged)
    await finished(bench, job)
    rows = await bench.services.imports.rows(actor, job, 1, 10)
    assert ["asset" in row for row in rows] == [True, False, True]
    assert holder in rows[1]["error"]["message"]


async def test_a_file_twice_under_one_name_is_one_import(bench: Bench, actor: Actor) -> None:
    mutation, content = name(), ndjson(tool(part_number()))
    first = await received(bench, actor, content, client_mutation_id=mutation)
    await finished(bench, first)
    assert await received(bench, actor, content, client_mutation_id=mutation) == first
    with pytest.raises(MutationIdReused):
        await received(bench, actor, ndjson(tool()), client_mutation_id=mutation)
    uploads = await bench.mongo.collection("import_chunks").count_documents({"expires": {"$exists": True}})
    assert uploads == 0


async def test_a_file_that_does_not_come_whole_leaves_nothing(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK_ROWS", 2)
    chunks = bench.mongo.collection("import_chunks")
    before = await chunks.count_documents({})

    async def cut() -> AsyncIterator[bytes]:
        yield ndjson(*[tool() for _ in range(9)])
        assert await chunks.count_documents({}) == before + 4
        raise Killed

    with pytest.raises(Killed):
        await bench.services.imports.receive(actor, cut(), RowFormat.NDJSON, Command())
    assert await chunks.count_documents({}) == before


async def test_more_rows_or_bytes_than_an_import_holds_are_refused(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twin.exchange.rows.MOST_ROWS", 3)
    await received(bench, actor, ndjson(tool(), tool(), tool()))
    with pytest.raises(TooLarge, match="3 rows"):
        await received(bench, actor, ndjson(tool(), tool(), tool(), tool()))
    monkeypatch.setattr("twin.exchange.rows.LARGEST_FILE", 100)
    with pytest.raises(TooLarge, match="100 bytes"):
        await received(bench, actor, ndjson(tool(), tool()))
    with pytest.raises(InvalidInput, match="at least one row"):
        await received(bench, actor, b"\n \n")


async def test_no_more_files_come_in_at_once_than_that(bench: Bench, actor: Actor) -> None:
    bench.services.imports._uploads = service.MOST_UPLOADS
    try:
        with pytest.raises(Unavailable, match="coming in already"):
            await received(bench, actor, ndjson(tool()))
    finally:
        bench.services.imports._uploads = 0


async def test_a_serial_is_counted_for_each_row(bench: Bench, actor: Actor) -> None:
    kind = f"drill{name()[:12]}"
    await bench.services.serials.define(actor, kind=kind, style=SerialStyle.SEQUENTIAL, prefix="P-", length=6)
    identifier = f"part:{name()[:8].upper()}/PN-1/serial/{{serial}}"
    row = {"kind": kind, "name": "No. {serial}", "identifiers": [identifier]}
    found = await imported(bench, actor, ndjson(row, row))
    names = [(await bench.services.assets.find(actor, each["asset"]))["head"]["name"] for each in found]
    assert len(set(names)) == 2
    assert all(each.startswith("No. P-") for each in names)


async def test_the_report_tells_of_each_row_once_the_import_is_over(bench: Bench, actor: Actor) -> None:
    job = await received(bench, actor, ndjson(tool(part_number(), label=LABEL), tool("=nonsense"), tool()))
    with pytest.raises(Refused, match="0 of 3 rows"):
        await bench.services.imports.report(actor, job, RowFormat.CSV)
    await finished(bench, job)
    lines = b"".join([part async for part in await bench.services.imports.report(actor, job, RowFormat.NDJSON)])
    first, second, third = map(json.loads, lines.splitlines())
    assert first.keys() == {"row", "line", "asset", "label", "linkId"}
    assert (second["row"], second["code"], second.keys()) == (
        2,
        "INVALID_IDENTIFIER",
        {"row", "line", "code", "message"},
    )
    assert third.keys() == {"row", "line", "asset"}
    table = b"".join([part async for part in await bench.services.imports.report(actor, job, RowFormat.CSV)])
    assert table.splitlines()[0] == b"row,line,asset,label,linkId,code,message"
    assert table.splitlines()[1].decode() == f"1,1,{first['asset']},{first['label']},{first['linkId']},,"


async def test_who_may_not_register_or_issue_may_not_import(bench: Bench, actor: Actor) -> None:
    with pytest.raises(Unauthenticated):
        await received(bench, ANONYMOUS, ndjson(tool()))
    for role in set(Role) - {Role.ISSUER, Role.ADMIN}:
        with pytest.raises(Forbidden):
            await received(bench, actor_with("somebody", [role]), ndjson(tool()))
    half = Actor("half", frozenset({Permission.REGISTER_ASSETS}), frozenset())
    with pytest.raises(Forbidden, match="labels:issue"):
        await received(bench, half, ndjson(tool()))
    job = await received(bench, actor, ndjson(tool()))
    with pytest.raises(Forbidden):
        await bench.services.imports.find(actor_with("somebody", [Role.VIEWER]), job)
    with pytest.raises(NotFound):
        await bench.services.imports.find(actor, "imp_none")


async def test_only_the_rows_that_are_asked_for(bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CHUNK_ROWS", 4)
    job = await received(bench, actor, ndjson(*[tool() if at % 3 else tool("nonsense") for at in range(12)]))
    rows = bench.services.imports.rows
    assert await rows(actor, job, 1, 100, refused=True) == []
    assert Counter("said" in row for row in await rows(actor, job, 1, 100)) == {True: 12}
    await finished(bench, job)
    assert [row["row"] for row in await rows(actor, job, 1, 100, refused=True)] == [1, 4, 7, 10]
    assert [row["row"] for row in await rows(actor, job, 5, 2, refused=True)] == [7, 10]
    assert [row["row"] for row in await rows(actor, job, 6, 3, refused=False)] == [6, 8, 9]
    assert [row["row"] for row in await rows(actor, job, 11, 9)] == [11, 12]
