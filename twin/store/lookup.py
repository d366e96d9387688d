"""Documents by the value of one field: what many requests ask for at the same time is looked up at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from twin.domain.history import Document
from twin.store.mongo import OPERATION_MS, Collection, translated
from twin.store.together import Together

_Asked = tuple[str, frozenset[str]]


class Lookup:
    """Looks documents of a collection up, each time anew.

    Args:
        collection: where they are.
        projection: what of them is wanted; None: all.
    """

    def __init__(self, collection: Collection, projection: Mapping[str, Any] | None = None) -> None:
        self._collection = collection
        self._projection = projection
        self._together: Together[_Asked, dict[str, dict[str, Any]]] = Together(self._find)

    async def by(self, name: str, values: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The documents in which a field has one of the values, by that; without those that are not there.

        Args:
            name: of a field that is unique; a dot leads into a document.
            values: what is looked for.
        """
        wanted = frozenset(values)
        return await self._together((name, wanted)) if wanted else {}

    async def one(self, name: str, value: str) -> dict[str, Any] | None:
        """The document in which a field has that value."""
        return (await self.by(name, (value,))).get(value)

    async def _find(self, asked: Sequence[_Asked]) -> list[dict[str, dict[str, Any]]]:
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for name in {name for name, _ in asked}:
            every = list(frozenset().union(*(values for each, values in asked if each == name)))
            query = {name: {"$in": every}}
            with translated():
                cursor = self._collection.find(query, self._projection, max_time_ms=OPERATION_MS)
                found[name] = {_at(document, name): document for document in await cursor.to_list(None)}
        return [{value: found[name][value] for value in values if value in found[name]} for name, values in asked]


def _at(document: Document, name: str) -> str:
    value: Any = document
    for part in name.split("."):
        value = value[part]
    return str(value)
