"""What a job made, drawn again from history: whole, in order, the same bytes; or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from dataclasses import replace

import pypdfium2
import pytest

from tests.conftest import Bench
from tests.services.factory import new_asset, stored, why
from tests.services.test_print_jobs import ZPL, done, many, rows
from twin.domain.actor import Actor, full_actor
from twin.domain.builtin import builtins
from twin.domain.history import Command
from twin.domain.print_job import Override, PrintFormat, PrintOrder
from twin.domain.tag import Tag
from twin.errors import InvalidInput, NotFound, Refused
from twin.services import print_streams
from twin.services.artefacts import Grid, grid_of
from twin.services.labels import Order

pytestmark = pytest.mark.anyio


async def file_of(bench: Bench, actor: Actor, job: str, ending: str, grid: Grid | None = None) -> bytes:
    download = await bench.services.print_streams.open(actor, job, ending, grid)
    assert download.name == f"{job}.{ending}"
    return await asyncio.to_thread(lambda: b"".join(download.parts))


@pytest.mark.parametrize("format_", [PrintFormat.ZPL, PrintFormat.ZPL_NATIVE])
async def test_zpl_is_the_printed_labels_one_after_the_other(
    fresh_bench: Bench, actor: Actor, format_: PrintFormat
) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 3)]
    await bench.services.labels.void(actor, labels[1], why())
    job = await done(bench, actor, labels, PrintOrder(format_, copies=2))
    assert (job["printed"], job["refused"]) == (2, 1)
    content = await file_of(bench, actor, job["_id"], "zpl")
    parts = [b"^XA" + part for part in content.split(b"^XA")[1:]]
    assert len(parts) == 4
    assert (b"^BQ" in parts[0]) == (format_ is PrintFormat.ZPL_NATIVE)
    digests = [hashlib.sha256(part).hexdigest() for part in parts]
    expected = [row["sha256"] for row in await rows(bench, actor, job) if "sha256" in row]
    assert digests == [digest for digest in expected for _ in range(2)]
    revised = await stored(bench, labels[0])
    await bench.services.labels.revise(
        actor,
        labels[0],
        face={"tag": "changed since"},
        attributes={},
        command=why(expected_revision=revised["revision"]),
    )
    assert await file_of(bench, actor, job["_id"], "zpl") == content


async def test_the_tag_of_the_print_is_written_again_whatever_the_asset_is_called_since(
    fresh_bench: Bench, actor: Actor
) -> None:
    bench, template = fresh_bench, replace(builtins()["asset_tag"].template, tag=Tag(7))
    drawn = await bench.services.templates.draw(actor, name="rfid", template=template)
    await bench.services.templates.submit(actor, drawn["_id"])
    await bench.services.templates.approve(full_actor("second"), drawn["_id"], sha256=drawn["sha256"])
    asset = await new_asset(bench, actor, "gs1:01/80614141123458/21/6789")
    [label] = await bench.services.labels.issue(actor, [Order(asset, "asset_tag", {"tag": "7"})], Command())
    job = await done(bench, actor, [label["_id"]], PrintOrder(PrintFormat.ZPL, template="rfid@1"))
    content = await file_of(bench, actor, job["_id"], "zpl")
    assert b"^RFW,H,,,A^FD3014257BF7194E4000001A85^FS" in content
    preview = await bench.services.previews.draw(actor, "rfid@1", label=label["_id"], format_name="zpl", dpi=300)
    assert preview.content == content
    await bench.services.identifiers.identify(actor, asset, ["gs1:8004/061414112345"], why())
    assert await file_of(bench, actor, job["_id"], "zpl") == content
    order = PrintOrder(PrintFormat.ZPL, template="rfid@1", reason="again")
    [row] = await rows(bench, actor, await done(bench, actor, [label["_id"]], order))
    assert row["error"]["rules"] == ["tag.epc"]


async def test_pdf_is_a_roll_or_sheets_and_svg_a_zip(fresh_bench: Bench, actor: Actor) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 7)]
    pdf = await done(bench, actor, labels, PrintOrder(PrintFormat.PDF))
    roll = await file_of(bench, actor, pdf["_id"], "pdf")
    assert len(pypdfium2.PdfDocument(roll)) == 7
    sheets = await file_of(bench, actor, pdf["_id"], "pdf", grid_of("A4", 2, 2, (10, 10, 10, 10), (2, 2)))
    assert len(pypdfium2.PdfDocument(sheets)) == 2
    with pytest.raises(InvalidInput, match="place on the sheet"):
        await file_of(bench, actor, pdf["_id"], "pdf", grid_of("A4", 20, 2))
    with pytest.raises(InvalidInput, match="expected A4 or LETTER, found 'A3'"):
        grid_of("A3", 1, 1)
    svg = await done(bench, actor, labels, PrintOrder(PrintFormat.SVG, reason="for the web"))
    archive = zipfile.ZipFile(io.BytesIO(await file_of(bench, actor, svg["_id"], "zip")))
    assert len(archive.namelist()) == 7
    found = [hashlib.sha256(archive.read(entry)).hexdigest() for entry in archive.namelist()]
    assert found == [row["sha256"] for row in await rows(bench, actor, svg)]


async def test_there_is_no_file_of_an_open_job_another_format_or_nothing(fresh_bench: Bench, actor: Actor) -> None:
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 1)]
    streams = bench.services.print_streams
    job = await bench.services.print_jobs.create(actor, labels, ZPL, Command())
    with pytest.raises(Refused, match="is QUEUED: 0 of 1"):
        await streams.open(actor, job["_id"], "zpl")
    await bench.services.print_jobs.cancel(actor, job["_id"])
    with pytest.raises(Refused, match="has printed no label"):
        await streams.open(actor, job["_id"], "zpl")
    with pytest.raises(Refused, match=r"expected \.zpl, found \.pdf"):
        await streams.open(actor, job["_id"], "pdf")
    with pytest.raises(NotFound):
        await streams.open(actor, "job_none", "zpl")
    over = await done(bench, actor, labels)
    with pytest.raises(InvalidInput, match=r"expected none for \.zpl"):
        await streams.open(actor, over["_id"], "zpl", grid_of("A4", 1, 1))


async def test_what_comes_out_otherwise_than_history_says_ends_the_file(
    fresh_bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_streams, "PART", 1)
    bench = fresh_bench
    labels = [label["_id"] for label in await many(bench, actor, 3)]
    job = await done(bench, actor, labels)
    await bench.mongo.collection("labels").update_one(
        {"_id": labels[1]}, {"$set": {"versions.1.snapshot.face.tag": "forged"}}
    )
    download = await bench.services.print_streams.open(actor, job["_id"], "zpl")

    def taken() -> tuple[bytes, str]:
        first = next(download.parts)
        try:
            next(download.parts)
        except Refused as error:
            return first, error.message
        return first, ""

    first, why_not = await asyncio.to_thread(taken)
    assert first.startswith(b"^XA")
    assert f"{labels[1]} at revision 2 was printed as" in why_not


async def test_only_clean_labels_print_unless_a_rule_is_overridden_with_a_reason(
    fresh_bench: Bench, actor: Actor
) -> None:
    bench = fresh_bench
    asset = await new_asset(bench, actor)
    [label] = await bench.services.labels.issue(actor, [Order(asset, "asset_tag", {"tag": "7"})], Command())
    await bench.mongo.collection("labels").update_one({"_id": label["_id"]}, {"$set": {"head.face.colour": "red"}})
    bench.store.labels.recent.forget(label["_id"])
    refused = await done(bench, actor, [label["_id"]])
    [row] = await rows(bench, actor, refused)
    assert row["error"]["code"] == "LABEL_NOT_CLEAN"
    assert row["error"]["rules"] == ["field.unknown"]
    assert "'colour'" in row["error"]["message"]
    order = PrintOrder(PrintFormat.ZPL, overrides=(Override("field.unknown", "a field of last year"),))
    job = await done(bench, actor, [label["_id"]], order)
    assert (job["printed"], job["order"]["overrides"]) == (
        1,
        [{"rule": "field.unknown", "reason": "a field of last year"}],
    )
    evidence = (await stored(bench, label["_id"]))["versions"][1]["evidence"]
    assert evidence["overridden"] == {"field.unknown": "a field of last year"}
