"""Photos are evidence: who may send one, what is kept of it, and what is not recorded."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.renderers.photos import drawn, file_of, png_header, taken
from tests.services.factory import Doc, applied, issued, name, new_asset, preprinted, printed, stored, why
from twin.domain.actor import ANONYMOUS, Actor
from twin.domain.history import Command
from twin.domain.profiles import profile
from twin.errors import Forbidden, InvalidInput, NotFound, TooLarge, Unauthenticated, Unavailable
from twin.services.labels import Order

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


class Upload:
    """The parts of a body, and whether anybody took one."""

    def __init__(self, content: bytes, part: int = 50_000) -> None:
        self._content = content
        self._part = part
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), self._part):
            self.taken += self._part
            yield self._content[start : start + self._part]


def photo_of(*symbols: tuple[str, str]) -> bytes:
    return file_of(taken(drawn(*symbols), turn=12, blur=0.8), quality=70)


async def test_a_photo_of_the_label_passes_and_is_kept_by_its_digest(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    payload, content = (
        bench.services.labels.payload(label),
        photo_of((label["head"]["payload"], "qr"), ("AD", "datamatrix")),
    )
    answer = await bench.services.verifications.verify_photo(
        actor, label["_id"], content=Upload(content), grade="B", command=Command()
    )
    assert answer["head"]["state"] == "VERIFIED"
    [version] = await bench.services.labels.versions(actor, label["_id"], 4, 4)
    evidence = version["evidence"]
    assert (evidence["read"], evidence["carrier"], evidence["grade"]) == (payload, "link", "B")
    assert evidence["photo"] == {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    assert sorted(row["text"] for row in evidence["symbols"]) == ["AD", payload]
    assert len(str(await stored(bench, label["_id"]))) < 10_000


async def test_a_photo_of_another_label_fails_and_is_recorded(bench: Bench, actor: Actor) -> None:
    label, other = await applied(bench, actor), await applied(bench, actor)
    content = photo_of((other["head"]["payload"], "datamatrix"))
    answer = await bench.services.verifications.verify_photo(
        actor, label["_id"], content=Upload(content), grade=None, command=Command()
    )
    assert (answer["head"]["state"], answer["revision"]) == ("APPLIED", 4)
    [version] = await bench.services.labels.versions(actor, label["_id"], 4, 4)
    assert (version["action"], version["evidence"]["read"]) == ("FAIL_VERIFICATION", other["head"]["payload"])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (file_of(taken(drawn(("TWIN-42", "qr")), blur=25)), "a symbol that can be read, found none"),
        (b"", "PNG, JPEG or WebP"),
        (png_header(50_000, 50_000), "40000000 pixels"),
    ],
    ids=["blurred", "empty", "bomb"],
)
async def test_what_cannot_be_read_is_refused_and_not_recorded(
    bench: Bench, actor: Actor, content: bytes, why: str
) -> None:
    label = await applied(bench, actor)
    with pytest.raises(InvalidInput, match=why):
        await bench.services.verifications.verify_photo(
            actor, label["_id"], content=Upload(content), grade=None, command=Command()
        )
    assert (await stored(bench, label["_id"]))["revision"] == 3


async def test_a_photo_that_never_ends_is_cut_off(bench: Bench, actor: Actor) -> None:
    label, upload = await applied(bench, actor), Upload(bytes(30_000_000), 1_000_000)
    with pytest.raises(TooLarge, match="8388608 bytes at most"):
        await bench.services.verifications.verify_photo(
            actor, label["_id"], content=upload, grade=None, command=Command()
        )
    assert upload.taken == 9_000_000


async def test_nothing_is_taken_in_from_whoever_may_not_or_for_what_is_not(bench: Bench, actor: Actor) -> None:
    label, upload = await applied(bench, actor), Upload(b"photo")
    for who, key, error in (
        (ANONYMOUS, label["_id"], Unauthenticated),
        (replace(actor, permissions=frozenset()), label["_id"], Forbidden),
        (actor, "lbl_nothing", NotFound),
    ):
        with pytest.raises(error):
            await bench.services.verifications.verify_photo(who, key, content=upload, grade=None, command=Command())
    assert upload.taken == 0


async def test_a_repeated_photo_is_recorded_once(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    content, command = photo_of((label["head"]["payload"], "qr")), Command(client_mutation_id=name())
    answers = [
        await bench.services.verifications.verify_photo(
            actor, label["_id"], content=Upload(content), grade=None, command=command
        )
        for _ in range(2)
    ]
    assert [answer["revision"] for answer in answers] == [4, 4]


async def test_so_many_photos_at_once_and_no_more(bench: Bench, actor: Actor) -> None:
    label, sent = await applied(bench, actor), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        await sent.wait()
        yield b"no photo"

    verify = bench.services.verifications.verify_photo
    waiting = [
        asyncio.create_task(verify(actor, label["_id"], content=slow(), grade=None, command=Command()))
        for _ in range(9)
    ]
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert [type(one.exception()) for one in done] == [Unavailable]
    sent.set()
    errors = await asyncio.gather(*waiting, return_exceptions=True)
    assert sorted(type(error).__name__ for error in errors) == ["InvalidInput"] * 8 + ["Unavailable"]


# Which print is this paper from?


async def test_paper_leads_to_its_prints_and_says_what_is_stale(bench: Bench, actor: Actor) -> None:
    label = await printed(bench, actor, tag="7", note="in house")
    twin, payload = label["_id"], label["head"]["payload"]
    labels, printed_from = bench.services.labels, bench.services.verifications.printed_from
    await labels.revise(actor, twin, face={"tag": "8"}, attributes={}, command=Command(expected_revision=2))
    await labels.reprint(actor, twin, command=why())
    changes = {"note": "in the shop", "owner": "Plant 3"}
    await labels.revise(actor, twin, face=changes, attributes={}, command=Command(expected_revision=4))
    newest, first = await printed_from(actor, twin, f"]d1{payload.lower()[:7]}{payload[7:]}", 5)
    assert [(one.carrier, one.version["revision"], one.version["action"], one.stale) for one in (newest, first)] == [
        ("link", 4, "REPRINT", True),
        ("link", 2, "PRINT", True),
    ]
    assert [(change.path, change.before, change.after) for change in newest.changed] == [
        (("face", "note"), "in house", "in the shop"),
        (("face", "owner"), None, "Plant 3"),
    ]
    assert [change.path[-1] for change in first.changed] == ["note", "owner", "tag"]
    [only] = await printed_from(actor, twin, payload, 2)
    assert (only.stale, only.changed) == (False, ())
    assert await printed_from(actor, twin, "something else", 5) == []
    assert await printed_from(actor, (await issued(bench, actor))["_id"], payload, 1) == []


async def test_the_public_sees_that_paper_is_stale_and_nothing_internal(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor, tag="7", note="in house")
    change = {"note": "in the shop"}
    await bench.services.labels.revise(
        actor, label["_id"], face=change, attributes={}, command=Command(expected_revision=3)
    )
    link, payload = label["head"]["link_id"], label["head"]["payload"]
    [found] = await bench.services.verifications.printed_from(ANONYMOUS, link, payload, 4)
    assert (found.stale, found.changed) == (True, ())
    assert not {"actor", "reason", "evidence"} & set(found.version)


async def test_a_batch_of_paper_is_known_before_it_is_claimed(bench: Bench, actor: Actor) -> None:
    label = await preprinted(bench, actor)
    payload = label["head"]["payload"]
    [found] = await bench.services.verifications.printed_from(actor, label["_id"], payload, 1)
    assert (found.version["action"], found.stale) == ("PREPRINT", False)


async def test_a_long_history_is_looked_through(bench: Bench, actor: Actor) -> None:
    label = await printed(bench, actor)
    twin, labels = label["_id"], bench.services.labels
    for count in range(170):
        await labels.reprint(actor, twin, command=why(f"again {count}"))
    found = await bench.services.verifications.printed_from(actor, twin, label["head"]["payload"], 172)
    assert [one.version["revision"] for one in found] == list(range(172, 72, -1))


def udi_of(label: Doc) -> str:
    """What the UDI of a label says."""
    return str(profile("udi_gs1").content("udi", payload="", face=label["head"]["face"]))


async def test_by_a_carrier_that_can_be_guessed_paper_is_told_to_readers_alone(bench: Bench, actor: Actor) -> None:
    labels, serial = bench.services.labels, name()[:10].upper()
    asset = await new_asset(bench, actor, f"gs1:01/09506000134352/21/{serial}")
    face = {"lot": "LOT-A", "manufactured": "2026-11-22"}
    [label] = await labels.issue(actor, [Order(asset, "udi_gs1", face)], Command())
    await labels.print_label(actor, label["_id"], command=Command())
    await labels.apply(actor, label["_id"], Command())
    printed_from = bench.services.verifications.printed_from
    on_paper = udi_of(label)
    [found] = await printed_from(actor, label["_id"], on_paper, 3)
    assert found.carrier == "udi"
    assert await printed_from(ANONYMOUS, label["head"]["link_id"], on_paper, 3) == []
    passed = await labels.verify(actor, label["_id"], read=on_paper, grade=None, command=Command())
    assert passed["head"]["state"] == "VERIFIED"
    revised = await labels.revise(
        actor, label["_id"], face={"lot": "LOT-B"}, attributes={}, command=Command(expected_revision=4)
    )
    in_twin = udi_of(revised)
    for text, state in ((in_twin, "FAIL_VERIFICATION"), (on_paper, "VERIFY")):  # what the paper says, not the twin
        answer = await labels.verify(actor, label["_id"], read=text, grade=None, command=Command())
        [version] = await labels.versions(actor, label["_id"], answer["revision"], answer["revision"])
        assert version["action"] == state
