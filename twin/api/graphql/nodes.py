"""What all nouns share: nodes, connections and their pages, named texts, and points in time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from twin.domain import fields, history
from twin.errors import InvalidInput, shown
from twin.services.commits import At
from twin.store.paging import Key, PageRequest

DEFAULT_SIZE = 20
LARGEST_PAGE = 100

T = TypeVar("T")

First = Annotated[
    int | None, strawberry.argument(description="Items at most, from the front; 1 to 100, 20 if not said.")
]
After = Annotated[str | None, strawberry.argument(description="Only what follows this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="Items at most, from the back; 1 to 100.")]
Before = Annotated[str | None, strawberry.argument(description="Only what precedes this cursor.")]


@strawberry.interface(description="A thing with an id by which it can be fetched again.")
class Node:
    """The Relay node."""

    id: strawberry.ID = strawberry.field(description="The global id; opaque.")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """The Relay page info."""

    has_next_page: bool = strawberry.field(description="Whether more follows, for a page asked for with `first`.")
    has_previous_page: bool = strawberry.field(description="Whether more precedes, for a page asked for with `last`.")
    start_cursor: str | None = strawberry.field(description="The cursor of the page's first edge.")
    end_cursor: str | None = strawberry.field(description="The cursor of the page's last edge.")


@strawberry.type(description="An item of a list, and where it stands there.")
class Edge(Generic[T]):
    """A Relay edge."""

    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description="Where it stands, for `after` and `before`.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A Relay connection."""

    edges: list[Edge[T]] = strawberry.field(description="The items of the page, in the list's order.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
    counted: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="How many items the whole list has; counted only when asked for.")
    async def total_count(self) -> int:
        """The count of the whole list."""
        return await self.counted()

    @classmethod
    def of(
        cls,
        items: Sequence[tuple[T, str]],
        counted: Callable[[], Awaitable[int]],
        *,
        has_next: bool,
        has_previous: bool,
    ) -> Connection[T]:
        """The page of items with their cursors."""
        edges = [Edge(node=node, cursor=cursor) for node, cursor in items]
        info = PageInfo(
            has_next_page=has_next,
            has_previous_page=has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
        return cls(edges=edges, page_info=info, counted=counted)


@strawberry.type(description="A named text.")
class Field:
    """A free field, or a piece of evidence."""

    name: str = strawberry.field(description="Its name: a letter in lower case, then letters and digits.")
    value: str = strawberry.field(description="Its text.")


@strawberry.input(description="A named text to set; null removes it where fields can be removed.")
class FieldInput:
    """A free or printed field, as it is asked for."""

    name: str = strawberry.field(description="Its name: a letter in lower case, then letters and digits, 64 at most.")
    value: str | None = strawberry.field(default=None, description="Its text, one line; null removes the field.")


@strawberry.type(description="When something happened, and when the service learnt it.")
class Moment:
    """A point on both axes."""

    occurred_at: datetime = strawberry.field(description="When it happened.")
    recorded_at: datetime = strawberry.field(description="When the service learnt it.")


@strawberry.input(description="A point on both axes: what was so at `occurred`, as it was known at `recorded`.")
class AsOf:
    """A point in the past, as it is asked for."""

    occurred: datetime | None = strawberry.field(default=None, description="When it was so; null means now.")
    recorded: datetime | None = strawberry.field(default=None, description="When it was known; null means now.")


def fields_of(texts: Mapping[str, Any]) -> list[Field]:
    """Named texts, in the order of their names."""
    return [Field(name=name, value=str(texts[name])) for name in sorted(texts)]


def texts_of(fields: Sequence[FieldInput] | None, path: str) -> dict[str, str | None]:
    """Named texts as the services take them.

    Raises:
        InvalidInput: a name stands twice.
    """
    texts: dict[str, str | None] = {}
    for field in fields or ():
        if field.name in texts:
            raise InvalidInput(f"{path}: expected each field once, found {shown(field.name)} twice.", path=(path,))
        texts[field.name] = field.value
    return texts


def moment_of(at: Mapping[str, datetime]) -> Moment:
    """The moment that a document has."""
    return Moment(occurred_at=at["occurred_at"], recorded_at=at["recorded_at"])


def at_of(revision: int | None, as_of: AsOf | None) -> At:
    """Which state of a twin the arguments mean.

    Raises:
        InvalidInput: both are given, the revision is not positive, or a time has no time zone.
    """
    if as_of is None:
        if revision is not None and revision < 1:
            raise InvalidInput(f"revision: expected 1 or more, found {revision}.", path=("revision",))
        return revision
    if revision is not None:
        raise InvalidInput("Expected revision or asOf, found both.", path=("asOf",))
    return as_of_point(as_of)


def as_of_point(as_of: AsOf | None) -> history.AsOf | None:
    """The point that is asked for; None where none is.

    Raises:
        InvalidInput: a time has no time zone.
    """
    if as_of is None:
        return None
    return history.AsOf(
        as_of.occurred and fields.utc(as_of.occurred, path=("asOf", "occurred")),
        as_of.recorded and fields.utc(as_of.recorded, path=("asOf", "recorded")),
    )


def one_of(keys: Mapping[str, str | None]) -> str:
    """The one argument of several that is given.

    Raises:
        InvalidInput: none is given, or more than one.
    """
    given = [(name, key) for name, key in keys.items() if key is not None]
    if len(given) != 1:
        found = " and ".join(name for name, _ in given) or "neither"
        raise InvalidInput(f"Expected one of {' or '.join(keys)}, found {found}.")
    return given[0][1]


def page_size(first: int | None, last: int | None) -> tuple[int, bool]:
    """How many items a page has at most, and whether they are the last ones.

    Raises:
        InvalidInput: both are given, or one that is not 1 to 100.
    """
    if first is not None and last is not None:
        raise InvalidInput("Expected first or last, found both.", path=("last",))
    name, size = ("last", last) if last is not None else ("first", DEFAULT_SIZE if first is None else first)
    if not 1 <= size <= LARGEST_PAGE:
        raise InvalidInput(f"{name}: expected 1 to {LARGEST_PAGE}, found {size}.", path=(name,))
    return size, last is not None


def page_request(first: int | None, after: str | None, last: int | None, before: str | None) -> PageRequest:
    """Which part of a list the arguments mean."""
    size, backward = page_size(first, last)
    return PageRequest(size, _key("after", after), _key("before", before), backward)


def cursor_of(key: Key) -> str:
    """Where an item stands in its list, as an opaque text."""
    at, twin = key
    return base64.urlsafe_b64encode(f"{int(at.timestamp() * 1000)} {twin}".encode()).decode()


def _key(name: str, cursor: str | None) -> Key | None:
    if cursor is None:
        return None
    try:
        at, _, twin = base64.b64decode(cursor, b"-_", validate=True).decode("ascii").partition(" ")
        return datetime.fromtimestamp(int(at) / 1000, UTC), twin
    except (ValueError, OverflowError, OSError, binascii.Error):
        raise InvalidInput(f"{name}: {shown(cursor)} is not a cursor of this list.", path=(name,)) from None
