"""Serials through the services: schemes, and registrations that take the next one."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import Doc, name
from twin import identity
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.history import Command
from twin.domain.serials import MOST_SERIALS, SerialScheme, SerialStyle
from twin.errors import (
    Forbidden,
    IdentifierTaken,
    InvalidIdentifier,
    InvalidInput,
    MutationIdReused,
    Refused,
    SerialsExhausted,
    TooLarge,
    Unauthenticated,
)
from twin.identity import Granularity
from twin.services import Services
from twin.services.assets import Assets
from twin.services.commits import Commits
from twin.services.serials import TRIES, Serials
from twin.store import Store
from twin.store.identifiers import Holder, Identifiers
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

FORM: dict[str, Any] = {"prefix": "", "length": 6}


@pytest.fixture
def kind() -> str:
    return f"k{name()}"


@pytest.fixture
async def elsewhere(bench: Bench) -> AsyncIterator[Services]:
    """Other services on the same database."""
    services = await Services.on(await Store.prepared(bench.mongo), clock=bench.clock)
    yield services
    await services.changes.close()


async def define(bench: Bench, actor: Actor, kind: str, **more: Any) -> Doc:
    given: dict[str, Any] = {"style": SerialStyle.SEQUENTIAL, "prefix": "", "length": 6}
    return await bench.services.serials.define(actor, kind=kind, **(given | more))


async def register(services: Services | Assets, actor: Actor, kind: str, *identifiers: str, **more: Any) -> Doc:
    given: dict[str, Any] = {"name": "Pump {serial}", "attributes": {}, "command": Command()}
    assets = services.assets if isinstance(services, Services) else services
    return await assets.register(
        actor, kind=kind, granularity=Granularity.ITEM, identifiers=identifiers, **(given | more)
    )


async def used(bench: Bench, kind: str) -> int:
    found = await bench.store.serials.find(kind)
    assert found is not None
    return int(found["used"])


def stem() -> str:
    """The first 11 characters of the VINs of a European maker, which nobody else uses: six digits are missing."""
    return f"vin:WVW{uuid.uuid4().int % 10**6:06}XW"


# Definitions


async def test_a_scheme_is_defined_once_and_the_same_again_is_a_repeat(bench: Bench, actor: Actor, kind: str) -> None:
    first = await define(bench, actor, kind, prefix="P-")
    assert {**first, "created": None} == {
        "_id": kind,
        "style": "SEQUENTIAL",
        "prefix": "P-",
        "length": 6,
        "used": 0,
        "defined_by": actor.id,
        "created": None,
    }
    other = replace(actor, id="other")
    assert await define(bench, other, kind, prefix="P-") == first
    for different in ({"prefix": "Q-"}, {"length": 7}, {"style": SerialStyle.RANDOM}):
        with pytest.raises(Refused, match="SEQUENTIAL with the prefix 'P-' and 6 characters for ever; expected") as no:
            await define(bench, actor, kind, **{"prefix": "P-", **different}, used=9)
        assert no.value.code == "REFUSED"
    assert await bench.store.serials.find(kind) == first


async def test_numbers_that_are_used_elsewhere_are_said_and_never_unsaid(bench: Bench, actor: Actor, kind: str) -> None:
    """As after the restore of an older backup: what was given since is not given again."""
    await define(bench, actor, kind)
    assert (await register(bench.services, actor, kind))["head"]["name"] == "Pump 000001"
    for said, expected in ((500, 501), (20, 502), (502, 503), (999_998, 999_999)):
        await define(bench, actor, kind, used=said)
        assert (await register(bench.services, actor, kind))["head"]["name"] == f"Pump {expected:06}"
    for wrong in (-1, 1_000_000):
        with pytest.raises(InvalidInput, match=f"expected 0 to 999999.*found {wrong}") as refused:
            await define(bench, actor, kind, used=wrong)
        assert refused.value.path == ("used",)
    with pytest.raises(InvalidInput, match="expected 1 to 16"):
        await define(bench, actor, f"{kind}x", length=17)
    assert await bench.store.serials.find(f"{kind}x") is None


async def test_schemes_are_listed_and_each_call_asks_for_its_permission(bench: Bench, actor: Actor, kind: str) -> None:
    defined = await define(bench, actor, kind, style=SerialStyle.RANDOM, used=7)
    serials = bench.services.serials
    assert (await serials.page(actor, PageRequest(9), kinds=[kind])).documents == [defined]
    assert await serials.count(actor, kinds=[kind]) == 1
    calls: list[tuple[Permission, Callable[[Actor], Awaitable[Any]]]] = [
        (Permission.DEFINE_SERIALS, lambda who: serials.define(who, kind=kind, style=SerialStyle.RANDOM, **FORM)),
        (Permission.READ_TWINS, lambda who: serials.page(who, PageRequest(9))),
        (Permission.READ_TWINS, lambda who: serials.count(who)),
    ]
    for permission, ask in calls:
        clerk = Actor(actor.id, frozenset(Permission) - {permission}, frozenset(Audience))
        for who, error in ((clerk, Forbidden), (ANONYMOUS, Unauthenticated)):
            with pytest.raises(error):
                await ask(who)
    guest = Actor("guest", frozenset(Permission), frozenset({Audience.PUBLIC}))
    [seen] = (await serials.page(guest, PageRequest(9), kinds=[kind])).documents
    assert seen == await serials.define(guest, kind=kind, style=SerialStyle.RANDOM, **FORM)
    assert set(seen) == {"_id", "style", "prefix", "length", "created"}


# Registrations


async def test_one_serial_stands_wherever_a_registration_asks_for_it(bench: Bench, actor: Actor, kind: str) -> None:
    await define(bench, actor, kind)
    vin = stem()
    for serial in ("000001", "000002"):
        asset = await register(
            bench.services, actor, kind, f"{vin}{{serial}}", attributes={"plate": "no. {serial}, {serial}", "x": "{y}"}
        )
        assert asset["head"] == {
            "kind": kind,
            "granularity": "ITEM",
            "name": f"Pump {serial}",
            "identifiers": [f"{vin}{serial}"],
            "attributes": {"plate": f"no. {serial}, {serial}", "x": "{y}"},
        }
        assert (await bench.services.assets.find(actor, f"{vin}{serial}"))["_id"] == asset["_id"]
    assert await used(bench, kind) == 2


@pytest.mark.parametrize("where", ["name", "attributes", "identifiers"])
async def test_each_place_asks_for_a_serial_by_itself(bench: Bench, actor: Actor, kind: str, where: str) -> None:
    await define(bench, actor, kind)
    vin = stem()
    texts: dict[str, Any] = {"name": "A pump", "attributes": {"plate": "7"}}
    if where != "identifiers":
        texts[where] = "No. {serial}" if where == "name" else {"plate": "{serial}"}
    asset = await register(bench.services, actor, kind, *([f"{vin}{{serial}}"] * (where == "identifiers")), **texts)
    assert "000001" in repr(asset["head"][where])
    assert await used(bench, kind) == 1


@pytest.mark.skipif("gs1" not in identity.standards(), reason="no GS1 identifiers yet")
async def test_a_gs1_identifier_gets_its_serial(bench: Bench, actor: Actor, kind: str) -> None:
    prefix = f"{uuid.uuid4().hex[:8].upper()}-"
    await define(bench, actor, kind, style=SerialStyle.RANDOM, prefix=prefix, length=11)
    asset = await register(bench.services, actor, kind, "gs1:01/09506000134352/21/{serial}")
    serial = asset["head"]["name"].removeprefix("Pump ")
    assert len(serial) == 20
    assert serial.startswith(prefix)
    assert f"gs1:01/09506000134352/21/{serial}" in asset["head"]["identifiers"]


async def test_random_serials_are_made_with_the_secret_of_the_deployment(bench: Bench, actor: Actor, kind: str) -> None:
    await define(bench, actor, kind, style=SerialStyle.RANDOM, length=8)
    scheme, secret = SerialScheme(kind, SerialStyle.RANDOM, "", 8), await bench.store.deployment.secret()
    for number in (1, 2, 3):
        asset = await register(bench.services, actor, kind)
        assert asset["head"]["name"] == f"Pump {scheme.serial(number, secret)}"


async def test_a_kind_without_a_scheme_says_how_to_define_one(bench: Bench, actor: Actor, kind: str) -> None:
    with pytest.raises(InvalidInput, match=f"'{kind}' has no scheme; expected one that defineSerialScheme") as refused:
        await register(bench.services, actor, kind)
    assert refused.value.path == ("kind",)
    assert (await register(bench.services, actor, kind, name="Pump {Serial}"))["head"]["name"] == "Pump {Serial}"
    with pytest.raises(InvalidInput, match="is not the name of a field"):
        await register(bench.services, actor, "$ne")


async def test_a_repeat_gets_the_asset_with_its_serial_and_takes_none(
    bench: Bench, elsewhere: Services, actor: Actor, kind: str
) -> None:
    await define(bench, actor, kind)
    command, vin = Command(client_mutation_id=name()), f"{stem()}{{serial}}"
    first = await register(bench.services, actor, kind, vin, command=command)
    for services in (bench.services, elsewhere):
        again = await register(services, actor, kind, vin, command=command)
        assert (again["_id"], again["hash"], again["head"]) == (first["_id"], first["hash"], first["head"])
    assert await used(bench, kind) == 1
    with pytest.raises(MutationIdReused):
        await register(bench.services, actor, kind, vin, name="Pump no. {serial}", command=command)
    assert await used(bench, kind) == 1


async def test_the_same_request_sent_many_times_at_once_makes_one_asset(
    bench: Bench, elsewhere: Services, actor: Actor, kind: str
) -> None:
    await define(bench, actor, kind)
    command, vin = Command(client_mutation_id=name()), f"{stem()}{{serial}}"
    answers = await asyncio.gather(
        *(register((bench.services, elsewhere)[turn % 2], actor, kind, vin, command=command) for turn in range(12))
    )
    assert len({answer["hash"] for answer in answers}) == 1
    assert await bench.services.assets.count(actor, kinds=[kind]) == 1
    assert await bench.mongo.collection("identifiers").count_documents({"asset": answers[0]["_id"]}) == 1


async def test_64_who_register_at_once_in_two_processes_get_serials_of_their_own(
    bench: Bench, elsewhere: Services, actor: Actor, kind: str
) -> None:
    await define(bench, actor, kind)
    vin = f"{stem()}{{serial}}"
    answers = await asyncio.gather(
        *(register((bench.services, elsewhere)[turn % 2], actor, kind, vin) for turn in range(64))
    )
    assert sorted(answer["head"]["name"] for answer in answers) == [f"Pump {n:06}" for n in range(1, 65)]
    assert await used(bench, kind) == 64


async def test_identifiers_that_were_registered_by_hand_are_passed_over(bench: Bench, actor: Actor, kind: str) -> None:
    await define(bench, actor, kind)
    vin = stem()
    for number in (1, 2, 4):
        await register(bench.services, actor, kind, f"{vin}{number:06}", name="By hand")
    names = [(await register(bench.services, actor, kind, f"{vin}{{serial}}"))["head"]["name"] for _ in range(2)]
    assert names == ["Pump 000003", "Pump 000005"]


async def test_too_many_taken_ones_in_a_row_are_refused_with_a_way_out(bench: Bench, actor: Actor, kind: str) -> None:
    await define(bench, actor, kind)
    vin = stem()
    for first in range(1, 3 * TRIES, 16):
        vins = [f"{vin}{number:06}" for number in range(first, first + 16)]
        await register(bench.services, actor, kind, *vins, name="By hand")
    with pytest.raises(Refused, match=r"are taken, up to number .*Say with defineSerialScheme how many are used"):
        await register(bench.services, actor, kind, f"{vin}{{serial}}")
    assert await bench.services.assets.count(actor, kinds=[kind]) == 4
    await define(bench, actor, kind, used=3 * TRIES + 16)
    assert (await register(bench.services, actor, kind, f"{vin}{{serial}}"))["revision"] == 1


class LateHand(Identifiers):
    """Somebody registers the identifier by hand between the look and the write."""

    async def holders(self, canonicals: Collection[str]) -> dict[str, Holder]:
        found = await super().holders(canonicals)
        for canonical in canonicals:
            if canonical not in found and canonical.endswith("000001"):
                async with await self._collection.database.client.start_session() as session:
                    await self.register([canonical], "ast_other", session=session)
        return found


async def test_an_identifier_that_is_registered_by_hand_meanwhile_is_passed_over_too(
    bench: Bench, actor: Actor, kind: str
) -> None:
    await define(bench, actor, kind)
    vin = stem()
    store = replace(bench.store, identifiers=LateHand(bench.mongo))
    assets = Assets(Commits(store, b"secret", bench.clock), Serials(store, b"secret", bench.clock))
    asset = await register(assets, actor, kind, f"{vin}{{serial}}")
    assert asset["head"]["identifiers"] == [f"{vin}000002"]
    assert await bench.store.identifiers.asset_of(f"{vin}000001") == "ast_other"


async def test_what_is_refused_with_any_serial_takes_none(bench: Bench, actor: Actor, kind: str) -> None:
    await define(bench, actor, kind)
    refusals: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (TooLarge, stem() + "{serial}", {"name": "x" * 115 + "{serial}"}),
        (InvalidIdentifier, "vin:{serial}", {}),
        (InvalidInput, stem() + "{serial}", {"attributes": {"$where": "x"}}),
        (InvalidInput, stem() + "{serial}", {"attributes": {"x": None}}),
    ]
    for error, identifier, given in refusals:
        with pytest.raises(error):
            await register(bench.services, actor, kind, identifier, **given)
    clerk = Actor(actor.id, frozenset(Permission) - {Permission.REGISTER_ASSETS}, frozenset(Audience))
    with pytest.raises(Forbidden):
        await register(bench.services, clerk, kind)
    assert await used(bench, kind) == 0
    assert await bench.services.assets.count(actor, kinds=[kind]) == 0


async def test_another_identifier_that_is_taken_is_refused_as_ever(bench: Bench, actor: Actor, kind: str) -> None:
    await define(bench, actor, kind)
    taken, vin = f"{stem()}999999", stem()
    await register(bench.services, actor, kind, taken, name="By hand")
    with pytest.raises(IdentifierTaken) as refused:
        await register(bench.services, actor, kind, f"{vin}{{serial}}", taken)
    assert refused.value.identifier == taken
    assert await bench.store.identifiers.asset_of(f"{vin}000001") is None
    assert await used(bench, kind) <= 2, "numbers may be skipped, but it is not tried again and again"


async def test_a_kind_that_has_no_more_serials_is_refused_and_nothing_is_written(
    bench: Bench, actor: Actor, kind: str
) -> None:
    await define(bench, actor, kind, length=1)
    answers = await asyncio.gather(*(register(bench.services, actor, kind) for _ in range(12)), return_exceptions=True)
    given = [answer["head"]["name"] for answer in answers if not isinstance(answer, BaseException)]
    assert sorted(given) == [f"Pump {number}" for number in range(1, 10)]
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(error) for error in refused] == [SerialsExhausted] * 3
    assert "All 9 serials" in str(refused[0])
    assert await bench.services.assets.count(actor, kinds=[kind]) == 9
    assert await used(bench, kind) == 9
    assert (await register(bench.services, actor, kind, name="A pump"))["revision"] == 1


async def test_the_last_number_of_all_is_given(bench: Bench, actor: Actor, kind: str) -> None:
    await define(bench, actor, kind, style=SerialStyle.RANDOM, length=16, used=MOST_SERIALS - 1)
    assert len((await register(bench.services, actor, kind))["head"]["name"]) == len("Pump ") + 16
    with pytest.raises(SerialsExhausted):
        await register(bench.services, actor, kind)
