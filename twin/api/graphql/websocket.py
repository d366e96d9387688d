"""`/graphql` over WebSockets: the protocol graphql-transport-ws, with our caller, our errors and our bounds.

Browsers cannot set headers here, so the key comes in the message that opens the connection:
`{"type": "connection_init", "payload": {"Authorization": "Bearer …"}}`. A connection that is refused is closed with a
code of the protocol, and with the error's code and text as the reason; so is one whose key, token or
session ends later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
from cross_web import HTTPException as RefusedRequest
from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage, Message

from twin.api.audited import client_of
from twin.api.auth import Look, look_behind, look_in_session
from twin.api.errors import details
from twin.api.graphql.context import Context
from twin.api.graphql.trusted import Trusted
from twin.domain.actor import ANONYMOUS
from twin.errors import Forbidden, TooLarge, TwinError, Unauthenticated, Unavailable
from twin.services import Services
from twin.services.held import Held

MOST_CONNECTIONS = 2_000
MOST_OPERATIONS = 20
LONGEST_ID = 128
INIT_TIMEOUT = timedelta(seconds=10)
TRY_AGAIN_LATER = 1013
FORBIDDEN = 4403
LOOK_EVERY_S = 20.0
ENDED = "UNAUTHENTICATED: The key, token or session that opened this connection holds no more."
LONGEST_REASON = 123  # RFC 6455, section 5.5

log = logging.getLogger(__name__)


class Connection(Context):
    """What the resolvers know of one connection.

    Args:
        services: the use cases.
        socket: the connection; who has opened it is not known yet.
        explained: as of every context.
        trusted: as of every context.
    """

    def __init__(self, services: Services, socket: WebSocket, *, explained: bool, trusted: Trusted) -> None:
        request_id = socket.scope.get("request_id", "-")
        client = client_of(socket)
        super().__init__(
            services,
            ANONYMOUS,
            request_id,
            client,
            lasting=True,
            explained=explained,
            trusted=trusted,
            guesses=socket.scope.get("guesses"),
        )
        self._socket = socket
        self._header = socket.headers.get("authorization")
        self.look: Look | None = None
        self.held: Held | None = None
        self.connection_params: dict[str, object] = {}  # the handler sets them

    async def authenticate(self) -> None:
        """Find out who has opened it, by its first message, its header or the session of its cookie.

        Raises:
            Unauthenticated: a key that is not one, or that is not known.
            Forbidden: a cookie that a page of another origin made a browser send.
        """
        params = {name.lower(): value for name, value in self.connection_params.items()}
        given = params.get("authorization", self._header)
        if given is not None and not isinstance(given, str):
            raise Unauthenticated("Authorization: expected Bearer and a key.")
        try:
            if given is not None:
                self.look = await look_behind(given, self.services)
            else:
                self.look = await look_in_session(self._socket, self.services)
            self.held = None if self.look is None else await self.look()
        except Unauthenticated:
            if self.guesses is not None:
                self.guesses.missed()
            raise
        if self.held is not None:
            self.actor = self.held.actor
            self._socket.scope["caller"] = self.actor.id  # so that nothing it asks is a guess

    async def ended(self) -> None:
        """Wait until what opened the connection holds no more: for its own end exactly, for its revocation 20 s."""
        held = self.held
        while self.look is not None and held is not None and held.actor == self.actor:
            before, pause = held, LOOK_EVERY_S if held.left is None else min(LOOK_EVERY_S, max(0.0, held.left))
            await asyncio.sleep(pause)
            try:
                held = await self.look()
            except Unavailable:  # it is asked again; but what ends by itself has ended
                left = None if before.left is None else before.left - pause
                held = None if left is not None and left <= 0 else Held(before.actor, left)

    def charge(self) -> None:
        """Count an operation for whoever opened the connection.

        Raises:
            RateLimited: nothing is left.
        """
        if (rates := self._socket.scope.get("rates")) is not None:
            rates.charge(self._socket.scope, None if self.actor is ANONYMOUS else self.actor.id)
        if self.guesses is not None:
            self.guesses.asked()


class TextFrames(ASGIWebSocketAdapter):
    """Strawberry's socket; messages are text frames, as the protocol asks, whatever our encoder makes."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """The messages that come in."""
        try:
            async for message in super().iter_json(ignore_parsing_errors=ignore_parsing_errors):
                yield message
        except RefusedRequest as error:
            raise NonJsonMessageReceived from error

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message."""
        try:
            await self.ws.send_text(orjson.dumps(message).decode())
        except WebSocketDisconnect as error:
            raise WebSocketDisconnected from error


class Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """Strawberry's handler of one connection; checks what it takes for granted."""

    _watch: asyncio.Task[None] | None = None
    _over = False

    async def handle_message(self, message: Message) -> None:
        """Do what a message asks, if it has the shape that the protocol gives it."""
        if self._over:
            return  # what was sent before the peer has seen that the connection is closed
        if not _is_well_formed(message):
            await self.handle_invalid_message("Failed to parse message")
            return
        if message["type"] == "subscribe" and self.connection_acknowledged:
            try:
                self._admit(message["payload"])
            except GraphQLError as error:
                await self.send_message({"id": message["id"], "type": "error", "payload": [error.formatted]})
                return
        await super().handle_message(message)

    def _admit(self, payload: Any) -> None:
        """Let an operation begin, with the text of the trusted document that it names.

        Raises:
            GraphQLError: it may not begin.
        """
        context = self.context
        assert isinstance(context, Connection)  # noqa: S101 - only connections come here
        try:
            context.charge()
            if len(self.operations) >= MOST_OPERATIONS:
                raise TooLarge(f"A connection has {MOST_OPERATIONS} operations at once at most.")
        except TwinError as error:
            raise GraphQLError(error.message, extensions=details(error)) from error
        try:
            if payload.get("query") is None:
                payload["query"] = context.trusted.text(payload.get("documentId"))
        except RefusedRequest as error:
            raise GraphQLError(error.reason, extensions={"code": "BAD_REQUEST"}) from error
        if (refused := context.trusted.refusal(payload["query"])) is not None:
            raise refused

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Open the connection for whoever holds the key, or close it with the reason."""
        try:
            await super().handle_connection_init(message)
        except TwinError as error:
            code = TRY_AGAIN_LATER if isinstance(error, Unavailable) else FORBIDDEN
            if isinstance(error, Forbidden | Unauthenticated):
                self.context.services.audit_log.note(self.context.call, message["type"], error.code)
            reason = f"{error.code}: {error.message}".encode()[:LONGEST_REASON].decode(errors="ignore")
            await self.websocket.close(code=code, reason=reason)
        else:
            if self.connection_acknowledged and self._watch is None:
                self._watch = asyncio.create_task(self._close_in_time())

    async def shutdown(self) -> None:
        """Let go of all that the connection asked for."""
        if self._watch is not None:
            self._watch.cancel()
        await super().shutdown()

    async def _close_in_time(self) -> None:
        """Close the connection once what opened it holds no more; nothing is told after that."""
        context = self.context
        if not isinstance(context, Connection) or context.held is None:
            return  # anybody's: it was opened with nothing that ends
        try:
            await context.ended()
        except Exception:
            log.exception("connection %s is closed: who its caller is cannot be told", context.request_id)
        self._over = True
        for operation in list(self.operations):
            await self.cleanup_operation(operation)
        with suppress(WebSocketDisconnected, RuntimeError):  # it may be closed already
            await self.websocket.close(code=FORBIDDEN, reason=ENDED)


def _is_well_formed(message: Any) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] not in ("subscribe", "complete"):
        return True
    if not isinstance(message.get("id"), str) or not 0 < len(message["id"]) <= LONGEST_ID:
        return False
    if message["type"] == "complete":
        return True
    payload = message.get("payload")
    return (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str | None)
        and ("query" in payload or "documentId" in payload)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )
