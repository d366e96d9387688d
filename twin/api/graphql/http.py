"""`/graphql` over HTTP and WebSockets, and GraphiQL for a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import orjson
from cross_web import AsyncHTTPRequestAdapter
from cross_web import HTTPException as RefusedRequest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.http.parse_content_type import parse_content_type
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.unset import UnsetType

from twin.api.audited import client_of
from twin.api.auth import actor_of
from twin.api.errors import body
from twin.api.graphql import answering
from twin.api.graphql.context import Context
from twin.api.graphql.schema import schema
from twin.api.graphql.trusted import Trusted
from twin.api.graphql.websocket import INIT_TIMEOUT, MOST_CONNECTIONS, Connection, Handler, TextFrames
from twin.api.metrics import SOCKETS
from twin.api.pages import graphiql as graphiql_page
from twin.errors import shown
from twin.services import Services


class Endpoint(GraphQL[Context, None]):
    """Strawberry's view with our caller, our errors and our page.

    Args:
        services: the use cases.
        graphiql: whether a browser is shown GraphiQL.
        demo_key: what GraphiQL sends by itself.
        trusted: documents that are known by their digest.
    """

    websocket_adapter_class = TextFrames
    graphql_transport_ws_handler_class = Handler

    def __init__(self, services: Services, *, graphiql: bool, demo_key: str | None, trusted: Trusted) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if graphiql else None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_TIMEOUT,
            max_subscriptions_per_connection=None,  # our handler counts them, and tells with a code
        )
        self._services = services
        self._demo_key = demo_key
        self._explained = graphiql
        self._trusted = trusted
        self._connections = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one WebSocket connection."""
        if scope["type"] == "websocket":
            await self._connect(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        try:
            response = await self.run(request)
            if response.media_type == answering.JSON:  # and not the page
                response = answering.finish(request, response)
        except RefusedRequest as error:
            response = answering.refused(request, error)
        await response(scope, receive, send)

    async def _connect(self, socket: WebSocket) -> None:
        if self._connections >= MOST_CONNECTIONS:
            text = f"{MOST_CONNECTIONS} connections are open already; try again later."
            await socket.send_denial_response(JSONResponse(body(text, "UNAVAILABLE"), 503))
            return
        self._connections += 1
        try:
            with SOCKETS.track_inprogress():
                await self.run(socket)
        finally:
            self._connections -= 1

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Find out who has opened a connection, before it is acknowledged."""
        assert isinstance(context, Connection)  # noqa: S101 - only connections come here
        await context.authenticate()
        return await super().on_ws_connect(context)

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:  # noqa: ARG002
        """Whether a page of another origin may connect: browsers cannot send this header, so it is no page."""
        return "authorization" in request.headers

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """What the resolvers know of the request."""
        if isinstance(request, WebSocket):
            return Connection(self._services, request, explained=self._explained, trusted=self._trusted)
        if isinstance(response, Response):
            response.headers["Cache-Control"] = "no-store"  # who asks may be in a cookie, which caches do not look at
        actor = await actor_of(request, self._services)
        request_id = request.scope.get("request_id", "-")
        client = client_of(request)
        return Context(
            self._services,
            actor,
            request_id,
            client,
            explained=self._explained,
            trusted=self._trusted,
            guesses=request.scope.get("guesses"),
        )

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Whether a request asks for the page: not if it names an operation."""
        return "documentId" not in request.query_params and super().should_render_graphql_ide(request)

    async def render_graphql_ide(self, request: Request) -> Response:  # noqa: ARG002
        """The page for people."""
        return graphiql_page.response(self._demo_key)

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData | list[GraphQLRequestData]:
        """The operation; one that names a trusted document instead of a text gets its text.

        Raises:
            HTTPException: it is not written as JSON, or not of the shape that is told.
        """
        if request.method == "POST" and parse_content_type(request.content_type or "")[0] != answering.JSON:
            told = f"Expected a body of {answering.JSON}, found {shown(request.content_type or 'no Content-Type')}."
            raise RefusedRequest(415, told)
        data = await super().parse_http_body(request)
        if isinstance(data, list):
            return data
        if not isinstance(data.operation_name, str | None):
            raise RefusedRequest(400, "The GraphQL operation's `operationName` must be a string or null, if provided.")
        if data.query is not None:
            return data
        asked: Any = request.query_params if request.method == "GET" else self.decode_json(await request.get_body())
        given = asked.get("documentId")
        return data if given is None else replace(data, query=self._trusted.text(given))

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """The answer; without `data` where nothing was executed."""
        answer = await super().process_result(request, result)
        answering.note(request, result, cast("dict[str, Any]", answer))
        return answer

    def decode_json(self, data: str | bytes) -> object:
        """The body: a JSON object in UTF-8.

        Raises:
            HTTPException: anything else.
        """
        try:
            found: object = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise RefusedRequest(400, f"The body is not JSON: {error}.") from error
        if not isinstance(found, dict):
            raise RefusedRequest(400, f"Expected a JSON object with a query, found {type(found).__name__}.")
        return found

    def encode_json(self, data: object) -> bytes:
        """The answer."""
        return orjson.dumps(data)


def routes(services: Services, *, graphiql: bool, demo_key: str | None, trusted: Trusted) -> list[BaseRoute]:
    """`/graphql`."""
    endpoint = Endpoint(services, graphiql=graphiql, demo_key=demo_key, trusted=trusted)
    return [Route("/graphql", endpoint, methods=["GET", "POST"]), WebSocketRoute("/graphql", endpoint)]
