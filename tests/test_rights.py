"""Who may do what: every root field and every route, asked as every role, is what `docs/rights.md` says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)
from starlette.routing import Mount, Route, WebSocketRoute

from tests.conftest import PUBLIC_URL, bench_on
from twin.api import web
from twin.api.graphql.schema import schema
from twin.domain.actor import Role, full_actor

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

TABLE = Path(__file__).parents[1] / "docs" / "rights.md"
CALLERS = ("anonymous", *Role)
REFUSED = {"UNAUTHENTICATED", "FORBIDDEN"}
TEXTS = {
    "occurredAt": "2026-01-01T00:00:00Z",
    "linkId": "0000000000000",
    "template": "none@1",
    "after": "x",
    "expectedRevision": 1,
}
SCALARS: dict[str, Any] = {
    "ID": "lbl_none",
    "String": "x",
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "DateTime": "2026-01-01T00:00:00Z",
    "Date": "2026-01-01",
}
LINKS = {"description": "x", "links": [], "expectedRevision": 0}
INPUTS: dict[str, dict[str, Any]] = {  # where an input that is none would be refused first
    "asset": {"id": "ast_none"},
    "openRecall": {"input": {"title": "x", "notice": "x", "criteria": {"assets": ["ast_none"]}}},
    "setLinks": {"input": {"identifier": "01/09506000134352", **LINKS}},
    "setLinksets": {"input": {"levels": [{"identifier": "01/09506000134352", **LINKS}]}},
    "drawTemplate": {
        "input": {
            "name": "x",
            "profile": "ASSET_TAG",
            "width": 50.0,
            "height": 25.0,
            "elements": [{"symbol": {"x": 1.5, "y": 1.5, "carrier": "link", "module": 0.5}}],
        }
    },
}
SAMPLES = {
    "link_id": "0000000000000",
    "id": "asset_tag@builtin",
    "job": "job_none",
    "recall": "rcl_none",
    "key": "01",
    "code": "AQnYUc1gmg",
    "rest": "09506000134352",
    "path": "01/09506000134352",
}
LIVE = {"changes", "labelChanged"}  # subscriptions: tests of their own ask for them
PUBLIC_ROUTES = {"/static"}


def value_of(kind: GraphQLInputType, name: str = "") -> Any:
    """A value that the schema takes; nothing needs to exist that it names."""
    if isinstance(kind, GraphQLNonNull):
        return value_of(kind.of_type, name)
    if isinstance(kind, GraphQLList):
        return [value_of(kind.of_type, name)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        wanted = {each: field for each, field in kind.fields.items() if is_required_input_field(field)}
        wanted = wanted or dict(list(kind.fields.items())[:1])  # one of them, then
        return {each: value_of(field.type, each) for each, field in wanted.items()}
    assert isinstance(kind, GraphQLScalarType)
    return TEXTS.get(name, SCALARS[kind.name])


def document_of(operation: str, name: str, field: GraphQLField) -> tuple[str, dict[str, Any]]:
    """An operation that asks for one root field."""
    given = {each: argument for each, argument in field.args.items() if is_required_argument(argument)}
    if not given and name in {"label", "asset"}:
        given = {"id": field.args["id"]}
    declared = ", ".join(f"${each}: {argument.type}" for each, argument in given.items())
    passed = ", ".join(f"{each}: ${each}" for each in given)
    inner = "{ errors { code } }" if operation == "mutation" else "{ __typename }"
    selection = "" if is_leaf_type(get_named_type(field.type)) else inner
    variables = {each: value_of(argument.type, each) for each, argument in given.items()}
    variables |= INPUTS.get(name, {})
    head = f"{operation}({declared})" if declared else operation
    return f"{head} {{ {name}{f'({passed})' if passed else ''} {selection} }}", variables


def fields() -> dict[str, tuple[str, GraphQLField]]:
    """Every root field that is answered at once, by its name in the table."""
    whole = schema._schema
    found: dict[str, tuple[str, GraphQLField]] = {}
    for operation, root in (("query", whole.query_type), ("mutation", whole.mutation_type)):
        assert isinstance(root, GraphQLObjectType)
        found |= {f"{operation} {name}": (operation, field) for name, field in root.fields.items()}
    return found


def routes(bench: Bench) -> dict[str, tuple[str, str]]:
    """Every route and method, by its name in the table: what is sent to it."""
    found: dict[str, tuple[str, str]] = {}
    for route in web.application(bench.services, graphiql=False, demo_key=None).routes:
        if isinstance(route, Mount):
            assert route.path in PUBLIC_ROUTES, f"{route.path} needs a row, and a way to ask for it"
            continue
        if isinstance(route, WebSocketRoute) or route.path == "/graphql":  # type: ignore[attr-defined]
            continue
        assert isinstance(route, Route)
        path = re.sub(r"{(\w+)(?::\w+)?}", lambda match: SAMPLES[match[1]], route.path)
        for method in sorted((route.methods or {"GET"}) - {"HEAD", "OPTIONS"}):
            found[f"{method} {route.path}"] = (method, path)
    return found


def stated() -> dict[str, tuple[bool, ...]]:
    """The rows of the table."""
    rows = re.findall(r"^\| `([^`]+)` \|(.+)\|$", TABLE.read_text("utf-8"), re.MULTILINE)
    return {name: tuple(cell.strip() == "yes" for cell in cells.split("|")) for name, cells in rows}


def row(name: str, may: tuple[bool, ...]) -> str:
    return f"| `{name}` | " + " | ".join("yes" if each else "-" for each in may) + " |"


async def asked(client: httpx.AsyncClient, name: str, bench: Bench) -> bool:
    """Whether the caller may: what is refused for want of a right is refused before anything else."""
    if name in (known := fields()):
        operation, field = known[name]
        query, variables = document_of(operation, name.split()[1], field)
        answer = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert not codes & {"INVALID_QUERY", "INTERNAL"}, (query, answer)
        for changed in (answer.get("data") or {}).values() if operation == "mutation" else ():
            codes |= {error["code"] for error in (changed or {}).get("errors", ())}
        return not codes & REFUSED
    method, path = routes(bench)[name]
    client.cookies.clear()  # of the session that a door before this one began
    answer = await client.request(method, path, headers={"accept": "application/json"})
    assert answer.status_code < 500
    return answer.status_code not in {401, 403}


async def walked(bench: Bench) -> dict[str, tuple[bool, ...]]:
    """Every row as it is."""
    chief, found = full_actor("chief"), dict[str, list[bool]]()
    for caller in CALLERS:
        headers = {}
        if caller != "anonymous":
            key = await bench.services.keys.add(chief, f"the-{caller}", roles=[caller])
            headers = {"authorization": f"Bearer {key}"}
        transport = httpx.ASGITransport(web.application(bench.services, graphiql=False, demo_key=None))
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as client:
            for name in (*fields(), *routes(bench)):
                found.setdefault(name, []).append(await asked(client, name, bench))
    return {name: tuple(may) for name, may in found.items()}


async def test_the_table_of_rights_is_what_every_door_does(mongo_uri: str) -> None:
    async with bench_on(mongo_uri) as bench:
        found = await walked(bench)
    told = stated()
    wrong = [row(name, may) for name, may in found.items() if told.get(name) != may]
    assert not wrong, "docs/rights.md needs these rows, if they are right:\n" + "\n".join(wrong)
    assert not told.keys() - found.keys(), "these rows are of nothing"


def test_the_subscriptions_are_tested_elsewhere() -> None:
    live = schema._schema.subscription_type
    assert live is not None
    assert set(live.fields) == LIVE
