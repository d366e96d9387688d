"""Search in the API: assets and labels by any part of them that people have."""

from __future__ import annotations

from typing import Annotated

import strawberry

from twin.api.graphql.assets import Asset
from twin.api.graphql.context import Info
from twin.api.graphql.labels import Label
from twin.api.graphql.nodes import DEFAULT_SIZE, Node
from twin.services.search import Hit


@strawberry.type(description="A twin that a search found.")
class SearchHit:
    """A hit."""

    node: Node = strawberry.field(description="The twin: an Asset or a Label.")
    matched: list[str] = strawberry.field(
        description="The fields that hold what was searched for, such as `name`, `face.vin` or `attributes.workOrder`."
    )

    @classmethod
    def of(cls, hit: Hit) -> SearchHit:
        """The hit as the API shows it."""
        node = Asset.of(hit.document) if hit.kind == "asset" else Label.of(hit.document)
        return cls(node=node, matched=list(hit.match.paths))


@strawberry.type
class SearchQuery:
    """How to look for what one has a part of."""

    @strawberry.field(
        description="Assets and labels of which every word of the text begins or ends a word: the last digits of a "
        "VIN or serial, a part number, a work order, a word of a name; in any case, with or without accents and "
        "hyphens. Whole words come first, then ends, then beginnings, the newest first in each. Needs a key."
    )
    async def search(
        self,
        info: Info,
        text: Annotated[
            str,
            strawberry.argument(
                description="Up to five words, one of three letters or digits at least; or a whole identifier or link."
            ),
        ],
        first: Annotated[int, strawberry.argument(description="Hits at most, 1 to 50.")] = DEFAULT_SIZE,
    ) -> list[SearchHit]:
        """The best hits."""
        context = info.context
        return [SearchHit.of(hit) for hit in await context.services.search.find(context.actor, text, first)]
