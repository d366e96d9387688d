"""Bodies on their way: gzip for who takes it, an ETag for each coding, and headers that come in several lines."""

from __future__ import annotations

import gzip

import httpx
import pytest

from tests.api.pages.lives import link_id, lived
from tests.api.resolving import LINKSET, give, link, new_gtin
from tests.conftest import Bench
from tests.services.factory import new_asset
from twin.api import answers
from twin.domain.actor import Actor
from twin.domain.history import Command
from twin.services.links import Order

pytestmark = pytest.mark.anyio

PLAIN = {"accept-encoding": "identity"}
GZIP = {"accept-encoding": "gzip"}


@pytest.fixture
async def paths(bench: Bench, actor: Actor) -> list[tuple[str, str]]:
    """Paths with a body of some kilobytes, and the Accept that gets it."""
    level = f"01/{new_gtin()}"
    links = [link("pip", f"https://brand.example/{number}", title=f"Document {number}") for number in range(20)]
    await give(bench, actor, level, *links)
    bare = f"01/{new_gtin()}/21/BARE"
    await new_asset(bench, actor, f"gs1:{bare}")
    label = f"/L/{link_id(await lived(bench, actor, 'stale'))}"
    kinds = ("text/html", "application/json")
    return [*((label, kind) for kind in kinds), (f"/{level}", LINKSET), (f"/A/{bare}", "text/html")]


