"""Search in the API: hits of both kinds, and what they matched."""

from __future__ import annotations

import uuid

import httpx
import pytest
from graphql import parse

from tests.api.graphql.calls import ISSUE, Ask, registered
from twin.api.graphql.bounds import refusal

pytestmark = pytest.mark.anyio

SEARCH = """query($text: String!, $first: Int! = 20) { search(text: $text, first: $first) {
  node { __typename id ... on Asset { name identifiers } ... on Label { linkId state asset { name } } } matched } }"""


async def test_assets_and_labels_are_found_with_what_matched(query: Ask) -> None:
    order = f"wo{uuid.uuid4().int % 10**12:012}"
    asset = await registered(query, name="Müller 7", attributes=[{"name": "workOrder", "value": order}])
    face = [{"name": "tag", "value": order.upper()}]
    labels = {"labels": [{"asset": asset["id"], "profile": "ASSET_TAG", "face": face}]}
    label = (await query(ISSUE, input=labels))["issueLabels"]["labels"][0]
    expected_label = {
        "node": {
            "__typename": "Label",
            "id": label["id"],
            "linkId": label["linkId"],
            "state": "ISSUED",
            "asset": {"name": "Müller 7"},
        },
        "matched": ["face.tag"],
    }
    expected_asset = {
        "node": {"__typename": "Asset", "id": asset["id"], "name": "Müller 7", "identifiers": []},
        "matched": ["attributes.workOrder"],
    }
    for text in (order, order[-9:]):
        assert (await query(SEARCH, text=text))["search"] == [expected_label, expected_asset]
    assert (await query(SEARCH, text=order, first=1))["search"] == [expected_label]
    both = [{**expected_asset, "matched": ["name", "attributes.workOrder"]}]
    assert (await query(SEARCH, text=f"muller {order}"))["search"] == both
    assert (await query(SEARCH, text=label["payload"]))["search"] == [{**expected_label, "matched": ["linkId"]}]
    assert (await query(SEARCH, text=f"no{order}"))["search"] == []


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"text": "ab"}, "INVALID_INPUT", ["text"]),
        ({"text": "a b c d e f"}, "TOO_LARGE", ["text"]),
        ({"text": "drill", "first": 51}, "INVALID_INPUT", ["first"]),
    ],
)
async def test_what_cannot_be_searched_for_is_refused(
    client: httpx.AsyncClient, given: dict[str, object], code: str, path: list[str]
) -> None:
    answer = (await client.post("/graphql", json={"query": SEARCH, "variables": given})).json()
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"] == {"code": code, "path": path}


async def test_the_public_may_not_search(anonymous: httpx.AsyncClient) -> None:
    answer = (await anonymous.post("/graphql", json={"query": SEARCH, "variables": {"text": "drill"}})).json()
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_hits_count_in_the_cost_of_a_query() -> None:
    inner = "node { ... on Label { history(first: 100) { edges { node { revision } } } } }"
    for first, found in ((50, True), (2, False)):
        assert (refusal(parse(f'{{ search(text: "x", first: {first}) {{ {inner} }} }}'), None, {}) is not None) == found
