"""How an answer of GraphQL goes over HTTP: its media type, its status, and whether its reader has it already.

Who takes `application/graphql-response+json` learns by the status whether anything was executed; who does not gets
`application/json`, whose status is 200 whatever the answer says, as clients from before that media type expect.
An answer to GET may be kept by the one who asked, who asks each time whether it still holds.

References:
    GraphQL over HTTP (draft), 4 "Serialization Format", 6 "Response", 6.4.1 (application/json), 6.4.2
    (application/graphql-response+json); GraphQL, 7.1 (no `data` where nothing was executed); RFC 9110, 8.8.3 (ETag),
    13.1.2 (If-None-Match), 15.5.6 (405); RFC 9111, 5.2.2.7 (private)
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from cross_web import HTTPException as RefusedRequest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from twin.api import answers
from twin.api.audited import NOTED, REFUSED
from twin.api.errors import body, status_of
from twin.api.graphql.audited import cause_of
from twin.domain.resolution import preferences
from twin.errors import TwinError

RESPONSE: Final = "application/graphql-response+json"
JSON: Final = "application/json"
ALLOW: Final = "GET, POST"

_STATUS: Final = "graphql.status"
_WHOLE: Final = "graphql.whole"
_VARY: Final = "Accept, Authorization, Cookie"


def media_type(accept: str | None) -> str:
    """What an answer is written as: what is named and wanted most; JSON where neither is named.

    Examples:
        >>> media_type(None), media_type("*/*"), media_type("text/html")
        ('application/json', 'application/json', 'application/json')
        >>> media_type("application/graphql-response+json, application/json;q=0.9")
        'application/graphql-response+json'
        >>> media_type("application/graphql-response+json;q=0.1, application/*"), media_type(f"{RESPONSE};q=0")
        ('application/json', 'application/json')
    """
    wanted = dict(reversed(preferences(accept or "")))
    plain = wanted.get(JSON, wanted.get("application/*", wanted.get("*/*", 0)))
    return RESPONSE if 0 < wanted.get(RESPONSE, 0) >= plain else JSON


def note(request: Request, result: ExecutionResult, answer: dict[str, Any]) -> None:
    """Take `data` out of an answer to what was never executed, and keep the status that says so.

    Args:
        request: keeps the status, and whether there are errors.
        result: nothing was executed where there is no data, and no error is of a field.
        answer: what is sent; it is changed.
    """
    request.scope[_WHOLE] = not result.errors
    if result.data is None and result.errors and all(error.path is None for error in result.errors):
        answer.pop("data", None)
        cause = cause_of(result.errors[0])
        failed = (result.errors[0].extensions or {}).get("code") == "INTERNAL"
        request.scope[_STATUS] = status_of(cause) if isinstance(cause, TwinError) else 500 if failed else 400


def finish(request: Request, response: Response) -> Response:
    """The answer with its media type and status, compressed or known by its digest, or 304.

    Args:
        request: whose `Accept`, `Accept-Encoding` and `If-None-Match` count.
        response: 200 and JSON, not to be stored; it is changed.
    """
    request.scope[NOTED] = True  # what was refused of it, the operation has told the audit log
    kind = media_type(request.headers.get("accept"))
    response.headers["Content-Type"] = kind
    if kind == RESPONSE:
        response.status_code = request.scope.get(_STATUS, 200)
    if request.method == "POST":  # which no page of others can have sent with a session
        response.headers["Vary"] = "Accept, Accept-Encoding"
        answers.shrink(request, response)
        return response
    response.headers["Vary"] = _VARY
    if not request.scope[_WHOLE]:
        return response
    etag = f'"{hashlib.sha256(kind.encode() + bytes(response.body)).hexdigest()[:32]}"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["ETag"] = etag
    if answers.has(request, etag):
        kept = {name: response.headers[name] for name in ("Cache-Control", "ETag", "Vary")}
        return Response(status_code=304, headers=kept)
    return response


def refused(request: Request, error: RefusedRequest) -> Response:
    """The answer to a request that holds no operation, or none that its method may ask for.

    Args:
        request: whose method and `Accept` count.
        error: the reason, and a status.
    """
    status, cause = error.status_code, error.__cause__
    if request.method == "GET" and isinstance(cause, InvalidOperationTypeError):
        status = 405 if cause.operation_type is OperationType.MUTATION else status
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if status == 405:
        headers["Allow"] = "POST" if request.method == "GET" else ALLOW
    kind = media_type(request.headers.get("accept"))
    return JSONResponse(body(error.reason, REFUSED.get(status, "BAD_REQUEST")), status, headers, media_type=kind)
