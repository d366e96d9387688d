"""What an element string may have been before its separators were lost: keyboards cannot type FNC1.

Without them, nothing tells `10ABC21SER` (a lot and a serial number) from the lot `ABC21SER`. So these are guesses, for
whoever knows which lots and serial numbers exist to choose among.

References:
    GS1 General Specifications, 7.8.5 (where separators are needed)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from twin.identity._convention import Finding
from twin.identity.gs1._ais import Element, ai_at

_MOST_LOST: Final = 3
_MOST_LOOKS: Final = 2_000

# What most labels carry beside a GTIN: likelier to be meant than the characters of another value are.
_COMMON: Final = frozenset({"10", "11", "13", "15", "16", "17", "21", "22", "240", "250", "30", "37", "400"})


def guesses(text: str) -> list[tuple[tuple[Element, ...], tuple[Finding, ...]]]:
    """The elements that a text without separators can be cut into, and where separators were assumed.

    Those with the fewest assumed separators stand first, and of these, those which begin the more common elements.
    Every value is right by itself; whether the elements go together is not looked at. The search is bounded: three
    separators at most, and two thousand places tried: a crowded label takes a thousand.

    Args:
        text: an element string without any GS.

    Examples:
        >>> for elements, findings in guesses("010950600013435210ABC21SER"):
        ...     print(*elements[1:], *[finding.message for finding in findings])
        ('10', 'ABC') ('21', 'SER') Position 22: expected a separator after (10) ABC, found none; assumed one.
    """
    looks = iter(range(_MOST_LOOKS))
    found = [guess for lost in range(1, _MOST_LOST + 1) for guess in _cut(text, 0, (), (), lost, looks)]
    found.sort(key=lambda guess: (len(guess[1]), sum(_begins_uncommon(text, cut) for cut in guess[1])))
    return [(elements, _findings(elements, cuts)) for elements, cuts in found]


def _cut(
    text: str, position: int, elements: tuple[Element, ...], cuts: tuple[int, ...], lost: int, looks: Iterator[int]
) -> Iterator[tuple[tuple[Element, ...], tuple[int, ...]]]:
    if position == len(text):
        if not lost:
            yield elements, cuts
        return
    known = ai_at(text, position)
    if known is None or any(known.ai == ai for ai, _ in elements):
        return
    start = position + len(known.ai)
    stops = range(start + known.shortest, min(start + known.longest, len(text) - 1) + 1)
    if known.predefined_length:
        stops = range(start + known.longest, start + known.longest + 1)
    elif not lost:
        stops = range(len(text), len(text) + 1)
    for stop in stops:
        if next(looks, None) is None:
            return
        separated = not known.predefined_length and stop < len(text)
        if separated and ai_at(text, stop) is None:
            continue
        value = text[start:stop]
        if known.accepts(value):
            further = (*cuts, stop) if separated else cuts
            yield from _cut(text, stop, (*elements, (known.ai, value)), further, lost - separated, looks)


def _begins_uncommon(text: str, cut: int) -> bool:
    known = ai_at(text, cut)
    return known is None or known.ai not in _COMMON


def _findings(elements: tuple[Element, ...], cuts: tuple[int, ...]) -> tuple[Finding, ...]:
    found = []
    position = 0
    for ai, value in elements:
        position += len(ai) + len(value)
        if position in cuts:
            message = f"Position {position + 1}: expected a separator after ({ai}) {value}, found none; assumed one."
            found.append(Finding("GS1_MISSING_SEPARATOR", message))
    return tuple(found)
