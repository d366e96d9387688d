"""GS1 DataMatrix, written by zxing-cpp, read by libdmtx, which shows FNC1, by zxing-cpp and by biip."""

from __future__ import annotations

from pathlib import Path

import biip
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings

from renderers import RenderError, encode
from renderers.symbologies import gs1datamatrix
from tests.renderers.reading import ELEMENTS, NO_ELEMENTS, dmtxread, elements, read, read_by_libdmtx

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
    symbol = encode(payload, "gs1datamatrix")
    found = read(symbol, zxingcpp.DataMatrix)
    assert (found.bytes, found.symbology_identifier) == (payload.encode(), "]d2")
    assert found.content_type == zxingcpp.ContentType.GS1
    assert (symbol.aim, symbol.payload) == ("]d2", payload)


@dmtxread
@pytest.mark.parametrize("payload", ELEMENT_STRINGS)
def test_libdmtx_reads_exactly_the_element_string(payload: str, tmp_path: Path) -> None:
    assert read_by_libdmtx(encode(payload, "gs1datamatrix"), tmp_path, "-G29") == b"\x1d" + payload.encode()


def test_biip_understands_it() -> None:
    found = read(encode(ELEMENTS, "gs1datamatrix"), zxingcpp.DataMatrix)
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
        encode(payload, "gs1datamatrix")


@pytest.mark.parametrize("payload", ["0512", "21" + "S" * 21, "3100123456"[:9]])
def test_what_no_application_identifier_permits_is_refused(payload: str) -> None:
    with pytest.raises(RenderError, match=r"^payload "):
        encode(payload, "gs1datamatrix")


@settings(deadline=None)
@given(payload=elements(20))
def test_what_is_written_is_read(payload: str) -> None:
    assert read(encode(payload, "gs1datamatrix"), zxingcpp.DataMatrix).bytes == payload.encode()


@dmtxread
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=elements(20))
def test_libdmtx_reads_what_is_written(payload: str, tmp_path: Path) -> None:
    assert read_by_libdmtx(encode(payload, "gs1datamatrix"), tmp_path, "-G29") == b"\x1d" + payload.encode()


def test_a_rectangle_is_one_of_the_standard() -> None:
    symbol = gs1datamatrix.encode(ELEMENTS, shape="rectangle")
    assert (symbol.height, symbol.width) == (12, 36)
    assert (read(symbol, zxingcpp.DataMatrix).bytes, symbol.aim) == (ELEMENTS.encode(), "]d2")


@dmtxread
def test_libdmtx_reads_a_rectangle(tmp_path: Path) -> None:
    symbol = encode(ELEMENTS, "gs1datamatrix", shape="rectangle")
    assert read_by_libdmtx(symbol, tmp_path, "-G29") == b"\x1d" + ELEMENTS.encode()
