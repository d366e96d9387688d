"""Which headers stand on which answers."""

from __future__ import annotations

import httpx
import pytest

from tests.api.graphql.calls import Ask, issued
from tests.conftest import Bench
from twin.api import web

pytestmark = pytest.mark.anyio


async def test_every_answer_is_guarded(query: Ask, anonymous: httpx.AsyncClient) -> None:
    link = (await issued(query))["linkId"]
    for path in ("/healthz", f"/L/{link}", f"/L/{link}.svg", f"/L/{link}.pdf", "/graphql", "/nowhere", "/favicon.ico"):
        headers = (await anonymous.get(path, headers={"accept": "text/html"})).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'"), path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe-inline" not in policy.replace("style-src 'unsafe-inline'; sandbox", ""), path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["cross-origin-opener-policy"] == "same-origin", path
        assert headers["permissions-policy"].startswith("camera=()"), path
        assert "strict-transport-security" not in headers, path


async def test_an_svg_that_is_opened_as_a_page_is_in_a_sandbox(query: Ask, anonymous: httpx.AsyncClient) -> None:
    link = (await issued(query))["linkId"]
    for path in (f"/L/{link}.svg", "/favicon.ico"):
        headers = (await anonymous.get(path)).headers
        assert headers["content-security-policy"].endswith("; sandbox")
        assert headers["cross-origin-resource-policy"] == "cross-origin"


async def test_pages_and_answers_of_the_api_are_not_for_pages_of_others(query: Ask, client: httpx.AsyncClient) -> None:
    link = (await issued(query))["linkId"]
    page = await client.get(f"/L/{link}", headers={"accept": "text/html"})
    answer = await client.post("/graphql", json={"query": "{ __typename }"})
    assert page.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_only_who_came_over_tls_is_told_to_stay_there(bench: Bench) -> None:
    transport = httpx.ASGITransport(web.application(bench.services, graphiql=False, demo_key=None))
    async with httpx.AsyncClient(transport=transport, base_url="https://id.example.com") as client:
        assert (await client.get("/healthz")).headers["strict-transport-security"] == "max-age=31536000"


async def test_what_nobody_expected_is_guarded_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(type(bench.services.labels), "find", broken)
    application = web.application(bench.services, graphiql=False, demo_key=None)
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://127.0.0.1:8000") as client:
        answer = await client.get("/L/0123456789ABC8")
        usual = await client.get("/healthz")
    assert answer.status_code == 500
    assert "a fault of ours" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    guards = {name: value for name, value in usual.headers.items() if not name.startswith(("content-len", "x-req"))}
    assert {name: answer.headers.get(name) for name in guards} == guards
    assert len(guards) > 6
