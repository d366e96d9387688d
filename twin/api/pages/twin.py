"""The twin page: what somebody sees who has scanned a label."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from twin.api import answers, errors, reads
from twin.api.auth import actor_of
from twin.api.open_routes import OpenRoute, name_segment
from twin.api.pages import html, records, view, words
from twin.api.pages.language import Language
from twin.domain.actor import Actor, Permission
from twin.domain.history import Document
from twin.domain.links import Link
from twin.domain.resolution import linkset_type, preferences
from twin.errors import InvalidInput, NotFound, TwinError
from twin.exchange.linkset import MEDIA_TYPE
from twin.identity import link
from twin.services import Services, printing
from twin.services.kept import Image, Kept
from twin.services.people import sees_names
from twin.services.resolution import PAGE_LANGUAGES

Endpoint = Callable[[Request], Awaitable[Response]]
Around = tuple[Document | None, tuple[Link, ...], Document | None, dict[str, str]]

PRINTED = "[0-9A-Z]{14}"
MOST_KEPT, LARGEST_KEPT = 16 * 1024 * 1024, 64 * 1024  # bytes of answers, and of one


name_segment("printed", PRINTED)


def routes(services: Services) -> tuple[OpenRoute, list[Route]]:
    """`/L/{linkId}` as it is printed; then in any other way that people write it, and the icon of all pages."""
    kept = Kept(MOST_KEPT, LARGEST_KEPT)

    async def page(request: Request) -> Response:
        typed = request.path_params["link_id"]
        link_id = _link_id(typed)
        if not request.scope["path"].endswith(f"/L/{link_id}"):
            return _redirect(request, typed, link_id)
        actor = await actor_of(request, services)
        label = await reads.label_of(services, request, actor, link_id)
        return await _answer(request, services, actor, label, kept)

    async def icon(_: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=86400"}
        return Response(html.rendered("mark.svg.html"), media_type="image/svg+xml", headers=headers)

    return OpenRoute("/L/{link_id:printed}", friendly(page)), [
        OpenRoute("/L/{link_id:path}", friendly(page)),
        OpenRoute("/l/{link_id:path}", friendly(page)),
        Route("/favicon.ico", icon),
    ]


def friendly(endpoint: Endpoint) -> Endpoint:
    """The endpoint, whose expected errors are a page for who asks for HTML."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except TwinError as error:
            if not answers.wants_page(request):
                raise
            return _problem(request, error)

    return answer


def _problem(request: Request, error: TwinError) -> Response:
    status = errors.status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    problem = words.PROBLEMS.get(status, words.OTHER_PROBLEM)
    return html.answer(request, "problem.html", status, headers, problem=problem, detail=None)


async def _answer(request: Request, services: Services, actor: Actor, label: Document, kept: Kept) -> Response:
    """The page for people, or what is asked for by its media type."""
    media_type = linkset_type(preferences(request.headers.get("accept", "")), records.MEDIA_TYPES)
    language = html.language_of(request)
    around = await _around(services, actor, label)
    names = await _names(services, actor, label)
    key = _key(actor, label, around, names, media_type, language)
    image = kept.get(key)
    if image is None:
        given = await _material(services, actor, label, around, names)
        content = _content(given, media_type, language, services.resolution.public_url)
        image = Image.of(content, media_type or "text/html")
        kept.put(key, image)
    return answers.kept(request, image, records.headers(media_type, language))


def _key(
    actor: Actor,
    label: Document,
    around: Around,
    names: Mapping[str, str],
    media_type: str | None,
    language: Language,
) -> Hashable:
    """All that an answer is made from: a hash stands for all versions, the audiences for what is seen of them."""
    asset, links, checkpoint, others = around
    twins = tuple((twin["_id"], twin["hash"]) for twin in (label, asset) if twin is not None)
    signed = None if checkpoint is None else (checkpoint["number"], checkpoint["made_at"])
    recalls = tuple((recall["_id"], recall["revision"]) for recall in label.get("recalls", ()))
    around_it = (links, signed, tuple(others.items()), tuple(names.items()), recalls)
    return media_type, language.tag, actor.audiences, twins, around_it


def _content(given: view.Material, media_type: str | None, language: Language, base: str) -> bytes:
    url = f"{base}/L/{given.label['head']['link_id']}"
    if media_type == records.JSON:
        return orjson.dumps(records.as_json(given, url))
    page = view.twin_page(given, printing.formats())
    if media_type == MEDIA_TYPE:
        return orjson.dumps(records.as_links(given, page, url, base, PAGE_LANGUAGES))
    linked_data = records.as_json_ld(given, page, url, language)
    if media_type is not None:
        return orjson.dumps(linked_data)
    return html.rendered("twin.html", language, page=page, url=url, linked_data=linked_data).encode()


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


async def _around(services: Services, actor: Actor, label: Document) -> Around:
    """What stands around a label: its asset, the asset's links, the newest checkpoint, the labels before and after."""
    head = label["head"]
    asset = head.get("asset") or _last_asset(actor, label)
    others = [head[name] for name in ("replaced_by", "replaces") if name in head and actor.may(Permission.READ_TWINS)]
    (document, links), checkpoint = await asyncio.gather(
        services.resolution.of_label(actor, asset) if asset else _nothing(), services.audit.newest()
    )
    link_ids = await asyncio.gather(*(_link_id_of(services, actor, twin) for twin in others)) if others else []
    return document, links, checkpoint, dict(zip(others, link_ids, strict=True))


async def _material(
    services: Services, actor: Actor, label: Document, around: Around, names: dict[str, str]
) -> view.Material:
    asset, links, checkpoint, others = around
    versions = await _versions(services, actor, label)
    payload = services.labels.payload(label)
    return view.Material(label, versions, payload, asset, others, links, checkpoint, names)


async def _versions(services: Services, actor: Actor, label: Document) -> list[Document]:
    """The newest versions: one more than is shown, to say what the oldest of them changed."""
    newest = label["revision"]
    first = max(1, newest - view.MOST_ENTRIES)
    return await services.labels.versions(actor, label["head"]["link_id"], first, newest)


async def _names(services: Services, actor: Actor, label: Document) -> dict[str, str]:
    """What those who did something to a label are called, as they are now: no hash of the label covers it."""
    if not sees_names(actor):
        return {}
    acted = {version["actor"] for version in await _versions(services, actor, label)}
    return await services.people.names(actor, acted)


async def _nothing() -> tuple[None, tuple[Link, ...]]:
    return None, ()


def _last_asset(actor: Actor, label: Document) -> str | None:
    """What a label was on that is on nothing now: for those who may look around, not for whoever holds a link."""
    if not actor.may(Permission.READ_TWINS) or not label["bindings"]:
        return None
    return str(label["bindings"][-1]["asset"])


async def _link_id_of(services: Services, actor: Actor, twin: str) -> str:
    return str((await services.labels.find(actor, twin))["head"]["link_id"])
