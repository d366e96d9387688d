"""The value objects of HIBC: a labeled product, lot or item, and the Basic UDI-DI of a family of devices."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from twin.errors import InvalidIdentifier, InvalidInput, shown
from twin.identity._convention import Finding, Granularity, Identifier, Part, require_text
from twin.identity.hibc._check import check_character, check_pair
from twin.identity.hibc._date import DateForm, HIBCDate

__all__ = ["HIBC", "SCHEME", "BasicUDIDI"]

SCHEME = "hibc"

MAX_PCN: Final = 18
MAX_LOT: Final = 18
MAX_MODEL: Final = 17
MAX_QUANTITY: Final = 99_999

# What a piece may not have, and what it may, for people.
_ALPHANUMERIC: Final = (re.compile(r"[^0-9A-Z]"), "A-Z or 0-9")
_DIGIT: Final = (re.compile(r"[^0-9]"), "0-9")
_LOT: Final = (re.compile(r"[^0-9A-Z.-]"), "A-Z, 0-9, - or .")

# The flag before an expiry date. MMYY has none: the month's first digit, 0 or 1, is the flag.
_DATE_FLAGS: Final = {
    DateForm.MMYY: "",
    DateForm.MMDDYY: "2",
    DateForm.YYMMDD: "3",
    DateForm.YYMMDDHH: "4",
    DateForm.YYJJJ: "5",
    DateForm.YYJJJHH: "6",
}
_NO_DATE: Final = "7"


@dataclass(frozen=True, slots=True)
class HIBC:
    """A labeled product, or a lot or an item of it, with what its label says.

    Args:
        lic: labeler identification code, 4 characters of A-Z and 0-9, the first a letter.
        pcn: product or catalog number, 1 to 18 characters of A-Z and 0-9: without the blanks and special characters
            that it may have in the catalog.
        unit_of_measure: the level of packaging, one digit: 0 for one unit, 9 for a varying quantity.
        lot: lot or batch, 1 to 18 characters of A-Z, 0-9, `-` and `.`; None when it is not told.
        serial: serial number, likewise; None for a product or a lot.
        expires: expiry date; None when it is not told.
        manufactured: date of manufacture, in the form YYYYMMDD; None when it is not told.
        quantity: units in the package, 0 to 99,999; None when it is not told.
        findings: remarks of the reader. They have no part in equality.

    Raises:
        InvalidIdentifier: a piece that is anything else.
        InvalidInput: a piece of another type.
        TooLarge: more than 2,000 characters.

    References:
        ANSI/HIBC 2.6, 2.1 (primary data), 2.2 (secondary data), 2.3 (supplemental data). Its text was not at hand: the
        rules are held to its published examples; that a quantity has at most five digits is not verified

    Examples:
        >>> device = HIBC("A999", "1234", "5", lot="10X3", expires=HIBCDate(DateForm.YYJJJ, "20015"))
        >>> device.canonical, device.as_primary(), device.as_concatenated()
        ('hibc:A99912345/lot/10X3', '+A999123457', '+A99912345/$$52001510X33')
        >>> HIBC("9999", "1234", "5")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '9999' is not a labeler identification code: expected a letter at position 1, \
