"""Unique item identifiers, and the data that they are derived from.

A UII is one string: the code of an issuing agency, what that agency calls the enterprise, and a serial number; between
them, when serial numbers are unique within a part or a lot only, its number. The code of the agency is not marked on
the item but follows from the data identifier of the enterprise, so a UII is derived, and here stands next to what is
encoded.

References:
    MIL-STD-130N with Change 1, 6.4, tables IV and A-II (read in excerpts). Length and characters of a UII are
    unverified: they are as the Department of Defense's guide is quoted
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from twin.errors import InvalidIdentifier, InvalidInput, shown
from twin.identity._convention import Finding, Granularity, Identifier, Part, require_text
from twin.identity.iuid import envelope
from twin.identity.iuid.agencies import AGENCIES, CAGE, GS1, agency_of
from twin.identity.part import MAX_MAKER, MakerPart

__all__ = ["IUID", "MAX_UII", "SCHEME", "Construct"]

SCHEME = "iuid"

MAX_UII: Final = 50
"""The longest UII, in characters; unverified."""

_ILLEGAL: Final = re.compile(r"[^0-9A-Z/-]")


class Construct(Enum):
    """What the serial number is unique in, or whose number the UII is."""

    ONE = 1
    """Within the enterprise."""

    TWO = 2
    """Within the original part number, or the lot."""

    EQUIVALENT = "equivalent"
    """An identifier of another kind that the Department of Defense accepts as a UII: a cell phone's serial number.
    Vehicle identification numbers and GS1 asset identifiers are so too, and stay what they are."""


# What the beginning of a complete UII tells: identifiers of a fixed length alone can be told from what follows.
_COMPLETE: Final = re.compile(rf"(D)({CAGE})(.+)|(UN)([0-9]{{9}})(.+)|(LD)([0-9A-Z]{{6}})(.+)")


@dataclass(frozen=True, slots=True)
class IUID:
    """A unique item identifier; only the UII itself counts when two are compared.

    Args:
        uii: 1 to 50 characters of A-Z, 0-9, hyphen and slash.
        construct: how it is derived; None when it was given complete, so that nobody can tell.
        issuing_agency: the agency's code; None when it is not known.
        enterprise: what the agency calls the enterprise; None when it is not known.
        part_number: the original part number: in the UII under construct 2, beside it under construct 1; else None.
        lot: the lot or batch, which takes the place of a part number that is None; else beside the UII, or None.
        serial: the serial number; None when it is not known.
        encoded: what the UII was derived from, as qualifiers and data.
        findings: remarks of who read it.

    Raises:
        InvalidIdentifier: other characters, too many, or pieces that do not make this UII.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        MIL-STD-130N, 6.4 and table IV

    Examples:
        >>> item = IUID.of("D", "1AB23", "SER", part_number="PN123")
        >>> item.canonical
        'iuid:D1AB23PN123SER'
        >>> [other.canonical for other in item.implied]
        ['part:1AB23/PN123/serial/SER', 'part:1AB23/PN123']
        >>> IUID("D1AB23PN123ser")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: 'D1AB23PN123ser' is not a UII: expected A-Z, 0-9, - or /, found 's' at position \
