"""The change feed in the API: subscriptions that yield versions, each with the cursor to go on after."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from enum import Enum
from typing import Annotated

import strawberry
from graphql import DocumentNode, located_error

from twin.api.graphql.assets import AssetVersion
from twin.api.graphql.bounds import refusal
from twin.api.graphql.context import Info
from twin.api.graphql.deadline import in_time
from twin.api.graphql.enums import LabelProfile
from twin.api.graphql.labels import LabelVersion
from twin.api.graphql.versions import Version
from twin.errors import NotFound
from twin.services.changes import Told, Wanted
from twin.store.changes import Kind

Subscribed = AbstractAsyncContextManager[AsyncGenerator[Told, None]]


@strawberry.enum(description="What sort of twin.")
class TwinKind(Enum):
    """Labels and assets."""

    LABEL = strawberry.enum_value("LABEL", description="The twin of a physical label.")
    ASSET = strawberry.enum_value("ASSET", description="The twin of a thing that is traced.")


_KINDS: Mapping[TwinKind, Kind] = {TwinKind.LABEL: "label", TwinKind.ASSET: "asset"}


@strawberry.input(description="Which changes are wanted; what is null excludes nothing.")
class ChangeFilter:
    """What `changes` leaves out."""

    kinds: list[TwinKind] | None = strawberry.field(default=None, description="Only those of such twins.")
    profiles: list[LabelProfile] | None = strawberry.field(
        default=None, description="Of the labels, only those of these profiles."
    )

    def wanted(self) -> Wanted:
        """As the services take it."""
        return Wanted(
            None if self.kinds is None else frozenset(_KINDS[kind] for kind in self.kinds),
            None if self.profiles is None else frozenset(profile.value for profile in self.profiles),
        )


@strawberry.type(description="A new version of a label.")
class LabelChange:
    """What `labelChanged` yields."""

    cursor: str = strawberry.field(
        description="Subscribe with it as `after` to go on; a cursor of the label's history."
    )
    version: LabelVersion = strawberry.field(description="The new version, and thereby the label as it was after it.")

    @classmethod
    def of(cls, told: Told) -> LabelChange:
        """The change that a subscriber is told of."""
        version = LabelVersion(document=told.version, label_document={"_id": told.twin})
        return cls(cursor=told.cursor, version=version)


@strawberry.type(description="A new version of a label or an asset.")
class Change:
    """What `changes` yields."""

    cursor: str = strawberry.field(description="Subscribe with it as `after` to go on.")
    version: Version = strawberry.field(description="The new version: a LabelVersion or an AssetVersion.")

    @classmethod
    def of(cls, told: Told) -> Change:
        """The change that a subscriber is told of."""
        if told.kind == "label":
            version: Version = LabelVersion(document=told.version, label_document={"_id": told.twin})
        else:
            version = AssetVersion(document=told.version, asset_document={"_id": told.twin})
        return cls(cursor=told.cursor, version=version)


@strawberry.type
class ChangeQuery:
    """What can be asked about the change feed."""

    @strawberry.field(
        description="The cursor of now: read the lists after it, then subscribe to `changes` after it, and nothing is "
        "missed. Needs a key."
    )
    async def changes_cursor(self, info: Info) -> str:
        """Where the feed stands."""
        return await info.context.services.changes.now(info.context.actor)


@strawberry.type(description="What can be listened to, over WebSockets (graphql-transport-ws).")
class Subscription:
    """The change feed."""

    @strawberry.subscription(
        description="Each new version of one label, once and in order, for whoever holds its link. Without `after`, "
        "from now on."
    )
    async def label_changed(
        self,
        info: Info,
        link_id: Annotated[str, strawberry.argument(description="The id that is printed.")],
        after: Annotated[
            str | None, strawberry.argument(description="Only what follows this cursor, of any age.")
        ] = None,
    ) -> AsyncGenerator[LabelChange, None]:
        """The changes of one label."""
        if link_id.startswith("lbl_"):
            raise located_error(NotFound("label", link_id), None, info.path.as_list())
        subscribed = info.context.services.changes.of_label(info.context.actor, link_id, after)
        async with aclosing(_told(info, subscribed)) as changes:
            async for told in changes:
                yield LabelChange.of(told)

    @strawberry.subscription(
        description="Each new version of any label or asset, once and in the order of the commits. Needs a key. A "
        "cursor is good for as long as the database keeps its log; CURSOR_TOO_OLD tells when it is not."
    )
    async def changes(
        self,
        info: Info,
        filter: Annotated[ChangeFilter | None, strawberry.argument(description="Which of them.")] = None,
        after: Annotated[str | None, strawberry.argument(description="Only what follows this cursor.")] = None,
    ) -> AsyncGenerator[Change, None]:
        """The changes of all twins."""
        wanted = (filter or ChangeFilter()).wanted()
        subscribed = info.context.services.changes.of_all(info.context.actor, wanted, after)
        async with aclosing(_told(info, subscribed)) as changes:
            async for told in changes:
                yield Change.of(told)


async def _told(info: Info, subscribed: Subscribed) -> AsyncGenerator[Told, None]:
    """What a subscriber is told; an error says where in the operation it belongs, as those of queries do."""
    try:
        _require_bounds(info)
        async with AsyncExitStack() as stack:
            async with in_time():
                changes = await stack.enter_async_context(subscribed)
            async for told in changes:
                yield told
    except Exception as error:
        raise located_error(error, None, info.path.as_list()) from error


def _require_bounds(info: Info) -> None:
    """Let pass a subscription that asks for no more than a query may: the extension that bounds those cannot stop it.

    Raises:
        GraphQLError: it asks for too much.
    """
    fragments = info._raw_info.fragments.values()
    document = DocumentNode(definitions=(info.operation, *fragments))
    error = refusal(document, None, info.variable_values)
    if error is not None:
        raise error
