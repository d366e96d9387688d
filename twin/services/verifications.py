"""Verifications: photos of labels compared with their twins, and which print a piece of paper is from."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager

from renderers import RenderError, photo
from twin.domain import fields
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document
from twin.domain.verification import Photo, Seen, Sight
from twin.errors import InvalidInput, TooLarge, Unavailable
from twin.services.labels import Labels

LONGEST_UPLOAD_S = 60
LONGEST_RECORDED = 1_000
MOST_PHOTOS = 8
MOST_DECODED = 2


class Verifications:
    """What callers do with labels that they have before them.

    Args:
        labels: to verify them.
    """

    def __init__(self, labels: Labels) -> None:
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
        await self._labels.head(key)
        async with self._admitted():
            whole = await _taken_in(content)
            async with self._decoding:
                found = await asyncio.to_thread(_read, whole)
        taken = Photo(hashlib.sha256(whole).hexdigest(), len(whole))
        sight = Sight(tuple(_seen(one) for one in found), taken)
        return await self._labels.verify(actor, key, read=sight, grade=grade, command=command)

    @asynccontextmanager
    async def _admitted(self) -> AsyncIterator[None]:
        if self._photos >= MOST_PHOTOS:
            raise Unavailable("Many photos are being read just now; try again.")
        self._photos += 1
        try:
            yield
        finally:
            self._photos -= 1


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
