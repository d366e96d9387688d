"""The native library is asked for nothing but what it can do, and believed nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import zxingcpp

from renderers import RenderError, encode
from renderers.zxing import modules, read_back

SYMBOL = encode("TWIN-42", "datamatrix")


def test_rows_are_dark_where_the_library_is_black() -> None:
    rows, width = modules("TWIN-42", zxingcpp.DataMatrix, "TWIN-42", expected="less", force_square=True)
    assert (rows, width) == (SYMBOL.rows, SYMBOL.width)
    assert rows[-1] == (1 << width) - 1


def test_a_refusal_shows_the_payload_and_not_what_the_library_was_given() -> None:
    with pytest.raises(RenderError, match=r"payload 'given': expected less, found 5 bytes$"):
        modules("7" * 5000, zxingcpp.DataMatrix, "given", expected="less", force_square=True)


@pytest.mark.parametrize("bit", range(2, 13, 3))
def test_a_symbol_with_a_spot_is_still_read(bit: int) -> None:
    """Error correction is for paper; what is compared are the bytes."""
    rows = (*SYMBOL.rows[:4], SYMBOL.rows[4] ^ 1 << bit, *SYMBOL.rows[5:])
    read_back(replace(SYMBOL, rows=rows), zxingcpp.DataMatrix)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"payload": "TWIN-4"}, "]d1 and 7 other bytes"),
        ({"aim": "]d2"}, "]d1 and 7 other bytes"),
        ({"rows": (0,) * 14}, "nothing"),
        ({"rows": SYMBOL.rows[:7]}, "nothing"),
    ],
)
def test_what_reads_otherwise_is_refused(changed: dict[str, object], found: str) -> None:
    with pytest.raises(RenderError) as refusal:
        read_back(replace(SYMBOL, **changed), zxingcpp.DataMatrix)  # type: ignore[arg-type]
    assert refusal.value.found == found
