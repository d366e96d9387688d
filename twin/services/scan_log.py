"""The scan log: what people read through the edge, noted at once and written a moment later, in rounds.

Nobody waits for it. What waits stands in memory: a process that is killed loses up to a second of it, and what comes
faster than the database takes it is dropped and said. Of people there is nothing in it: no address, no cookie, no hash
of either.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from twin.domain.actor import Actor, Permission
from twin.domain.history import Document
from twin.domain.scan import Answer, Outcome
from twin.errors import InvalidInput, TooLarge, Unavailable
from twin.services.commits import Clock
from twin.services.repeating import Pause, repeated
from twin.store.scan_log import ScanLog as Rows

MOST_WAITING: Final = 10_000
MOST_AT_ONCE: Final = 500
EVERY_S: Final = 1.0
MOST_DAYS: Final = 366

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DayOfScans:
    """How often a label was read on a day of UTC, by what held then."""

    day: date
    outcomes: dict[Outcome, int]


class ScanLog:
    """What was read, and how often.

    Args:
        rows: where it is kept.
        clock: tells the time, in UTC.
        days: for how many days rows are kept; 0 keeps counts alone, and None nothing at all.
    """

    def __init__(self, rows: Rows, clock: Clock, days: int | None) -> None:
        self._store = rows
        self._clock = clock
        self._days = days
        self._kept = timedelta(days=days or 0)
        self._rows: deque[Document] = deque()
        self._counted: dict[tuple[str, date, Outcome], int] = {}
        self._dropped = 0  # since the last round
        self.read: Counter[Outcome] = Counter()  # by the worst that held, since the process began
        self.dropped = 0
        self._writing = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """How many rows and counts are not written yet."""
        return len(self._rows) + len(self._counted)

    def note(self, path: str, answer: Answer, flags: tuple[Outcome, ...], label: str | None = None) -> None:
        """Note a read through the edge. Returns at once, and never raises.

        Args:
            path: what was read, such as `L/0123456789ABC8` or `01/09506000134352/21/S`.
            answer: what the reader got.
            flags: all that holds of what the code names, worst first.
            label: the id of the label, where the code names one.
        """
        if self._days is None:
            return
        self.read[flags[0]] += 1
        if len(self._rows) >= MOST_WAITING:
            self._dropped += 1
            return
        at = self._clock()
        if self._days:
            row: dict[str, Any] = {"read": path, "answer": answer, "flags": flags, "occurred_at": at}
            row["expires"] = at + self._kept
            if label is not None:
                row["label"] = label
            self._rows.append(row)
        if label is not None:
            self.count(label, at, flags[0])

    def count(self, label: str, at: datetime, outcome: Outcome) -> None:
        """Count a read of a label whose row stands elsewhere. Returns at once, and never raises."""
        if self._days is None:
            return
        key = (label, at.date(), outcome)
        if key not in self._counted and len(self._counted) >= MOST_WAITING:
            self._dropped += 1
            return
        self._counted[key] = self._counted.get(key, 0) + 1

    async def keep(self, pause: Pause = asyncio.sleep) -> None:
        """Write what was noted, every second, for as long as the service runs.

        Args:
            pause: waits for so many seconds.
        """
        await repeated(self.flush, EVERY_S, pause, log, "the scan log could not be written; it is tried again")

    async def flush(self) -> None:
        """Write what was noted by now. What the database does not take is dropped: it may be there all the same."""
        async with self._writing:
            counted, self._counted = self._counted, {}
            under_way = sum(counted.values())
            try:
                if counted:
                    await self._store.count(counted)
                for _ in range(0, len(self._rows), MOST_AT_ONCE):
                    batch = [self._rows.popleft() for _ in range(min(MOST_AT_ONCE, len(self._rows)))]
                    under_way = len(batch)
                    await self._store.write(batch)
            except Unavailable as error:
                self._dropped += under_way
                log.warning("the scan log waits: %s", error.message)
            dropped, self._dropped = self._dropped, 0
            self.dropped += dropped
            if dropped:
                log.warning("%d reads of codes are not in the scan log or not counted", dropped)

    async def counts(self, actor: Actor, label: str, first: date, last: date) -> list[DayOfScans]:
        """How often a label was read, for each day of UTC on which it was; the last second may not be there yet.

        Args:
            actor: needs `twins:read`.
            label: the label's id.
            first: the first day.
            last: the last day, 366 days in all at most.
        """
        actor.require(Permission.READ_TWINS)
        if last < first:
            raise InvalidInput(f"to: expected {first} or a later day, found {last}.", path=("to",))
        if (last - first).days >= MOST_DAYS:
            many = (last - first).days + 1
            raise TooLarge(f"to: expected at most {MOST_DAYS} days, found {many}.", path=("to",))
        found = await self._store.counts(label, first, last)
        return [_day_of(document) for document in found]


def _day_of(document: Document) -> DayOfScans:
    by_name = document["outcomes"]
    outcomes = {outcome: by_name[outcome.value] for outcome in Outcome if outcome.value in by_name}
    return DayOfScans(date.fromisoformat(document["day"]), outcomes)
