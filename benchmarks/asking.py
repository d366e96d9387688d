"""A client for benchmarks: asks over many connections, for so many seconds, in a process of its own.

It prints how many answers it got a second, and the statuses that it saw.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Sequence

ITEMS = 3_000
CHOICE = random.Random(20261122)  # noqa: S311 - the same in every run
BROWSER = (
    "User-Agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
    "\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    "\r\nAccept-Language: de-CH,de;q=0.9\r\n"
)


class Asker(asyncio.Protocol):
    """Asks again as soon as it is answered.

    Args:
        requests: what it asks, one of them each time.
        until: when it stops, by `time.perf_counter`.
    """

    def __init__(self, requests: Sequence[bytes], until: float) -> None:
        self.requests, self.until = requests, until
        self.count = 0
        self.statuses: set[bytes] = set()
        self.done = asyncio.get_running_loop().create_future()
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(CHOICE.choice(self.requests))

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._read[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._read) < end + 4 + length:
            return
        self._read = b""
        self.count += 1
        self.statuses.add(head[9:12])
        if time.perf_counter() < self.until:
            self._transport.write(CHOICE.choice(self.requests))
        else:
            self._transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def asked(port: int, path: str, connections: int, seconds: float) -> tuple[float, int, set[bytes]]:
    """Answers a second, how many there were, and their statuses; a `*` in the path stands for the number of an item."""
    sent = f"Host: 127.0.0.1:{port}\r\n{BROWSER}\r\n"
    requests = [f"GET /{path.replace('*', str(n))} HTTP/1.1\r\n{sent}".encode() for n in range(ITEMS)]
    loop, begun = asyncio.get_running_loop(), time.perf_counter()
    askers = [Asker(requests, begun + seconds) for _ in range(connections)]
    for asker in askers:
        await loop.create_connection(lambda asker=asker: asker, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(asker.done for asker in askers))
    count = sum(asker.count for asker in askers)
    return count / (time.perf_counter() - begun), count, askers[0].statuses


if __name__ == "__main__":
    port, path, connections, seconds = sys.argv[1:]
    rate, count, statuses = asyncio.run(asked(int(port), path, int(connections), float(seconds)))
    print(rate, count, *(one.decode() for one in statuses))
