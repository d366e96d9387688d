"""A client of graphql-transport-ws, and the application on a port, for tests of subscriptions."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PATIENCE_S = 60
PROTOCOL = Subprotocol("graphql-transport-ws")


class Socket:
    """One connection.

    Args:
        connection: as the library has it.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, **message: Any) -> None:
        """Send one message."""
        await self.connection.send(json.dumps(message))

    async def get(self) -> dict[str, Any]:
        """The next message; each is one text frame."""
        async with asyncio.timeout(PATIENCE_S):
            text = await self.connection.recv()
        assert isinstance(text, str)
        return dict(json.loads(text))

    async def subscribe(self, query: str, id: str = "1", **variables: Any) -> None:  # noqa: A002 - the protocol's word
        """Begin an operation."""
        await self.send(type="subscribe", id=id, payload={"query": query, "variables": variables})

    async def next(self, id: str = "1") -> dict[str, Any]:  # noqa: A002
        """The next result of an operation, without errors."""
        message = await self.get()
        assert (message["type"], message["id"]) == ("next", id), message
        assert "errors" not in message["payload"], message
        return dict(message["payload"]["data"])

    async def failed(self, id: str = "1") -> dict[str, Any]:  # noqa: A002
        """The one error with which an operation ends."""
        message = await self.get()
        assert (message["type"], message["id"], message["payload"]["data"]) == ("next", id, None), message
        [error] = message["payload"]["errors"]
        assert await self.get() == {"type": "complete", "id": id}
        return dict(error)

    async def refused(self) -> tuple[int, str]:
        """The code and the reason with which the server closes the connection, instead of saying anything at all."""
        with suppress(ConnectionClosed):
            told = await self.get()
            raise AssertionError(f"expected to be refused, found {told}")
        return await self.closed()

    async def closed(self) -> tuple[int, str]:
        """The code and the reason with which the server closes the connection."""
        async with asyncio.timeout(PATIENCE_S):
            await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


@asynccontextmanager
async def connected(url: str, **more: Any) -> AsyncIterator[Socket]:
    """A connection that says nothing yet.

    Args:
        url: of the service.
        more: as the library takes it.
    """
    address = url.replace("http://", "ws://") + "/graphql"
    async with connect(address, **{"subprotocols": [PROTOCOL], "proxy": None, **more}) as connection:
        yield Socket(connection)


@asynccontextmanager
async def opened(url: str, key: str | None = None, **more: Any) -> AsyncIterator[Socket]:
    """A connection that is acknowledged, with a key in its first message."""
    async with connected(url, **more) as found:
        await found.send(type="connection_init", payload={} if key is None else {"Authorization": f"Bearer {key}"})
        assert await found.get() == {"type": "connection_ack"}
        yield found


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # they are pytest's


@asynccontextmanager
async def served(application: ASGIApp, **more: Any) -> AsyncIterator[str]:
    """The address of an application, which is served on a port in this process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(application, log_level="warning", lifespan="off", ws="websockets-sansio", **more)
        server = _Server(config)
        task = asyncio.create_task(server.serve([listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
