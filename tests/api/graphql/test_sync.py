"""Batches for phones: each item as its own mutation, in order; and what has changed since."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from graphql import GraphQLInputObjectType, get_named_type

from tests.api.graphql.calls import ERRORS, Ask, issued, move
from tests.conftest import bench_on, client_on
from tests.services.factory import new_asset
from twin.api.graphql.schema import schema
from twin.domain.actor import ANONYMOUS, Actor, Role, full_actor
from twin.domain.history import Command
from twin.errors import InvalidInput, TooLarge, Unauthenticated, Unavailable
from twin.services.audit_log import MOST_WAITING, Call, Door
from twin.services.labels import Order
from twin.services.sync import MOST, in_order

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

SYNC = f"""mutation($input: SyncInput!) {{ sync(input: $input) {{ cursor more errors {{ code message path }}
  outcomes {{ clientMutationId status nodes {{ id revision }} {ERRORS} }}
  changed {{ cursor version {{ revision ... on LabelVersion {{ label {{ id }} }}
    ... on AssetVersion {{ asset {{ id }} }} }} }} }} }}"""
PLACE = "query($id: ID!) { asset(id: $id) { whereabouts { place } facts(first: 9) { totalCount } } }"
AT = "2026-03-01T{:02}:00:00Z"


def item(kind: str, hour: int = 0, **given: Any) -> dict[str, Any]:
    """One item; the service's clock begins at eight, and some hours before are as good as any."""
    return {kind: {"clientMutationId": uuid.uuid4().hex, "occurredAt": AT.format(hour), **given}}


