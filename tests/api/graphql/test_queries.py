"""Queries: nouns, lists, pages, the past, and who may ask."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.graphql.calls import Ask, issued, move, registered
from tests.conftest import Bench, client_on

pytestmark = pytest.mark.anyio


async def test_a_label_by_id_by_link_and_as_a_node(query: Ask) -> None:
    label = await issued(query)
    found = await query(
        """query($id: ID!, $link: String!) {
             byId: label(id: $id) { linkId } byLink: label(linkId: $link) { id }
             node(id: $id) { id ... on Label { linkId asset { id labels { edges { node { id } } } } } } }""",
        id=label["id"],
        link=label["linkId"].lower(),
    )
    assert found["byId"]["linkId"] == label["linkId"]
    assert found["byLink"]["id"] == label["id"]
    assert found["node"]["asset"]["id"] == label["asset"]
    assert found["node"]["asset"]["labels"]["edges"] == [{"node": {"id": label["id"]}}]


async def test_both_versions_of_a_revised_label(query: Ask) -> None:
    label = await issued(query)
    change = {
        "label": label["id"],
        "expectedRevision": 1,
        "face": [{"name": "tag", "value": "T-2"}],
        "reason": "renumbered",
    }
    await query(move("reviseLabel", "ReviseLabelInput"), input=change)
    found = await query(
        """query($id: ID!) { label(id: $id) { history { totalCount edges { cursor node {
             revision action actor reason hash label { revision face { name title value } } } } } }
             first: label(id: $id, revision: 1) { revision face { value } } }""",
        id=label["id"],
    )
    newest, oldest = [edge["node"] for edge in found["label"]["history"]["edges"]]
    assert (newest["revision"], newest["action"], newest["reason"]) == (2, "REVISE", "renumbered")
    assert newest["label"]["face"] == [{"name": "tag", "title": "Asset number", "value": "T-2"}]
    assert oldest["label"] == {"revision": 1, "face": [{"name": "tag", "title": "Asset number", "value": "T-1"}]}
    assert found["first"] == {"revision": 1, "face": [{"value": "T-1"}]}
    assert newest["hash"] != oldest["hash"]


async def test_history_pages_in_both_directions(query: Ask) -> None:
    label = await issued(query)
    for revision in range(1, 40):
        change = {
            "label": label["id"],
            "expectedRevision": revision,
            "attributes": [{"name": "count", "value": str(revision)}],
        }
        await query(move("reviseLabel", "ReviseLabelInput"), input=change)
    document = """query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { label(id: $id) {
      history(first: $first, after: $after, last: $last, before: $before) {
        totalCount edges { node { revision } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""

    async def page(**given: Any) -> tuple[list[int], dict[str, Any]]:
        history = (await query(document, id=label["id"], **given))["label"]["history"]
        assert history["totalCount"] == 40
        return [edge["node"]["revision"] for edge in history["edges"]], history["pageInfo"]

    forward: list[int] = []
    info: dict[str, Any] = {"endCursor": None, "hasNextPage": True}
    while info["hasNextPage"]:
        revisions, info = await page(first=7, after=info["endCursor"])
        forward += revisions
    assert forward == list(range(40, 0, -1))
    backward: list[int] = []
    info = {"startCursor": None, "hasPreviousPage": True}
    while info["hasPreviousPage"]:
        revisions, info = await page(last=7, before=info["startCursor"])
        backward = revisions + backward
    assert backward == forward


async def test_lists_page_filter_and_count(fresh_bench: Bench) -> None:
    async with client_on(fresh_bench) as client:

        async def ask(document: str, **variables: Any) -> dict[str, Any]:
            answer = (await client.post("/graphql", json={"query": document, "variables": variables})).json()
            assert "errors" not in answer, answer["errors"]
            return dict(answer["data"])

        labels = [await issued(ask) for _ in range(7)]
        await ask(move("voidLabel"), input={"label": labels[3]["id"], "reason": "test"})
        document = """query($after: String, $states: [LabelState!]) { labels(first: 3, after: $after, states: $states) {
          totalCount edges { node { id } } pageInfo { hasNextPage endCursor } } }"""
        seen: list[str] = []
        after = None
        for expected in (True, True, False):
            page = (await ask(document, after=after))["labels"]
            assert page["totalCount"] == 7
            assert page["pageInfo"]["hasNextPage"] is expected
            seen += [edge["node"]["id"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
        assert seen == [label["id"] for label in reversed(labels)]
        void = (await ask(document, states=["VOID"]))["labels"]
        assert [edge["node"]["id"] for edge in void["edges"]] == [labels[3]["id"]]
        assert void["totalCount"] == 1
        kinds = await ask('{ assets(kinds: ["vehicle"]) { totalCount } none: assets(kinds: ["boat"]) { totalCount } }')
        assert kinds == {"assets": {"totalCount": 7}, "none": {"totalCount": 0}}


async def test_an_asset_shows_the_labels_that_it_carried_then(query: Ask) -> None:
    label = await issued(query)
    document = "query($id: ID!) { label(id: $id) { changed { occurredAt } asset { id } } }"
    then = (await query(document, id=label["id"]))["label"]["changed"]["occurredAt"]
    await query(move("voidLabel"), input={"label": label["id"], "reason": "test"})
    assert (await query(document, id=label["id"]))["label"]["asset"] is None
    found = await query(
        """query($id: ID!, $asOf: AsOf) { now: asset(id: $id) { labels { edges { node { id } } } }
             then: asset(id: $id, asOf: $asOf) { labels { totalCount edges { node { id state asset { id } } } } } }""",
        id=label["asset"],
        asOf={"occurred": then},
    )
    assert found["now"]["labels"]["edges"] == []
    assert found["then"]["labels"]["totalCount"] == 1
    [edge] = found["then"]["labels"]["edges"]
    assert edge["node"] == {"id": label["id"], "state": "ISSUED", "asset": {"id": label["asset"]}}


async def test_an_asset_by_its_vin(query: Ask) -> None:
    asset = await registered(query, identifiers=["vin:WVWZZZ1JZ3W386752"])
    found = await query('{ asset(identifier: "vin:wvwzzz1jz3w386752") { id identifiers } }')
    assert found["asset"] == {"id": asset["id"], "identifiers": ["vin:WVWZZZ1JZ3W386752"]}
    taken = await query(
        "mutation($input: RegisterAssetInput!) { registerAsset(input: $input) { errors { code message } } }",
        input={"kind": "vehicle", "name": "Twin", "identifiers": ["vin:WVWZZZ1JZ3W386752"]},
    )
    [error] = taken["registerAsset"]["errors"]
    assert error["code"] == "IDENTIFIER_TAKEN"
    assert asset["id"] in error["message"]


async def test_scans_resolve_and_are_logged_once(query: Ask) -> None:
    label = await issued(query)
    document = """query($text: String!) { resolveScan(text: $text) {
      outcome flags message label { id } asset { id } candidates { canonical findings { code } } } }"""
    found = (await query(document, text=label["payload"]))["resolveScan"]
    assert found["outcome"] == "NOT_YET_APPLIED"
    assert found["label"]["id"] == label["id"]
    foreign = (await query(document, text=f"https://evil.example/L/{label['linkId']}"))["resolveScan"]
    assert (foreign["outcome"], foreign["label"]) == ("UNKNOWN", None)
    assert "evil.example" in foreign["message"]
    record = """mutation($input: RecordScanInput!) { recordScan(input: $input) {
      scan { id outcome } resolution { label { revision } } errors { code } } }"""
    sent = {"text": label["payload"], "place": "Gate 2", "clientMutationId": f"scan-{label['id']}"}
    first = await query(record, input=sent)
    assert await query(record, input=sent) == first
    assert first["recordScan"]["resolution"]["label"]["revision"] == 1


async def test_the_public_sees_the_public_fields_of_a_label_it_holds(anonymous: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(
        query,
        face=[{"name": "tag", "value": "T-9"}, {"name": "note", "value": "secret"}],
        attributes=[{"name": "cost", "value": "9000"}],
    )
    document = """query($link: String!) { label(linkId: $link) { state outcome face { name } attributes { name }
      asset { name identifiers attributes { name } } history { edges { node { action actor reason } } } } }"""
    answer = await anonymous.post("/graphql", json={"query": document, "variables": {"link": label["linkId"]}})
    found = answer.json()["data"]["label"]
    assert found["face"] == [{"name": "tag"}]
    assert found["attributes"] == []
    assert found["asset"]["identifiers"] == []
    assert found["history"]["edges"] == [{"node": {"action": "ISSUE", "actor": None, "reason": None}}]


FOR_KEYS = [
    "{ labels { totalCount } }",
    "{ assets { totalCount } }",
    '{ asset(identifier: "vin:1M8GDM9AXKP042788") { id } }',
    '{ label(id: "lbl_aaaaaaaaaaaaaaaaaaaaaaaa") { id } }',
    '{ node(id: "lbl_aaaaaaaaaaaaaaaaaaaaaaaa") { id } }',
    '{ node(id: "ast_aaaaaaaaaaaaaaaaaaaaaaaa") { id } }',
    '{ resolveScan(text: "1M8GDM9AXKP042788") { outcome } }',
]


@pytest.mark.parametrize("document", FOR_KEYS)
async def test_lists_and_guessable_names_need_a_key(anonymous: httpx.AsyncClient, document: str) -> None:
    answer = await anonymous.post("/graphql", json={"query": document})
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_public_cannot_reach_other_labels_through_an_asset(anonymous: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(query)
    document = "query($link: String!) { label(linkId: $link) { asset { labels { edges { node { linkId } } } } } }"
    answer = await anonymous.post("/graphql", json={"query": document, "variables": {"link": label["linkId"]}})
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert answer.json()["data"] == {"label": {"asset": None}}


BAD_ARGUMENTS = [
    ("{ label { id } }", "INVALID_INPUT"),
    ('{ label(id: "lbl_a", linkId: "0123456789ABC8") { id } }', "INVALID_INPUT"),
    ('{ label(linkId: "nothing of ours") { id } }', "NOT_FOUND"),
    ('{ label(id: "lbl_nothing") { id } }', "NOT_FOUND"),
    ('{ asset(id: "ast_nothing") { id } }', "NOT_FOUND"),
    ('{ asset(identifier: "vin:1M8") { id } }', "INVALID_IDENTIFIER"),
    ('{ asset(identifier: "a drill") { id } }', "INVALID_IDENTIFIER"),
    ("{ labels(first: 0) { totalCount } }", "INVALID_INPUT"),
    ("{ labels(first: 101) { totalCount } }", "INVALID_INPUT"),
    ("{ labels(first: 1, last: 1) { totalCount } }", "INVALID_INPUT"),
    ('{ labels(after: "%%%") { totalCount } }', "INVALID_INPUT"),
    ('{ label(id: "lbl_a", revision: 0) { id } }', "INVALID_INPUT"),
    ('{ label(id: "lbl_a", asOf: { occurred: "2026-01-01T00:00:00" }) { id } }', "INVALID_INPUT"),
    ("{ nothing }", "INVALID_QUERY"),
    ("{ labels(first: true) { totalCount } }", "INVALID_QUERY"),
    ("{ labels", "INVALID_QUERY"),
    ('{ resolveScan(text: "a\\u0000b") { outcome } }', "INVALID_INPUT"),
]


@pytest.mark.parametrize(("document", "code"), BAD_ARGUMENTS)
async def test_bad_arguments_have_a_code_and_no_trace(client: httpx.AsyncClient, document: str, code: str) -> None:
    answer = await client.post("/graphql", json={"query": document})
    assert answer.status_code < 500
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert "Traceback" not in answer.text


async def test_a_fault_is_masked_and_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(type(bench.services.labels), "find", broken)
    async with client_on(bench) as client:
        answer = await client.post("/graphql", json={"query": '{ label(linkId: "0123456789ABC8") { id } }'})
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "hunter2" not in answer.text
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    assert "hunter2" in caplog.text


async def revised(query: Ask, label: dict[str, Any], times: int) -> None:
    """Change a free field again and again."""
    for revision in range(1, times + 1):
        change = {
            "label": label["id"],
            "expectedRevision": revision,
            "attributes": [{"name": "count", "value": str(revision)}],
        }
        await query(move("reviseLabel", "ReviseLabelInput"), input=change)


async def test_the_difference_between_two_revisions_is_data(query: Ask) -> None:
    label = await issued(query)
    await query(move("printLabel", "PrintLabelInput"), input={"label": label["id"]})
    change = {"label": label["id"], "expectedRevision": 2, "face": [{"name": "tag", "value": "T-2"}]}
    await query(move("reviseLabel", "ReviseLabelInput"), input=change)
    document = """query($id: ID!, $from: Int!, $to: Int) {
      label(id: $id) { diff(from: $from, to: $to) { path before after } } }"""
    forward = (await query(document, id=label["id"], **{"from": 2}))["label"]["diff"]
    assert forward == [{"path": ["face", "tag"], "before": "T-1", "after": "T-2"}]
    backward = (await query(document, id=label["id"], **{"from": 3, "to": 2}))["label"]["diff"]
    assert backward == [{"path": ["face", "tag"], "before": "T-2", "after": "T-1"}]
    whole = (await query(document, id=label["id"], **{"from": 1, "to": 3}))["label"]["diff"]
    assert {"path": ["state"], "before": "ISSUED", "after": "PRINTED"} in whole
    assert {"path": ["payload"], "before": None, "after": label["payload"]} in whole


async def test_a_difference_needs_two_revisions_that_are(client: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(query)
    for given in ("from: 0", "from: 2", "from: 1, to: 9"):
        document = f'{{ label(id: "{label["id"]}") {{ diff({given}) {{ path }} }} }}'
        answer = (await client.post("/graphql", json={"query": document})).json()
        assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
        assert "from 1 to 1" in answer["errors"][0]["message"]


@pytest.mark.parametrize("length", [3, 45, 190])
async def test_history_of_some_actions_and_actors_pages_in_both_directions(query: Ask, length: int) -> None:
    label = await issued(query)
    await revised(query, label, length)
    await query(move("printLabel", "PrintLabelInput"), input={"label": label["id"]})
    document = """query($id: ID!, $actions: [LabelAction!], $actor: String, $first: Int, $after: String, $last: Int,
      $before: String) { label(id: $id) { history(actions: $actions, actor: $actor, first: $first, after: $after,
        last: $last, before: $before) { totalCount edges { node { revision action } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""

    async def page(**given: Any) -> dict[str, Any]:
        return dict((await query(document, id=label["id"], **given))["label"]["history"])

    rare = await page(actions=["ISSUE", "PRINT"])
    assert [edge["node"]["revision"] for edge in rare["edges"]] == [length + 2, 1]
    assert rare["totalCount"] == 2
    assert not rare["pageInfo"]["hasNextPage"]
    one = await page(actions=["ISSUE", "PRINT"], first=1)
    assert one["pageInfo"]["hasNextPage"]
    two = await page(actions=["ISSUE", "PRINT"], first=1, after=one["pageInfo"]["endCursor"])
    assert [edge["node"]["action"] for edge in two["edges"]] == ["ISSUE"]
    assert not two["pageInfo"]["hasNextPage"]
    oldest = await page(actions=["REVISE"], last=2)
    assert [edge["node"]["revision"] for edge in oldest["edges"]] == [3, 2]
    assert oldest["pageInfo"]["hasPreviousPage"] is (length > 2)
    assert (await page(actor="nobody"))["edges"] == []
    assert (await page(actor="nobody"))["totalCount"] == 0
    assert (await page(actor="demo"))["totalCount"] == length + 2


async def test_who_may_not_see_actors_cannot_find_them_by_asking(anonymous: httpx.AsyncClient, query: Ask) -> None:
    label = await issued(query)
    document = f'{{ label(linkId: "{label["linkId"]}") {{ history(actor: "demo") {{ totalCount }} }} }}'
    answer = (await anonymous.post("/graphql", json={"query": document})).json()
    assert answer["data"]["label"]["history"]["totalCount"] == 0
