"""Link sets in the database: found by the path of their level."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.services.test_links import link, new_level, order
from twin.domain.actor import Actor
from twin.domain.history import Command
from twin.store import links
from twin.store.links import linkset_id

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def test_the_states_of_levels_are_found_in_one_look(bench: Bench, actor: Actor) -> None:
    one, other, none = new_level(), new_level(), new_level()
    await bench.services.links.set_many(actor, [order(one), order(other)], Command())
    found = await bench.store.links.of_levels([one, other, none])
    assert found.keys() == {one, other}
    assert found[one].links[0].default
    assert await bench.store.links.of_levels([]) == {}


async def test_a_change_is_seen_by_the_next_look_and_the_same_is_read_once(bench: Bench, actor: Actor) -> None:
    level = new_level()
    await bench.services.links.set(actor, order(level), Command())
    looks = await asyncio.gather(*(bench.store.links.of_levels([level]) for _ in range(200)))
    assert len({id(found[level]) for found in looks}) == 1
    await bench.services.links.set(actor, order(level, link("faqs"), expected=1), Command())
    assert (await bench.store.links.of_levels([level]))[level].links[0].title == "faqs"


async def test_what_is_remembered_is_bounded(bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_REMEMBERED", 7)
    store, levels = links.Links(bench.mongo), [new_level() for _ in range(5)]
    await bench.services.links.set_many(actor, [order(level) for level in levels], Command())
    for _ in range(2):
        assert len(await store.of_levels(levels)) == 5
    assert len(store._known) == 3


async def test_each_level_has_an_id_of_its_own() -> None:
    ids = {linkset_id(path) for path in ("01/09506000134352", "01/09506000134352/10/A", "01/09506000134352/10/a")}
    assert len(ids) == 3
    assert all(found.startswith("lnk_") and len(found) == 44 for found in ids)
