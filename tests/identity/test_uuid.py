from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin import identity
from twin.errors import InvalidIdentifier, InvalidInput, TooLarge
from twin.identity import Part, uuid
from twin.identity.uuid import Uuid, parse, read

EXAMPLE = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"  # RFC 9562, 4

uuids = st.uuids(allow_nil=False).map(str).filter(lambda value: value != "-".join("f" * n for n in (8, 4, 4, 4, 12)))


@given(uuids)
def test_canonical_is_read_back_in_any_case(value: str) -> None:
    made = Uuid(value)
    assert made.canonical == f"uuid:{value}"
    assert made.as_urn() == f"urn:uuid:{value}"
    assert (made.granularity, made.implied, made.findings) == (None, (), ())
    assert made.parts == (Part("UUID", value),)
    assert parse(value.upper()) == made == identity.parse(made.canonical)
    for text in (made.canonical, made.as_urn(), made.as_urn().upper(), f" {made.as_urn()}\r\n"):
        assert read(text) == (made,)
        assert identity.read(text).candidates == (made,)


@pytest.mark.parametrize(
    "value",
    [
        "",
        EXAMPLE[:-1],
        EXAMPLE + "0",
        EXAMPLE.replace("-", ""),
        f"{{{EXAMPLE}}}",
        EXAMPLE.replace("f", "g", 1),
        EXAMPLE + "\n",
        EXAMPLE.replace("8", "\u0668", 1),
        EXAMPLE.replace("-", "\u2010", 1),
    ],
)
def test_another_form_is_refused(value: str) -> None:
    with pytest.raises(InvalidIdentifier, match="is not a UUID: expected 32 hexadecimal digits"):
        parse(value)


@pytest.mark.parametrize("digit", "0fF")
def test_nil_and_max_name_nothing(digit: str) -> None:
    with pytest.raises(InvalidIdentifier, match="expected another than the nil and the max UUID"):
        parse("-".join(digit * n for n in (8, 4, 4, 4, 12)))


def test_upper_case_is_not_the_form_that_is_kept() -> None:
    with pytest.raises(InvalidIdentifier):
        Uuid(EXAMPLE.upper())


@pytest.mark.parametrize("text", ["", EXAMPLE, "urn:epc:id:gid:1.2.3", f"uuid {EXAMPLE}", f"urn:guid:{EXAMPLE}"])
def test_another_text_is_not_read(text: str) -> None:
    assert read(text) == ()


def test_what_says_that_it_is_one_and_is_broken_says_why() -> None:
    with pytest.raises(InvalidIdentifier, match="'f81d' is not a UUID"):
        read("urn:uuid:f81d")
    assert read(f"urn:uuid:{EXAMPLE}", "]C1") == ()


@pytest.mark.parametrize("value", [None, 7, b"A"])
def test_a_text_of_bounded_size(value: object) -> None:
    with pytest.raises(InvalidInput):
        Uuid(value)  # type: ignore[arg-type]
    with pytest.raises(TooLarge):
        parse("a" * 2001)


def test_it_keeps_the_convention() -> None:
    assert identity.standards()["uuid"] is uuid
