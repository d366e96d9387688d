"""Keys: made, recognised, and never kept as text."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from twin.domain.actor import full_actor
from twin.errors import InvalidInput, Unauthenticated

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def test_a_key_stands_for_its_actor(bench: Bench) -> None:
    name = f"line-3.{uuid.uuid4().hex[:8]}"
    one, two = await bench.services.keys.add(name), await bench.services.keys.add(name)
    assert one != two
    assert len(one) >= 43
    assert await bench.services.keys.actor(one) == await bench.services.keys.actor(two) == full_actor(name)


async def test_the_text_of_a_key_stands_nowhere_in_the_database(bench: Bench) -> None:
    key = await bench.services.keys.add("teller")
    assert key not in repr(await bench.mongo.collection("keys").find({}).to_list(None))


@pytest.mark.parametrize("key", ["", " ", "x", "demo", "test-key ", "Test-Key", "\u00e9", "x" * 10_000, "\ud800"])
async def test_an_unknown_key_is_nobodys(bench: Bench, key: str) -> None:
    with pytest.raises(Unauthenticated, match="This key is not known"):
        await bench.services.keys.actor(key)


async def test_the_demo_key_works_in_its_process_and_is_not_stored(bench: Bench) -> None:
    assert (await bench.services.keys.actor("test-key")).id == "demo"
    assert await bench.mongo.collection("keys").find_one({"actor": "demo"}) is None


@pytest.mark.parametrize("name", ["a", "7", "line-3.night", "a" * 63])
async def test_a_name_that_history_may_show(bench: Bench, name: str) -> None:
    assert (await bench.services.keys.actor(await bench.services.keys.add(name))).id == name


@pytest.mark.parametrize("name", ["", "A", "-a", ".a", "a b", "a_b", "a\n", "\u00e9", "a" * 64, "anonymous"])
async def test_other_names_are_refused(bench: Bench, name: str) -> None:
    with pytest.raises(InvalidInput, match="is not an actor's id; expected lower-case letters") as refused:
        await bench.services.keys.add(name)
    assert refused.value.path == ("name",)
