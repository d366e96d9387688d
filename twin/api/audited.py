"""What the doors tell the audit log: who calls, with which program, and what became of a request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.requests import HTTPConnection, Request

from twin.domain.actor import ANONYMOUS
from twin.errors import Forbidden, TwinError, Unauthenticated
from twin.services.audit_log import DONE, AuditLog, Call, Door

_PRODUCT = re.compile(r"[!-~]{1,64}")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def client_of(connection: HTTPConnection) -> str | None:
    """The name of the caller's program: the first product of its `User-Agent`, such as `curl/8.5.0`; no more of it."""
    found = _PRODUCT.match(connection.headers.get("user-agent", ""))
    return found and found[0]


def call_of(request: HTTPConnection) -> Call:
    """Who sends a request outside GraphQL; anonymous as long as nobody has found out."""
    actor = request.scope.get("actor", ANONYMOUS.id)
    return Call(actor, Door.HTTP, request.scope.get("request_id"), client_of(request))


def note_done(log: AuditLog, request: Request, nodes: Sequence[tuple[str, int]], mutation: str | None) -> None:
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


def _operation(request: Request) -> str:
    """The method, and the path as the route has it: never what the caller put there."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '-')}"
