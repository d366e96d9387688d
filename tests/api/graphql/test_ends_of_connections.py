"""A connection ends with what opened it: a key that is taken back or ends, a token that ends, a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.api.graphql.sockets import Socket, opened, served
from tests.conftest import PUBLIC_URL
from tests.services.factory import new_asset
from tests.services.issuers import AUDIENCE, IssuerServer, issuing
from twin.api import web
from twin.api.graphql import websocket
from twin.domain.actor import full_actor
from twin.domain.issuer import Issuer
from twin.errors import Unavailable
from twin.services import Services
from twin.store.keys import Keys as KeyStore

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

CHIEF = full_actor("chief")
CHANGES = "subscription { changes { version { actor } } }"
SOON = 0.02


@pytest.fixture
async def gate(bench: Bench) -> AsyncIterator[tuple[Services, IssuerServer, str]]:
    """Services by the clock of the machine, an issuer that they trust, and where they are."""
    with issuing() as issuer:
        services = await Services.on(bench.store, public_url=PUBLIC_URL, issuer=Issuer(issuer.url, AUDIENCE))
        async with served(web.application(services, graphiql=False, demo_key=None)) as url:
            yield services, issuer, url
        await services.changes.close()
        await services.keys.settled()


async def listening_on(listening: Socket, bench: Bench) -> None:
    """Subscribe, and wait until a change was told: so it is under way."""
    await listening.subscribe(CHANGES)
    await listening.subscribe("{ changesCursor }", "2")
    await listening.next("2")
    await listening.get()  # it is complete
    await new_asset(bench, CHIEF)
    assert await listening.next()


async def ended(listening: Socket, services: Services) -> None:
    code, reason = await listening.closed()
    assert (code, reason) == (4403, websocket.ENDED)
    if tasks := services.changes._fanout._tasks:
        await asyncio.wait(tasks)  # the stream ends when nobody listens
    assert services.changes.subscribers == 0


async def test_it_ends_when_its_key_is_taken_back(
    gate: tuple[Services, IssuerServer, str], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert websocket.LOOK_EVERY_S <= 30
    monkeypatch.setattr(websocket, "LOOK_EVERY_S", SOON)
    services, _, url = gate
    key = await services.keys.add(CHIEF, "line-3", roles=["viewer"])
    other = await services.keys.add(CHIEF, "line-4", roles=["viewer"])
    async with opened(url, key) as listening, opened(url, other) as staying, opened(url) as anonymous:
        await listening_on(listening, bench)
        await services.keys.revoke(CHIEF, (await services.keys.of_text(CHIEF, key)).id)
        await ended(listening, services)
        for each in (staying, anonymous):
            await each.subscribe("{ __typename }", "7")
            await each.next("7")


async def test_it_ends_when_its_key_ends_and_not_before(gate: tuple[Services, IssuerServer, str], bench: Bench) -> None:
    services, _, url = gate
    ends = datetime.now(UTC) + timedelta(seconds=2)
    key = await services.keys.add(CHIEF, "line-3", roles=["viewer"], expires=ends)
    async with opened(url, key) as listening:
        await listening_on(listening, bench)
        await ended(listening, services)
    assert timedelta(0) <= datetime.now(UTC) - ends < timedelta(seconds=websocket.LOOK_EVERY_S / 4)


async def test_it_ends_when_its_token_ends(gate: tuple[Services, IssuerServer, str], bench: Bench) -> None:
    services, issuer, url = gate
    now = datetime.now(UTC)
    ends = int((now - timedelta(seconds=57)).timestamp())  # which counts for a minute more
    async with opened(url, issuer.token(now, exp=ends)) as listening:
        await listening_on(listening, bench)
        await ended(listening, services)
    assert 60 <= datetime.now(UTC).timestamp() - ends < 60 + websocket.LOOK_EVERY_S / 4


@pytest.mark.parametrize("with_token", [True, False])
async def test_it_ends_when_its_session_is_ended(
    gate: tuple[Services, IssuerServer, str], bench: Bench, monkeypatch: pytest.MonkeyPatch, with_token: bool
) -> None:
    monkeypatch.setattr(websocket, "LOOK_EVERY_S", SOON)
    services, issuer, url = gate
    credential = (
        issuer.token(datetime.now(UTC)) if with_token else await services.keys.add(CHIEF, "line-3", roles=["viewer"])
    )
    async with httpx.AsyncClient(base_url=url, headers={"origin": url}) as client:
        begun = await client.post("/session", headers={"authorization": f"Bearer {credential}"})
        cookie = {"Cookie": begun.headers["set-cookie"].split(";")[0]}
        async with opened(url, origin=url, additional_headers=cookie) as listening:
            await listening_on(listening, bench)
            assert (await client.delete("/session", headers=cookie)).status_code == 204
            await ended(listening, services)


async def test_to_listen_does_not_prolong_a_session(bench: Bench) -> None:
    sessions = bench.services.sessions
    begun = await sessions.begin_with_key("test-key")
    first = await sessions.held(begun.text)
    bench.clock.now += timedelta(minutes=30)
    later = await sessions.held(begun.text)
    assert first is not None
    assert later is not None
    assert first.left is not None
    assert later.left is not None
    assert first.left - later.left >= 30 * 60
    await sessions.actor(begun.text)
    used = await sessions.held(begun.text)
    assert used is not None
    assert used.left is not None
    assert used.left > later.left


async def test_it_stays_while_the_database_cannot_tell_and_its_key_has_no_end(
    gate: tuple[Services, IssuerServer, str], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "LOOK_EVERY_S", SOON)
    services, _, url = gate
    lasting = await services.keys.add(CHIEF, "line-3", roles=["viewer"])
    ending = await services.keys.add(
        CHIEF, "line-4", roles=["viewer"], expires=datetime.now(UTC) + timedelta(seconds=1)
    )
    async with opened(url, lasting) as staying, opened(url, ending) as listening:

        async def lost(*_: object) -> None:
            raise Unavailable("The database does not answer.")

        with monkeypatch.context() as patched:
            patched.setattr(KeyStore, "find", lost)
            await ended(listening, services)
            await staying.subscribe("{ __typename }", "7")
            await staying.next("7")
