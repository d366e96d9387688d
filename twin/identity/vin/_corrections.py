"""What may have been meant by seventeen characters that are no VIN, or one whose check digit is wrong."""

from __future__ import annotations

import re
from typing import Final

from twin.identity._convention import require_text
from twin.identity.vin._allotment import Region, region_of
from twin.identity.vin._check_digit import CHARACTERS, CHECK_DIGITS, CHECK_PLACE, VALUES, WEIGHTS, check_digit_of

__all__ = ["ALPHANUMERIC", "corrections", "folded", "transpositions"]

ALPHANUMERIC: Final = re.compile(r"[0-9A-Z]{17}")

# I, O and Q stand in no VIN, because they look like these.
_FOLDED: Final = str.maketrans("IOQ", "100")
_LOOK_ALIKE: Final = frozenset(
    {"I1", "O0", "Q0", "S5", "5S", "B8", "8B", "Z2", "2Z", "G6", "6G", "D0", "0D", "UV", "VU"}
)
_NO_YEAR: Final = "UZ0"
_YEAR_PLACE: Final = 9
_NUMERIC_FROM: Final = 13  # vehicles are counted in digits, from position 14 on at the latest

_OF_VALUE: Final = tuple("".join(one for one in CHARACTERS if VALUES[one] == value) for value in range(11))
_INVERSE: Final = tuple(pow(weight, -1, 11) if weight else 0 for weight in WEIGHTS)


def folded(value: str) -> str:
    """The characters with I read as 1, and O and Q as 0."""
    return value.translate(_FOLDED)


def corrections(text: str) -> tuple[str, ...]:
    """The VINs that the text becomes when one character is read otherwise, the likeliest first; none when it is right.

    Each agrees with the check digit, unless the maker is not held to it. Look-alikes (S and 5, B and 8, Z and 2, G and
    6, D and 0, U and V) stand first, then the check digit itself, then a digit for a digit and a letter for a letter; a
    letter in the last four positions stands last.
    I, O and Q count as one mistake, however many there are: no VIN has them, so they are read as 1 and 0.

    Args:
        text: 17 letters and digits, in either case. For anything else there is no correction.

    Returns:
        At most 65 VINs. They are hints for a person with the vehicle in sight: which is right, the text cannot tell.

    Raises:
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        49 CFR 565.13 (characters), 565.15(c) (check digit), 565.15(d) (year codes and serial numbers)

    Examples:
        >>> corrections("1M8GDM9AXKPO42788")
        ('1M8GDM9AXKP042788',)
        >>> corrections("1M8GDM9AXKP04278B")[0]
        '1M8GDM9AXKP042788'
    """
    value = _raised(text)
    if value is None:
        return ()
    plain = folded(value)
    mistaken = [place for place in range(len(value)) if value[place] != plain[place]]
    if not mistaken and check_digit_of(plain) == plain[CHECK_PLACE]:
        return ()
    first = []
    if mistaken and (check_digit_of(plain) == plain[CHECK_PLACE] or region_of(plain[:2]) is not Region.NORTH_AMERICA):
        first = [plain]
    if len(mistaken) > 1:
        return tuple(first)
    total = sum(weight * VALUES[character] for weight, character in zip(WEIGHTS, plain, strict=True))
    found = [
        (_unlikelihood(value[place], character, place), place, character)
        for place in mistaken or range(len(value))
        for character in _agreeing(plain, place, total)
        if character != plain[place]
    ]
    return (*first, *(plain[:place] + character + plain[place + 1 :] for _, place, character in sorted(found)))


def transpositions(text: str) -> tuple[str, ...]:
    """The VINs that the text becomes when two neighbours change places, from left to right; none when it is right.

    Args:
        text: 17 characters that a VIN may have, in either case. For anything else there is none.

    Returns:
        At most 16 VINs, each of which agrees with the check digit.

    Raises:
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        49 CFR 565.15(c)

    Examples:
        >>> transpositions("1M8GDM9AXKP402788")
        ('1M8GDM9AXKP042788',)
    """
    value = _raised(text)
    if value is None or value != folded(value) or check_digit_of(value) == value[CHECK_PLACE]:
        return ()
    swapped = (value[:place] + value[place + 1] + value[place] + value[place + 2 :] for place in range(len(value) - 1))
    return tuple(other for other in swapped if check_digit_of(other) == other[CHECK_PLACE])


def _raised(text: str) -> str | None:
    require_text(text)
    value = text.upper() if text.isascii() else text
    return value if ALPHANUMERIC.fullmatch(value) else None


def _agreeing(value: str, place: int, total: int) -> str:
    """The characters that make the check digit right when they stand in this place."""
    if place == CHECK_PLACE:
        return CHECK_DIGITS[total % 11]
    check = CHECK_DIGITS.find(value[CHECK_PLACE])
    if check < 0:
        return ""
    others = total - WEIGHTS[place] * VALUES[value[place]]
    agreeing = _OF_VALUE[(check - others) * _INVERSE[place] % 11]
    return agreeing.translate({ord(code): None for code in _NO_YEAR}) if place == _YEAR_PLACE else agreeing


def _unlikelihood(found: str, expected: str, place: int) -> int:
    if place >= _NUMERIC_FROM and not expected.isdigit():
        return 4
    if found + expected in _LOOK_ALIKE:
        return 0
    if place == CHECK_PLACE:
        return 1
    return 2 if found.isdigit() == expected.isdigit() else 3
