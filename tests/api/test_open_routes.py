"""What scripts of other origins may ask, and what every other method gets there."""

from __future__ import annotations

import httpx
import pytest

from tests.api.pages.lives import issued, link_id
from tests.api.resolving import give, link, new_gtin
from tests.conftest import Bench
from tests.services.factory import new_asset
from twin.domain.actor import Actor

pytestmark = pytest.mark.anyio

OTHERS = ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW")


@pytest.fixture
async def paths(bench: Bench, actor: Actor) -> list[str]:
    """One path of each open route; some lead nowhere."""
    level, bare = (f"01/{new_gtin()}" for _ in range(2))
    await give(bench, actor, level, link())
    await new_asset(bench, actor, f"gs1:{bare}/21/S")
    label = link_id(await issued(bench, actor))
    known = (
        f"/{level}",
        f"/A/{bare}/21/S",
        f"/L/{label}",
        f"/l/{label}",
        f"/L/{label}.svg",
        "/.well-known/gs1resolver",
    )
    return [*known, "/contexts/linkset.jsonld", "/01/1", "/A/01/1", "/L/none", "/L/0123456789ABC8.svg"]


async def test_every_answer_is_for_scripts_of_every_origin(anonymous: httpx.AsyncClient, paths: list[str]) -> None:
    for path in paths:
        for method in ("GET", "HEAD", "OPTIONS", *OTHERS):
            answer = await anonymous.request(method, path, headers={"origin": "https://other.example"})
            assert answer.headers.get_list("access-control-allow-origin") == ["*"], (method, path)
            assert "access-control-allow-credentials" not in answer.headers
            assert "ETag" in answer.headers["access-control-expose-headers"]


async def test_another_method_is_refused_with_those_that_there_are(
    anonymous: httpx.AsyncClient, paths: list[str]
) -> None:
    for path in paths:
        for method in OTHERS:
            answer = await anonymous.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS"), (method, path)
            assert answer.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_options_says_what_may_be_asked(anonymous: httpx.AsyncClient, paths: list[str]) -> None:
    asked = {
        "origin": "https://other.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization, if-none-match",
    }
    for path in paths:
        answer = await anonymous.options(path, headers=asked)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["allow"] == answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
        allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
        assert allowed >= {"authorization", "if-none-match", "accept"}


async def test_what_changes_something_or_is_for_one_caller_is_closed_to_scripts(client: httpx.AsyncClient) -> None:
    for method, path in (
        ("POST", "/graphql"),
        ("GET", "/session"),
        ("OPTIONS", "/session"),
        ("GET", "/jobs/none.pdf"),
        ("GET", "/templates/asset_tag@builtin.svg"),
        ("POST", "/L/0123456789ABC8/photo"),
    ):
        answer = await client.request(method, path, headers={"origin": "https://other.example"})
        assert "access-control-allow-origin" not in answer.headers, path
