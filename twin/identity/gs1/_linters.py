"""The checks of content that GS1's syntax dictionary names: one function each, by its name there.

A linter looks at one component of a value whose characters and length are right already. It answers None, or what it
expected and which characters of the component are not that. Written from the rules that GS1 documents with its own
linters; the code is ours. A company prefix is looked at as they do without a table of prefixes: four digits.

References:
    GS1 Barcode Syntax Dictionary, syntax tests; GS1 General Specifications, 7.9 (check digits and characters)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources
from typing import Final, TypeAlias

Doubt: TypeAlias = tuple[str, int, int]
"""What was expected, and the characters of the component that are not that: from the first to before the last."""

Linter: TypeAlias = Callable[[str], Doubt | None]

CSET_82: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CSET_39: Final = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CSET_32: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

_CSET_82_VALUES: Final = {character: value for value, character in enumerate(CSET_82)}
# 29 of them; no value that ends in check characters is longer than 25.
_PRIMES: Final = tuple(n for n in range(2, 110) if all(n % divisor for divisor in range(2, n)))
_CHECK_PAIR_MODULUS: Final = 1021


def _codes() -> dict[str, frozenset[str]]:
    text = resources.files(__package__).joinpath("codes.txt").read_text(encoding="ascii")
    lists: dict[str, frozenset[str]] = {}
    for section in text.split("[")[1:]:
        name, _, listed = section.partition("]")
        lists[name] = frozenset(" ".join(line for line in listed.splitlines() if not line.startswith("#")).split())
    return lists


_CODES: Final = _codes()

COUNTRIES: Final = _CODES["iso3166alpha2"]
"""The countries and territories of ISO 3166-1, by their two letters."""

# Kosovo has no code of ISO 3166-1; its accounts have this one, which ISO leaves to users.
_IBAN_COUNTRIES: Final = COUNTRIES | {"XK"}
_IBAN_LONGER_THAN: Final = 10


def check_digit_of(digits: str) -> str:
    """The check digit that follows the digits: weights 3 and 1 in turn from the right, modulo 10.

    Args:
        digits: ASCII digits, without the check digit.

    References:
        GS1 General Specifications, 7.9.1

    Examples:
        >>> check_digit_of("0950600013435")
        '2'
    """
    values = digits.encode("ascii")[::-1]
    total = 3 * sum(values[::2]) + sum(values[1::2]) - 48 * (3 * ((len(values) + 1) // 2) + len(values) // 2)
    return str(-total % 10)


def check_pair_of(text: str) -> str:
    """The pair of check characters that follows the text of a Global Model Number.

    Args:
        text: characters of GS1's character set 82, without the pair.

    References:
        GS1 General Specifications, 7.9.5: primes from the right times the places in character set 82, modulo 1021

    Examples:
        >>> check_pair_of("1987654Ad4X4bL5ttr2310c")
        '2K'
    """
    weighted = zip(reversed(text), _PRIMES[: len(text)], strict=True)
    total = sum(_CSET_82_VALUES[character] * prime for character, prime in weighted) % _CHECK_PAIR_MODULUS
    return CSET_32[total >> 5] + CSET_32[total & 31]


def csum(value: str) -> Doubt | None:
    """The last digit is the check digit of those before it."""
    expected = check_digit_of(value[:-1])
    return None if value[-1] == expected else (f"the check digit {expected}", len(value) - 1, len(value))


def csumalpha(value: str) -> Doubt | None:
    """The last two characters are the check characters of those before them."""
    if len(value) < 2:
        return ("two check characters at the end", 0, len(value))
    expected = check_pair_of(value[:-2])
    return None if value[-2:] == expected else (f"the check characters {expected}", len(value) - 2, len(value))


def gcppos1(value: str) -> Doubt | None:
    """It begins with a company prefix: four digits at least."""
    return None if _PREFIX.match(value) else ("the four digits or more of a company prefix", 0, 4)


_PREFIX: Final = re.compile("[0-9]{4}")


def cset64(value: str) -> Doubt | None:
    """It is base64 for URIs; any padding makes its length a multiple of three.

    That is what GS1's own linter asks for, though RFC 4648, 4 makes it four.
    """
    found = _BASE64.fullmatch(value)
    good = found and (not found[1] or len(value) % 3 == 0)
    return None if good else ("base64 for URIs, with its padding", 0, len(value))


_BASE64: Final = re.compile("[0-9A-Za-z_-]+(={0,2})")


def hasnondigit(value: str) -> Doubt | None:
    """Not all of it are digits."""
    return None if re.search("[^0-9]", value) else ("a character that is no digit", 0, len(value))


def nonzero(value: str) -> Doubt | None:
    """It is a number above zero."""
    return None if value.strip("0") else ("a number above zero", 0, len(value))


def zero(value: str) -> Doubt | None:
    """It is zero."""
    return ("0", 0, len(value)) if value.strip("0") else None


def nozeroprefix(value: str) -> Doubt | None:
    """It does not begin with a zero."""
    return ("no zero in front", 0, 1) if value[0] == "0" else None


def hyphen(value: str) -> Doubt | None:
    """It is a minus sign."""
    return ("a hyphen", 0, len(value)) if value.strip("-") else None


_DAYS: Final = {month: 30 if month in (4, 6, 9, 11) else 29 if month == 2 else 31 for month in range(1, 13)}
_MONTHS_AND_DAYS: Final = frozenset(f"{month:02}{day:02}" for month in _DAYS for day in range(1, _DAYS[month] + 1))
_MONTHS_WITHOUT_DAY: Final = _MONTHS_AND_DAYS | {f"{month:02}00" for month in _DAYS}


def yymmdd(value: str) -> Doubt | None:
    """It is a day; 29 February in every fourth year, for which century is meant depends on when it is read."""
    day = value[2:]
    if day in _MONTHS_AND_DAYS and (day != "0229" or int(value[:2]) % 4 == 0):
        return None
    return ("a date YYMMDD", 0, 6)


def yymmd0(value: str) -> Doubt | None:
    """It is a day, or a month whose day is written 00."""
    day = value[2:]
    if day in _MONTHS_WITHOUT_DAY and (day != "0229" or int(value[:2]) % 4 == 0):
        return None
    return ("a date YYMMDD, or YYMM00", 0, 6)


def yyyymmdd(value: str) -> Doubt | None:
    """It is a day of the Gregorian calendar."""
    year, day = int(value[:4]), value[4:]
    if day in _MONTHS_AND_DAYS and (day != "0229" or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))):
        return None
    return ("a date YYYYMMDD", 0, 8)


def hh(value: str) -> Doubt | None:
    """It is an hour."""
    return None if value <= "23" else ("an hour from 00 to 23", 0, 2)


def mi(value: str) -> Doubt | None:
    """It is a minute."""
    return None if value <= "59" else ("a minute from 00 to 59", 0, 2)


def ss(value: str) -> Doubt | None:
    """It is a second."""
    return None if value <= "59" else ("a second from 00 to 59", 0, 2)


def hhmi(value: str) -> Doubt | None:
    """It is an hour and a minute."""
    return None if value[:2] <= "23" and value[2:] <= "59" else ("a time HHMM from 0000 to 2359", 0, 4)


def latitude(value: str) -> Doubt | None:
    """It is a latitude: ten-millionths of a degree from the South Pole."""
    return None if value <= "1800000000" else ("a latitude from 0000000000 to 1800000000", 0, 10)


def longitude(value: str) -> Doubt | None:
    """It is a longitude: ten-millionths of a degree, to the east."""
    return None if value <= "3600000000" else ("a longitude from 0000000000 to 3600000000", 0, 10)


def pieceoftotal(value: str) -> Doubt | None:
    """It is the number of a piece and the total of pieces."""
    piece, total = value[: len(value) // 2], value[len(value) // 2 :]
    good = piece.strip("0") and piece <= total
    return None if good else ("a piece from 01 up to the total that follows it", 0, len(value))


def posinseqslash(value: str) -> Doubt | None:
    """It is a place in an order, a slash, and the length of the order."""
    found = _PLACE.fullmatch(value)
    good = found and int(found[1]) <= int(found[2])
    return None if good else ("a place and the number of places, such as 1/3", 0, len(value))


_PLACE: Final = re.compile("([1-9][0-9]*)/([1-9][0-9]*)")


def pcenc(value: str) -> Doubt | None:
    """Every percent sign begins the code of a byte."""
    found = _BAD_PERCENT.search(value)
    return found and ("two hexadecimal digits after %", found.start(), min(found.start() + 3, len(value)))


_BAD_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")


def iban(value: str) -> Doubt | None:
    """It is a bank account number whose check digits agree.

    References:
        ISO 13616-1; ISO 7064, MOD 97-10
    """
    if value[:2] not in _IBAN_COUNTRIES or len(value) <= _IBAN_LONGER_THAN or not _IBAN.fullmatch(value):
        return ("a country code and more than eight digits and capital letters", 0, len(value))
    number = "".join(str(int(character, 36)) for character in value[4:] + value[:4])
    return None if int(number) % 97 == 1 else ("the check digits of an IBAN", 2, 4)


_IBAN: Final = re.compile("[0-9A-Z]+")


def _one_of(what: str, allowed: frozenset[str]) -> Linter:
    def linter(value: str) -> Doubt | None:
        return None if value in allowed else (what, 0, len(value))

    return linter


LINTERS: Final[dict[str, Linter]] = {
    linter.__name__: linter
    for linter in (
        *(csum, csumalpha, gcppos1, cset64, hasnondigit, nonzero, zero, nozeroprefix, hyphen),
        *(yymmdd, yymmd0, yyyymmdd, hh, mi, ss, hhmi),
        *(latitude, longitude, pieceoftotal, posinseqslash, pcenc, iban),
    )
} | {
    "gcppos2": lambda value: gcppos1(value[1:]) and ("the four digits or more of a company prefix", 1, 5),
    "importeridx": _one_of("a letter, a digit, - or _", frozenset(CSET_82) - frozenset("!\"%&'()*+,./:;<=>?")),
    "iso3166": _one_of("a country code of ISO 3166-1, three digits", _CODES["iso3166"]),
    "iso3166999": _one_of("a country code of ISO 3166-1, three digits, or 999", _CODES["iso3166"] | {"999"}),
    "iso3166alpha2": _one_of("a country code of ISO 3166-1, two letters", COUNTRIES),
    "iso4217": _one_of("a currency code of ISO 4217, three digits", _CODES["iso4217"]),
    "iso5218": _one_of("0, 1, 2 or 9", frozenset("0129")),
    "mediatype": _one_of("an AIDC media type: 01 to 10, or 80 to 99", _CODES["mediatype"]),
    "packagetype": _one_of("a code of GS1's list of package types", _CODES["packagetype"]),
    "winding": _one_of("0, 1 or 9", frozenset("019")),
    "yesno": _one_of("0 or 1", frozenset("01")),
}
"""Every linter that the table of application identifiers names."""
