"""Twins in memory, as docs/design.md tells them: a second opinion, which shares no rule with twin.domain.

A state is flat: the paths of its leaves, each with its value. A twin is the list of its events, and every state of it,
the head too, is the fold of some of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Path = tuple[str, ...]
Flat = dict[Path, Any]

SKEW = timedelta(seconds=60)
LIVE = ("ISSUED", "PRINTED", "APPLIED", "VERIFIED")
STARTS: Mapping[str, tuple[str, ...]] = {
    "CLAIM": ("UNCLAIMED",),
    "PRINT": ("ISSUED",),
    "REPRINT": ("PRINTED",),
    "APPLY": ("PRINTED",),
    "VERIFY": ("APPLIED", "VERIFIED"),
    "FAIL_VERIFICATION": LIVE,
    "REPORT_DAMAGED": ("PRINTED", "APPLIED", "VERIFIED"),
    "REPORT_LOST": ("PRINTED", "APPLIED", "VERIFIED"),
    "REMOVE": ("APPLIED", "VERIFIED", "DAMAGED"),
    "REPLACE": (*LIVE, "DAMAGED", "REMOVED"),
    "VOID": ("UNCLAIMED", *LIVE, "DAMAGED", "REMOVED"),
    "REVISE": LIVE,
    "CORRECT": ("PRINTED", "APPLIED", "VERIFIED", "DAMAGED", "REMOVED"),
}
BORN_OR_CORRECTED = ("ISSUE", "PREPRINT", "CORRECT")
MISTAKES = ("CLAIM", "PRINT", "APPLY", "VERIFY", "REPORT_DAMAGED", "REPORT_LOST", "REMOVE")
FINAL = ("REPLACE", "VOID")
FACE = ("tag", "owner", "note")


class Refusal(Exception):
    """The model refuses: the code of the error, and the last word of its path."""

    def __init__(self, code: str, path: str = "") -> None:
        super().__init__(code, path)
        self.told = (code, path)


@dataclass(frozen=True)
class Ask:
    """A command: its kind, the key of its twin, and all that it says."""

    kind: str
    key: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    occurred: datetime | None = None
    expected: int | None = None
    name: str | None = None


@dataclass(frozen=True)
class Event:
    """One version of a twin."""

    revision: int
    action: str
    occurred: datetime
    recorded: datetime
    reason: str | None
    change: Flat
    corrects: int | None


@dataclass(frozen=True)
class Step:
    """What an accepted command does to one twin; None is a new one."""

    twin: str | None
    action: str
    change: Flat
    occurred: datetime
    reason: str | None
    corrects: int | None = None


def flat(document: Mapping[str, Any], path: Path = ()) -> Flat:
    """The leaves of a document."""
    leaves: Flat = {}
    for name, value in document.items():
        leaves |= flat(value, (*path, name)) if isinstance(value, Mapping) else {(*path, name): value}
    return leaves


def counting(events: Iterable[Event]) -> list[Event]:
    """The events that count: neither corrections nor what they take back."""
    events = list(events)
    gone = {event.corrects for event in events}
    return [event for event in events if event.corrects is None and event.revision not in gone]


def folded(events: Iterable[Event]) -> Flat:
    state: Flat = {}
    for event in sorted(counting(events), key=lambda event: (event.occurred, event.revision)):
        state |= event.change
    return {path: value for path, value in state.items() if value is not None}


@dataclass
class Twin:
    """A label or an asset."""

    id: str
    events: list[Event] = field(default_factory=list)

    @property
    def revision(self) -> int:
        return len(self.events)

    @property
    def head(self) -> Flat:
        return folded(self.events)

    def at(self, occurred: datetime | None, recorded: datetime | None) -> tuple[Flat, Event] | None:
        """The state as of a point on both axes, and the newest revision that it knows of."""
        known = [
            event
            for event in self.events
            if (occurred is None or event.occurred <= occurred) and (recorded is None or event.recorded <= recorded)
        ]
        return (folded(known), known[-1]) if known else None

    @property
    def last_asset(self) -> str | None:
        assets = [event.change.get(("asset",)) for event in counting(self.events)]
        return next((asset for asset in reversed(assets) if asset is not None), None)

    def require_order(self, change: Flat, occurred: datetime) -> None:
        """Refuse what would lie before the twin began, or before a field that it touches got its value."""
        behind = any(event.occurred > occurred and event.change.keys() & change for event in counting(self.events))
        if behind or occurred < self.events[0].occurred:
            raise Refusal("INVALID_INPUT", "occurredAt")


class World:
    """All twins, and which mutation wrote what."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.labels: dict[str, Twin] = {}
        self.assets: dict[str, Twin] = {}
        self.links: dict[str, str] = {}
        self.taken: set[str] = set()
        self.done: dict[str, tuple[Ask, list[tuple[str, int]]]] = {}
        self._rules: Mapping[str, Callable[[Ask, datetime], list[Step]]] = {
            "register": self._register,
            "revise_asset": self._revise_asset,
            "issue": self._issue,
            "preprint": self._preprint,
            "replace": self._replace,
        }

    def decide(self, ask: Ask, now: datetime) -> list[Step] | list[tuple[str, int]]:
        """What a command does, or (for a repeat) the twins and revisions that it wrote already.

        Raises:
            Refusal: it may not.
        """
        if ask.kind in ("revise", "revise_asset") and ask.expected is None:
            raise Refusal("INVALID_INPUT", "expectedRevision")
        if ask.args.get("copies") == 0:
            raise Refusal("INVALID_INPUT", "copies")
        if ask.name in self.done:
            before, written = self.done[ask.name]
            if before != ask:
                raise Refusal("MUTATION_ID_REUSED")
            return written
        return self._rules.get(ask.kind, self._move)(ask, now)

    def record(self, step: Step, twin: str, recorded: datetime, link: str = "") -> Twin:
        """Write one step down."""
        kind = self.assets if step.action == "REGISTER" or twin in self.assets else self.labels
        found = kind.setdefault(twin, Twin(twin))
        own: Flat = {}
        if step.action in ("ISSUE", "PREPRINT"):
            self.links[link] = twin
            own["link_id",] = link
            if step.action == "PREPRINT":
                own["payload",] = self.payload(link)
        self.taken |= set(step.change.get(("identifiers",), ()) if step.action == "REGISTER" else ())
        at = _ms(recorded)
        change = step.change | own
        found.events.append(
            Event(found.revision + 1, step.action, step.occurred, at, step.reason, change, step.corrects)
        )
        return found

    def payload(self, link: str) -> str:
        return f"{self.url}/L/{link}"

    def carried(self, asset: str, occurred: datetime | None, recorded: datetime | None) -> list[tuple[Twin, Flat]]:
        """The labels of an asset as of a point, newest first."""
        points = [(twin, twin.at(occurred, recorded)) for twin in self.labels.values()]
        found = [(twin, at[0]) for twin, at in points if at and at[0].get(("asset",)) == asset]
        return sorted(found, key=lambda pair: (pair[0].events[0].recorded, pair[0].id), reverse=True)

    # The rules

    def _register(self, ask: Ask, now: datetime) -> list[Step]:
        occurred = _moment(ask.occurred, now)
        if self.taken & set(ask.args["identifiers"]):
            raise Refusal("IDENTIFIER_TAKEN")
        change = flat({**ask.args, "kind": "tool", "granularity": "ITEM"})
        return [Step(None, "REGISTER", change, occurred, ask.reason)]

    def _revise_asset(self, ask: Ask, now: datetime) -> list[Step]:
        twin = self._found(self.assets, ask.key, ask)
        wanted = flat({"attributes": ask.args["attributes"]})
        if ask.args["name"] is not None:
            wanted["name",] = ask.args["name"]
        return [self._changed(twin, wanted, "attributes", ask, now)]

    def _issue(self, ask: Ask, now: datetime) -> list[Step]:
        for order in ask.args["orders"]:
            if order["asset"] not in self.assets:
                raise Refusal("NOT_FOUND")
        steps = []
        for order in ask.args["orders"]:
            _require_face(order["face"])
            change = flat({**order, "profile": "asset_tag", "state": "ISSUED"})
            steps.append(Step(None, "ISSUE", change, _moment(ask.occurred, now), ask.reason))
        return steps

    def _preprint(self, ask: Ask, now: datetime) -> list[Step]:
        _require_reason(ask)
        change: Flat = {("state",): "UNCLAIMED", ("profile",): "asset_tag", ("printed", "revision"): 1}
        return [Step(None, "PREPRINT", change, _moment(ask.occurred, now), ask.reason)] * int(ask.args["count"])

    def _move(self, ask: Ask, now: datetime) -> list[Step]:
        twin = self._found(self.labels, self.links.get(ask.key, ask.key), ask)
        if ask.kind == "correct":
            return [self._correct(twin, ask)]
        if ask.kind == "claim" and ask.args["asset"] not in self.assets:
            raise Refusal("NOT_FOUND")
        action = self._action(twin, ask)
        if twin.head["state",] not in STARTS[action]:
            raise Refusal("ILLEGAL_MOVE")
        if action == "REVISE":
            wanted = flat({"face": ask.args["face"], "attributes": ask.args["attributes"]})
            if not wanted.get(("face", "tag"), "as before"):
                raise Refusal("INVALID_INPUT", "tag")
            return [self._changed(twin, wanted, "face", ask, now)]
        if action == "CLAIM":
            _require_face(ask.args["face"])
        if action in ("REPRINT", "REPORT_DAMAGED", "REPORT_LOST", "REMOVE", "VOID"):
            _require_reason(ask)
        occurred = _moment(ask.occurred, now)
        change = self._moved(twin, action, ask)
        twin.require_order(change, occurred)
        return [Step(twin.id, action, change, occurred, ask.reason)]

    def _action(self, twin: Twin, ask: Ask) -> str:
        if ask.kind == "verify":
            return "VERIFY" if ask.args["read"] == self.payload(twin.head["link_id",]) else "FAIL_VERIFICATION"
        if ask.kind == "report":
            return "REPORT_LOST" if ask.args["lost"] else "REPORT_DAMAGED"
        return ask.kind.upper()

    def _moved(self, twin: Twin, action: str, ask: Ask) -> Flat:
        head = twin.head
        to = {"CLAIM": "PRINTED", "PRINT": "PRINTED", "APPLY": "APPLIED", "VERIFY": "VERIFIED", "REMOVE": "REMOVED"}
        to |= {"REPORT_DAMAGED": "DAMAGED", "REPORT_LOST": "DAMAGED", "VOID": "VOID"}
        change: Flat = {("state",): to[action]} if action in to else {}
        if action == "CLAIM":
            face = ask.args["face"]
            change |= flat({"asset": ask.args["asset"], "face": face, "printed": {"face": face}})
        if action in ("PRINT", "REPRINT"):
            change["printed", "revision"] = twin.revision + 1
            for name in FACE:
                if ("face", name) in head or ("printed", "face", name) in head:
                    change["printed", "face", name] = head.get(("face", name))
        if action == "PRINT":
            change["payload",] = self.payload(head["link_id",])
        if action == "REMOVE" or (action == "VOID" and ("asset",) in head):
            change["asset",] = None
        return change

    def _correct(self, twin: Twin, ask: Ask) -> Step:
        if ask.occurred is not None:
            raise Refusal("INVALID_INPUT", "occurredAt")
        later: set[str] = set()
        for event in reversed(twin.events):
            tops = {path[0] for path in event.change}
            if event.action in (*MISTAKES, *FINAL, *BORN_OR_CORRECTED):
                break
            later |= tops
        if event.action not in MISTAKES or "replaces" in tops or tops & later:
            raise Refusal("ILLEGAL_MOVE")
        _require_reason(ask)
        return Step(twin.id, "CORRECT", {}, event.occurred, ask.reason, event.revision)

    def _replace(self, ask: Ask, now: datetime) -> list[Step]:
        by = ask.args["by"]
        if by is not None and self.links.get(by, by) not in self.labels:
            raise Refusal("NOT_FOUND")
        old = self._found(self.labels, self.links.get(ask.key, ask.key), ask)
        if old.head["state",] not in STARTS["REPLACE"]:
            raise Refusal("ILLEGAL_MOVE")
        _require_reason(ask)
        occurred = _moment(ask.occurred, now)
        asset, face = old.last_asset, ask.args["face"]
        if asset is None:
            raise Refusal("INVALID_INPUT", "label")
        after: Flat = {("replaces",): old.id}
        action, new = "REVISE", None if by is None else self.labels[self.links.get(by, by)]
        if new is None or new.head["state",] == "UNCLAIMED":
            if face is None:
                face = {path[1]: value for path, value in old.head.items() if path[0] == "face"}
            _require_face(face)
            after |= flat({"asset": asset, "face": face})
            action = "ISSUE" if new is None else "CLAIM"
            if new is None:
                after |= {("state",): "ISSUED", ("profile",): "asset_tag"}
            else:
                after |= {("state",): "PRINTED"} | flat({"printed": {"face": face}})
        elif face is not None:
            raise Refusal("INVALID_INPUT", "face")
        elif new is old or not _ready(new, asset):
            raise Refusal("ILLEGAL_MOVE")
        change: Flat = {("state",): "REPLACED", ("asset",): None, ("replaced_by",): "" if new is None else new.id}
        old.require_order(change, occurred)
        if new is not None:
            new.require_order(after, occurred)
        new_id = None if new is None else new.id
        return [
            Step(old.id, "REPLACE", change, occurred, ask.reason),
            Step(new_id, action, after, occurred, ask.reason),
        ]

    @staticmethod
    def _found(kind: Mapping[str, Twin], twin: str, ask: Ask) -> Twin:
        if twin not in kind:
            raise Refusal("NOT_FOUND")
        if ask.expected not in (None, kind[twin].revision):
            raise Refusal("REVISION_CONFLICT")
        return kind[twin]

    @staticmethod
    def _changed(twin: Twin, wanted: Flat, path: str, ask: Ask, now: datetime) -> Step:
        change = {path: value for path, value in wanted.items() if twin.head.get(path) != value}
        if not change:
            raise Refusal("INVALID_INPUT", path)
        occurred = _moment(ask.occurred, now)
        twin.require_order(change, occurred)
        return Step(twin.id, "REVISE", change, occurred, ask.reason)


def _ready(new: Twin, asset: str) -> bool:
    head = new.head
    return head["state",] in ("ISSUED", "PRINTED") and new.last_asset == asset and ("replaces",) not in head


def _require_face(face: Mapping[str, str | None]) -> None:
    if not face.get("tag"):
        raise Refusal("INVALID_INPUT", "tag")


def _require_reason(ask: Ask) -> None:
    if ask.reason is None:
        raise Refusal("INVALID_INPUT", "reason")


def _moment(occurred: datetime | None, now: datetime) -> datetime:
    if occurred is not None and occurred > now + SKEW:
        raise Refusal("INVALID_INPUT", "occurredAt")
    return _ms(occurred or now)


def _ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
