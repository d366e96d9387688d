"""Which names the service answers to."""

from __future__ import annotations

import uuid

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.api.graphql.calls import Ask, issued
from tests.conftest import PUBLIC_URL, Bench
from twin.api import web
from twin.api.edge import Edge
from twin.api.hosts import LOOK_EVERY_S, Hosts

pytestmark = pytest.mark.anyio


def client_of(bench: Bench) -> httpx.AsyncClient:
    edge = Edge(hosts=frozenset({"twin.plant"}))
    application = web.application(bench.services, graphiql=False, demo_key=None, edge=edge)
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=PUBLIC_URL)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "127.0.0.1", "twin.plant", "TWIN.plant:443"])
async def test_names_of_ours_are_answered(bench: Bench, host: str) -> None:
    async with client_of(bench) as client:
        assert (await client.get("/.well-known/gs1resolver", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "", "twin.plant.evil.example", "twin.plant@evil.example", "twin.plant:x", "[::1]"]
)
async def test_another_name_is_misdirected(bench: Bench, host: str) -> None:
    async with client_of(bench) as client:
        answer = await client.get("/L/0123456789ABC8", headers={"host": host})
        assert answer.status_code == 421
        assert answer.json()["errors"][0]["extensions"] == {"code": "MISDIRECTED"}
        assert (await client.get("/healthz", headers={"host": host})).status_code == 200


async def test_two_hosts_are_none(bench: Bench) -> None:
    async with client_of(bench) as client:
        two = [("host", "twin.plant"), ("host", "twin.plant")]
        assert (await client.get("/L/0123456789ABC8", headers=two)).status_code == 421


async def test_nothing_is_built_of_the_host_that_is_named(anonymous: httpx.AsyncClient, query: Ask) -> None:
    link = (await issued(query))["linkId"]
    poison = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    for path in (
        f"/L/{link}",
        f"/l/{link.lower()}",
        f"/L/{link}.svg",
        "/.well-known/gs1resolver",
        "/01/09506000134352",
    ):
        for accept in ("text/html", "application/json", "application/linkset+json"):
            answer = await anonymous.get(path, headers={**poison, "accept": accept})
            assert "evil.example" not in answer.text + str(answer.headers), path


async def test_a_name_that_another_process_serves_under_is_ours_and_others_cost_a_look_a_second(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, looks = [100.0], [0]
    looked_up = bench.services.scans.looked_up

    async def counted() -> frozenset[str]:
        looks[0] += 1
        return await looked_up()

    async def found(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=204)(scope, receive, send)

    monkeypatch.setattr(bench.services.scans, "looked_up", counted)
    application = Hosts(found, bench.services, frozenset(), lambda: clock[0])
    name = f"{uuid.uuid4().hex}.example"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=PUBLIC_URL) as client:
        for host in (name, *(f"{number}.example" for number in range(50)), "", "x:y"):
            assert (await client.get("/", headers={"host": host})).status_code == 421
        assert looks == [1]
        await bench.store.deployment.public_urls(f"https://{name}")
        await bench.store.deployment.public_urls(PUBLIC_URL)
        assert (await client.get("/", headers={"host": name})).status_code == 421
        clock[0] += LOOK_EVERY_S
        assert (await client.get("/", headers={"host": name})).status_code == 204
        clock[0] += LOOK_EVERY_S
        assert (await client.get("/", headers={"host": name})).status_code == 204
        assert looks == [2]
