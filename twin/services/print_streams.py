"""What a print job made, as one file: drawn again from the stored revisions, and compared with what history says.

Nothing of the artefacts is kept: drawing is deterministic, and history holds each one's SHA-256. One that comes out
otherwise ends the file in the middle, so that nobody takes it for whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from renderers.writers.pdf import Grid
from twin.domain.actor import Actor
from twin.domain.history import Document
from twin.domain.print_job import OPEN, JobState, PrintFormat, PrintOrder
from twin.errors import InvalidInput, Refused
from twin.services.artefacts import Artefact, Layout, artefact_of, ending_of, streamed
from twin.services.commits import Commits
from twin.services.labels import Labels
from twin.services.print_jobs import PrintJobs
from twin.services.templates import Templates

BATCH = 64
LONGEST_READ_S = 60.0
PART = 256 * 1024

Ask = Callable[[int], list[tuple[Document, Layout]]]


@dataclass(frozen=True, slots=True)
class Download:
    """A file in parts.

    Args:
        name: of the file.
        media_type: of it.
        parts: its bytes, for a thread: each part may wait for the database.
    """

    name: str
    media_type: str
    parts: Iterator[bytes]


class PrintStreams:
    """Gives what print jobs made.

    Args:
        commits: where labels are.
        labels: knows payloads.
        templates: what labels were printed from.
        jobs: finds the jobs.
    """

    def __init__(self, commits: Commits, labels: Labels, templates: Templates, jobs: PrintJobs) -> None:
        self._twins = commits.store.labels
        self._rows = commits.store.print_jobs
        self._labels = labels
        self._templates = templates
        self._jobs = jobs

    async def open(self, actor: Actor, job: str, ending: str, grid: Grid | None = None) -> Download:
        """The printed labels of a job that is over, in their order, each as often as it has copies.

        Args:
            actor: needs `labels:print`.
            job: its id.
            ending: how the file's name ends: `pdf`, `zpl` or `zip`.
            grid: where labels stand on a sheet, of PDF alone.

        Raises:
            NotFound: there is no such job.
            Refused: it goes on, it made something else, or it printed nothing.
            InvalidInput: a grid of what has no pages.
        """
        found = await self._jobs.find(actor, job)
        order = PrintOrder.from_document(found["order"])
        if JobState(found["state"]) in OPEN:
            raise Refused(f"{job} is {found['state']}: {found['printed']} of {found['total']} labels are printed yet.")
        if ending != ending_of(order.format):
            raise Refused(f"{job} made {order.format.value}: expected .{ending_of(order.format)}, found .{ending}.")
        if not await self._rows.rows(job, 0, 1, printed=True):
            raise Refused(f"{job} has printed no label.")
        if grid is not None and order.format is not PrintFormat.PDF:
            raise InvalidInput(f"sheet: expected none for .{ending}, which has no pages.", path=("sheet",))
        loop = asyncio.get_running_loop()

        layouts: dict[str, Layout] = {}

        def ask(first: int) -> list[tuple[Document, Layout]]:
            reading = asyncio.run_coroutine_threadsafe(self._printed(job, first, order, layouts), loop)
            return reading.result(LONGEST_READ_S)

        parts = streamed(self._artefacts(job, order, ask), order, grid)
        return Download(f"{job}.{ending}", _MEDIA_TYPES[ending], _joined(parts))

    def _artefacts(self, job: str, order: PrintOrder, ask: Ask) -> Iterator[Artefact]:
        copies = 1 if order.format is PrintFormat.SVG else order.copies
        first = 0
        while batch := ask(first):
            for printed, layout in batch:
                artefact = self._drawn(printed, layout, order, job)
                for _ in range(copies):
                    yield artefact
            first = batch[-1][0]["position"] + 1

    def _drawn(self, printed: Document, layout: Layout, order: PrintOrder, job: str) -> Artefact:
        label = printed["label"]
        evidence = printed["evidence"]
        where = f"{label['_id']} at revision {label['revision']}"
        if layout.sha256 != evidence["template_sha256"]:
            raise Refused(f"{layout.id} is not what {where} was printed from: expected the SHA-256 that history has.")
        artefact = artefact_of(label, self._labels.payload(label), layout, order, epc=evidence.get("epc"), job=job)
        if artefact.provenance.sha256 != evidence["sha256"]:
            raise Refused(
                f"{where} was printed as {evidence['sha256']}; drawn again, it is {artefact.provenance.sha256}."
            )
        return artefact

    async def _printed(
        self, job: str, first: int, order: PrintOrder, layouts: dict[str, Layout]
    ) -> list[tuple[Document, Layout]]:
        """The next labels that were printed, as they were then, each with what it was printed from."""
        rows = await self._rows.rows(job, first, BATCH, printed=True)
        heads = await self._twins.heads([row["label"] for row in rows])
        versions = await asyncio.gather(
            *(self._twins.versions(heads[row["label"]], row["revision"], row["revision"]) for row in rows)
        )
        found: list[tuple[Document, Layout]] = []
        for row, [version] in zip(rows, versions, strict=True):
            evidence = version["evidence"]
            name = evidence["template"]
            if name not in layouts:
                layouts[name] = Layout.of(await self._templates.version(name), order.dpi)
            label = {"_id": row["label"], "revision": row["revision"], "head": version["snapshot"]}
            found.append(({"position": row["position"], "label": label, "evidence": evidence}, layouts[name]))
        return found


def _joined(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer parts: each of them costs a change of threads."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= PART:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


_MEDIA_TYPES = {"pdf": "application/pdf", "zpl": "application/zpl", "zip": "application/zip"}
