"""From a payload to a symbol that is known to be read as it."""

from __future__ import annotations

import inspect
from functools import lru_cache

from renderers import symbologies
from renderers.discovery import named
from renderers.errors import RenderError
from renderers.options import in_range
from renderers.payload import checked
from renderers.symbol import Symbol
from renderers.zxing import read_back

__all__ = ["encode"]

WIDTH_RANGE = 1, 4096
KEPT = 512  # symbols, of 10 KB at the most


def encode(payload: str, symbology: str, /, *, max_width: int | None = None, **options: str | float) -> Symbol:
    """Encode a payload, exactly as it stands, as a symbol, and read it back before anyone sees it.

    Args:
        payload: the text that a reader will read; one character or more, no NUL.
        symbology: one of `renderers.symbologies()`.
        max_width: the widest that the symbol may be, in modules without quiet zone, 1 to 4096; any if None.
        options: what the symbology lets be chosen: `level`, `shape` or `bar_mm`, as its file says.

    Returns:
        The symbol, in the smallest size that holds the payload.

    Raises:
        RenderError: the symbology is unknown, cannot hold the payload or has no such option, the symbol is wider than
            `max_width`, or it does not read back as the payload.

    Examples:
        >>> encode("HTTP://127.0.0.1:8000/L/0123456789ABCD", "qr").width
        25
        >>> encode("HTTP://127.0.0.1:8000/L/0123456789ABCD", "qr", level="H").width
        33
    """
    kind = named("symbology", symbologies, symbology)
    for name, value in options.items():
        _, *known = inspect.signature(kind.encode).parameters
        if name not in known:
            raise RenderError("option", name, expected=" or ".join(known) or "none")
        if type(value) not in {str, int, float}:  # before it becomes a key
            raise RenderError(name, value, expected="a word or a number")
    symbol = _encoded(checked(payload), symbology, tuple(sorted(options.items())))
    if max_width is not None and symbol.width > in_range("max_width", max_width, (int,), WIDTH_RANGE):
        raise RenderError("payload", payload, expected=f"at most {max_width} modules a row", found=f"{symbol.width}")
    return symbol


@lru_cache(maxsize=KEPT)
def _encoded(payload: str, symbology: str, options: tuple[tuple[str, str | float], ...]) -> Symbol:
    kind = named("symbology", symbologies, symbology)
    symbol: Symbol = kind.encode(payload, **dict(options))
    read_back(symbol, kind.READ_AS)
    return symbol
