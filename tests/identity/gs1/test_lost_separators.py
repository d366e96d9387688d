from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.identity.gs1.strategies import messages
from twin.identity.gs1 import _lost_separators
from twin.identity.gs1._ais import AIS, ApplicationIdentifier, Element, ai_at
from twin.identity.gs1._element_string import element_string_of
from twin.identity.gs1._lost_separators import guesses

GTIN = "0109506000134352"


def bracketed(text: str) -> list[str]:
    return ["".join(f"({ai}){value}" for ai, value in elements) for elements, _ in guesses(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GTIN, []),
        (GTIN + "10ABC", []),
        (GTIN + "10ABC21SER", ["(01)09506000134352(10)ABC(21)SER"]),
        (GTIN + "17261231", []),
        (GTIN + "10ABC17261231", ["(01)09506000134352(10)ABC(17)261231"]),
        (GTIN + "10ABC17261331", []),
        (GTIN + "2110101", ["(01)09506000134352(21)10(10)1"]),
        ("10ABC" + GTIN, ["(10)ABC(01)09506000134352", "(10)ABC010(95)06000134352"]),
        (
            GTIN + "10A21B240C",
            [
                "(01)09506000134352(10)A(21)B240C",
                "(01)09506000134352(10)A21B(240)C",
                "(01)09506000134352(10)A(21)B(240)C",
            ],
        ),
        # (95) is as possible as (21), but what is common stands first
        (
            GTIN + "10A95B21C",
            [
                "(01)09506000134352(10)A95B(21)C",
                "(01)09506000134352(10)A(95)B21C",
                "(01)09506000134352(10)A(95)B(21)C",
            ],
        ),
    ],
)
def test_where_separators_may_have_been(text: str, expected: list[str]) -> None:
    assert bracketed(text) == expected


def test_each_assumed_separator_is_a_finding() -> None:
    _, findings = guesses(GTIN + "10A21B240C")[-1]
    assert [(finding.code, finding.message) for finding in findings] == [
        ("GS1_MISSING_SEPARATOR", "Position 20: expected a separator after (10) A, found none; assumed one."),
        ("GS1_MISSING_SEPARATOR", "Position 23: expected a separator after (21) B, found none; assumed one."),
    ]


@given(messages())
def test_what_was_lost_is_among_the_guesses(elements: tuple[Element, ...]) -> None:
    string = element_string_of(elements)
    lost = string.count("\x1d")
    short = all(len(value) < 4 or AIS[ai].predefined_length for ai, value in elements)
    if lost and short:
        found = guesses(string.replace("\x1d", ""))
        assert (elements in [guess for guess, _ in found]) == (lost <= 3)
    for guess, findings in guesses(string.replace("\x1d", "")):
        assert "".join(ai + value for ai, value in guess) == string.replace("\x1d", "")
        assert all(AIS[ai].accepts(value) for ai, value in guess)
        assert 1 <= len(findings) <= 3


@given(st.text("01279AB", max_size=200))
def test_nothing_is_guessed_of_nothing(text: str) -> None:
    assert all("".join(ai + value for ai, value in elements) == text for elements, _ in guesses(text))


@pytest.mark.parametrize(
    "text", ["10" * 1000, "91" * 1000, GTIN + "9192939495969798" * 100, "3103" * 500, "00" * 1000, GTIN + "2110" * 400]
)
def test_the_search_is_bounded(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    def counted(looked: str, position: int) -> ApplicationIdentifier | None:
        nonlocal looks
        looks += 1
        return ai_at(looked, position)

    monkeypatch.setattr(_lost_separators, "ai_at", counted)
    guesses(text)
    assert looks <= 5_000
