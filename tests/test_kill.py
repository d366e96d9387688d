"""kill -9 in the middle of writes, of the service or of its own mongod, loses and doubles nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.load import LONGEST_S, Load, check
from tests.running import running, twin
from twin.store import embedded

CHANGES = 20


def checked(folder: Path, load: Load, longest_s: float = LONGEST_S) -> str:
    """The figures in a line, after a look at each version."""
    with embedded.acquire(folder) as mongod:
        return check(mongod.uri, load.figures, longest_s=longest_s)


def kill_mongod(folder: Path) -> None:
    """kill -9 of the embedded mongod, whose pid stands beside its data."""
    os.kill(json.loads((folder / "mongod.json").read_text())["pid"], signal.SIGKILL)


def killed_services(folder: Path, rounds: int, seed: int, *, mongod_too: bool = False) -> tuple[str, int]:
    """Kill the service `rounds` times under load and start it again; the figures, and how many were acknowledged.

    Args:
        folder: for its data.
        rounds: how many kills.
        seed: of the moments.
        mongod_too: whether its mongod is killed first, while the service runs.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    load = Load(twin(folder, "keys", "add", "kill-test", "--role", "admin").stdout.strip(), may_die=True)

    def kill_one() -> None:
        load.wait_for(CHANGES)
        time.sleep(chance.uniform(0, 1.2))  # the moment of the kill is the point of the test
        if mongod_too:
            kill_mongod(folder)
            time.sleep(chance.uniform(0, 1.2))
        service.process.send_signal(signal.SIGKILL)

    with running(folder, "serve") as service, load.on(service.url):
        kill_one()
        for _ in range(rounds - 1):
            with running(folder, "serve") as service:
                load.url = service.url
                kill_one()
        with running(folder, "serve") as service:
            load.url = service.url
            load.wait_for(CHANGES)
            load.stop()
    assert load.figures.unanswered == set()
    return checked(folder, load), load.count()


def test_nothing_acknowledged_is_lost_when_the_service_is_killed(tmp_path: Path) -> None:
    _, changes = killed_services(tmp_path, rounds=3, seed=20261122)
    assert changes > 50


def test_nothing_acknowledged_is_lost_when_service_and_mongod_are_killed(tmp_path: Path) -> None:
    _, changes = killed_services(tmp_path, rounds=2, seed=20261122, mongod_too=True)
    assert changes > 50


def test_a_service_whose_mongod_was_killed_says_so_and_has_everything_after_a_restart(tmp_path: Path) -> None:
    load = Load(twin(tmp_path, "keys", "add", "kill-test", "--role", "admin").stdout.strip(), may_die=True)
    with running(tmp_path, "serve") as service, load.on(service.url):
        load.wait_for(CHANGES)
        kill_mongod(tmp_path)
        load.wait_for_error()
        assert set(load.figures.errors) == {"UNAVAILABLE"}
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        ready = httpx.get(f"{service.url}/readyz", timeout=30)
        assert ready.status_code == 503
        assert ready.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(60) == 0
        with running(tmp_path, "serve") as again:
            load.url = again.url
            load.wait_for(CHANGES)
            load.stop()
    assert load.figures.unanswered == set()
    # One after the other: an error, the look at /readyz, the answers to what was under way at the end, and a start.
    checked(tmp_path, load, longest_s=LONGEST_S + 20)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_nothing_acknowledged_is_lost_in_twenty_kills(tmp_path: Path) -> None:
    figures, changes = killed_services(tmp_path, rounds=20, seed=int(time.time()))
    print(f"\n20 services killed: {figures}")  # noqa: T201 - a figure for the note
    assert changes > 1_000


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_nothing_acknowledged_is_lost_in_twenty_kills_of_both(tmp_path: Path) -> None:
    figures, changes = killed_services(tmp_path, rounds=20, seed=int(time.time()), mongod_too=True)
    print(f"\n20 services and their mongods killed: {figures}")  # noqa: T201 - a figure for the note
    assert changes > 1_000
