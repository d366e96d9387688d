"""Assets in the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.enums import AssetAction, Granularity
from twin.api.graphql.mutations import CommandInput, Payload, answered
from twin.api.graphql.nodes import (
    After,
    AsOf,
    Before,
    Connection,
    Field,
    FieldInput,
    First,
    Last,
    Moment,
    Node,
    at_of,
    cursor_of,
    fields_of,
    moment_of,
    one_of,
    page_request,
    texts_of,
)
from twin.api.graphql.related import Related
from twin.api.graphql.usererrors import UserError
from twin.api.graphql.versions import FieldChange, From, Load, To, Version, Window, diff_of, history_page, only
from twin.domain.history import AsOf as Point
from twin.domain.history import Document
from twin.errors import NotFound
from twin.store.paging import key_of

if TYPE_CHECKING:
    from twin.api.graphql.labels import Label
    from twin.api.graphql.recall_items import RecallNotice


LazyNotice = Annotated["RecallNotice", strawberry.lazy("twin.api.graphql.recall_items")]


@strawberry.type(description="The thing that is traced: an item, a lot or a product.")
class Asset(Node, Related):
    """An asset's twin, now or as it was."""

    @classmethod
    def of(cls, document: Document, as_of: Point | None = None) -> Asset:
        """The asset whose document this is."""
        return cls(id=strawberry.ID(document["_id"]), document=document, as_of=as_of)

    @strawberry.field(description="The counter of its versions: 1, 2, 3….")
    def revision(self) -> int:
        """The revision shown."""
        return int(self.document["revision"])

    @strawberry.field(description="What sort of thing it is, such as `vehicle` or `component`.")
    def kind(self) -> str:
        """The kind."""
        return str(self.document["head"]["kind"])

    @strawberry.field(description="How much it stands for.")
    def granularity(self) -> Granularity:
        """The granularity."""
        return Granularity(self.document["head"]["granularity"])

    @strawberry.field(description="What people call it.")
    def name(self) -> str:
        """The name."""
        return str(self.document["head"]["name"])

    @strawberry.field(description="Its identifiers in canonical form, such as `vin:1M8GDM9AXKP042788`.")
    def identifiers(self) -> list[str]:
        """The identifiers that the caller may see."""
        return list(self.document["head"].get("identifiers", ()))

    @strawberry.field(description="Identifiers that were a mistake or are out of use: they still lead to it.")
    def former_identifiers(self) -> list[str]:
        """The identifiers of before that the caller may see."""
        return list(self.document["head"].get("former", ()))

    @strawberry.field(description="The lots and products that its identifiers say it is of, such as `gs1:01/…`.")
    def broader_identifiers(self) -> list[str]:
        """What it is of, registered or not."""
        return list(self.document["head"].get("broader", ()))

    @strawberry.field(description="The lots and products that it is of, as far as they are registered; lots first.")
    async def part_of(self, info: Info) -> list[Asset]:
        """The registered lots and products."""
        return [
            Asset.of(found) for found in await info.context.services.assets.broader(info.context.actor, self.document)
        ]

    @strawberry.field(description="The asset that this one was found to be, which has taken over its identifiers.")
    async def merged_into(self, info: Info) -> Asset | None:
        """The asset that took over, if one did."""
        into = self.document["head"].get("merged_into")
        if into is None:
            return None
        return Asset.of(await info.context.services.assets.find(info.context.actor, into))

    @strawberry.field(description="Its free fields.")
    def attributes(self) -> list[Field]:
        """The free fields that the caller may see."""
        return fields_of(self.document["head"].get("attributes", {}))

    @strawberry.field(description="When it was registered.")
    async def registered(self, info: Info) -> Moment:
        """The moment of its first version, which never changes: a change of the feed does not bring it along."""
        if "created" not in self.document:
            whole = await info.context.services.assets.find(info.context.actor, self.document["_id"])
            return moment_of(whole["created"])
        return moment_of(self.document["created"])

    @strawberry.field(description="When it changed last, up to the state shown.")
    def changed(self) -> Moment:
        """The moment of the version shown."""
        return moment_of(self.document["changed"])

    @strawberry.field(description="What it is recalled for now.")
    async def recalls(
        self, info: Info
    ) -> list[Annotated[RecallNotice, strawberry.lazy("twin.api.graphql.recall_items")]]:
        """What the public is told of its recalls."""
        from twin.api.graphql.recall_items import RecallNotice

        return [RecallNotice(document=recall) for recall in await info.context.recalls.load(self.document["_id"])]

    @strawberry.field(description="The labels on it, newest first; for a past state, those that were on it then.")
    async def labels(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Annotated[Label, strawberry.lazy("twin.api.graphql.labels")]]:
        """A page of the asset's labels."""
        from twin.api.graphql.labels import labels_on

        request = page_request(first, after, last, before)
        return await labels_on(info, request, self.document["_id"], self.as_of)

    @strawberry.field(description="Its versions, newest first.")
    async def history(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        actions: Annotated[
            list[AssetAction] | None, strawberry.argument(description="Only versions of these actions.")
        ] = None,
        actor: Annotated[str | None, strawberry.argument(description="Only versions by this actor.")] = None,
    ) -> Connection[AssetVersion]:
        """A page of the asset's versions."""
        window = Window(first, after, last, before)
        return await history_page(self.revision_shown(), self.loader(info), self.version, window, only(actions, actor))

    @strawberry.field(description="Which fields differ between two revisions, from what to what.")
    async def diff(self, info: Info, from_: From, to: To = None) -> list[FieldChange]:
        """The difference between two revisions, as the caller may see it."""
        return await diff_of(self.revision_shown(), self.loader(info), from_, to)

    def revision_shown(self) -> int:
        """The revision of the state shown: its history ends there."""
        return int(self.document["revision"])

    def loader(self, info: Info) -> Load:
        """How its versions are read."""
        services, actor, twin = info.context.services, info.context.actor, self.document["_id"]
        return lambda lowest, highest: services.assets.versions(actor, twin, lowest, highest)

    def version(self, document: Document) -> AssetVersion:
        """The version that a document is."""
        return AssetVersion(document=document, asset_document=self.document)


