"""Pages of lists that are worked out as of a point: the cursors hold it, so the next page is of the same list."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from twin.api.graphql.nodes import Connection, page_size
from twin.domain.history import AsOf as Point
from twin.errors import InvalidInput, shown

T = TypeVar("T")


def page_of(items: Sequence[T], offset: int, first: int | None, point: Point) -> Connection[T]:
    """A page of a list that was worked out whole.

    Args:
        items: the whole list.
        offset: how many to skip.
        first: how many to show at most; None means as many as is usual.
        point: what the list is as of.
    """
    size, _ = page_size(first, None)

    async def counted() -> int:
        return len(items)

    return Connection.of(
        [(item, _cursor(offset + place, point)) for place, item in enumerate(items[offset : offset + size], 1)],
        counted,
        has_next=offset + size < len(items),
        has_previous=offset > 0,
    )


def position(after: str | None, point: Point | None) -> tuple[int, Point]:
    """How many items to skip, and the point that the list is as of.

    Args:
        after: the cursor of the last item that was seen.
        point: as of which a list is asked for that has no cursor yet; None means now.

    Raises:
        InvalidInput: that is no cursor.
    """
    if after is None:
        now = datetime.now(UTC)
        point = point or Point()
        return 0, replace(point, occurred=point.occurred or now)
    try:
        offset, occurred, recorded = base64.b64decode(after, b"-_", validate=True).decode("ascii").split(" ")
        moments = [datetime.fromtimestamp(int(at) / 1000, UTC) if at else None for at in (occurred, recorded)]
        return max(int(offset), 0), Point(*moments)
    except (ValueError, OverflowError, OSError, binascii.Error):
        raise InvalidInput(f"after: {shown(after)} is not a cursor of this list.", path=("after",)) from None


def _cursor(offset: int, point: Point) -> str:
    """Where an item stands, and as of which point."""
    numbers = (offset, *(round(at.timestamp() * 1000) if at else "" for at in (point.occurred, point.recorded)))
    return base64.urlsafe_b64encode(" ".join(map(str, numbers)).encode()).decode()
