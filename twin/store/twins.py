"""Twins of one kind: head, bindings and newest versions in one document, older versions in immutable buckets.

A commit is one conditional update of one document (docs/adr/0002). When a document holds 32 versions, the next commit
first inserts the older 16 as a bucket, whose id is the twin's and the first revision, so that doing it twice is
harmless; then one update appends the new version and drops those 16. So version r is either in the twin's document or
in the bucket that begins at the revision `bucket_start(r)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from twin.domain.history import Document, Version
from twin.store.mongo import OPERATION_MS, Collection, Session, ensure_indexes, translated

MOST_KEPT = 32
BUCKET = 16

# One mutation writes one version of a twin: the index finds a repeat wherever it was kept.
MUTATION_INDEX = IndexModel([("versions.mutation", ASCENDING)], name="mutation", unique=True)


class Lost(Exception):
    """Another writer was first: the document's revision has moved on, or the mutation is there already."""


class Twins:
    """The twins of one collection.

    Args:
        collection: where they are.
        history: where the buckets of all kinds of twins are.
        indexes: what the collection's own queries need.
    """

    def __init__(self, collection: Collection, history: Collection, indexes: Sequence[IndexModel]) -> None:
        self.collection = collection
        self.history = history
        self._indexes = (MUTATION_INDEX, *indexes)

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self.collection, self._indexes)
        await ensure_indexes(self.history, (MUTATION_INDEX,))

    async def insert(
        self, twins: Sequence[tuple[Version, list[Document]]], *, session: Session | None = None
    ) -> list[dict[str, Any]]:
        """Insert new twins, all or (in a transaction) none, and return their documents.

        Args:
            twins: the first version of each, with its bindings.
            session: the transaction.

        Raises:
            Lost: one of the ids or mutations is there already.
        """
        documents = [new_document(version, bindings) for version, bindings in twins]
        with translated(session):
            try:
                await self.collection.insert_many(documents, session=session)
            except DuplicateKeyError as error:
                raise Lost from error
            except Exception as error:
                if _is_duplicate(error):
                    raise Lost from error
                raise
        return documents

    async def append(
        self,
        document: Document,
        version: Version,
        bindings: list[Document] | None = None,
        *,
        session: Session | None = None,
    ) -> dict[str, Any]:
        """Commit the next version of a twin: compare-and-set on the revision that `document` has.

        Args:
            document: the twin's, as read, with its versions.
            version: the next one.
            bindings: all of them, when they changed.
            session: a transaction, when several twins change at once.

        Returns:
            The document after the commit.

        Raises:
            Lost: another writer was first; nothing was written.
        """
        after = changed_document(document, version, bindings)
        if len(document["versions"]) >= MOST_KEPT:
            await self._archive(document["_id"], document["versions"][:BUCKET])
        update = {
            "$set": {name: value for name, value in after.items() if name not in ("_id", "versions", "created")},
            "$push": {"versions": {"$each": [version.as_document()], "$slice": -len(after["versions"])}},
        }
        guard = {
            "_id": document["_id"],
            "revision": document["revision"],
            "versions.mutation": {"$ne": version.mutation},
        }
        with translated(session):
            try:
                result = await self.collection.update_one(guard, update, session=session)
            except DuplicateKeyError as error:
                raise Lost from error
        if result.matched_count == 0:
            raise Lost
        return after

    async def _archive(self, twin: str, versions: Sequence[Document]) -> None:
        first = versions[0]["revision"]
        with translated():
            try:
                await self.history.insert_one({"_id": bucket_id(twin, first), "twin": twin, "versions": list(versions)})
            except DuplicateKeyError:
                return  # another writer, or an earlier try, has archived the same versions

    async def read(self, query: Mapping[str, Any], *, heads_only: bool = False) -> dict[str, Any] | None:
        """The twin that matches, with its newest versions unless only its head is wanted."""
        projection = {"versions": False} if heads_only else None
        with translated():
            return await self.collection.find_one(query, projection, max_time_ms=OPERATION_MS)

    async def heads(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The documents of several twins, without versions, by id."""
        with translated():
            cursor = self.collection.find({"_id": {"$in": list(ids)}}, {"versions": False}, max_time_ms=OPERATION_MS)
            return {document["_id"]: document for document in await cursor.to_list(None)}

    async def versions(self, document: Document, first: int = 1, last: int | None = None) -> list[Document]:
        """The versions of a twin from revision `first` to `last`, oldest first.

        Args:
            document: the twin's, with its newest versions.
            first: the first revision wanted, 1 at least.
            last: the last one wanted; None means the head.
        """
        last = document["revision"] if last is None else min(last, document["revision"])
        found = {version["revision"]: version for version in document["versions"]}
        oldest_kept = document["versions"][0]["revision"]
        if first < oldest_kept:
            starts = range(bucket_start(first), min(last, oldest_kept - 1) + 1, BUCKET)
            ids = [bucket_id(document["_id"], start) for start in starts]
            with translated():
                buckets = await self.history.find({"_id": {"$in": ids}}, max_time_ms=OPERATION_MS).to_list(None)
            for bucket in buckets:
                found.update((version["revision"], version) for version in bucket["versions"])
        return [found[revision] for revision in range(first, last + 1)]


def new_document(version: Version, bindings: list[Document]) -> dict[str, Any]:
    """The document of a twin that has but its first version."""
    return {
        "_id": version.twin,
        "revision": version.revision,
        "head": version.snapshot,
        "hash": version.hash,
        "created": {"occurred_at": version.occurred_at, "recorded_at": version.recorded_at},
        "changed": {"occurred_at": version.occurred_at, "recorded_at": version.recorded_at},
        "bindings": bindings,
        "versions": [version.as_document()],
    }


def changed_document(document: Document, version: Version, bindings: list[Document] | None) -> dict[str, Any]:
    """The document after a commit."""
    kept = document["versions"][BUCKET:] if len(document["versions"]) >= MOST_KEPT else document["versions"]
    return {
        "_id": document["_id"],
        "revision": version.revision,
        "head": version.snapshot,
        "hash": version.hash,
        "created": document["created"],
        "changed": {"occurred_at": version.occurred_at, "recorded_at": version.recorded_at},
        "bindings": document["bindings"] if bindings is None else bindings,
        "versions": [*kept, version.as_document()],
    }


def bucket_start(revision: int) -> int:
    """The first revision of the bucket that holds `revision` once it is archived.

    Examples:
        >>> bucket_start(1), bucket_start(16), bucket_start(17)
        (1, 1, 17)
    """
    return (revision - 1) // BUCKET * BUCKET + 1


def bucket_id(twin: str, first: int) -> str:
    """The id of the bucket of a twin that begins at a revision."""
    return f"{twin}:{first}"


def _is_duplicate(error: Exception) -> bool:
    details = getattr(error, "details", None) or {}
    return any(write.get("code") == 11000 for write in details.get("writeErrors", ()))
