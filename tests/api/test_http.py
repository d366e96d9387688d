"""HTTP doors: what malformed requests get, and that no stack trace leaves."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.api.graphql.calls import Ask, issued
from tests.conftest import PUBLIC_URL, Bench, client_on

pytestmark = pytest.mark.anyio


async def test_health_and_readiness(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/healthz")).json() == {"status": "ok"}
    assert (await anonymous.get("/readyz")).json() == {"status": "ok"}


@pytest.mark.parametrize("claimed", [True, False], ids=["with its length", "in chunks"])
async def test_a_megabyte_of_json_is_refused(client: httpx.AsyncClient, *, claimed: bool) -> None:
    content = json.dumps({"query": "{ labels { totalCount } }", "variables": {"x": "y" * 1_000_000}}).encode()

    async def chunks() -> object:
        for start in range(0, len(content), 60_000):
            yield content[start : start + 60_000]

    headers = {"content-type": "application/json"}
    body = content if claimed else chunks()
    answer = await client.post("/graphql", content=body, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_LARGE"


BAD_BODIES = [
    (b"{", "application/json"),
    (b"\xff\xfe", "application/json"),
    (b"[]", "application/json"),
    (b'"text"', "application/json"),
    (b"null", "application/json"),
    (b'{"query": 5}', "application/json"),
    (b'{"query": "{ __typename }", "variables": 5}', "application/json"),
    (b'{"query": "{ __typename }", "operationName": {}}', "application/json"),
    (b"{}", "application/json"),
    (b'{"query": "{ __typename }", "variables": {"text": "\\ud800"}}', "application/json"),
    (b'{"query": "{ resolveScan(text: \\"\\\\ud800\\") { outcome } }"}', "application/json"),
    (b"query", "text/plain"),
    (b'[{"query": "{ __typename }"}]', "application/json"),
    (b"[" * 10_000, "application/json"),
    (b'{"query": "' + b"{a" * 20_000 + b'"}', "application/json"),
]


@pytest.mark.parametrize(("content", "media_type"), BAD_BODIES)
async def test_a_malformed_body_gets_a_code(client: httpx.AsyncClient, content: bytes, media_type: str) -> None:
    answer = await client.post("/graphql", content=content, headers={"content-type": media_type})
    assert 200 <= answer.status_code < 500
    assert answer.json()["errors"][0]["extensions"]["code"]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "header", ["Basic dGVzdA==", "Bearer", "Bearer ", "Bearer wrong", "Bearer " + "x" * 600, "\xff"]
)
async def test_a_bad_key_is_refused_and_not_shown(bench: Bench, header: str) -> None:
    async with client_on(bench, key=None) as client:
        answer = await client.post(
            "/graphql", json={"query": "{ __typename }"}, headers={b"authorization": header.encode("latin-1")}
        )
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "wrong" not in answer.text


async def test_a_mutation_over_get_is_refused(client: httpx.AsyncClient) -> None:
    document = 'mutation { voidLabel(input: { label: "x", reason: "y" }) { errors { code } } }'
    answer = await client.get("/graphql", params={"query": document})
    assert answer.status_code == 405
    assert answer.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    "path", ["/nothing", "/L/", "/L/0123456789ABC8.bmp", "/static/../app.py", "/static/%2e%2e/web.py"]
)
async def test_unknown_paths_are_not_found(anonymous: httpx.AsyncClient, path: str) -> None:
    answer = await anonymous.get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


async def test_a_symbol_is_an_image_with_a_strong_etag(anonymous: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(query)
    for suffix, media_type in (
        ("svg", "image/svg+xml"),
        ("png", "image/png"),
        ("pdf", "application/pdf"),
        ("zpl", "application/zpl"),
        ("zplnative", "application/zpl"),
    ):
        answer = await anonymous.get(f"/L/{label['linkId']}.{suffix}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media_type)
        again = await anonymous.get(f"/L/{label['linkId']}.{suffix}", headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "search",
    [
        "symbology=maxicode",
        "symbology=$where",
        "module=0",
        "module=nan",
        "module=1e309",
        "module=ten",
        "dpi=0",
        "dpi=3.5",
        "dpi=99999999999999999999",
        "dpi=%00",
    ],
)
async def test_bad_image_options_are_named(anonymous: httpx.AsyncClient, query: Ask, search: str) -> None:
    label = await issued(query)
    answer = await anonymous.get(f"/L/{label['linkId']}.png?{search}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_an_unknown_label_has_no_image(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/L/0123456789ABC8.png")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert PUBLIC_URL not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/L/0123456789ABC8"),
        ("GET", "/L/0123456789ABC8.png"),
        ("GET", "/01/09506000134353"),
        ("GET", "/A/01/09506000134352"),
        ("GET", "/something-else"),
        ("GET", "/nothing"),
        ("PUT", "/L/0123456789ABC8"),
        ("PUT", "/session"),
    ],
)
async def test_nobody_keeps_an_error_for_others(anonymous: httpx.AsyncClient, method: str, path: str) -> None:
    for accept in ("text/html", "application/json"):
        answer = await anonymous.request(method, path, headers={"accept": accept})
        assert (answer.status_code >= 400, answer.headers["cache-control"]) == (True, "no-store")


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html", True),
        ("TEXT/HTML;q=0.5", True),
        ("text/html;q=0, */*", False),
        ("application/x-text/html", False),
        ("text/html;q=nonsense", False),
    ],
)
async def test_a_problem_is_a_page_for_who_wants_one(anonymous: httpx.AsyncClient, accept: str, *, page: bool) -> None:
    for path in ("/L/0123456789ABC8", "/01/1", "/A/01/1"):
        answer = await anonymous.get(path, headers={"accept": accept})
        assert answer.headers["content-type"].startswith("text/html") is page, path
