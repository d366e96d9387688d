"""Links in the API: what resolvers send people to, for each level of an identifier."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.enums import Audience
from twin.api.graphql.mutations import CommandInput, Payload, answered
from twin.api.graphql.nodes import (
    After,
    Before,
    Connection,
    First,
    Last,
    Moment,
    Node,
    cursor_of,
    moment_of,
    page_request,
)
from twin.api.graphql.versions import Version, Window, history_page
from twin.domain.history import Document
from twin.domain.links import Link as Rule
from twin.domain.links import Linkset as State
from twin.domain.links import link_type
from twin.errors import within
from twin.services.links import Order
from twin.store.paging import key_of


@strawberry.type(description="One link of a level.")
class Link:
    """A link."""

    type: str = strawberry.field(description="The URL of its type, such as `https://ref.gs1.org/voc/pip`.")
    title: str = strawberry.field(description="What is there, for people.")
    href: str = strawberry.field(description="Where it leads.")
    hreflang: list[str] = strawberry.field(description="The languages of what is there, as BCP 47 tags.")
    media_type: str | None = strawberry.field(description="The media type of what is there; null when nobody said.")
    context: list[str] = strawberry.field(description="Where or for what it holds, such as `DE`.")
    audience: Audience = strawberry.field(description="Who may see it.")
    valid_from: datetime | None = strawberry.field(description="Since when it is in force; null means always.")
    valid_until: datetime | None = strawberry.field(description="From when on it is not; null means for ever.")
    forwards_query: bool = strawberry.field(description="Whether the query of a request is passed on.")
    is_default: bool = strawberry.field(description="Whether it answers who asks for nothing in particular.")

    @classmethod
    def of(cls, link: Rule) -> Link:
        """The link."""
        return cls(
            type=link.type,
            title=link.title,
            href=link.href,
            hreflang=list(link.hreflang),
            media_type=link.media_type,
            context=list(link.context),
            audience=link.audience,
            valid_from=link.valid_from,
            valid_until=link.valid_until,
            forwards_query=link.forwards_query,
            is_default=link.default,
        )


@strawberry.type
class _Links:
    """What a link set, and each of its versions, say."""

    state: strawberry.Private[Document]

    @strawberry.field(description="The level: the path of a GS1 Digital Link, such as `01/09506000134352/10/ABC`.")
    def identifier(self) -> str:
        """The path."""
        return str(self.state["path"])

    @strawberry.field(description="What the thing is, for people.")
    def description(self) -> str:
        """The description."""
        return str(self.state["description"])

    @strawberry.field(description="Its links, those that the caller may see, in the order in which they were given.")
    def links(self) -> list[Link]:
        """The links."""
        return [Link.of(link) for link in State.from_state(self.state).links]


@strawberry.type(description="The links of a level at a revision.")
class LinksetVersion(Version):
    """A version of a link set."""

    @strawberry.field(description="What the thing was, for people.")
    def description(self) -> str:
        """The description."""
        return str(self.document["snapshot"]["description"])

    @strawberry.field(description="The links that the caller may see.")
    def links(self) -> list[Link]:
        """The links."""
        return [Link.of(link) for link in State.from_state(self.document["snapshot"]).links]


@strawberry.type(description="The links of one level of an identifier, without those that it inherits.")
class Linkset(Node, _Links):
    """A link set."""

    document: strawberry.Private[Document]
    revision: int = strawberry.field(description="The counter: 1, 2, 3….")

    @classmethod
    def of(cls, document: Document) -> Linkset:
        """The link set that a document holds."""
        return cls(
            id=strawberry.ID(document["_id"]),
            state=document["head"],
            document=document,
            revision=document["revision"],
        )

    @strawberry.field(description="When it changed last, up to the state shown.")
    def changed(self) -> Moment:
        """The moment of the version shown."""
        return moment_of(self.document["changed"])

    @strawberry.field(description="Its versions, newest first.")
    async def history(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[LinksetVersion]:
        """A page of its versions."""
        links, actor, twin = info.context.services.links, info.context.actor, str(self.id)

        async def load(lowest: int, highest: int) -> list[Document]:
            return await links.versions(actor, twin, lowest, highest)

        window = Window(first, after, last, before)
        return await history_page(self.revision, load, lambda version: LinksetVersion(document=version), window)


@strawberry.input(description="One link of a level.")
class LinkInput:
    """A link, as it is asked for."""

    type: str = strawberry.field(
        description="What is there: a term of the GS1 Web Vocabulary such as `gs1:pip`, or the URL of a type. Never "
        "`gs1:defaultLink`: that follows from `isDefault`."
    )
    title: str = strawberry.field(description="What is there, for people; 200 characters at most.")
    href: str = strawberry.field(description="Where it leads: http or https, 2,000 characters at most.")
    hreflang: list[str] = strawberry.field(
        default_factory=list, description="The languages of what is there, as BCP 47 tags; 16 at most."
    )
    media_type: str | None = strawberry.field(
        default=None, description="The media type of what is there, such as `text/html`, in lower case."
    )
    context: list[str] = strawberry.field(
        default_factory=list, description="Where or for what it holds, such as `DE`; 16 at most."
    )
    audience: Audience = strawberry.field(default=Audience.PUBLIC, description="Who may see it.")
    valid_from: datetime | None = strawberry.field(
        default=None, description="Since when it is in force, with its time zone; null means always."
    )
    valid_until: datetime | None = strawberry.field(
        default=None, description="From when on it is not; null means for ever."
    )
    forwards_query: bool = strawberry.field(default=True, description="Whether the query of a request is passed on.")
    is_default: bool = strawberry.field(
        default=False,
        description="Whether it answers who asks for nothing in particular: exactly one link does, public and without "
        "dates.",
    )

    def rule(self) -> Rule:
        """As the services take it."""
        return Rule(
            type=link_type(self.type),
            title=self.title,
            href=self.href,
            hreflang=tuple(self.hreflang),
            media_type=self.media_type,
            context=tuple(self.context),
            audience=self.audience,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            forwards_query=self.forwards_query,
            default=self.is_default,
        )


@strawberry.input(description="The links that a level shall have.")
class LevelInput:
    """One level and its links, as they are asked for."""

    identifier: str = strawberry.field(
        description="The level: the path of a GS1 Digital Link such as `01/09506000134352/10/ABC`, or a whole one."
    )
    description: str = strawberry.field(description="What the thing is, for people; 200 characters at most.")
    links: list[LinkInput] = strawberry.field(
        description="All that it has from now on: 100 at most; none takes them away."
    )
    expected_revision: int = strawberry.field(
        description="The revision that this is based on; 0 where the level has no links yet."
    )

    def order(self) -> Order:
        """As the services take it."""
        links = []
        for place, link in enumerate(self.links):
            with within("links", str(place)):
                links.append(link.rule())
        return Order(self.identifier, self.description, links, self.expected_revision)


@strawberry.input(description="The links that a level shall have, and why.")
class SetLinksInput(CommandInput, LevelInput):
    """What `setLinks` asks for."""


@strawberry.input(description="The links that several levels shall have, all or none, and why.")
class SetLinksetsInput(CommandInput):
    """What `setLinksets` asks for."""

    levels: list[LevelInput] = strawberry.field(description="1 to 500 levels, each once.")


@strawberry.type(description="What became of the links of a level.")
class SetLinksPayload(Payload):
    """The answer of `setLinks`."""

    linkset: Linkset | None = strawberry.field(description="The link set; null when there are errors.")


@strawberry.type(description="What became of the links of several levels.")
class SetLinksetsPayload(Payload):
    """The answer of `setLinksets`."""

    linksets: list[Linkset] = strawberry.field(description="In the order of the input; empty when there are errors.")


@strawberry.type
class LinksQuery:
    """What can be asked about links."""

    @strawberry.field(
        description="The links of one level of an identifier, without those that it inherits. Needs a key; the "
        "resolver answers anybody."
    )
    async def linkset(
        self,
        info: Info,
        identifier: Annotated[
            str, strawberry.argument(description="The level, such as `01/09506000134352/10/ABC`, or a Digital Link.")
        ],
        revision: Annotated[int | None, strawberry.argument(description="As it was at this revision.")] = None,
    ) -> Linkset | None:
        """One link set."""
        return Linkset.of(await info.context.services.links.find(info.context.actor, identifier, revision))

    @strawberry.field(description="The link sets of all levels, those of the newest levels first. Needs a key.")
    async def linksets(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Linkset]:
        """A page of the link sets."""
        links, actor = info.context.services.links, info.context.actor
        page = await links.page(actor, page_request(first, after, last, before))
        return Connection.of(
            [(Linkset.of(document), cursor_of(key_of(document))) for document in page.documents],
            lambda: links.count(actor),
            has_next=page.has_next,
            has_previous=page.has_previous,
        )


@strawberry.type
class LinksMutation:
    """What can be done about links."""

    @strawberry.mutation(description="Give a level of an identifier its links, in the place of those that it has.")
    async def set_links(
        self, info: Info, input: Annotated[SetLinksInput, strawberry.argument(description="The level and its links.")]
    ) -> SetLinksPayload:
        """Set the links of one level."""

        async def work() -> Document:
            return await info.context.services.links.set(info.context.actor, input.order(), input.command())

        document, errors = await answered(work())
        linkset = None if document is None else Linkset.of(document)
        return SetLinksPayload(linkset=linkset, errors=errors, client_mutation_id=input.client_mutation_id)

    @strawberry.mutation(description="Give several levels their links, all or none; up to 500 at once.")
    async def set_linksets(
        self, info: Info, input: Annotated[SetLinksetsInput, strawberry.argument(description="The levels.")]
    ) -> SetLinksetsPayload:
        """Set the links of several levels."""

        async def work() -> list[Document]:
            orders = []
            for place, level in enumerate(input.levels):
                with within("levels", str(place)):
                    orders.append(level.order())
            return await info.context.services.links.set_many(info.context.actor, orders, input.command())

        documents, errors = await answered(work())
        linksets = [Linkset.of(document) for document in documents or ()]
        return SetLinksetsPayload(linksets=linksets, errors=errors, client_mutation_id=input.client_mutation_id)
