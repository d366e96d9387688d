"""The schema: the index of the API, its limits, and how errors are shown."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import aclosing
from typing import Annotated, Any, TypeVar

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.extensions import MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StreamResult
from strawberry.types import ExecutionContext, ExecutionResult, get_object_definition
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from twin.api.errors import details
from twin.api.graphql import usererrors
from twin.api.graphql.assets import Asset, AssetMutation, AssetQuery
from twin.api.graphql.audit import AuditQuery
from twin.api.graphql.audit_log import AuditLogQuery
from twin.api.graphql.audited import AuditedMutation, AuditedRefusals, cause_of
from twin.api.graphql.bounds import Bounds
from twin.api.graphql.changes import ChangeQuery, Subscription
from twin.api.graphql.context import Context, Info
from twin.api.graphql.counted import Counted
from twin.api.graphql.deadline import Deadline
from twin.api.graphql.facts import Fact, FactMutation, FactQuery
from twin.api.graphql.imports import ImportJob, ImportQuery
from twin.api.graphql.keys import ApiKey, KeyMutation, KeyQuery
from twin.api.graphql.labels import Label, LabelQuery
from twin.api.graphql.links import Linkset, LinksMutation, LinksQuery
from twin.api.graphql.moves import LabelMutation
from twin.api.graphql.nodes import Node
from twin.api.graphql.print_jobs import PrintJob, PrintJobMutation, PrintJobQuery
from twin.api.graphql.profiles import ProfileQuery
from twin.api.graphql.recalls import Recall, RecallMutation, RecallQuery
from twin.api.graphql.scans import ScanMutation, ScanQuery
from twin.api.graphql.search import SearchQuery
from twin.api.graphql.serials import SerialMutation, SerialQuery
from twin.api.graphql.statistics import StatisticsQuery
from twin.api.graphql.stock import StockQuery
from twin.api.graphql.sync import SyncMutation
from twin.api.graphql.templates import TemplateMutation, TemplateQuery
from twin.errors import NotFound, TwinError

log = logging.getLogger(__name__)
Result = TypeVar("Result")

MOST_TOKENS = 2_000
CACHED = 256
AT_ONCE = frozenset({OperationType.QUERY, OperationType.MUTATION})


@strawberry.type(description="What can be asked.")
class Query(
    LabelQuery,
    AssetQuery,
    ScanQuery,
    SearchQuery,
    ChangeQuery,
    AuditQuery,
    AuditLogQuery,
    SerialQuery,
    ProfileQuery,
    TemplateQuery,
    PrintJobQuery,
    LinksQuery,
    FactQuery,
    StatisticsQuery,
    RecallQuery,
    KeyQuery,
    StockQuery,
    ImportQuery,
):
    """All that can be asked: of labels, assets, facts, stock, scans, links, jobs… and any node by its id."""

    @strawberry.field(description="A node by its id; null when there is none. Needs a key.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The node's id.")]
    ) -> Node | None:
        """One node."""
        services, actor = info.context.services, info.context.actor
        try:
            if id.startswith("lbl_"):
                return Label.of(await services.labels.find(actor, id))
            if id.startswith("ast_"):
                return Asset.of(await services.assets.find(actor, id))
            if id.startswith("job_"):
                return PrintJob.of(await services.print_jobs.find(actor, id))
            if id.startswith("imp_"):
                return ImportJob.of(await services.imports.find(actor, id))
            if id.startswith("fct_"):
                return Fact.of(await services.facts.find(actor, id))
            if id.startswith("rcl_"):
                return Recall.of(await services.recalls.find(actor, id))
            if id.startswith("lnk_"):
                return Linkset.of(await services.links.find(actor, id))
            if id.startswith("key_"):
                return ApiKey.of(await services.keys.find(actor, id))
        except NotFound:
            return None
        return None


@strawberry.type(description="What can be done.")
class Mutation(
    LabelMutation,
    AssetMutation,
    FactMutation,
    RecallMutation,
    ScanMutation,
    SerialMutation,
    TemplateMutation,
    PrintJobMutation,
    LinksMutation,
    KeyMutation,
    SyncMutation,
):
    """The moves of labels, the changes of assets, templates, print jobs, the log of scans, links, and keys."""


for field in get_object_definition(Mutation, strict=True).fields:
    field.extensions.append(AuditedMutation())


class Schema(strawberry.Schema):
    """The schema, which shows expected errors with their code and hides all others behind a request id."""

    async def execute(self, query: str | None, *args: Any, **more: Any) -> ExecutionResult:
        """Answer one request at once: subscriptions need a connection."""
        asked = more.pop("allowed_operation_types", None)
        more["allowed_operation_types"] = AT_ONCE if asked is None else AT_ONCE & {*asked}
        return without_suggestions(await super().execute(query, *args, **more), more.get("context_value"))

    async def stream(self, *args: Any, **more: Any) -> StreamResult:
        """Answer an operation of a connection, result by result; a query that cannot be parsed gets its error too."""
        return self._answered(await super().stream(*args, **more), more.get("context_value"))

    async def _answered(self, results: StreamResult, context: object) -> StreamResult:
        try:
            async with aclosing(results):
                async for result in results:
                    yield without_suggestions(result, context)
        except GraphQLSyntaxError as error:  # it escapes from strawberry's cache of parsed queries
            told = GraphQLError(error.message, source=error.source, positions=error.positions)
            self.process_errors([told])
            yield PreExecutionError(data=None, errors=[told])

    def process_errors(self, errors: Sequence[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Give each error its code, and take the text of an unexpected one out of the answer."""
        for error in errors:
            show(error, execution_context)


def without_suggestions(result: Result, context: object) -> Result:
    """The result, whose errors name no fields to somebody who may not see the schema.

    Args:
        result: its errors stay as they are, for a cache may hold them for others too.
        context: who asks.
    """
    if isinstance(result, ExecutionResult) and result.errors and _is_closed_to(context):
        result.errors = [unsuggested(error) for error in result.errors]
    return result


def _is_closed_to(context: object) -> bool:
    return isinstance(context, Context) and not context.sees_schema


def unsuggested(error: GraphQLError) -> GraphQLError:
    """The error, without what a misspelt name may have meant."""
    message, found, _ = error.message.partition(" Did you mean ")
    if not found:
        return error
    return GraphQLError(message, error.nodes, extensions=error.extensions)


def show(error: GraphQLError, execution_context: ExecutionContext | None) -> None:
    """Make an error fit to be seen."""
    cause = cause_of(error)
    extensions: dict[str, Any] = {}
    if isinstance(cause, TwinError):
        extensions = details(cause)
    elif cause is None or isinstance(cause, GraphQLError) or (error.path is None and isinstance(cause, ValueError)):
        extensions = {"code": "INVALID_QUERY"}
    else:
        context = execution_context.context if execution_context else None
        request_id = context.request_id if isinstance(context, Context) else "-"
        log.error("request %s failed at %s", request_id, error.path, exc_info=cause)
        error.message = f"Something went wrong here; request {request_id}."
        extensions = {"code": "INTERNAL", "requestId": request_id}
    error.extensions = {**(error.extensions or {}), **extensions}


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Label, Asset, PrintJob, ImportJob, Linkset, ApiKey, *usererrors.TYPES],
    config=StrawberryConfig(),
    extensions=[
        Deadline,
        lambda: ParserCache(maxsize=CACHED),
        lambda: ValidationCache(maxsize=CACHED),
        Bounds,
        Counted,
        AuditedRefusals,
        lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS),
    ],
)


def sdl() -> str:
    """The schema in GraphQL's own language, as `schema.graphql` holds it."""
    return schema.as_str() + "\n"
