"""Paper: a payload becomes a symbol, a symbol becomes bytes. Knows nothing of twins.

A symbology is one file in `symbologies/`, an output format one file in `writers/`: the name of the file is its name
here, and nobody registers it.
"""

from __future__ import annotations

import inspect
import pkgutil
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

# Here, not later: importing a package sets it as an attribute of its parent, which would replace symbologies() below.
from renderers import symbologies as _symbologies
from renderers import writers as _writers
from renderers.composition import compose
from renderers.drawing import Drawing, PlacedMark
from renderers.errors import RenderError
from renderers.layout import Box, Line, Mark, Page, Picture, Text
from renderers.options import MODULE_MM_RANGE, in_range
from renderers.payload import checked
from renderers.symbol import Symbol
from renderers.zxing import read_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

    from renderers.writers.pdf import Grid

__all__ = [
    "Box",
    "Drawing",
    "Line",
    "Mark",
    "Page",
    "Picture",
    "PlacedMark",
    "RenderError",
    "Symbol",
    "Text",
    "compose",
    "draw",
    "encode",
    "formats",
    "media_type",
    "stream",
    "symbologies",
    "write",
]

MODULE_MM = 0.5
DPI = 300
DPI_RANGE = 72, 2400
WIDTH_RANGE = 1, 4096
KEPT = 512  # symbols, of 10 KB at the most


def encode(payload: str, symbology: str, *, max_width: int | None = None, **options: str | float) -> Symbol:
    """Encode a payload, exactly as it stands, as a symbol, and read it back before anyone sees it.

    Args:
        payload: the text that a reader will read; one character or more, no NUL.
        symbology: one of `symbologies()`.
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
    kind = _named("symbology", _symbologies, symbology)
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


def write(
    symbol: Symbol,
    format: str,  # noqa: A002  the word of those who call
    *,
    module_mm: float = MODULE_MM,
    dpi: int = DPI,
) -> bytes:
    r"""Draw a symbol, its quiet zone included. The same arguments always give the same bytes.

    Args:
        symbol: what to draw.
        format: one of `formats()`.
        module_mm: side of one module in millimetres, 0.1 to 20.
        dpi: dots per inch of the printer, 72 to 2400; vector formats do not need it.

    Returns:
        The file.

    Raises:
        RenderError: the format is unknown, a measure is out of its range, or the format cannot draw it in whole dots.

    Examples:
        >>> write(encode("TWIN-42", "datamatrix"), "png", module_mm=0.5)[:4]
        b'\x89PNG'
    """
    in_range("module_mm", module_mm, (int, float), MODULE_MM_RANGE)
    in_range("dpi", dpi, (int,), DPI_RANGE)
    drawn: bytes = _named("format", _writers, format).write(symbol, module_mm=module_mm, dpi=dpi)
    return drawn


def draw(drawing: Drawing, format: str, *, dpi: int = DPI) -> bytes:  # noqa: A002  the word of those who call
    """Draw one label. The same arguments always give the same bytes.

    Args:
        drawing: what `compose` made.
        format: one of `formats()`.
        dpi: dots per inch of the printer, 72 to 2400; vector formats do not need it.

    Returns:
        The file.

    Raises:
        RenderError: the format is unknown, or cannot draw the label at this resolution.
    """
    raise NotImplementedError


def stream(
    drawings: Iterable[Drawing],
    format: str,  # noqa: A002  the word of those who call
    *,
    dpi: int = DPI,
    grid: Grid | None = None,
) -> Iterator[bytes]:
    """Draw many labels as one file, of which one page or label is in memory at a time.

    Args:
        drawings: what `compose` made, one or more.
        format: `pdf` (a page for each label, or sheets), `zpl` (one format after the other) or `zip` (an SVG each).
        dpi: dots per inch of the printer, 72 to 2400; vector formats do not need it.
        grid: where the labels are on a sheet, each in the middle of its place; of `pdf` alone.

    Returns:
        The file, in parts.

    Raises:
        RenderError: the format is unknown, or a label cannot be drawn; what was given out before is then no file.
    """
    raise NotImplementedError


def symbologies() -> tuple[str, ...]:
    """The symbologies that `encode` knows, in alphabetical order.

    Examples:
        >>> symbologies()
        ('code128', 'code39', 'datamatrix', 'gs1128', 'gs1datamatrix', 'gs1qr', 'microqr', 'qr')
    """
    return tuple(_discovered(_symbologies))


def formats() -> tuple[str, ...]:
    """The formats that `write` knows, in alphabetical order.

    Examples:
        >>> formats()
        ('pdf', 'png', 'svg', 'zpl')
    """
    return tuple(_discovered(_writers))


def media_type(format: str) -> str:  # noqa: A002  the word of those who call
    """The media type of the bytes that `write` makes.

    Args:
        format: one of `formats()`.

    Raises:
        RenderError: the format is unknown.

    References:
        RFC 6838 section 4.2.

    Examples:
        >>> media_type("svg")
        'image/svg+xml'
    """
    media: str = _named("format", _writers, format).MEDIA_TYPE
    return media


@lru_cache(maxsize=KEPT)
def _encoded(payload: str, symbology: str, options: tuple[tuple[str, str | float], ...]) -> Symbol:
    kind = _named("symbology", _symbologies, symbology)
    symbol: Symbol = kind.encode(payload, **dict(options))
    read_back(symbol, kind.READ_AS)
    return symbol


@cache
def _discovered(package: ModuleType) -> Mapping[str, ModuleType]:
    names = sorted(name for _, name, _ in pkgutil.iter_modules(package.__path__))
    return {name: import_module(f"{package.__name__}.{name}") for name in names}


def _named(what: str, package: ModuleType, name: object) -> ModuleType:
    known = _discovered(package)
    if not isinstance(name, str) or name not in known:
        raise RenderError(what, name, expected=" or ".join(known))
    return known[name]
