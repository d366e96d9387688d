"""Profiles over GraphQL: what a form is made of, and what is wrong with a label before it prints."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.graphql.calls import ISSUE, Ask, issued, move, registered
from tests.services.factory import new_vin

pytestmark = pytest.mark.anyio

FINDINGS = "findings { rule clause path message }"
DRAFT = f"query($input: LabelDraftInput!) {{ labelDraft(input: $input) {{ face {{ name title value }} {FINDINGS} }} }}"


async def on_vehicle(query: Ask, face: dict[str, str]) -> dict[str, Any]:
    """A VIN plate on a vehicle of its own."""
    vin = new_vin()
    asset = await registered(query, identifiers=[f"vin:{vin}"])
    order = {
        "asset": asset["id"],
        "profile": "VIN_PLATE",
        "face": [{"name": name, "value": text} for name, text in face.items()],
    }
    payload = (await query(ISSUE, input={"labels": [order]}))["issueLabels"]
    assert payload["errors"] == []
    return {**payload["labels"][0], "vin": vin}


async def test_a_profile_says_what_a_form_asks_for(query: Ask) -> None:
    found = (
        await query(
            """{ profile(name: CERTIFICATION_LABEL) { name title description identity orderClause
                 fields { name title kind audience required longest choices identifier composed leastTextMm clause }
                 carriers { name symbologies options { name value } leastModuleMm mostModuleMm required clause }
                 rules { name description clause } } }"""
        )
    )["profile"]
    assert (found["name"], found["identity"]) == ("CERTIFICATION_LABEL", "vin")
    assert found["orderClause"] == "49 CFR 567.4(g)"
    by_name = {field["name"]: field for field in found["fields"]}
    assert by_name["gvwr"] == {
        "name": "gvwr",
        "title": "GVWR",
        "kind": "MASS",
        "audience": "PUBLIC",
        "required": True,
        "longest": 40,
        "choices": [],
        "identifier": None,
        "composed": False,
        "leastTextMm": 2.38,
        "clause": "49 CFR 567.4(g)(3)",
    }
    assert by_name["type"]["choices"][0] == "PASSENGER CAR"
    assert by_name["vin"]["identifier"] == "vin"
    assert [carrier["name"] for carrier in found["carriers"]] == ["link"]
    assert found["rules"][0] == {
        "name": "vin.check-digit",
        "description": "The VIN of a vehicle for North America has its check digit.",
        "clause": "49 CFR 565.15(c)",
    }
    assert "symbol.module" in {rule["name"] for rule in found["rules"]}


async def test_anybody_may_ask_what_labels_require(anonymous: httpx.AsyncClient) -> None:
    text = "{ profiles { name carriers { name symbologies mostModuleMm options { name value } } } }"
    found = (await anonymous.post("/graphql", json={"query": text})).json()["data"]["profiles"]
    by_name = {profile["name"]: profile["carriers"] for profile in found}
    assert list(by_name) == sorted(by_name)
    assert by_name["LOGISTIC_UNIT"][1] == {
        "name": "sscc",
        "symbologies": ["GS1128"],
        "mostModuleMm": 1.016,
        "options": [],
    }
    assert by_name["NAMEPLATE"][0]["options"] == [{"name": "level", "value": "Q"}]


async def test_a_label_says_what_is_wrong_with_it(query: Ask) -> None:
    plate = await on_vehicle(query, {"modelYear": "2001"})
    text = "query($id: ID!, $dpi: Int) { label(id: $id) { findings(dpi: $dpi) { rule clause path message } } }"
    [found] = (await query(text, id=plate["id"], dpi=300))["label"]["findings"]
    assert (found["rule"], found["clause"]) == ("vin.model-year", "49 CFR 565.15(d)(1)")
    assert found["path"] == ["face", "modelYear"]
    change = {
        "label": plate["id"],
        "expectedRevision": 1,
        "face": [{"name": "modelYear", "value": "2019"}],
        "reason": "misread",
    }
    await query(move("reviseLabel", "ReviseLabelInput"), input=change)
    assert (await query(text, id=plate["id"], dpi=300))["label"]["findings"] == []


async def test_a_template_for_other_labels_and_a_printer_that_is_none(query: Ask, client: httpx.AsyncClient) -> None:
    label = await issued(query)
    for arguments, code, said in (
        ('template: "vin_plate@builtin"', "INVALID_INPUT", "vin_plate"),
        ('template: "nosuch@1"', "NOT_FOUND", "nosuch@1"),
        ("dpi: 71", "INVALID_INPUT", "dpi: expected 72 to 2400, found 71"),
    ):
        text = f'{{ label(id: "{label["id"]}") {{ findings({arguments}) {{ rule }} }} }}'
        [error] = (await client.post("/graphql", json={"query": text})).json()["errors"]
        assert error["extensions"]["code"] == code
        assert said in error["message"]


async def test_the_public_does_not_see_findings(query: Ask, anonymous: httpx.AsyncClient) -> None:
    label = await issued(query)
    text = f'{{ label(linkId: "{label["linkId"]}") {{ findings {{ message }} }} }}'
    answer = (await anonymous.post("/graphql", json={"query": text})).json()
    assert answer["data"] == {"label": {"findings": None}}


async def test_a_draft_is_completed_from_the_asset_and_linted_before_it_is_issued(query: Ask) -> None:
    asset = await registered(query, kind="device", identifiers=["gs1:01/09506000134352/21/DRAFT1"])
    given = {
        "profile": "UDI_GS1",
        "asset": asset["id"],
        "face": [{"name": "expires", "value": "2020-01-01"}, {"name": "manufactured", "value": "2026-11-22"}],
        "dpi": 300,
    }
    draft = (await query(DRAFT, input=given))["labelDraft"]
    face = {field["name"]: field["value"] for field in draft["face"]}
    assert (face["deviceIdentifier"], face["serial"]) == ("09506000134352", "DRAFT1")
    assert face["udi"] == "(01)09506000134352(11)261122(17)200101(21)DRAFT1"
    assert [finding["rule"] for finding in draft["findings"]] == ["udi.shelf-life"]


async def test_a_draft_of_nothing_says_all_that_is_missing(query: Ask, anonymous: httpx.AsyncClient) -> None:
    draft = (await query(DRAFT, input={"profile": "VIN_PLATE"}))["labelDraft"]
    assert draft["face"] == []
    assert [finding["rule"] for finding in draft["findings"]] == ["asset.identity", "field.required"]
    hostile = {"profile": "VIN_PLATE", "face": [{"name": "vin", "value": "^XZ~JA\u202e" * 30}]}
    rules = {finding["rule"] for finding in (await query(DRAFT, input=hostile))["labelDraft"]["findings"]}
    assert rules == {"asset.identity", "field.text"}
    answer = await anonymous.post("/graphql", json={"query": DRAFT, "variables": {"input": {"profile": "VIN_PLATE"}}})
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
