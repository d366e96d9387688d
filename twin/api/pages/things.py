"""The page of an asset by its id: for who may read twins, whether it has a label or not."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twin.api.auth import actor_of
from twin.api.pages import html, story, view
from twin.api.pages.twin import friendly
from twin.services import Services


class _AssetId(Convertor[str]):
    """A segment of a path that is the id of an asset."""

    regex = "ast_[a-z0-9]+"

    def convert(self, value: str) -> str:
        """The segment."""
        return value

    def to_string(self, value: str) -> str:
        """The segment."""
        return value


register_url_convertor("asset_id", _AssetId())


def routes(services: Services) -> list[Route]:
    """`/A/{asset}`, which is asked before `/A/{path}`: no path of a GS1 key looks like an asset's id."""

    async def page(request: Request) -> Response:
        actor = await actor_of(request, services)
        asset = await services.assets.find(actor, request.path_params["asset"])
        told = await story.story_of(services, actor, asset)
        thing = view.thing_of(asset)
        return html.page(
            request, "thing.html", thing=thing, granularity=asset["head"]["granularity"], story=told, up="../"
        )

    return [Route("/A/{asset:asset_id}", friendly(page))]
