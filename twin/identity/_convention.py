"""What every identity standard shares: the words of its answers, and the bound on its questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from twin.errors import InvalidInput, TooLarge

MAX_TEXT: Final = 2_000
"""The longest text, in characters, that anything here looks at: no carrier that we read holds a longer identifier."""

BLANKS: Final = " \t\r\n"
"""What scanners and people leave around a text. Not `str.strip`'s idea of it: GS and RS are data in some forms."""

GS1_SYMBOLOGY_IDENTIFIERS: Final = frozenset({"]C1", "]J1", "]Q3", "]d2", "]e0"})
"""AIM symbology identifiers which promise that the text is GS1 element strings, and so of no other form."""


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


@runtime_checkable
class Identifier(Protocol):
    """A validated identifier of some standard: if the object exists, it is valid."""

    @property
    def canonical(self) -> str:
        """The one unique form: `scheme:value`."""

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

    def read(self, text: str, symbology_identifier: str | None, /) -> Identifier | None:
        """The identifier that a scanned text holds, or None when it is not of this form. Forgiving, but no guesses."""


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
