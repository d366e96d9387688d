"""Twins as an auditor reads them: one by one, as they are stored, whatever somebody has made of them.

Nothing here trusts the shape of what it reads beyond `_id`: a value of another type, a moment out of the calendar, a
text that is not UTF-8 must come out as what it is, and not as an error.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion

from twin.domain.history import Document
from twin.store.mongo import OPERATION_MS, Collection, Mongo, translated
from twin.store.twins import BUCKET, bucket_id, bucket_start

AT_ONCE = 100
BUCKETS_AT_ONCE = 16
_AS_IT_IS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True,
    tzinfo=UTC,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="surrogateescape",
)


class Chains:
    """The twins of all kinds, in the order of their ids."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._kinds: Sequence[tuple[str, Collection]] = [
            (prefix, mongo.collection(name).with_options(codec_options=_AS_IT_IS))
            for prefix, name in (("ast_", "assets"), ("lbl_", "labels"), ("lnk_", "links"))
        ]
        self._history = mongo.collection("history").with_options(codec_options=_AS_IT_IS)

    async def all(self, after: str = "") -> AsyncGenerator[dict[str, Any], None]:
        """Every twin whose id follows `after`, with the versions that its document holds."""
        for prefix, collection in self._kinds:
            with translated():
                async for document in collection.find(_of(prefix, after)).sort("_id", 1):
                    yield document

    async def heads_at_one_point(self) -> AsyncGenerator[dict[str, Any], None]:
        """`_id`, `revision` and `hash` of every twin, as they all were at one point in time."""
        async with self._mongo.snapshot() as session:
            for prefix, collection in self._kinds:
                with translated():
                    cursor = collection.find(_of(prefix, ""), {"revision": True, "hash": True}, session=session)
                    async for document in cursor.sort("_id", 1):
                        yield document

    async def some(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The twins of these ids, by id."""
        found: dict[str, dict[str, Any]] = {}
        for prefix, collection in self._kinds:
            wanted = [twin for twin in ids if twin.startswith(prefix)]
            if wanted:
                with translated():
                    cursor = collection.find({"_id": {"$in": wanted}}, max_time_ms=OPERATION_MS)
                    found |= {document["_id"]: document for document in await cursor.to_list(None)}
        return found

    async def misplaced(self) -> AsyncGenerator[object, None]:
        """The ids of documents that stand where no twin of such an id belongs."""
        for prefix, collection in self._kinds:
            with translated():
                cursor = collection.find({"_id": {"$not": {"$gte": prefix, "$lt": _end(prefix)}}}, {"_id": True})
                async for document in cursor:
                    yield document["_id"]

    async def archived_without_twin(self) -> AsyncGenerator[str, None]:
        """The ids of twins that have archived versions and are not there."""
        with translated():
            batch: set[str] = set()
            async for bucket in self._history.find({}, {"_id": True}).sort("_id", 1):
                batch.add(str(bucket["_id"]).rpartition(":")[0])
                if len(batch) >= AT_ONCE:
                    for twin in await self._missing(batch):
                        yield twin
                    batch.clear()
            for twin in await self._missing(batch):
                yield twin

    async def _missing(self, ids: set[str]) -> list[str]:
        there: set[str] = set()
        for prefix, collection in self._kinds:
            wanted = [twin for twin in ids if twin.startswith(prefix)]
            there |= set(await collection.distinct("_id", {"_id": {"$in": wanted}})) if wanted else set()
        return sorted(ids - there)

    async def versions(self, twin: str, document: Document | None, first: int = 1) -> AsyncGenerator[Any, None]:
        """The stored versions of a twin from revision `first` on, in the order in which they are stored.

        Args:
            twin: its id.
            document: its document; None when there is none any more.
            first: by place, whatever the version there says of itself.
        """
        kept = kept_of(document)
        begin = _first_kept(document)
        async for start, versions in self._archived(twin, bucket_start(first), begin):
            for version in versions[max(0, first - start) :]:
                yield version
        for version in kept[max(0, first - (begin or first)) :]:
            yield version

    async def _archived(self, twin: str, start: int, end: int | None) -> AsyncGenerator[tuple[int, list[Any]], None]:
        """The buckets that begin from `start` on and before `end`, up to the first that is missing or misfiled."""
        while end is None or start < end:
            starts = [one for one in range(start, start + BUCKET * BUCKETS_AT_ONCE, BUCKET) if end is None or one < end]
            buckets = await self._buckets(twin, starts)
            for one in starts:
                if one not in buckets or not _is_filed(buckets[one], twin):
                    return
                yield one, _list(buckets[one].get("versions"))
            start = starts[-1] + BUCKET

    async def differing_archive(self, document: Document) -> int | None:
        """The first revision that stands twice and not alike: in the twin's document and archived.

        Versions stand twice after a crash between archiving and appending, or when somebody has put there what the next
        archiving would take for its own.
        """
        kept = kept_of(document)
        begin = _first_kept(document)
        if begin is None or len(kept) < BUCKET:
            return None
        starts = list(range(bucket_start(begin), begin + len(kept), BUCKET))
        for start, bucket in sorted((await self._buckets(document["_id"], starts)).items()):
            for place, version in enumerate(_list(bucket.get("versions"))):
                at = start + place - begin
                if at >= 0 and (at >= len(kept) or kept[at] != version):
                    return start + place
        return None

    async def _buckets(self, twin: str, starts: Sequence[int]) -> dict[int, dict[str, Any]]:
        ids = {bucket_id(twin, start): start for start in starts}
        with translated():
            found = await self._history.find({"_id": {"$in": list(ids)}}, max_time_ms=OPERATION_MS).to_list(None)
        return {ids[bucket["_id"]]: bucket for bucket in found}


def _is_filed(bucket: Document, twin: str) -> bool:
    """Whether a bucket is found by what it holds: its own fields, which the past is looked up by, say the same."""
    versions = _list(bucket.get("versions"))
    first = versions[0] if versions and isinstance(versions[0], dict) else {}
    times = {name: first.get(name) for name in ("revision", "occurred_at", "recorded_at")}
    return bucket.get("twin") == twin and bucket.get("first") == times


def kept_of(document: Document | None) -> list[Any]:
    """The versions that a twin's document holds."""
    return [] if document is None else _list(document.get("versions"))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _first_kept(document: Document | None) -> int | None:
    """The revision of the first version that a document holds; two of three witnesses are believed."""
    kept = kept_of(document)
    if document is None or not kept:
        return None
    says = [_revision(kept[0]), _revision(kept[-1]) - len(kept) + 1, _revision(document) - len(kept) + 1]
    return max(1, sorted(says)[1])


def _revision(document: object) -> int:
    found = document.get("revision") if isinstance(document, dict) else None
    return found if isinstance(found, int) else 0


def _of(prefix: str, after: str) -> dict[str, Any]:
    return {"_id": {"$gt": max(after, prefix), "$lt": _end(prefix)}}


def _end(prefix: str) -> str:
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
