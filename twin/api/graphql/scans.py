"""Scans in the API: what a read leads to, and the log of reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

import strawberry

from twin import identity
from twin.api.graphql.assets import Asset
from twin.api.graphql.context import Info
from twin.api.graphql.enums import Granularity, Outcome
from twin.api.graphql.labels import Label
from twin.api.graphql.mutations import CommandInput, Payload, answered
from twin.domain.history import Document
from twin.identity import Identifier, Part
from twin.services.scans import Resolution


@strawberry.type(description="A part of an identifier, by a name that people understand.")
class IdentifierPart:
    """A part of an identifier."""

    name: str = strawberry.field(description="What the standard calls it.")
    value: str = strawberry.field(description="Its text.")


@strawberry.type(description="A remark about an identifier that does not make it invalid.")
class Finding:
    """A finding."""

    code: str = strawberry.field(description="A stable code to switch on.")
    message: str = strawberry.field(description="For people.")


@strawberry.type(description="A unique device identifier, as GS1, HIBCC and ICCBBA issue them for medical devices.")
class UniqueDeviceIdentifier:
    """A UDI."""

    agency: str = strawberry.field(description="Whose form it is: `GS1`, `HIBCC` or `ICCBBA`.")
    device_identifier: str | None = strawberry.field(description="DI: null for a Basic UDI-DI alone.")
    lot: str | None = strawberry.field(description="Lot or batch.")
    serial: str | None = strawberry.field(description="Serial number.")
    manufactured: date | None = strawberry.field(description="Date of manufacture.")
    expires: date | None = strawberry.field(description="The day at the end of which it expires.")
    donation: str | None = strawberry.field(description="Distinct identification code of human cells and tissue.")
    basic_udi_di: str | None = strawberry.field(description="The key of the family in the European database.")

    @classmethod
    def of(cls, udi: identity.UDI) -> UniqueDeviceIdentifier:
        """The view that a UDI is."""
        return cls(
            agency=udi.agency.value,
            device_identifier=udi.di,
            lot=udi.lot,
            serial=udi.serial,
            manufactured=udi.manufactured,
            expires=udi.expires,
            donation=udi.donation,
            basic_udi_di=udi.basic_udi_di,
        )


@strawberry.type(description="An identifier that a scanned text can be.")
class Candidate:
    """An identifier that the text can be."""

    identifier: strawberry.Private[Identifier]
    canonical: str = strawberry.field(description="Its unique form, such as `vin:1M8GDM9AXKP042788`.")
    title: str = strawberry.field(description="What it is, for people.")
    granularity: Granularity | None = strawberry.field(
        description="Whether it names an item, a lot or a product; null for a label, a place or a party, and for a "
        "UUID, which does not say."
    )
    parts: list[IdentifierPart] = strawberry.field(description="What it is made of, field by field.")
    findings: list[Finding] = strawberry.field(description="What is odd about it, or had to be forgiven.")
    implied: list[str] = strawberry.field(
        description="What else it names, narrowest first: the same thing in another scheme, its lot, its product."
    )
    asset: Asset | None = strawberry.field(description="The asset that it leads to.")

    @strawberry.field(
        description="The same as a unique device identifier, when it is of a form that medical devices carry."
    )
    def udi(self, info: Info) -> UniqueDeviceIdentifier | None:
        """The UDI, by the century of today."""
        udi = identity.udi_of(self.identifier, info.context.services.scans.today())
        return None if udi is None else UniqueDeviceIdentifier.of(udi)

    @classmethod
    def of(cls, identifier: Identifier, resolution: Resolution) -> Candidate:
        """The candidate that an identifier is."""
        lead = resolution.leads.get(identifier.canonical)
        return cls(
            identifier=identifier,
            canonical=identifier.canonical,
            title=identity.standards()[identifier.canonical.partition(":")[0]].TITLE,
            granularity=identifier.granularity,
            parts=_parts(identifier.parts),
            findings=_findings(identifier.findings),
            implied=[other.canonical for other in identifier.implied],
            asset=None if lead is None else Asset.of(lead.asset),
        )


@strawberry.type(description="Data of a known form that names nothing by itself, such as a lot without its product.")
class Fragment:
    """A part of what a label says."""

    title: str = strawberry.field(description="What it is, for people.")
    parts: list[IdentifierPart] = strawberry.field(description="What it says, field by field.")
    findings: list[Finding] = strawberry.field(description="What is odd about it.")


@strawberry.type(description="Why a text that is clearly meant to be of a standard is not.")
class Fault:
    """What is broken."""

    scheme: str = strawberry.field(description="The standard's, such as `gs1`.")
    message: str = strawberry.field(description="The value, what was expected and what was found.")


@strawberry.type(description="What a scanned text leads to.")
class ScanResolution:
    """The answer to a scan."""

    outcome: Outcome = strawberry.field(description="The worst that holds.")
    flags: list[Outcome] = strawberry.field(description="All that holds, worst first.")
    message: str = strawberry.field(description="What it means, in a sentence.")
    identifier: str | None = strawberry.field(
        description="The identifier that led to something, or the likeliest one that the text can be."
    )
    exact: bool = strawberry.field(
        description="Whether the asset is what was read; false for the lot or product of an item that is not known."
    )
    label: Label | None = strawberry.field(description="The label, when a link of ours was read.")
    asset: Asset | None = strawberry.field(
        description="The asset; null when candidates lead to several, which are for the caller to choose from."
    )
    candidates: list[Candidate] = strawberry.field(description="What the text may be, the likeliest first.")
    fragments: list[Fragment] = strawberry.field(description="What the text says, when it names nothing by itself.")
    faults: list[Fault] = strawberry.field(description="Why the text is broken, by each standard it is meant to be of.")

    @classmethod
    def of(cls, resolution: Resolution) -> ScanResolution:
        """The answer that a resolution is."""
        reading = resolution.reading
        return cls(
            outcome=resolution.outcome,
            flags=list(resolution.flags),
            message=resolution.message,
            identifier=None if resolution.identifier is None else resolution.identifier.canonical,
            exact=resolution.exact,
            label=None if resolution.label is None else Label.of(resolution.label),
            asset=None if resolution.asset is None else Asset.of(resolution.asset),
            candidates=[Candidate.of(candidate, resolution) for candidate in reading.candidates],
            fragments=[
                Fragment(title=found.title, parts=_parts(found.parts), findings=_findings(found.findings))
                for found in reading.fragments
            ],
            faults=[Fault(scheme=fault.scheme, message=fault.message) for fault in reading.faults],
        )


def _parts(parts: Iterable[Part]) -> list[IdentifierPart]:
    return [IdentifierPart(name=part.name, value=part.value) for part in parts]


def _findings(findings: Iterable[identity.Finding]) -> list[Finding]:
    return [Finding(code=finding.code, message=finding.message) for finding in findings]


@strawberry.type(description="One read of a carrier, as it was logged.")
class Scan:
    """A row of the scan log."""

    id: strawberry.ID = strawberry.field(description="The id of the row.")
    occurred_at: datetime = strawberry.field(description="When it was read.")
    recorded_at: datetime = strawberry.field(description="When the service learnt it.")
    outcome: Outcome = strawberry.field(description="The worst that held then.")


@strawberry.input(description="One read of a carrier.")
class RecordScanInput(CommandInput):
    """What `recordScan` asks for."""

    text: str = strawberry.field(description="What the scanner read, 2,000 characters at most.")
    symbology_identifier: str | None = strawberry.field(
        default=None, description="AIM's, such as `]Q1`, if the scanner told."
    )
    place: str | None = strawberry.field(default=None, description="Roughly where; never an address of a person.")
    device: str | None = strawberry.field(
        default=None, description="The name of the device; only a hash that tells it from others is kept."
    )


@strawberry.type(description="What became of a scan.")
class RecordScanPayload(Payload):
    """The answer of `recordScan`."""

    scan: Scan | None = strawberry.field(description="The row; null when there are errors.")
    resolution: ScanResolution | None = strawberry.field(description="What the text leads to; null with errors.")


@strawberry.type
class ScanQuery:
    """What can be asked about scans."""

    @strawberry.field(description="What a scanned text leads to. Links are for anybody; other identifiers need a key.")
    async def resolve_scan(
        self,
        info: Info,
        text: Annotated[str, strawberry.argument(description="What the scanner read.")],
        symbology_identifier: Annotated[
            str | None, strawberry.argument(description="AIM's, such as `]Q1`, if the scanner told.")
        ] = None,
    ) -> ScanResolution:
        """What a text leads to."""
        services, actor = info.context.services, info.context.actor
        found = await services.scans.resolve(actor, text, symbology_identifier)
        if found.label is None and found.asset is None and not found.leads:
            info.context.missed()
        return ScanResolution.of(found)


@strawberry.type
class ScanMutation:
    """What can be done with scans."""

    @strawberry.mutation(description="Log one read of a carrier: a row, never a version.")
    async def record_scan(
        self, info: Info, input: Annotated[RecordScanInput, strawberry.argument(description="The read.")]
    ) -> RecordScanPayload:
        """Record a scan."""

        async def work() -> tuple[Document, Resolution]:
            return await info.context.services.scans.record(
                info.context.actor,
                input.text,
                symbology_identifier=input.symbology_identifier,
                place=input.place,
                device=input.device,
                command=input.command(),
            )

        found, errors = await answered(work())
        client_id = input.client_mutation_id
        if found is None:
            return RecordScanPayload(scan=None, resolution=None, errors=errors, client_mutation_id=client_id)
        row, resolution = found
        scan = Scan(
            id=strawberry.ID(row["_id"]),
            occurred_at=row["occurred_at"],
            recorded_at=row["recorded_at"],
            outcome=Outcome(row["outcome"]),
        )
        answer = ScanResolution.of(resolution)
        return RecordScanPayload(scan=scan, resolution=answer, errors=errors, client_mutation_id=client_id)
