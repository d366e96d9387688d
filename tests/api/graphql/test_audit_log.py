"""The audit log as auditors ask for it: filtered, page by page, by an index, and noted in itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.graphql.calls import Ask, issued, move
from tests.conftest import client_on
from twin.services.audit_log import Call, Door
from twin.store.audit_log import FILTERS

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

LOG = """query($first: Int, $after: String, $last: Int, $before: String, $actor: String, $operation: String,
  $outcome: String, $from: DateTime, $to: DateTime) {
  auditLog(first: $first, after: $after, last: $last, before: $before, actor: $actor, operation: $operation,
    outcome: $outcome, from: $from, to: $to) { totalCount pageInfo { hasNextPage endCursor startCursor } edges { node {
      id recordedAt actor client requestId door operation outcome nodes { id revision } clientMutationId times
    } } } }"""


def operations(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["operation"] for edge in found["auditLog"]["edges"]]


async def test_a_change_is_found_with_its_revision(bench: Bench, client: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(query)
    body = {"query": move("voidLabel"), "variables": {"input": {"label": label["id"], "reason": "misprint"}}}
    answer = await client.post("/graphql", json=body)
    await bench.services.audit_log.flush()
    rows = (await query(LOG, operation="voidLabel", outcome="done", actor="demo", first=100))["auditLog"]["edges"]
    [row] = [edge["node"] for edge in rows if edge["node"]["requestId"] == answer.headers["x-request-id"]]
    assert row["nodes"] == [{"id": label["id"], "revision": 2}]
    assert (row["door"], row["times"], row["client"].partition("/")[0]) == ("GRAPHQL", 1, "python-httpx")
    assert "misprint" not in str(row)


async def test_pages_go_from_the_newest_to_the_oldest_and_back(bench: Bench, query: Ask) -> None:
    log, actor = bench.services.audit_log, "pages-of-the-log"
    names = [f"operation{number}" for number in range(5)]
    for name in names:
        log.note(Call(actor, Door.CLI), name)
    await log.flush()
    first = await query(LOG, actor=actor, first=2)
    assert (operations(first), first["auditLog"]["totalCount"]) == (names[:2:-1], 5)
    second = await query(LOG, actor=actor, first=9, after=first["auditLog"]["pageInfo"]["endCursor"])
    assert (operations(second), second["auditLog"]["pageInfo"]["hasNextPage"]) == (names[2::-1], False)
    back = await query(LOG, actor=actor, last=1, before=second["auditLog"]["pageInfo"]["startCursor"])
    assert operations(back) == [names[3]]
    at = first["auditLog"]["edges"][1]["node"]["recordedAt"]
    assert operations(await query(LOG, **{"actor": actor, "from": at})) == names[:2:-1]
    assert operations(await query(LOG, actor=actor, to=at)) == names[2::-1]


async def test_who_reads_it_stands_in_it(bench: Bench, query: Ask, anonymous: httpx.AsyncClient) -> None:
    await query(LOG, first=1)
    refused = (await anonymous.post("/graphql", json={"query": LOG})).json()
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    await bench.services.audit_log.flush()
    found = (await query(LOG, operation="auditLog", first=2))["auditLog"]["edges"]
    told = {(edge["node"]["actor"], edge["node"]["outcome"]) for edge in found}
    assert told == {("demo", "done"), ("anonymous", "UNAUTHENTICATED")}


@pytest.mark.parametrize(
    "given",
    [
        {"first": 0},
        {"first": 101},
        {"after": "x"},
        {"from": "2026-01-01T00:00:00"},
        {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
    ],
)
async def test_what_is_out_of_bounds_is_refused(client: httpx.AsyncClient, given: dict[str, Any]) -> None:
    answer = (await client.post("/graphql", json={"query": LOG, "variables": given})).json()
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.parametrize("name", [None, *FILTERS])
async def test_each_filter_has_an_index_in_the_order_of_the_list(fresh_bench: Bench, name: str | None) -> None:
    rows = fresh_bench.mongo.collection("audit_log")
    order = {"created.recorded_at": -1, "_id": -1}
    find = {"find": rows.name, "filter": {name: "x"} if name else {}, "sort": order, "limit": 10}
    plan = (await rows.database.command("explain", find))["queryPlanner"]["winningPlan"]
    assert "SORT" not in str(plan).replace("SORT_MERGE", "").replace("sort", "")
    assert f"'indexName': '{name or 'newest'}'" in str(plan)


async def test_a_key_without_the_right_may_not_read_it(bench: Bench) -> None:
    async with client_on(bench, key="unknown") as stranger:
        assert (await stranger.post("/graphql", json={"query": LOG})).status_code == 401
