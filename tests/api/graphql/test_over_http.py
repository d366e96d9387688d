"""GraphQL over HTTP: what its audits say, media types and statuses, and GET with an ETag."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.graphql.calls import Ask, issued, move
from tests.api.graphql.sockets import served
from tests.conftest import KEY, Bench
from tests.nodejs import needs, told
from twin.api import web
from twin.api.graphql.answering import JSON, RESPONSE

pytestmark = pytest.mark.anyio

AUDITS = Path(__file__).with_name("audit_server.mjs")
UNKNOWN = {"query": "{ noSuchField }"}
HELD = "query($id: ID!) { label(id: $id) { id state } }"


@needs("graphql-http")
async def test_the_audits_of_graphql_http_find_nothing(bench: Bench) -> None:
    application = web.application(bench.services, graphiql=True, demo_key=None)
    async with served(application) as url:
        found = await told("node", AUDITS, f"{url}/graphql", KEY)
    assert len(found) >= 61
    assert [one for one in found if one["status"] != "ok"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"query": "{"}, 400),
        (UNKNOWN, 400),
        ({"query": "query($x: ID!) { __typename }", "variables": {"x": None}}, 400),
        ({"query": "query A { __typename } query B { __typename }"}, 400),
        ({"query": "{ __typename }"}, 200),
        ({"query": '{ label(id: "lbl_none") { id } }'}, 200),
    ],
)
async def test_the_status_says_whether_anything_was_executed(
    client: httpx.AsyncClient, query: dict[str, Any], status: int
) -> None:
    official = await client.post("/graphql", json=query, headers={"accept": RESPONSE})
    assert (official.status_code, official.headers["content-type"]) == (status, RESPONSE)
    assert ("data" in official.json()) is (status == 200)
    for accept in (JSON, "*/*", "text/html"):
        plain = await client.post("/graphql", json=query, headers={"accept": accept})
        assert plain.headers["content-type"] == JSON
        assert (plain.status_code, plain.json()) == (200, official.json())
        assert "Accept" in plain.headers["vary"].split(", ")


async def test_only_json_is_taken(client: httpx.AsyncClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"):
        answer = await client.post("/graphql", content=b'{"query": "{ __typename }"}', headers={"content-type": kind})
        assert answer.status_code == 415, kind
        assert "application/json" in answer.json()["errors"][0]["message"]


async def test_what_was_asked_by_get_is_not_sent_twice(client: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(query)
    asked = {"query": HELD, "variables": f'{{"id": "{label["id"]}"}}'}
    first = await client.get("/graphql", params=asked)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    assert {*first.headers["vary"].split(", ")} >= {"Accept", "Authorization", "Cookie"}
    assert not etag.startswith("W/")
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await client.get("/graphql", params=asked, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b""), known
        assert [again.headers[name] for name in ("etag", "vary", "cache-control")] == [
            first.headers[name] for name in ("etag", "vary", "cache-control")
        ]
    other = await client.get("/graphql", params=asked, headers={"if-none-match": etag, "accept": RESPONSE})
    assert (other.status_code, other.json()) == (200, first.json())
    assert other.headers["etag"] != etag, "another media type is another representation"
    await query(move("voidLabel"), input={"label": label["id"], "reason": "test"})
    changed = await client.get("/graphql", params=asked, headers={"if-none-match": etag})
    assert (changed.status_code, changed.json()["data"]["label"]["state"]) == (200, "VOID")


async def test_what_was_asked_by_get_with_errors_is_not_kept(client: httpx.AsyncClient) -> None:
    for asked in (UNKNOWN, {"query": "{ checkHistory(first: 0) { edges { cursor } } }"}):
        for accept in (JSON, RESPONSE):
            answer = await client.get("/graphql", params=asked, headers={"accept": accept})
            assert answer.json()["errors"]
            assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-store", False)


@pytest.mark.parametrize("accept", [JSON, RESPONSE])
async def test_a_mutation_is_never_done_by_get(client: httpx.AsyncClient, query: Ask, accept: str) -> None:
    label = await issued(query)
    document = f'mutation {{ voidLabel(input: {{label: "{label["id"]}", reason: "x"}}) {{ errors {{ code }} }} }}'
    answer = await client.get("/graphql", params={"query": document}, headers={"accept": accept})
    assert (answer.status_code, answer.headers["allow"], answer.headers["content-type"]) == (405, "POST", accept)
    assert answer.json()["errors"][0]["extensions"] == {"code": "METHOD_NOT_ALLOWED"}
    assert (await query(HELD, id=label["id"]))["label"]["state"] == "ISSUED"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
async def test_other_methods_are_told_which_there_are(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/graphql", params={"query": "{ __typename }"})
    assert answer.status_code == 405
    assert {"GET", "POST"} <= {*answer.headers["allow"].split(", ")}
