"""Print jobs in the API: asked for, looked at, cancelled."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from datetime import datetime
from typing import Annotated

import strawberry

from twin.api.graphql.context import ACTOR_NAME, Info
from twin.api.graphql.enums import PrintFormat, PrintJobState
from twin.api.graphql.labels import Label
from twin.api.graphql.mutations import Payload, answered
from twin.api.graphql.nodes import (
    After,
    Before,
    Connection,
    First,
    Last,
    Node,
    cursor_of,
    page_request,
    page_size,
)
from twin.domain.history import Command, Document
from twin.domain.print_job import Override, PrintOrder
from twin.errors import InvalidInput, NotFound, shown
from twin.store.paging import key_of


@strawberry.type(description="Why a label of a job was not printed.")
class PrintRefusal:
    """A refusal."""

    code: str = strawberry.field(description="A stable code to switch on, such as `ILLEGAL_MOVE`.")
    message: str = strawberry.field(description="For people: the value, what was expected and what was found.")
    rules: list[str] = strawberry.field(
        description="The rules that it breaks, by the names that an override gives; none when it breaks none."
    )

    @classmethod
    def of(cls, error: Document | None) -> PrintRefusal | None:
        """The refusal that a row holds, if it holds one."""
        if error is None:
            return None
        return cls(code=error["code"], message=error["message"], rules=list(error.get("rules", ())))


@strawberry.type(description="One label of a print job, and what became of it.")
class PrintJobLabel:
    """A row of a job."""

    position: int = strawberry.field(description="Its place in the job, from 0.")
    label_id: strawberry.ID = strawberry.field(description="The label's id.")
    revision: int | None = strawberry.field(
        description="The label's revision that this print wrote; null while it waits, or when it was refused."
    )
    sha256: str | None = strawberry.field(description="SHA-256 of the label's own artefact, hexadecimal.")
    error: PrintRefusal | None = strawberry.field(description="Why it was not printed.")

    @classmethod
    def of(cls, row: Document) -> PrintJobLabel:
        """The label that a row is about."""
        return cls(
            position=row["position"],
            label_id=strawberry.ID(row["label"]),
            revision=row.get("revision"),
            sha256=row.get("sha256"),
            error=PrintRefusal.of(row.get("error")),
        )

    @strawberry.field(description="The label as it is now; null where it may not be seen.")
    async def label(self, info: Info) -> Label | None:
        """The label's twin."""
        try:
            return Label.of(await info.context.services.labels.find(info.context.actor, self.label_id))
        except NotFound:
            return None


@strawberry.type(description="A rule that labels may break, and why.")
class PrintOverride:
    """An override, as it was asked for."""

    rule: str = strawberry.field(description="The name of the rule, as `lint` gives it.")
    reason: str = strawberry.field(description="Why labels that break it are printed all the same.")


