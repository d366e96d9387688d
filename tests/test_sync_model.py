"""500 offline mutations, shuffled, duplicated and split over retries: the service answers as the models do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import bench_on, client_on
from tests.model import Ask, Step
from tests.phone_model import ACCEPTED, BEGAN, NOW, Item, Phone, Truth
from tests.services.factory import new_asset
from tests.test_model import _state
from twin.domain.actor import Actor, full_actor
from twin.domain.fact import FactKind
from twin.domain.history import Command
from twin.domain.print_job import PrintFormat, PrintOrder
from twin.services.labels import Order
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    import httpx

    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

SEED = 1
SYNC = """mutation($input: SyncInput!) { sync(input: $input) { cursor more errors { code path }
  outcomes { clientMutationId status nodes { id revision } errors { code message path } }
  changed { version { revision ... on LabelVersion { label { id } } ... on AssetVersion { asset { id } } } } } }"""


class Run:
    """One day of a phone against the service and the models."""

    def __init__(self, bench: Bench, client: httpx.AsyncClient, actor: Actor) -> None:
        self.bench, self.client, self.actor = bench, client, actor
        self.truth = Truth()
        self.cursor: str | None = None
        self.seen: dict[str, list[int]] = {}
        self.nodes: dict[str, Any] = {}
        self.verdicts: Counter[str] = Counter()

    async def begin(self, seed: int, assets: int) -> Phone:
        """Assets, each with a printed label, in service and model; and the cursor of now."""
        world, labels, command = self.truth.world, dict[str, str](), Command(occurred_at=BEGAN)
        for _ in range(assets):
            asset = await new_asset(self.bench, self.actor, command=command)
            args: dict[str, Any] = {"name": "A drill", "identifiers": (), "attributes": {"shelf": "12"}}
            self._record(Ask("register", args=args, occurred=BEGAN), asset)
            face = {"tag": "T1"}
            order = Order(asset, "asset_tag", face)
            [label] = await self.bench.services.labels.issue(self.actor, [order], command)
            twin, link = label["_id"], label["head"]["link_id"]
            orders = ({"asset": asset, "face": face, "attributes": {}},)
            self._record(Ask("issue", args={"orders": orders}, occurred=BEGAN), twin, link)
            await self.bench.services.labels.print_label(
                self.actor, twin, command=command, order=PrintOrder(PrintFormat.SVG)
            )
            self._record(Ask("print", twin, occurred=BEGAN), twin)
            labels[twin] = link
        await self.send([])
        return Phone(seed, labels, list(world.assets))

    def _record(self, ask: Ask, twin: str, link: str = "") -> None:
        [step] = self.truth.world.decide(ask, NOW)
        assert isinstance(step, Step)
        self.truth.world.record(step, twin, BEGAN, link)

    async def send(self, items: list[Item]) -> None:
        """Send a batch until all of it was reached, and compare each outcome."""
        while True:
            given = {
                "mutations": [{item.kind: item.input} for item in items],
                "since": self.cursor,
                "device": "phone-7",
            }
            answer = (await self.client.post("/graphql", json={"query": SYNC, "variables": {"input": given}})).json()
            assert "errors" not in answer, answer
            told = answer["data"]["sync"]
            assert told["errors"] == []
            for item, outcome in zip(items, told["outcomes"], strict=True):
                if outcome["status"] == "NOT_DONE":
                    break
                self.compare(item, outcome)
            self.learn(told)
            items = items[sum(outcome["status"] != "NOT_DONE" for outcome in told["outcomes"]) :]
            if not items and not told["more"]:
                return

    def compare(self, item: Item, outcome: dict[str, Any]) -> None:
        """An outcome is what the model says, and a repeat is answered as the first time."""
        assert outcome["clientMutationId"] == item.name
        [error] = outcome["errors"] or [None]
        verdict = self.truth.judge(item)
        if error is None:
            found = ACCEPTED
        else:
            found = (error["code"], (error["path"] or [""])[-1] if error["code"] == "INVALID_INPUT" else "")
            assert error["message"]
        assert found == verdict, (item, outcome)
        assert outcome["status"] == ("ACCEPTED" if error is None else "REJECTED")
        if error is None:
            assert outcome["nodes"]
            assert self.nodes.setdefault(item.name, outcome["nodes"]) == outcome["nodes"]
        self.verdicts[verdict[0] or "accepted"] += 1

    def learn(self, told: dict[str, Any]) -> None:
        self.cursor = told["cursor"]
        for change in told["changed"]:
            version = change["version"]
            twin = (version.get("label") or version.get("asset"))["id"]
            self.seen.setdefault(twin, []).append(version["revision"])

    async def same(self) -> None:
        """All that is there now is what the models say, and the phone was told of every version once, in order."""
        services, world = self.bench.services, self.truth.world
        for twin, known in (world.labels | world.assets).items():
            service = services.labels if twin in world.labels else services.assets
            head = await service.find(self.actor, twin)
            assert (head["revision"], _state(head["head"])) == (known.revision, known.head), twin
            first = 3 if twin in world.labels else 2
            assert self.seen.get(twin, []) == list(range(first, known.revision + 1)), twin
        places = await services.genealogy.whereabouts(self.actor, set(world.assets), None)
        last = self.truth.plain.world(NOW, self.truth.plain.facts)
        for asset in world.assets:
            inside = last.holders.get(asset) or set()
            assert set(places[asset].inside[:1]) == inside, asset
            assert places[asset].place == (last.place(asset) or (None,))[0], asset
            page = await services.facts.page(self.actor, PageRequest(100), assets=[asset], kinds=[FactKind.NOTE])
            assert sorted(fact["said"]["text"] for fact in page.documents) == sorted(self.truth.notes.get(asset, ()))
        rows = [row async for row in self.bench.mongo.collection("scans").find()]
        assert len(rows) == len(self.truth.scans)
        assert len({row["device"] for row in rows}) == 1


async def test_500_offline_mutations_come_to_what_the_models_say(mongo_uri: str) -> None:
    async with bench_on(mongo_uri) as bench, client_on(bench) as client:
        run = Run(bench, client, full_actor("tester"))
        phone = await run.begin(SEED, 12)
        batches = phone.deliveries(phone.day(500))
        for batch in batches:
            await run.send(batch)
        await run.same()
    expected = {"accepted", "ILLEGAL_MOVE", "REVISION_CONFLICT", "INVALID_INPUT", "INCONSISTENT_FACT"}
    assert run.verdicts.keys() == expected | {"MUTATION_ID_REUSED"}
