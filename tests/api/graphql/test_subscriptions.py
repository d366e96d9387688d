"""Subscriptions over graphql-transport-ws: what they yield, who may listen, and what is refused."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import signal
import socket
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.api.graphql.calls import Ask, issued, move, registered
from tests.api.graphql.sockets import Socket, connected, opened, served
from tests.conftest import KEY, Bench
from tests.running import Running, running, twin
from twin.api import limits, web
from twin.api.graphql import http as endpoint
from twin.api.graphql import websocket
from twin.services.changes import Changes

pytestmark = pytest.mark.anyio

CHANGES = """subscription($filter: ChangeFilter, $after: String) { changes(filter: $filter, after: $after) { cursor
  version { __typename revision actor
    ... on LabelVersion { label { id linkId revision state issued { recordedAt } asset { id } face { value } } }
    ... on AssetVersion { asset { id revision name registered { recordedAt } identifiers } } } } }"""
LABEL = """subscription($link: String!, $after: String) { labelChanged(linkId: $link, after: $after) { cursor
  version { revision actor reason label { id state revision face { value } attributes { value }
    issued { recordedAt } history(first: 1) { totalCount } } } } }"""

DEEP = "{ label { asset { labels { edges { node { asset { labels { edges { node { asset { id } } } } } } } } } } }"
WIDE = "{ label { asset { labels(first: 100) { edges { node { history(first: 100) { totalCount } } } } } } }"
WIDE = WIDE.replace("totalCount", "edges { node { revision hash } }")


@pytest.fixture
async def url(bench: Bench) -> AsyncIterator[str]:
    """The address of the application."""
    application = web.application(bench.services, graphiql=True, demo_key=None)
    async with served(application, ws_max_size=limits.LARGEST_BODY) as found:
        yield found


async def test_changes_of_all_twins_with_the_state_after_each(url: str, query: Ask) -> None:
    start = (await query("{ changesCursor }"))["changesCursor"]
    label = await issued(query, attributes=[{"name": "shelf", "value": "3"}])
    await query(move("voidLabel"), input={"label": label["id"], "reason": "torn"})
    async with opened(url, KEY) as listening:
        await listening.subscribe(CHANGES, after=start)
        asset, first, second = [(await listening.next())["changes"] for _ in range(3)]
        assert asset["version"]["__typename"] == "AssetVersion"
        assert asset["version"]["asset"]["id"] == label["asset"]
        assert asset["version"]["asset"]["registered"]["recordedAt"]
        assert first["version"]["label"] | {"issued": None} == {
            "id": label["id"],
            "linkId": label["linkId"],
            "revision": 1,
            "state": "ISSUED",
            "issued": None,
            "asset": {"id": label["asset"]},
            "face": [{"value": "T-1"}],
        }
        assert second["version"]["label"]["state"] == "VOID"
        assert second["version"]["label"]["issued"] == first["version"]["label"]["issued"]
        assert second["version"]["actor"] == "demo"
        await listening.send(type="complete", id="1")
        await listening.subscribe(CHANGES, "2", after=first["cursor"], filter={"kinds": ["LABEL"]})
        assert (await listening.next("2"))["changes"] == second
        await listening.subscribe(CHANGES, "3", after=start, filter={"profiles": ["VIN_PLATE"], "kinds": ["LABEL"]})
        await listening.subscribe("{ labels(first: 1) { totalCount } }", "4")  # and queries
        assert "labels" in await listening.next("4")


async def test_a_label_for_whoever_holds_its_link(url: str, query: Ask) -> None:
    label = await issued(query, attributes=[{"name": "shelf", "value": "3"}])
    async with opened(url) as anonymous, opened(url, KEY) as known:
        for listening in (anonymous, known):
            await listening.subscribe(LABEL, link=label["linkId"].lower(), after="r0")
            await listening.next()
        await query(move("voidLabel"), input={"label": label["id"], "reason": "torn"})
        public = (await anonymous.next())["labelChanged"]
        whole = (await known.next())["labelChanged"]
    assert public["cursor"] == whole["cursor"] == "r2"
    assert public["version"]["label"].pop("attributes") == []
    assert whole["version"]["label"].pop("attributes") == [{"value": "3"}]
    assert public["version"] == whole["version"] | {"actor": None, "reason": None}
    assert (whole["version"]["actor"], whole["version"]["reason"]) == ("demo", "torn")
    assert whole["version"]["label"]["history"]["totalCount"] == 2


async def test_errors_have_codes_as_those_of_queries(
    url: str, query: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    label = await issued(query)
    async with opened(url) as listening:
        await listening.subscribe(CHANGES)
        error = await listening.failed()
        assert (error["extensions"], error["path"]) == ({"code": "UNAUTHENTICATED"}, ["changes"])
        for link in ("0123456789ABC8", label["id"]):
            await listening.subscribe(LABEL, link=link)
            assert (await listening.failed())["extensions"] == {"code": "NOT_FOUND"}
        await listening.subscribe(LABEL, link=label["linkId"], after="r9")
        assert (await listening.failed())["extensions"] == {"code": "INVALID_INPUT", "path": ["after"]}
        await listening.subscribe("subscription { nothing }")
        [error] = (await listening.get())["payload"]
        assert error["extensions"] == {"code": "INVALID_QUERY"}
        await listening.subscribe("{")
        [error] = (await listening.get())["payload"]
        assert error["extensions"] == {"code": "INVALID_QUERY"}
        await listening.subscribe("{ " + "__typename " * 2_000 + "}")
        [error] = (await listening.get())["payload"]
        assert error["extensions"] == {"code": "INVALID_QUERY"}
        for selection in (DEEP, WIDE):
            await listening.subscribe(f"subscription {{ changes {{ version {{ ... on LabelVersion {selection} }} }} }}")
            error = await listening.failed()
            assert error["extensions"] == {"code": "INVALID_QUERY"}
            assert "expected" in error["message"]
    async with opened(url, KEY) as listening:
        await listening.subscribe(CHANGES, after="x")
        assert (await listening.failed())["extensions"] == {"code": "INVALID_INPUT", "path": ["after"]}
        cursor = (await query("{ changesCursor }"))["changesCursor"]
        await listening.subscribe(CHANGES, after=cursor[:-4] + "AAAA")
        error = await listening.failed()
        assert error["extensions"] == {"code": "CURSOR_TOO_OLD", "path": ["after"]}
        assert "read the lists anew" in error["message"]

        def broken(*_: object) -> None:
            raise RuntimeError("secret")

        monkeypatch.setattr(Changes, "of_all", broken)
        with caplog.at_level(logging.ERROR):
            await listening.subscribe(CHANGES)
            error = await listening.failed()
        assert error["extensions"]["code"] == "INTERNAL"
        assert error["message"] == f"Something went wrong here; request {error['extensions']['requestId']}."
        assert "secret" in caplog.text


async def test_an_error_in_the_middle_is_masked_too(
    url: str, query: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start = (await query("{ changesCursor }"))["changesCursor"]
    await registered(query)

    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("twin.services.changes._visible", broken)
    async with opened(url, KEY) as listening:
        await listening.subscribe(CHANGES, after=start)
        error = await listening.failed()
    assert (error["extensions"]["code"], error["path"]) == ("INTERNAL", ["changes"])
    assert "secret" not in json.dumps(error)
    assert "secret" in caplog.text


async def test_the_key_comes_in_the_first_message_or_in_the_header(url: str) -> None:
    async with connected(url, additional_headers={"Authorization": f"Bearer {KEY}"}) as listening:
        await listening.send(type="connection_init")
        assert await listening.get() == {"type": "connection_ack"}
        await listening.subscribe("{ changesCursor }")
        assert (await listening.next())["changesCursor"]
    async with connected(url, additional_headers={"Authorization": "Bearer wrong"}) as listening:
        await listening.send(type="connection_init", payload={"authorization": f"bearer {KEY}"})
        assert await listening.get() == {"type": "connection_ack"}


@pytest.mark.parametrize("given", ["Bearer wrong", "Basic eDp5", "", 7, ["Bearer x"], None])
async def test_a_key_that_is_none_is_refused_with_a_code(url: str, given: object) -> None:
    async with connected(url, additional_headers={} if given else {"Authorization": "Bearer wrong"}) as listening:
        await listening.send(type="connection_init", payload={} if given is None else {"Authorization": given})
        code, reason = await listening.refused()
    assert code == 4403
    assert reason.startswith("UNAUTHENTICATED: ")


async def test_without_a_first_message_nothing_is_served(url: str) -> None:
    async with connected(url) as listening:
        await listening.subscribe("{ __typename }")
        assert (await listening.closed())[0] == 4401


async def test_who_says_nothing_is_cut_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "INIT_TIMEOUT", timedelta(milliseconds=50))
    async with (
        served(web.application(bench.services, graphiql=False, demo_key=None)) as url,
        connected(url) as listening,
    ):
        assert await listening.closed() == (4408, "Connection initialisation timeout")


@pytest.mark.parametrize(
    "message",
    [
        "no json",
        "[]",
        '"text"',
        "{}",
        '{"type": 7}',
        '{"type": "unknown"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": ["1"], "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1", "payload": "{ __typename }"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 7}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": 7}}',
        '{"type": "complete"}',
        '{"type": "complete", "id": {}}',
        b"{}",
    ],
)
async def test_a_malformed_message_closes_the_connection(url: str, message: str | bytes) -> None:
    async with opened(url) as listening:
        await listening.connection.send(message)
        assert (await listening.closed())[0] == 4400


async def test_bounds_on_a_connection(url: str, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "MOST_OPERATIONS", 3)
    async with opened(url, KEY) as listening:
        for number in range(4):
            await listening.subscribe(CHANGES, str(number))
        refused = await listening.get()
        assert (refused["type"], refused["id"]) == ("error", "3")
        assert refused["payload"][0]["extensions"] == {"code": "TOO_LARGE"}
        await listening.send(type="complete", id="0")
        await listening.subscribe("{ __typename }", "5")
        await listening.next("5")
        await listening.connection.send("x" * (limits.LARGEST_BODY + 1))
        assert (await listening.closed())[0] == 1009
    async with opened(url, KEY) as listening:
        await listening.send(type="connection_init")
        assert (await listening.closed())[0] == 4429
    monkeypatch.setattr(endpoint, "MOST_CONNECTIONS", 1)
    async with opened(url):
        with pytest.raises(InvalidStatus) as refusal:
            async with connected(url):
                pass
    assert refusal.value.response.status_code == 503
    assert json.loads(refusal.value.response.body)["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}


async def test_pages_of_other_origins_may_not_connect(url: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with connected(url, origin="https://elsewhere.example"):
            pass
    assert refusal.value.response.status_code == 403
    async with opened(url, origin=url) as listening:
        await listening.subscribe("{ __typename }")
        await listening.next()
    header = {"Authorization": f"Bearer {KEY}"}  # which no page can send
    async with opened(url, origin="https://elsewhere.example", additional_headers=header) as listening:
        await listening.subscribe("{ changesCursor }")
        await listening.next()


async def test_the_legacy_protocol_and_http_are_refused(url: str) -> None:
    async with connected(url, subprotocols=["graphql-ws"]) as listening:
        assert (await listening.closed())[0] == 4406
    async with httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {KEY}"}) as client:
        for accept in ("application/json", "text/event-stream", 'multipart/mixed;subscriptionSpec="1.0"'):
            answer = await client.post("/graphql", json={"query": CHANGES}, headers={"accept": accept})
            assert answer.status_code == 400
            assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
            assert "subscriptions are not allowed" in answer.text


async def test_who_leaves_is_forgotten(url: str, bench: Bench, query: Ask) -> None:
    changes = bench.services.changes
    start = (await query("{ changesCursor }"))["changesCursor"]
    await registered(query)
    async with opened(url, KEY) as listening:
        await listening.subscribe(CHANGES, after=start)
        await listening.next()
        assert changes.subscribers == 1
        await listening.send(type="complete", id="1")
        await asyncio.wait(changes._fanout._tasks)  # the stream ends when nobody listens
        assert changes.subscribers == 0
        await listening.subscribe(CHANGES, "3", after=start)
        await listening.next("3")
        tasks = set(changes._fanout._tasks)
    await asyncio.wait(tasks)
    assert changes.subscribers == 0


# A service of its own process

ASSET = """mutation($id: String!) { registerAsset(input: {kind: "tool", name: "A drill", clientMutationId: $id}) {
  asset { id } errors { code } } }"""
REVISE = """mutation($asset: ID!, $revision: Int!, $fields: [FieldInput!]!) { reviseAsset(input: {
  asset: $asset, expectedRevision: $revision, attributes: $fields }) { asset { revision } errors { code } } }"""
READ = "query($asset: ID!) { asset(id: $asset) { revision } }"
SHORT = """subscription($after: String) { changes(after: $after) {
  cursor version { revision ... on AssetVersion { asset { id } } } } }"""


class Client(httpx.Client):
    """A client of one service process."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=30)

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = self.post("/graphql", json={"query": document, "variables": variables}).json()
        assert "errors" not in answer, answer
        return dict(answer["data"])

    def revise(self, asset: str, revision: int, size: int = 1) -> int:
        """The next revision of an asset; nothing else writes it."""
        fields = [{"name": f"field{n}", "value": f"{revision} " + "x" * 900} for n in range(size)]
        payload = self.ask(REVISE, asset=asset, revision=revision, fields=fields)["reviseAsset"]
        assert payload["errors"] == []
        return int(payload["asset"]["revision"])


