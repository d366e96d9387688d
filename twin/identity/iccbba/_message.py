"""ISBT 128 data structures in a row: which they are, how long each is, and what each holds.

References:
    ICCBBA ST-001, 2.1 to 2.4 and appendix A; ST-017, 4 (compound messages)
"""

from __future__ import annotations

import re
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity.iccbba._device import CONTAINER, DATE, DONATION, LOT, PRODUCT

__all__ = ["name_of", "structures_of"]

# Data identifier, name for people, length of the content. The donation's identifier is `=` and what may follow it.
_STRUCTURES: Final = {
    "=": ("Donation identification number", 15),
    "=/": ("Processor product identification code", 16),
    "=,": ("Product division", 6),
    "=>": ("Expiration date", 6),
    "=}": ("Production date", 6),
    "&,1": ("Lot number", 18),
    "=)": ("Container manufacturer and catalog number", 10),
    "&)": ("Container lot number", 10),
    "=%": ("Blood groups", 4),
    "=<": ("Product code", 8),
    "&>": ("Expiration date and time", 10),
    "=*": ("Collection date", 6),
    "&*": ("Collection date and time", 10),
    "&}": ("Production date and time", 10),
    "&(": ("Special testing", 5),
    "={": ("Red cell antigens, retired form", 18),
    "=\\": ("Red cell antigens", 18),
    "&\\": ("Red cell antigens, Finnish", 18),
    "&{": ("Platelet antigens", 18),
    "=[": ("HLA-A and HLA-B alleles, retired form", 18),
    '="': ("HLA-DRB1 alleles, retired form", 18),
    "=;": ("Donor identification number", 21),
    "='": ("Staff member identification number", 11),
    "=-": ("Item manufacturer and catalog number", 10),
    "&-": ("Item lot number", 10),
    "=#": ("Patient date of birth", 10),
    "=]": ("Expiration month and year", 6),
    '&"': ("Transfusion transmitted infection markers", 18),
    "=$": ("Product consignment", 16),
    "=(": ("Flexible date and time", 16),
    "&+": ("Processing facility information code", 11),
    "&,2": ("Supplemental identification number", 18),
    "&,3": ("Donor registration identifier, retired form", 19),
    "&,4": ("Single European Code", 40),
    "&:": ("Donor registration identifier", 19),
    "&/": ("Chain of identity identifier", 15),
}
# Name, length before the repeated groups, where their number stands, length of a group.
_REPEATED: Final = {
    "&$": ("Dimensions", 2, slice(0, 2), 14),
    "&%": ("Red cell antigens tested", 3, slice(0, 3), 10),
    "&#": ("Patient identification number", 4, slice(2, 4), 1),
}
_PATTERNS: Final = {
    "=/": PRODUCT,
    "=,": re.compile(r"[0-9A-Z]{6}"),
    "=>": DATE,
    "=}": DATE,
    "&,1": LOT,
    "=)": CONTAINER,
    "&)": CONTAINER,
}
_PRINTABLE: Final = re.compile(r"[ -~]+")
_DIGITS: Final = re.compile(r"[0-9]+")

_HEADER: Final = re.compile(r"=\+([0-9]{2})[0-9]{3}")
_DONATION_IDENTIFIER: Final = re.compile(r"=[1-9A-NP-Z]")
_FLAGS: Final = re.compile(r"[0-9A-HJ-NPR-Y]{2}")
_DONATION_LENGTH: Final = 13
_CHECK_FLAG: Final = 60  # 60 to 96: the check character of the donation, and 60


def structures_of(message: str) -> list[tuple[str, str]]:
    """The message's data identifiers, each with its content.

    Raises:
        InvalidIdentifier: an unknown data identifier, a content of another form or length, a wrong check character of a
            donation, or another number of structures than the header says.

    References:
        ICCBBA ST-017, 4.1 (header)

    Examples:
        >>> structures_of("=/A9997AB3456T0123=,000012")
        [('=/', 'A9997AB3456T0123'), ('=,', '000012')]
    """
    header = _HEADER.match(message)
    start = header.end() if header else 0
    found: list[tuple[str, str]] = []
    while start < len(message):
        identifier = _identifier(message, start)
        start += len(identifier)
        content = message[start : start + _length(identifier, message[start:])]
        if expected := _expected(identifier, content):
            raise InvalidIdentifier(
                f"{shown(message)} is not an ISBT 128 message: expected {expected} at position {start + 1}, "
                f"found {shown(content)}."
            )
        found.append((identifier, content))
        start += len(content)
    if not found or (header and int(header[1]) != len(found)):
        raise InvalidIdentifier(
            f"{shown(message)} is not an ISBT 128 message: expected {int(header[1]) if header else 'some'} "
            f"data structures, found {len(found)}."
        )
    return found


def name_of(identifier: str) -> str:
    """The name for people of what a data identifier stands before.

    Examples:
        >>> name_of("=>")
        'Expiration date'
    """
    return _STRUCTURES[identifier][0] if identifier in _STRUCTURES else _REPEATED[identifier][0]


def _identifier(message: str, start: int) -> str:
    if _DONATION_IDENTIFIER.match(message, start):
        return "="
    for length in (3, 2):
        identifier = message[start : start + length]
        if len(identifier) == length and (identifier in _STRUCTURES or identifier in _REPEATED):
            return identifier
    raise InvalidIdentifier(
        f"{shown(message)} is not an ISBT 128 message: expected a data identifier at position {start + 1}, "
        f"found {shown(message[start : start + 3])}."
    )


def _length(identifier: str, content: str) -> int:
    if identifier in _STRUCTURES:
        return _STRUCTURES[identifier][1]
    _, fixed, where, group = _REPEATED[identifier]
    count = content[where]
    return fixed + group * (int(count) if _DIGITS.fullmatch(count) else 1)


def _expected(identifier: str, content: str) -> str:
    """What should stand where the content stands; empty when the content is right."""
    if len(content) == _length(identifier, content):
        if identifier != "=":
            return "" if _PATTERNS.get(identifier, _PRINTABLE).fullmatch(content) else name_of(identifier)
        donation, flags = content[:_DONATION_LENGTH], content[_DONATION_LENGTH:]
        if DONATION.fullmatch(donation) and _FLAGS.fullmatch(flags):
            right = _check_flags(donation)
            checks = flags.isdigit() and _CHECK_FLAG <= int(flags) < _CHECK_FLAG + 37
            return f"the check character {right} of {donation}" if checks and flags != right else ""
    return name_of(identifier)


def _check_flags(donation: str) -> str:
    """The flags that check a donation, by ISO/IEC 7064, modulo 37-2.

    References:
        ICCBBA ST-001, appendix A and table 3

    Examples:
        >>> _check_flags("G123417654321")
        '70'
    """
    total = sum(int(character, 36) << len(donation) - place for place, character in enumerate(donation))
    return str(_CHECK_FLAG + (38 - total % 37) % 37)
