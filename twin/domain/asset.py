"""An asset: the thing that is traced, as an item, a lot or a product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from twin import identity
from twin.domain import fields
from twin.domain.history import Command, Document, Draft, difference, merge
from twin.errors import AssetMerged, InvalidInput, TooLarge, shown
from twin.identity import Granularity, Identifier, uuid

LONGEST_NAME = 120
MOST_IDENTIFIERS = 32


class AssetAction(StrEnum):
    """What can happen to an asset."""

    REGISTER = "REGISTER"
    REVISE = "REVISE"
    IDENTIFY = "IDENTIFY"
    CORRECT_IDENTIFIER = "CORRECT_IDENTIFIER"
    MERGE = "MERGE"
    ABSORB = "ABSORB"
    INSTALL = "INSTALL"
    REMOVE = "REMOVE"
    CONSUME = "CONSUME"
    PACK = "PACK"
    UNPACK = "UNPACK"
    MOVE = "MOVE"
    PRODUCE = "PRODUCE"
    INSPECT = "INSPECT"
    NOTE = "NOTE"
    CORRECT_FACT = "CORRECT_FACT"


@dataclass(frozen=True, slots=True)
class Asset:
    """The head of an asset's twin, as the rules need it.

    Args:
        id: the twin's id.
        revision: the head's.
        name: what people call it.
        identifiers: in canonical form (`vin:…`).
        attributes: its free fields.
        granularity: item, lot or product.
        former: identifiers that were a mistake or are out of use; they still lead to it.
        broader: what its identifiers say about the lots and products that it is of.
        merged: the assets that were found to be this one.
        merged_into: the asset that this one was found to be.
    """

    id: str
    revision: int
    name: str
    identifiers: tuple[str, ...]
    attributes: Document
    granularity: Granularity = Granularity.ITEM
    former: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    merged_into: str | None = None

    @classmethod
    def from_document(cls, document: Document) -> Asset:
        """The asset whose twin's document this is."""
        head = document["head"]
        return cls(
            id=document["_id"],
            revision=document["revision"],
            name=head["name"],
            identifiers=tuple(head.get("identifiers", ())),
            attributes=head.get("attributes", {}),
            granularity=Granularity(head["granularity"]),
            former=tuple(head.get("former", ())),
            broader=tuple(head.get("broader", ())),
            merged=tuple(head.get("merged", ())),
            merged_into=head.get("merged_into"),
        )


def register(
    *,
    kind: str,
    granularity: Granularity,
    name: str,
    identifiers: tuple[Identifier, ...],
    attributes: Mapping[str, str | None],
    command: Command,
    now: datetime,
) -> Draft:
    """A new asset.

    Args:
        kind: what sort of thing it is (`vehicle`, `component`, `container`…), written as a field's name is.
        granularity: item, lot or product.
        name: what people call it, 120 characters at most.
        identifiers: of its granularity, 32 at most; none for what only its label identifies.
        attributes: free fields.
        command: reason and occurred_at count.
        now: the service's clock.

    Raises:
        InvalidInput, TooLarge: what a field forbids.
    """
    change = {
        "kind": fields.field_name(kind, path=("kind",)),
        "granularity": granularity.value,
        "name": fields.text(name, path=("name",), longest=LONGEST_NAME),
        **_named(identifiers, granularity, (), ()),
        "attributes": fields.fields(attributes, path=("attributes",)),
    }
    return _drafted(AssetAction.REGISTER, change, command, now)


def revise(
    asset: Asset, *, name: str | None, attributes: Mapping[str, str | None], command: Command, now: datetime
) -> Draft:
    """Change the name or free fields; None as a field's text removes it.

    Raises:
        InvalidInput: nothing would change, or what a field forbids.
    """
    _require_own(asset)
    free = merge(asset.attributes, fields.fields(attributes, path=("attributes",), removable=True))
    fields.require_few(free, path=("attributes",))
    after = {
        "name": asset.name if name is None else fields.text(name, path=("name",), longest=LONGEST_NAME),
        "attributes": free,
    }
    change = difference({"name": asset.name, "attributes": asset.attributes}, after)
    if not change:
        raise InvalidInput("The asset already says that; expected at least one field to change.", path=("attributes",))
    return _drafted(AssetAction.REVISE, change, command, now)


def identify(asset: Asset, identifiers: tuple[Identifier, ...], *, command: Command, now: datetime) -> Draft:
    """Give more identifiers to an asset.

    Raises:
        InvalidInput: none that it has not, or one of another granularity.
        TooLarge: more than 32 in all.
        AssetMerged: another asset has taken over.
    """
    _require_own(asset)
    if not {identifier.canonical for identifier in identifiers} - set(asset.identifiers):
        raise InvalidInput("identifiers: expected at least one that the asset has not.", path=("identifiers",))
    change = _named(identifiers, asset.granularity, asset.identifiers, asset.broader)
    if former := {*asset.former} & {*change["identifiers"]}:
        change["former"] = sorted({*asset.former} - former)
    return _drafted(AssetAction.IDENTIFY, change, command, now)


