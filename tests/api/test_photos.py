"""The door for photos: its bounds, its errors, and the same answer as GraphQL's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.graphql.calls import Ask, issued, move
from tests.renderers.photos import drawn, file_of, taken

pytestmark = pytest.mark.anyio

HISTORY = """query($id: ID!) { label(id: $id) { history(first: 1) { edges { node { action evidence { name value }
  verification { passed read carrier grade photo { sha256 size symbols { text symbologyIdentifier carrier } } }
} } } } }"""


async def on_asset(query: Ask) -> dict[str, str]:
    label = await issued(query)
    for step in ("print", "apply"):
        given = "PrintLabelInput" if step == "print" else "LabelInput"
        assert not (await query(move(f"{step}Label", given), input={"label": label["id"]}))[f"{step}Label"]["errors"]
    return label


async def test_a_photo_verifies_and_the_history_says_so(client: httpx.AsyncClient, query: Ask) -> None:
    label = await on_asset(query)
    photo = file_of(taken(drawn((label["payload"], "qr")), turn=7))
    answer = await client.post(
        f"/L/{label['linkId']}/photo", params={"grade": "A", "reason": "spot check"}, content=photo
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["label"] == {"id": label["id"], "linkId": label["linkId"], "revision": 4, "state": "VERIFIED"}
    [edge] = (await query(HISTORY, id=label["id"]))["label"]["history"]["edges"]
    assert edge["node"]["action"] == "VERIFY"
    assert edge["node"]["verification"] == told["verification"]
    assert told["verification"]["photo"]["symbols"] == [
        {"text": label["payload"], "symbologyIdentifier": "]Q1", "carrier": "link"}
    ]
    assert {field["name"] for field in edge["node"]["evidence"]} == {"read", "carrier", "grade"}


async def test_what_a_scanner_read_verifies_over_graphql(query: Ask) -> None:
    label = await on_asset(query)
    given = {"label": label["linkId"], "read": f"]Q1{label['payload']}", "grade": "C"}
    assert not (await query(move("verifyLabel", "VerifyLabelInput"), input=given))["verifyLabel"]["errors"]
    [edge] = (await query(HISTORY, id=label["id"]))["label"]["history"]["edges"]
    found = edge["node"]["verification"]
    assert (found["passed"], found["carrier"], found["grade"], found["photo"]) == (True, "link", "C", None)


PRINTED_FROM = """query($link: String!, $read: String!) { label(linkId: $link) { printedFrom(payload: $read) {
  carrier stale changed { path before after } job template version { revision action occurredAt actor } } } }"""


async def test_paper_is_asked_over_graphql(anonymous: httpx.AsyncClient, query: Ask) -> None:
    label = await on_asset(query)
    given = {"link": label["linkId"], "read": label["payload"]}
    [found] = (await query(PRINTED_FROM, **given))["label"]["printedFrom"]
    assert (found["carrier"], found["stale"], found["changed"], found["job"]) == ("link", False, [], None)
    assert (found["version"]["revision"], found["version"]["action"]) == (2, "PRINT")
    answer = await anonymous.post("/graphql", json={"query": PRINTED_FROM, "variables": given})
    [public] = answer.json()["data"]["label"]["printedFrom"]
    assert found["template"] == "asset_tag@builtin"
    assert public == {**found, "template": None, "version": {**found["version"], "actor": None}}
    assert (await query(PRINTED_FROM, **given | {"read": "something else"}))["label"]["printedFrom"] == []


async def test_nobody_sends_a_photo_without_a_key(anonymous: httpx.AsyncClient, query: Ask) -> None:
    label = await on_asset(query)
    parts = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal parts
        while True:
            parts += 1
            yield bytes(65536)

    answer = await anonymous.post(f"/L/{label['linkId']}/photo", content=body())
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert parts == 0


@pytest.mark.parametrize(
    ("content", "params", "status", "code"),
    [
        (b"no photo", {}, 400, "INVALID_INPUT"),
        (bytes(9_000_000), {}, 413, "TOO_LARGE"),
        (file_of(drawn(("TWIN-42", "qr"))), {"grade": "E"}, 400, "INVALID_INPUT"),
        (b"x", {"occurredAt": "yesterday"}, 400, "INVALID_INPUT"),
        (b"x", {"expectedRevision": "-1"}, 400, "INVALID_INPUT"),
        (b"x", {"garde": "A"}, 400, "INVALID_INPUT"),
        (file_of(drawn(("TWIN-42", "qr"))), {"expectedRevision": "1"}, 409, "REVISION_CONFLICT"),
    ],
)
async def test_what_is_refused_is_told(
    client: httpx.AsyncClient, query: Ask, content: bytes, params: dict[str, str], status: int, code: str
) -> None:
    label = await on_asset(query)
    answer = await client.post(f"/L/{label['linkId']}/photo", content=content, params=params)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)
    assert "Traceback" not in answer.text


async def test_only_photos_may_be_so_large(client: httpx.AsyncClient) -> None:
    large = bytes(300_000)
    for path in ("/graphql", "/L/0123456789ABC8", "/L/0123456789ABC8/photo/x", "/photo"):
        assert (await client.post(path, content=large)).status_code == 413
    assert (await client.post("/L/0123456789ABC8/photo", content=large)).status_code == 404


async def test_a_sender_who_goes_away_leaves_no_error_in_the_log(
    client: httpx.AsyncClient, query: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    label = await on_asset(query)
    app = client._transport.app  # type: ignore[attr-defined]
    said: list[str] = []

    async def receive() -> dict[str, object]:
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        said.append(str(message["type"]))

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/L/{label['linkId']}/photo",
        "query_string": b"",
        "headers": [(b"authorization", client.headers["authorization"].encode())],
    }
    await app(scope, receive, send)
    assert not caplog.records
