"""What every payload must be, whichever symbology encodes it."""

from __future__ import annotations

from renderers.errors import RenderError

__all__ = ["checked", "require_ascii"]


def checked(payload: object) -> str:
    r"""Check what every encoder takes for granted; native code may end the process over worse.

    Control characters pass, since messages such as ISO/IEC 15434 need them; NUL does not, since readers that keep what
    they read in a C string end it there.

    Args:
        payload: the candidate; a str of one Unicode character or more.

    Returns:
        The payload itself.

    Raises:
        RenderError: the payload is no str, is empty, or holds NUL or a lone surrogate.

    Examples:
        >>> checked("TWIN-42")
        'TWIN-42'
        >>> checked("TWIN\0")
        Traceback (most recent call last):
        renderers.errors.RenderError: payload 'TWIN\x00': expected no NUL, found one at character 5
    """
    if not isinstance(payload, str) or not payload:
        raise RenderError("payload", payload, expected="a str of one character or more")
    if "\0" in payload:
        raise RenderError("payload", payload, expected="no NUL", found=f"one at character {payload.index(chr(0)) + 1}")
    try:
        payload.encode()
    except UnicodeEncodeError as error:
        raise RenderError(
            "payload", payload, expected="Unicode characters", found=f"half of one at character {error.start + 1}"
        ) from None
    return payload


def require_ascii(text: str, where: str) -> str:
    """Check a text for a symbology that cannot say how other text is encoded.

    Args:
        text: what to encode.
        where: the symbology, in words.

    Returns:
        The text itself.

    Raises:
        RenderError: a character is beyond ASCII.

    Examples:
        >>> require_ascii("Zł", "a Code 128")
        Traceback (most recent call last):
        renderers.errors.RenderError: payload 'Zł': expected ASCII in a Code 128, found 'ł' at character 2
    """
    for number, character in enumerate(text, 1):
        if not character.isascii():
            found = f"{character!r} at character {number}"
            raise RenderError("payload", text, expected=f"ASCII in {where}", found=found)
    return text
