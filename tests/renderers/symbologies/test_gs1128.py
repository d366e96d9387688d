"""GS1-128, written by zxing-cpp, read by ZBar, by zxing-cpp and by biip."""

from __future__ import annotations

from pathlib import Path

import biip
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings

from renderers import RenderError, encode
from renderers.symbologies import gs1128
from tests.renderers.reading import ELEMENTS, NO_ELEMENTS, elements, read, read_by_zbar, zbarimg

ELEMENT_STRINGS = [
    ELEMENTS,
    "00095060001343520109",
    "10A%B\x1d21(10)%%",
    "310300175021A",
    "8010A#1\x1d10B",
    "10A\x1d11261122",
    "99_d2",
]


@pytest.mark.parametrize("payload", ELEMENT_STRINGS)
def test_zxing_reads_exactly_the_element_string(payload: str) -> None:
    symbol = encode(payload, "gs1128")
    found = read(symbol, zxingcpp.Code128)
    assert (found.bytes, found.symbology_identifier) == (payload.encode(), "]C1")
    assert found.content_type == zxingcpp.ContentType.GS1
    assert (symbol.aim, symbol.payload) == ("]C1", payload)


@zbarimg
@pytest.mark.parametrize("payload", ELEMENT_STRINGS)
def test_zbar_reads_exactly_the_element_string(payload: str, tmp_path: Path) -> None:
    assert read_by_zbar(encode(payload, "gs1128"), tmp_path) == payload.encode()


def test_biip_understands_it() -> None:
    found = read(encode(ELEMENTS, "gs1128"), zxingcpp.Code128)
    message = biip.parse(found.symbology_identifier + found.bytes.decode()).gs1_message
    assert message is not None
    assert [(one.ai.ai, one.value) for one in message.element_strings] == [
        ("01", "09506000134352"),
        ("10", "ABC"),
        ("21", "SER42"),
    ]


@pytest.mark.parametrize("payload", NO_ELEMENTS.values(), ids=NO_ELEMENTS)
def test_what_is_no_element_string_is_refused(payload: str) -> None:
    with pytest.raises(RenderError, match=r"expected (a GS1 element at character \d+|GS1 characters), found "):
        encode(payload, "gs1128")


@pytest.mark.parametrize("payload", ["0512", "21" + "S" * 21, "3100123456"[:9]])
def test_what_no_application_identifier_permits_is_refused(payload: str) -> None:
    with pytest.raises(RenderError, match=r"^payload "):
        encode(payload, "gs1128")


@settings(deadline=None)
@given(payload=elements(9))
def test_what_is_written_is_read(payload: str) -> None:
    assert read(encode(payload, "gs1128"), zxingcpp.Code128).bytes == payload.encode()


@zbarimg
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=elements(9))
def test_zbar_reads_what_is_written(payload: str, tmp_path: Path) -> None:
    assert read_by_zbar(encode(payload, "gs1128"), tmp_path) == payload.encode()


def test_an_sscc_takes_fourteen_characters() -> None:
    """Start C, FNC1, ten pairs, check: 11 modules each, and 13 the stop."""
    symbol = gs1128.encode("00095060001343520109")
    assert symbol.width == 13 * 11 + 13
    assert f"{symbol.rows[0]:0{symbol.width}b}".startswith("11010011100" + "11110101110")
    assert (symbol.quiet_zone, symbol.bar_mm) == (10, 31.75)


def test_more_than_48_characters_are_refused() -> None:
    longest = "91" + "A" * 46
    assert read(encode(longest, "gs1128"), zxingcpp.Code128).bytes == longest.encode()
    with pytest.raises(RenderError, match=r"expected at most 48 characters in a GS1-128, found 49$"):
        gs1128.encode(longest + "A")
