"""From expected errors to HTTP: the one table of statuses, and the one shape of an error's body."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from twin import errors
from twin.api.audited import note_refused
from twin.api.headers import guard

log = logging.getLogger(__name__)

STATUSES: Mapping[type[errors.TwinError], int] = {
    errors.InvalidInput: 400,
    errors.TooLarge: 413,
    errors.NotFound: 404,
    errors.Refused: 409,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}
_KEPT_NOWHERE = {"Cache-Control": "no-store"}  # caches may keep a 404 otherwise, and give it to whoever asks
_CODES = {400: "BAD_REQUEST", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 408: "TOO_SLOW", 413: "TOO_LARGE"}


def status_of(error: errors.TwinError) -> int:
    """The HTTP status of an expected error: that of the nearest class in the table."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def details(error: errors.TwinError) -> dict[str, Any]:
    """What a client can switch on, beside the text for people."""
    found: dict[str, Any] = {"code": error.code}
    if isinstance(error, errors.InvalidInput) and error.path:
        found["path"] = list(error.path)
    if isinstance(error, errors.RevisionConflict):
        found |= {"expectedRevision": error.expected, "actualRevision": error.actual}
    if isinstance(error, errors.RateLimited):
        found["retryAfter"] = error.retry_after  # seconds
    return found


def body(message: str, code: str, **more: Any) -> dict[str, Any]:
    """The body of an error: the shape that GraphQL clients know."""
    return {"errors": [{"message": message, "extensions": {"code": code, **more}}]}


async def twin_error(request: Request, error: Exception) -> Response:
    """An expected error."""
    assert isinstance(error, errors.TwinError)  # noqa: S101 - the registration says so
    try:
        await note_refused(request, error)
    except errors.Unavailable as full:
        error = full
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, errors.Unauthenticated) else {}
    return JSONResponse(body(error.message, **details(error)), status_of(error), {**headers, **_KEPT_NOWHERE})


async def http_error(_: Request, error: Exception) -> Response:
    """What the router or a parser refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101 - the registration says so
    code = _CODES.get(error.status_code, "HTTP_ERROR")
    return JSONResponse(body(error.detail, code), error.status_code, {**(error.headers or {}), **_KEPT_NOWHERE})


async def fault(request: Request, error: Exception) -> Response:
    """What nobody expected: logged whole, shown as a request id."""
    request_id = request.scope.get("request_id", "-")
    log.error("request %s failed", request_id, exc_info=error)
    response = JSONResponse(body(f"Something went wrong here; request {request_id}.", "INTERNAL"), 500, _KEPT_NOWHERE)
    response.headers["X-Request-Id"] = request_id  # nothing that answers on the way in sees this on its way out
    guard(request.scope, response.headers)
    return response


HANDLERS = {errors.TwinError: twin_error, HTTPException: http_error, Exception: fault}
