"""The twin page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from twin.api.auth import actor_of
from twin.services import Services


def routes(services: Services) -> list[Route]:
    """`/L/{linkId}`."""

    async def page(request: Request) -> Response:
        actor = await actor_of(request, services)
        label = await services.labels.find(actor, request.path_params["link_id"])
        return HTMLResponse(f"<title>{label['head']['link_id']}</title>")

    return [Route("/L/{link_id}", page)]
