"""Compressed Digital Links: the elements of a GS1 Digital Link as bits, written in 64 characters.

Each element is its application identifier, four bits a digit, and its value, piece by piece. A byte that is no decimal
number stands for several application identifiers whose values follow, or begins a pair of a query that is not GS1's.

The text of the standard was not at hand. This follows what GS1's own prototype reads and writes, and is tested with the
examples of another implementation. Two of its sequences of application identifiers (1A and 9D) are not read: the
prototype sorts them, its table does not.

References:
    GS1 Digital Link Standard: URI Syntax, compression; github.com/gs1/GS1DigitalLinkCompressionPrototype; RFC 4648, 5
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity.gs1._ais import AIS, LENGTHS, Component, Element
from twin.identity.gs1._digital_link import elements_in_path, escaped_for_query, path_and_query_of

CODE: Final = "[A-Za-z0-9_-]{8,}"
"""A segment of a path that may be compressed; no shorter one holds a key."""

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_HEXADECIMAL: Final = "0123456789abcdef"
_SEGMENT: Final = re.compile("[A-Za-z0-9_-]+")
_PAIR: Final = 0xF  # the first four bits of a pair that is not GS1's
_DIGITS_ALONE: Final = 0
_BITS_AND_CHARACTERS: Final = {
    1: (4, _HEXADECIMAL),
    2: (4, _HEXADECIMAL.upper()),
    3: (6, _ALPHABET),
    4: (7, "".join(map(chr, range(128)))),
}
_SEQUENCES: Final[Mapping[int, tuple[str, ...]]] = {
    **dict(zip(range(0x0A, 0x10), (("01", ai) for ai in ("22", "10", "21", "17", "7003", "30")), strict=True)),
    **dict(zip(range(0x1B, 0x1F), (("01", ai) for ai in ("15", "11", "16", "91")), strict=True)),
    0x1F: ("01", "10", "15"),
    **{0x2A + place: ("01", f"310{place}") for place in range(6)},
    **{0x3A + place: ("01", f"320{place}") for place in range(6)},
    0x9A: ("8010", "8011"),
    0x9B: ("8017", "8019"),
    0x9C: ("8018", "8019"),
    **{0xA0 + place: ("01", f"392{place}") for place in range(10)},
    **{0xC0 + place: ("255", f"390{place}") for place in range(10)},
    **{0xCA + place: ("255", f"394{place}") for place in range(4)},
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a value: digits or any characters, so many of them, or at most."""

    digits: bool
    longest: int
    fixed: bool


class _Bits:
    """Bits that are read from the front.

    Args:
        code: the characters that hold them, of the alphabet.
    """

    def __init__(self, code: str) -> None:
        self.left = 6 * len(code)
        self._value = 0
        for character in code:
            self._value = self._value << 6 | _ALPHABET.index(character)

    def take(self, count: int) -> int:
        """The next bits as a number.

        Raises:
            ValueError: there are not so many.
        """
        if count > self.left:
            raise ValueError(f"expected {count} bits more, found {self.left}")
        self.left -= count
        taken, self._value = self._value >> self.left, self._value & ((1 << self.left) - 1)
        return taken

    def end(self) -> None:
        """Nothing, if zeros alone are left.

        Raises:
            ValueError: something else is.
        """
        if self._value:
            raise ValueError("expected zeros at the end")

    def digits(self, count: int) -> str:
        """A number of so many digits, with zeros in front.

        Raises:
            ValueError: it has more.
        """
        number = self.take(_bits_of(count))
        if number >= 10**count:
            raise ValueError(f"expected {count} digits, found {number}")
        return f"{number:0{count}}" if count else ""

    def characters(self, encoding: int, count: int) -> str:
        """So many characters.

        Raises:
            ValueError: there is no such encoding.
        """
        if encoding == _DIGITS_ALONE:
            return self.digits(count)
        if encoding not in _BITS_AND_CHARACTERS:
            raise ValueError(f"expected an encoding from 0 to 4, found {encoding}")
        bits, characters = _BITS_AND_CHARACTERS[encoding]
        return "".join(characters[self.take(bits)] for _ in range(count))


def decompressed(path: str) -> str:
    """The path, and the query if there is one, of the Digital Link that a compressed path stands for.

    Args:
        path: one segment that is compressed, or a primary key, its value, and such a segment; no slash in front.

    Raises:
        InvalidIdentifier: why it stands for none.

    Examples:
        >>> decompressed("AQnYUc1gmiCNV4JGQhcNT6K6c")
        '01/05412345000013/10/ABC123/21/72292641703'
        >>> decompressed("01/05412345000013/EEarwSM")
        '01/05412345000013/10/ABC123'
        >>> decompressed("AQnYUc1gmA")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '05412345000012' is not a GS1 (01) GTIN: expected the check digit 3, found '2' \
at position 14.
    """
    before, _, code = path.rpartition("/")
    given = elements_in_path(before) if before else ()
    found, others = _read(code)
    elements = (*given, *found)
    for ai, value in elements:
        AIS[ai].require(value)
    if len(dict(elements)) < len(elements):
        raise InvalidIdentifier(f"{shown(path)}: expected each application identifier once in a compressed link.")
    plain = path_and_query_of(elements)
    query = "&".join(f"{escaped_for_query(name)}={escaped_for_query(value)}" for name, value in others)
    return f"{plain}{'&' if '?' in plain else '?'}{query}" if query else plain


