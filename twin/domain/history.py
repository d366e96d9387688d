"""Versions: how a change becomes the next one, how the chain is hashed, and how the past is read.

A version keeps its snapshot (the whole state after it) and its change (an RFC 7396 merge patch from the state before).
Both are documents of ASCII keys, texts, booleans, integers within ±2^53, moments and documents: no floats and no lists
of documents, so that orjson with sorted keys writes them exactly as RFC 8785 asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from twin.domain import fields
from twin.domain.actor import Actor
from twin.errors import InvalidInput, TooLarge, shown

SCHEMA = 1
LARGEST_SNAPSHOT = 128 * 1024
LONGEST_MUTATION_ID = 128

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """What every change of a twin may say beside its own arguments.

    Args:
        reason: why, in the words of who asks.
        occurred_at: when it happened; None means now.
        expected_revision: the revision that the change is based on; a later one refuses it.
        client_mutation_id: the caller's name for this one change: repeating it does nothing twice.
    """

    reason: str | None = None
    occurred_at: datetime | None = None
    expected_revision: int | None = None
    client_mutation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Mutation:
    """The one request that wrote a version.

    Args:
        key: actor and client mutation id: unique for ever.
        digest: SHA-256 over the input, so that the same id with another input is noticed.
        client_id: the client mutation id alone.
    """

    key: str
    digest: str
    client_id: str

    @classmethod
    def of(cls, actor: Actor, client_id: str, inputs: Document) -> Mutation:
        """The mutation that `actor` names `client_id`.

        Raises:
            InvalidInput: the id is empty, has spaces or is not printable ASCII.
            TooLarge: it is longer than 128 characters.
        """
        path = ("clientMutationId",)
        if len(client_id) > LONGEST_MUTATION_ID:
            raise TooLarge(
                f"clientMutationId: expected at most {LONGEST_MUTATION_ID} characters, found {len(client_id)}.",
                path=path,
            )
        if not client_id or not (client_id.isascii() and client_id.isprintable()) or " " in client_id:
            raise InvalidInput(
                f"clientMutationId: expected printable ASCII without spaces, found {shown(client_id)}.", path=path
            )
        return cls(f"{actor.id} {client_id}", hashlib.sha256(canonical_json(inputs)).hexdigest(), client_id)

    def at(self, position: int) -> str:
        """The key of the `position`-th twin that the mutation writes, from 0."""
        return f"{self.key} {position}"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the rules made of a command: everything of the next version but who, when recorded, and the chain.

    Args:
        action: the verb, as history shows it.
        change: RFC 7396 merge patch on the head.
        occurred_at: when it happened, UTC.
        reason: why.
        evidence: what was seen: texts that belong to this version and not to the state after it.
        corrects: the revision that this one takes back: together they changed nothing.
        since: with `corrects`, since when each field has had its value without the mistake.
    """

    action: str
    change: Document
    occurred_at: datetime
    reason: str | None = None
    evidence: Document = field(default_factory=dict)
    corrects: int | None = None
    since: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """The immutable state and change of a twin at a revision.

    Args:
        twin: the id of the twin.
        revision: 1, 2, 3….
        schema: the shape of snapshot and change; old ones are upcast when read and never rewritten.
        mutation: the key of the request that wrote it; unique.
        digest: SHA-256 of that request's input, hexadecimal.
        previous_hash: the hash of the version before, empty for the first.
        corrects: the revision that this one takes back.
        since: when each field of the snapshot got its value; of the head alone, neither stored here nor hashed.
        hash: SHA-256 over RFC 8785 canonical JSON of all the other fields, hexadecimal.
    """

    twin: str
    revision: int
    action: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    reason: str | None
    change: Document
    snapshot: Document
    evidence: Document
    mutation: str
    digest: str
    previous_hash: str
    corrects: int | None = None
    schema: int = SCHEMA
    hash: str = ""
    since: Document = field(default_factory=dict)

    def as_document(self) -> dict[str, Any]:
        """As it is stored and hashed: what is empty is absent."""
        return _without_empty({name: getattr(self, name) for name in _STORED})


_STORED = tuple(name for name in Version.__slots__ if name != "since")


def _without_empty(version: Document) -> dict[str, Any]:
    return {name: value for name, value in version.items() if value or name == "change"}


