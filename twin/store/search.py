"""Search: twins by their words, through one index of each collection, at a bounded cost.

A twin's document holds its words beside its head (twin.domain.search says which). The index gives the twins of one word
newest first; those with a longer word that it begins, or ends, come after, in the order of those words. A question of
several words is driven by the rarest: of the others nothing is looked up, they are compared with what that one finds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne

from twin.domain.history import Document
from twin.domain.search import SHORTEST_ASKED, ending, words_of
from twin.store.changes import KINDS, Kind
from twin.store.mongo import Collection, Mongo, ensure_indexes, translated
from twin.store.twins import HEAD

MOST_CANDIDATES = 100
MOST_EXAMINED = 1_000
SEARCH_MS = 2_000
FILLED_AT_ONCE = 200
MOST_FILLS = 3  # a process of the version before may be writing twins meanwhile

NEWEST = "created.recorded_at"
INDEX = IndexModel([("words", ASCENDING), (NEWEST, DESCENDING)], name="words")

Stage = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Heads that answer a question, of one kind of twins.

    Args:
        heads: without an order that means anything; a head may stand twice.
        complete: whether no others answer it.
    """

    heads: Sequence[Document]
    complete: bool


class Search:
    """The words of all twins.

    Args:
        mongo: the database.
    """

    def __init__(self, mongo: Mongo) -> None:
        self._collections: Mapping[Kind, Collection] = {kind: mongo.collection(name) for name, kind in KINDS.items()}

    async def prepare(self) -> None:
        """Create and check the indexes, and give their words to the twins that were written before there were any."""
        for collection in self._collections.values():
            await ensure_indexes(collection, [INDEX])
            for _ in range(MOST_FILLS):
                if not await _fill(collection):
                    break

    async def candidates(self, kind: Kind, words: Sequence[str]) -> Candidates:
        """Twins of which each of the words begins or ends a word: all where they are few, else some, the best first.

        Args:
            kind: which twins.
            words: folded, one of them of three characters at least.
        """
        collection = self._collections[kind]
        driver, few, last = words[0], True, list[Stage]()
        if len(words) > 1:
            driver, count = await _rarest(collection, [word for word in words if len(word) >= SHORTEST_ASKED])
            few, rest = count <= MOST_EXAMINED, [_stands(word) for word in words if word != driver]
            last += [{"$limit": MOST_EXAMINED}, *({"$match": condition} for condition in rest)]
        last += [{"$limit": MOST_CANDIDATES}, {"$project": HEAD}]
        exact: list[Stage] = [{"$match": {"words": driver}}, {"$sort": {NEWEST: DESCENDING}}]
        found = await asyncio.gather(
            _aggregate(collection, [*exact, *last]),
            _aggregate(collection, [{"$match": _begins(ending(driver))}, *last]),
            _aggregate(collection, [{"$match": _begins(driver)}, *last]),
        )
        complete = few and all(len(heads) < MOST_CANDIDATES for heads in found)
        return Candidates([head for heads in found for head in heads], complete)


async def _rarest(collection: Collection, words: Sequence[str]) -> tuple[str, int]:
    """The word that the fewest twins have, and how many those are; counting ends where they are too many."""

    async def count(start: str) -> int:
        counted: list[Stage] = [{"$match": _begins(start)}, {"$limit": MOST_EXAMINED + 1}, {"$count": "twins"}]
        return sum([row["twins"] for row in await _aggregate(collection, counted)])

    counts = await asyncio.gather(*(count(start) for word in words for start in (word, ending(word))))
    most = [max(pair) for pair in zip(counts[::2], counts[1::2], strict=True)]
    return min(zip(words, most, strict=True), key=lambda pair: pair[1])


async def _aggregate(collection: Collection, pipeline: Sequence[Stage]) -> list[dict[str, Any]]:
    with translated():
        return await collection.aggregate(list(pipeline), hint="words", maxTimeMS=SEARCH_MS).to_list(None)


def _begins(start: str) -> Stage:
    """What the index answers from one stretch of it; a word has no characters that mean anything in an expression."""
    return {"words": {"$regex": f"^{start}"}}


def _stands(word: str) -> Stage:
    """That a word begins or ends a word, as it is compared without the index; the short have no mirror image there."""
    return {"words": {"$regex": f"^{word}|^{ending(word)}|^[^<]{{1,2}}{word}$"}}


async def _fill(collection: Collection) -> int:
    """Give words to twins without; how many moved on meanwhile and got none."""
    missed = 0
    with translated():
        cursor = collection.find({"words": {"$exists": False}}, {"head": True, "revision": True}, hint="words")
        while documents := await cursor.to_list(FILLED_AT_ONCE):
            updates = [
                UpdateOne(
                    {"_id": document["_id"], "revision": document.get("revision"), "words": {"$exists": False}},
                    {"$set": {"words": words_of(document["head"])}},
                )
                for document in documents
                if isinstance(document.get("head"), Mapping)
            ]
            if updates:
                missed += len(updates) - (await collection.bulk_write(updates, ordered=False)).matched_count
    return missed
