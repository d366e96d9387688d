"""The audit log: who changed what, and whose change or question was refused; never what was said in it.

A change is durable in its version before its row is. Rows stand in memory for a moment and are written in rounds; while
too many wait, changes wait too, and none is dropped. A process that is killed loses what waits: 0.2 s of what was done,
and a second more of what was refused, for refusals that are alike are one row for each second.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

from twin.domain.actor import ANONYMOUS, Actor, Permission
from twin.domain.history import Document
from twin.errors import InvalidInput, TwinError, Unavailable
from twin.services.commits import Clock
from twin.services.repeating import Pause, repeated
from twin.store.audit_log import AuditLog as Rows
from twin.store.paging import Page, PageRequest

DONE: Final = "done"
MOST_WAITING: Final = 10_000
MOST_AT_ONCE: Final = 500
MOST_NODES: Final = 100
LONGEST_WAIT_S: Final = 5.0
LONGEST_WORD: Final = 128
EVERY_S: Final = 0.2

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class Door(StrEnum):
    """Which way a caller came in."""

    GRAPHQL = "graphql"
    HTTP = "http"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, and how.

    Args:
        actor: the caller's id.
        door: which way it came in.
        request_id: how the request is found in the log; None on the command line.
        client: the name of its program, as that tells it.
    """

    actor: str
    door: Door
    request_id: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are asked for; what is None is not asked for.

    Args:
        actor: the caller's id.
        operation: the field of a mutation, or the method and path of a route.
        outcome: `done`, or the code of an error.
        since: of this moment or later.
        until: before this moment.
    """

    actor: str | None = None
    operation: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """What was changed, and what was refused.

    Args:
        rows: where it is kept.
        clock: tells the time, in UTC.
        days: for how many days rows are kept; 0 means for ever.
    """

    def __init__(self, rows: Rows, clock: Clock, days: int = 0) -> None:
        self._store = rows
        self._clock = clock
        self._days = days
        self._rows: deque[Document] = deque()
        self._refused: dict[tuple[object, ...], dict[str, Any]] = {}
        self._written = asyncio.Condition()
        self._writing = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """How many rows are not written yet."""
        return len(self._rows) + len(self._refused)

    async def room(self) -> None:
        """Wait until there is room for another row: before a change, so that none goes without its row.

        Raises:
            Unavailable: there is none for 5 s.
        """
        if self.waiting < MOST_WAITING:
            return
        try:
            async with asyncio.timeout(LONGEST_WAIT_S), self._written:
                await self._written.wait_for(lambda: self.waiting < MOST_WAITING)
        except TimeoutError as error:
            text = "The audit log cannot be written just now; the same request may succeed in a moment."
            raise Unavailable(text) from error

    def note(
        self,
        call: Call,
        operation: str,
        outcome: str = DONE,
        *,
        nodes: Sequence[tuple[str, int | None]] = (),
        mutation: str | None = None,
    ) -> None:
        """Note what was done or refused; whoever changes something has asked for `room` before. Never raises.

        Args:
            call: who called.
            operation: the field of a mutation, or the method and path of a route.
            outcome: `done`, or the code of an error.
            nodes: the ids of what was changed, each with its revision now; 100 are kept.
            mutation: the client's name for the change.
        """
        at = self._clock()
        told: dict[str, Any] = {
            "_id": f"aud_{int(at.timestamp() * 1000):012x}{secrets.token_hex(8)}",
            "created": {"recorded_at": at},
            "actor": call.actor,
            "client": call.client,
            "request_id": call.request_id,
            "door": call.door.value,
            "operation": operation,
            "outcome": outcome,
            "nodes": [{"id": twin, "revision": revision} for twin, revision in islice(nodes, MOST_NODES)],
            "mutation": mutation and mutation[:LONGEST_WORD].encode("utf-8", "replace").decode(),
            "times": 1,
        }
        row = {name: value for name, value in told.items() if value not in (None, [])}
        if self._days:
            row["expires"] = at + timedelta(days=self._days)
        if outcome == DONE:
            self._rows.append(row)
        else:
            client = None if call.actor == ANONYMOUS.id else call.client  # else a new name for each would be a flood
            key = (call.actor, client, call.door, operation, outcome, at.replace(microsecond=0))
            if self._refused.setdefault(key, row) is not row:
                self._refused[key]["times"] += 1

    async def audited(self, call: Call, operation: str, work: Awaitable[Result]) -> Result:
        """Do what has no nodes to tell of, and note what became of it.

        Args:
            call: who calls.
            operation: what it is called.
            work: what is to be done.
        """
        try:
            result = await work
        except BaseException as error:
            self.note(call, operation, code_of(error))
            raise
        self.note(call, operation)
        return result

    async def keep(self, pause: Pause = asyncio.sleep) -> None:
        """Write what was noted, five times a second, for as long as the service runs.

        Args:
            pause: waits for so many seconds.
        """
        await repeated(
            partial(self.flush, all_of_it=False),
            EVERY_S,
            pause,
            log,
            "the audit log could not be written; it is tried again",
        )

    async def flush(self, *, all_of_it: bool = True) -> None:
        """Write what was noted by now; what the database does not take goes on waiting.

        Args:
            all_of_it: also the refusals of this second, more of which may come.
        """
        async with self._writing:
            self._take_refused(None if all_of_it else self._clock().replace(microsecond=0))
            try:
                while self._rows:
                    batch = list(islice(self._rows, MOST_AT_ONCE))
                    await self._store.write(batch)
                    for _ in batch:
                        self._rows.popleft()
            except Unavailable as error:
                log.warning("the audit log waits, %d rows: %s", self.waiting, error.message)
        async with self._written:
            self._written.notify_all()

    def _take_refused(self, second: datetime | None) -> None:
        over = [key for key, row in self._refused.items() if second is None or row["created"]["recorded_at"] < second]
        self._rows.extend(self._refused.pop(key) for key in over)

    async def page(self, actor: Actor, wanted: Wanted, request: PageRequest) -> Page:
        """Rows, newest first; the last second may not be there yet.

        Args:
            actor: needs `audit:read`.
            wanted: which rows.
            request: which part of the list.
        """
        actor.require(Permission.READ_AUDIT_LOG)
        return await self._store.page(_query(wanted), request)

    async def count(self, actor: Actor, wanted: Wanted) -> int:
        """How many rows there are.

        Args:
            actor: needs `audit:read`.
            wanted: which rows.
        """
        actor.require(Permission.READ_AUDIT_LOG)
        return await self._store.count(_query(wanted))


def code_of(error: BaseException) -> str:
    """The outcome that an error has in the log."""
    if isinstance(error, TwinError):
        return error.code
    return "CANCELLED" if isinstance(error, asyncio.CancelledError) else "INTERNAL"


def _query(wanted: Wanted) -> Mapping[str, Any]:
    if wanted.since is not None and wanted.until is not None and wanted.until <= wanted.since:
        raise InvalidInput(f"to: expected a moment after {wanted.since}, found {wanted.until}.", path=("to",))
    asked = {"actor": wanted.actor, "operation": wanted.operation, "outcome": wanted.outcome}
    query: dict[str, Any] = {name: text for name, text in asked.items() if text is not None}
    span = {"$gte": wanted.since, "$lt": wanted.until}
    if any(span.values()):
        query["created.recorded_at"] = {operator: at for operator, at in span.items() if at is not None}
    return query
