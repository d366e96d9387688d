"""Scans: what a read of a carrier leads to, and the log of reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from twin import identity
from twin.domain import fields
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document
from twin.domain.scan import Outcome
from twin.errors import MutationIdReused, NotFound
from twin.identity import Identifier, Reading
from twin.identity.link import LinkId, origin_of
from twin.services.assets import Assets
from twin.services.commits import Commits
from twin.services.labels import Labels
from twin.services.scan_log import ScanLog

LONGEST_PLACE = 120
LONGEST_DEVICE = 64

_WEB_ADDRESS = re.compile(r"\s*https?://", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lead:
    """What one candidate leads to.

    Args:
        candidate: what the text may be.
        by: the identifier that is known: the candidate itself, or one that it implies.
        asset: the document of the asset that it leads to.
        corrected_to: the identifier that is right instead, if `by` was a mistake.
    """

    candidate: Identifier
    by: Identifier
    asset: Document
    corrected_to: str | None

    @property
    def exact(self) -> bool:
        """Whether the asset is what was read, and not the lot or product that it is of."""
        return self.by.granularity is self.candidate.granularity


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a scanned text leads to.

    Args:
        reading: what the text may be.
        identifier: the identifier that led to something, or the likeliest one that the text can be.
        flags: all that holds, worst first.
        label: the document of the label, when a link of ours was read.
        asset: the document of the asset, when its identifier was read, or one of what is of it.
        exact: whether the label or asset is what was read, and not the lot or product that it is of.
        leads: what each candidate leads to, by its canonical form; several assets are for the caller to choose from.
        message: what it means, in a sentence.
    """

    reading: Reading
    identifier: Identifier | None
    flags: tuple[Outcome, ...]
    message: str
    label: Document | None = None
    asset: Document | None = None
    exact: bool = False
    leads: Mapping[str, Lead] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """The worst that holds."""
        return self.flags[0]


class Scans:
    """What callers do with what they read.

    Args:
        commits: the clock, the store and the mutations.
        labels: to find labels.
        assets: to find assets.
        public_urls: what our links name, or ever named.
        log: counts what is read.
    """

    def __init__(
        self, commits: Commits, labels: Labels, assets: Assets, public_urls: Iterable[str], log: ScanLog
    ) -> None:
        self._log = log
        self._commits = commits
        self._labels = labels
        self._assets = assets
        self._hosts = _hosts_of(public_urls)

    async def looked_up(self) -> frozenset[str]:
        """The hosts as the database has them now: another process may serve it under one since."""
        self._hosts = _hosts_of(await self._commits.store.deployment.public_urls(None))
        return self._hosts

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts, each with its port if it names one, that our links name or ever named, as far as is known here."""
        return self._hosts

    async def resolve(self, actor: Actor, text: str, symbology_identifier: str | None = None) -> Resolution:
        """Say what a scanned text leads to. Writes nothing.

        Args:
            actor: anybody for links, ours or a Digital Link; `twins:read` for other identifiers, which can be guessed.
            text: what the scanner read.
            symbology_identifier: AIM's, such as `]Q1`, if the scanner told.
        """
        fields.scanned_text(text, path=("text",))
        reading = identity.read(text, symbology_identifier)
        foreign = None
        for candidate in reading.candidates:
            if not isinstance(candidate, LinkId):
                continue
            if candidate.host is not None and not await self._is_ours(candidate.host):
                message = f"A link to {candidate.host}, which is not one of our hosts."
                foreign = Resolution(reading, candidate, (Outcome.UNKNOWN,), message)
                continue
            found = await self._label(actor, reading, candidate)
            if found is not None:
                return found
        others = [candidate for candidate in reading.candidates if not isinstance(candidate, LinkId)]
        if others and not _WEB_ADDRESS.match(reading.text):
            actor.require(Permission.READ_TWINS)
        leads = await self._leads(actor, others)
        return _led(reading, leads) or foreign or _unknown(reading)

    def today(self) -> date:
        """The day by the service's clock, UTC: the centuries of two-digit years go by it."""
        return self._commits.clock().date()

    async def _leads(self, actor: Actor, candidates: Sequence[Identifier]) -> dict[str, Lead]:
        """What each candidate leads to: the asset that it names, or else the narrowest lot or product that it is of."""
        names = {known.canonical for candidate in candidates for known in (candidate, *candidate.implied)}
        found = await self._assets.of_identifiers(actor, names) if names else {}
        leads = {}
        for candidate in candidates:
            for known in (candidate, *candidate.implied):
                if known.canonical in found:
                    asset, holder = found[known.canonical]
                    leads[candidate.canonical] = Lead(candidate, known, asset, holder.corrected_to)
                    break
        return leads

    async def _is_ours(self, host: str) -> bool:
        return host in self._hosts or host in await self.looked_up()

    async def _label(self, actor: Actor, reading: Reading, candidate: LinkId) -> Resolution | None:
        try:
            label = await self._labels.find(actor, candidate.value)
        except NotFound:
            return None
        flags = label["flags"]
        message = f"Label {candidate.value}: {', '.join(flag.value.replace('_', ' ').lower() for flag in flags)}."
        return Resolution(reading, candidate, flags, message, label, exact=True)

    async def record(
        self,
        actor: Actor,
        text: str,
        *,
        symbology_identifier: str | None = None,
        place: str | None = None,
        device: str | None = None,
        command: Command,
    ) -> tuple[Document, Resolution]:
        """Log one read of a carrier: a row, never a version.

        Args:
            actor: needs `scans:record`.
            text: what the scanner read.
            symbology_identifier: AIM's, if the scanner told.
            place: roughly where, in words; no address of a person.
            device: its name; only a hash that tells it from others is kept.
            command: occurred_at and client_mutation_id count.

        Returns:
            The row and what the text leads to.
        """
        actor.require(Permission.RECORD_SCANS)
        now = self._commits.clock()
        given = {"text": text, "symbology": symbology_identifier, "place": place, "device": device}
        resolution = await self.resolve(actor, text, symbology_identifier)
        change = self._commits.change(actor, "recordScan", command, given)
        if change.may_repeat:
            await self._commits.repeated(change)
        row: dict[str, Any] = {
            "read": text,
            "symbology_identifier": resolution.reading.symbology_identifier,
            "label": resolution.label["_id"] if resolution.label else None,
            "asset": resolution.asset["_id"] if resolution.asset else None,
            "outcome": resolution.outcome.value,
            "flags": [flag.value for flag in resolution.flags],
            "place": fields.optional_text(place, path=("place",), longest=LONGEST_PLACE),
            "device": self._pseudonym(fields.optional_text(device, path=("device",), longest=LONGEST_DEVICE)),
            "actor": actor.id,
            "reason": fields.optional_text(command.reason, path=("reason",)),
            "occurred_at": fields.moment(command.occurred_at, now=now),
            "recorded_at": fields.moment(None, now=now),
            "mutation": change.mutation.at(0),
            "digest": change.mutation.digest,
        }
        stands, new = await self._commits.store.scans.record(
            {name: value for name, value in row.items() if value is not None}
        )
        if stands["digest"] != change.mutation.digest:
            raise MutationIdReused(change.mutation.client_id)
        if new and resolution.label:
            self._log.count(resolution.label["_id"], row["occurred_at"], resolution.outcome)
        return stands, resolution

    def _pseudonym(self, device: str | None) -> str | None:
        return None if device is None else self._commits.pseudonym("device", device)


