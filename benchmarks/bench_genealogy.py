"""Genealogy beside the same walks written by hand against the driver, with the same indexes, in turns in one run.

Both get the same rows and lead to the same answer, level by level. A ratio of 0.8 means that ours answers 0.8 times as
many a second; medians count. What is asked of the cells, of one vehicle and of 160 modules is the same at all sizes, so
what grows there grows with the data; the melt is in 10,000 vehicles, or in all there are.

The sizes are edges: `bench_genealogy.py 10000 100000 1000000` is the whole of it, 10,000 what is asked of `make bench`.
The history of what was written is checked at the first of them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from genealogies import ACTOR, Writer, Written

from twin.api import web
from twin.domain.fact import NEVER
from twin.services import Services
from twin.store import Store, embedded
from twin.store.mongo import Collection as Rows
from twin.store.mongo import connected

SIZES = (10_000,)
LONG_S = float(os.environ.get("BENCH_SECONDS", "2"))
"""For how long each question is asked, both ways together."""
INSIDE = ["INSTALLED", "CONSUMED", "PACKED"]
SHOWN = {"_id": False, "recorded": False, "superseded": False}
BEGINNING = datetime.min.replace(tzinfo=UTC)
PAGE = """query ($id: ID!) { asset(id: $id) { usedIn(first: 20) { totalCount edges { node { level how since
  asset { id name } via { id } } } pageInfo { endCursor } } } }"""
Work = Callable[[], Awaitable[Any]]


class ByHand:
    """What somebody would write who needs the answer once."""

    def __init__(self, spans: Rows) -> None:
        self._spans = spans

    async def _of(self, near: str, things: Collection[str], after: datetime, **more: Any) -> list[dict[str, Any]]:
        query = {near: {"$in": list(things)}, "superseded": NEVER, "end": {"$gt": after}, **more}
        return await self._spans.find(query, SHOWN).to_list(None)

    async def walk(self, start: str, near: str, far: str) -> list[tuple[int, dict[str, Any]]]:
        """What a thing is in, or what is in it, now: level and row."""
        now = datetime.now(UTC)
        steps: list[tuple[int, dict[str, Any]]] = []
        seen, frontier, level = {start}, {start}, 0
        while frontier:
            level += 1
            rows = await self._of(near, frontier, now, start={"$lte": now}, how={"$in": INSIDE})
            steps += [(level, row) for row in rows]
            frontier = {row[far] for row in rows} - seen
            seen |= frontier
        return steps

    async def whereabouts(self, things: Sequence[str]) -> dict[str, tuple[str, bool]]:
        """Place and whether on the way there, now, of things that are somewhere, or in something that is."""
        now = datetime.now(UTC)
        holders: dict[str, list[str]] = {thing: [thing] for thing in things}
        found: dict[str, tuple[str, bool]] = {}
        while holders:
            following: dict[str, list[str]] = {}
            for row in await self._of("what", holders, now, start={"$lte": now}):
                asking = holders[row["what"]]
                if row["how"] == "PLACED":
                    found |= dict.fromkeys(asking, (row["place"], row.get("transit", False)))
                elif not row.get("share"):
                    following.setdefault(row["into"], []).extend(asking)
            holders = following
        return found

    async def exposed(self, start: str) -> dict[str, set[tuple[datetime, datetime]]]:
        """When a thing was in what, ever: the periods in which all of a way held at once."""
        found: dict[str, set[tuple[datetime, datetime]]] = {}
        frontier = {start: {(BEGINNING, NEVER)}}
        while frontier:
            following: dict[str, set[tuple[datetime, datetime]]] = {}
            for row in await self._of("what", frontier, BEGINNING, start={"$lt": NEVER}, how={"$in": INSIDE}):
                into = row["into"]
                for begun, ended in frontier[row["what"]]:
                    period = max(begun, row["start"]), min(ended, row["end"])
                    if period[0] < period[1] and period not in found.get(into, ()):
                        found.setdefault(into, set()).add(period)
                        following.setdefault(into, set()).add(period)
            frontier = following
        return found


async def took(work: Work) -> float:
    """How many milliseconds."""
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1_000


async def compare(what: str, ours: Work, by_hand: Work) -> None:
    """Print how long a question takes, both ways, and the ratio, by the medians; both say how long their answer is."""
    size, other = len(await ours()), len(await by_hand())
    if size != other:
        raise SystemExit(f"{what}: {size} answers, and {other} by hand")
    pairs: list[tuple[float, float]] = []
    begun = time.perf_counter()
    while len(pairs) < 5 or (time.perf_counter() - begun < LONG_S and len(pairs) < 200):
        if len(pairs) % 2:
            mine, theirs = await took(ours), await took(by_hand)
        else:
            theirs, mine = await took(by_hand), await took(ours)
        pairs.append((mine, theirs))
    own, hand = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"{what:<44} {hand / own:5.2f}   ours {own:8.1f} ms   by hand {hand:8.1f} ms   {size} answers", flush=True)


async def ask(services: Services, rows: Rows, written: Written) -> None:
    """All questions."""
    genealogy, hand = services.genealogy, ByHand(rows)

    async def where(things: Sequence[str]) -> dict[str, Any]:
        found = await genealogy.whereabouts(ACTOR, things)
        return {thing: at for thing, at in found.items() if at.place is not None}

    async def first_ways(lot: str) -> dict[str, Any]:
        return {row["into"]: row for _, row in await hand.walk(lot, "what", "into")}

    vehicle = written.vehicles[7]
    bill = partial(genealogy.components, ACTOR, vehicle)
    await compare("bill of materials of a vehicle", bill, partial(hand.walk, vehicle, "into", "what"))
    for name, lot in (("cells", written.cells), ("ore", written.ore), ("melt", written.melt)):
        uses, walk = partial(genealogy.uses, ACTOR, lot), partial(hand.walk, lot, "what", "into")
        await compare(f"where used: {name}", uses, walk)
        reached = partial(genealogy.reached_by, [lot], datetime.now(UTC))
        await compare(f"reached by: {name}", reached, partial(first_ways, lot))
        await compare(f"exposed ever: {name}", partial(genealogy.exposed, [lot]), partial(hand.exposed, lot))
    modules, vehicles = written.modules, written.vehicles
    for name, things in (("modules", modules[:160]), ("modules", modules[:10_000]), ("vehicles", vehicles[:10_000])):
        what = f"whereabouts of {len(things)} {name}"
        await compare(what, partial(where, things), partial(hand.whereabouts, things))
    await page(services, written)


async def page(services: Services, written: Written) -> None:
    """Print how long a page of where-used takes through GraphQL, over HTTP in this process."""
    application = web.application(services, graphiql=False, demo_key=None)
    key = {"authorization": "Bearer bench"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(application), base_url="http://127.0.0.1:8000", headers=key
    ) as client:
        for name, lot in (("cells", written.cells), ("melt", written.melt)):

            async def asked(lot: str = lot) -> Any:
                answer = await client.post("/graphql", json={"query": PAGE, "variables": {"id": lot}})
                return answer.json()["data"]["asset"]["usedIn"]["totalCount"]

            total = await asked()
            times = [await took(asked) for _ in range(15)]
            print(f"a page of 20 through GraphQL: {name:<14}         {statistics.median(times):8.1f} ms   of {total}")


async def main(sizes: Sequence[int]) -> None:
    """Run on a mongod of this run's own."""
    with tempfile.TemporaryDirectory() as directory, embedded.acquire(Path(directory)) as mongod:
        for size in sizes:
            async with connected(mongod.uri, f"bench-{size}") as mongo:
                store = await Store.prepared(mongo)
                services = await Services.on(store, demo_key="bench")
                begun = time.perf_counter()
                written = await Writer(store).write(size)
                said = f"{written.edges:,} edges, {len(written.vehicles):,} vehicles"
                print(f"{said}, written in {time.perf_counter() - begun:.0f} s")
                if size == sizes[0]:
                    report = await services.audit.check_history(ACTOR)
                    if report.broken:
                        raise SystemExit(f"what was written is not whole: {report.findings[:3]}")
                print(f"{'':<44} ratio")
                gc.collect()
                gc.freeze()  # as the service does when it has started
                await ask(services, mongo.collection("spans"), written)
                await services.changes.close()


if __name__ == "__main__":
    asyncio.run(main([int(size) for size in sys.argv[1:]] or SIZES))
