"""Licence plates of transport units: the number on a pallet, a crate or a parcel that tells it from all others.

A licence plate is the code of an issuing agency, what that agency calls the company, and the company's number of the
unit. One that begins with a digit is GS1's, and so a serial shipping container code: it stays one.

References:
    ISO/IEC 15459-1 (its text was not at hand: structure as EDIFICE, an issuing agency, tells it; length and characters
    as ANSI MH10.8.2 is quoted, J and 1J to 6J)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import (
    BLANKS,
    GS1_SYMBOLOGY_IDENTIFIERS,
    Finding,
    Granularity,
    Identifier,
    Part,
    require_text,
)
from twin.identity.gs1 import GS1

__all__ = ["DATA_IDENTIFIERS", "SCHEME", "TITLE", "LicencePlate", "of_transport_unit", "parse", "read"]

SCHEME = "lpn"
TITLE = "Licence plate of a transport unit"

MAX_LENGTH: Final = 35

DATA_IDENTIFIERS: Final = ("J", "1J", "2J", "3J", "4J", "5J", "6J")
"""The data identifiers that mark a licence plate; they tell what kind of unit it is on, and are no part of it."""

_ILLEGAL: Final = re.compile(r"[^0-9A-Z]")
# Alone, an element is told from other text by an agency that we know.
_ELEMENT: Final = re.compile(
    rf"[{BLANKS}*]*[1-6]J((?:UN[0-9]{{9}}|L[BDEH]|D[0-9A-HJ-NP-Z]{{5}})[0-9A-Z]{{4,}})[{BLANKS}*]*"
)


@dataclass(frozen=True, slots=True)
class LicencePlate:
    """A licence plate of any agency but GS1.

    Args:
        value: at most 35 characters of A-Z and 0-9, the first of which is a letter.
        findings: remarks of who read it; they have no part in equality.

    Raises:
        InvalidIdentifier: anything else.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ISO/IEC 15459-1

    Examples:
        >>> LicencePlate("UN043325711MH8031200000000001").canonical
        'lpn:UN043325711MH8031200000000001'
        >>> LicencePlate("UN04332571-1")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: 'UN04332571-1' is not a licence plate: expected A-Z or 0-9, found '-' at \
position 11.
    """

    value: str
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        wrong = f"{shown(require_text(self.value))} is not a licence plate"
        if illegal := _ILLEGAL.search(self.value):
            raise InvalidIdentifier(
                f"{wrong}: expected A-Z or 0-9, found {shown(illegal[0])} at position {illegal.start() + 1}."
            )
        if not 2 <= len(self.value) <= MAX_LENGTH:
            raise InvalidIdentifier(f"{wrong}: expected 2 to {MAX_LENGTH} characters, found {len(self.value)}.")
        if self.value[0].isdigit():
            raise InvalidIdentifier(
                f"{wrong}: expected a letter at position 1, found {shown(self.value[0])}, which is GS1's: "
                "a serial shipping container code."
            )

    @property
    def canonical(self) -> str:
        """The unique form, `lpn:` and the value."""
        return f"{SCHEME}:{self.value}"

    @property
    def granularity(self) -> Granularity:
        """One transport unit."""
        return Granularity.ITEM

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """None: what is in a transport unit, its number does not tell."""
        return ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The whole: where the company's identifier ends, only its agency knows."""
        return (Part("Licence plate", self.value),)


def of_transport_unit(value: str) -> LicencePlate | GS1:
    """The licence plate that the data of J or 1J to 6J is, or GS1's serial shipping container code.

    Args:
        value: the data, in upper case.

    Raises:
        InvalidIdentifier: neither.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ISO/IEC 15459-1; ANSI MH10.8.2, J and 1J to 6J

    Examples:
        >>> of_transport_unit("106141411234567897").canonical
        'gs1:00/106141411234567897'
    """
    return GS1.of([("00", value)]) if require_text(value)[:1] in "0123456789" and value else LicencePlate(value)


def parse(text: str) -> LicencePlate:
    """The licence plate that the text is.

    Args:
        text: at most 35 characters of A-Z and 0-9, the first of which is a letter. Lower case is accepted and raised.

    Raises:
        InvalidIdentifier: anything else.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ISO/IEC 15459-1

    Examples:
        >>> parse("leXYZ1234").value
        'LEXYZ1234'
    """
    return LicencePlate(text.upper() if require_text(text).isascii() else text)


def read(text: str, symbology_identifier: str | None = None) -> tuple[LicencePlate, ...]:
    """The licence plate that a linear symbol holds: its data identifier, then itself.

    Args:
        text: 1J to 6J and a licence plate of an agency that we know (D, LB, LD, LE, LH, UN), with white space and Code
            39's printed `*` around it. That is likely, not certain, so there is the finding `LPN_DATA_IDENTIFIER`. A
            licence plate in an ISO/IEC 15434 message is read with that.
        symbology_identifier: one that promises GS1 data rules it out.

    Raises:
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ANSI MH10.8.2, 1J to 6J

    Examples:
        >>> [found.canonical for found in read("1JUN043325711MH8031200000000001")]
        ['lpn:UN043325711MH8031200000000001']
        >>> read("UN043325711MH8031200000000001")
        ()
    """
    found = _ELEMENT.fullmatch(require_text(text))
    if found is None or symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS or len(found[1]) > MAX_LENGTH:
        return ()
    why = Finding("LPN_DATA_IDENTIFIER", "Taken for a licence plate by the data identifier at its beginning alone.")
    return (replace(LicencePlate(found[1]), findings=(why,)),)
