"""The twin page: what somebody sees who has scanned a label."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from twin.api import errors, reads
from twin.api.auth import actor_of
from twin.api.pages import html, view, words
from twin.domain.actor import Actor, Permission
from twin.domain.history import Document
from twin.errors import InvalidInput, NotFound, TwinError
from twin.identity import link
from twin.services import Services, printing

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(services: Services) -> list[Route]:
    """`/L/{linkId}`, in any way that people write it, and the icon of all pages."""

    async def page(request: Request) -> Response:
        typed = request.path_params["link_id"]
        link_id = _link_id(typed)
        if not request.url.path.endswith(f"/L/{link_id}"):
            return _redirect(request, typed, link_id)
        actor = await actor_of(request, services)
        label = await reads.label_of(services, request, actor, link_id)
        return html.page(request, html.rendered("twin.html", page=await _view(services, actor, label)))

    async def icon(_: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=86400", "Content-Security-Policy": html.NOTHING}
        return Response(html.rendered("mark.svg.html"), media_type="image/svg+xml", headers=headers)

    return [
        Route("/L/{link_id:path}", friendly(page)),
        Route("/l/{link_id:path}", friendly(page)),
        Route("/favicon.ico", icon),
    ]


def friendly(endpoint: Endpoint) -> Endpoint:
    """The endpoint, whose expected errors are a page for who asks for HTML."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except TwinError as error:
            if "text/html" not in request.headers.get("accept", ""):
                raise
            return _problem(error)

    return answer


def _problem(error: TwinError) -> Response:
    status = errors.status_of(error)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": html.POLICY}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    problem = words.PROBLEMS.get(status, words.OTHER_PROBLEM)
    return HTMLResponse(html.rendered("problem.html", problem=problem), status, headers)


def _link_id(typed: str) -> str:
    try:
        return link.parse(typed.strip("/ ").replace(" ", "")).value
    except InvalidInput as error:
        raise NotFound("label", typed) from error


def _redirect(request: Request, typed: str, link_id: str) -> Response:
    # Relative, because a proxy may have put a path before ours.
    up = "../" * (typed.count("/") + 1)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{up}L/{link_id}{query}", 308)


async def _view(services: Services, actor: Actor, label: Document) -> view.TwinPage:
    head, newest = label["head"], label["revision"]
    # One more than is shown, to say what the oldest of them changed.
    versions = await services.labels.versions(actor, head["link_id"], max(1, newest - view.MOST_ENTRIES), newest)
    asset = head.get("asset") or _last_asset(actor, label)
    others = [head[name] for name in ("replaced_by", "replaces") if name in head]
    return view.twin_page(
        label,
        versions,
        payload=services.labels.payload(label),
        formats=printing.formats(),
        asset=(await services.assets.of_labels(actor, [asset])).get(asset) if asset else None,
        others={twin: await _link_id_of(services, actor, twin) for twin in others if actor.may(Permission.READ_TWINS)},
    )


def _last_asset(actor: Actor, label: Document) -> str | None:
    """What a label was on that is on nothing now: for those who may look around, not for whoever holds a link."""
    if not actor.may(Permission.READ_TWINS) or not label["bindings"]:
        return None
    return str(label["bindings"][-1]["asset"])


async def _link_id_of(services: Services, actor: Actor, twin: str) -> str:
    return str((await services.labels.find(actor, twin))["head"]["link_id"])
