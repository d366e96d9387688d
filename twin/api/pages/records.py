"""The twin for machines: as JSON, as JSON-LD in the words of schema.org and GS1, and as a link set.

References:
    schema.org (WebPage, Product, PropertyValue); GS1 Web Vocabulary; RFC 9264
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from twin.api.pages.html import iso
from twin.api.pages.language import Language
from twin.api.pages.view import Material, TwinPage
from twin.domain.links import VOCABULARY, Link, Linkset
from twin.domain.profiles import profile
from twin.exchange.linkset import JSON_LD, MEDIA_TYPE, as_linkset
from twin.services.resolution import RECALL_TYPE, TWIN_TYPE

JSON: Final = "application/json"
MEDIA_TYPES: Final = (JSON, JSON_LD, MEDIA_TYPE)

_GS1_SCHEME: Final = "gs1:"
_OF_GS1: Final[Mapping[str, str]] = {"01": "gs1:gtin", "10": "gs1:hasBatchLotNumber", "21": "gs1:hasSerialNumber"}


def as_json(given: Material, url: str) -> dict[str, Any]:
    """The label, what it is on, and its newest history, as far as the caller may see them.

    Args:
        given: what the services say.
        url: of its page.
    """
    label, head = given.label, given.label["head"]
    return {
        "linkId": head["link_id"],
        "url": url,
        "payload": given.payload,
        "profile": head["profile"],
        "state": head["state"],
        "outcome": label["flags"][0],
        "outcomes": list(label["flags"]),
        "recalls": [_recall(recall) for recall in label.get("recalls", ())],
        "revision": label["revision"],
        "hash": label["hash"],
        "checkpoint": given.checkpoint,
        "face": head.get("face", {}),
        "asset": None if given.asset is None else _asset(given.asset["head"]),
        "links": [{"type": link.type, "title": link.title, "href": link.href} for link in given.links],
        "history": [_version(version, given.names) for version in reversed(given.versions)],
    }


def as_json_ld(given: Material, page: TwinPage, url: str, language: Language) -> dict[str, Any]:
    """The page in the words of schema.org: it is about the thing that the label is on.

    Args:
        given: what the services say.
        page: what the page shows.
        url: of the page.
        language: that our own words are told in.
    """
    titles = {field.name: language.told(field.title) for field in profile(given.label["head"]["profile"]).face}
    face = given.label["head"].get("face", {})
    about: dict[str, Any] = {
        "@type": "Product",
        "additionalProperty": [_property(titles[name], text) for name, text in face.items() if name in titles],
    }
    if page.thing is not None:
        about["name"] = page.thing.name
        about["category"] = page.thing.kind
        about["identifier"] = [_property(language.told(title), value) for title, value in page.thing.identifiers]
        about["additionalProperty"] += [_property(name, text) for name, text in page.thing.attributes]
    if given.asset is not None:
        about |= _of_gs1(given.asset["head"])
    return {
        "@context": {"@vocab": "https://schema.org/", "gs1": VOCABULARY},
        "@type": "WebPage",
        "@id": url,
        "url": url,
        "name": language.told(page.verdict.headline),
        "description": language.told(page.verdict.advice),
        "inLanguage": language.tag,
        "dateCreated": iso(given.label["created"]["occurred_at"]),
        "dateModified": iso(given.label["changed"]["occurred_at"]),
        "version": page.proof.revision,
        "significantLink": [link.href for link in page.links],
        "about": about,
    }


def as_links(given: Material, page: TwinPage, url: str, base: str, languages: tuple[str, ...]) -> dict[str, Any]:
    """The links of the page as a link set: itself, and those of what the label is on.

    Args:
        given: what the services say.
        page: what the page shows.
        url: of the page.
        base: what stands before its path.
        languages: that it comes in.
    """
    title = page.thing.name if page.thing else page.verdict.headline
    own = Link(TWIN_TYPE, title, url, languages, "text/html", default=True)
    others = [replace(link, default=False) for link in given.links]
    others += [
        Link(RECALL_TYPE, recall["title"], recall.get("url", url), media_type="text/html")
        for recall in given.label.get("recalls", ())
    ]
    return as_linkset([Linkset(url.removeprefix(f"{base}/"), title, (own, *others))], base)


def _recall(recall: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: recall[name] for name in ("title", "notice", "url") if name in recall}
    return {"id": recall["_id"], **known, "published": iso(recall["published"])}


def _asset(head: Mapping[str, Any]) -> dict[str, Any]:
    known = ("kind", "granularity", "name", "identifiers", "attributes")
    return {name: head[name] for name in known if name in head}


def _version(version: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    known = {name: version[name] for name in ("revision", "action", "actor", "reason", "hash") if version.get(name)}
    if (name := names.get(version.get("actor", ""))) is not None:
        known["actorName"] = name
    return {**known, "occurredAt": iso(version["occurred_at"]), "recordedAt": iso(version["recorded_at"])}


def _property(name: str, value: str) -> dict[str, str]:
    return {"@type": "PropertyValue", "name": name, "value": value}


def _of_gs1(head: Mapping[str, Any]) -> dict[str, str]:
    """The GTIN, lot and serial number of an item that has one of GS1's identifiers."""
    path = next((name for name in head.get("identifiers", ()) if name.startswith(_GS1_SCHEME)), _GS1_SCHEME)
    parts = path.removeprefix(_GS1_SCHEME).split("/")
    elements = dict(zip(parts[::2], parts[1::2], strict=False))
    return {_OF_GS1[ai]: value for ai, value in elements.items() if ai in _OF_GS1}
