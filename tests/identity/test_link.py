from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InvalidIdentifier, InvalidInput, TooLarge, shown
from twin.identity import Part
from twin.identity.link import LinkId, origin_of, parse, public_url_of, read

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID = "0123456789ABC8"

numbers = st.integers(0, 2**65 - 1)
links = numbers.map(LinkId.from_random)


def luhn_holds(value: str) -> bool:
    """Whether the check character is right, by a second way: the whole id sums to nothing modulo 32."""
    total = 0
    for place, character in enumerate(reversed(value)):
        addend = ALPHABET.index(character) * (1 + place % 2)
        total += addend // 32 + addend % 32
    return total % 32 == 0


def valid(value: str) -> bool:
    try:
        return LinkId(value).value == value
    except InvalidIdentifier:
        return False


@pytest.mark.parametrize(
    ("bits", "value"),
    [
        (0, "00000000000000"),
        (1, "0000000000001Y"),
        (2**65 - 1, "ZZZZZZZZZZZZZD"),
        (bytes(9), "00000000000000"),
        (b"\xff" * 9, "ZZZZZZZZZZZZZD"),
        (b"\xff" * 32, "ZZZZZZZZZZZZZD"),
        (bytes(8) + b"\x7f", "00000000000000"),  # the last seven bits are left over
        (bytes(8) + b"\x80", "0000000000001Y"),
        (b"\x08" + bytes(8), "1000000000000Y"),
    ],
)
def test_from_random_takes_65_bits_from_the_left(bits: bytes | int, value: str) -> None:
    assert LinkId.from_random(bits).value == value
    assert luhn_holds(value)


@given(numbers)
def test_every_number_has_its_own_id(number: int) -> None:
    value = LinkId.from_random(number).value
    assert re.fullmatch(f"[{ALPHABET}]{{14}}", value)
    assert luhn_holds(value)
    digits = [ALPHABET.index(character) for character in value[:-1]]
    assert sum(digit << 5 * place for place, digit in enumerate(reversed(digits))) == number
    assert LinkId.from_random((number << 7).to_bytes(9, "big")).value == value


@pytest.mark.parametrize("bits", [b"", bytes(8), -1, 2**65, True, None, 1.5, "0" * 14, bytearray(9)])
def test_from_random_refuses_what_is_not_65_bits(bits: object) -> None:
    with pytest.raises(InvalidInput, match="for a link id, found"):
        LinkId.from_random(bits)  # type: ignore[arg-type]


@given(links)
def test_canonical_is_read_back(link: LinkId) -> None:
    assert link.canonical == f"link:{link.value}"
    assert parse(link.canonical.removeprefix("link:")) == link
    assert parse(link.value.lower()) == link
    assert link.findings == ()
    assert link.parts == (Part("Random characters", link.value[:13]), Part("Check character", link.value[13]))


@pytest.mark.parametrize("base", [ID, "00000000000000", "ZZZZZZZZZZZZZD", "7N3HYK2Q8W0MT"])
def test_every_single_wrong_character_is_caught(base: str) -> None:
    """All 14 places, all 32 right characters in each, all 31 wrong ones for each."""
    if len(base) == 13:
        base = next(base + check for check in ALPHABET if luhn_holds(base + check))
    for place in range(13):
        for original in ALPHABET:
            random = base[:place] + original + base[place + 1 : 13]
            [check] = [check for check in ALPHABET if valid(random + check)]
            right = random + check
            for other in ALPHABET.replace(original, ""):
                assert not valid(right[:place] + other + right[place + 1 :])
    assert [other for other in ALPHABET if valid(base[:13] + other)] == [base[13]]


def test_swaps_of_neighbours_are_caught_but_for_zero_and_the_last_letter() -> None:
    """All 13 pairs of places, all pairs of different characters: only 0 and Z swap unseen."""
    unseen = set()
    for first, second in pairwise(range(14)):
        for left in ALPHABET:
            for right in ALPHABET.replace(left, ""):
                pair = ["0"] * 14
                pair[first], pair[second] = left, right
                filler = 0 if first > 0 else 13  # a place outside the pair makes the check character come right
                for character in ALPHABET:
                    pair[filler] = character
                    if valid("".join(pair)):
                        break
                else:
                    pytest.fail(f"no right id with {left}{right} at {first}")
                pair[first], pair[second] = right, left
                if valid("".join(pair)):
                    unseen.add((first, frozenset((left, right))))
    assert unseen == {(first, frozenset("0Z")) for first in range(13)}


