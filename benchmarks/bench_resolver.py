"""The resolver and the twin page over HTTP, beside "Motor find_one behind Starlette with orjson" in one run: whole
server processes.

Ours reads and checks the whole identifier, walks up three levels, chooses by what the request says, and shows what the
caller may see, and on the page the history, links and proof of a label; the other finds one document by its id and
writes it as JSON. A ratio of 0.8 means that ours serves 0.8 times as many a second. Rounds alternate; the median round
counts. 500 items, each with links and a label with a life, are asked for in turn, and of the other 500 documents as
large as what ours reads: their link sets, or for pages their labels. `page, rendered` asks for more labels in turn than
a process keeps pages of, so that each is rendered anew.
The client is a process of its own. The last lines compare ours, which logs every scan, with ours that logs none.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from motor.motor_asyncio import AsyncIOMotorClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twin.domain.actor import full_actor
from twin.domain.history import Command, Document
from twin.domain.links import VOCABULARY, Link
from twin.identity import Granularity
from twin.services import Services
from twin.services.labels import Order as LabelOrder
from twin.services.links import Order
from twin.store import Store, embedded
from twin.store.mongo import connected

ROUNDS = 5
ITEMS, ALL_ITEMS = 500, 2_000
AT_ONCE = 50
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
DATABASE = "bench-resolver"
KEY = "01/09506000134352"
ASKING = Path(__file__).with_name("asking.py")


@dataclass(frozen=True)
class Server:
    """A server process.

    Args:
        port: on 127.0.0.1.
        pid: the process's id.
    """

    port: int
    pid: int

    def cpu(self) -> float:
        """The seconds of processor time that it has used, where Linux tells."""
        path = Path(f"/proc/{self.pid}/stat")
        fields = path.read_text().rpartition(")")[2].split() if path.exists() else ["0"] * 13
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rates(server: Server, paths: Path, connections: int, status: str, seconds: float = SECONDS) -> tuple[float, float]:
    """Answers a second, and answers a second of the server's processor time."""
    command = [sys.executable, str(ASKING), str(server.port), str(paths), str(connections), str(seconds)]
    before = server.cpu()
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert said[2:] == [status], said
    return float(said[0]), int(said[1]) / max(server.cpu() - before, 0.01)


def raw_application(uri: str) -> Starlette:
    """The ceiling: one document by its id, as JSON."""
    collection: Any = AsyncIOMotorClient(uri)[DATABASE]["raw"]

    async def find(request: Request) -> Response:
        document = await collection.find_one({"_id": request.path_params["path"]})
        return Response(orjson.dumps(document), media_type="application/json")

    return Starlette(routes=[Route("/{path:path}", find)])


