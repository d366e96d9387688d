"""The figures of one process, for whoever watches over it: sums and lengths; they name no twin and no caller."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from twin.domain.actor import Actor, Permission
from twin.domain.print_job import OPEN
from twin.domain.scan import Outcome
from twin.errors import Unavailable
from twin.services.audit_log import AuditLog
from twin.services.changes import Changes
from twin.services.scan_log import ScanLog
from twin.store import Store
from twin.store.monitoring import Commands

LONGEST_S = 2.0  # watchers have little patience, and want the other figures most when the database is slow


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a moment.

    Args:
        subscribers: who listens to changes.
        scans: codes that were read, by the worst that held of each.
        scans_waiting: rows and counts of scans that are not written yet.
        scans_dropped: those that never will be.
        audit_waiting: rows of the audit log that are not written yet.
        jobs: open print jobs of the deployment, by state; None when the database did not tell in time.
        commands: what was asked of the database, by the name of the command.
        connections: to the database.
        connections_in_use: of them.
    """

    subscribers: int
    scans: Mapping[Outcome, int]
    scans_waiting: int
    scans_dropped: int
    audit_waiting: int
    jobs: Mapping[str, int] | None
    commands: Mapping[str, Commands]
    connections: int
    connections_in_use: int


class Watching:
    """What may be watched of a process."""

    def __init__(self, store: Store, changes: Changes, scan_log: ScanLog, audit_log: AuditLog) -> None:
        self._store = store
        self._changes = changes
        self._scan_log = scan_log
        self._audit_log = audit_log

    async def figures(self, actor: Actor) -> Figures:
        """The figures by now.

        Args:
            actor: needs `metrics:read`.
        """
        actor.require(Permission.READ_METRICS)
        mongo = self._store.mongo
        return Figures(
            self._changes.subscribers,
            dict(self._scan_log.read),
            self._scan_log.waiting,
            self._scan_log.dropped,
            self._audit_log.waiting,
            await self._jobs(),
            mongo.commands.sums(),
            mongo.connections.open,
            mongo.connections.in_use,
        )

    async def _jobs(self) -> Mapping[str, int] | None:
        try:
            async with asyncio.timeout(LONGEST_S):
                return {state.value: await self._store.print_jobs.count(states=[state.value]) for state in sorted(OPEN)}
        except (TimeoutError, Unavailable):
            return None
