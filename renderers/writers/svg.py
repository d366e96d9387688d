"""SVG: one path, measured in millimetres."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from renderers.symbol import Symbol

__all__ = ["MEDIA_TYPE", "write"]

MEDIA_TYPE = "image/svg+xml"

_DARK = re.compile("1+")


def write(symbol: Symbol, *, module_mm: float, dpi: int) -> bytes:  # noqa: ARG001  a vector has no dots
    """Draw a symbol as SVG: each run of dark modules is one rectangle of the path.

    Colours are written out, so that neither a dark page nor `currentColor` inverts the symbol. The payload is not in
    the file: nothing of it can be taken for markup.

    Args:
        symbol: what to draw.
        module_mm: side of one module in millimetres, 0.1 to 20.
        dpi: not used.

    Returns:
        The document, in ASCII; one user unit is one module.

    References:
        SVG 1.1 sections 7.7 (viewBox), 8.3 (path data), 11.7.3 (shape-rendering); WAI-ARIA 1.2 `img`.

    Examples:
        >>> from renderers.symbol import Symbol
        >>> dot = Symbol(symbology="dot", payload=".", aim="]X0", rows=(1,), width=1, quiet_zone=1)
        >>> b'<path fill="#000" d="M1 1h1v1h-1z"/>' in write(dot, module_mm=0.5, dpi=300)
        True
    """
    tall = symbol.row_height(module_mm)
    width, height = symbol.printed_width, symbol.printed_height * tall
    runs = (
        f"M{run.start()} {y}h{len(run[0])}v{tall}h-{len(run[0])}z"
        for y, row in enumerate(symbol.printed_rows)
        for run in _DARK.finditer(f"{row:0{width}b}")
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * module_mm:.7g}mm" height="{height * module_mm:.7g}mm"'
        f' viewBox="0 0 {width} {height}" role="img" shape-rendering="crispEdges"><title>{symbol.symbology}</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/><path fill="#000" d="{"".join(runs)}"/></svg>\n'
    ).encode("ascii")
