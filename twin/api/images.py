"""The symbol of a label as an image: `/L/{linkId}.svg` and every other format that can be written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twin.api.auth import actor_of
from twin.errors import InvalidInput, shown
from twin.services import Services, printing

Number = TypeVar("Number", int, float)


def routes(services: Services) -> list[Route]:
    """One route for each format."""

    async def image(request: Request) -> Response:
        actor = await actor_of(request, services)
        label = await services.labels.find(actor, request.path_params["link_id"])
        query = request.query_params
        drawn = await asyncio.to_thread(  # some hundred milliseconds for the largest
            printing.draw_label,
            label,
            services.labels.payload(label),
            symbology=query.get("symbology"),
            format_name=request.url.path.rpartition(".")[2],
            module_mm=_number(float, query.get("module"), printing.DEFAULT_MODULE_MM, "module"),
            dpi=_number(int, query.get("dpi"), printing.DEFAULT_DPI, "dpi"),
        )
        etag = f'"{drawn.sha256}"'
        headers = {"ETag": etag, "Cache-Control": "public, max-age=3600"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(drawn.content, media_type=drawn.media_type, headers=headers)

    return [Route(f"/L/{{link_id}}.{name}", image) for name in printing.formats()]


def _number(kind: Callable[[str], Number], text: str | None, default: Number, name: str) -> Number:
    if text is None:
        return default
    try:
        return kind(text[:32])
    except ValueError:
        expected = "a whole number" if kind is int else "a number"
        raise InvalidInput(f"{name}: expected {expected}, found {shown(text)}.", path=(name,)) from None
