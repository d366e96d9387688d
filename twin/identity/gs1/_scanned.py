"""Element strings and bare digits, as scanners give them.

References:
    GS1 General Specifications, 1.4 (prefixes for restricted circulation), 5.1.2 (symbology identifiers), 7.8
    (separators); their text was not at hand, so the prefixes are general knowledge
"""

from __future__ import annotations

import re
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import Finding, Fragment, restored
from twin.identity.gs1._ais import AIS, GS, ApplicationIdentifier, Element, ai_at
from twin.identity.gs1._element_string import elements_in, split
from twin.identity.gs1._elements import associations, distinct, require_elements
from twin.identity.gs1._key import GS1
from twin.identity.gs1._linters import LINTERS, check_digit_of
from twin.identity.gs1._lost_separators import guesses
from twin.identity.gs1._names import parts_of

EAN_UPC: Final = {"]E0": (8, 12, 13), "]E1": (), "]E2": (), "]E3": (15, 18), "]E4": (8,)}
"""The symbology identifiers of EAN and UPC symbols, and how many digits they give; add-ons alone name nothing."""

MOST_GUESSES: Final = 8
"""How many readings are offered of a text whose separators may have been lost."""

_DIGITS: Final = re.compile("[0-9]+")
_BARE: Final = {8: "GTIN-8", 12: "GTIN-12", 13: "GTIN-13", 14: "GTIN-14", 18: "SSCC"}
_SURE: Final = frozenset({"00", "01"})  # nearly every element string begins so, and a check digit tells
_SPELT: Final = re.compile("[\x1d^<{\u241d]")
_RESTRICTED: Final = re.compile("0[24]|2")
_CHECKED: Final = frozenset(
    ai
    for ai, known in AIS.items()
    if known.primary_key and any(linter in (LINTERS["csum"], LINTERS["csumalpha"]) for *_, linter in known.checks)
)


def found_in(elements: tuple[Element, ...], forgiven: tuple[Finding, ...] = ()) -> tuple[GS1 | Fragment, ...]:
    """The key that the elements name, or the fragment that they are without one.

    Args:
        elements: not yet looked into.
        forgiven: what was forgiven so far.

    Raises:
        InvalidIdentifier: a value that is not of its application identifier.
    """
    once = distinct(elements)
    if any(ai in AIS and AIS[ai].primary_key for ai, _ in once):
        return (GS1(once, forgiven),)
    require_elements(once)
    return (Fragment("GS1 data without an identification key", parts_of(once), forgiven),)


def in_gs1_symbol(text: str) -> tuple[GS1 | Fragment, ...]:
    """What a symbol holds that is GS1's by its symbology identifier.

    Args:
        text: what the scanner gave.

    Raises:
        InvalidIdentifier: it is no element string.
    """
    data = restored(text).removeprefix(GS)
    if not data:
        raise InvalidIdentifier(f"{shown(text)} is not GS1 data: expected elements, found none.")
    literal = _literal(text)
    try:
        return found_in(elements_in(data)) + literal
    except InvalidIdentifier:
        others = _guessed(data) + literal
        if others:
            return others
        raise


def in_unmarked(text: str, symbology_identifier: str | None) -> tuple[GS1 | Fragment, ...]:
    """What a text may be that nothing but its content marks as GS1 data.

    Args:
        text: begins with a digit, or with FNC1.
        symbology_identifier: one that promises nothing, but may tell ITF-14.

    Raises:
        InvalidIdentifier: a whole key and separators, but no element string.
    """
    whole = restored(text) if _SPELT.search(text) else text
    if GS in whole:
        return _separated(whole.removeprefix(GS)) + _literal(text)
    bare = _bare(text, symbology_identifier) if len(text) in _BARE and _DIGITS.fullmatch(text) else ()
    first = ai_at(text, 0)
    if first is None:
        return bare
    elements, end = split(text)
    found: tuple[GS1, ...] = ()
    if end == len(text) and any(AIS[ai].primary_key for ai, _ in elements):
        found = _doubted(elements)
    if first.ai in _SURE and first.accepts(_first_value(first, text)):
        found += _guessed(text)
    # Where nothing but its first digits makes a text a key, as those of an EAN from Germany or Italy may, a check digit
    # that agrees tells more.
    return bare + found if bare and found and found[0].forgiven else found + bare


