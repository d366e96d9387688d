from __future__ import annotations

import pytest

from twin.errors import InvalidIdentifier
from twin.identity.epc.fields import Bits, Cage, Digits, Field, Integer, NumericString, SixBit, Stream, String

# The characters of TDS table G-1 with their codes, as printed there.
SIX_BITS = {"#": "100011", "-": "101101", "/": "101111", "0": "110000", "9": "111001", "A": "000001", "Z": "011010"}


def test_a_stream_gives_the_most_significant_bits_first() -> None:
    stream = Stream(0b101_0011, 7)
    assert (stream.take(3), stream.take(0), stream.take(4), stream.left) == (0b101, 0, 0b0011, 0)
    with pytest.raises(InvalidIdentifier, match="expected 2 more bits, found the end"):
        stream.take(2)


@pytest.mark.parametrize(
    ("field", "value", "bits"),
    [
        (Integer(4), "0", "0000"),
        (Integer(4), "15", "1111"),
        (Integer(10, 2), "99", "0001100011"),
        (Digits(7, 2), "07", "0000111"),
        (Digits(7, 2), "99", "1100011"),
        (Digits(1, 0), "", "0"),
        (NumericString(8), "00", "01100100"),
        (NumericString(8), "7", "00010001"),
        (String(16, 2), "A", "1000001" + "0" * 9),
        (String(14, 2), "a/", "1100001" + "0101111"),
        (SixBit(0, 2), "", "000000"),
        *((SixBit(0, 2), character, code + "000000") for character, code in SIX_BITS.items()),
        (Cage(6), "CAGEY", "100000" + "000011000001000111000101011001"),
        (Cage(6), "W81X9C", "010111111000110001011000111001000011"),
        (Cage(8), "CAGEY", f"{int.from_bytes(b' CAGEY', 'big'):048b}"),
    ],
)
def test_characters_to_bits_and_back(field: Field, value: str, bits: str) -> None:
    assert field.encode(value) == Bits(int(bits, 2), len(bits))
    stream = Stream(int(bits + "101", 2), len(bits) + 3)
    assert field.decode(stream) == value
    assert stream.left == 3


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        (Integer(4), "16", "at most 2 of them and less than 2^4, found '16'"),
        (Integer(4), "07", "expected digits without leading zeros"),
        (Integer(4), "", "found ''"),
        (Integer(4), "A", "found 'A'"),
        (Integer(4), "²", "found '²'"),
        (Integer(4), "٣", "found '٣'"),
        (Integer(62), "9" * 5000, "found '9999"),
        (Integer(10, 2), "100", "at most 2 of them"),
        (NumericString(8), "A", "expected digits alone that fit 8 bits, found 'A'"),
        (NumericString(8), "000", "found '000'"),
        (NumericString(8), "٣", "found '٣'"),
    ],
)
def test_what_has_no_room_is_refused(field: Field, value: str, why: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        field.encode(value)
    assert why in refused.value.message


@pytest.mark.parametrize(
    ("field", "bits", "why"),
    [
        (Integer(10, 2), "0001100100", "expected at most 2 digits, found 100"),
        (Digits(7, 2), "1100100", "expected 2 digits, found 100"),
        (Digits(1, 0), "1", "expected 0 digits, found 1"),
        (NumericString(8), "00000001", "expected a number that begins with 1, and a digit after it, found 1"),
        (NumericString(8), "11001000", "found 200"),
        (NumericString(8), "00000000", "found 0"),
        (String(14, 2), "0" * 14, "expected 1 to 2 characters, found 0"),
        (String(14, 2), "0000000" + "1000001", "expected nothing but zero bits after the last character"),
        (String(16, 2), "1000001" * 2 + "01", "expected nothing but zero bits after the last character"),
        (String(22, 2), "1000001" * 3 + "0", "expected 1 to 2 characters, found 3"),
        (SixBit(1, 2), "000000", "expected 1 to 2 characters, found 0"),
        (SixBit(0, 1), "000001" * 2 + "000000", "expected 0 to 1 characters, found 2"),
        (SixBit(0, 9), "000001" * 2, "expected 6 more bits, found the end"),
        (Cage(6), "0" * 35, "expected 1 more bits, found the end"),
    ],
)
def test_bits_that_stand_for_nothing_are_refused(field: Field, bits: str, why: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        field.decode(Stream(int(bits, 2), len(bits)))
    assert why in refused.value.message
