"""Electronic product codes: the URIs of EPC information systems, and what RFID tags store.

An EPC names one object. Most are a GS1 key, written with the GS1 Company Prefix set apart, and have the canonical form
of that key; an aerospace part has that of its unique item identifier. So the tag and the printed code of one object
reach one asset. Only what is neither has a canonical form of its own.

The binary coding schemes older than TDS 2 are read and written; those of TDS 2 (SGTIN+ and the like) are known, but not
read yet.

References:
    GS1 EPC Tag Data Standard 2.3, ratified October 2025 ("TDS")
"""

from __future__ import annotations

import re
from typing import Final

from twin.errors import InvalidIdentifier, InvalidInput, shown
from twin.identity._convention import BLANKS, GS1_SYMBOLOGY_IDENTIFIERS, Fragment, require_text
from twin.identity.epc.identifier import EPC, SCHEME
from twin.identity.epc.reader import PREFIX, Reader

__all__ = ["EPC", "SCHEME", "TITLE", "parse", "read"]

TITLE = "Electronic product code"

# A header that we know, then at least as many digits as the shortest encoding has, and not many more than the longest.
_HEXADECIMAL: Final = re.compile(
    r"(?:0[xX])?(?:2[C-Fc-f]|3[0-9A-Fa-f]|4[01]|[Ee][6-9A-Fa-f]|[Ff][0-9A-Da-d])[0-9A-Fa-f ]{15,200}"
)


def parse(text: str) -> EPC:
    """The EPC that the text is, or the type or lot.

    Args:
        text: a pure identity URI, with or without `urn:epc:id:`; a URI of a lot; a pattern that stands for a type; a
            tag URI; a raw URI; or the hexadecimal digits of an encoding, in either case, filled up with zero bits to
            words of 16 or not.

    Raises:
        InvalidIdentifier: anything else.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        TDS 6.3, 6.4, 8.1, 12.4, 14.4

    Examples:
        >>> parse("gid:31415.271828.1414").canonical
        'epc:gid:31415.271828.1414'
        >>> parse("3074257BF7194E4000001A85").canonical
        'gs1:01/80614141123458/21/6789'
        >>> parse("urn:epc:idpat:sgtin:0614141.812345.*").canonical
        'gs1:01/80614141123458'
    """
    reader = Reader(require_text(text), strict=True)
    if ":" not in text:
        found = reader.hexadecimal(text)
    else:
        found = reader.uri(text) if text.startswith(PREFIX) else reader.identity(text)
    if isinstance(found, Fragment):
        raise InvalidIdentifier(
            f"{shown(text)} is not an EPC: expected an object, a type or a lot, found {shown(found.title)}."
        )
    return found


def read(text: str, symbology_identifier: str | None = None) -> tuple[EPC | Fragment, ...]:
    """The EPC that a text from a reader or scanner holds, if any.

    Args:
        text: any URI that begins with `urn:epc:`; upper case before the data (`EPC_URI_CASE`) and missing escapes
            (`EPC_URI_ESCAPE`) are forgiven. Or hexadecimal digits with a header that we know; `0x` before them and
            spaces between them are forgiven (`EPC_HEX_SPELLING`), and digits that make no EPC are none. A coding that
            is written no more is remarked (`EPC_RETIRED_CODING`). Patterns of more than a type are fragments, and so
            is what is encoded as TDS 2 has it (`EPC_NOT_READ`).
        symbology_identifier: one that promises GS1 data rules an EPC out.

    Raises:
        InvalidIdentifier: a broken URI.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        TDS 6.3, 6.4, 8.1, 12.4, 14.4

    Examples:
        >>> [found.canonical for found in read("0x3074257bf7194e4000001a85")]
        ['gs1:01/80614141123458/21/6789']
        >>> read("a shopping list")
        ()
    """
    bare = require_text(text).strip(BLANKS)
    if symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS:
        return ()
    if bare[: len(PREFIX)].lower() == PREFIX:
        reader = Reader(bare, strict=False)
        return (reader.uri(reader.lowered()),)
    if not _HEXADECIMAL.fullmatch(bare):
        return ()
    reader = Reader(bare, strict=False)
    try:
        return (reader.hexadecimal(reader.digits()),)
    except InvalidInput:
        return ()
