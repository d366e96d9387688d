"""Labels by the printer's own commands: the same label as by graphics, but for the masks that firmware chooses."""

from __future__ import annotations

import re

import pytest

from renderers import RenderError, draw, stream
from renderers.writers.pdf import A4, Grid
from tests.renderers.engine import Printer, printer
from tests.renderers.paper import EPC, MARKS, read, sample

__all__ = ["printer"]


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_what_an_engine_prints_is_the_label(printer: Printer, dpi: int) -> None:
    zpl = draw(sample(), "zplnative", dpi=dpi)
    assert re.findall(rb"\^B[CQX3]", zpl) == [b"^BX"]  # the QR Code has a frame, and the bars change the code set
    assert read(printer(zpl.replace(f"^RFW,H,,,A^FD{EPC}^FS\n".encode(), b""), dpi)) == MARKS


def test_it_is_shorter_and_always_the_same() -> None:
    first, graphic = draw(sample(), "zplnative", dpi=300), draw(sample(), "zpl", dpi=300)
    assert first == draw(sample(), "zplnative", dpi=300)
    assert len(first) < len(graphic)
    assert first.startswith(graphic.partition(b"^GF")[0][:30])


def test_a_roll_is_one_format_after_the_other_and_has_no_grid() -> None:
    assert list(stream([sample()] * 2, "zplnative", dpi=203)) == [draw(sample(), "zplnative", dpi=203)] * 2
    with pytest.raises(RenderError, match="grid: expected none for zpl"):
        stream([sample()], "zplnative", dpi=203, grid=Grid(page=A4, columns=1, rows=1))


def test_a_resolution_that_no_head_has_is_refused() -> None:
    with pytest.raises(RenderError, match="dpi: expected 203 or 300 or 600 for zpl, found 72"):
        draw(sample(), "zplnative", dpi=72)
