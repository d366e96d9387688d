"""Genealogy as plain lines say it: all facts in a list, played from the beginning for each question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

MS = timedelta(milliseconds=1)
FAR = datetime.max  # noqa: DTZ901 - without a zone, so that nothing else is equal to it


class Impossible(Exception):
    """What was said cannot all have happened."""


@dataclass
class Told:
    """One fact, as the model keeps it."""

    id: str
    kind: str
    what: tuple[str, ...]
    into: tuple[str, ...]
    at: datetime
    learnt: datetime
    place: str = ""
    origin: str = ""
    movement: str = ""
    quantity: int = 0
    unit: str = ""
    loose: bool = False
    corrected: datetime | None = None


class Plain:
    """The facts, and the answers that follow from them."""

    def __init__(self, lots: Iterable[str]) -> None:
        self.facts: list[Told] = []
        self.lots = set(lots)

    def judge(self, facts: list[Told]) -> None:
        """Play all facts, which are those that count now but for one more or less.

        Raises:
            Impossible: they contradict each other, or something is in itself, or more was used than there was.
        """
        now = self.counting(None)
        for lot in self.lots:
            shelf = Shelf(lot, facts)
            was_exact = Shelf(lot, now).exact
            if shelf.overdrawn and (shelf.exact or (shelf.counted is None and was_exact)):
                raise Impossible(f"{lot} is overdrawn")
            for fact in facts:
                taking = fact.kind == "CONSUME" or fact.movement in ("SHIP", "ARRIVE", "TRANSFER")
                if fact not in now and lot in fact.what and taking and was_exact and not fact.quantity:
                    raise Impossible(f"nobody says how much of {lot}")
        played = World(self.lots)
        for fact in _in_order(facts):
            played.play(fact)
        for moment in {fact.at for fact in facts}:
            world = self.world(moment, facts)
            for thing in world.holders:
                if thing in world.above(thing):
                    raise Impossible(f"{thing} is in itself at {moment}")

    def counting(self, known: datetime | None) -> list[Told]:
        """The facts that count, as it was known."""
        return [
            fact
            for fact in self.facts
            if (known is None or fact.learnt <= known)
            and (fact.corrected is None or (known is not None and fact.corrected > known))
        ]

    def world(self, moment: datetime, facts: list[Told]) -> World:
        """What was where at a moment."""
        world = World(self.lots)
        world.then = lambda before: self.world(before, facts)
        for fact in _in_order(facts):
            if fact.at <= moment:
                world.play(fact)
        return world

    def exposures(self, lot: str, known: datetime | None) -> dict[str, list[tuple[datetime, datetime]]]:
        """When each thing had the lot within it: looked at between any two moments at which something happened."""
        facts = self.counting(known)
        moments = sorted({fact.at for fact in facts})
        found: dict[str, list[tuple[datetime, datetime]]] = {}
        for start, end in zip(moments, [*moments[1:], FAR][: len(moments)], strict=True):
            for thing in self.world(start, facts).above(lot):
                periods = found.setdefault(thing, [])
                if periods and periods[-1][1] == start:
                    periods[-1] = (periods[-1][0], end)
                else:
                    periods.append((start, end))
        return found


class World:
    """What is where."""

    def __init__(self, lots: set[str]) -> None:
        self.lots = lots
        self.holders: dict[str, set[str]] = {}
        self.how: dict[str, str] = {}
        self.places: dict[str, tuple[str, bool]] = {}
        self.left: dict[str, tuple[str, datetime]] = {}
        self.then: Callable[[datetime], World] = lambda _: self

    def play(self, fact: Told) -> None:
        for thing in fact.what:
            inside = self.holders.get(thing, set())
            item = thing not in self.lots
            match fact.kind:
                case "INSTALL" | "PACK" | "CONSUME":
                    if item and inside:
                        raise Impossible(f"{thing} is in {inside}")
                    self.holders[thing] = inside | set(fact.into)
                    self.how[thing] = fact.kind
                    self.places.pop(thing, None)
                    self.left.pop(thing, None)
                case "REMOVE" | "UNPACK":
                    if inside != set(fact.into) or self.how[thing] != {"REMOVE": "INSTALL"}.get(fact.kind, "PACK"):
                        raise Impossible(f"{thing} is not in {fact.into}")
                    self.holders[thing] = set()
                    self.left[thing] = (fact.into[0], fact.at)
                case "MOVE":
                    if item and inside:
                        raise Impossible(f"{thing} is in {inside}")
                    if item:
                        self.places[thing] = (fact.place, fact.movement == "SHIP")
                        self.left.pop(thing, None)

    def place(self, thing: str) -> tuple[str, bool] | None:
        if thing in self.lots:  # it may be at many
            return None
        if inside := sorted(self.holders.get(thing, ())):
            return self.place(inside[0])
        if thing in self.left:
            holder, moment = self.left[thing]
            return self.then(moment).place(holder)
        return self.places.get(thing)

    def above(self, thing: str) -> set[str]:
        found: set[str] = set()
        waiting = list(self.holders.get(thing, ()))
        while waiting:
            into = waiting.pop()
            if into not in found:
                found.add(into)
                waiting += self.holders.get(into, ())
        return found

    def below(self, thing: str) -> set[str]:
        return {other for other in self.holders if thing in self.above(other)}

    def on_hand(self, thing: str) -> tuple[str, bool] | None:
        """Where a thing can be taken from a shelf: it is in nothing but what is packed."""
        outer = thing
        while inside := self.holders.get(outer):
            if self.how[outer] != "PACK":
                return None
            [outer] = inside
        return self.place(thing)


class Shelf:
    """How much of one lot is where."""

    def __init__(self, lot: str, facts: Iterable[Told]) -> None:
        self.there: Counter[tuple[str, bool]] = Counter()
        self.overdrawn = False
        self.counted: Told | None = None
        self.unit = ""
        for fact in _in_order(list(facts)):
            if lot in fact.what and fact.quantity:
                self._play(fact)

    @property
    def exact(self) -> bool:
        return self.counted is not None and not self.counted.loose

    def levels(self) -> dict[tuple[str, bool], int]:
        return {where: many for where, many in self.there.items() if many}

    def _play(self, fact: Told) -> None:
        self.unit = self.unit or fact.unit
        if self.unit != fact.unit:
            raise Impossible("two units")
        match fact.kind, fact.movement:
            case "PRODUCE", _:
                self._bring(fact)
            case "CONSUME", _:
                self._take(fact, fact.place)
            case _, "SHIP":
                self._take(fact, fact.origin)
                self.there[fact.place, True] += fact.quantity
                return
            case _, "TRANSFER":
                self._take(fact, fact.origin)
            case _, "ARRIVE" if self.there[fact.place, True] > 0:
                self._less(fact, (fact.place, True))
            case "MOVE", _:
                self._bring(fact)
        if fact.kind != "CONSUME":
            self.there[fact.place, False] += fact.quantity

    def _bring(self, fact: Told) -> None:
        self.counted = self.counted or fact
        if fact.loose and not self.counted.loose:
            raise Impossible("counted exactly, and loosely")

    def _take(self, fact: Told, place: str) -> None:
        if not place:
            where = [place for (place, transit), many in self.there.items() if many > 0 and not transit]
            place = where[0] if len(where) == 1 else ""
            self.overdrawn |= not place
        self._less(fact, (place, False))

    def _less(self, fact: Told, where: tuple[str, bool]) -> None:
        self.there[where] -= fact.quantity
        self.overdrawn |= self.there[where] < 0


def _in_order(facts: list[Told]) -> list[Told]:
    """By when they happened; what happened at once, in the order in which it was told."""
    return sorted(facts, key=lambda fact: fact.at)
