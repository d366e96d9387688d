from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InvalidIdentifier, InvalidInput, TooLarge
from twin.identity import Granularity, Identifier, Part
from twin.identity.iec61406 import IdentificationLink, parse, read

LONGEST = "https://id.example/" + "x" * (255 - 19)

# Made up in the forms that makers publish for DIN SPEC 91406 and IEC 61406: a path, a query of material and serial.
LINKS = [
    "https://id.example/4711",
    "http://id.example",
    "https://id.example/",
    "https://i.example/1P6ES7214-1AG40-0XB0+SC-X4U421302009",
    "https://www.domain-abc.example/Model%20A/Serial-42?m=6ES7&s=C-X4",
    "https://pk.example/?m=750-8212&s=UPN1:20230705&x=(a)!$'*,;@~_.-",
    "https://id.example:8443/a//b/#part/2?",
    "https://192.0.2.7/x",
    LONGEST,
]


@pytest.mark.parametrize("url", LINKS)
def test_a_link_is_its_own_name(url: str) -> None:
    link = parse(url)
    assert isinstance(link, Identifier)
    assert link.canonical == f"iec61406:{url}"
    assert link.granularity is Granularity.ITEM
    assert (link.implied, link.findings) == ((), ())
    (found,) = read(f" {url}\r\n", "]Q1")
    assert found == link
    assert [finding.code for finding in found.findings] == ["IEC61406_PLAIN_URL"]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("HTTPS://ID.EXAMPLE/4711", "https://id.example/4711"),
        ("Https://Id.Example:443/Path?Q#F", "https://id.example:443/Path?Q#F"),
        ("HTTP://ID.EXAMPLE", "http://id.example"),
    ],
)
def test_scheme_and_host_in_upper_case_are_forgiven_a_scan_alone(text: str, url: str) -> None:
    (found,) = read(text)
    assert found == parse(url)
    assert [finding.code for finding in found.findings] == ["IEC61406_PLAIN_URL", "IEC61406_CASE"]
    with pytest.raises(InvalidIdentifier, match="expected scheme and host in lower case"):
        parse(text)


def test_case_behind_the_host_is_kept() -> None:
    assert parse("https://id.example/a") != parse("https://id.example/A")


def test_the_parts() -> None:
    assert parse("https://id.example:8443/a/b?m=1#top").parts == (
        Part("Scheme", "https"),
        Part("Host", "id.example"),
        Part("Port", "8443"),
        Part("Path", "/a/b"),
        Part("Query", "m=1"),
        Part("Fragment", "top"),
    )
    assert parse("http://id.example").parts == (Part("Scheme", "http"), Part("Host", "id.example"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "found the end at position 1."),
        ("https", "found 'h' at position 1."),
        ("https://", "found the end at position 9."),
        ("ftp://id.example", "found 'f' at position 1."),
        ("https:///path", "found '/' at position 9."),
        ("https://-id.example", "found '-' at position 9."),
        ("https://id..example", "found '.' at position 11."),
        ("https://me@id.example/1", "found '@' at position 11."),
        ("https://me:pw@id.example/1", "found ':' at position 11."),
        ("https://[2001:db8::1]/1", "found '[' at position 9."),
        ("https://id.example/a b", "found ' ' at position 21."),
        ("https://id.example/a%4", "found '%' at position 21."),
        ("https://id.example/a%zz", "found '%' at position 21."),
        ("https://id.example/<a>", "found '<' at position 20."),
        ("https://id.example/\u00e4", "found '\u00e4' at position 20."),
        ("https://\u0131d.example/", "found '\u0131' at position 9."),
        ("https://id.example/a#b#c", "found '#' at position 23."),
        ("https://id.example/\x1d", "found '\\x1d' at position 20."),
        (" https://id.example", "found ' ' at position 1."),
        ("https://id.example:0/", "expected a port from 1 to 65535, found 0."),
        ("https://id.example:65536/", "expected a port from 1 to 65535, found 65536."),
        (LONGEST + "x", "expected at most 255 characters, found 256."),
    ],
)
def test_what_is_no_link_is_refused_with_the_reason(text: str, found: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        parse(text)
    assert refused.value.message.endswith(found)
    if not text.startswith(" "):
        assert read(text) == ()


def test_gs1_symbols_hold_no_links() -> None:
    assert read("https://id.example/4711", "]Q3") == ()


@pytest.mark.parametrize("text", ["https://id.example/" + "%" * 200, "http://" + "a." * 120, "https://" + "a" * 200])
def test_a_hostile_address_costs_no_time(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize("value", [None, 7, b"https://id.example"])
def test_only_texts_of_bounded_size(value: object) -> None:
    with pytest.raises(InvalidInput):
        IdentificationLink(value)  # type: ignore[arg-type]
    with pytest.raises(TooLarge):
        IdentificationLink("https://id.example/" + "x" * 2000)


@given(
    st.text()
    | st.text(st.characters())
    | st.from_regex(r"\A[Hh]ttps?://[a-z.@:-]{1,20}(:[0-9]{0,6})?(/[\w%?#.-]{0,9}){0,3}\Z")
)
def test_only_our_errors_come_out(text: str) -> None:
    why = ""
    for asked in (text, f"https://id.example/{text}", f"https://{text}"):
        try:
            parse(asked)
        except InvalidInput as refused:
            why += refused.message
        for found in read(asked):
            assert parse(found.canonical.removeprefix("iec61406:")) == found
    assert why.isprintable()
