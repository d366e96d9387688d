"""Identifiers: each canonical form leads to one asset, for ever; never reassigned, never deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pymongo import ASCENDING, IndexModel, ReplaceOne
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from twin.domain.history import Document
from twin.errors import IdentifierTaken
from twin.store.mongo import OPERATION_MS, Mongo, Session, ensure_indexes, translated

INDEXES = (IndexModel([("asset", ASCENDING)], name="asset"),)


@dataclass(frozen=True, slots=True)
class Holder:
    """What an identifier leads to.

    Args:
        asset: the id of the asset.
        corrected_to: the identifier that is right instead, if this one was a mistake.
    """

    asset: str
    corrected_to: str | None


class Identifiers:
    """Which asset an identifier leads to."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.collection("identifiers")
        self._linearizable = self._collection.with_options(read_concern=ReadConcern("linearizable"))

    async def prepare(self) -> None:
        """Create and check the indexes."""
        await ensure_indexes(self._collection, INDEXES)

    async def register(self, canonicals: Collection[str], asset: str, *, session: Session) -> None:
        """Give identifiers to an asset, in the transaction that writes the asset; some may have been its before.

        Raises:
            IdentifierTaken: one leads to another asset.
        """
        if not canonicals:
            return
        with translated(session):
            held = {row["_id"]: row["asset"] async for row in self._collection.find(_any(canonicals), session=session)}
            for canonical, holder in held.items():
                if holder != asset:
                    raise IdentifierTaken(canonical, holder)
            rows = [{"_id": canonical, "asset": asset} for canonical in canonicals]
            try:
                # A row of this asset is written anew: it may have been corrected to another one.
                writes = [ReplaceOne({"_id": row["_id"], "asset": asset}, row, upsert=True) for row in rows]
                await self._collection.bulk_write(writes, session=session)
            except BulkWriteError as error:
                raise _taken(error) from error

    async def add(self, holders: Mapping[str, str], *, session: Session) -> None:
        """Register identifiers that nobody has, of many new assets, in the transaction that writes those.

        Args:
            holders: the asset of each identifier.
            session: the transaction.

        Raises:
            IdentifierTaken: one leads to an asset already.
        """
        rows = [{"_id": canonical, "asset": asset} for canonical, asset in holders.items()]
        try:
            await self._collection.insert_many(rows, session=session)
        except BulkWriteError as error:
            raise _taken(error) from error

    async def correct(self, wrong: str, right: str, *, session: Session) -> None:
        """Note that an identifier was a mistake for another one, in the transaction that writes their asset."""
        await self._collection.update_one({"_id": wrong}, {"$set": {"corrected_to": right}}, session=session)

    async def hand_over(self, duplicate: str, asset: str, *, session: Session) -> None:
        """Let all identifiers of an asset lead to another one, in the transaction that merges them."""
        await self._collection.update_many({"asset": duplicate}, {"$set": {"asset": asset}}, session=session)

    async def holders(self, canonicals: Collection[str]) -> dict[str, Holder]:
        """What each of some identifiers leads to, by identifier; without those that nobody has."""
        if not canonicals:
            return {}
        with translated():
            rows = await self._collection.find(_any(canonicals), max_time_ms=OPERATION_MS).to_list(None)
        return {row["_id"]: Holder(row["asset"], row.get("corrected_to")) for row in rows}

    async def asset_of(self, canonical: str) -> str | None:
        """The id of the asset that an identifier leads to, surely: a new primary may not know it at once."""
        found = (await self.holders([canonical])).get(canonical)
        if found is not None:
            return found.asset
        with translated():
            row = await self._linearizable.find_one({"_id": canonical}, max_time_ms=OPERATION_MS)
        return None if row is None else str(row["asset"])


def _taken(error: BulkWriteError) -> Exception:
    """What a write that failed means: the identifier that somebody has, or what it said itself."""
    taken = [write for write in error.details.get("writeErrors", ()) if write.get("code") == 11000]
    return IdentifierTaken(taken[0]["keyValue"]["_id"], None) if taken else error


def _any(canonicals: Iterable[str]) -> Document:
    return {"_id": {"$in": list(canonicals)}}
