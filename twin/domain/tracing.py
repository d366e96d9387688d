"""Tracing: what was reached over spans, on which way, and when the whole of that way held at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from twin.domain.history import Document

Period = tuple[datetime, datetime]


class Step(NamedTuple):
    """One thing that is in another, as a walk over spans came upon it.

    Args:
        level: how many spans it is away from where the walk began, from 1.
        thing: what the step leads to.
        via: what it leads from.
        span: the row.
    """

    level: int
    thing: str
    via: str
    span: Document


class Exposure(NamedTuple):
    """What a thing was in, at any time.

    Args:
        thing: what it was in.
        periods: when all spans of some way to it held at once.
        way: the spans of one of the shortest ways, from the beginning; all of them held at once.
    """

    thing: str
    periods: tuple[Period, ...]
    way: tuple[Document, ...]


class Trail(NamedTuple):
    """A period in which all spans of a way hold.

    Args:
        start, end: the period.
        way: the spans, from where it begins.
    """

    start: datetime
    end: datetime
    way: tuple[Document, ...] = ()

    def further(self, span: Document) -> Trail | None:
        """The way with one more span; None where that holds at no time at which all of the others do."""
        start, end = max(self.start, span["start"]), min(self.end, span["end"])
        return Trail(start, end, (*self.way, span)) if start < end else None


def joined(periods: Iterable[Period]) -> list[Period]:
    """The same time as periods that neither overlap nor touch, in their order.

    Examples:
        >>> from datetime import UTC
        >>> day = lambda n: datetime(2026, 1, n, tzinfo=UTC)
        >>> [(a.day, b.day) for a, b in joined([(day(7), day(9)), (day(1), day(3)), (day(2), day(4))])]
        [(1, 4), (7, 9)]
    """
    merged: list[Period] = []
    for start, end in sorted(periods):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def beyond(periods: Iterable[Period], known: Sequence[Period]) -> list[Period]:
    """What of periods is not in known ones, which are joined.

    Examples:
        >>> from datetime import UTC
        >>> day = lambda n: datetime(2026, 1, n, tzinfo=UTC)
        >>> [(a.day, b.day) for a, b in beyond([(day(1), day(9))], [(day(2), day(3)), (day(5), day(10))])]
        [(1, 2), (3, 5)]
    """
    left = list(periods)
    for start, end in known:
        left = [
            part
            for begin, until in left
            for part in ((begin, min(until, start)), (max(begin, end), until))
            if part[0] < part[1]
        ]
    return left
