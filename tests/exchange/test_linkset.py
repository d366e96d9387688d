"""Link sets as documents: valid to the published schema, whatever the links say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from twin.domain.actor import Audience
from twin.domain.links import Link, Linkset
from twin.exchange.linkset import CONTEXT, as_linkset

SCHEMA = Path(__file__).parents[3] / "shared" / "vectors" / "gs1" / "gs1-linkset-schema.json"
VOC = "https://ref.gs1.org/voc/"
LEVELS = [
    Linkset(
        "01/09506000134352/10/A%2FB",
        "A drill",
        (
            Link(f"{VOC}pip", "Drill", "https://brand.example/d?x=1#y", ("en", "de-CH"), "text/html", default=True),
            Link(f"{VOC}pip", "Bohrer", "http://brand.example:8080", ("zh-Hans", "gsw", "es-419"), "image/svg+xml"),
            Link("https://schema.org/image", "Photo", "https://brand.example/p", context=("DE",), forwards_query=False),
            Link(f"{VOC}masterData", "Data", "https://brand.example/m", audience=Audience.PARTNER),
        ),
    ),
    Linkset("01/09506000134352", "A drill", (Link(f"{VOC}faqs", "FAQ", "https://brand.example/f", default=True),)),
]


def test_a_link_set_says_what_its_links_say() -> None:
    [narrow, wide] = as_linkset(LEVELS, "https://id.example/x")["linkset"]
    assert narrow["anchor"] == "https://id.example/x/01/09506000134352/10/A%2FB"
    assert narrow[f"{VOC}defaultLink"] == [{"href": "https://brand.example/d?x=1#y", "title": "Drill"}]
    assert narrow[f"{VOC}pip"][0] == {
        "href": "https://brand.example/d?x=1#y",
        "title": "Drill",
        "type": "text/html",
        "hreflang": ["en", "de-CH"],
    }
    assert narrow[f"{VOC}pip"][1]["hreflang"] == ["zh", "es"]
    assert narrow["https://schema.org/image"][0]["fwqs"] is False
    assert narrow[f"{VOC}masterData"][0]["public"] is False
    assert [*wide] == ["anchor", "itemDescription", f"{VOC}defaultLink", f"{VOC}faqs"]


def test_every_link_has_what_the_schema_asks_for() -> None:
    allowed = {"href", "title", "hreflang", "type", "context", "fwqs", "public"}
    for level in as_linkset(LEVELS, "https://id.example")["linkset"]:
        assert re.match(r"https?://[a-zA-z0-9./]+", level.pop("anchor"))
        assert isinstance(level.pop("itemDescription"), str)
        for name, links in level.items():
            assert re.fullmatch(r"https?://[a-zA-z0-9./]+", name)
            for link in links:
                assert {"href", "title"} <= link.keys() <= allowed
                assert all(re.fullmatch(r"\w{2}(-\w{2})?", tag) for tag in link.get("hreflang", ()))


@pytest.mark.skipif(not SCHEMA.exists(), reason="the published schema lies outside the repository")
def test_a_link_set_is_valid_to_the_published_schema() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(as_linkset(LEVELS, "https://id.example"), schema)
    broken: dict[str, Any] = as_linkset(LEVELS, "https://id.example")
    broken["linkset"][0][f"{VOC}pip"][0]["titel"] = "Drill"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_the_context_has_a_word_for_every_attribute() -> None:
    said = {"linkset", "anchor", "itemDescription", "href", "title", "type", "hreflang", "context", "fwqs", "public"}
    assert CONTEXT["@context"].keys() - {"@version"} == said
