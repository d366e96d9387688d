"""Identifiers: each names one asset, for ever."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import pytest

from twin.errors import IdentifierTaken

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


def new() -> str:
    return f"vin:{uuid.uuid4().hex}"


async def register(bench: Bench, canonicals: list[str], asset: str) -> None:
    await bench.mongo.transaction(lambda session: bench.store.identifiers.register(canonicals, asset, session=session))


async def test_an_identifier_names_its_asset(bench: Bench) -> None:
    one, two = new(), new()
    await register(bench, [one, two], "ast_one")
    assert await bench.store.identifiers.asset_of(one) == "ast_one"
    assert await bench.store.identifiers.asset_of(two) == "ast_one"
    assert await bench.store.identifiers.asset_of(new()) is None
    await register(bench, [], "ast_one")


async def test_a_taken_one_is_named_and_those_beside_it_stay_free(bench: Bench) -> None:
    taken, free = new(), new()
    await register(bench, [taken], "ast_one")
    with pytest.raises(IdentifierTaken) as refused:
        await register(bench, [free, taken], "ast_two")
    assert (refused.value.identifier, refused.value.holder) == (taken, "ast_one")
    assert await bench.store.identifiers.asset_of(taken) == "ast_one"
    assert await bench.store.identifiers.asset_of(free) is None


async def test_of_many_who_want_it_at_the_same_time_one_gets_it_and_the_others_are_told_so(bench: Bench) -> None:
    wanted = new()
    answers = await asyncio.gather(
        *(register(bench, [wanted], f"ast_{number}") for number in range(8)), return_exceptions=True
    )
    winners = [f"ast_{number}" for number, answer in enumerate(answers) if answer is None]
    assert winners == [await bench.store.identifiers.asset_of(wanted)]
    assert [type(answer) for answer in answers if answer is not None] == [IdentifierTaken] * 7
