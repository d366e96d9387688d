"""Whether the schema still holds for clients that were made for the released one.

Nothing that was released goes or changes its meaning at once. It is deprecated first, with a reason that ends with the
day from which it may be gone, a year later at least; until then it is there and does what it did.

References:
    GraphQL, 3.13.3 (@deprecated)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from graphql import (
    BreakingChangeType,
    GraphQLSchema,
    build_schema,
    find_schema_changes,
)

REASON: Final = re.compile(r"\S.* Goes on or after (\d{4}-\d{2}-\d{2})\.")


def broken(released: str, current: str, today: date) -> list[str]:
    """What clients of the released schema would miss, a line each; none where they miss nothing that was promised.

    Args:
        released: the schema of the last release, in GraphQL's language.
        current: the schema that is to be released.
        today: what was deprecated until then may be gone.
    """
    before, now = build_schema(released), build_schema(current)
    due = {
        f"{what} was removed."
        for what, reason in deprecated(before)
        if (day := goes(reason)) is not None and day <= today
    }
    changes = find_schema_changes(before, now)
    found = {change.description for change in changes if isinstance(change.type, BreakingChangeType)}
    return sorted(found - due)


def unexplained(schema: str) -> list[str]:
    """What is deprecated without a reason that says what to use instead and from when on it may be gone."""
    return [f"{what}: {reason}" for what, reason in deprecated(build_schema(schema)) if goes(reason) is None]


def goes(reason: str) -> date | None:
    """The day that a reason names; None where it names none.

    Examples:
        >>> goes("Ask for `state`. Goes on or after 2028-01-31.")
        datetime.date(2028, 1, 31)
        >>> goes("No longer supported"), goes("Ask for `state`. Goes on or after 2028-02-31.")
        (None, None)
    """
    match = REASON.fullmatch(reason)
    try:
        return None if match is None else date.fromisoformat(match[1])
    except ValueError:
        return None


def deprecated(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """What is deprecated, as `find_schema_changes` names it, and the reason."""
    for name, kind in schema.type_map.items():
        fields = getattr(kind, "fields", {})
        found = [(f"Enum value {name}.{value}", one) for value, one in getattr(kind, "values", {}).items()]
        found += [(f"Field {name}.{field}", one) for field, one in fields.items()]
        for field, one in fields.items():
            found += [(f"Argument {name}.{field}({of}:)", given) for of, given in getattr(one, "args", {}).items()]
        yield from ((what, one.deprecation_reason) for what, one in found if one.deprecation_reason is not None)
