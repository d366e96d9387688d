"""Facts: what happened to things on the line and on the road. Dated on both axes, immutable, corrected by other facts.

A fact is an event with lists, as EPCIS has them: what was installed, consumed, packed, moved, made or inspected, and
into what. Its `hash` stands in a version of each twin that it names, so the chains of those prove the fact too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from twin.domain import fields
from twin.domain.history import Command, Document, version_hash
from twin.domain.quantities import measured
from twin.errors import InvalidInput, TooLarge, shown
from twin.identity import Granularity

SCHEMA = 1
MOST_NAMED = 500
MOST_PAIRS = 2_000
LONGEST_SAID = 200

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of what goes on, and the moment at which what still counts was corrected."""


class FactKind(StrEnum):
    """What can happen."""

    INSTALL = "INSTALL"
    REMOVE = "REMOVE"
    CONSUME = "CONSUME"
    PACK = "PACK"
    UNPACK = "UNPACK"
    MOVE = "MOVE"
    PRODUCE = "PRODUCE"
    INSPECT = "INSPECT"
    NOTE = "NOTE"
    CORRECT = "CORRECT"


class Movement(StrEnum):
    """How something came to be where it is."""

    RECEIVE = "RECEIVE"
    SHIP = "SHIP"
    ARRIVE = "ARRIVE"
    TRANSFER = "TRANSFER"


class Counting(StrEnum):
    """How a lot is counted: to the last piece, or loosely, so that more may be used than was known to be there."""

    EXACT = "EXACT"
    LOOSE = "LOOSE"


class InspectionOutcome(StrEnum):
    """What an inspection found."""

    PASSED = "PASSED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a fact names.

    Args:
        asset: the id of its twin.
        quantity: how much of a lot, a decimal number above zero as text; None means that nobody said.
        unit: of the quantity: a code of UN/ECE Recommendation 20 such as KGM (kilogram) or C62 (piece).
        revision: of the twin, whose version says that the fact happened; 0 until it is written.
    """

    asset: str
    quantity: str | None = None
    unit: str | None = None
    revision: int = 0

    def as_document(self) -> dict[str, Any]:
        """As it is stored and hashed: what is empty is absent."""
        said = {"asset": self.asset, "quantity": self.quantity, "unit": self.unit, "revision": self.revision}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened.

    Args:
        id: the fact's.
        kind: what it is.
        what: the components, materials, packed, moved, made or inspected things.
        into: the assembly, the container, or what was made of the material.
        said: what the kind knows: position, place, work order…
        attributes: free fields: torque, test values.
        occurred_at: when it happened, UTC.
        reason: why.
        corrects: the fact that was a mistake.
    """

    id: str
    kind: FactKind
    what: tuple[Part, ...]
    into: tuple[Part, ...]
    said: Mapping[str, str]
    attributes: Mapping[str, str]
    occurred_at: datetime
    reason: str | None = None
    corrects: str | None = None
    order: int = field(default=0, compare=False)

    @classmethod
    def from_document(cls, document: Document, asset: str | None = None) -> Fact:
        """The fact that a document holds.

        Args:
            document: of the fact.
            asset: the thing that it is looked at for: facts of one moment stand in the order of its revisions.
        """
        what, into = (tuple(Part(**part) for part in document.get(name, ())) for name in ("what", "into"))
        order = next((part.revision for part in (*what, *into) if part.asset == asset), 0)
        return cls(
            id=document["_id"],
            kind=FactKind(document["kind"]),
            what=what,
            into=into,
            said=document.get("said", {}),
            attributes=document.get("attributes", {}),
            occurred_at=document["occurred_at"],
            reason=document.get("reason"),
            corrects=document.get("corrects"),
            order=order,
        )

    def named(self) -> list[str]:
        """The twins that it names, each once."""
        return list(dict.fromkeys(part.asset for part in (*self.what, *self.into)))

    def at(self, revisions: Mapping[str, int]) -> Fact:
        """The fact with the revisions of the twins whose versions say that it happened."""
        what, into = (
            tuple(replace(part, revision=revisions[part.asset]) for part in parts) for parts in (self.what, self.into)
        )
        return replace(self, what=what, into=into)

    def as_document(self, *, actor: str, recorded_at: datetime, mutation: str, digest: str) -> dict[str, Any]:
        """As it is stored: what is hashed, the hash, and what it is found by."""
        said: dict[str, Any] = {
            "_id": self.id,
            "kind": self.kind.value,
            "what": [part.as_document() for part in self.what],
            "into": [part.as_document() for part in self.into],
            "said": dict(self.said),
            "attributes": dict(self.attributes),
            "occurred_at": self.occurred_at,
            "recorded_at": recorded_at,
            "actor": actor,
            "reason": self.reason,
            "corrects": self.corrects,
            "mutation": mutation,
            "digest": digest,
            "schema": SCHEMA,
        }
        whole = {name: value for name, value in said.items() if value not in (None, [], {})}
        return {**whole, "hash": version_hash(whole), **found_by(whole)}


_HASHED_WITHOUT = ("hash", "assets", "marks", "superseded", "corrected_by")


def fact_hash(document: Document) -> str:
    """SHA-256 over RFC 8785 canonical JSON of what of a stored fact never changes."""
    return version_hash({name: value for name, value in document.items() if name not in _HASHED_WITHOUT})


def found_by(document: Document) -> dict[str, Any]:
    """What a stored fact is found by: the things that it names, and what it shares with others."""
    named = dict.fromkeys(part["asset"] for name in ("what", "into") for part in document.get(name, ()))
    marks = [f"{name}:{value}" for name, value in document.get("said", {}).items() if name in MARKS]
    return {"assets": list(named), "marks": marks, "superseded": NEVER}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a kind of fact is made of.

    Args:
        what: the word for the things that it happens to.
        sizes: of which granularities those may be.
        into: the word for where they go; None where they go nowhere.
        many: whether several things may be named at once, in `what` and in `into`.
        said: what else it says, and whether it must.
        longest: how many characters of each.
    """

    what: str
    sizes: frozenset[Granularity] = frozenset({Granularity.ITEM})
    into: str | None = None
    into_sizes: frozenset[Granularity] = frozenset({Granularity.ITEM})
    many: tuple[bool, bool] = (True, False)
    said: Mapping[str, bool] = field(default_factory=dict)
    longest: int = LONGEST_SAID


_ITEMS_AND_LOTS = frozenset({Granularity.ITEM, Granularity.LOT})
SHAPES: Mapping[FactKind, _Shape] = {
    FactKind.INSTALL: _Shape("component", into="assembly", many=(False, False), said={"position": False}),
    FactKind.REMOVE: _Shape("component", into="assembly", many=(False, False)),
    FactKind.CONSUME: _Shape(
        "material", _ITEMS_AND_LOTS, "product", _ITEMS_AND_LOTS, many=(True, True), said={"place": False}
    ),
    FactKind.PACK: _Shape("item", into="container"),
    FactKind.UNPACK: _Shape("item", into="container"),
    FactKind.MOVE: _Shape(
        "asset",
        _ITEMS_AND_LOTS,
        said={"movement": True, "place": True, "origin": False, "party": False, "transport": False, "counting": False},
    ),
    FactKind.PRODUCE: _Shape(
        "asset",
        _ITEMS_AND_LOTS,
        said={
            "site": True,
            "line": False,
            "workOrder": False,
            "operator": False,
            "machine": False,
            "process": False,
            "counting": False,
        },
    ),
    FactKind.INSPECT: _Shape("asset", _ITEMS_AND_LOTS, said={"outcome": True, "site": False, "machine": False}),
    FactKind.NOTE: _Shape("asset", _ITEMS_AND_LOTS, said={"text": True}, longest=fields.LONGEST_TEXT),
}
MARKS = frozenset({"site", "line", "workOrder", "machine", "process", "place", "party", "transport"})
"""What things can share: whatever was said alike of two of them."""


def drafted(
    kind: FactKind,
    id: str,  # noqa: A002 - the field's name
    *,
    what: Sequence[Part],
    into: Sequence[Part] = (),
    said: Mapping[str, str | None],
    attributes: Mapping[str, str | None],
    command: Command,
    now: datetime,
) -> Fact:
    """A fact as somebody says it, checked by itself alone.

    Args:
        kind: any but CORRECT.
        id: the new fact's.
        what: what it happened to.
        into: where that went.
        said: what the kind knows, by name.
        attributes: free fields.
        command: `occurred_at` and `reason` count.
        now: the service's clock.

    Raises:
        InvalidInput: a text, quantity, unit or moment that is none, a thing twice or within itself, or something that
            the kind does not know.
        TooLarge: more than 500 things, or more than 2,000 pairs of what and into.
    """
    shape = SHAPES[kind]
    parts = _parts(what, shape.what), _parts(into, shape.into or "into")
    _require_few(parts, shape)
    for name in said:
        if name not in shape.said:
            raise InvalidInput(f"{name}: {kind} does not say that.", path=(name,))
    for name, required in shape.said.items():
        if required and said.get(name) is None:
            raise InvalidInput(f"{name}: {kind} needs it, found nothing.", path=(name,))
    texts = {
        name: fields.text(value, path=(name,), longest=shape.longest)
        for name, value in said.items()
        if value is not None
    }
    _require_brought(parts[0], texts)
    free = fields.fields({name: value for name, value in attributes.items() if value is not None}, path=("attributes",))
    return Fact(
        id=id,
        kind=kind,
        what=parts[0],
        into=parts[1],
        said=texts,
        attributes={name: str(value) for name, value in free.items()},
        occurred_at=fields.moment(command.occurred_at, now=now),
        reason=fields.optional_text(command.reason, path=("reason",)),
    )


def correction(fact: Fact, id: str, *, command: Command) -> Fact:  # noqa: A002 - the field's name
    """The fact that another one was a mistake: it never happened.

    Args:
        fact: the mistake.
        id: the new fact's.
        command: the reason is required.

    Raises:
        InvalidInput: it is a correction itself, or there is no reason.

    References:
        EPCIS 2.0, 7.4.1.4: an error declaration leaves the event as it is
    """
    if fact.kind is FactKind.CORRECT:
        raise InvalidInput(
            f"fact: {fact.id} is a correction; expected a fact that happened. Record what is true instead.",
            path=("fact",),
        )
    if command.occurred_at is not None:
        raise InvalidInput("occurredAt: a correction holds since the mistake, found a time.", path=("occurredAt",))
    return Fact(
        id=id,
        kind=FactKind.CORRECT,
        what=tuple(replace(part, revision=0) for part in fact.what),
        into=tuple(replace(part, revision=0) for part in fact.into),
        said={},
        attributes={},
        occurred_at=fact.occurred_at,
        reason=fields.text(command.reason, path=("reason",)),
        corrects=fact.id,
    )


def require_granularity(fact: Fact, granularities: Mapping[str, Granularity]) -> None:
    """Let pass a fact that happened to things to which it can happen.

    Raises:
        InvalidInput: a product, or a lot where single items are meant; or a quantity of an item.
    """
    shape = SHAPES[fact.kind]
    rows = [(part, shape.what, shape.sizes) for part in fact.what]
    rows += [(part, shape.into or "", shape.into_sizes) for part in fact.into]
    for part, word, sizes in rows:
        found = granularities[part.asset]
        if found not in sizes:
            expected = " or ".join(sorted(sizes))
            raise InvalidInput(f"{word}: expected an {expected}, found {part.asset}, a {found}.", path=(word,))
        if found is Granularity.ITEM and part.quantity is not None:
            raise InvalidInput(
                f"quantity: {part.asset} is one item; expected no quantity, found {part.quantity}.", path=("quantity",)
            )


def _require_few(parts: tuple[tuple[Part, ...], tuple[Part, ...]], shape: _Shape) -> None:
    what, into = parts
    for found, word, many in ((what, shape.what, shape.many[0]), (into, shape.into, shape.many[1])):
        if word is None:
            continue
        most = MOST_NAMED if many else 1
        if not found:
            raise InvalidInput(f"{word}: expected 1 to {most}, found none.", path=(word,))
        if len(found) > most:
            raise TooLarge(f"{word}: expected at most {most}, found {len(found)}.", path=(word,))
    if len(what) * len(into) > MOST_PAIRS:
        raise TooLarge(f"Expected at most {MOST_PAIRS} pairs, found {len(what)} times {len(into)}.")
    if same := {part.asset for part in what} & {part.asset for part in into}:
        raise InvalidInput(f"{shape.into}: {min(same)} cannot go into itself.", path=(shape.into or "",))


def _require_brought(what: Iterable[Part], said: Mapping[str, str]) -> None:
    """Let pass a word about how a lot is counted only with a quantity that comes in."""
    if (counting := said.get("counting")) is None:
        return
    path = ("counting",)
    if counting not in set(Counting):
        raise InvalidInput(f"counting: expected EXACT or LOOSE, found {shown(counting)}.", path=path)
    if (movement := said.get("movement")) in (Movement.SHIP, Movement.TRANSFER):
        raise InvalidInput(f"counting: what brings a lot in says that, found {movement}.", path=path)
    if all(part.quantity is None for part in what):
        raise InvalidInput("counting: expected a quantity with it, found none.", path=path)


def _parts(parts: Iterable[Part], word: str) -> tuple[Part, ...]:
    found: dict[str, Part] = {}
    for part in parts:
        if part.asset in found:
            raise InvalidInput(f"{word}: expected each once, found {part.asset} twice.", path=(word,))
        quantity, unit = measured(part.quantity, part.unit)
        found[part.asset] = replace(part, quantity=quantity, unit=unit)
    return tuple(found.values())
