"""How much one operation may ask for: its depth, and its cost with page sizes counted.

A fragment is weighed once, however often it is spread, so weighing is linear in the text of the operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from strawberry.extensions import SchemaExtension

from twin.api.graphql.context import Context
from twin.api.graphql.nodes import DEFAULT_SIZE, LARGEST_PAGE

DEEPEST = 12
MOST_COST = 10_000
MOST_ALIASES = 100
MOST_DIRECTIVES = 100
INTROSPECTION = frozenset({"__schema", "__type"})
PAGED = frozenset(
    {
        "labels",
        "assets",
        "history",
        "search",
        "checkHistory",
        "serialSchemes",
        "templates",
        "printJobs",
        "importJobs",
        "rows",
        "linksets",
        "auditLog",
        "facts",
        "components",
        "usedIn",
        "recalls",
        "items",
        "sharing",
        "timeline",
        "keys",
        "inventory",
    }
)  # the fields that `first` and `last` belong to; a test compares

WHOLE: Mapping[str, int] = {  # lists that come whole, and about how long they are; of `sync`, at most
    "builtinTemplates": DEFAULT_SIZE,
    "outcomes": 500,
    "changed": 100,
}
COSTLY: Mapping[str, int] = {  # what a field costs that sets a whole label, counts, or walks through what is in what
    "preview": 200,
    "components": 200,
    "usedIn": 200,
    "inventory": 500,
    "difference": 2_000,
    "sharing": 500,
    "staleLabels": 500,
    "labelsBySite": 1_000,
    "printsByDay": 1_000,
    "scansByDay": 200,
    "timeline": 200,
}


@dataclass(slots=True)
class Signs:
    """What a document holds, each of it once, however often its fragment is spread.

    Args:
        aliases: fields that are given another name.
        directives: of fields and of fragments.
        introspects: whether it asks for the schema.
    """

    aliases: int = 0
    directives: int = 0
    introspects: bool = False

    @classmethod
    def of(cls, document: DocumentNode) -> Signs:
        """Those of all definitions."""
        signs, rest = cls(), [getattr(definition, "selection_set", None) for definition in document.definitions]
        while rest:
            selection_set = rest.pop()
            for selection in () if selection_set is None else selection_set.selections:
                signs.directives += len(selection.directives or ())
                if isinstance(selection, FieldNode):
                    signs.aliases += selection.alias is not None
                    signs.introspects |= selection.name.value in INTROSPECTION
                rest.append(getattr(selection, "selection_set", None))
        return signs

    def refusal(self, *, introspection: bool) -> GraphQLError | None:
        """Why a document with these is not executed; None when it is.

        Args:
            introspection: whether the caller may ask for the schema.
        """
        if self.aliases > MOST_ALIASES:
            return GraphQLError(f"The document has {self.aliases} aliases; expected {MOST_ALIASES} at most.")
        if self.directives > MOST_DIRECTIVES:
            return GraphQLError(f"The document has {self.directives} directives; expected {MOST_DIRECTIVES} at most.")
        if self.introspects and not introspection:
            return GraphQLError("The schema is shown to callers with a key; it stands in schema.graphql too.")
        return None


@dataclass(frozen=True, slots=True)
class Weight:
    """How deep a selection goes, and how many fields it completes at most."""

    depth: int
    cost: int


class Scale:
    """Weighs selections of one document.

    Args:
        document: a valid one: its fragments make no cycle.
        variables: the values that were given.
    """

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._weighed: dict[str, Weight] = {}

    def weigh(self, selection_set: SelectionSetNode | None) -> Weight:
        """The weight of a selection, fragments included."""
        depth = cost = 0
        for selection in () if selection_set is None else selection_set.selections:
            if isinstance(selection, FieldNode) and selection.name.value.startswith("__"):
                found = Weight(1, 1)  # of introspection, which graphql-core bounds itself
            elif isinstance(selection, FieldNode):
                inner = self.weigh(selection.selection_set)
                own = COSTLY.get(selection.name.value, 1)
                found = Weight(inner.depth + 1, own + self._times(selection) * inner.cost)
            elif isinstance(selection, FragmentSpreadNode):
                found = self._fragment(selection.name.value)
            else:
                found = self.weigh(getattr(selection, "selection_set", None))
            depth, cost = max(depth, found.depth), cost + found.cost
        return Weight(depth, cost)

    def _fragment(self, name: str) -> Weight:
        if name not in self._weighed:
            fragment = self._fragments.get(name)
            self._weighed[name] = self.weigh(None if fragment is None else fragment.selection_set)
        return self._weighed[name]

    def _times(self, field: FieldNode) -> int:
        if field.name.value not in PAGED:
            return WHOLE.get(field.name.value, 1)
        size = DEFAULT_SIZE
        for argument in field.arguments or ():
            if argument.name.value in {"first", "last"}:
                value = argument.value
                given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
                size = int(value.value) if isinstance(value, IntValueNode) else given or size
        return min(size, LARGEST_PAGE) if isinstance(size, int) else DEFAULT_SIZE


def refusal(document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]) -> GraphQLError | None:
    """Why an operation asks for too much; None when it does not."""
    scale = Scale(document, variables)
    for node in document.definitions:
        if not isinstance(node, OperationDefinitionNode):
            continue
        if operation_name is not None and (node.name is None or node.name.value != operation_name):
            continue
        weight = scale.weigh(node.selection_set)
        if weight.depth > DEEPEST:
            return GraphQLError(f"The query is {weight.depth} levels deep; expected {DEEPEST} at most.")
        if weight.cost > MOST_COST:
            return GraphQLError(
                f"The query asks for up to {weight.cost} fields, page sizes counted; expected {MOST_COST} at most. "
                "Ask for smaller pages, or in several queries."
            )
    return None


def ambiguity(document: DocumentNode, named: str | None) -> GraphQLError | None:
    """Why nobody can tell which operation is meant (GraphQL, 6.1); None when it is clear. Strawberry takes the first.

    Args:
        document: with one or several operations.
        named: the `operationName` of the request.
    """
    count = sum(isinstance(node, OperationDefinitionNode) for node in document.definitions)
    if named is not None or count < 2:
        return None
    return GraphQLError(f"The document has {count} operations; expected operationName to name one.")


class Bounds(SchemaExtension):
    """Refuses an operation that asks for too much, before any of it is executed."""

    def on_execute(self) -> Iterator[None]:
        """Weigh the operation."""
        context = self.execution_context
        if context.graphql_document is not None:
            document, caller = context.graphql_document, context.context
            introspection = not isinstance(caller, Context) or caller.sees_schema
            untrusted = caller.trusted.refusal(context.query) if isinstance(caller, Context) else None
            error = (
                untrusted
                or ambiguity(document, context._provided_operation_name)
                or Signs.of(document).refusal(introspection=introspection)
                or refusal(document, context.operation_name, context.variables or {})
            )
            if error is not None:
                context.result = ExecutionResult(data=None, errors=[error])
        yield
