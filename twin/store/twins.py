"""Twins of one kind: head, bindings and newest versions in one document, older versions in immutable buckets.

A commit is one conditional update of one document (docs/adr/0002). When a document holds 32 versions, the next commit
first inserts the older 16 as a bucket, whose id is the twin's and the first revision, so that doing it twice is
harmless; then one update appends the new version and drops those 16. So a document of revision r holds `kept(r)`
versions, and version r is either there or in the bucket that begins at the revision `bucket_start(r)`.

A head, as this module says it, is a twin's document without its versions: all that the rules need to write the next one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from twin.domain.history import Document, Version
from twin.store.mongo import OPERATION_MS, Collection, Session, ensure_indexes, translated

MOST_KEPT = 32
BUCKET = 16
MOST_RECENT = 1_000

# One mutation writes one version of a twin: the index finds a repeat wherever it was kept.
MUTATION_INDEX = IndexModel([("versions.mutation", ASCENDING)], name="mutation", unique=True)


class Lost(Exception):
    """Another writer was first: the document's revision has moved on, or the mutation is there already."""


class RecentHeads:
    """The heads that this process has seen last, by id and by link id: 1,000 at most."""

    def __init__(self) -> None:
        self._heads: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._ids: dict[str, str] = {}

    def keep(self, head: dict[str, Any]) -> None:
        """Remember a head, and forget the one not used for longest."""
        self._heads[head["_id"]] = head
        self._heads.move_to_end(head["_id"])
        self._ids[head["head"].get("link_id", "")] = head["_id"]
        if len(self._heads) > MOST_RECENT:
            self.forget(next(iter(self._heads)))

    def forget(self, twin: str) -> None:
        """Do not offer a head again."""
        head = self._heads.pop(twin, None)
        if head is not None:
            self._ids.pop(head["head"].get("link_id", ""), None)

    def find(self, query: Mapping[str, Any]) -> dict[str, Any] | None:
        """The head that a query by `_id` or `head.link_id` means, if it is remembered."""
        twin = query.get("_id") or self._ids.get(query.get("head.link_id", ""), "")
        return self._heads.get(twin)


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
        self.recent = RecentHeads()
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
        head: Document,
        version: Version,
        bindings: list[Document] | None = None,
        *,
        session: Session | None = None,
    ) -> dict[str, Any]:
        """Commit the next version of a twin: compare-and-set on the revision that `head` has.

        Args:
            head: the twin's, as read.
            version: the next one.
            bindings: all of them, when they changed.
            session: a transaction, when several twins change at once.

        Returns:
            The head after the commit.

        Raises:
            Lost: another writer was first; nothing was written.
        """
        after = next_head(head, version, bindings)
        if kept(head["revision"]) == MOST_KEPT:
            await self._archive(head["_id"], bucket_start(head["revision"]) - BUCKET)
        update = {
            "$set": {name: value for name, value in after.items() if name not in ("_id", "created")},
            "$push": {"versions": {"$each": [version.as_document()], "$slice": -kept(version.revision)}},
        }
        guard = {"_id": head["_id"], "revision": head["revision"], "versions.mutation": {"$ne": version.mutation}}
        self.recent.forget(head["_id"])
        with translated(session):
            try:
                result = await self.collection.update_one(guard, update, session=session)
            except DuplicateKeyError as error:
                raise Lost from error
        if result.matched_count == 0:
            raise Lost
        if session is None:  # a transaction may yet be aborted
            self.recent.keep(after)
        return after

    async def _archive(self, twin: str, first: int) -> None:
        """Insert the bucket that begins at a revision, unless another writer, or an earlier try, has done so."""
        document = await self.read({"_id": twin})
        if document is None or document["versions"][0]["revision"] != first:
            return
        with translated():
            try:
                await self.history.insert_one(
                    {"_id": bucket_id(twin, first), "twin": twin, "versions": document["versions"][:BUCKET]}
                )
            except DuplicateKeyError:
                return

    async def head(self, query: Mapping[str, Any], *, newest: bool) -> dict[str, Any] | None:
        """The head of the twin that matches.

        Args:
            query: by `_id` or `head.link_id`.
            newest: whether it must be read now. Otherwise it may be one that this process has seen lately: good enough
                to write on, because the write is guarded by the revision, but not to refuse on.
        """
        if not newest and (found := self.recent.find(query)) is not None:
            return found
        found = await self.read(query, heads_only=True)
        if found is not None:
            self.recent.keep(found)
        return found

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


def next_head(head: Document, version: Version, bindings: list[Document] | None) -> dict[str, Any]:
    """The head after a commit."""
    return {
        "_id": head["_id"],
        "revision": version.revision,
        "head": version.snapshot,
        "hash": version.hash,
        "created": head["created"],
        "changed": {"occurred_at": version.occurred_at, "recorded_at": version.recorded_at},
        "bindings": head["bindings"] if bindings is None else bindings,
    }


def kept(revision: int) -> int:
    """How many versions the document of a twin at `revision` holds.

    Examples:
        >>> [kept(revision) for revision in (1, 32, 33, 48, 49)]
        [1, 32, 17, 32, 17]
    """
    return revision if revision <= MOST_KEPT else BUCKET + 1 + (revision - MOST_KEPT - 1) % BUCKET


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
