from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.identity.epc.epcs import ON_TAGS, epcs
from tests.identity.epc.published import ENCODINGS
from twin import identity
from twin.errors import InvalidIdentifier, TwinError
from twin.identity import Fragment, Part, Standard
from twin.identity import epc as module
from twin.identity.epc import EPC, parse, read

if TYPE_CHECKING:
    from collections.abc import Callable

STANDARD: Standard = module

SGTIN = EPC("sgtin", ("0614141", "812345", "6789"))
SLASH = EPC("sgtin", ("0614141", "712345", "32a/b"))


def codes(found: EPC | Fragment) -> list[str]:
    return [finding.code for finding in found.findings]


@pytest.mark.parametrize(
    ("text", "epc"),
    [
        ("sgtin:0614141.812345.6789", SGTIN),
        ("urn:epc:id:sgtin:0614141.812345.6789", SGTIN),
        ("urn:epc:tag:sgtin-96:3.0614141.812345.6789", SGTIN),
        ("urn:epc:tag:sgtin-198:0.0614141.812345.6789", SGTIN),
        ("urn:epc:tag:[att=x01][umi=1][xpc=x0004]:sgtin-96:3.0614141.812345.6789", SGTIN),
        ("urn:epc:raw:96.x3074257BF7194E4000001A85", SGTIN),
        ("urn:epc:raw:[att=x01]:96.x3074257BF7194E4000001A85", SGTIN),
        (f"urn:epc:raw:96.{0x3074257BF7194E4000001A85}", SGTIN),
        ("3074257BF7194E4000001A85", SGTIN),
        ("3074257bf7194e4000001a85", SGTIN),
        ("urn:epc:idpat:sgtin:0614141.812345.6789", SGTIN),
        ("urn:epc:id:sgtin:0614141.712345.32a%2Fb", SLASH),
        ("urn:epc:id:sgtin:0614141.712345.32a%2fb", SLASH),
        ("urn:epc:id:sgtin:0614141.712345.32%61%2Fb", SLASH),
        ("urn:epc:id:sgtin:0614141.712345.a.b:c", EPC("sgtin", ("0614141", "712345", "a.b:c"))),
        ("urn:epc:id:sgtin:0614141.712345.*", EPC("sgtin", ("0614141", "712345", "*"))),
        ("urn:epc:idpat:sgtin:0614141.712345.*", EPC("sgtin", ("0614141", "712345"))),
        ("urn:epc:idpat:itip:0614141.712345.01.02.*", EPC("itip", ("0614141", "712345", "01", "02"))),
        ("lgtin:0614141.712345.L7", EPC("lgtin", ("0614141", "712345", "L7"))),
        ("urn:epc:class:lgtin:0614141.712345.L7", EPC("lgtin", ("0614141", "712345", "L7"))),
        ("adi:35962..%23A%2FB", EPC("adi", ("35962", "", "#A/B"))),
    ],
)
def test_every_written_form_is_parsed(text: str, epc: EPC) -> None:
    found = parse(text)
    assert found == epc
    assert found.findings == ()
    if ":" not in text or text.startswith("urn:"):
        assert read(text) == (epc,)
        assert identity.read(text).candidates[0] == epc
    assert identity.parse(f"epc:{text}") == epc


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("urn:epc:", "expected urn:epc: and id, class, idpat, tag, raw or pat, found ''"),
        ("urn:epc:stid:xE2801160.x6000", "found 'stid'"),
        ("urn:epc:id:", "expected an EPC scheme of sgtin, upui"),
        ("urn:epc:id:sgtan:1.2.3", "found 'sgtan'"),
        ("urn:epc:id:sgtin-96:3.0614141.812345.6789", "found 'sgtin-96'"),
        ("urn:epc:id:lgtin:0614141.712345.L7", "expected urn:epc:class:lgtin, found id"),
        ("urn:epc:class:sgtin:0614141.712345.1", "expected urn:epc:id:sgtin, found class"),
        ("urn:epc:idpat:lgtin:0614141.712345.*", "expected urn:epc:class:lgtin, found idpat"),
        ("urn:epc:id:sgtin:0614141.812345", "expected 3 components with dots between them, found 2"),
        (
            "urn:epc:id:sgtin:0614141.812345.",
            "expected 1 to 20 characters of the GS1 set of 82 (Serial number), found ''",
        ),
        ("urn:epc:id:sgtin:0614141.81234.6789", "expected 6 characters (Item reference and indicator)"),
        ("urn:epc:id:sscc:0614141.1234567890.1", "expected 5 to 11 digits (Serial reference and extension)"),
        ("urn:epc:id:sgtin: 0614141.812345.6789", "expected 6 to 12 digits (GS1 Company Prefix), found ' 0614141'"),
        ("urn:epc:id:sgtin:0614141.812345.a%00b", "found 'a\\x00b'"),
        ("urn:epc:id:sgtin:0614141.812345.a%C3b", "found 'aÃb'"),
        ("urn:epc:id:sgtin:0614141.812345.\ud800", "found '\\ud800'"),
        ("urn:epc:id:cpi:0614141.98765.012345", "the first of them not 0 (Serial number), found '012345'"),
        ("urn:epc:id:bic:CSQU3054384", "expected the check digit 3"),
        ("urn:epc:idpat:sgtin:*.812345.*", "expected 6 to 12 digits (GS1 Company Prefix), found '*'"),
        ("urn:epc:idpat:sgtin:0614141.*", "expected 3 components with dots between them, found 2"),
        ("urn:epc:idpat:sgln:06141.12345.*", "expected 6 to 12 digits (GS1 Company Prefix), found '06141'"),
        ("urn:epc:tag:sgtin:3.0614141.812345.6789", "expected a binary coding scheme of sgtin-96, sgtin-198"),
        ("urn:epc:tag:sgtin-96:8.0614141.812345.6789", "expected a filter value from 0 to 7, found '8'"),
        ("urn:epc:tag:sgtin-96:03.0614141.812345.6789", "expected a filter value from 0 to 7, found '03'"),
        ("urn:epc:tag:sgtin-96:0614141.812345.6789", "expected a filter value from 0 to 7, found '0614141'"),
        ("urn:epc:tag:sgtin-96:3.0614141.812345", "expected 3 components with dots between them, found 2"),
        ("urn:epc:tag:sgtin-96:3.0614141.812345.06789", "without leading zeros, at most 12 of them"),
        ("urn:epc:tag:sgtin-96:3.0614141.812345.274877906944", "less than 2^38, found '274877906944' in sgtin-96"),
        ("urn:epc:tag:sgtin-96:3.0614141.812345.ABC", "found 'ABC' in sgtin-96"),
        ("urn:epc:tag:gdti-113:3.0614141.12345.ABC", "expected digits alone that fit 58 bits, found 'ABC' in gdti-113"),
        ("urn:epc:tag:sgtin-96:[att=x01]:3.0614141.812345.6789", "expected a filter value from 0 to 7"),
        ("urn:epc:tag:[foo=1]:sgtin-96:3.0614141.812345.6789", "expected a binary coding scheme"),
        ("urn:epc:raw:96", "expected the number of bits, a dot, x and hexadecimal digits, found '96'"),
        ("urn:epc:raw:96.3074257BF7194E4000001A85", "expected the number of bits, a dot, x and hexadecimal digits"),
        ("urn:epc:raw:88.x3074257BF7194E4000001A85", "expected a number of 88 bits, found a larger one"),
        ("urn:epc:raw:104.x3074257BF7194E4000001A85", "expected the header of a binary coding scheme, found 00"),
        ("urn:epc:raw:4.x3", "expected the header of a binary coding scheme, found 03"),
        ("urn:epc:raw:96.x307C257BF7194E4000001A85", "expected a partition value from 0 to 6, found 7 in sgtin-96"),
        ("urn:epc:raw:64.x31.x0123456890ABCDEF", "found those of another application family"),
        ("urn:epc:raw:84.xFA3952114132E83C2BF10", "found GIAI+, which is not read yet"),
    ],
)
def test_a_broken_uri_is_refused_by_parse_and_by_read(text: str, why: str) -> None:
    for call in (parse, read):
        with pytest.raises(InvalidIdentifier) as refused:
            call(text)
        assert why in refused.value.message
        assert refused.value.message.isprintable()
    assert [why in fault.message for fault in identity.read(text).faults if fault.scheme == "epc"] == [True]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "expected 2 to 500 hexadecimal digits, found 0"),
        ("sgtin", "found 's' at position 1"),
        ("0614141.812345.6789", "found '.' at position 8"),
        (":0614141.812345.6789", "expected an EPC scheme of sgtin"),
        ("URN:EPC:ID:SGTIN:0614141.812345.6789", "found 'URN'"),
        ("0x3074257BF7194E4000001A85", "found 'x' at position 2"),
        ("3074 257B F719 4E40 0000 1A85", "found ' ' at position 5"),
        ("urn:epc:id:sgtin:0614141.712345.32a/b", "expected %2F, found '/' at position 36"),
        ("urn:epc:id:sgtin:0614141.712345.100%", "expected %25, found '%' at position 36"),
        ("urn:epc:tag:sgtin-198:3.0614141.712345.32a/b", "expected %2F, found '/' at position 43"),
        ("urn:epc:pat:sgtin-96:3.0614141.*.*", "expected an object, a type or a lot, found 'Pattern of EPC tags'"),
        ("urn:epc:idpat:sscc:0614141.*", "found 'Pattern of EPCs (Logistic unit)'"),
        ("F73795211411234538566CB0AFC4", "found 'SGTIN+ tag'"),
    ],
)
def test_parse_forgives_nothing(text: str, why: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        parse(text)
    assert why in refused.value.message


@pytest.mark.parametrize(
    ("text", "epc", "findings"),
    [
        (" 3074257BF7194E4000001A85\r\n", SGTIN, []),
        ("0x3074257BF7194E4000001A85", SGTIN, ["EPC_HEX_SPELLING"]),
        ("0X3074257bf7194e4000001a85", SGTIN, ["EPC_HEX_SPELLING"]),
        ("3074 257B F719 4E40 0000 1A85", SGTIN, ["EPC_HEX_SPELLING"]),
        ("30 74 25 7B F7 19 4E 40 00 00 1A 85", SGTIN, ["EPC_HEX_SPELLING"]),
        ("URN:EPC:ID:SGTIN:0614141.812345.6789", SGTIN, ["EPC_URI_CASE"]),
        ("Urn:epc:Tag:SGTIN-96:3.0614141.812345.6789", SGTIN, ["EPC_URI_CASE"]),
        ("URN:EPC:TAG:[ATT=X01]:SGTIN-96:3.0614141.812345.6789", SGTIN, ["EPC_URI_CASE"]),
        ("URN:EPC:RAW:96.X3074257BF7194E4000001A85", SGTIN, ["EPC_URI_CASE"]),
        ("urn:epc:id:sgtin:0614141.712345.32a/b", SLASH, ["EPC_URI_ESCAPE"]),
        ("URN:EPC:id:sgtin:0614141.712345.32a/b", SLASH, ["EPC_URI_CASE", "EPC_URI_ESCAPE"]),
        (
            "urn:epc:id:cpi:9521141.5PQ7/Z#43.12345",
            EPC("cpi", ("9521141", "5PQ7/Z#43", "12345")),
            ["EPC_URI_ESCAPE"],
        ),
        ("urn:epc:id:sgtin:0614141.712345.100%", EPC("sgtin", ("0614141", "712345", "100%")), ["EPC_URI_ESCAPE"]),
        ("3A28075BCD1502000000006695170000", EPC("gdti", ("0123456789", "01", "3445678")), ["EPC_RETIRED_CODING"]),
        (
            "urn:epc:tag:gdti-113:1.0123456789.01.3445678",
            EPC("gdti", ("0123456789", "01", "3445678")),
            ["EPC_RETIRED_CODING"],
        ),
        ("urn:epc:id:sgtin:2012345.012345.1", EPC("sgtin", ("2012345", "012345", "1")), ["EPC_RESTRICTED_NUMBER"]),
    ],
)
def test_a_scan_is_forgiven_and_says_so(text: str, epc: EPC, findings: list[str]) -> None:
    (found,) = read(text)
    assert found == epc
    assert codes(found) == findings
    assert found.canonical == epc.canonical


@pytest.mark.parametrize(
    ("text", "title", "parts"),
    [
        ("urn:epc:idpat:sgtin:0614141.*.*", "Pattern of EPCs (Serialised trade item)", ["0614141"]),
        ("urn:epc:idpat:sgtin:*.*.*", "Pattern of EPCs (Serialised trade item)", []),
        ("urn:epc:idpat:sscc:0614141.*", "Pattern of EPCs (Logistic unit)", ["0614141"]),
        ("urn:epc:idpat:sgln:0614141.12345.*", "Pattern of EPCs (Location)", ["0614141", "12345"]),
        ("urn:epc:idpat:itip:0614141.712345.*.*.*", "Pattern of EPCs (Piece of a trade item)", ["0614141", "712345"]),
        ("urn:epc:idpat:adi:35962.A%2FB.*", "Pattern of EPCs (Aerospace or defence part)", ["35962", "A/B"]),
        ("urn:epc:idpat:bic:*", "Pattern of EPCs (Intermodal container)", []),
        ("urn:epc:pat:sgtin-96:3.0614141.[1-7].*", "Pattern of EPC tags", ["sgtin-96:3.0614141.[1-7].*"]),
    ],
)
def test_what_names_no_one_thing_is_a_fragment(text: str, title: str, parts: list[str]) -> None:
    (found,) = read(text)
    assert isinstance(found, Fragment)
    assert found.title == title
    assert [part.value for part in found.parts] == parts
    assert found in identity.read(text).fragments


def test_of_an_encoding_of_tds_2_the_key_is_told() -> None:
    (found,) = read("f9 0095201234567891235")
    assert isinstance(found, Fragment)
    assert found.parts == (Part("SSCC", "095201234567891235"),)
    assert codes(found) == ["EPC_HEX_SPELLING", "EPC_NOT_READ"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30",
        "3074257BF7194E40",
        "3074257BF7194E4000001A8",
        "3074257BF7194E4000001A8500",
        "307C257BF7194E4000001A85",
        "E28011606000020 52CD5A1B2",
        "E2801160600002052CD5A1B2",
        "F73795211411234638566CB0AFC4",
        "FA3952114132E83C2BF10",
        "0614141812345678901234567",
        "3074-257B-F719-4E40-0000-1A85",
        "x3074257BF7194E4000001A85",
        "urn:epcglobal:cbv:bizstep:shipping",
        "urn:epc",
        "1M8GDM9AXKP042788",
        "https://id.gs1.org/01/80614141123458/21/6789",
        "\uff13074257BF7194E4000001A85",
        "30" * 400,
    ],
)
def test_what_is_something_else_is_none_and_never_a_guess(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize("identifier", ["]C1", "]J1", "]Q3", "]d2", "]e0"])
def test_what_is_gs1_by_its_symbology_identifier_is_no_epc(identifier: str) -> None:
    assert read("3074257BF7194E4000001A85", identifier) == ()
    assert read("urn:epc:id:sgtin:0614141.812345.6789", identifier) == ()
    assert read("3074257BF7194E4000001A85", "]Q1") == (SGTIN,)


texts = st.one_of(
    st.text(),
    st.text("0123456789abcdefABCDEFx ", max_size=120),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(
            ["urn:epc:", "urn:epc:id:", "urn:epc:tag:", "urn:epc:idpat:", "urn:epc:raw:", "URN:EPC:CLASS:"]
        ),
        st.sampled_from(["", "sgtin:", "sgtin-96:3.", "adi:", "adi-var:1.", "96.x", "[att=x01]:", "bic:", "gid:"]),
        st.text("0123456789.ABx*%2F#/[]:=\ud800é", max_size=60),
    ),
    st.builds(
        lambda row, place, other: row[1][:place] + other + row[1][place + 1 :],
        st.sampled_from(ENCODINGS),
        st.integers(0, 50),
        st.text(max_size=2),
    ),
)


