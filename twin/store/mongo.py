"""The connection: one client, the checks at start, the collections, and the translation of the driver's errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC
from typing import Any, TypeVar

from bson.codec_options import CodecOptions
from motor.core import AgnosticChangeStream
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession, AsyncIOMotorCollection
from pymongo import IndexModel, errors
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from twin.errors import SetupError, Unavailable
from twin.store.monitoring import CommandSums, Connections

Collection = AsyncIOMotorCollection[dict[str, Any]]
Session = AsyncIOMotorClientSession
Watched = AgnosticChangeStream[dict[str, Any]]
Result = TypeVar("Result")

CONNECT_MS = 10_000
OPERATION_MS = 20_000
_MAJORITY = WriteConcern(w="majority", wtimeout=OPERATION_MS)


class Mongo:
    """One database of a replica set or sharded cluster.

    Args:
        client: the driver's client; this object closes it.
        database: the name of the database.
        commands: hears what it asks.
        connections: hears of its connections.
    """

    def __init__(
        self,
        client: AsyncIOMotorClient[dict[str, Any]],
        database: str,
        commands: CommandSums | None = None,
        connections: Connections | None = None,
    ) -> None:
        self._client = client
        self.commands, self.connections = commands or CommandSums(), connections or Connections()
        self._database = client.get_database(
            database,
            codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
            write_concern=_MAJORITY,
            read_concern=ReadConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )

    def collection(self, name: str) -> Collection:
        """The collection of that name, written and read with majority, its moments with their time zone."""
        return self._database[name]

    def watch(self, pipeline: Sequence[dict[str, Any]], **options: Any) -> Watched:
        """A change stream on the whole database; nothing is asked of it yet.

        Args:
            pipeline: which events are wanted.
            options: as the driver takes them.
        """
        return self._database.watch(pipeline, **options)

    async def transaction(self, work: Callable[[Session], Coroutine[Any, Any, Result]]) -> Result:
        """Run `work` in one transaction; the driver repeats it when the servers ask for that.

        Raises:
            Unavailable: it could not be done within the bound of an operation.
        """
        with translated():
            async with asyncio.timeout(OPERATION_MS / 1000), await self._client.start_session() as session:
                result: Result = await session.with_transaction(
                    work, read_concern=ReadConcern("snapshot"), write_concern=_MAJORITY
                )
                return result

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Session]:
        """A session whose reads all see the database as it is at one point in time, that of its first read.

        The servers keep that point for five minutes (minSnapshotHistoryWindowInSeconds).
        """
        with translated():
            session = await self._client.start_session(snapshot=True)
        async with session:
            yield session

    async def collections(self) -> list[str]:
        """The names of the collections that there are, in their order."""
        with translated():
            return sorted(await self._database.list_collection_names())

    async def ping(self) -> None:
        """Ask the primary for a sign of life.

        Raises:
            Unavailable: there is none.
        """
        with translated():
            await self._client.admin.command("ping", maxTimeMS=2_000)


@asynccontextmanager
async def connected(uri: str, database: str) -> AsyncIterator[Mongo]:
    """A checked connection to a replica set or sharded cluster.

    Args:
        uri: `mongodb://…` or `mongodb+srv://…`.
        database: the name of the database.

    Raises:
        SetupError: nothing answers, or a standalone answers.
    """
    commands, connections = CommandSums(), Connections()
    try:
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            uri,
            serverSelectionTimeoutMS=CONNECT_MS,
            connectTimeoutMS=CONNECT_MS,
            retryWrites=True,
            appname="label-twin",
            event_listeners=[commands, connections],
        )
    except (errors.PyMongoError, ValueError, OSError) as error:
        raise SetupError(f"TWIN_MONGO_URI is not a MongoDB address: {error}.") from error
    try:
        await _require_replication(client)
        yield Mongo(client, database, commands, connections)
    finally:
        client.close()


async def _require_replication(client: AsyncIOMotorClient[dict[str, Any]]) -> None:
    try:
        hello = await client.admin.command("hello")
    except errors.PyMongoError as error:
        raise SetupError(
            f"No MongoDB answers within {CONNECT_MS // 1000} seconds: {str(error).split(', Timeout:')[0]}. "
            "Is TWIN_MONGO_URI right, and is the server up?"
        ) from error
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise SetupError(
            "TWIN_MONGO_URI names a standalone mongod, which has neither transactions nor change streams; expected a "
            "replica set or a sharded cluster. One member is enough: start mongod with --replSet twin and run "
            "rs.initiate() once."
        )


@contextmanager
def translated(session: Session | None = None) -> Iterator[None]:
    """Turn the driver's errors that a caller can do something about into ours.

    Args:
        session: inside a transaction nothing is turned: the transaction must see the error to know if it may repeat.

    Raises:
        Unavailable: no primary, a lost connection, a time-out: the same call may succeed in a moment.
    """
    if session is not None:
        yield
        return
    try:
        yield
    except (TimeoutError, errors.PyMongoError) as error:
        ours = _ours(error)
        if ours is error:
            raise
        raise ours from error


def _ours(error: Exception) -> Exception:
    """What a caller sees of an error: Unavailable if it will pass, else the error itself."""
    passing = (
        TimeoutError,
        errors.ConnectionFailure,
        errors.ExecutionTimeout,
        errors.WTimeoutError,
        errors.WriteConcernError,
    )
    if isinstance(error, passing):
        return Unavailable("The database does not answer just now; the same request may succeed in a moment.")
    if isinstance(error, errors.OperationFailure) and (
        error.code in _PASSING
        or error.has_error_label("TransientTransactionError")
        or error.has_error_label("RetryableWriteError")
    ):
        return Unavailable("The database is busy; the same request may succeed in a moment.")
    return error


# The primary steps down or ends, the operation was killed, or another one has written: https://www.mongodb.com/docs/manual/reference/error-codes/
_PASSING = frozenset({91, 112, 189, 10107, 11600, 11601, 11602, 13435, 13436})


async def update(collection: Collection, updates: Sequence[dict[str, Any]]) -> tuple[int, list[tuple[int, Exception]]]:
    """Make updates with one command, in any order; once more where the connection or the primary was lost meanwhile.

    The driver's own way has the servers keep a record of each, so that one that is sent twice is made once. These need
    none: their filters must see to it that each is made once at most.

    Args:
        collection: where.
        updates: as the command takes them; 16 MB in all at most.

    Returns:
        How many matched a document (of a command sent twice, those that did the second time), and the positions of
        those that failed, each with the error that it alone would have raised.

    Raises:
        WriteConcernError: some may not have reached the majority.

    References:
        https://www.mongodb.com/docs/manual/reference/command/update/
    """
    command = {
        "update": collection.name,
        "updates": updates,
        "ordered": False,
        "writeConcern": _MAJORITY.document,
        "maxTimeMS": OPERATION_MS,  # it may wait for somebody's transaction, which may last a minute
    }
    try:
        reply = await collection.database.command(dict(command))
    except errors.ServerSelectionTimeoutError:
        raise
    except errors.ConnectionFailure:  # an election ends the connections; the driver waits for the new primary
        reply = await collection.database.command(dict(command))
    if concern := reply.get("writeConcernError"):
        raise errors.WriteConcernError(concern.get("errmsg", "no majority"), concern.get("code"), concern)
    return reply["n"], [(write["index"], _write_error(write)) for write in reply.get("writeErrors", ())]


def _write_error(write: dict[str, Any]) -> Exception:
    kind = errors.DuplicateKeyError if write["code"] == 11000 else errors.OperationFailure
    labels = ["RetryableWriteError"] if write["code"] in _PASSING else []
    return _ours(kind(write["errmsg"], write["code"], {**write, "errorLabels": labels}))


async def ensure_indexes(collection: Collection, indexes: Sequence[IndexModel]) -> None:
    """Create the indexes that are not there and check those that are.

    Raises:
        SetupError: an index of that name exists with other keys or options.
    """
    try:
        with translated():
            await collection.create_indexes(list(indexes))
    except errors.OperationFailure as error:
        raise SetupError(
            f"The collection {collection.name} has an index that differs from the one the service needs: "
            f"{(error.details or {}).get('errmsg', error)}. Drop that index and start again."
        ) from error


_NO_SUCH_INDEX = 27


async def drop_index(collection: Collection, name: str) -> None:
    """Drop the index of that name, if it is there."""
    try:
        with translated():
            await collection.drop_index(name)
    except errors.OperationFailure as error:
        if error.code != _NO_SUCH_INDEX:
            raise
