"""The twin for machines: as JSON, as JSON-LD in the words of schema.org and GS1, and as a link set.

References:
    schema.org (WebPage, Product, PropertyValue); GS1 Web Vocabulary; RFC 9264
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from twin.api.pages.html import POLICY, iso
from twin.api.pages.language import Language
from twin.api.pages.view import AssetPage, Material, Thing, TwinPage
from twin.domain.history import Document
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
        "links": _listed(given.links),
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
        described = _described(page.thing, language)
        about |= {**described, "additionalProperty": about["additionalProperty"] + described["additionalProperty"]}
    if given.asset is not None:
        about |= _of_gs1(_gs1_path(given.asset["head"]))
    return {
        **_web_page(given.label, url, language),
        "name": language.told(page.verdict.headline),
        "description": language.told(page.verdict.advice),
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
    recalls = [
        Link(RECALL_TYPE, recall["title"], recall.get("url", url), media_type="text/html")
        for recall in given.label.get("recalls", ())
    ]
    return _links((*given.links, *recalls), title, url, base, languages)


def asset_as_json(asset: Document, links: Sequence[Link], path: str, url: str) -> dict[str, Any]:
    """The asset that has no label, as far as the caller may see it.

    Args:
        asset: its document.
        links: of what it is.
        path: the level that was scanned.
        url: of its page.
    """
    return {
        "path": path,
        "url": url,
        "revision": asset["revision"],
        "hash": asset["hash"],
        "asset": _asset(asset["head"]),
        "links": _listed(links),
    }


def asset_as_json_ld(asset: Document, page: AssetPage, url: str, language: Language) -> dict[str, Any]:
    """The page of an asset that has no label in the words of schema.org.

    Args:
        asset: its document.
        page: what the page shows.
        url: of the page.
        language: that our own words are told in.
    """
    return {
        **_web_page(asset, url, language),
        "name": page.thing.name,
        "description": language.told(page.headline),
        "significantLink": [link.href for link in page.links],
        "about": {"@type": "Product", **_described(page.thing, language), **_of_gs1(page.path)},
    }


def asset_as_links(
    links: Sequence[Link], page: AssetPage, url: str, base: str, languages: tuple[str, ...]
) -> dict[str, Any]:
    """The links of the page of an asset that has no label: itself, and those of what the asset is.

    Args:
        links: of what the asset is.
        page: what the page shows.
        url: of the page.
        base: what stands before its path.
        languages: that it comes in.
    """
    return _links(links, page.thing.name, url, base, languages)


def headers(media_type: str | None, language: Language) -> dict[str, str]:
    """What stands on an answer of this media type, None for HTML, beside what is on all of them."""
    if media_type in {JSON, MEDIA_TYPE}:
        return {}
    policy = {"Content-Security-Policy": POLICY} if media_type is None else {}
    return {"Content-Language": language.tag, **policy}


def _links(links: Iterable[Link], title: str, url: str, base: str, languages: tuple[str, ...]) -> dict[str, Any]:
    own = Link(TWIN_TYPE, title, url, languages, "text/html", default=True)
    others = (replace(link, default=False) for link in links)
    return as_linkset([Linkset(url.removeprefix(f"{base}/"), title, (own, *others))], base)


def _listed(links: Iterable[Link]) -> list[dict[str, str]]:
    return [{"type": link.type, "title": link.title, "href": link.href} for link in links]


def _recall(recall: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: recall[name] for name in ("title", "notice", "url") if name in recall}
    return {"id": recall["_id"], **known, "published": iso(recall["published"])}


def _web_page(twin: Document, url: str, language: Language) -> dict[str, Any]:
    return {
        "@context": {"@vocab": "https://schema.org/", "gs1": VOCABULARY},
        "@type": "WebPage",
        "@id": url,
        "url": url,
        "inLanguage": language.tag,
        "dateCreated": iso(twin["created"]["occurred_at"]),
        "dateModified": iso(twin["changed"]["occurred_at"]),
        "version": twin["revision"],
    }


def _described(thing: Thing, language: Language) -> dict[str, Any]:
    return {
        "name": thing.name,
        "category": thing.kind,
        "identifier": [_property(language.told(title), value) for title, value in thing.identifiers],
        "additionalProperty": [_property(name, text) for name, text in thing.attributes],
    }


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


def _gs1_path(head: Mapping[str, Any]) -> str:
    """The path of the GS1 identifier of an asset; empty where it has none."""
    names = head.get("identifiers", ())
    return next((name.removeprefix(_GS1_SCHEME) for name in names if name.startswith(_GS1_SCHEME)), "")


def _of_gs1(path: str) -> dict[str, str]:
    """The GTIN, lot and serial number in the path of a level."""
    parts = path.split("/")
    elements = dict(zip(parts[::2], parts[1::2], strict=False))
    return {_OF_GS1[ai]: value for ai, value in elements.items() if ai in _OF_GS1}
