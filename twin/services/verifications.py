"""Verifications: photos of labels compared with their twins, and which print a piece of paper is from."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from renderers import RenderError, photo
from twin.domain import fields
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document, FieldChange
from twin.domain.paper import ABOUT_PAPER, Print, prints
from twin.domain.profiles import LINK, profile
from twin.domain.verification import Photo, Seen, Sight
from twin.errors import InvalidInput, TooLarge, Unavailable
from twin.services import audiences
from twin.services.commits import Commits
from twin.services.labels import Labels, label_query

LONGEST_UPLOAD_S = 60
LONGEST_RECORDED = 1_000
MOST_PHOTOS = 8
MOST_DECODED = 2
MOST_PRINTS = 100
LOOKED_AT = 160


@dataclass(frozen=True, slots=True)
class PrintedFrom:
    """A print that a piece of paper can be from.

    Args:
        carrier: the name of the carrier that says what was read.
        version: the version that records the print, as the caller may see it.
        stale: whether the paper says something else than the twin.
        changed: the fields in which it does that the caller may see: what the paper shows, what the twin says.
    """

    carrier: str
    version: Document
    stale: bool
    changed: tuple[FieldChange, ...]


class Verifications:
    """What callers do with labels that they have before them.

    Args:
        commits: to read histories.
        labels: to verify labels.
    """

    def __init__(self, commits: Commits, labels: Labels) -> None:
        self._commits = commits
        self._labels = labels
        self._photos = 0
        self._decoding = asyncio.Semaphore(MOST_DECODED)

    async def verify_photo(
        self, actor: Actor, key: str, *, content: AsyncIterable[bytes], grade: str | None, command: Command
    ) -> Document:
        """Compare a photo of a label with its twin; a failure is recorded and changes no state.

        Nothing of the photo is taken in before the caller's right and the label are known. It is not kept: history has
        its digest and what was read. One in which nothing can be read is refused and not recorded, since a blurred
        photo says nothing about the label.

        Args:
            actor: needs `labels:verify`.
            key: the label.
            content: a PNG, JPEG or WebP file of 8 MB and 40 megapixels at most, in parts.
            grade: the letter of the print quality, if a verifier gave one.
            command: reason, occurred_at, expected_revision and client_mutation_id count.

        Raises:
            InvalidInput: no photo, a broken one, or one in which nothing can be read.
            TooLarge: more than 8 MB.
            Unavailable: many photos are being read just now.
        """
        actor.require(Permission.VERIFY_LABELS)
        await self._labels.head(actor, key)
        async with self._admitted():
            whole = await _taken_in(content)
            async with self._decoding:
                found = await asyncio.to_thread(_read, whole)
        taken = Photo(hashlib.sha256(whole).hexdigest(), len(whole))
        sight = Sight(tuple(_seen(one) for one in found), taken)
        return await self._labels.verify(actor, key, read=sight, grade=grade, command=command)

    async def printed_from(self, actor: Actor, key: str, read: str, revision: int) -> list[PrintedFrom]:
        """The prints of a label that a piece of paper can be from, by what was read from it.

        All prints of a label carry the same link, so that the link alone names the label and not the print; another
        carrier, whose content comes from the printed fields, tells prints apart where these have changed.

        Args:
            actor: anybody by the link; by another carrier, which can be guessed, `twins:read`.
            key: the label's id or its link id.
            read: what was read.
            revision: the one by which paper counts as stale; later prints do not count.

        Returns:
            The newest 100, newest first; none if this label never carried that.
        """
        read = fields.scanned_text(read, path=("payload",))
        versions = [version async for version in self._versions(actor, key, revision)]
        state = versions[-1]["snapshot"]
        found = []
        for paper in reversed(prints(versions)):
            carrier = paper.carrier_of(read)
            if carrier is not None and (carrier == LINK or actor.may(Permission.READ_TWINS)):
                found.append(_printed_from(actor, paper, carrier, state))
        return found[:MOST_PRINTS]

    async def _versions(self, actor: Actor, key: str, revision: int) -> AsyncIterator[Document]:
        """The versions of a label that say what was printed, and the one of the revision."""
        twins, query = self._commits.store.labels, label_query(key)
        for first in range(1, revision + 1, LOOKED_AT):
            last = min(first + LOOKED_AT - 1, revision)
            for version in await self._commits.versions(actor, twins, query, first, last, "label", key):
                if version["action"] in ABOUT_PAPER or version["revision"] == revision:
                    yield version

    @asynccontextmanager
    async def _admitted(self) -> AsyncIterator[None]:
        if self._photos >= MOST_PHOTOS:
            raise Unavailable("Many photos are being read just now; try again.")
        self._photos += 1
        try:
            yield
        finally:
            self._photos -= 1


def _printed_from(actor: Actor, paper: Print, carrier: str, state: Document) -> PrintedFrom:
    changes = paper.changes_to(state.get("face", {}))
    kind = profile(state["profile"])
    seen = {field.name for field in kind.face if field.audience in actor.audiences}
    changed = tuple(change for change in changes if change.path[-1] in seen)
    return PrintedFrom(carrier, audiences.label_version(actor, paper.version), bool(changes), changed)


async def _taken_in(content: AsyncIterable[bytes]) -> bytes:
    whole = bytearray()
    try:
        async with asyncio.timeout(LONGEST_UPLOAD_S):
            async for part in content:
                whole += part
                if len(whole) > photo.MAX_BYTES:
                    raise TooLarge(f"photo: expected {photo.MAX_BYTES} bytes at most, found more.", path=("photo",))
    except TimeoutError:
        message = f"photo: expected to be sent within {LONGEST_UPLOAD_S} seconds, found it longer under way."
        raise InvalidInput(message, path=("photo",)) from None
    return bytes(whole)


def _read(whole: bytes) -> tuple[photo.Found, ...]:
    try:
        return photo.read_apart(whole)
    except RenderError as error:
        raise InvalidInput(f"photo: expected {error.expected}, found {error.found}.", path=("photo",)) from error


def _seen(found: photo.Found) -> Seen:
    """A symbol as history can keep it: what is no text of a scanner, or is very long, by its digest."""
    try:
        return Seen(fields.scanned_text(found.text, path=("photo",), longest=LONGEST_RECORDED), found.aim)
    except InvalidInput:
        return Seen(f"sha256:{hashlib.sha256(found.text.encode()).hexdigest()}", found.aim)
