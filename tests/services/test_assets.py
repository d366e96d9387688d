"""Assets through the service: registering, identifiers, revising, finding."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import Doc, issued, name, new_asset, new_vin, told, why
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.history import AsOf, Command
from twin.errors import Forbidden, IdentifierTaken, InvalidIdentifier, InvalidInput, NotFound, Unauthenticated
from twin.identity import Granularity
from twin.services.assets import Assets
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def register(bench: Bench, actor: Actor, *identifiers: str, **more: Any) -> Doc:
    given: dict[str, Any] = {"kind": "vehicle", "name": "A bus", "attributes": {}, "command": Command()}
    return await bench.services.assets.register(
        actor, granularity=Granularity.ITEM, identifiers=identifiers, **(given | more)
    )


async def stored(bench: Bench, twin: str) -> dict[str, Any]:
    document = await bench.store.assets.read({"_id": twin})
    assert document is not None
    return document


def new_european_vin() -> str:
    """A VIN of a European maker whose ninth position is no check digit."""
    return f"WVWZZZ1JZXW{new_vin()[-6:]}"


async def test_an_asset_and_its_identifiers_are_registered_together(bench: Bench, actor: Actor) -> None:
    vin = new_vin()
    asset = await register(bench, actor, f"vin:{vin.lower()}", attributes={"colour": "red"})
    assert asset["head"] == {
        "kind": "vehicle",
        "granularity": "ITEM",
        "name": "A bus",
        "identifiers": [f"vin:{vin}"],
        "attributes": {"colour": "red"},
    }
    for key in (asset["_id"], f"vin:{vin}", f"vin:{vin.lower()}"):
        assert told(await bench.services.assets.find(actor, key)) == told(asset)


async def test_who_may_read_is_told_who_holds_an_identifier_and_nothing_is_left_half_written(
    bench: Bench, actor: Actor
) -> None:
    taken, free = f"vin:{new_vin()}", f"vin:{new_vin()}"
    holder = await register(bench, actor, taken)
    clerk = Actor(actor.id, frozenset({Permission.REGISTER_ASSETS}), frozenset(Audience))
    kind = f"k{name()}"
    for who, told_holder in ((actor, holder["_id"]), (clerk, None)):
        with pytest.raises(IdentifierTaken) as refused:
            await register(bench, who, free, taken, kind=kind)
        assert (refused.value.identifier, refused.value.holder) == (taken, told_holder)
        assert (holder["_id"] in refused.value.message) == (told_holder is not None)
    assert await bench.store.identifiers.asset_of(free) is None
    assert await bench.services.assets.count(actor, kinds=[kind]) == 0
    assert (await register(bench, actor, free))["revision"] == 1


async def test_of_eight_who_register_one_vin_at_the_same_time_one_does(bench: Bench, actor: Actor) -> None:
    taken, kind = f"vin:{new_vin()}", f"k{name()}"
    answers = await asyncio.gather(
        *(register(bench, actor, taken, kind=kind) for _ in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert sum(isinstance(answer, IdentifierTaken) for answer in answers) == 7, answers
    assert await bench.services.assets.count(actor, kinds=[kind]) == 1


@pytest.mark.parametrize(
    ("identifier", "said"),
    [
        ("vin:1M8GDM9A1KP042788", "expected the check digit X at position 9, found '1'"),
        ("vin:1M8GDM9AXKPO42788", "is not a VIN"),
        ("1M8GDM9AXKP042789", "found vin:1M8GDM9AXKP042789"),
        ("isbn:9780", "one thing alone, found neither"),
        ("link:0123456789ABC8", "names a label"),
    ],
)
async def test_what_is_no_identifier_of_an_asset_is_refused(
    bench: Bench, actor: Actor, identifier: str, said: str
) -> None:
    kind = f"k{name()}"
    with pytest.raises(InvalidIdentifier, match=said):
        await register(bench, actor, identifier, kind=kind)
    assert await bench.services.assets.count(actor, kinds=[kind]) == 0


async def test_a_european_vin_has_no_check_digit(bench: Bench, actor: Actor) -> None:
    vin = new_european_vin()
    assert (await register(bench, actor, f"vin:{vin}"))["head"]["identifiers"] == [f"vin:{vin}"]


async def test_one_identifier_in_two_forms_is_one(bench: Bench, actor: Actor) -> None:
    vin = new_vin()
    asset = await register(bench, actor, f"vin:{vin}", f"vin:{vin.lower()}")
    assert asset["head"]["identifiers"] == [f"vin:{vin}"]


async def test_a_free_edit_is_based_on_a_revision(bench: Bench, actor: Actor) -> None:
    twin = await new_asset(bench, actor)
    revise = bench.services.assets.revise
    after = await revise(actor, twin, name="A saw", attributes={"shelf": None}, command=Command(expected_revision=1))
    assert (after["revision"], after["head"]["name"], after["head"]["attributes"]) == (2, "A saw", {})
    with pytest.raises(InvalidInput) as refused:
        await revise(actor, twin, name="A hammer", attributes={}, command=Command())
    assert refused.value.path == ("expectedRevision",)
    assert told(await stored(bench, twin)) == told(after)


async def test_an_asset_is_revised_under_any_of_its_names(bench: Bench, actor: Actor) -> None:
    vin = new_vin()
    asset = await register(bench, actor, f"vin:{vin}")
    after = await bench.services.assets.revise(
        actor, f"vin:{vin}", name="A coach", attributes={}, command=Command(expected_revision=1)
    )
    assert (after["_id"], after["revision"]) == (asset["_id"], 2)


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("ast_missing", NotFound),
        ("vin:WVWZZZ1JZXW999999", NotFound),
        ("vin:x", InvalidIdentifier),
        ("isbn:1", InvalidIdentifier),
    ],
)
async def test_no_such_asset(bench: Bench, actor: Actor, key: str, error: type[Exception]) -> None:
    command = Command(expected_revision=1)
    with pytest.raises(error):
        await bench.services.assets.find(actor, key)
    with pytest.raises(error):
        await bench.services.assets.revise(actor, key, name="x", attributes={}, command=command)


CALLS: dict[str, tuple[Permission, Callable[[Assets, Actor, str], Awaitable[Any]]]] = {
    "register": (
        Permission.REGISTER_ASSETS,
        lambda assets, who, _: assets.register(
            who,
            kind="tool",
            granularity=Granularity.LOT,
            name="x",
            identifiers=(),
            attributes={},
            command=Command(),
        ),
    ),
    "revise": (
        Permission.REVISE_ASSETS,
        lambda assets, who, key: assets.revise(who, key, name="x", attributes={}, command=Command(expected_revision=1)),
    ),
    "find": (Permission.READ_TWINS, lambda assets, who, key: assets.find(who, key)),
    "page": (Permission.READ_TWINS, lambda assets, who, _: assets.page(who, PageRequest(1))),
    "count": (Permission.READ_TWINS, lambda assets, who, _: assets.count(who)),
    "versions": (Permission.READ_TWINS, lambda assets, who, key: assets.versions(who, key, 1, 1)),
}


@pytest.mark.parametrize("call", CALLS)
async def test_each_call_asks_for_its_permission(bench: Bench, actor: Actor, call: str) -> None:
    permission, ask = CALLS[call]
    twin = await new_asset(bench, actor)
    clerk = Actor(actor.id, frozenset(Permission) - {permission}, frozenset(Audience))
    for who, error in ((clerk, Forbidden), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(error):
            await ask(bench.services.assets, who, twin)
    assert (await stored(bench, twin))["revision"] == 1


async def test_versions_and_the_past(bench: Bench, actor: Actor) -> None:
    twin = await new_asset(bench, actor)
    for revision in (1, 2):
        await bench.services.assets.revise(
            actor, twin, name=f"name {revision + 1}", attributes={}, command=why(expected_revision=revision)
        )
    versions = await bench.services.assets.versions(actor, twin, 1, 9)
    assert [version["snapshot"]["name"] for version in versions] == ["A drill", "name 2", "name 3"]
    assert (await bench.services.assets.find(actor, twin, 2))["head"]["name"] == "name 2"
    then = AsOf(recorded=versions[1]["recorded_at"])
    assert (await bench.services.assets.find(actor, twin, then))["head"]["name"] == "name 2"


async def test_who_sees_only_public_fields_sees_them_in_every_answer(bench: Bench, actor: Actor) -> None:
    """The public sees what an asset is, not which one it is."""
    vin, kind = new_vin(), f"k{name()}"
    asset = await register(bench, actor, f"vin:{vin}", kind=kind, attributes={"price": "a million"})
    label = await issued(bench, actor, asset["_id"])
    guest = Actor("guest", frozenset(Permission), frozenset({Audience.PUBLIC}))
    services = bench.services
    answers = {
        "of labels": await services.assets.of_labels(ANONYMOUS, [label["head"]["asset"]]),
        "find": await services.assets.find(guest, asset["_id"]),
        "page": (await services.assets.page(guest, PageRequest(9), kinds=[kind])).documents,
        "versions": await services.assets.versions(guest, asset["_id"], 1, 1),
        "revise": await services.assets.revise(
            guest, asset["_id"], name="B", attributes={}, command=Command(expected_revision=1)
        ),
    }
    assert [where for where, answer in answers.items() if vin in repr(answer) or "a million" in repr(answer)] == []
    whole = await services.assets.of_labels(actor, [asset["_id"]])
    assert whole[asset["_id"]]["head"]["attributes"] == {"price": "a million"}
