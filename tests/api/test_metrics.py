"""What whoever watches over a process is told: figures, and nothing that names a label, an asset or a caller."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.graphql.calls import Ask, issued
from tests.api.graphql.sockets import opened, served
from tests.conftest import KEY, Bench, client_on
from twin.api import web
from twin.api.edge import Edge
from twin.domain.actor import full_actor

pytestmark = pytest.mark.anyio


@pytest.fixture
async def monitor(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """Who may read the figures alone."""
    key = await bench.services.keys.add(full_actor("chief"), "prometheus", roles=["monitor"])
    async with client_on(bench, key=key) as client:
        yield client


async def read(monitor: httpx.AsyncClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = await monitor.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    found = {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}
    assert len(found) == len(samples), "a series is told twice"
    return found


def of(found: Mapping[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


async def test_requests_operations_scans_and_commands_are_counted(
    bench: Bench, monitor: httpx.AsyncClient, anonymous: httpx.AsyncClient, query: Ask
) -> None:
    before, label = await read(monitor), await issued(query)
    for _ in range(3):
        assert (await anonymous.get(f"/L/{label['linkId']}")).status_code == 200
    await anonymous.get("/L/0123456789ABC8")
    await anonymous.request("BREW", "/nowhere")
    await anonymous.post("/graphql", json={"query": "{ labels { totalCount } }"})
    await anonymous.post("/graphql", json={"query": "{ nothing"})
    found = await read(monitor)

    def more(name: str, **labels: str) -> float:
        return of(found, name, **labels) - of(before, name, **labels)

    page = {"route": "/L/{link_id:printed}", "method": "GET"}
    assert more("twin_http_requests_total", **page, status="200") == 3
    assert more("twin_http_requests_total", **page, status="404") == 1
    assert more("twin_http_requests_total", route="-", method="other", status="404") == 1
    assert more("twin_http_request_duration_seconds_count", **page) == 4
    assert more("twin_graphql_operations_total", type="query", outcome="UNAUTHENTICATED") == 1
    assert more("twin_graphql_operations_total", type="none", outcome="INVALID_QUERY") == 1
    assert more("twin_graphql_operations_total", type="mutation", outcome="answered") >= 2
    assert more("twin_scans_total", outcome="NOT_YET_APPLIED") == 3
    assert more("twin_scans_total", outcome="UNKNOWN") == 1
    assert more("twin_database_command_seconds_count", command="find") > 0
    assert of(found, "twin_database_connections", state="open") > 0
    assert of(found, "twin_scan_log_waiting") > 0
    assert ("twin_print_jobs_open", frozenset({("state", "QUEUED")})) in found
    assert of(found, "process_resident_memory_bytes") > 0


async def test_connections_subscribers_and_refusals_are_counted(bench: Bench, monitor: httpx.AsyncClient) -> None:
    before = await read(monitor)
    application = web.application(bench.services, graphiql=False, demo_key=None, edge=Edge(rate_caller=1))
    async with served(application) as url, opened(url, KEY) as socket:
        cursor = await bench.services.changes.now(full_actor("chief"))
        await socket.subscribe("subscription($c: String) { changes(after: $c) { cursor } }", c=cursor)
        await socket.subscribe("{ __typename }", "2")
        assert (await socket.get())["type"] == "error"
        found = await read(monitor)
        assert of(found, "twin_websockets_open") - of(before, "twin_websockets_open") == 1
        refused = {"quota": "caller"}
        assert of(found, "twin_rate_limit_refusals_total", **refused) == 1 + of(
            before, "twin_rate_limit_refusals_total", **refused
        )
    ended = {"type": "subscription", "outcome": "stopped"}
    after = await read(monitor)
    assert of(after, "twin_websockets_open") == of(before, "twin_websockets_open")
    assert of(after, "twin_graphql_operations_total", **ended) > of(before, "twin_graphql_operations_total", **ended)


async def test_no_figure_names_a_label_an_asset_or_a_caller(
    bench: Bench, monitor: httpx.AsyncClient, client: httpx.AsyncClient, query: Ask
) -> None:
    label = await issued(query)
    link, secret = label["linkId"], monitor.headers["authorization"].removeprefix("Bearer ")
    paths = (f"L/{link}", f"l/{link.lower()}", f"L/{link}.svg", link, f"L/{link}?key={secret}", "jobs/job_x.pdf")
    for path in paths:
        await client.get(f"/{path}")
    await client.request(link, f"/L/{link}")
    await query(f"query Q{link}($l: String!) {{ a{link}: label(linkId: $l) {{ id }} }}", l=link)
    text = (await monitor.get("/metrics")).text
    for word in (link, label["id"], label["asset"], secret, KEY, "prometheus", "demo", "127.0.0.1", "job_x"):
        assert word.lower() not in text.lower(), word
    assert not re.search(r"(lbl|ast|job|key|aud)_", text)
    assert "/L/{link_id:printed}" in text
    assert len(text) < 200_000


async def test_only_who_may_is_told(
    anonymous: httpx.AsyncClient, monitor: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    assert (await anonymous.get("/metrics")).status_code == 401
    assert (await client.get("/metrics")).status_code == 200
    answer = await monitor.post("/graphql", json={"query": "{ labels { totalCount } }"})
    assert answer.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
