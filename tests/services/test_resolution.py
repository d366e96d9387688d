"""Resolution through the services: many scans at the same time, and who may see what."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import pytest

from tests.api.resolving import give, link, new_gtin
from tests.services.factory import issued, new_asset, why
from twin.domain.actor import ANONYMOUS, Actor, Audience
from twin.domain.history import Command
from twin.domain.resolution import Wishes
from twin.errors import NotFound
from twin.identity.gs1 import Level
from twin.services.labels import Order
from twin.services.resolution import TWIN_TYPE
from twin.store.labels import MOST_AT_ONCE

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def test_of_many_scans_at_the_same_time_each_gets_its_own(bench: Bench, actor: Actor) -> None:
    key, asset = f"01/{new_gtin()}", ""
    for serial in range(5):
        await give(bench, actor, f"{key}/21/{serial}", link("pip", f"https://brand.example/{serial}"))
        asset = await new_asset(bench, actor, f"gs1:{key}/21/T{serial}")
    label = await issued(bench, actor, asset)

    async def scan(number: int) -> str:
        serial = f"{number % 5}" if number % 3 else f"T{number % 5}"
        try:
            found = await bench.services.resolution.choose(ANONYMOUS, Level.parse(f"{key}/21/{serial}"), Wishes())
        except NotFound:
            return "none"
        return found.links[0].href.rpartition("/")[2]

    found = await asyncio.gather(*(scan(number) for number in range(300)))
    expected: dict[str, str] = {"T4": label["head"]["link_id"]}
    for number, name in enumerate(found):
        scanned = f"{number % 5}" if number % 3 else f"T{number % 5}"
        assert name == expected.get(scanned, scanned)


async def test_links_are_for_their_audiences(bench: Bench, actor: Actor) -> None:
    level = Level.parse(f"01/{new_gtin()}")
    shared = link("masterData", audience=Audience.PARTNER)
    await give(bench, actor, level.path, link(), shared)
    partner = Actor("partner", frozenset(), frozenset({Audience.PUBLIC, Audience.PARTNER}))
    resolution = bench.services.resolution
    assert [len(one.links) for one in await resolution.linkset(partner, level)] == [2]
    assert [len(one.links) for one in await resolution.linkset(ANONYMOUS, level)] == [1]
    wishes = Wishes(shared.type)
    assert (await resolution.choose(partner, level, wishes)).links == (shared,)
    with pytest.raises(NotFound, match="link of that type"):
        await resolution.choose(ANONYMOUS, level, wishes)


async def test_an_item_whose_identifier_was_corrected_is_of_the_right_product(bench: Bench, actor: Actor) -> None:
    keys = [f"01/{new_gtin()}" for _ in range(3)]
    for key in keys:
        await give(bench, actor, key, link("safetyInfo", f"https://brand.example/{key}"))
        await give(bench, actor, f"{key}/10/L", link("faqs"))
    items = [f"{key}/21/S" for key in keys]
    asset = await new_asset(bench, actor, f"gs1:{items[0]}")
    for wrong, right in itertools.pairwise(items):
        await bench.services.identifiers.correct(
            actor, asset, wrong=f"gs1:{wrong}", right=f"gs1:{right}", command=why("misread")
        )
    wishes = Wishes(link("safetyInfo").type)
    for scanned in (*items, f"{keys[0]}/10/L/21/S"):
        level = Level.parse(scanned)
        choice = await bench.services.resolution.choose(ANONYMOUS, level, wishes)
        assert choice.links[0].href == f"https://brand.example/{keys[2]}"
        levels = await bench.services.resolution.linkset(ANONYMOUS, level)
        assert [one.path for one in levels] == [f"{scanned.partition('/10')[0].removesuffix('/21/S')}/21/S", keys[2]]
    await give(bench, actor, f"{keys[0]}/10/L/21/S", link("pip"))
    found = await bench.services.resolution.linkset(ANONYMOUS, Level.parse(f"{keys[0]}/10/L/21/S"))
    assert [one.path for one in found] == [f"{keys[0]}/10/L/21/S", f"{keys[0]}/21/S", keys[2]]


async def test_the_public_learns_the_name_of_what_it_scanned_and_no_identifier(bench: Bench, actor: Actor) -> None:
    level = Level.parse(f"01/{new_gtin()}/21/S")
    await new_asset(bench, actor, f"gs1:{level.path}", name="A pump")
    asset, _ = await bench.services.resolution.asset(ANONYMOUS, level)
    assert asset["head"].keys() == {"kind", "granularity", "name"}
    [found] = await bench.services.resolution.linkset(ANONYMOUS, level)
    assert (found.description, found.links[0].type) == ("A pump", TWIN_TYPE)


async def test_the_newest_label_is_found_among_many_asked_for_at_once(bench: Bench, actor: Actor) -> None:
    busy, quiet, bare = [await new_asset(bench, actor) for _ in range(3)]
    only = await issued(bench, actor, quiet)
    await bench.services.labels.void(actor, (await issued(bench, actor, quiet))["_id"], why())
    orders = [Order(busy, "asset_tag", {"tag": str(number)}) for number in range(MOST_AT_ONCE + 6)]
    many = await bench.services.labels.issue(actor, orders, Command())
    newest = await bench.store.labels.newest_of([busy])
    asked = [[quiet], [busy], [bare], [bare, quiet], [quiet, busy]] * 20
    found = await asyncio.gather(*map(bench.store.labels.newest_of, asked))
    links = {label["head"]["link_id"] for label in many}
    assert newest in links
    assert found == [only["head"]["link_id"], newest, None, only["head"]["link_id"], newest] * 20
