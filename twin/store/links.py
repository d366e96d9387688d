"""Link sets: one twin for each level of an identifier, whose id is derived from the level's path."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from pymongo import IndexModel

from twin.domain.history import Document
from twin.domain.links import Linkset
from twin.store.mongo import OPERATION_MS, Mongo, Session, translated
from twin.store.paging import ORDER, Page, PageRequest, count, page
from twin.store.together import Together
from twin.store.twins import Twins

PREFIX = "lnk"
MOST_REMEMBERED = 20_000
"""How many links the link sets that a process remembers have in all."""

INDEXES = (IndexModel(ORDER, name="newest"),)
_READ = {"head": True, "hash": True, "revision": True, "mistaken": True}


class Links(Twins):
    """The link sets of levels."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo.collection("links"), mongo.collection("history"), INDEXES)
        self._together: Together[tuple[str, ...], dict[str, Linkset]] = Together(self._find)
        self._known: OrderedDict[str, Linkset] = OrderedDict()
        self._remembered = 0

    async def of_levels(self, paths: Sequence[str]) -> dict[str, Linkset]:
        """The links of several levels now, by path; without those of which nothing is stored."""
        return await self._together(tuple(paths)) if paths else {}

    async def _find(self, rounds: Sequence[tuple[str, ...]]) -> list[dict[str, Linkset]]:
        """What is asked for at the same time is looked for at once."""
        ids = {path: linkset_id(path) for path in set(chain.from_iterable(rounds))}
        query = {"_id": {"$in": list(ids.values())}}
        with translated():
            cursor = self.collection.find(query, _READ, max_time_ms=OPERATION_MS)
            found = {document["_id"]: self._read(document) for document in await cursor.to_list(None)}
        return [{path: found[ids[path]] for path in paths if ids[path] in found} for paths in rounds]

    def _read(self, document: Document) -> Linkset:
        """The link set of a head; one that was read before is known by its version's hash."""
        known = self._known.get(document["hash"])
        if known is None:
            known = self._known[document["hash"]] = Linkset.from_state(document["head"])
            self._remembered += 1 + len(known.links)
            while self._remembered > MOST_REMEMBERED:
                self._remembered -= 1 + len(self._known.popitem(last=False)[1].links)
        return replace(known, mistaken=True) if document.get("mistaken") == document["revision"] else known

    async def correct(self, path: str, *, session: Session) -> None:
        """Note that a level's identifier was a mistake, in the transaction that corrects it: at which revision."""
        mark = [{"$set": {"mistaken": "$revision"}}]
        await self.collection.update_one({"_id": linkset_id(path)}, mark, session=session)

    async def page(self, request: PageRequest) -> Page:
        """Link sets, those of the newest levels first."""
        return await page(self.collection, {}, request)

    async def count(self) -> int:
        """How many levels have, or had, links."""
        return await count(self.collection, {})


@lru_cache(maxsize=4_096)
def linkset_id(path: str) -> str:
    """The id of the link set of a level: a level has but one.

    Examples:
        >>> linkset_id("01/09506000134352")
        'lnk_56b6632eb84646d1b81736736c969c08ab4bff92'
    """
    return f"{PREFIX}_{hashlib.sha256(path.encode()).hexdigest()[:40]}"
