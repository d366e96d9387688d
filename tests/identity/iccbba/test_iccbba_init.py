from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import InvalidIdentifier, InvalidInput, TooLarge
from twin.identity import Fragment, Granularity, Part
from twin.identity.iccbba import ICCBBA, parse, read

if TYPE_CHECKING:
    from collections.abc import Callable

# message, canonical, lot, expires, manufactured, source
PUBLISHED = [
    (
        "=/A9999XYZ100T0476=,000025=A99971712345600=>019032=}017032&,1000000000000XYZ123",
        "iccbba:A9999XYZ100T0476/donation/A999717123456/serial/000025",
        "000000000000XYZ123",
        "019032",
        "017032",
        "ICCBBA ST-017, 5, as printed for people",
    ),
    (
        "=+06000=/A9999XYZ100T0476=,000025=A99971712345600=>019032=}017032&,1000000000000XYZ123",
        "iccbba:A9999XYZ100T0476/donation/A999717123456/serial/000025",
        "000000000000XYZ123",
        "019032",
        "017032",
        "ICCBBA ST-017, 5, compound message",
    ),
    (
        "=+04000=/A9997XYZ100T0479=A99991712345600=,000012=>019031",
        "iccbba:A9997XYZ100T0479/donation/A999917123456/serial/000012",
        None,
        "019031",
        None,
        "ICCBBA ST-017, 4.3.1, unspecified sequence",
    ),
    (
        "=+04035=/A9997XYZ100T0479=,000012=A99991712345600=>019031",
        "iccbba:A9997XYZ100T0479/donation/A999917123456/serial/000012",
        None,
        "019031",
        None,
        "ICCBBA ST-017, 4.3.2, specified sequence",
    ),
    ("=/A9997AB3456T0123", "iccbba:A9997AB3456T0123", None, None, None, "ICCBBA ST-017, figure 1"),
    (
        "=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123",
        "iccbba:A9999XYZ100T0944/donation/A999713123456/serial/000025",
        "000000000000XYZ123",
        "014032",
        "013032",
        "FDA, UDI formats, 1.3",
    ),
    (
        "=+05037=/A9999XYZ100T0474=,000025=A99971312345600=>014032=}013032",
        "iccbba:A9999XYZ100T0474/donation/A999713123456/serial/000025",
        None,
        "014032",
        "013032",
        "HL7 FHIR DSTU 2, device-example-udi2",
    ),
    (
        "=/A9999XYZ100T0476=,000025=A99972312345600=>025032=}023032&,1000000000000XYZ123",
        "iccbba:A9999XYZ100T0476/donation/A999723123456/serial/000025",
        "000000000000XYZ123",
        "025032",
        "023032",
        "ICCBBA ST-011 1.9.0",
    ),
    (
        "=)1TE123456A&)RZ12345678",
        "iccbba:1TE123456A/lot/RZ12345678",
        "RZ12345678",
        None,
        None,
        "FDA, UDI formats: bags",
    ),
    (
        "=)1TE123456A &)RZ12345678",
        "iccbba:1TE123456A/lot/RZ12345678",
        "RZ12345678",
        None,
        None,
        "the same, with a blank",
    ),
]

# message, its parts, source
ALONE = [
    ("=A99991712345600", [("Donation identification number", "A999917123456")], "ICCBBA ST-017, figure 2"),
    ("=G12341765432170", [("Donation identification number", "G123417654321")], "ICCBBA ST-001, appendix A: checked"),
    ("=,000012", [("Product division", "000012")], "ICCBBA ST-017, 4.3.1"),
    ("=>019031", [("Expiration date", "019031")], "ICCBBA ST-017, 4.3.1"),
    ("&,1000000000000XYZ123", [("Lot number", "000000000000XYZ123")], "ICCBBA ST-017, 5"),
    (
        "=A99991712345600=,000012",
        [("Donation identification number", "A999917123456"), ("Product division", "000012")],
        "isbt128 parser tests: two symbols in a row",
    ),
    (
        "=+05000=Z54991712345600=%T300=<T0416003&>0183652359&,4PL001499Z549917123456A00T041600320181231",
        [
            ("Donation identification number", "Z549917123456"),
            ("Blood groups", "T300"),
            ("Product code", "T0416003"),
            ("Expiration date and time", "0183652359"),
            ("Single European Code", "PL001499Z549917123456A00T041600320181231"),
        ],
        "ICCBBA ST-012, 6.2: tissue that is no device",
    ),
    ("&#0105ABC12", [("Patient identification number", "0105ABC12")], "isbt128 parser tests"),
    (
        "&$020100010000100002000200002000",
        [("Dimensions", "020100010000100002000200002000")],
        "isbt128 parser tests: two dimensions",
    ),
]


