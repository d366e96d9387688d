"""Print jobs: asked for once, printed once, and each label told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Bench
from tests.services.factory import Doc, applied, issued, name, new_asset, printed, stored, why
from twin.domain.actor import ANONYMOUS, Actor, Permission, full_actor
from twin.domain.history import Command
from twin.domain.print_job import MOST_LABELS, PrintFormat, PrintOrder
from twin.errors import Forbidden, InvalidInput, MutationIdReused, NotFound, Refused, TooLarge, Unauthenticated
from twin.exchange.proof import Chain
from twin.services.labels import Order
from twin.services.stored import as_json

pytestmark = pytest.mark.anyio

ZPL = PrintOrder(PrintFormat.ZPL)


async def many(bench: Bench, actor: Actor, count: int) -> list[Doc]:
    asset = await new_asset(bench, actor)
    orders = [Order(asset, "asset_tag", {"tag": f"T-{number}"}) for number in range(count)]
    return list(await bench.services.labels.issue(actor, orders, Command()))


async def done(bench: Bench, actor: Actor, labels: list[str], order: PrintOrder = ZPL, **more: Any) -> Doc:
    """A job that is over."""
    job = await bench.services.print_jobs.create(actor, labels, order, Command(**more))
    while await bench.services.print_worker.do_next():
        pass
    return await bench.services.print_jobs.find(actor, job["_id"])


async def rows(bench: Bench, actor: Actor, job: Doc) -> list[dict[str, Any]]:
    return await bench.services.print_jobs.rows(actor, job["_id"], 0, MOST_LABELS)


async def test_a_job_prints_each_label_once_and_history_says_from_what(fresh_bench: Bench, actor: Actor) -> None:
    bench = fresh_bench
    labels = await many(bench, actor, 20)
    job = await done(bench, actor, [label["_id"] for label in labels])
    assert (job["state"], job["total"], job["printed"], job["refused"]) == ("DONE", 20, 20, 0)
    assert job["created"]["recorded_at"] < job["started_at"] < job["ended_at"]
    for position, (row, label) in enumerate(zip(await rows(bench, actor, job), labels, strict=True)):
        assert (row["position"], row["label"], row["revision"]) == (position, label["_id"], 2)
        twin = await stored(bench, label["_id"])
        assert (twin["revision"], twin["head"]["state"]) == (2, "PRINTED")
        assert twin["head"]["payload"] == bench.services.labels.payload(label)
        evidence = twin["versions"][1]["evidence"]
        assert evidence["job"] == job["_id"]
        assert evidence["sha256"] == row["sha256"]
        assert (evidence["format"], evidence["dpi"], evidence["copies"]) == ("zpl", 300, 1)
        assert evidence["template"] == "asset_tag@builtin"
        assert [carrier["content"] for carrier in evidence["carriers"]] == [twin["head"]["payload"]]
        chain = Chain(label["_id"], 1)
        for version in twin["versions"]:  # an auditor's own reader has the same hash of all that
            chain.add(as_json(version))
        assert (chain.broken, chain.hash) == (None, twin["hash"])
        assert twin["versions"][1]["actor"] == actor.id


async def test_what_may_not_be_printed_is_told_and_the_others_are_printed(fresh_bench: Bench, actor: Actor) -> None:
    bench = fresh_bench
    labels = [
        await issued(bench, actor),
        await applied(bench, actor),
        await printed(bench, actor),
        await issued(bench, actor),
    ]
    job = await done(bench, actor, [label["head"]["link_id"] for label in labels])
    assert (job["state"], job["printed"], job["refused"]) == ("DONE", 2, 2)
    found = await rows(bench, actor, job)
    assert [row.get("error", {}).get("code") for row in found] == [None, "ILLEGAL_MOVE", "INVALID_INPUT", None]
    assert "REPRINT needs a reason" in found[2]["error"]["message"]
    refused = await bench.services.print_jobs.rows(actor, job["_id"], 0, 10, printed=False)
    assert [row["position"] for row in refused] == [1, 2]
    again = await done(bench, actor, [labels[2]["_id"]], PrintOrder(PrintFormat.SVG, reason="smeared", copies=3))
    assert (again["printed"], again["refused"]) == (1, 0)
    version = (await stored(bench, labels[2]["_id"]))["versions"][2]
    assert (version["action"], version["reason"], version["evidence"]["copies"]) == ("REPRINT", "smeared", 3)


async def test_a_repeat_answers_the_same_job_and_another_input_is_refused(fresh_bench: Bench, actor: Actor) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 2)]
    jobs, once = bench.services.print_jobs, Command(client_mutation_id=name())
    job = await jobs.create(actor, labels, ZPL, once)
    assert (await jobs.create(actor, labels, ZPL, once))["_id"] == job["_id"]
    assert (await jobs.create(full_actor("another"), labels, ZPL, once))["_id"] != job["_id"]
    assert (await jobs.create(actor, labels, ZPL, Command()))["_id"] != job["_id"]
    with pytest.raises(MutationIdReused):
        await jobs.create(actor, labels[::-1], ZPL, once)
    with pytest.raises(MutationIdReused):
        await jobs.create(actor, labels, PrintOrder(PrintFormat.ZPL, copies=2), once)


async def test_unknown_and_doubled_labels_are_refused_with_their_position(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    known, link = label["_id"], label["head"]["link_id"]
    for labels, position, found in [
        ([known, "lbl_nothing"], "1", "no label 'lbl_nothing'"),
        ([known, "neither"], "1", "no label 'neither'"),
        ([known, link], "1", "at 0 already"),
        ([link, "lbl_x", link], "1", "no label 'lbl_x'"),
    ]:
        with pytest.raises(InvalidInput, match=found) as refused:
            await bench.services.print_jobs.create(actor, labels, ZPL, Command())
        assert refused.value.path == ("labels", position)
    with pytest.raises(InvalidInput, match="at least 1"):
        await bench.services.print_jobs.create(actor, [], ZPL, Command())
    with pytest.raises(TooLarge, match="at most 10000 in one job, found 10001"):
        await bench.services.print_jobs.create(actor, ["lbl_x"] * 10_001, ZPL, Command())
    with pytest.raises(TooLarge, match="101 labels of 1000 copies"):
        await bench.services.print_jobs.create(actor, ["x"] * 101, PrintOrder(PrintFormat.ZPL, copies=1_000), Command())
    with pytest.raises(InvalidInput, match="'line-9' is not known"):
        await bench.services.print_jobs.create(actor, [known], PrintOrder(PrintFormat.ZPL, printer="line-9"), Command())


async def test_a_cancelled_job_prints_nothing_more(fresh_bench: Bench, actor: Actor) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 3)]
    jobs = bench.services.print_jobs
    job = await jobs.create(actor, labels, ZPL, Command())
    assert (await jobs.cancel(actor, job["_id"]))["state"] == "CANCELLED"
    assert (await jobs.cancel(actor, job["_id"]))["state"] == "CANCELLED"
    assert not await bench.services.print_worker.do_next()
    assert (await stored(bench, labels[0]))["revision"] == 1
    over = await done(bench, actor, labels)
    for position, label in enumerate(labels):  # a process was killed in the middle of a round, and somebody cancelled
        back = {"$unset": {"sha256": "", "revision": ""}} if position else {"$set": {}}
        await bench.mongo.collection("print_rows").update_one({"label": label, "revision": 2}, back)
    broken = {"state": "CANCELLING", "cursor": 0, "printed": 0}
    await bench.mongo.collection("print_jobs").update_one({"_id": over["_id"]}, {"$set": broken})
    assert (await jobs.cancel(actor, over["_id"]))["state"] == "CANCELLING"
    assert await bench.services.print_worker.do_next()
    given_up = await jobs.find(actor, over["_id"])
    assert (given_up["state"], given_up["printed"]) == ("CANCELLED", 3)
    assert [row["revision"] for row in await rows(bench, actor, over)] == [2, 2, 2]
    over = await done(bench, actor, labels)
    with pytest.raises(Refused, match="found DONE"):
        await jobs.cancel(actor, over["_id"])
    with pytest.raises(NotFound):
        await jobs.cancel(actor, "job_none")


async def test_a_label_that_a_killed_process_had_printed_is_not_printed_again(fresh_bench: Bench, actor: Actor) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 2)]
    job = await done(bench, actor, labels)
    before = await rows(bench, actor, job)
    await bench.services.labels.void(actor, labels[0], why())  # and history has gone on since
    jobs = bench.mongo.collection("print_jobs")
    await jobs.update_one(
        {"_id": job["_id"]}, {"$set": {"state": "RUNNING", "cursor": 0, "printed": 0}, "$unset": {"ended_at": ""}}
    )
    await bench.mongo.collection("print_rows").update_one(
        {"_id": before[0]["_id"]}, {"$unset": {"sha256": "", "revision": ""}}
    )
    assert await bench.services.print_worker.do_next()
    again = await bench.services.print_jobs.find(actor, job["_id"])
    assert (again["state"], again["printed"], again["refused"]) == ("DONE", 2, 0)
    assert await rows(bench, actor, job) == before
    assert [(await stored(bench, label))["revision"] for label in labels] == [3, 2]


async def test_two_workers_share_the_jobs_and_a_lease_keeps_them_apart(fresh_bench: Bench, actor: Actor) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 1)]
    job = await bench.services.print_jobs.create(actor, labels, ZPL, Command())
    lease = await bench.store.leases.take(f"print job {job['_id']}", 600)
    assert lease is not None
    assert not await bench.services.print_worker.do_next()
    await bench.store.leases.end(f"print job {job['_id']}", lease)
    assert await bench.services.print_worker.do_next()
    assert await bench.mongo.collection("leases").count_documents({}) == 0


async def test_it_needs_the_right_to_print(bench: Bench, actor: Actor) -> None:
    reader = Actor("reader", frozenset({Permission.READ_TWINS}), frozenset())
    jobs = bench.services.print_jobs
    for who, error in [(reader, Forbidden), (ANONYMOUS, Unauthenticated)]:
        for call in (
            lambda who: jobs.create(who, ["x"], ZPL, Command()),
            lambda who: jobs.find(who, "job_x"),
            lambda who: jobs.cancel(who, "job_x"),
            lambda who: jobs.rows(who, "job_x", 0, 1),
            lambda who: jobs.count(who),
        ):
            with pytest.raises(error):
                await call(who)
