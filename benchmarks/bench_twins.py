"""Twins against the raw driver: what our rules, hashes and history cost, as ratios taken side by side in one run.

Each pair does the same work on the same mongod: ours through the service, raw through the driver on the same documents.
A ratio of 0.8 means that ours does 0.8 times as many a second. Rounds alternate; the median round counts.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from twin.domain.actor import full_actor
from twin.domain.asset import Granularity
from twin.domain.history import AsOf, Command
from twin.services import Services
from twin.store import Store, embedded
from twin.store.mongo import Mongo, connected

ACTOR = full_actor("bench")
WRITERS = 16
ROUNDS = 5
Work = Callable[[], Awaitable[object]]


async def rate(work: Work, count: int) -> float:
    """Operations a second with 16 at a time."""
    numbers = iter(range(count))

    async def worker() -> None:
        for _ in numbers:
            await work()

    begun = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(WRITERS)))
    return count / (time.perf_counter() - begun)


async def compare(name: str, ours: Work, raw: Work, count: int) -> None:
    """Print the median ratio of ours to raw over alternating rounds."""
    ratios, rates = [], []
    for _ in range(ROUNDS):
        our_rate, raw_rate = await rate(ours, count), await rate(raw, count)
        ratios.append(our_rate / raw_rate)
        rates.append((our_rate, raw_rate))
    print(
        f"{name:<44} {statistics.median(ratios):5.2f}   ({min(ratios):.2f} to {max(ratios):.2f})"
        f"   ours {statistics.median(r[0] for r in rates):6.0f}/s   raw {statistics.median(r[1] for r in rates):6.0f}/s"
    )


async def asset_with(services: Services, versions: int) -> str:
    """An asset with that many versions."""
    document = await services.assets.register(
        ACTOR,
        kind="vehicle",
        granularity=Granularity.ITEM,
        name="Bench",
        identifiers=[],
        attributes={f"field{n}": f"value {n}" for n in range(10)},
        command=Command(),
    )
    for revision in range(1, versions):
        await services.assets.revise(
            ACTOR,
            document["_id"],
            name=None,
            attributes={"count": str(revision)},
            command=Command(expected_revision=revision),
        )
    return str(document["_id"])


async def bench(mongo: Mongo, services: Services) -> None:
    """All pairs."""
    collection, raw = mongo.collection("assets"), mongo.collection("raw")
    writers = [await asset_with(services, 1) for _ in range(WRITERS)]
    revisions = dict.fromkeys(writers, 1)
    sample = (await services.assets.versions(ACTOR, writers[0], 1, 1))[0]

    async def commit(client_mutation_id: str | None = None) -> None:
        twin = free.pop()
        change = Command(expected_revision=revisions[twin], client_mutation_id=client_mutation_id)
        await services.assets.revise(ACTOR, twin, name=None, attributes={"count": uuid.uuid4().hex}, command=change)
        revisions[twin] += 1
        free.append(twin)

    async def named_commit() -> None:
        await commit(uuid.uuid4().hex)

    async def insert() -> None:
        await raw.insert_one({**sample, "_id": uuid.uuid4().hex})

    free = list(writers)
    print(f"{WRITERS} at a time, {ROUNDS} rounds\n{'':<44} ratio")
    await compare("commit, to a raw majority insert", commit, insert, 1_500)
    await compare("commit with a clientMutationId, to the same", named_commit, insert, 1_500)

    for versions in (1, 50, 1_000):
        twin = await asset_with(services, versions)
        middle = max(1, versions // 2)
        at = (await services.assets.versions(ACTOR, twin, middle, middle))[0]["recorded_at"]

        async def head(twin: str = twin) -> None:
            await services.assets.find(ACTOR, twin)

        async def raw_head(twin: str = twin) -> None:
            await collection.find_one({"_id": twin})

        async def revision(twin: str = twin, middle: int = middle) -> None:
            await services.assets.find(ACTOR, twin, middle)

        async def as_of(twin: str = twin, at: Any = at) -> None:
            await services.assets.find(ACTOR, twin, AsOf(recorded=at))

        async def page(twin: str = twin, versions: int = versions) -> None:
            await services.assets.versions(ACTOR, twin, max(1, versions - 9), versions)

        await compare(f"{versions:>5} versions: head, to find_one", head, raw_head, 1_000)
        await compare(f"{versions:>5} versions: at a revision, to find_one", revision, raw_head, 1_000)
        await compare(f"{versions:>5} versions: as of, to find_one", as_of, raw_head, 200)
        await compare(f"{versions:>5} versions: newest ten, to find_one", page, raw_head, 1_000)


async def main() -> None:
    """Run on a mongod of this run's own."""
    with tempfile.TemporaryDirectory() as directory, embedded.acquire(Path(directory)) as mongod:
        async with connected(mongod.uri, "bench") as mongo:
            await bench(mongo, await Services.on(await Store.prepared(mongo)))


if __name__ == "__main__":
    asyncio.run(main())
