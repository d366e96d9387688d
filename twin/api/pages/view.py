"""From the documents of the services to what the twin page shows: pure, and whole before any HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default_field
from datetime import datetime

from twin import identity
from twin.api.pages import words
from twin.domain.fields import CLOCK_SKEW
from twin.domain.history import Document
from twin.domain.label import LabelAction, LabelState
from twin.domain.links import Link
from twin.domain.profiles import Profile, profile
from twin.domain.scan import Outcome
from twin.identity import Granularity

MOST_ENTRIES = 50
MOST_LINKS = 20

_UNRELIABLE = frozenset({Outcome.STALE, Outcome.DAMAGED})
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Material:
    """What the services say of a label to one caller: all of it is redacted for that caller.

    Args:
        label: its document, with `flags`.
        versions: its newest versions, oldest first; one more than are shown tells what the oldest of them changed.
        payload: what its symbol encodes.
        asset: the document of what it is on, or was on last.
        others: the link ids of the labels before and after it that the caller may see, by twin id.
        links: of what the asset is.
        checkpoint: the body of the newest one.
        names: what actors are called, by id, where the caller may see it.
    """

    label: Document
    versions: Sequence[Document]
    payload: str
    asset: Document | None = None
    others: Mapping[str, str] = default_field(default_factory=dict)
    links: Sequence[Link] = ()
    checkpoint: Document | None = None
    names: Mapping[str, str] = default_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A printed field: its title, what the record says, and what the paper says where that is something else."""

    title: str
    text: str
    paper: str | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """What the label is on, or was on last."""

    name: str
    kind: str
    identifiers: tuple[tuple[str, str], ...]
    attributes: tuple[tuple[str, str], ...]
    past: bool


@dataclass(frozen=True, slots=True)
class Recall:
    """What the public is told of a recall."""

    title: str
    notice: str
    url: str | None
    published: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that nothing was changed unnoticed.

    Args:
        revision: the newest.
        hash: of its version, which covers those of all before.
        checkpoint: the number of the newest one, or None.
        at: when that was signed.
        later: whether the newest version is later than that.
    """

    revision: int
    hash: str
    checkpoint: int | None = None
    at: datetime | None = None
    later: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Args:
        revision: of the label, after it.
        action: what happened.
        at: when it happened.
        recorded_at: when the service learnt it, where that was notably later.
        reason: why, where the caller may see it.
        actor: who, where the caller may see it: by name, if there is one.
        changes: printed fields that it changed, each as it was and as it is.
        evidence: what was seen, by title.
    """

    revision: int
    action: str
    at: datetime
    recorded_at: datetime | None
    reason: str | None
    actor: str | None
    changes: tuple[tuple[str, str, str], ...]
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TwinPage:
    """Everything on the page.

    Args:
        link_id: the printed id.
        kind: what the profile is called.
        verdict: how good the label is.
        also: what else holds of it, worst first.
        recalls: what it is recalled for.
        thing: what it is on, or was; None where there is nothing, or the caller may not see it.
        face_title: whether the paper says so, or should.
        face: its printed fields that the caller may see, in printed order.
        links: documents and other places; 20 at most.
        more_links: how many there are besides.
        proof: that nothing was changed unnoticed.
        facts: what else there is to say, by title.
        symbol: the name of its symbol.
        images: the symbol in every kind and format: what to call it, and the path beside the page's own.
        replaced_by, replaces: the link ids of the labels after and before it, where the caller may see them.
        history: the newest entries, newest first.
        earlier: how many entries there are before those.
    """

    link_id: str
    kind: str
    verdict: words.Verdict
    also: tuple[str, ...]
    recalls: tuple[Recall, ...]
    thing: Thing | None
    face_title: str
    face: tuple[Line, ...]
    links: tuple[Link, ...]
    more_links: int
    proof: Proof
    facts: tuple[tuple[str, str | datetime], ...]
    symbol: str
    images: tuple[tuple[str, str], ...]
    replaced_by: str | None
    replaces: str | None
    history: tuple[Entry, ...]
    earlier: int


@dataclass(frozen=True, slots=True)
class AssetPage:
    """Everything on the page of an asset that has no label.

    Args:
        path: the level that was scanned.
        headline: that it has none.
        thing: what it is.
        links: documents and other places; 20 at most.
        more_links: how many there are besides.
    """

    path: str
    headline: str
    thing: Thing
    links: tuple[Link, ...]
    more_links: int


def asset_page(asset: Document, path: str, links: Sequence[Link]) -> AssetPage:
    """What the page of an asset without labels shows, in English.

    Args:
        asset: its document, redacted.
        path: the level that was scanned.
        links: of what it is.
    """
    headline = words.WITHOUT_LABEL[Granularity(asset["head"]["granularity"])]
    return AssetPage(path, headline, _thing(asset, past=False), tuple(links[:MOST_LINKS]), len(links) - MOST_LINKS)


