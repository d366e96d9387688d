"""Two workers on one job, templates that are withdrawn, faults, and a database that does not answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conftest import Bench
from tests.services.factory import Doc, stored
from tests.services.test_print_jobs import ZPL, done, many, rows
from twin.domain.actor import Actor, full_actor
from twin.domain.builtin import builtins
from twin.domain.history import Command
from twin.domain.print_job import PrintFormat, PrintOrder
from twin.errors import Refused, Unavailable
from twin.services import print_worker
from twin.services.artefacts import clean_artefact_of
from twin.services.print_worker import Lease

pytestmark = pytest.mark.anyio


class Believed(Lease):
    """A lease that its holder believes in, whoever else has one too."""

    async def hold(self) -> bool:
        return True


async def test_two_that_both_believe_to_have_the_lease_print_each_label_once(fresh_bench: Bench, actor: Actor) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 60)]
    job = (await bench.services.print_jobs.create(actor, labels, ZPL, Command()))["_id"]
    lease = Believed(bench.store.leases, "anything", "token")
    await asyncio.gather(*(bench.services.print_worker._do(lease, job) for _ in range(3)))
    done = await bench.services.print_jobs.find(actor, job)
    assert (done["state"], done["printed"], done["refused"]) == ("DONE", 60, 0)
    assert [(await stored(bench, label))["revision"] for label in labels] == [2] * 60
    assert {row["revision"] for row in await rows(bench, actor, done)} == {2}


async def test_nothing_prints_from_a_template_that_was_withdrawn_meanwhile(fresh_bench: Bench, actor: Actor) -> None:
    bench, other = fresh_bench, full_actor("somebody-else")
    templates = bench.services.templates
    drawn = await templates.draw(actor, name="own", template=builtins()["asset_tag"].template)
    await templates.submit(actor, "own@1")
    labels = [label["_id"] for label in await many(bench, actor, 2)]
    order = PrintOrder(PrintFormat.ZPL, template="own@1")
    with pytest.raises(Refused, match="expected APPROVED, found IN_REVIEW"):
        await bench.services.print_jobs.create(actor, labels, order, Command())
    await templates.approve(other, "own@1", sha256=drawn["sha256"])
    by_name = PrintOrder(PrintFormat.ZPL, template="own")
    first = await bench.services.print_jobs.create(actor, labels[:1], by_name, Command())
    assert first["order"]["template"] == "own@1"
    assert await bench.services.print_worker.do_next()
    evidence = (await stored(bench, labels[0]))["versions"][1]["evidence"]
    assert (evidence["template"], evidence["template_sha256"]) == ("own@1", drawn["sha256"])
    second = await bench.services.print_jobs.create(actor, labels[1:], order, Command())
    await templates.withdraw(other, "own@1", reason="the wrong size")
    assert await bench.services.print_worker.do_next()
    failed = await bench.services.print_jobs.find(actor, second["_id"])
    assert (failed["state"], failed["printed"]) == ("FAILED", 0)
    assert "Nothing prints from own@1" in failed["error"]
    assert (await stored(bench, labels[1]))["revision"] == 1


async def test_a_job_that_fails_counts_what_a_killed_process_had_printed(fresh_bench: Bench, actor: Actor) -> None:
    bench, other = fresh_bench, full_actor("somebody-else")
    templates = bench.services.templates
    drawn = await templates.draw(actor, name="own", template=builtins()["asset_tag"].template)
    await templates.submit(actor, "own@1")
    await templates.approve(other, "own@1", sha256=drawn["sha256"])
    labels = [label["_id"] for label in await many(bench, actor, 2)]
    over = await done(bench, actor, labels, PrintOrder(PrintFormat.ZPL, template="own@1"))
    before = await rows(bench, actor, over)
    killed = {"$set": {"state": "RUNNING", "cursor": 0, "printed": 0}, "$unset": {"ended_at": ""}}
    await bench.mongo.collection("print_jobs").update_one({"_id": over["_id"]}, killed)
    await bench.mongo.collection("print_rows").update_many({}, {"$unset": {"sha256": "", "revision": ""}})
    await templates.withdraw(other, "own@1", reason="the wrong size")
    assert await bench.services.print_worker.do_next()
    failed = await bench.services.print_jobs.find(actor, over["_id"])
    assert (failed["state"], failed["printed"]) == ("FAILED", 2)
    assert await rows(bench, actor, over) == before


async def test_a_fault_in_a_round_takes_back_no_print_of_it(
    fresh_bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 3)]
    job = await bench.services.print_jobs.create(actor, labels, ZPL, Command())

    def broken(document: Doc, *said: Any, **named: Any) -> Any:
        if document["_id"] == labels[1]:
            raise ZeroDivisionError
        return clean_artefact_of(document, *said, **named)

    with monkeypatch.context() as patched:
        patched.setattr(print_worker, "clean_artefact_of", broken)
        assert await bench.services.print_worker.do_next()
    failed = await bench.services.print_jobs.find(actor, job["_id"])
    assert (failed["state"], failed["printed"]) == ("FAILED", 2)
    assert [row.get("revision") for row in await rows(bench, actor, job)] == [2, None, 2]


async def test_a_fault_fails_its_job_and_no_other(
    fresh_bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 2)]
    job = await bench.services.print_jobs.create(actor, labels[:1], ZPL, Command())

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(print_worker, "clean_artefact_of", broken)
        assert await bench.services.print_worker.do_next()
    failed = await bench.services.print_jobs.find(actor, job["_id"])
    assert (failed["state"], failed["error"]) == ("FAILED", "Something went wrong here; the log says what.")
    assert not await bench.services.print_worker.do_next()
    await bench.services.print_jobs.create(actor, labels, ZPL, Command())
    assert await bench.services.print_worker.do_next()
    assert [(await stored(bench, label))["revision"] for label in labels] == [2, 2]


async def test_a_job_goes_on_when_the_database_answers_again(
    fresh_bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 20)]
    job = (await bench.services.print_jobs.create(actor, labels, ZPL, Command()))["_id"]

    async def silent(*_: Any) -> None:
        raise Unavailable("The database does not answer just now.")

    with monkeypatch.context() as patched:
        patched.setattr(bench.store.print_jobs, "settle", silent)
        with pytest.raises(Unavailable):
            await bench.services.print_worker.do_next()
    assert (await bench.services.print_jobs.find(actor, job))["state"] == "RUNNING"
    assert await bench.services.print_worker.do_next()
    done = await bench.services.print_jobs.find(actor, job)
    assert (done["state"], done["printed"]) == ("DONE", 20)
    assert [(await stored(bench, label))["revision"] for label in labels] == [2] * 20
