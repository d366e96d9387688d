"""The README's walk, run word for word against the demo: the printed results match."""

from __future__ import annotations

from pathlib import Path

from tests.walks import walked


def test_the_walk_prints_what_the_readme_says(tmp_path: Path) -> None:
    found, expected = walked("README.md", tmp_path)
    printed = [line for line in found if not line.startswith("label.png  ")]
    assert printed == expected
    assert len(printed) == 8
