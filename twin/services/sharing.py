"""Sharing: what else a lot went into that is in a thing, and what else was made where and when that was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from twin.domain.actor import Actor, Audience, Permission
from twin.domain.history import AsOf, Document
from twin.domain.tracing import Step
from twin.errors import InvalidInput, TooLarge
from twin.services.assets import Assets
from twin.services.commits import Clock
from twin.services.genealogy import MOST_REACHED, Genealogy
from twin.store import Store
from twin.store.facts import fact_query

MOST_HOURS = 24 * 31
MOST_OWN = 1_000
MOST_FACTS = 20_000
"""Facts that are looked at, at most, for one mark."""


class Shared(StrEnum):
    """What two things can share."""

    LOT = "LOT"
    WORK_ORDER = "WORK_ORDER"
    MACHINE = "MACHINE"
    LINE = "LINE"
    TIME = "TIME"


_MARKS: Mapping[Shared, tuple[str, ...]] = {
    Shared.WORK_ORDER: ("workOrder",),
    Shared.MACHINE: ("machine",),
    Shared.LINE: ("line",),
    Shared.TIME: ("machine", "line"),
}
_OF_A_SITE = frozenset({"machine", "line"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that shares something with the one that was asked about.

    Args:
        thing: its id.
        by: how.
        lot: the lot that both have in them; None where it is something else.
        said: what the facts of both say, such as `workOrder:4711`.
        facts: those that say so, by id: of a lot, how it came into the thing, from the lot on; else the newest first.
    """

    thing: str
    by: Shared
    lot: str | None
    said: str | None
    facts: tuple[str, ...]


class Sharing:
    """What callers ask about what has something in common.

    Args:
        store: where facts are.
        assets: to find assets.
        genealogy: what is in what.
        clock: tells the time, in UTC.
    """

    def __init__(self, store: Store, assets: Assets, genealogy: Genealogy, clock: Clock) -> None:
        self._facts = store.facts
        self._assets = assets
        self._genealogy = genealogy
        self._clock = clock

    async def sharing(
        self,
        actor: Actor,
        key: str,
        by: Collection[Shared],
        hours: int | None = None,
        as_of: AsOf | None = None,
    ) -> list[Hit]:
        """What shares something with a thing, in the order of what it is and of the ids.

        A lot is shared by all that it was in at the moment, if it was in the thing then, at any level; neither the
        thing itself, nor what was in it, nor what it was in, is told. Lines and machines of two sites are two, though
        they have one name; where a fact names no site, it may be any.

        Args:
            actor: needs `twins:read`; who does not see what is internal is told of nothing.
            key: the asset's id, or a text that names it.
            by: what may be shared.
            hours: of TIME: how far apart, at the same machine or line; 1 to 744.
            as_of: the moment, and as it was known when; None means now.

        Raises:
            InvalidInput: nothing is asked for; TIME without hours, or hours without TIME.
            TooLarge: too much shares that.
        """
        actor.require(Permission.READ_TWINS)
        _require_hours(by, hours)
        twin = await self._assets.id_of(key)
        if Audience.INTERNAL not in actor.audiences:
            return []
        asked = as_of or AsOf()
        point = AsOf(asked.occurred or self._clock(), asked.recorded)
        hits = await self._lots(actor, twin, point) if Shared.LOT in by else []
        if wanted := [shared for shared in Shared if shared in by and shared in _MARKS]:
            own = await self._own(twin, point)
            for shared in wanted:
                hits += await self._alike(twin, own, shared, timedelta(hours=hours or 0), point)
        if len(hits) > MOST_REACHED:
            raise TooLarge(f"Expected at most {MOST_REACHED} things, found {len(hits)}; ask for fewer at once.")
        return hits

    async def _lots(self, actor: Actor, twin: str, point: AsOf) -> list[Hit]:
        inside = await self._genealogy.components(actor, twin, point)
        lots = sorted({step.thing for step in inside if step.span.get("share")})
        if not lots:
            return []
        around = await self._genealogy.uses(actor, twin, point)
        own = {twin, *(step.thing for step in (*inside, *around))}
        onward: dict[str, list[Step]] = {}
        for step in await self._genealogy.steps_up(lots, point.occurred or self._clock(), point.recorded):
            onward.setdefault(step.via, []).append(step)
        hits: list[Hit] = []
        for lot in lots:
            ways = _ways(lot, onward)
            hits += [Hit(thing, Shared.LOT, lot, None, ways[thing]) for thing in sorted(ways.keys() - own)]
            if len(hits) > MOST_REACHED:
                raise TooLarge(f"Expected at most {MOST_REACHED} things, found more.")
        return hits

    async def _own(self, twin: str, point: AsOf) -> list[dict[str, Any]]:
        """The facts that happened to a thing and say something that others can say too."""
        query = fact_query(assets=[twin], as_of=point) | {"what.asset": twin, "marks.0": {"$exists": True}}
        own = await self._facts.saying(query, MOST_OWN + 1)
        if len(own) > MOST_OWN:
            raise TooLarge(f"Expected at most {MOST_OWN} facts about {twin}, found more.")
        return own

    async def _alike(
        self, twin: str, own: Sequence[Document], shared: Shared, apart: timedelta, point: AsOf
    ) -> list[Hit]:
        found: dict[tuple[str, str], list[str]] = {}
        for name in _MARKS[shared]:
            for value in sorted({fact["said"][name] for fact in own if name in fact["said"]}):
                mark = f"{name}:{value}"
                alike = [fact for fact in own if fact["said"].get(name) == value]
                query = fact_query(marks=[mark], as_of=point) | {"$or": list(_beside(alike, name, shared, apart))}
                others = await self._facts.saying(query, MOST_FACTS + 1)
                if len(others) > MOST_FACTS:
                    raise TooLarge(f"Expected at most {MOST_FACTS} facts that say {mark}, found more; ask by TIME.")
                for fact in others:
                    for part in fact["what"]:
                        found.setdefault((mark, part["asset"]), []).append(fact["_id"])
        return [
            Hit(thing, shared, None, mark, tuple(facts))
            for (mark, thing), facts in sorted(found.items())
            if thing != twin
        ]


