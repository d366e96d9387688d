"""Links: what one may be, and what a level may have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from twin.domain.actor import Audience
from twin.domain.history import Command, merge
from twin.domain.links import Link, Linkset, asked_type, link_type, set_links
from twin.errors import InvalidInput, TooLarge
from twin.identity.gs1 import Level

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PIP = "https://ref.gs1.org/voc/pip"
LEVEL = Level.parse("01/09506000134352/10/ABC")


def link(**more: Any) -> Link:
    given: dict[str, Any] = {"type": PIP, "title": "A drill", "href": "https://brand.example/drill", "default": True}
    return Link(**(given | more))


def drafted(*links: Link, before: dict[str, Any] | None = None) -> dict[str, Any]:
    draft = set_links(before or {}, LEVEL, description="A drill", links=links, command=Command(), now=NOW)
    return dict(draft.change)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("gs1:pip", PIP),
        (PIP, PIP),
        ("https://gs1.org/voc/pip", PIP),
        ("https://schema.org/image", "https://schema.org/image"),
    ],
)
def test_a_type_is_a_url_however_it_is_written(text: str, url: str) -> None:
    assert link_type(text) == asked_type(text) == url


@pytest.mark.parametrize(
    "text",
    ["gs1:defaultLink", "gs1:defaultLinkMulti", "pip", "gs1:", "gs1:a b", "https://x.example/a?b", "", "x" * 300],
)
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        link_type(text)


BAD = [
    ("href", {"href": "javascript:alert(1)"}),
    ("href", {"href": "https://"}),
    ("href", {"href": "https://user@brand.example/"}),
    ("href", {"href": "https://brand.example/a b"}),
    ("href", {"href": "https://brand.example/%4"}),
    ("href", {"href": "https://brand.example/" + "x" * 2_000}),
    ("href", {"href": "HTTPS://brand.example/"}),
    ("title", {"title": ""}),
    ("title", {"title": "x" * 201}),
    ("title", {"title": "a\nb"}),
    ("hreflang", {"hreflang": ("e",)}),
    ("hreflang", {"hreflang": ("en_GB",)}),
    ("hreflang", {"hreflang": ("en",) * 17}),
    ("mediaType", {"media_type": "text"}),
    ("mediaType", {"media_type": "text/html; charset=utf-8"}),
    ("context", {"context": ("x" * 65,)}),
    ("validFrom", {"valid_from": datetime(2026, 1, 1), "default": False}),  # noqa: DTZ001 - that is what is wrong
    ("validUntil", {"valid_from": NOW, "valid_until": NOW, "default": False}),
    ("default", {"valid_from": NOW}),
    ("default", {"audience": Audience.PARTNER}),
]


@pytest.mark.parametrize(("path", "more"), BAD)
def test_what_breaks_a_rule_is_named(path: str, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        link(**more)
    assert refused.value.path == (path,)


@pytest.mark.parametrize("tag", ["en", "de-CH", "zh-Hans", "es-419", "sr-Latn-RS", "de-1996", "gsw", "en-x-plant"])
def test_a_language_is_a_tag_of_bcp_47(tag: str) -> None:
    assert link(hreflang=(tag,)).hreflang == (tag,)


def test_a_level_has_exactly_one_default_or_no_links() -> None:
    for links in ([link(default=False)], [link(), link(href="https://brand.example/other")]):
        with pytest.raises(InvalidInput, match="exactly one default"):
            drafted(*links)
    assert "default" not in drafted()
    assert drafted(link(default=False, title="B"), link(type="https://ref.gs1.org/voc/faqs"))["default"] == "001"


def test_a_level_has_a_hundred_links_at_most_and_none_twice() -> None:
    many = [link(href=f"https://brand.example/{n}", default=n == 0) for n in range(101)]
    assert len(drafted(*many[:100])["links"]) == 100
    with pytest.raises(TooLarge):
        drafted(*many)
    with pytest.raises(InvalidInput, match="twice") as refused:
        drafted(link(), link(default=False))
    assert refused.value.path == ("links", "1", "href")


def test_what_is_stored_reads_back() -> None:
    links = (
        link(hreflang=("en", "de"), media_type="text/html", context=("DE",), forwards_query=False),
        link(default=False, audience=Audience.PARTNER, valid_from=NOW, valid_until=NOW + timedelta(days=1)),
    )
    state = merge({}, drafted(*links))
    assert Linkset.from_state(state) == Linkset(LEVEL.path, "A drill", links)
    with pytest.raises(InvalidInput, match="already"):
        drafted(*links, before=state)


def test_a_link_holds_from_its_first_moment_to_before_its_last() -> None:
    day = timedelta(days=1)
    limited = link(default=False, valid_from=NOW, valid_until=NOW + day)
    assert [limited.in_force(NOW + shift) for shift in (-day, day * 0, day)] == [False, True, False]
