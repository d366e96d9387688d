"""What an attacker tries first: each is refused with its code, and nothing comes of it."""

from __future__ import annotations

import struct
import time
import zlib
from typing import Any

import httpx
import pytest

from tests.api.graphql.calls import ISSUE, REGISTER, Ask, issued, registered
from tests.api.graphql.test_links import SET, level_input
from tests.conftest import Bench
from tests.services.test_links import new_level

pytestmark = pytest.mark.anyio

OPERATORS: list[Any] = [{"$gt": ""}, {"$ne": None}, {"$where": "sleep(5000)"}, ["$gt"]]
TEXTS = ['{"$gt": ""}', "$where", "a.$b", "'; return true; var x='", "\u0000", "$" * 50]
MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


async def codes(client: httpx.AsyncClient, document: str, **variables: Any) -> list[str]:
    answer = await client.post("/graphql", json={"query": document, "variables": variables})
    assert "Traceback" not in answer.text
    return [error["extensions"]["code"] for error in answer.json().get("errors", [])]


@pytest.mark.parametrize("operator", OPERATORS)
async def test_operators_of_the_database_are_no_values(client: httpx.AsyncClient, operator: object) -> None:
    for document in (
        "query($v: String!) { label(linkId: $v) { id } }",
        "query($v: ID!) { node(id: $v) { id } }",
        "query($v: String!) { resolveScan(text: $v) { outcome } }",
        "query($v: String!) { search(text: $v) { totalCount } }",
    ):
        assert await codes(client, document, v=operator) == ["INVALID_QUERY"]
    for field in ("kind", "name", "clientMutationId"):
        given = {"kind": "vehicle", "name": "x", field: operator}
        assert await codes(client, REGISTER, input=given) == ["INVALID_QUERY"]


@pytest.mark.parametrize("text", TEXTS)
async def test_operators_as_texts_find_nothing_and_change_nothing(client: httpx.AsyncClient, text: str) -> None:
    begun = time.monotonic()
    for document in (
        "query($v: String!) { label(linkId: $v) { id } }",
        "query($v: ID!) { node(id: $v) { id } }",
    ):
        answer = (await client.post("/graphql", json={"query": document, "variables": {"v": text}})).json()
        assert answer["data"] is None or set(answer["data"].values()) == {None}
        assert all(error["extensions"]["code"] != "INTERNAL" for error in answer.get("errors", []))
    key = text.encode("unicode_escape").decode()
    answer = await client.post("/graphql", json={}, headers={"authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert time.monotonic() - begun < 4


BOMBS = {
    "depth": "{ labels { edges { node { " + "asset { labels { edges { node { " * 6 + "id" + " } } } }" * 6 + " } } } }",
    "aliases": "{ " + " ".join(f"a{n}: __typename" for n in range(500)) + " }",
    "directives": "{ __typename " + "... @include(if: true) { __typename } " * 150 + "}",
    "one directive many times": "{ __typename" + " @skip(if: false)" * 300 + " }",
    "a cycle of fragments": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "fragments that double": "{ ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(30))
    + " fragment F30 on Query { __typename }",
    "tokens": "{ " + "a " * 5_000 + "}",
    "brackets": "{a" * 20_000,
    "pages": "{ labels(first: 100) { edges { node { history(first: 100) { edges { node { revision } } } } } } }",
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_bombs_do_not_go_off(client: httpx.AsyncClient, bomb: str) -> None:
    begun = time.monotonic()
    assert "INVALID_QUERY" in await codes(client, BOMBS[bomb])
    assert time.monotonic() - begun < 3


async def test_a_batch_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json=[{"query": "{ __typename }"}] * 1_000)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert "JSON object" in answer.json()["errors"][0]["message"]


async def test_nothing_changes_but_by_a_post_of_json(client: httpx.AsyncClient, bench: Bench) -> None:
    document = 'mutation { registerAsset(input: { kind: "vehicle", name: "forged by GET" }) { asset { id } } }'
    form = {"operations": f'{{"query": "{document}"}}', "map": "{}"}
    answers = [
        await client.get("/graphql", params={"query": document}),
        await client.post("/graphql", params={"query": document}),
        await client.post("/graphql", files={"operations": (None, form["operations"]), "map": (None, "{}")}),
        await client.post("/graphql", data={"query": document}),
        await client.post("/graphql", content=f'{{"query": "{document}"}}', headers={"content-type": "text/plain"}),
    ]
    for answer in answers:
        assert answer.json()["errors"][0]["extensions"]["code"] in {"BAD_REQUEST", "METHOD_NOT_ALLOWED"}
        assert not answer.json().get("data")
    assert await bench.mongo.collection("assets").count_documents({"head.name": "forged by GET"}) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/gs1resolver/",
        "/graphql/",
        "/session/",
        "/healthz/",
        "//evil.example",
        "/L//evil.example/x",
        "/%5cevil",
    ],
)
async def test_no_redirect_is_built_of_what_a_request_says(anonymous: httpx.AsyncClient, path: str) -> None:
    answer = await anonymous.get(path)
    assert (answer.status_code, "location" in answer.headers) == (404, False)


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "//evil.example",
        "data:text/html,x",
        "https://a.example/\r\nSet-Cookie: a=b",
        "https://a.example/\nx",
        " https://a.example",
        "\\\\evil.example",
        "https:evil.example",
    ],
)
async def test_no_link_leads_to_a_scheme_or_header_of_an_attacker(query: Ask, href: str) -> None:
    link = {"type": "gs1:pip", "title": "x", "href": href, "isDefault": True}
    answer = (await query(SET, input=level_input(new_level(), link)))["setLinks"]
    assert [(error["code"], error["path"]) for error in answer["errors"]] == [("INVALID_INPUT", ["links", "0", "href"])]


