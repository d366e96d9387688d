"""The seventeen characters of a vehicle, and what their places mean.

References:
    49 CFR 565.15, 565.25; ISO 3779 and ISO 3780 (their texts were not at hand)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import Finding, Granularity, Identifier, Part, require_text
from twin.identity.vin._allotment import Region, country_of, region_of
from twin.identity.vin._check_digit import CHECK_PLACE, VALUES, check_digit_of
from twin.identity.vin._corrections import corrections, transpositions

__all__ = ["LENGTH", "SCHEME", "VIN"]

SCHEME = "vin"

LENGTH: Final = 17

# 565.15(d)(1), table VII: thirty codes, so a code returns after thirty years.
_YEAR_CODES: Final = "ABCDEFGHJKLMNPRSTVWXY123456789"
_CYCLES: Final = (1980, 2010)

_MOST_HINTS: Final = 3


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
            if character not in VALUES:
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
        return self.value[CHECK_PLACE]

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

        The United States outgrew 1, 4 and 5: 7A to 7E are New Zealand's, and 7F to 7Z and 70 to 79 theirs. (A chart of
        2021 is said to give them all of 7; New Zealand has numbered imported cars under 7A for long.)

        References:
            ISO 3780 (its table was not at hand: E, H and the split of 7 are not verified)

        Examples:
            >>> VIN("WVWZZZ1JZXW000001").region
            <Region.EUROPE: 'Europe'>
        """
        return region_of(self.value[:2])

    @property
    def country(self) -> str | None:
        """The country that the manufacturer identifier is allotted to; None where the first two characters are free.

        It is the maker's, not the plant's nor the market's: a Tesla built in Germany may begin with 5 or 7.

        References:
            ISO 3780 (not verified: its chart at second hand)

        Examples:
            >>> VIN("WVWZZZ1JZXW000001").country, VIN("1M8GDM9AXKP042788").country
            ('Germany', 'United States')
        """
        return country_of(self.value[:2])

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
        return check_digit_of(self.value)

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

        A North American VIN needs its check digit, so the remark on it says which VINs may be meant.

        Examples:
            >>> [finding.message for finding in VIN("WVWZZZ1JZXW000001").findings]
            ['Check digit in position 9: expected 0, found Z.']
            >>> [finding.message for finding in VIN("1M8GDM9AXKP04278B").findings]
            ['Check digit in position 9: expected 9, found X. Perhaps 1M8GDM9AXKP042788, 1M8GDM9A9KP04278B or \
1M8GDM9AXKP04287B is meant.']
        """
        found = []
        if not self.check_digit_ok:
            wrong = f"Check digit in position 9: expected {self.check_digit_expected}, found {self.check_digit}."
            found.append(Finding("VIN_CHECK_DIGIT", f"{wrong}{self._hint}" if self.north_american else wrong))
        if not self.model_years:
            found.append(
                Finding(
                    "VIN_MODEL_YEAR",
                    f"Model year in position 10: expected one of {_YEAR_CODES}, found {self.model_year_code}.",
                )
            )
        return tuple(found)

    @property
    def _hint(self) -> str:
        swapped = transpositions(self.value)[:1]
        *most, last = *corrections(self.value)[: _MOST_HINTS - len(swapped)], *swapped
        return f" Perhaps {' or '.join([', '.join(most), last] if most else [last])} is meant."
