"""Templates in the store: one document for each version, which one step changes at a time."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.life import T0
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


@pytest.fixture
def name() -> str:
    return f"t{uuid.uuid4().hex}"


def version(name: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "_id": f"{name}@{number}",
        "name": name,
        "version": number,
        "profile": name,
        "state": "DRAFT",
        "revision": 1,
        "layout": {"width": "50", "elements": [{"kind": "text"}]},
        "events": [{"action": "DRAW", "at": T0}],
        "created": {"recorded_at": T0},
        **more,
    }


async def test_a_version_is_kept_once(bench: Bench, name: str) -> None:
    templates = bench.store.templates
    assert await templates.add(version(name))
    assert not await templates.add(version(name, state="APPROVED"))
    for sure in (False, True):
        assert await templates.find(f"{name}@1", sure=sure) == version(name)
    assert await templates.find(f"{name}@2") is None


async def test_of_many_steps_on_one_revision_one_is_kept(bench: Bench, name: str) -> None:
    templates = bench.store.templates
    await templates.add(version(name))
    steps = [version(name, revision=2, state=f"S{number}") for number in range(12)]
    kept = await asyncio.gather(*map(templates.replace, steps))
    assert kept.count(True) == 1
    assert await templates.find(f"{name}@1") == steps[kept.index(True)]
    assert not await templates.replace(version(name, revision=2))
    assert not await templates.replace(version(name, revision=4))


async def test_a_mutation_is_kept_once_wherever_it_stands(bench: Bench, name: str) -> None:
    templates = bench.store.templates
    event = {"action": "DRAW", "at": T0, "mutation": f"{name} m", "digest": "d"}
    await templates.add(version(name, events=[event]))
    assert not await templates.add(version(name, 2, events=[event]))
    await templates.add(version(name, 3))
    assert not await templates.replace(version(name, 3, revision=2, events=[{"at": T0}, event]))
    found = await templates.by_mutation(f"{name} m")
    assert found is not None
    assert found["_id"] == f"{name}@1"
    assert await templates.by_mutation(f"{name} n") is None


async def test_the_newest_is_that_of_the_highest_number(bench: Bench, name: str) -> None:
    templates = bench.store.templates
    assert await templates.newest(name) is None
    for number, state in ((9, "APPROVED"), (2, "APPROVED"), (10, "DRAFT")):
        await templates.add(version(name, number, state=state))
    newest, approved = await templates.newest(name, sure=True), await templates.newest(name, state="APPROVED")
    assert newest is not None
    assert approved is not None
    assert (newest["version"], approved["version"]) == (10, 9)


async def test_versions_are_listed_without_their_elements(bench: Bench, name: str) -> None:
    templates = bench.store.templates
    for number, state in ((1, "APPROVED"), (2, "DRAFT"), (3, "APPROVED")):
        await templates.add(version(name, number, state=state))
    page = await templates.page(PageRequest(2), profiles=[name])
    assert [document["version"] for document in page.documents] == [3, 2]
    assert page.has_next
    assert page.documents[0]["layout"] == {"width": "50"}
    assert await templates.count(profiles=[name]) == 3
    assert await templates.count(profiles=[name], state="APPROVED") == 2
    assert await templates.count() >= 3
