"""Vehicle identification numbers, of seventeen characters.

The form is the same everywhere; what the places mean is not. North America fixes the check digit (position 9) and the
model year (position 10). Elsewhere a maker may put what it likes there, and many European makers do: so a wrong check
digit is a finding, made fatal by `CheckDigitPolicy.NORTH_AMERICA` alone, and model years are candidates, never facts.

References:
    49 CFR 565.15 (form, check digit, model year), 565.25 (before 2010); ISO 3779 and ISO 3780 (form and world
    manufacturer identifiers; their texts were not at hand)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
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

__all__ = ["SCHEME", "TITLE", "VIN", "CheckDigitPolicy", "Region", "parse", "policy_for", "read"]

SCHEME = "vin"
TITLE = "Vehicle identification number"

LENGTH: Final = 17

# 565.15(c): every character counts as a digit, each position has a weight, and the sum modulo 11 is the check digit.
_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
_VALUES: Final = dict(zip(_CHARACTERS, map(int, "012345678912345678123457923456789"), strict=True))
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK_DIGITS: Final = "0123456789X"

# 565.15(d)(1), table VII: thirty codes, so a code returns after thirty years.
_YEAR_CODES: Final = "ABCDEFGHJKLMNPRSTVWXY123456789"
_CYCLES: Final = (1980, 2010)


class Region(Enum):
    """The part of the world that a manufacturer identifier is allotted to; not where the vehicle was sold."""

    AFRICA = "Africa"
    ASIA = "Asia"
    EUROPE = "Europe"
    NORTH_AMERICA = "North America"
    OCEANIA = "Oceania"
    SOUTH_AMERICA = "South America"


_REGIONS: Final = {
    character: region
    for characters, region in (
        ("ABCDEFG", Region.AFRICA),
        ("HJKLMNPR", Region.ASIA),  # H was Africa's, and is China's now
        ("STUVWXYZ", Region.EUROPE),
        ("12345", Region.NORTH_AMERICA),
        ("67", Region.OCEANIA),
        ("890", Region.SOUTH_AMERICA),
    )
    for character in characters
}


class CheckDigitPolicy(Enum):
    """What a wrong check digit means."""

    REPORT = "report"
    """A finding: right wherever no law asks for the check digit, and for whatever was scanned."""

    NORTH_AMERICA = "north america"
    """An error: 49 CFR 565.15(c) asks for it on every vehicle for the United States, and Canada does likewise."""


@dataclass(frozen=True, slots=True)
class VIN:
    """A vehicle identification number.

    Args:
        value: exactly 17 characters of A-Z and 0-9 without I, O and Q, in upper case.

    Raises:
        InvalidIdentifier: the value is anything else.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        49 CFR 565.13, 565.15(a) to (d); ISO 3779

    Examples:
        >>> vin = VIN("1M8GDM9AXKP042788")
        >>> vin.wmi, vin.vds, vin.vis, vin.check_digit, vin.serial
        ('1M8', 'GDM9AX', 'KP042788', 'X', '042788')
        >>> VIN("1M8GDM9AXKPO42788")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '1M8GDM9AXKPO42788' is not a VIN: expected A-Z without I, O, Q, or 0-9, at \