def next_version(
    draft: Draft,
    *,
    twin: str,
    head: Document | None,
    actor: Actor,
    now: datetime,
    mutation: Mutation,
    position: int = 0,
) -> Version:
    """The version that follows the head.

    Args:
        draft: what changes.
        twin: the id of the twin.
        head: the twin's document (`revision`, `head`, `hash`, `created`, `since`), or None for the first version.
        actor: who.
        now: recorded_at, UTC.
        mutation: the request.
        position: which of the twins that the request writes this is, from 0.

    Raises:
        InvalidInput: it would have happened before the twin began, or before what it changes got its present value:
            then the newest revision would not be the newest fact, and the past could be misread.
        TooLarge: the state after it would be over 128 KiB.
    """
    before: Document = {} if head is None else head["head"]
    if head is not None and draft.occurred_at < head["created"]["occurred_at"]:
        began = head["created"]["occurred_at"].isoformat()
        raise InvalidInput(
            f"occurredAt: {draft.occurred_at.isoformat()} is before the twin began; expected {began} or later.",
            path=("occurredAt",),
        )
    since = draft.since
    if draft.corrects is None:
        known: Document = {} if head is None else head["since"]
        _require_order(known, draft.change, draft.occurred_at)
        since = merge(known, _stamped(draft.change, draft.occurred_at))
    said: dict[str, Any] = {
        "twin": twin,
        "revision": 1 if head is None else head["revision"] + 1,
        "action": draft.action,
        "actor": actor.id,
        "occurred_at": draft.occurred_at,
        "recorded_at": fields.moment(None, now=now),
        "reason": draft.reason,
        "change": draft.change,
        "snapshot": merge(before, draft.change),
        "evidence": draft.evidence,
        "mutation": mutation.at(position),
        "digest": mutation.digest,
        "corrects": draft.corrects,
        "schema": SCHEMA,
        "previous_hash": "" if head is None else head["hash"],
    }
    whole = canonical_json(_without_empty(said))
    if len(whole) > LARGEST_SNAPSHOT and (size := len(canonical_json(said["snapshot"]))) > LARGEST_SNAPSHOT:
        raise TooLarge(f"A twin holds {LARGEST_SNAPSHOT} bytes at most; after this change it would hold {size}.")
    return Version(**said, since=since, hash=hashlib.sha256(whole).hexdigest())


def since_of(versions: Iterable[Document]) -> dict[str, Any]:
    """When each field of the head got its value, from all versions of a twin, oldest first."""
    versions = list(versions)
    taken_back = {version["corrects"] for version in versions if "corrects" in version}
    since: dict[str, Any] = {}
    for version in versions:
        if "corrects" not in version and version["revision"] not in taken_back:
            since = merge(since, _stamped(version["change"], version["occurred_at"]))
    return since


def _stamped(change: Document, at: datetime) -> dict[str, Any]:
    return {name: _stamped(value, at) if isinstance(value, Mapping) and value else at for name, value in change.items()}


def _require_order(since: Document, change: Document, at: datetime, path: tuple[str, ...] = ()) -> None:
    for name, value in change.items():
        known = since.get(name)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            _require_order(known, value, at, (*path, name))
        elif known is not None and (latest := _latest(known)) > at:
            raise InvalidInput(
                f"occurredAt: {'.'.join((*path, name))} has been as it is since {latest.isoformat()}; expected that or "
                f"later, found {at.isoformat()}.",
                path=("occurredAt",),
            )


def _latest(since: Any) -> datetime:
    return max(map(_latest, since.values())) if isinstance(since, Mapping) else since


def version_hash(document: Document) -> str:
    """SHA-256, in hexadecimal, over RFC 8785 canonical JSON of a version's document without its `hash`.

    References:
        RFC 8785, section 3.2; moments are texts such as 2026-01-02T09:00:00.000Z, in UTC milliseconds.
    """
    return hashlib.sha256(canonical_json({k: v for k, v in document.items() if k != "hash"})).hexdigest()


