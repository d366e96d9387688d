"""What is stored, in the form of which hashes were taken; whatever somebody has made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from twin.domain.history import Document, since_of
from twin.domain.label import bindings_after
from twin.exchange import proof

MOMENTS = ("occurred_at", "recorded_at")


def as_json(version: object) -> Any:
    """A stored version in the form of which its hash was taken.

    What has no place in a version, such as a number with a fraction, or a text where a moment belongs, becomes a
    document that says what it was, under a name that is not ASCII, so that there is no hash of it.
    """
    if not isinstance(version, dict):
        return plain(version)
    return {name: _moment(value) if name in MOMENTS else plain(value) for name, value in version.items()}


def plain(value: Any) -> Any:
    """A stored value as JSON has it; what JSON, or its place, has no room for says what it was."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if not (value is None or isinstance(value, int) or type(value) is str):
        return _unreadable(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(value: Any) -> Any:
    return text_of(value) if isinstance(value, datetime) else _unreadable(value)


def _unreadable(value: Any) -> dict[str, str]:
    return {"¬ JSON": f"{type(value).__name__} {value!r}"}


def text_of(at: datetime) -> str:
    """A moment as versions are hashed with it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def alike(one: Any, other: Any) -> bool:
    """Whether two stored values are the same, of the same types."""
    try:
        return proof.canonical_json(_timed(one)) == proof.canonical_json(_timed(other))
    except ValueError:
        return False


def light(version: Document) -> Document:
    """What of a version its twin's document is derived from: little, because all of them are held at once."""
    held = {name: version[name] for name in (*MOMENTS, "revision", "change", "corrects") if name in version}
    return {**held, "snapshot": {"asset": version.get("snapshot", {}).get("asset")}}


def derived(versions: Sequence[Document]) -> Document:
    """What a twin's document must hold beside its newest snapshot, worked out anew from all its versions.

    Args:
        versions: as `light` gives them, oldest first, at least one.

    Raises:
        TypeError, KeyError, ValueError, AttributeError: no service wrote such versions, though their hashes fit.
    """
    bindings: list[Document] = []
    in_order = 1
    for before, version in zip((versions[0], *versions), versions, strict=False):
        if "asset" in version["change"]:
            bindings = bindings_after(bindings, version)
        follows = "corrects" not in version and all(version[axis] >= before[axis] for axis in MOMENTS)
        in_order = version["revision"] if follows and in_order >= version["revision"] - 1 else in_order
    return {
        "created": {name: versions[0][name] for name in MOMENTS},
        "changed": {name: versions[-1][name] for name in MOMENTS},
        "bindings": bindings,
        "in_order": in_order,
        "since": since_of(versions),
    }


def _timed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_timed(inner) for inner in value]
    return {"moment": text_of(value)} if isinstance(value, datetime) else plain(value)