@pytest.mark.parametrize(
    "text",
    [
        "0123456789abc8",
        "O123456789ABC8",
        "o123456789ABC8",
        "0I23456789ABC8",
        "0i23456789ABC8",
        "0L23456789ABC8",
        "0l23456789ABC8",
        "0123-4567-89AB-C8",
        "-0123456789ABC8--",
        "ol23-4567-89ab-c8",
    ],
)
def test_parse_forgives_what_crockford_forgives(text: str) -> None:
    assert parse(text) == LinkId(ID)
    assert parse(text).value == ID


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "expected 14 characters, found 0."),
        ("0123456789ABC", "expected 14 characters, found 13."),
        ("0123456789ABC80", "expected 14 characters, found 15."),
        ("0123456789ABC8\n", "expected 14 characters, found 15."),
        ("0123456789ABCX", "expected the check character 8 at position 14, found 'X'."),
        ("U123456789ABC8", "expected A-Z without I, L, O, U, or 0-9, at position 1, found 'U'."),
        ("u123456789ABC8", "expected A-Z without I, L, O, U, or 0-9, at position 1, found 'u'."),
        ("0123 456789ABC", "expected A-Z without I, L, O, U, or 0-9, at position 5, found ' '."),
        ("\uff10123456789ABC8", "expected A-Z without I, L, O, U, or 0-9, at position 1, found '\uff10'."),
        ("¹123456789ABC8", "expected A-Z without I, L, O, U, or 0-9, at position 1, found '¹'."),
        ("0\u013123456789ABC8", "expected A-Z without I, L, O, U, or 0-9, at position 2, found '\u0131'."),
        ("0123456789AB\u212a8", "expected A-Z without I, L, O, U, or 0-9, at position 13, found '\u212a'."),
        ("0123\ud80056789ABC8", "expected A-Z without I, L, O, U, or 0-9, at position 5, found '\\ud800'."),
        ("0123\x0056789ABC8", "expected A-Z without I, L, O, U, or 0-9, at position 5, found '\\x00'."),
    ],
)
def test_what_is_no_link_id_is_refused_with_the_reason(text: str, found: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        parse(text)
    assert refused.value.message == f"{shown(text)} is not a link id: {found}"


def test_a_link_id_that_exists_is_canonical() -> None:
    for loose in ("0123456789abc8", "O123456789ABC8", "0123-456789ABC8"):
        with pytest.raises(InvalidIdentifier):
            LinkId(loose)
    for origin in ("https://Twin.example", "https://twin.example/a", "https://twin.example:443", "twin.example", ""):
        with pytest.raises(InvalidInput):
            LinkId(ID, origin)


@pytest.mark.parametrize(
    ("public_url", "url"),
    [
        ("https://twin.example", "HTTPS://TWIN.EXAMPLE/L/"),
        ("http://127.0.0.1:8000", "HTTP://127.0.0.1:8000/L/"),
        ("https://Twin.Example/Plant-7/labels", "HTTPS://TWIN.EXAMPLE/Plant-7/labels/L/"),
        ("https://twin.example:443", "HTTPS://TWIN.EXAMPLE/L/"),
        ("http://twin.example:443", "HTTP://TWIN.EXAMPLE:443/L/"),
        ("https://twin.example/a%2fb", "HTTPS://TWIN.EXAMPLE/a%2fb/L/"),
        ("https://xn--bcher-kva.example", "HTTPS://XN--BCHER-KVA.EXAMPLE/L/"),
    ],
)
def test_as_url_raises_what_is_the_same_in_either_case(public_url: str, url: str) -> None:
    link = LinkId(ID)
    assert link.as_url(public_url) == url + ID
    assert link.as_url(public_url_of(public_url)) == url + ID
    [scanned] = read(link.as_url(public_url))
    assert scanned == link
    assert scanned.origin == origin_of(public_url)


def test_a_link_without_a_path_fits_the_alphanumeric_mode_of_qr() -> None:
    assert re.fullmatch(r"[0-9A-Z $%*+./:-]+", LinkId(ID).as_url("https://twin.example:8443"))


def test_the_longest_link_has_255_characters() -> None:
    longest = "https://twin.example/" + "a" * 217
    assert len(LinkId(ID).as_url(longest)) == 255
    for call in (public_url_of, origin_of, LinkId(ID).as_url):
        with pytest.raises(TooLarge, match="at most 238 characters"):
            call(longest + "a")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "the end at position 1"),
        ("twin.example", "'t' at position 1"),
        ("//twin.example", "'/' at position 1"),
        ("ftp://twin.example", "'f' at position 1"),
        ("javascript:alert(1)", "'j' at position 1"),
        (" https://twin.example", "' ' at position 1"),
        ("http\u017f://twin.example", "'h' at position 1"),
        ("https://", "the end at position 9"),
        ("https:///L", "'/' at position 9"),
        ("https://[::1]", "'[' at position 9"),
        ("https://-twin.example", "'-' at position 9"),
        ("https://bücher.example", "'ü' at position 10"),
        ("https://twin.example.", "'.' at position 21"),
        ("https://twin_1.example", "'_' at position 13"),
        ("https://user@twin.example", "'@' at position 13"),
        ("https://user:secret@twin.example", "':' at position 13"),
        ("https://twin.example:", "':' at position 21"),
        ("https://twin.example:123456", "'6' at position 27"),
        ("https://twin.example/", "'/' at position 21"),
        ("https://twin.example/a/", "'/' at position 23"),
        ("https://twin.example//a", "'/' at position 21"),
        ("https://twin.example/../a", "'/' at position 21"),
        ("https://twin.example/a/.", "'/' at position 23"),
        ("https://twin.example/a%2", "'%' at position 23"),
        ("https://twin.example/a b", "' ' at position 23"),
        ("https://twin.example?a=1", "'?' at position 21"),
        ("https://twin.example/a#b", "'#' at position 23"),
        ("https://twin.example\n", "'\\n' at position 21"),
        ("https://twin.example\\@evil.example", "'\\\\' at position 21"),
        ("https://twin.example\ud800", "'\\ud800' at position 21"),
    ],
)
def test_what_is_no_public_url_is_refused_with_the_place(text: str, found: str) -> None:
    for call in (public_url_of, origin_of, LinkId(ID).as_url):
        with pytest.raises(InvalidInput) as refused:
            call(text)
        assert refused.value.message.endswith(f", found {found}.")
        assert not isinstance(refused.value, InvalidIdentifier)


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(InvalidInput, match=f"expected a port from 1 to 65535, found {port}"):
        public_url_of(f"https://twin.example:{port}")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (ID, None),
        (" 0123-4567-89AB-C8\r\n", None),
        ("ol23 4567 89ab c8", None),
        (f"https://twin.example/L/{ID}", "https://twin.example"),
        (f"HTTPS://TWIN.EXAMPLE/L/{ID}\r\n", "https://twin.example"),
        (f"Https://Twin.Example/l/{ID.lower()}", "https://twin.example"),
        ("https://twin.example/L/ol23-4567-89ab-c8", "https://twin.example"),
        (f"http://twin.example/L/{ID}", "http://twin.example"),
        (f"https://twin.example:443/L/{ID}", "https://twin.example"),
        (f"https://twin.example:8443/L/{ID}", "https://twin.example:8443"),
        (f"https://evil.example/L/{ID}", "https://evil.example"),
        (f"https://twin.example/Plant-7/L/{ID}", "https://twin.example"),
        (f"https://twin.example/L/11111/L/{ID}", "https://twin.example"),
        (f"https://twin.example/L/{ID}.svg", "https://twin.example"),
        (f"https://twin.example/L/{ID}.PNG?symbol=QR&size=2", "https://twin.example"),
        (f"https://twin.example/L/{ID}/", "https://twin.example"),
        (f"https://twin.example/L/{ID}?linkType=all", "https://twin.example"),
        (f"https://twin.example/L/{ID}#é", "https://twin.example"),
    ],
)
def test_a_scan_says_the_id_and_the_origin(text: str, origin: str | None) -> None:
    [link] = read(text)
    assert link == LinkId(ID)
    assert link.origin == origin
    assert link.host == (origin and origin.split("//")[1])
    assert hash(link) == hash(LinkId(ID))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0123456789ABCX",
        "\uff10123456789ABC8",
        f"https://twin.example/L/{ID}X",
        "https://twin.example/L/0123456789ABCX",
        f"https://twin.example/{ID}",
        f"https://twin.exampleL/{ID}",
        f"https://twin.example/aL/{ID}",
        f"https://twin.example/L/{ID}/x",
        f"https://twin.example?u=/L/{ID}",
        f"https://twin.example#/L/{ID}",
        f"https://twin.example@evil.example/L/{ID}",
        f"https://twin.example:x@evil.example/L/{ID}",
        f"https://twin.example\\@evil.example/L/{ID}",
        f"https://twin.example:99999/L/{ID}",
        f"https:///L/{ID}",
        f"ftp://twin.example/L/{ID}",
        f"http\u017f://twin.example/L/{ID}",
        f"https://bücher.example/L/{ID}",
        f"see https://twin.example/L/{ID}",
        f"https://{'a.' * 150}example/L/{ID}",
        f"https://twin.example/L/{ID}\nhttps://evil.example",
    ],
)
def test_a_scan_of_another_form_is_none(text: str) -> None:
    assert read(text) == ()


@given(links, st.sampled_from(["https://twin.example", "http://h:8000", "https://twin.example/A/b"]))
def test_what_is_printed_is_read_back(link: LinkId, public_url: str) -> None:
    [scanned] = read(link.as_url(public_url), "]Q1")
    assert scanned == link
    assert scanned.origin == origin_of(public_url)


@pytest.mark.parametrize(
    "text",
    [
        "-" * 2000,
        "https://" + "a" * 1990,
        "https://" + "a-" * 990,
        "https://" + "a." * 990,
        "https://h" + "/L" * 990,
        "https://h" + "/L/a" * 490,
        "https://h" + "/" * 1980,
        "https://h/" + "%2f" * 660,
        f"https://h/L/{ID}?" + "a" * 1900 + " ",
    ],
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 0.1
