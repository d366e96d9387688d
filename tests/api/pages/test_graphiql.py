"""GraphiQL: its page, its files, and the query that it begins with."""

from __future__ import annotations

import html
import re
from pathlib import Path

import graphql
import httpx
import pytest

import twin.api
from tests.conftest import Bench
from twin.api import web
from twin.api.pages import graphiql

ROOT = Path(twin.api.__file__).parents[2]
FILES = Path(twin.api.__file__).parent / "static" / "graphiql"
BROWSER = {"accept": "text/html"}


def body(key: str | None) -> str:
    return bytes(graphiql.response(key).body).decode()


def test_the_first_query_is_valid() -> None:
    schema = graphql.build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))
    assert graphql.validate(schema, graphql.parse(graphiql.QUERY)) == []


def test_the_key_is_escaped_and_there_only_when_given() -> None:
    hostile = """"><script>alert('1')</script>"""
    page = body(hostile)
    (found,) = re.findall(r'data-key="([^"]*)"', page)
    assert html.unescape(found) == hostile
    assert "<script>" not in page
    assert "data-key" not in body(None)


def test_scripts_and_styles_are_files_of_ours() -> None:
    page, policy = body("demo"), graphiql.response("demo").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert re.search(r"<style|\son[a-z]+=| style=", page) is None
    linked = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(linked) == 6
    for path in linked:
        assert (FILES.parents[1] / path).is_file()


def test_no_file_asks_for_a_source_map() -> None:
    for file in FILES.iterdir():
        assert "sourceMappingURL" not in file.read_text(encoding="utf-8")


def test_every_file_is_packaged_and_every_licence_noticed() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for file in FILES.iterdir():
        assert file.suffix in {".css", ".js", ".txt"}, "pyproject.toml packages these"
        assert file.stem == "start" or file.name in notice


@pytest.mark.anyio
async def test_a_browser_gets_it_where_it_is_enabled(bench: Bench) -> None:
    for enabled in (True, False):
        app = web.application(bench.services, graphiql=enabled, demo_key="demo")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            answer = await client.get("/graphql", headers=BROWSER)
            assert ('id="graphiql"' in answer.text) is enabled
            if enabled:
                assert answer.headers["cache-control"] == "no-store"
