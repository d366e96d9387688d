"""Scans: what a read of a carrier leads to, and the log of reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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

LONGEST_PLACE = 120
LONGEST_DEVICE = 64


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a scanned text leads to.

    Args:
        reading: what the text may be.
        identifier: the candidate that led to something, or the only one.
        flags: all that holds, worst first.
        label: the document of the label, when a link of ours was read.
        asset: the document of the asset, when one of its identifiers was read.
        message: what it means, in a sentence.
    """

    reading: Reading
    identifier: Identifier | None
    flags: tuple[Outcome, ...]
    label: Document | None
    asset: Document | None
    message: str

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
    """

    def __init__(self, commits: Commits, labels: Labels, assets: Assets, public_urls: Iterable[str]) -> None:
        self._commits = commits
        self._labels = labels
        self._assets = assets
        self._hosts = _hosts_of(public_urls)

    async def resolve(self, actor: Actor, text: str, symbology_identifier: str | None = None) -> Resolution:
        """Say what a scanned text leads to. Writes nothing.

        Args:
            actor: anybody for a link of ours; `twins:read` for identifiers, which can be guessed.
            text: what the scanner read.
            symbology_identifier: AIM's, such as `]Q1`, if the scanner told.
        """
        fields.scanned_text(text, path=("text",))
        reading = identity.read(text, symbology_identifier)
        others = []
        for candidate in reading.candidates:
            if not isinstance(candidate, LinkId):
                others.append(candidate)
                continue
            if candidate.host is not None and not await self._is_ours(candidate.host):
                message = f"A link to {candidate.host}, which is not one of our hosts."
                return Resolution(reading, candidate, (Outcome.UNKNOWN,), None, None, message)
            found = await self._label(actor, reading, candidate)
            if found is not None:
                return found
        if others:
            actor.require(Permission.READ_TWINS)
        for candidate in others:
            try:
                asset = await self._assets.find(actor, candidate.canonical)
            except NotFound:
                continue
            message = f"{candidate.canonical} is an identifier of {asset['head']['name']}."
            return Resolution(reading, candidate, (Outcome.CURRENT,), None, asset, message)
        first = next(iter(reading.candidates), None)
        message = (
            "Text of no known form." if first is None else f"{first.canonical} is valid, but not known to this service."
        )
        return Resolution(reading, first, (Outcome.UNKNOWN,), None, None, message)

    async def _is_ours(self, host: str) -> bool:
        if host not in self._hosts:  # another process may serve this database under it since
            self._hosts = _hosts_of(await self._commits.store.deployment.public_urls(None))
        return host in self._hosts

    async def _label(self, actor: Actor, reading: Reading, candidate: LinkId) -> Resolution | None:
        try:
            label = await self._labels.find(actor, candidate.value)
        except NotFound:
            return None
        flags = label["flags"]
        message = f"Label {candidate.value}: {', '.join(flag.value.replace('_', ' ').lower() for flag in flags)}."
        return Resolution(reading, candidate, flags, label, None, message)

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
        stands = await self._commits.store.scans.record(
            {name: value for name, value in row.items() if value is not None}
        )
        if stands["digest"] != change.mutation.digest:
            raise MutationIdReused(change.mutation.client_id)
        return stands, resolution

    def _pseudonym(self, device: str | None) -> str | None:
        return None if device is None else self._commits.pseudonym("device", device)


def _hosts_of(public_urls: Iterable[str]) -> frozenset[str]:
    return frozenset(origin_of(url).partition("://")[2] for url in public_urls)
