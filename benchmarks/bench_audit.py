"""What a row of the audit log costs a mutation: whole servers, with the log and without, in turns on one mongod.

Each server is a process of its own. A ratio of 0.97 means that the one with the log does 0.97 times as many a second.
The second ratio is of the CPU time of server and mongod, which others on the same machine disturb less.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uvicorn

from twin.api import web
from twin.services import Services
from twin.services.audit_log import EVERY_S, AuditLog
from twin.store import Store, embedded
from twin.store.mongo import connected

ROUNDS, SECONDS, CONNECTIONS = 21, 2.0, 16
KEY = "bench"
MUTATION = 'mutation { registerAsset(input: {kind: "tool", name: "A drill"}) { asset { id } errors { code } } }'


class NoLog(AuditLog):
    """An audit log in which nothing is noted."""

    def note(self, *_: Any, **__: Any) -> None:
        """Note nothing."""


async def serve(uri: str, kind: str) -> None:
    """Serve on a free port, and say which."""
    async with connected(uri, "bench") as mongo:
        services = await Services.on(await Store.prepared(mongo), demo_key=KEY)
        if kind == "without":
            services.audit_log.__class__ = NoLog
        keeping = asyncio.create_task(services.audit_log.keep())
        application = web.application(services, graphiql=False, demo_key=None)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            print(listener.getsockname()[1], flush=True)
            await uvicorn.Server(uvicorn.Config(application, log_level="error")).serve([listener])
        keeping.cancel()


class Asker(asyncio.Protocol):
    """Sends the mutation again as soon as it is answered."""

    def __init__(self, request: bytes, until: float) -> None:
        self.request, self.until, self.count = request, until, 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if not data.endswith(b"}"):
            return
        assert b'"errors":[]' in data, data
        self.count += 1
        if time.perf_counter() < self.until:
            self.transport.write(self.request)
        else:
            self.transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        self.done.set_result(None)


def cpu_of(process: int) -> float:
    """Seconds of CPU that a process has spent (proc(5))."""
    spent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


async def cost(port: int, processes: tuple[int, int]) -> tuple[float, float]:
    """What a mutation costs: seconds of the clock, with all connections at work, and of the CPUs of some processes."""
    body = json.dumps({"query": MUTATION}).encode()
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {KEY}\r\n"
    request = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    before, loop, begun = sum(map(cpu_of, processes)), asyncio.get_running_loop(), time.perf_counter()
    askers = [Asker(request, begun + SECONDS) for _ in range(CONNECTIONS)]
    for asker in askers:
        await loop.create_connection(lambda asker=asker: asker, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(asker.done for asker in askers))
    count, wall = sum(asker.count for asker in askers), time.perf_counter() - begun
    await asyncio.sleep(2 * EVERY_S)  # until its rows are written too
    return wall / count, (sum(map(cpu_of, processes)) - before) / count


async def compare(servers: dict[str, tuple[int, tuple[int, int]]]) -> None:
    """Print the median ratios over rounds that alternate."""
    rounds = []
    for number in range(ROUNDS + 1):
        kinds = ("with", "without") if number % 2 else ("without", "with")
        rounds.append({kind: await cost(*servers[kind]) for kind in kinds})
    rounds = rounds[1:]  # the first warms both up
    wall, cpu = (sorted(each["without"][n] / each["with"][n] for each in rounds) for n in (0, 1))
    own = statistics.median(each["with"][1] for each in rounds) * 1e6
    told = " ".join(f"{kind} {1 / statistics.median(each[kind][0] for each in rounds):.0f}/s" for kind in servers)
    print(
        f"a mutation with the audit log, to one without  {statistics.median(wall):.2f} "
        f"({wall[0]:.2f} to {wall[-1]:.2f})  {statistics.median(cpu):.2f} ({cpu[0]:.2f} to {cpu[-1]:.2f})   "
        f"{told}   {own:.0f} us of CPU"
    )


def main() -> None:
    """Run both servers, and compare them."""
    with tempfile.TemporaryDirectory() as folder, embedded.acquire(Path(folder)) as mongod:
        record = json.loads((Path(folder) / "mongod.json").read_text())
        processes = {
            kind: subprocess.Popen([sys.executable, __file__, mongod.uri, kind], stdout=subprocess.PIPE, text=True)
            for kind in ("with", "without")
        }
        try:
            servers = {}
            for kind, process in processes.items():
                assert process.stdout is not None
                servers[kind] = int(process.stdout.readline()), (process.pid, int(record["pid"]))
            asyncio.run(compare(servers))
        finally:
            for process in processes.values():
                process.terminate()
                process.wait()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(serve(*sys.argv[1:]))
    else:
        main()
