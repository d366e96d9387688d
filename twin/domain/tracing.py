"""Tracing: what was reached over spans, on which way, and when the whole of that way held at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from twin.domain.history import Document

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Step:
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


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a thing was in, at any time.

    Args:
        thing: what it was in.
        periods: when all spans of some way to it held at once.
        way: the spans of one of the shortest ways, from the beginning; all of them held at once.
    """

    thing: str
    periods: tuple[Period, ...]
    way: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """A period in which all spans of a way hold.

    Args:
        start, end: the period.
        span: the last span of the way; None where it begins.
        before: the way before that.
    """

    start: datetime
    end: datetime
    span: Document | None = None
    before: Trail | None = None

    def further(self, span: Document) -> Trail | None:
        """The way with one more span; None where that holds at no time at which all of the others do."""
        start, end = max(self.start, span["start"]), min(self.end, span["end"])
        return Trail(start, end, span, self) if start < end else None

    def way(self) -> tuple[Document, ...]:
        """Its spans, from where it begins."""
        spans: list[Document] = []
        trail: Trail | None = self
        while trail is not None and trail.span is not None:
            spans.append(trail.span)
            trail = trail.before
        return tuple(reversed(spans))


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
