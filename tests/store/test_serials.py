"""Serials in the store: a scheme for each kind, and a counter that never goes back."""

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

BORN = {"defined_by": "clerk", "created": {"recorded_at": T0}}


@pytest.fixture
def kind() -> str:
    return f"k{uuid.uuid4().hex}"


def scheme_of(kind: str, length: int = 8) -> dict[str, Any]:
    return {"_id": kind, "style": "RANDOM", "prefix": "P-", "length": length}


async def test_a_scheme_stands_with_its_counter(bench: Bench, kind: str) -> None:
    assert await bench.store.serials.find(kind) is None
    defined = await bench.store.serials.define(scheme_of(kind), BORN, 0)
    assert defined == await bench.store.serials.find(kind) == {**scheme_of(kind), **BORN, "used": 0}


async def test_the_first_definition_stands(bench: Bench, kind: str) -> None:
    first = await bench.store.serials.define(scheme_of(kind), BORN, 5)
    other = {"defined_by": "other", "created": {"recorded_at": T0}}
    assert await bench.store.serials.define(scheme_of(kind, 9), other, 100) == first
    assert await bench.store.serials.define(scheme_of(kind), other, 3) == first
    assert await bench.store.serials.define(scheme_of(kind), other, 9) == {**first, "used": 9}


async def test_of_many_who_define_one_kind_at_once_one_does_and_all_are_told_what_stands(bench: Bench) -> None:
    for _ in range(5):
        kind = f"k{uuid.uuid4().hex}"
        answers = await asyncio.gather(
            *(bench.store.serials.define(scheme_of(kind, 8 + number % 2), BORN, number) for number in range(12))
        )
        assert len({answer["length"] for answer in answers}) == 1
        stands = await bench.store.serials.find(kind)
        assert stands is not None
        assert stands["length"] == answers[0]["length"]
        assert stands["used"] == 10 + stands["length"] % 2, "of those with the scheme that stands, the most"


async def test_of_many_who_take_at_once_each_gets_a_number_of_its_own_until_there_are_no_more(
    bench: Bench, kind: str
) -> None:
    await bench.store.serials.define(scheme_of(kind), BORN, 10)
    taken = await asyncio.gather(*(bench.store.serials.take(kind, 50) for _ in range(64)))
    assert sorted(number for number in taken if number is not None) == list(range(11, 51))
    assert taken.count(None) == 24
    found = await bench.store.serials.find(kind)
    assert found is not None
    assert found["used"] == 50
    assert await bench.store.serials.take(f"{kind}x", 50) is None
    assert await bench.store.serials.take(kind, 5) is None
    assert await bench.store.serials.find(kind) == found, "it never goes back"


async def test_numbers_of_several_kinds_are_taken_together(bench: Bench, kind: str) -> None:
    kinds = [f"{kind}{number}" for number in range(3)]
    for number, each in enumerate(kinds):
        await bench.store.serials.define(scheme_of(each), BORN, 100 * number)
    wanted = kinds * 20
    taken = await asyncio.gather(*(bench.store.serials.take(each, 1_000) for each in wanted))
    for number, each in enumerate(kinds):
        own = sorted(got or 0 for asked, got in zip(wanted, taken, strict=True) if asked == each)
        assert own == list(range(100 * number + 1, 100 * number + 21))


async def test_schemes_are_listed(bench: Bench) -> None:
    kinds = [f"k{uuid.uuid4().hex}" for _ in range(3)]
    for kind in kinds:
        await bench.store.serials.define(scheme_of(kind), BORN, 0)
    page = await bench.store.serials.page(PageRequest(2), kinds=kinds)
    assert [document["_id"] for document in page.documents] == sorted(kinds, reverse=True)[:2]
    assert page.has_next
    assert await bench.store.serials.count(kinds=kinds) == 3
    assert await bench.store.serials.count() >= 3