async def raw(client: httpx.AsyncClient, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """An answer, and its body as it came."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.stream("GET", path, headers=named) as answer:
        return answer, b"".join([chunk async for chunk in answer.aiter_raw()])


async def test_who_takes_gzip_gets_the_same_in_fewer_bytes(
    anonymous: httpx.AsyncClient, paths: list[tuple[str, str]]
) -> None:
    for path, accept in paths:
        plain, body = await raw(anonymous, path, accept=accept, accept_encoding="identity")
        packed, fewer = await raw(anonymous, path, accept=accept, accept_encoding="gzip, br")
        again, same = await raw(anonymous, path, accept=accept, accept_encoding="gzip, br")
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(fewer) == body
        assert (same, again.headers["etag"]) == (fewer, packed.headers["etag"])
        assert len(fewer) < len(body)
        for answer, sent in ((plain, body), (packed, fewer)):
            assert int(answer.headers["content-length"]) == len(sent)
            assert "Accept-Encoding" in answer.headers["vary"]
            assert answer.headers["content-type"].startswith(accept)


async def test_each_coding_has_an_etag_and_a_304_of_its_own(
    anonymous: httpx.AsyncClient, paths: list[tuple[str, str]]
) -> None:
    for path, accept in paths:
        tags = {}
        for coding in ("identity", "gzip"):
            answer = await anonymous.get(path, headers={"accept": accept, "accept-encoding": coding})
            tags[coding] = answer.headers["etag"]
            assert not tags[coding].startswith("W/")
        assert tags["identity"] != tags["gzip"]
        for coding, tag in tags.items():
            for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
                asked = {"accept": accept, "accept-encoding": coding, "if-none-match": known}
                answer = await anonymous.get(path, headers=asked)
                assert (answer.status_code, answer.content) == (304, b""), (path, known)
                assert answer.headers["etag"] == tag
                assert "Accept-Encoding" in answer.headers["vary"]
                assert "content-encoding" not in answer.headers
        crossed = {"accept": accept, "accept-encoding": "gzip", "if-none-match": tags["identity"]}
        assert (await anonymous.get(path, headers=crossed)).status_code == 200


async def test_what_changes_has_another_etag_in_every_coding(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    level = f"01/{new_gtin()}"
    await give(bench, actor, level, *(link("pip", f"https://brand.example/{number}") for number in range(20)))
    asked = {"accept": LINKSET, **GZIP}
    before = await anonymous.get(f"/{level}", headers=asked)
    await bench.services.links.set(actor, Order(level, "A saw", [link(default=True, title="x" * 200)], 1), Command())
    after = await anonymous.get(f"/{level}", headers={**asked, "if-none-match": before.headers["etag"]})
    assert (after.status_code, after.json()["linkset"][0]["itemDescription"]) == (200, "A saw")


CODINGS = [
    ("gzip", True),
    ("x-gzip", True),
    ("GZIP", True),
    ("br, zstd, gzip;q=0.1", True),
    ("*", True),
    ("gzip;q=0", False),
    ("gzip;q=0, *", False),
    ("*;q=0", False),
    ("identity, gzip;q=0.9", False),
    ("identity;q=0.5, gzip;q=1.0", True),
    ("identity;q=0", False),
    ("br", False),
    ("", False),
    ("gzip;q=2", False),
    (";;,,q=gzip", False),
    ("gzipped", False),
]


@pytest.mark.parametrize(("header", "packed"), CODINGS)
async def test_quality_values_say_which_coding(
    bench: Bench, anonymous: httpx.AsyncClient, actor: Actor, header: str, *, packed: bool
) -> None:
    path = f"/L/{link_id(await lived(bench, actor, 'applied'))}"
    answer = await anonymous.get(path, headers={"accept-encoding": header})
    assert answer.status_code == 200
    assert ("content-encoding" in answer.headers) is packed


async def test_a_small_body_is_packed_only_for_who_takes_no_other(
    bench: Bench, anonymous: httpx.AsyncClient, actor: Actor
) -> None:
    level = f"01/{new_gtin()}"
    await give(bench, actor, level, link())
    assert len((await anonymous.get(f"/{level}", headers={"accept": LINKSET})).content) < answers.SMALL
    for header, packed in (("gzip", False), ("gzip, identity;q=0", True), ("gzip, *;q=0", True)):
        answer = await anonymous.get(f"/{level}", headers={"accept": LINKSET, "accept-encoding": header})
        assert ("content-encoding" in answer.headers) is packed, header
        assert answer.json()["linkset"]


async def test_head_says_what_get_says_in_every_coding(
    anonymous: httpx.AsyncClient, paths: list[tuple[str, str]]
) -> None:
    for path, accept in paths:
        for coding in (PLAIN, GZIP):
            got, headed = [
                await anonymous.request(method, path, headers={"accept": accept, **coding})
                for method in ("GET", "HEAD")
            ]
            ours = [{k: v for k, v in one.headers.items() if k != "x-request-id"} for one in (got, headed)]
            assert ours[0] == ours[1]


async def test_pages_of_problems_are_packed_and_images_are_not(
    bench: Bench, anonymous: httpx.AsyncClient, actor: Actor
) -> None:
    for path in ("/L/0123456789ABC8", "/01/123"):
        answer = await anonymous.get(path, headers={"accept": "text/html", **GZIP})
        assert (answer.headers["content-encoding"], answer.status_code >= 400) == ("gzip", True)
        assert "Accept-Encoding" in answer.headers["vary"]
        assert "</html>" in answer.text
    label = link_id(await lived(bench, actor, "applied"))
    for ending in ("png", "pdf"):
        assert "content-encoding" not in (await anonymous.get(f"/L/{label}.{ending}", headers=GZIP)).headers


async def test_graphql_packs_what_was_posted_alone(client: httpx.AsyncClient) -> None:
    document = "{ __schema { types { name description } } }"
    posted = await client.post("/graphql", json={"query": document}, headers=GZIP)
    assert (posted.headers["content-encoding"], posted.headers["vary"]) == ("gzip", "Accept, Accept-Encoding")
    assert len(posted.json()["data"]["__schema"]["types"]) > 50
    for answer in (
        await client.post("/graphql", json={"query": "{ __typename }"}, headers=GZIP),
        await client.post("/graphql", json={"query": document}, headers=PLAIN),
        await client.get("/graphql", params={"query": document}, headers=GZIP),
    ):
        assert (answer.status_code, "content-encoding" in answer.headers) == (200, False)


async def test_several_lines_of_a_header_are_one_list(bench: Bench, actor: Actor, anonymous: httpx.AsyncClient) -> None:
    path = f"/L/{link_id(await lived(bench, actor, 'stale'))}"
    page = await anonymous.get(
        path,
        headers=[
            ("accept-language", "fr"),
            ("accept", "application/json;q=0.1"),
            ("accept-language", "de;q=0.9"),
            ("accept", "text/html"),
            ("accept-encoding", "br"),
            ("accept-encoding", "gzip"),
        ],
    )
    assert page.headers["content-language"] == "de"
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-encoding"] == "gzip"
    known = [("accept", "text/html"), ("if-none-match", '"one"')]
    tag = (await anonymous.get(path, headers=known)).headers["etag"]
    assert (await anonymous.get(path, headers=[*known, ("if-none-match", tag)])).status_code == 304
    level = f"01/{new_gtin()}"
    await give(
        bench,
        actor,
        level,
        link("pip", "https://brand.example/en", hreflang=("en",)),
        link("pip", "https://brand.example/de", hreflang=("de",)),
    )
    answer = await anonymous.get(f"/{level}", headers=[("accept-language", "fr"), ("accept-language", "de")])
    assert answer.headers["location"] == "https://brand.example/de"
    answer = await anonymous.get(f"/{level}", headers=[("accept", "a/b;q=0.1"), ("accept", LINKSET)])
    assert answer.headers["content-type"] == LINKSET
    for accepts in (["a/b", "text/html"], ["text/html", "a/b"]):
        problem = await anonymous.get("/L/0123456789ABC8", headers=[("accept", one) for one in accepts])
        assert problem.headers["content-type"].startswith("text/html")
