"""Messages show the value, what was expected and what was found, and can be shown anywhere."""

from __future__ import annotations

import pytest

from renderers import RenderError


class Rude:
    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x", "'x'"),
        ("\ud800", r"'\ud800'"),
        ("1M8\u202eGDM", r"'1M8\u202eGDM'"),
        ("A" * 61, f"'{'A' * 60}'…"),
        (None, "None"),
        (True, "True"),
        (0.5, "0.5"),
        (2**64 - 1, "18446744073709551615"),
        pytest.param(10**5000, "a value of type int", id="whose repr is a ValueError"),
        (b"secret", "a value of type bytes"),
        (Rude(), "a value of type Rude"),
    ],
)
def test_any_value_can_be_shown(value: object, shown: str) -> None:
    assert str(RenderError("thing", value, expected="better")) == f"thing: expected better, found {shown}"
    assert str(RenderError("thing", value, expected="2", found="3")) == f"thing {shown}: expected 2, found 3"


def test_the_parts_can_be_read() -> None:
    error = RenderError("thing", 1, expected="2", found="3")
    assert (error.what, error.value, error.expected, error.found) == ("thing", 1, "2", "3")
    assert isinstance(error, ValueError)
