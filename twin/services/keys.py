"""API keys: make one, list them, take one back, and recognise the caller behind one."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from twin.domain.actor import Actor, Audience, Permission, Role, full_actor
from twin.domain.fields import moment
from twin.domain.key import ACTOR_PREFIX, ID, ID_PREFIX, Key, audiences_of, expiry_of, id_of, profiles_of, roles_of
from twin.errors import Forbidden, NotFound, TwinError, Unauthenticated
from twin.services.commits import Clock
from twin.services.held import Held
from twin.services.people import People, required_name
from twin.store.keys import Keys as KeyStore
from twin.store.paging import Key as Place
from twin.store.paging import PageRequest, Slice, sliced

MOST_LISTED = 1_000
NOTED_EVERY = timedelta(minutes=1)
FIRST = "admin"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """A key as it is listed.

    Args:
        id: by which it is revoked.
        key: what it may do.
        name: what its actor is called; None where nobody said, where that was forgotten, or for who may not see it.
    """

    id: str
    key: Key
    name: str | None = None


def key_of(listed: Listed) -> Place:
    """Where a key stands in the list."""
    return listed.key.created_at, listed.id


class Keys:
    """Who holds which key.

    Args:
        store: where keys are.
        people: the names of actors.
        clock: tells the time.
        demo_key: the text of a key that works in this process alone, or None; never stored.
    """

    def __init__(self, store: KeyStore, people: People, clock: Clock, demo_key: str | None = None) -> None:
        self._store = store
        self._people = people
        self._clock = clock
        self._demo = None if demo_key is None else digest_of(demo_key)
        self._noting: dict[str, asyncio.Task[None]] = {}

    async def add(
        self,
        actor: Actor,
        name: str,
        *,
        roles: Collection[str],
        audience: Audience = Audience.INTERNAL,
        expires: str | datetime | None = None,
        stands_for: str | None = None,
        profiles: Collection[str] | None = None,
    ) -> str:
        """Make a key of 256 random bits, and return its text, which is not kept.

        Args:
            actor: needs `keys:manage`, and every right that the key gets.
            name: what the holder is called, a line of 100 characters at most; kept apart from history, which shows a
                pseudonym, and forgotten on request.
            roles: one or more names of roles.
            audience: whose fields the holder sees beside the public's; `internal` is all.
            expires: `12h`, `90d`, a day such as `2027-01-31`, or a moment in UTC; None: never.
            stands_for: the actor of a key before, whom the new one stands for too; None: a new actor.
            profiles: of which profiles the labels are that there are for the holder; None: of all.

        Raises:
            InvalidInput: any of these is none.
            Forbidden: the roles may more than the actor.
            NotFound: there is no key of the actor that it shall stand for.
            Refused: that actor was forgotten.
        """
        actor.require(Permission.MANAGE_KEYS)
        now = moment(None, now=self._clock())
        called = required_name(name)
        key = Key(
            actor=ACTOR_PREFIX + secrets.token_hex(8) if stands_for is None else stands_for,
            roles=roles_of(roles),
            audiences=audiences_of(audience),
            created_at=now,
            expires_at=expiry_of(expires, now) if isinstance(expires, str) else expires,
            profiles=None if profiles is None else profiles_of(profiles),
        )
        holder = key.holder(now)
        if holder is None or not holder.permissions <= actor.permissions or not holder.audiences <= actor.audiences:
            raise Forbidden(f"{actor.id} cannot give more rights than it has.")
        if stands_for is not None and not await self._store.knows(stands_for):
            raise NotFound("actor with a key", stands_for)
        await self._people.note(key.actor, called)
        return await self._made(key)

    async def first(self) -> str | None:
        """The text of a key with every right, for a deployment that has none; None where there was ever one."""
        if not await self._store.claim_first():
            return None
        now = moment(None, now=self._clock())
        return await self._made(Key(FIRST, frozenset({Role.ADMIN}), frozenset(Audience), now))

    async def all(self, actor: Actor) -> list[Listed]:
        """The keys, oldest first, 1,000 at most.

        Args:
            actor: needs `keys:manage`.
        """
        actor.require(Permission.MANAGE_KEYS)
        found = [(id_of(each["_id"]), Key.from_document(each)) for each in await self._store.all(MOST_LISTED)]
        names = await self._people.names(actor, {key.actor for _, key in found})
        return [Listed(id_, key, names.get(key.actor)) for id_, key in found]

    async def page(self, actor: Actor, request: PageRequest) -> tuple[Slice[Listed], int]:
        """A page of the keys, newest first, and how many there are in all.

        Args:
            actor: needs `keys:manage`.
            request: which part.
        """
        found = sorted(await self.all(actor), key=key_of, reverse=True)
        return sliced(found, key_of, request), len(found)

    async def find(self, actor: Actor, key: str) -> Listed:
        """A key, by its id.

        Args:
            actor: needs `keys:manage`.
            key: its id.

        Raises:
            NotFound: there is none.
        """
        found = next((each for each in await self.all(actor) if each.id == key), None)
        if found is None:
            raise NotFound("key", key)
        return found

    async def of_text(self, actor: Actor, text: str) -> Listed:
        """The key with that text, as it is listed."""
        return await self.find(actor, id_of(digest_of(text)))

    async def revoke(self, actor: Actor, key: str) -> None:
        """Take a key back: from now on it is nobody's. One that was taken back already stays so.

        Args:
            actor: needs `keys:manage`.
            key: its id.

        Raises:
            NotFound: there is none.
        """
        actor.require(Permission.MANAGE_KEYS)
        now = moment(None, now=self._clock())
        if not ID.fullmatch(key) or not await self._store.revoke(key.removeprefix(ID_PREFIX), now):
            raise NotFound("key", key)

    async def actor(self, key: str) -> Actor:
        """The actor behind a key.

        Raises:
            Unauthenticated: nobody holds it: it is unknown, has expired or was revoked, which is all the same.
        """
        holder = await self.holder(digest_of(key))
        if holder is None:
            raise Unauthenticated("This key is not known; expected one that `twin keys add` printed and holds still.")
        return holder

    async def holder(self, digest: str) -> Actor | None:
        """Who holds the key with that digest now, which counts as its use; None when nobody does."""
        held = await self.held(digest)
        return None if held is None else held.actor

    async def held(self, digest: str) -> Held | None:
        """Who holds the key with that digest now, which counts as its use, and for how long; None when nobody does."""
        if self._demo is not None and secrets.compare_digest(digest, self._demo):
            return Held(full_actor("demo"), None)
        document = await self._store.find(digest)
        found = None if document is None else Key.from_document(document)
        now = self._clock()
        holder = None if found is None else found.holder(now)
        if (
            found is not None
            and holder is not None
            and (found.last_used is None or now - found.last_used >= NOTED_EVERY)
        ):
            self._note(digest, moment(None, now=now))
        if found is None or holder is None:
            return None
        return Held(holder, None if found.expires_at is None else (found.expires_at - now).total_seconds())

    async def settled(self) -> None:
        """Wait until all that was used is noted."""
        await asyncio.gather(*self._noting.values())

    async def _made(self, key: Key) -> str:
        text = secrets.token_urlsafe(32)
        await self._store.add(digest_of(text), key.as_document())
        return text

    def _note(self, digest: str, at: datetime) -> None:
        """Note in a while that a key was used; nobody waits for it."""
        if digest not in self._noting:
            self._noting[digest] = asyncio.create_task(self._noted(digest, at))

    async def _noted(self, digest: str, at: datetime) -> None:
        try:
            await self._store.used(digest, at)
        except TwinError as error:
            log.warning("the use of a key was not noted: %s", error.message)
        finally:
            del self._noting[digest]


def digest_of(text: str) -> str:
    """What a secret text is known by where it must not stand: its SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
