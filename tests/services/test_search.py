"""Search through the service: by any part that people have, the best first, and never by what one may not see."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from tests.services.factory import applied, issued, new_asset, new_vin, preprinted, why
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.history import Command
from twin.domain.search import Fit
from twin.errors import Forbidden, InvalidInput, TooLarge, Unauthenticated
from twin.services.labels import Order
from twin.services.search import MOST_HITS, Hit
from twin.store import search as store_search

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

GUEST = Actor("guest", frozenset(Permission), frozenset({Audience.PUBLIC}))


def word() -> str:
    """A word that no other twin has, nor any that begins or ends with it."""
    return f"q{uuid.uuid4().int % 10**16:016}z"


async def find(bench: Bench, actor: Actor, text: str, first: int = 20) -> list[Hit]:
    return await bench.services.search.find(actor, text, first)


async def found(bench: Bench, actor: Actor, text: str) -> dict[str, tuple[str, ...]]:
    """The ids of the twins that a text finds, each with the fields by which it does."""
    return {hit.document["_id"]: hit.match.paths for hit in await find(bench, actor, text)}


async def plated(bench: Bench, actor: Actor, vin: str) -> tuple[str, str]:
    """A vehicle and the label with its VIN."""
    asset = await new_asset(bench, actor, f"vin:{vin}", kind="vehicle", name="A bus")
    [plate] = await bench.services.labels.issue(actor, [Order(asset, "vin_plate")], Command())
    return asset, plate["_id"]


@pytest.mark.parametrize("digits", [4, 6, 8])
async def test_the_last_digits_of_a_vin_find_the_vehicle_and_its_label(
    fresh_bench: Bench, actor: Actor, digits: int
) -> None:
    vins = [new_vin() for _ in range(12)]
    twins = [await plated(fresh_bench, actor, vin) for vin in vins]
    asked = vins[7][-digits:]
    alike = [twin for vin, pair in zip(vins, twins, strict=True) if vin.endswith(asked) for twin in pair]
    hits = {hit.document["_id"]: hit for hit in await find(fresh_bench, actor, asked) if hit.match.fit is Fit.END}
    assert set(hits) == set(alike) >= set(twins[7])
    asset, plate = (hits[twin] for twin in twins[7])
    assert (asset.kind, asset.match.paths) == ("asset", ("identifiers",))
    assert (plate.kind, plate.match.paths) == ("label", ("face.vin",))


async def test_a_part_number_is_found_with_and_without_hyphens(bench: Bench, actor: Actor) -> None:
    number = uuid.uuid4().int % 10**10
    twin = await new_asset(bench, actor, attributes={"partNumber": f"PN-{number:010}-B"})
    for asked in (f"PN-{number:010}-B", f"pn{number:010}b", f"pn {number:010} b", f"{number:010}", f"{number:010}B"):
        assert await found(bench, actor, asked) == {twin: ("attributes.partNumber",)}, asked


async def test_a_work_order_in_a_free_field_is_found_on_assets_and_labels(bench: Bench, actor: Actor) -> None:
    order = word()
    asset = await new_asset(bench, actor, attributes={"workOrder": f"WO-{order}"})
    ordered = Order(asset, "asset_tag", {"tag": "7"}, {"order": f"{order}/2"})
    [label] = await bench.services.labels.issue(actor, [ordered], Command())
    assert await found(bench, actor, order) == {
        asset: ("attributes.workOrder",),
        label["_id"]: ("attributes.order",),
    }
    assert await found(bench, actor, f"drill {order}") == {asset: ("name", "attributes.workOrder")}
    assert await found(bench, actor, f"saw {order}") == {}


@pytest.mark.parametrize("asked", ["muller", "MÜLLER", "Mu\u0308ller"])
async def test_umlauts_are_found_however_they_are_typed(bench: Bench, actor: Actor, asked: str) -> None:
    unique = word()
    twin = await new_asset(bench, actor, name=f"Müller {unique}")
    assert await found(bench, actor, f"{asked} {unique}") == {twin: ("name",)}


async def test_what_was_revised_away_finds_nothing_any_more(bench: Bench, actor: Actor) -> None:
    before, after = word(), word()
    twin = await new_asset(bench, actor, name=before, attributes={"site": before})
    change = Command(expected_revision=1)
    await bench.services.assets.revise(actor, twin, name=after, attributes={"site": None}, command=change)
    assert await found(bench, actor, before) == {}
    assert await found(bench, actor, after) == {twin: ("name",)}
    label = (await applied(bench, actor, tag=before))["_id"]
    change = Command(expected_revision=3)
    await bench.services.labels.revise(actor, label, face={"tag": "none"}, attributes={}, command=change)
    assert await found(bench, actor, before) == {}


async def test_labels_are_found_in_every_state_and_by_their_link(bench: Bench, actor: Actor) -> None:
    tag = word()
    label = await applied(bench, actor, tag=tag)
    await bench.services.labels.void(actor, label["_id"], why())
    [hit] = await find(bench, actor, tag)
    assert (hit.document["head"]["state"], hit.document["flags"][0]) == ("VOID", "VOID")
    new, unclaimed = await issued(bench, actor), await preprinted(bench, actor)
    for one in (label, new, unclaimed):
        link_id = one["head"]["link_id"]
        payload = bench.services.labels.payload(one)
        for asked in (link_id, link_id.lower(), payload, payload.lower(), f"{payload}?x=1", link_id[-8:]):
            assert await found(bench, actor, asked) == {one["_id"]: ("linkId",)}, asked


async def test_an_identifier_with_its_scheme_finds_its_asset(bench: Bench, actor: Actor) -> None:
    vin = new_vin()
    asset, plate = await plated(bench, actor, vin)
    for asked in (f"vin:{vin}", f"vin:{vin.lower()}", vin, f"I{vin}"):
        assert set(await found(bench, actor, asked)) == {asset, plate}, asked


@pytest.mark.parametrize("pattern", ["{0}.*", ".*{0}$", "^{0}", "({0})", "[{0}]", "{0}|x", "\\{0}", "$ne{0}", "{0}*?+"])
async def test_what_means_something_in_an_expression_is_plain_text(bench: Bench, actor: Actor, pattern: str) -> None:
    unique = word()
    twin = await new_asset(bench, actor, name=unique)
    expected = {} if "x" in pattern or "$ne" in pattern else {twin: ("name",)}
    assert await found(bench, actor, pattern.format(unique)) == expected
    assert await found(bench, actor, f"{unique[1:5]}.*{unique[-5:]}") == {}


async def test_the_exact_come_first_then_ends_then_beginnings_the_newest_first_in_each(
    bench: Bench, actor: Actor
) -> None:
    unique = word()
    expected: list[tuple[Fit, str]] = []
    for number in range(2):
        for fit, name in (
            (Fit.BEGINNING, f"{unique}{number}"),
            (Fit.EXACT, f"{number} {unique}"),
            (Fit.END, f"{number}{unique}"),
        ):
            expected.append((fit, await new_asset(bench, actor, name=name)))
            tag = await issued(bench, actor, tag=f"n{number}{unique}"[-32:] if fit is Fit.END else name)
            expected.append((fit, tag["_id"]))
    expected.reverse()
    expected.sort(key=lambda pair: pair[0])
    hits = await find(bench, actor, unique)
    assert [(hit.match.fit, hit.document["_id"]) for hit in hits] == expected
    for first in (1, 3, 12):
        assert await find(bench, actor, unique, first) == hits[:first]


async def test_the_hits_are_bounded(bench: Bench, actor: Actor) -> None:
    for first in (0, -1, MOST_HITS + 1):
        with pytest.raises(InvalidInput, match="first: expected 1 to 50"):
            await find(bench, actor, "drill", first)
    for text in ("", "ab", "\u202e", "one two three four five six", "x" * 2_001):
        with pytest.raises(InvalidInput) as refused:
            await find(bench, actor, text)
        assert refused.value.path == ("text",)


async def test_fewer_than_asked_for_are_all_or_it_is_said(
    fresh_bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_search, "MOST_EXAMINED", 8)
    rare = await new_asset(fresh_bench, actor, name="Pump red")
    for number in range(10):
        await new_asset(fresh_bench, actor, name=f"Pump {number}", kind="engine")
        await new_asset(fresh_bench, actor, name=f"Fan red {number}", kind="engine")
    assert len(await find(fresh_bench, actor, "engine pump", 3)) == 3
    assert set(await found(fresh_bench, actor, "pump tool")) == {rare}
    with pytest.raises(TooLarge, match="expected a rarer one") as refused:
        await find(fresh_bench, actor, "red pump")
    assert refused.value.path == ("text",)
    assert [hit.document["_id"] for hit in await find(fresh_bench, GUEST, "red pump")] in ([], [rare])


async def test_nobody_finds_a_twin_by_what_he_may_not_see(bench: Bench, actor: Actor) -> None:
    """As the public sees them: an asset's kind and name, a label's public fields; and the hits are redacted too."""
    vin, secret, name = new_vin(), word(), word()
    asset = await new_asset(bench, actor, f"vin:{vin}", name=name, attributes={"price": secret})
    tag = word()
    ordered = Order(asset, "asset_tag", {"tag": tag, "note": f"{secret} {tag}"}, {"price": secret})
    [label] = await bench.services.labels.issue(actor, [ordered], Command())
    assert set(await found(bench, actor, secret)) == {asset, label["_id"]}
    assert set(await found(bench, actor, vin)) == {asset}
    for asked in (secret, secret[-6:], vin, f"vin:{vin}", f"{name} {secret}", f"{tag} {secret}"):
        assert await found(bench, GUEST, asked) == {}, asked
    hits = await find(bench, GUEST, name) + await find(bench, GUEST, tag)
    assert [(hit.document["_id"], hit.match.paths) for hit in hits] == [
        (asset, ("name",)),
        (label["_id"], ("face.tag",)),
    ]
    assert secret not in repr(hits)
    assert vin not in repr(hits)


async def test_a_hidden_field_does_not_make_a_hit_better(bench: Bench, actor: Actor) -> None:
    tag = word()
    label = await issued(bench, actor, tag=f"{tag}x", note=tag)
    [hit] = await find(bench, GUEST, tag)
    assert (hit.document["_id"], hit.match.fit, hit.match.paths) == (label["_id"], Fit.BEGINNING, ("face.tag",))
    [hit] = await find(bench, actor, tag)
    assert (hit.match.fit, hit.match.paths) == (Fit.EXACT, ("face.note", "face.tag"))


async def test_words_that_are_not_of_the_twin_find_nothing(bench: Bench, actor: Actor) -> None:
    unique = word().upper()
    twin = await new_asset(bench, actor)
    await bench.store.assets.collection.update_one({"_id": twin}, {"$push": {"words": unique}})
    assert await found(bench, actor, unique) == {}


async def test_a_search_asks_for_the_right_to_read(bench: Bench, actor: Actor) -> None:
    clerk = Actor(actor.id, frozenset(Permission) - {Permission.READ_TWINS}, frozenset(Audience))
    with pytest.raises(Forbidden, match="twins:read"):
        await find(bench, clerk, "drill")
    for text in ("drill", "", "0123456789ABC8"):
        with pytest.raises(Unauthenticated):
            await find(bench, ANONYMOUS, text)


async def test_a_corrected_identifier_is_found_by_what_it_was_and_what_it_is(bench: Bench, actor: Actor) -> None:
    wrong, right = new_vin(), new_vin()
    twin = await new_asset(bench, actor, f"vin:{wrong}")
    await bench.services.identifiers.correct(
        actor, twin, wrong=f"vin:{wrong}", right=f"vin:{right}", command=why("misread")
    )
    assert await found(bench, actor, right) == {twin: ("identifiers",)}
    assert await found(bench, actor, wrong) == {twin: ("formerIdentifiers",)}
