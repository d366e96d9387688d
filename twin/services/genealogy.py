"""Genealogy: what a thing is made of, what it went into, and where it is, at any time and as it was known at any time.

Each level of a walk is one query for all that it has reached, so the work follows the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from twin.domain.actor import Actor, Audience, Permission
from twin.domain.fact import NEVER, FactKind
from twin.domain.history import AsOf, Document
from twin.domain.spans import GENEALOGY, How
from twin.domain.tracing import Exposure, Period, Step, Trail, beyond, joined
from twin.errors import InvalidInput, TooLarge
from twin.services.assets import Assets
from twin.services.commits import Clock
from twin.store import Store
from twin.store.facts import fact_query
from twin.store.paging import PageRequest
from twin.store.spans import Window

DEEPEST = 32
MOST_REACHED = 200_000

_Rows = Callable[[Collection[str], Window, Collection[How]], Awaitable[list[dict[str, Any]]]]
_Placed = dict[datetime, dict[str, Document]]
_PLACED, _LEFT = How.PLACED.value, How.LEFT.value
_INSIDE = {how.value: how for how in GENEALOGY}
_BEGINNING = datetime.min.replace(tzinfo=NEVER.tzinfo)


class Whereabouts(NamedTuple):
    """Where a thing was at a moment.

    Args:
        inside: what it was in, from the nearest to the outermost.
        hows: how it was in the nearest, and how each of those was in the next.
        place: where the outermost was; None when nobody said.
        party: who had it there.
        transit: whether it was on its way to the place.
        since: since when it was there, or on its way.
    """

    inside: tuple[str, ...] = ()
    hows: tuple[How, ...] = ()
    place: str | None = None
    party: str | None = None
    transit: bool = False
    since: datetime | None = None

    @property
    def how(self) -> How | None:
        """How it was in the nearest; None when in nothing."""
        return self.hows[0] if self.hows else None


class Genealogy:
    """What callers ask about what is in what.

    Args:
        store: where spans and facts are.
        assets: to find assets.
        clock: tells the time, in UTC.
    """

    def __init__(self, store: Store, assets: Assets, clock: Clock) -> None:
        self._spans = store.spans
        self._facts = store.facts
        self._assets = assets
        self._clock = clock

    async def components(
        self,
        actor: Actor,
        key: str,
        as_of: AsOf | None = None,
        *,
        depth: int = DEEPEST,
        through: Collection[How] = GENEALOGY,
    ) -> list[Step]:
        """The bill of materials: what was in a thing at a moment, to every level, the nearest first.

        Args:
            actor: needs `twins:read`; who does not see what is internal is told of nothing.
            key: the asset's id, or a text that names it.
            as_of: the moment, and as it was known when; None means now.
            depth: levels at most, 1 to 32.
            through: how one thing must be in the other; what is packed, say, may count or not.

        Returns:
            A step for each span; each thing is looked into once, however often it is met.
        """
        return await self._walk(actor, key, as_of, depth, through, self._spans.down, ("into", "what"))

    async def uses(
        self,
        actor: Actor,
        key: str,
        as_of: AsOf | None = None,
        *,
        depth: int = DEEPEST,
        through: Collection[How] = GENEALOGY,
    ) -> list[Step]:
        """Where-used: what a thing was in at a moment, to every level, the nearest first; as `components` is asked."""
        return await self._walk(actor, key, as_of, depth, through, self._spans.up, ("what", "into"))

    async def as_built(self, actor: Actor, key: str) -> AsOf:
        """The moment at which a thing was made, as its newest production fact says.

        Raises:
            InvalidInput: there is none.
        """
        actor.require(Permission.READ_TWINS)
        twin = await self._assets.id_of(key)
        query = fact_query(assets=[twin], kinds=[FactKind.PRODUCE], as_of=AsOf())
        page = await self._facts.page({**query, "what.asset": twin}, PageRequest(1))
        if not page.documents or Audience.INTERNAL not in actor.audiences:
            raise InvalidInput(f"asBuilt: nobody recorded when {twin} was made; say asOf instead.", path=("asBuilt",))
        return AsOf(occurred=page.documents[0]["occurred_at"])

    async def whereabouts(
        self, actor: Actor, things: Collection[str], as_of: AsOf | None = None
    ) -> dict[str, Whereabouts]:
        """Where things were at a moment, by id; those in something are where that was.

        Args:
            actor: needs `twins:read`; who does not see what is internal is told of nothing.
            things: ids of assets.
            as_of: the moment, and as it was known when; None means now.
        """
        actor.require(Permission.READ_TWINS)
        if Audience.INTERNAL not in actor.audiences:
            return {thing: Whereabouts() for thing in things}
        moment, recorded = self._point(as_of)
        rows: _Placed = {}
        asked: dict[datetime, set[str]] = {moment: set(things)}
        for _ in range(4 * DEEPEST):
            if not asked:
                break
            window = Window(min(asked), max(asked), recorded)
            found = await self._spans.of(set().union(*asked.values()), window)
            asked = _noted(asked, found, rows)
        known: dict[datetime, dict[str, Whereabouts | None]] = {}
        return {thing: _followed(thing, moment, rows, known) or Whereabouts() for thing in things}

    async def exposed(
        self,
        starts: Collection[str],
        until: datetime = NEVER,
        recorded: datetime | None = None,
        *,
        through: Collection[How] = GENEALOGY,
    ) -> dict[str, Exposure]:
        """All that things ever were in before a moment, to every level, by id.

        Something that was taken out before the rest came in was in none of it: what counts is when all spans of a way
        held at once. For the services alone.

        Args:
            starts: ids of assets.
            until: the moment.
            recorded: as it was known then; None means now.
            through: how one thing must have been in the other.
        """
        window = Window(_BEGINNING, until, recorded)
        first: dict[str, Trail] = {}
        known: dict[str, list[Period]] = {start: [(window.start, until)] for start in starts}
        frontier = {start: [Trail(window.start, until)] for start in starts}
        for _ in range(DEEPEST):
            if not frontier:
                break
            following: dict[str, list[Trail]] = {}
            rows = await self._spans.up(frontier, window, through)
            for row in sorted(rows, key=itemgetter("what", "into", "start")):
                thing = row["into"]
                for trail in frontier[row["what"]]:
                    if (longer := trail.further(row)) is None:
                        continue
                    if thing not in known:
                        known[thing], following[thing], first[thing] = [longer[:2]], [longer], longer
                    elif fresh := beyond([longer[:2]], known[thing]):
                        known[thing] = joined([*known[thing], *fresh])
                        parts = [Trail(start, end, longer.way) for start, end in fresh]
                        following.setdefault(thing, []).extend(parts)
                        first.setdefault(thing, parts[0])
            _require_few(len(first))
            frontier = following
        return {
            thing: Exposure(thing, tuple(known[thing]), trail.way)
            for thing, trail in first.items()
            if thing not in starts
        }

    async def reached_by(
        self,
        starts: Collection[str],
        moment: datetime,
        recorded: datetime | None = None,
        *,
        through: Collection[How] = GENEALOGY,
    ) -> dict[str, Step]:
        """All that things were in at a moment, to every level, by id, each with the last step of a shortest way to it.

        For the services alone.
        """
        window = Window(moment, moment, recorded)
        steps = await self._steps(starts, window, DEEPEST, through, self._spans.up, ("what", "into"))
        first: dict[str, Step] = {}
        for step in steps:
            if step.thing not in starts:
                first.setdefault(step.thing, step)
        return first

    async def _walk(
        self,
        actor: Actor,
        key: str,
        as_of: AsOf | None,
        depth: int,
        through: Collection[How],
        rows: _Rows,
        ends: tuple[str, str],
    ) -> list[Step]:
        actor.require(Permission.READ_TWINS)
        if not 1 <= depth <= DEEPEST:
            raise InvalidInput(f"depth: expected 1 to {DEEPEST}, found {depth}.", path=("depth",))
        twin = await self._assets.id_of(key)
        if Audience.INTERNAL not in actor.audiences:
            return []
        moment, recorded = self._point(as_of)
        return await self._steps([twin], Window(moment, moment, recorded), depth, through, rows, ends)

    async def _steps(
        self,
        starts: Iterable[str],
        window: Window,
        depth: int,
        through: Collection[How],
        rows: _Rows,
        ends: tuple[str, str],
    ) -> list[Step]:
        """The steps of a walk at one moment, level by level, those of a level in the order of the ids."""
        near, far = ends
        steps: list[Step] = []
        seen = set(starts)
        frontier: Collection[str] = seen.copy()
        for level in range(1, depth + 1):
            if not frontier:
                break
            found = await rows(frontier, window, through)
            found.sort(key=itemgetter(near, far))
            steps += [Step(level, row[far], row[near], row) for row in found]
            _require_few(len(steps))
            frontier = {row[far] for row in found} - seen
            seen |= frontier
        return steps

    def _point(self, as_of: AsOf | None) -> tuple[datetime, datetime | None]:
        moment = None if as_of is None else as_of.occurred
        return moment or self._clock(), None if as_of is None else as_of.recorded


def _noted(asked: Mapping[datetime, set[str]], found: Iterable[Document], rows: _Placed) -> dict[datetime, set[str]]:
    """Note the row that says where each thing was at a moment, and return what is to be asked next."""
    moments: dict[str, list[datetime]] = {}
    for moment, things in asked.items():
        rows.setdefault(moment, {})
        for thing in things:
            moments.setdefault(thing, []).append(moment)
    following: dict[datetime, set[str]] = {}
    for row in found:
        start, thing = row["start"], row["what"]
        for moment in moments[thing]:
            here = rows[moment]
            if not start <= moment < row["end"] or "share" in row:
                continue
            if thing in here and str(here[thing].get("into")) <= str(row.get("into")):  # it became several things
                continue
            here[thing] = row
            if row["how"] != _PLACED:
                following.setdefault(start if row["how"] == _LEFT else moment, set()).add(row["into"])
    return {then: new for then, every in following.items() if (new := every - rows.get(then, {}).keys())}


def _followed(
    thing: str, moment: datetime, rows: _Placed, known: dict[datetime, dict[str, Whereabouts | None]]
) -> Whereabouts | None:
    """Where a thing was, by its row and the rows of what it was in; None where that goes round in a circle."""
    way: list[tuple[dict[str, Whereabouts | None], str, Document | None]] = []
    here, there = known.setdefault(moment, {}), rows.get(moment, {})
    while thing not in here:
        here[thing] = None  # until it is known: who comes by here again goes round
        row = there.get(thing)
        way.append((here, thing, row))
        if row is None or row["how"] == _PLACED:
            break
        thing = row["into"]
        if row["how"] == _LEFT:
            here, there = known.setdefault(row["start"], {}), rows.get(row["start"], {})
    at = here[thing]
    for here, thing, row in reversed(way):
        here[thing] = at = _after(row, at)
    return at


def _after(row: Document | None, at: Whereabouts | None) -> Whereabouts | None:
    """Where a thing was, from its row and where that was which it was in."""
    if row is None:
        return Whereabouts()
    how = row["how"]
    if how == _PLACED:
        return Whereabouts((), (), row["place"], row.get("party"), row.get("transit", False), row["start"])
    if at is None:
        return None
    if how == _LEFT:
        return at._replace(inside=(), hows=())
    return Whereabouts((row["into"], *at.inside), (_INSIDE[how], *at.hows), *at[2:])


def _require_few(found: int) -> None:
    if found > MOST_REACHED:
        raise TooLarge(f"Expected at most {MOST_REACHED} things, found more; ask for fewer levels.")
