"""Identifiers through the service: added, corrected, merged, and leading to their asset for ever."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import Doc, applied, issued, name, new_asset, new_vin, told, why
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.history import AsOf, Command
from twin.domain.scan import Outcome
from twin.errors import (
    AssetMerged,
    Forbidden,
    IdentifierTaken,
    InvalidIdentifier,
    InvalidInput,
    MutationIdReused,
    NotFound,
    RevisionConflict,
    Unauthenticated,
)
from twin.identity import Granularity
from twin.identity.epc import EPC
from twin.identity.gs1 import GS1
from twin.identity.hibc import HIBC
from twin.identity.iuid import IUID
from twin.services import Services
from twin.services.labels import Order
from twin.services.scans import Resolution
from twin.store import Store
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


def vin() -> str:
    return f"vin:{new_vin()}"


def gtin() -> str:
    """A GTIN-14 that nobody else uses, with its check digit; of a prefix that may become an EPC, as not all may."""
    body = f"10950{uuid.uuid4().int % 10**8:08}"
    total = sum(int(digit) * weight for digit, weight in zip(body, (3, 1) * 7, strict=False))
    return f"{body}{-total % 10}"


async def scan(bench: Bench, actor: Actor, text: str) -> Resolution:
    return await bench.services.scans.resolve(actor, text)


async def leads_to(bench: Bench, actor: Actor, text: str) -> str | None:
    found = await scan(bench, actor, text)
    return None if found.asset is None else str(found.asset["_id"])


async def test_an_asset_is_given_more_identifiers_and_found_by_each(bench: Bench, actor: Actor) -> None:
    first, second = vin(), vin()
    twin = await new_asset(bench, actor, first)
    after = await bench.services.identifiers.identify(actor, first, [second.lower()], why("restamped"))
    assert (after["revision"], after["head"]["identifiers"]) == (2, sorted([first, second]))
    for key in (first, second):
        assert (await bench.services.assets.find(actor, key))["_id"] == twin
    [version] = await bench.services.assets.versions(actor, twin, 2, 2)
    assert (version["action"], version["reason"]) == ("IDENTIFY", "restamped")


async def test_a_taken_identifier_is_refused_with_who_has_it_and_nothing_is_written(bench: Bench, actor: Actor) -> None:
    taken, free, own = vin(), vin(), vin()
    holder, twin = await new_asset(bench, actor, taken), await new_asset(bench, actor, own)
    clerk = Actor(actor.id, frozenset({Permission.IDENTIFY_ASSETS}), frozenset(Audience))
    identifiers = bench.services.identifiers
    for who, shown in ((actor, holder), (clerk, "another asset")):
        with pytest.raises(IdentifierTaken, match=shown):
            await identifiers.identify(who, twin, [free, taken], Command())
        with pytest.raises(IdentifierTaken, match=shown):
            await identifiers.correct(who, twin, wrong=own, right=taken, command=why())
    assert (await bench.services.assets.find(actor, twin))["revision"] == 1
    assert await bench.store.identifiers.asset_of(free) is None
    assert await leads_to(bench, actor, own.removeprefix("vin:")) == twin


async def test_of_eight_who_give_one_identifier_to_eight_assets_one_does(bench: Bench, actor: Actor) -> None:
    taken = vin()
    twins = [await new_asset(bench, actor) for _ in range(8)]
    answers = await asyncio.gather(
        *(bench.services.identifiers.identify(actor, twin, [taken], Command()) for twin in twins),
        return_exceptions=True,
    )
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(won) == 1
    assert sum(isinstance(answer, IdentifierTaken) for answer in answers) == 7, answers
    assert await bench.store.identifiers.asset_of(taken) == won[0]["_id"]
    revisions = [(await bench.services.assets.find(actor, twin))["revision"] for twin in twins]
    assert sorted(revisions) == [1] * 7 + [2]


async def test_a_corrected_identifier_leads_to_its_asset_for_ever(bench: Bench, actor: Actor) -> None:
    wrong, right = vin(), vin()
    twin = await new_asset(bench, actor, wrong)
    correct = bench.services.identifiers.correct
    after = await correct(actor, wrong, wrong=wrong, right=right, command=why("misread"))
    assert (after["head"]["identifiers"], after["head"]["former"]) == ([right], [wrong])
    found = await scan(bench, actor, wrong.removeprefix("vin:"))
    assert (found.asset and found.asset["_id"], found.exact, found.outcome) == (twin, True, Outcome.CURRENT)
    assert f"corrected to {right} since" in found.message
    with pytest.raises(IdentifierTaken, match=twin):
        await new_asset(bench, actor, wrong)
    back = await correct(actor, twin, wrong=right, right=wrong, command=why("it was right"))
    assert (back["head"]["identifiers"], back["head"]["former"]) == ([wrong], [right])
    assert "since" not in (await scan(bench, actor, wrong.removeprefix("vin:"))).message
    assert f"corrected to {wrong} since" in (await scan(bench, actor, right.removeprefix("vin:"))).message
    assert (await bench.services.assets.find(actor, twin, 1))["head"]["identifiers"] == [wrong]


async def test_after_a_merge_the_misread_identifier_is_put_right(bench: Bench, actor: Actor) -> None:
    wrong, right = vin(), vin()
    twin, duplicate = await new_asset(bench, actor, right), await new_asset(bench, actor, wrong)
    await bench.services.identifiers.merge(actor, duplicate=duplicate, into=twin, command=why("one was misread"))
    after = await bench.services.identifiers.correct(actor, twin, wrong=wrong, right=right, command=why("misread"))
    assert (after["head"]["identifiers"], after["head"]["former"]) == ([right], [wrong])
    assert f"corrected to {right} since" in (await scan(bench, actor, wrong.removeprefix("vin:"))).message


async def test_the_same_mutation_twice_is_one(bench: Bench, actor: Actor) -> None:
    wrong, right, more = vin(), vin(), vin()
    twin = await new_asset(bench, actor, wrong)
    identifiers, command, other = bench.services.identifiers, why(client_mutation_id=name()), name()
    first = await identifiers.correct(actor, wrong, wrong=wrong, right=right, command=command)
    await identifiers.identify(actor, twin, [more], Command(client_mutation_id=other))
    again = await identifiers.correct(actor, wrong, wrong=wrong, right=right, command=command)
    assert told(again) == told(first)
    await identifiers.identify(actor, twin, [more], Command(client_mutation_id=other))
    with pytest.raises(MutationIdReused):
        await identifiers.identify(actor, twin, [vin()], Command(client_mutation_id=other))
    assert (await bench.services.assets.find(actor, twin))["revision"] == 3
    with pytest.raises(RevisionConflict):
        await identifiers.identify(actor, twin, [vin()], Command(expected_revision=2))


async def test_two_assets_that_are_one(bench: Bench, actor: Actor) -> None:
    services = bench.services
    ours, theirs = vin(), vin()
    survivor, duplicate = await new_asset(bench, actor, ours), await new_asset(bench, actor, theirs)
    before = bench.clock.now
    labels = [await applied(bench, actor, survivor), await applied(bench, actor, duplicate)]
    ids = sorted(str(label["_id"]) for label in labels)
    command = why("one plate, two records", client_mutation_id=name())
    retired, own = await services.identifiers.merge(actor, duplicate=theirs, into=ours, command=command)
    assert (retired["_id"], retired["revision"], retired["head"]["merged_into"]) == (duplicate, 2, survivor)
    assert (own["_id"], own["revision"], own["head"]["merged"]) == (survivor, 2, [duplicate])
    assert own["head"]["identifiers"] == sorted([ours, theirs])
    for key in (ours, theirs):
        assert (await services.assets.find(actor, key))["_id"] == survivor
        assert await leads_to(bench, actor, key.removeprefix("vin:")) == survivor
    assert (await services.assets.find(actor, duplicate))["head"]["merged_into"] == survivor

    page = await services.labels.page(actor, PageRequest(9), asset=survivor)
    assert sorted(label["_id"] for label in page.documents) == ids
    assert await services.labels.count(actor, asset=survivor) == 2
    then = AsOf(recorded=bench.clock.now)
    assert await services.labels.count_as_of(actor, survivor, then) == 2
    assert await services.labels.count_as_of(actor, survivor, AsOf(recorded=before)) == 0
    assert (await services.assets.of_labels(actor, [duplicate]))[duplicate]["_id"] == survivor
    as_known = await services.assets.of_label_as_of(actor, duplicate, then)
    assert as_known is not None
    assert as_known["_id"] == survivor

    again = await services.identifiers.merge(actor, duplicate=theirs, into=ours, command=command)
    assert [told(document) for document in again] == [told(retired), told(own)]
    label = await issued(bench, actor, duplicate)
    assert label["head"]["asset"] == survivor
    waiting = (await services.labels.preprint(actor, "asset_tag", 1, why()))[0]
    claimed = await services.labels.claim(actor, waiting["_id"], asset=duplicate, face={"tag": "9"}, command=Command())
    assert claimed["head"]["asset"] == survivor


async def test_before_the_merge_was_known_each_had_its_own_labels(bench: Bench, actor: Actor) -> None:
    services = bench.services
    survivor, duplicate = await new_asset(bench, actor), await new_asset(bench, actor)
    await applied(bench, actor, duplicate)
    before = AsOf(recorded=bench.clock.now)
    await services.identifiers.merge(actor, duplicate=duplicate, into=survivor, command=why())
    assert await services.labels.count_as_of(actor, survivor, before) == 0
    assert await services.labels.count_as_of(actor, duplicate, before) == 1
    then = await services.assets.of_label_as_of(actor, duplicate, before)
    assert then is not None
    assert then["_id"] == duplicate
    assert await services.labels.count_as_of(actor, survivor, AsOf(recorded=bench.clock.now)) == 1


async def test_before_a_merge_was_known_its_identifiers_led_to_the_duplicate(bench: Bench, actor: Actor) -> None:
    services, names = bench.services, [vin() for _ in range(3)]
    twins = [await new_asset(bench, actor, identifier) for identifier in names]

    async def then(at: datetime) -> list[str]:
        return [str((await services.assets.find(actor, key, AsOf(recorded=at)))["_id"]) for key in names]

    known = [bench.clock.now]
    for duplicate in (0, 1):
        await services.identifiers.merge(actor, duplicate=twins[duplicate], into=twins[duplicate + 1], command=why())
        known.append(bench.clock.now)
    await services.identifiers.correct(actor, twins[2], wrong=names[0], right=vin(), command=why())
    assert await then(known[0]) == twins
    assert await then(known[1]) == [twins[1], twins[1], twins[2]]
    assert await then(known[2]) == [twins[2]] * 3
    assert await then(bench.clock.now) == [twins[2]] * 3
    with pytest.raises(NotFound):
        await then(known[0] - timedelta(days=1))


async def test_a_merge_of_a_merge_leads_to_the_last(bench: Bench, actor: Actor) -> None:
    names = [vin() for _ in range(3)]
    twins = [await new_asset(bench, actor, identifier) for identifier in names]
    await applied(bench, actor, twins[0])
    merge = bench.services.identifiers.merge
    await merge(actor, duplicate=twins[0], into=twins[1], command=why())
    with pytest.raises(AssetMerged):
        await merge(actor, duplicate=twins[2], into=twins[0], command=why())
    await merge(actor, duplicate=twins[1], into=twins[2], command=why())
    for identifier in names:
        assert (await bench.services.assets.find(actor, identifier))["_id"] == twins[2]
    assert (await bench.services.assets.of_labels(actor, [twins[0]]))[twins[0]]["_id"] == twins[2]
    assert await bench.services.labels.count(actor, asset=twins[2]) == 1
    changes: tuple[Callable[[], Awaitable[Doc]], ...] = (
        lambda: bench.services.identifiers.identify(actor, twins[0], [vin()], Command()),
        lambda: bench.services.identifiers.correct(actor, twins[1], wrong=names[1], right=vin(), command=why()),
        lambda: bench.services.assets.revise(
            actor, twins[0], name="x", attributes={}, command=Command(expected_revision=2)
        ),
    )
    for change in changes:
        with pytest.raises(AssetMerged):
            await change()


async def test_both_ways_at_once_is_one_way(bench: Bench, actor: Actor) -> None:
    one, other = await new_asset(bench, actor, vin()), await new_asset(bench, actor, vin())
    merge = bench.services.identifiers.merge
    answers = await asyncio.gather(
        merge(actor, duplicate=one, into=other, command=why()),
        merge(actor, duplicate=other, into=one, command=why()),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["AssetMerged", "tuple"]


@pytest.mark.parametrize(
    ("call", "permission"),
    [
        ("identify", Permission.IDENTIFY_ASSETS),
        ("correct", Permission.IDENTIFY_ASSETS),
        ("merge", Permission.MERGE_ASSETS),
    ],
)
async def test_who_may(bench: Bench, actor: Actor, call: str, permission: Permission) -> None:
    own, other = vin(), vin()
    twin, into = await new_asset(bench, actor, own), await new_asset(bench, actor)
    identifiers = bench.services.identifiers

    async def ask(who: Actor) -> Any:
        if call == "identify":
            return await identifiers.identify(who, twin, [other], Command())
        if call == "correct":
            return await identifiers.correct(who, twin, wrong=own, right=other, command=why())
        return await identifiers.merge(who, duplicate=twin, into=into, command=why())

    with pytest.raises(Unauthenticated):
        await ask(ANONYMOUS)
    with pytest.raises(Forbidden):
        await ask(Actor("clerk", frozenset(Permission) - {permission}, frozenset(Audience)))
    await ask(Actor("clerk", frozenset({permission}), frozenset(Audience)))


async def test_what_is_wrong_is_said_with_where_it_stood(bench: Bench, actor: Actor) -> None:
    own = vin()
    twin = await new_asset(bench, actor, own)
    identifiers = bench.services.identifiers
    with pytest.raises(InvalidIdentifier) as refused:
        await identifiers.identify(actor, twin, [vin(), "vin:x"], Command())
    assert refused.value.path == ("identifiers", "1")
    with pytest.raises(InvalidInput) as wrong:
        await identifiers.correct(actor, twin, wrong=own, right="vin:x", command=why())
    assert wrong.value.path == ("right",)
    for missing in ("ast_missing", vin()):
        with pytest.raises(NotFound):
            await identifiers.identify(actor, missing, [vin()], Command())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(01)09506000134353", "check digit"),
        ("1M8GDM9A1KP042788", "expected scheme:value .* found vin:1M8GDM9A1KP042788"),
        ("09506000134352", "one thing alone, found gs1:01/09506000134352"),
        ("https://example.com/a", "one thing alone, found iec61406:https://example.com/a"),
        ("a drill", "one thing alone, found neither"),
    ],
)
async def test_a_carriers_text_names_an_asset_only_if_it_is_clean(
    bench: Bench, actor: Actor, text: str, said: str
) -> None:
    with pytest.raises(InvalidIdentifier, match=said):
        await new_asset(bench, actor, text)


async def registered(bench: Bench, actor: Actor, granularity: Granularity, identifier: str) -> Doc:
    return await bench.services.assets.register(
        actor,
        kind="component",
        granularity=granularity,
        name=f"The {granularity.lower()}",
        identifiers=[identifier],
        attributes={},
        command=Command(),
    )


async def test_an_item_whose_serial_is_not_known_answers_with_its_lot_or_product(bench: Bench, actor: Actor) -> None:
    number = gtin()
    product = await registered(bench, actor, Granularity.PRODUCT, f"gs1:01/{number}")
    item = await registered(bench, actor, Granularity.ITEM, f"gs1:01/{number}/10/L7/21/S1")
    assert item["head"]["identifiers"] == [f"gs1:01/{number}/21/S1"]
    assert item["head"]["broader"] == [f"gs1:01/{number}", f"gs1:01/{number}/10/L7"]

    found = await scan(bench, actor, f"(01){number}(21)S1")
    assert (found.asset and found.asset["_id"], found.exact, found.outcome) == (item["_id"], True, Outcome.CURRENT)
    found = await scan(bench, actor, f"(01){number}(10)L7(21)S2")
    assert (found.asset and found.asset["_id"], found.exact, found.outcome) == (product["_id"], False, Outcome.UNKNOWN)
    assert f"gs1:01/{number}/21/S2 is valid, but not known to this service; its product is The product" in found.message
    lot = await registered(bench, actor, Granularity.LOT, f"gs1:01/{number}/10/L7")
    assert await leads_to(bench, actor, f"(01){number}(10)L7(21)S2") == lot["_id"]
    assert await leads_to(bench, actor, f"(01){number}(10)L8(21)S2") == product["_id"]
    assert await leads_to(bench, actor, f"(01){number}") == product["_id"]

    broader = await bench.services.assets.broader(actor, item)
    assert [asset["_id"] for asset in broader] == [lot["_id"], product["_id"]]
    page = await bench.services.assets.page(actor, PageRequest(9), part_of=f"gs1:01/{number}/10/L7")
    assert [asset["_id"] for asset in page.documents] == [item["_id"]]
    assert await bench.services.assets.count(actor, part_of=f"gs1:01/{number}") == 2


async def test_an_asset_is_no_more_of_what_only_the_wrong_identifier_said(bench: Bench, actor: Actor) -> None:
    one, other = gtin(), gtin()
    item = await registered(bench, actor, Granularity.ITEM, f"(01){one}(10)L7(21)S1")
    correct = bench.services.identifiers.correct

    async def right(wrong: str, right: str) -> Doc:
        after = await correct(actor, item["_id"], wrong=wrong, right=right, command=why("misread"))
        head: Doc = after["head"]
        return head

    same = await right(f"gs1:01/{one}/21/S1", f"gs1:01/{one}/21/S2")
    assert same["broader"] == [f"gs1:01/{one}", f"gs1:01/{one}/10/L7"]
    moved = await right(f"gs1:01/{one}/21/S2", f"(01){other}(10)L8(21)S2")
    assert moved["broader"] == [f"gs1:01/{other}", f"gs1:01/{other}/10/L8"]
    assert await bench.services.assets.count(actor, part_of=f"gs1:01/{one}") == 0
    assert (await right(f"gs1:01/{other}/21/S2", vin()))["broader"] == []


async def test_a_digital_link_is_for_anybody_and_other_identifiers_are_not(bench: Bench, actor: Actor) -> None:
    number = gtin()
    item = await registered(bench, actor, Granularity.ITEM, f"gs1:01/{number}/21/S1")
    for scanned in ("", "]Q1"):
        found = await scan(bench, ANONYMOUS, f"{scanned}https://id.example/stem/01/{number}/21/S1")
        assert found.asset is not None
        assert (found.asset["_id"], "identifiers" in found.asset["head"]) == (item["_id"], False)
    for text in (f"(01){number}(21)S1", number, f"]d201{number}21S1"):
        with pytest.raises(Unauthenticated):
            await scan(bench, ANONYMOUS, text)


async def test_a_digital_link_does_not_tell_the_public_what_it_was_corrected_to(bench: Bench, actor: Actor) -> None:
    wrong, right = f"gs1:01/{gtin()}/21/S1", vin()
    twin = await new_asset(bench, actor, wrong)
    await bench.services.identifiers.correct(actor, twin, wrong=wrong, right=right, command=why("misread"))
    link = f"https://id.example/{wrong.removeprefix('gs1:')}"
    assert right in (await scan(bench, actor, link)).message
    found = await scan(bench, ANONYMOUS, link)
    assert (found.asset and found.asset["_id"], found.exact) == (twin, True)
    assert right not in found.message
    assert [lead.corrected_to for lead in found.leads.values()] == [None]


async def test_text_that_leads_to_two_assets_is_no_guess(bench: Bench, actor: Actor) -> None:
    """A scanner that drops GS leaves two ways to read a serial number."""
    number = gtin()
    short = await registered(bench, actor, Granularity.ITEM, f"gs1:01/{number}/21/A")
    whole = await registered(bench, actor, Granularity.ITEM, f"gs1:01/{number}/21/A10B")
    found = await scan(bench, actor, f"01{number}21A10B")
    assert (found.asset, found.outcome, found.identifier) == (None, Outcome.UNKNOWN, None)
    assert {lead.asset["_id"] for lead in found.leads.values()} == {short["_id"], whole["_id"]}
    assert "It can be" in found.message


async def test_what_is_broken_or_names_nothing_says_so(bench: Bench, actor: Actor) -> None:
    broken = await scan(bench, actor, "(01)09506000134353")
    assert "check digit" in broken.message
    fragment = await scan(bench, actor, "(10)ABC(17)261231")
    assert "names nothing by itself" in fragment.message
    assert [part.value for part in fragment.reading.fragments[0].parts] == ["ABC", "261231"]


async def test_one_item_in_all_its_forms_is_one_asset(bench: Bench, actor: Actor) -> None:
    """A vehicle that is also a device, so that every form of the standards that we read has something to say of it."""
    number, serial, plate = gtin(), f"{uuid.uuid4().int % 10**9 + 1}", new_vin()
    part = uuid.uuid4().hex[:8].upper()
    trade_item = GS1.of([("01", number), ("21", serial)])
    tag = EPC.of_gs1(trade_item, 7)
    mark = IUID.of("D", "0CVA5", serial, part_number=part)
    device = HIBC(lic="A999", pcn=part, unit_of_measure="1", serial=serial)
    names = [trade_item.canonical, mark.as_envelope(), device.canonical, f"vin:{plate}"]
    twin = await new_asset(bench, actor, *names)
    other_maker = IUID.of("D", "0CVA6", serial, part_number=part)

    forms: list[tuple[str, str | None]] = [
        (f"https://id.gs1.org/01/{number}/21/{serial}", "]Q1"),
        (f"HTTPS://Brand.Example/some/stem/01/{number}/21/{serial}?17=261231#top", None),
        (f"01{number}21{serial}", "]d2"),
        (f"]C101{number}10LOT^]21{serial}", None),
        (f"01{number}17261231" + f"10LOT<GS>21{serial}", None),
        (f"(01){number}(21){serial}", None),
        (f"(01) {number} (21) {serial}", None),
        (tag.as_hex(), None),
        (tag.as_hex().lower(), None),
        (tag.as_pure_identity(), None),
        (tag.as_tag_uri(3), None),
        (f"[)>\x1e05\x1d01{number}\x1d21{serial}\x1e\x04", "]d1"),
        (mark.as_envelope(), None),
        (mark.as_envelope().replace("\x1d", "{GS}").replace("\x1e", "{RS}").removesuffix("\x04"), None),
        (mark.as_text_elements(), None),
        (f"part:0CVA5/{part}/serial/{serial}", None),
        (device.as_concatenated(), None),
        (f"*{device.as_concatenated()}*", "]A0"),
        (plate, None),
        (f"I{plate}", "]A0"),
        (f"[)>\x1e06\x1dI{plate}\x1e\x04", None),
    ]
    for text, symbology_identifier in forms:
        found = await bench.services.scans.resolve(actor, text, symbology_identifier)
        assert found.asset is not None, (text, found)
        assert (found.asset["_id"], found.exact, found.outcome) == (twin, True, Outcome.CURRENT), text
    assert await leads_to(bench, actor, other_maker.as_envelope()) is None


async def test_a_pre_printed_label_is_claimed_with_what_two_scans_gave(bench: Bench, actor: Actor) -> None:
    number = gtin()
    twin = await new_asset(bench, actor, f"(01){number}(21)S1")
    waiting = (await bench.services.labels.preprint(actor, "asset_tag", 2, why()))[0]
    first = await scan(bench, actor, bench.services.labels.payload(waiting))
    assert first.label is not None
    assert (first.label["_id"], first.outcome) == (waiting["_id"], Outcome.NOT_YET_APPLIED)
    claimed = await bench.services.labels.claim(
        actor, waiting["head"]["link_id"], asset=f"01{number}21S1", face={"tag": "7"}, command=Command()
    )
    assert claimed["head"]["asset"] == twin
    order = Order(f"https://id.gs1.org/01/{number}/21/S1", "asset_tag", {"tag": "8"})
    [issued_too] = await bench.services.labels.issue(actor, [order], Command())
    assert issued_too["head"]["asset"] == twin
    for unknown, error in ((f"(01){number}(21)S2", NotFound), ("a drill", InvalidIdentifier)):
        with pytest.raises(error):
            await bench.services.labels.issue(actor, [Order(unknown, "asset_tag", {"tag": "8"})], Command())


async def test_a_merge_by_another_process_is_seen_at_once(fresh_bench: Bench, actor: Actor) -> None:
    services = fresh_bench.services
    survivor, duplicate = await new_asset(fresh_bench, actor), await new_asset(fresh_bench, actor)
    await applied(fresh_bench, actor, duplicate)
    assert await services.labels.count(actor, asset=survivor) == 0
    other = await Services.on(await Store.prepared(fresh_bench.mongo), clock=fresh_bench.clock)
    await other.identifiers.merge(actor, duplicate=duplicate, into=survivor, command=why())
    assert await services.labels.count(actor, asset=survivor) == 1


async def test_many_labels_are_ordered_by_the_names_of_their_assets_in_one_look(bench: Bench, actor: Actor) -> None:
    names = [vin() for _ in range(3)]
    twins = [await new_asset(bench, actor, identifier) for identifier in names]
    keys = [names[0], twins[1], names[2].removeprefix("vin:"), names[0]]
    orders = [Order(key, "asset_tag", {"tag": "7"}) for key in keys]
    labels = await bench.services.labels.issue(actor, orders, Command())
    assert [label["head"]["asset"] for label in labels] == [twins[0], twins[1], twins[2], twins[0]]
