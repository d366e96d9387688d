"""What every measure must be, whichever writer draws with it."""

from __future__ import annotations

from renderers.errors import RenderError

__all__ = ["MODULE_MM_RANGE", "check_measure"]

MODULE_MM_RANGE = 0.1, 20.0


def check_measure(what: str, value: object, types: tuple[type, ...], limits: tuple[float, float]) -> None:
    """Check that a number lies in its range.

    Args:
        what: the name of the measure, as the caller knows it.
        value: the candidate.
        types: what it may be; a subclass may not, since True is an int, and others compare as they like.
        limits: the least and the most; NaN lies in no range.

    Raises:
        RenderError: it is of another type, or outside.

    Examples:
        >>> check_measure("dpi", 300, (int,), (72, 2400))
        >>> check_measure("dpi", True, (int,), (72, 2400))
        Traceback (most recent call last):
        renderers.errors.RenderError: dpi: expected int from 72 to 2400, found True
    """
    low, high = limits
    if type(value) not in types or not low <= value <= high:  # type: ignore[operator]
        kind = " or ".join(allowed.__name__ for allowed in types)
        raise RenderError(what, value, expected=f"{kind} from {low} to {high}")
