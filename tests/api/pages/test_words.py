"""Nothing that can happen is without a word for people."""

from __future__ import annotations

from twin.api.errors import STATUSES
from twin.api.pages import words
from twin.domain.fact import SHAPES, Counting, FactKind, InspectionOutcome, Movement
from twin.domain.label import LabelAction, LabelState
from twin.domain.scan import Outcome
from twin.domain.spans import GENEALOGY
from twin.services import printing


def test_every_outcome_state_and_action_has_words() -> None:
    assert set(words.VERDICTS) == set(Outcome) - {Outcome.UNKNOWN}, "a label that we show is never unknown"
    assert set(words.STATES) == set(LabelState)
    assert set(words.ACTIONS) == set(LabelAction)


def test_every_fact_has_words() -> None:
    assert set(words.FACTS) == set(FactKind)
    assert set(words.HOWS) == set(GENEALOGY)
    assert set(words.MOVEMENTS) == set(Movement)
    assert set(words.FOUND) == set(InspectionOutcome)
    assert set(words.COUNTINGS) == set(Counting)
    assert set(words.SAID) == {name for shape in SHAPES.values() for name in shape.said}


def test_every_symbology_has_a_name() -> None:
    assert set(words.SYMBOLOGIES) == set(printing.symbologies())


def test_verdicts_can_be_told_apart_by_their_words_alone() -> None:
    verdicts = [*words.VERDICTS.values(), words.UNCLAIMED, words.LOST]
    for said in ("badge", "headline", "advice"):
        assert len({getattr(verdict, said) for verdict in verdicts}) == len(verdicts)


def test_problems_have_the_statuses_that_errors_have() -> None:
    assert set(words.PROBLEMS) <= set(STATUSES.values())
