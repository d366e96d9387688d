"""Twins against the raw driver: what our rules, hashes and history cost, as ratios taken side by side in one run.

Each pair does the same work on the same mongod: ours through the service, raw through the driver on the same documents.
A ratio of 0.8 means that ours does 0.8 times as many a second. Rounds alternate; the median round counts. Beside it
stands the ratio of the CPU time that client and mongod spend, which others on the same machine disturb less.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from twin.domain.actor import full_actor
from twin.domain.history import AsOf, Command, Document
from twin.identity import Granularity
from twin.services import Services
from twin.services.labels import Order
from twin.store import Store, embedded
from twin.store.mongo import Mongo, connected
from twin.store.twins import bucket_id, bucket_start, kept

ACTOR = full_actor("bench")
WRITERS = 16, 64
ROUNDS = 5
Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation costs, in seconds: of the clock, and of the CPUs for this process and for mongod."""

    wall: float
    client: float
    server: float

    @property
    def cpu(self) -> float:
        """Seconds of CPU on both sides."""
        return self.client + self.server


async def cost(mongo: Mongo, work: Work, count: int, writers: int) -> Cost:
    """What one operation costs, with so many at a time."""
    numbers = iter(range(count))

    async def worker() -> None:
        for _ in numbers:
            await work()

    served, begun, used = await server_cpu(mongo), time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(writers)))
    used, wall = time.process_time() - used, time.perf_counter() - begun
    return Cost(wall / count, used / count, (await server_cpu(mongo) - served) / count)


async def server_cpu(mongo: Mongo) -> float:
    """Seconds of CPU that mongod has spent."""
    spent = (await mongo.collection("raw").database.command("serverStatus"))["extra_info"]
    return float(spent["user_time_us"] + spent["system_time_us"]) / 1e6


async def compare(mongo: Mongo, name: str, ours: Work, raw: Work, count: int, writers: int = WRITERS[0]) -> None:
    """Print the median ratios of ours to raw over alternating rounds."""
    rounds = [(await cost(mongo, ours, count, writers), await cost(mongo, raw, count, writers)) for _ in range(ROUNDS)]
    wall = sorted(theirs.wall / own.wall for own, theirs in rounds)
    cpu = statistics.median(theirs.cpu / own.cpu for own, theirs in rounds)

    def told(costs: Sequence[Cost]) -> str:
        wall, client, server = (
            statistics.median(getattr(each, name) for each in costs) for name in ("wall", "client", "server")
        )
        return f"{1 / wall:6.0f}/s {client * 1e6:5.0f} + {server * 1e6:5.0f} us"

    own, theirs = zip(*rounds, strict=True)
    spread = f"({wall[0]:.2f} to {wall[-1]:.2f})"
    print(f"{name:<44} {statistics.median(wall):5.2f} {spread}  {cpu:5.2f}   ours {told(own)}   raw {told(theirs)}")


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


async def label_applied(services: Services) -> str:
    """A label on an asset, to be moved."""
    order = Order(await asset_with(services, 1), "asset_tag", {"tag": "7"})
    label = str((await services.labels.issue(ACTOR, [order], Command()))[0]["_id"])
    await services.labels.print_label(ACTOR, label, command=Command())
    await services.labels.apply(ACTOR, label, Command())
    return label


async def bench_commits(mongo: Mongo, services: Services) -> None:
    """Commits on distinct twins, to inserts of a version of the same size.

    A free edit also keeps what the twin is searched by; a move of a label changes nothing of that.
    """
    raw = mongo.collection("raw")
    assets = [await asset_with(services, 1) for _ in range(max(WRITERS))]
    labels = [await label_applied(services) for _ in range(max(WRITERS))]
    edit_size = (await services.assets.versions(ACTOR, assets[0], 1, 1))[0]
    move_size = (await services.labels.versions(ACTOR, labels[0], 3, 3))[0]
    revisions, free, waiting = dict.fromkeys(assets, 1), list(assets), list(labels)
    count, run = itertools.count(), uuid.uuid4().hex

    async def edit(client_mutation_id: str | None = None) -> None:
        twin = free.pop()
        change = Command(expected_revision=revisions[twin], client_mutation_id=client_mutation_id)
        await services.assets.revise(ACTOR, twin, name=None, attributes={"count": str(next(count))}, command=change)
        revisions[twin] += 1
        free.append(twin)

    async def move(client_mutation_id: str | None = None) -> None:
        label = waiting.pop()
        command = Command(client_mutation_id=client_mutation_id)
        await services.labels.verify(ACTOR, label, read="another text", grade=None, command=command)
        waiting.append(label)

    def name() -> str:
        return f"{run}-{next(count)}"

    def named(work: Callable[[str], Awaitable[object]]) -> Work:
        return lambda: work(name())

    def inserted(sample: Document) -> Work:
        return lambda: raw.insert_one({**sample, "_id": name()})

    for writers, times in (*((writers, 1_500) for writers in WRITERS), (1, 300)):
        who = f"{writers} at a time: " if writers > 1 else "one at a time: "
        for what, ours, size in (("move", move, move_size), ("free edit", edit, edit_size)):
            await compare(mongo, f"{who}{what}", ours, inserted(size), times, writers)
            await compare(mongo, f"{who}{what}, named", named(ours), inserted(size), times, writers)


