"""The fields of an EPC's binary encoding, one class a coding method: characters to bits, and bits to characters.

A field decodes whatever bits it gets; whether the characters suit the EPC scheme is for the scheme to say. It encodes
only what the scheme has found right, and refuses what is right but has no room here, such as a serial number with
leading zeros in an integer.

References:
    GS1 EPC Tag Data Standard 2.3, 14.3 (encoding methods), 14.4 (decoding methods), Annex G (6-bit characters)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from twin.errors import InvalidIdentifier, shown

__all__ = ["Bits", "Cage", "Digits", "Field", "Integer", "NumericString", "SixBit", "Stream", "String"]

CAGE_PAD: Final = " "
"""What stands before a CAGE code of five characters, where a DoDAAC has six."""


class Bits(NamedTuple):
    """So many bits, as an unsigned number."""

    number: int
    length: int


class Stream:
    """Bits to be read from the most significant on.

    Args:
        number: the bits, as an unsigned number.
        length: how many they are, leading zeros included.
    """

    __slots__ = ("left", "number")

    def __init__(self, number: int, length: int) -> None:
        self.number, self.left = number, length

    def take(self, length: int) -> int:
        """The next bits, as an unsigned number.

        Raises:
            InvalidIdentifier: there are not so many left.
        """
        self.left -= length
        if self.left < 0:
            raise InvalidIdentifier(f"expected {-self.left} more bits, found the end")
        return self.number >> self.left & (1 << length) - 1


class Field(Protocol):
    """A coding method with its size. What it raises is the end of a sentence: what was expected, what was found."""

    def encode(self, value: str) -> Bits:
        """The bits that stand for the characters, or InvalidIdentifier when they have no room here."""

    def decode(self, stream: Stream) -> str:
        """The characters that the next bits stand for, or InvalidIdentifier when they stand for none."""


@dataclass(frozen=True, slots=True)
class Integer:
    """A number without leading zeros.

    Args:
        bits: its size.
        most: the most digits that it may have, where the size would allow more.

    References:
        TDS 14.3.1, 14.4.1; within a partition 14.3.4, 14.4.4
    """

    bits: int
    most: int = 20

    def encode(self, value: str) -> Bits:
        """The number; digits alone, without leading zeros, that fit the size."""
        plain = value.isascii() and value.isdigit() and len(value) <= self.most and (value[0] != "0" or value == "0")
        if not plain or int(value) >> self.bits:
            raise InvalidIdentifier(
                f"expected digits without leading zeros, at most {min(self.most, len(str(2**self.bits - 1)))} of them "
                f"and less than 2^{self.bits}, found {shown(value)}"
            )
        return Bits(int(value), self.bits)

    def decode(self, stream: Stream) -> str:
        """The digits of the number."""
        value = str(stream.take(self.bits))
        if len(value) > self.most:
            raise InvalidIdentifier(f"expected at most {self.most} digits, found {value}")
        return value


@dataclass(frozen=True, slots=True)
class Digits:
    """A number of so many digits, leading zeros included; of none at all when `digits` is 0.

    Args:
        bits: its size.
        digits: how many there are.

    References:
        TDS 14.3.3 and 14.4.3 (within a partition), 14.3.10 (fixed width: its rule as written would refuse 99, which
        General Specifications allow, so it is not applied)
    """

    bits: int
    digits: int

    def encode(self, value: str) -> Bits:
        """The number; the scheme has counted its digits."""
        return Bits(int(value or "0"), self.bits)

    def decode(self, stream: Stream) -> str:
        """The digits of the number."""
        number = stream.take(self.bits)
        if number >= 10**self.digits:
            raise InvalidIdentifier(f"expected {self.digits} digits, found {number}")
        return f"{number:0{self.digits}d}" if self.digits else ""


@dataclass(frozen=True, slots=True)
class NumericString:
    """Digits with their leading zeros, kept by a 1 in front.

    Args:
        bits: its size.

    References:
        TDS 14.3.6, 14.4.6
    """

    bits: int

    def encode(self, value: str) -> Bits:
        """The number with a 1 in front; digits alone."""
        if not (value.isascii() and value.isdigit()) or 2 * 10 ** len(value) >= 1 << self.bits:
            raise InvalidIdentifier(f"expected digits alone that fit {self.bits} bits, found {shown(value)}")
        return Bits(int("1" + value), self.bits)

    def decode(self, stream: Stream) -> str:
        """The digits after the 1."""
        value = str(stream.take(self.bits))
        if value[0] != "1" or value == "1":
            raise InvalidIdentifier(f"expected a number that begins with 1, and a digit after it, found {value}")
        return value[1:]


@dataclass(frozen=True, slots=True)
class String:
    """ASCII characters of seven bits each, filled up with zero bits.

    Args:
        bits: its size.
        most: the most characters.

    References:
        TDS 14.3.2, 14.4.2; within a partition 14.3.5, 14.4.5
    """

    bits: int
    most: int

    def encode(self, value: str) -> Bits:
        """The characters; the scheme has seen that they are ASCII and not too many."""
        number = 0
        for character in value:
            number = number << 7 | ord(character)
        return Bits(number << self.bits - 7 * len(value), self.bits)

    def decode(self, stream: Stream) -> str:
        """The characters before the first zero, after which all must be zero."""
        number, left = stream.take(self.bits), self.bits
        characters = []
        while left >= 7:
            left -= 7
            code = number >> left & 0x7F
            if not code:
                break
            characters.append(chr(code))
        if number & (1 << left) - 1:
            raise InvalidIdentifier("expected nothing but zero bits after the last character, found others")
        if not 0 < len(characters) <= self.most:
            raise InvalidIdentifier(f"expected 1 to {self.most} characters, found {len(characters)}")
        return "".join(characters)


@dataclass(frozen=True, slots=True)
class SixBit:
    """Characters of six bits each, with six zero bits after the last.

    Args:
        least: the fewest characters.
        most: the most characters.

    References:
        TDS 14.3.8, 14.4.8, Table G-1; within a partition 14.3.9, 14.4.9
    """

    least: int
    most: int

    def encode(self, value: str) -> Bits:
        """The characters and the end; the scheme has seen that they are in the table and not too many."""
        number = 0
        for character in value:
            number = number << 6 | ord(character) & 0x3F
        return Bits(number << 6, 6 * len(value) + 6)

    def decode(self, stream: Stream) -> str:
        """The characters before the end."""
        characters = []
        while code := stream.take(6):
            characters.append(_six_bit(code))
        if not self.least <= len(characters) <= self.most:
            raise InvalidIdentifier(f"expected {self.least} to {self.most} characters, found {len(characters)}")
        return "".join(characters)


@dataclass(frozen=True, slots=True)
class Cage:
    """A CAGE code of five or a DoDAAC of six characters.

    Args:
        width: the bits of a character: 6 in an ADI, 8 in a DoD identifier.

    References:
        TDS 14.3.7, 14.4.7 (6 bits); for 8 bits the United States Department of Defense Suppliers' Passive RFID
        Information Guide (read in excerpts), to which TDS 14.6.13 leaves them
    """

    width: int

    def encode(self, value: str) -> Bits:
        """Six characters: a space before a CAGE code."""
        number = 0
        for character in value.rjust(6, CAGE_PAD):
            number = number << self.width | ord(character) & (1 << self.width) - 1
        return Bits(number, 6 * self.width)

    def decode(self, stream: Stream) -> str:
        """Six characters, or five after a space."""
        codes = [stream.take(self.width) for _ in range(6)]
        return "".join(map(_six_bit if self.width == 6 else chr, codes)).removeprefix(CAGE_PAD)


def _six_bit(code: int) -> str:
    return chr(code if code >= 0x20 else code + 0x40)
