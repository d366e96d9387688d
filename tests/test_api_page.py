"""The examples of the page for callers, run word for word against the demo: the printed results match."""

from __future__ import annotations

from pathlib import Path

from tests.walks import ROOT, walked
from twin import errors
from twin.api.graphql.bounds import DEEPEST, MOST_ALIASES, MOST_COST, MOST_DIRECTIVES
from twin.api.graphql.nodes import LARGEST_PAGE
from twin.api.graphql.schema import MOST_TOKENS
from twin.api.graphql.websocket import MOST_OPERATIONS
from twin.api.limits import LARGEST_BODY


def test_the_examples_print_what_the_page_says(tmp_path: Path) -> None:
    printed, expected = walked("docs/api.md", tmp_path, TWIN_TRUSTED_DOCUMENTS=str(ROOT / "docs" / "documents.json"))
    assert printed == expected
    assert len(printed) == 21


def test_the_page_names_every_code_of_an_error() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    codes, kinds = set(), [errors.TwinError]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        codes.add(getattr(kind, "code", None))
    found = {code for code in codes if code is not None and f"`{code}`" not in page}
    assert found <= {"SETUP", "ERROR"}, "the one is told by the command line alone, the other by nobody"


def test_the_page_tells_the_limits_that_hold() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    document = f"{MOST_TOKENS:,} tokens, {DEEPEST} levels, {MOST_ALIASES} aliases, {MOST_DIRECTIVES} directives, "
    for told in (
        f"{document}{MOST_COST:,} fields",
        f"{LARGEST_BODY // 1024} KiB",
        f"{MOST_OPERATIONS} operations at once",
        f"{LARGEST_PAGE} nodes",
    ):
        assert told in page
