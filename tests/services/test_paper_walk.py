"""From a print job over a photo of its paper to a verdict: a whole label, drawn, photographed and compared."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.renderers.photos import file_of, taken
from tests.services.factory import new_asset, why
from tests.services.test_verifications import Upload
from twin.domain.history import Command, Document
from twin.domain.print_job import PrintFormat, PrintOrder
from twin.services.labels import Order

if TYPE_CHECKING:
    from tests.conftest import Bench
    from twin.domain.actor import Actor

pytestmark = pytest.mark.anyio


async def device(bench: Bench, actor: Actor, lot: str) -> Document:
    """A UDI label, not printed yet."""
    serial = uuid.uuid4().hex[:10].upper()
    asset = await new_asset(bench, actor, f"gs1:01/09506000134352/21/{serial}")
    face = {"lot": lot, "manufactured": "2026-11-22", "expires": "2031-11-22"}
    return (await bench.services.labels.issue(actor, [Order(asset, "udi_gs1", face)], Command()))[0]


async def print_job(bench: Bench, actor: Actor, label: Document, **more: str) -> str:
    """A job that has printed the label."""
    order = PrintOrder(PrintFormat.ZPL, **more)  # type: ignore[arg-type]
    job = await bench.services.print_jobs.create(actor, [label["_id"]], order, Command())
    while await bench.services.print_worker.do_next():
        pass
    return str(job["_id"])


async def paper_of(bench: Bench, actor: Actor, label: Document) -> Image.Image:
    """What the label looks like on paper."""
    drawn = await bench.services.previews.draw(actor, None, label=label["_id"], format_name="png", dpi=600)
    return Image.open(BytesIO(drawn.content)).convert("RGB")


async def test_every_symbol_of_a_label_is_compared_and_tells_the_print(fresh_bench: Bench, actor: Actor) -> None:
    bench, labels = fresh_bench, fresh_bench.services.labels
    label = await device(bench, actor, "LOT-A")
    first = await print_job(bench, actor, label)
    old = await paper_of(bench, actor, label)
    await labels.revise(actor, label["_id"], face={"lot": "LOT-B"}, attributes={}, command=Command(expected_revision=2))
    second = await print_job(bench, actor, label, reason="another lot")
    new = await paper_of(bench, actor, label)
    await labels.apply(actor, label["_id"], why())

    verify = bench.services.verifications.verify_photo
    photo = file_of(taken(new, turn=9, blur=0.8), quality=80)
    passed = await verify(actor, label["_id"], content=Upload(photo), grade="A", command=Command())
    assert passed["head"]["state"] == "VERIFIED"
    photo = file_of(taken(old, turn=9, blur=0.8), quality=80)
    failed = await verify(actor, label["_id"], content=Upload(photo), grade=None, command=Command())
    good, bad = await labels.versions(actor, label["_id"], failed["revision"] - 1, failed["revision"])
    assert {row.get("carrier") for row in good["evidence"]["symbols"]} == {"link", "udi"}
    assert bad["action"] == "FAIL_VERIFICATION"  # the link is right, and the lot is the one of the paper before
    assert "LOT-A" in bad["evidence"]["read"]

    [paper] = await bench.services.verifications.printed_from(actor, label["_id"], bad["evidence"]["read"], 7)
    assert (paper.carrier, paper.version["evidence"]["job"], paper.stale) == ("udi", first, True)
    assert ("face", "lot") in [change.path for change in paper.changed]
    read = next(row["text"] for row in good["evidence"]["symbols"] if row["carrier"] == "udi")
    [paper] = await bench.services.verifications.printed_from(actor, label["_id"], read, 7)
    assert (paper.version["evidence"]["job"], paper.stale, paper.changed) == (second, False, ())
