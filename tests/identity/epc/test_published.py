from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.identity.epc.published import ENCODINGS, NOT_READ, TDS_E1, URIS
from twin import identity
from twin.identity import Fragment, Part
from twin.identity.epc import EPC, parse, read
from twin.identity.epc.codings import CODINGS

EPCIS = Path(__file__).parents[4] / "shared" / "vectors" / "epcis"


def filter_value_of(tag: str) -> int:
    name, _, body = tag.partition(":")
    return int(body.partition(".")[0]) if CODINGS[name].filter_bits else 0


@pytest.mark.parametrize(("tag", "hexadecimal", "canonical", "source"), ENCODINGS, ids=[row[0] for row in ENCODINGS])
def test_an_encoding_and_its_tag_uri_are_one_epc(tag: str, hexadecimal: str, canonical: str, source: str) -> None:
    epc = parse(f"urn:epc:tag:{tag}")
    assert parse(hexadecimal) == parse(hexadecimal.lower()) == epc, source
    assert read(hexadecimal) == read(f"urn:epc:tag:{tag}") == (epc,)
    assert epc.canonical == canonical
    assert identity.parse(canonical).canonical == canonical
    assert parse(epc.as_pure_identity()) == epc


@pytest.mark.parametrize(
    ("tag", "hexadecimal", "canonical", "source"),
    [row for row in ENCODINGS if not row[0].startswith("gdti-113")],
    ids=[row[0] for row in ENCODINGS if not row[0].startswith("gdti-113")],
)
def test_an_encoding_is_written_to_the_bit(tag: str, hexadecimal: str, canonical: str, source: str) -> None:
    name, value = tag.partition(":")[0], filter_value_of(tag)
    epc = parse(hexadecimal)
    assert epc.as_tag_uri(value, name) == f"urn:epc:tag:{tag}", source
    words = epc.as_hex(value, name)
    assert len(words) % 4 == 0
    assert words.startswith(hexadecimal) or hexadecimal.startswith(words)
    assert not set(words[len(hexadecimal) :] + hexadecimal[len(words) :]) - {"0"}


@pytest.mark.parametrize(("uri", "canonical", "source"), URIS, ids=[row[0] for row in URIS])
def test_a_uri_is_what_it_corresponds_to(uri: str, canonical: str, source: str) -> None:
    epc = parse(uri)
    assert epc.canonical == canonical, source
    assert epc.as_pure_identity() == uri
    assert read(uri) == (epc,)
    assert identity.parse(canonical).canonical == canonical


@pytest.mark.parametrize(("hexadecimal", "name", "key", "source"), NOT_READ, ids=[row[1] for row in NOT_READ])
def test_of_what_is_not_read_yet_the_key_is_told(
    hexadecimal: str, name: str, key: tuple[str, str], source: str
) -> None:
    (found,) = read(hexadecimal)
    assert isinstance(found, Fragment), source
    assert found.title == f"{name} tag"
    assert found.parts == (Part(*key),)
    assert [finding.code for finding in found.findings] == ["EPC_NOT_READ"]


def test_the_worked_example_bit_by_bit() -> None:
    """Header, filter value, partition, company prefix, indicator and item reference, serial number: as printed."""
    bits = "00110000 011 001 1011000100010000001001000001000111111 0000101 00000000000000000000000001101010000101"
    assert f"{int(bits.replace(' ', ''), 2):X}" == EPC("sgtin", ("95060001343", "05", "6789")).as_hex(3), TDS_E1


def test_every_coding_has_a_published_encoding() -> None:
    assert {row[0].partition(":")[0] for row in ENCODINGS} == set(CODINGS)


@pytest.mark.skipif(not EPCIS.exists(), reason="the wider vectors lie outside the repository")
def test_wider_cross_check() -> None:
    """Every EPC in the events of the published EPCIS documents is read, and nothing is forgiven."""
    uris = {uri for file in EPCIS.rglob("*.json") for uri in re.findall(r'"(urn:epc:[^"]*)"', file.read_text("utf-8"))}
    assert len(uris) == 112
    for uri in uris:
        (epc,) = read(uri)
        assert isinstance(epc, EPC)
        assert epc.findings == ()
        assert epc.as_pure_identity() == uri
