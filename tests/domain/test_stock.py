"""Stock of a lot by its facts alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from twin.domain.fact import Fact, FactKind, Part
from twin.domain.stock import MOST_SPOTS, Spot, Stock, stock_of
from twin.errors import InconsistentFact, TooLarge

LOT = "ast_lot"
START = datetime(2026, 1, 1, tzinfo=UTC)
A, B, TO_B, NOWHERE = Spot("A"), Spot("B"), Spot("B", transit=True), Spot(None)


def fact(hour: float, kind: str, quantity: str | None, unit: str = "KGM", **said: Any) -> Fact:
    """A fact about the lot; what is no kind is a movement."""
    if kind not in set(FactKind):
        said, kind = {"movement": kind, **said}, "MOVE"
    part = Part(LOT, quantity, unit if quantity else None)
    at = START + timedelta(hours=hour)
    into = (Part("ast_car"),) if kind == "CONSUME" else ()
    return Fact(f"fct_{hour}", FactKind(kind), (part,), into, said, {}, at, order=int(hour))


def told(*facts: Fact) -> dict[Spot, Decimal]:
    stock, entries = stock_of(LOT, facts)
    stock.require_whole(exact_before=False)
    sums: dict[Spot, Decimal] = {}
    for entry in entries:
        sums[entry.spot] = sums.get(entry.spot, Decimal(0)) + entry.quantity
    assert {spot: there for spot, there in sums.items() if there} == stock.at, "the ledger adds up to the stock"
    return stock.at


MADE = fact(1, "PRODUCE", "10", site="A")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([MADE], {A: 10}),
        ([fact(1, "RECEIVE", "2.5", place="B")], {B: Decimal("2.5")}),
        ([MADE, fact(2, "CONSUME", "4", place="A")], {A: 6}),
        ([MADE, fact(2, "CONSUME", "4")], {A: 6}),
        ([MADE, fact(2, "CONSUME", "10")], {}),
        ([MADE, fact(2, "SHIP", "4", place="B", origin="A")], {A: 6, TO_B: 4}),
        ([MADE, fact(2, "SHIP", "4", place="B"), fact(3, "ARRIVE", "3", place="B")], {A: 6, TO_B: 1, B: 3}),
        ([MADE, fact(2, "ARRIVE", "3", place="B")], {A: 10, B: 3}),
        ([MADE, fact(2, "SHIP", "4", place="B"), fact(3, "RECEIVE", "4", place="B")], {A: 6, TO_B: 4, B: 4}),
        ([MADE, fact(2, "TRANSFER", "4", place="B", origin="A")], {A: 6, B: 4}),
        ([MADE, fact(2, "TRANSFER", "4", place="B"), fact(3, "CONSUME", "4", place="B")], {A: 6}),
        ([MADE, fact(2, "CONSUME", None)], {A: 10}),
        ([fact(1, "PRODUCE", None, site="A"), fact(2, "CONSUME", "4")], {NOWHERE: -4}),
        ([fact(2, "CONSUME", "4", place="A"), fact(3, "SHIP", "1", place="B", origin="A")], {A: -5, TO_B: 1}),
        ([MADE, fact(0, "RECEIVE", "1", place="A", counting="LOOSE"), fact(3, "CONSUME", "99")], {A: -88}),
    ],
)
def test_what_facts_add_up_to(facts: list[Fact], expected: dict[Spot, Any]) -> None:
    assert told(*facts) == expected
    assert told(*reversed(facts)) == expected, "in whatever order they are told"


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([MADE, fact(2, "CONSUME", "10.000001")], "10.000001 KGM was asked, and at A there was 10 KGM then"),
        ([MADE, fact(0, "CONSUME", "1")], "T00:00:00.*: 1 KGM was asked, and no place had any then"),
        ([MADE, fact(2, "CONSUME", "1", place="B")], "at B there was 0 KGM"),
        ([MADE, fact(2, "SHIP", "4", place="B"), fact(3, "ARRIVE", "5", place="B")], "in transit to B there was 4 KGM"),
        (
            [MADE, fact(2, "TRANSFER", "4", place="B"), fact(3, "CONSUME", "1")],
            r"without a place; expected one of A \(6 KGM\), B \(4 KGM\)",
        ),
        ([MADE, fact(2, "CONSUME", "1", "C62")], "counted in KGM, found C62"),
        ([MADE, fact(2, "RECEIVE", "1", place="A", counting="LOOSE")], "expected no LOOSE"),
    ],
)
def test_what_cannot_have_happened(facts: list[Fact], why: str) -> None:
    with pytest.raises(InconsistentFact, match=why):
        told(*facts)


def test_the_correction_of_what_brought_a_lot_in_does_not_set_it_free() -> None:
    stock, _ = stock_of(LOT, [fact(2, "CONSUME", "4")])
    stock.require_whole(exact_before=False)
    with pytest.raises(InconsistentFact, match="4 KGM was asked"):
        stock.require_whole(exact_before=True)
    stock, _ = stock_of(LOT, [fact(1, "RECEIVE", "1", place="A", counting="LOOSE"), fact(2, "CONSUME", "4")])
    stock.require_whole(exact_before=True)


def test_what_follows_is_entered_alone() -> None:
    stock, entries = stock_of(LOT, [MADE])
    again = fact(1, "CONSUME", "1")
    assert (stock.follows(again), stock.follows(fact(0, "CONSUME", "1"))) == (True, False)
    entries += stock.enter(again)
    assert (stock, entries) == stock_of(LOT, [MADE, again])


def test_places_are_bounded() -> None:
    stock = Stock(LOT)
    for number in range(MOST_SPOTS):
        stock.enter(fact(number, "RECEIVE", "1", place=f"P{number}"))
    with pytest.raises(TooLarge):
        stock.enter(fact(999, "RECEIVE", "1", place="one more"))
