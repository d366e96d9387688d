"""Sessions of browsers: begun with a key or a token, of no use to pages of others, ended with what began them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.api.graphql.calls import Ask, issued
from tests.api.graphql.sockets import connected, opened, served
from tests.conftest import KEY, PUBLIC_URL, Bench, bench_on
from tests.services.issuers import AUDIENCE, IssuerServer, issuing
from twin.api import web
from twin.api.cookies import PLAIN_NAME, SECURE_NAME
from twin.domain.actor import full_actor
from twin.domain.issuer import Issuer
from twin.services import Services
from twin.services.sessions import IDLE, LONGEST

pytestmark = pytest.mark.anyio

OURS = {"sec-fetch-site": "same-origin"}
ADMIN = full_actor("chief")
QUESTION = {"query": "{ labels(first: 1) { edges { node { id } } } }"}


@pytest.fixture(scope="module")
async def bench(mongo_uri: str) -> AsyncIterator[Bench]:
    """Services at the time that it is: mongod takes out what has expired by its own clock."""
    async with bench_on(mongo_uri) as made:
        made.clock.now = datetime.now(UTC)
        yield made


async def begun(client: httpx.AsyncClient, bearer: str) -> str:
    """A session; what its cookie holds, which the client keeps."""
    answer = await client.post("/session", headers={"authorization": f"Bearer {bearer}"})
    assert answer.status_code == 201, answer.text
    return SimpleCookie(answer.headers["set-cookie"])[PLAIN_NAME].value


async def who(client: httpx.AsyncClient) -> str:
    return str((await client.get("/session")).json()["actor"])


async def asked(client: httpx.AsyncClient, headers: Mapping[str, str], **how: Any) -> int:
    return (await client.post("/graphql", headers=dict(headers), **(how or {"json": QUESTION}))).status_code


async def test_a_key_is_exchanged_for_a_cookie_that_no_page_can_read(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/session", headers={"authorization": f"Bearer {KEY}"})
    assert answer.json()["actor"] == "demo"
    assert answer.headers["cache-control"] == "no-store"
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith(f"{PLAIN_NAME}=")
    assert attributes == ["Path=/", f"Max-Age={12 * 3600}", "HttpOnly", "SameSite=Lax"]
    assert await who(anonymous) == "demo"
    answer = await anonymous.post("/graphql", json=QUESTION, headers=OURS)
    assert "errors" not in answer.json()
    assert answer.headers["cache-control"] == "no-store"


async def test_over_tls_the_cookie_is_of_this_host_alone(bench: Bench) -> None:
    transport = httpx.ASGITransport(web.application(bench.services, graphiql=False, demo_key=None))
    async with httpx.AsyncClient(transport=transport, base_url="https://id.example.com") as client:
        answer = await client.post("/session", headers={"authorization": f"Bearer {KEY}"})
        name, *attributes = answer.headers["set-cookie"].split("; ")
        assert name.startswith(f"{SECURE_NAME}=")
        assert "Secure" in attributes
        assert not any(each.startswith("Domain") for each in attributes)
        assert await who(client) == "demo"
        assert await asked(client, {"origin": "https://id.example.com"}) == 200
        assert await asked(client, {"origin": "http://id.example.com"}) == 403
        value = name.partition("=")[2]
        client.cookies.clear()
        client.cookies.set(PLAIN_NAME, value, domain="id.example.com")  # which another host could have set
        assert await who(client) == "anonymous"
    async with httpx.AsyncClient(transport=transport, base_url="http://plant.example.com") as client:
        answer = await client.post("/session", headers={"authorization": f"Bearer {KEY}"})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_the_text_of_a_cookie_is_not_kept(anonymous: httpx.AsyncClient, bench: Bench) -> None:
    text = await begun(anonymous, KEY)
    everything = str(await bench.mongo.collection("sessions").find({}).to_list(None))
    assert text not in everything
    assert KEY not in everything


async def test_a_session_is_no_credential_for_another_and_each_is_new(anonymous: httpx.AsyncClient) -> None:
    first = await begun(anonymous, KEY)
    refused = await anonymous.post("/session", headers=OURS)
    assert refused.status_code == 401
    refused = await anonymous.post("/session", headers={"authorization": f"Bearer {first}"})
    assert refused.status_code == 401
    second = await begun(anonymous, KEY)
    assert first != second
    anonymous.cookies.clear()
    anonymous.cookies.set(PLAIN_NAME, first)
    assert await who(anonymous) == "anonymous"  # the one before was ended
    anonymous.cookies.clear()
    anonymous.cookies.set(PLAIN_NAME, "chosen-by-somebody-else")
    assert await begun(anonymous, KEY) != "chosen-by-somebody-else"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example.com"},
        {"origin": f"{PUBLIC_URL}.evil.example.com"},
        {"origin": PUBLIC_URL, "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"referer": PUBLIC_URL},
    ],
    ids=str,
)
async def test_pages_of_others_may_not_use_it(anonymous: httpx.AsyncClient, headers: dict[str, str]) -> None:
    await begun(anonymous, KEY)
    assert await asked(anonymous, headers) == 403
    assert (await anonymous.delete("/session", headers=headers)).status_code == 403
    assert await asked(anonymous, {**headers, "authorization": f"Bearer {KEY}"}) == 200  # which no page can send
    assert await who(anonymous) == "demo"
    anonymous.cookies.clear()
    assert await asked(anonymous, headers) == 200  # nobody's question, as before


async def test_forms_and_links_change_nothing(anonymous: httpx.AsyncClient) -> None:
    await begun(anonymous, KEY)
    query = 'mutation { registerAsset(input: {kind: "x"}) { __typename } }'
    for headers in (OURS, {}):
        answer = await anonymous.get("/graphql", params={"query": query}, headers=headers)
        assert answer.status_code == 405, answer.text
    text = '{"query": "{ __typename }"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert await asked(anonymous, {**OURS, "content-type": kind}, content=text) == 415
    assert await asked(anonymous, OURS, files={"operations": ("o", text)}) == 415


async def test_it_ends_when_its_browser_says_so(anonymous: httpx.AsyncClient) -> None:
    text = await begun(anonymous, KEY)
    answer = await anonymous.delete("/session", headers={"origin": PUBLIC_URL})
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    anonymous.cookies.set(PLAIN_NAME, text)
    assert await who(anonymous) == "anonymous"


async def test_it_ends_with_its_key(anonymous: httpx.AsyncClient, bench: Bench) -> None:
    keys = bench.services.keys
    key = await keys.add(ADMIN, "gate-of-session", roles=["viewer"])
    await begun(anonymous, key)
    listed = await keys.of_text(ADMIN, key)
    assert await who(anonymous) == listed.key.actor
    await keys.revoke(ADMIN, listed.id)
    assert await who(anonymous) == "anonymous"


async def test_it_ends_when_nobody_uses_it_and_after_a_day_of_work(anonymous: httpx.AsyncClient, bench: Bench) -> None:
    await begun(anonymous, KEY)
    began = bench.clock.now
    while bench.clock.now < began + LONGEST - IDLE:
        bench.clock.now += IDLE - timedelta(minutes=5)
        assert await who(anonymous) == "demo"
    bench.clock.now = began + LONGEST
    assert await who(anonymous) == "anonymous"
    await begun(anonymous, KEY)
    bench.clock.now += IDLE
    assert await who(anonymous) == "anonymous"


async def test_a_websocket_needs_our_origin_too(bench: Bench, anonymous: httpx.AsyncClient) -> None:
    cookie = {"Cookie": f"{PLAIN_NAME}={await begun(anonymous, KEY)}"}
    async with served(web.application(bench.services, graphiql=False, demo_key=None)) as url:
        async with opened(url, origin=url, additional_headers=cookie) as listening:
            await listening.subscribe("{ changesCursor }")
            assert (await listening.next())["changesCursor"]
        async with opened(url, KEY, additional_headers=cookie) as listening:  # the key counts, not the cookie
            await listening.subscribe("{ changesCursor }")
            await listening.next()
        for foreign in ("https://evil.example.com", "null"):
            with pytest.raises(InvalidStatus):
                async with connected(url, origin=foreign, additional_headers=cookie):
                    pass
        silent: dict[str, str] = {}
        for headers in (silent, {"Sec-Fetch-Site": "cross-site", "Origin": url}):
            async with connected(url, additional_headers={**cookie, **headers}) as listening:
                await listening.send(type="connection_init")
                code, reason = await listening.refused()
            assert code == 4403
            assert reason.startswith("FORBIDDEN: ")


async def test_the_page_of_a_label_shows_what_its_session_may_see(anonymous: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(query)
    path, headers = f"/L/{label['linkId']}", {"accept": "application/json"}
    outside = await anonymous.get(path, headers=headers)
    await begun(anonymous, KEY)
    inside = await anonymous.get(path, headers={**headers, "sec-fetch-site": "cross-site"})  # a scanned link
    assert (outside.status_code, inside.status_code) == (200, 200)
    assert outside.headers["etag"] != inside.headers["etag"]
    assert "Cookie" in inside.headers["vary"]


@pytest.fixture
async def issuer(bench: Bench) -> AsyncIterator[tuple[IssuerServer, httpx.AsyncClient]]:
    with issuing() as running:
        trusted = Issuer(running.url, AUDIENCE)
        services = await Services.on(bench.store, public_url=PUBLIC_URL, clock=bench.clock, issuer=trusted)
        transport = httpx.ASGITransport(web.application(services, graphiql=False, demo_key=None))
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
            yield running, client
        await services.changes.close()


async def test_it_ends_with_its_token(issuer: tuple[IssuerServer, httpx.AsyncClient], bench: Bench) -> None:
    running, client = issuer
    await begun(client, running.token(bench.clock.now))
    assert (await who(client)).startswith("oidc-")
    assert "labels:print" in (await client.get("/session")).json()["permissions"]
    bench.clock.now += timedelta(minutes=5)
    assert await who(client) == "anonymous"
    refused = await client.post("/session", headers={"authorization": f"Bearer {running.token(bench.clock.now)}x"})
    assert refused.status_code == 401
