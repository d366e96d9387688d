"""What one operation may ask for: depth and cost are bounded, and weighing them is cheap however it is written."""

from __future__ import annotations

import asyncio
import time
import uuid

import httpx
import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_introspection_query, parse

from tests.api.graphql.calls import REGISTER, Ask, issued
from tests.api.graphql.sockets import opened, served
from tests.conftest import KEY, PUBLIC_URL, Bench
from twin.api import web
from twin.api.graphql.bounds import MOST_ALIASES, MOST_COST, MOST_DIRECTIVES, PAGED, Signs, refusal
from twin.api.graphql.schema import schema

pytestmark = pytest.mark.anyio

PAGES = "labels(first: 100) { edges { node { history(first: 100) { edges { node { revision } } } } } }"
DEEP = "{ labels { edges { node { " + "asset { labels { edges { node { " * 5 + "id" + " } } } }" * 5 + " } } } }"
BOMB = "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
BOMB += " fragment F40 on Query { __typename }"


def test_the_paged_fields_are_those_that_take_first_and_last() -> None:
    found = {
        name
        for kind in schema._schema.type_map.values()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        for name, field in kind.fields.items()
        if "first" in field.args
    }
    assert found == PAGED


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ("{ templates(first: 49) { edges { node { preview } } } }", None),
        ("{ templates(first: 50) { edges { node { preview } } } }", "asks for up to"),
        ("{ a: builtinTemplates { preview } b: builtinTemplates { preview } }", None),
        ("{ " + " ".join(f"a{n}: builtinTemplates {{ preview }}" for n in range(3)) + " }", "asks for up to"),
        (DEEP, "levels deep"),
        (f"{{ {PAGES} }}", "asks for up to"),
        (f"{{ ...All }} fragment All on Query {{ {PAGES} }}", "asks for up to"),
        (f"{{ ... on Query {{ {PAGES} }} }}", "asks for up to"),
        ("{ " + " ".join(f'a{n}: node(id: "lbl_a") {{ id }}' for n in range(MOST_COST // 2 + 1)) + " }", "asks for"),
        (BOMB, "asks for"),
        ("query A { __typename } query B { " + PAGES + " }", None),
        ("{ labels(first: 100) { edges { node { id state face { value } asset { name } } } } }", None),
    ],
    ids=[
        "49 previews",
        "50 previews",
        "2 x built in",
        "3 x built in",
        "deep",
        "pages",
        "pages in a fragment",
        "pages inline",
        "aliases",
        "fragments",
        "the other operation",
        "fair",
    ],
)
def test_what_asks_for_too_much_is_refused(document: str, found: str | None) -> None:
    begun = time.perf_counter()
    error = refusal(parse(document), "A" if "query A" in document else None, {})
    assert time.perf_counter() - begun < 5, "weighing is linear: this takes milliseconds"
    assert (error is None) if found is None else (error is not None and found in error.message)


def test_page_sizes_count_when_they_are_variables() -> None:
    document = parse("query($n: Int) { labels(first: $n) { edges { node { history(first: $n) { totalCount } } } } }")
    assert refusal(document, None, {"n": 10}) is None
    assert refusal(document, None, {"n": 100}) is not None
    assert refusal(document, None, {"n": "ten"}) is None


async def test_introspection_is_answered_but_not_nested_without_end(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/graphql", json={"query": get_introspection_query()})).json()
    assert answer["data"]["__schema"]["queryType"]["name"] == "Query"
    nested = "fields { type { %s } }"
    for _ in range(4):
        nested = nested % "fields { type { %s } }"
    answer = (
        await client.post("/graphql", json={"query": f"{{ __schema {{ types {{ {nested % 'name'} }} }} }}"})
    ).json()
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_QUERY"


async def test_a_fragment_bomb_does_not_hold_up_the_service(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": BOMB})
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_QUERY"
    long = "{ " + "__typename " * 3000 + "}"
    answer = await client.post("/graphql", json={"query": long})
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_QUERY"


async def test_what_is_too_much_reads_nothing(client: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(query)
    nested = "history(first: 100) { edges { node { label { %s } } } }"
    document = f'{{ label(linkId: "{label["linkId"]}") {{ {nested % (nested % (nested % "state"))} }} }}'
    answer = await client.post("/graphql", json={"query": document})
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_QUERY"


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ("{ " + " ".join(f"a{n}: __typename" for n in range(MOST_ALIASES)) + " }", None),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(MOST_ALIASES + 1)) + " }", "101 aliases"),
        ("{ __typename " + "... @include(if: true) { __typename } " * (MOST_DIRECTIVES + 1) + "}", "101 directives"),
        ("{ ...F } fragment F on Query { x: __schema { queryType { name } } }", "The schema is shown"),
        ('{ ... on Query { __type(name: "Query") { name } } }', "The schema is shown"),
    ],
)
def test_what_bears_too_many_signs_is_refused(document: str, found: str | None) -> None:
    error = Signs.of(parse(document)).refusal(introspection=False)
    assert (error is None) if found is None else (error is not None and found in error.message)