def compressed(path: str) -> str:
    """A path with a primary key, and perhaps qualifiers, as one compressed segment.

    Args:
        path: of a Digital Link, without a slash in front.

    Raises:
        InvalidIdentifier: it is none.

    Examples:
        >>> compressed("01/05412345000013/10/ABC123/21/72292641703")
        'AQnYUc1gmiCNV4JGQhcNT6K6c'
    """
    bits = "".join(_written(ai, value) for ai, value in elements_in_path(path))
    bits += "0" * (-len(bits) % 6)
    return "".join(_ALPHABET[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))


def _read(code: str) -> tuple[list[Element], list[tuple[str, str]]]:
    wrong = f"{shown(code)} is not the compressed part of a GS1 Digital Link"
    if not _SEGMENT.fullmatch(code):
        raise InvalidIdentifier(f"{wrong}: expected letters, digits, - and _.")
    bits = _Bits(code)
    elements: list[Element] = []
    others: list[tuple[str, str]] = []
    try:
        while bits.left > 8:  # fewer are padding
            first, second = bits.take(4), bits.take(4)
            if first == _PAIR:
                others.append(_pair(bits, second))
            else:
                elements += [(ai, _value(bits, ai)) for ai in _ais(bits, first, second)]
        bits.end()
    except ValueError as error:
        raise InvalidIdentifier(f"{wrong}: {error}.") from None
    return elements, others


def _ais(bits: _Bits, first: int, second: int) -> tuple[str, ...]:
    """The application identifiers that begin with two figures, or that these stand for."""
    if first > 9 or second > 9:
        sequence = _SEQUENCES.get(first << 4 | second)
        if sequence is None:
            raise ValueError(f"expected a known sequence of application identifiers, found {first:X}{second:X}")
        return sequence
    ai = f"{first}{second}"
    ai += "".join(f"{bits.take(4):X}" for _ in range(LENGTHS.get(ai, 2) - 2))
    if ai not in AIS:
        raise ValueError(f"expected an application identifier, found {ai}")
    return (ai,)


def _value(bits: _Bits, ai: str) -> str:
    return "".join(_piece(bits, piece) for piece in _pieces(AIS[ai].components))


def _piece(bits: _Bits, piece: _Piece) -> str:
    encoding = _DIGITS_ALONE if piece.digits else bits.take(3)
    count = piece.longest if piece.fixed else bits.take(piece.longest.bit_length())
    return bits.characters(encoding, count)


def _pair(bits: _Bits, begun: int) -> tuple[str, str]:
    """A name and its value: the length of the name is seven bits, of which four were taken."""
    name = bits.characters(3, begun << 3 | bits.take(3))
    encoding, count = bits.take(3), bits.take(7)
    return name, bits.characters(encoding, count)


@cache
def _pieces(components: tuple[Component, ...]) -> tuple[_Piece, ...]:
    """What a value is cut into: neighbours of one kind are one, but for a number of digits that is never another."""
    runs = ((digits, list(run)) for digits, run in groupby(components, _is_digits))
    return tuple(piece for digits, run in runs for piece in _of_run(run, digits=digits))


def _is_digits(component: Component) -> bool:
    return component.characters == "N"


def _of_run(run: list[Component], *, digits: bool) -> Iterator[_Piece]:
    fixed = [one for one in run if one.shortest == one.longest and not one.optional]
    others = [one for one in run if one not in fixed]
    if not digits and others:
        fixed, others = [], run
    for some, is_fixed in ((fixed, True), (others, False)):
        if some:
            yield _Piece(digits, sum(one.longest for one in some), is_fixed)


def _bits_of(digits: int) -> int:
    """How many bits a number of so many digits takes: at least one, even for none."""
    return max(1, (int(10**digits) - 1).bit_length())


def _written(ai: str, value: str) -> str:
    written = "".join(f"{int(figure):04b}" for figure in ai)
    at = 0
    for piece in _pieces(AIS[ai].components):
        text = value[at : at + piece.longest]
        at += len(text)
        encoding = _DIGITS_ALONE if piece.digits else _encoding(text)
        written += "" if piece.digits else f"{encoding:03b}"
        written += "" if piece.fixed else f"{len(text):0{piece.longest.bit_length()}b}"
        written += _characters_written(text, encoding)
    return written


def _encoding(text: str) -> int:
    if not text:
        return max(_BITS_AND_CHARACTERS)  # as others do
    if not text.strip("0123456789"):
        return _DIGITS_ALONE
    return next(known for known, (_, characters) in _BITS_AND_CHARACTERS.items() if not set(text) - set(characters))


def _characters_written(text: str, encoding: int) -> str:
    if encoding == _DIGITS_ALONE:
        return f"{int(text or '0'):0{_bits_of(len(text))}b}"
    bits, characters = _BITS_AND_CHARACTERS[encoding]
    return "".join(f"{characters.index(character):0{bits}b}" for character in text)
