"""Redaction: what of a twin a caller may see. Every service passes what it returns through here."""

from __future__ import annotations

from typing import Any

from twin.domain.actor import Actor, Audience
from twin.domain.history import Document
from twin.domain.profiles import profile
from twin.domain.scan import flags


def asset(actor: Actor, document: Document) -> Document:
    """The asset as the actor may see it: the public sees what it is, not which one it is."""
    if Audience.INTERNAL in actor.audiences:
        return document
    head = {name: value for name, value in document["head"].items() if name not in ("identifiers", "attributes")}
    return {**document, "head": head}


def flagged(document: Document) -> Document:
    """The label with `flags`, which say how good it is; worked out before anything is left out."""
    return {**document, "flags": flags(document["head"])}


def label(actor: Actor, document: Document) -> Document:
    """The label as the actor may see it: fields for other audiences are left out, `flags` say how good it is."""
    document = flagged(document)
    if Audience.INTERNAL in actor.audiences:
        return document
    return {**document, "head": _visible_state(actor, document["head"])}


def label_version(actor: Actor, version: Document) -> Document:
    """A version as the actor may see it: who did it and why is internal."""
    if Audience.INTERNAL in actor.audiences:
        return version
    public = {"revision", "action", "occurred_at", "recorded_at", "hash"}
    kept = {name: value for name, value in version.items() if name in public}
    return {**kept, "snapshot": _visible_state(actor, version["snapshot"])}


def _visible_state(actor: Actor, state: Document) -> dict[str, Any]:
    hidden = {"attributes", "printed", "replaces", "replaced_by"}
    seen = {field.name for field in profile(state["profile"]).face if field.audience in actor.audiences}
    face = {name: text for name, text in state.get("face", {}).items() if name in seen}
    return {**{name: value for name, value in state.items() if name not in hidden}, "face": face}
