"""The grid of modules between payload and paper."""

from __future__ import annotations

import re
from dataclasses import dataclass

from renderers.errors import RenderError

__all__ = ["Symbol"]

NAME = re.compile(r"[a-z][a-z0-9]*")
AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Symbol:
    r"""A matrix symbol; valid if it exists.

    A row is one integer: its bits are the modules, the most significant of `width` bits the leftmost, 1 dark. It is
    the leanest matrix that Python has, and hashes, compares, shifts and prints (`f"{row:0{width}b}"`) by itself.

    Args:
        symbology: which kind of symbol, as the file in `symbologies/` is called.
        payload: what a reader will read.
        aim: the symbology identifier that a reader without ECI protocol reports with it.
        rows: the modules without quiet zone, from the top.
        width: modules in a row, without quiet zone.
        quiet_zone: modules of light that every side needs.

    Raises:
        RenderError: a field is no such thing.

    References:
        ISO/IEC 15424 (`aim`).

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
        """Rows of modules, quiet zone included."""
        return self.height + 2 * self.quiet_zone

    @property
    def printed_rows(self) -> tuple[int, ...]:
        """The modules with the quiet zone around them: rows of `printed_width` bits, from the top."""
        light = (0,) * self.quiet_zone
        return (*light, *(row << self.quiet_zone for row in self.rows), *light)
