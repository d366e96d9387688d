"""The page of errors: one tree, one stable code each, messages that are safe to show."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from twin import errors
from twin.errors import SHOWN_CHARACTERS, IllegalMove, InvalidInput, NotFound, TwinError, shown

TREE = {
    "InvalidInput": ("TwinError", "INVALID_INPUT"),
    "InvalidIdentifier": ("InvalidInput", "INVALID_IDENTIFIER"),
    "TooLarge": ("InvalidInput", "TOO_LARGE"),
    "CursorTooOld": ("InvalidInput", "CURSOR_TOO_OLD"),
    "NotFound": ("TwinError", "NOT_FOUND"),
    "Refused": ("TwinError", "REFUSED"),
    "IllegalMove": ("Refused", "ILLEGAL_MOVE"),
    "RevisionConflict": ("Refused", "REVISION_CONFLICT"),
    "MutationIdReused": ("Refused", "MUTATION_ID_REUSED"),
    "IdentifierTaken": ("Refused", "IDENTIFIER_TAKEN"),
    "AssetMerged": ("Refused", "ASSET_MERGED"),
    "LabelNotClean": ("Refused", "LABEL_NOT_CLEAN"),
    "InconsistentFact": ("Refused", "INCONSISTENT_FACT"),
    "SerialsExhausted": ("Refused", "SERIALS_EXHAUSTED"),
    "Unauthenticated": ("TwinError", "UNAUTHENTICATED"),
    "Forbidden": ("TwinError", "FORBIDDEN"),
    "RateLimited": ("TwinError", "RATE_LIMITED"),
    "Unavailable": ("TwinError", "UNAVAILABLE"),
    "FellBehind": ("Unavailable", "FELL_BEHIND"),
    "PrinterStopped": ("Unavailable", "PRINTER_STOPPED"),
    "TimedOut": ("Unavailable", "TIMED_OUT"),
    "SetupError": ("Unavailable", "SETUP"),
}


def test_every_error_stands_in_the_tree_with_its_code() -> None:
    found = {
        name: (kind.__bases__[0].__name__, kind.code)
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, TwinError) and kind is not TwinError
    }
    assert found == TREE
    assert {*TREE, "TwinError", "shown", "within"} == set(errors.__all__)
    assert [name for name in re.findall(r"\b[A-Z]\w+", errors.__doc__ or "") if name in TREE] == list(TREE)


def test_a_message_tells_what_was_expected_and_found() -> None:
    conflict = errors.RevisionConflict(twin="lbl_one", expected=3, actual=5)
    assert "expected revision 3, found 5" in conflict.message
    assert (conflict.expected, conflict.actual) == (3, 5)
    assert str(conflict) == conflict.message
    assert "'m-1'" in errors.MutationIdReused("m-1").message
    assert errors.IdentifierTaken("vin:X", None).message == "'vin:X' is already the identifier of another asset."
    assert "ast_one" in errors.IdentifierTaken("vin:X", "ast_one").message
    assert InvalidInput("x", path=("face", "tag")).path == ("face", "tag")
    assert InvalidInput("x").path == ()


def test_not_found_does_not_tell_the_missing_thing_from_the_missing_right() -> None:
    assert NotFound("label", "lbl_x").message == "There is no label 'lbl_x', or you may not see it."


def test_an_illegal_move_names_the_move_the_state_and_the_ways_out() -> None:
    error = IllegalMove(move="APPLY", state="VOID", allowed=("PRINTED",), legal=())
    assert error.message == "APPLY is not legal now: it needs PRINTED, found VOID. Legal now: nothing."
    why = IllegalMove(move="REPLACE", state="ISSUED", allowed=("ISSUED",), legal=("PRINT", "VOID"), why="itself")
    assert why.message == "REPLACE is not legal now: itself. Legal now: PRINT, VOID."


@given(st.text(max_size=3 * SHOWN_CHARACTERS))
@example("it's " * 30)
def test_a_shown_text_is_printable_short_and_quoted(value: str) -> None:
    text = shown(value)
    assert text.isprintable()
    assert len(text) <= 10 * SHOWN_CHARACTERS + len("'…' (180 characters)")
    if len(value) > SHOWN_CHARACTERS:
        assert text.endswith(f"…{text[0]} ({len(value)} characters)")
    else:
        assert text[0] == text[-1]
        assert text[0] in "'\""


@pytest.mark.parametrize(
    "value", [["x"] * 10_000, b"x" * 10_000, 10**5_000, {"a": "x" * 10_000}], ids=["list", "bytes", "int", "dict"]
)
def test_a_shown_value_of_any_other_type_is_short_too(value: object) -> None:
    assert len(shown(value)) < 10 * SHOWN_CHARACTERS
