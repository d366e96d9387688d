"""Labels through the service: every move, who may make it, and what is left when one is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import (
    Doc,
    applied,
    issued,
    new_asset,
    new_vin,
    preprinted,
    printed,
    stored,
    told,
    why,
)
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.history import AsOf, Command
from twin.domain.label import LabelState
from twin.domain.print_job import Override, PrintFormat, PrintOrder
from twin.errors import (
    Forbidden,
    IllegalMove,
    InvalidInput,
    LabelNotClean,
    NotFound,
    TooLarge,
    Unauthenticated,
)
from twin.services import Services
from twin.services.labels import MOST_AT_ONCE, Labels, Order
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

CALLS: dict[str, tuple[Permission, Callable[[Labels, Actor, str, str], Awaitable[Any]]]] = {
    "issue": (
        Permission.ISSUE_LABELS,
        lambda labels, who, _, asset: labels.issue(who, [Order(asset, "asset_tag", {"tag": "7"})], Command()),
    ),
    "preprint": (Permission.ISSUE_LABELS, lambda labels, who, *_: labels.preprint(who, "asset_tag", 1, why())),
    "claim": (
        Permission.CLAIM_LABELS,
        lambda labels, who, key, asset: labels.claim(who, key, asset=asset, face={"tag": "7"}, command=Command()),
    ),
    "print": (
        Permission.PRINT_LABELS,
        lambda labels, who, key, _: labels.print_label(who, key, command=Command()),
    ),
    "reprint": (
        Permission.PRINT_LABELS,
        lambda labels, who, key, _: labels.reprint(who, key, command=why()),
    ),
    "apply": (Permission.APPLY_LABELS, lambda labels, who, key, _: labels.apply(who, key, Command())),
    "verify": (
        Permission.VERIFY_LABELS,
        lambda labels, who, key, _: labels.verify(who, key, read="x", grade=None, command=Command()),
    ),
    "report damaged": (
        Permission.REPORT_LABELS,
        lambda labels, who, key, _: labels.report(who, key, lost=False, command=why()),
    ),
    "report lost": (
        Permission.REPORT_LABELS,
        lambda labels, who, key, _: labels.report(who, key, lost=True, command=why()),
    ),
    "remove": (Permission.REMOVE_LABELS, lambda labels, who, key, _: labels.remove(who, key, why())),
    "void": (Permission.VOID_LABELS, lambda labels, who, key, _: labels.void(who, key, why())),
    "revise": (
        Permission.REVISE_LABELS,
        lambda labels, who, key, _: labels.revise(
            who, key, face={}, attributes={"a": "1"}, command=Command(expected_revision=3)
        ),
    ),
    "revise, without a revision": (
        Permission.REVISE_LABELS,
        lambda labels, who, key, _: labels.revise(who, key, face={}, attributes={"a": "1"}, command=Command()),
    ),
    "correct": (Permission.CORRECT_LABELS, lambda labels, who, key, _: labels.correct(who, key, why())),
    "find by id": (Permission.READ_TWINS, lambda labels, who, key, _: labels.find(who, key)),
    "page": (Permission.READ_TWINS, lambda labels, who, *_: labels.page(who, PageRequest(1))),
    "count": (Permission.READ_TWINS, lambda labels, who, *_: labels.count(who)),
    "page as of": (
        Permission.READ_TWINS,
        lambda labels, who, _, asset: labels.page_as_of(who, PageRequest(1), asset, AsOf()),
    ),
    "count as of": (Permission.READ_TWINS, lambda labels, who, _, asset: labels.count_as_of(who, asset, AsOf())),
}


@pytest.mark.parametrize("call", CALLS)
async def test_each_call_asks_for_its_permission_and_writes_nothing_without(
    bench: Bench, actor: Actor, call: str
) -> None:
    permission, ask = CALLS[call]
    asset = await new_asset(bench, actor)
    label = await applied(bench, actor, asset)
    clerk = Actor(actor.id, frozenset(Permission) - {permission}, frozenset(Audience))
    before = await bench.store.labels.collection.count_documents({"bindings.asset": asset})
    for who, error in ((clerk, Forbidden), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(error):
            await ask(bench.services.labels, who, label["_id"], asset)
    assert told(await stored(bench, label["_id"])) == told(label)
    assert await bench.store.labels.collection.count_documents({"bindings.asset": asset}) == before


async def test_a_whole_life(bench: Bench, actor: Actor) -> None:
    labels = bench.services.labels
    asset = await new_asset(bench, actor)
    label = await issued(bench, actor, asset)
    twin, link_id = label["_id"], label["head"]["link_id"]
    moves: list[tuple[str, Awaitable[Doc]]] = [
        ("PRINTED", labels.print_label(actor, twin, command=Command(), order=PrintOrder(PrintFormat.SVG, copies=2))),
        ("PRINTED", labels.reprint(actor, link_id, symbology="datamatrix", command=why("smudged"))),
        ("APPLIED", labels.apply(actor, link_id.lower(), Command())),
        ("VERIFIED", labels.verify(actor, twin, read=labels.payload(label), grade="A", command=Command())),
        ("VERIFIED", labels.verify(actor, twin, read="something else", grade="F", command=Command())),
        ("DAMAGED", labels.report(actor, twin, lost=False, command=why())),
        ("VERIFIED", labels.correct(actor, twin, why("the wrong label"))),
        ("DAMAGED", labels.report(actor, twin, lost=True, command=why())),
        ("REMOVED", labels.remove(actor, twin, why())),
        ("VOID", labels.void(actor, twin, why("scrapped"))),
    ]
    for revision, (state, move) in enumerate(moves, start=2):
        answer = await move
        assert (answer["head"]["state"], answer["revision"]) == (state, revision)
        assert told(await stored(bench, twin)) == told(answer)
    versions = await labels.versions(actor, twin, 1, 100)
    assert [version["action"] for version in versions] == [
        *("ISSUE", "PRINT", "REPRINT", "APPLY", "VERIFY", "FAIL_VERIFICATION", "REPORT_DAMAGED", "CORRECT"),
        *("REPORT_LOST", "REMOVE", "VOID"),
    ]
    assert {version["actor"] for version in versions} == {actor.id}
    assert versions[1]["evidence"]["copies"] == 2
    assert len(versions[1]["evidence"]["sha256"]) == 64
    assert [one["symbology"] for one in versions[2]["evidence"]["carriers"]] == ["datamatrix"]
    assert versions[4]["evidence"] == {"read": labels.payload(label), "carrier": "link", "grade": "A"}
    assert (await labels.find(ANONYMOUS, link_id))["flags"][0] == "VOID"


@pytest.mark.parametrize(
    ("read", "state"),
    [
        (lambda payload: payload.replace("HTTP://", "http://"), "VERIFIED"),
        (str.upper, "VERIFIED"),
        (str.lower, "APPLIED"),
        (lambda payload: payload.replace("/L/", "/plant/L/"), "APPLIED"),
        (lambda payload: f"{payload}.svg?x=1", "APPLIED"),
        (lambda payload: f"{payload}X", "APPLIED"),
        (lambda payload: payload.replace("127.0.0.1", "127.0.0.2"), "APPLIED"),
        (lambda payload: payload[-14:], "APPLIED"),
        (lambda payload: payload.replace("HTTP:", "HTTPS:"), "APPLIED"),
    ],
)
async def test_only_the_very_symbol_passes_in_either_case(
    bench: Bench, actor: Actor, read: Callable[[str], str], state: str
) -> None:
    label = await applied(bench, actor)
    seen = read(bench.services.labels.payload(label))
    answer = await bench.services.labels.verify(actor, label["_id"], read=seen, grade=None, command=Command())
    assert answer["head"]["state"] == state


async def test_the_payload_stays_when_the_service_moves_to_another_host(bench: Bench, actor: Actor) -> None:
    label = await printed(bench, actor)
    payload = label["head"]["payload"]
    moved = await Services.on(bench.store, public_url="https://new.example", clock=bench.clock)
    again = await moved.labels.reprint(actor, label["_id"], command=why())
    assert again["head"]["payload"] == moved.labels.payload(again) == payload
    unprinted = await issued(bench, actor)
    first = await moved.labels.print_label(actor, unprinted["_id"], command=Command())
    assert first["head"]["payload"] == f"HTTPS://NEW.EXAMPLE/L/{unprinted['head']['link_id']}"
    await Services.on(bench.store, public_url="http://127.0.0.1:8000", clock=bench.clock)


# Only clean labels print


async def broken(bench: Bench, actor: Actor) -> Doc:
    """A label that breaks a rule of its profile: one of its fields is none of the profile's any more."""
    label = await issued(bench, actor)
    await bench.mongo.collection("labels").update_one({"_id": label["_id"]}, {"$set": {"head.face.colour": "red"}})
    bench.store.labels.recent.forget(label["_id"])
    return label


