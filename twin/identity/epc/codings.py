"""The binary coding schemes: how the components of an EPC lie in the memory of a tag, one entry of a table each.

References:
    GS1 EPC Tag Data Standard 2.3, 14.2 (headers), 14.6 (coding tables); 10 and 12.3.1 (filter values)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twin.errors import InvalidIdentifier, InvalidInput, shown
from twin.identity.epc.fields import Bits, Cage, Digits, Field, Integer, NumericString, SixBit, Stream, String

__all__ = ["BY_HEADER", "CODINGS", "NOT_READ", "WORD", "Coding"]

WORD: Final = 16
"""The bits that a tag stores and sends at once: an encoding is filled up with zero bits to whole words (15.1.1)."""

# The bits of a GS1 Company Prefix of 12, 11, … 6 digits: partition values 0, 1, … 6. Every partition table begins so.
_COMPANY_PREFIX_BITS: Final = (40, 37, 34, 30, 27, 24, 20)


@dataclass(frozen=True, slots=True)
class Coding:
    """A binary coding scheme.

    Args:
        name: as it stands in a tag URI: the EPC scheme, and how many bits there are in all, or `var`.
        header: the first eight bits.
        filter_bits: the size of the filter value, after the header; 0 when there is none.
        references: the partition table: the field of the reference next to a GS1 Company Prefix of 12, 11, … 6 digits.
            Empty when the scheme has no company prefix.
        fields: the components after the reference, or all of them.
        reserved: how many bits at the end must be zero.
        retired: read, but written no more.
    """

    name: str
    header: int
    filter_bits: int
    references: tuple[Field, ...]
    fields: tuple[Field, ...]
    reserved: int = 0
    retired: bool = False

    @property
    def scheme(self) -> str:
        """The EPC scheme that it encodes."""
        return self.name.partition("-")[0]

    def require_filter_value(self, filter_value: int) -> None:
        """See that the filter value fits.

        Raises:
            InvalidInput: it is no integer, or too large.
        """
        most = (1 << self.filter_bits) - 1
        if not isinstance(filter_value, int) or isinstance(filter_value, bool) or not 0 <= filter_value <= most:
            raise InvalidInput(f"Expected a filter value from 0 to {most} in {self.name}, found {shown(filter_value)}.")

    def encode(self, components: tuple[str, ...], filter_value: int) -> Bits:
        """The bits of the encoding, not filled up to words.

        Args:
            components: all of them, which the EPC scheme has found right.
            filter_value: one that fits; 0 when the coding has none.

        Raises:
            InvalidIdentifier: one of them has no room in this coding; the message is the end of a sentence.
        """
        pieces = [Bits(self.header, 8), Bits(filter_value, self.filter_bits)]
        rest = components
        if self.references:
            partition = 12 - len(components[0])
            pieces += [
                Bits(partition, 3),
                Bits(int(components[0]), _COMPANY_PREFIX_BITS[partition]),
                self.references[partition].encode(components[1]),
            ]
            rest = components[2:]
        pieces += [field.encode(component) for field, component in zip(self.fields, rest, strict=True)]
        number = length = 0
        for piece in pieces:
            number, length = number << piece.length | piece.number, length + piece.length
        return Bits(number << self.reserved, length + self.reserved)

    def decode(self, bits: Bits) -> tuple[tuple[str, ...], int]:
        """The components and the filter value (0 when there is none).

        Args:
            bits: with this coding's header, and perhaps zero bits after the encoding, to fill up a word.

        Raises:
            InvalidIdentifier: they are no such encoding; the message is the end of a sentence.

        References:
            TDS 14.4
        """
        stream = Stream(*bits)
        stream.take(8)
        filter_value = stream.take(self.filter_bits)
        components = []
        if self.references:
            partition = stream.take(3)
            if partition == 7:
                raise InvalidIdentifier("expected a partition value from 0 to 6, found 7")
            company_prefix = Digits(_COMPANY_PREFIX_BITS[partition], 12 - partition)
            components += [company_prefix.decode(stream), self.references[partition].decode(stream)]
        components += [field.decode(stream) for field in self.fields]
        if stream.take(self.reserved):
            raise InvalidIdentifier(f"expected {self.reserved} reserved bits of zero, found others")
        used = bits.length - stream.left
        if stream.left > -used % WORD:
            raise InvalidIdentifier(f"expected {used} bits in words of {WORD}, found {bits.length}")
        if stream.take(stream.left):
            raise InvalidIdentifier("expected nothing but zero bits after the encoding, found others")
        return tuple(components), filter_value


def _digits(fewest: int, *sizes: int) -> tuple[Field, ...]:
    return tuple(Digits(bits, fewest + partition) for partition, bits in enumerate(sizes))


_ITEM_REFERENCE: Final = _digits(1, 4, 7, 10, 14, 17, 20, 24)
_ASSET_TYPE: Final = _digits(0, 4, 7, 10, 14, 17, 20, 24)
_SERIAL_REFERENCE: Final = _digits(5, 18, 21, 24, 28, 31, 34, 38)
_CLASS_REFERENCE: Final = _digits(0, 1, 4, 7, 11, 14, 17, 21)
_ASSET_NUMBER: Final = tuple(map(Integer, (42, 45, 48, 52, 55, 58, 62)))
_ASSET_STRING: Final = tuple(map(String, (148, 151, 154, 158, 161, 164, 168), range(18, 25)))
_PART_NUMBER: Final = tuple(map(Integer, (11, 14, 17, 21, 24, 27, 31), range(3, 10)))
_PART_STRING: Final = tuple(SixBit(1, most) for most in range(18, 25))
_PIECES: Final = (Digits(7, 2), Digits(7, 2))

CODINGS: Final = {
    coding.name: coding
    for coding in (
        # For each EPC scheme the shortest first: the first that holds an EPC is the one to write.
        Coding("sgtin-96", 0x30, 3, _ITEM_REFERENCE, (Integer(38),)),
        Coding("sgtin-198", 0x36, 3, _ITEM_REFERENCE, (String(140, 20),)),
        Coding("sscc-96", 0x31, 3, _SERIAL_REFERENCE, (), reserved=24),
        Coding("sgln-96", 0x32, 3, _CLASS_REFERENCE, (Integer(41),)),
        Coding("sgln-195", 0x39, 3, _CLASS_REFERENCE, (String(140, 20),)),
        Coding("grai-96", 0x33, 3, _ASSET_TYPE, (Integer(38),)),
        Coding("grai-170", 0x37, 3, _ASSET_TYPE, (String(112, 16),)),
        Coding("giai-96", 0x34, 3, _ASSET_NUMBER, ()),
        Coding("giai-202", 0x38, 3, _ASSET_STRING, ()),
        Coding("gsrn-96", 0x2D, 3, _SERIAL_REFERENCE, (), reserved=24),
        Coding("gsrnp-96", 0x2E, 3, _SERIAL_REFERENCE, (), reserved=24),
        Coding("gdti-96", 0x2C, 3, _CLASS_REFERENCE, (Integer(41),)),
        Coding("gdti-174", 0x3E, 3, _CLASS_REFERENCE, (String(119, 17),)),
        Coding("gdti-113", 0x3A, 3, _CLASS_REFERENCE, (NumericString(58),), retired=True),
        Coding("cpi-96", 0x3C, 3, _PART_NUMBER, (Integer(31),)),
        Coding("cpi-var", 0x3D, 3, _PART_STRING, (Integer(40),)),
        Coding("sgcn-96", 0x3F, 3, _CLASS_REFERENCE, (NumericString(41),)),
        Coding("itip-110", 0x40, 3, _ITEM_REFERENCE, (*_PIECES, Integer(38))),
        Coding("itip-212", 0x41, 3, _ITEM_REFERENCE, (*_PIECES, String(140, 20))),
        Coding("gid-96", 0x35, 0, (), (Integer(28), Integer(24), Integer(36))),
        Coding("usdod-96", 0x2F, 4, (), (Cage(8), Integer(36))),
        Coding("adi-var", 0x3B, 6, (), (Cage(6), SixBit(0, 32), SixBit(1, 30))),
    )
}

BY_HEADER: Final = {coding.header: coding for coding in CODINGS.values()}

NOT_READ: Final = {
    header: name
    for first, names in (
        (0xE6, "CPI++ GSRN++ GSRNP++ SGLN++ GDTI++ GRAI++ SGCN++ ITIP++ GIAI++ SSCC++"),
        (0xF0, "CPI+ GRAI+ SGLN+ ITIP+ GSRN+ GSRNP+ GDTI+ SGTIN+ SGCN+ SSCC+ GIAI+ DSGTIN+ DSGTIN++ SGTIN++"),
    )
    for header, name in enumerate(names.split(), first)
}
"""The coding schemes of TDS 2 by their headers: known, but not read yet. They need no company prefix length."""