def _beside(own: Iterable[Document], name: str, shared: Shared, apart: timedelta) -> Iterator[dict[str, Any]]:
    """The filters of the facts that share something with own ones."""
    sites = {fact["said"].get("site") for fact in own} if name in _OF_A_SITE else {None}
    if shared is not Shared.TIME:
        yield from [{}] if None in sites else [_at_site(sites)]
        return
    for fact in own:
        at = fact["occurred_at"]
        site = fact["said"].get("site")
        near = {"occurred_at": {"$gte": at - apart, "$lte": at + apart}}
        yield near if site is None else near | _at_site({site})


def _at_site(sites: Iterable[str | None]) -> dict[str, Any]:
    return {"said.site": {"$in": [None, *sorted(site for site in sites if site is not None)]}}  # None: not said


def _ways(lot: str, onward: Mapping[str, Sequence[Step]]) -> dict[str, tuple[str, ...]]:
    """All that a lot is in, each with the facts of a shortest way to it."""
    ways: dict[str, tuple[str, ...]] = {lot: ()}
    frontier = [lot]
    while frontier:
        following = []
        for thing in frontier:
            for step in onward.get(thing, ()):
                if step.thing not in ways:
                    ways[step.thing] = (*ways[thing], step.span["began"])
                    following.append(step.thing)
        frontier = following
    return ways


def _require_hours(by: Collection[Shared], hours: int | None) -> None:
    if not by:
        raise InvalidInput("by: expected at least one, found none.", path=("by",))
    if (hours is not None) != (Shared.TIME in by):
        raise InvalidInput("hours: expected with TIME, and with nothing else.", path=("hours",))
    if hours is not None and not 1 <= hours <= MOST_HOURS:
        raise InvalidInput(f"hours: expected 1 to {MOST_HOURS}, found {hours}.", path=("hours",))
