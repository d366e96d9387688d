"""Micro QR Code, written by segno, read by zxing-cpp."""

from __future__ import annotations

from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from renderers import RenderError, encode
from renderers.symbologies import microqr
from tests.renderers.reading import read

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
# ISO/IEC 18004 table 7, M4: digits, alphanumeric characters, bytes.
FULL = [("L", "7" * 35), ("L", "A" * 21), ("L", "a" * 15), ("M", "7" * 30), ("M", "A" * 18), ("M", "a" * 13)]
FULL += [("Q", "7" * 21), ("Q", "A" * 13), ("Q", "a" * 9)]


@pytest.mark.parametrize(
    ("payload", "version", "level"),
    [("7", 2, "M"), ("7" * 10, 2, "L"), ("TWIN-42", 3, "M"), ("twin", 3, "M"), ("A" * 21, 4, "L")],
)
def test_the_smallest_version_is_taken(payload: str, version: int, level: str) -> None:
    symbol = encode(payload, "microqr")
    found: Any = read(symbol, zxingcpp.MicroQRCode)
    assert (found.text, found.ec_level, found.extra["Version"]) == (payload, level, f"M{version}")
    assert (symbol.width, symbol.height) == (2 * version + 9,) * 2
    assert (found.symbology_identifier, symbol.aim, symbol.quiet_zone) == ("]Q1", "]Q1", 2)


@pytest.mark.parametrize(("level", "payload"), FULL)
def test_m4_is_filled_to_the_brim_and_no_further(level: str, payload: str) -> None:
    symbol = encode(payload, "microqr", level=level)
    assert symbol.width == 17
    assert read(symbol, zxingcpp.MicroQRCode).bytes == payload.encode()
    with pytest.raises(RenderError, match=r"expected at most \d+ .* in a Micro QR Code, found \d+$"):
        encode(payload + payload[0], "microqr", level=level)


def test_there_is_no_level_h() -> None:
    with pytest.raises(RenderError, match="level: expected L or M or Q, found 'H'"):
        microqr.encode("7", level="H")


def test_text_beyond_ascii_is_refused_since_nothing_would_say_what_it_is() -> None:
    with pytest.raises(RenderError, match=r"expected ASCII in a Micro QR Code, found 'ł' at character 2$"):
        microqr.encode("Zł")


@settings(deadline=None)
@given(
    payload=st.text("0123456789", min_size=1, max_size=35)
    | st.text(ALPHANUMERIC, min_size=1, max_size=21)
    | st.text(st.characters(min_codepoint=1, max_codepoint=0x7F), min_size=1, max_size=15)
)
def test_what_is_written_is_read(payload: str) -> None:
    assert read(encode(payload, "microqr"), zxingcpp.MicroQRCode).bytes == payload.encode()
