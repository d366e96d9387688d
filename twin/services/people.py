"""Names of people: kept apart from history, shown beside it to whoever may see who acted, and forgotten on request.

History, hashes and logs hold ids of actors alone. So a name can be taken out without touching any of them; a tombstone
stays by the id, so that the name does not come back when that person calls again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from twin.domain.actor import Actor, Audience, Permission
from twin.domain.fields import moment, text
from twin.domain.history import Document
from twin.errors import InvalidInput, NotFound, Refused, TwinError
from twin.services.commits import Clock
from twin.store.people import People as Names

LONGEST_NAME: Final = 100
MOST_LISTED: Final = 1_000
MOST_KNOWN: Final = 10_000

log = logging.getLogger(__name__)


class Source(StrEnum):
    """Where a name came from."""

    KEY = "key"
    TOKEN = "token"  # noqa: S105 - not one


@dataclass(frozen=True, slots=True)
class Person:
    """An actor with a name, or one whose name was forgotten.

    Args:
        actor: the id that history shows.
        name: None once it was forgotten.
        source: where the name came from.
        forgotten_at: when it was forgotten.
    """

    actor: str
    name: str | None
    source: Source | None
    forgotten_at: datetime | None

    @classmethod
    def of(cls, document: Document) -> Person:
        """The person of a document."""
        source = document.get("source")
        return cls(document["_id"], document.get("name"), source and Source(source), document.get("forgotten_at"))


class People:
    """Who is called what.

    Args:
        store: where names are.
        clock: tells the time.
    """

    def __init__(self, store: Names, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: OrderedDict[str, str] = OrderedDict()  # what tokens named, so that it is not written each time
        self._noting: set[asyncio.Task[None]] = set()

    async def names(self, actor: Actor, ids: Collection[str]) -> dict[str, str]:
        """The names of actors, by id; none for who may not see who acted.

        Args:
            actor: sees names if it is inside, and reads twins.
            ids: of actors, as history and the logs show them.
        """
        if not sees_names(actor) or not ids:
            return {}
        found = await self._store.find(ids)
        return {id_: document["name"] for id_, document in found.items() if "name" in document}

    async def all(self, actor: Actor) -> list[Person]:
        """The actors with a name and those who were forgotten, 1,000 at most.

        Args:
            actor: needs `people:forget`.
        """
        actor.require(Permission.FORGET_PEOPLE)
        return [Person.of(document) for document in await self._store.all(MOST_LISTED)]

    async def forget(self, actor: Actor, id: str) -> Person:  # noqa: A002 - the field's name
        """Take out the name of an actor: from now on history shows the id alone, whoever asks.

        Args:
            actor: needs `people:forget`.
            id: of the actor to be forgotten. One who was forgotten already stays so.

        Raises:
            NotFound: no name was ever kept for it.
        """
        actor.require(Permission.FORGET_PEOPLE)
        if not await self._store.forget(id, actor.id, moment(None, now=self._clock())):
            raise NotFound("person", id)
        return Person.of((await self._store.find([id]))[id])

    async def note(self, id: str, name: str) -> None:  # noqa: A002 - the field's name
        """Keep the name that somebody gives to the holder of a key.

        Raises:
            Refused: that actor was forgotten.
        """
        if not await self._store.note(id, name, Source.KEY, moment(None, now=self._clock())):
            raise Refused(f"{id} was forgotten, and gets no name again; expected a new actor.")

    def heard(self, id: str, name: object) -> None:  # noqa: A002 - the field's name
        """Keep in a while the name that a token gives to who sent it, if it is one; nobody waits for it."""
        try:
            told = required_name(name)
        except InvalidInput:
            return
        if self._known.get(id) == told:
            return
        self._known[id] = told
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        task = asyncio.create_task(self._noted(id, told))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def settled(self) -> None:
        """Wait until all that was heard is kept."""
        await asyncio.gather(*self._noting)

    async def _noted(self, id: str, name: str) -> None:  # noqa: A002 - the field's name
        try:
            await self._store.note(id, name, Source.TOKEN, moment(None, now=self._clock()))
        except TwinError as error:
            self._known.pop(id, None)
            log.warning("the name of %s was not kept: %s", id, error.message)


def sees_names(actor: Actor) -> bool:
    """Whether an actor sees the names of those whose ids it sees: it is inside, and reads twins."""
    return Audience.INTERNAL in actor.audiences and actor.may(Permission.READ_TWINS)


def required_name(name: object) -> str:
    """A name that can be kept: one line of text, 100 characters at most.

    Raises:
        InvalidInput: it is none.
    """
    return text(name, path=("name",), longest=LONGEST_NAME).strip()
