"""Bounds on what one request may bring, and the id by which it is found in the log."""

from __future__ import annotations

import asyncio
import random
import re

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from twin.api.answers import join_lists
from twin.api.errors import body
from twin.api.headers import guard

LARGEST_BODY = 256 * 1024
LONGEST_HEAD = 64 * 1024
LONGEST_HEAD_S = 20.0
LONGEST_BODY_S = 20.0
LONGEST_GOODBYE_S = 5.0
GRACE_S = 10.0
SLOWEST_BYTES_S = 16 * 1024
"""Once the grace is over, an upload has come at this rate on the average; how long it may take is for its service."""

_IDS = random.Random()  # noqa: S311 - an id to find a line of the log by; the system's source costs a call each


class Limits:
    """Refuses a body over 256 KiB, whether it says its length or not; names each request, and joins lists in its head.

    Args:
        app: what the request goes on to.
        uploads: the paths whose routes take in the body themselves, once they know who sends it, and bound it.
    """

    def __init__(self, app: ASGIApp, uploads: re.Pattern[str]) -> None:
        self._app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        scope["request_id"] = f"{_IDS.getrandbits(64):016x}"
        if scope["type"] != "http":  # what a WebSocket brings is bounded by the server, message by message
            await self._app(scope, receive, send)
            return
        join_lists(scope)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = scope["request_id"]
                guard(scope, headers)
            await send(message)

        length = _length(scope)
        if self._uploads.fullmatch(scope["path"]):
            await self._app(scope, _paced(receive), send_named)
            return
        if length is None:
            await self._app(scope, receive, send_named)
            return
        try:
            async with asyncio.timeout(LONGEST_BODY_S):
                content = await _whole_body(receive) if _is_bounded(length) else None
        except TimeoutError:
            text = f"A request is sent within {LONGEST_BODY_S:g} seconds."
            await JSONResponse(body(text, "TOO_SLOW"), 408, {"Connection": "close"})(scope, receive, send_named)
            return
        if content is None:
            text = f"A request holds {LARGEST_BODY} bytes at most."
            await JSONResponse(body(text, "TOO_LARGE"), 413, {"Connection": "close"})(scope, receive, send_named)
            return
        await self._app(scope, _replayed(content, receive), send_named)


def _length(scope: Scope) -> bytes | None:
    """What a request says of the length of its body; None where it has none (RFC 9112, 6.3)."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return bytes(value)
        if name == b"transfer-encoding":
            return b"0"
    return None


def _is_bounded(length: bytes) -> bool:
    return length.isdigit() and len(length) < 10 and int(length) <= LARGEST_BODY


def _paced(receive: Receive) -> Receive:
    """Take in an upload, part by part, as long as it comes fast enough.

    Raises:
        HTTPException: 408, it does not.
    """
    begun: float | None = None
    taken, whole = 0, False

    async def paced() -> Message:
        nonlocal begun, taken, whole
        if whole:  # what comes now is that the peer hangs up
            return await receive()
        begun = begun or asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(begun + GRACE_S + taken / SLOWEST_BYTES_S):
                message = await receive()
        except TimeoutError:
            text = f"An upload comes at {SLOWEST_BYTES_S} bytes a second or more."
            raise HTTPException(408, text, {"Connection": "close"}) from None
        taken += len(message.get("body", b""))
        whole = not message.get("more_body")
        return message

    return paced


async def _whole_body(receive: Receive) -> bytes | None:
    content = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return content
        content += bytes(message.get("body", b""))
        if len(content) > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return content


def _replayed(content: bytes, receive: Receive) -> Receive:
    unread = [content]

    async def replay() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return replay


class BoundedHead(HttpToolsProtocol):
    """uvicorn's connection, which takes in no request line and headers without an end; the parser has no bound."""

    _taken = 0  # since the head that comes in began
    _in_head = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected, and has a while to say what for."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._head_has_come()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what has come, and hang up on who never comes to the end of a head."""
        self._taken += len(data)
        if self._in_head and self._deadline is None:
            self._wait_for_head()
        super().data_received(data)
        if self._in_head and self._taken > LONGEST_HEAD:
            self.send_400_response(f"The head of a request holds {LONGEST_HEAD} bytes at most.")

    def on_headers_complete(self) -> None:
        """The head is at its end."""
        self._in_head = False
        self._head_has_come()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next head may come."""
        self._in_head, self._taken = True, 0
        super().on_message_complete()

    def _wait_for_head(self) -> None:
        self._deadline = self.loop.call_later(LONGEST_HEAD_S, self._hang_up)

    def _head_has_come(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _hang_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:  # what was asked before is still on its way out
            self._wait_for_head()


class BoundedGoodbye(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which a peer that reads nothing does not hold open when the service ends.

    It closes once all is sent that was written before, which may be never.
    """

    def shutdown(self) -> None:
        """Say goodbye, and hang up on who has not taken it in after a while."""
        super().shutdown()
        self.loop.call_later(LONGEST_GOODBYE_S, self.transport.abort)