async def test_a_label_that_is_not_clean_prints_only_with_its_rules_overridden(bench: Bench, actor: Actor) -> None:
    labels, twin = bench.services.labels, (await broken(bench, actor))["_id"]
    order = PrintOrder(PrintFormat.SVG, overrides=(Override("field.unknown", "a field of last year"),))
    for print_, command in ((labels.print_label, Command()), (labels.reprint, why())):
        before = (await stored(bench, twin))["revision"]
        with pytest.raises(LabelNotClean, match="'colour'") as refused:
            await print_(actor, twin, command=command)
        assert refused.value.rules == ("field.unknown",)
        assert (await stored(bench, twin))["revision"] == before
        printed_one = await print_(actor, twin, command=command, order=order)
        assert printed_one["revision"] == before + 1
        [version] = await labels.versions(actor, twin, before + 1, before + 1)
        assert version["evidence"]["overridden"] == {"field.unknown": "a field of last year"}


async def test_a_print_says_what_it_was_made_from_as_a_job_does(fresh_bench: Bench, actor: Actor) -> None:
    bench, services = fresh_bench, fresh_bench.services
    asset = await new_asset(bench, actor)
    order = PrintOrder(PrintFormat.ZPL, dpi=203, copies=2, template="asset_tag@builtin")
    label = await issued(bench, actor, asset)
    by_itself = await services.labels.print_label(actor, label["_id"], command=Command(), order=order)
    job = await services.print_jobs.create(actor, [label["_id"]], replace(order, reason="again"), Command())
    while await services.print_worker.do_next():
        pass
    first, second = await services.labels.versions(actor, label["_id"], 2, 3)
    assert second["evidence"] == {**first["evidence"], "job": job["_id"]}
    drawn = await services.previews.draw(actor, None, label=by_itself["_id"], format_name="zpl", dpi=203)
    assert first["evidence"]["sha256"] == drawn.sha256


