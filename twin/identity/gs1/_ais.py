"""Application identifiers: what GS1's syntax dictionary says of each, ready to be asked.

References:
    GS1 Barcode Syntax Dictionary (the table `ais.csv` is made from it); GS1 General Specifications, 3 (the meaning of
    each application identifier) and 7.11 (character sets)
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Final, TypeAlias

from twin.errors import InvalidIdentifier, shown
from twin.identity.gs1._linters import CSET_39, CSET_82, LINTERS, Linter

Element: TypeAlias = tuple[str, str]
"""An application identifier and its value."""

GS: Final = "\x1d"
"""The group separator, as which scanners give FNC1 after a value of no predefined length."""

_CHARACTERS: Final = {
    "N": "[0-9]",
    "X": f"[{re.escape(CSET_82)}]",
    "Y": f"[{re.escape(CSET_39)}]",
    "Z": "[0-9A-Za-z_=-]",
}
_CHARACTERS_NAMED: Final = {
    "N": "digits",
    "X": "characters of GS1's set of 82",
    "Y": "digits, capital letters, #, - and /",
    "Z": "letters, digits, -, _ and =",
}
# "N14,csum", "X..20", "[N3],iso3166": a component, its length, its linters; brackets make it optional.
_COMPONENT: Final = re.compile(r"(?P<optional>\[)?(?P<set>[NXYZ])(?P<upto>\.\.)?(?P<length>\d+)\]?(?P<linters>\S*)")


@dataclass(frozen=True, slots=True)
class Component:
    """A piece of a value.

    Args:
        characters: N, X, Y or Z, the character set.
        shortest: characters it has at least.
        longest: characters it has at most.
        optional: whether it may be missing.
        start: where it begins in the value.
        linters: the checks of its content.
    """

    characters: str
    shortest: int
    longest: int
    optional: bool
    start: int
    linters: tuple[Linter, ...]


@dataclass(frozen=True, slots=True)
class ApplicationIdentifier:
    """What one application identifier asks of its value and of the elements beside it.

    Args:
        ai: two to four digits.
        title: GS1's data title.
        components: the pieces of its value.
        pattern: what the whole value matches, before any linter.
        checks: every linter, and which characters of the value it looks at.
        predefined_length: whether no separator follows, because its first two digits tell how long the value is.
        attribute: whether it may stand in the query of a Digital Link.
        primary_key: whether it may lead the path of a Digital Link.
        qualifiers: the sequences, each optional and in order, that may follow it in such a path.
        requires: groups, one of which must be beside it: each of sets, from each of which one must be.
        any_of: what by itself is such a group.
        excludes: what must not be beside it.
        required: how `requires` is written in the dictionary.
    """

    ai: str
    title: str
    components: tuple[Component, ...]
    pattern: re.Pattern[str]
    checks: tuple[tuple[int, int, Linter], ...]
    predefined_length: bool
    attribute: bool
    primary_key: bool
    qualifiers: tuple[tuple[str, ...], ...]
    requires: tuple[tuple[frozenset[str], ...], ...]
    any_of: frozenset[str]
    excludes: frozenset[str]
    required: str

    @property
    def shortest(self) -> int:
        """The fewest characters of a value."""
        return sum(component.shortest for component in self.components if not component.optional)

    @property
    def longest(self) -> int:
        """The most characters of a value."""
        return self.components[-1].start + self.components[-1].longest

    def accepts(self, value: str) -> bool:
        """Whether the text is a value of this application identifier."""
        if self.pattern.fullmatch(value) is None:
            return False
        return all(linter(value[start:stop]) is None for start, stop, linter in self.checks if start < len(value))

    def require(self, value: str) -> None:
        """Nothing, if the text is a value of this application identifier.

        Args:
            value: any text.

        Raises:
            InvalidIdentifier: why it is not.

        Examples:
            >>> AIS["01"].require("09506000134353")
            Traceback (most recent call last):
            twin.errors.InvalidIdentifier: '09506000134353' is not a GS1 (01) GTIN: expected the check digit 2, found \
