"""Which GS1 data a text is: strictly, and forgivingly for what was scanned or typed.

References:
    GS1 General Specifications, 4.14 (human readable interpretation), 5.1.2 (symbology identifiers), 7.8 (separators)
"""

from __future__ import annotations

import re
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import BLANKS, GS1_SYMBOLOGY_IDENTIFIERS, Finding, Fragment, require_text
from twin.identity.gs1._ais import AIS, Element
from twin.identity.gs1._digital_link import SHORT_GTINS, elements_in_path, elements_in_uri
from twin.identity.gs1._element_string import bracketed_elements_in, elements_in, is_bracketed
from twin.identity.gs1._elements import distinct
from twin.identity.gs1._key import GS1
from twin.identity.gs1._scanned import EAN_UPC, found_in, in_ean_upc, in_gs1_symbol, in_unmarked

_PRIMARY: Final = [known for known in AIS.values() if known.primary_key]
_PATH: Final = re.compile(rf"(?:{'|'.join(known.ai for known in _PRIMARY)})/")

_DIGITS: Final = frozenset("0123456789")
# As which FNC1 in front may be spelt: see `restored`.
_FNC1: Final = frozenset("\x1d^<{\u241d")

# A number without its area code has fewer digits than these; (00) and (01) have more, but for a GTIN-8.
_MORE_THAN_TO_CALL: Final = 12

# Addresses hold all kinds of numbers: only what has the digits of a key is taken for one, and only what has nearly all
# of them is taken for a broken one.
_ALL_DIGITS = "|".join(known.ai for known in _PRIMARY if known.components[0].characters == "N")
_SOME_DIGITS = "|".join(known.ai for known in _PRIMARY if known.components[0].characters != "N")
_MAY_BE_LINK: Final = re.compile(
    rf"https?://\S*?/(?:(?:{_ALL_DIGITS})/[0-9]{{8}}|(?:{_SOME_DIGITS})/[0-9]{{4}})", re.ASCII | re.IGNORECASE
)
_IS_LINK: Final = re.compile(f"/(?:(?:{_ALL_DIGITS})/[0-9]{{12}}|8013/[0-9]{{4}})")
_COMPRESSED: Final = re.compile(r"https?://id\.gs1\.org/[A-Za-z0-9_-]{8,}(?:[?#].*)?", re.IGNORECASE)


def parse(text: str) -> GS1:
    """The key that the text is.

    Args:
        text: the path of a Digital Link, which `canonical` has after the colon; a Digital Link URI; elements in
            brackets; or an element string with separators and no FNC1 in front. Blanks and GTINs of fewer than 14
            digits are not forgiven. But for the path, which names a thing and need not say more, the elements must be a
            whole message, as `GS1.of` says.

    Raises:
        InvalidIdentifier: no key, or a broken one.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        GS1 General Specifications, 7.8; GS1 Digital Link Standard: URI Syntax, 4

    Examples:
        >>> parse("8003/09506000134352SER").implied[0].canonical
        'gs1:8003/09506000134352'
        >>> parse("(01)09506000134352(10)ABC") == parse("010950600013435210ABC")
        True
    """
    require_text(text)
    if _PATH.match(text):
        return GS1(distinct(elements_in_path(text)))
    if text[:1] in _DIGITS:
        return GS1.of(elements_in(text))
    if is_bracketed(text):
        return GS1.of(bracketed_elements_in(text))
    if text[:4] in ("http", "HTTP"):
        return GS1.of(elements_in_uri(text))
    raise InvalidIdentifier(f"{shown(text)} is not GS1 data: expected a key such as 01, (01) or a Digital Link URI.")


