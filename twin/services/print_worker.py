"""Doing print jobs: by whichever process has the lease, label by label, so that history shows each print once.

The mutation of a label's print is the job and the position, so a label that a killed process had printed is found, not
printed again. What goes to a printer is committed once the printer has taken it: killed in between, a label may come
out twice, but none is said to be printed that never went out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twin.domain import fields
from twin.domain import moves as rules
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document, Draft
from twin.domain.label import Label
from twin.domain.print_job import JobState, PrintOrder
from twin.domain.printers import Address
from twin.errors import LabelNotClean, NotFound, PrinterStopped, TwinError, Unavailable, shown
from twin.services.artefacts import Artefact, Layout, clean_artefact_of
from twin.services.commits import Change, Commits, found
from twin.services.labels import Labels
from twin.services.printers import ANSWER_S, send
from twin.services.templates import Templates
from twin.store.leases import Leases

LEASE_S = 10.0
ROUND = 16
AGAIN_S = 3.0
PATIENCE_S = 900.0

Taken = Counter[str]
"""How many copies a printer has taken, by the digest of the artefact."""

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


@dataclass(frozen=True, slots=True)
class Batch:
    """Labels that are printed together.

    Args:
        job: its document.
        order: how they are printed.
        rows: which labels.
        layouts: what those of each profile are printed from.
        identifiers: of their assets, as they were when the round began.
    """

    job: Document
    order: PrintOrder
    rows: Sequence[Document]
    layouts: Mapping[str, Layout]
    identifiers: Mapping[str, Sequence[str]]


class PrintWorker:
    """Does the print jobs of one process.

    Args:
        commits: the write path.
        labels: knows payloads and the identifiers of assets.
        templates: what labels are printed from.
        printers: where each printer listens.
        asked: set when there is something to do.
        patience_s: for how long a printer that takes nothing is tried again.
        answer_s: how long a printer may take for one label.
    """

    def __init__(
        self,
        commits: Commits,
        labels: Labels,
        templates: Templates,
        printers: Mapping[str, Address],
        asked: asyncio.Event,
        *,
        patience_s: float = PATIENCE_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._commits = commits
        self._labels = labels
        self._templates = templates
        self._jobs = commits.store.print_jobs
        self._printers = printers
        self._patience_s = patience_s
        self._answer_s = answer_s
        self._drawing = asyncio.Semaphore(1)  # one thread draws: more would take turns with each other and with us
        self._asked = asked

    @property
    def printers(self) -> int:
        """How many printers there are: no more of its jobs than that can wait for one."""
        return len(self._printers)

    async def rest(self, longest_s: float) -> None:
        """Wait until there may be something to do."""
        try:
            async with asyncio.timeout(longest_s):
                await self._asked.wait()
        except TimeoutError:
            return
        self._asked.clear()

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
        except Unavailable:
            raise
        except TwinError as error:  # its template was withdrawn, or the deployment names its printer no more
            await self._give_up(job, JobState.FAILED, error.message)
        except Exception:
            log.exception("%s failed", job)
            await self._give_up(job, JobState.FAILED, "Something went wrong here; the log says what.")
        finally:
            await asyncio.shield(lease.leases.end(lease.name, lease.token))

    async def _do(self, lease: Lease, job: str) -> None:
        now = await self._jobs.start(job, self._now) or await self._jobs.find(job)
        while now is not None and now["state"] == JobState.RUNNING and await lease.hold():
            await self._do_round(lease, now)
            now = await self._jobs.find(job)
        if now is not None and now["state"] == JobState.CANCELLING and await lease.hold():
            await self._give_up(job, JobState.CANCELLED)

    async def _do_round(self, lease: Lease, job: Document) -> None:
        order = PrintOrder.from_document(job["order"])
        rows = await self._jobs.rows(job["_id"], job["cursor"], ROUND if order.printer is None else 1)
        if not rows:
            await self._end(job["_id"], JobState.DONE)
            return
        if order.printer is not None and order.printer not in self._printers:
            raise NotFound("printer", order.printer)
        outcomes = await self._outcomes(lease, await self._batch(job, order, rows))
        if outcomes:
            await self._settle(job, outcomes)

    async def _settle(self, job: Document, outcomes: Mapping[int, Document]) -> None:
        await self._jobs.settle(job["_id"], outcomes)
        printed = sum("sha256" in outcome for outcome in outcomes.values())
        await self._jobs.advance(job["_id"], job["cursor"], printed=printed, refused=len(outcomes) - printed)

    async def _give_up(self, key: str, state: JobState, error: str | None = None) -> None:
        """End a job in the middle; what a round that nobody settled has printed, as history says, counts as printed."""
        job = found(await self._jobs.find(key), "print job", key)
        order = PrintOrder.from_document(job["order"])
        outcomes: dict[int, Document] = {}
        for row in await self._jobs.rows(key, job["cursor"], ROUND):
            written = await self._commits.repeated(self._change(job, order, row), sure=True)
            if written is not None:
                outcomes[row["position"]] = await self._outcome_at(*written)
        if outcomes:
            await self._settle(job, outcomes)
        await self._end(key, state, error)

    async def _batch(self, job: Document, order: PrintOrder, rows: Sequence[Document]) -> Batch:
        """What a round needs, read at once."""
        versions = {name: await self._templates.approved(order.template, name) for name in job["profiles"]}
        layouts = {name: Layout.of(version, order.dpi) for name, version in versions.items()}
        twins = self._commits.store.labels
        heads = await twins.heads([row["label"] for row in rows])
        for head in heads.values():
            twins.recent.keep(head)
        assets = {head["head"]["asset"] for head in heads.values() if head["head"].get("asset")}
        owns = await self._commits.store.assets.owns(assets)
        identifiers = {asset: own["head"].get("identifiers", ()) for asset, own in owns.items()}
        return Batch(job, order, rows, layouts, identifiers)

    async def _outcomes(self, lease: Lease, batch: Batch) -> dict[int, Document] | None:
        """What became of each row, by position; None when the job is over."""
        if batch.order.printer is None:
            printing = (self._printed(batch, row, {}) for row in batch.rows)
            ended: list[Any] = await asyncio.gather(*printing, return_exceptions=True)
        else:
            ended = [await self._at_printer(lease, batch, row) for row in batch.rows]  # of which there is one
        outcomes: dict[int, Document] = {}
        for row, outcome in zip(batch.rows, ended, strict=True):
            if outcome is None:
                return None
            if isinstance(outcome, TwinError) and not isinstance(outcome, Unavailable):
                rules_broken = {"rules": list(outcome.rules)} if isinstance(outcome, LabelNotClean) else {}
                error = {"code": outcome.code, "message": outcome.message, **rules_broken}
                outcomes[row["position"]] = {"error": error}
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                outcomes[row["position"]] = outcome
        return outcomes

    async def _at_printer(self, lease: Lease, batch: Batch, row: Document) -> Document | TwinError | None:
        """What became of a row at a printer, which is tried again for a while; None when it is over or not ours."""
        job = batch.job["_id"]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience_s
        troubled = False
        taken: Taken = Counter()
        progress = 0
        while True:
            try:
                outcome = await self._taken(lease, batch, row, taken)
            except PrinterStopped as error:
                if taken.total() > progress:
                    progress, deadline = taken.total(), loop.time() + self._patience_s
                if loop.time() >= deadline:
                    await self._end(job, JobState.FAILED, error.message)
                    return None
                await self._jobs.trouble(job, error.message)
                troubled = True
            except TwinError as error:
                return error
            else:
                if troubled:
                    await self._jobs.trouble(job, None)
                return outcome
            await asyncio.sleep(min(AGAIN_S, self._patience_s))
            now = await self._jobs.find(job)
            if now is None or now["state"] != JobState.RUNNING or not await lease.hold():
                return None

    async def _taken(self, lease: Lease, batch: Batch, row: Document, taken: Taken) -> Document:
        """What became of a row whose label the printer takes copy by copy; what it has taken is not sent again."""
        printer = str(batch.order.printer)
        while True:
            try:
                return await self._printed(batch, row, taken)
            except _Unsent as unsent:
                sha256 = unsent.artefact.provenance.sha256
                while taken[sha256] < batch.order.copies:
                    if not await lease.hold():
                        raise Unavailable(f"Another process has the printer {shown(printer)} by now.") from None
                    content = unsent.artefact.content
                    await send(printer, self._printers[printer], content, within_s=self._answer_s)
                    taken[sha256] += 1

    async def _printed(self, batch: Batch, row: Document, taken: Mapping[str, int]) -> Document:
        """Print one label, and say so in its history: its revision and the digest of its artefact."""
        job, order = batch.job, batch.order
        change = self._change(job, order, row)
        drawn: dict[int, str] = {}

        async def decide(document: Document) -> Draft:
            label = Label.from_document(document)
            rules.print_action(label)
            payload = self._labels.payload(document)
            artefact = await self._drawn(batch, label, document, payload)
            sha256 = artefact.provenance.sha256
            draft = rules.print_in_job(
                label,
                payload=payload,
                provenance=artefact.provenance,
                command=change.command,
                now=self._commits.clock(),
            )
            if order.printer is not None and taken.get(sha256, 0) < order.copies:
                raise _Unsent(artefact)
            drawn[label.revision + 1] = sha256
            return draft

        twins = self._commits.store.labels
        document = await self._commits.commit(
            twins, {"_id": row["label"]}, change, decide, what="label", key=row["label"]
        )
        revision = document["revision"]
        if revision in drawn:
            return {"revision": revision, "sha256": drawn[revision]}
        return await self._outcome_at(row["label"], revision)  # printed before, by a process that was ended

    def _change(self, job: Document, order: PrintOrder, row: Document) -> Change:
        """The one change of its label that a row stands for, whoever makes it, and however often."""
        actor = Actor(job["actor"], frozenset({Permission.PRINT_LABELS}), frozenset())
        command = Command(order.reason, client_mutation_id=f"{job['_id']}.{row['position']}")
        return self._commits.change(actor, "printLabels", command, {"label": row["label"], "job": job["_id"]})

    async def _outcome_at(self, label: str, revision: int) -> Document:
        """What became of a row whose label was printed as that revision."""
        twins = self._commits.store.labels
        head = found(await twins.recent_head({"_id": label}), "label", label)
        [version] = await twins.versions(head, revision, revision)
        return {"revision": revision, "sha256": version["evidence"]["sha256"]}

    async def _drawn(self, batch: Batch, label: Label, document: Document, payload: str) -> Artefact:
        """The artefact of a label that breaks no rule, or only what the order overrides."""
        identifiers = batch.identifiers.get(label.asset or "")
        if identifiers is None:
            identifiers = await self._labels.identifiers(label.asset) if label.asset else ()
        layout = batch.layouts[label.profile]

        def draw() -> Artefact:
            return clean_artefact_of(document, payload, identifiers, layout, batch.order, job=batch.job["_id"])

        async with self._drawing:
            return await asyncio.to_thread(draw)

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
