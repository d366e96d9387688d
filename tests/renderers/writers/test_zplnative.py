"""ZPL by the printer's own commands: a command where there is one, the graphic where there is none."""

from __future__ import annotations

import pytest
import zxingcpp

from renderers import RenderError, encode, write
from tests.renderers.engine import Printer, printer

__all__ = ["printer"]


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("symbology", ["qr", "datamatrix", "code128", "code39"])
def test_what_an_engine_prints_has_the_size_of_the_graphic(printer: Printer, dpi: int, symbology: str) -> None:
    symbol = encode("TWIN-4X", symbology)
    native, graphic = (write(symbol, name, module_mm=0.4, dpi=dpi) for name in ("zplnative", "zpl"))
    assert b"^GF" not in native
    ours, theirs = printer(native, dpi), printer(graphic, dpi)
    assert [found.text for found in zxingcpp.read_barcodes(ours)] == ["TWIN-4X"]
    assert ours.size == theirs.size
    assert ours.point(lambda dot: 255 - dot).getbbox() == theirs.point(lambda dot: 255 - dot).getbbox()


def test_what_no_command_can_say_is_the_graphic() -> None:
    symbol = encode("12345", "microqr")
    assert write(symbol, "zplnative", module_mm=0.5, dpi=300) == write(symbol, "zpl", module_mm=0.5, dpi=300)


def test_a_resolution_that_no_head_has_is_refused() -> None:
    with pytest.raises(RenderError, match="dpi: expected 203 or 300 or 600 for zpl, found 72"):
        write(encode("TWIN-4X", "qr"), "zplnative", dpi=72)
