"""Names of people: in one place, beside history, and forgotten without touching it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import PUBLIC_URL, bench_on, client_on
from tests.services.factory import issued
from tests.services.issuers import AUDIENCE, IssuerServer, issuing
from twin.domain.actor import Actor, Audience, Permission, Role, actor_with, full_actor
from twin.domain.history import Command
from twin.domain.issuer import Issuer
from twin.errors import Forbidden, NotFound, Refused
from twin.services import Services
from twin.services.people import Source
from twin.store.backup import backup, restore

if TYPE_CHECKING:
    import httpx

    from tests.conftest import Bench
    from tests.services.factory import Doc

pytestmark = pytest.mark.anyio

CHIEF = full_actor("chief")
NAME = "Zoë Quillfeather"
HISTORY = "query($id: ID) { label(id: $id) { history { edges { node { actor actorName } } } } }"
LOG = "query($actor: String) { auditLog(actor: $actor) { edges { node { actor actorName operation } } } }"
VOID = 'mutation($id: ID!) { voidLabel(input: {label: $id, reason: "misprint"}) { errors { code } } }'


async def whole_database(bench: Bench) -> str:
    """Every document of every collection, as text."""
    names = await bench.mongo.collections()
    return "\n".join([repr(await bench.mongo.collection(name).find({}).to_list(None)) for name in names])


async def told(client: httpx.AsyncClient, label: Doc) -> str:
    """All that the API and the pages say of a label and of who acted."""
    page = f"/L/{label['head']['link_id']}"
    asked = [
        await client.post("/graphql", json={"query": HISTORY, "variables": {"id": label["_id"]}}),
        await client.post("/graphql", json={"query": LOG}),
        await client.post("/graphql", json={"query": "{ keys { edges { node { actor actorName } } } }"}),
        await client.get(page, headers={"accept": "text/html"}),
        await client.get(page, headers={"accept": "application/json"}),
    ]
    assert [answer.status_code for answer in asked] == [200] * len(asked)
    return "\n".join(answer.text for answer in asked)


async def test_a_name_stands_beside_history_until_it_is_forgotten_and_then_nowhere(
    fresh_bench: Bench, mongo_uri: str, tmp_path: Path
) -> None:
    services = fresh_bench.services
    key = await services.keys.add(CHIEF, NAME, roles=["admin"])
    actor = await services.keys.actor(key)
    label = await issued(fresh_bench, actor)
    async with client_on(fresh_bench, key=key) as client:
        await client.post("/graphql", json={"query": VOID, "variables": {"id": label["_id"]}})
        await services.audit_log.flush()
        versions = await services.labels.versions(CHIEF, label["_id"], 1, 2)
        assert NAME not in repr(versions)
        before = await told(client, label)
        assert (await whole_database(fresh_bench)).count(NAME) == 1

        assert (await services.people.forget(CHIEF, actor.id)).name is None

        after = await told(client, label)
        assert before.count(NAME) == 8  # two versions in the API and on two pages, the row of the log, the key
        assert NAME not in after
        assert after.count(actor.id) >= 8
    assert NAME not in await whole_database(fresh_bench)
    assert (await services.audit.check_history(CHIEF)).broken == 0
    assert await services.labels.versions(CHIEF, label["_id"], 1, 2) == versions
    await backup(fresh_bench.mongo, tmp_path / "all.twins", lambda _: None)
    assert NAME.encode() not in gzip.decompress((tmp_path / "all.twins").read_bytes())
    async with bench_on(mongo_uri) as other:
        await other.mongo.collection("deployment").delete_many({})
        await restore(other.mongo, tmp_path / "all.twins", lambda _: None)
        async with client_on(other, key=key) as client:
            assert NAME not in await told(client, label)
        assert (await other.services.audit.check_history(CHIEF)).broken == 0
        with pytest.raises(Refused, match="was forgotten"):
            await other.services.keys.add(CHIEF, NAME, roles=["viewer"], stands_for=actor.id)
        assert NAME not in await whole_database(other)


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (actor_with("a", [Role.VIEWER]), True),
        (actor_with("a", [Role.VIEWER], [Audience.PUBLIC, Audience.PARTNER]), False),
        (actor_with("a", [Role.AUDITOR], [Audience.PUBLIC, Audience.AUTHORITY]), False),
        (Actor("a", frozenset(), frozenset(Audience)), False),
    ],
)
async def test_names_are_for_who_may_see_who_acted(bench: Bench, caller: Actor, sees: bool) -> None:
    key = await bench.services.keys.add(CHIEF, NAME, roles=["viewer"])
    actor = (await bench.services.keys.actor(key)).id
    assert await bench.services.people.names(caller, [actor, "act-none"]) == ({actor: NAME} if sees else {})


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
async def test_to_forget_is_for_admins(bench: Bench, role: Role) -> None:
    with pytest.raises(Forbidden, match="people:forget"):
        await bench.services.people.forget(actor_with("a", [role]), "act-none")
    with pytest.raises(Forbidden, match="people:forget"):
        await bench.services.people.all(actor_with("a", [role]))


async def test_who_has_no_name_cannot_be_forgotten(bench: Bench) -> None:
    for nobody in ("act-none", "", "chief", "cli"):
        with pytest.raises(NotFound):
            await bench.services.people.forget(CHIEF, nobody)


async def test_an_actor_from_before_there_were_pseudonyms_goes_on_under_its_id(fresh_bench: Bench) -> None:
    keys, people = fresh_bench.services.keys, fresh_bench.services.people
    old = {"_id": "0" * 64, "actor": "gate-3", "roles": ["viewer"], "created_at": fresh_bench.clock.now}
    await fresh_bench.mongo.collection("keys").insert_one(old)
    [listed] = await keys.all(CHIEF)
    assert (listed.key.actor, listed.name) == ("gate-3", None)
    key = await keys.add(CHIEF, "Gate 3", roles=["viewer"], stands_for="gate-3")
    assert (await keys.actor(key)).id == "gate-3"
    await people.forget(CHIEF, "gate-3")
    assert await people.names(CHIEF, ["gate-3"]) == {}


@dataclass
class Gate:
    """An issuer, and services that trust it."""

    issuer: IssuerServer
    services: Services
    bench: Bench

    async def calls(self, services: Services | None = None, **claims: Any) -> str:
        """The id of who sends a token, once its name is kept."""
        services = services or self.services
        assert services.tokens is not None
        actor = (await services.tokens.bearer(self.issuer.token(self.bench.clock.now, **claims))).actor
        await services.people.settled()
        return actor.id


@pytest.fixture
async def gate(fresh_bench: Bench) -> AsyncIterator[Gate]:
    with issuing() as issuer:
        yield Gate(issuer, await trusting(fresh_bench, issuer), fresh_bench)


async def trusting(bench: Bench, issuer: IssuerServer, **more: Any) -> Services:
    trusted = Issuer(issuer.url, AUDIENCE, **more)
    return await Services.on(bench.store, public_url=PUBLIC_URL, clock=bench.clock, issuer=trusted)


async def test_the_name_of_a_token_is_kept_and_follows_it(gate: Gate) -> None:
    actor = await gate.calls(name=NAME)
    [person] = await gate.services.people.all(CHIEF)
    assert (person.actor, person.name, person.source) == (actor, NAME, Source.TOKEN)
    assert await gate.calls(name="Zoë Marsh") == actor
    assert await gate.services.people.names(CHIEF, [actor]) == {actor: "Zoë Marsh"}


@pytest.mark.parametrize("name", [None, 7, "", ["Zoë"], "x" * 101, "a\nb", "\u202ea"])
async def test_what_is_no_name_is_not_kept(gate: Gate, name: Any) -> None:
    await gate.calls(name=name)
    assert await gate.services.people.all(CHIEF) == []


async def test_the_deployment_says_which_claim_is_the_name(gate: Gate) -> None:
    services = await trusting(gate.bench, gate.issuer, name_claim="preferred_username")
    actor = await gate.calls(services, name=NAME, preferred_username="zq")
    assert await services.people.names(CHIEF, [actor]) == {actor: "zq"}


async def test_who_was_forgotten_calls_again_and_has_no_name_in_any_process(gate: Gate) -> None:
    actor = await gate.calls(name=NAME)
    await gate.services.people.forget(CHIEF, actor)
    again = await gate.services.people.forget(CHIEF, actor)
    for services in (gate.services, await trusting(gate.bench, gate.issuer)):
        assert await gate.calls(services, name=NAME) == actor
        assert await gate.calls(services, name="Zoë Marsh") == actor
        assert await services.people.names(CHIEF, [actor]) == {}
    [person] = await gate.services.people.all(CHIEF)
    assert person == again
    assert "Zoë" not in await whole_database(gate.bench)
    await issued(gate.bench, Actor(actor, frozenset(Permission), frozenset(Audience)))
    assert (await gate.services.audit.check_history(CHIEF)).broken == 0


async def test_a_name_that_comes_while_its_actor_is_forgotten_does_not_stay(gate: Gate) -> None:
    actor = await gate.calls(name=NAME)
    for number in range(10):
        gate.services.people.heard(actor, f"Zoë {number}")
    await asyncio.gather(gate.services.people.forget(CHIEF, actor), gate.services.people.settled())
    assert "Zoë" not in await whole_database(gate.bench)


async def test_a_revoked_key_leaves_the_name_until_it_is_forgotten(bench: Bench) -> None:
    keys, people = bench.services.keys, bench.services.people
    key = await keys.add(CHIEF, NAME, roles=["issuer"])
    actor = await keys.actor(key)
    label = await issued(bench, actor)
    await keys.revoke(CHIEF, (await keys.of_text(CHIEF, key)).id)
    assert await people.names(CHIEF, [actor.id]) == {actor.id: NAME}
    await people.forget(CHIEF, actor.id)
    [version] = await bench.services.labels.versions(CHIEF, label["_id"], 1, 1)
    assert version["actor"] == actor.id
    await bench.services.labels.void(CHIEF, label["_id"], Command(reason="misprint"))


async def test_names_are_listed_newest_first_and_the_forgotten_last(fresh_bench: Bench) -> None:
    keys, people = fresh_bench.services.keys, fresh_bench.services.people
    actors = [(await keys.actor(await keys.add(CHIEF, f"line-{n}", roles=["viewer"]))).id for n in range(3)]
    await people.forget(CHIEF, actors[2])
    assert [(person.actor, person.name) for person in await people.all(CHIEF)] == [
        (actors[1], "line-1"),
        (actors[0], "line-0"),
        (actors[2], None),
    ]