def read(text: str, symbology_identifier: str | None = None) -> tuple[GS1 | Fragment, ...]:
    """What GS1 data a scanned or typed text can be.

    What is forgiven is a finding. Elements that lack each other are one too (`GS1_REQUIRED`, `GS1_EXCLUDED`): another
    symbol of the item may hold the rest. Elements without a key are a fragment, but nothing at all when the text has no
    mark of GS1 data: too many numbers begin as one.

    - An element string, with GS or as scanners spell it, perhaps with FNC1 in front. `<GS>` may also be of a value
      (`GS1_LITERAL_SEPARATOR`). Where there is no GS, some may have been lost (`GS1_MISSING_SEPARATOR`). Without a
      mark, a key that has no check digit is doubtful (`GS1_UNMARKED`).
    - Elements in round or square brackets, with blanks between them; a GTIN of 8, 12 or 13 digits (`GS1_SHORT_GTIN`).
    - A Digital Link URI, with such a GTIN, as releases before 1.4.0 allowed, or a slash too many at the end
      (`GS1_TRAILING_SLASH`).
    - The digits of a GTIN, or of an SSCC, whose check digit agrees (`GS1_BARE`). A GTIN for restricted circulation
      names nothing elsewhere (`GS1_RESTRICTED`). An add-on is left out (`GS1_ADD_ON`).

    Args:
        text: as scanned, without the symbology identifier.
        symbology_identifier: `]C1`, `]e0`, `]d2`, `]Q3` and `]J1` promise an element string, `]E0`, `]E3` and `]E4` the
            digits of a GTIN, and `]I1` with 14 digits those of a GTIN too.

    Raises:
        InvalidIdentifier: why a text that is clearly meant to be GS1 data is none: by its symbology identifier, its
            brackets, a separator behind a whole key, or a key in the path of a web address.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        GS1 General Specifications, 5.1.2, 7.8; GS1 Digital Link Standard: URI Syntax, 4

    Examples:
        >>> for found in read("010950600013435210ABC21SER"):
        ...     print(found.canonical, [finding.code for finding in found.findings])
        gs1:01/09506000134352/10/ABC21SER []
        gs1:01/09506000134352/21/SER ['GS1_MISSING_SEPARATOR']
        >>> read("9506000134352", "]E0")[0].canonical
        'gs1:01/09506000134352'
        >>> read("a shopping list")
        ()
    """
    bare = require_text(text).strip(BLANKS)
    if symbology_identifier is not None:
        require_text(symbology_identifier)
        if symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS:
            return in_gs1_symbol(bare)
        if symbology_identifier in EAN_UPC:
            return in_ean_upc(bare, symbology_identifier)
    first = bare[:1]
    if first in _DIGITS or first in _FNC1:
        return in_unmarked(bare, symbology_identifier)
    if first in ("(", "["):
        return _in_brackets(bare)
    return _in_uri(bare) if first in ("h", "H") else ()


def _in_brackets(text: str) -> tuple[GS1 | Fragment, ...]:
    if not is_bracketed(text):
        return ()
    elements = tuple((ai, value.strip(BLANKS)) for ai, value in bracketed_elements_in(text))
    try:
        return found_in(*_with_long_gtin(elements))
    except InvalidIdentifier:
        # One pair of brackets alone may be of any text; two or three digits in them are the area code of a telephone.
        first, value = elements[0]
        telephone = len(first) == 3 or (len(first) == 2 and sum(map(_DIGITS.__contains__, value)) < _MORE_THAN_TO_CALL)
        if len(elements) > 1 or (first in AIS and AIS[first].primary_key and not telephone):
            raise
        return ()


def _in_uri(text: str) -> tuple[GS1 | Fragment, ...]:
    if not _MAY_BE_LINK.match(text):
        if _COMPRESSED.fullmatch(text):
            raise InvalidIdentifier(f"{shown(text)}: expected a Digital Link URI as it is before compression.")
        return ()
    scheme, colon, rest = text.partition(":")
    path = re.split("[?#]", rest, maxsplit=1)[0]
    forgiven: tuple[Finding, ...] = ()
    if path.endswith("/"):
        forgiven = (Finding("GS1_TRAILING_SLASH", "Expected the path to end with a value, found a slash behind it."),)
        rest = path[:-1] + rest[len(path) :]
    try:
        elements, padded = _with_long_gtin(elements_in_uri(scheme.lower() + colon + rest))
        return found_in(elements, forgiven + padded)
    except InvalidIdentifier:
        if _IS_LINK.search(path):
            raise
        return ()


def _with_long_gtin(elements: tuple[Element, ...]) -> tuple[tuple[Element, ...], tuple[Finding, ...]]:
    """The elements with a GTIN of fourteen digits, and whether it had fewer."""
    for place, (ai, value) in enumerate(elements):
        if ai == "01" and len(value) in SHORT_GTINS:
            message = f"(01) {value}: expected 14 digits, found {len(value)}; zeros were put in front."
            filled = (*elements[:place], (ai, value.zfill(14)), *elements[place + 1 :])
            return filled, (Finding("GS1_SHORT_GTIN", message),)
    return elements, ()
