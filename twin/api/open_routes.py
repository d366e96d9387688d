"""Routes that scripts of every origin may ask: they change nothing, and say to anybody what is for anybody.

A browser never sends a session with what it so asks (`Access-Control-Allow-Origin: *`), and a key only from a script
that has it.

References:
    Fetch, 3.2 (CORS protocol); RFC 9110, 9.3.7 (OPTIONS), 15.5.6 (405)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twin.api.errors import body

METHODS: Final = ("GET", "HEAD", "OPTIONS")
ALLOW: Final = ", ".join(METHODS)

_CORS: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", ALLOW.encode()),
    (b"access-control-allow-headers", b"Accept, Accept-Language, Authorization, If-None-Match"),
    (b"access-control-expose-headers", b"ETag, Link, Location"),
)


class _Segment(Convertor[str]):
    """A segment of a path that matches a pattern, as it stands."""

    def convert(self, value: str) -> str:
        """The segment."""
        return value

    def to_string(self, value: str) -> str:
        """The segment."""
        return value


def name_segment(name: str, regex: str) -> None:
    """Let paths of routes name the segments that match a pattern: `{it:name}`."""
    register_url_convertor(name, type(name, (_Segment,), {"regex": regex})())


class OpenRoute(Route):
    """A route for GET and HEAD, all of whose answers, refusals too, are for scripts of every origin.

    Args:
        path: of the route.
        endpoint: what answers.
    """

    def __init__(self, path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> None:
        super().__init__(path, endpoint, methods=METHODS)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_open(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_CORS]
            await send(message)

        await self._answering(scope["method"])(scope, receive, send_open)

    def _answering(self, method: str) -> ASGIApp:
        if method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ALLOW})
        if method in METHODS:
            return self.app
        return JSONResponse(
            body(f"Expected one of {ALLOW}.", "METHOD_NOT_ALLOWED"), 405, {"Allow": ALLOW, "Cache-Control": "no-store"}
        )
