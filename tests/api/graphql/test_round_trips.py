"""How often representative queries ask the database: as often for twelve nodes of a level as for two, but for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.conftest import Bench, bench_on, client_on
from tests.services.factory import new_asset
from twin.domain.actor import full_actor
from twin.domain.fact import FactKind
from twin.domain.history import Command
from twin.services.facts import Named
from twin.services.labels import Order

pytestmark = pytest.mark.anyio

FEW, MANY = 2, 12
READS = {"find", "aggregate", "getMore", "count", "distinct"}
LABELS = "labels(first: $first) { edges { node { %s } } }"

# What each asks today. A number that grows is a wait for each caller: mend the query, and raise no number without a
# reason; one that falls is written down, so that it stays.
QUERIES = {
    "one label by its id": (2, "{ label(id: $label) { state outcome face { name value } attributes { name } } }"),
    "one label by its link": (3, "{ label(linkId: $link) { state asset { name identifiers } } }"),
    "a label with history": (
        3,
        "{ label(id: $label) { history(first: $first) { edges { node { revision reason } } } } }",
    ),
    "one asset": (1, "{ asset(id: $assembly) { name attributes { name value } } }"),
    "labels": (2, "{ " + LABELS % "id state profile" + " }"),
    "labels with their count": (3, "{ labels(first: $first) { totalCount edges { node { id } } } }"),
    "labels with their assets": (3, "{ " + LABELS % "state asset { id name identifiers }" + " }"),
    "labels with histories": (4, "{ " + LABELS % "history(first: 5) { edges { node { actor actorName } } }" + " }"),
    "labels with recalls": (2, "{ " + LABELS % "state recalls { title }" + " }"),
    "assets": (1, '{ assets(first: $first, kinds: ["tool"]) { edges { node { id name revision } } } }'),
    "assets and where they are": (
        4,
        '{ assets(first: $first, kinds: ["tool"]) { edges { node { whereabouts { place since inside { name } } } } } }',
    ),
    "what is in an asset": (
        4,
        "{ asset(id: $assembly) { components(first: $first) { edges { node { level asset { name } } } } } }",
    ),
    "facts of an asset": (2, "{ asset(id: $assembly) { facts(first: $first) { edges { node { kind } } } } }"),
    "a search": (6, '{ search(text: "drill", first: $first) { matched node { id } } }'),
    "a scan": (2, "{ resolveScan(text: $link) { outcome label { state } } }"),
}

EACH = {"labels with histories"}  # one more for each node: a page of a history is read for its label alone


@pytest.fixture(scope="module")
async def full(mongo_uri: str) -> AsyncIterator[tuple[Bench, dict[str, str]]]:
    """A database with twelve of everything, and the names of some."""
    async with bench_on(mongo_uri) as bench:
        actor = full_actor("builder")
        assets = [await new_asset(bench, actor) for _ in range(MANY + 1)]
        orders = [Order(asset, "asset_tag", {"tag": "7"}) for asset in assets[1:]]
        label, *_ = await bench.services.labels.issue(actor, orders, Command())
        for asset in assets[1:]:
            into = [Named(assets[0])]
            await bench.services.facts.record(
                actor, FactKind.INSTALL, what=[Named(asset)], into=into, command=Command()
            )
        yield bench, {"label": label["_id"], "link": label["head"]["link_id"], "assembly": assets[0]}


@pytest.mark.parametrize("name", QUERIES)
async def test_a_query_asks_the_database_no_more_than_it_did(full: tuple[Bench, dict[str, str]], name: str) -> None:
    bench, names = full
    expected, text = QUERIES[name]
    used = {"first": "Int", "label": "ID", "link": "String", "assembly": "ID"}
    declared = ", ".join(f"${one}: {kind}!" for one, kind in used.items() if f"${one}" in text)
    async with client_on(bench) as client:
        asked = {"query": f"query({declared}) {text}" if declared else text}
        await read(client, asked, {**names, "first": 1})  # what a process looks up once is not the query's
        for first in (FEW, MANY):
            before = reads(bench)
            await read(client, asked, {**names, "first": first})
            each = first if name in EACH else 0
            assert reads(bench) - before == expected + each, first


def reads(bench: Bench) -> int:
    """How many reads were sent to the database by now; notes are written beside and are not counted."""
    return sum(found.count for name, found in bench.mongo.commands.sums().items() if name in READS)


async def read(client: httpx.AsyncClient, asked: dict[str, Any], variables: dict[str, Any]) -> None:
    answer = (await client.post("/graphql", json={**asked, "variables": variables})).json()
    assert "errors" not in answer, answer
