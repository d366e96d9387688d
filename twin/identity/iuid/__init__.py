r"""Item unique identification of the Department of Defense, and the ISO/IEC 15434 messages that carry it.

An item's mark encodes elements in an ISO/IEC 15434 message; from some of them its unique item identifier (UII) is
derived. `read` reads any such message, and answers with what it names: a UII, an identifier of another standard (a
vehicle identification number, a GS1 key, a licence plate), a maker's part, or data that names nothing.

References:
    MIL-STD-130N with Change 1; ISO/IEC 15434; ANSI MH10.8.2 (see the modules for what was at hand)

Examples:
    >>> item, *rest = read("[)>\x1e06\x1d17V1AB23\x1d1PPN123\x1dSSER\x1e\x04")
    >>> item.canonical, [other.canonical for other in item.implied]
    ('iuid:D1AB23PN123SER', ['part:1AB23/PN123/serial/SER', 'part:1AB23/PN123'])
    >>> parse("D1AB23PN123SER") == item
    True
"""

from __future__ import annotations

import re
from typing import Final

from twin.identity._convention import (
    BLANKS,
    GS1_SYMBOLOGY_IDENTIFIERS,
    Finding,
    Fragment,
    Identifier,
    require_text,
)
from twin.identity.iuid import envelope
from twin.identity.iuid.agencies import CAGE
from twin.identity.iuid.constructs import DATA_IDENTIFIERS, Derivation
from twin.identity.iuid.enveloped import Enveloped, remarked
from twin.identity.iuid.message import named
from twin.identity.iuid.uii import IUID, SCHEME, Construct

__all__ = ["IUID", "SCHEME", "TITLE", "Construct", "Enveloped", "parse", "read"]

TITLE = "Unique item identifier"

_OPENING: Final = re.compile(rf"[{BLANKS}]*(?:(?P<message>>?\[\)>)|\*?(?:18|25)S)")
# 25S by agencies whose enterprises can be told; GS1's prefix could be any number.
_ELEMENT: Final = re.compile(
    rf"(18S)({CAGE}[0-9A-Z/-]{{1,20}})|(25S)((?:D{CAGE}|UN[0-9]{{9}}|LD[0-9A-Z]{{6}}|L[BH][0-9A-Z])[0-9A-Z/-]+)"
)


def parse(text: str) -> IUID:
    """The UII that the text is; how it was derived, nobody can tell.

    Args:
        text: 1 to 50 characters of A-Z, 0-9, hyphen and slash. Lower case is accepted and raised.

    Raises:
        InvalidIdentifier: not a UII.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        MIL-STD-130N, 6.4; length and characters unverified

    Examples:
        >>> parse("D1HLD9WIDGET-99000001").canonical
        'iuid:D1HLD9WIDGET-99000001'
    """
    return IUID(text.upper() if require_text(text).isascii() else text)


def read(text: str, symbology_identifier: str | None = None) -> tuple[Identifier | Fragment, ...]:
    r"""What a scanned ISO/IEC 15434 message names, the likeliest first, then its further data.

    Args:
        text: a message, which begins with `[)>`; white space around it is passed over. Or, with the finding
            `IUID_NO_ENVELOPE`, one element of 18S or 25S, which hold whole identifiers, as linear symbols have it.
            Other elements and bare UIIs look like any other text, and are not read.
        symbology_identifier: one that promises GS1 data rules a message out.

    Raises:
        InvalidIdentifier: a message that is broken, or that clearly names something which is not valid.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ISO/IEC 15434; MIL-STD-130N, tables A-II, VI and VII; ANSI MH10.8.2

    Examples:
        >>> [item] = read("[)>\x1e12\x1dMFR 0CVA5\x1dSER 674A36458\x1e\x04")
        >>> item.canonical, [(part.name, part.value) for part in item.parts][:2]
        ('iuid:D0CVA5674A36458', [('Issuing agency', 'D'), ('CAGE code', '0CVA5')])
        >>> [(item.canonical, item.findings[0].code) for item in read("*18S0CVA5674A36458*")]
        [('iuid:D0CVA5674A36458', 'IUID_NO_ENVELOPE')]
        >>> read("a shopping list")
        ()
    """
    opening = _OPENING.match(require_text(text))
    if opening is None or symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS:
        return ()
    bare = text.strip(BLANKS)
    return named(envelope.read(bare)) if opening["message"] else _element(bare.strip("*"))


def _element(text: str) -> tuple[Identifier, ...]:
    found = _ELEMENT.fullmatch(text)
    if found is None:
        return ()
    code, value = filter(None, found.groups())
    why = Finding("IUID_NO_ENVELOPE", f"Expected an ISO/IEC 15434 message, found an element of {code} alone.")
    return tuple(remarked(each, (why,)) for each in Derivation([(code, value)], DATA_IDENTIFIERS).identifiers)
