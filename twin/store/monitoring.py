"""What the driver tells of its commands and connections, as sums: how many, how long, how many failed."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, replace

from pymongo import monitoring

MOST_NAMES = 64
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands of one name.

    Args:
        count: how many were answered.
        failed: how many of them with an error, or not at all.
        seconds: how long all of them took together.
    """

    count: int = 0
    failed: int = 0
    seconds: float = 0.0


class CommandSums(monitoring.CommandListener):
    """Sums by the name of the command, such as `find`; the driver calls from threads of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: defaultdict[str, Commands] = defaultdict(Commands)

    def sums(self) -> dict[str, Commands]:
        """The sums by now."""
        with self._lock:
            return dict(self._sums)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Nothing to count yet."""

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """One more."""
        self._add(event.command_name, event.duration_micros, failed=0)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """One more that failed."""
        self._add(event.command_name, event.duration_micros, failed=1)

    def _add(self, name: str, micros: int, *, failed: int) -> None:
        with self._lock:
            known = name if name in self._sums or len(self._sums) < MOST_NAMES else OTHER
            sums = self._sums[known]
            self._sums[known] = replace(
                sums, count=sums.count + 1, failed=sums.failed + failed, seconds=sums.seconds + micros / 1e6
            )


class Connections(monitoring.ConnectionPoolListener):
    """How many connections there are, and how many are in use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.open = self.in_use = 0

    def _count(self, opened: int, used: int) -> None:
        with self._lock:
            self.open += opened
            self.in_use += used

    def connection_created(self, _: monitoring.ConnectionCreatedEvent) -> None:
        """One more is there."""
        self._count(1, 0)

    def connection_closed(self, _: monitoring.ConnectionClosedEvent) -> None:
        """One is there no more."""
        self._count(-1, 0)

    def connection_checked_out(self, _: monitoring.ConnectionCheckedOutEvent) -> None:
        """One is used."""
        self._count(0, 1)

    def connection_checked_in(self, _: monitoring.ConnectionCheckedInEvent) -> None:
        """It is used no more."""
        self._count(0, -1)

    def _ignore(self, event: object) -> None:
        """Nothing to count."""

    pool_created = pool_ready = pool_cleared = pool_closed = _ignore
    connection_ready = connection_check_out_started = connection_check_out_failed = _ignore
