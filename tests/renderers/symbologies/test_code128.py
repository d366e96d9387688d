"""Code 128, written by zxing-cpp, read by ZBar, which shares no line with it, and by zxing-cpp."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderers import RenderError, encode
from renderers.symbologies import code128
from tests.renderers.reading import read, read_by_zbar, zbarimg

HIBC = "+A123BJC5D6E71G"  # ANSI/HIBC 2.6, the supplier's primary data structure
ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=50)
PLAIN = ["TWIN-42", "1", "12", "7" * 202, "a" * 101, "[01]09506000134352", "\\^1\\x1d", HIBC, " "]
CONTROLS = ["\x1d01095", "[)>\x1e06\x1d17V1\x1e\x04", "a\x01\x7f"]


def pattern(row: int, width: int) -> str:
    return f"{row:0{width}b}"


@pytest.mark.parametrize("payload", PLAIN + CONTROLS)
def test_zxing_reads_what_was_asked_for(payload: str) -> None:
    symbol = encode(payload, "code128")
    found = read(symbol, zxingcpp.Code128)
    assert (found.bytes, found.symbology_identifier) == (payload.encode(), symbol.aim)
    assert symbol.aim == "]C0"


@zbarimg
@pytest.mark.parametrize("payload", PLAIN)
def test_zbar_reads_what_was_asked_for(payload: str, tmp_path: Path) -> None:
    assert read_by_zbar(encode(payload, "code128"), tmp_path) == payload.encode()


def test_the_patterns_are_those_of_the_standard() -> None:
    """Start B, A, check (104 + 33) mod 103 = 34, stop (ISO/IEC 15417 table 1)."""
    symbol = code128.encode("A")
    assert pattern(symbol.rows[0], symbol.width) == "11010010000" + "10100011000" + "10001011000" + "1100011101011"


def test_pairs_of_digits_share_a_character() -> None:
    """Start, five pairs, check, stop: 11 modules each, 13 the stop."""
    assert code128.encode("0123456789").width == 11 * 7 + 13


def test_quiet_zone_and_height_are_the_standards() -> None:
    symbol = code128.encode("TWIN-42")
    assert (symbol.quiet_zone, symbol.bar_mm, symbol.height) == (10, 5.0, 1)
    assert code128.encode("TWIN-42", bar_mm=12).bar_mm == 12


@pytest.mark.parametrize("payload", ["7" * 205, "a" * 102], ids=len)
def test_more_than_102_characters_are_refused(payload: str) -> None:
    with pytest.raises(RenderError, match=r"expected what 102 symbol characters hold: .*, found \d+ bytes$"):
        code128.encode(payload)


@pytest.mark.parametrize(("payload", "character"), [("Zł", "'ł' at character 2"), ("ü", "'ü' at character 1")])
def test_text_beyond_ascii_is_refused_since_nothing_would_say_what_it_is(payload: str, character: str) -> None:
    with pytest.raises(RenderError, match=f"expected ASCII in a Code 128, found {character}$"):
        code128.encode(payload)


@settings(deadline=None)
@given(payload=st.text(st.characters(max_codepoint=0x7F), min_size=1, max_size=60) | ASCII)
def test_what_is_written_is_read(payload: str) -> None:
    try:
        symbol = encode(payload, "code128")
    except RenderError:
        assert "\0" in payload or len(payload) > 50  # some of 51 change the code set at every character
    else:
        assert read(symbol, zxingcpp.Code128).bytes == payload.encode()


@zbarimg
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=ASCII)
def test_zbar_reads_what_is_written(payload: str, tmp_path: Path) -> None:
    assert read_by_zbar(encode(payload, "code128"), tmp_path) == payload.encode()