@pytest.mark.parametrize(
    ("given", "error", "found"),
    [
        ({"symbology": "code128"}, InvalidInput, "permits qr or datamatrix, found 'code128'"),
        ({"order": PrintOrder(PrintFormat.SVG, template="no-such")}, NotFound, "no-such"),
        ({"order": PrintOrder(PrintFormat.SVG, template="vin_plate@builtin")}, InvalidInput, "vin_plate"),
    ],
)
async def test_what_cannot_be_printed_is_refused_and_writes_nothing(
    bench: Bench, actor: Actor, given: dict[str, Any], error: type[Exception], found: str
) -> None:
    label = await issued(bench, actor)
    with pytest.raises(error, match=found):
        await bench.services.labels.print_label(actor, label["_id"], command=Command(), **given)
    assert told(await stored(bench, label["_id"])) == told(label)


# Births


async def test_issue_is_all_or_none_and_in_the_order_of_the_orders(bench: Bench, actor: Actor) -> None:
    asset = await new_asset(bench, actor)
    orders = [Order(asset, "asset_tag", {"tag": str(number)}) for number in range(20)]
    found = await bench.services.labels.issue(actor, orders, Command())
    assert [label["head"]["face"]["tag"] for label in found] == [str(number) for number in range(20)]
    assert len({label["head"]["link_id"] for label in found}) == 20
    other = await new_asset(bench, actor)
    good = Order(other, "asset_tag", {"tag": "7"})
    bad: list[tuple[Order, type[Exception]]] = [
        (Order("ast_missing", "asset_tag", {"tag": "7"}), NotFound),
        (Order(other, "poster", {"tag": "7"}), InvalidInput),
        (Order(other, "asset_tag", {}), InvalidInput),
        (Order(other, "vin_plate", {}), InvalidInput),
        (Order(other, "asset_tag", {"tag": "7"}, {"$a": "1"}), InvalidInput),
    ]
    for order, error in bad:
        with pytest.raises(error):
            await bench.services.labels.issue(actor, [good, order], Command())
    assert await bench.services.labels.count(actor, asset=other) == 0


