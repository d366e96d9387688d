"""Print jobs over GraphQL and HTTP: asked for, followed, downloaded, cancelled."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.api.graphql.calls import ERRORS, Ask, issued
from tests.conftest import Bench

pytestmark = pytest.mark.anyio

PRINT = f"""mutation($input: PrintLabelsInput!) {{ printLabels(input: $input) {{
  job {{ id state total printed refused format dpi copies template printer reason actor createdAt download }}
  clientMutationId {ERRORS} }} }}"""
CANCEL = f"""mutation($input: PrintJobInput!) {{ cancelPrintJob(input: $input) {{
  job {{ id state }} clientMutationId {ERRORS} }} }}"""
JOB = """query($id: ID!, $refused: Boolean, $first: Int, $after: String) { printJob(id: $id) {
  state total printed refused error startedAt endedAt overrides { rule reason }
  labels(refused: $refused, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node {
    position labelId revision sha256 error { code message rules } label { linkId state } } } } } }"""
LIST = """query($states: [PrintJobState!]) { printJobs(states: $states, first: 100) {
  totalCount edges { node { id state } } } }"""
HISTORY = """query($link: String!) { label(linkId: $link) { history { edges { node { action evidence { name value }
  print { job template templateSha256 format dpi copies sha256 overridden { name value }
    carriers { name symbology content module options { name value } } } } } } } }"""


async def printing(query: Ask, *labels: str, **more: Any) -> dict[str, Any]:
    given = {"labels": labels, "format": "ZPL", "dpi": 203, **more}
    return dict((await query(PRINT, input=given))["printLabels"])


async def worked(bench: Bench) -> None:
    while await bench.services.print_worker.do_next():
        pass


async def test_a_job_is_asked_for_followed_and_downloaded(bench: Bench, query: Ask, client: httpx.AsyncClient) -> None:
    labels = [await issued(query) for _ in range(3)]
    links = [label["linkId"] for label in labels]
    answer = await printing(query, *links, copies=2, clientMutationId=f"night-{uuid.uuid4()}")
    job = answer["job"]
    assert answer["errors"] == []
    assert (job["state"], job["total"], job["format"], job["dpi"], job["copies"]) == ("QUEUED", 3, "ZPL", 203, 2)
    assert (job["actor"], job["template"], job["printer"], job["reason"]) == ("demo", None, None, None)
    assert (await client.get(job["download"])).status_code == 409
    await worked(bench)
    found = (await query(JOB, id=job["id"], first=2))["printJob"]
    assert (found["state"], found["printed"], found["refused"], found["error"]) == ("DONE", 3, 0, None)
    assert found["startedAt"] < found["endedAt"]
    assert (found["labels"]["totalCount"], found["labels"]["pageInfo"]["hasNextPage"]) == (3, True)
    rows = [edge["node"] for edge in found["labels"]["edges"]]
    after = found["labels"]["pageInfo"]["endCursor"]
    rows += [edge["node"] for edge in (await query(JOB, id=job["id"], after=after))["printJob"]["labels"]["edges"]]
    assert [row["label"] for row in rows] == [{"linkId": link, "state": "PRINTED"} for link in links]
    assert [row["revision"] for row in rows] == [2, 2, 2]
    file = await client.get(job["download"])
    assert (file.status_code, file.headers["content-type"]) == (200, "application/zpl")
    assert file.headers["content-disposition"] == f'attachment; filename="{job["id"]}.zpl"'
    assert file.content.count(b"^XA") == 6
    versions = (await query(HISTORY, link=links[0]))["label"]["history"]["edges"]
    assert [edge["node"]["print"] is None for edge in versions] == [False, True]
    made = versions[0]["node"]["print"]
    assert (made["job"], made["template"], made["format"], made["dpi"]) == (job["id"], "asset_tag@builtin", "zpl", 203)
    assert (made["copies"], made["sha256"], len(made["templateSha256"])) == (2, rows[0]["sha256"], 64)
    [carrier] = made["carriers"]
    assert (carrier["name"], carrier["content"]) == ("link", f"HTTP://127.0.0.1:8000/L/{links[0]}")
    assert 0 < float(carrier["module"]) < 2
    assert "carriers" not in [field["name"] for field in versions[0]["node"]["evidence"]]


async def test_refused_labels_are_told_with_their_reason(bench: Bench, query: Ask) -> None:
    first, second = await issued(query), await issued(query)
    await printing(query, first["id"])
    await worked(bench)
    job = (await printing(query, first["id"], second["id"]))["job"]
    await worked(bench)
    found = (await query(JOB, id=job["id"], refused=True))["printJob"]
    assert (found["state"], found["printed"], found["refused"]) == ("DONE", 1, 1)
    [edge] = found["labels"]["edges"]
    assert edge["node"]["error"] == {
        "code": "INVALID_INPUT",
        "message": "reason: REPRINT needs a reason, found none.",
        "rules": [],
    }
    assert found["labels"]["totalCount"] == 1


async def test_a_job_is_cancelled_and_listed(query: Ask) -> None:
    job = (await printing(query, (await issued(query))["id"]))["job"]
    for _ in range(2):
        answer = (await query(CANCEL, input={"job": job["id"]}))["cancelPrintJob"]
        assert answer["job"] == {"id": job["id"], "state": "CANCELLED"}
    listed = (await query(LIST, states=["CANCELLED"]))["printJobs"]
    assert {"id": job["id"], "state": "CANCELLED"} in [edge["node"] for edge in listed["edges"]]
    assert (await query("query($id: ID!) { node(id: $id) { id } }", id=job["id"]))["node"]["id"] == job["id"]
    assert (await query(JOB, id="job_none"))["printJob"] is None


@pytest.mark.parametrize(
    ("given", "path", "found"),
    [
        ({"dpi": 301}, ["dpi"], "expected 203 or 300 or 600, found 301"),
        ({"copies": 0}, ["copies"], "found 0"),
        ({"printer": "line-3", "format": "PDF"}, ["format"], "a printer takes zpl, found pdf"),
        ({"printer": "10.0.0.7:9100"}, ["printer"], "is not known"),
        ({"template": "asset tag"}, ["template"], "is not the id of a template"),
        ({"template": "vin_plate@builtin"}, ["template"], "asset_tag"),
        ({"overrides": [{"rule": "a", "reason": "b"}] * 2}, ["overrides"], "found 'a' twice"),
        ({"overrides": [{"rule": "a", "reason": " "}]}, ["overrides", "reason"], "which is empty"),
        ({"reason": "x\u202ey"}, ["reason"], "U+202E"),
        ({"labels": []}, ["labels"], "at least 1"),
        ({"labels": ["lbl_none"]}, ["labels", "0"], "there is no label 'lbl_none'"),
    ],
)
async def test_what_a_job_may_not_be_is_said(query: Ask, given: dict[str, Any], path: list[str], found: str) -> None:
    label = await issued(query)
    asked = {"labels": [label["id"]], "format": "ZPL", **given}
    answer = (await query(PRINT, input=asked))["printLabels"]
    assert answer["job"] is None
    [error] = answer["errors"]
    assert error["path"] == path
    assert found in error["message"]


async def test_a_template_that_is_not_there_is_not_found(query: Ask) -> None:
    answer = await printing(query, (await issued(query))["id"], template="no-such@7")
    assert [error["code"] for error in answer["errors"]] == ["NOT_FOUND"]


async def test_files_need_a_key_and_a_sheet_that_makes_sense(
    bench: Bench, query: Ask, client: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    labels = [(await issued(query))["id"] for _ in range(3)]
    job = (await printing(query, *labels, format="PDF"))["job"]
    await worked(bench)
    assert (await anonymous.get(job["download"])).status_code == 401
    assert (await client.get("/jobs/job_none.pdf")).status_code == 404
    assert (await client.get(f"/jobs/{job['id']}.zpl")).status_code == 409
    path = job["download"]
    sheet = await client.get(f"{path}?sheet=A4&columns=2&rows=5&margins=10,10,10,10&gaps=2.5,0")
    assert (sheet.status_code, sheet.headers["content-type"]) == (200, "application/pdf")
    assert sheet.content.startswith(b"%PDF")
    for query_text, found in [
        ("sheet=A3&columns=1&rows=1", "expected A4 or LETTER"),
        ("sheet=A4&columns=one&rows=1", "columns: expected a whole number"),
        ("sheet=A4&columns=1", "rows: expected a whole number"),
        ("sheet=A4&columns=1&rows=1&margins=1,2", "margins: expected 4 numbers"),
        ("sheet=A4&columns=1&rows=1&gaps=nan,0", "gaps"),
        ("sheet=A4&columns=90&rows=1", "place on the sheet"),
        (f"sheet=A4&columns={'9' * 40}&rows=1", "columns"),
    ]:
        refused = await client.get(f"{path}?{query_text}")
        assert refused.status_code == 400, refused.text
        assert found in refused.json()["errors"][0]["message"]


async def test_jobs_need_a_key(anonymous: httpx.AsyncClient) -> None:
    for document in (
        "{ printJobs { totalCount } }",
        '{ printJob(id: "job_x") { id } }',
        'mutation { printLabels(input: { labels: ["x"], format: PDF }) { job { id } } }',
    ):
        answer = await anonymous.post("/graphql", json={"query": document})
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", answer.text