def write_until_it_dies(url: str, key: str, asset: str) -> None:
    with suppress(httpx.TransportError), Client(url, key) as client:
        revision = client.ask(READ, asset=asset)["asset"]["revision"]
        while True:
            revision = client.revise(asset, revision)


async def listen_until_it_dies(url: str, key: str, got: list[tuple[str, int]], cursor: list[str]) -> None:
    with suppress(ConnectionClosed, OSError):
        async with opened(url, key) as listening:
            await listening.subscribe(SHORT, after=cursor[-1])
            while True:
                change = (await listening.next())["changes"]
                got.append((change["version"]["asset"]["id"], change["version"]["revision"]))
                cursor.append(change["cursor"])


async def test_a_service_that_is_killed_and_started_again_tells_everything_once(tmp_path: Path) -> None:
    chance = random.Random(20261122)  # noqa: S311 - no secret
    key = twin(tmp_path, "keys", "add", "listener", "--role", "admin").stdout.strip()
    got: list[tuple[str, int]] = []
    cursor: list[str] = []
    assets: list[str] = []
    for _ in range(3):
        with running(tmp_path, "serve") as service, Client(service.url, key) as client, ThreadPoolExecutor(4) as pool:
            if not cursor:
                cursor.append(client.ask("{ changesCursor }")["changesCursor"])
                assets += [client.ask(ASSET, id=str(n))["registerAsset"]["asset"]["id"] for n in range(4)]
            writers = [pool.submit(write_until_it_dies, service.url, key, asset) for asset in assets]
            listener = asyncio.create_task(listen_until_it_dies(service.url, key, got, cursor))
            await asyncio.sleep(chance.uniform(0.5, 1.2))  # the moment of the kill is the point of the test
            service.process.send_signal(signal.SIGKILL)
            await listener
            await asyncio.gather(*map(asyncio.wrap_future, writers))
    with running(tmp_path, "serve") as service, Client(service.url, key) as client:
        last = client.ask(ASSET, id="last")["registerAsset"]["asset"]["id"]
        revisions = {asset: client.ask(READ, asset=asset)["asset"]["revision"] for asset in assets} | {last: 1}
        async with opened(service.url, key) as listening:
            await listening.subscribe(SHORT, after=cursor[-1])
            while (last, 1) not in got:
                change = (await listening.next())["changes"]
                got.append((change["version"]["asset"]["id"], change["version"]["revision"]))
    for asset, revision in revisions.items():
        assert [number for twin_id, number in got if twin_id == asset] == list(range(1, revision + 1))
    assert len(got) == sum(revisions.values()) > 50


