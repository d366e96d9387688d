"""`twin read`: what a scanned text can be, on the command line, without a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import twin


def test_a_text_is_told_field_by_field(tmp_path: Path) -> None:
    told = twin(tmp_path, "read", "(01)09506000134352(17)261231(10)A1(21)ABC")
    assert told.returncode == 0, told.stderr
    lines = [line.split() for line in told.stdout.splitlines()]
    assert lines[0] == ["gs1:01/09506000134352/21/ABC"]
    assert [line[-1] for line in lines[1:5]] == ["09506000134352", "261231", "A1", "ABC"]
    assert lines[5:] == [["also", "gs1:01/09506000134352/10/A1"], ["also", "gs1:01/09506000134352"]]
    assert not list(tmp_path.iterdir())


def test_what_had_to_be_forgiven_is_told(tmp_path: Path) -> None:
    told = twin(tmp_path, "read", "WVWZZZ1JZXW000001", "--symbology", "]A0")
    assert told.returncode == 0, told.stderr
    assert "VIN_CHECK_DIGIT" in told.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(01)09506000134353", "check digit"),
        ("1M8GDM9AXKPO42788", "Perhaps 1M8GDM9AXKP042788 is meant"),
        ("a shopping list", "Text of no known form."),
    ],
)
def test_what_is_nothing_says_why(tmp_path: Path, text: str, said: str) -> None:
    told = twin(tmp_path, "read", text)
    assert (told.returncode, told.stdout) == (2, "")
    assert said in told.stderr
