"""What is recalled, on what services return: labels say so, whoever asks."""

from __future__ import annotations

from collections.abc import Sequence

from twin.domain import scan
from twin.domain.history import Document
from twin.store.recalls import Recalls


async def marked(recalls: Recalls, labels: Sequence[Document]) -> list[Document]:
    """The labels, with RECALLED among the `flags` of those that are on something recalled, and `recalls`: by what.

    Args:
        recalls: where recalls are.
        labels: as they are now, with their `flags`.
    """
    assets = {asset for label in labels if (asset := label["head"].get("asset")) is not None}
    found = await recalls.open_of(assets)
    return [_marked(label, found.get(label["head"].get("asset", ""), ())) for label in labels] if found else [*labels]


def _marked(label: Document, notices: Sequence[Document]) -> Document:
    if not notices:
        return label
    return {**label, "flags": scan.recalled(label["flags"]), "recalls": list(notices)}
