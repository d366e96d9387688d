"""Documents that are known by their digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import httpx
import pytest

from tests.api.graphql.sockets import opened, served
from tests.conftest import PUBLIC_URL, Bench
from twin.api import web
from twin.api.edge import Edge
from twin.api.graphql.trusted import Trusted
from twin.errors import SetupError

pytestmark = pytest.mark.anyio

TEXT = "query Name($x: Boolean = false) { __typename @skip(if: $x) }"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()
ID = f"sha256:{DIGEST}"
ANSWER = {"data": {"__typename": "Query"}}


def client_of(bench: Bench, trusted: Trusted) -> httpx.AsyncClient:
    application = web.application(bench.services, graphiql=False, demo_key=None, edge=Edge(trusted=trusted))
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=PUBLIC_URL)


@pytest.mark.parametrize("name", [DIGEST, ID])
async def test_a_document_is_executed_by_its_id(bench: Bench, tmp_path: Path, name: str) -> None:
    (tmp_path / "documents.json").write_text(json.dumps({name: TEXT}))
    trusted = Trusted.read(tmp_path / "documents.json", only=False)
    async with client_of(bench, trusted) as client:
        assert (await client.post("/graphql", json={"documentId": ID})).json() == ANSWER
        skipped = await client.post("/graphql", json={"documentId": ID, "variables": {"x": True}})
        assert skipped.json() == {"data": {}}
        assert (await client.post("/graphql", json={"query": "{ __typename }"})).json() == ANSWER
        for wrong in ("sha256:00", 5, {"$gt": ""}, ""):
            answer = await client.post("/graphql", json={"documentId": wrong})
            assert answer.status_code == 400
            assert "no trusted document" in answer.json()["errors"][0]["message"]


async def test_nothing_else_is_executed_where_the_deployment_says_so(bench: Bench) -> None:
    async with client_of(bench, Trusted({ID: TEXT}, only=True)) as client:
        assert (await client.post("/graphql", json={"documentId": ID})).json() == ANSWER
        assert (await client.post("/graphql", json={"query": TEXT})).json() == ANSWER
        for body in ({"query": "{ __typename }"}, {"query": TEXT + " "}, {"query": "{ a }", "documentId": ID}):
            errors = (await client.post("/graphql", json=body)).json()["errors"]
            assert errors[0]["extensions"] == {"code": "INVALID_QUERY"}


MUTATION = 'mutation { voidLabel(input: {label: "lbl_none", reason: "x"}) { errors { code } } }'


def id_of(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@pytest.mark.parametrize("only", [False, True])
@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html"])
async def test_a_document_is_executed_by_its_id_in_an_address(bench: Bench, accept: str, *, only: bool) -> None:
    trusted = Trusted({ID: TEXT, id_of(MUTATION): MUTATION}, only=only)
    async with client_of(bench, trusted) as client:
        client.headers["accept"] = accept
        found = await client.get("/graphql", params={"documentId": ID})
        assert (found.status_code, found.json()) == (200, ANSWER)
        skipped = await client.get("/graphql", params={"documentId": ID, "variables": '{"x": true}'})
        assert skipped.json() == {"data": {}}
        assert (await client.get("/graphql", params={"documentId": "sha256:00"})).status_code == 400
        assert (await client.get("/graphql", params={"documentId": id_of(MUTATION)})).status_code == 405
        other = (await client.get("/graphql", params={"query": "{ __typename }"})).json()
        assert ("errors" in other) is only


@pytest.mark.parametrize("only", [False, True])
async def test_a_document_is_executed_by_its_id_over_a_websocket(bench: Bench, *, only: bool) -> None:
    listening = "subscription($x: String!) { labelChanged(linkId: $x) { cursor } }"
    trusted = Trusted({ID: TEXT, id_of(listening): listening}, only=only)
    application = web.application(bench.services, graphiql=False, demo_key=None, edge=Edge(trusted=trusted))
    async with served(application) as url, opened(url) as socket:
        await socket.send(type="subscribe", id="1", payload={"documentId": ID, "variables": {"x": False}})
        assert await socket.next() == ANSWER["data"]
        assert await socket.get() == {"type": "complete", "id": "1"}
        await socket.send(type="subscribe", id="2", payload={"documentId": id_of(listening), "variables": {"x": "no"}})
        assert (await socket.get())["payload"]["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
        assert await socket.get() == {"type": "complete", "id": "2"}
        await socket.send(type="subscribe", id="3", payload={"documentId": "sha256:00"})
        refused = await socket.get()
        assert (refused["type"], refused["id"]) == ("error", "3")
        assert refused["payload"][0]["extensions"] == {"code": "BAD_REQUEST"}
        for text in ("{ __typename }", listening + " "):
            await socket.subscribe(text, "4", x="no")
            answer = await socket.get()
            assert (answer["type"] == "error") is only
            if only:
                assert answer["payload"][0]["extensions"] == {"code": "INVALID_QUERY"}
            else:
                assert (await socket.get())["type"] == "complete"


@pytest.mark.parametrize("content", ["{", "[]", '{"sha256:00": "{ a }"}', json.dumps({DIGEST: 5})])
def test_a_file_that_does_not_hold_is_refused_at_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "documents.json").write_text(content)
    with pytest.raises(SetupError, match="TWIN_TRUSTED_DOCUMENTS"):
        Trusted.read(tmp_path / "documents.json", only=False)


def test_only_nothing_is_refused_at_the_start() -> None:
    with pytest.raises(SetupError, match="TWIN_TRUSTED_DOCUMENTS"):
        Trusted.read(None, only=True)
