from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.identity.epc.epcs import ON_TAGS, epcs
from twin.errors import InvalidIdentifier, InvalidInput, TwinError
from twin.identity.epc import EPC, parse
from twin.identity.epc.codings import BY_HEADER, CODINGS, NOT_READ, Coding
from twin.identity.epc.fields import Bits, Cage, Digits, Field, Integer, NumericString, String
from twin.identity.epc.schemes import SCHEMES

FIXED = [coding for coding in CODINGS.values() if not coding.name.endswith("-var")]

# header, coding scheme: TDS table 14-1
HEADERS = """
2C gdti-96   2D gsrn-96   2E gsrnp-96  2F usdod-96  30 sgtin-96  31 sscc-96   32 sgln-96   33 grai-96   34 giai-96
35 gid-96    36 sgtin-198 37 grai-170  38 giai-202  39 sgln-195  3A gdti-113  3B adi-var   3C cpi-96    3D cpi-var
3E gdti-174  3F sgcn-96   40 itip-110  41 itip-212
E6 CPI++   E7 GSRN++ E8 GSRNP++ E9 SGLN++ EA GDTI++ EB GRAI++ EC SGCN++ ED ITIP++ EE GIAI++ EF SSCC++
F0 CPI+    F1 GRAI+  F2 SGLN+   F3 ITIP+  F4 GSRN+  F5 GSRNP+ F6 GDTI+  F7 SGTIN+ F8 SGCN+  F9 SSCC+ FA GIAI+
FB DSGTIN+ FC DSGTIN++ FD SGTIN++
"""


def size_of(field: Field) -> int:
    if isinstance(field, Cage):
        return 6 * field.width
    assert isinstance(field, Integer | Digits | NumericString | String)
    return field.bits


def test_the_headers_are_those_of_the_standard() -> None:
    known = {header: coding.name for header, coding in BY_HEADER.items()} | dict(NOT_READ)
    words = HEADERS.split()
    assert known == {int(header, 16): name for header, name in zip(words[::2], words[1::2], strict=True)}


@pytest.mark.parametrize("coding", FIXED, ids=lambda coding: coding.name)
def test_the_fields_make_as_many_bits_as_the_name_says(coding: Coding) -> None:
    company_prefix_bits = (40, 37, 34, 30, 27, 24, 20)
    tables = [
        3 + bits + size_of(field)
        for bits, field in zip(company_prefix_bits, coding.references, strict=bool(coding.references))
    ]
    assert len(set(tables)) <= 1  # the company prefix takes what the reference leaves
    total = 8 + coding.filter_bits + sum(tables[:1]) + sum(map(size_of, coding.fields)) + coding.reserved
    assert f"{coding.scheme}-{total}" == coding.name


def test_every_coding_is_of_a_known_scheme() -> None:
    assert {coding.scheme for coding in CODINGS.values()} == set(ON_TAGS) <= set(SCHEMES)


@given(st.data())
def test_every_epc_goes_to_a_tag_and_comes_back(data: st.DataObject) -> None:
    epc = data.draw(epcs(ON_TAGS))
    for coding in (coding for coding in CODINGS.values() if coding.scheme == epc.scheme):
        filter_value = data.draw(st.integers(0, (1 << coding.filter_bits) - 1))
        try:
            bits = coding.encode(epc.components, filter_value)
        except InvalidIdentifier:
            continue
        assert coding.decode(bits) == (epc.components, filter_value)
        if not coding.retired:
            hexadecimal, tag = epc.as_hex(filter_value, coding.name), epc.as_tag_uri(filter_value, coding.name)
            assert parse(hexadecimal) == parse(tag) == epc
            assert parse(hexadecimal).as_hex(filter_value, coding.name) == hexadecimal


@given(epcs(ON_TAGS))
def test_the_shortest_coding_that_holds_it_is_taken(epc: EPC) -> None:
    chosen = epc.as_tag_uri().split(":")[3]
    shorter = [coding.name for coding in CODINGS.values() if coding.scheme == epc.scheme and not coding.retired]
    for name in shorter[: shorter.index(chosen)]:
        with pytest.raises(InvalidInput, match=f"does not fit {name}"):
            epc.as_tag_uri(0, name)


