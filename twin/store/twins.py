"""Twins of one kind: head, bindings and newest versions in one document, older versions in immutable buckets.

A commit is one conditional update of one document (docs/adr/0002). When a document holds 32 versions, the next commit
first inserts the older 16 as a bucket, whose id is the twin's and the first revision, so that doing it twice is
harmless; then one update appends the new version and drops those 16. So a document of revision r holds `kept(r)`
versions, and version r is either there or in the bucket that begins at the revision `bucket_start(r)`.

A head, as this module says it, is a twin's document without its versions and its words: all that the next version is
made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from twin.domain.history import AsOf, Document, Version, state_as_of, upcast
from twin.domain.search import words_after, words_of
from twin.store.lookup import Lookup
from twin.store.mongo import OPERATION_MS, Collection, Session, drop_index, ensure_indexes, translated, update
from twin.store.recent import RecentHeads
from twin.store.together import Together

MOST_KEPT = 32
BUCKET = 16

# One mutation writes one version of a twin: the indexes find a repeat wherever it is. In the archive it is not unique,
# for that has to take what one mutation wrote of two kinds of twins at the same time.
MUTATION_INDEX = IndexModel([("versions.mutation", ASCENDING)], name="mutation", unique=True)
ARCHIVED_MUTATION_INDEX = IndexModel([("versions.mutation", ASCENDING)], name="archived_mutation")
AS_OF_INDEX = IndexModel(
    [("twin", ASCENDING), ("first.revision", DESCENDING), ("first.occurred_at", 1), ("first.recorded_at", 1)],
    name="as_of",
)
_IN_PARTS = ("head", "since")  # what is written field by field
HEAD = {"versions": False, "words": False, "touched": False}
MILLISECOND = timedelta(milliseconds=1)


class Lost(Exception):
    """Another writer was first: the document's revision has moved on, or the mutation is there already."""