async def test_the_schema_is_for_who_has_a_key(bench: Bench) -> None:
    wrong = {"query": "{ labelz { totalCount } }"}
    application = web.application(bench.services, graphiql=False, demo_key=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=PUBLIC_URL) as closed:
        keyed = {"authorization": f"Bearer {KEY}"}
        for headers, told in (({}, False), (keyed, True), ({}, False)):
            schema_answer = await closed.post("/graphql", json={"query": get_introspection_query()}, headers=headers)
            assert ("errors" not in schema_answer.json()) is told
            error = (await closed.post("/graphql", json=wrong, headers=headers)).json()["errors"][0]
            assert error["extensions"] == {"code": "INVALID_QUERY"}
            assert error["locations"] == [{"line": 1, "column": 3}]
            assert ("Did you mean" in error["message"]) is told


async def test_an_operation_that_takes_too_long_is_cut_off_and_can_be_repeated(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = {"kind": "vehicle", "name": "Late", "clientMutationId": uuid.uuid4().hex}
    asked = {"query": REGISTER, "variables": {"input": asset}}
    with monkeypatch.context() as short:
        short.setattr("twin.api.graphql.deadline.LONGEST_S", 0)
        found = (await client.post("/graphql", json=asked)).json()
    assert ("data" in found, found["errors"][0]["extensions"]) == (False, {"code": "TIMED_OUT"})
    again = (await client.post("/graphql", json=asked)).json()
    assert again["data"]["registerAsset"]["errors"] == []


async def test_over_a_websocket_an_operation_has_the_same_time_and_a_subscription_its_start(
    bench: Bench, query: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = {"kind": "vehicle", "name": "Late", "clientMutationId": uuid.uuid4().hex}
    start = (await query("{ changesCursor }"))["changesCursor"]
    subscription = "subscription($after: String) { changes(after: $after) { cursor } }"
    application = web.application(bench.services, graphiql=True, demo_key=None)
    async with served(application) as url, opened(url, KEY) as socket:
        with monkeypatch.context() as short:
            short.setattr("twin.api.graphql.deadline.LONGEST_S", 0)
            await socket.subscribe(REGISTER, input=asset)
            refused = await socket.get()
            assert (refused["type"], refused["id"]) == ("error", "1")
            assert refused["payload"][0]["extensions"] == {"code": "TIMED_OUT"}
            await socket.subscribe(subscription, "2", after=start)
            answer = await socket.get()
            found = answer["payload"]["errors"] if answer["type"] == "next" else answer["payload"]
            assert found[0]["extensions"] == {"code": "TIMED_OUT"}
            if answer["type"] == "next":
                assert (await socket.get())["type"] == "complete"
        with monkeypatch.context() as short:
            short.setattr("twin.api.graphql.deadline.LONGEST_S", 1.0)
            await socket.subscribe(subscription, "3", after=start)
            await asyncio.sleep(1.2)  # longer than a start may take
            await socket.subscribe(REGISTER, "4", input=asset)
            kinds = {(message["type"], message["id"]) for message in [await socket.get() for _ in range(3)]}
            assert kinds == {("next", "3"), ("next", "4"), ("complete", "4")}