@given(st.sampled_from(list(CODINGS.values())), st.binary(min_size=1, max_size=60))
@example(CODINGS["sgtin-96"], b"")
def test_whatever_the_bits_they_are_an_epc_that_encodes_to_them_or_are_refused(coding: Coding, tail: bytes) -> None:
    hexadecimal = f"{coding.header:02X}{tail.hex().upper()}"
    try:
        epc = parse(hexadecimal)
    except TwinError:
        return
    bits = Bits(int(hexadecimal, 16), 4 * len(hexadecimal))
    again = coding.encode(epc.components, coding.decode(bits)[1])
    assert bits.number == again.number << bits.length - again.length


@given(st.data())
def test_one_wrong_bit_is_another_epc_or_none(data: st.DataObject) -> None:
    """There is no check in the memory of a tag but the reader's CRC: a wrong bit must at least not go unseen."""
    epc = data.draw(epcs(ON_TAGS))
    hexadecimal = epc.as_hex()
    coding = BY_HEADER[int(hexadecimal[:2], 16)]
    place = data.draw(st.integers(0, 4 * len(hexadecimal) - 9 - coding.filter_bits))
    with contextlib.suppress(InvalidIdentifier):
        assert parse(f"{int(hexadecimal, 16) ^ 1 << place:X}") != epc


@pytest.mark.parametrize(
    ("hexadecimal", "why"),
    [
        ("307C257BF7194E4000001A85", "expected a partition value from 0 to 6, found 7 in sgtin-96"),
        ("3063" + "F" * 10 + "0" * 10, "expected 12 digits, found 1099511627775 in sgtin-96"),
        ("3077FFFFFF194E4000001A85", "expected 7 digits, found 16777215 in sgtin-96"),
        ("3174257BF4499602D2000001", "expected 24 reserved bits of zero, found others in sscc-96"),
        ("3074257BF7194E4000001A", "expected 8 more bits, found the end in sgtin-96"),
        ("3074257BF7194E4000001A8500", "expected 96 bits in words of 16, found 104 in sgtin-96"),
        ("3074257BF7194E4000001A850", "expected 96 bits in words of 16, found 100 in sgtin-96"),
        ("3674257BF6B7A659B2C2BF1000000000000000000000000001", "expected nothing but zero bits after the encoding"),
        ("3674257BF6B7A659B2C2BF1" + "0" * 30, "expected 198 bits in words of 16, found 212 in sgtin-198"),
        ("2C60AAAAAAAAAA6000000000", "expected 0 digits, found 1 in gdti-96"),
        ("3C600000000003FFFFFFFFFF", "expected at most 3 digits, found 2047 in cpi-96"),
        ("3D74257BF75411DEF6B4CC", "more bits, found the end in cpi-var"),
        ("3B0E0CF5E76C9047759AD00373DC7602E72000000", "in words of 16, found 164 in adi-var"),
        ("3074257BF7194E40000000Z5", "expected hexadecimal digits or a URI, found 'Z' at position 23"),
        ("E2801160600002052CD5A1B2", "expected the header of a binary coding scheme, found E2"),
        ("00" * 12, "expected the header of a binary coding scheme, found 00"),
        ("F7" * 12, "expected a coding scheme older than TDS 2, found SGTIN+, which is not read yet"),
        ("FA3952114132E83C2BF10", "found GIAI+, which is not read yet"),
        ("F7", "found SGTIN+, which is not read yet"),
        ("", "expected 2 to 500 hexadecimal digits, found 0"),
        ("3", "expected 2 to 500 hexadecimal digits, found 1"),
        ("30" * 1000, "expected 2 to 500 hexadecimal digits, found 2000"),
    ],
)
def test_what_is_no_encoding_is_refused_with_the_reason(hexadecimal: str, why: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        parse(hexadecimal)
    assert " is not an EPC: " in refused.value.message
    assert why in refused.value.message


@pytest.mark.parametrize("filling", ["", "0", "00"])
def test_the_zero_bits_up_to_a_word_may_be_there_or_not(filling: str) -> None:
    """198 bits are 50 digits, 25 bytes, or 13 words of 52 digits."""
    bare = "3674257BF6B7A659B2C2BF1000000000000000000000000000"
    assert len(bare) == 50
    assert parse(bare + filling).components == ("0614141", "712345", "32a/b")


def test_a_filter_value_must_fit() -> None:
    for name, most in (("sgtin-96", 7), ("usdod-96", 15), ("adi-var", 63), ("gid-96", 0)):
        CODINGS[name].require_filter_value(most)
        for wrong in (most + 1, -1, True, 1.0, "1", None):
            with pytest.raises(InvalidInput, match=f"Expected a filter value from 0 to {most} in {name}, found"):
                CODINGS[name].require_filter_value(wrong)  # type: ignore[arg-type]
