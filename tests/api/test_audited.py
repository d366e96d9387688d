"""What each door tells the audit log."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.api.graphql.calls import Ask, issued, move
from tests.api.graphql.sockets import connected, opened, served
from tests.conftest import PUBLIC_URL, Clock, client_on
from tests.renderers.photos import drawn, file_of
from twin.api import web
from twin.api.audited import Refusals
from twin.api.edge import Edge
from twin.domain.actor import Role, full_actor
from twin.services.audit_log import AuditLog

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

REVISE = move("reviseLabel", "ReviseLabelInput")


async def row_of(bench: Bench, answer: httpx.Response) -> dict[str, Any]:
    """The one row of a request."""
    await bench.services.audit_log.flush()
    query = {"request_id": answer.headers["x-request-id"]}
    [row] = await bench.mongo.collection("audit_log").find(query).to_list(None)
    return dict(row)


async def ask(client: httpx.AsyncClient, query: str, **given: Any) -> httpx.Response:
    body = {"query": query, "variables": {"input": given}}
    return await client.post("/graphql", json=body, headers={"user-agent": "line-7/2.1 (plant; secret) x"})


async def test_a_change_and_its_refusals_are_found_by_their_request(
    bench: Bench, client: httpx.AsyncClient, query: Ask
) -> None:
    label, mutation = await issued(query), uuid.uuid4().hex
    given = {"label": label["id"], "face": [{"name": "tag", "value": "T-2"}], "reason": "typo"}
    done = await row_of(bench, await ask(client, REVISE, **given, expectedRevision=1, clientMutationId=mutation))
    assert (done["operation"], done["outcome"], done["door"]) == ("reviseLabel", "done", "graphql")
    assert (done["client"], done["mutation"]) == ("line-7/2.1", mutation)
    [node] = done["nodes"]
    assert node == {"id": label["id"], "revision": 2}
    [version] = await bench.store.labels.collection.aggregate(
        [
            {"$match": {"_id": node["id"]}},
            {"$unwind": "$versions"},
            {"$replaceRoot": {"newRoot": "$versions"}},
            {"$match": {"revision": node["revision"]}},
        ]
    ).to_list(None)
    assert (version["action"], version["actor"]) == ("REVISE", done["actor"])
    late = await row_of(bench, await ask(client, REVISE, **given, expectedRevision=1))
    assert (late["outcome"], late["actor"]) == ("REVISION_CONFLICT", done["actor"])
    assert "nodes" not in late
    assert "T-2" not in str(late) + str(done)


async def test_the_anonymous_and_strangers_leave_rows(bench: Bench, anonymous: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(query)
    given = {"label": label["id"], "face": [{"name": "tag", "value": "T-2"}], "reason": "typo", "expectedRevision": 1}
    row = await row_of(bench, await ask(anonymous, REVISE, **given))
    assert (row["actor"], row["operation"], row["outcome"]) == ("anonymous", "reviseLabel", "UNAUTHENTICATED")
    question = await anonymous.post("/graphql", json={"query": "{ mine: labels { edges { cursor } } }"})
    row = await row_of(bench, question)
    assert (row["operation"], row["outcome"]) == ("labels", "UNAUTHENTICATED")
    async with client_on(bench, key="not-a-key") as stranger:
        row = await row_of(bench, await ask(stranger, REVISE, **given))
        assert (row["door"], row["operation"], row["outcome"]) == ("http", "POST /graphql", "UNAUTHENTICATED")
        assert "not-a-key" not in str(row)


async def test_a_photo_leaves_a_row(bench: Bench, client: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(query)
    for name, given in (("printLabel", "PrintLabelInput"), ("applyLabel", "LabelInput")):
        await query(move(name, given), input={"label": label["id"]})
    refused = await client.post(
        f"/L/{label['linkId']}/photo", content=file_of(drawn(("TWIN-42", "qr"))), params={"expectedRevision": "7"}
    )
    row = await row_of(bench, refused)
    assert (row["operation"], row["outcome"]) == ("POST /L/{link_id}/photo", "REVISION_CONFLICT")
    done = await client.post(f"/L/{label['linkId']}/photo", content=file_of(drawn((label["payload"], "qr"))))
    row = await row_of(bench, done)
    assert (row["actor"], row["outcome"], row["nodes"]) == ("demo", "done", [{"id": label["id"], "revision": 4}])


async def test_whoever_reads_what_anybody_may_leaves_no_row(bench: Bench, anonymous: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/L/0000000000000"):
        answer = await anonymous.get(path)
        await bench.services.audit_log.flush()
        query = {"request_id": answer.headers["x-request-id"]}
        assert await bench.mongo.collection("audit_log").count_documents(query) == 0


async def test_a_fault_has_one_request_id_in_the_answer_the_error_and_the_row(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(type(bench.services.labels), "void", broken)
    async with client_on(bench) as client:
        answer = await ask(client, move("voidLabel"), label="lbl_x", reason="misprint")
    row = await row_of(bench, answer)
    [error] = answer.json()["errors"]
    assert error["extensions"]["requestId"] == row["request_id"] == answer.headers["x-request-id"]
    assert (row["operation"], row["outcome"]) == ("voidLabel", "INTERNAL")
    assert "hunter2" not in str(row)


async def test_who_has_not_the_right_leaves_a_row_with_a_name(bench: Bench, query: Ask) -> None:
    label = await issued(query)
    key = await bench.services.keys.add(full_actor("chief"), "viewer-3", roles=[Role.VIEWER])
    async with client_on(bench) as client:
        client.headers["authorization"] = f"Bearer {key}"
        changed = await ask(client, move("voidLabel"), label=label["id"], reason="misprint")
        read = await client.post("/graphql", json={"query": "{ auditLog { edges { cursor } } }"})
    actor = (await bench.services.keys.actor(key)).id
    row = await row_of(bench, changed)
    assert (row["actor"], row["operation"], row["outcome"]) == (actor, "voidLabel", "FORBIDDEN")
    row = await row_of(bench, read)
    assert (row["actor"], row["operation"], row["outcome"]) == (actor, "auditLog", "FORBIDDEN")


async def test_a_key_that_is_none_leaves_a_row_where_it_opens_a_connection(fresh_bench: Bench) -> None:
    application = web.application(fresh_bench.services, graphiql=False, demo_key=None)
    async with served(application) as url:
        for given in ("Bearer wrong", "Basic eDp5"):
            async with connected(url, additional_headers={"User-Agent": "listener/1"}) as listening:
                await listening.send(type="connection_init", payload={"Authorization": given})
                await listening.refused()
    await fresh_bench.services.audit_log.flush()
    rows = await fresh_bench.mongo.collection("audit_log").find().to_list(None)
    assert sum(row["times"] for row in rows) == 2
    for row in rows:
        told = (row["actor"], row["door"], row["operation"], row["outcome"])
        assert told == ("anonymous", "graphql", "connection_init", "UNAUTHENTICATED")
        assert row["client"] == "listener/1"
    assert "wrong" not in repr(rows)


async def test_what_is_refused_on_a_connection_leaves_rows_too(fresh_bench: Bench) -> None:
    async with (
        served(web.application(fresh_bench.services, graphiql=False, demo_key=None)) as url,
        opened(url) as listening,
    ):
        await listening.subscribe("subscription { changes { cursor } }")
        await listening.failed()
        await listening.subscribe('mutation { voidLabel(input: {label: "x"}) { errors { code } } }')
        await listening.failed()
    await fresh_bench.services.audit_log.flush()
    rows = await fresh_bench.mongo.collection("audit_log").find().sort("_id").to_list(None)
    told = [(row["operation"], row["outcome"]) for row in rows]
    assert told == [("subscription", "UNAUTHENTICATED"), ("voidLabel", "UNAUTHENTICATED")]


async def test_a_changing_request_that_no_use_case_has_seen_leaves_a_row_too(bench: Bench) -> None:
    edge = Edge(hosts=frozenset(), rate_caller=2)
    application = web.application(bench.services, graphiql=False, demo_key=None, edge=edge)
    key = await bench.services.keys.add(full_actor("chief"), "hasty", roles=["operator"])
    hasty = (await bench.services.keys.actor(key)).id
    asked: list[tuple[str, str, dict[str, Any], str]] = [
        ("POST /nowhere/at/all", "-", {}, "NOT_FOUND"),
        ("DELETE /healthz", "/healthz", {}, "METHOD_NOT_ALLOWED"),
        ("POST /graphql", "-", {"content": b"x" * 300_000}, "TOO_LARGE"),
        ("POST /graphql", "-", {"headers": {"host": "evil.example"}}, "MISDIRECTED"),
        ("POST /graphql", "/graphql", {"content": b"{"}, "BAD_REQUEST"),
        ("POST /graphql", "/graphql", {"headers": {"authorization": "Bearer none"}}, "UNAUTHENTICATED"),
        ("POST /L/0123456789ABC8/photo", "/L/{link_id}/photo", {}, "UNAUTHENTICATED"),
    ]
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        for what, route, more, code in asked:
            method, path = what.split()
            answer = await client.request(method, path, **more)
            row = await row_of(bench, answer)
            assert (row["operation"], row["outcome"], row["actor"]) == (f"{method} {route}", code, "anonymous")
            assert row["times"] == 1
        client.headers["authorization"] = f"Bearer {key}"
        while (last := await client.post("/graphql", json={"query": "{ __typename }"})).status_code == 200:
            pass
        row = await row_of(bench, last)
        assert (row["operation"], row["outcome"], row["actor"]) == ("POST -", "RATE_LIMITED", hasty)
        for read in ("GET", "BREW"):
            refused = await client.request(read, "/nowhere/at/all")
            await bench.services.audit_log.flush()
            query = {"request_id": refused.headers["x-request-id"]}
            assert not await bench.mongo.collection("audit_log").find_one(query)


async def test_requests_that_are_refused_alike_in_one_second_are_one_row(bench: Bench) -> None:
    class Still(Clock):
        def __call__(self) -> datetime:
            return self.now

    log = AuditLog(bench.store.audit_log, Still())
    operation = f"/{uuid.uuid4().hex}"

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = Route(operation, refuse)
        await Response(status_code=413)(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(Refusals(refuse, log)), base_url=PUBLIC_URL) as client:
        for _ in range(100):
            await client.post("/")
    assert log.waiting == 1
    await log.flush()
    [row] = await bench.mongo.collection("audit_log").find({"operation": f"POST {operation}"}).to_list(None)
    assert (row["times"], row["outcome"]) == (100, "TOO_LARGE")
