"""Doing print jobs: by whichever process has the lease, label by label, so that history shows each print once.

The mutation of a label's print is the job and the position, so a label that a killed process had printed is found, not
printed again. What goes to a printer is committed once the printer has taken it: killed in between, a label may come
out twice, but none is said to be printed that never went out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twin.domain import fields
from twin.domain import moves as rules
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document, Draft
from twin.domain.label import Label
from twin.domain.print_job import JobState, PrintOrder
from twin.domain.printers import Address
from twin.errors import PrinterStopped, TwinError, Unavailable
from twin.services.artefacts import Artefact, artefact_of
from twin.services.commits import Commits
from twin.services.labels import Labels
from twin.services.printers import ANSWER_S, send
from twin.store.leases import Leases

LEASE_S = 20.0
ROUND = 16
AGAIN_S = 3.0
PATIENCE_S = 900.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do a job, for as long as it is extended; that of a printer's job is the right to use the printer."""

    leases: Leases
    name: str
    token: str

    async def hold(self) -> bool:
        """Extend it; False when somebody else has it by now."""
        return await self.leases.extend(self.name, self.token, LEASE_S)


class PrintWorker:
    """Does the print jobs of one process.

    Args:
        commits: the write path.
        labels: knows payloads and the identifiers of assets.
        printers: where each printer listens.
        patience_s: for how long a printer that takes nothing is tried again.
        answer_s: how long a printer may take for one label.
    """

    def __init__(
        self,
        commits: Commits,
        labels: Labels,
        printers: Mapping[str, Address],
        *,
        patience_s: float = PATIENCE_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._commits = commits
        self._labels = labels
        self._jobs = commits.store.print_jobs
        self._printers = printers
        self._patience_s = patience_s
        self._answer_s = answer_s
        self._drawing = asyncio.Semaphore(1)  # one thread draws: more would take turns with each other and with us
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """There is something to do."""
        self._awake.set()

    async def rest(self, longest_s: float) -> None:
        """Wait until there may be something to do."""
        try:
            async with asyncio.timeout(longest_s):
                await self._awake.wait()
        except TimeoutError:
            return
        self._awake.clear()

    async def do_next(self) -> bool:
        """Do the oldest job that nobody does; False when there is none.

        Raises:
            Unavailable: the database does not answer; the job goes on later, here or elsewhere.
        """
        busy: set[str] = set()
        for job in await self._jobs.open():
            printer = job["order"].get("printer")
            name = f"print job {job['_id']}" if printer is None else f"printer {printer}"
            if name in busy:
                continue
            token = await self._commits.store.leases.take(name, LEASE_S)
            if token is None:
                busy.add(name)
                continue
            await self._do_under(Lease(self._commits.store.leases, name, token), job["_id"])
            return True
        return False

    async def _do_under(self, lease: Lease, job: str) -> None:
        try:
            await self._do(lease, job)
        except TwinError:
            raise
        except Exception:
            log.exception("%s failed", job)
            await self._end(job, JobState.FAILED, "Something went wrong here; the log says what.")
        finally:
            await asyncio.shield(lease.leases.end(lease.name, lease.token))

    async def _do(self, lease: Lease, job: str) -> None:
        found = await self._jobs.start(job, self._now)
        while found is not None and found["state"] == JobState.RUNNING and await lease.hold():
            order = PrintOrder.from_document(found["order"])
            most = ROUND if order.printer is None else 1
            rows = await self._jobs.rows(job, found["cursor"], most)
            if not rows:
                await self._end(job, JobState.DONE)
                return
            outcomes = await self._outcomes(lease, found, order, rows)
            if outcomes is None:
                return
            await self._jobs.settle(job, outcomes)
            printed = sum("sha256" in outcome for outcome in outcomes.values())
            found = await self._jobs.advance(
                job, found["cursor"], printed=printed, refused=len(outcomes) - printed
            ) or await self._jobs.find(job)

    async def _outcomes(
        self, lease: Lease, job: Document, order: PrintOrder, rows: list[dict[str, Any]]
    ) -> dict[int, Document] | None:
        """What became of each row, by position; None when the job is over."""
        if order.printer is None:
            found: list[Any] = await asyncio.gather(
                *(self._printed(job, order, row) for row in rows), return_exceptions=True
            )
        else:
            found = [await self._at_printer(lease, job, order, rows[0])]
        outcomes: dict[int, Document] = {}
        for row, outcome in zip(rows, found, strict=True):
            if outcome is None:
                return None
            if isinstance(outcome, TwinError) and not isinstance(outcome, Unavailable):
                outcomes[row["position"]] = {"error": {"code": outcome.code, "message": outcome.message}}
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                outcomes[row["position"]] = outcome
        return outcomes

    async def _at_printer(
        self, lease: Lease, job: Document, order: PrintOrder, row: Document
    ) -> Document | TwinError | None:
        """What became of a row at a printer, which is tried again for a while; None when it is over or not ours."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience_s
        troubled = False
        while True:
            try:
                outcome = await self._printed(job, order, row)
            except PrinterStopped as error:
                if loop.time() >= deadline:
                    await self._end(job["_id"], JobState.FAILED, error.message)
                    return None
                await self._jobs.trouble(job["_id"], error.message)
                troubled = True
            except TwinError as error:
                return error
            else:
                if troubled:
                    await self._jobs.trouble(job["_id"], None)
                return outcome
            await asyncio.sleep(min(AGAIN_S, self._patience_s))
            found = await self._jobs.find(job["_id"])
            if found is None or found["state"] != JobState.RUNNING or not await lease.hold():
                return None

    async def _printed(self, job: Document, order: PrintOrder, row: Document) -> Document:
        """Print one label, and say so in its history: its revision and the digest of its artefact."""
        sent: set[str] = set()
        while True:
            try:
                return await self._committed(job, order, row, sent)
            except _Unsent as unsent:
                content = unsent.artefact.content * order.copies
                await send(str(order.printer), self._printers[str(order.printer)], content, within_s=self._answer_s)
                sent.add(unsent.artefact.provenance.sha256)

    async def _committed(self, job: Document, order: PrintOrder, row: Document, sent: set[str]) -> Document:
        actor = Actor(job["actor"], frozenset({Permission.PRINT_LABELS}), frozenset())
        command = Command(order.reason, client_mutation_id=f"{job['_id']}.{row['position']}")
        change = self._commits.change(actor, "printLabels", command, {"label": row["label"], "job": job["_id"]})
        drawn: dict[int, str] = {}

        async def decide(document: Document) -> Draft:
            label = Label.from_document(document)
            rules.print_action(label)
            payload = self._labels.payload(document)
            async with self._drawing:
                artefact = await asyncio.to_thread(artefact_of, document, payload, order, job=job["_id"])
            provenance = artefact.provenance
            draft = rules.print_in_job(
                label, payload=payload, provenance=provenance, command=command, now=self._commits.clock()
            )
            if order.printer is not None and provenance.sha256 not in sent:
                raise _Unsent(artefact)
            drawn[label.revision + 1] = provenance.sha256
            return draft

        twins = self._commits.store.labels
        document = await self._commits.commit(
            twins, {"_id": row["label"]}, change, decide, what="label", key=row["label"]
        )
        revision = document["revision"]
        if revision not in drawn:  # it was printed before, by a process that was ended
            [version] = await twins.versions(document, revision, revision)
            drawn[revision] = version["evidence"]["sha256"]
        return {"revision": revision, "sha256": drawn[revision]}

    async def _end(self, job: str, state: JobState, error: str | None = None) -> None:
        await self._jobs.end(job, state, self._now, error)

    @property
    def _now(self) -> Any:
        return fields.moment(None, now=self._commits.clock())


class _Unsent(Exception):
    """What must be taken by the printer before history may say that it was printed."""

    def __init__(self, artefact: Artefact) -> None:
        super().__init__()
        self.artefact = artefact
