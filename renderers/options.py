"""What every option must be, whoever asks; native code may end the process over worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from renderers.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["MODULE_MM_RANGE", "in_range", "one_of"]

MODULE_MM_RANGE = 0.1, 20.0


def one_of(what: str, value: object, allowed: Collection[str]) -> str:
    """Check a word.

    Args:
        what: the name of the option.
        value: the candidate.
        allowed: every word that it may be.

    Returns:
        The word.

    Raises:
        RenderError: it is none of them.

    Examples:
        >>> one_of("level", "X", "LMQH")
        Traceback (most recent call last):
        renderers.errors.RenderError: level: expected L or M or Q or H, found 'X'
    """
    # The exact type, and not `in`: of a str, "LM" is a part.
    if type(value) is not str or value not in list(allowed):
        raise RenderError(what, value, expected=" or ".join(allowed))
    return value


def in_range(what: str, value: object, types: tuple[type, ...], limits: tuple[float, float]) -> float:
    """Check a measure.

    Args:
        what: the name of the option.
        value: the candidate.
        types: `int`, `float` or both.
        limits: the least and the greatest that it may be.

    Returns:
        The measure.

    Raises:
        RenderError: it is of another type, or outside.

    Examples:
        >>> in_range("dpi", 300, (int,), (72, 2400))
        300
    """
    low, high = limits
    # The exact type: True is an int, and a subclass may compare as it likes. NaN lies in no range.
    if type(value) not in types or not low <= value <= high:  # type: ignore[operator]
        kind = " or ".join(allowed.__name__ for allowed in types)
        raise RenderError(what, value, expected=f"{kind} from {low} to {high}")
    return value  # type: ignore[return-value]
