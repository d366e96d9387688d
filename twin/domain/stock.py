"""Stock: how much of a lot was where, as its facts say.

What was made or came in adds to a place, what was used takes from one, what moves does both. Each is an *entry* of the
lot's ledger. A lot is counted once a quantity of it came in: then its facts are legal when at no place, at no time of
the whole story, more was taken than was there; so a late fact, or the correction of one, is judged by what came after
it too. A lot that nobody counted, or that is counted loosely, may go below zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from twin.domain.fact import Counting, Fact, FactKind, Movement, Part
from twin.domain.quantities import plain
from twin.errors import InconsistentFact, InvalidInput, TooLarge

MOST_SPOTS = 500
COUNTED = (FactKind.PRODUCE, FactKind.MOVE, FactKind.CONSUME)
"""The kinds of facts that say how much of a lot is where."""

_ADDING = (Movement.RECEIVE.value, None)


class Spot(NamedTuple):
    """Where some of a lot can be.

    Args:
        place: as facts say it; None where nobody said.
        transit: whether it is on its way to the place.
    """

    place: str | None
    transit: bool = False

    def __str__(self) -> str:
        return f"{'in transit to' if self.transit else 'at'} {self.place or 'no place that was said'}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A quantity that came to a spot, or left it.

    Args:
        lot: of what.
        spot: where.
        quantity: above zero what came, below zero what left.
        unit: of the quantity.
        at: when.
        fact: the fact that says so.
    """

    lot: str
    spot: Spot
    quantity: Decimal
    unit: str
    at: datetime
    fact: str


