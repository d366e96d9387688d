"""Elements together: each right by itself, none twice, and what they ask of each other.

References:
    GS1 General Specifications, 4.13 (invalid and mandatory pairs); GS1 Barcode Syntax Dictionary, `req` and `ex`
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final, cast

from twin.errors import InvalidIdentifier, InvalidInput, TooLarge, shown
from twin.identity._convention import Finding
from twin.identity.gs1._ais import AIS, Element

_MOST: Final = 2 * len(AIS)


def distinct(elements: Iterable[Element]) -> tuple[Element, ...]:
    """The elements in their order, those that stand twice once.

    Args:
        elements: pairs of an application identifier and its value.

    Raises:
        InvalidInput: anything else.
        TooLarge: more than twice as many as there are application identifiers.

    Examples:
        >>> distinct([("10", "A"), ("11", "260101"), ("10", "A")])
        (('10', 'A'), ('11', '260101'))
    """
    try:
        pairs = cast("Iterable[Element]", map(tuple, elements))
        found = dict.fromkeys(islice(pairs, _MOST + 1))
    except TypeError:
        raise InvalidInput(f"{shown(elements)}: expected pairs of an application identifier and its value.") from None
    if len(found) > _MOST:
        raise TooLarge(f"Expected at most {_MOST} elements, found more.")
    return tuple(found)


def require_elements(elements: tuple[Element, ...]) -> None:
    """Nothing, if each element is right by itself and none stands twice.

    Args:
        elements: anything in a tuple.

    Raises:
        InvalidIdentifier: a value that is not of its application identifier, or an application identifier that is none.
        InvalidInput: something that is no element.
    """
    for element in elements:
        ai, value = element if type(element) is tuple and len(element) == 2 else (None, None)
        if type(ai) is not str or type(value) is not str:
            raise InvalidInput(f"Expected an application identifier and its value, found {shown(element)}.")
        known = AIS.get(ai)
        if known is None:
            raise InvalidIdentifier(f"{shown(ai)} is not a GS1 application identifier: expected one such as 01.")
        known.require(value)
    if len(dict(elements)) < len(elements):
        ais = [ai for ai, _ in elements]
        twice = next(ai for ai in ais if ais.count(ai) > 1)
        raise InvalidIdentifier(f"({twice}) stands twice in GS1 data: expected it once, found {ais.count(twice)}.")


def associations(elements: tuple[Element, ...]) -> tuple[Finding, ...]:
    """What the elements ask of each other and do not get.

    Args:
        elements: right by themselves.

    Examples:
        >>> [finding.message for finding in associations((("01", "09506000134352"), ("8006", "095060001343520102")))]
        ['expected (8006) or (01), found both.']
    """
    present = {ai for ai, _ in elements}
    found = []
    told: set[str] = set()
    for ai, _ in elements:
        known = AIS[ai]
        if known.requires and known.lacks(present):
            message = f"expected beside ({ai}) one of {known.required}, found none."
            found.append(Finding("GS1_REQUIRED", message))
        if known.excludes.isdisjoint(present):
            continue
        for other in sorted(known.excludes & present - told):
            message = f"expected ({ai}) or ({other}), found both."
            found.append(Finding("GS1_EXCLUDED", message))
        told.add(ai)
    return tuple(found)
