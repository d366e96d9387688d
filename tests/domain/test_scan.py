"""What a read of a label means, from worst to best."""

from __future__ import annotations

from typing import Any

import pytest

from twin.domain.label import LabelState
from twin.domain.scan import Outcome, flags, outcome

PRINTED = {"printed": {"revision": 2, "face": {"tag": "7"}}, "face": {"tag": "7"}}
STALE = {"printed": {"revision": 2, "face": {"tag": "7"}}, "face": {"tag": "8"}}
EXPECTED = {
    LabelState.UNCLAIMED: Outcome.NOT_YET_APPLIED,
    LabelState.ISSUED: Outcome.NOT_YET_APPLIED,
    LabelState.PRINTED: Outcome.NOT_YET_APPLIED,
    LabelState.APPLIED: Outcome.CURRENT,
    LabelState.VERIFIED: Outcome.CURRENT,
    LabelState.DAMAGED: Outcome.DAMAGED,
    LabelState.REMOVED: Outcome.REMOVED,
    LabelState.REPLACED: Outcome.REPLACED,
    LabelState.VOID: Outcome.VOID,
}


def test_the_order_is_the_designs() -> None:
    assert [found.value for found in Outcome] == [
        *("RECALLED", "VOID", "REPLACED", "DAMAGED", "REMOVED", "NOT_YET_APPLIED", "STALE", "CURRENT", "UNKNOWN")
    ]
    assert set(EXPECTED) == set(LabelState)


@pytest.mark.parametrize(("state", "expected"), EXPECTED.items())
def test_a_state_alone(state: LabelState, expected: Outcome) -> None:
    head: dict[str, Any] = {"state": state.value, **PRINTED}
    assert flags(head) == (expected,)
    assert outcome(head) is expected


@pytest.mark.parametrize(("state", "expected"), EXPECTED.items())
def test_a_state_and_a_stale_paper(state: LabelState, expected: Outcome) -> None:
    head: dict[str, Any] = {"state": state.value, **STALE}
    both = (Outcome.STALE,) if expected is Outcome.CURRENT else (expected, Outcome.STALE)
    assert flags(head) == both
    assert outcome(head) is both[0]
