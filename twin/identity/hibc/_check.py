"""The check characters of HIBC: one by modulo 43 on a label, two by modulo 1021 on a Basic UDI-DI.

References:
    ANSI/HIBC 2.6, appendix B (modulo 43); HIBC Basic UDI-DI (modulo 1021 and 32). Neither text was at hand: both rules
    are held to published values in the tests
"""

from __future__ import annotations

from typing import Final

__all__ = ["check_character", "check_pair"]

_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_VALUES: Final = {character: value for value, character in enumerate(_CHARACTERS)}

# The character set of GS1's check pair (82 characters), of which a Basic UDI-DI uses digits, capitals and plus.
_PAIR_SET: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_PAIR_VALUES: Final = {character: value for value, character in enumerate(_PAIR_SET)}
_PAIR_WEIGHTS: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
_PAIR_CHARACTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def check_character(data: str) -> str:
    """The character that follows the data, all of which must be of Code 39's 43 characters.

    Examples:
        >>> check_character("+A123BJC5D6E71")
        'G'
    """
    return _CHARACTERS[sum(_VALUES[character] for character in data) % 43]


def check_pair(data: str) -> str:
    """The two characters that follow a Basic UDI-DI's, which are 23 at most.

    Examples:
        >>> check_pair("++A999MODELIDENTIFIER11")
        'S8'
    """
    values = map(_PAIR_VALUES.__getitem__, reversed(data))
    total = sum(value * weight for value, weight in zip(values, _PAIR_WEIGHTS, strict=False)) % 1021
    return _PAIR_CHARACTERS[total // 32] + _PAIR_CHARACTERS[total % 32]