@strawberry.type(description="The immutable state and change of an asset at a revision.")
class AssetVersion(Version):
    """A version of an asset."""

    asset_document: strawberry.Private[Document]

    @strawberry.field(description="What happened.")
    def action(self) -> AssetAction:
        """The action."""
        return AssetAction(self.document["action"])

    @strawberry.field(description="The asset as it was after this version.")
    def asset(self) -> Asset:
        """The state at this revision."""
        return Asset.of({**self.asset_document, **self.state()})


@strawberry.input(
    description="A new asset. Wherever `{serial}` stands in its name, an identifier or an attribute's value, the next "
    "serial of its kind is put, one for all of them: such as `gs1:01/09506000134352/21/{serial}`."
)
class RegisterAssetInput(CommandInput):
    """What `registerAsset` asks for."""

    kind: str = strawberry.field(description="What sort of thing it is, written as the name of a field: `vehicle`.")
    granularity: Granularity = strawberry.field(default=Granularity.ITEM, description="How much it stands for.")
    name: str = strawberry.field(description="What people call it, 120 characters at most.")
    identifiers: list[str] = strawberry.field(
        default_factory=list,
        description="As `scheme:value`, such as `vin:1M8GDM9AXKP042788`, or a carrier's text.",
    )
    attributes: list[FieldInput] = strawberry.field(default_factory=list, description="Free fields.")


@strawberry.input(description="A change of an asset's name or free fields.")
class ReviseAssetInput(CommandInput):
    """What `reviseAsset` asks for."""

    asset: strawberry.ID = strawberry.field(description="The asset's id, an identifier, or a carrier's text.")
    expected_revision: int = strawberry.field(description="The revision that the change is based on.")
    name: str | None = strawberry.field(default=None, description="The new name; null leaves it.")
    attributes: list[FieldInput] = strawberry.field(
        default_factory=list, description="Free fields to set; null as a value removes one."
    )


@strawberry.input(description="More identifiers of an asset.")
class AddIdentifiersInput(CommandInput):
    """What `addIdentifiers` asks for."""

    asset: strawberry.ID = strawberry.field(description="The asset's id, an identifier, or a carrier's text.")
    identifiers: list[str] = strawberry.field(description="As `scheme:value`, or the text of a carrier.")
    expected_revision: int | None = strawberry.field(
        default=None, description="The revision that the change is based on; null means whichever is newest."
    )


@strawberry.input(description="A wrong identifier of an asset, and the right one.")
class CorrectIdentifierInput(CommandInput):
    """What `correctIdentifier` asks for."""

    asset: strawberry.ID = strawberry.field(description="The asset's id, an identifier, or a carrier's text.")
    wrong: str = strawberry.field(description="One of its identifiers; it leads to the asset for ever.")
    right: str = strawberry.field(description="What it should have been: `scheme:value`, or the text of a carrier.")
    expected_revision: int | None = strawberry.field(
        default=None, description="The revision that the change is based on; null means whichever is newest."
    )


@strawberry.input(description="Two assets that turned out to be one.")
class MergeAssetsInput(CommandInput):
    """What `mergeAssets` asks for."""

    duplicate: strawberry.ID = strawberry.field(description="The id of the asset that changes no more.")
    into: strawberry.ID = strawberry.field(description="The id of the asset that takes over identifiers and labels.")
    expected_revision: int | None = strawberry.field(
        default=None, description="The duplicate's revision that the merge is based on; null means whichever is newest."
    )


@strawberry.type(description="What became of a merge.")
class MergeAssetsPayload(Payload):
    """The answer of `mergeAssets`."""

    duplicate: Asset | None = strawberry.field(description="The asset that changes no more; null with errors.")
    asset: Asset | None = strawberry.field(description="The asset that took over; null with errors.")


@strawberry.type(description="What became of a mutation of an asset.")
class AssetPayload(Payload):
    """The answer of a mutation of an asset."""

    asset: Asset | None = strawberry.field(description="The asset after the change; null when there are errors.")


