"""What pages tell of a thing's parts, places and past to those inside: gathered from the services, and laid out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar

from twin.api.pages import words
from twin.api.pages.view import spelt
from twin.domain.actor import Actor, Audience, Permission
from twin.domain.fact import FactKind, Movement
from twin.domain.fields import CLOCK_SKEW
from twin.domain.history import AsOf, Document
from twin.domain.label import LabelAction
from twin.domain.spans import How
from twin.domain.tracing import Step
from twin.errors import TooLarge
from twin.services import Services
from twin.services.genealogy import Whereabouts
from twin.services.timelines import Entries, Entry
from twin.store.paging import Page, PageRequest

MOST_NODES: Final = 40
MOST_STATIONS: Final = 12
MOST_ENTRIES: Final = 30
MOST_MADE: Final = 5
MOST_NAMED: Final = 3
LEVELS: Final = 8

ROW, INDENT, STOP = 46, 20, 54  # of drawings, in CSS pixels

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Name:
    """A thing by its id and name; without an id there is no page of it for the caller."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """A thing in a tree.

    Args:
        name: the thing.
        how: how it is in the one above, in English.
        detail: position and quantity.
        nodes: what is below it.
        more: how many more there are below it.
    """

    name: Name
    how: str
    detail: str
    nodes: tuple[Node, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a drawn tree.

    Args:
        x, y: where its text begins, and the middle of the line.
        up: how far above the line that it hangs on begins.
        node: what it tells of; None where it says how many more there are.
        more: how many.
    """

    x: int
    y: int
    up: int
    node: Node | None
    more: int = 0


@dataclass(frozen=True, slots=True)
class Tree:
    """What is in a thing, or what it is in.

    Args:
        nodes: the nearest things.
        more: how many more of those there are.
        count: how many things were found in all; None where there are too many to look at.
        rows: as it is drawn.
        height: of the drawing.
    """

    nodes: tuple[Node, ...]
    more: int
    count: int | None
    rows: tuple[Row, ...]
    height: int


