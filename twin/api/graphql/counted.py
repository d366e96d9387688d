"""What is counted of GraphQL: operations by type, and by what became of them."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import ExecutionContext

from twin.api.metrics import OPERATIONS
from twin.services.audit_log import code_of

ANSWERED, STOPPED, INVALID = "answered", "stopped", "INVALID_QUERY"


class Counted(SchemaExtension):
    """Counts an operation once it has ended, by the code of its first error if it has one; a subscription too."""

    def on_operation(self) -> Iterator[None]:
        """Answer, then count."""
        outcome = STOPPED  # by who asked, or by the end of the service
        try:
            yield
            outcome = _outcome(self.execution_context)
        except Exception as error:
            outcome = INVALID if isinstance(error, GraphQLError) else code_of(error)
            raise
        finally:
            OPERATIONS.labels(_type(self.execution_context), outcome).inc()


def _type(context: ExecutionContext) -> str:
    try:
        return context.operation_type.value
    except RuntimeError:  # of what cannot be read nobody knows
        return "none"


def _outcome(context: ExecutionContext) -> str:
    errors = getattr(context.result, "errors", None) or context.pre_execution_errors or ()
    for error in errors:
        return str((error.extensions or {}).get("code", INVALID))
    return ANSWERED
