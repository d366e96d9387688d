"""Setting a text: into lines, as large as they may be and as small as they must."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from renderers.drawing import PlacedRun
from renderers.errors import RenderError
from renderers.typefaces import capital, set_run

if TYPE_CHECKING:
    from renderers.layout import Text

__all__ = ["LINE_PITCH", "typeset"]

LINE_PITCH = 1.6  # from baseline to baseline, in heights of capitals
STEPS_A_MM = 100  # sizes between the one asked for and the least
ROUNDING_MM = 1e-6
ALIGNED = {"left": 0.0, "centre": 0.5, "right": 1.0}  # of the room that a line leaves

Lines = tuple[str, ...]


@lru_cache(maxsize=1024)
def typeset(text: Text, element: int = 0) -> tuple[PlacedRun, ...]:
    """Set a text at the largest size, in steps of 0.01 mm, at which it fits its box.

    Args:
        text: the text and its box.
        element: the index of its element on the page.

    Returns:
        Its lines that have any ink, in their places.

    Raises:
        RenderError: the font has no glyph for a character, or the text does not fit at its least size.

    Examples:
        >>> from renderers.layout import Text
        >>> typeset(Text(1, 1, 10, 2, "TWIN-42", 2, least=1))[0].size
        1.76
        >>> typeset(Text(1, 1, 10, 2, "TWIN-42", 2))
        Traceback (most recent call last):
        renderers.errors.RenderError: text 'TWIN-42': expected at most 10 mm wide with capitals of 2 mm, found 11.35 mm
    """
    set_run(text.font, text.text)  # a missing glyph is told as such, and of the whole text
    size = _size(text)
    unit, room = size / capital(text.font), text.width
    placed = []
    for number, line in enumerate(_lines(text, size)):
        run = set_run(text.font, line)
        x = text.x + (room - run.width * unit) * ALIGNED[text.align]
        y = text.y + size * (1 + LINE_PITCH * number)
        if run.ink:
            placed.append(PlacedRun(element, run, size, x, y))
    return tuple(placed)


def _size(text: Text) -> float:
    if not _lack(text, text.size):
        return text.size
    least = text.size if text.least is None else text.least
    if lack := _lack(text, least):
        raise RenderError("text", text.text, expected=lack[0], found=lack[1])
    # What fits at a size fits at every smaller one.
    low, high = 0, int((text.size - least) * STEPS_A_MM) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _lack(text, least + middle / STEPS_A_MM) else (middle, high)
    return round(least + low / STEPS_A_MM, 6)


def _lack(text: Text, size: float) -> tuple[str, str] | None:
    """What would have to be, and what is, if the text does not fit at a size."""
    lines = _lines(text, size)
    wide = max(set_run(text.font, line).width for line in lines) * size / capital(text.font)
    if wide > text.width + ROUNDING_MM:
        return f"at most {text.width:.4g} mm wide with capitals of {size:.4g} mm", f"{wide:.4g} mm"
    high = size * (1 + LINE_PITCH * (len(lines) - 1))
    if high > text.height + ROUNDING_MM:
        expected = f"at most {text.height:.4g} mm high with capitals of {size:.4g} mm"
        return expected, f"{high:.4g} mm in {len(lines)} line{'s' * (len(lines) > 1)}"
    return None


def _lines(text: Text, size: float) -> Lines:
    if not text.wrap:
        return (text.text,)
    limit = (text.width + ROUNDING_MM) * capital(text.font) / size
    first, *rest = text.text.split(" ")
    lines, line, wide = [], first, set_run(text.font, first).width
    space = set_run(text.font, " ").width
    for word in rest:
        more = set_run(text.font, word).width
        if wide + space + more <= limit:
            line, wide = f"{line} {word}", wide + space + more
        else:
            lines.append(line)
            line, wide = word, more
    return (*lines, line)
