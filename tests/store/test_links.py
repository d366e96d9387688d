"""Link sets in the database: found by the path of their level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.test_links import new_level, order
from twin.domain.actor import Actor
from twin.domain.history import Command
from twin.store.links import linkset_id

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def test_the_states_of_levels_are_found_in_one_look(bench: Bench, actor: Actor) -> None:
    one, other, none = new_level(), new_level(), new_level()
    await bench.services.links.set_many(actor, [order(one), order(other)], Command())
    found = await bench.store.links.states([one, other, none])
    assert found.keys() == {one, other}
    assert found[one]["default"] == "000"


async def test_each_level_has_an_id_of_its_own() -> None:
    ids = {linkset_id(path) for path in ("01/09506000134352", "01/09506000134352/10/A", "01/09506000134352/10/a")}
    assert len(ids) == 3
    assert all(found.startswith("lnk_") and len(found) == 36 for found in ids)
