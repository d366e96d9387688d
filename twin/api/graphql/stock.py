"""Stock in the API: how much of a lot is where, and what is on hand."""

from __future__ import annotations

from typing import Annotated

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.facts import LazyAsset, asset_of
from twin.api.graphql.nodes import After, AsOf, Connection, First, as_of_point
from twin.api.graphql.pinned import page_of, position
from twin.services.inventory import Level, Row


@strawberry.type(description="How much of a lot is at one place.")
class StockLevel:
    """A level."""

    level: strawberry.Private[Level]

    @strawberry.field(description="The place; null for what was taken where nobody said a place.")
    def place(self) -> str | None:
        """The place."""
        return self.level.spot.place

    @strawberry.field(description="Whether it is on its way to the place.")
    def in_transit(self) -> bool:
        """Whether it has not arrived."""
        return self.level.spot.transit

    @strawberry.field(description="A decimal number; below 0 where more was taken than was known to be there.")
    def quantity(self) -> str:
        """How much."""
        return self.level.quantity

    @strawberry.field(description="A code of UN/ECE Recommendation 20.")
    def unit(self) -> str:
        """The unit."""
        return self.level.unit


@strawberry.type(description="What is on hand at a place, of one sort: so many items, or so much of a lot.")
class InventoryRow:
    """A row."""

    row: strawberry.Private[Row]

    @strawberry.field(description="The place; null for what of a lot was taken where nobody said a place.")
    def place(self) -> str | None:
        """The place."""
        return self.row.spot.place

    @strawberry.field(description="Whether it is on its way to the place.")
    def in_transit(self) -> bool:
        """Whether it has not arrived."""
        return self.row.spot.transit

    @strawberry.field(description="The kind of the items, or of the lot.")
    def kind(self) -> str:
        """The kind."""
        return self.row.kind

    @strawberry.field(description="The products that their identifiers say they are of, such as `gs1:01/…`.")
    def products(self) -> list[str]:
        """The products."""
        return list(self.row.products)

    @strawberry.field(description="The lots that their identifiers say they are of; of a lot, its own identifiers.")
    def lots(self) -> list[str]:
        """The lots."""
        return list(self.row.lots)

    @strawberry.field(description="How many items; 0 of a lot whose quantity is told.")
    def items(self) -> int:
        """How many."""
        return self.row.items

    @strawberry.field(description="The lot whose quantity is told; null of items.")
    async def lot(self, info: Info) -> LazyAsset | None:
        """The lot."""
        return None if self.row.lot is None else await asset_of(info, self.row.lot)

    @strawberry.field(description="How much of the lot: a decimal number; below 0 where more was taken than was known.")
    def quantity(self) -> str | None:
        """How much."""
        return self.row.quantity

    @strawberry.field(description="A code of UN/ECE Recommendation 20.")
    def unit(self) -> str | None:
        """The unit."""
        return self.row.unit


@strawberry.type
class StockQuery:
    """What can be asked about stock."""

    @strawberry.field(
        description="What is on hand, by place, kind, product and lot; places or partOf must be said. What is packed "
        "counts where its container is; what is installed or used up does not count. Which kind, products and lots "
        "things are of is as it is known now. 50,000 items and 10,000 quantities of lots at most. Needs a key."
    )
    async def inventory(
        self,
        info: Info,
        places: Annotated[
            list[str] | None, strawberry.argument(description="Only what is there, or on its way there; 100 at most.")
        ] = None,
        kinds: Annotated[list[str] | None, strawberry.argument(description="Only these kinds; 100 at most.")] = None,
        part_of: Annotated[
            str | None,
            strawberry.argument(description="Only what is of this lot or product, or is this lot: `scheme:value`."),
        ] = None,
        as_of: Annotated[
            AsOf | None, strawberry.argument(description="At this moment, as it was known then; null means now.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[InventoryRow]:
        """A page of the inventory."""
        asked = None if as_of is None else as_of_point(as_of)
        offset, point = position(after, asked)
        rows = await info.context.services.inventory.rows(
            info.context.actor,
            places=places,
            kinds=kinds,
            part_of=part_of,
            as_of=asked if after is None else point,
        )
        return page_of([InventoryRow(row=row) for row in rows], offset, first, point)