async def test_how_many_at_once(bench: Bench, actor: Actor) -> None:
    labels = bench.services.labels
    for none in (labels.issue(actor, [], Command()), labels.preprint(actor, "asset_tag", 0, why())):
        with pytest.raises(InvalidInput, match="expected at least 1, found 0"):
            await none
    order = Order(await new_asset(bench, actor), "asset_tag", {"tag": "7"})
    for many in (
        labels.issue(actor, [order] * (MOST_AT_ONCE + 1), Command()),
        labels.preprint(actor, "asset_tag", MOST_AT_ONCE + 1, why()),
    ):
        with pytest.raises(TooLarge, match="at most 500 at once, found 501"):
            await many
    assert len(await labels.preprint(actor, "asset_tag", MOST_AT_ONCE, why())) == MOST_AT_ONCE


async def test_a_vin_plate_takes_its_vin_from_the_asset(bench: Bench, actor: Actor) -> None:
    vin = new_vin()
    bus = await new_asset(bench, actor, f"vin:{vin}", kind="vehicle")
    plate = (await bench.services.labels.issue(actor, [Order(bus, "vin_plate")], Command()))[0]
    assert plate["head"]["face"] == {"vin": vin}


async def test_a_pre_printed_label_is_claimed_once(bench: Bench, actor: Actor) -> None:
    labels, asset = bench.services.labels, await new_asset(bench, actor)
    label = await preprinted(bench, actor)
    assert (label["head"]["state"], label["bindings"]) == ("UNCLAIMED", [])
    payload = label["head"]["payload"]
    assert payload == f"HTTP://127.0.0.1:8000/L/{label['head']['link_id']}"
    with pytest.raises(NotFound):
        await labels.claim(actor, label["_id"], asset="ast_missing", face={"tag": "7"}, command=Command())
    with pytest.raises(InvalidInput):
        await labels.claim(actor, label["_id"], asset=asset, face={}, command=Command())
    claimed = await labels.claim(actor, label["_id"], asset=asset, face={"tag": "7"}, command=Command())
    assert (claimed["head"]["state"], claimed["head"]["asset"], claimed["head"]["payload"]) == (
        *("PRINTED", asset),
        payload,
    )
    with pytest.raises(IllegalMove):
        await labels.claim(actor, label["_id"], asset=asset, face={"tag": "7"}, command=Command())
    assert await labels.count(actor, asset=asset) == 1


# Revising


