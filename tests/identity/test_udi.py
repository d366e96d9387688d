from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InvalidInput
from twin.identity import Identifier
from twin.identity._udi import UDI, IssuingAgency, udi_of
from twin.identity.gs1 import GS1
from twin.identity.hibc import HIBC, BasicUDIDI, DateForm, HIBCDate
from twin.identity.hibc import read as read_hibc
from twin.identity.iccbba import ICCBBA
from twin.identity.iccbba import read as read_iccbba
from twin.identity.iec61406 import IdentificationLink
from twin.identity.link import LinkId
from twin.identity.part import MakerPart
from twin.identity.vin import VIN

TODAY = date(2026, 1, 1)


def test_fda_s_example_of_gs1() -> None:
    key = GS1((("01", "51022222233336"), ("11", "141231"), ("17", "150707"), ("10", "A213B1"), ("21", "1234")))
    assert udi_of(key, TODAY) == UDI(
        IssuingAgency.GS1,
        "51022222233336",
        lot="A213B1",
        serial="1234",
        manufactured=date(2014, 12, 31),
        expires=date(2015, 7, 7),
    )


def test_fda_s_example_of_hibcc_with_the_check_character_that_it_needs() -> None:
    (found,) = read_hibc("+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ456789012345678/16D20130202H")
    assert isinstance(found, HIBC)
    assert udi_of(found, TODAY) == UDI(
        IssuingAgency.HIBCC,
        "H123PARTNO1234567890120",
        lot="LOT123456789012345",
        serial="XYZ456789012345678",
        manufactured=date(2013, 2, 2),
        expires=date(2020, 2, 2),
    )


def test_fda_s_examples_of_iccbba() -> None:
    (device,) = read_iccbba("=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123")
    (bag,) = read_iccbba("=)1TE123456A&)RZ12345678")
    assert isinstance(device, ICCBBA)
    assert isinstance(bag, ICCBBA)
    assert udi_of(device, TODAY) == UDI(
        IssuingAgency.ICCBBA,
        "A9999XYZ100T0944",
        lot="000000000000XYZ123",
        serial="000025",
        manufactured=date(2013, 2, 1),
        expires=date(2014, 2, 1),
        donation="A999713123456",
    )
    assert udi_of(bag, TODAY) == UDI(IssuingAgency.ICCBBA, "1TE123456A", lot="RZ12345678")


def test_the_key_of_a_family() -> None:
    assert udi_of(GS1((("8013", "1987654Ad4X4bL5ttr2310c2K"),)), TODAY) == UDI(
        IssuingAgency.GS1, None, basic_udi_di="1987654Ad4X4bL5ttr2310c2K"
    )
    assert udi_of(BasicUDIDI("A999", "MODELIDENTIFIER11"), TODAY) == UDI(
        IssuingAgency.HIBCC, None, basic_udi_di="++A999MODELIDENTIFIER11S8"
    )


@pytest.mark.parametrize(
    "identifier",
    [
        VIN("1M8GDM9AXKP042788"),
        LinkId("0123456789ABC8"),
        MakerPart("1AB23", "4711"),
        IdentificationLink("https://id.example/4711"),
        GS1((("00", "106141411234567897"),)),
        GS1((("8004", "0614141ABC"),)),
    ],
)
def test_what_is_no_device_has_no_udi(identifier: Identifier) -> None:
    assert udi_of(identifier, TODAY) is None


def expiry(form: str, digits: str, today: date = TODAY) -> date | None:
    udi = udi_of(HIBC("A999", "1234", "5", expires=HIBCDate(DateForm(form), digits)), today)
    assert udi is not None
    return udi.expires


@pytest.mark.parametrize(
    ("form", "digits", "expected"),
    [
        ("MMYY", "0905", date(2005, 9, 30)),
        ("MMYY", "0228", date(2028, 2, 29)),
        ("MMYY", "0226", date(2026, 2, 28)),
        ("MMDDYY", "092805", date(2005, 9, 28)),
        ("YYMMDD", "050928", date(2005, 9, 28)),
        ("YYMMDDHH", "05092822", date(2005, 9, 28)),
        ("YYJJJ", "05271", date(2005, 9, 28)),
        ("YYJJJHH", "0527122", date(2005, 9, 28)),
        ("YYJJJ", "24366", date(2024, 12, 31)),
        ("YYYYMMDD", "20260413", date(2026, 4, 13)),
        ("YYYYMMDD", "19010413", date(1901, 4, 13)),
        ("YYYYMMDD", "00000413", None),
        ("YYMMDD", "760101", date(2076, 1, 1)),
        ("YYMMDD", "770101", date(1977, 1, 1)),
        ("YYMMDD", "000229", date(2000, 2, 29)),
    ],
)
def test_dates_of_hibc(form: str, digits: str, expected: date | None) -> None:
    assert expiry(form, digits) == expected


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("260400", date(2026, 4, 30)),
        ("240200", date(2024, 2, 29)),
        ("260200", date(2026, 2, 28)),
        ("991231", date(1999, 12, 31)),
        ("261231", date(2026, 12, 31)),
    ],
)
def test_dates_of_gs1_and_day_00(digits: str, expected: date) -> None:
    udi = udi_of(GS1((("01", "09506000134352"), ("11", digits), ("17", digits))), TODAY)
    assert udi is not None
    assert udi.manufactured == udi.expires == expected


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("019031", date(2019, 1, 31)),
        ("024366", date(2024, 12, 31)),
        ("023366", None),
        ("999001", date(1999, 1, 1)),
        ("525001", date(2525, 1, 1)),
        ("527001", date(1527, 1, 1)),
    ],
)
def test_dates_of_isbt_128(digits: str, expected: date | None) -> None:
    udi = udi_of(ICCBBA("A9997AB3456T0123", expires=digits), TODAY)
    assert udi is not None
    assert udi.expires == expected


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 99))
def test_a_year_of_two_digits_lies_from_49_years_before_to_50_after(today: date, year: int) -> None:
    found = expiry("MMYY", f"01{year:02}", today)
    assert found is not None
    assert found.year % 100 == year
    assert -49 <= found.year - today.year <= 50


@given(st.dates(date(1976, 1, 1), date(2075, 12, 31)))
def test_a_date_is_read_back_by_whoever_lives_then(day: date) -> None:
    assert expiry("YYMMDD", f"{day:%y%m%d}", day) == expiry("YYJJJ", f"{day:%y%j}", day) == day
    assert expiry("YYYYMMDD", f"{day:%Y%m%d}") == day


@pytest.mark.parametrize("today", [date.min, date.max])
def test_a_day_beyond_the_calendar_is_none(today: date) -> None:
    years = [expiry("YYMMDD", f"{year:02}0101", today) for year in range(100)]
    assert None in years
    assert all(found is None or abs(found.year - today.year) <= 50 for found in years)


@pytest.mark.parametrize("today", [None, 2026, "2026-01-01"])
def test_today_is_a_date(today: object) -> None:
    with pytest.raises(InvalidInput, match="Expected a date for today"):
        udi_of(VIN("1M8GDM9AXKP042788"), today)  # type: ignore[arg-type]


def test_a_moment_is_a_date_too() -> None:
    key = GS1((("01", "09506000134352"), ("17", "261231")))
    assert udi_of(key, datetime.fromisoformat("2026-01-01T00:00:00+00:00")) == udi_of(key, TODAY)
