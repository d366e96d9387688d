"""The page of an asset by its id: for who may read twins, whether it has a label or not."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twin.api import answers
from twin.api.auth import actor_of
from twin.api.open_routes import name_segment
from twin.api.pages import html, records, story, view
from twin.api.pages.twin import friendly
from twin.services import Services
from twin.services.kept import Image

name_segment("asset_id", "ast_[a-z0-9]+")


def routes(services: Services) -> list[Route]:
    """`/A/{asset}`, which is asked before `/A/{path}`: no path of a GS1 key looks like an asset's id."""

    async def page(request: Request) -> Response:
        actor = await actor_of(request, services)
        asset = await services.assets.find(actor, request.path_params["asset"])
        told = await story.story_of(services, actor, asset)
        thing = view.thing_of(asset)
        context = {"thing": thing, "granularity": asset["head"]["granularity"], "story": told, "up": "../"}
        language = html.language_of(request)
        image = Image.of(html.rendered("thing.html", language, **context).encode(), "text/html")
        return answers.kept(request, image, records.headers(None, language))

    return [Route("/A/{asset:asset_id}", friendly(page))]