async def test_a_free_edit_names_its_revision(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    with pytest.raises(InvalidInput, match="names the revision that it is based on, found none") as refused:
        await bench.services.labels.revise(actor, label["_id"], face={"tag": "8"}, attributes={}, command=Command())
    assert refused.value.path == ("expectedRevision",)
    assert (await stored(bench, label["_id"]))["revision"] == 1


@pytest.mark.parametrize("state", ["VOID", "REMOVED", "UNCLAIMED"])
async def test_a_free_edit_of_what_is_not_live_is_an_illegal_move(bench: Bench, actor: Actor, state: str) -> None:
    labels = bench.services.labels
    label = await (preprinted if state == "UNCLAIMED" else applied)(bench, actor)
    if state == "VOID":
        label = await labels.void(actor, label["_id"], why())
    if state == "REMOVED":
        label = await labels.remove(actor, label["_id"], why())
    command = Command(expected_revision=label["revision"])
    with pytest.raises(IllegalMove) as refused:
        await labels.revise(actor, label["_id"], face={"tag": "8"}, attributes={}, command=command)
    assert refused.value.state == state


async def test_a_changed_face_is_stale_and_says_so(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor)
    command = Command(expected_revision=3)
    answer = await bench.services.labels.revise(actor, label["_id"], face={"tag": "8"}, attributes={}, command=command)
    assert answer["flags"] == ("STALE",)
    assert (await bench.services.labels.find(ANONYMOUS, label["head"]["link_id"]))["flags"] == ("STALE",)


# Reading


async def test_nothing_is_found_by_what_was_never_issued(bench: Bench, actor: Actor) -> None:
    for key in ("lbl_missing", "0123456789ABC8", "0123456789ABC8", "", "x", "ast_x"):
        with pytest.raises(NotFound):
            await bench.services.labels.find(actor, key)


def everything(value: Any) -> str:
    return repr(value)


async def test_who_holds_the_link_sees_the_public_fields_and_nothing_else(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor, tag="7", note="do not tell")
    await bench.services.labels.revise(
        actor,
        label["_id"],
        face={},
        attributes={"price": "a million"},
        command=why("my own reason", expected_revision=3),
    )
    link_id = label["head"]["link_id"]
    for at in (None, 3, AsOf()):
        seen = await bench.services.labels.find(ANONYMOUS, link_id, at)
        assert seen["head"]["face"] == {"tag": "7"}
        assert seen["flags"] == ("CURRENT",)
        assert not {"attributes", "printed"} & set(seen["head"])
        for secret in ("do not tell", "a million", "my own reason", actor.id):
            assert secret not in everything(seen)
    whole = await bench.services.labels.find(actor, link_id)
    assert whole["head"]["face"]["note"] == "do not tell"
    assert whole["head"]["attributes"] == {"price": "a million"}


async def test_the_public_sees_what_happened_but_not_who_and_why(bench: Bench, actor: Actor) -> None:
    label = await applied(bench, actor, tag="7", note="do not tell")
    await bench.services.labels.remove(actor, label["_id"], why("my own reason"))
    versions = await bench.services.labels.versions(ANONYMOUS, label["head"]["link_id"], 1, 4)
    assert [version["action"] for version in versions] == ["ISSUE", "PRINT", "APPLY", "REMOVE"]
    for secret in ("do not tell", "my own reason", actor.id):
        assert secret not in everything(versions)
    whole = await bench.services.labels.versions(actor, label["_id"], 2, 4)
    assert [version["revision"] for version in whole] == [2, 3, 4]
    assert whole[-1]["reason"] == "my own reason"


async def test_the_labels_of_an_asset_then_as_they_were_then(bench: Bench, actor: Actor) -> None:
    labels, asset = bench.services.labels, await new_asset(bench, actor)
    first, second = await applied(bench, actor, asset), await applied(bench, actor, asset)
    before = bench.clock()
    await labels.remove(actor, first["_id"], why())
    after = bench.clock()

    async def then(as_of: AsOf) -> list[tuple[Any, Any]]:
        page = await labels.page_as_of(actor, PageRequest(9), asset, as_of)
        assert await labels.count_as_of(actor, asset, as_of) == len(page.documents)
        return [(document["_id"], document["head"]["state"]) for document in page.documents]

    now = await labels.page(actor, PageRequest(9), asset=asset)
    assert [document["_id"] for document in now.documents] == [second["_id"]]
    assert await labels.count(actor, asset=asset) == 1
    assert await then(AsOf(after, after)) == [(second["_id"], "APPLIED")]
    assert await then(AsOf(before)) == [(second["_id"], "APPLIED"), (first["_id"], "APPLIED")]
    assert await then(AsOf(recorded=before)) == [(second["_id"], "APPLIED"), (first["_id"], "APPLIED")]
    assert await then(AsOf(first["created"]["occurred_at"].replace(year=2000))) == []


async def test_lists_by_state_and_profile(bench: Bench, actor: Actor) -> None:
    labels, asset = bench.services.labels, await new_asset(bench, actor)
    one, two = await printed(bench, actor, asset), await applied(bench, actor, asset)
    for which, expected in (
        ({"states": [LabelState.PRINTED]}, [one["_id"]]),
        ({"states": [LabelState.PRINTED, LabelState.APPLIED]}, [two["_id"], one["_id"]]),
        ({"profiles": ["vin_plate"]}, []),
    ):
        given: dict[str, Any] = {"asset": asset, **which}
        page = await labels.page(actor, PageRequest(9), **given)
        assert [document["_id"] for document in page.documents] == expected
        assert await labels.count(actor, **given) == len(expected)


async def test_a_nameplate_names_its_host_in_lower_case(bench: Bench, actor: Actor) -> None:
    [plate] = await bench.services.labels.preprint(actor, "nameplate", 1, why())
    [tag] = await bench.services.labels.preprint(actor, "asset_tag", 1, why())
    assert plate["head"]["payload"].partition("/L/")[0] == tag["head"]["payload"].partition("/L/")[0].lower()
    assert tag["head"]["payload"].startswith("HTTP")