def canonical_json(document: Document) -> bytes:
    """RFC 8785 canonical JSON of a document as this module describes it.

    Raises:
        InvalidInput: a lone surrogate or an integer that JSON cannot carry.

    Examples:
        >>> canonical_json({"b": 1, "a": datetime(2026, 1, 2, 9, tzinfo=UTC)})
        b'{"a":"2026-01-02T09:00:00.000Z","b":1}'
    """
    try:
        return orjson.dumps(document, _as_text, orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError as error:
        raise InvalidInput(f"The input is not text that JSON can carry: {error}.") from error


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} does not belong in a version")


def merge(document: Document, patch: Document) -> dict[str, Any]:
    """The document after an RFC 7396 merge patch; neither argument is changed.

    Examples:
        >>> merge({"state": "PRINTED", "face": {"vin": "1", "colour": "red"}}, {"face": {"colour": None}})
        {'state': 'PRINTED', 'face': {'vin': '1'}}
    """
    merged = dict(document)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            before = merged.get(name)
            merged[name] = merge(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[name] = value
    return merged


def difference(before: Document, after: Document) -> dict[str, Any]:
    """The merge patch that leads from `before` to `after`.

    Examples:
        >>> difference({"a": "1", "b": {"c": "2", "d": "3"}}, {"b": {"c": "2"}, "e": "4"})
        {'a': None, 'b': {'d': None}, 'e': '4'}
    """
    patch: dict[str, Any] = {}
    for name in (*before, *(name for name in after if name not in before)):
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            if inner := difference(old, new):
                patch[name] = inner
        elif old != new:
            patch[name] = new
    return patch


def changed_fields(before: Document, after: Document, path: tuple[str, ...] = ()) -> list[FieldChange]:
    """Which fields differ between two states, each with what it was and what it is; in the order of their paths.

    Examples:
        >>> changed_fields({"state": "ISSUED", "face": {"tag": "7"}}, {"state": "PRINTED", "face": {"tag": "8"}})[0]
        FieldChange(path=('face', 'tag'), before='7', after='8')
    """
    found = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) or isinstance(new, Mapping):
            found += changed_fields(old or {}, new or {}, (*path, name))
        elif old != new:
            found.append(FieldChange((*path, name), old, new))
    return found


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs between two states; None is a field that is not there."""

    path: tuple[str, ...]
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class AsOf:
    """A point on both axes: what was so at `occurred`, as it was known at `recorded`. None means now."""

    occurred: datetime | None = None
    recorded: datetime | None = None

    def includes(self, at: Document) -> bool:
        """Whether something that has `occurred_at` and `recorded_at` counts."""
        return (self.occurred is None or at["occurred_at"] <= self.occurred) and (
            self.recorded is None or at["recorded_at"] <= self.recorded
        )


def state_as_of(
    versions: Iterable[Document], as_of: AsOf, base: Document | None = None
) -> tuple[Document, Document] | None:
    """The state as of a point on both axes: the changes that qualify, folded by (occurred_at, revision).

    A correction and the mistake that it takes back count for nothing, once the correction is recorded.

    Args:
        versions: all versions of one twin, in any order; or all after `base`.
        as_of: the point.
        base: a version that qualifies and that comes before all of `versions` in the order of the fold.

    Returns:
        The snapshot and the qualifying version of the highest revision; None when the twin had not begun.
    """
    qualifying = sorted(
        (version for version in versions if as_of.includes(version)),
        key=lambda version: (version["occurred_at"], version["revision"]),
    )
    if not qualifying:
        return None if base is None else (base["snapshot"], base)
    taken_back = {version["corrects"] for version in qualifying if "corrects" in version}
    state: Document = {} if base is None else base["snapshot"]
    for version in qualifying:
        if "corrects" not in version and version["revision"] not in taken_back:
            state = merge(state, version["change"])
    return state, max(qualifying, key=lambda version: int(version["revision"]))


Upcast = Callable[[dict[str, Any]], dict[str, Any]]

# From each old schema to the next one: takes a version's document of that schema, returns one of the next.
UPCASTS: Mapping[int, Upcast] = {}


def upcast(version: Document, steps: Mapping[int, Upcast] = UPCASTS) -> Document:
    """A stored version in the shape of today; what is stored, and so its hash, stands as it is.

    Args:
        version: as it is stored.
        steps: what leads from each old schema to the next.
    """
    found: Document = version
    while found["schema"] in steps:
        found = {**steps[found["schema"]](dict(found)), "schema": found["schema"] + 1, "hash": version["hash"]}
    return found
