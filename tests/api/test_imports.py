"""The doors of imports: a file goes in by HTTP, GraphQL tells how far it is, and the report comes out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.services.factory import name
from twin.api.web import UPLOADS
from twin.domain.actor import full_actor
from twin.services.audit_log import Wanted
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

CSV = {"content-type": "text/csv; charset=utf-8"}
JOB = """query($id: ID!, $refused: Boolean, $first: Int, $after: String) { importJob(id: $id) {
  id state actor total done refused startedAt endedAt reason error report sha256
  rows(refused: $refused, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    edges { node { row line assetId labelId linkId error { code message path } } } } } }"""


def table(count: int) -> bytes:
    lines = ["kind,name,identifier,profile,face.tag"]
    lines += [f"tool,Drill {at},part:ACME/PN-1/serial/{name()[:16].upper()},asset_tag,T{at}" for at in range(count)]
    return "\r\n".join(lines).encode()


async def test_a_file_goes_in_and_its_report_comes_out(
    bench: Bench, client: httpx.AsyncClient, query: Callable[..., Any]
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        content = table(30) + b"\r\ntool,Spoilt,nonsense,,\r\n"
        for at in range(0, len(content), 500):
            yield content[at : at + 500]

    answer = await client.post("/imports", params={"reason": "opening"}, content=parts(), headers=CSV)
    assert answer.status_code == 202, answer.text
    told = answer.json()["importJob"]
    assert (told["state"], told["total"]) == ("QUEUED", 31)
    assert (await client.get(told["report"][0])).status_code == 409
    waiting = (await query(JOB, id=told["id"]))["importJob"]
    assert (waiting["state"], waiting["done"], waiting["rows"]["totalCount"]) == ("QUEUED", 0, 31)
    assert waiting["rows"]["edges"][0]["node"] == {
        "row": 1, "line": 2, "assetId": None, "labelId": None, "linkId": None, "error": None,
    }  # fmt: skip
    assert await bench.services.import_worker.do_next(told["id"])
    job = (await query(JOB, id=told["id"], refused=True))["importJob"]
    assert (job["state"], job["done"], job["refused"], job["error"], job["reason"]) == ("DONE", 30, 1, None, "opening")
    assert (job["report"], job["rows"]["totalCount"]) == (told["report"], 1)
    [edge] = job["rows"]["edges"]
    assert (edge["node"]["row"], edge["node"]["line"], edge["node"]["error"]["path"]) == (31, 32, ["identifiers", "0"])
    page = (await query(JOB, id=told["id"], first=2, after="4"))["importJob"]["rows"]
    assert [each["node"]["row"] for each in page["edges"]] == [5, 6]
    assert page["pageInfo"] == {"hasNextPage": True, "endCursor": "6"}
    lines = (await client.get(told["report"][0])).text.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["row"] for row in rows] == list(range(1, 32))
    label = await query(
        "query($id: ID!) { label(id: $id) { linkId asset { id history { edges { node { reason } } } } } }",
        id=rows[0]["label"],
    )
    asset = {"id": rows[0]["asset"], "history": {"edges": [{"node": {"reason": "opening"}}]}}
    assert label["label"] == {"linkId": rows[0]["linkId"], "asset": asset}
    spread = await client.get(told["report"][1])
    assert spread.headers["content-type"].startswith("text/csv")
    assert len(spread.text.splitlines()) == 32


async def test_imports_are_listed_and_are_nodes(client: httpx.AsyncClient, query: Callable[..., Any]) -> None:
    job = (await client.post("/imports", content=table(1), headers=CSV)).json()["importJob"]["id"]
    found = await query("{ importJobs(states: [QUEUED], first: 1) { totalCount edges { node { id actorName } } } }")
    assert found["importJobs"]["edges"][0]["node"]["id"] == job
    assert found["importJobs"]["totalCount"] >= 1
    node = await query("query($id: ID!) { node(id: $id) { id __typename } }", id=job)
    assert node["node"] == {"id": job, "__typename": "ImportJob"}
    assert (await query(JOB, id="imp_none"))["importJob"] is None


async def test_a_repeat_answers_the_same_import_and_another_file_is_refused(client: httpx.AsyncClient) -> None:
    mine, content = {"clientMutationId": name()}, table(2)
    first, second = [await client.post("/imports", params=mine, content=content, headers=CSV) for _ in range(2)]
    assert first.json()["importJob"]["id"] == second.json()["importJob"]["id"]
    other = await client.post("/imports", params=mine, content=table(2), headers=CSV)
    assert other.status_code == 409
    assert other.json()["errors"][0]["extensions"]["code"] == "MUTATION_ID_REUSED"


async def test_what_is_no_file_of_ours_is_refused_with_what_was_expected(client: httpx.AsyncClient) -> None:
    for answer, status, word in (
        (await client.post("/imports", content=b"x", headers={"content-type": "text/plain"}), 400, "text/csv"),
        (await client.post("/imports", content=b"", headers=CSV), 400, "at least one row"),
        (await client.post("/imports", content=b"a,b\n", headers=CSV), 400, "'a'"),
        (await client.post("/imports", params={"x": "1"}, content=table(1), headers=CSV), 400, "clientMutationId"),
        (
            await client.post("/imports?clientMutationId=a%20b", content=table(1), headers=CSV),
            400,
            "'a b'",
        ),
        (await client.get("/imports/imp_none.csv"), 404, "imp_none"),
    ):
        assert answer.status_code == status, answer.text
        assert word in answer.json()["errors"][0]["message"]


async def test_a_file_may_be_larger_than_other_requests(client: httpx.AsyncClient) -> None:
    assert UPLOADS.fullmatch("/imports")
    assert not UPLOADS.fullmatch("/imports/imp_none.csv")
    content = table(6_000)
    assert len(content) > 256 * 1024
    answer = await client.post("/imports", content=content, headers=CSV)
    assert (answer.status_code, answer.json()["importJob"]["total"]) == (202, 6_000)


async def test_who_has_no_right_is_refused_before_the_file_is_read(anonymous: httpx.AsyncClient) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError
        yield b""

    assert (await anonymous.post("/imports", content=never(), headers=CSV)).status_code == 401


async def test_an_import_has_a_row_in_the_audit_log(bench: Bench, client: httpx.AsyncClient) -> None:
    mutation = name()
    answer = await client.post("/imports", params={"clientMutationId": mutation}, content=table(1), headers=CSV)
    await bench.services.audit_log.flush()
    rows = await bench.services.audit_log.page(
        full_actor("auditor"), Wanted(operation="POST /imports"), PageRequest(50)
    )
    [row] = [row for row in rows.documents if row.get("mutation") == mutation]
    assert (row["outcome"], row["nodes"]) == ("done", [{"id": answer.json()["importJob"]["id"], "revision": None}])