@given(texts, st.sampled_from([None, "]Q1", "]d2"]))
@example("\ud800" * 24, None)
@example("urn:epc:raw:9999.x" + "F" * 1900, None)
@example("urn:epc:raw:9999." + "9" * 1900, None)
@example("urn:epc:" + ":" * 1900, None)
@example("urn:epc:id:sgtin:" + "." * 1900, None)
@example("urn:epc:id:sgtin:1.2." + "%" * 1900, None)
@example("urn:epc:tag:" + "[att=x1]" * 230, None)
@example("30 " * 600, None)
def test_whatever_the_text_only_our_errors_come_out(text: str, symbology_identifier: str | None) -> None:
    assert refusal(parse, text).isprintable()
    if why := refusal(read, text, symbology_identifier):
        assert why.isprintable()
        return
    for found in read(text, symbology_identifier):
        if isinstance(found, EPC):
            assert identity.parse(found.canonical).canonical == found.canonical
            assert parse(found.as_pure_identity()) == found


def refusal(call: Callable[..., object], *arguments: object) -> str:
    """Why the call refuses; empty when it answers. Any error but ours comes through."""
    try:
        call(*arguments)
    except TwinError as refused:
        return refused.message
    return ""


@given(epcs(ON_TAGS))
def test_a_tag_is_read_however_it_is_spelt(epc: EPC) -> None:
    hexadecimal = epc.as_hex()
    spaced = " ".join(hexadecimal[place : place + 4] for place in range(0, len(hexadecimal), 4))
    assert read(hexadecimal) == read(hexadecimal.lower()) == read(f"0x{hexadecimal}") == read(spaced) == (epc,)
    assert read(f"urn:epc:raw:{4 * len(hexadecimal)}.x{hexadecimal}") == (epc,)


def test_a_hundred_hostile_texts_take_no_time() -> None:
    hostile = ["30" + "0 " * 990, "urn:epc:tag:" + "[att=x1]" * 240, "3" * 1999, "urn:epc:id:sgtin:" + "%2" * 900]
    start = time.process_time()
    for _ in range(25):
        for text in hostile:
            with contextlib.suppress(InvalidIdentifier):
                read(text)
    assert time.process_time() - start < 1
