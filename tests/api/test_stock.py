"""Stock through GraphQL: what is made and used is seen at once, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.test_genealogy import made
from tests.services.factory import name
from twin.domain.actor import Actor
from twin.identity import Granularity

if TYPE_CHECKING:
    import httpx

    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

PRODUCE = """mutation ($input: RecordProductionInput!) { recordProduction(input: $input) {
  fact { details { name value } } errors { code message } } }"""
CONSUME = """mutation ($input: ConsumeMaterialInput!) { consumeMaterial(input: $input) {
  fact { id } errors { code message } } }"""
INVENTORY = """query ($places: [String!], $after: String, $asOf: AsOf) {
  inventory(places: $places, first: 2, after: $after, asOf: $asOf) { totalCount pageInfo { hasNextPage endCursor }
    edges { node { place inTransit kind products lots items quantity unit lot { id } } } } }"""


async def test_what_is_made_is_on_hand_until_it_is_used(bench: Bench, actor: Actor, query: Callable[..., Any]) -> None:
    lots, [car], plant = await made(bench, actor, 3, Granularity.LOT), await made(bench, actor, 1), f"PLANT-{name()}"
    for lot in lots:
        parts = [{"asset": lot, "quantity": "10", "unit": "KGM"}]
        answer = await query(PRODUCE, input={"assets": parts, "site": plant, "counting": "EXACT"})
        assert {"name": "counting", "value": "EXACT"} in answer["recordProduction"]["fact"]["details"]
    used = {"products": [{"asset": car}], "materials": [{"asset": lots[0], "quantity": "7.5", "unit": "KGM"}]}
    first, second = [(await query(CONSUME, input=used))["consumeMaterial"] for _ in range(2)]
    assert (first["errors"], second["fact"], second["errors"][0]["code"]) == ([], None, "INCONSISTENT_FACT")
    assert f"at {plant} there was 2.5 KGM" in second["errors"][0]["message"]
    found, after = [], None
    while True:
        page = (await query(INVENTORY, places=[plant], after=after))["inventory"]
        assert page["totalCount"] == 3
        found += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    row = {"place": plant, "inTransit": False, "kind": "tool", "products": [], "lots": [], "items": 0, "unit": "KGM"}
    assert found == [{**row, "quantity": "2.5" if lot == lots[0] else "10", "lot": {"id": lot}} for lot in sorted(lots)]
    ask = "query ($id: ID!, $asOf: AsOf) { asset(id: $id) { stock(asOf: $asOf) { place inTransit quantity unit } } }"
    level = {"place": plant, "inTransit": False, "quantity": "2.5", "unit": "KGM"}
    assert (await query(ask, id=lots[0]))["asset"]["stock"] == [level]
    assert (await query(ask, id=car))["asset"]["stock"] == []
    before = {"occurred": "2025-12-01T00:00:00Z"}
    assert (await query(ask, id=lots[0], asOf=before))["asset"]["stock"] == []
    assert (await query(INVENTORY, places=[plant], asOf=before))["inventory"]["edges"] == []


async def test_an_inventory_of_everything_is_refused(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/graphql", json={"query": "{ inventory { totalCount } }"})).json()
    [error] = answer["errors"]
    assert (error["extensions"]["code"], error["message"]) == (
        "INVALID_INPUT",
        "Expected places or partOf, found neither.",
    )
