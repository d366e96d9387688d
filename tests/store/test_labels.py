"""Labels in the store: who was bound to what, then, as it was known then."""

from __future__ import annotations

import random
import secrets
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.life import PAYLOAD, PROVENANCE, T0, Life, issued, preprinted
from twin.domain import moves as rules
from twin.domain.history import AsOf, Command, Draft, Version, state_as_of
from twin.errors import IllegalMove
from twin.identity.link import LinkId
from twin.store.paging import PageRequest
from twin.store.twins import Lost

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

PLENTY = PageRequest(1_000)
MINUTE = timedelta(minutes=1)


def new_life(asset: str | None) -> Life:
    names = {"twin": f"lbl_{uuid.uuid4().hex}", "link_id": LinkId.from_random(secrets.token_bytes(9)).value}
    return preprinted(**names) if asset is None else issued(asset=asset, tag="7", **names)


def lived(choose: random.Random, assets: list[str]) -> Life:
    """A label with a random history: facts are recorded late, but in the order in which they happened."""
    life = new_life(choose.choice([None, *assets]))
    occurred = T0
    for _ in range(choose.randint(1, 9)):
        occurred += choose.randint(1, 30) * MINUTE
        recorded = max(life.now, occurred) + choose.randint(0, 60) * MINUTE
        moves: list[tuple[Any, dict[str, Any]]] = [
            (rules.claim, {"asset": choose.choice(assets), "face": {"tag": "7"}, "identifiers": ()}),
            (rules.print_label, {"payload": PAYLOAD, "provenance": PROVENANCE}),
            (rules.apply, {}),
            (rules.report_lost, {"reason": "gone"}),
            (rules.remove, {"reason": "off"}),
            (rules.remove, {"reason": "off"}),
            (rules.void, {"reason": "scrapped"}),
        ]
        rule, given = choose.choice(moves)
        try:
            if choose.random() < 0.35:
                life.correct(recorded=recorded)
            else:
                life.do(rule, occurred=occurred, recorded=recorded, **given)
        except IllegalMove:
            continue
    return life


async def keep(bench: Bench, life: Life) -> None:
    document = {**life.document, "changed": life.document["created"], "versions": life.versions}
    await bench.store.labels.collection.insert_one(document)


def bound_by_fold(life: Life, asset: str, as_of: AsOf) -> bool:
    found = state_as_of(life.versions, as_of)
    return found is not None and found[0].get("asset") == asset


async def found_by(bench: Bench, asset: str, as_of: AsOf | None) -> set[Any]:
    page = await bench.store.labels.page(PLENTY, assets=[asset], as_of=as_of)
    assert await bench.store.labels.count(assets=[asset], as_of=as_of) == len(page.documents)
    return {document["_id"] for document in page.documents}


@pytest.mark.parametrize("seed", range(4))
async def test_bindings_say_what_the_fold_of_the_history_says(bench: Bench, seed: int) -> None:
    choose = random.Random(seed)  # noqa: S311 - a repeatable history
    assets = [f"ast_{uuid.uuid4().hex}" for _ in range(2)]
    lives = [lived(choose, assets) for _ in range(20)]
    for life in lives:
        await keep(bench, life)
    recorded = sorted({version["recorded_at"] for life in lives for version in life.versions})
    occurred = sorted({version["occurred_at"] for life in lives for version in life.versions})
    points = [AsOf(), AsOf(T0 - MINUTE), AsOf(recorded=T0 - MINUTE)]
    points += [AsOf(choose.choice([None, *occurred]), choose.choice([None, *recorded])) for _ in range(25)]
    for as_of in points:
        for asset in assets:
            expected = {life.twin for life in lives if bound_by_fold(life, asset, as_of)}
            assert await found_by(bench, asset, as_of) == expected, as_of
    for asset in assets:
        assert await found_by(bench, asset, None) == {life.twin for life in lives if life.label.asset == asset}


async def test_a_removal_that_was_corrected_later(bench: Bench) -> None:
    def at(hour: int) -> datetime:
        return T0.replace(hour=hour)

    asset = f"ast_{uuid.uuid4().hex}"
    life = new_life(asset)
    life.do(rules.print_label, payload=PAYLOAD, provenance=PROVENANCE, recorded=at(8))
    life.do(rules.apply, recorded=at(9))
    life.do(rules.remove, reason="off", recorded=at(10))
    life.correct(recorded=at(12))
    await keep(bench, life)
    assert await found_by(bench, asset, AsOf(at(11), at(11))) == set()
    assert await found_by(bench, asset, AsOf(at(11), None)) == {life.twin}
    assert await found_by(bench, asset, AsOf(at(9), at(11))) == {life.twin}
    assert await found_by(bench, asset, None) == {life.twin}


async def test_what_a_correction_took_back_hides_no_binding(bench: Bench) -> None:
    """Claimed for the wrong asset at 10:00; put right with the time at which the right one was claimed, 9:30."""
    wrong, right = (f"ast_{uuid.uuid4().hex}" for _ in range(2))
    life = new_life(None)
    claims: dict[str, Any] = {"face": {"tag": "7"}, "identifiers": ()}
    life.do(rules.claim, asset=wrong, recorded=T0.replace(hour=10), **claims)
    life.correct(recorded=T0.replace(hour=11))
    life.do(rules.claim, asset=right, occurred=T0.replace(hour=9), recorded=T0.replace(hour=12), **claims)
    await keep(bench, life)
    now = AsOf(T0.replace(hour=11))
    assert await found_by(bench, right, now) == {life.twin}
    assert await found_by(bench, wrong, now) == set()
    assert await found_by(bench, right, AsOf(T0.replace(hour=11), T0.replace(hour=11))) == set()


async def test_lists_by_state_and_profile(bench: Bench) -> None:
    asset = f"ast_{uuid.uuid4().hex}"
    lives = [new_life(asset) for _ in range(3)]
    lives[0].do(rules.print_label, payload=PAYLOAD, provenance=PROVENANCE)
    for life in lives:
        await keep(bench, life)

    async def page(**which: Any) -> set[Any]:
        found = await bench.store.labels.page(PLENTY, assets=[asset], **which)
        assert await bench.store.labels.count(assets=[asset], **which) == len(found.documents)
        return {document["_id"] for document in found.documents}

    assert await page(states=["PRINTED"]) == {lives[0].twin}
    assert await page(states=["PRINTED", "ISSUED"]) == {life.twin for life in lives}
    assert await page(states=[]) == set()
    assert await page(profiles=["vin_plate"]) == set()
    assert await page(profiles=["asset_tag"], states=["ISSUED"]) == {lives[1].twin, lives[2].twin}


async def test_a_link_names_one_label_for_ever(bench: Bench) -> None:
    life = new_life(None)
    await keep(bench, life)
    new: list[Version] = []

    class Other(Life):
        def record(self, draft: Draft) -> Version:
            new.append(super().record(draft))
            return new[-1]

    Other(
        rules.preprint(
            link_id=life.head["link_id"], profile_name="asset_tag", payload=PAYLOAD, command=Command("again"), now=T0
        ),
        twin=f"{life.twin}x",
    )
    with pytest.raises(Lost):
        await bench.store.labels.insert([(new[0], [])])