def _led(reading: Reading, leads: Mapping[str, Lead]) -> Resolution | None:
    """The one asset that the candidates lead to; or, where they lead to several, which."""
    for lead in (*(lead for lead in leads.values() if lead.exact), *leads.values()):
        rivals = {other.asset["_id"] for other in leads.values() if other.exact is lead.exact}
        if len(rivals) > 1:
            names = " or ".join(other.by.canonical for other in leads.values() if other.exact is lead.exact)
            return Resolution(reading, None, (Outcome.UNKNOWN,), f"It can be {names}.", leads=leads)
        name, known = lead.asset["head"]["name"], lead.by.canonical
        if lead.exact:
            now = f", corrected to {lead.corrected_to} since" if lead.corrected_to else ""
            return Resolution(
                reading,
                lead.by,
                (Outcome.CURRENT,),
                f"{known} is an identifier of {name}{now}.",
                asset=lead.asset,
                exact=True,
                leads=leads,
            )
        granularity = str(lead.by.granularity).lower()
        message = f"{lead.candidate.canonical} is valid, but not known to this service; its {granularity} is {name}."
        return Resolution(reading, lead.by, (Outcome.UNKNOWN,), message, asset=lead.asset, leads=leads)
    return None


def _unknown(reading: Reading) -> Resolution:
    """What a text is that leads to nothing: an identifier, data of a known form, a broken one, or any text."""
    first = next(iter(reading.candidates), None)
    if first is not None:
        remarks = "".join(f" {finding.message}" for finding in first.findings)
        message = f"{first.canonical} is valid, but not known to this service.{remarks}"
    elif reading.fragments:
        message = f"{reading.fragments[0].title}: it names nothing by itself."
    elif reading.faults:
        message = reading.faults[0].message
    else:
        message = "Text of no known form."
    return Resolution(reading, first, (Outcome.UNKNOWN,), message)


def _hosts_of(public_urls: Iterable[str]) -> frozenset[str]:
    return frozenset(origin_of(url).partition("://")[2] for url in public_urls)