async def bench_reads(mongo: Mongo, services: Services, versions: int) -> None:
    """Reads of one twin, to the same reads done raw."""
    assets, history = mongo.collection("assets"), mongo.collection("history")
    twin, middle = await asset_with(services, versions), max(1, versions // 2)
    at = (await services.assets.versions(ACTOR, twin, middle, middle))[0]["recorded_at"]
    archived = middle <= versions - kept(versions)

    async def head() -> None:
        await services.assets.find(ACTOR, twin)

    async def raw_head() -> None:
        await assets.find_one({"_id": twin}, {"versions": False})

    async def revision() -> None:
        await services.assets.find(ACTOR, twin, middle)

    async def raw_revision() -> None:
        if archived:
            await history.find_one({"_id": bucket_id(twin, bucket_start(middle))})
        else:
            await assets.find_one({"_id": twin}, {"versions": {"$elemMatch": {"revision": middle}}})

    async def as_of() -> None:
        await services.assets.find(ACTOR, twin, AsOf(recorded=at))

    async def raw_as_of() -> None:
        await assets.find_one({"_id": twin})
        if archived:
            earlier = {"twin": twin, "first.recorded_at": {"$lte": at}}
            await history.find_one(earlier, sort=[("first.revision", -1)])

    async def page() -> None:
        await services.assets.versions(ACTOR, twin, max(1, versions - 9), versions)

    async def raw_page() -> None:
        await assets.find_one({"_id": twin}, {"versions": {"$slice": -10}})

    await compare(mongo, f"{versions:>5} versions: head", head, raw_head, 1_000)
    if versions > 1:  # it is the head, otherwise
        await compare(mongo, f"{versions:>5} versions: at the middle revision", revision, raw_revision, 1_000)
    await compare(mongo, f"{versions:>5} versions: as of the middle", as_of, raw_as_of, 1_000)
    await compare(mongo, f"{versions:>5} versions: newest ten", page, raw_page, 1_000)


async def print_bytes(services: Services, mongo: Mongo, versions: int, twins: int) -> None:
    """What a version costs on disk, of twins with that many, after compression and without indexes."""

    async def size() -> int:
        database = mongo.collection("assets").database
        await database.client.admin.command("fsync")  # a checkpoint: what is written is on disk
        return sum([(await database.command("collStats", name))["storageSize"] for name in ("assets", "history")])

    before = await size()
    for _ in range(twins):
        await asset_with(services, versions)
    print(f"{versions:>5} versions: {(await size() - before) / versions / twins:.0f} bytes a version on disk")


async def main() -> None:
    """Run on a mongod of this run's own."""
    with tempfile.TemporaryDirectory() as directory, embedded.acquire(Path(directory)) as mongod:
        async with connected(mongod.uri, "bench") as mongo:
            services = await Services.on(await Store.prepared(mongo))
            print(f"{ROUNDS} rounds; to the same done raw: a commit to a majority insert of its bytes")
            print(f"{'':<44} ratio                 CPU   operations a second, and CPU time of client + mongod")
            await bench_commits(mongo, services)
            for versions in (1, 50, 1_000):
                await bench_reads(mongo, services, versions)
            for versions, twins in ((1, 2_000), (50, 100), (1_000, 5)):
                await print_bytes(services, mongo, versions, twins)


if __name__ == "__main__":
    asyncio.run(main())
