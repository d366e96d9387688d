"""What tests share: a real mongod, a database of their own, the services on it, and the application."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pymongo
import pytest

from twin.api import web
from twin.domain.actor import Actor, full_actor
from twin.domain.printers import Address
from twin.services import Services
from twin.services.signing import Signer
from twin.store import Store, embedded
from twin.store.mongo import Mongo, connected

PUBLIC_URL = "http://127.0.0.1:8000"
KEY = "test-key"
HISTORY_S = 30


class Clock:
    """A clock that tests set; it starts at a fixed moment and moves a second at each look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time, a second later than at the last look."""
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(frozen=True)
class Bench:
    """Services on a database of their own, with everything that a test may want to look into."""

    services: Services
    store: Store
    mongo: Mongo
    clock: Clock


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Motor speaks asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """One mongod for all workers of a run: they share its data directory."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with embedded.acquire(shared / "mongo") as mongod:
        with pymongo.MongoClient[dict[str, Any]](mongod.uri) as client:  # files of what was dropped go after that time
            client.admin.command({"setParameter": 1, "minSnapshotHistoryWindowInSeconds": HISTORY_S})
        yield mongod.uri


@asynccontextmanager
async def bench_on(
    uri: str, signer: Signer | None = None, printers: Mapping[str, Address] | None = None
) -> AsyncIterator[Bench]:
    """Services on a new database; it goes when the test is over. Without a signer nobody signs checkpoints."""
    clock = Clock()
    async with connected(uri, f"test-{uuid.uuid4().hex[:12]}") as mongo:
        store = await Store.prepared(mongo)
        services = await Services.on(
            store, public_url=PUBLIC_URL, demo_key=KEY, signer=signer, printers=printers, scan_days=36_500, clock=clock
        )
        yield Bench(services, store, mongo, clock)
        await services.changes.close()
        database = mongo.collection("keys").database  # each has some hundred files, which mongod holds open
        await database.client.drop_database(database.name)


@pytest.fixture(scope="session")
async def bench(mongo_uri: str) -> AsyncIterator[Bench]:
    """Services on one database for a worker's whole run: tests make twins of their own and count nothing else."""
    async with bench_on(mongo_uri) as made:
        yield made


@pytest.fixture
async def fresh_bench(mongo_uri: str) -> AsyncIterator[Bench]:
    """Services on a database that is empty."""
    async with bench_on(mongo_uri) as made:
        yield made


@pytest.fixture
def actor() -> Actor:
    """An actor of this test's own, with every permission."""
    return full_actor(f"tester-{uuid.uuid4().hex[:8]}")


def client_on(bench: Bench, *, key: str | None = KEY) -> httpx.AsyncClient:
    """A client of the application, in process."""
    transport = httpx.ASGITransport(web.application(bench.services, graphiql=True, demo_key=None))
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers)


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key."""
    async with client_on(bench) as made:
        yield made


@pytest.fixture
async def anonymous(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    async with client_on(bench, key=None) as made:
        yield made


@pytest.fixture
def query(client: httpx.AsyncClient) -> Callable[..., Any]:
    """Ask GraphQL with a key, expecting no errors, and get the data."""

    async def ask(document: str, **variables: Any) -> dict[str, Any]:
        answer = await client.post("/graphql", json={"query": document, "variables": variables})
        found = answer.json()
        assert "errors" not in found, found["errors"]
        return dict(found["data"])

    return ask