12.
    """

    uii: str
    construct: Construct | None = field(default=None, compare=False)
    issuing_agency: str | None = field(default=None, compare=False)
    enterprise: str | None = field(default=None, compare=False)
    part_number: str | None = field(default=None, compare=False)
    lot: str | None = field(default=None, compare=False)
    serial: str | None = field(default=None, compare=False)
    encoded: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        wrong = f"{shown(require_text(self.uii))} is not a UII"
        if illegal := _ILLEGAL.search(self.uii):
            raise InvalidIdentifier(
                f"{wrong}: expected A-Z, 0-9, - or /, found {shown(illegal[0])} at position {illegal.start() + 1}."
            )
        if not 1 <= len(self.uii) <= MAX_UII:
            raise InvalidIdentifier(f"{wrong}: expected 1 to {MAX_UII} characters, found {len(self.uii)}.")
        if self.construct in (Construct.ONE, Construct.TWO):
            pieces = (self.issuing_agency, self.enterprise, self.part_number, self.lot, self.serial)
            if self.uii != (made := _concatenated(self.construct, *pieces)):
                raise InvalidIdentifier(f"{wrong}: expected {shown(made)}, which its pieces make.")
        if self.part_number is not None and self.enterprise is not None:
            MakerPart(self.enterprise[:MAX_MAKER], self.part_number, self.lot, self.serial)

    @classmethod
    def of(
        cls,
        issuing_agency: str,
        enterprise: str,
        serial: str,
        *,
        part_number: str | None = None,
        lot: str | None = None,
    ) -> IUID:
        """The UII of an item, by construct 2 if there is a part number or a lot, else by construct 1.

        Args:
            issuing_agency: D, UN, LD, LB, LH, or for GS1 the first digit of the company prefix.
            enterprise: what that agency calls the enterprise, such as a CAGE code, without the agency's code.
            serial: the serial number, unique within the enterprise or, for construct 2, within the part or the lot.
            part_number: the original part number.
            lot: the lot or batch; it takes the place of the part number, if there is none.

        Raises:
            InvalidIdentifier: an unknown agency, an enterprise that is none of its, a missing piece, or a UII with
                other characters than A-Z, 0-9, - and /, or more than 50.
            InvalidInput: not a text.
            TooLarge: more than 2,000 characters.

        References:
            MIL-STD-130N, tables IV and A-II

        Examples:
            >>> IUID.of("UN", "194532636", "786950", part_number="1234").uii
            'UN1945326361234786950'
            >>> IUID.of("0", "0614141", "786950", lot="L7").uii
            '0614141L7786950'
        """
        agency = agency_of(issuing_agency)
        agency.require(enterprise)
        if agency is GS1 and not enterprise.startswith(issuing_agency):
            raise InvalidIdentifier(f"{shown(enterprise)} is not of GS1 {issuing_agency}: expected that digit first.")
        for name, piece in (("serial number", serial), ("part number", part_number), ("lot", lot)):
            if piece is not None and not require_text(piece):
                raise InvalidIdentifier(f"'' is not a {name} of a UII: expected at least one character, found none.")
        construct = Construct.ONE if part_number is None and lot is None else Construct.TWO
        return cls.derived(construct, issuing_agency, enterprise, part_number, lot, serial)

    @classmethod
    def derived(
        cls,
        construct: Construct,
        issuing_agency: str | None,
        enterprise: str,
        part_number: str | None,
        lot: str | None,
        serial: str,
        encoded: tuple[tuple[str, str], ...] = (),
    ) -> IUID:
        """The UII that the pieces of a mark make, where the enterprise is not held to its agency's form.

        Args:
            construct: 1 or 2; under 1, part number and lot are no part of the UII.
            issuing_agency: the agency's code; None when it stands in the enterprise or is not known.
            enterprise: what the agency calls the enterprise.
            part_number: the original part number, or None.
            lot: the lot or batch, or None.
            serial: the serial number.
            encoded: what the mark holds, as qualifiers and data.

        Raises:
            InvalidIdentifier: the pieces make no UII.
            InvalidInput: not a text.
            TooLarge: more than 2,000 characters.

        References:
            MIL-STD-130N, table IV
        """
        uii = _concatenated(construct, issuing_agency, enterprise, part_number, lot, serial)
        return cls(uii, construct, issuing_agency, enterprise, part_number, lot, serial, encoded)

    @classmethod
    def complete(cls, uii: str) -> IUID:
        """A UII that was given as one, with the agency and the enterprise that its beginning tells.

        Args:
            uii: what the data identifier 25S or the text element UID holds. Not a bare number: an equivalent, such as
                a cell phone's serial number, may begin in the same way.

        Raises:
            InvalidIdentifier: not a UII.
            InvalidInput: not a text.
            TooLarge: more than 2,000 characters.

        References:
            ANSI MH10.8.2, data identifier 25S; MIL-STD-130N, table VI, note 7

        Examples:
            >>> IUID.complete("UN123456789PA12345").enterprise
            '123456789'
        """
        found = _COMPLETE.fullmatch(require_text(uii))
        agency, enterprise, _ = [piece for piece in found.groups() if piece] if found else (None, None, None)
        return cls(uii, None, agency, enterprise)

    @property
    def canonical(self) -> str:
        """The unique form, `iuid:` and the UII."""
        return f"{SCHEME}:{self.uii}"

    @property
    def granularity(self) -> Granularity:
        """One item."""
        return Granularity.ITEM

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """The same item, its lot and its product by their maker's numbers, where the part number is known."""
        if self.enterprise is None or self.part_number is None or len(self.enterprise) > MAX_MAKER:
            return ()
        item = MakerPart(self.enterprise, self.part_number, self.lot, self.serial)
        return (item, *item.implied)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The pieces of the UII and what is known beside it; the whole UII when its pieces are not known."""
        agency = AGENCIES.get(self.issuing_agency or "")
        if self.construct is Construct.EQUIVALENT:
            return (Part("Electronic serial number", self.uii),)
        if self.enterprise is None or self.serial is None or self.construct is None:
            return (Part("Unique item identifier", self.uii),)
        pieces = (
            ("Issuing agency", None if agency is None or agency is GS1 else self.issuing_agency),
            ("Enterprise" if agency is None else agency.enterprise, self.enterprise),
            ("Original part number", self.part_number),
            ("Lot number", self.lot),
            ("Serial number", self.serial),
        )
        return tuple(Part(name, value) for name, value in pieces if value is not None)

    def as_envelope(self) -> str:
        r"""The message of data identifiers to be encoded in the item's mark: complete, with its trailer.

        A UII whose pieces are not known is written whole; so is one of construct 1 whose enterprise has no CAGE code.

        References:
            MIL-STD-130N, table A-II; ISO/IEC 15434, format 06

        Examples:
            >>> IUID.of("D", "1AB23", "SER", part_number="PN123").as_envelope()
            '[)>\x1e06\x1d17V1AB23\x1d1PPN123\x1dSSER\x1e\x04'
            >>> IUID.of("UN", "194532636", "786950").as_envelope()
            '[)>\x1e06\x1d25SUN194532636786950\x1e\x04'
        """
        return envelope.written("06", [qualifier + value for qualifier, value in self._data_identifiers()])

    def as_text_elements(self) -> str:
        r"""The message of text elements to be encoded in the item's mark, as in aerospace.

        Raises:
            InvalidInput: an equivalent, for which there is no text element.

        References:
            MIL-STD-130N, table VI; ISO/IEC 15434, format 12

        Examples:
            >>> IUID.of("D", "0CVA5", "674A36458").as_text_elements()
            '[)>\x1e12\x1dCAG 0CVA5\x1dSER 674A36458\x1e\x04'
        """
        if self.construct is Construct.EQUIVALENT:
            raise InvalidInput(f"{shown(self.uii)} is an equivalent of a UII: no text element says so.")
        return envelope.written("12", [f"{qualifier} {value}" for qualifier, value in self._text_elements()])

    def _data_identifiers(self) -> list[tuple[str, str]]:
        if self.construct is Construct.EQUIVALENT:
            return [("22S", self.uii)]
        if self.construct is Construct.ONE and self.issuing_agency == "D":
            elements = [("18S", f"{self.enterprise}{self.serial}")]
        elif self.construct is Construct.TWO:
            agency = AGENCIES.get(self.issuing_agency or "")
            if agency is None or agency.data_identifier == "18V":
                elements = [("18V", f"{self.issuing_agency or ''}{self.enterprise}")]
            else:
                elements = [(agency.data_identifier, str(self.enterprise))]
        else:
            elements = [("25S", self.uii)]
        beside = (("1P", self.part_number), ("1T", self.lot))
        elements += [(qualifier, value) for qualifier, value in beside if value is not None]
        return [*elements, ("S", str(self.serial))] if self.construct is Construct.TWO else elements

    def _text_elements(self) -> list[tuple[str, str]]:
        agency = AGENCIES.get(self.issuing_agency or "")
        if agency is None or agency.text_element is None or self.construct not in (Construct.ONE, Construct.TWO):
            return [("UID", self.uii)]
        lot, serial = ("LTN", "SEQ") if self.construct is Construct.TWO else ("LOT", "SER")
        elements = (
            (agency.text_element, self.enterprise),
            ("PNO", self.part_number),
            (lot, self.lot),
            (serial, self.serial),
        )
        return [(qualifier, value) for qualifier, value in elements if value is not None]


def _concatenated(
    construct: Construct,
    issuing_agency: str | None,
    enterprise: str | None,
    part_number: str | None,
    lot: str | None,
    serial: str | None,
) -> str:
    """The pieces in the order of a UII; the digit that stands for GS1 is in the company prefix already."""
    agency = "" if issuing_agency is None or AGENCIES.get(issuing_agency) is GS1 else issuing_agency
    within = "" if construct is Construct.ONE else part_number or lot or ""
    return f"{agency}{enterprise or ''}{within}{serial or ''}"
