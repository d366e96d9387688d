"""Parts by their maker's own numbers: a part number, and perhaps a lot or a serial number of it.

No standard rules this form. It is ours, for what standards give apart, such as the data identifiers 1P and S next to an
enterprise identifier: `part:{maker}/{part number}`, then `/lot/{lot}` or `/serial/{serial}`. Every piece is
percent-encoded, so that a slash in a part number stays one. Case is kept, for a maker may mean something by it.

References:
    RFC 3986, 2.1 and 2.3 (percent-encoding, and what needs none)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import (
    BLANKS,
    GS1_SYMBOLOGY_IDENTIFIERS,
    Finding,
    Granularity,
    Identifier,
    Part,
    require_text,
)

__all__ = ["SCHEME", "TITLE", "MakerPart", "parse", "read"]

SCHEME = "part"
TITLE = "Maker's part"

MAX_MAKER: Final = 35
MAX_NUMBER: Final = 50

_UNPRINTABLE: Final = re.compile(r"[^ -~]")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_WRITTEN: Final = re.compile(r"part:[!-~]+/[!-~]+")
_LEVELS: Final = ("lot", "serial")


@dataclass(frozen=True, slots=True)
class MakerPart:
    """A maker's part: the product, a lot of it, or one item.

    Args:
        maker: who assigned the numbers, such as a CAGE code or a D-U-N-S number: 1 to 35 printable ASCII characters.
        number: the part number: 1 to 50 of them.
        lot: the lot or batch, likewise; None when it is not known.
        serial: the serial number, unique within maker and part number, likewise; None for a product or a lot.

    Raises:
        InvalidIdentifier: a piece that is too long or empty, or has other characters or blanks around it.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    Examples:
        >>> part = MakerPart("1AB23", "4711/B", lot="L7", serial="a 1")
        >>> part.canonical
        'part:1AB23/4711%2FB/serial/a%201'
        >>> [other.canonical for other in part.implied]
        ['part:1AB23/4711%2FB/lot/L7', 'part:1AB23/4711%2FB']
    """

    maker: str
    number: str
    lot: str | None = None
    serial: str | None = None

    def __post_init__(self) -> None:
        _require("maker", self.maker, MAX_MAKER)
        _require("part number", self.number, MAX_NUMBER)
        for name, value in (("lot", self.lot), ("serial number", self.serial)):
            if value is not None:
                _require(name, value, MAX_NUMBER)

    @property
    def canonical(self) -> str:
        """The unique form. An item's does not tell its lot: the serial number alone names it."""
        product = f"{SCHEME}:{quote(self.maker, safe='')}/{quote(self.number, safe='')}"
        if self.serial is not None:
            return f"{product}/serial/{quote(self.serial, safe='')}"
        return product if self.lot is None else f"{product}/lot/{quote(self.lot, safe='')}"

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
            wider.append(MakerPart(self.maker, self.number, lot=self.lot))
        if self.serial is not None or self.lot is not None:
            wider.append(MakerPart(self.maker, self.number))
        return tuple(wider)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """None: the form is ours, so it is right or it is none."""
        return ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Maker, part number, and the lot and the serial number if there are any."""
        pieces = (
            ("Maker", self.maker),
            ("Part number", self.number),
            ("Lot number", self.lot),
            ("Serial number", self.serial),
        )
        return tuple(Part(name, value) for name, value in pieces if value is not None)


def parse(text: str) -> MakerPart:
    """The maker's part that the text is.

    Args:
        text: `maker/number`, `maker/number/lot/lot` or `maker/number/serial/serial`. Only a slash, a percent sign and
            what is no printable ASCII must be percent-encoded; anything else may be.

    Raises:
        InvalidIdentifier: another form, or a piece that is none.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        RFC 3986, 2.1

    Examples:
        >>> parse("1AB23/4711%2fB/lot/L7")
        MakerPart(maker='1AB23', number='4711/B', lot='L7', serial=None)
        >>> parse("1AB23/4711/7")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '1AB23/4711/7' is not a maker's part: expected maker/number, then perhaps \
/lot/… or /serial/…, found 3 pieces.
    """
    wrong = f"{shown(require_text(text))} is not a maker's part"
    if escape := _BAD_ESCAPE.search(text):
        raise InvalidIdentifier(
            f"{wrong}: expected two hexadecimal digits after the percent sign, "
            f"found {shown(escape.string[escape.end() :][:2])} at position {escape.end() + 1}."
        )
    maker, *rest = text.split("/")
    if len(rest) == 1:
        return MakerPart(unquote(maker), unquote(rest[0]))
    form = f"{wrong}: expected maker/number, then perhaps /lot/… or /serial/…"
    if len(rest) != 3:
        raise InvalidIdentifier(f"{form}, found {1 + len(rest)} piece{'s' if rest else ''}.")
    number, level, value = rest
    if level not in _LEVELS:
        raise InvalidIdentifier(f"{form}, found {shown(level)} at position {len(maker) + len(number) + 3}.")
    return MakerPart(unquote(maker), unquote(number), **{level: unquote(value)})


def read(text: str, symbology_identifier: str | None = None) -> tuple[MakerPart, ...]:
    """The maker's part that a scanned text holds, if it is written in our form.

    Args:
        text: `part:` and what `parse` accepts, with white space around it. Nothing else can be told from any other
            text.
        symbology_identifier: one that promises GS1 data rules our form out.

    Raises:
        InvalidIdentifier: it is of our form and broken.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    Examples:
        >>> read("part:1AB23/4711/serial/42")
        (MakerPart(maker='1AB23', number='4711', lot=None, serial='42'),)
        >>> read("1AB23/4711/serial/42")
        ()
    """
    bare = require_text(text).strip(BLANKS)
    if symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS or not _WRITTEN.fullmatch(bare):
        return ()
    return (parse(bare.removeprefix(f"{SCHEME}:")),)


def _require(name: str, value: str, longest: int) -> None:
    wrong = f"{shown(require_text(value))} is not a {name}"
    if not 1 <= len(value) <= longest:
        raise InvalidIdentifier(f"{wrong}: expected 1 to {longest} characters, found {len(value)}.")
    if other := _UNPRINTABLE.search(value):
        raise InvalidIdentifier(
            f"{wrong}: expected printable ASCII, found {shown(other[0])} at position {other.start() + 1}."
        )
    if value != value.strip():
        position = len(value) if value[0] != " " else 1
        raise InvalidIdentifier(f"{wrong}: expected no blank at either end, found ' ' at position {position}.")