def twin_page(given: Material, formats: Iterable[str]) -> TwinPage:
    """What the page of a label shows, in English; the templates tell it in other languages.

    Args:
        given: what the services say.
        formats: that its symbol can be had in.
    """
    label = given.label
    head, kind = label["head"], profile(label["head"]["profile"])
    history = _history(kind, given.versions, given.names)
    facts: tuple[tuple[str, str | datetime], ...] = (
        ("State", words.STATES[LabelState(head["state"])]),
        ("Link id", head["link_id"]),
        ("Made", label["created"]["occurred_at"]),
        ("Changed", label["changed"]["occurred_at"]),
        ("Code", given.payload),
    )
    return TwinPage(
        link_id=head["link_id"],
        kind=kind.title,
        verdict=_verdict(label, given.versions),
        also=tuple(words.VERDICTS[flag].badge for flag in label["flags"][1:]),
        recalls=tuple(
            Recall(recall["title"], recall["notice"], recall.get("url"), recall["published"])
            for recall in label.get("recalls", ())
        ),
        thing=None if given.asset is None else _thing(given.asset, past="asset" not in head),
        face_title=words.FACE[bool(_UNRELIABLE & set(label["flags"]))],
        face=_face(kind, head),
        links=tuple(given.links[:MOST_LINKS]),
        more_links=len(given.links) - MOST_LINKS,
        proof=_proof(label, given.checkpoint),
        facts=facts,
        symbol=_symbology(kind.symbologies[0]),
        images=_images(head["link_id"], kind, formats),
        replaced_by=given.others.get(head.get("replaced_by", "")),
        replaces=given.others.get(head.get("replaces", "")),
        history=history,
        earlier=label["revision"] - len(history),
    )


def _proof(label: Document, checkpoint: Document | None) -> Proof:
    if checkpoint is None:
        return Proof(label["revision"], label["hash"])
    at = datetime.fromisoformat(checkpoint["made_at"])
    later = label["changed"]["recorded_at"] > at
    return Proof(label["revision"], label["hash"], checkpoint["number"], at, later)


def _verdict(label: Document, versions: Sequence[Document]) -> words.Verdict:
    worst: Outcome = label["flags"][0]
    if worst is Outcome.NOT_YET_APPLIED and label["head"]["state"] == LabelState.UNCLAIMED:
        return words.UNCLAIMED
    reports = (LabelAction.REPORT_DAMAGED, LabelAction.REPORT_LOST)
    last = next((version["action"] for version in reversed(versions) if version["action"] in reports), None)
    if worst is Outcome.DAMAGED and last == LabelAction.REPORT_LOST:
        return words.LOST
    return words.VERDICTS[worst]


def _thing(asset: Document, *, past: bool) -> Thing:
    head = asset["head"]
    known = (canonical.partition(":") for canonical in head.get("identifiers", ()))
    titles = {scheme: standard.TITLE for scheme, standard in identity.standards().items()}
    identifiers = tuple((titles.get(scheme, scheme), value) for scheme, _, value in known)
    return Thing(
        name=head["name"],
        kind=_spelt(head["kind"]),
        identifiers=identifiers,
        attributes=tuple((_spelt(name), text) for name, text in head.get("attributes", {}).items()),
        past=past,
    )


def _face(kind: Profile, head: Document) -> tuple[Line, ...]:
    now = head.get("face", {})
    paper = head["printed"]["face"] if "printed" in head else now
    lines = []
    for field in kind.face:
        says, printed = now.get(field.name, ""), paper.get(field.name, "")
        if says or printed:
            lines.append(Line(field.title, says, None if printed == says else printed))
    return tuple(lines)


def _images(link_id: str, kind: Profile, formats: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"{_symbology(symbology)}, {name.upper()}", f"{link_id}.{name}?symbology={symbology}")
        for symbology in kind.symbologies
        for name in formats
        if name != "zplnative"  # for who sets up printers, and knows of it
    )


def _history(kind: Profile, versions: Sequence[Document], names: Mapping[str, str]) -> tuple[Entry, ...]:
    pairs = list(zip([None, *versions], versions, strict=False))[-MOST_ENTRIES:]
    return tuple(_entry(kind, before, version, names) for before, version in reversed(pairs))


def _entry(kind: Profile, before: Document | None, version: Document, names: Mapping[str, str]) -> Entry:
    action = LabelAction(version["action"])
    occurred, recorded = version["occurred_at"], version["recorded_at"]
    seen = version.get("evidence", {})
    titles = words.EVIDENCE.get(action, {})
    return Entry(
        revision=version["revision"],
        action=words.ACTIONS[action],
        at=occurred,
        recorded_at=recorded if recorded - occurred > CLOCK_SKEW else None,
        reason=version.get("reason"),
        actor=_called(version.get("actor"), names),
        changes=_changes(kind, before, version) if action is LabelAction.REVISE and before else (),
        evidence=tuple((title, str(seen[name])) for name, title in titles.items() if name in seen),
    )


def _called(actor: str | None, names: Mapping[str, str]) -> str | None:
    return actor if actor is None or actor not in names else f"{names[actor]} ({actor})"


def _changes(kind: Profile, before: Document, version: Document) -> tuple[tuple[str, str, str], ...]:
    old, new = before["snapshot"].get("face", {}), version["snapshot"].get("face", {})
    both = ((field.title, old.get(field.name, ""), new.get(field.name, "")) for field in kind.face)
    return tuple(change for change in both if change[1] != change[2])


def _symbology(name: str) -> str:
    return words.SYMBOLOGIES.get(name, name)


def _spelt(name: str) -> str:
    """The name of a kind or of a free field as people write it: `liftTruck` is a lift truck."""
    text = _HUMP.sub(" ", name).lower()
    return text[:1].upper() + text[1:]
