"""Documents that are known by their digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import httpx
import pytest

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


@pytest.mark.parametrize("content", ["{", "[]", '{"sha256:00": "{ a }"}', json.dumps({DIGEST: 5})])
def test_a_file_that_does_not_hold_is_refused_at_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "documents.json").write_text(content)
    with pytest.raises(SetupError, match="TWIN_TRUSTED_DOCUMENTS"):
        Trusted.read(tmp_path / "documents.json", only=False)


def test_only_nothing_is_refused_at_the_start() -> None:
    with pytest.raises(SetupError, match="TWIN_TRUSTED_DOCUMENTS"):
        Trusted.read(None, only=True)
