"""Time lines: what happened to a thing, to its parts while they were in it, and to its labels while they were on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twin.domain.actor import Actor, Audience, Permission
from twin.domain.fact import NEVER, FactKind
from twin.domain.history import AsOf, Document, upcast
from twin.domain.spans import How
from twin.domain.tracing import Exposure
from twin.errors import InvalidInput, TooLarge
from twin.identity import Granularity
from twin.services import audiences, recalled
from twin.services.assets import Assets
from twin.services.genealogy import DEEPEST, Genealogy
from twin.store import Store
from twin.store.facts import Stay, fact_query
from twin.store.paging import Key
from twin.store.twins import MILLISECOND

MOST_PARTS = 5_000
MOST_LABELS = 1_000

_CARRIED = (How.INSTALLED, How.PACKED)
_BEGINNING = datetime.min.replace(tzinfo=NEVER.tzinfo)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: a fact, or a version of a label.

    Args:
        key: where it stands: when it happened, and what it is.
        fact: the fact, or None.
        version: the version of a label, or None.
        label: that label, as it is now.
    """

    key: Key
    fact: Document | None = None
    version: Document | None = None
    label: Document | None = None

    @property
    def recorded_at(self) -> datetime:
        """When the service learnt it."""
        at: datetime = (self.fact or self.version or {})["recorded_at"]
        return at


@dataclass(frozen=True, slots=True)
class Entries:
    """A page of a time line, the newest first, and whether more follows."""

    entries: Sequence[Entry]
    has_next: bool


