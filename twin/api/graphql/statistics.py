"""Figures of all labels in the API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.enums import LabelProfile, LabelState, RecallState
from twin.services.statistics import Count, require

FirstDay = Annotated[date, strawberry.argument(name="from", description="The first day.")]
LastDay = Annotated[date, strawberry.argument(description="The last day; 366 days in all at most.")]


@strawberry.type(description="How many labels are in a state.")
class StateCount:
    """The count of a state."""

    state: LabelState = strawberry.field(description="The state.")
    labels: int = strawberry.field(description="How many.")


@strawberry.type(description="How many labels there are of a profile.")
class ProfileCount:
    """The count of a profile."""

    profile: LabelProfile = strawberry.field(description="The profile.")
    labels: int = strawberry.field(description="How many.")


@strawberry.type(description="How many labels are on something that was made at a site.")
class SiteCount:
    """The count of a site."""

    site: str | None = strawberry.field(description="The site, as the newest production fact says; null: nobody said.")
    labels: int = strawberry.field(description="How many.")


@strawberry.type(description="How often something happened on a day.")
class DayCount:
    """The count of a day."""

    day: date = strawberry.field(description="The day, of UTC.")
    count: int = strawberry.field(description="How often.")


@strawberry.type(description="Figures of all labels that the caller reaches, as they are now.")
class Statistics:
    """The figures, each worked out when it is asked for."""

    @strawberry.field(description="Labels by state; without states that none is in.")
    async def labels_by_state(self, info: Info) -> list[StateCount]:
        """By state."""
        found = await info.context.services.statistics.labels_by_state(info.context.actor)
        return [StateCount(state=LabelState(str(row.of)), labels=row.count) for row in found]

    @strawberry.field(description="Labels by profile; without profiles that there are none of.")
    async def labels_by_profile(self, info: Info) -> list[ProfileCount]:
        """By profile."""
        found = await info.context.services.statistics.labels_by_profile(info.context.actor)
        return [ProfileCount(profile=LabelProfile(row.of), labels=row.count) for row in found]

    @strawberry.field(description="Labels that are on something, by the site that made it, the most first.")
    async def labels_by_site(self, info: Info) -> list[SiteCount]:
        """By site."""
        found = await info.context.services.statistics.labels_by_site(info.context.actor)
        return [SiteCount(site=row.of, labels=row.count) for row in found]

    @strawberry.field(description="Labels whose printed fields have changed since they were printed.")
    async def stale_labels(self, info: Info) -> int:
        """Stale labels."""
        return await info.context.services.statistics.stale(info.context.actor)

    @strawberry.field(description="Print jobs that are to be done, or being done.")
    async def open_print_jobs(self, info: Info) -> int:
        """Open jobs."""
        return await info.context.services.statistics.open_print_jobs(info.context.actor)

    @strawberry.field(description="Recalls that are published and not closed.")
    async def open_recalls(self, info: Info) -> int:
        """Open recalls."""
        return await info.context.services.recalls.count(info.context.actor, [RecallState.PUBLISHED])

    @strawberry.field(description="Prints and reprints of labels, by the day on which they happened.")
    async def prints_by_day(self, info: Info, from_: FirstDay, to: LastDay) -> list[DayCount]:
        """Prints."""
        return _by_day(await info.context.services.statistics.prints(info.context.actor, from_, to))

    @strawberry.field(description="Reads of labels, by day; the last second may not be there yet.")
    async def scans_by_day(self, info: Info, from_: FirstDay, to: LastDay) -> list[DayCount]:
        """Scans."""
        return _by_day(await info.context.services.statistics.scans(info.context.actor, from_, to))


@strawberry.type
class StatisticsQuery:
    """What can be asked about all labels."""

    @strawberry.field(description="Figures of all labels. Needs a key that sees what is internal.")
    def statistics(self, info: Info) -> Statistics:
        """The figures."""
        require(info.context.actor)
        return Statistics()


def _by_day(found: Iterable[Count]) -> list[DayCount]:
    return [DayCount(day=date.fromisoformat(str(row.of)), count=row.count) for row in found]
