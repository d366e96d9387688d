"""The North American check digit in position 9: each character is worth a digit, each position has a weight.

References:
    49 CFR 565.15(c)
"""

from __future__ import annotations

from typing import Final

__all__ = ["CHARACTERS", "CHECK_DIGITS", "CHECK_PLACE", "VALUES", "WEIGHTS", "check_digit_of"]

CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
VALUES: Final = dict(zip(CHARACTERS, map(int, "012345678912345678123457923456789"), strict=True))
WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
CHECK_DIGITS: Final = "0123456789X"
CHECK_PLACE: Final = 8
"""Position 9, counted from 0."""


def check_digit_of(value: str) -> str:
    """What the rule puts in position 9 of 17 characters that a VIN may have.

    Examples:
        >>> check_digit_of("1G4AH59H05G118341")
        '4'
    """
    total = sum(weight * VALUES[character] for weight, character in zip(WEIGHTS, value, strict=True))
    return CHECK_DIGITS[total % 11]
