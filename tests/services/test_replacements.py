"""Replacements: both labels or neither."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import (
    applied,
    issued,
    name,
    new_asset,
    new_vin,
    preprinted,
    printed,
    stored,
    told,
    why,
)
from twin.domain import moves as rules
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.history import Command
from twin.domain.label import Label
from twin.errors import (
    Forbidden,
    IllegalMove,
    InvalidInput,
    NotFound,
    Unauthenticated,
)
from twin.services.labels import Order
from twin.store.paging import PageRequest
from twin.store.twins import Lost

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def test_replaced_by_a_new_label(bench: Bench, actor: Actor) -> None:
    asset = await new_asset(bench, actor)
    label = await applied(bench, actor, asset, tag="7", owner="Hofmann")
    old, new = await bench.services.replacements.replace(actor, label["_id"], by=None, face=None, command=why("faded"))
    assert (old["head"]["state"], old["head"]["replaced_by"]) == ("REPLACED", new["_id"])
    assert (new["head"]["state"], new["head"]["replaces"]) == ("ISSUED", old["_id"])
    assert new["head"]["face"] == {"tag": "7", "owner": "Hofmann"}
    assert new["head"]["link_id"] != old["head"]["link_id"]
    assert new["head"]["asset"] == asset
    assert "asset" not in old["head"]
    for answer in (old, new):
        assert told(await stored(bench, answer["_id"])) == told(answer)
    page = await bench.services.labels.page(actor, PageRequest(9), asset=asset)
    assert [document["_id"] for document in page.documents] == [new["_id"]]
    assert (await bench.services.labels.find(ANONYMOUS, label["head"]["link_id"]))["flags"] == ("REPLACED",)


async def test_replaced_by_a_new_label_with_another_face(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    _, new = await bench.services.replacements.replace(actor, label["_id"], by=None, face={"tag": "8"}, command=why())
    assert new["head"]["face"] == {"tag": "8"}


@pytest.mark.parametrize("make", [issued, printed])
async def test_replaced_by_a_label_that_stands_ready(bench: Bench, actor: Actor, make: Any) -> None:
    asset = await new_asset(bench, actor)
    label, ready = await applied(bench, actor, asset), await make(bench, actor, asset)
    old, new = await bench.services.replacements.replace(
        actor, label["_id"], by=ready["head"]["link_id"], face=None, command=why()
    )
    assert (old["head"]["replaced_by"], new["head"]["replaces"]) == (ready["_id"], label["_id"])
    assert (new["_id"], new["head"]["state"]) == (ready["_id"], ready["head"]["state"])


async def test_replaced_by_a_pre_printed_label_even_after_its_removal(bench: Bench, actor: Actor) -> None:
    asset = await new_asset(bench, actor)
    label, ready = await applied(bench, actor, asset), await preprinted(bench, actor)
    await bench.services.labels.remove(actor, label["_id"], why())
    old, new = await bench.services.replacements.replace(actor, label["_id"], by=ready["_id"], face=None, command=why())
    assert (new["head"]["state"], new["head"]["asset"], new["head"]["face"]) == ("PRINTED", asset, {"tag": "7"})
    assert (old["head"]["replaced_by"], new["head"]["replaces"]) == (ready["_id"], label["_id"])


async def test_when_the_second_label_cannot_take_over_the_first_stays_as_it_was(bench: Bench, actor: Actor) -> None:
    labels = bench.services.labels
    asset = await new_asset(bench, actor)
    label = await applied(bench, actor, asset)
    in_the_way = [
        (await applied(bench, actor, asset), IllegalMove),
        (await issued(bench, actor), IllegalMove),
        (label, IllegalMove),
        ({"_id": "lbl_missing"}, NotFound),
        ({"_id": "no key"}, NotFound),
    ]
    for other, error in in_the_way:
        with pytest.raises(error):
            await bench.services.replacements.replace(
                actor, label["_id"], by=str(other["_id"]), face=None, command=why()
            )
    with pytest.raises(InvalidInput):
        await bench.services.replacements.replace(actor, label["_id"], by=None, face={"colour": "red"}, command=why())
    with pytest.raises(InvalidInput, match="needs a reason"):
        await bench.services.replacements.replace(actor, label["_id"], by=None, face=None, command=Command())
    with pytest.raises(IllegalMove):
        await bench.services.replacements.replace(
            actor, (await preprinted(bench, actor))["_id"], by=None, face=None, command=why()
        )
    assert told(await stored(bench, label["_id"])) == told(label)
    assert await labels.count(actor, asset=asset) == 2


async def test_a_rival_of_the_successor_leaves_both_or_neither_written(bench: Bench, actor: Actor) -> None:
    labels, asset = bench.services.labels, await new_asset(bench, actor)
    label, ready = await applied(bench, actor, asset), await printed(bench, actor, asset)

    async def replace() -> Any:
        return await bench.services.replacements.replace(actor, label["_id"], by=ready["_id"], face=None, command=why())

    async def rival() -> Any:
        return await labels.apply(actor, ready["_id"], Command())

    answers: tuple[Any, Any] = await asyncio.gather(replace(), rival(), return_exceptions=True)
    replaced, moved = answers
    old, new = await stored(bench, label["_id"]), await stored(bench, ready["_id"])
    if isinstance(replaced, BaseException):
        assert isinstance(replaced, IllegalMove), replaced
        assert told(old) == told(label)
        assert "replaces" not in new["head"]
    else:
        assert (old["head"]["replaced_by"], new["head"]["replaces"]) == (ready["_id"], label["_id"])
    assert not isinstance(moved, BaseException), moved
    assert new["head"]["state"] == "APPLIED"


async def test_a_transaction_whose_second_append_is_lost_writes_neither(bench: Bench, actor: Actor) -> None:
    asset = await new_asset(bench, actor)
    label, ready = await applied(bench, actor, asset), await printed(bench, actor, asset)
    commits = bench.services.labels._commits
    change = commits.change(actor, "replaceLabel", why(), {"label": label["_id"]})
    heads = {twin: await stored(bench, twin) for twin in (label["_id"], ready["_id"])}
    await bench.services.labels.apply(actor, ready["_id"], Command())

    first, second = heads[label["_id"]], heads[ready["_id"]]
    now = bench.clock()
    retire = rules.replace(Label.from_document(first), by=ready["_id"], command=why(), now=now)
    follow = rules.take_over(Label.from_document(second), replaced=Label.from_document(first), command=why(), now=now)

    async def work(session: Any) -> None:
        await bench.store.labels.append(first, *commits.next(first, retire, change), session=session)
        await bench.store.labels.append(second, *commits.next(second, follow, change, 1), session=session)

    with pytest.raises(Lost):
        await bench.mongo.transaction(work)
    assert await stored(bench, label["_id"]) == first
    assert (await stored(bench, ready["_id"]))["revision"] == 3


async def test_of_eight_who_replace_a_label_at_the_same_time_one_does(bench: Bench, actor: Actor) -> None:
    asset = await new_asset(bench, actor)
    label = await applied(bench, actor, asset)
    answers = await asyncio.gather(
        *(
            bench.services.replacements.replace(
                actor, label["_id"], by=None, face=None, command=why(client_mutation_id=name())
            )
            for _ in range(8)
        ),
        return_exceptions=True,
    )
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(won) == 1
    assert [type(answer) for answer in answers if isinstance(answer, BaseException)] == [IllegalMove] * 7
    assert await bench.services.labels.count(actor, asset=asset) == 1


async def test_who_may_not_replace_writes_nothing(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    clerk = Actor(actor.id, frozenset(Permission) - {Permission.REPLACE_LABELS}, frozenset(Audience))
    for who, error in ((clerk, Forbidden), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(error):
            await bench.services.replacements.replace(who, label["_id"], by=None, face=None, command=why())
    assert told(await stored(bench, label["_id"])) == told(label)


async def test_a_label_of_another_profile_cannot_take_over(bench: Bench, actor: Actor) -> None:
    asset = await new_asset(bench, actor, f"vin:{new_vin()}")
    tag = await applied(bench, actor, asset)
    [plate] = await bench.services.labels.issue(actor, [Order(asset, "vin_plate")], Command())
    with pytest.raises(IllegalMove, match="is a vin_plate, the old one a asset_tag"):
        await bench.services.replacements.replace(actor, tag["_id"], by=plate["_id"], face=None, command=why())


async def test_a_label_that_has_its_face_is_given_none(bench: Bench, actor: Actor) -> None:
    asset = await new_asset(bench, actor)
    label, ready = await applied(bench, actor, asset), await issued(bench, actor, asset)
    with pytest.raises(InvalidInput, match="has its own already"):
        await bench.services.replacements.replace(
            actor, label["_id"], by=ready["_id"], face={"tag": "8"}, command=why()
        )


@pytest.mark.parametrize("preprinted_one", [False, True])
async def test_an_older_label_is_replaced_and_revised_though_its_profile_asks_for_more_by_now(
    bench: Bench, actor: Actor, preprinted_one: bool
) -> None:
    labels = bench.services.labels
    asset = await new_asset(bench, actor, f"vin:{new_vin()}")
    [old] = await labels.issue(actor, [Order(asset, "vin_plate", {"modelYear": "1989"})], Command())
    await bench.store.labels.collection.update_one({"_id": old["_id"]}, {"$set": {"head.face.modelYear": "89"}})
    revised = await labels.revise(
        actor, old["_id"], face={"manufacturer": "MCI"}, attributes={}, command=why(expected_revision=1)
    )
    assert revised["head"]["face"]["modelYear"] == "89"
    by = (await labels.preprint(actor, "vin_plate", 1, why()))[0]["_id"] if preprinted_one else None
    _, new = await bench.services.replacements.replace(actor, old["_id"], by=by, face=None, command=why())
    assert new["head"]["face"] == revised["head"]["face"]
    with pytest.raises(InvalidInput, match="found '88'"):
        await labels.issue(actor, [Order(asset, "vin_plate", {"modelYear": "88"})], Command())
