"""How narrowly the path of a Digital Link names something: a primary key, and the qualifiers that narrow it.

Unlike the canonical form of a key, which names an item by its serial number alone, a level keeps every qualifier: what
is said of the lot and what is said of the item stand on different levels.

References:
    GS1 Digital Link Standard: URI Syntax (primary keys and key qualifiers); GS1-Conformant Resolver Standard (links of
    each level up to the primary key)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from twin.identity._convention import require_text
from twin.identity.gs1._ais import AIS, Element
from twin.identity.gs1._digital_link import elements_in_path, elements_in_uri, path_of

PRIMARY_KEYS: Final = tuple(known.ai for known in AIS.values() if known.primary_key)
"""The application identifiers that may lead the path of a Digital Link."""

Piece = TypeVar("Piece")

_WEB_ADDRESS: Final = re.compile("https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Level:
    """A primary key and its qualifiers, in the order of the path. `parse` makes it.

    Args:
        elements: the key first, each right by itself.

    Examples:
        >>> level = Level.parse("01/09506000134352/10/ABC/21/SER%2F42?17=261231")
        >>> level.path
        '01/09506000134352/10/ABC/21/SER%2F42'
        >>> for one in level.up():
        ...     print(one.path)
        01/09506000134352/10/ABC/21/SER%2F42
        01/09506000134352/21/SER%2F42
        01/09506000134352/10/ABC
        01/09506000134352
    """

    elements: tuple[Element, ...]

    @classmethod
    def parse(cls, text: str) -> Level:
        """The level that a path names; attributes in a query are checked, and count no more.

        Args:
            text: the path of a Digital Link without a slash in front, perhaps behind `gs1:`, perhaps with a query; or a
                whole Digital Link URI.

        Raises:
            InvalidIdentifier: why it is none.
            InvalidInput: not a text.
            TooLarge: more than 2,000 characters.
        """
        written = require_text(text).removeprefix("gs1:")
        elements_in = elements_in_uri if _WEB_ADDRESS.match(written) else elements_in_path
        path, mark, _ = written.partition("?")
        found = elements_in(path)
        for ai, value in elements_in(written) if mark else found:
            AIS[ai].require(value)
        return cls(found)

    @property
    def path(self) -> str:
        """The unique form: as the path of a Digital Link, without a slash in front."""
        return path_of(self.elements)

    def up(self) -> Iterator[Level]:
        """This level and every wider one up to the key: each choice of the qualifiers, the narrowest first.

        A qualifier that stands later in the path is the narrower one, and so counts more than all before it.
        """
        for chosen in _choices(self.elements):
            yield Level(tuple(chosen))

    def paths_up(self) -> list[str]:
        """The paths of `up`, in its order."""
        return ["/".join(chosen) for chosen in _choices([path_of((element,)) for element in self.elements])]


def _choices(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The first piece with each choice of the others, in their order."""
    key, *others = pieces
    for chosen in range(2 ** len(others) - 1, -1, -1):
        yield [key, *(one for place, one in enumerate(others) if chosen >> place & 1)]
