"""What a recall affects: computed from the facts as they were known at one moment, each thing with the way to it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twin.domain.fact import FactKind
from twin.domain.history import AsOf, Document
from twin.domain.recall import MOST_ITEMS, Criteria, RecallState, Standing, digest_of, item_line
from twin.domain.spans import How
from twin.domain.tracing import Exposure, Step
from twin.errors import TooLarge
from twin.services.genealogy import Genealogy
from twin.store import Store
from twin.store.recalls import AT_ONCE, new_item

ROUND = 4 * AT_ONCE
"""After how many things it is told how far the computing is, and asked whether it goes on."""

THROUGH = (How.INSTALLED, How.CONSUMED)
"""What is packed beside something that is recalled is not recalled for that."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was kept of a recall's set.

    Args:
        digest: over what was asked and found.
        counts: how many things there are of each standing.
    """

    digest: str
    counts: Counter[Standing]


class RecallSets:
    """Computes the sets of recalls.

    Args:
        store: where facts and recalls are.
        genealogy: what was in what.
    """

    def __init__(self, store: Store, genealogy: Genealogy) -> None:
        self._store = store
        self._genealogy = genealogy

    async def found(self, recall: Document, recorded: datetime | None) -> AsyncIterator[dict[str, Any]]:
        """The things that a recall affects, and those that were exposed until a part was taken out.

        Args:
            recall: its document.
            recorded: as it was known then; None means now.
        """
        for item in await self._items(recall, recorded):
            yield item

    async def write(self, recall: Document) -> Written | None:
        """Compute a recall's set and keep it, telling how far that is; None when it is not to be computed any more."""
        items = await self._items(recall, recall["as_of"]["recorded"])
        if len(items) > MOST_ITEMS:
            raise TooLarge(f"Expected at most {MOST_ITEMS} things in a recall, found {len(items)}.")
        # In a thread, while the database writes, and others are served.
        digest = asyncio.create_task(asyncio.to_thread(digest_of, recall, map(item_line, items)))
        for first in range(0, len(items), ROUND):
            now = await self._store.recalls.find(recall["_id"])
            if now is None or now["state"] != RecallState.COMPUTING:
                await self._store.recalls.drop_items(recall["_id"])
                await digest
                return None
            last = min(first + ROUND, len(items))
            parts = [items[part : min(part + AT_ONCE, last)] for part in range(first, last, AT_ONCE)]
            await asyncio.gather(*map(self._store.recalls.write_items, parts))
            if last < len(items):  # the end is told by what is frozen
                await self._store.recalls.told(recall["_id"], len(items), last)
        counts = Counter(Standing(item["standing"]) for item in items)
        return Written(await digest, counts)

    async def _items(self, recall: Document, recorded: datetime | None) -> list[dict[str, Any]]:
        moment: datetime = recall["as_of"]["occurred"]
        starts = await self._starts(Criteria.from_document(recall["criteria"]), AsOf(moment, recorded))
        affected = await self._genealogy.reached_by(starts, moment, recorded, through=THROUGH)
        exposed = await self._genealogy.exposed(starts, moment, recorded, through=THROUGH)
        ids = {*starts, *affected, *exposed}
        merged = await self._store.assets.merged_into(ids)
        # In a thread, because it takes a while for many: others are served meanwhile.
        return await asyncio.to_thread(_assembled, recall["_id"], starts, affected, exposed, merged)

    async def _starts(self, criteria: Criteria, as_of: AsOf) -> list[str]:
        found = dict.fromkeys(criteria.assets)
        if criteria.part_of:
            found |= dict.fromkeys(await self._store.assets.of(criteria.part_of))
        if criteria.made:
            marks = [f"{name}:{value}" for name, value in criteria.made.items()]
            window = (criteria.made_from, criteria.made_until)
            found |= dict.fromkeys(await self._store.facts.happened_to(FactKind.PRODUCE, marks, window, as_of))
        if len(found) > MOST_ITEMS:
            raise TooLarge(f"Expected at most {MOST_ITEMS} things to start from, found {len(found)}.")
        return list(found)


def _assembled(
    recall: str,
    starts: Sequence[str],
    affected: dict[str, Step],
    exposed: Mapping[str, Exposure],
    merged: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:
    """The items of a recall, in the order of the ids of their assets."""
    items = [new_item(recall, start, Standing.AFFECTED) for start in starts]
    items += [new_item(recall, thing, Standing.AFFECTED, _way(affected, thing)) for thing in affected]
    items += [
        new_item(recall, thing, Standing.EXPOSED, exposure.way, exposure.periods)
        for thing, exposure in exposed.items()
        if thing not in affected
    ]
    for item in items:
        item["names"] += merged.get(item["asset"], ())
    return sorted(items, key=lambda item: str(item["asset"]))


def _way(steps: dict[str, Step], thing: str) -> Sequence[Document]:
    """The spans of the way to a thing, from where it begins."""
    way: list[Document] = []
    while thing in steps:
        step = steps[thing]
        way.append(step.span)
        thing = step.via
    return way[::-1]
