"""Checks of history and proofs over GraphQL."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bench, bench_on, client_on
from tests.services.factory import issued, new_asset
from twin.domain.actor import full_actor
from twin.exchange import proof
from twin.services.signing import Signer

pytestmark = pytest.mark.anyio

AUDITOR = full_actor("auditor")
CHECK = """query($id: ID, $first: Int, $after: String) { checkHistory(id: $id, first: $first, after: $after) {
  isWhole twins versions checkpoint checkpointMadeAt uncoveredVersions next
  findings { subject revision why } uncovered { twin firstRevision lastRevision } } }"""
PROOF = "query($id: ID!) { proof(id: $id) }"


@pytest.fixture
async def bench(mongo_uri: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """Services on a database that is empty, with a key."""
    async with bench_on(mongo_uri, Signer(tmp_path / "checkpoint-key.pem", make=True)) as made:
        yield made


async def asked(bench: Bench, document: str, *, key: str | None = "test-key", **variables: Any) -> dict[str, Any]:
    async with client_on(bench, key=key) as client:
        answer = await client.post("/graphql", json={"query": document, "variables": variables})
    return dict(answer.json())


async def test_a_check_tells_what_is_whole_and_what_is_covered(bench: Bench) -> None:
    asset = await new_asset(bench, AUDITOR)
    await bench.services.audit.checkpoint(AUDITOR)
    label = (await issued(bench, AUDITOR, asset))["_id"]
    found = (await asked(bench, CHECK))["data"]["checkHistory"]
    assert (found["isWhole"], found["findings"], found["next"]) == (True, [], None)
    assert (found["twins"], found["versions"], found["checkpoint"], found["uncoveredVersions"]) == (2, 2, 1, 1)
    assert found["uncovered"] == [{"twin": label, "firstRevision": 1, "lastRevision": 1}]
    assert found["checkpointMadeAt"].endswith("Z")
    await bench.mongo.collection("assets").update_one({"_id": asset}, {"$set": {"versions.0.actor": "nobody"}})
    for variables in ({}, {"id": asset}):
        found = (await asked(bench, CHECK, **variables))["data"]["checkHistory"]
        assert found["isWhole"] is False
        [finding] = found["findings"]
        assert (finding["subject"], finding["revision"]) == (asset, 1)
        assert "hash" in finding["why"]
    assert (await asked(bench, CHECK, id=label))["data"]["checkHistory"]["isWhole"] is True


async def test_all_are_checked_page_by_page(bench: Bench) -> None:
    twins = [await new_asset(bench, AUDITOR) for _ in range(5)]
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = (await asked(bench, CHECK, first=2, after=after))["data"]["checkHistory"]
        seen += [tail["twin"] for tail in page["uncovered"]]
        after = page["next"]
    assert after is None
    assert seen == sorted(twins)


@pytest.mark.parametrize("first", [0, 101, -1])
async def test_a_page_is_bounded(bench: Bench, first: int) -> None:
    [error] = (await asked(bench, CHECK, first=first))["errors"]
    assert error["extensions"] == {"code": "INVALID_INPUT", "path": ["first"]}


async def test_a_proof_is_a_bundle_as_text(bench: Bench) -> None:
    asset = await new_asset(bench, AUDITOR)
    await bench.services.audit.checkpoint(AUDITOR)
    bundle = json.loads((await asked(bench, PROOF, id=asset))["data"]["proof"])
    verdict = proof.check_bundle(bundle)
    assert (verdict.broken, bundle["twin"]) == (None, asset)
    bundle["versions"][0]["actor"] = "nobody"
    assert proof.check_bundle(bundle).revision == 1


async def test_both_need_a_key_and_a_twin(bench: Bench) -> None:
    asset = await new_asset(bench, AUDITOR)
    for document, variables in ((CHECK, {}), (CHECK, {"id": asset}), (PROOF, {"id": asset})):
        [error] = (await asked(bench, document, key=None, **variables))["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
    for document in (CHECK, PROOF):
        [error] = (await asked(bench, document, id="ast_missing"))["errors"]
        assert error["extensions"]["code"] == "NOT_FOUND"
