"""The heads that a process has seen last: what most writes are made on, without asking the database."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

MOST_RECENT = 1_000


class RecentHeads:
    """The heads that this process has seen last, by id and by link id: 1,000 at most."""

    def __init__(self) -> None:
        self._heads: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._ids: dict[str, str] = {}

    def keep(self, head: dict[str, Any]) -> None:
        """Remember a head unless a newer one is, and forget the one not used for longest."""
        known = self._heads.get(head["_id"])
        if known is not None and known["revision"] > head["revision"]:
            return
        self._heads[head["_id"]] = head
        self._heads.move_to_end(head["_id"])
        self._ids[head["head"].get("link_id", "")] = head["_id"]
        if len(self._heads) > MOST_RECENT:
            self.forget(next(iter(self._heads)))

    def forget(self, twin: str) -> None:
        """Do not offer a head again."""
        head = self._heads.pop(twin, None)
        if head is not None:
            self._ids.pop(head["head"].get("link_id", ""), None)

    def find(self, query: Mapping[str, Any]) -> dict[str, Any] | None:
        """The head that a query by `_id` or `head.link_id` means, if it is remembered."""
        twin = query.get("_id") or self._ids.get(query.get("head.link_id", ""), "")
        return self._heads.get(twin)