AssetConnection = Connection[Asset]


@strawberry.type
class AssetQuery:
    """What can be asked about assets."""

    @strawberry.field(description="An asset by its id or one of its identifiers, now or as it was. Needs a key.")
    async def asset(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The asset's id.")] = None,
        identifier: Annotated[
            str | None, strawberry.argument(description="`scheme:value`, or a carrier's text.")
        ] = None,
        revision: Annotated[int | None, strawberry.argument(description="The state at this revision.")] = None,
        as_of: Annotated[AsOf | None, strawberry.argument(description="The state as of this point.")] = None,
    ) -> Asset | None:
        """One asset."""
        key = one_of({"id": id, "identifier": identifier})
        if key == id and not key.startswith("ast_"):
            raise NotFound("asset", key)
        at = at_of(revision, as_of)
        document = await info.context.services.assets.find(info.context.actor, key, at)
        return Asset.of(document, at if isinstance(at, Point) else None)

    @strawberry.field(description="Assets, newest first. Needs a key.")
    async def assets(
        self,
        info: Info,
        kinds: Annotated[list[str] | None, strawberry.argument(description="Only of these kinds.")] = None,
        granularities: Annotated[
            list[Granularity] | None, strawberry.argument(description="Only of these granularities.")
        ] = None,
        part_of: Annotated[
            str | None,
            strawberry.argument(description="Only those of this lot or product, by its identifier as `scheme:value`."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Asset]:
        """A page of the assets."""
        context, request = info.context, page_request(first, after, last, before)
        assets, actor = context.services.assets, context.actor
        page = await assets.page(actor, request, kinds=kinds, granularities=granularities, part_of=part_of)
        return Connection.of(
            [(Asset.of(document), cursor_of(key_of(document))) for document in page.documents],
            lambda: assets.count(actor, kinds=kinds, granularities=granularities, part_of=part_of),
            has_next=page.has_next,
            has_previous=page.has_previous,
        )


@strawberry.type
class AssetMutation:
    """What can be done with assets."""

    @strawberry.mutation(description="Register a new asset with its identifiers.")
    async def register_asset(
        self, info: Info, input: Annotated[RegisterAssetInput, strawberry.argument(description="The asset.")]
    ) -> AssetPayload:
        """Register an asset."""

        async def work() -> Document:
            return await info.context.services.assets.register(
                info.context.actor,
                kind=input.kind,
                granularity=input.granularity,
                name=input.name,
                identifiers=input.identifiers,
                attributes=texts_of(input.attributes, "attributes"),
                command=input.command(),
            )

        return _payload(input, *await answered(work()))

    @strawberry.mutation(description="Change an asset's name or free fields.")
    async def revise_asset(
        self, info: Info, input: Annotated[ReviseAssetInput, strawberry.argument(description="The change.")]
    ) -> AssetPayload:
        """Revise an asset."""

        async def work() -> Document:
            return await info.context.services.assets.revise(
                info.context.actor,
                input.asset,
                name=input.name,
                attributes=texts_of(input.attributes, "attributes"),
                command=input.command(),
            )

        return _payload(input, *await answered(work()))

    @strawberry.mutation(description="Give more identifiers to an asset.")
    async def add_identifiers(
        self, info: Info, input: Annotated[AddIdentifiersInput, strawberry.argument(description="The identifiers.")]
    ) -> AssetPayload:
        """Identify an asset."""
        identifiers, actor = info.context.services.identifiers, info.context.actor
        work = identifiers.identify(actor, input.asset, input.identifiers, input.command())
        return _payload(input, *await answered(work))

    @strawberry.mutation(
        description="Put the right identifier in the place of a wrong one, which still leads to the asset for ever."
    )
    async def correct_identifier(
        self, info: Info, input: Annotated[CorrectIdentifierInput, strawberry.argument(description="Wrong and right.")]
    ) -> AssetPayload:
        """Correct an identifier."""
        identifiers, actor = info.context.services.identifiers, info.context.actor
        work = identifiers.correct(actor, input.asset, wrong=input.wrong, right=input.right, command=input.command())
        return _payload(input, *await answered(work))

    @strawberry.mutation(description="Make one of two assets that turned out to be the same.")
    async def merge_assets(
        self, info: Info, input: Annotated[MergeAssetsInput, strawberry.argument(description="The two.")]
    ) -> MergeAssetsPayload:
        """Merge two assets."""
        identifiers, actor = info.context.services.identifiers, info.context.actor
        work = identifiers.merge(actor, duplicate=input.duplicate, into=input.into, command=input.command())
        found, errors = await answered(work)
        duplicate, asset = (None, None) if found is None else map(Asset.of, found)
        return MergeAssetsPayload(
            duplicate=duplicate, asset=asset, errors=errors, client_mutation_id=input.client_mutation_id
        )


def _payload(input: CommandInput, document: Document | None, errors: list[UserError]) -> AssetPayload:
    asset = None if document is None else Asset.of(document)
    return AssetPayload(asset=asset, errors=errors, client_mutation_id=input.client_mutation_id)
