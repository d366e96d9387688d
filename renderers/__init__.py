"""Paper: a payload becomes a symbol, a symbol becomes bytes. Knows nothing of twins.

A symbology is one file in `symbologies/`, an output format one file in `writers/`: the name of the file is its name
here, and nobody registers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# Here, not later: importing a package sets it as an attribute of its parent, which would replace symbologies() below.
from renderers import labels as _labels
from renderers import symbologies as _symbologies
from renderers import writers as _writers
from renderers.composition import compose
from renderers.discovery import discovered, named
from renderers.drawing import Drawing, PlacedMark
from renderers.encoding import encode
from renderers.errors import RenderError
from renderers.layout import Box, Line, Mark, Page, Picture, Text
from renderers.options import MODULE_MM_RANGE, in_range, one_of
from renderers.symbol import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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
    drawn: bytes = named("format", _writers, format).write(symbol, module_mm=module_mm, dpi=dpi)
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
    in_range("dpi", dpi, (int,), DPI_RANGE)
    drawn: bytes = _able("draw", format).draw(drawing, dpi=dpi)
    return drawn


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
        format: `pdf` (a page for each label, or sheets), `zpl` or `zplnative` (formats one after the other),
            or `zip` (an SVG each).
        dpi: dots per inch of the printer, 72 to 2400; vector formats do not need it.
        grid: where the labels are on a sheet, each in the middle of its place; of `pdf` alone.

    Returns:
        The file, in parts.

    Raises:
        RenderError: the format is unknown, or a label cannot be drawn; what was given out before is then no file.
    """
    in_range("dpi", dpi, (int,), DPI_RANGE)
    parts: Iterator[bytes] = _able("stream", format).stream(_some(drawings), dpi=dpi, grid=grid)
    return parts


def symbologies() -> tuple[str, ...]:
    """The symbologies that `encode` knows, in alphabetical order.

    Examples:
        >>> symbologies()
        ('code128', 'code39', 'datamatrix', 'gs1128', 'gs1datamatrix', 'gs1qr', 'microqr', 'qr')
    """
    return tuple(discovered(_symbologies))


def formats() -> tuple[str, ...]:
    """The formats that `write` knows, in alphabetical order.

    Examples:
        >>> formats()
        ('pdf', 'png', 'svg', 'zpl', 'zplnative')
    """
    return tuple(discovered(_writers))


def media_type(format: str) -> str:  # noqa: A002  the word of those who call
    """The media type of the bytes that `write`, `draw` or `stream` makes.

    Args:
        format: one of `formats()`, or `zip`.

    Raises:
        RenderError: the format is unknown.

    References:
        RFC 6838 section 4.2.

    Examples:
        >>> media_type("svg")
        'image/svg+xml'
    """
    media: str = named("format", _labels, format).MEDIA_TYPE
    return media


def _able(what: str, name: object) -> ModuleType:
    """The format of labels that can do this."""
    able = [known for known, module in discovered(_labels).items() if hasattr(module, what)]
    return named("format", _labels, one_of("format", name, able))


def _some(drawings: Iterable[Drawing]) -> Iterator[Drawing]:
    empty = True
    for empty, drawing in ((False, drawing) for drawing in drawings):  # noqa: B007
        yield drawing
    if empty:
        raise RenderError("drawings", None, expected="one or more", found="none")