def correct_identifier(asset: Asset, wrong: str, right: Identifier, *, command: Command, now: datetime) -> Draft:
    """Put the right identifier in the place of a wrong one, which leads to the asset for ever all the same.

    Args:
        asset: the asset.
        wrong: the canonical form of one of its identifiers.
        right: what it should have been.
        command: the reason is required.
        now: the service's clock.

    Raises:
        InvalidInput: no reason, the asset has not the wrong one, the right one is the wrong one or says it too, or is
            of another granularity.
        AssetMerged: another asset has taken over.
    """
    _require_reason(command, AssetAction.CORRECT_IDENTIFIER)
    _require_own(asset)
    if wrong not in asset.identifiers:
        has = ", ".join(asset.identifiers) or "none"
        raise InvalidInput(
            f"wrong: expected one of the asset's identifiers ({has}), found {shown(wrong)}.", path=("wrong",)
        )
    if wrong in (right.canonical, *(other.canonical for other in right.implied)):
        raise InvalidInput(
            f"right: expected another than {shown(wrong)}, found {shown(right.canonical)}, which says it too.",
            path=("right",),
        )
    kept = tuple(identifier for identifier in asset.identifiers if identifier != wrong)
    left = _broader_without(asset, wrong, (*map(identity.parse, kept), right)) if asset.broader else ()
    change = _named((right,), asset.granularity, kept, left)
    if left != asset.broader:
        change.setdefault("broader", sorted(left))
    change["former"] = sorted({*asset.former, wrong} - {*change["identifiers"]})
    return _drafted(AssetAction.CORRECT_IDENTIFIER, change, command, now)


def merge_into(duplicate: Asset, asset: Asset, *, command: Command, now: datetime) -> tuple[Draft, Draft]:
    """Make one of two assets that turned out to be the same: what changes for the duplicate, and for the asset.

    The duplicate changes no more. Its identifiers name the asset, and what was bound to it counts as the asset's.

    Raises:
        InvalidInput: no reason, both are one already, or they are of different granularity.
        TooLarge: more than 32 identifiers in all.
        AssetMerged: another asset has taken over one of them.
    """
    _require_reason(command, AssetAction.MERGE)
    _require_own(duplicate)
    _require_own(asset)
    if duplicate.id == asset.id:
        raise InvalidInput(f"into: expected another asset than {asset.id}.", path=("into",))
    if duplicate.granularity is not asset.granularity:
        raise InvalidInput(
            f"into: expected an asset of granularity {duplicate.granularity}, found {asset.granularity}.",
            path=("into",),
        )
    every = {
        "identifiers": _few({*asset.identifiers, *duplicate.identifiers}),
        "former": sorted({*asset.former, *duplicate.former}),
        "broader": sorted({*asset.broader, *duplicate.broader}),
        "merged": sorted({*asset.merged, *duplicate.merged, duplicate.id}),
    }
    known = {"identifiers": [*asset.identifiers], "former": [*asset.former], "broader": [*asset.broader]}
    retired = _drafted(AssetAction.MERGE, {"merged_into": asset.id}, command, now)
    return retired, _drafted(AssetAction.ABSORB, difference(known, every), command, now)


def _named(
    identifiers: Iterable[Identifier], granularity: Granularity, known: tuple[str, ...], broader: tuple[str, ...]
) -> dict[str, Any]:
    """The change that gives identifiers to an asset which has some."""
    names, of = set(known), set(broader)
    for identifier in identifiers:
        if identifier.granularity is not granularity and not isinstance(identifier, uuid.Uuid):
            means = _a(identifier.granularity) if identifier.granularity else "no asset"
            raise InvalidInput(
                f"identifiers: {shown(identifier.canonical)} names {means}, expected one that names {_a(granularity)}.",
                path=("identifiers",),
            )
        names.add(identifier.canonical)
        for other in identifier.implied:
            if other.granularity is not None:
                (names if other.granularity is granularity else of).add(other.canonical)
    return {"identifiers": _few(names)} | ({"broader": sorted(of)} if of != set(broader) else {})


def _broader_without(asset: Asset, wrong: str, others: Iterable[Identifier]) -> tuple[str, ...]:
    """What the asset is of, but for what the wrong identifier alone says, and the lots of that."""
    said = {broader.canonical for other in others for broader in other.implied}
    gone = {broader.canonical for broader in identity.parse(wrong).implied} - said
    return tuple(
        name
        for name in asset.broader
        if gone.isdisjoint((name, *(wider.canonical for wider in identity.parse(name).implied)))
    )


def _a(granularity: Granularity) -> str:
    return f"{'an' if granularity is Granularity.ITEM else 'a'} {granularity.lower()}"


def _few(identifiers: set[str]) -> list[str]:
    if len(identifiers) > MOST_IDENTIFIERS:
        raise TooLarge(
            f"identifiers: expected at most {MOST_IDENTIFIERS}, found {len(identifiers)}.", path=("identifiers",)
        )
    return sorted(identifiers)


def _require_own(asset: Asset) -> None:
    if asset.merged_into is not None:
        raise AssetMerged(asset.id, asset.merged_into)


def _require_reason(command: Command, action: AssetAction) -> None:
    if command.reason is None:
        raise InvalidInput(f"reason: {action.value} needs a reason, found none.", path=("reason",))


def _drafted(action: AssetAction, change: dict[str, Any], command: Command, now: datetime) -> Draft:
    return Draft(
        action=action,
        change=change,
        occurred_at=fields.moment(command.occurred_at, now=now),
        reason=fields.optional_text(command.reason, path=("reason",)),
    )
