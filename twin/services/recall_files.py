"""What of a recall goes out as a file: every thing in its set, why, where it is, and how far the work has come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Final

from twin.domain.actor import Actor
from twin.domain.history import Document
from twin.services.genealogy import Genealogy, Whereabouts
from twin.services.recalls import Recalls
from twin.services.tables import csv_lines
from twin.store import Store

ROUND: Final = 500
COLUMNS: Final = (
    "asset",
    "name",
    "kind",
    "identifiers",
    "standing",
    "progress",
    "exposed",
    "place",
    "party",
    "inTransit",
    "inside",
    "way",
    "lastActor",
    "lastAt",
)


class RecallFiles:
    """Writes what of recalls goes out.

    Args:
        store: where items and assets are.
        recalls: who may see one.
        genealogy: where things are.
    """

    def __init__(self, store: Store, recalls: Recalls, genealogy: Genealogy) -> None:
        self._store = store
        self._recalls = recalls
        self._genealogy = genealogy

    async def names(self, items: Sequence[Document]) -> dict[str, str | None]:
        """What the things on the ways to items are called, by id."""
        ids = {step[end] for item in items for step in item["way"] for end in ("what", "into")}
        found = await self._store.assets.heads(ids)
        return {asset: found[asset]["head"]["name"] if asset in found else None for asset in ids}

    async def rows(
        self, actor: Actor, items: Sequence[Document]
    ) -> list[tuple[Document, Document | None, Whereabouts]]:
        """Items of a recall, each with its asset and where that is now."""
        ids = {item["asset"] for item in items}
        assets = await self._store.assets.heads(ids)
        places = await self._genealogy.whereabouts(actor, ids)
        return [(item, assets.get(item["asset"]), places[item["asset"]]) for item in items]

    async def csv(self, actor: Actor, recall: str) -> AsyncIterator[bytes]:
        """The set as CSV (RFC 4180), in rounds: a line for each thing.

        A text that a spreadsheet would take for a formula has an apostrophe before it.

        Args:
            actor: as `Recalls.find` takes it.
            recall: its id.
        """
        await self._recalls.find(actor, recall)
        yield csv_lines([COLUMNS])
        waiting: list[Document] = []
        async with aclosing(self._store.recalls.all_items(recall)) as items:
            async for item in items:
                waiting.append(item)
                if len(waiting) == ROUND:
                    yield await self._round(actor, waiting)
                    waiting = []
        if waiting:
            yield await self._round(actor, waiting)

    async def _round(self, actor: Actor, items: Sequence[Document]) -> bytes:
        return csv_lines([_row(*each) for each in await self.rows(actor, items)])


def _row(item: Document, asset: Document | None, where: Whereabouts) -> list[str]:
    head: Any = {} if asset is None else asset["head"]
    last = item["events"][-1] if item["events"] else {}
    return [
        item["asset"],
        head.get("name", ""),
        head.get("kind", ""),
        " ".join(head.get("identifiers", ())),
        item["standing"],
        item["progress"],
        " ".join(f"{period['start'].isoformat()}/{period['end'].isoformat()}" for period in item["periods"]),
        where.place or "",
        where.party or "",
        "yes" if where.transit else "",
        " ".join(where.inside),
        " ".join(f"{step['what']} {step['how']} {step['into']} ({step['began']})" for step in item["way"]),
        last.get("actor", ""),
        last["at"].isoformat() if last else "",
    ]