class Timelines:
    """What callers ask about what happened.

    Args:
        store: where facts and labels are.
        assets: to find assets.
        genealogy: to find what was in what, and when.
    """

    def __init__(self, store: Store, assets: Assets, genealogy: Genealogy) -> None:
        self._facts = store.facts
        self._labels = store.labels
        self._twins = store.assets
        self._recalls = store.recalls
        self._assets = assets
        self._genealogy = genealogy

    async def page(
        self,
        actor: Actor,
        key: str,
        size: int,
        after: Key | None = None,
        as_of: AsOf | None = None,
        *,
        depth: int = DEEPEST,
    ) -> Entries:
        """What happened to a thing, to what was in it then, and to the labels that were on it, the newest first.

        A lot is in many things: of what it is made of, what happened to a lot as a whole is told of inspections alone.

        Args:
            actor: needs `twins:read`; who does not see what is internal is told of nothing.
            key: the asset's id, or a text that names it.
            size: entries at most.
            after: only what comes after this key.
            as_of: what had happened, as it was known; None means all, mistakes and corrections too.
            depth: levels of parts at most, 0 to 32.

        Raises:
            TooLarge: more than 5,000 things were in it, or 1,000 labels on it.
        """
        actor.require(Permission.READ_TWINS)
        if not 0 <= depth <= DEEPEST:
            raise InvalidInput(f"depth: expected 0 to {DEEPEST}, found {depth}.", path=("depth",))
        twin = await self._assets.id_of(key)
        if Audience.INTERNAL not in actor.audiences:
            return Entries([], has_next=False)
        point = as_of or AsOf()
        stays, labels = await asyncio.gather(self._stays(twin, as_of, depth), self._of_labels(actor, twin, point))
        facts, versions = await asyncio.gather(
            self._facts.during(stays, fact_query(as_of=as_of), after, size + 1),
            self._labels.versions_during(labels, after, point, size + 1),
        )
        entries = [Entry((fact["occurred_at"], fact["_id"]), fact=fact) for fact in facts]
        entries += await self._of_versions(actor, versions)
        entries.sort(key=lambda entry: entry.key, reverse=True)
        return Entries(entries[:size], has_next=len(entries) > size)

    async def movements(
        self, actor: Actor, key: str, size: int, as_of: AsOf | None = None, *, after: Key | None = None
    ) -> Entries:
        """How a thing came to be where it was: its movements, and those of what it was in then, the newest first.

        Args:
            actor: needs `twins:read`; who does not see what is internal is told of nothing.
            key: the asset's id, or a text that names it.
            size: entries at most.
            as_of: what had happened, as it was known; None means by now. Mistakes are not told.
            after: only what comes after this key.
        """
        actor.require(Permission.READ_TWINS)
        twin = await self._assets.id_of(key)
        if Audience.INTERNAL not in actor.audiences:
            return Entries([], has_next=False)
        until, recorded = _bounds(as_of)
        stays = [Stay(twin, _BEGINNING, NEVER)]
        if await self._granularity(twin) is Granularity.ITEM:
            exposed = await self._genealogy.exposed([twin], until, recorded, through=_CARRIED)
            stays += _stays_of(exposed.values())
        query = fact_query(kinds=[FactKind.MOVE], as_of=as_of or AsOf())
        facts = await self._facts.during(stays, query, after, size + 1)
        entries = [Entry((fact["occurred_at"], fact["_id"]), fact=fact) for fact in facts]
        return Entries(entries[:size], has_next=len(entries) > size)

    async def _stays(self, twin: str, as_of: AsOf | None, depth: int) -> list[Stay]:
        until, recorded = _bounds(as_of)
        parts: Mapping[str, Exposure] = {}
        if depth:
            parts = await self._genealogy.contained(twin, until, recorded, depth=depth)
        if len(parts) > MOST_PARTS:
            raise TooLarge(f"Expected at most {MOST_PARTS} parts, found {len(parts)}; ask for fewer levels.")
        return [Stay(twin, _BEGINNING, NEVER), *_stays_of(parts.values())]

    async def _of_labels(self, actor: Actor, twin: str, as_of: AsOf) -> list[tuple[str, datetime, datetime | None]]:
        """The labels that were on a thing, as it was known, each with since when and until when."""
        found = await self._labels.bindings_to(twin, MOST_LABELS + 1)
        if len(found) > MOST_LABELS:
            raise TooLarge(f"Expected at most {MOST_LABELS} labels of one asset, found more.")
        return [
            (
                label["_id"],
                row["from"]["occurred_at"],
                row["until"]["occurred_at"] if _known(row, "until", as_of) else None,
            )
            for label in found
            if actor.reaches(label["head"]["profile"])
            for row in label["bindings"]
            if row["asset"] == twin and _known(row, "from", as_of) and not _known(row, "superseded", as_of)
        ]

    async def _of_versions(self, actor: Actor, versions: Sequence[dict[str, Any]]) -> list[Entry]:
        heads = await self._labels.heads({version["label"] for version in versions})
        marked = await recalled.marked(self._recalls, [audiences.label(actor, head) for head in heads.values()])
        labels = {label["_id"]: label for label in marked}
        entries = []
        for version in versions:
            label, key = labels[version.pop("label")], version.pop("key")
            told = audiences.label_version(actor, upcast(version))
            entries.append(Entry((version["occurred_at"], key), version=told, label=label))
        return entries

    async def _granularity(self, twin: str) -> Granularity:
        return Granularity((await self._twins.owns([twin]))[twin]["head"]["granularity"])


def _known(row: Mapping[str, Any], point: str, as_of: AsOf) -> bool:
    """Whether a binding had begun, ended, or been corrected, as it was known."""
    return point in row and (as_of.recorded is None or row[point]["recorded_at"] <= as_of.recorded)


def _stays_of(exposures: Iterable[Exposure]) -> list[Stay]:
    """When what happened to each thing happened to the other one too."""
    return [
        Stay(exposure.thing, start, end, (FactKind.INSPECT,) if exposure.way[-1].get("share") else ())
        for exposure in exposures
        for start, end in exposure.periods
    ]


def _bounds(as_of: AsOf | None) -> tuple[datetime, datetime | None]:
    """Before when something must have been so, what was so at the moment included; and as it was known when."""
    until = None if as_of is None else as_of.occurred
    return NEVER if until is None else until + MILLISECOND, None if as_of is None else as_of.recorded
