"""Backup and restore of everything, as one compressed stream of documents, byte for byte as they are stored.

The stream is gzip over BSON documents: one that names the format, then for each collection one that names it followed
by its documents, then one that counts them and holds the SHA-256 of all before it. It is read as of one moment, so that
twins, archive, identifiers and checkpoints agree; whoever writes meanwhile is not held up.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from twin.errors import InvalidInput, Refused, SetupError, shown
from twin.store.mongo import Mongo, translated

FORMAT = {"format": "label-twin-backup", "version": 1}
BATCH = 500
LARGEST_DOCUMENT = 16 * 1024 * 1024 + 16 * 1024
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)

Counts = dict[str, int]
Say = Callable[[int], None]


async def backup(mongo: Mongo, path: Path, say: Say) -> Counts:
    """Write everything to a new file, which appears under its name only when it is whole.

    Args:
        mongo: the database.
        path: the file; it must not be there yet.
        say: gets the number of documents written since the last call.

    Returns:
        How many documents of each collection were written.

    Raises:
        Refused: the file is there already.
        SetupError: it cannot be written.
    """
    if path.exists():  # noqa: ASYNC240 - a command's own file
        raise Refused(f"{shown(str(path))} is there already; expected the name of a new file.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            counts = await _written(mongo, file, say)
        partial.rename(path)
    except OSError as error:
        raise SetupError(f"{shown(str(path))} cannot be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return counts


async def restore(mongo: Mongo, path: Path, say: Say) -> Counts:
    """Read everything back into an empty database, after the whole file was found sound.

    Args:
        mongo: the database.
        path: a file that `backup` wrote.
        say: gets the number of documents restored since the last call.

    Returns:
        How many documents of each collection were restored.

    Raises:
        Refused: the database holds documents already.
        InvalidInput: the file is no backup, or not whole.
    """
    for _ in _read(path):
        pass
    for name in await mongo.collections():
        with translated():
            if await mongo.collection(name).find_one({}, {"_id": True}) is not None:
                raise Refused(f"The database holds {name} already; expected an empty one. Nothing was restored.")
    counts: Counts = {}
    batch: list[RawBSONDocument] = []
    current = ""

    async def flush() -> None:
        if batch:
            with translated():
                await mongo.collection(current).insert_many(batch)
            counts[current] = counts.get(current, 0) + len(batch)
            say(len(batch))
            batch.clear()

    for name, document in _read(path):
        if name != current or len(batch) == BATCH:
            await flush()
            current = name
        batch.append(document)
    await flush()
    return counts


async def _written(mongo: Mongo, file: IO[bytes], say: Say) -> Counts:
    counts: Counts = {}
    digest = hashlib.sha256()
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as stream:

        def write(content: bytes) -> None:
            digest.update(content)
            stream.write(content)

        write(bson.encode(FORMAT))
        async with mongo.snapshot() as session:
            for name in await mongo.collections():
                write(bson.encode({"collection": name}))
                counts[name] = 0
                with translated():
                    raw: Any = mongo.collection(name).with_options(codec_options=_RAW)
                    cursor = raw.find({}, session=session)
                    while documents := await cursor.to_list(BATCH):
                        for document in documents:
                            write(bytes(document.raw))
                        counts[name] += len(documents)
                        say(len(documents))
        stream.write(bson.encode({"end": counts, "sha256": digest.hexdigest()}))
    return counts


def _read(path: Path) -> Iterator[tuple[str, RawBSONDocument]]:
    """Every document with the name of its collection; at the end, whether that was all.

    Raises:
        InvalidInput: it is no backup, or not whole.
    """
    wrong = f"{shown(str(path))} is not a whole backup of label twins"
    digest, current = hashlib.sha256(), ""
    counts: Counts = {}
    try:
        with gzip.open(path, "rb") as stream:
            if (first := _next(stream)) != bson.encode(FORMAT):
                raise InvalidInput(f"{wrong}: expected the format {FORMAT}, found another.")
            digest.update(first)
            while content := _next(stream):
                document = RawBSONDocument(content)
                if "end" in document and "_id" not in document:
                    found: dict[str, Any] = bson.decode(content)
                    if found != {"end": counts, "sha256": digest.hexdigest()}:
                        raise InvalidInput(f"{wrong}: its documents are not those that were counted at its end.")
                    return
                digest.update(content)
                if "collection" in document and "_id" not in document:
                    current = str(document["collection"])
                    counts[current] = 0
                else:
                    counts[current] += 1
                    yield current, document
    except (OSError, EOFError, KeyError, zlib.error, bson.errors.BSONError) as error:
        raise InvalidInput(f"{wrong}: {error}.") from error
    raise InvalidInput(f"{wrong}: it ends too early.")


def _next(stream: gzip.GzipFile) -> bytes:
    length = stream.read(4)
    if not length:
        return b""
    size = int.from_bytes(length, "little")
    if not 5 <= size <= LARGEST_DOCUMENT:
        raise EOFError(f"a document of {size} bytes")
    content = length + stream.read(size - 4)
    if len(content) != size:
        raise EOFError("it ends within a document")
    return content
