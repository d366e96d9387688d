"""The grid of modules between payload and paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

from renderers.errors import RenderError

__all__ = ["Symbol"]

NAME = re.compile(r"[a-z][a-z0-9]*")
BARS_TO_WIDTH = 0.15  # so that a hand-held scanner that is not quite level still crosses every bar
AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Symbol:
    r"""A symbol, matrix or linear; valid if it exists.

    A row is one integer: its bits are the modules, the most significant of `width` bits the leftmost, 1 dark. It is
    the leanest matrix that Python has, and hashes, compares, shifts and prints (`f"{row:0{width}b}"`) by itself. A
    linear symbol is one row, drawn as high as its bars.

    Args:
        symbology: which kind of symbol, as the file in `symbologies/` is called.
        payload: what a reader will read.
        aim: the symbology identifier that a reader without ECI protocol reports with it.
        rows: the modules without quiet zone, from the top.
        width: modules in a row, without quiet zone.
        quiet_zone: modules of light that every side needs; of a linear symbol left and right.
        bar_mm: the least height of the bars of a linear symbol, in millimetres; None for a matrix symbol.

    Raises:
        RenderError: a field is no such thing.

    References:
        ISO/IEC 15424 (`aim`); ISO/IEC 15417, ISO/IEC 16388 (`BARS_TO_WIDTH`).

    Examples:
        >>> symbol = Symbol(symbology="qr", payload="?", aim="]Q1", rows=(0b101, 0b010), width=3, quiet_zone=1)
        >>> symbol.height
        2
        >>> print(*(f"{row:05b}" for row in symbol.printed_rows), sep="\n")
        00000
        01010
        00100
        00000
    """

    symbology: str
    payload: str
    aim: str
    rows: tuple[int, ...]
    width: int
    quiet_zone: int
    bar_mm: float | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.symbology):
            raise RenderError("symbology", self.symbology, expected="lower-case letters and digits, a letter first")
        if not self.payload:
            raise RenderError("payload", self.payload, expected="one character or more")
        if not AIM.fullmatch(self.aim):
            raise RenderError("aim", self.aim, expected="a symbology identifier such as ]Q1")
        if self.quiet_zone < 0:
            raise RenderError("quiet_zone", self.quiet_zone, expected="0 modules or more")
        if self.width < 1 or not self.rows:
            raise RenderError("symbol", None, expected="a module or more", found=f"{self.width} x {self.height}")
        if self.bar_mm is not None and (self.bar_mm <= 0 or self.height != 1):
            found = f"{self.height} of {self.bar_mm} mm"
            raise RenderError("bar_mm", self.bar_mm, expected="one row of some height", found=found)
        for row in self.rows:
            if not 0 <= row < 1 << self.width:
                raise RenderError("row", row, expected=f"{self.width} bits", found=f"{row.bit_length()}")

    @property
    def height(self) -> int:
        """Rows of modules, without quiet zone."""
        return len(self.rows)

    @property
    def printed_width(self) -> int:
        """Modules in a row, quiet zone included."""
        return self.width + 2 * self.quiet_zone

    @property
    def printed_height(self) -> int:
        """Rows of modules, quiet zone included; of a linear symbol, which has none above and below, one."""
        return self.height + (2 * self.quiet_zone if self.bar_mm is None else 0)

    @property
    def printed_rows(self) -> tuple[int, ...]:
        """The modules with the quiet zone around them: rows of `printed_width` bits, from the top."""
        light = (0,) * (self.quiet_zone if self.bar_mm is None else 0)
        return (*light, *(row << self.quiet_zone for row in self.rows), *light)

    def row_height(self, module_mm: float) -> int:
        """The height of a row as it is drawn: one module, or what the bars of a linear symbol need.

        Args:
            module_mm: side of one module in millimetres, as it will be printed.

        Returns:
            Whole modules: at least `bar_mm`, and at least `BARS_TO_WIDTH` of a linear symbol's width.

        Examples:
            >>> bars = Symbol(
            ...     symbology="bars", payload="?", aim="]X0", rows=(0b101,), width=3, quiet_zone=10, bar_mm=5.0
            ... )
            >>> bars.row_height(0.3)
            17
        """
        if self.bar_mm is None:
            return 1
        return ceil(round(max(self.bar_mm / module_mm, BARS_TO_WIDTH * self.width), 6))
