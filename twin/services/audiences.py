"""Redaction: what of a twin a caller may see. Every service passes what it returns through here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from twin.domain.actor import Actor, Audience
from twin.domain.history import Document
from twin.domain.links import Linkset
from twin.domain.profiles import profile
from twin.domain.scan import flags
from twin.store.identifiers import Holder

_OF_EVERY_TWIN = ("_id", "revision", "hash", "created", "changed")
_OF_EVERY_TEMPLATE = ("_id", "name", "version", "profile", "state", "sha256", "revision", "layout", "created")
_OF_EVERY_VERSION = ("revision", "action", "occurred_at", "recorded_at", "corrects", "hash")


def asset(actor: Actor, document: Document) -> Document:
    """The asset as the actor may see it: the public sees what it is, not which one it is."""
    if Audience.INTERNAL in actor.audiences:
        return document
    return {**_kept(document, _OF_EVERY_TWIN), "head": _visible_asset(document["head"])}


def asset_version(actor: Actor, version: Document) -> Document:
    """A version as the actor may see it: who did it and why is internal."""
    if Audience.INTERNAL in actor.audiences:
        return version
    return {**_kept(version, _OF_EVERY_VERSION), "snapshot": _visible_asset(version["snapshot"])}


def holder(actor: Actor, found: Holder) -> Holder:
    """What an identifier leads to, as the actor may see it: the public may not learn another identifier by one."""
    return found if Audience.INTERNAL in actor.audiences else replace(found, corrected_to=None)


def label(actor: Actor, document: Document) -> Document:
    """The label as the actor may see it, with `flags`, which say how good it is and are worked out from all of it."""
    document = {**document, "flags": flags(document["head"])}
    if Audience.INTERNAL in actor.audiences:
        return document
    return {**_kept(document, (*_OF_EVERY_TWIN, "flags")), "head": _visible_label(actor, document["head"])}


def label_version(actor: Actor, version: Document) -> Document:
    """A version as the actor may see it, with the `flags` of its state: who did it and why is internal."""
    version = {**version, "flags": flags(version["snapshot"])}
    if Audience.INTERNAL in actor.audiences:
        return version
    snapshot = _visible_label(actor, version["snapshot"])
    return {**_kept(version, (*_OF_EVERY_VERSION, "flags")), "snapshot": snapshot}


def serial_scheme(actor: Actor, document: Document) -> Document:
    """The scheme as the actor may see it: how many are used, and who defined it, is internal."""
    if Audience.INTERNAL in actor.audiences:
        return document
    return _kept(document, ("_id", "style", "prefix", "length", "created"))


def template(actor: Actor, document: Document) -> Document:
    """The template as the actor may see it: who did what to it, and why, is internal."""
    if Audience.INTERNAL in actor.audiences:
        return document
    return {**_kept(document, _OF_EVERY_TEMPLATE), "events": []}


def linkset(actor: Actor, document: Document) -> Document:
    """The link set as the actor may see it: the links of its audiences."""
    if Audience.INTERNAL in actor.audiences:
        return document
    return {**_kept(document, _OF_EVERY_TWIN), "head": _visible_links(actor, document["head"])}


def linkset_version(actor: Actor, version: Document) -> Document:
    """A version as the actor may see it: who did it and why is internal."""
    if Audience.INTERNAL in actor.audiences:
        return version
    return {**_kept(version, _OF_EVERY_VERSION), "snapshot": _visible_links(actor, version["snapshot"])}


def _visible_links(actor: Actor, state: Document) -> Document:
    """The state of a link set without the links of other audiences."""
    links = state.get("links", {})
    seen = {key: link for key, link in links.items() if link.get("audience", Audience.PUBLIC) in actor.audiences}
    return {**state, "links": seen}


def links(actor: Actor, found: Linkset, now: datetime) -> Linkset:
    """The link set with the links of the actor's audiences that are in force."""
    seen = tuple(link for link in found.links if link.audience in actor.audiences and link.in_force(now))
    return found if len(seen) == len(found.links) else replace(found, links=seen)


def _kept(document: Document, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: document[name] for name in names if name in document}


def _visible_asset(state: Document) -> dict[str, Any]:
    return _kept(state, ("kind", "granularity", "name"))


def _visible_label(actor: Actor, state: Document) -> dict[str, Any]:
    kind, known = profile(state["profile"]), state.get("face", {})
    seen = {field.name: field.seen_by(actor.audiences, known[field.name]) for field in kind.face if field.name in known}
    face = {name: seen[name] for name in known if seen.get(name) is not None}
    return {**_kept(state, ("link_id", "state", "profile", "asset", "payload")), "face": face}
