"""How many requests a minute each caller gets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.api.graphql.sockets import connected, opened
from tests.api.graphql.sockets import served as on_a_port
from tests.conftest import KEY, PUBLIC_URL, Bench
from twin.api import web
from twin.api.cookies import PLAIN_NAME
from twin.api.edge import Edge
from twin.api.hosts import LOOPBACK
from twin.api.rates import MOST_BUCKETS, Rate

pytestmark = pytest.mark.anyio

UNKNOWN = "/L/0123456789ABC8"
DESCRIPTION = "/.well-known/gs1resolver"


@asynccontextmanager
async def served(bench: Bench, anonymous: int, caller: int) -> AsyncIterator[Callable[[str], httpx.AsyncClient]]:
    edge = Edge(rate_anonymous=anonymous, rate_caller=caller)
    application = web.application(bench.services, graphiql=False, demo_key=None, edge=edge)

    def client(address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(application, client=(address, 5))
        return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL)

    yield client


async def test_an_address_without_a_key_has_its_own_quota(bench: Bench) -> None:
    async with served(bench, 3, 0) as clients, clients("192.0.2.1") as one, clients("192.0.2.2") as other:
        answers = [await one.get(DESCRIPTION) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"anonymous";q=3;w=60'
        assert answers[0].headers["ratelimit"] == '"anonymous";r=2;t=20'
        assert 1 <= int(answers[3].headers["retry-after"]) <= 20
        wait = int(answers[3].headers["retry-after"])
        assert answers[3].json()["errors"][0]["extensions"] == {"code": "RATE_LIMITED", "retryAfter": wait}
        assert (await other.get(DESCRIPTION)).status_code == 200
        assert (await one.get("/healthz")).status_code == 200


async def test_asking_for_what_there_is_not_costs_ten(bench: Bench) -> None:
    async with served(bench, 15, 0) as clients, clients("192.0.2.1") as one:
        first = await one.get(UNKNOWN)
        assert (first.status_code, first.headers["ratelimit"]) == (404, '"anonymous";r=5;t=40')
        assert (await one.get(UNKNOWN)).status_code == 404
        assert (await one.get(UNKNOWN)).status_code == 429


GUESSES = {
    "page": ("GET", UNKNOWN, None),
    "image": ("GET", f"{UNKNOWN}.svg", None),
    "Digital Link": ("GET", "/01/09506000134352/21/NONE", None),
    "label": ("POST", "/graphql", '{ label(linkId: "0123456789ABC8") { state } }'),
    "scan": ("POST", "/graphql", f'{{ resolveScan(text: "{PUBLIC_URL}{UNKNOWN}") {{ outcome }} }}'),
}


@pytest.mark.parametrize("door", GUESSES)
async def test_a_guess_costs_the_same_through_every_door(bench: Bench, door: str) -> None:
    method, path, query = GUESSES[door]
    async with served(bench, 25, 100) as clients, clients("192.0.2.1") as one:

        async def guess(**more: Any) -> httpx.Response:
            return await one.request(method, path, json=query and {"query": query}, **more)

        answers = [await guess() for _ in range(4)]
        assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=15", "r=5", "r=0", "r=0"]
        assert answers[3].status_code == 429
        keyed = {"authorization": f"Bearer {KEY}"}
        async with clients("192.0.2.2") as known:
            await known.post(
                "/graphql", json={"query": "{ __typename }"}, headers=keyed
            )  # whose the key is, is known from here on
            answer = await known.request(method, path, json=query and {"query": query}, headers=keyed)
            assert answer.headers["ratelimit-policy"].startswith('"caller"')
            assert answer.headers["ratelimit"].split(";")[1] == "r=99"


async def test_guesses_under_many_names_are_many(bench: Bench) -> None:
    query = "{ " + " ".join(f'g{n}: label(linkId: "0123456789ABC8") {{ state }}' for n in range(3)) + " }"
    async with served(bench, 50, 0) as clients, clients("192.0.2.1") as one:
        answer = await one.post("/graphql", json={"query": query})
        assert answer.headers["ratelimit"].split(";")[1] == "r=20"


async def test_guesses_on_a_connection_are_counted_and_end(bench: Bench) -> None:
    edge = Edge(rate_anonymous=35, rate_caller=0, hosts=LOOPBACK)
    application = web.application(bench.services, graphiql=False, demo_key=None, edge=edge)
    guess = 'subscription { labelChanged(linkId: "0123456789ABC8") { cursor } }'
    async with on_a_port(application) as url, opened(url) as listening, opened(url, KEY) as known:
        for number, query in enumerate((guess, GUESSES["label"][2], GUESSES["scan"][2], guess)):
            await listening.subscribe(str(query), str(number))
            assert (await listening.get())["type"] == "next"
            assert (await listening.get())["type"] == "complete"
        await listening.subscribe("{ __typename }", "9")
        refused = await listening.get()
        assert (refused["type"], refused["id"]) == ("error", "9")
        extensions = refused["payload"][0]["extensions"]
        assert (extensions["code"], 1 <= extensions["retryAfter"] <= 60) == ("RATE_LIMITED", True)
        for number in range(5):
            await known.subscribe(guess, str(number))
            assert (await known.failed(str(number)))["extensions"]["code"] == "NOT_FOUND"


async def test_a_caller_has_one_quota_from_every_address_and_not_that_of_the_address(bench: Bench) -> None:
    keyed = {"authorization": f"Bearer {KEY}"}
    query = {"query": "{ __typename }"}
    async with served(bench, 3, 2) as clients, clients("192.0.2.1") as one, clients("192.0.2.2") as other:
        answers = [
            await one.post("/graphql", json=query, headers=keyed),  # counts for the address: whose it is, is asked
            await one.post("/graphql", json=query, headers=keyed),
            await other.post("/graphql", json=query, headers=keyed),
            await other.post("/graphql", json=query, headers=keyed),
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[2].headers["ratelimit"].startswith('"caller";r=0')
        assert (await other.get(DESCRIPTION)).status_code == 200


async def test_keys_that_are_made_up_count_for_the_address_as_guesses(bench: Bench) -> None:
    query = {"query": "{ __typename }"}
    async with served(bench, 20, 1_000) as clients, clients("192.0.2.1") as one:
        statuses = [
            (await one.post("/graphql", json=query, headers={"authorization": f"Bearer {n}"})).status_code
            for n in range(3)
        ]
        assert statuses == [401, 401, 429]


async def test_behind_an_address_that_is_used_up_a_new_key_is_looked_up_and_made_up_ones_are_few(bench: Bench) -> None:
    query = {"query": "{ __typename }"}
    async with served(bench, 20, 1_000) as clients, clients("192.0.2.1") as one:
        while (await one.get(UNKNOWN)).status_code != 429:
            pass
        answers = [
            await one.post("/graphql", json=query, headers={"authorization": f"Bearer {key}"})
            for key in (KEY, KEY, "made-up", "made-up-2", "made-up-3", KEY)
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 401, 401, 429, 200]
        assert answers[0].headers["ratelimit-policy"] == '"lookups";q=20;w=60'
        assert answers[1].headers["ratelimit-policy"] == '"caller";q=1000;w=60'


async def test_a_session_counts_for_its_caller_until_it_ends(fresh_bench: Bench) -> None:
    fresh_bench.clock.now = datetime.now(UTC)
    async with served(fresh_bench, 4, 100) as clients, clients("192.0.2.1") as one:
        assert (await one.post("/session", headers={"authorization": f"Bearer {KEY}"})).status_code == 201
        answers = [await one.get("/session") for _ in range(6)]
        assert [answer.json()["actor"] for answer in answers] == ["demo"] * 6
        told = [answer.headers["ratelimit-policy"].split(";")[0] for answer in answers]
        assert told == ['"anonymous"'] + ['"caller"'] * 5
        cookie = one.cookies[PLAIN_NAME]
        assert (await one.delete("/session", headers={"sec-fetch-site": "same-origin"})).status_code == 204
        one.cookies.set(PLAIN_NAME, cookie)
        told = [(await one.get("/session")).headers["ratelimit-policy"].split(";")[0] for _ in range(3)]
        assert told == ['"caller"', '"anonymous"', '"anonymous"']
        one.cookies.clear()
        one.cookies.set(PLAIN_NAME, "made-up")
        assert (await one.get("/session")).json()["actor"] == "anonymous"
        assert (await one.get("/session")).status_code == 429


@pytest.mark.parametrize("key", [None, KEY])
async def test_each_operation_of_a_connection_counts_as_a_request(bench: Bench, key: str | None) -> None:
    edge = Edge(rate_anonymous=4, rate_caller=3)  # of an address the connection itself is one
    application = web.application(bench.services, graphiql=False, demo_key=None, edge=edge)
    async with on_a_port(application) as url, opened(url, key) as socket:
        for id_ in "abc":
            await socket.subscribe("{ __typename }", id_)
            assert await socket.next(id_) == {"__typename": "Query"}
            assert await socket.get() == {"type": "complete", "id": id_}
        for operation in ("{ __typename }", 'subscription { labelChanged(linkId: "0000000000000") { cursor } }'):
            await socket.subscribe(operation, "d")
            refused = await socket.get()
            [error] = refused["payload"]
            assert (refused["type"], refused["id"]) == ("error", "d")
            assert (error["extensions"]["code"], error["extensions"]["retryAfter"] > 0) == ("RATE_LIMITED", True)
        async with httpx.AsyncClient() as client:
            headers = {} if key is None else {"authorization": f"Bearer {key}"}
            known = await client.post(f"{url}/graphql", json={"query": "{ __typename }"}, headers=headers)
            again = await client.post(f"{url}/graphql", json={"query": "{ __typename }"}, headers=headers)
            assert (known.status_code, again.status_code) == (429 if key is None else 200, 429)


async def test_a_key_that_is_none_is_a_guess_over_a_websocket_too(bench: Bench) -> None:
    edge = Edge(rate_anonymous=20)
    application = web.application(bench.services, graphiql=False, demo_key=None, edge=edge)
    async with on_a_port(application) as url:
        for number in range(2):
            async with connected(url) as socket:
                await socket.send(type="connection_init", payload={"Authorization": f"Bearer made-up-{number}"})
                code, reason = await socket.closed()
                assert (code, reason.split(":")[0]) == (4403, "UNAUTHENTICATED")
        with pytest.raises(InvalidStatus, match="429"):
            await opened(url).__aenter__()


def test_tokens_come_back_with_time_and_never_more_than_there_were() -> None:
    clock = [0.0]
    rate = Rate("anonymous", 60, lambda: clock[0])
    assert all(rate.take("a") for _ in range(60))
    assert not rate.take("a")
    assert rate.wait("a") == 1
    clock[0] = 2.0
    assert [rate.take("a") for _ in range(3)] == [True, True, False]
    clock[0] = 10_000.0
    assert sum(rate.take("a") for _ in range(100)) == 60


def test_memory_is_bounded() -> None:
    rate = Rate("anonymous", 1, lambda: 0.0)
    for number in range(MOST_BUCKETS + 100):
        assert rate.take(str(number))
    assert len(rate) == MOST_BUCKETS
    assert not rate.take(str(MOST_BUCKETS + 99))
