"""Counts of scans in the API: how often a label was read, and what held then."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.enums import Outcome
from twin.services.scan_log import DayOfScans


@strawberry.type(description="How often a label was read while an outcome held.")
class OutcomeCount:
    """The count of an outcome."""

    outcome: Outcome = strawberry.field(description="The worst that held then.")
    scans: int = strawberry.field(description="How often it was read.")


@strawberry.type(description="How often a label was read on a day.")
class ScanCount:
    """The counts of a day."""

    day: date = strawberry.field(description="The day, of UTC.")
    scans: int = strawberry.field(description="How often it was read.")
    outcomes: list[OutcomeCount] = strawberry.field(description="By what held then, worst first.")

    @classmethod
    def of(cls, found: DayOfScans) -> ScanCount:
        """The counts of the services."""
        outcomes = [OutcomeCount(outcome=outcome, scans=many) for outcome, many in found.outcomes.items()]
        return cls(day=found.day, scans=sum(found.outcomes.values()), outcomes=outcomes)


async def scan_counts(
    info: Info,
    root: strawberry.Parent[Any],
    from_: Annotated[date, strawberry.argument(name="from", description="The first day.")],
    to: Annotated[date, strawberry.argument(description="The last day; 366 days in all at most.")],
) -> list[ScanCount]:
    """How often a label was read."""
    services, actor = info.context.services, info.context.actor
    return [ScanCount.of(day) for day in await services.scan_log.counts(actor, root.document["_id"], from_, to)]
