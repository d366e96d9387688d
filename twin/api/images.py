"""Labels, their symbols and templates as images, in every format that can be written.

`/L/{linkId}.svg` is the label's symbol, for anybody; with `?template=` it is the whole label, and needs a key, as
`/templates/{id}.svg` does, which draws the label of `?label=` or a sample.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twin.api import answers
from twin.api.auth import actor_of
from twin.api.open_routes import OpenRoute
from twin.errors import InvalidInput, shown
from twin.services import Services, printing

Number = TypeVar("Number", int, float)


def routes(services: Services) -> list[Route]:
    """One route for each format."""

    async def image(request: Request) -> Response:
        query = request.query_params
        if "template" in query:
            return await whole(request, query["template"] or None, request.path_params["link_id"])
        actor = await actor_of(request, services)
        label = await services.labels.find(actor, request.path_params["link_id"])
        drawn = await asyncio.to_thread(  # some hundred milliseconds for the largest
            printing.draw_label,
            label,
            services.labels.payload(label),
            symbology=query.get("symbology"),
            format_name=_format(request),
            module_mm=_number(float, query.get("module"), printing.DEFAULT_MODULE_MM, "module"),
            dpi=_number(int, query.get("dpi"), printing.DEFAULT_DPI, "dpi"),
        )
        return _answer(request, drawn, "public, max-age=3600")

    async def whole(request: Request, template: str | None, label: str | None) -> Response:
        query = request.query_params
        drawn = await services.previews.draw(
            await actor_of(request, services),
            template,
            label=label,
            format_name=_format(request),
            dpi=_number(int, query.get("dpi"), printing.DEFAULT_DPI, "dpi"),
        )
        return _answer(request, drawn, "private, no-cache")

    async def template(request: Request) -> Response:
        return await whole(request, request.path_params["id"], request.query_params.get("label"))

    return [
        route
        for name in printing.formats()
        for route in (OpenRoute(f"/L/{{link_id}}.{name}", image), Route(f"/templates/{{id}}.{name}", template))
    ]


def _format(request: Request) -> str:
    return request.url.path.rpartition(".")[2]


def _answer(request: Request, drawn: printing.Image, kept: str) -> Response:
    etag = f'"{drawn.sha256}"'
    headers = {"ETag": etag, "Cache-Control": kept}
    if answers.has(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(drawn.content, media_type=drawn.media_type, headers=headers)


def _number(kind: Callable[[str], Number], text: str | None, default: Number, name: str) -> Number:
    if text is None:
        return default
    try:
        return kind(text[:32])
    except ValueError:
        expected = "a whole number" if kind is int else "a number"
        raise InvalidInput(f"{name}: expected {expected}, found {shown(text)}.", path=(name,)) from None