@dataclass(slots=True)
class Stock:
    """What the facts about a lot add up to, up to one of them.

    Args:
        lot: the lot.
        unit: of all its quantities; None before there is one.
        counted_by: the fact that first brought a quantity in; None while nobody counted it.
        loose: whether that fact said that it is counted loosely.
        breach: why the facts contradict each other if the lot is counted exactly: the first reason.
        last: when the last of the facts happened that say a quantity.
        at: what is where, without what is zero.
    """

    lot: str
    unit: str | None = None
    counted_by: str | None = None
    loose: bool = False
    breach: str | None = None
    last: datetime | None = None
    at: dict[Spot, Decimal] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        """Whether nothing may be taken that is not there."""
        return self.counted_by is not None and not self.loose

    def follows(self, fact: Fact) -> bool:
        """Whether a fact that was just recorded comes after all that these are of."""
        return fact.corrects is None and (self.last is None or fact.occurred_at >= self.last)

    def require_quantity(self, fact: Fact) -> None:
        """Let pass a fact that takes of a lot which is counted exactly only if it says how much.

        Raises:
            InvalidInput: it does not.
        """
        takes = fact.kind is FactKind.CONSUME or (
            fact.kind is FactKind.MOVE and fact.said.get("movement") not in _ADDING
        )
        if takes and self.exact and self._part(fact).quantity is None:
            raise InvalidInput(
                f"quantity: {self.lot} is counted in {self.unit}; expected how much, found nothing.",
                path=("quantity",),
            )

    def enter(self, fact: Fact) -> list[Entry]:
        """Add the next fact of the story, and return its entries.

        Raises:
            InconsistentFact: another unit, or loose counting of what is counted exactly.
            TooLarge: the lot would be at more than 500 places.
        """
        part = self._part(fact)
        if fact.kind not in COUNTED or part.quantity is None or part.unit is None:
            return []
        if part.unit != (self.unit or part.unit):
            raise InconsistentFact(f"{self._told(fact)}: it is counted in {self.unit}, found {part.unit}.")
        self.unit, self.last = part.unit, fact.occurred_at
        amount = Decimal(part.quantity)
        source, target = self._ends(fact)
        if source is None:
            self._count(fact)
            taken = []
        else:
            taken = [self._entry(fact, self._taken(fact, source, amount), -amount)]
        given = [] if target is None else [self._entry(fact, target, amount)]
        if len(self.at) > MOST_SPOTS:
            raise TooLarge(f"{self.lot}: expected it at no more than {MOST_SPOTS} places at once, found more.")
        return taken + given

    def require_whole(self, *, exact_before: bool) -> None:
        """Let pass what the facts add up to.

        Args:
            exact_before: whether the lot was counted exactly before the last fact was recorded: the correction of what
                brought it in does not set it free.

        Raises:
            InconsistentFact: more was taken than was there, or nobody can tell from where.
        """
        if self.breach is not None and (self.exact or (self.counted_by is None and exact_before)):
            raise InconsistentFact(self.breach)

    def _part(self, fact: Fact) -> Part:
        return next(part for part in fact.what if part.asset == self.lot)

    def _ends(self, fact: Fact) -> tuple[Spot | None, Spot | None]:
        """Where the quantity comes from and goes to; None is outside. No place is where nobody said which."""
        place = fact.said.get("place")
        match fact.kind, fact.said.get("movement"):
            case FactKind.PRODUCE, _:
                return None, Spot(fact.said["site"])
            case FactKind.CONSUME, _:
                return Spot(place), None
            case _, Movement.SHIP:
                return Spot(fact.said.get("origin")), Spot(place, transit=True)
            case _, Movement.TRANSFER:
                return Spot(fact.said.get("origin")), Spot(place)
            case _, Movement.ARRIVE if self.at.get(Spot(place, transit=True), 0) > 0:
                return Spot(place, transit=True), Spot(place)
        return None, Spot(place)

    def _count(self, fact: Fact) -> None:
        loose = fact.said.get("counting") == Counting.LOOSE
        if self.counted_by is None:
            self.counted_by, self.loose = fact.id, loose
        elif loose and not self.loose:
            raise InconsistentFact(
                f"{self._told(fact)}: {self.counted_by} brought it in first, and counts it exactly; expected no LOOSE."
            )

    def _taken(self, fact: Fact, said: Spot, amount: Decimal) -> Spot:
        """The spot that a quantity is taken from: what was said, or the only place that has stock."""
        spot, asked = said, f"{plain(amount)} {self.unit} was asked"
        if said.place is None:
            having = sorted(spot for spot, there in self.at.items() if there > 0 and not spot.transit)
            spot = having[0] if len(having) == 1 else said
            if len(having) > 1:
                places = ", ".join(f"{there.place} ({plain(self.at[there])} {self.unit})" for there in having)
                self._breach(f"{self._told(fact)}: {asked}, without a place; expected one of {places}.")
            elif not having:
                self._breach(f"{self._told(fact)}: {asked}, and no place had any then.")
        there = self.at.get(spot, Decimal(0))
        if there < amount:
            self._breach(f"{self._told(fact)}: {asked}, and {spot} there was {plain(there)} {self.unit} then.")
        return spot

    def _entry(self, fact: Fact, spot: Spot, quantity: Decimal) -> Entry:
        there = self.at.pop(spot, Decimal(0)) + quantity
        if there:
            self.at[spot] = there
        return Entry(self.lot, spot, quantity, str(self.unit), fact.occurred_at, fact.id)

    def _breach(self, why: str) -> None:
        self.breach = self.breach or why

    def _told(self, fact: Fact) -> str:
        return f"{fact.kind} of {self.lot} at {fact.occurred_at.isoformat()} ({fact.id})"


def stock_of(lot: str, facts: Iterable[Fact]) -> tuple[Stock, list[Entry]]:
    """What all facts about a lot add up to, and its ledger.

    Args:
        lot: the lot.
        facts: those that count and that happened to it, in any order, each with the lot's revision as its `order`.

    Raises:
        InconsistentFact, TooLarge: as `Stock.enter` raises them.
    """
    stock, entries = Stock(lot), list[Entry]()
    for fact in sorted(facts, key=lambda fact: (fact.occurred_at, fact.order)):
        entries += stock.enter(fact)
    return stock, entries
