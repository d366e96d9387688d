"""What a deployment knows of itself: it never changes its secret and never forgets an address."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from twin.store.deployment import Deployment

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

ONE, TWO = "https://one.example", "https://two.example"


async def test_the_secret_is_made_once_even_by_many_at_the_same_time(fresh_bench: Bench) -> None:
    await fresh_bench.mongo.collection("deployment").drop()
    many = [Deployment(fresh_bench.mongo) for _ in range(8)]
    secrets = await asyncio.gather(*(each.secret() for each in many))
    assert len(set(secrets)) == 1
    assert len(secrets[0]) == 32
    assert await Deployment(fresh_bench.mongo).secret() == secrets[0]
    await fresh_bench.mongo.collection("deployment").drop()
    assert await Deployment(fresh_bench.mongo).secret() != secrets[0]


async def test_every_address_that_links_ever_named_stays_the_newest_first(fresh_bench: Bench) -> None:
    await fresh_bench.mongo.collection("deployment").drop()
    deployment = fresh_bench.store.deployment
    assert await deployment.public_urls(None) == ()
    assert await deployment.public_urls(ONE) == (ONE,)
    assert await deployment.public_urls(TWO) == (TWO, ONE)
    assert await deployment.public_urls(None) == (TWO, ONE)
    assert await deployment.public_urls(ONE) == (ONE, TWO)
    assert set(await deployment.public_urls("https://three.example")) == {ONE, TWO, "https://three.example"}


async def test_addresses_that_are_set_at_the_same_time_all_stay(fresh_bench: Bench) -> None:
    await fresh_bench.mongo.collection("deployment").drop()
    urls = [f"https://{name}.example" for name in "abcdefgh"]
    await asyncio.gather(*(Deployment(fresh_bench.mongo).public_urls(url) for url in urls))
    assert sorted(await fresh_bench.store.deployment.public_urls(None)) == urls
