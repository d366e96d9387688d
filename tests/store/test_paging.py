"""Pages: whichever way one walks, each document stands on exactly one page."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.life import ACTOR, T0
from twin.domain.history import Document, Draft, Mutation, Version, next_version
from twin.store.paging import Page, PageRequest, key_of

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

COUNT = 23


async def listed(bench: Bench) -> tuple[str, list[str]]:
    """A kind of assets of this test's own, many recorded in the same millisecond; their ids, newest first."""
    kind, keys = f"k{uuid.uuid4().hex}", []
    new: list[tuple[Version, list[Document]]] = []
    for number in range(COUNT):
        twin, at = f"ast_{uuid.uuid4().hex}", T0 + timedelta(milliseconds=number // 5)
        keys.append((at, twin))
        draft = Draft("REGISTER", {"kind": kind, "granularity": "LOT" if number % 2 else "ITEM"}, T0)
        mutation = Mutation.of(ACTOR, twin, {})
        new.append((next_version(draft, twin=twin, head=None, actor=ACTOR, now=at, mutation=mutation), []))
    await bench.store.assets.insert(new)
    return kind, [twin for _, twin in sorted(keys, reverse=True)]


def ids(page: Page) -> list[Any]:
    return [document["_id"] for document in page.documents]


@pytest.mark.parametrize("size", [1, 2, 5, 7, COUNT, COUNT + 1])
async def test_walking_forward_finds_each_once_in_order(bench: Bench, size: int) -> None:
    kind, expected = await listed(bench)
    found: list[str] = []
    after = None
    while True:
        page = await bench.store.assets.page(PageRequest(size, after=after), kinds=[kind])
        assert page.has_previous == (after is not None)
        assert len(page.documents) <= size
        found += ids(page)
        if not page.has_next:
            break
        after = key_of(page.documents[-1])
    assert found == expected


@pytest.mark.parametrize("size", [1, 2, 5, 7, COUNT, COUNT + 1])
async def test_walking_backward_finds_each_once_in_order(bench: Bench, size: int) -> None:
    kind, expected = await listed(bench)
    found: list[str] = []
    before = None
    while True:
        page = await bench.store.assets.page(PageRequest(size, before=before, backward=True), kinds=[kind])
        assert page.has_next == (before is not None)
        found = ids(page) + found
        if not page.has_previous:
            break
        before = key_of(page.documents[0])
    assert found == expected


async def test_between_two_keys(bench: Bench) -> None:
    kind, expected = await listed(bench)
    whole = (await bench.store.assets.page(PageRequest(COUNT), kinds=[kind])).documents
    after, before = key_of(whole[3]), key_of(whole[10])
    forward = await bench.store.assets.page(PageRequest(4, after, before), kinds=[kind])
    assert (ids(forward), forward.has_next) == (expected[4:8], True)
    backward = await bench.store.assets.page(PageRequest(4, after, before, backward=True), kinds=[kind])
    assert (ids(backward), backward.has_previous) == (expected[6:10], True)
    all_of_it = await bench.store.assets.page(PageRequest(6, after, before), kinds=[kind])
    assert (ids(all_of_it), all_of_it.has_next) == (expected[4:10], False)
    nothing = await bench.store.assets.page(PageRequest(6, before, after), kinds=[kind])
    assert (ids(nothing), nothing.has_next) == ([], False)


async def test_a_page_holds_no_versions_and_counts_agree(bench: Bench) -> None:
    kind, expected = await listed(bench)
    page = await bench.store.assets.page(PageRequest(3), kinds=[kind])
    assert all("versions" not in document for document in page.documents)
    assert await bench.store.assets.count(kinds=[kind]) == COUNT
    lots = await bench.store.assets.page(PageRequest(COUNT), kinds=[kind], granularities=["LOT"])
    items = await bench.store.assets.page(PageRequest(COUNT), kinds=[kind], granularities=["ITEM"])
    assert sorted(ids(lots) + ids(items)) == sorted(expected)
    assert await bench.store.assets.count(kinds=[kind], granularities=["LOT"]) == len(lots.documents) == COUNT // 2
    assert await bench.store.assets.count(kinds=[]) == 0
    assert ids(await bench.store.assets.page(PageRequest(3), kinds=[])) == []
