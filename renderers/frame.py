"""The frame that tells people that a QR Code is an identification link."""

from __future__ import annotations

from typing import TypeAlias

__all__ = ["frame"]

TRIANGLE = 6  # modules a side

Figure: TypeAlias = tuple[tuple[int, int], ...]


def frame(width: int) -> tuple[Figure, ...]:
    """The dark figures of the frame around a quiet zone: four strokes of one module, and a triangle lower right.

    The triangle's right angle is the frame's outer corner, so that it reaches into the quiet zone, but stays four
    modules away from the modules of the symbol.

    Args:
        width: modules in a row, quiet zone included.

    Returns:
        Polygons, their corners in modules from the upper left corner of the quiet zone.

    References:
        IEC 61406-1 (frame). The geometry is unverified: it is that of one public implementation.

    Examples:
        >>> frame(29)[-1]
        ((30, 24), (30, 30), (24, 30))
    """
    out, end = -1, width + 1
    sides = ((out, out, end, 0), (out, width, end, end), (out, 0, 0, width), (width, 0, end, width))
    strokes = tuple(
        ((left, upper), (right, upper), (right, lower), (left, lower)) for left, upper, right, lower in sides
    )
    return (*strokes, ((end, end - TRIANGLE), (end, end), (end - TRIANGLE, end)))
