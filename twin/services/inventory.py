"""Inventory: what is on hand where, now or as of a date, as it was known then."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from twin import identity
from twin.domain.actor import Actor, Audience, Permission
from twin.domain.history import AsOf, Document
from twin.domain.quantities import plain
from twin.domain.spans import How
from twin.domain.stock import Spot
from twin.errors import InvalidInput, TooLarge
from twin.identity import Granularity
from twin.services.assets import named
from twin.services.commits import Clock
from twin.services.genealogy import Genealogy
from twin.store import Store
from twin.store.assets import asset_query
from twin.store.spans import Window
from twin.store.stock import LevelRow

MOST_ASKED = 100
MOST_ITEMS = 50_000
MOST_LEFT = 200_000
MOST_LEVELS = 10_000


@dataclass(frozen=True, slots=True)
class Level:
    """How much of a lot is at a spot.

    Args:
        spot: where.
        quantity: a decimal number as text; below zero where more was taken than was known to be there.
        unit: of the quantity.
    """

    spot: Spot
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True)
class Row:
    """What is on hand at a spot of one sort: so many items, or so much of a lot.

    Args:
        spot: where.
        kind: of the items or of the lot.
        products: the products that their identifiers say they are of.
        lots: the lots that the items' identifiers say they are of; of a lot, its own identifiers.
        items: how many items.
        lot: the lot's id, where it is one.
        quantity: how much of the lot.
        unit: of the quantity.
    """

    spot: Spot
    kind: str
    products: tuple[str, ...]
    lots: tuple[str, ...]
    items: int = 0
    lot: str | None = None
    quantity: str | None = None
    unit: str | None = None

    def key(self) -> tuple[str, bool, str, tuple[str, ...], tuple[str, ...], str]:
        """Where it stands in the list."""
        return self.spot.place or "", self.spot.transit, self.kind, self.products, self.lots, self.lot or ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for."""

    places: Collection[str] | None
    kinds: Collection[str] | None
    part_of: str | None
    moment: datetime
    recorded: datetime | None
    now: bool

    @property
    def window(self) -> Window:
        """The spans that hold then."""
        return Window(self.moment, self.moment, self.recorded)

    @property
    def as_of(self) -> AsOf:
        """The point on both axes."""
        return AsOf(self.moment, self.recorded)


