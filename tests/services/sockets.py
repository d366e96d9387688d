"""Printers of ours: sockets that take labels, die in the middle, or hang."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from twin.domain.printers import Address


@dataclass
class SocketPrinter:
    """A printer at a socket.

    Args:
        address: where it listens.
        taken: what each connection brought, up to its end.
        dies: how many more connections it cuts after their first bytes.
        hangs: whether it takes a connection and never reads to its end.
        jams_after: once it has taken so many labels it cuts the connection that brings another, once; None: never.
    """

    address: Address
    taken: list[bytes] = field(default_factory=list)
    dies: int = 0
    hangs: bool = False
    jams_after: int | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.hangs:
            await self.over.wait()
        elif self.dies > 0:
            self.dies -= 1
            await reader.read(10)
            _break_down(writer)
            return
        elif self.jams_after is not None:
            await self._one_by_one(reader, writer)
            return
        else:
            self.taken.append(await reader.read(-1))
        writer.close()

    async def _one_by_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while label := await reader.readuntil(b"^XZ\n"):
                if len(self.taken) == self.jams_after:
                    self.jams_after = -1
                    _break_down(writer)
                    return
                self.taken.append(label)
        writer.close()


def _break_down(writer: asyncio.StreamWriter) -> None:
    reset = struct.pack("ii", 1, 0)  # as a device that breaks down does, instead of an end in good order
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
    writer.transport.abort()


@asynccontextmanager
async def socket_printer() -> AsyncIterator[SocketPrinter]:
    """A printer on a free port of loopback."""
    made: list[SocketPrinter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await made[0].serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    made.append(SocketPrinter(Address("127.0.0.1", server.sockets[0].getsockname()[1])))
    async with server:
        yield made[0]
        made[0].over.set()
