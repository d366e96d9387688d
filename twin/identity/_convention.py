"""What every identity standard shares: the words of its answers, and the bound on its questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

from twin.errors import InvalidInput, TooLarge

MAX_TEXT: Final = 2_000
"""The longest text, in characters, that anything here looks at: no carrier that we read holds a longer identifier."""

BLANKS: Final = " \t\r\n"
"""What scanners and people leave around a text. Not `str.strip`'s idea of it: GS and RS are data in some forms."""

GS1_SYMBOLOGY_IDENTIFIERS: Final = frozenset({"]C1", "]J1", "]Q3", "]d2", "]e0"})
"""AIM symbology identifiers which promise that the text is GS1 element strings, and so of no other form."""


_SPELT: Final = (
    ("\x1d", ("^]", "<GS>", "{GS}", "\u241d")),
    ("\x1e", ("^^", "<RS>", "{RS}", "\u241e")),
    ("\x04", ("^D", "<EOT>", "{EOT}", "\u2404")),
)


class Granularity(StrEnum):
    """How much one asset stands for."""

    ITEM = "ITEM"
    LOT = "LOT"
    PRODUCT = "PRODUCT"


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark on an identifier that does not make it invalid.

    Args:
        code: stable, upper-case, begins with the scheme: clients switch on it.
        message: what was expected and what was found, for people.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an identifier.

    Args:
        name: a name that a person understands.
        value: the characters, as they stand in the identifier.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """Data of a known form that names nothing by itself, such as a lot whose product stands in another symbol.

    Args:
        title: what it is, for people.
        parts: what it says.
        findings: remarks on it.
    """

    title: str
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...] = ()


@runtime_checkable
class Identifier(Protocol):
    """A validated identifier of some standard: if the object exists, it is valid."""

    @property
    def canonical(self) -> str:
        """The one unique form: `scheme:value`. A form of another standard has that standard's, where one exists."""

    @property
    def granularity(self) -> Granularity | None:
        """Whether it names an item, a lot or a product; None for a label, a place, a party, and a UUID: any."""

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """What else it names, narrowest first: the same thing in another scheme, its lot, its product."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Remarks that do not make it invalid."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it is made of, in order."""


@runtime_checkable
class Standard(Protocol):
    """The convention for a module of this package: see the package's docstring."""

    SCHEME: str
    TITLE: str

    def parse(self, text: str, /) -> Identifier:
        """The identifier that the text is, or InvalidIdentifier. Strict: for identifiers that we issue and store."""

    def read(self, text: str, symbology_identifier: str | None, /) -> Sequence[Identifier | Fragment]:
        """What a scanned text can be, the likeliest first; nothing when it is not of this form. Forgiving.

        What had to be forgiven is a finding. InvalidIdentifier says why a text that can be nothing else is broken.
        """


def restored(text: str) -> str:
    r"""The text with its control characters, where a scanner that types has spelt out GS, RS and EOT.

    Examples:
        >>> restored("[)>^^06^]17V1AB23<RS>{EOT}")
        '[)>\x1e06\x1d17V1AB23\x1e\x04'
    """
    for control, spellings in _SPELT:
        for spelling in spellings:
            text = text.replace(spelling, control)
    return text


def require_text(value: object) -> str:
    """The value, if it is a text that is short enough to look at.

    Args:
        value: anything at all.

    Raises:
        InvalidInput: it is not a text.
        TooLarge: it has more than 2,000 characters.

    Examples:
        >>> require_text("1M8GDM9AXKP042788")
        '1M8GDM9AXKP042788'
        >>> require_text(17)
        Traceback (most recent call last):
        twin.errors.InvalidInput: Expected a text, found int.
    """
    if not isinstance(value, str):
        raise InvalidInput(f"Expected a text, found {type(value).__name__}.")
    if len(value) > MAX_TEXT:
        raise TooLarge(f"Expected a text of at most {MAX_TEXT:,} characters, found {len(value):,}.")
    return value
