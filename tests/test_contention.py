"""64 writers on one twin: each revision is won once, everybody gets a turn, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

import pytest

from tests.services.factory import applied, issued, name, stored
from twin.domain.actor import Actor
from twin.domain.history import Command
from twin.errors import RevisionConflict, Unavailable

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

WRITERS = 64


async def revised(bench: Bench, actor: Actor, turns: int) -> str:
    """64 writers revise one label until each has done so `turns` times; the figures in a line."""
    label = (await issued(bench, actor))["_id"]
    won: dict[int, int] = {}
    conflicts: Counter[int] = Counter()
    finished: list[float] = []
    told: list[tuple[int, int, int]] = []
    began = time.monotonic()

    async def write(writer: int) -> None:
        seen = (await bench.services.labels.find(actor, label))["revision"]
        for turn in range(turns):
            while True:
                command = Command(expected_revision=seen, client_mutation_id=name())
                text = {"by": f"{writer}-{turn}"}
                try:
                    answer = await bench.services.labels.revise(actor, label, face={}, attributes=text, command=command)
                except RevisionConflict as conflict:
                    told.append((seen, conflict.expected, conflict.actual))
                    conflicts[writer] += 1
                    seen = conflict.actual
                    continue
                except Unavailable:
                    continue
                assert answer["revision"] == seen + 1
                assert won.setdefault(answer["revision"], writer) == writer, "a revision was won twice"
                seen = answer["revision"]
                break
        finished.append(time.monotonic() - began)

    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    seconds = time.monotonic() - began
    assert all(seen == expected < actual for seen, expected, actual in told)
    document = await stored(bench, label)
    versions = await bench.store.labels.versions(document)
    assert sorted(won) == list(range(2, WRITERS * turns + 2))
    assert [version["revision"] for version in versions] == list(range(1, WRITERS * turns + 2))
    texts = [version["snapshot"]["attributes"]["by"] for version in versions[1:]]
    assert sorted(texts) == sorted(f"{writer}-{turn}" for writer in range(WRITERS) for turn in range(turns))
    assert [int(text.split("-")[0]) for text in texts] == [won[revision] for revision in sorted(won)]
    half = Counter(won[revision] for revision in range(2, len(won) // 2 + 2))
    wins = sorted(half[writer] for writer in range(WRITERS))
    return (
        f"{len(won)} revisions in {seconds:.1f} s ({len(won) / seconds:.0f}/s), {conflicts.total()} conflicts; when "
        f"half were won, a writer had won min {wins[0]}, median {median(wins):g}, max {wins[-1]} of {turns}; "
        f"the first was done after {finished[0]:.1f} s"
    )


async def moved(bench: Bench, actor: Actor, turns: int) -> str:
    """64 writers record failed verifications of one label, each `turns`, without an expected revision."""
    label = (await applied(bench, actor))["_id"]
    began = time.monotonic()
    acknowledged: dict[str, int] = {}
    refused = 0

    async def write(writer: int) -> None:
        nonlocal refused
        for turn in range(turns):
            read, command = f"{writer}-{turn}", Command(client_mutation_id=name())
            while read not in acknowledged:
                try:
                    answer = await bench.services.labels.verify(actor, label, read=read, grade=None, command=command)
                except Unavailable:
                    refused += 1
                    continue
                acknowledged[read] = answer["revision"]

    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    seconds = time.monotonic() - began
    versions = await bench.store.labels.versions(await stored(bench, label))
    found = {version["evidence"]["read"]: version["revision"] for version in versions[3:]}
    assert found == acknowledged
    assert len(versions) == 3 + WRITERS * turns
    return f"{len(found)} moves in {seconds:.1f} s ({len(found) / seconds:.0f}/s), Unavailable {refused}"


async def test_sixty_four_who_revise_one_label(bench: Bench, actor: Actor) -> None:
    await revised(bench, actor, turns=3)


async def test_sixty_four_who_move_one_label(bench: Bench, actor: Actor) -> None:
    await moved(bench, actor, turns=2)


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_sixty_four_who_revise_one_label_for_long(bench: Bench, actor: Actor) -> None:
    print(f"\n64 writers with expectedRevision: {await revised(bench, actor, turns=30)}")  # noqa: T201 - for the note


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_sixty_four_who_move_one_label_for_long(bench: Bench, actor: Actor) -> None:
    print(f"\n64 writers without: {await moved(bench, actor, turns=10)}")  # noqa: T201 - for the note
