"""Commits: once for each mutation, each revision won once, and nothing in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import (
    Doc,
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
from twin.domain.actor import Actor, full_actor
from twin.domain.history import AsOf, Command
from twin.errors import IllegalMove, MutationIdReused, NotFound, RevisionConflict, Unavailable
from twin.identity import Granularity
from twin.services import commits
from twin.services.labels import Order

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

Again = Callable[[], Awaitable[Any]]


async def revise(bench: Bench, actor: Actor, twin: str, revision: int, text: str, mutation: str | None = None) -> Doc:
    command = Command(expected_revision=revision, client_mutation_id=mutation)
    return await bench.services.labels.revise(actor, twin, face={}, attributes={"site": text}, command=command)


async def counts(bench: Bench) -> list[int]:
    """How many revisions all twins have together, and how many twins, identifiers and buckets there are."""
    found = []
    for collection in (bench.store.labels.collection, bench.store.assets.collection):
        totals = await collection.aggregate([{"$group": {"_id": 0, "n": {"$sum": "$revision"}}}]).to_list(None)
        found += [totals[0]["n"] if totals else 0, await collection.count_documents({})]
    for other in ("identifiers", "history"):
        found.append(await bench.mongo.collection(other).count_documents({}))
    return found


def answered(answer: Any) -> Any:
    if isinstance(answer, list | tuple):
        return [told(one) for one in answer]
    return told(answer)


async def each_change(bench: Bench, actor: Actor) -> dict[str, Again]:
    """Every kind of write, each under a mutation id of its own."""
    labels, assets = bench.services.labels, bench.services.assets
    asset, vin = await new_asset(bench, actor), new_vin()
    one, two = await printed(bench, actor), await applied(bench, actor)
    three, four = await applied(bench, actor), await preprinted(bench, actor)
    ids = [name() for _ in range(9)]

    def say(number: int, **more: Any) -> Command:
        return why(client_mutation_id=ids[number], **more)

    return {
        "register": lambda: assets.register(
            actor,
            kind="vehicle",
            granularity=Granularity.ITEM,
            name="A bus",
            identifiers=[f"vin:{vin}"],
            attributes={},
            command=say(0),
        ),
        "revise asset": lambda: assets.revise(
            actor, asset, name="A saw", attributes={}, command=say(1, expected_revision=1)
        ),
        "issue": lambda: labels.issue(actor, [Order(asset, "asset_tag", {"tag": str(n)}) for n in range(3)], say(2)),
        "preprint": lambda: labels.preprint(actor, "asset_tag", 3, say(3)),
        "claim": lambda: labels.claim(actor, four["_id"], asset=asset, face={"tag": "1"}, command=say(4)),
        "apply": lambda: labels.apply(actor, one["_id"], say(5)),
        "replace": lambda: bench.services.replacements.replace(actor, two["_id"], by=None, face=None, command=say(6)),
        "verify": lambda: labels.verify(actor, three["_id"], read="something else", grade="D", command=say(7)),
        "revise": lambda: labels.revise(
            actor, three["_id"], face={"owner": "M"}, attributes={}, command=say(8, expected_revision=three["revision"])
        ),
    }


CHANGES = ["register", "revise asset", "issue", "preprint", "claim", "apply", "replace", "verify", "revise"]


@pytest.mark.parametrize("which", CHANGES)
async def test_a_repeat_gets_the_first_answer_and_writes_nothing(fresh_bench: Bench, actor: Actor, which: str) -> None:
    changes = await each_change(fresh_bench, actor)
    assert list(changes) == CHANGES
    first = answered(await changes[which]())
    before = await counts(fresh_bench)
    for _ in range(2):
        assert answered(await changes[which]()) == first
    assert await counts(fresh_bench) == before


@pytest.mark.parametrize("which", CHANGES)
async def test_eight_at_the_same_time_get_one_answer_and_write_once(
    fresh_bench: Bench, actor: Actor, which: str
) -> None:
    changes = await each_change(fresh_bench, actor)
    before = await counts(fresh_bench)
    answers = await asyncio.gather(*(changes[which]() for _ in range(8)), return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    first = answered(answers[0])
    assert all(answered(answer) == first for answer in answers)
    versions = {"issue": 3, "preprint": 3, "replace": 2}.get(which, 1)
    after = await counts(fresh_bench)
    assert after[0] + after[2] - before[0] - before[2] == versions
    assert answered(await changes[which]()) == first


async def test_a_repeat_is_recognised_after_a_hundred_later_versions(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    twin, mutation = label["_id"], name()
    first = await revise(bench, actor, twin, 1, "first", mutation)
    for revision in range(2, 102):
        await revise(bench, actor, twin, revision, str(revision))
    assert (await stored(bench, twin))["revision"] == 102
    assert told(await revise(bench, actor, twin, 1, "first", mutation)) == told(first)
    assert (await stored(bench, twin))["revision"] == 102
    with pytest.raises(MutationIdReused):
        await revise(bench, actor, twin, 1, "other", mutation)


async def test_the_same_id_with_another_input_is_refused(bench: Bench, actor: Actor) -> None:
    labels = bench.services.labels
    label, other = await printed(bench, actor), await printed(bench, actor)
    mutation = name()
    command = Command(client_mutation_id=mutation)
    await labels.apply(actor, label["_id"], command)
    again: list[Again] = [
        lambda: labels.apply(actor, other["_id"], command),
        lambda: labels.apply(actor, label["_id"], Command("a reason", client_mutation_id=mutation)),
        lambda: labels.apply(actor, label["_id"], Command(None, bench.clock.now, client_mutation_id=mutation)),
        lambda: labels.apply(actor, label["_id"], Command(expected_revision=2, client_mutation_id=mutation)),
        lambda: labels.remove(actor, label["_id"], command),
        lambda: labels.preprint(actor, "asset_tag", 1, why(client_mutation_id=mutation)),
        lambda: labels.issue(actor, [Order("ast_x", "asset_tag")], command),
        lambda: bench.services.replacements.replace(actor, other["_id"], by=None, face=None, command=command),
        lambda: new_asset(bench, actor, command=command),
    ]
    for reuse in again:
        with pytest.raises(MutationIdReused, match=mutation):
            await reuse()
    assert (await stored(bench, label["_id"]))["revision"] == 3
    assert (await stored(bench, other["_id"]))["revision"] == 2


async def test_another_actor_may_use_the_same_id(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    command = Command(client_mutation_id=name())
    read = bench.services.labels.payload(label)
    for number, who in enumerate((actor, full_actor(f"{actor.id}-b"), full_actor(f"{actor.id}-c")), start=4):
        answer = await bench.services.labels.verify(who, label["_id"], read=read, grade=None, command=command)
        assert answer["revision"] == number


async def test_a_refused_change_leaves_its_id_free(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    command = Command(client_mutation_id=name())
    with pytest.raises(IllegalMove):
        await bench.services.labels.apply(actor, label["_id"], command)
    await bench.services.labels.print_label(actor, label["_id"], command=Command())
    assert (await bench.services.labels.apply(actor, label["_id"], command))["head"]["state"] == "APPLIED"


async def test_without_an_id_every_call_is_a_new_change(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    for revision in (4, 5):
        answer = await bench.services.labels.verify(actor, label["_id"], read="x", grade=None, command=Command())
        assert answer["revision"] == revision


UNNAMED = ["apply", "revise", "verify", "replace", "preprint"]


@pytest.mark.parametrize("which", UNNAMED)
async def test_what_was_written_but_not_answered_is_no_refusal(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """Nobody can repeat a change without a name, but the service itself does so when it lost the answer."""
    labels = bench.services.labels
    label, other = await printed(bench, actor), await applied(bench, actor)
    changes: dict[str, Again] = {
        "apply": lambda: labels.apply(actor, label["_id"], Command()),
        "revise": lambda: revise(bench, actor, label["_id"], 2, "x"),
        "verify": lambda: labels.verify(actor, other["_id"], read="x", grade=None, command=Command()),
        "replace": lambda: bench.services.replacements.replace(
            actor, other["_id"], by=None, face=None, command=why(expected_revision=3)
        ),
        "preprint": lambda: labels.preprint(actor, "asset_tag", 2, why()),
    }
    lost: list[str] = []

    def once_unanswered(owner: Any, method: str) -> None:
        made = getattr(owner, method)

        async def unanswered(*args: Any, **more: Any) -> Any:
            answer = await made(*args, **more)
            if not lost:
                lost.append(method)
                raise Unavailable("the connection was cut")
            return answer

        monkeypatch.setattr(owner, method, unanswered)

    once_unanswered(bench.store.labels._updates, "_work")
    once_unanswered(bench.store.mongo, "transaction")
    before = await bench.store.labels.collection.count_documents({})
    answer = await changes[which]()
    assert len(lost) == 1
    answers = list(answer) if isinstance(answer, list | tuple) else [answer]
    for one in answers:
        assert told(await stored(bench, one["_id"])) == told(one)
    revisions = {"apply": [3], "revise": [3], "verify": [4], "replace": [4, 1], "preprint": [1, 1]}[which]
    assert [one["revision"] for one in answers] == revisions
    assert await bench.store.labels.collection.count_documents({}) - before == revisions.count(1)


async def test_a_repeat_is_no_conflict_when_a_new_primary_does_not_show_it_yet(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    label, mutation = await issued(bench, actor), name()
    first = await revise(bench, actor, label["_id"], 1, "x", mutation)

    async def from_before(keys: list[str]) -> list[None]:
        return [None for _ in keys]

    monkeypatch.setattr(bench.store._by_mutation, "_work", from_before)
    assert told(await revise(bench, actor, label["_id"], 1, "x", mutation)) == told(first)
    with pytest.raises(MutationIdReused):
        await revise(bench, actor, label["_id"], 1, "y", mutation)
    with pytest.raises(RevisionConflict):
        await revise(bench, actor, label["_id"], 1, "x", name())


async def test_a_new_label_is_not_refused_for_an_asset_that_a_new_primary_does_not_show_yet(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = await new_asset(bench, actor)
    heads, sure_head = bench.store.assets.heads, bench.store.labels.sure_head
    shown: list[str] = []

    async def from_before(ids: Any) -> dict[str, Any]:
        return await heads(ids) if shown else {}

    async def surely(query: Any) -> Any:
        shown.append("all that is acknowledged")
        return await sure_head(query)

    monkeypatch.setattr(bench.store.assets, "heads", from_before)
    monkeypatch.setattr(bench.store.labels, "sure_head", surely)
    [label] = await bench.services.labels.issue(actor, [Order(asset, "asset_tag", {"tag": "7"})], Command())
    assert label["head"]["asset"] == asset
    with pytest.raises(NotFound):
        await bench.services.labels.issue(actor, [Order("ast_missing", "asset_tag")], Command())


async def test_a_change_of_an_older_revision_is_told_both(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    with pytest.raises(RevisionConflict, match="expected revision 2, found 3") as refused:
        await revise(bench, actor, label["_id"], 2, "x")
    assert (refused.value.expected, refused.value.actual) == (2, 3)
    with pytest.raises(RevisionConflict):
        await bench.services.labels.remove(actor, label["_id"], why(expected_revision=4))
    with pytest.raises(RevisionConflict):
        await bench.services.replacements.replace(
            actor, label["_id"], by=None, face=None, command=why(expected_revision=1)
        )
    assert (await stored(bench, label["_id"]))["revision"] == 3


async def test_sixteen_who_revise_the_same_revision(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    answers = await asyncio.gather(
        *(revise(bench, actor, label["_id"], 1, str(number)) for number in range(16)), return_exceptions=True
    )
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert [answer["revision"] for answer in won] == [2]
    lost = [answer for answer in answers if isinstance(answer, RevisionConflict)]
    assert [(conflict.expected, conflict.actual) for conflict in lost] == [(1, 2)] * 15
    assert told(await stored(bench, label["_id"])) == told(won[0])


async def test_of_sixteen_moves_at_the_same_time_each_revision_is_won_once(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    answers = await asyncio.gather(
        *(
            bench.services.labels.verify(actor, label["_id"], read=f"read {number}", grade=None, command=Command())
            for number in range(16)
        ),
        return_exceptions=True,
    )
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert [type(answer) for answer in answers if isinstance(answer, BaseException)] == [Unavailable] * (16 - len(won))
    document = await stored(bench, label["_id"])
    assert sorted(answer["revision"] for answer in won) == list(range(4, 4 + len(won)))
    assert document["revision"] == 3 + len(won)
    versions = await bench.store.labels.versions(document)
    assert [version["revision"] for version in versions] == list(range(1, document["revision"] + 1))
    assert len({version["evidence"]["read"] for version in versions[3:]}) == len(won)


async def test_nobody_waits_for_ever_for_a_turn(bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    label, may_go_on = await applied(bench, actor), asyncio.Event()
    made = bench.store.labels._updates._work

    async def stuck(items: Any) -> Any:
        await may_go_on.wait()
        return await made(items)

    async def verify() -> Any:
        return await bench.services.labels.verify(actor, label["_id"], read="x", grade=None, command=Command())

    monkeypatch.setattr(bench.store.labels._updates, "_work", stuck)
    monkeypatch.setattr(commits, "LONGEST_TURN_S", 0.1)
    first = asyncio.create_task(verify())
    await asyncio.sleep(0)  # it has its turn
    waiting = [asyncio.create_task(verify()) for _ in range(3)]
    await asyncio.wait(waiting, timeout=10)
    may_go_on.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 3
    assert (await first)["revision"] == 4
    assert (await verify())["revision"] == 5


async def test_of_sixteen_who_apply_at_the_same_time_one_did(bench: Bench, actor: Actor) -> None:
    label = await printed(bench, actor)
    answers = await asyncio.gather(
        *(bench.services.labels.apply(actor, label["_id"], Command()) for _ in range(16)), return_exceptions=True
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert sum(isinstance(answer, IllegalMove) for answer in answers) == 15


async def test_new_ids_come_from_the_mutation_and_nobody_else_makes_them(bench: Bench, actor: Actor) -> None:
    mutation = name()
    labels = await bench.services.labels.preprint(actor, "asset_tag", 5, why(client_mutation_id=mutation))
    other = full_actor(f"{actor.id}-b")
    theirs = await bench.services.labels.preprint(other, "asset_tag", 5, why(client_mutation_id=mutation))
    ids = {label["_id"] for label in (*labels, *theirs)}
    links = {label["head"]["link_id"] for label in (*labels, *theirs)}
    assert len(ids) == len(links) == 10
    assert all(twin.startswith("lbl_") and len(twin) == 28 for twin in ids)


async def test_the_past_of_a_twin_by_revision_and_by_time(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    twin, find = label["_id"], bench.services.labels.find
    versions = await bench.services.labels.versions(actor, twin, 1, 3)
    for revision, state in ((1, "ISSUED"), (2, "PRINTED"), (3, "APPLIED")):
        then = await find(actor, twin, revision)
        assert (then["head"]["state"], then["revision"]) == (state, revision)
        recorded = versions[revision - 1]["recorded_at"]
        assert then["changed"]["recorded_at"] == recorded
        assert told(await find(actor, twin, AsOf(recorded=recorded))) == told(then)
        assert told(await find(actor, twin, AsOf(recorded, recorded))) == told(then)
    for never in (0, -1, 4, AsOf(label["created"]["occurred_at"].replace(year=2000))):
        with pytest.raises(NotFound):
            await find(actor, twin, never)


async def test_an_id_that_two_kinds_of_twins_took_at_the_same_time_costs_neither_its_past(
    bench: Bench, actor: Actor
) -> None:
    asset, mutation = await new_asset(bench, actor), name()
    label = (await issued(bench, actor))["_id"]

    async def revise_asset(revision: int, mutation: str | None = None) -> Doc:
        command = Command(expected_revision=revision, client_mutation_id=mutation)
        return await bench.services.assets.revise(actor, asset, name=f"{revision}", attributes={}, command=command)

    await asyncio.gather(
        revise(bench, actor, label, 1, "1", mutation), revise_asset(1, mutation), return_exceptions=True
    )
    for revision in range((await bench.services.assets.find(actor, asset))["revision"], 33):
        await revise_asset(revision)
    for revision in range((await stored(bench, label))["revision"], 33):
        await revise(bench, actor, label, revision, str(revision))
    for found in (
        bench.services.assets.versions(actor, asset, 1, 33),
        bench.services.labels.versions(actor, label, 1, 33),
    ):
        assert [version["revision"] for version in await found] == list(range(1, 34))
