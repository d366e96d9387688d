"""`/graphql` over WebSockets: the protocol graphql-transport-ws, with our caller, our errors and our bounds.

Browsers cannot set headers here, so the key comes in the message that opens the connection:
`{"type": "connection_init", "payload": {"Authorization": "Bearer …"}}`. A connection that is refused is closed with a
code of the protocol, and with the error's code and text as the reason.
"""

from __future__ import annotations

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
from twin.api.auth import actor_behind, actor_in_session
from twin.api.errors import details
from twin.api.graphql.context import Context
from twin.api.graphql.trusted import Trusted
from twin.api.rates import GUESS
from twin.domain.actor import ANONYMOUS
from twin.errors import RateLimited, TooLarge, TwinError, Unauthenticated, Unavailable
from twin.services import Services

MOST_CONNECTIONS = 2_000
MOST_OPERATIONS = 20
LONGEST_ID = 128
INIT_TIMEOUT = timedelta(seconds=10)
TRY_AGAIN_LATER = 1013
FORBIDDEN = 4403
LONGEST_REASON = 123  # RFC 6455, section 5.5


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
        super().__init__(services, ANONYMOUS, request_id, client, lasting=True, explained=explained, trusted=trusted)
        self._socket = socket
        self._header = socket.headers.get("authorization")
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
        found = actor_in_session(self._socket, self.services) if given is None else actor_behind(given, self.services)
        try:
            self.actor = await found
        except Unauthenticated:
            with suppress(RateLimited):  # nobody gets in as it is
                self.charge(GUESS - 1)
            raise

    def charge(self, tokens: int = 1) -> None:
        """Count an operation for whoever opened the connection.

        Raises:
            RateLimited: nothing is left.
        """
        if (rates := self._socket.scope.get("rates")) is not None:
            rates.charge(self._socket.scope, None if self.actor is ANONYMOUS else self.actor.id, tokens)


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

    async def handle_message(self, message: Message) -> None:
        """Do what a message asks, if it has the shape that the protocol gives it."""
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
            reason = f"{error.code}: {error.message}".encode()[:LONGEST_REASON].decode(errors="ignore")
            await self.websocket.close(code=code, reason=reason)


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
