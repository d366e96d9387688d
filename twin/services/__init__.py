"""Use cases. Every one takes the caller first, asks for the permission, and redacts by audience before it returns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from twin.domain.issuer import Issuer
from twin.domain.printers import Address
from twin.services.assets import Assets
from twin.services.audit import Audit
from twin.services.audit_log import AuditLog
from twin.services.catenax import CatenaX
from twin.services.changes import Changes
from twin.services.checkpoints import Checkpoints
from twin.services.commits import Clock, Commits, system_clock
from twin.services.facts import Facts
from twin.services.figures import Watching
from twin.services.genealogy import Genealogy
from twin.services.identifiers import Identifiers
from twin.services.import_worker import ImportWorker
from twin.services.imports import Imports
from twin.services.inventory import Inventory
from twin.services.issuer_keys import IssuerKeys
from twin.services.keys import Keys
from twin.services.labels import Labels
from twin.services.links import Links
from twin.services.linting import Linting
from twin.services.notices import Notices, Webhooks
from twin.services.people import People
from twin.services.previews import Previews
from twin.services.print_jobs import PrintJobs
from twin.services.print_streams import PrintStreams
from twin.services.print_worker import PrintWorker
from twin.services.recall_files import RecallFiles
from twin.services.recall_sets import RecallSets
from twin.services.recall_worker import RecallWorker
from twin.services.recalls import Recalls
from twin.services.replacements import Replacements
from twin.services.resolution import Resolution
from twin.services.scan_log import ScanLog
from twin.services.scans import Scans
from twin.services.search import Search
from twin.services.serials import Serials
from twin.services.sessions import Sessions
from twin.services.sharing import Sharing
from twin.services.signing import Signer
from twin.services.statistics import Statistics
from twin.services.templates import Templates
from twin.services.timelines import Timelines
from twin.services.tokens import Tokens
from twin.services.verifications import Verifications
from twin.store import Store

DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a door of the service can ask for."""

    assets: Assets
    identifiers: Identifiers
    serials: Serials
    templates: Templates
    previews: Previews
    linting: Linting
    labels: Labels
    replacements: Replacements
    verifications: Verifications
    scans: Scans
    scan_log: ScanLog
    search: Search
    keys: Keys
    people: People
    tokens: Tokens | None
    sessions: Sessions
    changes: Changes
    audit: Audit
    print_jobs: PrintJobs
    print_streams: PrintStreams
    print_worker: PrintWorker
    links: Links
    resolution: Resolution
    audit_log: AuditLog
    facts: Facts
    genealogy: Genealogy
    recalls: Recalls
    recall_worker: RecallWorker
    notices: Notices
    recall_files: RecallFiles
    sharing: Sharing
    timelines: Timelines
    statistics: Statistics
    catenax: CatenaX
    watching: Watching
    inventory: Inventory
    imports: Imports
    import_worker: ImportWorker
    ping: Callable[[], Awaitable[None]]

    @classmethod
    async def on(
        cls,
        store: Store,
        *,
        public_url: str | None = None,
        demo_key: str | None = None,
        signer: Signer | None = None,
        printers: Mapping[str, Address] | None = None,
        scan_days: int | None = None,
        audit_days: int = 0,
        issuer: Issuer | None = None,
        webhooks: Webhooks | None = None,
        clock: Clock = system_clock,
    ) -> Services:
        """The services on a prepared store.

        Args:
            store: where everything is kept.
            public_url: what new links name; None means what they named last.
            demo_key: a key that works in this process alone.
            signer: signs checkpoints; None where the process has no key for that.
            printers: where each printer listens, by name.
            scan_days: for how many days the scan log keeps rows; 0 keeps counts alone, and None nothing at all.
            audit_days: for how many days the audit log keeps rows; 0 means for ever.
            issuer: whose tokens count beside our keys.
            webhooks: who is told of recalls; nobody if not said.
            clock: tells the time, in UTC.
        """
        urls = await store.deployment.public_urls(public_url) or (DEFAULT_PUBLIC_URL,)
        secret = await store.deployment.secret()
        commits = Commits(store, secret, clock)
        people = People(store.people, clock)
        keys = Keys(store.keys, people, clock, demo_key)
        serials = Serials(store, secret, clock)
        assets = Assets(commits, serials)
        templates = Templates(store, clock)
        labels = Labels(commits, assets, templates, urls[0])
        facts = Facts(commits, assets)
        scan_log = ScanLog(store.scan_log, clock, scan_days)
        scans = Scans(commits, labels, assets, urls, scan_log)
        audit_log = AuditLog(store.audit_log, clock, audit_days)
        changes = Changes(store.changes, labels, secret)
        print_jobs = PrintJobs(commits, templates, frozenset(printers or {}))
        imports = Imports(commits)
        genealogy = Genealogy(store, assets, clock)
        notices = Notices(store, clock, webhooks or Webhooks())
        sets = RecallSets(store, genealogy)
        recalls = Recalls(commits, assets, labels, sets, signer, notices)
        return cls(
            assets,
            Identifiers(commits, assets),
            serials,
            templates,
            Previews(templates, labels),
            Linting(templates, labels),
            labels,
            Replacements(commits, labels),
            Verifications(commits, labels),
            scans,
            scan_log,
            Search(store.search),
            keys,
            people,
            None if issuer is None else Tokens(issuer, IssuerKeys(issuer), secret, people, clock),
            Sessions(store.sessions, keys, clock),
            changes,
            Audit(store, labels, assets, Checkpoints(store, clock, signer)),
            print_jobs,
            PrintStreams(commits, labels, templates, print_jobs),
            PrintWorker(commits, labels, templates, printers or {}, print_jobs.asked),
            Links(commits),
            Resolution(commits, urls[0]),
            audit_log,
            facts,
            genealogy,
            recalls,
            RecallWorker(store, sets, signer, clock, recalls.asked),
            notices,
            RecallFiles(store, recalls, genealogy),
            Sharing(store, assets, genealogy, clock),
            Timelines(store, assets, genealogy),
            Statistics(store),
            CatenaX(assets, facts),
            Watching(store, changes, scan_log, audit_log),
            Inventory(store, genealogy, clock),
            imports,
            ImportWorker(commits, labels, serials, imports.asked),
            store.mongo.ping,
        )