async def test_a_socket_that_nobody_reads_is_cut_and_ctrl_c_ends_the_service(tmp_path: Path) -> None:
    key = twin(tmp_path, "keys", "add", "listener", "--role", "admin").stdout.strip()
    with running(tmp_path, "serve") as service, Client(service.url, key) as client:
        asset = client.ask(ASSET, id="1")["registerAsset"]["asset"]["id"]
        start = client.ask("{ changesCursor }")["changesCursor"]
        async with opened(service.url, key) as keen, opened(service.url, key, sock=_small(service)) as stuck:
            whole = SHORT.replace("{ id }", "{ id attributes { value } again: attributes { value } }")
            for listening in (keen, stuck):
                await listening.subscribe(whole, after=start)
            stuck.connection.transport.pause_reading()
            before = memory(service)
            revision = 1
            for _ in range(150):
                revision = await asyncio.to_thread(client.revise, asset, revision, 60)
                assert (await keen.next())["changes"]["version"]["revision"] == revision
            grown = memory(service) - before
            stuck.connection.transport.resume_reading()
            messages = [await stuck.get() for _ in range(2)]
            while messages[-1]["type"] == "next":
                messages.append(await stuck.get())
            assert messages[-2]["payload"]["errors"][0]["extensions"] == {"code": "FELL_BEHIND"}
            taken = [message["payload"]["data"]["changes"] for message in messages[:-2]]
            revisions = [change["version"]["revision"] for change in taken]
            assert revisions == list(range(2, len(revisions) + 2))
            await stuck.subscribe(SHORT, "2", after=taken[-1]["cursor"])  # and goes on from there
            for expected in range(revisions[-1] + 1, revision + 1):
                assert (await stuck.next("2"))["changes"]["version"]["revision"] == expected
            assert grown < 60, f"{grown} MB"
        async with opened(service.url, key) as idle, opened(service.url, key, sock=_small(service)) as stuck:
            await idle.subscribe(SHORT)
            await stuck.subscribe(whole, after=start)
            stuck.connection.transport.pause_reading()
            await _blocked(service, stuck)
            began = time.monotonic()
            service.process.send_signal(signal.SIGINT)
            assert (await idle.closed())[0] == 1012
            assert await asyncio.to_thread(service.process.wait, 30) == 0
            assert time.monotonic() - began < 20


async def _blocked(service: Running, stuck: Socket) -> None:
    """Wait until the service has written all that the kernel takes, and what is left does not get less."""
    ours = stuck.connection.transport.get_extra_info("sockname")[1]
    theirs = int(service.url.rpartition(":")[2])
    before = 0
    async with asyncio.timeout(60):
        while (waiting := _unsent(theirs, ours)) == 0 or waiting != before:
            before = waiting
            await asyncio.sleep(0.5)  # between two looks at the kernel's tables, which tell nobody of a change


def _unsent(local: int, remote: int) -> int:
    """The octets that a connection on loopback has not sent, which the kernel keeps for it."""
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, here, there, _, queues, *_ = line.split()
        if (int(here.split(":")[1], 16), int(there.split(":")[1], 16)) == (local, remote):
            return int(queues.split(":")[0], 16)
    return 0


def _small(service: Running) -> socket.socket:
    """A connection whose kernel takes little."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    host, port = service.url.removeprefix("http://").split(":")
    found.connect((host, int(port)))
    found.setblocking(False)
    return found


def memory(service: Running) -> int:
    """What the process has in memory, in MB."""
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) // 1024
