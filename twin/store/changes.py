"""The feed of changes: every version of every label and asset, in the order in which they were committed.

It is read from MongoDB's change streams, and from the events' own fields: a look into the database after the event
would show a later revision. What an event holds of a version depends on how it was written:

    insert                          fullDocument.versions, the last of it
    $push                           updateDescription.updatedFields["versions.7"]
    $push that drops old versions   updateDescription.updatedFields["versions"], the last of it

An event in a transaction has the same shape, and a position of its own. A position is a resume token; MongoDB writes
it as hexadecimal digits that sort as the events do. All streams ask for the same events, whatever their readers want:
the server resumes after an event only in a stream that shows it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import bson
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from twin.domain.history import Document, upcast
from twin.errors import CursorTooOld
from twin.store.mongo import OPERATION_MS, Mongo, Watched, translated

log = logging.getLogger(__name__)

Kind = Literal["label", "asset"]
Result = TypeVar("Result")

BATCH = 100
KINDS: Mapping[str, Kind] = {"labels": "label", "assets": "asset"}
_UPDATED = "updateDescription.updatedFields"
_NOT_NEEDED = {"$regexMatch": {"input": "$$this.k", "regex": "^(head|since|bindings|words)"}}  # such as head.state
PIPELINE = (
    {"$match": {"operationType": {"$in": ["insert", "update"]}, "ns.coll": {"$in": sorted(KINDS)}}},
    {
        "$set": {
            _UPDATED: {
                "$arrayToObject": {
                    "$filter": {"input": {"$objectToArray": f"${_UPDATED}"}, "cond": {"$not": _NOT_NEEDED}}
                }
            }
        }
    },
)

# CappedPositionLost, InvalidResumeToken, ChangeStreamFatalError and ChangeStreamHistoryLost: the oplog has rolled over,
# or it is not the one that the token was made from.
_LOST = frozenset({136, 260, 280, 286})


@dataclass(frozen=True, slots=True)
class Change:
    """A version, as the feed tells of it.

    Args:
        position: where it stands in the feed; a later change has a greater one.
        kind: what sort of twin changed.
        twin: its id.
        version: its new version, whose snapshot is the whole state after it.
        size: how many bytes the version takes, roughly.
    """

    position: bytes
    kind: Kind
    twin: str
    version: Document
    size: int


class Stream:
    """The feed from a position on.

    Args:
        watched: the driver's stream, which has been opened.
    """

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    @property
    def position(self) -> bytes:
        """All changes up to here have been told, and none after it; empty where the first is still to be told."""
        token = self._watched.resume_token
        return b"" if token is None else bytes.fromhex(token["_data"])

    async def next(self) -> Change | None:
        """The next change; None when there is none so far. Goes on by itself after an election.

        Raises:
            CursorTooOld: what would follow is not kept any more.
            Unavailable: the database does not answer; the same call may succeed in a moment, and nothing is missed.
        """
        with _translated():
            event = await _to_the_end(self._watched.try_next())
        if event is not None:
            return change_of(event)
        if not self._watched.alive:  # type: ignore[truthy-function]  # it is a property
            raise CursorTooOld  # the database was dropped
        return None


class ChangeFeed:
    """The changes of labels and assets.

    Args:
        mongo: the database.
    """

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._linearizable = mongo.collection("labels").with_options(read_concern=ReadConcern("linearizable"))

    async def settled(self) -> None:
        """Wait until all that a stream has passed by now is shown by every read: a majority read may be older.

        Raises:
            Unavailable: the database does not answer.
        """
        with translated():
            await self._linearizable.find_one({"_id": ""}, max_time_ms=OPERATION_MS)

    @asynccontextmanager
    async def stream(self, after: bytes | None = None, *, wait_ms: int) -> AsyncIterator[Stream]:
        """The feed.

        Args:
            after: only what follows this position; None means what is committed from now on.
            wait_ms: for how long `next` waits for a change, and so for how long a reader that gives up is kept.

        Raises:
            CursorTooOld: the changes that followed the position are not kept any more.
            Unavailable: the database does not answer.
        """
        token = None if after is None else {"_data": after.hex().upper()}
        watched = self._mongo.watch(list(PIPELINE), resume_after=token, max_await_time_ms=wait_ms, batch_size=BATCH)
        try:
            with _translated():
                await _to_the_end(watched.__aenter__())
            yield Stream(watched)
        finally:
            with translated():
                await _to_the_end(watched.close())


def change_of(event: Document) -> Change | None:
    """What an event of a change stream tells; None when it tells of no new version."""
    if event["operationType"] == "insert":
        version = event["fullDocument"]["versions"][-1]
    else:
        updated = event["updateDescription"]["updatedFields"]
        if "revision" not in updated:
            return None  # nobody's change: a field that belongs to no version was written
        found = next((found for found in _pushed(updated) if found["revision"] == updated["revision"]), None)
        if found is None:
            log.error("%s has a revision %s without a version", event["documentKey"]["_id"], updated["revision"])
            return None
        version = found
    return Change(
        position=bytes.fromhex(event["_id"]["_data"]),
        kind=KINDS[event["ns"]["coll"]],
        twin=event["documentKey"]["_id"],
        version=upcast(version),
        size=len(bson.encode(version)),
    )


def _pushed(updated: Document) -> Iterator[Document]:
    """The versions that an update wrote, the newest first."""
    yield from reversed(updated.get("versions", ()))
    for name, value in updated.items():
        array, _, place = name.partition(".")
        if array == "versions" and place.isdecimal():
            yield value


async def _to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of a call of the driver, which runs in a thread: nobody leaves while the thread uses the stream."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        raise


@contextmanager
def _translated() -> Iterator[None]:
    try:
        with translated():
            yield
    except OperationFailure as error:
        if error.code in _LOST:
            raise CursorTooOld from error
        raise
