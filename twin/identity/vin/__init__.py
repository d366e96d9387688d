"""Vehicle identification numbers, of seventeen characters.

The form is the same everywhere; what the places mean is not. North America fixes the check digit (position 9) and the
model year (position 10). Elsewhere a maker may put what it likes there, and many European makers do: so a wrong check
digit is a finding, made fatal by `CheckDigitPolicy.NORTH_AMERICA` alone, and model years are candidates, never facts.

References:
    49 CFR 565.15 (form, check digit, model year), 565.25 (before 2010); ISO 3779 and ISO 3780 (form and world
    manufacturer identifiers; their texts were not at hand)
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import BLANKS, GS1_SYMBOLOGY_IDENTIFIERS, require_text
from twin.identity.vin._allotment import Region, country_of
from twin.identity.vin._corrections import ALPHANUMERIC, corrections, folded, transpositions
from twin.identity.vin._number import LENGTH, SCHEME, VIN

__all__ = [
    "SCHEME",
    "TITLE",
    "VIN",
    "CheckDigitPolicy",
    "Region",
    "corrections",
    "parse",
    "policy_for",
    "read",
    "transpositions",
]

TITLE = "Vehicle identification number"

_LONGEST_SCAN: Final = 4 * LENGTH
_LETTERS: Final = frozenset("ABCDEFGHJKLMNPRSTUVWXYZ")
_DIGITS: Final = frozenset("0123456789")


class CheckDigitPolicy(Enum):
    """What a wrong check digit means."""

    REPORT = "report"
    """A finding: right wherever no law asks for the check digit, and for whatever was scanned."""

    NORTH_AMERICA = "north america"
    """An error: 49 CFR 565.15(c) asks for it on every vehicle for the United States, and Canada does likewise."""


def policy_for(text: str) -> CheckDigitPolicy:
    """The policy for a VIN that is to be issued: North American makers are held to the check digit, others are not.

    A vehicle built elsewhere for the United States is under the duty too, but its VIN does not tell: a caller who knows
    the market asks for NORTH_AMERICA.

    Args:
        text: a VIN in any form that `parse` accepts.

    Raises:
        InvalidIdentifier: not a VIN.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        49 CFR 565.15(c)

    Examples:
        >>> policy_for("1M8GDM9AXKP042788"), policy_for("WVWZZZ1JZXW000001")
        (<CheckDigitPolicy.NORTH_AMERICA: 'north america'>, <CheckDigitPolicy.REPORT: 'report'>)
    """
    return CheckDigitPolicy.NORTH_AMERICA if parse(text).north_american else CheckDigitPolicy.REPORT


def parse(text: str, policy: CheckDigitPolicy = CheckDigitPolicy.REPORT) -> VIN:
    """The VIN that the text is.

    Args:
        text: exactly 17 characters of A-Z and 0-9 without I, O and Q. Lower case is accepted and raised; white space,
            hyphens and look-alikes are not forgiven.
        policy: what a wrong check digit means.

    Raises:
        InvalidIdentifier: not a VIN, or under NORTH_AMERICA a wrong check digit.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        49 CFR 565.13, 565.15

    Examples:
        >>> parse("1m8gdm9axkp042788").value
        '1M8GDM9AXKP042788'
        >>> parse("1M8GDM9A1KP042788", CheckDigitPolicy.NORTH_AMERICA)
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '1M8GDM9A1KP042788' is not a North American VIN: expected the check digit X at \
position 9, found '1'.
    """
    require_text(text)
    # Only ASCII is raised: elsewhere upper case makes letters of what is none, such as S of a long s.
    vin = VIN(text.upper() if text.isascii() else text)
    if policy is CheckDigitPolicy.NORTH_AMERICA and not vin.check_digit_ok:
        raise InvalidIdentifier(
            f"{shown(vin.value)} is not a North American VIN: expected the check digit {vin.check_digit_expected} "
            f"at position 9, found {shown(vin.check_digit)}."
        )
    return vin


def read(text: str, symbology_identifier: str | None = None) -> tuple[VIN, ...]:
    """The VIN that a scanned or typed text holds, if any.

    Args:
        text: a VIN in either case; white space and Code 39's printed `*` around it, spaces and hyphens in it, and the
            data identifier `I` before it are forgiven. I, O and Q are not read as 1 and 0: that would be a guess.
        symbology_identifier: one that promises GS1 data rules a VIN out.

    Raises:
        InvalidIdentifier: I, O or Q stands in what is otherwise a VIN; the message says which VIN may be meant.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ANSI MH10.8.2, data identifier I

    Examples:
        >>> [found.canonical for found in read("*I1M8GDM9AXKP042788*")]
        ['vin:1M8GDM9AXKP042788']
        >>> [found.canonical for found in read("1m8 gdm9ax-kp042788")]
        ['vin:1M8GDM9AXKP042788']
        >>> read("1M8GDM9AXKPO42788")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '1M8GDM9AXKPO42788' is not a VIN: expected A-Z without I, O, Q, or 0-9, at \
position 12, found 'O'. Perhaps 1M8GDM9AXKP042788 is meant.
    """
    bare = require_text(text).strip(BLANKS + "*")
    if not LENGTH <= len(bare) <= _LONGEST_SCAN or not bare.isascii():
        return ()
    compact = bare.replace(" ", "").replace("-", "").upper()
    if len(compact) == 1 + LENGTH and compact[0] == "I":
        compact = compact[1:]
    if not ALPHANUMERIC.fullmatch(compact) or symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS:
        return ()
    plain = folded(compact)
    if compact != plain and not _looks_like_a_vin(compact):
        return ()
    try:
        return (VIN(compact),)
    except InvalidIdentifier as error:
        raise InvalidIdentifier(f"{error.message} Perhaps {plain} is meant.") from None


def _looks_like_a_vin(value: str) -> bool:
    """Whether 17 characters with I, O or Q among them can hardly be anything but a VIN with a misread character.

    Words have no digits; most numbers have no letters, no allotted country, no four digits at the end, or not the check
    digit that North American VINs have.
    """
    plain = folded(value)
    return (
        sum(character in _DIGITS for character in value) >= 4
        and sum(character in _LETTERS for character in value) >= 3
        and _DIGITS.issuperset(plain[-4:])
        and country_of(plain[:2]) is not None
        and plain in corrections(value)
    )
