"""What GraphQL tells the audit log: each mutation with its outcome, and each question that is not for its caller."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from graphql import FieldNode, GraphQLError
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver
from strawberry.types.graphql import OperationType

from twin.api.graphql.context import Context, Info
from twin.api.graphql.nodes import Node
from twin.errors import Forbidden, NotFound, Unauthenticated
from twin.services.audit_log import DONE, code_of

Result = TypeVar("Result")


class AuditedMutation(FieldExtension):
    """Notes what became of a mutation."""

    async def resolve_async(self, next_: AsyncExtensionResolver, source: Any, info: Info, **arguments: Any) -> Any:
        """Do it, once the log has room for it."""
        mutation = getattr(arguments.get("input"), "client_mutation_id", None)
        return await audited(info.context, info.field_name, mutation, partial(next_, source, info, **arguments))


async def audited(context: Context, field: str, mutation: str | None, work: Callable[[], Awaitable[Result]]) -> Result:
    """Do what a mutation asks for, once the log has room for it, and note what became of it.

    Args:
        context: who asks.
        field: the mutation's name in the schema.
        mutation: the client's name for the change.
        work: does it.
    """
    log = context.services.audit_log
    await log.room()
    try:
        payload = await work()
    except BaseException as error:
        log.note(context.call, field, code_of(error), mutation=mutation)
        raise
    codes = sorted({error.code for error in getattr(payload, "errors", ())})
    log.note(context.call, field, " ".join(codes) or DONE, nodes=list(nodes_of(payload)), mutation=mutation)
    return payload


class AuditedRefusals(SchemaExtension):
    """Notes what a query or subscription asked for that is not for its caller, and charges for what there is not."""

    async def on_operation(self) -> AsyncIterator[None]:
        """Answer, then look for refusals."""
        yield
        asked, context = self.execution_context, self.execution_context.context
        errors = getattr(asked.result, "errors", None) or ()
        if not errors or not isinstance(context, Context) or asked.operation_type is OperationType.MUTATION:
            return
        for error in errors:
            cause = cause_of(error)
            if isinstance(cause, NotFound):
                context.missed()
            if isinstance(cause, Forbidden | Unauthenticated):
                context.services.audit_log.note(
                    context.call, _field_of(error) or asked.operation_type.value, cause.code
                )


def cause_of(error: GraphQLError) -> Exception | None:
    """What was raised."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _field_of(error: GraphQLError) -> str | None:
    """The field that was asked for, by its name in the schema: an alias may be any text. Subscriptions tell none."""
    return next((node.name.value for node in error.nodes or () if isinstance(node, FieldNode)), None)


def nodes_of(payload: object) -> Iterator[tuple[str, int | None]]:
    """The nodes that a payload tells of, with their revisions."""
    for value in vars(payload).values():
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, Node):
                yield str(node.id), getattr(node, "document", {}).get("revision")
