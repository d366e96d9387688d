"""Clients that others wrote, each with a query, a mutation and a subscription against the service."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from gql import Client, GraphQLRequest, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport

from tests.api.graphql.calls import Ask
from tests.api.graphql.sockets import served
from tests.conftest import KEY, Bench
from tests.nodejs import ROOT, needs, ran, told
from twin.api import web

pytestmark = pytest.mark.anyio

HERE = Path(__file__).with_name("clients")
OPERATIONS = (HERE / "operations.graphql").read_text(encoding="utf-8")


@pytest.fixture
async def url(bench: Bench) -> AsyncIterator[str]:
    """The address of the service."""
    async with served(web.application(bench.services, graphiql=False, demo_key=None)) as found:
        yield found


@pytest.fixture
def name() -> str:
    """What nobody else calls an asset."""
    return f"A drill {uuid.uuid4().hex}"


async def holds(query: Ask, name: str, found: dict[str, Any]) -> bool:
    """Whether a client has registered the asset of that name, and was told of it."""
    document = "query($id: ID!) { asset(id: $id) { id name } }"
    [asset] = (await query(document, id=found["registered"]["id"])).values()
    assert asset == {"id": found["registered"]["id"], "name": name}
    version = found["told"]
    assert {key: version["asset"][key] for key in ("id", "name")} == asset
    return (version["__typename"], version["revision"]) == ("AssetVersion", 1)


@needs("graphql-ws", "ws")
async def test_graphql_ws(url: str, name: str, query: Ask) -> None:
    assert await holds(query, name, await told("node", HERE / "graphql_ws.mjs", url, KEY, name))


@needs("@apollo/client", "rxjs", "graphql-ws", "ws")
async def test_apollo_client(url: str, name: str, query: Ask) -> None:
    assert await holds(query, name, await told("node", HERE / "apollo.mjs", url, KEY, name))


@needs("@graphql-codegen/cli", "@graphql-codegen/client-preset", "typescript", "graphql-ws", "ws")
async def test_typescript_with_generated_types(url: str, name: str, query: Ask, tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "schema.graphql").symlink_to(ROOT / "schema.graphql")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    tools = ROOT / "node_modules" / ".bin"
    await ran(tools / "graphql-codegen", "--config", "codegen.json", cwd=tmp_path)
    await ran(tools / "tsc", cwd=tmp_path)
    assert await holds(query, name, await told("node", tmp_path / "typed.js", url, KEY, name))


async def test_gql_of_python(url: str, name: str, query: Ask) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    document = gql(OPERATIONS)

    def asks(operation: str, **variables: Any) -> GraphQLRequest:
        return GraphQLRequest(document, operation_name=operation, variable_values=variables)

    async with Client(transport=AIOHTTPTransport(f"{url}/graphql", headers=headers)) as http:
        start = (await http.execute(asks("Cursor")))["changesCursor"]
        done = await http.execute(asks("Register", input={"kind": "tool", "name": name}))
    registered = done["registerAsset"]["asset"]
    sockets = AIOHTTPWebsocketsTransport(f"{url.replace('http', 'ws')}/graphql", headers=headers)
    async with Client(transport=sockets) as socket:
        async for found in socket.subscribe(asks("Changes", filter={"kinds": ["ASSET"]}, after=start)):
            version = found["changes"]["version"]
            if version["asset"]["id"] == registered["id"]:
                break
    assert await holds(query, name, {"registered": registered, "told": version})
