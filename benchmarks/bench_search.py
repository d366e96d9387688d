"""Search among 100,000 twins, beside the least that any search by this index costs: a raw find of the same words.

Each question is asked through the service and raw, in turns. A ratio of 2 means that ours takes twice as long.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from twin.domain.actor import full_actor
from twin.domain.history import Document, Draft, Mutation, Version, next_version
from twin.domain.search import ending
from twin.identity.link import LinkId
from twin.services import Services
from twin.store import Store, embedded
from twin.store.mongo import Mongo, connected
from twin.store.twins import HEAD

ACTOR = full_actor("bench")
VEHICLES = 50_000  # each with its label
BATCH = 500
ROUNDS = 200
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
Work = Callable[[], Awaitable[object]]


def vin(number: int) -> str:
    """A VIN for the number; the first thousand and a half begin alike in nine characters, as all do in three."""
    return f"1M8{number // 1_500:05}X{'ABCDEFGH'[number % 8]}P{number * 7_919 % 1_000_000:06}"


def born(twin: str, number: int, state: Document) -> tuple[Version, list[Document]]:
    """A new twin."""
    at = BEGUN + timedelta(seconds=number)
    draft = Draft("REGISTER", state, at)
    mutation = Mutation.of(ACTOR, twin, {})
    return next_version(draft, twin=twin, head=None, actor=ACTOR, now=at, mutation=mutation), []


def vehicle(number: int) -> tuple[Version, list[Document]]:
    """A vehicle with a work order and a part number."""
    free = {
        "workOrder": f"WO-{number:07}",
        "engine": f"PN-{number % 400:04}-{number % 7}",
        "site": f"Werk {number % 3}",
    }
    state = {"kind": "vehicle", "granularity": "ITEM", "name": f"Bus {2_000 + number % 26}", "attributes": free}
    return born(f"ast_{number}", number, {**state, "identifiers": [f"vin:{vin(number)}"]})


def plate(number: int) -> tuple[Version, list[Document]]:
    """The label of a vehicle."""
    face = {"vin": vin(number), "manufacturer": "Müller Omnibus", "modelYear": f"{2_000 + number % 26}"}
    link_id = LinkId.from_random(number * 7_919).value
    state = {"state": "VERIFIED", "profile": "vin_plate", "link_id": link_id, "face": face}
    return born(f"lbl_{number}", number, state)


def batches() -> Iterator[range]:
    for start in range(0, VEHICLES, BATCH):
        yield range(start, start + BATCH)


async def took(work: Work) -> float:
    """How many milliseconds."""
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1_000


async def compare(mongo: Mongo, services: Services, what: str, text: str, words: list[str]) -> None:
    """Print how long a question takes, by the median and at worst of 99 in 100, and the ratio to the raw finds."""
    starts = [start for word in words for start in (word, ending(word))]

    async def raw_find(name: str, start: str) -> list[Any]:
        return await mongo.collection(name).find({"words": {"$regex": f"^{start}"}}, HEAD).limit(20).to_list(None)

    async def raw() -> None:
        await asyncio.gather(*(raw_find(name, start) for name in ("assets", "labels") for start in starts))

    async def ours() -> None:
        await services.search.find(ACTOR, text, 20)

    hits = len(await services.search.find(ACTOR, text, 20))
    pairs = [(await took(ours), await took(raw)) for _ in range(ROUNDS)]
    mine, theirs = (sorted(times) for times in zip(*pairs, strict=True))
    median, raw_median = statistics.median(mine), statistics.median(theirs)
    print(
        f"{what:<36} {median / raw_median:5.2f}   ours {median:6.1f} ms ({mine[len(mine) * 99 // 100]:6.1f})"
        f"   raw {raw_median:6.1f} ms   {hits} hits"
    )


async def main() -> None:
    """Run on a mongod of this run's own."""
    with tempfile.TemporaryDirectory() as directory, embedded.acquire(Path(directory)) as mongod:
        async with connected(mongod.uri, "bench") as mongo:
            store = await Store.prepared(mongo)
            services = await Services.on(store)
            for numbers in batches():
                await store.assets.insert([vehicle(number) for number in numbers])
                await store.labels.insert([plate(number) for number in numbers])
            database = mongo.collection("assets").database
            for name in ("assets", "labels"):
                sizes = await database.command("collStats", name)
                words = sizes["indexSizes"]["words"]
                print(f"{name}: {sizes['count']:,}, {sizes['size'] >> 20} MiB, index of words {words >> 20} MiB")
            last = vin(31_415)[-6:]
            print(f"{'':<36} ratio")
            await compare(mongo, services, "last 6 of a VIN", last, [last])
            await compare(mongo, services, "last 4", last[-4:], [last[-4:]])
            await compare(mongo, services, "a whole VIN", vin(31_415), [vin(31_415)])
            await compare(mongo, services, "a part number without hyphens", "pn01233", ["PN01233"])
            await compare(mongo, services, "a word of every label", "müller", ["MULLER"])
            await compare(mongo, services, "what every VIN begins with", "1M8", ["1M8"])
            await compare(mongo, services, "a common word and a rare one", f"bus {last}", ["BUS", last])
            await compare(mongo, services, "two common words", "vehicle bus", ["VEHICLE", "BUS"])


if __name__ == "__main__":
    asyncio.run(main())
