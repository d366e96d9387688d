"""The one error of this package."""

from __future__ import annotations

__all__ = ["RenderError"]

SHOWN_CHARACTERS = 60


class RenderError(ValueError):
    """A payload, name or measure that cannot be drawn, told so that its author can mend it.

    Args:
        what: the name of the value, as the caller knows it.
        value: the value; the message shows it escaped, and cut when it is long.
        expected: what would have been drawn.
        found: what the value has instead, when to look at the value does not tell.

    Examples:
        >>> print(RenderError("format", "gif", expected="png or svg"))
        format: expected png or svg, found 'gif'
        >>> print(RenderError("payload", "7" * 5600, expected="at most 5596", found="5600"))
        payload '777777777777777777777777777777777777777777777777777777777777'…: expected at most 5596, found 5600
    """

    def __init__(self, what: str, value: object, *, expected: str, found: str = "") -> None:
        subject = f"{what} {_shown(value)}" if found else what
        super().__init__(f"{subject}: expected {expected}, found {found or _shown(value)}")
        self.what, self.value, self.expected, self.found = what, value, expected, found


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(value[:SHOWN_CHARACTERS]) + "…" * (len(value) > SHOWN_CHARACTERS)
    if value is None or isinstance(value, float | bool) or (isinstance(value, int) and value.bit_length() <= 64):
        return repr(value)
    return f"a value of type {type(value).__name__}"  # whose repr may be long, secret or an error