found '9'.
    """

    lic: str
    pcn: str
    unit_of_measure: str
    lot: str | None = None
    serial: str | None = None
    expires: HIBCDate | None = None
    manufactured: HIBCDate | None = None
    quantity: int | None = None
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        _require_lic(self.lic)
        _require("product or catalog number", self.pcn, 1, MAX_PCN, _ALPHANUMERIC)
        _require("unit of measure", self.unit_of_measure, 1, 1, _DIGIT)
        for name, value in (("lot", self.lot), ("serial number", self.serial)):
            if value is not None:
                _require(name, value, 1, MAX_LOT, _LOT)
        for name, date in (("an expiry date", self.expires), ("a date of manufacture", self.manufactured)):
            if date is not None and not isinstance(date, HIBCDate):
                raise InvalidInput(f"Expected {name}, found {shown(date)}.")
        if self.manufactured is not None and self.manufactured.form is not DateForm.YYYYMMDD:
            raise InvalidIdentifier(
                f"{shown(self.manufactured.digits)} is not a date of manufacture: "
                f"expected YYYYMMDD, found {self.manufactured.form}."
            )
        if self.quantity is None:
            return
        if not isinstance(self.quantity, int) or isinstance(self.quantity, bool):
            raise InvalidInput(f"Expected an integer for the quantity, found {shown(self.quantity)}.")
        if not 0 <= self.quantity <= MAX_QUANTITY:
            raise InvalidIdentifier(f"Expected a quantity from 0 to {MAX_QUANTITY:,}, found {shown(self.quantity)}.")

    @property
    def device_identifier(self) -> str:
        """What a database holds: labeler, product and unit of measure, without flag and check character.

        References:
            UDI formats by FDA-accredited issuing agency (6 to 23 characters)
        """
        return self.lic + self.pcn + self.unit_of_measure

    @property
    def canonical(self) -> str:
        """The unique form: the device identifier, and the serial number, or else the lot, if there is one."""
        product = f"{SCHEME}:{self.device_identifier}"
        if self.serial is not None:
            return f"{product}/serial/{self.serial}"
        return product if self.lot is None else f"{product}/lot/{self.lot}"

    @property
    def granularity(self) -> Granularity:
        """An item with a serial number, a lot with a lot alone, else the product."""
        if self.serial is not None:
            return Granularity.ITEM
        return Granularity.PRODUCT if self.lot is None else Granularity.LOT

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """The item's lot, if it is known, and the product."""
        wider = []
        if self.serial is not None and self.lot is not None:
            wider.append(HIBC(self.lic, self.pcn, self.unit_of_measure, lot=self.lot))
        if self.serial is not None or self.lot is not None:
            wider.append(HIBC(self.lic, self.pcn, self.unit_of_measure))
        return tuple(wider)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Labeler, product and unit of measure, and what else the label says."""
        pieces = (
            ("Labeler identification code", self.lic),
            ("Product or catalog number", self.pcn),
            ("Unit of measure", self.unit_of_measure),
            ("Lot number", self.lot),
            ("Serial number", self.serial),
            ("Expiry date", self.expires.digits if self.expires else None),
            ("Date of manufacture", self.manufactured.digits if self.manufactured else None),
            ("Quantity", None if self.quantity is None else str(self.quantity)),
        )
        return tuple(Part(name, value) for name, value in pieces if value is not None)

    def as_primary(self) -> str:
        """The primary data alone, with its check character, which may be a blank.

        References:
            ANSI/HIBC 2.6, 2.1 and appendix B
        """
        data = f"+{self.device_identifier}"
        return data + check_character(data)

    def as_concatenated(self) -> str:
        """All that the label says in one symbol, with its check character, which may be a blank.

        Lot and serial number stand behind `$$` and a date flag: FDA keeps `$` and `$+` for old labels alone.

        References:
            ANSI/HIBC 2.6, 2.2.1.1, 2.3.2, appendices B and E

        Examples:
            >>> HIBC("A999", "1234", "9", lot="10X3", serial="7", quantity=500).as_concatenated()
            '+A99912349/$$710X3/S7/Q500I'
        """
        more = (self.lot, self.serial, self.expires, self.manufactured, self.quantity)
        if all(piece is None for piece in more):
            return self.as_primary()
        data = "/".join((f"+{self.device_identifier}", self._secondary(), *self._supplements()))
        return data + check_character(data)

    def _secondary(self) -> str:
        flag = "$$+" if self.lot is None and self.serial is not None else "$$"
        if self.expires is None or self.expires.form is DateForm.YYYYMMDD:
            date = _NO_DATE
        else:
            date = _DATE_FLAGS[self.expires.form] + self.expires.digits
        return flag + date + (self.lot or self.serial or "")

    def _supplements(self) -> list[str]:
        found = []
        if self.manufactured is not None:
            found.append(f"16D{self.manufactured.digits}")
        if self.expires is not None and self.expires.form is DateForm.YYYYMMDD:
            found.append(f"14D{self.expires.digits}")
        if self.lot is not None and self.serial is not None:
            found.append(f"S{self.serial}")
        if self.quantity is not None:
            found.append(f"Q{self.quantity}")
        return found


@dataclass(frozen=True, slots=True)
class BasicUDIDI:
    """The Basic UDI-DI of a family of devices, the key of the European database: it stands on no label.

    Args:
        lic: labeler identification code, 4 characters of A-Z and 0-9, the first a letter.
        model: the labeler's name for the family, 1 to 17 characters of A-Z and 0-9.

    Raises:
        InvalidIdentifier: a piece that is anything else.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        HIBC Basic UDI-DI, as EUDAMED's help gives it; Regulation (EU) 2017/745, annex VI, part C, 1. An older proposal
        (issuing agency code RH, one check character) is not read: no code of that form is known

    Examples:
        >>> BasicUDIDI("A999", "MODELIDENTIFIER11").canonical
        'hibc:++A999MODELIDENTIFIER11S8'
    """

    lic: str
    model: str

    def __post_init__(self) -> None:
        _require_lic(self.lic)
        _require("model identifier", self.model, 1, MAX_MODEL, _ALPHANUMERIC)

    @property
    def value(self) -> str:
        """The flag, labeler and model, and the two check characters."""
        data = f"++{self.lic}{self.model}"
        return data + check_pair(data)

    @property
    def canonical(self) -> str:
        """The unique form, `hibc:` and the value."""
        return f"{SCHEME}:{self.value}"

    @property
    def granularity(self) -> Granularity:
        """A family of products."""
        return Granularity.PRODUCT

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """None: it does not tell its devices."""
        return ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """None: it is right or it is none."""
        return ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Labeler, model and check characters."""
        return (
            Part("Labeler identification code", self.lic),
            Part("Model identifier", self.model),
            Part("Check characters", self.value[-2:]),
        )


def _require_lic(value: str) -> None:
    _require("labeler identification code", value, 4, 4, _ALPHANUMERIC)
    if value[0].isdigit():
        raise InvalidIdentifier(
            f"{shown(value)} is not a labeler identification code: expected a letter at position 1, "
            f"found {shown(value[0])}."
        )


def _require(name: str, value: str, shortest: int, longest: int, characters: tuple[re.Pattern[str], str]) -> None:
    wrong = f"{shown(require_text(value))} is not a {name}"
    if not shortest <= len(value) <= longest:
        size = f"{shortest} to {longest}" if shortest < longest else f"{shortest}"
        raise InvalidIdentifier(f"{wrong}: expected {size} characters, found {len(value)}.")
    forbidden, allowed = characters
    if found := forbidden.search(value):
        raise InvalidIdentifier(
            f"{wrong}: expected {allowed}, found {shown(found[0])} at position {found.start() + 1}."
        )
