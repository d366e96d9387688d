"""Serial numbers over GraphQL: defined, listed, given."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.api.graphql.calls import ERRORS, REGISTER, Ask

pytestmark = pytest.mark.anyio

DEFINE = f"""mutation($input: DefineSerialSchemeInput!) {{ defineSerialScheme(input: $input) {{
  serialScheme {{ kind style prefix length capacity used definedBy definedAt }} clientMutationId {ERRORS} }} }}"""
LIST = """query($kinds: [String!], $first: Int, $after: String) {
  serialSchemes(kinds: $kinds, first: $first, after: $after) {
    totalCount edges { node { kind used } } pageInfo { hasNextPage endCursor } } }"""


def new_kind() -> str:
    return f"k{uuid.uuid4().hex}"


async def defined(query: Ask, kind: str, **more: Any) -> dict[str, Any]:
    given = {"kind": kind, "style": "SEQUENTIAL", "length": 4, **more}
    return dict((await query(DEFINE, input=given))["defineSerialScheme"])


async def test_a_scheme_is_defined_and_its_serials_are_given(query: Ask) -> None:
    kind = new_kind()
    answer = await defined(query, kind, prefix="P-", clientMutationId="once")
    scheme = answer["serialScheme"]
    assert scheme.pop("definedAt").startswith("2026-")
    assert scheme == {
        "kind": kind,
        "style": "SEQUENTIAL",
        "prefix": "P-",
        "length": 4,
        "capacity": 9999,
        "used": 0,
        "definedBy": "demo",
    }
    assert (answer["errors"], answer["clientMutationId"]) == ([], "once")
    sent = {"kind": kind, "name": "Pump {serial}", "clientMutationId": f"once-{uuid.uuid4()}"}
    for _ in range(2):
        asset = (await query(REGISTER, input=sent))["registerAsset"]["asset"]
        assert asset["name"] == "Pump P-0001"
    [edge] = (await query(LIST, kinds=[kind]))["serialSchemes"]["edges"]
    assert edge["node"] == {"kind": kind, "used": 1}


async def test_schemes_are_listed_in_pages(query: Ask) -> None:
    kinds = [new_kind() for _ in range(3)]
    for kind in kinds:
        await defined(query, kind, style="RANDOM", length=16)
    seen, after = [], None
    for more in (True, False):
        page = (await query(LIST, kinds=kinds, first=2, after=after))["serialSchemes"]
        assert page["totalCount"] == 3
        assert page["pageInfo"]["hasNextPage"] is more
        seen += [edge["node"]["kind"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == kinds[::-1]


async def test_what_is_refused_says_why(query: Ask) -> None:
    kind = new_kind()
    no_scheme = (await query(REGISTER, input={"kind": kind, "name": "{serial}"}))["registerAsset"]
    assert no_scheme["asset"] is None
    [error] = no_scheme["errors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["kind"])
    assert "defineSerialScheme" in error["message"]
    [error] = (await defined(query, kind, prefix="a/b"))["errors"]
    assert (error["__typename"], error["path"]) == ("InvalidInput", ["prefix"])
    await defined(query, kind, length=1, used=9)
    [error] = (await query(REGISTER, input={"kind": kind, "name": "{serial}"}))["registerAsset"]["errors"]
    assert (error["__typename"], error["code"]) == ("Refused", "SERIALS_EXHAUSTED")
    answer = await defined(query, kind, length=2)
    assert answer["serialScheme"] is None
    assert [error["code"] for error in answer["errors"]] == ["REFUSED"]


async def test_the_list_needs_a_key(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/graphql", json={"query": "{ serialSchemes { totalCount } }"})
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
