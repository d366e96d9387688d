"""The languages of the pages: nothing that can be shown is without its words in each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple, is_dataclass
from typing import Any

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment

from twin import identity
from twin.api.pages import html, words
from twin.api.pages.language import CATALOGUES, ENGLISH, LANGUAGES, wanted
from twin.domain.profiles import profiles
from twin.services.resolution import PAGE_LANGUAGES

TABLES = (
    words.VERDICTS,
    words.WITHOUT_LABEL,
    words.STATES,
    words.ACTIONS,
    words.EVIDENCE,
    words.PROBLEMS,
    words.RECALL,
    words.RECALL_STEPS,
)
SINGLE = (words.UNCLAIMED, words.LOST, words.OTHER_PROBLEM, words.NOWHERE, words.FACE)
TITLES = ("State", "Link id", "Made", "Changed", "Code")
TONES = {"good", "warn", "bad", "idle"}


def texts(value: Any) -> Iterator[str]:
    """Every text in a structure of ours, but the tones and what keys a table."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from texts(astuple(value))
    elif isinstance(value, tuple):
        for one in value:
            yield from texts(one)
    else:
        for one in value.values():
            yield from texts(one)


def all_words() -> set[str]:
    """What `told` may be asked for."""
    kinds = profiles().values()
    ours = {text for table in (*TABLES, *SINGLE) for text in texts(table)}
    of_profiles = {kind.title for kind in kinds} | {field.title for kind in kinds for field in kind.face}
    of_standards = {standard.TITLE for standard in identity.standards().values()}
    return (ours | of_profiles | of_standards | set(TITLES)) - TONES - {""}


def in_templates() -> set[str]:
    """What the templates say themselves."""
    environment = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True)  # noqa: S701 - nothing is rendered
    found: set[str] = set()
    for path in html.TEMPLATES.glob("*.html"):
        for _, _, said in environment.extract_translations(path.read_text(encoding="utf-8")):  # type: ignore[attr-defined]
            found.add(said if isinstance(said, str) else said[0])
    return found


def test_the_resolver_knows_the_languages_of_the_pages() -> None:
    assert tuple(LANGUAGES) == PAGE_LANGUAGES


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_a_catalogue_says_all_that_can_be_shown_and_nothing_else(tag: str) -> None:
    with (CATALOGUES / f"{tag}.po").open(encoding="utf-8") as file:
        catalogue = read_po(file, locale=tag, abort_invalid=True)
    said = {
        message.id if isinstance(message.id, str) else message.id[0]: message for message in catalogue if message.id
    }
    assert set(said) == all_words() | in_templates()
    for text, message in said.items():
        told = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
        assert all(told), text
        for one in told:
            assert set(re.findall(r"%\(\w+\)[sd]", one)) == set(re.findall(r"%\(\w+\)[sd]", text)), text


def test_verdicts_can_be_told_apart_in_every_language() -> None:
    for language in LANGUAGES.values():
        verdicts = [*words.VERDICTS.values(), words.UNCLAIMED, words.LOST]
        for said in ("badge", "headline", "advice"):
            assert len({language.told(getattr(one, said)) for one in verdicts}) == len(verdicts), (language.tag, said)


@pytest.mark.parametrize(
    ("header", "asked", "tag"),
    [
        ("", None, "en"),
        ("de", None, "de"),
        ("de-AT", None, "de"),
        ("DE-ch, en;q=0.9", None, "de"),
        ("en, de;q=0.9", None, "en"),
        ("en;q=0.2, de;q=0.9", None, "de"),
        ("fr, it", None, "en"),
        ("fr, de;q=0.1", None, "de"),
        ("*", None, "en"),
        ("de;q=0", None, "en"),
        ("de;q=nonsense, \x00", None, "en"),
        ("en", "de", "de"),
        ("de", "fr", "de"),
        ("de", "en", "en"),
    ],
)
def test_a_request_gets_the_language_that_fits_best(header: str, asked: str | None, tag: str) -> None:
    assert wanted(header, asked).tag == tag


def test_an_unknown_text_stays_and_an_empty_one_is_empty() -> None:
    for language in LANGUAGES.values():
        assert language.told("T-4711 100% %(x)s") == "T-4711 100% %(x)s"
        assert language.told("") == ""
    assert ENGLISH.name == "English"