async def synced(query: Ask, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return dict((await query(SYNC, input={"mutations": list(items), **more}))["sync"])


async def early(bench: Bench, actor: Actor) -> str:
    """An asset that was there long before."""
    return await new_asset(bench, actor, command=Command(occurred_at=bench.clock.now.replace(year=2025)))


def test_each_item_is_the_input_of_the_mutation_of_its_name() -> None:
    whole = schema._schema
    offered = whole.type_map["SyncMutationInput"]
    assert isinstance(offered, GraphQLInputObjectType)
    mutations = whole.mutation_type
    assert mutations is not None
    for name, field in offered.fields.items():
        assert field.type is get_named_type(mutations.fields[name].args["input"].type), name


async def test_an_item_is_refused_as_its_mutation_refuses_it_and_the_rest_goes_on(query: Ask) -> None:
    label = (await issued(query))["id"]
    cases = [
        ("applyLabel", "LabelInput", {"label": label}),
        ("applyLabel", "LabelInput", {"label": "lbl_none"}),
        ("voidLabel", "LabelInput", {"label": label}),
        ("reviseLabel", "ReviseLabelInput", {"label": label, "expectedRevision": 7, "attributes": []}),
    ]
    items = [{name: {"clientMutationId": uuid.uuid4().hex, **given}} for name, _, given in cases]
    now = (await query("query($id: ID!) { label(id: $id) { issued { occurredAt } } }", id=label))["label"]["issued"]
    for each in items:
        next(iter(each.values()))["occurredAt"] = now["occurredAt"]
    last = {"printLabel": {"clientMutationId": "p" + label, "label": label, **now}}
    alone = [
        (await query(move(name, kind), input={**each[name], "clientMutationId": None}))[name]["errors"]
        for (name, kind, _), each in zip(cases, items, strict=True)
    ]
    found = await synced(query, *items, last)
    assert [each["errors"] for each in found["outcomes"]] == [*alone, []]
    assert {(each["status"], *each["nodes"]) for each in found["outcomes"][:-1]} == {("REJECTED",)}
    assert [error["errors"][0]["code"] for error in found["outcomes"][:-1]] == [
        "ILLEGAL_MOVE",
        "NOT_FOUND",
        "INVALID_INPUT",
        "REVISION_CONFLICT",
    ]
    assert found["outcomes"][-1]["status"] == "ACCEPTED"
    assert found["outcomes"][-1]["nodes"] == [{"id": label, "revision": 2}]


async def test_an_item_is_one_mutation(client: httpx.AsyncClient) -> None:
    for wrong in ({}, item("recordScan", text="x") | item("applyLabel", label="lbl_none"), {"recordScan": None}):
        given = {"mutations": [item("recordScan", text="x"), wrong]}
        answer = (await client.post("/graphql", json={"query": SYNC, "variables": {"input": given}})).json()
        assert answer["errors"][0]["extensions"]["code"] == "INVALID_QUERY", wrong


async def test_an_item_says_its_name_and_its_time(query: Ask) -> None:
    label = (await issued(query))["id"]
    given = [{"printLabel": {"label": label, "occurredAt": AT.format(1)}}, {"printLabel": {"label": label}}]
    given[1]["printLabel"]["clientMutationId"] = uuid.uuid4().hex
    found = (await synced(query, *given))["outcomes"]
    assert [(each["errors"][0]["code"], each["errors"][0]["path"]) for each in found] == [
        ("INVALID_INPUT", ["clientMutationId"]),
        ("INVALID_INPUT", ["occurredAt"]),
    ]


async def test_of_movements_the_newest_says_where_a_thing_is_whenever_it_comes(
    query: Ask, bench: Bench, actor: Actor
) -> None:
    asset = await early(bench, actor)

    def moved(hour: int) -> dict[str, Any]:
        return item("recordMovement", hour, assets=[{"asset": asset}], movement="TRANSFER", place=f"P-{hour}")

    for hours, place in (((3,), "P-3"), ((5, 4), "P-5"), ((1, 2), "P-5")):
        found = await synced(query, *map(moved, hours))
        assert {each["status"] for each in found["outcomes"]} == {"ACCEPTED"}
        assert (await query(PLACE, id=asset))["asset"]["whereabouts"]["place"] == place
    assert (await query(PLACE, id=asset))["asset"]["facts"]["totalCount"] == 5


async def test_notes_add_up(query: Ask, bench: Bench, actor: Actor) -> None:
    asset = await early(bench, actor)
    notes = [item("recordNote", hour, assets=[asset], text=f"Note {hour}") for hour in (3, 1, 2)]
    await synced(query, *notes, *notes)
    facts = await query(
        "query($id: ID!) { asset(id: $id) { revision facts(first: 9) { edges { node { kind details { value } } } } } }",
        id=asset,
    )
    found = [edge["node"] for edge in facts["asset"]["facts"]["edges"]]
    assert [(fact["kind"], fact["details"][0]["value"]) for fact in found] == [
        ("NOTE", f"Note {hour}") for hour in (3, 2, 1)
    ]
    assert facts["asset"]["revision"] == 4
    [refused] = (await synced(query, item("recordNote", assets=[asset], text="x" * 1_001)))["outcomes"]
    assert refused["errors"][0]["code"] == "TOO_LARGE"


async def test_each_item_needs_the_right_of_its_mutation_and_has_its_row(bench: Bench, query: Ask) -> None:
    label = (await issued(query))["id"]
    name = f"viewer-{uuid.uuid4().hex[:8]}"
    key = await bench.services.keys.add(full_actor("chief"), name, roles=[Role.VIEWER])
    items = [item("printLabel", label=label), item("recordScan", text="x")]
    async with client_on(bench, key=key) as viewer:
        answer = await viewer.post("/graphql", json={"query": SYNC, "variables": {"input": {"mutations": items}}})
    found = answer.json()["data"]["sync"]
    assert [(each["status"], each["errors"][0]["code"]) for each in found["outcomes"]] == [
        ("REJECTED", "FORBIDDEN")
    ] * 2
    await bench.services.audit_log.flush()
    rows = bench.mongo.collection("audit_log").find({"request_id": answer.headers["x-request-id"]})
    told = sorted([(row["operation"], row["outcome"]) async for row in rows])
    assert told == [("printLabel", "FORBIDDEN"), ("recordScan", "FORBIDDEN"), ("sync", "done")]


async def test_nobody_syncs_without_a_key(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/graphql", json={"query": SYNC, "variables": {"input": {"mutations": []}}})
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_batch_that_is_too_large_is_refused_as_a_whole(query: Ask, bench: Bench) -> None:
    before = await bench.mongo.collection("scans").count_documents({})
    found = await synced(query, *[item("recordScan", text="x") for _ in range(MOST + 1)])
    assert (found["outcomes"], found["errors"][0]["code"]) == ([], "TOO_LARGE")
    assert await bench.mongo.collection("scans").count_documents({}) == before


async def test_a_fault_at_one_item_does_not_stop_the_rest(query: Ask, bench: Bench) -> None:
    broken, whole = (await issued(query))["id"], (await issued(query))["id"]
    await bench.mongo.collection("labels").update_one({"_id": broken}, {"$set": {"head.state": "NONSENSE"}})
    at = bench.clock.now.isoformat()
    items = [item("voidLabel", label=label, reason="old", occurredAt=at) for label in (broken, whole)]
    found = (await synced(query, *items))["outcomes"]
    assert [each["status"] for each in found] == ["REJECTED", "ACCEPTED"]
    assert found[0]["errors"][0]["code"] == "INTERNAL"
    assert "NONSENSE" not in str(found)


async def test_what_is_not_reached_is_told_and_none_after_it_is_done(actor: Actor) -> None:
    done: list[str] = []

    async def step(name: str) -> str:
        done.append(name)
        if name == "late":
            await asyncio.Event().wait()
        if name == "lost":
            raise Unavailable("not now")
        return name

    for stop in ("late", "lost"):
        done.clear()
        found = await in_order(actor, [lambda n=n: step(n) for n in ("one", stop, "three")], 0.2)  # type: ignore[misc]
        assert (found, done) == (["one"], ["one", stop])
    with pytest.raises(TooLarge):
        await in_order(actor, [lambda: step("one")] * (MOST + 1))
    with pytest.raises(Unauthenticated):
        await in_order(ANONYMOUS, [])


async def test_what_is_not_done_is_sent_again_and_done(mongo_uri: str) -> None:
    async with bench_on(mongo_uri) as bench, client_on(bench) as client:
        log = bench.services.audit_log  # nobody writes it here, so that it has room for one row, and then for none
        for number in range(MOST_WAITING - 1):
            log.note(Call("tester", Door.CLI), f"operation{number}")
        given = {"mutations": [item("recordScan", text=f"{number}") for number in range(3)]}
        body = {"query": SYNC, "variables": {"input": given}}
        told = (await client.post("/graphql", json=body)).json()["data"]["sync"]
        assert [each["status"] for each in told["outcomes"]] == ["ACCEPTED", "NOT_DONE", "NOT_DONE"]
        assert [(each["nodes"] != [], each["errors"]) for each in told["outcomes"]] == [(True, []), *[(False, [])] * 2]
        await log.flush()
        again = (await client.post("/graphql", json=body)).json()["data"]["sync"]
        assert {each["status"] for each in again["outcomes"]} == {"ACCEPTED"}
        assert again["outcomes"][0] == told["outcomes"][0]
        assert await bench.mongo.collection("scans").count_documents({}) == 3


async def test_a_device_is_told_what_has_changed_page_by_page(mongo_uri: str, actor: Actor) -> None:
    async with bench_on(mongo_uri) as bench:
        changes, labels = bench.services.changes, bench.services.labels
        begun = await changes.since(actor, None)
        assert (begun.changes, begun.more) == ([], False)
        asset = await early(bench, actor)
        await labels.issue(actor, [Order(asset, "asset_tag", {"tag": "1"})] * 150, Command())
        first = await changes.since(actor, begun.cursor)
        second = await changes.since(actor, first.cursor)
        assert (len(first.changes), first.more, len(second.changes), second.more) == (100, True, 51, False)
        twins = [told.twin for told in (*first.changes, *second.changes)]
        assert len(set(twins)) == 151
        assert (await changes.since(actor, second.cursor)).changes == []
        with pytest.raises(InvalidInput):
            await changes.since(actor, "x")


async def test_a_cursor_that_is_too_old_is_told_beside_the_outcomes(query: Ask, mongo_uri: str, actor: Actor) -> None:
    async with bench_on(mongo_uri) as other, client_on(other) as client:
        body = {"query": "{ changesCursor }"}
        foreign = (await client.post("/graphql", json=body)).json()["data"]["changesCursor"]
    found = await synced(query, item("recordScan", text="x"), since=foreign)
    assert found["outcomes"][0]["status"] == "ACCEPTED"
    assert (found["cursor"], found["more"], found["changed"]) == (None, False, [])
    assert (found["errors"][0]["code"], found["errors"][0]["path"]) == ("CURSOR_TOO_OLD", ["since"])
    assert found["errors"][0]["message"].startswith("since:")
