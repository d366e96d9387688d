"""For the platform: is the process up, and can it work?"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from twin.services import Services


def routes(services: Services) -> list[Route]:
    """`/healthz`: the process answers; `/readyz`: the database answers too."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        await services.ping()
        return JSONResponse({"status": "ok"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
