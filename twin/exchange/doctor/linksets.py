"""What a resolver has to do with link sets: that they can be had, and what they say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from twin.errors import InvalidInput
from twin.exchange.doctor.client import Answer
from twin.exchange.doctor.probe import (
    LINKSET,
    Probe,
    fail,
    is_default,
    parsed,
    term,
    told,
    typed,
    with_unknown_qualifiers,
)
from twin.exchange.doctor.statement import statement
from twin.identity.gs1 import Level

_MEDIA_TYPE: Final = re.compile(
    r"(application|audio|font|haptics|image|message|model|multipart|text|video)/[A-Za-z0-9][\w!#$&^.+-]*", re.ASCII
)
_LINK_ATTRIBUTES: Final = {"href", "title", "hreflang", "type", "context", "fwqs", "public"}


@statement("linkset-by-link-type", "linkType=linkset is answered with a link set of RFC 9264, without a redirect.")
def _linkset_by_type(probe: Probe) -> None:
    for path in probe.paths:
        _require_linkset(probe.ask(f"{path}?linkType=linkset"))


@statement("linkset-by-accept", "Accept: application/linkset+json is answered with a link set, without a redirect.")
def _linkset_by_accept(probe: Probe) -> None:
    for path in probe.paths:
        _require_linkset(probe.ask(path, accept=LINKSET))


@statement("linkset-levels", "A link set has the links of every level from what was asked for up to the primary key.")
def _linkset_levels(probe: Probe) -> None:
    for level in (*probe.known, *map(Level.parse, with_unknown_qualifiers(probe)[:1])):
        if len(level.elements) == 1:
            continue
        key = Level(level.elements[:1]).path
        wide, found = _hrefs(probe.linkset(key)), _hrefs(probe.linkset(level.path))
        if found and (missing := sorted(wide - found)):  # none at all breaks default-walks-up, or linkset-by-…
            fail(f"the links of {key} in the link set of {level.path}", f"{missing[0]} missing")


@statement("linkset-subject", "What a link set is about is named by an uncompressed Digital Link URI.")
def _linkset_subject(probe: Probe) -> None:
    for path, level in probe.levels():
        anchor = level.get("anchor")
        try:
            Level.parse(anchor if isinstance(anchor, str) else "")
        except InvalidInput as error:
            fail(f"a Digital Link as anchor in the link set of {path}", error.message)


@statement("linkset-schema", "A link set is of the published shape, and a link has no attributes beyond it.")
def _linkset_schema(probe: Probe) -> None:
    for path, level in probe.levels():
        if not isinstance(level.get("itemDescription", level.get("description")), str):
            fail("a description of each level", f"none in the link set of {path}")
        for name, links in level.items():
            if name not in {"anchor", "itemDescription", "description"} and not isinstance(links, list):
                fail(f"a list of links under {name}", type(links).__name__)
    for path, name, link in probe.links():
        if odd := set(link) - _LINK_ATTRIBUTES:
            fail(f"no attributes of a link but {', '.join(sorted(_LINK_ATTRIBUTES))}", f"{odd} under {name} of {path}")
        if any(not isinstance(link.get(listed, []), list) for listed in ("hreflang", "context")):
            fail("hreflang and context as lists", f"{dict(link)} of {path}")


@statement("link-attributes", "Every link has its target, its type and a title.")
def _link_attributes(probe: Probe) -> None:
    for path, name, link in probe.links():
        href, title = link.get("href"), link.get("title")
        if not isinstance(href, str) or not re.match("https?://", href) or not isinstance(title, str) or not title:
            fail("href and title of every link", f"{dict(link)} under {name} of {path}")


@statement("link-languages", "Links say in which languages their targets are.", binding=False)
def _link_languages(probe: Probe) -> None:
    for path, name, link in probe.links():
        if "hreflang" not in link and term(name) not in {"defaultLink", "defaultLinkMulti"}:
            fail("hreflang of every link", f"none of {link.get('href')} under {name} of {path}")


@statement("media-types", "A media type, if a link has one, is one of IANA's.")
def _media_types(probe: Probe) -> None:
    for path, name, link in probe.links():
        media_type = link.get("type")
        if media_type is not None and not (isinstance(media_type, str) and _MEDIA_TYPE.fullmatch(media_type)):
            fail("a media type such as text/html", f"{media_type!r} under {name} of {path}")


@statement("default-is-described", "The default link also stands under a type that says what it is.")
def _default_described(probe: Probe) -> None:
    for path, level in probe.levels():
        described = {str(link.get("href")) for name, links in typed(level) for link in links if not is_default(name)}
        for name, links in typed(level):
            for link in links:
                if is_default(name) and str(link.get("href")) not in described:
                    fail(f"{link.get('href')} under another type too", f"{term(name)} alone, of {path}")


@statement("one-default", "A thing has one default link, which has no attributes but target and title.")
def _one_default(probe: Probe) -> None:
    for path, level in probe.levels():
        defaults = [link for name, links in typed(level) if term(name) == "defaultLink" for link in links]
        if len(defaults) > 1:
            fail("one default link", f"{len(defaults)} of {level.get('anchor')}")
        if any(set(link) > {"href", "title"} for link in defaults):
            fail("a default link with href and title alone", f"{sorted(defaults[0])} of {path}")
        multi = [links for name, links in typed(level) if term(name) == "defaultLinkMulti"]
        if any(len(links) < 2 for links in multi):
            fail("two or more links under defaultLinkMulti, or none", f"one of {level.get('anchor')}")
    for path in probe.linksets:
        if probe.default_of(path) is None:
            fail("a default link", f"none in the link set of {path}")


@statement("json-ld-link", "A link set names its JSON-LD context in a Link header.", binding=False)
def _json_ld_link(probe: Probe) -> None:
    answer = probe.ask(probe.paths[0], accept=LINKSET)
    link = answer.headers.get("link", "")
    if 'rel="http://www.w3.org/ns/json-ld#context"' not in link or 'type="application/ld+json"' not in link:
        fail('rel="http://www.w3.org/ns/json-ld#context" and type="application/ld+json" in Link', link or "no Link")


def _require_linkset(answer: Answer) -> None:
    found = parsed(answer)
    if answer.status != 200 or answer.media_type != LINKSET:
        fail(f"200 with {LINKSET}", f"{told(answer)}, {answer.media_type or 'no media type'}")
    if not isinstance(found, dict) or not isinstance(found.get("linkset"), list) or not found["linkset"]:
        fail("a JSON object with a list of levels under linkset", answer.body[:80].decode(errors="replace"))


def _hrefs(levels: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(link.get("href")) for level in levels for _, links in typed(level) for link in links}
