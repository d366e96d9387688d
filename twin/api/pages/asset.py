"""The page of an asset that has no label of ours: what a Digital Link leads to then, for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from twin.api import answers, resolver
from twin.api.auth import actor_of
from twin.api.open_routes import OpenRoute
from twin.api.pages import html, records, view
from twin.api.pages.language import Language
from twin.domain.history import Document
from twin.domain.links import Link
from twin.domain.resolution import linkset_type, preferences
from twin.errors import TwinError
from twin.exchange.linkset import MEDIA_TYPE
from twin.services import Services
from twin.services.kept import Image
from twin.services.resolution import PAGE_LANGUAGES


def routes(services: Services) -> list[BaseRoute]:
    """`/A/{path}`, with the path of a level."""
    base = services.resolution.public_url

    async def page(request: Request) -> Response:
        try:
            level = resolver.level_of(*resolver.target(request, "A/"))
            actor = await actor_of(request, services)
            asset, links = await services.resolution.asset(actor, level)
        except TwinError as error:
            return await resolver.problem(request, error)
        media_type = linkset_type(preferences(request.headers.get("accept", "")), records.MEDIA_TYPES)
        language = html.language_of(request)
        content = _content(asset, links, level.path, media_type, language, base)
        image = Image.of(content, media_type or "text/html")
        return answers.kept(request, image, records.headers(media_type, language))

    return [OpenRoute("/A/{path:path}", page)]


def _content(
    asset: Document, links: Sequence[Link], path: str, media_type: str | None, language: Language, base: str
) -> bytes:
    url = f"{base}/A/{path}"
    if media_type == records.JSON:
        return orjson.dumps(records.asset_as_json(asset, links, path, url))
    page = view.asset_page(asset, path, links)
    if media_type == MEDIA_TYPE:
        return orjson.dumps(records.asset_as_links(links, page, url, base, PAGE_LANGUAGES))
    linked_data = records.asset_as_json_ld(asset, page, url, language)
    if media_type is not None:
        return orjson.dumps(linked_data)
    return html.rendered("asset.html", language, page=page, url=url, linked_data=linked_data).encode()
