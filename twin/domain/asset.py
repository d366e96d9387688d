"""An asset: the thing that is traced, as an item, a lot or a product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from twin.domain import fields
from twin.domain.history import Command, Document, Draft, difference, merge
from twin.errors import InvalidInput, TooLarge
from twin.identity import Granularity

LONGEST_NAME = 120
MOST_IDENTIFIERS = 16


class AssetAction(StrEnum):
    """What can happen to an asset."""

    REGISTER = "REGISTER"
    REVISE = "REVISE"


@dataclass(frozen=True, slots=True)
class Asset:
    """The head of an asset's twin, as the rules need it.

    Args:
        id: the twin's id.
        revision: the head's.
        name: what people call it.
        identifiers: in canonical form (`vin:…`).
        attributes: its free fields.
    """

    id: str
    revision: int
    name: str
    identifiers: tuple[str, ...]
    attributes: Document

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
        )


def register(
    *,
    kind: str,
    granularity: Granularity,
    name: str,
    identifiers: tuple[str, ...],
    attributes: Mapping[str, str | None],
    command: Command,
    now: datetime,
) -> Draft:
    """A new asset.

    Args:
        kind: what sort of thing it is (`vehicle`, `component`, `container`…), written as a field's name is.
        granularity: item, lot or product.
        name: what people call it, 120 characters at most.
        identifiers: canonical and validated, 16 at most; none for what only its label identifies.
        attributes: free fields.
        command: reason and occurred_at count.
        now: the service's clock.

    Raises:
        InvalidInput, TooLarge: what a field forbids.
    """
    if len(identifiers) > MOST_IDENTIFIERS:
        raise TooLarge(
            f"identifiers: expected at most {MOST_IDENTIFIERS}, found {len(identifiers)}.", path=("identifiers",)
        )
    return Draft(
        action=AssetAction.REGISTER,
        change={
            "kind": fields.field_name(kind, path=("kind",)),
            "granularity": granularity.value,
            "name": fields.text(name, path=("name",), longest=LONGEST_NAME),
            "identifiers": sorted(set(identifiers)),
            "attributes": fields.fields(attributes, path=("attributes",)),
        },
        occurred_at=fields.moment(command.occurred_at, now=now),
        reason=fields.optional_text(command.reason, path=("reason",)),
    )


def revise(
    asset: Asset, *, name: str | None, attributes: Mapping[str, str | None], command: Command, now: datetime
) -> Draft:
    """Change the name or free fields; None as a field's text removes it.

    Raises:
        InvalidInput: nothing would change, or what a field forbids.
    """
    free = merge(asset.attributes, fields.fields(attributes, path=("attributes",), removable=True))
    fields.require_few(free, path=("attributes",))
    after = {
        "name": asset.name if name is None else fields.text(name, path=("name",), longest=LONGEST_NAME),
        "attributes": free,
    }
    change = difference({"name": asset.name, "attributes": asset.attributes}, after)
    if not change:
        raise InvalidInput("The asset already says that; expected at least one field to change.", path=("attributes",))
    return Draft(
        action=AssetAction.REVISE,
        change=change,
        occurred_at=fields.moment(command.occurred_at, now=now),
        reason=fields.optional_text(command.reason, path=("reason",)),
    )
