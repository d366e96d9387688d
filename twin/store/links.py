"""Link sets: one twin for each level of an identifier, whose id is derived from the level's path."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from typing import Any

from pymongo import IndexModel

from twin.domain.history import Document
from twin.store.mongo import OPERATION_MS, Mongo, translated
from twin.store.paging import ORDER, Page, PageRequest, count, page
from twin.store.twins import Twins

PREFIX = "lnk"
INDEXES = (IndexModel(ORDER, name="newest"),)


class Links(Twins):
    """The link sets of levels."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo.collection("links"), mongo.collection("history"), INDEXES)

    async def states(self, paths: Collection[str]) -> dict[str, Document]:
        """What is stored of several levels now, by path; without those of which nothing is."""
        query = {"_id": {"$in": [linkset_id(path) for path in paths]}}
        with translated():
            found = await self.collection.find(query, {"head": True}, max_time_ms=OPERATION_MS).to_list(None)
        return {document["head"]["path"]: document["head"] for document in found}

    async def page(self, request: PageRequest) -> Page:
        """Link sets, those of the newest levels first."""
        return await page(self.collection, {}, request)

    async def count(self) -> int:
        """How many levels have, or had, links."""
        return await count(self.collection, {})


def linkset_id(path: str) -> str:
    """The id of the link set of a level: a level has but one.

    Examples:
        >>> linkset_id("01/09506000134352")
        'lnk_k23gglvyizdndoaxgzzwzfu4bcvux74s'
    """
    digest: Any = hashlib.sha256(path.encode()).digest()
    return f"{PREFIX}_{base64.b32encode(digest[:20]).decode().lower()}"
