"""What an HIBC symbol says: its check character, and the data behind the product.

References:
    ANSI/HIBC 2.6, 2.2, 2.3, 4.1, appendices B, E and F, held to its published examples: the text was not at hand
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import Finding, Fragment, Part
from twin.identity.hibc._check import check_character
from twin.identity.hibc._date import DateForm, HIBCDate

__all__ = ["CHARACTERS", "Data", "data_of", "require_check_character"]

CHARACTERS: Final = re.compile(r"[0-9A-Z. $/+%-]+")

_FORMS: Final = {
    "0": DateForm.MMYY,
    "1": DateForm.MMYY,
    "2": DateForm.MMDDYY,
    "3": DateForm.YYMMDD,
    "4": DateForm.YYMMDDHH,
    "5": DateForm.YYJJJ,
    "6": DateForm.YYJJJHH,
}
_NO_DATE: Final = "7"
_QUANTITY_DIGITS: Final = {"8": 2, "9": 5}
_SHORT_LOT: Final = 13

_LOT: Final = re.compile(r"[0-9A-Z.-]{0,18}")
_DIGITS: Final = re.compile(r"[0-9]+")
_QUANTITY: Final = re.compile(r"Q([0-9]{1,5})")
_SUPPLEMENT: Final = re.compile(r"[0-9]{0,3}[A-Z][0-9A-Z.-]*")


@dataclass(slots=True)
class Data:
    """What stands behind the product, or in a symbol of its own."""

    lot: str | None = None
    serial: str | None = None
    expires: HIBCDate | None = None
    manufactured: HIBCDate | None = None
    quantity: int | None = None
    findings: list[Finding] = field(default_factory=list)

    def as_fragment(self, link: str) -> Fragment:
        """The data without their product, whose symbol has the link character for its check character."""
        pieces = (
            ("Lot number", self.lot),
            ("Serial number", self.serial),
            ("Expiry date", self.expires.digits if self.expires else None),
            ("Date of manufacture", self.manufactured.digits if self.manufactured else None),
            ("Quantity", None if self.quantity is None else str(self.quantity)),
            ("Link character", link),
        )
        parts = tuple(Part(name, value) for name, value in pieces if value is not None)
        return Fragment("HIBC secondary data", parts, tuple(self.findings))


def require_check_character(symbol: str) -> None:
    """The symbol's last character must be the check character of the others.

    Raises:
        InvalidIdentifier: it is another.

    References:
        ANSI/HIBC 2.6, appendix B
    """
    expected = check_character(symbol[:-1])
    if symbol[-1] != expected:
        raise InvalidIdentifier(
            f"{shown(symbol)} is not an HIBC symbol: expected the check character {shown(expected)} "
            f"at position {len(symbol)}, found {shown(symbol[-1])}."
        )


def data_of(symbol: str, start: int, end: int) -> Data:
    """What the segments say that stand in the symbol from `start` to `end`, with a slash between them.

    Raises:
        InvalidIdentifier: a segment of no known form, or two that contradict each other. A date that is none is a
            finding: its length is known, so what follows it is sure.
    """
    data = Data()
    for index, segment in enumerate(symbol[start:end].split("/")):
        reader = _secondary if index == 0 or segment.startswith("$") else _supplement
        if not reader(data, segment):
            raise InvalidIdentifier(
                f"{shown(symbol)} is not an HIBC symbol: expected {'secondary' if index == 0 else 'supplemental'} "
                f"data at position {start + 1}, found {shown(segment)}."
            )
        start += len(segment) + 1
    return data


def _secondary(data: Data, segment: str) -> bool:
    if _DIGITS.match(segment[:1]):
        return _supplement(data, segment) if segment[2:3] == "D" else _old(data, segment)
    flag = next((flag for flag in ("$$+", "$$", "$+", "$") if segment.startswith(flag)), "")
    rest = segment.removeprefix(flag)
    if flag == "$$" and rest[:1] in _QUANTITY_DIGITS:
        digits = _QUANTITY_DIGITS[rest[0]]
        quantity, rest = rest[1 : 1 + digits], rest[1 + digits :]
        if len(quantity) < digits or not _DIGITS.fullmatch(quantity) or not _set(data, "quantity", int(quantity)):
            return False
        if not rest:
            return True
    if flag.startswith("$$"):
        form = _FORMS.get(rest[:1])
        if form is None and rest[:1] != _NO_DATE:
            return False
        rest = rest if form is DateForm.MMYY else rest[1:]
        if form is not None and not _set_date(data, "expires", form, rest[: len(form)]):
            return False
        rest = rest[len(form or "") :]
    return bool(flag) and _set_number(data, "serial" if flag.endswith("+") else "lot", rest)


def _old(data: Data, segment: str) -> bool:
    """The superseded form: the day of expiry without a flag, and the lot."""
    day, lot = segment[: len(DateForm.YYJJJ)], segment[len(DateForm.YYJJJ) :]
    return len(lot) <= _SHORT_LOT and _set_date(data, "expires", DateForm.YYJJJ, day) and _set_number(data, "lot", lot)


def _supplement(data: Data, segment: str) -> bool:
    if segment.startswith("14D"):
        return _set_date(data, "expires", DateForm.YYYYMMDD, segment[3:])
    if segment.startswith("16D"):
        return _set_date(data, "manufactured", DateForm.YYYYMMDD, segment[3:])
    if segment.startswith("S"):
        return len(segment) > 1 and _set_number(data, "serial", segment[1:])
    if quantity := _QUANTITY.fullmatch(segment):
        return _set(data, "quantity", int(quantity[1]))
    if not _SUPPLEMENT.fullmatch(segment):
        return False
    data.findings.append(
        Finding("HIBC_SUPPLEMENT", f"Supplemental data: expected 14D, 16D, S or Q, found {segment}. It is not kept.")
    )
    return True


def _set_number(data: Data, name: str, value: str) -> bool:
    return bool(_LOT.fullmatch(value)) and (not value or _set(data, name, value))


def _set_date(data: Data, name: str, form: DateForm, digits: str) -> bool:
    if len(digits) != len(form) or not _DIGITS.fullmatch(digits):
        return False
    try:
        return _set(data, name, HIBCDate(form, digits))
    except InvalidIdentifier:
        what = "Expiry date" if name == "expires" else "Date of manufacture"
        message = f"{what}: expected a date as {form}, found {digits}. It is not kept."
        data.findings.append(Finding("HIBC_DATE", message))
        return True


def _set(data: Data, name: str, value: str | int | HIBCDate) -> bool:
    """Whether the value could be set: a second one must say the same."""
    if getattr(data, name) not in (None, value):
        return False
    setattr(data, name, value)
    return True
