"""One stream of changes for a whole process, and everybody who listens to it.

The stream is opened for the first listener and closed after the last. Each listener has a queue of its own, which is
bounded: one that does not keep up is cut off, and costs the others nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from twin.errors import FellBehind, TwinError, Unavailable
from twin.store.changes import Change, ChangeFeed, Stream

log = logging.getLogger(__name__)

MOST_LISTENERS = 2_000
MOST_WAITING = 2_000
MOST_WAITING_BYTES = 4 * 1024 * 1024
LONGEST_OUTAGE_S = 30.0
RETRY_S = 0.2
WAIT_MS = 500


class Listener:
    """Who wants to be told of changes: a bounded queue, which gets nothing before `join`."""

    def __init__(self) -> None:
        self._after: bytes | None = None
        self._waiting: deque[Change] = deque()
        self._bytes = 0
        self._error: Exception | None = None
        self._woken = asyncio.Event()

    def join(self, after: bytes) -> None:
        """From now on, get the changes after that position."""
        self._after = after

    def offer(self, change: Change) -> None:
        """A change for the queue; one too many cuts the listener off."""
        if self._after is None or change.position <= self._after or self._error is not None:
            return
        full = len(self._waiting) >= MOST_WAITING or self._bytes + change.size > MOST_WAITING_BYTES
        if self._waiting and full:
            self.cut(FellBehind(len(self._waiting)))
            return
        self._waiting.append(change)
        self._bytes += change.size
        self._woken.set()

    def cut(self, error: Exception) -> None:
        """Tell the listener why there is no more; what it did not take is dropped."""
        self._error = self._error or error
        self._waiting.clear()
        self._woken.set()

    async def next(self) -> Change:
        """The next change.

        Raises:
            FellBehind: too many were waiting.
            TwinError: why the stream ended.
        """
        while not self._waiting:
            if self._error is not None:
                raise self._error.with_traceback(None)  # many raise the same one
            self._woken.clear()
            await self._woken.wait()
        change = self._waiting.popleft()
        self._bytes -= change.size
        return change


class Fanout:
    """The stream, and its listeners.

    Args:
        feed: where streams come from.
    """

    def __init__(self, feed: ChangeFeed) -> None:
        self._feed = feed
        self._listeners: dict[str | None, set[Listener]] = {}
        self._count = 0
        self._opening = asyncio.Lock()
        self._running = False
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._position = b""

    @property
    def position(self) -> bytes:
        """All changes up to here have been offered. It stands while somebody listens."""
        return self._position

    @property
    def count(self) -> int:
        """How many listen."""
        return self._count

    @asynccontextmanager
    async def listener(self, twin: str | None = None) -> AsyncIterator[Listener]:
        """A listener, while the stream runs.

        Args:
            twin: to whose changes it listens; None means all.

        Raises:
            Unavailable: too many listen already, the database does not answer, or the service ends.
        """
        if self._count >= MOST_LISTENERS:
            raise Unavailable(f"{MOST_LISTENERS} subscribers are served already; try again later.")
        listener = Listener()
        self._listeners.setdefault(twin, set()).add(listener)
        self._count += 1
        try:
            await self._run()
            yield listener
        finally:
            self._count -= 1
            self._listeners[twin].discard(listener)
            if not self._listeners[twin]:
                del self._listeners[twin]

    async def close(self) -> None:
        """Cut everybody off, and wait until nothing runs any more."""
        self._closed = True
        self._cut(Unavailable("The service is ending; subscribe again after the last cursor that you got."))
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _run(self) -> None:
        async with self._opening:
            if self._closed:
                raise Unavailable("The service is ending.")
            if self._running:
                return
            async with AsyncExitStack() as opened:
                stream = await opened.enter_async_context(self._feed.stream(wait_ms=WAIT_MS))
                self._position, self._running = stream.position, True
                task = asyncio.create_task(self._tell(stream, opened.pop_all()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _tell(self, stream: Stream, opened: AsyncExitStack) -> None:
        """Offer all that the stream brings, for as long as somebody listens."""
        async with opened:
            try:
                answered = time.monotonic()
                while self._listeners and not self._closed:
                    try:
                        change = await stream.next()
                    except Unavailable:
                        if time.monotonic() - answered > LONGEST_OUTAGE_S or self._closed:
                            raise
                        await asyncio.sleep(RETRY_S)
                        continue
                    answered, self._position = time.monotonic(), stream.position
                    if change is not None:
                        self._offer(change)
            except TwinError as error:
                self._cut(error)
            except Exception as error:
                log.exception("the stream of changes failed")
                self._cut(error)
            finally:
                self._running = False  # nothing is awaited since the last look at the listeners

    def _offer(self, change: Change) -> None:
        for whose in (None, change.twin):
            for listener in self._listeners.get(whose, ()):
                listener.offer(change)

    def _cut(self, error: Exception) -> None:
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.cut(error)
