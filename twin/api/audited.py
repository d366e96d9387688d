"""What the doors tell the audit log: who calls, with which program, and what became of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twin.domain.actor import ANONYMOUS
from twin.errors import Forbidden, TwinError, Unauthenticated
from twin.services.audit_log import DONE, MOST_WAITING, AuditLog, Call, Door

_PRODUCT = re.compile(r"[!-~]{1,64}")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})

NOTED: Final = "audited"
"""Where a request says that its row is written, or that it needs none."""

CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REFUSED: Final[Mapping[int, str]] = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "TOO_SLOW",
    413: "TOO_LARGE",
    415: "BAD_REQUEST",
    421: "MISDIRECTED",
    429: "RATE_LIMITED",
    503: "UNAVAILABLE",
}
"""What is noted of an answer whose reason nobody has noted, by its status."""


def client_of(connection: HTTPConnection) -> str | None:
    """The name of the caller's program: the first product of its `User-Agent`, such as `curl/8.5.0`; no more of it."""
    found = _PRODUCT.match(connection.headers.get("user-agent", ""))
    return found and found[0]


def call_of(request: HTTPConnection) -> Call:
    """Who sends a request outside GraphQL; anonymous as long as nobody has found out."""
    actor = request.scope.get("actor", ANONYMOUS.id)
    return Call(actor, Door.HTTP, request.scope.get("request_id"), client_of(request))


def note_done(log: AuditLog, request: Request, nodes: Sequence[tuple[str, int | None]], mutation: str | None) -> None:
    """Note a request that has changed something."""
    log.note(call_of(request), _operation(request), DONE, nodes=nodes, mutation=mutation)


async def note_refused(request: Request, error: TwinError) -> None:
    """Note a request that was refused, if it would have changed something or was not for this caller.

    Raises:
        Unavailable: the audit log has no room.
    """
    log: AuditLog | None = getattr(request.app.state, "audit_log", None)
    if log is None or (request.method in _READS and not isinstance(error, Forbidden | Unauthenticated)):
        return
    await log.room()
    log.note(call_of(request), _operation(request), error.code)
    request.scope[NOTED] = True


class Refusals:
    """Notes each request that would have changed something and was refused before a use case saw it, or by a fault.

    Those that are alike in one second are one row, and none is waited for: they may be many, and while the log has no
    room they are only counted, by status (`/metrics`).

    Args:
        app: what the request goes on to.
        log: where it is noted.
    """

    def __init__(self, app: ASGIApp, log: AuditLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] not in CHANGING:
            await self._app(scope, receive, send)
            return

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                self._note(scope, REFUSED.get(message["status"], "HTTP_ERROR"))
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            self._note(scope, "INTERNAL")
            raise

    def _note(self, scope: Scope, code: str) -> None:
        if NOTED not in scope and self._log.waiting < MOST_WAITING:
            scope[NOTED] = True
            request = Request(scope)
            self._log.note(call_of(request), _operation(request), code)


def _operation(request: Request) -> str:
    """The method, and the path as the route has it: never what the caller put there."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '-')}"