@dataclass(frozen=True, slots=True)
class Station:
    """Where a thing came to be.

    Args:
        at: when.
        movement: how, in English.
        transit: whether it only left for there.
        place, origin, party, transport: as it was said.
        y: where it is drawn.
    """

    at: datetime
    movement: str
    transit: bool
    place: str
    origin: str | None
    party: str | None
    transport: str | None
    y: int


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened.

    Args:
        at: when.
        recorded_at: when the service learnt it, where that was notably later.
        title: what, in English.
        label: the link id of the label that it happened to.
        what, into: the things that a fact names, a few of each.
        lines: what was said, by title.
        reason: why.
    """

    at: datetime
    recorded_at: datetime | None
    title: str
    label: str | None
    what: tuple[Name, ...]
    into: tuple[Name, ...]
    lines: tuple[tuple[str, str], ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """What a page tells to those inside.

    Args:
        where: the place and how it is there; None where nobody said.
        inside: what the thing is in, from the nearest.
        parts, uses: what is in it, and what it is in.
        stations: where it came to be, the newest first.
        earlier_stations: whether there are more.
        made: how it was made and inspected, the newest first.
        past: its time line, the newest first; None where too much is in it.
        earlier: whether there is more.
    """

    where: Whereabouts
    inside: tuple[Name, ...]
    parts: Tree
    uses: Tree
    stations: tuple[Station, ...]
    earlier_stations: bool
    made: tuple[Happening, ...]
    past: tuple[Happening, ...] | None
    earlier: bool


async def story_of(services: Services, actor: Actor, asset: Document | None, label: str | None = None) -> Story | None:
    """What there is to tell of an asset; None, without asking for anything, for who may not see it.

    Args:
        services: the use cases.
        actor: the caller.
        asset: its document; None where there is none.
        label: the id of the label whose page it is, which tells of that label elsewhere.
    """
    if asset is None or Audience.INTERNAL not in actor.audiences or not actor.may(Permission.READ_TWINS):
        return None
    twin, genealogy, timelines = asset["_id"], services.genealogy, services.timelines
    kinds = [FactKind.PRODUCE, FactKind.INSPECT]
    parts, uses, places, moves, past, made = await asyncio.gather(
        _unless_too_large(genealogy.components(actor, twin, depth=LEVELS)),
        _unless_too_large(genealogy.uses(actor, twin, depth=LEVELS)),
        genealogy.whereabouts(actor, [twin]),
        timelines.movements(actor, twin, MOST_STATIONS),
        _unless_too_large(timelines.page(actor, twin, MOST_ENTRIES, depth=LEVELS)),
        services.facts.page(actor, PageRequest(MOST_MADE), assets=[twin], kinds=kinds, as_of=AsOf()),
    )
    found = _Found(twin, parts, uses, places[twin], moves, past and _without(past, label), made)
    documents = await services.assets.of_labels(actor, found.named())
    return told(found, {twin: document["head"]["name"] for twin, document in documents.items()})


@dataclass(frozen=True, slots=True)
class _Found:
    """What the services say of a thing; None where it is too much."""

    twin: str
    parts: Sequence[Step] | None
    uses: Sequence[Step] | None
    where: Whereabouts
    moves: Entries
    past: Entries | None
    made: Page

    def named(self) -> set[str]:
        """The ids of all things that the page names."""
        facts = [entry.fact for entry in (self.past.entries if self.past else ()) if entry.fact is not None]
        parts = [
            part["asset"] for fact in facts for name in ("what", "into") for part in fact.get(name, ())[:MOST_NAMED]
        ]
        steps = [step.thing for tree in (self.parts, self.uses) for step in (tree or ())[:MOST_NODES]]
        return {self.twin, *parts, *steps, *self.where.inside}


def told(found: _Found, names: Mapping[str, str]) -> Story:
    """The story, laid out.

    Args:
        found: what the services say.
        names: of the things, by id.
    """
    past = None if found.past is None else tuple(_happening(entry, names) for entry in found.past.entries)
    return Story(
        where=found.where,
        inside=tuple(Name(twin, names.get(twin, twin)) for twin in found.where.inside),
        parts=tree_of(found.twin, found.parts, names),
        uses=tree_of(found.twin, found.uses, names),
        stations=tuple(_station(place, entry) for place, entry in enumerate(found.moves.entries)),
        earlier_stations=found.moves.has_next,
        made=tuple(_of_fact(fact, names) for fact in found.made.documents),
        past=past,
        earlier=found.past is not None and found.past.has_next,
    )


def tree_of(root: str, steps: Sequence[Step] | None, names: Mapping[str, str]) -> Tree:
    """The nearest steps of a walk as a tree; what does not fit is counted where it would stand.

    Args:
        root: where the walk began.
        steps: the nearest first; None where there are too many.
        names: of the things, by id.
    """
    below: dict[str, list[Step]] = {}
    for step in steps or ():
        below.setdefault(step.via, []).append(step)
    shown = {id(step) for step in (steps or ())[:MOST_NODES]}
    opened: set[str] = set()

    def nodes(thing: str) -> tuple[tuple[Node, ...], int]:
        if thing in opened:  # it stands elsewhere, with all that is below it
            return (), 0
        opened.add(thing)
        here = below.get(thing, [])
        made = tuple(node(step) for step in here if id(step) in shown)
        return made, len(here) - len(made)

    def node(step: Step) -> Node:
        inner, more = nodes(step.thing)
        amount = " ".join(filter(None, (step.span.get("quantity"), step.span.get("unit"))))
        detail = " · ".join(filter(None, (step.span.get("position"), amount)))
        name = Name(step.thing, names.get(step.thing, step.thing))
        return Node(name, words.HOWS[How(step.span["how"])], detail, inner, more)

    top, more = nodes(root)
    rows: list[Row] = []
    _draw(top, more, 0, 0, rows)
    count = None if steps is None else len({step.thing for step in steps})
    return Tree(top, more, count, tuple(rows), ROW * len(rows))


def _draw(nodes: Iterable[Node], more: int, depth: int, above: int, rows: list[Row]) -> None:
    """Draw what hangs on the line whose middle is `above`."""
    x = INDENT * depth + INDENT
    for node in nodes:
        y = ROW * len(rows) + ROW // 2
        rows.append(Row(x, y, y - above, node))
        _draw(node.nodes, node.more, depth + 1, y, rows)
    if more:
        y = ROW * len(rows) + ROW // 2
        rows.append(Row(x, y, y - above, None, more))


def _station(place: int, entry: Entry) -> Station:
    said: Mapping[str, str] = (entry.fact or {})["said"]
    movement = Movement(said["movement"])
    at = entry.key[0]
    return Station(
        at=at,
        movement=words.MOVEMENTS[movement],
        transit=movement is Movement.SHIP,
        place=said["place"],
        origin=said.get("origin"),
        party=said.get("party"),
        transport=said.get("transport"),
        y=STOP * place + STOP // 2,
    )


def _happening(entry: Entry, names: Mapping[str, str]) -> Happening:
    if entry.fact is not None:
        return _of_fact(entry.fact, names)
    version, label = entry.version or {}, entry.label or {}
    at, late = entry.key[0], _late(entry.key[0], entry.recorded_at)
    title = words.ACTIONS[LabelAction(version["action"])]
    return Happening(at, late, title, label["head"]["link_id"], (), (), (), version.get("reason"))


def _of_fact(fact: Document, names: Mapping[str, str]) -> Happening:
    what, into = (
        tuple(Name(part["asset"], names.get(part["asset"], part["asset"])) for part in _few(fact, ends))
        for ends in ("what", "into")
    )
    said = {**fact.get("said", {})}
    for name, table in _TOLD.items():
        if name in said:
            said[name] = table[said[name]]
    lines = [(words.SAID.get(name, name), value) for name, value in said.items()]
    lines += [(spelt(name), value) for name, value in fact.get("attributes", {}).items()]
    late = _late(fact["occurred_at"], fact["recorded_at"])
    title = words.FACTS[FactKind(fact["kind"])]
    return Happening(fact["occurred_at"], late, title, None, what, into, tuple(lines), fact.get("reason"))


_TOLD: Final[Mapping[str, Mapping[Any, str]]] = {
    "movement": words.MOVEMENTS,
    "outcome": words.FOUND,
    "counting": words.COUNTINGS,
}


def _few(fact: Document, ends: str) -> Sequence[Mapping[str, Any]]:
    """The first of what a fact names, on one of its sides."""
    few: Sequence[Mapping[str, Any]] = fact.get(ends, ())[:MOST_NAMED]
    return few


def _late(occurred: datetime, recorded: datetime) -> datetime | None:
    return recorded if recorded - occurred > CLOCK_SKEW else None


def _without(past: Entries, label: str | None) -> Entries:
    entries = [entry for entry in past.entries if entry.label is None or entry.label["_id"] != label]
    return replace(past, entries=entries)


async def _unless_too_large(asked: Awaitable[Found]) -> Found | None:
    try:
        return await asked
    except TooLarge:
        return None
