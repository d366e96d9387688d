"""An import: the states that it goes through, what a row of it says, and how much it may hold."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from twin.domain import fields
from twin.errors import InvalidInput, shown
from twin.identity import Granularity

MOST_ROWS: Final = 100_000
LARGEST_FILE: Final = 128 * 1024 * 1024
LARGEST_ROW: Final = 64 * 1024
LONGEST_NAME: Final = 64
ROW = ("kind", "granularity", "name", "identifiers", "attributes", "label")
LABEL = ("profile", "face", "attributes")

Said = Mapping[str, Any]


class ImportState(StrEnum):
    """Where an import stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


OPEN = frozenset({ImportState.QUEUED, ImportState.RUNNING})


def row_of(value: object) -> dict[str, Any]:
    """A row that has its shape: an asset and, where one is wanted, its label. What it says is judged later.

    Args:
        value: what stood in the file, as JSON has it.

    Returns:
        `kind`, `granularity`, `name`, `identifiers` (texts), `attributes` (name to text), and `label` or None: its
        `profile`, `face` (name to text) and `attributes`.

    Raises:
        InvalidInput: another shape, with the path of what is wrong.

    Examples:
        >>> row_of({"kind": "tool", "name": "A drill", "label": {"profile": "ASSET_TAG"}})["label"]
        {'profile': 'asset_tag', 'face': {}, 'attributes': {}}
    """
    row = _object(value, ROW, ())
    return {
        "kind": fields.text(row.get("kind"), path=("kind",)),
        "granularity": _granularity(row.get("granularity")),
        "name": fields.text(row.get("name"), path=("name",)),
        "identifiers": _texts(row.get("identifiers")),
        "attributes": _named(row.get("attributes"), ("attributes",)),
        "label": None if row.get("label") is None else _label(row["label"]),
    }


def _label(value: object) -> dict[str, Any]:
    label = _object(value, LABEL, ("label",))
    profile = fields.text(label.get("profile"), path=("label", "profile"))
    return {
        "profile": profile.lower(),  # as the API's enum writes it, or as we do
        "face": _named(label.get("face"), ("label", "face")),
        "attributes": _named(label.get("attributes"), ("label", "attributes")),
    }


def _object(value: object, known: tuple[str, ...], path: fields.Path) -> dict[str, Any]:
    where = f"{'.'.join(path)}: e" if path else "E"
    if not isinstance(value, dict):
        raise InvalidInput(f"{where}xpected an object with {', '.join(known)}, found {shown(value)}.", path=path)
    unknown = next((name for name in value if name not in known), None)
    if unknown is not None:
        raise InvalidInput(
            f"{where}xpected {', '.join(known)}, found {shown(unknown)}.", path=(*path, unknown[:LONGEST_NAME])
        )
    return value


def _granularity(value: object) -> str:
    if value is None:
        return Granularity.ITEM.value
    if not isinstance(value, str) or value.upper() not in Granularity.__members__:
        expected = " or ".join(Granularity)
        raise InvalidInput(f"granularity: expected {expected}, found {shown(value)}.", path=("granularity",))
    return value.upper()


def _texts(value: object) -> list[str]:
    path = ("identifiers",)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidInput(f"identifiers: expected a list of texts, found {shown(value)}.", path=path)
    return [fields.scanned_text(text, path=(*path, str(at))) for at, text in enumerate(value)]


def _named(value: object, path: fields.Path) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput(f"{'.'.join(path)}: expected texts by name, found {shown(value)}.", path=path)
    fields.require_few(value, path=path)
    return {fields.field_name(name, path=path): fields.text(text, path=(*path, name)) for name, text in value.items()}
