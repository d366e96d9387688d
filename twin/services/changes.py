"""The change feed: every version once and in order, from a cursor on, as each subscriber may see it.

A subscriber of all changes goes on from the position in the feed that its cursor names: it reads a stream of its own
until that has caught up with the one that all share, and joins it there. A subscriber of one label goes on from a
revision, which its history always has. Either way it gets each version once: what both sources bring is told apart by
position or revision.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache

from twin.domain.actor import Actor, Permission
from twin.domain.history import Document
from twin.errors import CursorTooOld, InvalidInput, shown
from twin.services import audiences
from twin.services.fanout import Fanout, Listener
from twin.services.labels import Labels
from twin.store.changes import Change, ChangeFeed, Kind

REPLAY_WAIT_MS = 20
MOST_REPLAYS = 2
MOST_AT_ONCE = 100
MOST_BYTES = 1_048_576
LONGEST_S = 5.0
PAGE = 50
MAC_BYTES = 8
LONGEST_CURSOR = 1_000
_TIMESTAMP = 0x82  # the first byte of every position


@dataclass(frozen=True, slots=True)
class Told:
    """A change, as a subscriber is told of it.

    Args:
        cursor: what to go on after.
        kind: what sort of twin changed.
        twin: its id.
        version: its new version, as the subscriber may see it; the snapshot is the state after it.
    """

    cursor: str
    kind: Kind
    twin: str
    version: Document


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes a subscriber wants. None means any.

    Args:
        kinds: only those of such twins.
        profiles: of the labels, only those of these profiles.
    """

    kinds: frozenset[Kind] | None = None
    profiles: frozenset[str] | None = None

    def includes(self, change: Change) -> bool:
        """Whether it is wanted."""
        if self.kinds is not None and change.kind not in self.kinds:
            return False
        return self.profiles is None or change.kind != "label" or change.version["snapshot"]["profile"] in self.profiles


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Since:
    """What changed after a cursor.

    Args:
        changes: in the order of the commits.
        cursor: what to go on after; None where nobody could say what now is.
        more: whether more had changed by then.
    """

    changes: list[Told]
    cursor: str | None
    more: bool


