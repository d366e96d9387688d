"""Every statement of a GS1-conformant resolver, asked of ours over TLS by the doctor; each is a test of its name."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import jsonschema
import pytest
import uvicorn

from tests.api.resolving import LINKSET, give, link, new_gtin
from tests.conftest import Bench
from tests.exchange.resolvers import certificate
from tests.services.factory import issued, new_asset
from twin.api import web
from twin.domain.actor import full_actor
from twin.exchange.doctor import STATEMENTS, Client, Finding, Verdict, examine
from twin.services import Services

pytestmark = pytest.mark.anyio

SCHEMA = Path(__file__).parents[3] / "shared" / "vectors" / "gs1" / "gs1-linkset-schema.json"

NOT_COVERED = {
    "handled-by": "we never redirect by company prefix alone",
    "no-duplicate-types": "for people to judge",
}


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Ours:
    """Our resolver over TLS, and what it knows."""

    def __init__(self, url: str, known: list[str], findings: list[Finding]) -> None:
        self.url, self.known = url, known
        self.findings = {found.statement.name: found for found in findings}


@pytest.fixture(scope="module")
async def ours(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ours]:
    """Our resolver over TLS, examined once: a product, a lot, an item with a label, and one without."""
    actor, key = full_actor("conformance"), f"01/{new_gtin()}"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        services = await Services.on(bench.store, public_url=url, clock=bench.clock)
        pages = [
            link("pip", f"https://brand.example/{tag}", hreflang=(tag,), media_type="text/html", title=tag)
            for tag in ("en", "de")
        ]
        await give(bench, actor, key, *pages, link("faqs", hreflang=("en",)))
        await give(bench, actor, f"{key}/10/LOT", link("recallStatus", hreflang=("en", "de")))
        await issued(bench, actor, await new_asset(bench, actor, f"gs1:{key}/21/LABELLED"))
        await new_asset(bench, actor, f"gs1:{key}/21/BARE")
        known = [key, f"{key}/10/LOT", f"{key}/10/LOT/21/LABELLED", f"{key}/21/BARE"]
        cert, private = certificate(tmp_path_factory.mktemp("tls"))
        application = web.application(services, graphiql=False, demo_key=None)
        config = uvicorn.Config(application, log_level="warning", ssl_certfile=str(cert), ssl_keyfile=str(private))
        server = _Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield Ours(url, known, await asyncio.to_thread(_examined, url, known))
        finally:
            server.should_exit = True
            await serving
            await services.changes.close()


def _examined(url: str, known: list[str]) -> list[Finding]:
    with Client(url, insecure=True) as client:
        return examine(client, known)


@pytest.mark.parametrize("name", [statement.name for statement in STATEMENTS])
async def test_statement(ours: Ours, name: str) -> None:
    found = ours.findings[name]
    if name in NOT_COVERED:
        assert found.verdict is Verdict.UNTESTED
    else:
        assert found.verdict is Verdict.PASSED, found.why


@pytest.mark.skipif(not SCHEMA.exists(), reason="the published schema lies outside the repository")
async def test_link_sets_of_every_level_are_valid_to_the_published_schema(ours: Ours) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))

    def ask() -> list[bytes]:
        with Client(ours.url, insecure=True) as client:
            return [client.ask(f"/{path}", accept=LINKSET).body for path in ours.known]

    for body in await asyncio.to_thread(ask):
        jsonschema.validate(json.loads(body), schema)


async def test_head_is_answered_as_get_without_a_body(ours: Ours) -> None:
    def ask() -> None:
        with Client(ours.url, insecure=True) as client:
            for path in (*ours.known, "01/1", "01/09506000134352/21/NONE", ".well-known/gs1resolver"):
                for accept in ("*/*", LINKSET):
                    got, headed = (client.ask(f"/{path}", method, accept=accept) for method in ("GET", "HEAD"))
                    assert headed.status == got.status
                    assert headed.body == b""
                    for name in ("location", "link", "content-type", "content-length", "etag", "vary"):
                        assert headed.headers.get(name) == got.headers.get(name)

    await asyncio.to_thread(ask)
