"""A client for benchmarks: asks over many connections, for so many seconds, in a process of its own.

It asks for the paths of a file, one a line, in turn, whichever connection is free; and prints how many answers it got a
second, and the statuses that it saw.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

BROWSER = (
    "User-Agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
    "\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    "\r\nAccept-Language: de-CH,de;q=0.9\r\n"
)


class Asker(asyncio.Protocol):
    """Asks again as soon as it is answered.

    Args:
        requests: what is asked, shared by all that ask.
        until: when it stops, by `time.perf_counter`.
    """

    def __init__(self, requests: Iterator[bytes], until: float) -> None:
        self.requests, self.until = requests, until
        self.count = 0
        self.statuses: set[bytes] = set()
        self.done = asyncio.get_running_loop().create_future()
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(next(self.requests))

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
            self._transport.write(next(self.requests))
        else:
            self._transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def asked(port: int, paths: Sequence[str], connections: int, seconds: float) -> tuple[float, int, set[bytes]]:
    """Answers a second, how many there were, and their statuses."""
    sent = f"Host: 127.0.0.1:{port}\r\n{BROWSER}\r\n"
    requests = itertools.cycle([f"GET /{path} HTTP/1.1\r\n{sent}".encode() for path in paths])
    loop, begun = asyncio.get_running_loop(), time.perf_counter()
    askers = [Asker(requests, begun + seconds) for _ in range(connections)]
    for asker in askers:
        await loop.create_connection(lambda asker=asker: asker, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(asker.done for asker in askers))
    count = sum(asker.count for asker in askers)
    return count / (time.perf_counter() - begun), count, set().union(*(asker.statuses for asker in askers))


if __name__ == "__main__":
    port, file, connections, seconds = sys.argv[1:]
    paths = Path(file).read_text().split()
    rate, count, statuses = asyncio.run(asked(int(port), paths, int(connections), float(seconds)))
    print(rate, count, *(one.decode() for one in statuses))
