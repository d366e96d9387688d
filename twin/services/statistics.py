"""Figures of the whole house, for those who run it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from twin.domain.actor import Actor, Audience, Permission
from twin.domain.label import LabelState
from twin.domain.print_job import OPEN
from twin.domain.profiles import profiles
from twin.errors import Forbidden, InvalidInput, TooLarge
from twin.services.scan_log import MOST_DAYS
from twin.store import Store


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something; `of` is None for what nobody said of."""

    of: str | None
    count: int


class Statistics:
    """What those inside ask about all labels. A caller of some profiles gets the figures of those.

    Every function needs `twins:read`, and an actor who sees what is internal.

    Args:
        store: where everything is kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._figures = store.statistics

    async def labels_by_state(self, actor: Actor) -> list[Count]:
        """How many labels are in each state, those that none is in left out."""
        require(actor)
        found = await self._figures.labels_by("state", LabelState, actor.within(None))
        return _told(found)

    async def labels_by_profile(self, actor: Actor) -> list[Count]:
        """How many labels there are of each profile, those without any left out."""
        require(actor)
        reached = [name for name in profiles() if actor.reaches(name)]
        return _told(await self._figures.labels_by("profile", reached, None))

    async def labels_by_site(self, actor: Actor) -> list[Count]:
        """How many labels are on something that was made at each site, the most first; None where nobody said."""
        require(actor)
        return _told(await self._figures.labels_by_site(actor.within(None)))

    async def stale(self, actor: Actor) -> int:
        """How many labels say something else than their paper."""
        require(actor)
        return await self._figures.stale(actor.within(None))

    async def open_print_jobs(self, actor: Actor) -> int:
        """How many print jobs are to be done, or being done."""
        require(actor)
        return await self._store.print_jobs.count(states=OPEN, profiles=actor.within(None))

    async def prints(self, actor: Actor, first: date, last: date) -> list[Count]:
        """How often labels were printed and printed again, on each day of UTC on which any was; 366 days at most."""
        require(actor)
        _require_days(first, last)
        since, before = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
        return _told(await self._figures.prints(since, before, actor.within(None)))

    async def scans(self, actor: Actor, first: date, last: date) -> list[Count]:
        """How often labels were read, on each day of UTC on which any was; 366 days at most."""
        require(actor)
        _require_days(first, last)
        return _told(await self._figures.scans(first, last, actor.within(None)))


def require(actor: Actor) -> None:
    """Let pass who may ask for figures.

    Raises:
        Unauthenticated: an anonymous caller.
        Forbidden: a caller without the right, or who does not see what is internal.
    """
    actor.require(Permission.READ_TWINS)
    if Audience.INTERNAL not in actor.audiences:
        raise Forbidden(f"{actor.id} does not see what is internal; figures of all labels are.")


def _told(found: dict[str, int] | dict[str | None, int]) -> list[Count]:
    return [Count(None if name is None else str(name), many) for name, many in found.items() if many]


def _require_days(first: date, last: date) -> None:
    if last < first:
        raise InvalidInput(f"to: expected {first} or a later day, found {last}.", path=("to",))
    if (many := (last - first).days + 1) > MOST_DAYS:
        raise TooLarge(f"to: expected at most {MOST_DAYS} days, found {many}.", path=("to",))
