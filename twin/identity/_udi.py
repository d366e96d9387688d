"""Unique device identifiers: what GS1, HIBC and ISBT 128 have in common on the label of a medical device.

A UDI is no scheme of its own. Three agencies issue them, each in its own form, and the form's own identifier stays the
name of the device. This is a view of it: the device identifier, and the production identifiers that the label carries.

References:
    21 CFR 801.40 (form of a UDI), 21 CFR 830.3 and 830.20 (device and production identifier); FDA, UDI formats by
    FDA-accredited issuing agency, 1.3
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from twin.errors import InvalidInput, shown
from twin.identity._convention import Identifier
from twin.identity.gs1 import GS1
from twin.identity.hibc import HIBC, BasicUDIDI, HIBCDate
from twin.identity.iccbba import ICCBBA

__all__ = ["UDI", "IssuingAgency", "udi_of"]

_GS1_DATE: Final = "YYMMDD"
_ISBT_128_DATE: Final = "YYYJJJ"


class IssuingAgency(StrEnum):
    """Who lets labelers form UDIs.

    References:
        21 CFR 830.100; FDA-accredited issuing agencies
    """

    GS1 = "GS1"
    HIBCC = "HIBCC"
    ICCBBA = "ICCBBA"


@dataclass(frozen=True, slots=True)
class UDI:
    """A unique device identifier: the device, and what the label says of its production.

    Args:
        agency: whose form it is.
        di: device identifier, as databases hold it: a GTIN of 14 digits; labeler, product and unit of measure of HIBC;
            16 characters of ISBT 128, or 10 of a blood container. None for a Basic UDI-DI alone.
        lot: lot or batch, or None.
        serial: serial number, or None; of ISBT 128, the product division, unique within the donation alone.
        manufactured: date of manufacture, or None.
        expires: date at the end of which it expires, or None.
        donation: the distinct identification code of a product of human origin, or None.
        basic_udi_di: the key of the family in the European database, or None; it stands on no label.

    References:
        21 CFR 801.40(b) (production identifiers), 1271.290(c) (distinct identification code)
    """

    agency: IssuingAgency
    di: str | None
    lot: str | None = None
    serial: str | None = None
    manufactured: date | None = None
    expires: date | None = None
    donation: str | None = None
    basic_udi_di: str | None = None


def udi_of(identifier: Identifier, today: date) -> UDI | None:
    """The UDI that an identifier is, or None when it is none: not every GTIN is a device's, and that it does not tell.

    Labels write years with two digits, or three. The year is the one next to today's: from 49 years before to 50 after
    it. A date without a day (day 00 of GS1, month and year of HIBC) is the last day of its month.

    Args:
        identifier: of any standard.
        today: the day by which the century is judged; the clock is the caller's. Keep to one when the answer is stored.

    Raises:
        InvalidInput: today is no date.

    References:
        21 CFR 801.40, 830.20; GS1 General Specifications, 3.4 (day 00) and 7.12 (century). That HIBC and ISBT 128 mean
        the same by short years and by a month alone is not verified

    Examples:
        >>> from twin.identity import parse, read
        >>> found = read("(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234").candidates[0]
        >>> udi = udi_of(found, date(2026, 1, 1))
        >>> udi.agency.value, udi.di, udi.lot, udi.serial
        ('GS1', '51022222233336', 'A213B1', '1234')
        >>> udi.manufactured.isoformat(), udi.expires.isoformat()
        ('2014-12-31', '2015-07-07')
        >>> udi_of(parse("vin:1M8GDM9AXKP042788"), date(2026, 1, 1)) is None
        True
    """
    if not isinstance(today, date):
        raise InvalidInput(f"Expected a date for today, found {shown(today)}.")
    if isinstance(identifier, GS1):
        return _of_gs1(identifier, today)
    if isinstance(identifier, HIBC):
        return UDI(
            IssuingAgency.HIBCC,
            identifier.device_identifier,
            lot=identifier.lot,
            serial=identifier.serial,
            manufactured=_of_hibc_date(identifier.manufactured, today),
            expires=_of_hibc_date(identifier.expires, today),
        )
    if isinstance(identifier, BasicUDIDI):
        return UDI(IssuingAgency.HIBCC, None, basic_udi_di=identifier.value)
    if isinstance(identifier, ICCBBA):
        return UDI(
            IssuingAgency.ICCBBA,
            identifier.device_identifier,
            lot=identifier.lot,
            serial=identifier.division,
            manufactured=_calendar_date(_ISBT_128_DATE, identifier.manufactured, today),
            expires=_calendar_date(_ISBT_128_DATE, identifier.expires, today),
            donation=identifier.donation,
        )
    return None


def _of_gs1(key: GS1, today: date) -> UDI | None:
    device, family = key.value_of("01"), key.value_of("8013")
    if device is None and family is None:
        return None
    return UDI(
        IssuingAgency.GS1,
        device,
        lot=key.value_of("10"),
        serial=key.value_of("21"),
        manufactured=_calendar_date(_GS1_DATE, key.value_of("11"), today),
        expires=_calendar_date(_GS1_DATE, key.value_of("17"), today),
        basic_udi_di=family,
    )


def _of_hibc_date(found: HIBCDate | None, today: date) -> date | None:
    return None if found is None else _calendar_date(found.form, found.digits, today)


def _calendar_date(form: str, digits: str | None, today: date) -> date | None:
    """The day that digits mean, or None when there is none such; J in the form counts the days of the year."""
    if digits is None:
        return None
    short, month, day, ordinal = (
        "".join(digit for digit, place in zip(digits, form, strict=True) if place == letter) for letter in "YMDJ"
    )
    year = _full_year(int(short), 10 ** len(short), today.year)
    try:
        if ordinal:
            first = date(year, 1, 1)
            found = date.fromordinal(first.toordinal() + int(ordinal) - 1)
            return found if found.year == year else None
        return date(year, int(month), int(day or 0) or monthrange(year, int(month))[1])
    except (ValueError, OverflowError):
        return None


def _full_year(short: int, span: int, now: int) -> int:
    """The year that ends in the digits and lies next to now: of two digits, from 49 years before to 50 after it."""
    if span > 1000:
        return short
    before = span // 2 - 1
    return now - before + (short - now + before) % span