@contextmanager
def served(command: list[str], environment: dict[str, str]) -> Iterator[Server]:
    """A server process."""
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "127.0.0.1:" in line)  # before it, a first key may be told
        try:
            yield Server(int(line.partition("127.0.0.1:")[2].partition(".")[0]), process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def order(qualifiers: str) -> Order:
    """Four links of a level."""
    links = [
        Link(VOCABULARY + term, term, f"https://a.example{qualifiers}/{term}", default=term == "pip")
        for term in ("pip", "instructions", "safetyInfo", "recallStatus")
    ]
    return Order(KEY + qualifiers, "A drill", links, 0)


async def fill(uri: str, directory: Path) -> dict[str, Path]:
    """Links of a product, a lot and its items, and a label of each item; the ceiling's documents, as large as these.

    Returns:
        Files of the paths that are asked for, by name.
    """
    async with connected(uri, DATABASE) as mongo:
        services = await Services.on(await Store.prepared(mongo))
        actor, items = full_actor("bench"), [f"/10/LOT/21/S{number}" for number in range(ALL_ITEMS)]
        await services.links.set_many(actor, [order(""), order("/10/LOT")], Command())
        raw, links = mongo.collection("raw"), []
        for start in range(0, ALL_ITEMS, 500):
            batch = items[start : start + 500]
            written = await services.links.set_many(actor, [order(item) for item in batch], Command())
            await raw.insert_many(
                [{"_id": KEY + item, "head": one["head"]} for item, one in zip(batch, written, strict=True)]
            )
        for start in range(0, ALL_ITEMS, AT_ONCE):
            numbers = range(start, start + AT_ONCE)
            labels = await asyncio.gather(*(_verified_label(services, number) for number in numbers))
            await raw.insert_many([{**label, "_id": f"L/{label['head']['link_id']}"} for label in labels])
            links += [f"L/{label['head']['link_id']}" for label in labels]
        await services.changes.close()
    levels = [KEY + item for item in items[:ITEMS]]
    asked = {
        "redirect": levels,
        "linkset": [f"{level}?linkType=linkset" for level in levels],
        "page": links[:ITEMS],
        "page, rendered": links,
    }
    files = {name: directory / f"{name}.txt" for name in asked}
    for name, paths in asked.items():
        files[name].write_text("\n".join(paths))
    return files


async def _verified_label(services: Services, number: int) -> Document:
    """A label with a life behind it, on one of the items."""
    actor = full_actor("bench")
    asset = await services.assets.register(
        actor,
        kind="tool",
        granularity=Granularity.ITEM,
        name="A drill",
        identifiers=[f"(01){KEY[3:]}(10)LOT(21)S{number}"],
        attributes={"colour": "blue"},
        command=Command(),
    )
    [label] = await services.labels.issue(actor, [LabelOrder(asset["_id"], "asset_tag", {"tag": "7"})], Command())
    await services.labels.print_label(actor, label["_id"], command=Command())
    await services.labels.apply(actor, label["_id"], Command())
    payload = services.labels.payload(label)
    return await services.labels.verify(actor, label["_id"], read=payload, grade="A", command=Command())


def main() -> None:
    """Compare redirects, link sets and pages, at 16 and at 64 connections."""
    with tempfile.TemporaryDirectory() as directory, embedded.acquire(Path(directory)) as mongod:
        paths = asyncio.run(fill(mongod.uri, Path(directory)))
        ours_command = [str(Path(sys.executable).with_name("twin")), "serve", "--port", "0"]
        environment = {"TWIN_MONGO_URI": mongod.uri, "TWIN_MONGO_DATABASE": DATABASE, "TWIN_DATA_DIR": directory}
        raw_command = [sys.executable, __file__, "raw", mongod.uri]
        environment |= {"TWIN_RATE_ANONYMOUS": "0"}
        silent_environment = {**environment, "TWIN_SCAN_LOG": "off"}
        with (
            served(ours_command, environment) as ours,
            served(ours_command, silent_environment) as silent,
            served(raw_command, {}) as raw,
        ):
            for server, status in ((ours, "307"), (silent, "307"), (raw, "200")):
                rates(server, paths["redirect"], 16, status, 1)
            for name, status in (("redirect", "307"), ("linkset", "200"), ("page", "200"), ("page, rendered", "200")):
                beside = paths[name if name.startswith("page") else "redirect"]
                for connections in (16, 64):
                    compare(name, connections, (ours, paths[name], status), (raw, beside, "200"))
            for connections in (16, 64):
                logged, unlogged = ((server, paths["redirect"], "307") for server in (ours, silent))
                compare("redirect, logged", connections, logged, unlogged, "unlogged")


Asked = tuple[Server, Path, str]
"""A server, the file of what it is asked for, and the status of its answers."""


def compare(name: str, connections: int, ours: Asked, other: Asked, called: str = "find_one") -> None:
    """Print the median ratios over alternating rounds: of answers a second, and of answers per processor time."""
    pairs = [
        tuple(rates(server, path, connections, status) for server, path, status in (ours, other)) for _ in range(ROUNDS)
    ]
    by_time = [our[0] / their[0] for our, their in pairs]
    by_cpu = statistics.median(our[1] / their[1] for our, their in pairs)
    our_rate, their_rate = (statistics.median(column[0] for column in columns) for columns in zip(*pairs, strict=True))
    print(
        f"{name}, {connections} connections".ljust(34),
        f"{statistics.median(by_time):5.2f}   ({min(by_time):.2f} to {max(by_time):.2f})   of CPU {by_cpu:.2f}"
        f"   ours {our_rate:6.0f}/s   {called} {their_rate:6.0f}/s",
    )


def serve_raw(uri: str) -> None:
    """Serve the ceiling as `twin serve` serves ours."""
    import socket

    import uvicorn

    async def serve() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            print(f"Ready at http://127.0.0.1:{listener.getsockname()[1]}.", flush=True)
            config = uvicorn.Config(raw_application(uri), log_level="warning", server_header=False)
            await uvicorn.Server(config).serve([listener])

    asyncio.run(serve())


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["raw", uri]:
            serve_raw(uri)
        case _:
            main()
