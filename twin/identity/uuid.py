"""Universally unique identifiers, as URNs: names that anybody can give without asking anybody, such as Catena-X's.

A UUID does not say what it names: an item, a lot or a product. So it fits an asset of any granularity.

References:
    RFC 9562, 4 (form and case), 5.9 and 5.10 (nil and max name nothing); RFC 8141 (URN)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import BLANKS, GS1_SYMBOLOGY_IDENTIFIERS, Finding, Identifier, Part, require_text

__all__ = ["SCHEME", "TITLE", "Uuid", "parse", "read"]

SCHEME = "uuid"
TITLE = "Universally unique identifier"

_FORM: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WRITTEN: Final = re.compile(r"(?:urn:)?uuid:(.*)", re.IGNORECASE | re.DOTALL)
_NAMES_NOTHING: Final = frozenset({"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"})


@dataclass(frozen=True, slots=True)
class Uuid:
    """A UUID.

    Args:
        value: 32 hexadecimal digits in lower case, in groups of 8, 4, 4, 4 and 12 with hyphens between them; of any
            version and variant.

    Raises:
        InvalidIdentifier: another form, or the nil or the max UUID.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        RFC 9562, 4, 5.9 and 5.10

    Examples:
        >>> Uuid("62d3e027-04e6-4952-89da-ed4e1c60414f").as_urn()
        'urn:uuid:62d3e027-04e6-4952-89da-ed4e1c60414f'
        >>> Uuid("62D3E027-04E6-4952-89DA-ED4E1C60414F")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '62D3E027-04E6-4952-89DA-ED4E1C60414F' is not a UUID: expected 32 hexadecimal \
digits in lower case, as 8-4-4-4-12.
    """

    value: str

    def __post_init__(self) -> None:
        wrong = f"{shown(require_text(self.value))} is not a UUID"
        if not _FORM.fullmatch(self.value):
            raise InvalidIdentifier(f"{wrong}: expected 32 hexadecimal digits in lower case, as 8-4-4-4-12.")
        if self.value in _NAMES_NOTHING:
            raise InvalidIdentifier(f"{wrong} of anything: expected another than the nil and the max UUID.")

    @property
    def canonical(self) -> str:
        """The unique form, `uuid:` and the value."""
        return f"{SCHEME}:{self.value}"

    @property
    def granularity(self) -> None:
        """It does not say."""
        return

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """None."""
        return ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """None."""
        return ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The whole: what its bits say of how it was made is nobody's concern (RFC 9562, 6.12)."""
        return (Part("UUID", self.value),)

    def as_urn(self) -> str:
        """The URN.

        References:
            RFC 9562, 4
        """
        return f"urn:uuid:{self.value}"


def parse(text: str) -> Uuid:
    """The UUID that the text is.

    Args:
        text: 36 characters. Upper case is accepted and lowered.

    Raises:
        InvalidIdentifier: anything else.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        RFC 9562, 4

    Examples:
        >>> parse("62D3E027-04E6-4952-89DA-ED4E1C60414F").value
        '62d3e027-04e6-4952-89da-ed4e1c60414f'
    """
    return Uuid(text.lower() if require_text(text).isascii() else text)


def read(text: str, symbology_identifier: str | None = None) -> tuple[Uuid, ...]:
    """The UUID that a scanned text holds, if it says so.

    Args:
        text: `urn:uuid:` or `uuid:` in any case, and the UUID, with white space around it. A bare UUID is none: what it
            names, and in which system, is told by nothing.
        symbology_identifier: one that promises GS1 data rules it out.

    Raises:
        InvalidIdentifier: it is of that form and broken.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        RFC 8141, 3.1: `urn` and `uuid` in any case

    Examples:
        >>> [found.canonical for found in read("URN:UUID:62d3e027-04e6-4952-89da-ed4e1c60414f")]
        ['uuid:62d3e027-04e6-4952-89da-ed4e1c60414f']
        >>> read("62d3e027-04e6-4952-89da-ed4e1c60414f")
        ()
    """
    found = _WRITTEN.fullmatch(require_text(text).strip(BLANKS))
    if found is None or symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS:
        return ()
    return (parse(found[1]),)