@pytest.mark.parametrize(
    ("message", "canonical", "lot", "expires", "manufactured", "source"), PUBLISHED, ids=[row[0] for row in PUBLISHED]
)
def test_published_messages(
    message: str, canonical: str, lot: str | None, expires: str | None, manufactured: str | None, source: str
) -> None:
    for text in (message, f" {message}\r\n"):
        (found,) = read(text, "]d1")
        assert isinstance(found, ICCBBA), source
        assert found.canonical == canonical
        assert (found.lot, found.expires, found.manufactured) == (lot, expires, manufactured)
        assert found.findings == ()
    assert parse(message.replace(" ", "")) == found
    assert parse(canonical.removeprefix("iccbba:")).canonical == canonical
    assert read(found.as_structures()) == read(found.as_compound_message()) == (found,)


@pytest.mark.parametrize(("message", "parts", "source"), ALONE, ids=[row[0] for row in ALONE])
def test_structures_without_a_device_identifier_are_a_fragment(
    message: str, parts: list[tuple[str, str]], source: str
) -> None:
    assert read(message) == (Fragment("ISBT 128 data", tuple(Part(*part) for part in parts)),), source
    with pytest.raises(InvalidIdentifier, match="expected a device identifier, found none"):
        parse(message)


def test_published_messages_are_written_as_published() -> None:
    device = parse("A9999XYZ100T0476/donation/A999717123456/serial/000025")
    device = ICCBBA(
        device.device_identifier,
        donation=device.donation,
        division=device.division,
        lot="XYZ123",
        expires="019032",
        manufactured="017032",
    )
    assert device.as_structures() == PUBLISHED[0][0]
    assert device.as_compound_message() == PUBLISHED[1][0]


@pytest.mark.parametrize(
    ("device", "canonical", "granularity", "implied"),
    [
        (ICCBBA("A9997AB3456T0123"), "iccbba:A9997AB3456T0123", Granularity.PRODUCT, []),
        (
            ICCBBA("A9997AB3456T0123", lot="7"),
            "iccbba:A9997AB3456T0123/lot/000000000000000007",
            Granularity.LOT,
            ["iccbba:A9997AB3456T0123"],
        ),
        (
            ICCBBA("A9997AB3456T0123", donation="A999917123456", lot="7"),
            "iccbba:A9997AB3456T0123/donation/A999917123456",
            Granularity.LOT,
            ["iccbba:A9997AB3456T0123/lot/000000000000000007", "iccbba:A9997AB3456T0123"],
        ),
        (
            ICCBBA("A9997AB3456T0123", donation="A999917123456", division="00001A"),
            "iccbba:A9997AB3456T0123/donation/A999917123456/serial/00001A",
            Granularity.ITEM,
            ["iccbba:A9997AB3456T0123/donation/A999917123456", "iccbba:A9997AB3456T0123"],
        ),
        (ICCBBA("A9997AB3456T0123", division="00001A"), "iccbba:A9997AB3456T0123", Granularity.PRODUCT, []),
        (ICCBBA("1te123456A"), "iccbba:1te123456A", Granularity.PRODUCT, []),
        (
            ICCBBA("1TE123456A", lot="rZ12345678"),
            "iccbba:1TE123456A/lot/rZ12345678",
            Granularity.LOT,
            ["iccbba:1TE123456A"],
        ),
    ],
)
def test_levels(device: ICCBBA, canonical: str, granularity: Granularity, implied: list[str]) -> None:
    assert device.canonical == canonical
    assert device.granularity is granularity
    assert [other.canonical for other in device.implied] == implied
    assert parse(canonical.removeprefix("iccbba:")).canonical == canonical


