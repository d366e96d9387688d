from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InvalidIdentifier, InvalidInput, TooLarge, TwinError
from twin.identity.iuid.envelope import Format, Message, read, written

GS, RS, EOT = "\x1d", "\x1e", "\x04"

# what was scanned, formats, codes of findings, source
SCANNED = [
    (
        "[)>\x1e06\x1dKP0-1337\x1d14K011\x1d1PMC34063ADR\x1e\x04",
        [("06", "KP0-1337", "14K011", "1PMC34063ADR")],
        [],
        "InvenTree tests: Mouser",
    ),
    (
        ">[)>06\x1dK21421337\x1d14K033\x1d1PLDK320ADU33R",
        [("06", "K21421337", "14K033", "1PLDK320ADU33R")],
        ["IUID_HEADER", "IUID_TRAILER"],
        "InvenTree tests: Mouser, old labels",
    ),
    (">[)>\x1e06\x1dS1\x1e\x04", [("06", "S1")], ["IUID_HEADER"], "made up: the same with its RS"),
    (
        "[)>\x1e06\x1dP490-1318-1-ND\x1d1PGRM155R61A104KA01D\x04",
        [("06", "P490-1318-1-ND", "1PGRM155R61A104KA01D")],
        ["IUID_TRAILER"],
        "a public label maker's example: EOT without RS",
    ),
    (
        "[)><RS>06<GS>P1234567890<GS>S99887766<RS><EOT>",
        [("06", "P1234567890", "S99887766")],
        ["IUID_SEPARATORS"],
        "Cognex DataMan, escapes in its text",
    ),
    (
        "[)>\u241e06\u241d1P98266-0897\u241dQ1\u241e\u2404",
        [("06", "1P98266-0897", "Q1")],
        ["IUID_SEPARATORS"],
        "ZXing, in its text for people",
    ),
    (
        "[)>\x1e06\x1dP12345\x1d1PABC\x1dQ10\x1d\x1e\x04",
        [("06", "P12345", "1PABC", "Q10")],
        ["IUID_EMPTY_ELEMENT"],
        "a separator at the end, as some distributors print it",
    ),
    (
        "[)>\x1e06\x1d25SUN123456789PA12345\x1d4LUS\x1d16D20131108\x1d34LHTTP://WWW.SECUREUID.COM/ITEMDATA/?SCAN="
        "\x1e05\x1d13131108\x1e\x04",
        [
            ("06", "25SUN123456789PA12345", "4LUS", "16D20131108", "34LHTTP://WWW.SECUREUID.COM/ITEMDATA/?SCAN="),
            ("05", "13131108"),
        ],
        [],
        "ANSI MH10.8.2, 34L: two formats",
    ),
    (
        "[)>\x1eDD\x1dMFR 0CVA5\x1dSER 674A36458\x1e\x04",
        [("DD", "MFR 0CVA5", "SER 674A36458")],
        [],
        "ezmarking.com, 2D Data Matrix marking",
    ),
    ("[)>\x1e05\x1d\x1e06\x1dS1\x1e\x04", [("06", "S1")], ["IUID_EMPTY_ELEMENT"], "made up: an empty format"),
    ("[)>\x1e01\x1d96841706672\x1e\x04", [("01", "\x1d96841706672")], [], "made up: format 01 has a version"),
    ("[)>\x1e09a\x1d\x1e\x1eb\x1e\x04", [("09", "a\x1d\x1e\x1eb")], [], "made up: binary data may hold separators"),
    ("[)>\x1e0717 ^D 4\x1e\x04", [("07", "17 ^D 4")], [], "made up: free text is not restored"),
]


@pytest.mark.parametrize(("text", "formats", "codes", "source"), SCANNED, ids=[row[3] for row in SCANNED])
def test_scanned(text: str, formats: list[tuple[str, ...]], codes: list[str], source: str) -> None:
    message = read(text)
    assert [(each.indicator, *each.elements) for each in message.formats] == formats
    assert [finding.code for finding in message.findings] == codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[)>", "expected a format of two digits, found the end at position 4."),
        ("[)>\x1e", "expected a format of two digits, found the end at position 5."),
        ("[)>\x1e\x04", "expected a format of two digits, found '\\x04' at position 5."),
        ("[)>\x1e6\x1dS1\x1e\x04", "expected a format of two digits, found '6' at position 5."),
        ("[)>\x1e06", "expected GS after the format 06, found the end at position 7."),
        ("[)>\x1e0617V1AB231PXS2\x1e\x04", "expected GS after the format 06, found '1' at position 7."),
        ("[)>\x1e06\x1d\x1e\x04", "expected data, found '\\x1e' at position 8."),
        (
            "[)>\x1e06\x1dS1\x1e\x04[)>\x1e06\x1dS2\x1e\x04",
            "expected a format of two digits, found '\\x04' at position",
        ),
        ("[)>\x1e06\x1dS1\x04S2\x1e\x04", "expected the end after EOT, found 'S' at position 11."),
        ("[)>\x1e06\x1dS1\x1eS2\x1e\x04", "expected a format of two digits, found 'S' at position 11."),
        ("S1", "expected [)>, found 'S' at position 1."),
        ("", "expected [)>, found the end at position 1."),
    ],
)
def test_what_is_broken_is_refused_with_the_place(text: str, expected: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        read(text)
    assert f" is not an ISO/IEC 15434 message: {expected}" in refused.value.message


def test_a_text_is_bounded() -> None:
    with pytest.raises(TooLarge):
        read("[)>\x1e06\x1d" + "S" * 2000)


@pytest.mark.parametrize(
    ("indicator", "elements"),
    [("07", ["a"]), ("DD", ["SER 1"]), ("6", ["S1"]), ("06", []), ("06", ["S1", ""])],
)
def test_only_complete_messages_of_elements_are_written(indicator: str, elements: list[str]) -> None:
    with pytest.raises(InvalidInput, match="Expected a message of format 05, 06 or 12"):
        written(indicator, elements)


@pytest.mark.parametrize("illegal", [GS, RS, EOT, "\n", "\x7f", "é", "\ud800"])
def test_other_characters_are_not_written(illegal: str) -> None:
    with pytest.raises(InvalidInput, match=r"expected printable ASCII, found .* at position 2\.$"):
        written("06", ["S1", f"S{illegal}"])


printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


@given(st.sampled_from(["05", "06", "12"]), st.lists(printable, min_size=1, max_size=9))
def test_what_is_written_is_read_back_clean(indicator: str, elements: list[str]) -> None:
    assert read(written(indicator, elements)) == Message((Format(indicator, tuple(elements)),))


@given(
    st.lists(st.tuples(st.sampled_from(["05", "06", "12"]), st.lists(printable, min_size=1, max_size=4)), min_size=2)
)
def test_several_formats_are_read(formats: list[tuple[str, list[str]]]) -> None:
    text = "[)>" + "".join(RS + GS.join([indicator, *elements]) for indicator, elements in formats) + RS + EOT
    assert read(text) == Message(tuple(Format(indicator, tuple(elements)) for indicator, elements in formats))


@given(st.text(st.sampled_from(f"[)>{GS}{RS}{EOT}0612579D^S \ud800é"), max_size=30))
def test_whatever_the_text_only_our_errors_come_out(text: str) -> None:
    for opening in ("", "[)>", f"[)>{RS}", f"[)>{RS}06{GS}"):
        why = ""
        try:
            formats = read(opening + text).formats
            assert formats
            assert all(all(each.elements) and each.elements for each in formats)
        except TwinError as refused:
            why = refused.message
        assert why.isprintable()