class Changes:
    """What callers are told of, as it happens.

    Args:
        feed: all changes.
        labels: for the past of one label.
        secret: what cursors are signed with, so that nobody makes one up.
    """

    def __init__(self, feed: ChangeFeed, labels: Labels, secret: bytes) -> None:
        self._feed = feed
        self._labels = labels
        self._key = hmac.digest(secret, b"change cursors", "sha256")
        self._fanout = Fanout(feed)
        self._replays = asyncio.Semaphore(MOST_REPLAYS)
        self._cursor = lru_cache(maxsize=1_024)(self._cursor_of)

    @property
    def subscribers(self) -> int:
        """How many there are just now."""
        return self._fanout.count

    async def close(self) -> None:
        """Cut all subscribers off: the service ends."""
        await self._fanout.close()

    async def now(self, actor: Actor) -> str:
        """A cursor: all that is committed from now on follows it, and every read from now on shows what does not.

        Args:
            actor: needs `twins:read`.
        """
        actor.require(Permission.READ_TWINS)
        async with self._feed.stream(wait_ms=REPLAY_WAIT_MS) as stream:
            while not stream.position:  # something was committed while it was opened
                await stream.next()
            await self._feed.settled()
            return self._cursor(stream.position)

    async def since(self, actor: Actor, after: str | None) -> Since:
        """What has changed by now, for who asks now and then: 100 changes, 1 MiB and 5 seconds of reading at most.

        Args:
            actor: needs `twins:read`.
            after: a cursor; None means now, after which nothing has changed.

        Raises:
            InvalidInput: it is not a cursor.
            CursorTooOld: the changes that followed it are not kept any more.
        """
        now = await self.now(actor)
        if after is None:
            return Since([], now, more=False)
        found, taken, end = list[Told](), 0, self._position_of(now)
        late = asyncio.get_running_loop().time() + LONGEST_S
        async with self._feed.stream(self._position_of(after), wait_ms=REPLAY_WAIT_MS) as stream:
            while stream.position < end and len(found) < MOST_AT_ONCE and taken < MOST_BYTES:
                if asyncio.get_running_loop().time() > late:
                    break
                async with self._replays:
                    change = await stream.next()
                if change is not None:
                    taken += change.size
                if change is not None and actor.reaches(change.version["snapshot"].get("profile")):
                    found.append(self._told(actor, change))
            return Since(found, self._cursor(stream.position), more=stream.position < end)

    @asynccontextmanager
    async def of_all(
        self, actor: Actor, wanted: Wanted = EVERYTHING, after: str | None = None
    ) -> AsyncIterator[AsyncGenerator[Told, None]]:
        """The changes of all twins, in the order in which they were committed.

        Args:
            actor: needs `twins:read`.
            wanted: which of them.
            after: a cursor; None means from now on.

        Raises:
            InvalidInput: it is not a cursor.
            CursorTooOld: the changes that followed it are not kept any more; also while one is read.
            FellBehind: while a change is read: too many were waiting.
            Unavailable: likewise; the same call may succeed in a moment.
        """
        actor.require(Permission.READ_TWINS)
        position = None if after is None else self._position_of(after)
        async with self._fanout.listener() as listener, aclosing(self._all(listener, position)) as changes:
            if position is None:
                listener.join(self._fanout.position)
            async with aclosing(self._seen_by(actor, wanted, changes)) as told:
                yield told

    @asynccontextmanager
    async def of_label(
        self, actor: Actor, key: str, after: str | None = None
    ) -> AsyncIterator[AsyncGenerator[Told, None]]:
        """The changes of one label, for whoever holds its link.

        Args:
            actor: sees what is public, or more.
            key: the link id that is printed on the label; or its id, which needs `twins:read`.
            after: the cursor of a version in the label's history, such as `r12`; None means from now on.

        Raises:
            NotFound: no such label.
            InvalidInput: it is not a cursor of this label.
        """
        twin = (await self._labels.find(actor, key))["_id"]
        async with self._fanout.listener(twin) as listener:
            listener.join(self._fanout.position)
            # What follows it comes to the listener. A majority read may be older than the stream's start is.
            head = (await self._labels.head(actor, key))["revision"]
            last = head if after is None else _revision_of(after, head)
            async with aclosing(self._versions(actor, listener, (twin, key), last, head)) as told:
                yield told

    async def _all(self, listener: Listener, after: bytes | None) -> AsyncGenerator[Change, None]:
        if after is not None:
            async with self._feed.stream(after, wait_ms=REPLAY_WAIT_MS) as stream:
                while stream.position < self._fanout.position:
                    async with self._replays:  # each takes one of the driver's threads
                        change = await stream.next()
                    if change is not None:
                        yield change
                listener.join(stream.position)
        while True:
            yield await listener.next()

    async def _seen_by(
        self, actor: Actor, wanted: Wanted, changes: AsyncGenerator[Change, None]
    ) -> AsyncGenerator[Told, None]:
        async for change in changes:
            if wanted.includes(change) and actor.reaches(change.version["snapshot"].get("profile")):
                yield self._told(actor, change)

    def _told(self, actor: Actor, change: Change) -> Told:
        return Told(self._cursor(change.position), change.kind, change.twin, _visible(actor, change))

    async def _versions(
        self, actor: Actor, listener: Listener, label: tuple[str, str], last: int, head: int
    ) -> AsyncGenerator[Told, None]:
        twin, key = label
        while last < head:
            for version in await self._labels.versions(actor, key, last + 1, min(last + PAGE, head)):
                last = version["revision"]
                yield Told(f"r{last}", "label", twin, version)
        while True:
            change = await listener.next()
            if change.version["revision"] > last:
                last = change.version["revision"]
                yield Told(f"r{last}", "label", change.twin, _visible(actor, change))

    def _cursor_of(self, position: bytes) -> str:
        return base64.urlsafe_b64encode(self._mac(position) + position).rstrip(b"=").decode()

    def _position_of(self, cursor: str) -> bytes:
        """The position that a cursor names.

        Raises:
            InvalidInput: it is not of the form of a cursor.
            CursorTooOld: it is, but not one of this deployment.
        """
        try:
            found = base64.b64decode(cursor[:LONGEST_CURSOR] + "=" * (-len(cursor) % 4), b"-_", validate=True)
        except (ValueError, binascii.Error):
            found = b""
        mac, position = found[:MAC_BYTES], found[MAC_BYTES:]
        if position[:1] != bytes([_TIMESTAMP]):
            raise InvalidInput(f"after: {shown(cursor)} is not a cursor of the changes.", path=("after",))
        if not hmac.compare_digest(mac, self._mac(position)):
            raise CursorTooOld
        return position

    def _mac(self, position: bytes) -> bytes:
        return hmac.digest(self._key, position, "sha256")[:MAC_BYTES]


def _visible(actor: Actor, change: Change) -> Document:
    redacted = audiences.label_version if change.kind == "label" else audiences.asset_version
    return redacted(actor, change.version)


def _revision_of(cursor: str, head: int) -> int:
    digits = cursor[1:]
    if cursor[:1] == "r" and digits.isascii() and digits.isdecimal() and len(digits) < 11 and int(digits) <= head:
        return int(digits)
    raise InvalidInput(f"after: {shown(cursor)} is not a cursor of this label's history.", path=("after",))