def test_the_parts() -> None:
    assert ICCBBA("A9997AB3456T0123", lot="7", expires="019032").parts == (
        Part("Facility identification number", "A9997"),
        Part("Facility-defined product code", "AB3456"),
        Part("Product description code", "T0123"),
        Part("Lot number", "000000000000000007"),
        Part("Expiration date", "019032"),
    )
    assert ICCBBA("1TE123456A").parts == (Part("Manufacturer and catalog number", "1TE123456A"),)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("=+05000=/A9997XYZ100T0479=A99991712345600=,000012=>019031", "expected 5 data structures, found 4."),
        ("=+06000=", "expected a data identifier at position 8, found '='."),
        ("=/A9997XYZ100T0479=,00012", "expected Product division at position 21, found '00012'."),
        ("=/A9997XYZ100T0479=>019367", "expected Expiration date at position 21, found '019367'."),
        ("=/A9997XYZ100T0479=>019000", "expected Expiration date at position 21, found '019000'."),
        ("=/A9997XYZ100T0479=}01903A", "expected Production date at position 21, found '01903A'."),
        ("=/A9997XYZ100T0479=A9999171234560", "expected Donation identification number at position 20"),
        ("=/A9997XYZ100T0479&,1abc", "expected Lot number at position 22, found 'abc'."),
        ("=/A9997XYZ100T0479&,1aaaaaaaaaaaaaaaaaa", "expected Lot number at position 22, found 'aaaaaaaaaaaaaaaaaa'."),
        ("=/A9997XYZ100T0479&x1", "expected a data identifier at position 19, found '&x1'."),
        ("=/A9997XYZ100T0479=,000012=,000013", "expected one Product division, found '000012' and '000013'."),
        (
            "=G12341765432171",
            "expected the check character 70 of G123417654321 at position 2, found 'G12341765432171'.",
        ),
        ("=/A9997XYZ100T0479=G12341765432196", "expected the check character 70 of G123417654321 at position 20"),
    ],
)
def test_a_broken_message_says_where(message: str, expected: str) -> None:
    for call in (read, parse):
        with pytest.raises(InvalidIdentifier) as refused:
            call(message)
        assert expected in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        "&",
        "=A1+B2",
        "=SUM(A1:A9)",
        "=+06000",
        "=+00000",
        "=/",
        "=/A9997",
        "=/a9997xyz100t0479",
        "=/O9997XYZ100T0479",
        "=>2019-01-31",
        "=,12",
        "&,9000000000000XYZ123",
        "&xSOME-LOCAL-DATA",
        "&$AA",
        "A9997XYZ100T0479",
        "?a=1&b=2",
        "=A9999171234560",
        "=" * 700,
        "=\uff21\uff19\uff19\uff19\uff1917123456",
    ],
)
def test_what_has_not_the_form_is_not_read(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    ("message", "codes", "canonical"),
    [
        ("=/A9997XYZ100T0479=,000012", ["ICCBBA_NO_DONATION"], "iccbba:A9997XYZ100T0479"),
        (
            "=/A9997XYZ100T0479=,000000=A99991712345600",
            ["ICCBBA_DIVISION"],
            "iccbba:A9997XYZ100T0479/donation/A999917123456",
        ),
    ],
)
def test_what_is_forgiven_is_a_finding(message: str, codes: list[str], canonical: str) -> None:
    (found,) = read(message)
    assert isinstance(found, ICCBBA)
    assert [finding.code for finding in found.findings] == codes
    assert found.canonical == canonical
    with pytest.raises(InvalidIdentifier):
        parse(message)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "'' is not a device identifier: expected 5 characters of A-Z without O or 0-9"),
        ("A9997XYZ100T047", "is not a device identifier"),
        ("a9997xyz100t0479", "is not a device identifier"),
        ("A9997XYZ100T0479/", "found '/' at position 17."),
        ("A9997XYZ100T0479/lot", "found '/lot' at position 17."),
        ("A9997XYZ100T0479/serial/000012", "found '/serial/000012' at position 17."),
        ("A9997XYZ100T0479/lot/", "'' is not a lot: expected 1 to 18 letters and digits"),
        ("A9997XYZ100T0479/lot/" + "1" * 19, "is not a lot"),
        ("A9997XYZ100T0479/donation/A99991712345", "is not a donation: expected 13 characters as in A999717123456"),
        ("A9997XYZ100T0479/donation/A999917123456/serial/000000", "'000000' is not a division"),
        ("1TE123456A/donation/A999917123456", "is not a donation: expected none of a container"),
        ("1TE123456A/lot/RZ1234567", "is not a lot: expected 10 letters and digits"),
    ],
)
def test_what_is_no_device_is_refused_with_the_reason(text: str, expected: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        parse(text)
    assert expected in refused.value.message


@pytest.mark.parametrize("value", [None, 7, b"A"])
def test_pieces_are_texts_of_bounded_size(value: object) -> None:
    with pytest.raises(InvalidInput):
        ICCBBA(value)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        ICCBBA("A9997AB3456T0123", lot=value or 7)  # type: ignore[arg-type]
    with pytest.raises(TooLarge):
        ICCBBA("A" * 2001)


dates = st.from_regex(r"\A0[0-9]{2}(00[1-9]|[12][0-9]{2}|3[0-5][0-9])\Z")
devices = st.builds(
    ICCBBA,
    st.from_regex(r"\A[0-9A-NP-Z]{5}[0-9A-Z]{11}\Z"),
    donation=st.none() | st.from_regex(r"\A[1-9A-NP-Z][0-9A-NP-Z]{2}[0-9]{10}\Z"),
    division=st.none() | st.from_regex(r"\A[0-9A-Z]{5}[1-9A-Z]\Z"),
    lot=st.none() | st.from_regex(r"\A[0-9A-Z]{1,18}\Z"),
    expires=st.none() | dates,
    manufactured=st.none() | dates,
)


@given(devices)
def test_what_is_written_is_read_back(device: ICCBBA) -> None:
    assert read(device.as_structures()) == read(device.as_compound_message()) == (device,)
    again = parse(device.canonical.removeprefix("iccbba:"))
    assert (again.canonical, again.granularity) == (device.canonical, device.granularity)


@given(st.from_regex(r"\A[1-9A-NP-Z][0-9A-NP-Z]{2}[0-9]{10}\Z"), st.data())
def test_one_mutated_character_of_a_checked_donation_is_caught(donation: str, data: st.DataObject) -> None:
    """By a second way: the check character makes the weighted sum 1 modulo 37."""
    weights = [pow(2, 13 - place, 37) for place in range(13)]
    total = sum(int(character, 36) * weight for character, weight in zip(donation, weights, strict=True))
    flags = next(check for check in range(37) if (total + check) % 37 == 1) + 60
    (found,) = read(f"={donation}{flags}")
    assert isinstance(found, Fragment)
    place = data.draw(st.integers(3, 12))
    other = data.draw(st.sampled_from("0123456789").filter(lambda character: character != donation[place]))
    with pytest.raises(InvalidIdentifier, match="expected the check character"):
        read(f"={donation[:place]}{other}{donation[place + 1 :]}{flags}")


@given(st.text() | st.text(st.characters()) | st.text("=&/,>}+)1 0A$#%", max_size=40), st.none() | st.just("]d2"))
def test_only_our_errors_come_out(text: str, symbology_identifier: str | None) -> None:
    why = ""
    for asked in (text, f"={text}", f"&{text}", f"=+02000{text}", f"=/A9997XYZ100T0479{text}", f"&${text}"):
        for call in (parse, lambda asked: read(asked, symbology_identifier)):
            try:
                call(asked)
            except InvalidInput as refused:
                why += refused.message
    assert why.isprintable()


def test_gs1_symbols_hold_no_isbt_128() -> None:
    assert read("=/A9997AB3456T0123", "]C1") == ()


@pytest.mark.parametrize("value", [None, 7, b"=/A9997AB3456T0123"])
@pytest.mark.parametrize("call", [parse, read])
def test_only_texts_of_bounded_size(call: Callable[[object], object], value: object) -> None:
    with pytest.raises(InvalidInput):
        call(value)
    with pytest.raises(TooLarge):
        call("=" * 2001)
