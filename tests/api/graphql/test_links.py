"""Links through the API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.graphql.calls import Ask
from tests.services.test_links import new_level

pytestmark = pytest.mark.anyio

SET = """mutation($input: SetLinksInput!) { setLinks(input: $input) {
  clientMutationId errors { code message path } linkset { id revision identifier description links {
    type title href hreflang mediaType context audience validFrom validUntil forwardsQuery isDefault } } } }"""
SET_MANY = """mutation($input: SetLinksetsInput!) { setLinksets(input: $input) {
  errors { code path } linksets { revision identifier } } }"""
FIND = """query($identifier: String!, $revision: Int) { linkset(identifier: $identifier, revision: $revision) {
  id revision changed { recordedAt } links { title }
  history(first: 5) { totalCount edges { node { revision actor reason description links { title } } } } } }"""
PIP = {"type": "gs1:pip", "title": "A drill", "href": "https://brand.example/drill", "isDefault": True}


def level_input(level: str, *links: dict[str, Any], expected: int = 0) -> dict[str, Any]:
    return {
        "identifier": level,
        "description": "A drill",
        "links": list(links or (PIP,)),
        "expectedRevision": expected,
    }


async def test_links_are_set_and_read_back_with_their_history(query: Ask) -> None:
    level = new_level()
    more = {"hreflang": ["de"], "mediaType": "text/html", "context": ["DE"], "validFrom": "2026-01-01T00:00:00Z"}
    german = {**PIP, **more, "isDefault": False, "forwardsQuery": False}
    asked = level_input(level, PIP, german) | {"reason": "launch", "clientMutationId": level}
    answer = (await query(SET, input=asked))["setLinks"]
    assert answer["errors"] == []
    assert answer["clientMutationId"] == level
    assert answer["linkset"]["identifier"] == level
    assert answer["linkset"]["links"][0]["type"] == "https://ref.gs1.org/voc/pip"
    assert answer["linkset"]["links"][1] == {
        **german,
        "type": "https://ref.gs1.org/voc/pip",
        "audience": "PUBLIC",
        "validFrom": "2026-01-01T00:00:00+00:00",
        "validUntil": None,
    }
    await query(SET, input=level_input(level, expected=1))
    found = (await query(FIND, identifier=level))["linkset"]
    assert [len(edge["node"]["links"]) for edge in found["history"]["edges"]] == [1, 2]
    assert found["history"]["edges"][1]["node"]["reason"] == "launch"
    before = (await query(FIND, identifier=f"https://id.gs1.org/{level}", revision=1))["linkset"]
    assert len(before["links"]) == 2
    node = await query("query($id: ID!) { node(id: $id) { id ... on Linkset { revision } } }", id=found["id"])
    assert node["node"] == {"id": found["id"], "revision": 2}
    listed = await query("{ linksets(first: 100) { totalCount edges { node { id } } } }")
    assert found["id"] in [edge["node"]["id"] for edge in listed["linksets"]["edges"]]


async def test_what_is_wrong_is_named(query: Ask) -> None:
    level = new_level()
    bad = {**PIP, "href": "ftp://brand.example/"}
    answer = (await query(SET, input=level_input(level, bad)))["setLinks"]
    assert answer["linkset"] is None
    assert [(error["code"], error["path"]) for error in answer["errors"]] == [("INVALID_INPUT", ["links", "0", "href"])]
    many = {"levels": [level_input(level), level_input(new_level(), PIP, bad)]}
    answer = (await query(SET_MANY, input=many))["setLinksets"]
    assert answer["errors"] == [{"code": "INVALID_INPUT", "path": ["levels", "1", "links", "1", "href"]}]
    answer = (await query(SET, input=level_input(level, expected=3)))["setLinks"]
    assert [error["code"] for error in answer["errors"]] == ["REVISION_CONFLICT"]


async def test_many_levels_are_set_at_once(query: Ask) -> None:
    levels = [new_level() for _ in range(50)]
    answer = (await query(SET_MANY, input={"levels": [level_input(level) for level in levels]}))["setLinksets"]
    assert answer == {"errors": [], "linksets": [{"revision": 1, "identifier": level} for level in levels]}


async def test_the_api_tells_links_to_nobody_without_a_key(anonymous: httpx.AsyncClient) -> None:
    for document in ('{ linkset(identifier: "01/09506000134352") { id } }', "{ linksets { totalCount } }"):
        answer = await anonymous.post("/graphql", json={"query": document})
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
