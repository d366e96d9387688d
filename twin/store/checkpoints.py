"""Checkpoints: what was signed, for ever; and the leaves below it, in documents of 1,024, for as long as is said here.

A checkpoint's document is its signed body, about 1 KiB, and is never deleted. Its leaves, some 150 bytes for each twin,
are what inclusion proofs and checks are made from: those of the newest 24 checkpoints are kept, and those of the first
of each month for ever. 1,024 leaves are a full subtree, so the root of a checkpoint follows from those of its chunks.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from twin.domain.history import Document
from twin.store.mongo import OPERATION_MS, Mongo, ensure_indexes, translated
from twin.store.together import Together
from twin.store.twins import Lost

CHUNK = 1024
LEAVES_KEPT = 24

INDEXES = (IndexModel([("run", ASCENDING), ("index", ASCENDING)], name="run", unique=True),)


class Checkpoints:
    """The checkpoints of one database. A run is an attempt at one: its chunks count once a checkpoint names it."""

    def __init__(self, mongo: Mongo) -> None:
        self._bodies = mongo.collection("checkpoints")
        self._chunks = mongo.collection("checkpoint_leaves")
        self._newest: Together[None, dict[str, Any] | None] = Together(self._find_newest)

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._chunks, INDEXES)

    async def newest(self) -> dict[str, Any] | None:
        """The newest checkpoint: `_id` is its number; `body`, `signature`, `run`."""
        return await self._newest(None)

    async def _find_newest(self, asked: Sequence[None]) -> list[dict[str, Any] | None]:
        with translated():
            found = await self._bodies.find_one({}, sort=[("_id", DESCENDING)], max_time_ms=OPERATION_MS)
        return [found] * len(asked)

    async def all(self) -> AsyncGenerator[dict[str, Any], None]:
        """Every checkpoint, oldest first."""
        with translated():
            async for document in self._bodies.find({}).sort("_id", ASCENDING):
                yield document

    async def add(self, number: int, body: Document, signature: str, run: str, *, keep: bool) -> None:
        """Add the next checkpoint, whose chunks are there already, and drop the leaves that are not kept any more.

        Args:
            number: its number; one more than the newest.
            body: what is signed.
            signature: hexadecimal.
            run: under which its chunks were put.
            keep: whether its leaves are kept for ever.

        Raises:
            Lost: another process has made the checkpoint of that number.
        """
        document = {"_id": number, "body": body, "signature": signature, "run": run, "keep": keep}
        with translated():
            try:
                await self._bodies.insert_one(document)
            except DuplicateKeyError as error:
                raise Lost from error
            oldest = {"_id": {"$gt": number - LEAVES_KEPT}}
            kept = await self._bodies.distinct("run", {"$or": [oldest, {"keep": True}]})
            await self._chunks.delete_many({"run": {"$nin": kept}, "number": {"$lte": number}})

    async def put(self, run: str, number: int, index: int, leaves: Sequence[Document], root: str) -> None:
        """Put a chunk of leaves.

        Args:
            run: the attempt.
            number: the checkpoint that it is to be.
            index: its place, from 0.
            leaves: `twin`, `revision` and `hash`, in the order of twins; 1,024, or fewer in the last chunk.
            root: that of their subtree, hexadecimal.
        """
        chunk = {
            "run": run,
            "number": number,
            "index": index,
            "first": leaves[0]["twin"],
            "last": leaves[-1]["twin"],
            "root": root,
            "leaves": list(leaves),
        }
        with translated():
            await self._chunks.insert_one(chunk)

    async def chunks(self, run: str, start: int = 0) -> AsyncGenerator[dict[str, Any], None]:
        """The chunks of a run in order, from the one at `start` on."""
        with translated():
            async for chunk in self._chunks.find({"run": run, "index": {"$gte": start}}).sort("index", ASCENDING):
                yield chunk

    async def chunk_of(self, run: str, twin: str) -> dict[str, Any] | None:
        """The chunk of a run that has the twin's leaf, if any has."""
        query = {"run": run, "first": {"$lte": twin}, "last": {"$gte": twin}}
        with translated():
            return await self._chunks.find_one(query, max_time_ms=OPERATION_MS)

    async def outline(self, run: str) -> list[dict[str, Any]]:
        """The chunks of a run in order, without their leaves: `index`, `first`, `last`, `root`."""
        with translated():
            cursor = self._chunks.find({"run": run}, {"leaves": False}, max_time_ms=OPERATION_MS)
            return await cursor.sort("index", ASCENDING).to_list(None)

    async def discard(self, run: str) -> None:
        """Delete the chunks of a run that no checkpoint names."""
        with translated():
            await self._chunks.delete_many({"run": run})
