"""The twin page: what somebody sees who has scanned a label."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from twin.api import errors, reads
from twin.api.auth import actor_of
from twin.api.pages import html, records, view, words
from twin.domain.actor import Actor, Permission
from twin.domain.history import Document
from twin.domain.links import Link
from twin.domain.resolution import linkset_type, preferences
from twin.errors import InvalidInput, NotFound, TwinError
from twin.exchange.linkset import MEDIA_TYPE
from twin.identity import link
from twin.services import Services, printing
from twin.services.resolution import PAGE_LANGUAGES

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(services: Services) -> list[Route]:
    """`/L/{linkId}`, in any way that people write it, and the icon of all pages."""
    base = services.resolution.public_url

    async def page(request: Request) -> Response:
        typed = request.path_params["link_id"]
        link_id = _link_id(typed)
        if not request.url.path.endswith(f"/L/{link_id}"):
            return _redirect(request, typed, link_id)
        actor = await actor_of(request, services)
        label = await reads.label_of(services, request, actor, link_id)
        return _answer(request, await _material(services, actor, label), base)

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
            return _problem(request, error)

    return answer


def _problem(request: Request, error: TwinError) -> Response:
    status = errors.status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    problem = words.PROBLEMS.get(status, words.OTHER_PROBLEM)
    return html.answer(request, "problem.html", status, headers, problem=problem, detail=None)


def _answer(request: Request, given: view.Material, base: str) -> Response:
    """The page for people, or what is asked for by its media type."""
    url = f"{base}/L/{given.label['head']['link_id']}"
    media_type = linkset_type(preferences(request.headers.get("accept", "")), records.MEDIA_TYPES)
    if media_type == records.JSON:
        return html.kept(request, orjson.dumps(records.as_json(given, url)), media_type, {})
    page = view.twin_page(given, printing.formats())
    if media_type == MEDIA_TYPE:
        linkset = records.as_links(given, page, url, base, PAGE_LANGUAGES)
        return html.kept(request, orjson.dumps(linkset), media_type, {})
    language = html.language_of(request)
    linked_data = records.as_json_ld(given, page, url, language)
    if media_type is not None:
        return html.kept(request, orjson.dumps(linked_data), media_type, {"Content-Language": language.tag})
    return html.page(request, "twin.html", page=page, url=url, linked_data=linked_data)


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


async def _material(services: Services, actor: Actor, label: Document) -> view.Material:
    head, newest = label["head"], label["revision"]
    asset = head.get("asset") or _last_asset(actor, label)
    others = [head[name] for name in ("replaced_by", "replaces") if name in head and actor.may(Permission.READ_TWINS)]
    versions, assets, links, checkpoint, link_ids = await asyncio.gather(
        # One more than is shown, to say what the oldest of them changed.
        services.labels.versions(actor, head["link_id"], max(1, newest - view.MOST_ENTRIES), newest),
        services.assets.of_labels(actor, [asset] if asset else []),
        services.resolution.of_asset(actor, asset) if asset else _nothing(),
        services.audit.newest(),
        asyncio.gather(*(_link_id_of(services, actor, twin) for twin in others)),
    )
    return view.Material(
        label=label,
        versions=versions,
        payload=services.labels.payload(label),
        asset=assets.get(asset) if asset else None,
        others=dict(zip(others, link_ids, strict=True)),
        links=links,
        checkpoint=checkpoint,
    )


async def _nothing() -> tuple[Link, ...]:
    return ()


def _last_asset(actor: Actor, label: Document) -> str | None:
    """What a label was on that is on nothing now: for those who may look around, not for whoever holds a link."""
    if not actor.may(Permission.READ_TWINS) or not label["bindings"]:
        return None
    return str(label["bindings"][-1]["asset"])


async def _link_id_of(services: Services, actor: Actor, twin: str) -> str:
    return str((await services.labels.find(actor, twin))["head"]["link_id"])
