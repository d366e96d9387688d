"""Resolution: which of the links of an identifier answers a request.

The narrowest level that has what is asked for answers; the wider ones are what it inherits from. Among several links of
one type, what the request says of context, language and media type decides, in this order. A plain request gets the
default, unless another link of the default's type fits what the request says better.

References:
    GS1-Conformant Resolver Standard (default link, link types, disambiguation); RFC 9110, 12.5 (quality values, Accept,
    Accept-Language); RFC 4647, 3.3.1 and 3.4 (matching of languages)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from twin.domain.links import DEFAULT_LINK, Link, Linkset

MOST_RANGES: Final = 50
"""How many ranges of one header count."""

LONGEST_REMEMBERED: Final = 256

Preferences: TypeAlias = tuple[tuple[str, int], ...]
"""Ranges in lower case, and the thousandths to which each is wanted; empty when nobody said."""

_ITEM: Final = re.compile(r"([^\s;]{1,100})\s*(;.*)?")
_QUALITY: Final = re.compile(r"(?i)\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*")
_WANTED: Final = 1_000
_UNSAID: Final = 1  # what says nothing fits anybody, but less than what fits


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a request says of the link that it wants.

    Args:
        link_type: the URL of a type; None for the default.
        languages: ranges such as `en-gb`.
        media_types: ranges such as `text/*`.
        context: such as `DE`.
    """

    link_type: str | None = None
    languages: Preferences = ()
    media_types: Preferences = ()
    context: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The links that fit equally well: one, or several to choose from.

    Args:
        level: the link set that they stand in.
        links: at least one.
    """

    level: Linkset
    links: tuple[Link, ...]


def preferences(header: str) -> Preferences:
    """What an Accept or Accept-Language header wants; what is not well formed is passed over.

    Examples:
        >>> preferences("text/html, application/*;q=0.5, */*;q=nonsense")
        (('text/html', 1000), ('application/*', 500))
    """
    return _read_before(header) if len(header) <= LONGEST_REMEMBERED else _read(header)


def _read(header: str) -> Preferences:
    found = []
    for item in header.split(",", MOST_RANGES)[:MOST_RANGES]:
        match = _ITEM.fullmatch(item.strip())
        if match is None:
            continue
        parameters = [part for part in (match[2] or "").split(";") if part.strip()[:1] in ("q", "Q")]
        quality = _QUALITY.fullmatch(parameters[0]) if parameters else None
        if parameters and quality is None:
            continue
        found.append((match[1].lower(), round(float(quality[1]) * _WANTED) if quality else _WANTED))
    return tuple(found)


_read_before = lru_cache(maxsize=1_000)(_read)  # browsers of one make send the same


def choose(levels: Sequence[Linkset], wishes: Wishes) -> Choice | None:
    """The links that answer a request; None when there is none of the type that it asks for.

    Args:
        levels: what holds for the identifier, the narrowest level first, with the links that may answer.
        wishes: what the request says.
    """
    if wishes.link_type is None:
        return _by_default(levels, wishes)
    if wishes.link_type == DEFAULT_LINK:
        return _by_default(levels, Wishes())
    for level in levels:
        links = [link for link in level.links if link.type == wishes.link_type]
        if links:
            return Choice(level, _fittest(links, wishes))
    return None


def _by_default(levels: Sequence[Linkset], wishes: Wishes) -> Choice | None:
    for level in levels:
        default = next((link for link in level.links if link.default), None)
        if default is not None:
            rivals = [link for link in level.links if link.type == default.type]
            fittest = _fittest(rivals, wishes) if len(rivals) > 1 and wishes != Wishes() else (default,)
            return Choice(level, fittest if len(fittest) == 1 and default not in fittest else (default,))
    return None


def _fittest(links: Sequence[Link], wishes: Wishes) -> tuple[Link, ...]:
    fits = [_fit(link, wishes) for link in links]
    best = max(fits)
    return tuple(link for link, fit in zip(links, fits, strict=True) if fit == best)


def _fit(link: Link, wishes: Wishes) -> tuple[int, int, int]:
    if wishes.context is None:
        context = 0 if link.context else 1
    else:
        named = wishes.context.casefold() in {one.casefold() for one in link.context}
        context = 2 if named else 0 if link.context else 1
    return context, language_fit(wishes.languages, link.hreflang), media_fit(wishes.media_types, link.media_type)


def language_fit(wanted: Preferences, tags: Sequence[str]) -> int:
    """How well languages fit what is wanted: the more the better, 0 for not at all.

    A range fits what it is, or begins (`en` fits `en-GB`); and where nothing fits better, what begins it.

    Examples:
        >>> wanted = preferences("de-CH, en;q=0.5")
        >>> [language_fit(wanted, [tag]) for tag in ("de-CH", "de", "en-GB", "fr")]
        [4003, 4001, 2002, 0]
    """
    if not wanted:
        return 4 * _WANTED
    if not tags:
        return max(_UNSAID, 4 * dict(reversed(wanted)).get("*", 0))
    return max(_one_language(wanted, tag.lower()) for tag in tags)


def _one_language(wanted: Preferences, tag: str) -> int:
    best = (-1, 0)
    for named, quality in wanted:
        if named == tag:
            closeness = 3
        elif tag.startswith(f"{named}-"):
            closeness = 2
        elif named.startswith(f"{tag}-"):
            closeness = 1
        elif named == "*":
            closeness = 0
        else:
            continue
        best = max(best, (closeness, quality))
    closeness, quality = best
    return 0 if quality == 0 else 4 * quality + closeness


def media_fit(wanted: Preferences, media_type: str | None) -> int:
    """How well a media type fits what is wanted: the more the better, 0 for not at all.

    Examples:
        >>> wanted = preferences("text/html, text/*;q=0.5, */*;q=0.1")
        >>> [media_fit(wanted, one) for one in ("text/html", "text/csv", "image/png", None)]
        [1000, 500, 100, 100]
    """
    if not wanted:
        return _WANTED
    qualities = dict(reversed(wanted))
    if media_type is None:
        return max(_UNSAID, qualities.get("*/*", 0))
    for named in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if named in qualities:
            return qualities[named]
    return 0


def linkset_type(wanted: Preferences, types: Sequence[str]) -> str | None:
    """Which of the media types of a link set an Accept header asks for by name; None when it wants another thing more.

    Args:
        wanted: what the header wants.
        types: the media types, the one that is given first where several are wanted equally.

    Examples:
        >>> types = ("application/linkset+json", "application/json")
        >>> linkset_type(preferences("application/json, */*;q=0.1"), types)
        'application/json'
        >>> linkset_type(preferences("text/html, application/json;q=0.9, */*"), types)
    """
    named = {one: quality for one, quality in reversed(wanted) if one in types and quality}
    if not named:
        return None
    best = max(named.values())
    others = max((quality for one, quality in wanted if one not in types and not one.endswith("*")), default=0)
    return next(one for one in types if named.get(one) == best) if best >= others else None
