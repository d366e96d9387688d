"""The words that twins are found by: whatever people have of a text finds it, and the index agrees with the rules."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.domain.search import (
    LONGEST_WORD,
    MOST_WORDS,
    SHORTEST_ASKED,
    Fit,
    Match,
    ending,
    match,
    ways_of,
    words_after,
    words_of,
)
from twin.errors import InvalidInput, TooLarge

VIN = "1M8GDM9AXKP042788"
LABEL: dict[str, Any] = {
    "link_id": "0123456789ABC8",
    "state": "APPLIED",
    "profile": "vin_plate",
    "asset": "ast_secret",
    "payload": "HTTPS://TWIN.EXAMPLE/L/0123456789ABC8",
    "face": {"vin": VIN, "manufacturer": "Müller & Söhne"},
    "printed": {"revision": 2, "face": {"vin": VIN, "manufacturer": "Elsewhere"}},
    "attributes": {"workOrder": "see WO-4711 first"},
}
LETTERS = string.ascii_letters + string.digits + "äßÉøŁЖЛ中٣ -_./:&(§"
TEXTS = st.text(LETTERS, min_size=1, max_size=40)
STATES = st.fixed_dictionaries({"name": TEXTS, "attributes": st.dictionaries(st.sampled_from("abc"), TEXTS)})


def found(state: dict[str, Any], text: str, *identifiers: str) -> Match | None:
    return match(state, ways_of(text, identifiers))


def test_the_words_of_a_label_are_those_of_its_own_texts() -> None:
    words = {word for word in words_of(LABEL) if not word.startswith("<")}
    assert words == {
        *("0123456789ABC8", VIN, "MULLERSOHNE", "MULLER", "SOHNE"),
        *("SEEWO4711FIRST", "SEE", "WO4711", "FIRST", "WO", "4711"),
    }


@pytest.mark.parametrize(
    ("text", "fit", "paths"),
    [
        (VIN, Fit.EXACT, ("face.vin",)),
        ("042788", Fit.END, ("face.vin",)),
        ("2788", Fit.END, ("face.vin",)),
        ("1m8gdm", Fit.BEGINNING, ("face.vin",)),
        ("müller", Fit.EXACT, ("face.manufacturer",)),
        ("MULLER", Fit.EXACT, ("face.manufacturer",)),
        ("Mu\u0308ller", Fit.EXACT, ("face.manufacturer",)),
        ("söhne müll", Fit.BEGINNING, ("face.manufacturer",)),
        ("WO-4711", Fit.EXACT, ("attributes.workOrder",)),
        ("wo4711", Fit.EXACT, ("attributes.workOrder",)),
        ("wo 4711", Fit.EXACT, ("attributes.workOrder",)),
        ("4711", Fit.EXACT, ("attributes.workOrder",)),
        ("2788 4711", Fit.END, ("face.vin", "attributes.workOrder")),
        ("8 WO 4711", Fit.END, ("linkId", "face.vin", "attributes.workOrder")),
        ("0123-4567-89AB-C8", Fit.EXACT, ("linkId",)),
        ("47111", None, ()),
        ("GDM9A", None, ()),
        ("elsewhere", None, ()),
        ("applied", None, ()),
        ("2788 nothing", None, ()),
    ],
)
def test_what_finds_a_label_and_by_which_field(text: str, fit: Fit | None, paths: tuple[str, ...]) -> None:
    assert found(LABEL, text) == (None if fit is None else Match(fit, paths))


@pytest.mark.parametrize("asked", ["PN-12 34", "pn-1234", "PN1234", "1234", "PN 12 34", "PN.12/34"])
def test_a_part_number_is_found_with_and_without_its_separators(asked: str) -> None:
    assert found({"attributes": {"part": "PN-12 34"}}, asked) is not None


def test_an_identifier_is_found_by_its_values_and_not_by_its_scheme_or_keys() -> None:
    state = {"identifiers": ["vin:" + VIN, "gs1:01/09506000134352/8004/SER%2F42"]}
    for asked in (VIN, "34352", "SER/42", "ser42"):
        assert found(state, asked) is not None, asked
    for asked in ("vin", "gs1", "8004"):
        assert found(state, asked) is None, asked
    assert found(state, f"vin:{VIN}") is None
    assert found(state, f"vin:{VIN}", f"vin:{VIN}") == Match(Fit.EXACT, ("identifiers",))
    whole = "gs1:01/09506000134352/8004/SER%2F42"
    assert found(state, "(01)…", whole) == Match(Fit.EXACT, ("identifiers",))


def test_the_best_way_to_read_a_question_counts() -> None:
    state = {"name": "AB 123", "attributes": {"a": "AB12345", "b": "7123"}}
    assert found(state, "AB-123") == Match(Fit.EXACT, ("name", "attributes.a"))
    assert found({"attributes": {"a": "12AB", "b": "7123"}}, "AB-123") == Match(
        Fit.END, ("attributes.a", "attributes.b")
    )


@given(STATES, st.data())
def test_the_head_and_the_tail_of_every_word_find_it(state: dict[str, Any], data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([state["name"], *state["attributes"].values()]))
    try:
        [word, *_], *_ = ways_of(text)
    except InvalidInput:
        return
    length = data.draw(st.integers(min(SHORTEST_ASKED, len(word)), len(word)))
    for asked in (word[:length], word[len(word) - length :]):
        assert match(state, [(asked,)]) is not None


@given(STATES, st.data())
def test_the_index_finds_what_the_rules_find_and_nothing_else(state: dict[str, Any], data: st.DataObject) -> None:
    kept = words_of(state)
    source = "".join(word for word in kept if not word.startswith("<"))
    if len(source) < SHORTEST_ASKED:
        return
    start = data.draw(st.integers(0, len(source) - SHORTEST_ASKED))
    asked = source[start : start + data.draw(st.integers(SHORTEST_ASKED, 9))]
    by_index = any(word.startswith((asked, ending(asked))) for word in kept)
    assert by_index == (match(state, [(asked,)]) is not None)


@given(TEXTS)
def test_a_text_finds_itself_however_it_is_written(text: str) -> None:
    for asked in (text, text.upper(), text.lower(), f"({text})"):
        try:
            ways = ways_of(asked)
        except InvalidInput:
            continue
        assert match({"name": text}, ways) is not None, asked


def test_words_are_bounded_and_do_not_depend_on_the_order_of_the_fields() -> None:
    attributes = {f"a{number:02}": f"{number} {'x' * number}y" for number in range(64)}
    state = {"name": "Anna", "identifiers": ["vin:" + VIN], "attributes": attributes}
    words = words_of(state)
    assert words == sorted(set(words))
    assert words == words_of({**state, "attributes": dict(reversed(attributes.items()))})
    assert sum(not word.startswith("<") for word in words) == MOST_WORDS
    assert {"ANNA", VIN} <= set(words), "the narrow fields come first"
    long = {"name": "x" * 500 + "END", "attributes": {"a": "é" * 1_000}}
    assert max(map(len, words_of(long))) == LONGEST_WORD + 1
    assert found(long, "END") == Match(Fit.END, ("name",))
    assert any(word.startswith("<DNE") for word in words_of(long))


def test_what_has_no_shape_of_ours_has_no_words() -> None:
    assert words_of({}) == []
    assert words_of({"name": 7, "face": ["A", {"b": "C"}, None], "attributes": "D", "identifiers": [3]}) == [
        *("A", "C", "D"),
    ]


@pytest.mark.parametrize("text", ["", " ", "ab", ".*", "?-(", "é", "a" * (LONGEST_WORD + 1)])
def test_what_has_no_word_to_search_for_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="expected one of 3 to 64 letters and digits") as refused:
        ways_of(text)
    assert refused.value.path == ("text",)


def test_more_than_five_words_are_refused() -> None:
    assert ways_of("one two three four five")
    with pytest.raises(TooLarge, match="at most 5 words, found 6"):
        ways_of("one two three four five six")
    assert ways_of("one-two-three-four-five-six") == [("ONETWOTHREEFOURFIVESIX",)]


def test_a_change_of_what_is_not_searched_has_no_words() -> None:
    assert words_after(LABEL, {**LABEL, "state": "VOID", "asset": None, "printed": {}}) is None
    assert words_after(LABEL, {**LABEL, "face": {"vin": VIN}}) == words_of({**LABEL, "face": {"vin": VIN}})
