"""The web application: routes, middleware and error handlers, as data."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from twin.api import errors, health, images, imports, jobs, metrics, photos, resolver, sessions
from twin.api.audited import Refusals
from twin.api.edge import OPEN, Edge
from twin.api.graphql import http as graphql
from twin.api.hosts import Hosts
from twin.api.limits import Limits
from twin.api.pages import asset as asset_page
from twin.api.pages import recalls, sign_in, things
from twin.api.pages import twin as twin_page
from twin.api.rates import Rates
from twin.services import Services

STATIC = Path(__file__).parent / "static"
UPLOADS = re.compile(f"{photos.PATH.pattern}|{imports.PATH.pattern}")


def application(services: Services, *, graphiql: bool, demo_key: str | None, edge: Edge = OPEN) -> Starlette:
    """The application.

    Args:
        services: what it serves.
        graphiql: whether `/graphql` shows GraphiQL to a browser.
        demo_key: what GraphiQL sends by itself, in the demo.
        edge: how it meets the world.
    """
    printed, others = twin_page.routes(services)
    app = Starlette(
        routes=[
            printed,
            *things.routes(services),
            *resolver.routes(services),
            *images.routes(services),
            *photos.routes(services),
            *jobs.routes(services),
            *imports.routes(services),
            *recalls.routes(services),
            *others,
            *asset_page.routes(services),
            *graphql.routes(services, graphiql=graphiql, demo_key=demo_key, trusted=edge.trusted),
            *sessions.routes(services),
            *sign_in.routes(services),
            *health.routes(services),
            *metrics.routes(services),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=[
            Middleware(metrics.Measured),
            Middleware(Refusals, log=services.audit_log),
            Middleware(Limits, uploads=UPLOADS),
            Middleware(Hosts, services=services, more=edge.hosts),
            Middleware(Rates, anonymous=edge.rate_anonymous, caller=edge.rate_caller),
        ],
        exception_handlers=errors.HANDLERS,
    )
    app.router.redirect_slashes = False  # it would name the Host of the request
    app.state.audit_log = services.audit_log
    return app
