"""Printers at a socket: what they take is committed, what they do not take is tried again, and no label is lost."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import pytest

from tests.conftest import Bench, bench_on
from tests.services.factory import stored
from tests.services.sockets import SocketPrinter, socket_printer
from tests.services.test_print_jobs import many
from twin.app import JOBS_AT_ONCE, keep_printing
from twin.domain.actor import Actor
from twin.domain.history import Command, Document
from twin.domain.print_job import PrintFormat, PrintOrder
from twin.domain.printers import Address
from twin.errors import PrinterStopped
from twin.services import print_worker
from twin.services.print_worker import PrintWorker
from twin.services.printers import send

pytestmark = pytest.mark.anyio

LINE_3 = PrintOrder(PrintFormat.ZPL, printer="line-3")


@pytest.fixture
async def printer() -> AsyncIterator[SocketPrinter]:
    async with socket_printer() as made:
        yield made


@pytest.fixture
async def plant(
    mongo_uri: str, printer: SocketPrinter, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Bench, PrintWorker]]:
    monkeypatch.setattr(print_worker, "AGAIN_S", 0.01)
    async with bench_on(mongo_uri, printers={"line-3": printer.address}) as bench:
        worker = PrintWorker(
            bench.services.labels._commits,
            bench.services.labels,
            bench.services.templates,
            {"line-3": printer.address},
            bench.services.print_jobs.asked,
            patience_s=0.2,
            answer_s=0.2,
        )
        yield bench, worker


async def printed(bench: Bench, worker: PrintWorker, actor: Actor, labels: list[str], order: PrintOrder) -> Document:
    job = await bench.services.print_jobs.create(actor, labels, order, Command())
    assert await worker.do_next()
    return await bench.services.print_jobs.find(actor, job["_id"])


async def test_the_labels_reach_the_printer_in_order(
    plant: tuple[Bench, PrintWorker], printer: SocketPrinter, actor: Actor
) -> None:
    bench, worker = plant
    labels = [label["_id"] for label in await many(bench, actor, 5)]
    job = await printed(bench, worker, actor, labels, PrintOrder(PrintFormat.ZPL, printer="line-3", copies=2))
    assert (job["state"], job["printed"]) == ("DONE", 5)
    assert len(printer.taken) == 10
    for label, first, second in zip(labels, printer.taken[::2], printer.taken[1::2], strict=True):
        assert first == second
        assert first.startswith(b"^XA")
        evidence = (await stored(bench, label))["versions"][1]["evidence"]
        assert evidence["sha256"] == hashlib.sha256(first).hexdigest()


async def test_copies_that_a_printer_has_taken_are_not_sent_again(
    plant: tuple[Bench, PrintWorker], printer: SocketPrinter, actor: Actor
) -> None:
    bench, worker = plant
    worker._patience_s = 0.001  # which counts from the last copy that was taken, however long all of them take
    printer.jams_after = 2
    labels = [label["_id"] for label in await many(bench, actor, 1)]
    job = await printed(bench, worker, actor, labels, PrintOrder(PrintFormat.ZPL, printer="line-3", copies=4))
    assert (job["state"], job["printed"], len(printer.taken)) == ("DONE", 1, 4)
    assert printer.jams_after == -1


async def test_a_printer_that_dies_in_the_middle_is_tried_again_and_loses_no_label(
    plant: tuple[Bench, PrintWorker], printer: SocketPrinter, actor: Actor
) -> None:
    bench, worker = plant
    worker._patience_s = 60
    printer.dies = 3
    labels = [label["_id"] for label in await many(bench, actor, 3)]
    job = await printed(bench, worker, actor, labels, LINE_3)
    assert (job["state"], job["printed"], len(printer.taken)) == ("DONE", 3, 3)
    assert "error" not in job
    assert [(await stored(bench, label))["revision"] for label in labels] == [2, 2, 2]


async def test_a_printer_that_hangs_fails_the_job_and_nothing_is_said_to_be_printed(
    plant: tuple[Bench, PrintWorker], printer: SocketPrinter, actor: Actor
) -> None:
    bench, worker = plant
    labels = [label["_id"] for label in await many(bench, actor, 2)]
    assert (await printed(bench, worker, actor, labels[:1], LINE_3))["state"] == "DONE"
    printer.hangs = True
    job = await printed(bench, worker, actor, labels[1:], LINE_3)
    assert (job["state"], job["printed"], job["refused"]) == ("FAILED", 0, 0)
    assert "'line-3' did not take a label within 0.2 s" in job["error"]
    assert (await stored(bench, labels[1]))["revision"] == 1
    printer.hangs = False
    assert (await printed(bench, worker, actor, labels[1:], LINE_3))["state"] == "DONE"


async def test_a_job_that_waits_for_its_printer_can_be_cancelled(
    plant: tuple[Bench, PrintWorker], printer: SocketPrinter, actor: Actor
) -> None:
    bench, worker = plant
    worker._patience_s = 60
    printer.hangs = True
    labels = [label["_id"] for label in await many(bench, actor, 1)]
    job = await bench.services.print_jobs.create(actor, labels, LINE_3, Command())
    working = asyncio.create_task(worker.do_next())
    found = job
    while "error" not in found:
        found = await bench.services.print_jobs.find(actor, job["_id"])
    assert found["state"] == "RUNNING"
    await bench.services.print_jobs.cancel(actor, job["_id"])
    assert await working
    assert (await bench.services.print_jobs.find(actor, job["_id"]))["state"] == "CANCELLED"
    assert (await stored(bench, labels[0]))["revision"] == 1


async def test_printers_that_take_nothing_hold_up_no_other_job(
    mongo_uri: str, printer: SocketPrinter, actor: Actor
) -> None:
    printer.hangs = True
    names = [f"line-{number}" for number in range(JOBS_AT_ONCE + 1)]
    async with bench_on(mongo_uri, printers=dict.fromkeys(names, printer.address)) as bench:
        labels = [label["_id"] for label in await many(bench, actor, len(names) + 1)]
        jobs = bench.services.print_jobs
        for name, label in zip(names, labels, strict=False):
            await jobs.create(actor, [label], PrintOrder(PrintFormat.ZPL, printer=name), Command())
        download = await jobs.create(actor, labels[-1:], PrintOrder(PrintFormat.PDF), Command())
        printing = asyncio.create_task(keep_printing(bench.services))
        try:
            async with asyncio.timeout(10):
                while (await jobs.find(actor, download["_id"]))["state"] != "DONE":
                    pass
        finally:
            printing.cancel()
            await asyncio.wait([printing])


async def test_a_printer_that_the_deployment_names_no_more_fails_its_jobs(
    plant: tuple[Bench, PrintWorker], actor: Actor
) -> None:
    bench, worker = plant
    labels = [label["_id"] for label in await many(bench, actor, 1)]
    job = await bench.services.print_jobs.create(actor, labels, LINE_3, Command())
    worker._printers = {}
    assert await worker.do_next()
    failed = await bench.services.print_jobs.find(actor, job["_id"])
    assert (failed["state"], failed["printed"]) == ("FAILED", 0)
    assert "no printer 'line-3'" in failed["error"]


async def test_a_printer_that_is_not_there_is_said_to_be(printer: SocketPrinter) -> None:
    with pytest.raises(PrinterStopped, match="'gone' did not take a label"):
        await send("gone", Address("127.0.0.1", 1), b"^XA^XZ", within_s=2)
    printer.dies = 1
    with pytest.raises(PrinterStopped):
        await send("line-3", printer.address, b"^XA" * 1_000_000, within_s=2)