@strawberry.type(description="Labels that are printed together, in the background.")
class PrintJob(Node):
    """A print job."""

    document: strawberry.Private[Document]

    @classmethod
    def of(cls, document: Document) -> PrintJob:
        """The job whose document this is."""
        return cls(id=strawberry.ID(document["_id"]), document=document)

    @strawberry.field(description="Where it stands.")
    def state(self) -> PrintJobState:
        """The state."""
        return PrintJobState(self.document["state"])

    @strawberry.field(description="The actor who asked for it: a pseudonymous id.")
    def actor(self) -> str:
        """The actor."""
        return str(self.document["actor"])

    @strawberry.field(description=ACTOR_NAME)
    async def actor_name(self, info: Info) -> str | None:
        """The actor's name."""
        return await info.context.names.load(str(self.document["actor"]))

    @strawberry.field(description="When it was asked for.")
    def created_at(self) -> datetime:
        """When it was made."""
        at: datetime = self.document["created"]["recorded_at"]
        return at

    @strawberry.field(description="When its first label was begun.")
    def started_at(self) -> datetime | None:
        """When it was begun."""
        return self.document.get("started_at")

    @strawberry.field(description="When it was done, cancelled, or failed.")
    def ended_at(self) -> datetime | None:
        """When it was over."""
        return self.document.get("ended_at")

    @strawberry.field(description="How many labels it has.")
    def total(self) -> int:
        """The labels."""
        return int(self.document["total"])

    @strawberry.field(description="How many of them were printed up to now.")
    def printed(self) -> int:
        """Those printed."""
        return int(self.document["printed"])

    @strawberry.field(description="How many of them were refused up to now; `labels(refused: true)` says why.")
    def refused(self) -> int:
        """Those refused."""
        return int(self.document["refused"])

    @strawberry.field(description="What holds it up, or why it failed; null when all is well.")
    def error(self) -> str | None:
        """The trouble."""
        return _text(self.document.get("error"))

    @strawberry.field(description="`name@version` of its template; null: the built-in one of each label's profile.")
    def template(self) -> str | None:
        """The template."""
        return _text(self.document["order"].get("template"))

    @strawberry.field(description="What is made of each label.")
    def format(self) -> PrintFormat:
        """The format."""
        return PrintFormat(self.document["order"]["format"])

    @strawberry.field(description="Dots per inch of the printer.")
    def dpi(self) -> int:
        """The resolution."""
        return int(self.document["order"]["dpi"])

    @strawberry.field(description="Pieces of paper for each label.")
    def copies(self) -> int:
        """The copies."""
        return int(self.document["order"]["copies"])

    @strawberry.field(description="The name of the printer that it goes to; null when it is downloaded.")
    def printer(self) -> str | None:
        """The printer."""
        return _text(self.document["order"].get("printer"))

    @strawberry.field(description="Why it is printed.")
    def reason(self) -> str | None:
        """The reason."""
        return _text(self.document["order"].get("reason"))

    @strawberry.field(description="The rules that its labels may break, and why.")
    def overrides(self) -> list[PrintOverride]:
        """The overrides."""
        return [PrintOverride(**each) for each in self.document["order"].get("overrides", ())]

    @strawberry.field(description="Where its printed labels are downloaded, with a key, once it is over.")
    def download(self) -> str:
        """The path."""
        ending = PrintFormat(self.document["order"]["format"]).value
        return f"/jobs/{self.document['_id']}.{'zip' if ending == 'svg' else ending}"

    @strawberry.field(description="Its labels in the order of printing, and what became of each.")
    async def labels(
        self,
        info: Info,
        refused: Annotated[
            bool | None, strawberry.argument(description="Only those that were refused, or only those printed.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[PrintJobLabel]:
        """A page of the labels."""
        jobs, actor = info.context.services.print_jobs, info.context.actor
        size, _ = page_size(first, None)
        begin = 0 if after is None else _position("after", after) + 1
        printed = None if refused is None else not refused
        rows = await jobs.rows(actor, self.id, begin, size + 1, printed=printed)
        document = self.document
        counts: dict[bool | None, int] = {
            None: document["total"],
            True: document["refused"],
            False: document["printed"],
        }

        async def counted() -> int:
            return counts[refused]

        return Connection.of(
            [(PrintJobLabel.of(row), str(row["position"])) for row in rows[:size]],
            counted,
            has_next=len(rows) > size,
            has_previous=after is not None,
        )


@strawberry.input(description="A rule that labels may break, and why.")
class PrintOverrideInput:
    """An override to be recorded."""

    rule: str = strawberry.field(description="The name of the rule, as `lint` gives it.")
    reason: str = strawberry.field(description="Why labels that break it are printed all the same.")


@strawberry.input(description="Labels to be printed together.")
class PrintLabelsInput:
    """What `printLabels` asks for."""

    labels: list[strawberry.ID] = strawberry.field(
        description="1 to 10,000 labels, each once, by id or link id, in the order of printing. A request holds "
        "256 KiB, which is enough for 10,000 link ids in a variable, and for some 7,000 ids."
    )
    format: PrintFormat = strawberry.field(description="What is made of each label; a printer takes ZPL.")
    template: str | None = strawberry.field(
        default=None, description="`name@version`, approved; null: the built-in one of each label's profile."
    )
    dpi: int = strawberry.field(default=300, description="Dots per inch of the printer: 203, 300 or 600.")
    copies: int = strawberry.field(
        default=1, description="Pieces of paper for each label, 1 to 1,000; 100,000 pieces in all at most."
    )
    printer: str | None = strawberry.field(
        default=None, description="The name of a printer that the deployment knows; null: the labels are downloaded."
    )
    reason: str | None = strawberry.field(
        default=None, description="Why, in one line; a label that was printed before needs one."
    )
    overrides: list[PrintOverrideInput] = strawberry.field(
        default_factory=list, description="Rules that labels may break, each with the reason; 20 at most."
    )
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Your name for this one job, for ever: repeating it answers the same job."
    )


@strawberry.input(description="A print job.")
class PrintJobInput:
    """What `cancelPrintJob` asks for."""

    job: strawberry.ID = strawberry.field(description="The job's id.")
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back with the answer; cancelling twice does nothing twice anyway."
    )


@strawberry.type(description="What became of a mutation of a print job.")
class PrintJobPayload(Payload):
    """The answer of a mutation of a print job."""

    job: PrintJob | None = strawberry.field(description="The job; null when there are errors.")


@strawberry.type
class PrintJobQuery:
    """What can be asked about print jobs."""

    @strawberry.field(description="A print job; null when there is none of that id. Needs a key.")
    async def print_job(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The job's id.")]
    ) -> PrintJob | None:
        """One job."""
        try:
            return PrintJob.of(await info.context.services.print_jobs.find(info.context.actor, id))
        except NotFound:
            return None

    @strawberry.field(description="Print jobs, the newest first. Needs a key.")
    async def print_jobs(
        self,
        info: Info,
        states: Annotated[
            list[PrintJobState] | None, strawberry.argument(description="Only those in one of these.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PrintJob]:
        """A page of the jobs."""
        jobs, actor = info.context.services.print_jobs, info.context.actor
        page = await jobs.page(actor, page_request(first, after, last, before), states=states)
        return Connection.of(
            [(PrintJob.of(document), cursor_of(key_of(document))) for document in page.documents],
            lambda: jobs.count(actor, states=states),
            has_next=page.has_next,
            has_previous=page.has_previous,
        )


@strawberry.type
class PrintJobMutation:
    """What can be done with print jobs."""

    @strawberry.mutation(
        description="Print labels in the background. Each is judged alone: those that may not be printed are told one "
        "by one, and the others are printed. What goes to a printer may come out twice when something breaks; in "
        "history each label is printed once."
    )
    async def print_labels(
        self, info: Info, input: Annotated[PrintLabelsInput, strawberry.argument(description="What is asked for.")]
    ) -> PrintJobPayload:
        """Make a job."""

        async def work() -> Document:
            order = PrintOrder(
                format=input.format,
                dpi=input.dpi,
                copies=input.copies,
                template=input.template,
                printer=input.printer,
                reason=input.reason,
                overrides=overrides_of(input.overrides),
            )
            command = Command(client_mutation_id=input.client_mutation_id)
            return await info.context.services.print_jobs.create(info.context.actor, input.labels, order, command)

        return await _one(input.client_mutation_id, work())

    @strawberry.mutation(description="End a print job where it stands; what is just being printed is still printed.")
    async def cancel_print_job(
        self, info: Info, input: Annotated[PrintJobInput, strawberry.argument(description="Which one.")]
    ) -> PrintJobPayload:
        """Cancel a job."""
        jobs = info.context.services.print_jobs
        return await _one(input.client_mutation_id, jobs.cancel(info.context.actor, input.job))


async def _one(client_mutation_id: str | None, work: Awaitable[Document]) -> PrintJobPayload:
    document, errors = await answered(work)
    job = None if document is None else PrintJob.of(document)
    return PrintJobPayload(job=job, errors=errors, client_mutation_id=client_mutation_id)


def overrides_of(given: Iterable[PrintOverrideInput]) -> tuple[Override, ...]:
    """The overrides that were given."""
    return tuple(Override(each.rule, each.reason) for each in given)


def _position(name: str, cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 5):
        raise InvalidInput(f"{name}: {shown(cursor)} is not a cursor of this list.", path=(name,))
    return int(cursor)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