position 12, found 'O'.
    """

    value: str

    def __post_init__(self) -> None:
        found = len(require_text(self.value))
        if found != LENGTH:
            raise InvalidIdentifier(f"{shown(self.value)} is not a VIN: expected {LENGTH} characters, found {found}.")
        for position, character in enumerate(self.value, 1):
            if character not in _VALUES:
                raise InvalidIdentifier(
                    f"{shown(self.value)} is not a VIN: expected A-Z without I, O, Q, or 0-9, "
                    f"at position {position}, found {shown(character)}."
                )

    @property
    def canonical(self) -> str:
        """The unique form, `vin:` and the value."""
        return f"{SCHEME}:{self.value}"

    @property
    def granularity(self) -> Granularity:
        """One vehicle."""
        return Granularity.ITEM

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """None: a VIN names no model that is registered by itself."""
        return ()

    @property
    def wmi(self) -> str:
        """World manufacturer identifier: positions 1 to 3."""
        return self.value[:3]

    @property
    def vds(self) -> str:
        """Vehicle descriptor section: positions 4 to 9, the last of which is the check digit."""
        return self.value[3:9]

    @property
    def vis(self) -> str:
        """Vehicle identifier section: positions 10 to 17."""
        return self.value[9:]

    @property
    def check_digit(self) -> str:
        """The character in position 9, whether it is a check digit or not."""
        return self.value[8]

    @property
    def model_year_code(self) -> str:
        """The character in position 10, whether it is a year code or not."""
        return self.value[9]

    @property
    def plant_code(self) -> str:
        """The maker's letter for the plant: position 11."""
        return self.value[10]

    @property
    def maker_suffix(self) -> str:
        """Positions 12 to 14 of a maker of few vehicles (a 9 in position 3), which complete its identifier; else empty.

        References:
            49 CFR 565.15(a)
        """
        return self.value[11:14] if self.value[2] == "9" else ""

    @property
    def manufacturer(self) -> str:
        """The manufacturer's identifier: three characters, or six for a maker of few vehicles.

        Examples:
            >>> VIN("1A9BC1234KR357001").manufacturer
            '1A9357'
        """
        return self.wmi + self.maker_suffix

    @property
    def serial(self) -> str:
        """The maker's serial number: positions 12 to 17, or 15 to 17 for a maker of few vehicles."""
        return self.value[11 + len(self.maker_suffix) :]

    @property
    def parts(self) -> tuple[Part, ...]:
        """The sections from left to right; joined, they are the value."""
        sections = (
            ("World manufacturer identifier", self.wmi),
            ("Vehicle attributes", self.value[3:8]),
            ("Check digit", self.check_digit),
            ("Model year code", self.model_year_code),
            ("Plant code", self.plant_code),
            ("Manufacturer identifier, second half", self.maker_suffix),
            ("Serial number", self.serial),
        )
        return tuple(Part(name, value) for name, value in sections if value)

    @property
    def region(self) -> Region:
        """Where the manufacturer identifier is allotted: by the first character, and for 7 by the second.

        The United States outgrew 1, 4 and 5: 7A to 7E are New Zealand's, and 7F to 7Z and 70 to 79 theirs.

        References:
            ISO 3780 (its table was not at hand: H and the split of 7 are general knowledge, not verified)

        Examples:
            >>> VIN("WVWZZZ1JZXW000001").region
            <Region.EUROPE: 'Europe'>
        """
        if self.value[0] == "7" and self.value[1] not in "ABCDE":
            return Region.NORTH_AMERICA
        return _REGIONS[self.value[0]]

    @property
    def north_american(self) -> bool:
        """Whether the manufacturer identifier is North American, so that the check digit is a duty."""
        return self.region is Region.NORTH_AMERICA

    @property
    def check_digit_expected(self) -> str:
        """What the North American rule puts in position 9: a digit or X.

        References:
            49 CFR 565.15(c)

        Examples:
            >>> VIN("1G4AH59H05G118341").check_digit_expected
            '4'
        """
        total = sum(weight * _VALUES[character] for weight, character in zip(_WEIGHTS, self.value, strict=True))
        return _CHECK_DIGITS[total % 11]

    @property
    def check_digit_ok(self) -> bool:
        """Whether position 9 holds what the North American rule puts there."""
        return self.check_digit == self.check_digit_expected

    @property
    def model_years(self) -> tuple[int, ...]:
        """The years that position 10 can mean, the likelier first; empty when it holds no year code.

        Both thirty-year cycles are always given. Makers outside North America need not put the year there at all.

        References:
            49 CFR 565.15(d)(1), table VII; 565.15(b) and 565.25(c) for the order

        Examples:
            >>> VIN("1M8GDM9AXKP042788").model_years
            (1989, 2019)
            >>> VIN("19XFC1F7XGE028370").model_years
            (2016, 1986)
        """
        if self.model_year_code not in _YEAR_CODES:
            return ()
        cycles = reversed(_CYCLES) if self._newer_cycle_first else _CYCLES
        return tuple(first + _YEAR_CODES.index(self.model_year_code) for first in cycles)

    @property
    def model_years_reason(self) -> str:
        """Why the years stand in this order, and how far that can be trusted.

        Examples:
            >>> VIN("19XFC1F7XGE028370").model_years_reason
            'Position 7 is a letter, F: on a light North American vehicle that means 2010 to 2039; on others, nothing.'
        """
        if not self.model_years:
            return f"Position 10 is no year code: {self.model_year_code}."
        kind, span = ("letter", "2010 to 2039") if self._newer_cycle_first else ("digit", "1980 to 2009")
        return (
            f"Position 7 is a {kind}, {self.value[6]}: "
            f"on a light North American vehicle that means {span}; on others, nothing."
        )

    @property
    def _newer_cycle_first(self) -> bool:
        # A car or light vehicle (up to 4,536 kg) of 2010 on has a letter in position 7, an older one a digit.
        return self.value[6].isalpha()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Remarks: `VIN_CHECK_DIGIT` and `VIN_MODEL_YEAR`, both common outside North America.

        Examples:
            >>> [finding.message for finding in VIN("11111111011111111").findings]
            ['Check digit in position 9: expected 1, found 0.']
        """
        found = []
        if not self.check_digit_ok:
            found.append(
                Finding(
                    "VIN_CHECK_DIGIT",
                    f"Check digit in position 9: expected {self.check_digit_expected}, found {self.check_digit}.",
                )
            )
        if not self.model_years:
            found.append(
                Finding(
                    "VIN_MODEL_YEAR",
                    f"Model year in position 10: expected one of {_YEAR_CODES}, found {self.model_year_code}.",
                )
            )
        return tuple(found)


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
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ANSI MH10.8.2, data identifier I

    Examples:
        >>> [found.canonical for found in read("*I1M8GDM9AXKP042788*")]
        ['vin:1M8GDM9AXKP042788']
        >>> [found.canonical for found in read("1m8 gdm9ax-kp042788")]
        ['vin:1M8GDM9AXKP042788']
    """
    compact = require_text(text).strip(BLANKS + "*").replace(" ", "").replace("-", "")
    if symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS:
        return ()
    if len(compact) == 1 + LENGTH and compact[0] in "Ii":
        compact = compact[1:]
    try:
        return (parse(compact),)
    except InvalidIdentifier:
        return ()