'3' at position 14.
        """
        if self.pattern.fullmatch(value) is None:
            raise InvalidIdentifier(f"{shown(value)} is not a GS1 ({self.ai}) {self.title}: {self._misfit(value)}.")
        for start, stop, linter in self.checks:
            if start < len(value) and (doubt := linter(value[start:stop])) is not None:
                expected, first, last = doubt
                raise InvalidIdentifier(
                    f"{shown(value)} is not a GS1 ({self.ai}) {self.title}: expected {expected}, "
                    f"found {shown(value[start + first : start + last])} at position {start + first + 1}."
                )

    def _misfit(self, value: str) -> str:
        for component in self.components:
            stop = component.start + component.longest
            piece = value[component.start : stop]
            allowed = _CHARACTERS[component.characters]
            odd = next((at for at, character in enumerate(piece) if not re.match(allowed, character)), None)
            if odd is not None:
                named = _CHARACTERS_NAMED[component.characters]
                return f"expected {named}, found {shown(piece[odd])} at position {component.start + odd + 1}"
        lengths = str(self.shortest) if self.shortest == self.longest else f"{self.shortest} to {self.longest}"
        return f"expected {lengths} characters, found {len(value)}"

    def lacks(self, beside: Set[str]) -> bool:
        """Whether what it requires is not among the application identifiers beside it."""
        if not self.requires or not self.any_of.isdisjoint(beside):
            return False
        return not any(all(not some.isdisjoint(beside) for some in group) for group in self.requires)


@cache
def _components(written: str) -> tuple[Component, ...]:
    start = 0
    found = []
    for word in written.split():
        part = _COMPONENT.fullmatch(word)
        if part is None:
            raise ValueError(f"{word}: not a component of the syntax dictionary.")
        longest = int(part["length"])
        names = part["linters"].split(",")[1:] + (["cset64"] if part["set"] == "Z" else [])
        # Where there are digits alone, a company prefix of four digits is no question.
        linters = tuple(LINTERS[name] for name in names if not (part["set"] == "N" and name.startswith("gcp")))
        shortest = 1 if part["upto"] else longest
        found.append(Component(part["set"], shortest, longest, bool(part["optional"]), start, linters))
        start += longest
    return tuple(found)


@cache
def _pattern(components: tuple[Component, ...]) -> re.Pattern[str]:
    pieces = (f"{_CHARACTERS[part.characters]}{{{part.shortest},{part.longest}}}" for part in components)
    marks = ("?" if part.optional else "" for part in components)
    return re.compile("".join(f"(?:{piece}){mark}" for piece, mark in zip(pieces, marks, strict=True)))


def _ais_of(written: str) -> Iterator[str]:
    first, _, last = written.partition("-")
    width = len(first)
    return (f"{number:0{width}}" for number in range(int(first), int(last or first) + 1))


def _matching(known: Collection[str], pattern: str) -> frozenset[str]:
    prefix = pattern.rstrip("n")
    return frozenset(ai for ai in known if ai.startswith(prefix) and len(ai) == len(pattern))


_NOTHING: Final[frozenset[str]] = frozenset()


def _table() -> dict[str, ApplicationIdentifier]:
    text = resources.files(__package__).joinpath("ais.csv").read_text(encoding="utf-8")
    rows = {ai: row for row in csv.DictReader(text.splitlines()) for ai in _ais_of(row["ai"])}
    matching = cache(partial(_matching, rows.keys()))
    table = {}
    for ai, row in rows.items():
        components = _components(row["format"])
        excluded = [matching(pattern) for pattern in row["excludes"].split(",") if pattern]
        groups = [group.split("+") for group in row["requires"].split(",") if group]
        requires = tuple(tuple(matching(pattern) for pattern in group) for group in groups)
        table[ai] = ApplicationIdentifier(
            ai=ai,
            title=row["title"],
            components=components,
            pattern=_pattern(components),
            checks=tuple(
                (component.start, component.start + component.longest, linter)
                for component in components
                for linter in component.linters
            ),
            predefined_length=bool(row["predefined_length"]),
            attribute=bool(row["digital_link_attribute"]),
            primary_key=bool(row["primary_key"]),
            qualifiers=tuple(tuple(filter(None, sequence.split(","))) for sequence in row["qualifiers"].split("|")),
            requires=requires,
            any_of=_NOTHING.union(*(group[0] for group in requires if len(group) == 1)),
            excludes=_NOTHING.union(*excluded) - {ai},
            required=row["requires"].replace("+", " with ").replace(",", ", "),
        )
    return table


AIS: Final[Mapping[str, ApplicationIdentifier]] = _table()
"""Every application identifier, in order."""

LENGTHS: Final[Mapping[str, int]] = {ai[:2]: len(ai) for ai in AIS}
"""The digits of every application identifier that begins with the same two."""


def ai_at(text: str, position: int) -> ApplicationIdentifier | None:
    """The application identifier that stands at a position of a text, if one does.

    Examples:
        >>> ai_at("8004123", 0).title
        'GIAI'
        >>> ai_at("2345", 0)
    """
    return AIS.get(text[position : position + LENGTHS.get(text[position : position + 2], 0)])
