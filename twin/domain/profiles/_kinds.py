"""What sort of text a printed field holds, and what such a text looks like on the label."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import date
from enum import StrEnum
from typing import Final

from twin import identity
from twin.errors import InvalidInput, shown
from twin.identity.gs1 import COUNTRIES


class FieldKind(StrEnum):
    """What sort of text a printed field holds."""

    TEXT = "TEXT"
    DATE = "DATE"
    MONTH = "MONTH"
    YEAR = "YEAR"
    DECIMAL = "DECIMAL"
    MASS = "MASS"
    COUNTRY = "COUNTRY"
    CHOICE = "CHOICE"
    GTIN = "GTIN"
    SSCC = "SSCC"
    VIN = "VIN"
    UII = "UII"
    LOT = "LOT"
    SERIAL = "SERIAL"


_ONE_MASS: Final = r"[0-9]{1,7}(?:\.[0-9]{1,3})? ?(?:kg|g|t|lb|KG|LB)"
_WORD: Final = re.compile(r"[!-~]+")


def _is_date(text: str) -> bool:
    with suppress(ValueError):
        return date.fromisoformat(text).isoformat() == text
    return False


def _is_identifier(scheme: str, prefix: str = "") -> Callable[[str], bool]:
    def check(text: str) -> bool:
        if prefix and not text.isdigit():  # a key of GS1 goes on after a slash
            return False
        with suppress(InvalidInput):
            return identity.parse(f"{scheme}:{prefix}{text}").canonical == f"{scheme}:{prefix}{text}"
        return False

    return check


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


# What a text of a kind must be, for people, and whether one is.
_KINDS: Final[Mapping[FieldKind, tuple[str, Callable[[str], bool]]]] = {
    FieldKind.DATE: ("a date such as 2026-11-22", _is_date),
    FieldKind.MONTH: ("a month and a year such as 11/2026", _matches(r"(?:0[1-9]|1[0-2])/(?:19|20)[0-9]{2}")),
    FieldKind.YEAR: ("a year such as 2026", _matches(r"(?:19|20)[0-9]{2}")),
    FieldKind.DECIMAL: (
        "a number such as 12.5, at most 9 digits before the point and 6 behind it",
        _matches(r"[0-9]{1,9}(?:\.[0-9]{1,6})?"),
    ),
    FieldKind.MASS: (
        "a mass in kg, g, t or lb such as 2449 kg, perhaps with the same in another unit in brackets",
        _matches(rf"{_ONE_MASS}(?: \({_ONE_MASS}\))?"),
    ),
    FieldKind.COUNTRY: ("a country of ISO 3166-1 by its two letters in capitals, such as DE", COUNTRIES.__contains__),
    FieldKind.GTIN: ("a GTIN of 14 digits with its check digit, zeros in front", _is_identifier("gs1", "01/")),
    FieldKind.SSCC: ("an SSCC of 18 digits with its check digit", _is_identifier("gs1", "00/")),
    FieldKind.VIN: ("a VIN of 17 characters in capitals", _is_identifier("vin")),
    FieldKind.UII: ("a UII of at most 50 characters of A-Z, 0-9, - and /", _is_identifier("iuid")),
    FieldKind.LOT: ("a lot number of printable ASCII characters without blanks", _matches(_WORD.pattern)),
    FieldKind.SERIAL: ("a serial number of printable ASCII characters without blanks", _matches(_WORD.pattern)),
}


def require_kind(kind: FieldKind, text: str, *, path: tuple[str, ...], choices: Collection[str] = ()) -> str:
    """The text, if it is one of its kind. Any text is a TEXT.

    Args:
        kind: what sort of text it must be.
        text: what is to be printed.
        path: where it stood in the input, for the error.
        choices: what a CHOICE may be.

    Raises:
        InvalidInput: it is not.

    References:
        ISO 8601-1 (dates); ISO 3166-1 alpha-2 (countries)

    Examples:
        >>> require_kind(FieldKind.MASS, "2449 kg (5400 lb)", path=("face", "gvwr"))
        '2449 kg (5400 lb)'
        >>> require_kind(FieldKind.MONTH, "13/2026", path=("face", "made"))
        Traceback (most recent call last):
        twin.errors.InvalidInput: face.made: expected a month and a year such as 11/2026, found '13/2026'.
    """
    if kind is FieldKind.TEXT:
        return text
    if kind is FieldKind.CHOICE:
        expected, right = f"one of {', '.join(choices)}", text in choices
    else:
        expected, check = _KINDS[kind]
        right = check(text)
    if not right:
        raise InvalidInput(f"{'.'.join(path)}: expected {expected}, found {shown(text)}.", path=path)
    return text
