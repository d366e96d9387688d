"""Memory: MongoDB through Motor. The only folder that names the driver."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from twin.domain.history import Document
from twin.store.assets import Assets
from twin.store.deployment import Deployment
from twin.store.identifiers import Identifiers
from twin.store.keys import Keys
from twin.store.labels import Labels
from twin.store.mongo import OPERATION_MS, Collection, Mongo, translated
from twin.store.scans import Scans


@dataclass(frozen=True, slots=True)
class Store:
    """Every collection of one database, ready to use."""

    mongo: Mongo
    labels: Labels
    assets: Assets
    identifiers: Identifiers
    scans: Scans
    keys: Keys
    deployment: Deployment

    @classmethod
    async def prepared(cls, mongo: Mongo) -> Store:
        """The store on a checked connection, its indexes created and checked."""
        store = cls(
            mongo, Labels(mongo), Assets(mongo), Identifiers(mongo), Scans(mongo), Keys(mongo), Deployment(mongo)
        )
        for collection in (store.labels, store.assets, store.scans):
            await collection.prepare()
        return store

    async def by_mutation(self, key: str) -> tuple[str, Document] | None:
        """What a mutation wrote: the id of the twin, and the version, wherever it is kept; or those of a scan."""

        async def within(collection: Collection, twin: str) -> tuple[str, Document] | None:
            found = await collection.find_one(
                {"versions.mutation": key},
                {twin: True, "versions": {"$elemMatch": {"mutation": key}}},
                max_time_ms=OPERATION_MS,
            )
            return None if found is None else (found[twin], found["versions"][0])

        # The archive is looked at last: a version is put there before it leaves its twin's document.
        with translated():
            live = await asyncio.gather(
                within(self.labels.collection, "_id"),
                within(self.assets.collection, "_id"),
                self.scans.by_mutation(key),
            )
            found = next((answer for answer in live if answer is not None), None)
            return found or await within(self.labels.history, "twin")
