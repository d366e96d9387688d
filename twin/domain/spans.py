"""Spans: where a thing was from when to when, as its facts say.

An item is in one place at a time: installed or packed in one other, consumed, at a place, or where it was left when it
was taken out. What it is follows from all its facts, in the order in which they happened; so a late fact, or the
correction of one, is judged by whether the whole story still holds. A lot is a quantity: it can go into many things.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from twin.domain.fact import NEVER, Fact, FactKind, Movement, Part
from twin.domain.history import Document
from twin.errors import InconsistentFact


class How(StrEnum):
    """How a thing is where it is."""

    INSTALLED = "INSTALLED"
    CONSUMED = "CONSUMED"
    PACKED = "PACKED"
    PLACED = "PLACED"
    LEFT = "LEFT"


GENEALOGY = (How.INSTALLED, How.CONSUMED, How.PACKED)
"""How one thing is in another."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a thing was, from a moment until another one.

    Args:
        what: the thing.
        how: how it was there.
        start: since when.
        end: until when, not included; NEVER while it goes on.
        began: the fact that put it there.
        into: what it was in; of LEFT, what it was taken out of: it is where that was then.
        ended: the fact that ended it.
        position: where in the assembly.
        quantity, unit: how much of a lot, where that went into one thing alone.
        place: the place, of PLACED.
        party: who has it there.
        transit: whether it is on its way to the place.
        share: whether it is not all of the thing: of a lot, there is more elsewhere.
    """

    what: str
    how: How
    start: datetime
    end: datetime
    began: str
    into: str | None = None
    ended: str | None = None
    position: str | None = None
    quantity: str | None = None
    unit: str | None = None
    place: str | None = None
    party: str | None = None
    transit: bool = False
    share: bool = False

    def as_document(self) -> dict[str, Any]:
        """As it is stored: what is empty is absent."""
        said = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in said.items() if value is not None and value is not False}

    @classmethod
    def from_document(cls, document: Document) -> Span:
        """The span that a row holds."""
        said = {name: document[name] for name in cls.__slots__ if name in document}
        return cls(**{**said, "how": How(document["how"])})


def spans_of(asset: str, facts: Iterable[Fact], *, lot: bool) -> list[Span]:
    """Where a thing was, by all facts about it that count.

    Args:
        asset: the thing.
        facts: those that name it, in any order, without those that were corrected.
        lot: whether it is a lot.

    Raises:
        InconsistentFact: not all of them can have happened.
    """
    happened = [fact for fact in facts if any(part.asset == asset for part in fact.what)]
    happened.sort(key=lambda fact: (fact.occurred_at, fact.order))
    if lot:
        return [
            span for fact in happened if fact.kind is FactKind.CONSUME for span in _consumed(asset, fact, share=True)
        ]
    return _story(asset, happened)


def _story(item: str, facts: Sequence[Fact]) -> list[Span]:
    told: list[Span] = []
    now: list[Span] = []  # what goes on; several rows only for what became several things
    for fact in facts:
        following = _following(item, fact, now)
        if following is None:
            continue
        told += [replace(span, end=fact.occurred_at, ended=fact.id) for span in now]
        now = following
    return [span for span in (*told, *now) if span.start < span.end]


def _following(item: str, fact: Fact, now: Sequence[Span]) -> list[Span] | None:
    """Where the item is after a fact; None when that changes nothing of it."""
    into = fact.into[0].asset if fact.into else None
    match fact.kind:
        case FactKind.INSTALL | FactKind.PACK:
            _require_free(item, fact, now)
            how = How.INSTALLED if fact.kind is FactKind.INSTALL else How.PACKED
            return [_since(item, fact, how, into=into, position=fact.said.get("position"))]
        case FactKind.REMOVE | FactKind.UNPACK:
            how = How.INSTALLED if fact.kind is FactKind.REMOVE else How.PACKED
            if not now or (now[0].how, now[0].into) != (how, into):
                raise _contradiction(item, fact, f"it is {_told(now)} then, not {how} in {into}")
            return [_since(item, fact, How.LEFT, into=into)]
        case FactKind.CONSUME:
            _require_free(item, fact, now)
            return _consumed(item, fact)
        case FactKind.MOVE:
            _require_free(item, fact, now)
            transit = fact.said["movement"] == Movement.SHIP
            said = {name: fact.said.get(name) for name in ("place", "party")}
            return [_since(item, fact, How.PLACED, transit=transit, **said)]
        case _:
            return None


def _require_free(item: str, fact: Fact, now: Sequence[Span]) -> None:
    if now and now[0].how in GENEALOGY:
        raise _contradiction(item, fact, f"it is {_told(now)} then; expected it to be in nothing")


def _told(now: Sequence[Span]) -> str:
    return f"{now[0].how} in {now[0].into} (since {now[0].start.isoformat()}, {now[0].began})" if now else "in nothing"


def _contradiction(item: str, fact: Fact, why: str) -> InconsistentFact:
    return InconsistentFact(f"{fact.kind} of {item} at {fact.occurred_at.isoformat()} ({fact.id}): {why}.")


def _since(item: str, fact: Fact, how: How, **said: Any) -> Span:
    return Span(what=item, how=how, start=fact.occurred_at, end=NEVER, began=fact.id, **said)


def _consumed(asset: str, fact: Fact, *, share: bool = False) -> list[Span]:
    [part] = [part for part in fact.what if part.asset == asset]
    alone: Part | None = part if len(fact.into) == 1 else None
    return [
        _since(
            asset,
            fact,
            How.CONSUMED,
            into=made.asset,
            quantity=alone and alone.quantity,
            unit=alone and alone.unit,
            share=share,
        )
        for made in fact.into
    ]