def _separated(data: str) -> tuple[GS1 | Fragment, ...]:
    first = ai_at(data, 0)
    if first is None:
        return ()
    try:
        return found_in(elements_in(data))
    except InvalidIdentifier:
        if first.primary_key and first.accepts(_first_value(first, data)):
            raise
        return ()


def in_ean_upc(text: str, symbology_identifier: str) -> tuple[GS1, ...]:
    """The GTIN of an EAN or UPC symbol.

    Args:
        text: its digits.
        symbology_identifier: one of `EAN_UPC`.

    Raises:
        InvalidIdentifier: other digits than the symbol can hold, or a wrong check digit.
    """
    lengths = EAN_UPC[symbology_identifier]
    if not lengths:
        return ()
    if len(text) not in lengths or not _DIGITS.fullmatch(text):
        allowed = " or ".join(map(str, lengths))
        raise InvalidIdentifier(
            f"{shown(text)} is not the content of an EAN or UPC symbol {symbology_identifier}: "
            f"expected {allowed} digits, found {len(text)} characters."
        )
    if symbology_identifier != "]E3":
        return (_gtin(text),)
    message = f"Expected a GTIN alone, found the add-on {text[13:]} behind it; left out."
    return (_gtin(text[:13], Finding("GS1_ADD_ON", message)),)


def _bare(digits: str, symbology_identifier: str | None) -> tuple[GS1, ...]:
    if symbology_identifier == "]I1" and len(digits) == 14:
        return (_gtin(digits),)
    if digits[-1] != check_digit_of(digits[:-1]):
        return ()
    doubt = Finding(
        "GS1_BARE",
        f"Expected a mark of what the digits are, such as (01) or ]E0, found none; "
        f"the check digit is that of a {_BARE[len(digits)]}.",
    )
    return (GS1((("00", digits),), (doubt,)) if len(digits) == 18 else _gtin(digits, doubt),)


def _gtin(digits: str, *forgiven: Finding) -> GS1:
    expected = check_digit_of(digits[:-1])
    if digits[-1] != expected:
        raise InvalidIdentifier(
            f"{shown(digits)} is not a GTIN: expected the check digit {expected}, "
            f"found {shown(digits[-1])} at position {len(digits)}."
        )
    full = digits.zfill(14)
    # The prefix of a GTIN stands behind the indicator of a GTIN-14, and GTIN-8 have prefixes of their own.
    if digits[0] in "02" if len(digits) == 8 else _RESTRICTED.match(full, 1):
        message = f"{digits}: expected a GTIN that is unique in the world, found one for restricted circulation."
        forgiven += (Finding("GS1_RESTRICTED", message),)
    return GS1((("01", full),), forgiven)


def _doubted(elements: tuple[Element, ...]) -> tuple[GS1, ...]:
    forgiven: tuple[Finding, ...] = ()
    if not any(ai in _CHECKED for ai, _ in elements):
        ai = next(ai for ai, _ in elements if AIS[ai].primary_key)
        message = f"Expected a mark of GS1 data, found none; ({ai}) has no check digit to tell it by."
        forgiven = (Finding("GS1_UNMARKED", message),)
    try:
        return (GS1(distinct(elements), forgiven),)
    except InvalidIdentifier:
        return ()


def _first_value(first: ApplicationIdentifier, data: str) -> str:
    rest = data[len(first.ai) :]
    return rest[: first.longest] if first.predefined_length else rest.partition(GS)[0]


def _guessed(data: str) -> tuple[GS1, ...]:
    if GS in data:
        return ()
    found: list[GS1] = []
    for elements, findings in guesses(data):
        if any(AIS[ai].primary_key for ai, _ in elements) and not associations(elements):
            found.append(GS1(elements, findings))
            if len(found) == MOST_GUESSES:
                break
    return tuple(found)


def _literal(text: str) -> tuple[GS1 | Fragment, ...]:
    """What the text is if what seems to spell a separator does not: `<`, `G`, `S` and `>` are characters of values."""
    if "<GS>" not in text:
        return ()
    finding = Finding("GS1_LITERAL_SEPARATOR", "Expected <GS> to spell a separator, found that it fits a value too.")
    try:
        return found_in(elements_in(text.removeprefix(GS)), (finding,))
    except InvalidIdentifier:
        return ()
