"""API keys: make one, and recognise the caller behind one."""

from __future__ import annotations

import hashlib
import re
import secrets

from twin.domain.actor import Actor, full_actor
from twin.domain.fields import moment
from twin.errors import InvalidInput, Unauthenticated, shown
from twin.services.commits import Clock
from twin.store.keys import Keys as KeyStore

_ACTOR = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")


class Keys:
    """Who holds which key.

    Args:
        store: where keys are.
        clock: tells the time.
        demo_key: the text of a key that works in this process alone, or None; never stored.
    """

    def __init__(self, store: KeyStore, clock: Clock, demo_key: str | None = None) -> None:
        self._store = store
        self._clock = clock
        self._demo_key = demo_key

    async def add(self, name: str) -> str:
        """Make a key of 256 random bits with every permission, and return its text, which is not kept.

        Args:
            name: the actor id that history will show: lower-case letters, digits, `-` and `.`.

        Raises:
            InvalidInput: the name is not such an id.
        """
        if not _ACTOR.fullmatch(name) or name == "anonymous":
            raise InvalidInput(
                f"name: {shown(name)} is not an actor's id; expected lower-case letters, digits, - and ., 63 at most.",
                path=("name",),
            )
        key = secrets.token_urlsafe(32)
        await self._store.add(_digest(key), {"actor": name, "created_at": moment(None, now=self._clock())})
        return key

    async def actor(self, key: str) -> Actor:
        """The actor behind a key.

        Raises:
            Unauthenticated: nobody holds it.
        """
        digest = _digest(key)
        if self._demo_key is not None and secrets.compare_digest(digest, _digest(self._demo_key)):
            return full_actor("demo")
        found = await self._store.find(digest)
        if found is None:
            raise Unauthenticated("This key is not known; expected one that `twin keys add` printed.")
        return full_actor(found["actor"])


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
