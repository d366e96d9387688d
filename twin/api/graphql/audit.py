"""Audit in the API: is history whole, and a proof to take away."""

from __future__ import annotations

import json
from typing import Annotated

import strawberry

from twin.api.graphql.context import Info
from twin.errors import InvalidInput
from twin.services.audit import Report

MOST_CHECKED = 100


@strawberry.type(description="Something in a history that is not as it was written.")
class HistoryFinding:
    """A finding."""

    subject: str = strawberry.field(description="The id of the twin, or the checkpoint, such as `checkpoint 7`.")
    revision: int | None = strawberry.field(description="The first revision that is wrong; null when it is about none.")
    why: str = strawberry.field(description="What is wrong with it, for people.")


@strawberry.type(description="The newest versions of a twin that no checkpoint covers yet.")
class UncoveredTail:
    """A tail."""

    twin: strawberry.ID = strawberry.field(description="The id of the twin.")
    first_revision: int = strawberry.field(description="The first of the revisions.")
    last_revision: int = strawberry.field(description="The last of the revisions.")


@strawberry.type(description="What a check of history found.")
class HistoryCheck:
    """A report."""

    is_whole: bool = strawberry.field(description="Whether nothing was found to be wrong.")
    findings: list[HistoryFinding] = strawberry.field(description="The first bad revision of each broken twin.")
    twins: int = strawberry.field(description="How many twins were checked.")
    versions: int = strawberry.field(description="How many versions those have.")
    checkpoint: int | None = strawberry.field(
        description="The number of the checkpoint that was checked against; null when there is none to trust."
    )
    checkpoint_made_at: str | None = strawberry.field(description="When that was made.")
    uncovered_versions: int = strawberry.field(description="How many versions the checkpoint does not cover.")
    uncovered: list[UncoveredTail] = strawberry.field(description="Which versions those are.")
    next: str | None = strawberry.field(description="Where to go on with `after`; null at the end.")

    @classmethod
    def of(cls, report: Report) -> HistoryCheck:
        """The report as the API shows it."""
        return cls(
            is_whole=report.broken == 0,
            findings=[
                HistoryFinding(subject=one.subject, revision=one.revision, why=one.why) for one in report.findings
            ],
            twins=report.twins,
            versions=report.versions,
            checkpoint=report.checkpoint,
            checkpoint_made_at=report.made_at,
            uncovered_versions=report.uncovered_versions,
            uncovered=[
                UncoveredTail(twin=strawberry.ID(tail.twin), first_revision=tail.first, last_revision=tail.last)
                for tail in report.tails
            ],
            next=report.next,
        )


@strawberry.type
class AuditQuery:
    """What auditors can ask."""

    @strawberry.field(
        description="Whether the history of one twin, or of up to 100 in the order of their ids, is what was written. "
        "Needs a key."
    )
    async def check_history(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="One twin's id; null means all.")] = None,
        first: Annotated[int, strawberry.argument(description="Twins at most, 1 to 100.")] = MOST_CHECKED,
        after: Annotated[str | None, strawberry.argument(description="Where the check before stopped.")] = None,
    ) -> HistoryCheck:
        """A report on one twin, or on some of them."""
        if not 1 <= first <= MOST_CHECKED:
            raise InvalidInput(f"first: expected 1 to {MOST_CHECKED}, found {first}.", path=("first",))
        context = info.context
        return HistoryCheck.of(
            await context.services.audit.check_history(context.actor, id, after=after or "", most=first)
        )

    @strawberry.field(
        description="All that an auditor needs to check a twin's history without the service, as JSON text for "
        "`python -m twin.exchange.proof`. Needs a key."
    )
    async def proof(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The twin's id.")]
    ) -> str:
        """A bundle."""
        return json.dumps(await info.context.services.audit.proof(info.context.actor, id))
