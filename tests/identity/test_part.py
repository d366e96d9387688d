from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin import identity
from twin.errors import InvalidIdentifier, InvalidInput, TooLarge
from twin.identity import Granularity, Part
from twin.identity.part import MakerPart, parse, read

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))

numbers = st.text(PRINTABLE, min_size=1, max_size=50).filter(lambda value: value == value.strip())
makers = numbers.map(lambda value: value[:35].strip()).filter(bool)
parts = st.builds(MakerPart, makers, numbers, lot=st.none() | numbers, serial=st.none() | numbers)


@pytest.mark.parametrize(
    ("part", "canonical", "granularity", "implied"),
    [
        (MakerPart("1AB23", "4711"), "part:1AB23/4711", Granularity.PRODUCT, []),
        (MakerPart("1AB23", "4711", lot="L7"), "part:1AB23/4711/lot/L7", Granularity.LOT, ["part:1AB23/4711"]),
        (MakerPart("1AB23", "4711", serial="42"), "part:1AB23/4711/serial/42", Granularity.ITEM, ["part:1AB23/4711"]),
        (
            MakerPart("1AB23", "4711", lot="L7", serial="42"),
            "part:1AB23/4711/serial/42",
            Granularity.ITEM,
            ["part:1AB23/4711/lot/L7", "part:1AB23/4711"],
        ),
        (MakerPart("A/B", "lot", serial="50%"), "part:A%2FB/lot/serial/50%25", Granularity.ITEM, ["part:A%2FB/lot"]),
        (MakerPart("a", "A"), "part:a/A", Granularity.PRODUCT, []),
        (MakerPart("x", "-._~ +"), "part:x/-._~%20%2B", Granularity.PRODUCT, []),
    ],
)
def test_levels(part: MakerPart, canonical: str, granularity: Granularity, implied: list[str]) -> None:
    assert part.canonical == canonical
    assert part.granularity == granularity
    assert [other.canonical for other in part.implied] == implied
    assert part.findings == ()


def test_the_parts_are_the_pieces_that_are_known() -> None:
    assert MakerPart("1AB23", "4711").parts == (Part("Maker", "1AB23"), Part("Part number", "4711"))
    assert MakerPart("1AB23", "4711", "L7", "42").parts[2:] == (Part("Lot number", "L7"), Part("Serial number", "42"))


@given(parts)
def test_canonical_is_read_back(part: MakerPart) -> None:
    again = parse(part.canonical.removeprefix("part:"))
    assert again.canonical == part.canonical
    assert (again.maker, again.number, again.serial) == (part.maker, part.number, part.serial)
    assert again.lot == (part.lot if part.serial is None else None)
    assert again.granularity is part.granularity
    assert read(part.canonical) == (again,)
    assert read(f" {part.canonical}\r\n", "]Q1") == (again,)
    assert identity.parse(part.canonical) == again


@given(parts, parts)
def test_two_parts_have_one_canonical_form_only_if_they_are_one(one: MakerPart, other: MakerPart) -> None:
    same = (one.maker, one.number, one.serial, one.serial or one.lot) == (
        other.maker,
        other.number,
        other.serial,
        other.serial or other.lot,
    )
    assert (one.canonical == other.canonical) == same


@pytest.mark.parametrize(
    "text",
    ["A%2fB/C%2e/serial/%31", "A%2FB/C./serial/1", "%41%2FB/%43%2e/serial/1"],
)
def test_any_spelling_of_a_character_is_the_character(text: str) -> None:
    assert parse(text) == MakerPart("A/B", "C.", serial="1")
    assert parse(text).canonical == "part:A%2FB/C./serial/1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a maker's part: expected maker/number, then perhaps /lot/… or /serial/…, found 1 piece."),
        ("A/B/lot", "expected maker/number, then perhaps /lot/… or /serial/…, found 3 pieces."),
        ("A/B/lot/1/serial/2", "expected maker/number, then perhaps /lot/… or /serial/…, found 6 pieces."),
        ("A/B/LOT/1", "then perhaps /lot/… or /serial/…, found 'LOT' at position 5."),
        ("A/B%/lot/1", "expected two hexadecimal digits after the percent sign, found '/l' at position 5."),
        ("A/B%4", "expected two hexadecimal digits after the percent sign, found '4' at position 5."),
        ("/B", "'' is not a maker: expected 1 to 35 characters, found 0."),
        ("A/", "'' is not a part number: expected 1 to 50 characters, found 0."),
        ("A/B/lot/", "'' is not a lot: expected 1 to 50 characters, found 0."),
        ("A/B/serial/", "'' is not a serial number: expected 1 to 50 characters, found 0."),
        ("A" * 36 + "/B", "is not a maker: expected 1 to 35 characters, found 36."),
        ("A/" + "B" * 51, "is not a part number: expected 1 to 50 characters, found 51."),
        ("A/ B", "' B' is not a part number: expected no blank at either end, found ' ' at position 1."),
        ("A/B%20", "'B ' is not a part number: expected no blank at either end, found ' ' at position 2."),
        ("A/%20", "' ' is not a part number: expected no blank at either end, found ' ' at position 1."),
        ("A/B%0A", r"'B\n' is not a part number: expected printable ASCII, found '\n' at position 2."),
        ("A/Bé", "'Bé' is not a part number: expected printable ASCII, found 'é' at position 2."),
        ("A/B%C3%A9", "'Bé' is not a part number: expected printable ASCII, found 'é' at position 2."),
        ("A/B%FF", "is not a part number: expected printable ASCII, found '\ufffd' at position 2."),
        ("A/\ud800", r"'\ud800' is not a part number: expected printable ASCII, found '\ud800' at position 1."),
    ],
)
def test_what_is_no_part_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        parse(text)
    assert refused.value.message.endswith(message)


@pytest.mark.parametrize("value", [None, 7, b"A"])
def test_pieces_are_texts_of_bounded_size(value: object) -> None:
    with pytest.raises(InvalidInput):
        MakerPart(value, "B")  # type: ignore[arg-type]
    with pytest.raises(TooLarge):
        MakerPart("A", "B" * 2001)


@pytest.mark.parametrize(
    "text", ["", "part:", "part:A", "1AB23/4711", "PART:A/B", "part: and so on / and on", "parts:A/B", "part:A/é"]
)
def test_another_form_is_not_read(text: str) -> None:
    assert read(text) == ()


def test_our_form_when_it_is_broken_says_why() -> None:
    with pytest.raises(InvalidIdentifier, match="found 3 pieces"):
        read("part:A/B/lot")
    assert read("part:A/B", "]d2") == ()


@given(st.text() | st.text(st.characters()) | st.text("part:/%20lotserial", max_size=40))
def test_only_our_errors_come_out(text: str) -> None:
    why = ""
    for call in (parse, read):
        for asked in (text, f"part:{text}", f"part:a/b/lot/{text}"):
            try:
                call(asked)
            except InvalidInput as refused:
                why += refused.message
    assert why.isprintable()
