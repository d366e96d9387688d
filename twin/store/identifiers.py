"""Identifiers: each canonical form names one asset, for ever; never reassigned, never deleted."""

from __future__ import annotations

from collections.abc import Iterable

from pymongo.errors import BulkWriteError

from twin.errors import IdentifierTaken
from twin.store.mongo import OPERATION_MS, Mongo, Session, translated


class Identifiers:
    """Which asset an identifier names."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("identifiers")

    async def register(self, canonicals: Iterable[str], asset: str, *, session: Session) -> None:
        """Give identifiers to an asset, in the transaction that writes the asset.

        Raises:
            IdentifierTaken: another asset holds one of them.
        """
        documents = [{"_id": canonical, "asset": asset} for canonical in canonicals]
        if not documents:
            return
        with translated(session):
            try:
                await self._collection.insert_many(documents, session=session)
            except BulkWriteError as error:
                taken = [write for write in error.details.get("writeErrors", ()) if write.get("code") == 11000]
                if not taken:
                    raise
                raise IdentifierTaken(taken[0]["keyValue"]["_id"], None) from error

    async def asset_of(self, canonical: str) -> str | None:
        """The id of the asset that holds an identifier."""
        with translated():
            found = await self._collection.find_one({"_id": canonical}, max_time_ms=OPERATION_MS)
        return None if found is None else str(found["asset"])
