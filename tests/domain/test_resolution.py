"""Which link answers: the default, or one that fits what the request says better."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.domain.links import Link, Linkset
from twin.domain.resolution import MOST_RANGES, Wishes, choose, language_fit, linkset_type, media_fit, preferences

VOC = "https://ref.gs1.org/voc/"
TYPES = ("application/linkset+json", "application/ld+json", "application/json")


def link(term: str, name: str, **more: Any) -> Link:
    return Link(f"{VOC}{term}", name, f"https://brand.example/{name}", **more)


def level(*links: Link) -> Linkset:
    return Linkset("01/09506000134352", "A drill", links)


def chosen(levels: list[Linkset], term: str | None = None, **wishes: Any) -> list[str] | None:
    found = choose(levels, Wishes(None if term is None else VOC + term, **wishes))
    return None if found is None else [one.title for one in found.links]


PAGES = level(
    link("pip", "en", hreflang=("en",), default=True),
    link("pip", "de", hreflang=("de",)),
    link("pip", "de2", hreflang=("de",)),
    link("faqs", "faqs"),
)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", ()),
        ("en", (("en", 1000),)),
        ("EN-gb;q=0.8, *;q=0.1", (("en-gb", 800), ("*", 100))),
        ("text/html;level=1;q=0.5", (("text/html", 500),)),
        ("a;q=2, b;q=-1, c;q=0.1234, d", (("d", 1000),)),
        (" , ;q=1, x y, \t e ; Q=0.5 ", (("e", 500),)),
    ],
)
def test_headers_are_read_as_far_as_they_are_well_formed(header: str, found: object) -> None:
    assert preferences(header) == found


@given(st.text(max_size=300))
def test_no_header_breaks_anything(header: str) -> None:
    found = preferences(header)
    assert all(0 <= quality <= 1000 for _, quality in found)
    assert language_fit(found, ["en", "de-CH"]) >= 0
    assert media_fit(found, "text/html") >= 0
    linkset_type(found, TYPES)


def test_of_a_long_header_the_beginning_counts() -> None:
    assert len(preferences("a," * 5_000)) == MOST_RANGES


def test_a_plain_request_gets_the_default_unless_one_link_fits_better() -> None:
    assert chosen([PAGES]) == ["en"]
    assert chosen([PAGES], languages=preferences("fr")) == ["en"]
    assert chosen([PAGES], languages=preferences("de")) == ["en"], "two fit better, and equally well"
    alone = level(*PAGES.links[:2])
    assert chosen([alone], languages=preferences("de")) == ["de"]
    assert chosen([alone], languages=preferences("de;q=0.5, en")) == ["en"]


def test_a_type_gets_all_that_fit_best() -> None:
    assert chosen([PAGES], "pip") == ["en", "de", "de2"]
    assert chosen([PAGES], "pip", languages=preferences("de-CH")) == ["de", "de2"]
    assert chosen([PAGES], "faqs", languages=preferences("de")) == ["faqs"]
    assert chosen([PAGES], "support") is None
    assert chosen([PAGES], "defaultLink", languages=preferences("de")) == ["en"]


def test_the_narrowest_level_that_has_the_type_answers() -> None:
    narrow = level(link("homepage", "narrow", default=True))
    assert chosen([narrow, PAGES]) == ["narrow"]
    assert chosen([narrow, PAGES], "faqs") == ["faqs"]
    assert chosen([]) is None
    assert chosen([level(), PAGES]) == ["en"]


def test_what_says_no_media_type_is_no_worse_for_a_browser_than_any_other() -> None:
    browser = preferences("text/html,application/xhtml+xml,*/*;q=0.8")
    links = level(link("pip", "page", default=True), link("pip", "pdf", media_type="application/pdf"))
    assert chosen([links], media_types=browser) == ["page"]
    assert chosen([links], media_types=preferences("application/pdf")) == ["pdf"]


def test_context_counts_before_language() -> None:
    links = level(
        link("pip", "any", default=True, hreflang=("en",)),
        link("pip", "DE", context=("DE",), hreflang=("fr",)),
    )
    assert chosen([links], languages=preferences("en"), context="de") == ["DE"]
    assert chosen([links], languages=preferences("fr")) == ["any"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/linkset+json", "application/linkset+json"),
        ("application/json;q=0.9, application/ld+json", "application/ld+json"),
        ("application/*", None),
        ("text/html, application/json", "application/json"),
        ("text/html, application/json;q=0.999", None),
    ],
)
def test_a_link_set_is_asked_for_by_name(accept: str, expected: str | None) -> None:
    assert linkset_type(preferences(accept), TYPES) == expected


@pytest.mark.parametrize(
    "header", ["a" + " " * 60_000 + "b", "a " * 30_000, "a;" * 30_000, "a;q=" + " " * 60_000 + "x"]
)
def test_a_header_that_is_meant_to_take_long_takes_no_time(header: str) -> None:
    began = time.process_time()
    preferences(header)
    assert time.process_time() - began < 0.5
