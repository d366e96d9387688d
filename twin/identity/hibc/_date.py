"""Dates as HIBC writes them: in seven forms, of which one alone tells the century."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from twin.errors import InvalidIdentifier, InvalidInput, shown
from twin.identity._convention import require_text

__all__ = ["DateForm", "HIBCDate"]

_DIGITS: Final = re.compile(r"[0-9]*")
_LEAP_YEAR: Final = 2000


class DateForm(StrEnum):
    """How the digits of a date stand: year, month, day, J the day of the year, H the hour in UTC."""

    MMYY = "MMYY"
    MMDDYY = "MMDDYY"
    YYMMDD = "YYMMDD"
    YYMMDDHH = "YYMMDDHH"
    YYJJJ = "YYJJJ"
    YYJJJHH = "YYJJJHH"
    YYYYMMDD = "YYYYMMDD"


@dataclass(frozen=True, slots=True)
class HIBCDate:
    """A date as it stands on the label. `twin.identity._udi` makes a calendar date of it.

    Args:
        form: which digits are year, month, day and hour.
        digits: as many as the form has letters.

    Raises:
        InvalidIdentifier: other characters, or no date; the 29th of February needs a year of two digits that 4 divides.
        InvalidInput: not a form, or not a text.
        TooLarge: more than 2,000 characters.

    References:
        ANSI/HIBC 2.6, appendix E, table E1 (forms, at second hand)

    Examples:
        >>> HIBCDate(DateForm.YYJJJ, "20015").part("Y")
        '20'
        >>> HIBCDate(DateForm.MMYY, "1325")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '1325' is not a date: expected MMYY, found month 13.
    """

    form: DateForm
    digits: str

    def __post_init__(self) -> None:
        if not isinstance(self.form, DateForm):
            raise InvalidInput(f"Expected a date form, found {shown(self.form)}.")
        wrong = f"{shown(require_text(self.digits))} is not a date: expected {self.form}"
        if len(self.digits) != len(self.form) or not _DIGITS.fullmatch(self.digits):
            raise InvalidIdentifier(f"{wrong}, found {len(self.digits)} characters.")
        year, month, day, ordinal, hour = (self.part(letter) for letter in "YMDJH")
        leap = isleap(int(year)) if len(year) == 4 else int(year) % 4 == 0
        if month and not 1 <= int(month) <= 12:
            raise InvalidIdentifier(f"{wrong}, found month {month}.")
        last = monthrange(_LEAP_YEAR if leap else _LEAP_YEAR + 1, int(month))[1] if month else 0
        if day and not 1 <= int(day) <= last:
            raise InvalidIdentifier(f"{wrong}, found day {day}.")
        if ordinal and not 1 <= int(ordinal) <= 365 + leap:
            raise InvalidIdentifier(f"{wrong}, found day {ordinal} of the year.")
        if hour and int(hour) > 23:
            raise InvalidIdentifier(f"{wrong}, found hour {hour}.")

    def part(self, letter: str) -> str:
        """The digits that stand for a letter of the form, such as Y for the year; empty when the form has none."""
        return "".join(digit for digit, place in zip(self.digits, self.form, strict=True) if place == letter)
