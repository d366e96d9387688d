"""Importing assets, each with a label, beside `insert_many` of the same documents into the same collections.

Both in one run, on databases with all our indexes, with majority. The raw side gets the documents that the import has
written, in batches as large as ours, with nothing to judge, hash or report; reading them does not count. What it takes
to take the file in is told beside it, and the ratio with that too.

    python benchmarks/bench_imports.py [how many rows, 5000]
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from twin.domain.actor import full_actor
from twin.domain.history import Command
from twin.exchange.rows import RowFormat
from twin.services import Services
from twin.services.imports import CHUNK_ROWS
from twin.store import Store, embedded
from twin.store.mongo import Mongo, connected

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
ACTOR = full_actor("bench")
COLLECTIONS = ("identifiers", "assets", "labels")
PART = 64 * 1024


async def file() -> AsyncIterator[bytes]:
    part = b""
    for number in range(ROWS):
        row = {
            "kind": "component",
            "name": f"Module {number}",
            "identifiers": [f"part:ACME/PN-{number % 50}/serial/S{number:07}"],
            "attributes": {"line": "L4", "workOrder": f"WO-{number // 100}"},
            "label": {"profile": "asset_tag", "face": {"tag": f"T-{number:07}", "owner": "ACME"}},
        }
        part += json.dumps(row).encode() + b"\n"
        if len(part) > PART:
            yield part
            part = b""
    yield part


async def ours(uri: str, database: str) -> tuple[float, float]:
    """Seconds to take the file in, and to import it."""
    async with connected(uri, database) as mongo:
        services = await Services.on(await Store.prepared(mongo), public_url="http://127.0.0.1:8000")
        begun = time.perf_counter()
        job = await services.imports.receive(ACTOR, file(), RowFormat.NDJSON, Command())
        received = time.perf_counter()
        assert await services.import_worker.do_next(job["_id"])
        done = time.perf_counter()
        found = await services.imports.find(ACTOR, job["_id"])
        assert (found["done"], found["refused"]) == (ROWS, 0), found
        return received - begun, done - received


async def raw(uri: str, source: str, target: str) -> tuple[float, int]:
    """Seconds of `insert_many` alone, and how many documents that were."""
    seconds, many = 0.0, 0
    async with connected(uri, source) as ready, connected(uri, target) as mongo:
        await Store.prepared(mongo)
        cursors = {name: ready.collection(name).find({}, batch_size=CHUNK_ROWS) for name in COLLECTIONS}
        for _ in range(0, ROWS, CHUNK_ROWS):
            batches = {name: await cursor.to_list(CHUNK_ROWS) for name, cursor in cursors.items()}
            seconds += await inserted(mongo, batches)
            many += sum(map(len, batches.values()))
    return seconds, many


async def inserted(mongo: Mongo, batches: dict[str, list[dict[str, Any]]]) -> float:
    begun = time.perf_counter()
    for name, batch in batches.items():
        await mongo.collection(name).insert_many(batch)
    return time.perf_counter() - begun


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, embedded.acquire(Path(folder)) as mongod:
        source, target = (f"bench-{uuid.uuid4().hex[:8]}" for _ in range(2))
        received, imported = await ours(mongod.uri, source)
        beside, many = await raw(mongod.uri, source, target)
    print(f"{ROWS} assets with labels, {many} documents")
    print(f"insert_many alone: {beside:.1f} s, {ROWS / beside:.0f} rows a second")
    print(f"import: {imported:.1f} s, {ROWS / imported:.0f} rows a second, ratio {beside / imported:.2f}")
    whole = received + imported
    print(f"with taking in: {received:.1f} s more, {ROWS / whole:.0f} rows a second, ratio {beside / whole:.2f}")


if __name__ == "__main__":
    asyncio.run(main())
