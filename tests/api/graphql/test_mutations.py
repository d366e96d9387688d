"""Mutations: what two writers, a repeat, and every kind of bad input get."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.api.graphql.calls import ISSUE, REGISTER, Ask, issued, move, registered
from tests.conftest import Bench

pytestmark = pytest.mark.anyio

COUNT = "{ labels { totalCount } assets { totalCount } }"
REVISE = move("reviseLabel", "ReviseLabelInput")


async def test_a_stale_writer_gets_both_revisions(query: Ask) -> None:
    label = await issued(query)
    first = {"label": label["id"], "expectedRevision": 1, "attributes": [{"name": "note", "value": "first"}]}
    second = {**first, "attributes": [{"name": "note", "value": "second"}]}
    assert (await query(REVISE, input=first))["reviseLabel"]["label"]["revision"] == 2
    refused = (await query(REVISE, input=second))["reviseLabel"]
    assert refused["label"] is None
    [error] = refused["errors"]
    assert (error["__typename"], error["code"]) == ("RevisionConflict", "REVISION_CONFLICT")
    assert (error["expectedRevision"], error["actualRevision"]) == (1, 2)


async def test_a_repeat_answers_the_first_answer_and_writes_nothing(query: Ask) -> None:
    label = await issued(query)
    sent = {"label": label["linkId"], "clientMutationId": f"print-{uuid.uuid4()}"}
    first = await query(move("printLabel", "PrintLabelInput"), input=sent)
    await query(move("applyLabel"), input={"label": label["id"]})
    again = await query(move("printLabel", "PrintLabelInput"), input=sent)
    assert again == first
    assert first["printLabel"]["label"]["state"] == "PRINTED"
    now = await query("query($id: ID!) { label(id: $id) { revision state } }", id=label["id"])
    assert now["label"] == {"revision": 3, "state": "APPLIED"}


PRINTED = """mutation($input: PrintLabelInput!) { printLabel(input: $input) { errors { code message path } label {
  history { edges { node { action print { template format dpi copies carriers { name symbology } overridden { name } }
} } } } } }"""


async def test_a_label_is_printed_as_it_was_asked_for(query: Ask) -> None:
    label = (await issued(query))["id"]
    refused = (await query(PRINTED, input={"label": label, "symbology": "CODE128"}))["printLabel"]
    assert (refused["label"], refused["errors"][0]["path"]) == (None, ["symbology"])
    overrides = [{"rule": "text.height", "reason": "a small part"}]
    asked = {"symbology": "DATAMATRIX", "format": "ZPL", "dpi": 600, "copies": 3, "overrides": overrides}
    answer = (await query(PRINTED, input={"label": label, "template": "asset_tag@builtin", **asked}))["printLabel"]
    assert answer["errors"] == []
    assert answer["label"]["history"]["edges"][0]["node"] == {
        "action": "PRINT",
        "print": {
            "template": "asset_tag@builtin",
            "format": "zpl",
            "dpi": 600,
            "copies": 3,
            "carriers": [{"name": "link", "symbology": "datamatrix"}],
            "overridden": [],
        },
    }


async def test_a_repeated_create_answers_the_same_twin(query: Ask) -> None:
    sent = {"kind": "vehicle", "name": "Once", "clientMutationId": f"once-{uuid.uuid4()}"}
    first = await query(REGISTER, input=sent)
    assert await query(REGISTER, input=sent) == first
    changed = (await query(REGISTER, input={**sent, "name": "Twice"}))["registerAsset"]
    assert changed["asset"] is None
    assert changed["errors"][0]["code"] == "MUTATION_ID_REUSED"


async def test_an_illegal_move_says_what_is_legal(query: Ask) -> None:
    label = await issued(query)
    refused = (await query(move("applyLabel"), input={"label": label["id"]}))["applyLabel"]
    [error] = refused["errors"]
    assert error["code"] == "ILLEGAL_MOVE"
    assert error["state"] == "ISSUED"
    assert "PRINT" in error["legalMoves"]
    assert "APPLY" not in error["legalMoves"]


async def test_a_replacement_links_both_ways(query: Ask) -> None:
    label = await issued(query)
    done = await query(
        """mutation($input: ReplaceLabelInput!) { replaceLabel(input: $input) {
             label { state asset { id } replacedBy { id } } replacement { id state asset { id } replaces { id } }
             errors { code } } }""",
        input={"label": label["id"], "reason": "scratched"},
    )
    payload = done["replaceLabel"]
    assert payload["errors"] == []
    assert payload["label"]["state"] == "REPLACED"
    assert payload["label"]["asset"] is None
    assert payload["label"]["replacedBy"]["id"] == payload["replacement"]["id"]
    assert payload["replacement"]["replaces"]["id"] == label["id"]
    assert payload["replacement"]["asset"]["id"] == label["asset"]


BAD_REGISTRATIONS: list[tuple[str, dict[str, Any], str]] = [
    ("malformed VIN", {"identifiers": ["vin:1M8GDM9AXKP04278"]}, "INVALID_IDENTIFIER"),
    ("a letter that no VIN has", {"identifiers": ["vin:1M8GDM9AXKPO42788"]}, "INVALID_IDENTIFIER"),
    ("a North American VIN with a wrong check digit", {"identifiers": ["vin:1M8GDM9A1KP042788"]}, "INVALID_IDENTIFIER"),
    ("unknown scheme", {"identifiers": ["isbn:123"]}, "INVALID_IDENTIFIER"),
    ("over-long text", {"name": "x" * 121}, "TOO_LARGE"),
    ("NUL", {"name": "a\x00b"}, "INVALID_INPUT"),
    ("bidi", {"name": "a\u202eb"}, "INVALID_INPUT"),
    ("empty", {"name": "  "}, "INVALID_INPUT"),
    ("an operator as a name", {"attributes": [{"name": "$where", "value": "1"}]}, "INVALID_INPUT"),
    ("a path as a name", {"attributes": [{"name": "head.state", "value": "VOID"}]}, "INVALID_INPUT"),
    ("an operator as a kind", {"kind": "$ne"}, "INVALID_INPUT"),
    ("the same field twice", {"attributes": [{"name": "a", "value": "1"}] * 2}, "INVALID_INPUT"),
    ("65 fields", {"attributes": [{"name": f"a{n}", "value": "1"} for n in range(65)]}, "TOO_LARGE"),
    ("the future", {"occurredAt": "2126-01-01T00:00:00Z"}, "INVALID_INPUT"),
    ("no time zone", {"occurredAt": "2026-01-01T00:00:00"}, "INVALID_INPUT"),
    ("a long mutation id", {"clientMutationId": "x" * 129}, "TOO_LARGE"),
    ("a mutation id with a space", {"clientMutationId": "a b"}, "INVALID_INPUT"),
]


@pytest.mark.parametrize(("what", "given", "code"), BAD_REGISTRATIONS, ids=[row[0] for row in BAD_REGISTRATIONS])
async def test_bad_input_is_named_and_nothing_is_stored(
    query: Ask, bench: Bench, what: str, given: dict[str, Any], code: str
) -> None:
    name = f"Bad {uuid.uuid4().hex}"
    payload = (await query(REGISTER, input={"kind": "vehicle", "name": name, **given}))["registerAsset"]
    assert payload["asset"] is None
    [error] = payload["errors"]
    assert error["code"] == code, error
    assert "Traceback" not in error["message"]
    assert await bench.store.assets.read({"head.name": given.get("name", name)}) is None


async def test_free_text_that_looks_like_an_operator_is_text(query: Ask) -> None:
    asset = await registered(query, attributes=[{"name": "note", "value": '{"$where": "sleep(1000)"}'}])
    found = await query("query($id: ID!) { asset(id: $id) { attributes { name value } } }", id=asset["id"])
    assert found["asset"]["attributes"] == [{"name": "note", "value": '{"$where": "sleep(1000)"}'}]


async def test_one_bad_label_of_many_stores_none(query: Ask, bench: Bench) -> None:
    asset = await registered(query)
    good = {"asset": asset["id"], "profile": "ASSET_TAG", "face": [{"name": "tag", "value": "T"}]}
    bad = {**good, "face": [{"name": "tag", "value": "T" * 33}]}
    payload = (await query(ISSUE, input={"labels": [good, bad]}))["issueLabels"]
    assert payload["labels"] == []
    assert payload["errors"][0]["code"] == "TOO_LARGE"
    assert await bench.store.labels.count(assets=[asset["id"]]) == 0


async def test_unknown_things_have_one_text(client: httpx.AsyncClient) -> None:
    texts = set()
    for key in ("lbl_" + "a" * 24, "0123456789ABC8", "not a link id", "lbl_$where"):
        document = "mutation($input: LabelInput!) { applyLabel(input: $input) { errors { code message } } }"
        answer = await client.post("/graphql", json={"query": document, "variables": {"input": {"label": key}}})
        [error] = answer.json()["data"]["applyLabel"]["errors"]
        assert error["code"] == "NOT_FOUND"
        texts.add(error["message"].replace(key, "…"))
    assert len(texts) == 1


async def test_every_mutation_needs_a_key(anonymous: httpx.AsyncClient, query: Ask) -> None:
    names = await query("{ __schema { mutationType { fields { name args { type { ofType { name } } } } } } }")
    box = {"box": {"x": 1, "y": 1, "width": 9, "height": 9, "thickness": 0.5}}
    required = {
        "registerAsset": {"kind": "x", "name": "x"},
        "reviseAsset": {"asset": "x", "expectedRevision": 1},
        "addIdentifiers": {"asset": "x", "identifiers": ["x"]},
        "correctIdentifier": {"asset": "x", "wrong": "x", "right": "x"},
        "mergeAssets": {"duplicate": "x", "into": "x"},
        "issueLabels": {"labels": [{"asset": "x", "profile": "ASSET_TAG"}]},
        "preprintLabels": {"profile": "ASSET_TAG", "count": 1},
        "claimLabel": {"label": "x", "asset": "x"},
        "verifyLabel": {"label": "x", "read": "x"},
        "reportLabel": {"label": "x", "damage": "LOST"},
        "reviseLabel": {"label": "x", "expectedRevision": 1},
        "recordScan": {"text": "x"},
        "defineSerialScheme": {"kind": "x", "style": "RANDOM", "length": 8},
        "printLabels": {"labels": ["x"], "format": "PDF"},
        "cancelPrintJob": {"job": "x"},
        "drawTemplate": {"name": "x", "profile": "ASSET_TAG", "width": 50, "height": 25, "elements": [box]},
        "submitTemplate": {"template": "x@1"},
        "approveTemplate": {"template": "x@1", "sha256": "x"},
        "refuseTemplate": {"template": "x@1", "reason": "x"},
        "withdrawTemplate": {"template": "x@1", "reason": "x"},
        "setLinks": {"identifier": "x", "description": "x", "links": [], "expectedRevision": 0},
        "setLinksets": {"levels": []},
        "addKey": {"name": "x", "roles": ["VIEWER"]},
        "revokeKey": {"key": "x"},
        "forgetPerson": {"actor": "x"},
        "installComponent": {"component": "x", "assembly": "x"},
        "removeComponent": {"component": "x", "assembly": "x"},
        "consumeMaterial": {"materials": [], "products": []},
        "packItems": {"items": [], "container": "x"},
        "unpackItems": {"items": [], "container": "x"},
        "recordMovement": {"assets": [], "movement": "SHIP", "place": "x"},
        "recordProduction": {"assets": [], "site": "x"},
        "recordInspection": {"assets": [], "outcome": "PASSED"},
        "recordNote": {"assets": [], "text": "x"},
        "sync": {},
        "correctFact": {"fact": "x"},
        "openRecall": {"title": "x", "notice": "x", "criteria": {}},
        "publishRecall": {"recall": "x", "digest": "x"},
        "withdrawRecall": {"recall": "x"},
        "workRecall": {"recall": "x", "item": "x", "progress": "FOUND"},
        "closeRecall": {"recall": "x"},
    }
    for field in names["__schema"]["mutationType"]["fields"]:
        input_type = field["args"][0]["type"]["ofType"]["name"]
        document = f"mutation($input: {input_type}!) {{ {field['name']}(input: $input) {{ errors {{ code }} }} }}"
        given = required.get(field["name"], {"label": "x"})
        answer = await anonymous.post("/graphql", json={"query": document, "variables": {"input": given}})
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", field["name"]


async def test_a_late_fact_is_placed_where_it_happened(query: Ask, bench: Bench) -> None:
    label = await issued(query)
    await query(move("printLabel", "PrintLabelInput"), input={"label": label["id"]})
    document = "query($id: ID!, $asOf: AsOf) { label(id: $id, asOf: $asOf) { state revision issued { occurredAt } } }"
    before = (await query(document, id=label["id"]))["label"]
    assert before["state"] == "PRINTED"
    early = (await query(document, id=label["id"], asOf={"occurred": before["issued"]["occurredAt"]}))["label"]
    assert (early["state"], early["revision"]) == ("ISSUED", 1)
