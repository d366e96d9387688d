"""Sessions of browsers: a key or a token is shown once, and a cookie stands for it for a while."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from twin.domain.actor import Actor, Audience, Permission
from twin.domain.history import Document
from twin.services.commits import Clock
from twin.services.held import Held
from twin.services.keys import Keys, digest_of
from twin.services.tokens import Bearer
from twin.store.sessions import Sessions as SessionStore

LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=1)
NOTED_EVERY = timedelta(minutes=1)
LONGEST_TEXT = 64


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has begun.

    Args:
        text: what the cookie holds; not kept.
        actor: the caller.
        ends: when it ends, however much it is used.
    """

    text: str
    actor: Actor
    ends: datetime


class Sessions:
    """Who is in which session.

    Args:
        store: where sessions are.
        keys: who holds which key: a session of one ends with it.
        clock: tells the time.
    """

    def __init__(self, store: SessionStore, keys: Keys, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    async def begin_with_key(self, key: str) -> Begun:
        """Begin a session of whoever holds a key, which is looked up again at each use.

        Raises:
            Unauthenticated: nobody holds it.
        """
        actor = await self._keys.actor(key)
        return await self._begun(actor, {"key": digest_of(key)}, self._clock() + LONGEST)

    async def begin_with_token(self, bearer: Bearer) -> Begun:
        """Begin a session of whoever sent a token; it ends with the token.

        Args:
            bearer: what the token says, once it was verified.
        """
        actor = bearer.actor
        whom = {
            "actor": actor.id,
            "permissions": sorted(actor.permissions),
            "audiences": sorted(actor.audiences),
        }
        return await self._begun(actor, whom, min(bearer.until, self._clock() + LONGEST))

    async def actor(self, text: str) -> Actor | None:
        """Who is in the session of a cookie, which counts as its use; None when it has ended, or never was one."""
        digest, now = digest_of(text), self._clock()
        session = await self._found(text, now)
        held = None if session is None else await self._in(session)
        if session is None or held is None:
            return None
        later = min(session["ends"], now + IDLE)
        if later - session["expires"] >= NOTED_EVERY:
            await self._store.prolong(digest, later)
        return held.actor

    async def held(self, text: str) -> Held | None:
        """Who is in the session of a cookie, and for how long if nobody uses it; to ask is no use of it."""
        now = self._clock()
        session = await self._found(text, now)
        held = None if session is None else await self._in(session)
        if session is None or held is None:
            return None
        left = (session["expires"] - now).total_seconds()
        return Held(held.actor, left if held.left is None else min(left, held.left))

    async def _found(self, text: str, now: datetime) -> dict[str, Any] | None:
        session = await self._store.find(digest_of(text)) if len(text) <= LONGEST_TEXT else None
        return None if session is None or now >= session["expires"] else session

    async def end(self, text: str) -> None:
        """End the session of a cookie, if it is one."""
        await self._store.end(digest_of(text))

    async def _begun(self, actor: Actor, whom: Document, ends: datetime) -> Begun:
        text = secrets.token_urlsafe(32)
        expires = min(ends, self._clock() + IDLE)
        await self._store.add(digest_of(text), {**whom, "ends": ends, "expires": expires})
        return Begun(text, actor, ends)

    async def _in(self, session: dict[str, Any]) -> Held | None:
        if "key" not in session:
            permissions = frozenset(Permission(name) for name in session["permissions"] if name in {*Permission})
            audiences = frozenset(Audience(name) for name in session["audiences"])
            return Held(Actor(session["actor"], permissions, audiences), None)
        return await self._keys.held(session["key"])
