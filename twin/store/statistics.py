"""Figures of the whole house, each one aggregation: of 100,000 labels, indexes count in 50 ms, the rest is 0.2 to 2 s.

`labels.state` and `labels.profile` count by themselves; `print_jobs.state` and `scan_counts.day` narrow. What is stale,
prints by day, and where things were made are worked out of all labels: no index could say it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING

from twin.domain.fact import NEVER, FactKind
from twin.domain.label import LabelAction
from twin.store.mongo import OPERATION_MS, Mongo, translated

Profiles = Collection[str] | None
"""Of which profiles labels count; None means all."""

_PRINTS = [LabelAction.PRINT.value, LabelAction.REPRINT.value]
_DAY = {"$dateToString": {"date": "$at", "format": "%Y-%m-%d"}}


class Statistics:
    """Counts over the collections of others."""

    def __init__(self, mongo: Mongo) -> None:
        self._labels = mongo.collection("labels")
        self._scans = mongo.collection("scan_counts")

    async def labels_by(self, name: str, values: Iterable[str], profiles: Profiles) -> dict[str, int]:
        """How many labels have each of some values.

        Args:
            name: `state` or `profile`, of the head, which has an index.
            values: to be counted.
            profiles: of which labels.
        """
        more = {} if profiles is None else {"head.profile": {"$in": sorted(profiles)}}
        found = {}
        for value in values:
            query = {"$and": [{f"head.{name}": value}, more]} if more else {f"head.{name}": value}
            with translated():
                found[value] = await self._labels.count_documents(query, maxTimeMS=OPERATION_MS)
        return found

    async def stale(self, profiles: Profiles) -> int:
        """How many labels say something else than their paper."""
        face = {"$ifNull": ["$head.face", {}]}
        changed = {"$and": [{"$ifNull": ["$head.printed", False]}, {"$ne": ["$head.printed.face", face]}]}
        with translated():
            return await self._labels.count_documents({**_of(profiles), "$expr": changed}, maxTimeMS=OPERATION_MS)

    async def labels_by_site(self, profiles: Profiles) -> dict[str | None, int]:
        """How many labels are on something that was made at each site, as its newest production fact says."""
        bound = {**_of(profiles), "head.asset": {"$exists": True}}
        newest = {"at": "$occurred_at", "site": "$said.site"}
        made = [
            {"$match": {"kind": FactKind.PRODUCE.value, "superseded": NEVER}},
            {"$unwind": "$what"},
            {"$project": {"_id": False, "asset": "$what.asset", "made": newest}},
        ]
        return await self._counted(
            self._labels.aggregate(
                [
                    {"$match": bound},
                    {"$project": {"_id": False, "asset": "$head.asset", "labels": {"$literal": 1}}},
                    {"$unionWith": {"coll": "facts", "pipeline": made}},
                    {"$group": {"_id": "$asset", "labels": {"$sum": "$labels"}, "made": {"$max": "$made"}}},
                    {"$match": {"labels": {"$gt": 0}}},
                    {"$group": {"_id": "$made.site", "n": {"$sum": "$labels"}}},
                    {"$sort": {"n": DESCENDING, "_id": ASCENDING}},
                ],
                maxTimeMS=OPERATION_MS,
                allowDiskUse=True,
            )
        )

    async def prints(self, since: datetime, before: datetime, profiles: Profiles) -> dict[str, int]:
        """How often labels were printed, by the day on which it happened; days without are left out."""
        window = {"$gte": since, "$lt": before}
        wanted = {"action": {"$in": _PRINTS}, "occurred_at": window}
        found = {"$match": {"versions": {"$elemMatch": wanted}}}
        shown = {"$project": {"twin": True, **{f"versions.{name}": True for name in ("revision", *wanted)}}}
        one = {"label": {"$ifNull": ["$twin", "$_id"]}, "revision": "$versions.revision"}
        stages: list[Mapping[str, Any]] = [
            {"$match": _of(profiles)},
            found,
            shown,
            {"$unionWith": {"coll": "history", "pipeline": [found, *_of_twins(profiles), shown]}},
            {"$unwind": "$versions"},
            {"$match": {f"versions.{name}": wish for name, wish in wanted.items()}},
            {"$group": {"_id": one, "at": {"$first": "$versions.occurred_at"}}},  # once, while it is being archived
            {"$group": {"_id": _DAY, "n": {"$sum": 1}}},
            {"$sort": {"_id": ASCENDING}},
        ]
        return await self._counted(self._labels.aggregate(stages, maxTimeMS=OPERATION_MS, allowDiskUse=True))

    async def scans(self, first: date, last: date, profiles: Profiles) -> dict[str, int]:
        """How often labels were read, by day; days without are left out."""
        each = {"$map": {"input": {"$objectToArray": "$outcomes"}, "in": "$$this.v"}}
        stages: list[Mapping[str, Any]] = [
            {"$match": {"day": {"$gte": first.isoformat(), "$lte": last.isoformat()}}},
            *_of_twins(profiles, "label"),
            {"$group": {"_id": "$day", "n": {"$sum": {"$sum": each}}}},
            {"$sort": {"_id": ASCENDING}},
        ]
        return await self._counted(self._scans.aggregate(stages, maxTimeMS=OPERATION_MS))

    @staticmethod
    async def _counted(cursor: Any) -> dict[Any, int]:
        with translated():
            return {row["_id"]: row["n"] for row in await cursor.to_list(None)}


def _of(profiles: Profiles) -> dict[str, Any]:
    return {} if profiles is None else {"head.profile": {"$in": sorted(profiles)}}


def _of_twins(profiles: Profiles, name: str = "twin") -> Sequence[Mapping[str, Any]]:
    """The stages that leave of rows about labels those of some profiles."""
    if profiles is None:
        return []
    held = [{"$match": _of(profiles)}, {"$project": {"_id": True}}]
    join = {"from": "labels", "localField": name, "foreignField": "_id", "pipeline": held, "as": "held"}
    return [{"$lookup": join}, {"$match": {"held.0": {"$exists": True}}}]
