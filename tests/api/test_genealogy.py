"""Facts and genealogy through GraphQL, in one walk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import applied, new_asset
from twin.domain.actor import Actor
from twin.domain.history import Command
from twin.identity import Granularity

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

INSTALL = """mutation ($input: InstallComponentInput!) { installComponent(input: $input) {
  fact { id kind what { asset { id } } into { asset { id } } details { name value } attributes { name value } sha256 }
  errors { code message path } clientMutationId } }"""
STEPS = "{ totalCount pageInfo { hasNextPage endCursor } edges { node { level how quantity unit position since until "
STEPS += "asset { id } via { id } fact { id } } } }"


async def made(bench: Bench, actor: Actor, many: int, granularity: Granularity = Granularity.ITEM) -> list[str]:
    early = Command(occurred_at=bench.clock.now.replace(year=2025))
    return [await new_asset(bench, actor, granularity=granularity, command=early) for _ in range(many)]


async def test_a_build_is_recorded_and_asked_for(bench: Bench, actor: Actor, query: Callable[..., Any]) -> None:
    car, engine, *bolts = await made(bench, actor, 5)
    [oil] = await made(bench, actor, 1, Granularity.LOT)
    for component, assembly in ((engine, car), *((bolt, engine) for bolt in bolts)):
        done = await query(
            INSTALL,
            input={
                "component": component,
                "assembly": assembly,
                "position": "P1",
                "attributes": [{"name": "torqueNm", "value": "85"}],
                "clientMutationId": f"in-{component}",
            },
        )
        fact = done["installComponent"]["fact"]
        assert done["installComponent"]["errors"] == []
        assert (fact["kind"], fact["details"]) == ("INSTALL", [{"name": "position", "value": "P1"}])
    await query(
        """mutation ($input: ConsumeMaterialInput!) { consumeMaterial(input: $input) { errors { message } } }""",
        input={"materials": [{"asset": oil, "quantity": "4.50", "unit": "LTR"}], "products": [{"asset": engine}]},
    )
    await query(
        """mutation ($input: RecordMovementInput!) { recordMovement(input: $input) { errors { message } } }""",
        input={"assets": [{"asset": car}], "movement": "SHIP", "place": "D7", "party": "Dealer 7"},
    )
    ask = "query ($id: ID!, $after: String) { asset(id: $id) { components(first: 2, after: $after) " + STEPS + " } }"
    found, after = [], None
    while True:
        page = (await query(ask, id=car, after=after))["asset"]["components"]
        assert page["totalCount"] == 5
        found += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    told = {(step["level"], step["asset"]["id"], step["via"]["id"], step["how"], step["quantity"]) for step in found}
    assert told == {
        (1, engine, car, "INSTALLED", None),
        (2, oil, engine, "CONSUMED", "4.5"),
        *((2, bolt, engine, "INSTALLED", None) for bolt in bolts),
    }
    used = await query(
        "query ($id: ID!) { asset(id: $id) { usedIn(finished: true) { edges { node { level asset { id "
        "whereabouts { place party inTransit inside { id } } } } } } whereabouts { place inside { id } } } }",
        id=bolts[0],
    )
    [edge] = used["asset"]["usedIn"]["edges"]
    assert edge["node"]["asset"]["id"] == car
    assert edge["node"]["asset"]["whereabouts"] == {
        "place": "D7",
        "party": "Dealer 7",
        "inTransit": True,
        "inside": [],
    }
    assert used["asset"]["whereabouts"] == {"place": "D7", "inside": [{"id": engine}, {"id": car}]}


async def test_a_contradiction_is_told_as_an_error_of_the_input(
    bench: Bench, actor: Actor, query: Callable[..., Any]
) -> None:
    wheel, car, other = await made(bench, actor, 3)
    await query(INSTALL, input={"component": wheel, "assembly": car})
    refused = (await query(INSTALL, input={"component": wheel, "assembly": other}))["installComponent"]
    assert refused["fact"] is None
    [error] = refused["errors"]
    assert error["code"] == "INCONSISTENT_FACT"
    assert car in error["message"]


async def test_facts_are_found_by_what_they_say_and_corrected(
    bench: Bench, actor: Actor, query: Callable[..., Any]
) -> None:
    [item] = await made(bench, actor, 1)
    order = f"WO-{item[-6:]}"
    done = await query(
        """mutation ($input: RecordProductionInput!) { recordProduction(input: $input) { fact { id } } }""",
        input={"assets": [{"asset": item}], "site": "P1", "workOrder": order},
    )
    fact = done["recordProduction"]["fact"]["id"]
    ask = """query ($details: [FieldInput!]) { facts(details: $details) { totalCount edges { node { id kind
      correctedBy { reason } } } } }"""
    details = [{"name": "workOrder", "value": order}]
    assert [edge["node"]["id"] for edge in (await query(ask, details=details))["facts"]["edges"]] == [fact]
    await query(
        """mutation ($input: CorrectFactInput!) { correctFact(input: $input) { fact { corrects { id } } } }""",
        input={"fact": fact, "reason": "wrong order"},
    )
    [edge] = (await query(ask, details=details))["facts"]["edges"]
    assert edge["node"]["correctedBy"] == {"reason": "wrong order"}
    assert (await query("query ($id: ID!) { node(id: $id) { id } }", id=fact))["node"] == {"id": fact}


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("depth: 0", "INVALID_INPUT"),
        ("depth: 33", "INVALID_INPUT"),
        ("first: 101", "INVALID_INPUT"),
        ('after: "x"', "INVALID_INPUT"),
        ("through: [PLACED]", "INVALID_INPUT"),
        ("asBuilt: true", "INVALID_INPUT"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    bench: Bench, actor: Actor, client: Any, argument: str, code: str
) -> None:
    [item] = await made(bench, actor, 1)
    text = f'{{ asset(id: "{item}") {{ components({argument}) {{ totalCount }} }} }}'
    answer = (await client.post("/graphql", json={"query": text})).json()
    assert answer["errors"][0]["extensions"]["code"] == code


async def test_what_is_shared_and_the_time_line_are_asked_for(
    bench: Bench, actor: Actor, query: Callable[..., Any]
) -> None:
    mine, other = await made(bench, actor, 2)
    [bolts] = await made(bench, actor, 1, Granularity.LOT)
    used = await query(
        """mutation ($input: ConsumeMaterialInput!) { consumeMaterial(input: $input) { fact { id } } }""",
        input={"materials": [{"asset": bolts}], "products": [{"asset": mine}, {"asset": other}]},
    )
    fact = used["consumeMaterial"]["fact"]["id"]
    said = {"site": "P1", "workOrder": f"WO-{mine[-6:]}"}
    await query(
        """mutation ($input: RecordProductionInput!) { recordProduction(input: $input) { fact { id } } }""",
        input={"assets": [{"asset": mine}, {"asset": other}], **said},
    )
    label = await applied(bench, actor, mine)
    ask = """query ($id: ID!, $after: String) { asset(id: $id) { sharing(by: [LOT, WORK_ORDER, TIME], hours: 1,
      first: 1, after: $after) { totalCount pageInfo { hasNextPage endCursor }
      edges { node { by detail asset { id } lot { id } facts { id } } } } } }"""
    first = (await query(ask, id=mine, after=None))["asset"]["sharing"]
    assert first["totalCount"] == 2
    assert first["edges"][0]["node"] == {
        "by": "LOT",
        "detail": None,
        "asset": {"id": other},
        "lot": {"id": bolts},
        "facts": [{"id": fact}],
    }
    second = (await query(ask, id=mine, after=first["pageInfo"]["endCursor"]))["asset"]["sharing"]
    assert second["edges"][0]["node"]["detail"] == f"workOrder:{said['workOrder']}"
    assert second["pageInfo"]["hasNextPage"] is False
    ask = """query ($id: ID!, $after: String) { asset(id: $id) { timeline(first: 3, after: $after) { totalCount
      pageInfo { hasNextPage endCursor } edges { node { occurredAt recordedAt fact { kind }
      version { action label { state } } label { id } } } } } }"""
    first = (await query(ask, id=mine, after=None))["asset"]["timeline"]
    assert first["totalCount"] == 5
    assert [edge["node"]["version"]["action"] for edge in first["edges"]] == ["APPLY", "PRINT", "ISSUE"]
    assert {edge["node"]["label"]["id"] for edge in first["edges"]} == {label["_id"]}
    second = (await query(ask, id=mine, after=first["pageInfo"]["endCursor"]))["asset"]["timeline"]
    assert [edge["node"]["fact"]["kind"] for edge in second["edges"]] == ["PRODUCE", "CONSUME"]
    assert second["edges"][0]["node"]["label"] is None
