"""Identifiers over GraphQL: what a scan says, and how an asset is named anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import new_vin
from tests.services.test_identifiers import gtin

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio

Ask = Callable[..., Awaitable[dict[str, Any]]]

RESOLVE = """query($text: String!, $symbology: String) { resolveScan(text: $text, symbologyIdentifier: $symbology) {
  outcome message identifier exact asset { id identifiers } fragments { title parts { name value } }
  faults { scheme message } candidates { canonical title granularity implied parts { name value }
    findings { code message } asset { id } udi { agency deviceIdentifier lot serial manufactured expires } } } }"""


async def asset(query: Ask, *identifiers: str, granularity: str = "ITEM") -> str:
    document = """mutation($input: RegisterAssetInput!) { registerAsset(input: $input) {
      asset { id } errors { message } } }"""
    given = {"kind": "device", "name": "A pump", "identifiers": identifiers, "granularity": granularity}
    done = (await query(document, input=given))["registerAsset"]
    assert done["errors"] == []
    return str(done["asset"]["id"])


async def resolve(query: Ask, text: str, symbology: str | None = None) -> dict[str, Any]:
    return dict((await query(RESOLVE, text=text, symbology=symbology))["resolveScan"])


async def test_a_device_label_is_read_field_by_field(query: Ask) -> None:
    number = gtin()
    twin = await asset(query, f"(01){number}(10)A213B1(21)1234")
    found = await resolve(query, f"01{number}1114123117150707" + "10A213B1\x1d211234", "]d2")
    assert (found["outcome"], found["exact"], found["identifier"]) == ("CURRENT", True, f"gs1:01/{number}/21/1234")
    assert found["asset"] == {"id": twin, "identifiers": [f"gs1:01/{number}/21/1234"]}
    [candidate] = found["candidates"]
    assert (candidate["granularity"], candidate["findings"], candidate["asset"]) == ("ITEM", [], {"id": twin})
    assert candidate["implied"] == [f"gs1:01/{number}/10/A213B1", f"gs1:01/{number}"]
    assert candidate["udi"] == {
        "agency": "GS1",
        "deviceIdentifier": number,
        "lot": "A213B1",
        "serial": "1234",
        "manufactured": "2014-12-31",
        "expires": "2015-07-07",
    }
    assert [part["value"] for part in candidate["parts"]] == [number, "141231", "150707", "A213B1", "1234"]


async def test_a_broken_code_says_what_is_wrong(query: Ask) -> None:
    found = await resolve(query, "(01)09506000134353")
    assert (found["outcome"], found["asset"], found["candidates"]) == ("UNKNOWN", None, [])
    assert [fault["scheme"] for fault in found["faults"]] == ["gs1"]
    assert found["message"] == found["faults"][0]["message"]
    vin = await resolve(query, "1M8GDM9A1KP042788")
    assert [finding["code"] for finding in vin["candidates"][0]["findings"]] == ["VIN_CHECK_DIGIT"]
    assert "expected X, found 1" in vin["message"]


async def test_a_part_of_a_label_says_what_it_is(query: Ask) -> None:
    [fragment] = (await resolve(query, "(10)ABC(17)261231"))["fragments"]
    assert [part["value"] for part in fragment["parts"]] == ["ABC", "261231"]


async def test_identifiers_are_added_corrected_and_merged(query: Ask) -> None:
    wrong, right, more = (f"vin:{new_vin()}" for _ in range(3))
    twin, duplicate = await asset(query, wrong), await asset(query)
    added = (
        await query(
            """mutation($input: AddIdentifiersInput!) { addIdentifiers(input: $input) {
              asset { revision identifiers } errors { code } } }""",
            input={"asset": duplicate, "identifiers": [more]},
        )
    )["addIdentifiers"]
    assert added == {"asset": {"revision": 2, "identifiers": [more]}, "errors": []}
    document = """mutation($input: CorrectIdentifierInput!) { correctIdentifier(input: $input) {
      asset { identifiers formerIdentifiers } errors { code message path } } }"""
    given = {"asset": twin, "wrong": wrong, "right": more, "reason": "misread"}
    [refused] = (await query(document, input=given))["correctIdentifier"]["errors"]
    assert (refused["code"], duplicate in refused["message"]) == ("IDENTIFIER_TAKEN", True)
    [unreasoned] = (await query(document, input={**given, "right": right, "reason": None}))["correctIdentifier"][
        "errors"
    ]
    assert (unreasoned["code"], unreasoned["path"]) == ("INVALID_INPUT", ["reason"])
    corrected = (await query(document, input={**given, "right": right}))["correctIdentifier"]
    assert corrected["asset"] == {"identifiers": [right], "formerIdentifiers": [wrong]}

    merge = """mutation($input: MergeAssetsInput!) { mergeAssets(input: $input) {
      duplicate { id mergedInto { id } history { edges { node { action } } } }
      asset { id identifiers history { edges { node { action } } } } errors { code } } }"""
    given = {"duplicate": duplicate, "into": twin, "reason": "one and the same"}
    merged = (await query(merge, input=given))["mergeAssets"]
    assert merged["duplicate"]["mergedInto"] == {"id": twin}
    assert merged["duplicate"]["history"]["edges"][0]["node"]["action"] == "MERGE"
    assert merged["asset"]["identifiers"] == sorted([right, more])
    assert merged["asset"]["history"]["edges"][0]["node"]["action"] == "ABSORB"
    assert (await query(merge, input=given))["mergeAssets"]["errors"] == [{"code": "ASSET_MERGED"}]
    for identifier in (wrong, right, more):
        assert (await resolve(query, identifier.removeprefix("vin:")))["asset"]["id"] == twin


async def test_what_is_of_a_lot_or_product_is_listed(query: Ask) -> None:
    number = gtin()
    product = await asset(query, f"gs1:01/{number}", granularity="PRODUCT")
    item = await asset(query, f"gs1:01/{number}/10/L7/21/S1")
    document = """query($id: ID!, $product: String!) {
      asset(id: $id) { broaderIdentifiers partOf { id granularity } }
      assets(partOf: $product) { totalCount edges { node { id } } } }"""
    found = await query(document, id=item, product=f"gs1:01/{number}")
    assert found["asset"] == {
        "broaderIdentifiers": [f"gs1:01/{number}", f"gs1:01/{number}/10/L7"],
        "partOf": [{"id": product, "granularity": "PRODUCT"}],
    }
    assert found["assets"] == {"totalCount": 1, "edges": [{"node": {"id": item}}]}
    near = await resolve(query, f"(01){number}(21)S2")
    assert (near["outcome"], near["exact"], near["asset"]["id"]) == ("UNKNOWN", False, product)


async def test_the_public_follows_a_digital_link_and_sees_what_it_is(anonymous: httpx.AsyncClient, query: Ask) -> None:
    number = gtin()
    twin = await asset(query, f"gs1:01/{number}/21/S1")
    document = "query($text: String!) { resolveScan(text: $text) { outcome asset { id name identifiers } } }"
    for text, codes in ((f"https://id.gs1.org/01/{number}/21/S1", []), (f"(01){number}(21)S1", ["UNAUTHENTICATED"])):
        answer = (await anonymous.post("/graphql", json={"query": document, "variables": {"text": text}})).json()
        assert [error["extensions"]["code"] for error in answer.get("errors", ())] == codes
        if not codes:
            seen = {"id": twin, "name": "A pump", "identifiers": []}
            assert answer["data"]["resolveScan"] == {"outcome": "CURRENT", "asset": seen}
