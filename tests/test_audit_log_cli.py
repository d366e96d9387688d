"""The audit log of the command line: what it changes stands there, and it prints what stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import twin

ISSUE = ("vin:1M8GDM9AXKP042788", "-p", "asset_tag", "-f", "tag=7")


@pytest.mark.timeout(120)
def test_commands_that_change_something_stand_in_the_log_which_prints_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert twin(data, "issue", *ISSUE).returncode == 1  # no such asset
    assert twin(data, "issue", *ISSUE, "-r", "vehicle").returncode == 0
    key = twin(data, "keys", "add", "line-7", "--role", "admin").stdout.strip()
    printed = twin(data, "audit-log")
    assert printed.returncode == 0, printed.stderr
    told = [line.split("  ")[1:] for line in printed.stdout.splitlines()]
    assert told == [
        ["done", "cli keys add", "cli", "-", "-"],
        ["done", "cli issue", "cli", "-", "-"],
        ["NOT_FOUND", "cli issue", "cli", "-", "-"],
    ]
    assert key
    assert key not in printed.stdout
    refused = twin(data, "audit-log", "--outcome", "NOT_FOUND", "--actor", "cli", "--since", "2026-01-01T00:00:00Z")
    assert len(refused.stdout.splitlines()) == 1
    assert "audit-log" in twin(data, "audit-log").stdout.splitlines()[0]
    wrong = twin(data, "audit-log", "--since", "yesterday")
    assert wrong.returncode == 2
    assert "'yesterday'" in wrong.stderr


@pytest.mark.timeout(120)
def test_backups_and_restores_stand_in_the_log(tmp_path: Path) -> None:
    data, other, file = tmp_path / "data", tmp_path / "other", tmp_path / "all.twins"
    assert twin(data, "issue", *ISSUE, "-r", "vehicle").returncode == 0
    assert twin(data, "backup", str(file)).returncode == 0
    assert twin(data, "backup", str(file)).returncode == 1  # it is there already
    (tmp_path / "torn").write_bytes(file.read_bytes()[:-100])
    assert twin(other, "restore", str(tmp_path / "torn")).returncode == 2
    assert twin(other, "restore", str(file)).returncode == 0
    assert twin(other, "restore", str(file)).returncode == 1  # it is not empty any more

    def told(folder: Path) -> list[list[str]]:
        return [line.split("  ")[1:3] for line in twin(folder, "audit-log").stdout.splitlines()]

    assert told(data) == [["REFUSED", "cli backup"], ["done", "cli backup"], ["done", "cli issue"]]
    assert told(other) == [["REFUSED", "cli restore"], ["done", "cli restore"], ["done", "cli issue"]]