class Inventory:
    """What callers ask about stock.

    Args:
        store: where spans, ledgers and assets are.
        genealogy: to find where things were.
        clock: tells the time, in UTC.
    """

    def __init__(self, store: Store, genealogy: Genealogy, clock: Clock) -> None:
        self._assets = store.assets
        self._spans = store.spans
        self._ledger = store.ledger
        self._identifiers = store.identifiers
        self._genealogy = genealogy
        self._clock = clock

    async def rows(
        self,
        actor: Actor,
        *,
        places: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
        part_of: str | None = None,
        as_of: AsOf | None = None,
    ) -> list[Row]:
        """What is on hand, by place, kind, product and lot.

        What is packed counts where its container is; what is installed or used up does not count. Which kinds, products
        and lots things are of is as it is known now.

        Args:
            actor: needs `twins:read`; who does not see what is internal is told of nothing.
            places: only what is there, or on its way there.
            kinds: only these.
            part_of: only what is of this lot or product, or this lot itself, as `scheme:value`.
            as_of: the moment, and as it was known when; None means now.

        Raises:
            InvalidInput: neither places nor part_of, or more than 100 places or kinds.
            TooLarge: more than 50,000 items or 10,000 quantities of lots; or, in all, 200,000 items that lie where they
                were taken out.
        """
        actor.require(Permission.READ_TWINS)
        if places is None and part_of is None:
            raise InvalidInput("Expected places or partOf, found neither.", path=("places",))
        for name, values in (("places", places), ("kinds", kinds)):
            if values is not None and not 1 <= len(values) <= MOST_ASKED:
                raise InvalidInput(f"{name}: expected 1 to {MOST_ASKED}, found {len(values)}.", path=(name,))
        canonical = None if part_of is None else named(part_of).canonical
        if Audience.INTERNAL not in actor.audiences:
            return []
        moment, recorded, now = self._point(as_of)
        asked = _Asked(places, kinds, canonical, moment, recorded, now)
        found = await self._items(actor, asked) + await self._lots(asked)
        return sorted(found, key=Row.key)

    async def stock(self, actor: Actor, lots: Collection[str], as_of: AsOf | None = None) -> dict[str, list[Level]]:
        """How much of lots is where, by id; of what is no lot or was never counted, nothing.

        Args:
            actor: needs `twins:read`; who does not see what is internal is told of nothing.
            lots: ids of assets.
            as_of: the moment, and as it was known when; None means now.
        """
        actor.require(Permission.READ_TWINS)
        if Audience.INTERNAL not in actor.audiences:
            return {lot: [] for lot in lots}
        moment, recorded, now = self._point(as_of)
        found: dict[str, list[Level]] = {lot: [] for lot in lots}
        rows = await self._levels(_Asked(None, None, None, moment, recorded, now), lots)
        for row in sorted(rows, key=lambda row: (row.spot.place or "", row.spot.transit)):
            found[row.lot].append(Level(row.spot, plain(row.quantity), row.unit))
        return found

    async def _items(self, actor: Actor, asked: _Asked) -> list[Row]:
        by_spot: dict[Spot, list[str]] = {}
        for item, spot in (await self._located(actor, asked)).items():
            by_spot.setdefault(spot, []).append(item)
        found = []
        query = asset_query(asked.kinds, [Granularity.ITEM], asked.part_of)
        for spot, items in by_spot.items():
            for (kind, broader), many in (await self._assets.sorts(items, query)).items():
                found.append(Row(spot, kind, *_split(broader), items=many))
        return found

    async def _located(self, actor: Actor, asked: _Asked) -> dict[str, Spot]:
        """The items on hand that may be meant, each with where it is."""
        if asked.places is None:
            query = asset_query(asked.kinds, [Granularity.ITEM], asked.part_of)
            candidates = await self._assets.ids_of(query, MOST_ITEMS)
            _require_few(len(candidates), MOST_ITEMS, "items")
            return await self._on_hand(actor, candidates, asked)
        rows = await self._spans.at(asked.places, asked.window, MOST_ITEMS)
        _require_few(len(rows), MOST_ITEMS, "items")
        found = {row["what"]: Spot(row["place"], row.get("transit", False)) for row in rows}
        # What was left somewhere when it was taken out has no place of its own: all such things are looked at.
        left = await self._spans.left(asked.window, MOST_LEFT)
        _require_few(len(left), MOST_LEFT, "items that were left where they were taken out")
        places = set(asked.places)
        found |= {
            item: spot for item, spot in (await self._on_hand(actor, left, asked)).items() if spot.place in places
        }
        frontier: Collection[str] = found.keys()
        while frontier:
            packed = await self._spans.down(frontier, asked.window, [How.PACKED])
            inner = {row["what"]: found[row["into"]] for row in packed if row["what"] not in found}
            found |= inner
            _require_few(len(found), MOST_ITEMS, "items")
            frontier = inner
        return found

    async def _on_hand(self, actor: Actor, items: Collection[str], asked: _Asked) -> dict[str, Spot]:
        """Those of the items that are at a place and in nothing but containers, each with where it is."""
        found = await self._genealogy.whereabouts(actor, items, asked.as_of)
        return {
            item: Spot(at.place, at.transit)
            for item, at in found.items()
            if at.place is not None and not set(at.hows) - {How.PACKED}
        }

    async def _lots(self, asked: _Asked) -> list[Row]:
        query, lots = asset_query(asked.kinds, [Granularity.LOT]), None
        if asked.part_of is not None:
            itself = await self._identifiers.asset_of(asked.part_of)
            if asked.places is None:
                lots = await self._assets.ids_of({**query, "head.broader": asked.part_of}, MOST_LEVELS)
                _require_few(len(lots), MOST_LEVELS, "lots")
                lots = [*lots, *([] if itself is None else [itself])]
            query = {"$and": [query, {"$or": [{"head.broader": asked.part_of}, {"_id": itself}]}]}
        levels = await self._levels(asked, lots)
        heads = await self._assets.told({level.lot for level in levels}, query)
        return [_row(level, heads[level.lot]) for level in levels if level.lot in heads]

    async def _levels(self, asked: _Asked, lots: Collection[str] | None) -> list[LevelRow]:
        if asked.now:
            rows = await self._ledger.now(places=asked.places, lots=lots, most=MOST_LEVELS)
        else:
            point = asked.moment, asked.recorded
            rows = await self._ledger.then(*point, places=asked.places, lots=lots, most=MOST_LEVELS)
        _require_few(len(rows), MOST_LEVELS, "quantities of lots")
        return rows

    def _point(self, as_of: AsOf | None) -> tuple[datetime, datetime | None, bool]:
        """The moment, when that was known, and whether both are now."""
        as_of = as_of or AsOf()
        return as_of.occurred or self._clock(), as_of.recorded, as_of == AsOf()


def _row(level: LevelRow, head: Document) -> Row:
    products, _ = _split(head.get("broader", ()))
    names = tuple(head.get("identifiers", ()))
    quantity = plain(level.quantity)
    return Row(level.spot, head["kind"], products, names, lot=level.lot, quantity=quantity, unit=level.unit)


def _split(broader: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The products, and the lots, of what something is of."""
    sizes = {name: identity.parse(name).granularity for name in sorted(broader)}
    products, lots = (
        tuple(name for name, size in sizes.items() if size is wanted)
        for wanted in (Granularity.PRODUCT, Granularity.LOT)
    )
    return products, lots


def _require_few(found: int, most: int, what: str) -> None:
    if found > most:
        raise TooLarge(f"Expected at most {most} {what}, found more; ask for fewer places, or for less of them.")
