"""Keys over GraphQL: the same use cases as on the command line, and no text but the one that is shown once."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import client_on
from twin.domain.actor import Audience, full_actor

if TYPE_CHECKING:
    import httpx

    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

CHIEF = full_actor("chief")
KEY = "id actor actorName roles audiences createdAt expiresAt lastUsedAt revokedAt"
ADD = f"mutation($input: AddKeyInput!) {{ addKey(input: $input) {{ text key {{ {KEY} }} errors {{ code path }} }} }}"
REVOKE = f"mutation($key: ID!) {{ revokeKey(input: {{key: $key}}) {{ key {{ {KEY} }} errors {{ code path }} }} }}"
LIST = (
    "query($first: Int, $after: String, $last: Int, $before: String) "
    "{ keys(first: $first, after: $after, last: $last, before: $before) "
    f"{{ totalCount edges {{ cursor node {{ {KEY} }} }} "
    "pageInfo { hasNextPage hasPreviousPage } } }"
)
FORGET = (
    "mutation($actor: String!) { forgetPerson(input: {actor: $actor}) { actor forgottenAt errors { code message } } }"
)


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    found = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
    assert "errors" not in found, found["errors"]
    [value] = found["data"].values()
    return dict(value)


async def test_a_key_is_made_shown_once_used_listed_and_taken_back(bench: Bench, client: httpx.AsyncClient) -> None:
    name = f"Zoë {uuid.uuid4().hex}"
    wanted = {"name": name, "roles": ["OPERATOR", "AUDITOR"], "audience": "PARTNER"}
    made = await ask(client, ADD, input={**wanted, "expiresAt": "2027-01-01T00:00:00Z"})
    text, key = made["text"], made["key"]
    assert made["errors"] == []
    assert (key["actorName"], key["roles"], key["audiences"]) == (name, ["AUDITOR", "OPERATOR"], ["PARTNER", "PUBLIC"])
    assert key["expiresAt"] == "2027-01-01T00:00:00+00:00"
    actor = await bench.services.keys.actor(text)
    assert actor.id == key["actor"]
    await bench.services.keys.settled()
    listed = await client.post("/graphql", json={"query": LIST})
    [edge] = [edge for edge in listed.json()["data"]["keys"]["edges"] if edge["node"]["id"] == key["id"]]
    assert edge["node"]["lastUsedAt"] is not None
    assert text not in listed.text
    one = await client.post(
        "/graphql", json={"query": f'{{ node(id: "{key["id"]}") {{ ... on ApiKey {{ {KEY} }} }} }}'}
    )
    assert one.json()["data"]["node"] == edge["node"]
    back = await ask(client, REVOKE, key=key["id"])
    assert back["errors"] == []
    assert back["key"]["revokedAt"] is not None
    assert await ask(client, REVOKE, key=key["id"]) == back
    async with client_on(bench, key=text) as holder:
        assert (await holder.post("/graphql", json={"query": "{ __typename }"})).status_code == 401


async def test_no_text_of_a_key_stands_in_the_audit_log(bench: Bench, client: httpx.AsyncClient) -> None:
    name = f"Zoë {uuid.uuid4().hex}"
    made = await ask(client, ADD, input={"name": name, "roles": ["VIEWER"]})
    await bench.services.audit_log.flush()
    rows = await bench.mongo.collection("audit_log").find({"operation": "addKey"}).to_list(None)
    [row] = [row for row in rows if row.get("nodes") == [{"id": made["key"]["id"], "revision": None}]]
    assert row["outcome"] == "done"
    for name_of in await bench.mongo.collections():
        found = repr(await bench.mongo.collection(name_of).find({}).to_list(None))
        assert made["text"] not in found
        assert (name in found) == (name_of == "people")


async def test_the_pages_of_keys_follow_each_other_both_ways(fresh_bench: Bench) -> None:
    for number in range(5):
        await fresh_bench.services.keys.add(CHIEF, f"line-{number}", roles=["viewer"])
    async with client_on(fresh_bench) as client:
        whole = await ask(client, LIST)
        ids = [edge["node"]["id"] for edge in whole["edges"]]
        assert [edge["node"]["actorName"] for edge in whole["edges"]] == [
            f"line-{number}" for number in (4, 3, 2, 1, 0)
        ]
        assert (whole["totalCount"], whole["pageInfo"]) == (5, {"hasNextPage": False, "hasPreviousPage": False})
        second = whole["edges"][1]["cursor"]
        after = await ask(client, LIST, first=2, after=second)
        assert [edge["node"]["id"] for edge in after["edges"]] == ids[2:4]
        assert after["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": True}
        back = await ask(client, LIST, last=2, before=after["edges"][0]["cursor"])
        assert [edge["node"]["id"] for edge in back["edges"]] == ids[:2]
        assert back["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}
        assert [edge["node"]["id"] for edge in (await ask(client, LIST, last=2))["edges"]] == ids[3:]


@pytest.mark.parametrize(
    ("more", "code", "path"),
    [
        ({"name": ""}, "INVALID_INPUT", ["name"]),
        ({"name": "x" * 101}, "TOO_LARGE", ["name"]),
        ({"roles": []}, "INVALID_INPUT", ["roles"]),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "INVALID_INPUT", ["expiresAt"]),
        ({"expiresAt": "2020-01-01T00:00:00"}, "INVALID_INPUT", ["expiresAt"]),
        ({"actor": "act-none"}, "NOT_FOUND", []),
    ],
)
async def test_a_key_that_cannot_be_is_refused_with_its_reason(
    client: httpx.AsyncClient, more: dict[str, Any], code: str, path: list[str]
) -> None:
    made = await ask(client, ADD, input={"name": "line-3", "roles": ["VIEWER"], **more})
    [error] = made["errors"]
    assert (error["code"], error["path"], made["text"], made["key"]) == (code, path, None, None)


async def test_nobody_gives_more_rights_than_they_have(bench: Bench) -> None:
    key = await bench.services.keys.add(CHIEF, "chief", roles=["admin"], audience=Audience.PARTNER)
    async with client_on(bench, key=key) as client:
        given = {"name": "friend", "roles": ["VIEWER"]}
        answer = await client.post("/graphql", json={"query": ADD, "variables": {"input": given}})
        assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        made = await ask(client, ADD, input={**given, "audience": "PARTNER"})
        assert made["text"]
        assert made["key"]["actorName"] is None  # who is not inside does not see what others are called


async def test_an_admin_forgets_somebody(bench: Bench, client: httpx.AsyncClient) -> None:
    made = await ask(client, ADD, input={"name": "Zoë", "roles": ["VIEWER"]})
    gone = await ask(client, FORGET, actor=made["key"]["actor"])
    assert gone["errors"] == []
    assert gone["actor"] == made["key"]["actor"]
    assert (await ask(client, FORGET, actor=made["key"]["actor"]))["forgottenAt"] == gone["forgottenAt"]
    again = await ask(client, ADD, input={"name": "Zoë", "roles": ["VIEWER"], "actor": made["key"]["actor"]})
    assert again["errors"][0]["code"] == "REFUSED"
    unknown = await ask(client, FORGET, actor="act-none")
    assert unknown["errors"][0]["code"] == "NOT_FOUND"
    assert (await ask(client, REVOKE, key="key_none"))["errors"] == [{"code": "NOT_FOUND", "path": []}]
