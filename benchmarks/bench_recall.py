"""A recall frozen, beside the same done by hand: the walks, a document for each thing with the way to it, a digest.

The melt is in 10,000 vehicles, or in all there are. By hand means: the walks of `bench_genealogy`, documents of the
same content in one unordered insert, with majority, and a SHA-256 over them; nothing is kept of who asked or how far
it is.
A ratio of 0.8 means that ours freezes 0.8 times as many a second; in turns in one run, medians.

The sizes are edges: `bench_recall.py 10000 100000 1000000` is the whole of it, 10,000 what is asked of `make bench`.
"""

from __future__ import annotations

import asyncio
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench_genealogy import ByHand
from genealogies import ACTOR, Writer

from twin.domain.history import Command, canonical_json
from twin.domain.recall import Criteria
from twin.services import Services
from twin.services.recalls import Asked
from twin.store import Store, embedded
from twin.store.mongo import Mongo, connected

SIZES = (10_000,)
ROUNDS = 5


async def ours(services: Services, lot: str) -> int:
    """A recall as it is opened, computed, kept and frozen; how many things are in it."""
    asked = Asked("A melt", Criteria((lot,)), "Return it.")
    recall = await services.recalls.open(ACTOR, asked, Command(reason="cracks"))
    await services.recall_worker.compute_next()
    done = await services.recalls.find(ACTOR, recall["_id"])
    if done["state"] != "FROZEN":
        raise SystemExit(f"it is {done['state']}")
    return int(done["found"])


async def by_hand(mongo: Mongo, lot: str) -> int:
    """The same answer, kept."""
    hand = ByHand(mongo.collection("spans"))
    before: dict[str, tuple[str, dict[str, Any]]] = {}
    for _, row in await hand.walk(lot, "what", "into"):
        before.setdefault(row["into"], (row["what"], row))
    exposed = await hand.exposed(lot)
    items: list[dict[str, Any]] = [{"asset": lot, "way": [], "standing": "AFFECTED"}]
    for thing in {*before, *exposed}:
        way, at = [], thing
        while at in before:
            at, row = before[at]
            way.append(row)
        items.append({"asset": thing, "way": way[::-1], "standing": "AFFECTED" if thing in before else "EXPOSED"})
    digest = hashlib.sha256()
    for item in sorted(items, key=lambda item: str(item["asset"])):
        digest.update(canonical_json(item))
    await mongo.collection("by_hand").insert_many(items, ordered=False)
    return len(items)


async def took(work: Any) -> tuple[float, int]:
    """How many milliseconds, and what it answered."""
    begun = time.perf_counter()
    found = await work
    return (time.perf_counter() - begun) * 1_000, found


async def main(sizes: Sequence[int]) -> None:
    """Run on a mongod of this run's own."""
    with tempfile.TemporaryDirectory() as directory, embedded.acquire(Path(directory)) as mongod:
        for size in sizes:
            async with connected(mongod.uri, f"bench-{size}") as mongo:
                services = await Services.on(store := await Store.prepared(mongo))
                written = await Writer(store).write(size)
                print(f"{written.edges:,} edges, {len(written.vehicles):,} vehicles")
                for name, lot in (("cells", written.cells), ("ore", written.ore), ("melt", written.melt)):
                    pairs = []
                    for number in range(ROUNDS):
                        first, second = (ours(services, lot), by_hand(mongo, lot))
                        if number % 2:
                            hand, mine = await took(second), await took(first)
                        else:
                            mine, hand = await took(first), await took(second)
                        if mine[1] != hand[1]:
                            raise SystemExit(f"{name}: {mine[1]} things, and {hand[1]} by hand")
                        pairs.append((mine[0], hand[0]))
                    own, other = (statistics.median(times) for times in zip(*pairs, strict=True))
                    print(
                        f"a recall of {name:<8} {other / own:5.2f}   ours {own:8.1f} ms   by hand {other:8.1f} ms   "
                        f"{mine[1]} things",
                        flush=True,
                    )
                await services.changes.close()


if __name__ == "__main__":
    asyncio.run(main([int(size) for size in sys.argv[1:]] or SIZES))
