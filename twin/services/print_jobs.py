"""Print jobs: asked for, looked at, cancelled. `print_worker` does them, `print_streams` gives what they made."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from twin.domain import fields
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document
from twin.domain.print_job import JobState, PrintOrder, require_few
from twin.errors import InvalidInput, MutationIdReused, NotFound, Refused, shown
from twin.services.commits import Change, Commits
from twin.services.labels import label_query
from twin.services.templates import Templates
from twin.store.paging import Page, PageRequest
from twin.store.twins import Lost

PREFIX = "job"
AT_ONCE = 1_000


class PrintJobs:
    """What callers do with print jobs. All of it needs `labels:print`.

    Args:
        commits: where labels are, the clock, and the ids of new things.
        templates: what labels are printed from.
        printers: the names of the printers that there are.
    """

    def __init__(self, commits: Commits, templates: Templates, printers: Collection[str]) -> None:
        self._commits = commits
        self._jobs = commits.store.print_jobs
        self._templates = templates
        self._printers = printers
        self.asked = asyncio.Event()  # set when there is something to do

    async def create(self, actor: Actor, labels: Sequence[str], order: PrintOrder, command: Command) -> Document:
        """Make a job that prints labels, which begins at once, in the background.

        Args:
            actor: needs `labels:print`; history will name it.
            labels: 1 to 10,000 labels by id or link id, in the order of printing.
            order: how they are printed.
            command: `client_mutation_id` counts: the same again answers the same job.

        Raises:
            InvalidInput: a label that is not known or stands twice, with its position; a printer that is not known.
            MutationIdReused: the mutation's id stands for another job.
        """
        actor.require(Permission.PRINT_LABELS)
        require_few(len(labels), order.copies)
        if order.printer is not None and order.printer not in self._printers:
            known = ", ".join(sorted(self._printers)) or "none"
            raise InvalidInput(
                f"printer: {shown(order.printer)} is not known; the deployment names {known}.", path=("printer",)
            )
        change = self._commits.change(actor, "printLabels", command, {"labels": list(labels), **order.as_document()})
        job = self._commits.twin_id(PREFIX, change.mutation, 0)
        if change.may_repeat and (known_job := await self._repeated(job, change)):
            return known_job
        found = await self._found(actor, labels)
        ids, profiles = list(found), sorted(set(found.values()))
        order = await self._with_template(order, profiles)
        document = {
            "_id": job,
            "state": JobState.QUEUED.value,
            "actor": actor.id,
            "created": {"recorded_at": fields.moment(None, now=self._commits.clock())},
            "digest": change.mutation.digest,
            "order": order.as_document(),
            "profiles": profiles,
            "total": len(ids),
            "cursor": 0,
            "printed": 0,
            "refused": 0,
        }
        try:
            await self._jobs.add(document, ids)
        except Lost:
            repeated = await self._repeated(job, change)
            if repeated is None:
                raise
            return repeated
        self.asked.set()
        return document

    async def find(self, actor: Actor, job: str) -> Document:
        """A job.

        Raises:
            NotFound: there is none of that id.
        """
        actor.require(Permission.PRINT_LABELS)
        found = await self._jobs.find(job)
        if found is None or not all(map(actor.reaches, found["profiles"])):
            raise NotFound("print job", job)
        return found

    async def page(self, actor: Actor, request: PageRequest, *, states: Iterable[JobState] | None = None) -> Page:
        """A page of the jobs, newest first: those in one of the states."""
        actor.require(Permission.PRINT_LABELS)
        return await self._jobs.page(request, states=states, profiles=actor.within(None))

    async def count(self, actor: Actor, *, states: Iterable[JobState] | None = None) -> int:
        """How many jobs there are in all."""
        actor.require(Permission.PRINT_LABELS)
        return await self._jobs.count(states=states, profiles=actor.within(None))

    async def rows(
        self, actor: Actor, job: str, first: int, most: int, *, printed: bool | None = None
    ) -> list[dict[str, Any]]:
        """What became of the labels of a job, in their order.

        Args:
            actor: needs `labels:print`.
            job: its id.
            first: the lowest position wanted, from 0.
            most: how many at most.
            printed: only those that were printed, or only those that were refused.
        """
        await self.find(actor, job)
        return await self._jobs.rows(job, first, most, printed=printed)

    async def cancel(self, actor: Actor, job: str) -> Document:
        """End a job where it stands: what is being printed at that moment is still printed.

        Raises:
            NotFound: there is none of that id.
            Refused: it was over before.
        """
        await self.find(actor, job)
        changed = await self._jobs.cancel(job, fields.moment(None, now=self._commits.clock()))
        if changed is not None:
            self.asked.set()
            return changed
        found = await self.find(actor, job)
        if found["state"] in {JobState.CANCELLING, JobState.CANCELLED}:
            return found
        raise Refused(f"{job} is over: expected {JobState.QUEUED} or {JobState.RUNNING}, found {found['state']}.")

    async def _repeated(self, job: str, change: Change) -> Document | None:
        found = await self._jobs.find(job)
        if found is not None and found["digest"] != change.mutation.digest:
            raise MutationIdReused(change.mutation.client_id)
        return found

    async def _with_template(self, order: PrintOrder, profiles: Sequence[str]) -> PrintOrder:
        """The order with the version of its template that is the current one now."""
        try:
            versions = [await self._templates.approved(order.template, profile) for profile in profiles]
        except InvalidInput as error:
            error.path = ("template",)  # which is what a job names: labels bring their profiles along
            raise
        return order if order.template is None else replace(order, template=str(versions[0].id))

    async def _found(self, actor: Actor, keys: Sequence[str]) -> dict[str, str]:
        """The profiles of the labels that the keys name, by their ids, in their order."""
        names = [_name_of(position, key) for position, key in enumerate(keys)]
        known: dict[str, Document] = {}
        for start in range(0, len(names), AT_ONCE):
            for label in await self._commits.store.labels.named(names[start : start + AT_ONCE]):
                known |= {label["_id"]: label, label["head"]["link_id"]: label}
        found: dict[str, str] = {}
        first: dict[str, int] = {}
        for position, (key, name) in enumerate(zip(keys, names, strict=True)):
            head: Document = known.get(name) or await self._surely(position, key)
            if not actor.reaches(head["head"]["profile"]):
                raise _unknown(position, key)
            earlier = first.setdefault(head["_id"], position)
            if earlier != position:
                raise InvalidInput(
                    f"labels.{position}: expected each label once, found {shown(key)} at {earlier} already.",
                    path=("labels", str(position)),
                )
            found[head["_id"]] = head["head"]["profile"]
        return found

    async def _surely(self, position: int, key: str) -> dict[str, Any]:
        """The head of a label that was not found, if it is there all the same: a new primary may not know it yet."""
        head = await self._commits.store.labels.sure_head(label_query(key))
        if head is None:
            raise _unknown(position, key)
        return head


def _name_of(position: int, key: str) -> str:
    try:
        [name] = label_query(key).values()
    except NotFound:
        raise _unknown(position, key) from None
    return name


def _unknown(position: int, key: str) -> InvalidInput:
    return InvalidInput(
        f"labels.{position}: there is no label {shown(key)}, or you may not see it.", path=("labels", str(position))
    )
