"""What a print job may ask for, and what is kept of a print."""

from __future__ import annotations

from typing import Any

import pytest

from twin.domain.history import canonical_json
from twin.domain.print_job import (
    MOST_LABELS,
    MOST_OVERRIDES,
    Override,
    PrintedSymbol,
    PrintFormat,
    PrintOrder,
    Provenance,
    require_few,
)
from twin.errors import InvalidInput, TooLarge

WHOLE = PrintOrder(
    PrintFormat.ZPL,
    dpi=600,
    copies=3,
    template="tag@2",
    printer="line-3",
    reason="smeared",
    overrides=(Override("text.height", "a small part"),),
)


@pytest.mark.parametrize("order", [WHOLE, PrintOrder(PrintFormat.PDF), PrintOrder(PrintFormat.SVG, copies=1_000)])
def test_an_order_is_stored_and_read_back(order: PrintOrder) -> None:
    assert PrintOrder.from_document(order.as_document()) == order
    canonical_json(order.as_document())  # also part of a mutation's digest


def test_what_is_not_said_is_not_stored() -> None:
    assert PrintOrder(PrintFormat.PDF).as_document() == {"format": "pdf", "dpi": 300, "copies": 1}


@pytest.mark.parametrize(
    ("given", "error", "path"),
    [
        ({"dpi": 0}, InvalidInput, ("dpi",)),
        ({"dpi": 299}, InvalidInput, ("dpi",)),
        ({"copies": 0}, InvalidInput, ("copies",)),
        ({"copies": 1_001}, InvalidInput, ("copies",)),
        ({"template": "x" * 81}, TooLarge, ("template",)),
        ({"reason": "two\nlines"}, InvalidInput, ("reason",)),
        ({"printer": "line-3", "format": PrintFormat.SVG}, InvalidInput, ("format",)),
        ({"overrides": (Override("a", "b"), Override("a", "c"))}, InvalidInput, ("overrides",)),
        ({"overrides": tuple(Override(f"r{n}", "b") for n in range(MOST_OVERRIDES + 1))}, TooLarge, ("overrides",)),
    ],
)
def test_what_an_order_may_not_say(given: dict[str, Any], error: type[InvalidInput], path: tuple[str, ...]) -> None:
    with pytest.raises(error) as refused:
        PrintOrder(**({"format": PrintFormat.ZPL} | given))
    assert refused.value.path == path


def test_an_override_names_a_rule_and_a_reason() -> None:
    for rule, reason in [("", "why"), ("text.height", ""), ("text.height", "x" * 1_001), ("^XZ\n", "why")]:
        with pytest.raises(InvalidInput):
            Override(rule, reason)


@pytest.mark.parametrize(
    ("labels", "copies", "path"),
    [(0, 1, "labels"), (MOST_LABELS + 1, 1, "labels"), (MOST_LABELS, 11, "copies"), (101, 1_000, "copies")],
)
def test_a_job_is_bounded(labels: int, copies: int, path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_few(labels, copies)
    assert refused.value.path == (path,)


def test_the_largest_jobs_are_let_pass() -> None:
    require_few(MOST_LABELS, 10)
    require_few(100, 1_000)


def test_evidence_holds_nothing_empty() -> None:
    symbol = PrintedSymbol("udi", "gs1datamatrix", "01095060001343521710\x1d", "0.3387", {"shape": "square"})
    made = Provenance("tag@2", "ab" * 32, (symbol, symbol), "zpl", 300, 2, "cd" * 32, job="job_a")
    evidence = made.as_evidence()
    assert "overridden" not in evidence
    assert [carrier["content"] for carrier in evidence["carriers"]] == [symbol.content] * 2
    canonical_json(evidence)
