"""Link sets as documents: JSON, with a JSON-LD context.

References:
    RFC 9264, 4.2 (application/linkset+json); GS1's JSON schema for link sets, as published at gs1/linkset
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from twin.domain.actor import Audience
from twin.domain.links import DEFAULT_LINK, Link, Linkset

MEDIA_TYPE: Final = "application/linkset+json"
JSON_LD: Final = "application/ld+json"
MEDIA_TYPES: Final = (MEDIA_TYPE, JSON_LD, "application/json")

# The only tags that the published schema has room for.
_LANGUAGE: Final = re.compile("[A-Za-z]{2}(?:-[A-Za-z]{2})?")

_TERMS: Final = "http://purl.org/dc/terms/"
CONTEXT: Final = {
    "@context": {
        "@version": 1.1,
        "linkset": "@graph",
        "anchor": "@id",
        "href": "@id",
        "title": f"{_TERMS}title",
        "itemDescription": f"{_TERMS}description",
        "type": f"{_TERMS}format",
        "hreflang": {"@id": f"{_TERMS}language", "@container": "@set"},
        "context": {"@id": f"{_TERMS}coverage", "@container": "@set"},
        "fwqs": None,
        "public": None,
    }
}
"""How a link set reads as JSON-LD: what is linked has a title, a format and languages."""


def as_linkset(levels: Iterable[Linkset], base: str) -> dict[str, Any]:
    """The links of several levels as one document.

    Args:
        levels: each with the links that may be shown.
        base: what stands before the paths of the levels, without a slash at the end.

    Examples:
        >>> pip = Link("https://ref.gs1.org/voc/pip", "A drill", "https://brand.example/", default=True)
        >>> [one] = as_linkset([Linkset("01/09506000134352", "A drill", (pip,))], "https://id.example")["linkset"]
        >>> one["https://ref.gs1.org/voc/defaultLink"]
        [{'href': 'https://brand.example/', 'title': 'A drill'}]
    """
    return {"linkset": [_level(level, base) for level in levels]}


def _level(level: Linkset, base: str) -> dict[str, Any]:
    found: dict[str, Any] = {"anchor": f"{base}/{level.path}", "itemDescription": level.description}
    for link in level.links:
        if link.default:
            found[DEFAULT_LINK] = [{"href": link.href, "title": link.title}]
    for link in level.links:
        found.setdefault(link.type, []).append(_link(link))
    return found


def _link(link: Link) -> dict[str, Any]:
    found: dict[str, Any] = {"href": link.href, "title": link.title}
    if link.media_type is not None:
        found["type"] = link.media_type
    if languages := list(dict.fromkeys(filter(None, map(_language, link.hreflang)))):
        found["hreflang"] = languages
    if link.context:
        found["context"] = list(link.context)
    if not link.forwards_query:
        found["fwqs"] = False
    if link.audience is not Audience.PUBLIC:
        found["public"] = False
    return found


def _language(tag: str) -> str | None:
    """The tag, or the language alone, as the schema can hold it."""
    return next((one for one in (tag, tag.partition("-")[0]) if _LANGUAGE.fullmatch(one)), None)
