"""Notices of recalls: sent to a real server, signed, tried again until they are taken, never forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.conftest import PUBLIC_URL, bench_on
from tests.services.factory import why
from tests.services.test_facts import lot
from tests.services.test_recalls import frozen
from twin.app import webhooks_in
from twin.config import Settings
from twin.domain.actor import Actor, full_actor
from twin.domain.history import Command
from twin.domain.recall import Progress
from twin.errors import SetupError
from twin.services import Services
from twin.services.notices import PAUSES, Webhooks, signature
from twin.services.notices import Notices as Service

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

SECRET = b"a secret of twenty-four characters"


@dataclass
class Listener:
    """A server that takes notices, or refuses them."""

    url: str = ""
    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.got.append((headers, body))
        writer.write(f"HTTP/1.1 {self.status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    made = Listener()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/recalls"
    async with server:
        yield made


@asynccontextmanager
async def told(uri: str, *urls: str) -> AsyncIterator[Bench]:
    """Services that tell addresses of recalls."""
    async with bench_on(uri) as bench:
        services = await Services.on(
            bench.store, public_url=PUBLIC_URL, webhooks=Webhooks(urls, SECRET), clock=bench.clock
        )
        yield type(bench)(services, bench.store, bench.mongo, bench.clock)
        await services.changes.close()


async def published(bench: Bench, actor: Actor) -> str:
    recall = await frozen(bench, actor, await lot(bench, actor))
    digest = recall["frozen"]["digest"]
    await bench.services.recalls.publish(full_actor("second"), recall["_id"], digest=digest, command=Command())
    return str(recall["_id"])


async def test_publishing_and_closing_are_told_once_and_signed(mongo_uri: str, actor: Actor) -> None:
    async with listening() as listener, told(mongo_uri, listener.url) as bench:
        recall = await published(bench, actor)
        assert await bench.services.notices.send_due()
        assert not await bench.services.notices.send_due(), "nothing is due any more"
        [item] = await bench.services.recalls.items(actor, recall, 10, None)
        work = bench.services.recalls.work
        await work(actor, recall, item["asset"], progress=Progress.SCRAPPED, place=None, command=Command())
        await bench.services.recalls.close(full_actor("second"), recall, why())
        assert await bench.services.notices.send_due()
        bodies = [orjson.loads(body) for _, body in listener.got]
        assert [body["type"] for body in bodies] == ["recall.publish", "recall.close"]
        assert bodies[0]["data"]["recall"] == recall
        assert (bodies[0]["data"]["affected"], bodies[0]["data"]["exposed"]) == (1, 0)
        for headers, body in listener.got:
            expected = signature(SECRET, headers["webhook-id"], headers["webhook-timestamp"], body)
            assert headers["webhook-signature"] == f"v1,{expected}"
        assert {notice["outcome"] for notice in await bench.services.notices.of(recall)} == {"204"}


async def test_what_is_not_taken_is_tried_again_later(mongo_uri: str, actor: Actor) -> None:
    async with listening() as listener, told(mongo_uri, listener.url) as bench:
        listener.status = 503
        recall = await published(bench, actor)
        assert await bench.services.notices.send_due()
        assert not await bench.services.notices.send_due(), "not at once"
        bench.clock.now += PAUSES[0]
        listener.status = 200
        assert await bench.services.notices.send_due()
        names = {headers["webhook-id"] for headers, _ in listener.got}
        assert (len(listener.got), len(names)) == (2, 1), "the same notice, by its id"
        [notice] = await bench.services.notices.of(recall)
        assert (notice["tries"], notice["outcome"]) == (2, "200")
        assert "next_at" not in notice


async def test_nobody_tries_for_ever_and_nobody_waits_for_who_is_not_there(mongo_uri: str, actor: Actor) -> None:
    async with listening() as listener:
        gone = listener.url
    async with told(mongo_uri, gone) as bench:
        recall = await published(bench, actor)
        for _ in range(len(PAUSES) + 1):
            assert await bench.services.notices.send_due()
            bench.clock.now += timedelta(days=1)
        assert not await bench.services.notices.send_due()
        [notice] = await bench.services.notices.of(recall)
        assert (notice["tries"], notice["outcome"]) == (len(PAUSES) + 1, "ConnectError")


async def test_of_two_processes_one_sends(mongo_uri: str, actor: Actor) -> None:
    async with listening() as listener, told(mongo_uri, listener.url) as bench:
        await published(bench, actor)
        other = Service(bench.store, bench.clock, Webhooks((listener.url,), SECRET))
        await asyncio.gather(bench.services.notices.send_due(), other.send_due())
        assert len(listener.got) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"recall_webhooks": "https://example.org/x"}, "TWIN_WEBHOOK_SECRET"),
        ({"recall_webhooks": "https://example.org/x", "webhook_secret": "short"}, "found 5"),
    ],
)
def test_a_secret_that_is_none_stops_the_start(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SetupError, match=message):
        webhooks_in(Settings(**settings))


def test_an_address_without_tls_is_refused() -> None:
    with pytest.raises(ValueError, match="expected https"):
        Settings(recall_webhooks="http://example.org/x")