@dataclass(frozen=True, slots=True)
class _Commit:
    """One conditional update, and the version that it appends."""

    guard: Document
    update: Document
    version: Version


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
        self._updates: Together[_Commit, None] = Together(self._update)
        self._heads = Lookup(collection, HEAD)
        self._linearizable = collection.with_options(read_concern=ReadConcern("linearizable"))
        self._indexes = (MUTATION_INDEX, *indexes)

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self.collection, self._indexes)
        await ensure_indexes(self.history, (ARCHIVED_MUTATION_INDEX, AS_OF_INDEX))
        await drop_index(self.history, "mutation")  # of before, which was unique

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
        await self.add(documents, session=session)
        return documents

    async def add(self, documents: Sequence[dict[str, Any]], *, session: Session | None = None) -> None:
        """Insert documents that `new_document` has made, as `insert` does."""
        with translated(session):
            try:
                await self.collection.insert_many(documents, session=session)
            except Exception as error:
                if _is_duplicate(error):
                    raise Lost from error
                raise

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
        commit = _commit(head, version, after)
        if kept(head["revision"]) == MOST_KEPT:
            await self._archive(head)
        self.recent.forget(head["_id"])
        if session is None:
            await self._updates(commit)
            self.recent.keep(after)
        else:  # which may yet be aborted
            try:
                result = await self.collection.update_one(commit.guard, commit.update, session=session)
            except DuplicateKeyError as error:
                raise Lost from error
            if result.matched_count == 0:
                raise Lost
        return after

    async def _update(self, commits: Sequence[_Commit]) -> list[Exception | None]:
        """Make several commits at once: None for each that was made, for the others the reason."""
        first: dict[tuple[str, int], int] = {}
        for position, commit in enumerate(commits):  # of several for one revision, one can win
            first.setdefault((commit.version.twin, commit.version.revision), position)
        sent = list(first.values())
        answers: list[Exception | None] = [Lost() for _ in commits]
        for position in sent:
            answers[position] = None
        updates = [{"q": commits[at].guard, "u": commits[at].update, "hint": "_id_"} for at in sent]
        with translated():
            matched, failed = await update(self.collection, updates)
        for index, reason in failed:
            answers[sent[index]] = Lost() if isinstance(reason, DuplicateKeyError) else reason
        if matched < answers.count(None):  # the servers do not tell which of them found their twin moved on
            made = await self._made([commits[position].version.mutation for position in sent])
            for position in sent:
                if answers[position] is None and commits[position].version.hash not in made:
                    answers[position] = Lost()
        return answers

    async def _made(self, mutations: Sequence[str]) -> set[str]:
        """The hashes of the versions that stand under the mutations: of a repeat at the same time, one is written."""
        query = {"versions.mutation": {"$in": mutations}}
        found: set[str] = set()
        with translated():  # surely the newest: who is told that he lost tries again, and must not have written
            for collection in (self._linearizable, self.history):  # in this order: it may be archived meanwhile
                cursor = collection.find(query, {"versions.hash": True}, max_time_ms=OPERATION_MS)
                for document in await cursor.to_list(None):
                    found.update(version["hash"] for version in document["versions"])
        return found

    async def _archive(self, head: Document) -> None:
        """Insert the bucket of a head's older half, unless another writer, or an earlier try, has done so.

        Raises:
            Lost: a new primary still answers from before that head: what it does not show must not be dropped.
        """
        twin, first = head["_id"], bucket_start(head["revision"]) - BUCKET
        document = await self.read({"_id": twin})
        if document is None or document["revision"] < head["revision"]:
            raise Lost
        if document["versions"][0]["revision"] != first:
            return
        versions = document["versions"][:BUCKET]
        times = {name: versions[0][name] for name in ("revision", "occurred_at", "recorded_at")}
        bucket = {"_id": bucket_id(twin, first), "twin": twin, "first": times, "versions": versions}
        with translated(), suppress(DuplicateKeyError):
            await self.history.insert_one(bucket)

    async def head(self, query: Mapping[str, Any]) -> dict[str, Any] | None:
        """The head of the twin that matches, by `_id` or `head.link_id`, as it is now."""
        [named] = query.items()
        found = await self._heads.one(*named)
        if found is None:
            return await self.sure_head(query)
        self.recent.keep(found)
        return found

    async def recent_head(self, query: Mapping[str, Any]) -> dict[str, Any] | None:
        """The head of the twin that matches, as this process saw it last, or as it is now.

        Good enough to write on, because the write is guarded by the revision, but not to refuse on.
        """
        return self.recent.find(query) or await self.head(query)

    async def sure_head(self, query: Mapping[str, Any]) -> dict[str, Any] | None:
        """The head of the twin that matches, with every acknowledged write, whoever became primary a moment ago.

        A new primary may not know for a while what is acknowledged, and answer from before; here it makes sure first.
        """
        with translated():
            found = await self._linearizable.find_one(query, HEAD, max_time_ms=OPERATION_MS)
        if found is not None:
            self.recent.keep(found)
        return found

    async def read(self, query: Mapping[str, Any]) -> dict[str, Any] | None:
        """The twin that matches, with its newest versions."""
        with translated():
            return await self.collection.find_one(query, max_time_ms=OPERATION_MS)

    async def heads(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The heads of several twins, by id."""
        return await self._heads.by("_id", ids)

    async def versions(self, head: Document, first: int = 1, last: int | None = None) -> list[Document]:
        """The versions of a twin from revision `first` to `last`, oldest first.

        Args:
            head: the twin's, of any revision from `last` on.
            first: the first revision wanted, 1 at least.
            last: the last one wanted; None means the head's.
        """
        last = head["revision"] if last is None else min(last, head["revision"])
        wanted = range(first, last + 1)
        found = await self._standing(head, wanted)
        if not found.keys() >= set(wanted):  # a new primary answers from before that head: make sure, and read again
            await self.sure_head({"_id": head["_id"]})
            found = await self._standing(head, wanted)
        return [upcast(found[revision]) for revision in wanted]

    async def _standing(self, head: Document, wanted: range) -> dict[int, Document]:
        """The versions that are wanted, and perhaps their neighbours, by revision."""
        found: dict[int, Document] = {}
        if wanted.stop > head["revision"] - kept(head["revision"]) + 1:
            found = await self._kept(head["_id"], wanted.start, wanted.stop - 1)
        if starts := sorted({bucket_start(revision) for revision in wanted if revision not in found}):
            with translated():
                ids = [bucket_id(head["_id"], start) for start in starts]
                buckets = await self.history.find({"_id": {"$in": ids}}, max_time_ms=OPERATION_MS).to_list(None)
            found |= {version["revision"]: version for bucket in buckets for version in bucket["versions"]}
        return found

    async def _kept(self, twin: str, first: int, last: int) -> dict[int, Document]:
        """Those of the versions from `first` to `last` that the twin's document still holds, by revision."""
        within = {"$and": [{"$gte": ["$$this.revision", first]}, {"$lte": ["$$this.revision", last]}]}
        projection = {"versions": {"$filter": {"input": "$versions", "cond": within}}}
        with translated():
            document = await self.collection.find_one({"_id": twin}, projection, max_time_ms=OPERATION_MS)
        return {} if document is None else {version["revision"]: version for version in document["versions"]}

    async def state_as_of(self, twin: str, as_of: AsOf) -> tuple[Document, Document] | None:
        """The state of a twin as of a point on both axes, and the qualifying version of the highest revision.

        The first `in_order` versions of a twin stand in the same order on both axes as their revisions do, so the state
        after any of them is its snapshot: one look into the document, and one into a bucket for the remote past. Only
        what follows a late fact or a correction has to be folded, and only from the moment that it reaches back to.
        """
        document = await self.read({"_id": twin})
        if document is None:
            return None
        in_order, revision = document["in_order"], document["revision"]
        beyond = await self.versions(document, in_order + 1, revision) if in_order < revision else []
        late = [version for version in beyond if as_of.includes(version)]
        if not late:
            base = await self._newest_in_order(document, as_of)
            return None if base is None else (base["snapshot"], base)
        reaches_back_to = min(version["occurred_at"] for version in late)
        before = AsOf(min(as_of.occurred or reaches_back_to, reaches_back_to - MILLISECOND), as_of.recorded)
        base = await self._newest_in_order(document, before)
        since = await self.versions(document, 1 if base is None else base["revision"] + 1, in_order)
        return state_as_of([*since, *late], as_of, base)

    async def _newest_in_order(self, document: Document, as_of: AsOf) -> Document | None:
        """Of the versions that stand in order, the newest that qualifies."""
        in_order = document["in_order"]
        found = _newest(document["versions"], in_order, as_of)
        if found is None and document["versions"][0]["revision"] > 1:
            query: dict[str, Any] = {"twin": document["_id"], "first.revision": {"$lte": in_order}}
            if as_of.occurred is not None:
                query["first.occurred_at"] = {"$lte": as_of.occurred}
            if as_of.recorded is not None:
                query["first.recorded_at"] = {"$lte": as_of.recorded}
            with translated():
                bucket = await self.history.find_one(
                    query, sort=[("first.revision", DESCENDING)], max_time_ms=OPERATION_MS
                )
            found = None if bucket is None else _newest(bucket["versions"], in_order, as_of)
        return None if found is None else upcast(found)


def _newest(versions: Sequence[Document], in_order: int, as_of: AsOf) -> Document | None:
    return next((v for v in reversed(versions) if v["revision"] <= in_order and as_of.includes(v)), None)


def new_document(version: Version, bindings: list[Document]) -> dict[str, Any]:
    """The document of a twin that has but its first version."""
    return {
        "_id": version.twin,
        "revision": version.revision,
        "head": version.snapshot,
        "hash": version.hash,
        "created": {"occurred_at": version.occurred_at, "recorded_at": version.recorded_at},
        "changed": {"occurred_at": version.occurred_at, "recorded_at": version.recorded_at},
        "in_order": 1,
        "since": version.since,
        "bindings": bindings,
        "words": words_of(version.snapshot),
        "versions": [version.as_document()],
    }


def next_head(head: Document, version: Version, bindings: list[Document] | None) -> dict[str, Any]:
    """The head after a commit."""
    changed = {"occurred_at": version.occurred_at, "recorded_at": version.recorded_at}
    follows = head["in_order"] == head["revision"] and version.corrects is None
    follows = follows and all(changed[axis] >= head["changed"][axis] for axis in changed)
    return {
        "_id": head["_id"],
        "revision": version.revision,
        "head": version.snapshot,
        "hash": version.hash,
        "created": head["created"],
        "changed": changed,
        "in_order": version.revision if follows else head["in_order"],
        "since": version.since,
        "bindings": head["bindings"] if bindings is None else bindings,
    }


def _commit(head: Document, version: Version, after: Document) -> _Commit:
    """The update that makes a head the next one, and appends its version."""
    guard = {"_id": head["_id"], "revision": head["revision"], "versions.mutation": {"$ne": version.mutation}}
    changed, removed = _changes(head, after)
    words = words_after(head["head"], version.snapshot)
    if words is not None:  # most moves change none, and leave their index alone
        changed["words"] = words
    appended = {"versions": {"$each": [version.as_document()], "$slice": -kept(version.revision)}}
    return _Commit(guard, {"$set": changed, "$unset": removed, "$push": appended}, version)


def _changes(head: Document, after: Document) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is to be set and what to be removed, by path: what stays is neither sent nor compared, nor its index.

    Examples:
        >>> before = {"hash": "1", "head": {"state": "APPLIED", "asset": "ast_7"}, "since": {}}
        >>> _changes(before, {"hash": "2", "head": {"state": "REMOVED"}, "since": {}})
        ({'hash': '2', 'head.state': 'REMOVED'}, {'head.asset': True})
    """
    changed = {name: value for name, value in after.items() if name not in _IN_PARTS and value != head[name]}
    for part in _IN_PARTS:
        changed |= {f"{part}.{name}": value for name, value in after[part].items() if value != head[part].get(name)}
    removed = {f"{part}.{name}": True for part in _IN_PARTS for name in head[part] if name not in after[part]}
    return changed, removed


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
