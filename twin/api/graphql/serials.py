"""Serial numbers in the API: the scheme of each kind of assets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.enums import SerialStyle
from twin.api.graphql.mutations import Payload, answered
from twin.api.graphql.nodes import After, Before, Connection, First, Last, cursor_of, page_request
from twin.domain.history import Document
from twin.domain.serials import SerialScheme as Scheme
from twin.store.paging import key_of


@strawberry.type(description="How the serial numbers of a kind of assets are written. It never changes.")
class SerialScheme:
    """A scheme, and how far it has counted."""

    kind: str = strawberry.field(description="The kind of assets; it has but one scheme.")
    style: SerialStyle = strawberry.field(description="How a number is written.")
    prefix: str = strawberry.field(description="What each serial begins with.")
    length: int = strawberry.field(description="How many characters follow the prefix.")
    capacity: int = strawberry.field(description="How many serials there are in all.")
    used: int | None = strawberry.field(
        description="How many of them are used, skipped ones too. Internal: null for others."
    )
    defined_at: datetime = strawberry.field(description="When it was defined.")
    defined_by: str | None = strawberry.field(description="The actor who defined it. Internal: null for others.")

    @classmethod
    def of(cls, document: Document) -> SerialScheme:
        """The scheme that a document holds, as far as the caller may see it."""
        scheme = Scheme.from_document(document)
        return cls(
            kind=scheme.kind,
            style=scheme.style,
            prefix=scheme.prefix,
            length=scheme.length,
            capacity=scheme.capacity,
            used=document.get("used"),
            defined_at=document["created"]["recorded_at"],
            defined_by=document.get("defined_by"),
        )


@strawberry.input(description="How the serial numbers of a kind of assets are to be written, for ever.")
class DefineSerialSchemeInput:
    """What `defineSerialScheme` asks for."""

    kind: str = strawberry.field(description="The kind of assets, written as the name of a field: `vehicle`.")
    style: SerialStyle = strawberry.field(description="How a number is written.")
    length: int = strawberry.field(
        description="How many characters follow the prefix: 1 to 16, and 20 at most with the prefix. With n random "
        "serials in use, a guess hits one with a chance of n in 32 to the power of this."
    )
    prefix: str = strawberry.field(
        default="", description="What each begins with: 10 characters of 0-9, A-Z, `.`, `_` and `-` at most."
    )
    used: int = strawberry.field(
        default=0,
        description="How many numbers are used already, at least. Defining the same scheme again raises this and never "
        "lowers it. After an older backup was restored, say here how many may have been given in all, those given "
        "since the backup included: else they are given again.",
    )
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back with the answer. The same definition again writes nothing anyway."
    )


@strawberry.type(description="What became of a definition of serial numbers.")
class DefineSerialSchemePayload(Payload):
    """The answer of `defineSerialScheme`."""

    serial_scheme: SerialScheme | None = strawberry.field(description="The scheme; null when there are errors.")


@strawberry.type
class SerialQuery:
    """What can be asked about serial numbers."""

    @strawberry.field(description="How serial numbers are written, the newest scheme first. Needs a key.")
    async def serial_schemes(
        self,
        info: Info,
        kinds: Annotated[list[str] | None, strawberry.argument(description="Only of these kinds.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SerialScheme]:
        """A page of the schemes."""
        serials, actor = info.context.services.serials, info.context.actor
        page = await serials.page(actor, page_request(first, after, last, before), kinds=kinds)
        return Connection.of(
            [(SerialScheme.of(document), cursor_of(key_of(document))) for document in page.documents],
            lambda: serials.count(actor, kinds=kinds),
            has_next=page.has_next,
            has_previous=page.has_previous,
        )


@strawberry.type
class SerialMutation:
    """What can be done about serial numbers."""

    @strawberry.mutation(
        description="Define, once and for ever, how the serials of a kind of assets are written. From then on, "
        "`registerAsset` puts the next one wherever `{serial}` stands. No serial is given twice; some may be skipped."
    )
    async def define_serial_scheme(
        self, info: Info, input: Annotated[DefineSerialSchemeInput, strawberry.argument(description="The scheme.")]
    ) -> DefineSerialSchemePayload:
        """Define a scheme."""
        document, errors = await answered(
            info.context.services.serials.define(
                info.context.actor,
                kind=input.kind,
                style=input.style,
                prefix=input.prefix,
                length=input.length,
                used=input.used,
            )
        )
        scheme = None if document is None else SerialScheme.of(document)
        return DefineSerialSchemePayload(
            serial_scheme=scheme, errors=errors, client_mutation_id=input.client_mutation_id
        )
