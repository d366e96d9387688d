"""Code 39, written by zxing-cpp and widened here, read by ZBar and by zxing-cpp."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderers import RenderError, encode
from renderers.symbologies import code39
from tests.renderers.reading import read, read_by_zbar, zbarimg

VIN = "1M8GDM9AXKP042788"
HIBC = "+A123BJC5D6E71G"  # whose last character is the check character of Code 39 too
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
PLAIN = [VIN, HIBC, "+A", "A", CHARACTERS, "7" * 80, " A ", "$A/B%C", "TWIN-42"]


@pytest.mark.parametrize("payload", PLAIN)
def test_zxing_reads_what_was_asked_for(payload: str) -> None:
    symbol = encode(payload, "code39")
    found = read(symbol, zxingcpp.Code39Std)
    assert found.bytes == payload.encode()
    assert found.symbology_identifier in {"]A0", "]A1"}
    assert symbol.aim == "]A0"


@zbarimg
@pytest.mark.parametrize("payload", PLAIN)
def test_zbar_reads_what_was_asked_for(payload: str, tmp_path: Path) -> None:
    assert read_by_zbar(encode(payload, "code39"), tmp_path) == payload.encode()


def test_a_vin_is_read_as_code_39_by_a_reader_that_asks_for_anything() -> None:
    found = read(encode(VIN, "code39"), zxingcpp.All)
    assert (found.text, found.symbology_identifier) == (VIN, "]A0")


def test_the_patterns_are_those_of_the_standard_with_wide_elements_of_three() -> None:
    """Asterisk, A, asterisk (ISO/IEC 16388 table 1), a narrow gap between."""
    symbol = code39.encode("A")
    asterisk, letter = "1000101110111010"[:-1], "111010100010111"
    assert f"{symbol.rows[0]:0{symbol.width}b}" == f"{asterisk}0{letter}0{asterisk}"


@pytest.mark.parametrize("length", [1, 17, 80])
def test_each_character_takes_sixteen_modules(length: int) -> None:
    assert code39.encode("A" * length).width == 16 * (length + 2) - 1


def test_quiet_zone_and_height_are_the_standards() -> None:
    symbol = code39.encode(VIN)
    assert (symbol.quiet_zone, symbol.bar_mm, symbol.height) == (10, 5.0, 1)
    assert code39.encode(VIN, bar_mm=12.5).bar_mm == 12.5


@pytest.mark.parametrize("character", ["a", "*", "ü", "\x1d", "٣", "\n", ":"])
def test_another_character_is_refused_with_its_place(character: str) -> None:
    with pytest.raises(RenderError, match=r"spaces and -\.\$/\+% in a Code 39, found .* at character 4$"):
        code39.encode(f"VIN{character}")


def test_more_than_80_characters_are_refused() -> None:
    with pytest.raises(RenderError, match=r"expected at most 80 characters in a Code 39, found 81$"):
        code39.encode("7" * 81)


@settings(deadline=None)
@given(payload=st.text(CHARACTERS, min_size=1, max_size=40))
def test_what_is_written_is_read(payload: str) -> None:
    assert read(encode(payload, "code39"), zxingcpp.Code39Std).bytes == payload.encode()


@settings(deadline=None)
@given(payload=st.text(min_size=1, max_size=20))
def test_any_text_is_read_back_or_refused(payload: str) -> None:
    try:
        encode(payload, "code39")
    except RenderError:
        assert not set(CHARACTERS).issuperset(payload)


@zbarimg
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.text(CHARACTERS, min_size=3, max_size=40))
def test_zbar_reads_what_is_written(payload: str, tmp_path: Path) -> None:
    assert read_by_zbar(encode(payload, "code39"), tmp_path) == payload.encode()
