"""Quantities: decimal numbers above zero, with a code of UN/ECE Recommendation 20 as their unit."""

from __future__ import annotations

import re
from decimal import Decimal

from twin.errors import InvalidInput, shown

_UNIT = re.compile(r"[A-Z0-9]{2,3}")
_QUANTITY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


def measured(quantity: str | None, unit: str | None) -> tuple[str | None, str | None]:
    """A quantity and its unit as they are kept.

    Raises:
        InvalidInput: one without the other, a number that is not above zero or has more than 12 digits before and 6
            after the point, or no code of a unit.

    Examples:
        >>> measured("2.50", "KGM")
        ('2.5', 'KGM')
    """
    if quantity is None and unit is None:
        return None, None
    path = ("quantity",)
    if quantity is None or unit is None:
        raise InvalidInput(f"quantity: expected a number and a unit, found {shown(quantity or unit)} alone.", path=path)
    if not _QUANTITY.fullmatch(quantity) or not Decimal(quantity):
        raise InvalidInput(
            f"quantity: {shown(quantity)} is not a number above 0 of at most 12 digits, a point and 6 digits.",
            path=path,
        )
    if not _UNIT.fullmatch(unit):
        raise InvalidInput(
            f"unit: {shown(unit)} is no code of UN/ECE Recommendation 20; expected one such as KGM or C62.",
            path=("unit",),
        )
    return plain(Decimal(quantity)), unit


def plain(number: Decimal) -> str:
    """A number without exponent and without zeros at its end.

    Examples:
        >>> plain(Decimal("10.500")), plain(Decimal("1E+2"))
        ('10.5', '100')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
