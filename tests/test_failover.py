"""kill -9 of the primary of a replica set, under load, again and again: nothing is lost, doubled or torn."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from tests.load import Load, check
from tests.replicaset import ReplicaSet, replica_set
from tests.running import running, twin

CHANGES = 5
LONELY_S = 0.5  # shorter than the time after which a primary without followers steps down


def kill_the_primary(replicas: ReplicaSet, load: Load) -> None:
    """The others choose a new one."""
    primary = replicas.primary()
    primary.end(signal.SIGKILL)
    load.wait_for(CHANGES)
    primary.start()


def kill_the_primary_that_is_alone(replicas: ReplicaSet, load: Load) -> None:
    """What it wrote since its followers died is on no other member: the new primary must not miss it."""
    primary = replicas.primary()
    others = [member for member in replicas.members if member is not primary]
    for member in others:
        member.end(signal.SIGKILL)
    time.sleep(LONELY_S)
    primary.end(signal.SIGKILL)
    for member in others:
        member.start()
    load.wait_for(CHANGES)
    primary.start()


def killed_primaries(folder: Path, rounds: int, seed: int) -> tuple[str, int]:
    """Kill the primary `rounds` times under load; the figures in a line, and how many changes were acknowledged."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    with replica_set(folder / "set") as replicas, pytest.MonkeyPatch.context() as environment:
        environment.setenv("TWIN_MONGO_URI", replicas.uri)
        load = Load(twin(folder, "keys", "add", "failover", "--role", "admin").stdout.strip())
        with running(folder, "serve") as service, load.on(service.url):
            for number in range(rounds):
                load.wait_for(CHANGES)
                time.sleep(chance.uniform(0, 1.5))  # the moment of the kill is the point of the test
                kill = kill_the_primary_that_is_alone if number % 3 == 1 else kill_the_primary
                kill(replicas, load)
                replicas.whole()
        assert load.figures.unanswered == set()
        return check(replicas.uri, load.figures), load.count()


def test_nothing_is_lost_when_the_primary_is_killed(tmp_path: Path) -> None:
    figures, changes = killed_primaries(tmp_path, rounds=2, seed=20261122)
    print(figures)  # noqa: T201 - shown when it fails
    assert changes > 50


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_nothing_is_lost_when_the_primary_is_killed_twenty_times(tmp_path: Path) -> None:
    figures, changes = killed_primaries(tmp_path, rounds=20, seed=int(time.time()))
    print(f"\n20 primaries killed: {figures}")  # noqa: T201 - a figure for the note
    assert changes > 1_000
