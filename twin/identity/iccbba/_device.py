"""The value object of ISBT 128: a device, or a product or lot of it.

References:
    ICCBBA ST-017, 2 and 3; ST-001, 2.4.17 and 2.4.18
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import Finding, Granularity, Identifier, Part, require_text

__all__ = ["CONTAINER", "DATE", "DONATION", "ICCBBA", "LOT", "PRODUCT", "SCHEME"]

SCHEME = "iccbba"

PRODUCT: Final = re.compile(r"[0-9A-NP-Z]{5}[0-9A-Z]{11}")
CONTAINER: Final = re.compile(r"[0-9A-Za-z]{10}")
DONATION: Final = re.compile(r"[1-9A-NP-Z][0-9A-NP-Z]{2}[0-9]{10}")
LOT: Final = re.compile(r"[0-9A-Z]{1,18}")
DATE: Final = re.compile(r"[0-9]{3}(?!000)(?:[0-2][0-9]{2}|3[0-5][0-9]|36[0-6])")

_DIVISION: Final = re.compile(r"(?!000000)[0-9A-Z]{6}")
_LOT_LENGTH: Final = 18
_CONTAINER_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class ICCBBA:
    """A medical device with a product of human origin, or a blood container, and what its label says.

    Args:
        device_identifier: the processor product identification code, 16 characters: facility (5, without O), the
            facility's product code (6) and product description code (5), of A-Z and 0-9. Or 10 letters and digits, in
            whose letters case matters: manufacturer and catalog number of a blood container.
        donation: donation identification number, 13 characters; None for a product, and for a container.
        division: product division, 6 characters of A-Z and 0-9 but 000000: the serial number within the donation.
        lot: 1 to 18 characters of A-Z and 0-9, stored with zeros before it as it is printed; a container's has 10.
        expires: the last three digits of the year and the day of the year, 6 digits.
        manufactured: likewise.
        findings: remarks of the reader. They have no part in equality.

    Raises:
        InvalidIdentifier: a piece that is anything else, or a donation or division of a container.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ICCBBA ST-017, 2.1 and 3.1 to 3.5; ST-001, 2.4.17 and 2.4.18 (containers)

    Examples:
        >>> device = ICCBBA("A9999XYZ100T0476", donation="A999717123456", division="000025", lot="XYZ123")
        >>> device.canonical
        'iccbba:A9999XYZ100T0476/donation/A999717123456/serial/000025'
        >>> device.as_structures()
        '=/A9999XYZ100T0476=,000025=A99971712345600&,1000000000000XYZ123'
    """

    device_identifier: str
    donation: str | None = None
    division: str | None = None
    lot: str | None = None
    expires: str | None = None
    manufactured: str | None = None
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        container = len(require_text(self.device_identifier)) == _CONTAINER_LENGTH
        expected = "5 characters of A-Z without O or 0-9, and 11 of A-Z or 0-9"
        _require("device identifier", self.device_identifier, CONTAINER if container else PRODUCT, expected)
        if self.lot is not None and not container and len(require_text(self.lot)) < _LOT_LENGTH:
            object.__setattr__(self, "lot", self.lot.zfill(_LOT_LENGTH) if self.lot else self.lot)
        pieces = (
            ("donation", self.donation, None if container else DONATION, "13 characters as in A999717123456"),
            ("division", self.division, None if container else _DIVISION, "6 characters of A-Z or 0-9 but 000000"),
            (
                "lot",
                self.lot,
                CONTAINER if container else LOT,
                f"{10 if container else '1 to 18'} letters and digits",
            ),
            ("date of expiry", self.expires, DATE, "three digits of the year and the day of the year"),
            ("date of manufacture", self.manufactured, DATE, "three digits of the year and the day of the year"),
        )
        for name, value, pattern, expected in pieces:
            if value is not None:
                _require(name, value, pattern, expected if pattern else "none of a container")

    @property
    def canonical(self) -> str:
        """The unique form: the device identifier, and what is narrowest of donation with division, donation, lot."""
        product = f"{SCHEME}:{self.device_identifier}"
        if self.donation is not None and self.division is not None:
            return f"{product}/donation/{self.donation}/serial/{self.division}"
        if self.donation is not None:
            return f"{product}/donation/{self.donation}"
        return product if self.lot is None else f"{product}/lot/{self.lot}"

    @property
    def granularity(self) -> Granularity:
        """An item with donation and division; a lot with a donation or a lot; else the product.

        References:
            ICCBBA ST-017, 3.2 (what is unique)
        """
        if self.donation is not None and self.division is not None:
            return Granularity.ITEM
        return Granularity.PRODUCT if self.donation is None and self.lot is None else Granularity.LOT

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """All of the product from the donation, the lot, the product: as far as they are known, and wider."""
        wider = (
            ICCBBA(self.device_identifier, donation=self.donation) if self.donation is not None else None,
            ICCBBA(self.device_identifier, lot=self.lot) if self.lot is not None else None,
            ICCBBA(self.device_identifier),
        )
        return tuple(other for other in wider if other is not None and other.canonical != self.canonical)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the device identifier is made of, and what else the label says."""
        code = self.device_identifier
        product = (
            (("Manufacturer and catalog number", code),)
            if len(code) == _CONTAINER_LENGTH
            else (
                ("Facility identification number", code[:5]),
                ("Facility-defined product code", code[5:11]),
                ("Product description code", code[11:]),
            )
        )
        pieces = (
            *product,
            ("Donation identification number", self.donation),
            ("Product division", self.division),
            ("Lot number", self.lot),
            ("Expiration date", self.expires),
            ("Production date", self.manufactured),
        )
        return tuple(Part(name, value) for name, value in pieces if value is not None)

    def as_structures(self) -> str:
        """The data structures in a row, as they are printed for people.

        References:
            ICCBBA ST-017, 5 (order), 3.1 (the flags of a device's donation are 00)
        """
        container = len(self.device_identifier) == _CONTAINER_LENGTH
        pieces = (
            ("=)" if container else "=/", self.device_identifier),
            ("=,", self.division),
            ("=", None if self.donation is None else f"{self.donation}00"),
            ("=>", self.expires),
            ("=}", self.manufactured),
            ("&)" if container else "&,1", self.lot),
        )
        return "".join(identifier + value for identifier, value in pieces if value is not None)

    def as_compound_message(self) -> str:
        """The data structures in one symbol, behind their number, in no sequence that ICCBBA has numbered.

        References:
            ICCBBA ST-017, 4.1 and 4.3.1

        Examples:
            >>> ICCBBA("A9997XYZ100T0479", donation="A999917123456", expires="019031").as_compound_message()
            '=+03000=/A9997XYZ100T0479=A99991712345600=>019031'
        """
        more = (self.donation, self.division, self.lot, self.expires, self.manufactured)
        return f"=+{1 + sum(piece is not None for piece in more):02}000{self.as_structures()}"


def _require(name: str, value: str, pattern: re.Pattern[str] | None, expected: str) -> None:
    if not isinstance(value, str) or pattern is None or not pattern.fullmatch(value):
        raise InvalidIdentifier(
            f"{shown(require_text(value))} is not a {name}: expected {expected}, found another form."
        )
