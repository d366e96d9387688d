"""Memory: MongoDB through Motor. The only folder that names the driver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pymongo.read_concern import ReadConcern

from twin.domain.history import Document
from twin.store.assets import Assets
from twin.store.audit_log import AuditLog
from twin.store.chains import Chains
from twin.store.changes import ChangeFeed
from twin.store.checkpoints import Checkpoints
from twin.store.deployment import Deployment
from twin.store.facts import Facts
from twin.store.identifiers import Identifiers
from twin.store.imports import Imports
from twin.store.keys import Keys
from twin.store.labels import Labels
from twin.store.leases import Leases
from twin.store.links import Links
from twin.store.mongo import OPERATION_MS, Collection, Mongo, translated
from twin.store.notices import Notices
from twin.store.people import People
from twin.store.print_jobs import PrintJobs
from twin.store.recalls import Recalls
from twin.store.scan_log import ScanLog
from twin.store.scans import Scans
from twin.store.search import Search
from twin.store.serials import Serials
from twin.store.sessions import Sessions
from twin.store.spans import Spans
from twin.store.statistics import Statistics
from twin.store.stock import Ledger
from twin.store.templates import Templates
from twin.store.together import Together

_AS_VERSIONS = {"$project": {"versions": [{"mutation": "$mutation", "digest": "$digest"}]}}


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
    changes: ChangeFeed
    chains: Chains
    checkpoints: Checkpoints
    leases: Leases
    serials: Serials
    templates: Templates
    search: Search
    print_jobs: PrintJobs
    links: Links
    scan_log: ScanLog
    audit_log: AuditLog
    sessions: Sessions
    facts: Facts
    spans: Spans
    recalls: Recalls
    notices: Notices
    people: People
    statistics: Statistics
    ledger: Ledger
    imports: Imports
    _by_mutation: Together[str, tuple[str, Document] | None] = field(init=False)
    _by_mutation_surely: Together[str, tuple[str, Document] | None] = field(init=False)

    def __post_init__(self) -> None:
        labels = self.labels.collection
        surely = labels.with_options(read_concern=ReadConcern("linearizable"))
        object.__setattr__(self, "_by_mutation", Together(partial(self._by_mutations, labels)))
        object.__setattr__(self, "_by_mutation_surely", Together(partial(self._by_mutations, surely)))

    @classmethod
    async def prepared(cls, mongo: Mongo) -> Store:
        """The store on a checked connection, its indexes created and checked."""
        store = cls(
            mongo,
            Labels(mongo),
            Assets(mongo),
            Identifiers(mongo),
            Scans(mongo),
            Keys(mongo),
            Deployment(mongo),
            ChangeFeed(mongo),
            Chains(mongo),
            Checkpoints(mongo),
            Leases(mongo),
            Serials(mongo),
            Templates(mongo),
            Search(mongo),
            PrintJobs(mongo),
            Links(mongo),
            ScanLog(mongo),
            AuditLog(mongo),
            Sessions(mongo),
            Facts(mongo),
            Spans(mongo),
            Recalls(mongo),
            Notices(mongo),
            People(mongo),
            Statistics(mongo),
            Ledger(mongo),
            Imports(mongo),
        )
        prepared = (
            store.labels,
            store.assets,
            store.identifiers,
            store.scans,
            store.checkpoints,
            store.serials,
            store.templates,
            store.search,
            store.print_jobs,
            store.links,
            store.scan_log,
            store.audit_log,
            store.sessions,
            store.facts,
            store.spans,
            store.recalls,
            store.notices,
            store.people,
            store.ledger,
            store.imports,
        )
        for collection in prepared:
            await collection.prepare()
        return store

    async def by_mutation(self, key: str, *, sure: bool = False) -> tuple[str, Document] | None:
        """What a mutation wrote: the id of the twin, and the version, wherever it is kept; or those of a scan.

        Args:
            key: the mutation's.
            sure: whether every acknowledged write must be seen, whoever became primary a moment ago.
        """
        return await (self._by_mutation_surely if sure else self._by_mutation)(key)

    async def _by_mutations(self, labels: Collection, keys: Sequence[str]) -> list[tuple[str, Document] | None]:
        """One round trip. The archive comes last: a version is put there before it leaves its twin's document."""
        found: dict[str, Any] = {"$match": {"versions.mutation": {"$in": keys}}}
        wanted = {"$filter": {"input": "$versions", "cond": {"$in": ["$$this.mutation", keys]}}}
        places: list[dict[str, Any]] = [
            found,
            {"$unionWith": {"coll": "assets", "pipeline": [found]}},
            {"$unionWith": {"coll": "links", "pipeline": [found]}},
            {"$unionWith": {"coll": "scans", "pipeline": [{"$match": {"mutation": {"$in": keys}}}, _AS_VERSIONS]}},
            {"$unionWith": {"coll": "history", "pipeline": [found]}},
            {"$project": {"twin": {"$ifNull": ["$twin", "$_id"]}, "versions": wanted}},
        ]
        with translated():
            documents = await labels.aggregate(places, maxTimeMS=OPERATION_MS).to_list(None)
        written = {
            version["mutation"]: (document["twin"], version)
            for document in documents
            for version in document["versions"]
        }
        return [written.get(key) for key in keys]