@pytest.mark.parametrize("path", ["//evil.example", "/L//evil.example", "/L/%0d%0aSet-Cookie:a=b", "/l/..%2f..%2fevil"])
async def test_no_redirect_leaves_the_service(anonymous: httpx.AsyncClient, path: str) -> None:
    answer = await anonymous.get(httpx.URL("http://127.0.0.1:8000").copy_with(raw_path=path.encode()))
    assert answer.status_code in {400, 404}
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../web.py",
        "/static/%2e%2e/web.py",
        "/static/..%2fweb.py",
        "/static/graphiql/../../web.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..\\web.py",
        "/static/%00",
    ],
)
async def test_no_path_leads_out_of_the_static_files(anonymous: httpx.AsyncClient, path: str) -> None:
    answer = await anonymous.get(httpx.URL("http://127.0.0.1:8000").copy_with(raw_path=path.encode()))
    assert answer.status_code in {400, 404}
    assert "def " not in answer.text
    assert "root:" not in answer.text


async def test_markup_in_a_field_is_text_on_page_and_image(query: Ask, client: httpx.AsyncClient) -> None:
    asset = await registered(query, name=MARKUP)
    order = {"asset": asset["id"], "profile": "ASSET_TAG", "face": [{"name": "tag", "value": MARKUP[:30]}]}
    [label] = (await query(ISSUE, input={"labels": [order]}))["issueLabels"]["labels"]
    for path, accept in ((f"/L/{label['linkId']}", "text/html"), (f"/L/{label['linkId']}.svg?template=", "*/*")):
        answer = await client.get(path, headers={"accept": accept})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "onerror=alert(1)>" not in answer.text


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [60_000, 2**31 - 1])
async def test_a_small_file_of_a_huge_picture_is_not_unpacked(query: Ask, client: httpx.AsyncClient, side: int) -> None:
    label, begun = await issued(query), time.monotonic()
    answer = await client.post(f"/L/{label['linkId']}/photo", content=png_claiming(side, side))
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "INVALID_INPUT")
    assert time.monotonic() - begun < 10
