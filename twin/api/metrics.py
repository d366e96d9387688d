"""`/metrics`: the figures of this process as Prometheus reads them, for whoever has the right to.

Labels are of few values that we choose: a route as it is written in the code, a method, a status, a code. No path, no
address and no name of a twin or a caller is ever one.

References:
    Prometheus text exposition format 0.0.4
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twin.api.auth import actor_of
from twin.services import Services
from twin.services.figures import Figures

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NO_ROUTE: Final = "-"

EDGE: Final = CollectorRegistry()
"""What the edge counts, in this process as a whole."""

ProcessCollector(registry=EDGE)
REQUESTS: Final = Counter(
    "twin_http_requests", "Requests that were answered.", ("route", "method", "status"), registry=EDGE
)
SECONDS: Final = Histogram(
    "twin_http_request_duration_seconds",
    "How long requests took, until the end of the answer.",
    ("route", "method"),
    registry=EDGE,
)
OPERATIONS: Final = Counter(
    "twin_graphql_operations", "GraphQL operations that have ended.", ("type", "outcome"), registry=EDGE
)
REFUSED: Final = Counter(
    "twin_rate_limit_refusals", "Requests and operations beyond a quota.", ("quota",), registry=EDGE
)
SOCKETS: Final = Gauge("twin_websockets_open", "WebSocket connections that are open.", registry=EDGE)


class Measured:
    """Counts and times each request.

    Args:
        app: what the request goes on to.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", _NO_ROUTE)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            REQUESTS.labels(route, method, str(status)).inc()
            SECONDS.labels(route, method).observe(time.perf_counter() - begun)


def routes(services: Services) -> list[Route]:
    """The one route."""

    async def metrics(request: Request) -> Response:
        figures = await services.watching.figures(await actor_of(request, services))
        own = CollectorRegistry()
        own.register(_Told(figures))
        content = generate_latest(EDGE) + generate_latest(own)
        return Response(content, headers={"Cache-Control": "no-store", "Content-Type": MEDIA_TYPE})

    return [Route("/metrics", metrics)]


class _Told:
    """Figures of the services, as the library takes them."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        return [*_of_services(self._figures), *_of_database(self._figures)]


def _of_services(figures: Figures) -> Iterator[Metric]:
    yield GaugeMetricFamily("twin_subscribers", "Who listens to changes.", figures.subscribers)
    scans = CounterMetricFamily("twin_scans", "Codes read, by the worst that held of each.", labels=["outcome"])
    for outcome, count in figures.scans.items():
        scans.add_metric([outcome.value], count)
    yield scans
    yield GaugeMetricFamily("twin_scan_log_waiting", "Rows and counts that are not written yet.", figures.scans_waiting)
    yield CounterMetricFamily("twin_scan_log_dropped", "Rows and counts that never will be.", figures.scans_dropped)
    yield GaugeMetricFamily("twin_audit_log_waiting", "Rows that are not written yet.", figures.audit_waiting)
    if figures.jobs is not None:
        jobs = GaugeMetricFamily("twin_print_jobs_open", "Print jobs of the deployment, by state.", labels=["state"])
        for state, count in figures.jobs.items():
            jobs.add_metric([state], count)
        yield jobs


def _of_database(figures: Figures) -> Iterator[Metric]:
    seconds = SummaryMetricFamily("twin_database_command_seconds", "Commands that were answered.", labels=["command"])
    failed = CounterMetricFamily("twin_database_command_failures", "Those with an error.", labels=["command"])
    for name, sums in sorted(figures.commands.items()):
        seconds.add_metric([name], sums.count, sums.seconds)
        failed.add_metric([name], sums.failed)
    yield from (seconds, failed)
    connections = GaugeMetricFamily("twin_database_connections", "Connections to the database.", labels=["state"])
    connections.add_metric(["open"], figures.connections)
    connections.add_metric(["in_use"], figures.connections_in_use)
    yield connections
