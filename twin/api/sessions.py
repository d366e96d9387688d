"""`/session`: a browser exchanges a key or a token for a cookie, asks who it is, and ends that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from twin.api.auth import actor_of, bearer_in, is_token
from twin.api.cookies import cookie, require_own_page, session_in
from twin.domain.actor import Actor
from twin.errors import Unauthenticated
from twin.services import Services
from twin.services.sessions import LONGEST, Begun

_KEPT_NOWHERE = {"Cache-Control": "no-store"}


def routes(services: Services) -> list[Route]:
    """`POST`, `GET` and `DELETE /session`."""
    public_url = services.resolution.public_url

    async def begin(request: Request) -> Response:
        seconds = int(LONGEST.total_seconds())  # the session may end before its cookie, which is nobody then
        cookie(request, public_url, "", seconds)
        begun = await begun_by(request.headers.get("authorization"), services)
        request.scope["actor"] = request.scope["caller"] = begun.actor.id  # for the audit log, and whom it counts for
        if (before := session_in(request, public_url)) is not None:
            await services.sessions.end(before)
        headers = {**_KEPT_NOWHERE, "Set-Cookie": cookie(request, public_url, begun.text, seconds)}
        return JSONResponse({**_shown(begun.actor), "ends": _iso(begun.ends)}, 201, headers)

    async def show(request: Request) -> Response:
        return JSONResponse(_shown(await actor_of(request, services)), headers=_KEPT_NOWHERE)

    async def end(request: Request) -> Response:
        if (text := session_in(request, public_url)) is None:
            return Response(status_code=204, headers=_KEPT_NOWHERE)
        require_own_page(request, public_url)
        await services.sessions.end(text)
        return Response(status_code=204, headers={**_KEPT_NOWHERE, "Set-Cookie": cookie(request, public_url, "", 0)})

    return [
        Route("/session", begin, methods=["POST"]),
        Route("/session", show, methods=["GET"]),
        Route("/session", end, methods=["DELETE"]),
    ]


async def begun_by(header: str | None, services: Services) -> Begun:
    """A new session of whoever is named in the header: a cookie is no credential for another one.

    Raises:
        Unauthenticated: nobody is.
    """
    if header is None:
        raise Unauthenticated("A session begins with a key or a token: send Authorization: Bearer ….")
    text = bearer_in(header, services)
    if services.tokens is not None and is_token(text):
        return await services.sessions.begin_with_token(await services.tokens.bearer(text))
    return await services.sessions.begin_with_key(text)


def _shown(actor: Actor) -> dict[str, Any]:
    return {"actor": actor.id, "permissions": sorted(actor.permissions), "audiences": sorted(actor.audiences)}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
