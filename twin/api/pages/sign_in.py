"""`/sign-in` and `/signout`: forms without script, by which a person gets the cookie of a session, and ends it."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from twin.api.audited import note_done, note_refused
from twin.api.auth import actor_of
from twin.api.cookies import cookie, require_own_page, session_in
from twin.api.pages import html
from twin.api.pages.forms import HEADERS, fields_of
from twin.api.pages.twin import friendly
from twin.api.sessions import begun_by
from twin.domain.actor import ANONYMOUS, Actor
from twin.errors import Unauthenticated
from twin.services import Services
from twin.services.sessions import LONGEST

_PATH: Final = re.compile(r"/[!-~]{0,1999}")


def routes(services: Services) -> list[Route]:
    """The page, and what its two forms send."""
    public_url, log = services.resolution.public_url, services.audit_log

    async def show(request: Request) -> Response:
        return _page(request, 200, await actor_of(request, services), request.query_params.get("next", ""))

    async def sign_in(request: Request) -> Response:
        sent = await fields_of(request)
        key, onward = sent.get("key", "").strip(), sent.get("next", "")
        if not key:
            return _page(request, 400, ANONYMOUS, onward, wrong=True)
        require_own_page(request, public_url)
        seconds = int(LONGEST.total_seconds())
        cookie(request, public_url, "", seconds)
        await log.room()
        try:
            begun = await begun_by(f"Bearer {key}", services)
        except Unauthenticated as error:
            await note_refused(request, error)
            return _page(request, 401, ANONYMOUS, onward, wrong=True)
        request.scope["actor"] = request.scope["caller"] = begun.actor.id
        if (before := session_in(request, public_url)) is not None:
            await services.sessions.end(before)
        note_done(log, request, (), None)
        headers = {"Set-Cookie": cookie(request, public_url, begun.text, seconds), "Cache-Control": "no-store"}
        return RedirectResponse(onward_from(onward), 303, headers)

    async def sign_out(request: Request) -> Response:
        if (text := session_in(request, public_url)) is not None:
            await actor_of(request, services)  # who it was; not for a page of others
        onward = onward_from((await fields_of(request)).get("next", ""))
        headers = {"Cache-Control": "no-store"}
        if text is not None:
            await log.room()
            await services.sessions.end(text)
            note_done(log, request, (), None)
            headers["Set-Cookie"] = cookie(request, public_url, "", 0)
        return RedirectResponse(onward, 303, headers)

    return [
        Route("/sign-in", friendly(show), methods=["GET"]),
        Route("/sign-in", friendly(sign_in), methods=["POST"]),
        Route("/signout", friendly(sign_out), methods=["POST"]),
    ]


def onward_from(path: str) -> str:
    """Where somebody goes on to: a path of this service, relative to the page; to the page itself for anything else.

    What begins with `./` names no scheme and no host, whatever follows.

    Examples:
        >>> onward_from("/L/0123456789ABC8"), onward_from("//evil.example"), onward_from("https://evil.example")
        ('./L/0123456789ABC8', './sign-in', './sign-in')
    """
    is_ours = _PATH.fullmatch(path) and not path.startswith(("//", "/\\"))
    return f".{path}" if is_ours else "./sign-in"


def _page(request: Request, status: int, actor: Actor, onward: str, *, wrong: bool = False) -> Response:
    to = onward_from(onward)
    context: dict[str, Any] = {
        "actor": None if actor is ANONYMOUS else actor.id,
        "next": onward if to != "./sign-in" else "",
        "onward": to,
        "wrong": wrong,
    }
    headers = {**HEADERS, "WWW-Authenticate": "Bearer"} if status == 401 else HEADERS
    return html.answer(request, "sign-in.html", status, headers, **context)
