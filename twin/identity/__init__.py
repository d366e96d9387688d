"""Identity standards, and the reader of scanned text: pure, one standard one file.

A standard is a module (or a folder) of this package whose name does not begin with an underscore. It is discovered,
never registered. It offers, as `Standard` says:

- `SCHEME`: the word before the colon of the canonical form, such as `vin`;
- `TITLE`: its name for people;
- `parse(text)`: the value object that the text is, without the scheme, or InvalidIdentifier. Strict;
- `read(text, symbology_identifier)`: what a scanned text can be, the likeliest first. Forgiving: what had to be
  forgiven is a finding. A text that can be nothing else and is broken raises InvalidIdentifier.

A value object is a frozen dataclass that is valid if it exists, with `canonical`, `granularity`, `implied`, `findings`
and `parts`, and `as_*` methods that write its other forms. `parse` reads back what `canonical` says after the colon.
Whatever the input, nothing here raises anything but the classes of `twin.errors`.

Examples:
    >>> parse("vin:1M8GDM9AXKP042788").parts[0]
    Part(name='World manufacturer identifier', value='1M8')
    >>> [found.canonical for found in read("I1M8GDM9AXKP042788", "]A0").candidates]
    ['vin:1M8GDM9AXKP042788']
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from twin.errors import InvalidIdentifier, InvalidInput, shown
from twin.identity._convention import (
    MAX_TEXT,
    Finding,
    Fragment,
    Granularity,
    Identifier,
    Part,
    Standard,
    require_text,
)
from twin.identity._udi import UDI, IssuingAgency, udi_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAX_TEXT",
    "UDI",
    "Fault",
    "Finding",
    "Fragment",
    "Granularity",
    "Identifier",
    "IssuingAgency",
    "Part",
    "Reading",
    "Standard",
    "parse",
    "read",
    "standards",
    "udi_of",
]

# ISO/IEC 15424: the flag, a code character for the symbology, a modifier.
_SYMBOLOGY_IDENTIFIER: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text that is clearly meant to be of a standard is not.

    Args:
        scheme: the standard's.
        message: the value, what was expected and what was found.
    """

    scheme: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scanned text may be.

    Args:
        text: what was read, without its symbology identifier.
        symbology_identifier: AIM's, such as `]Q1`; None when the reader did not tell.
        candidates: every identifier that the text can be, those with the fewest findings first, then by scheme.
            Empty when it is of no known form; several when it is ambiguous, for the caller to resolve.
        fragments: what the text says when it is of a known form that names nothing by itself.
        faults: why it is broken, by each standard that it is clearly meant to be of.
    """

    text: str
    symbology_identifier: str | None
    candidates: tuple[Identifier, ...]
    fragments: tuple[Fragment, ...] = ()
    faults: tuple[Fault, ...] = ()


@functools.cache
def standards() -> Mapping[str, Standard]:
    """Every standard of this package by its scheme, in the order of the schemes.

    Examples:
        >>> standards()["vin"].TITLE
        'Vehicle identification number'
    """
    names = [found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_")]
    modules = [cast("Standard", importlib.import_module(f"{__name__}.{name}")) for name in names]
    return MappingProxyType({module.SCHEME: module for module in sorted(modules, key=lambda module: module.SCHEME)})


def parse(canonical: str) -> Identifier:
    """The identifier that a text of the form `scheme:value` names.

    Args:
        canonical: the scheme in lower case, a colon, the value. The value may be in any form that the standard's
            `parse` accepts; the answer's `canonical` is the unique one.

    Raises:
        InvalidIdentifier: the scheme is missing or unknown, or the value is not of that standard.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    Examples:
        >>> parse("vin:1m8gdm9axkp042788").canonical
        'vin:1M8GDM9AXKP042788'
        >>> parse("isbn:9780")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: 'isbn:9780': expected scheme:value with a scheme of ..., vin, found 'isbn'.
    """
    scheme, colon, value = require_text(canonical).partition(":")
    if not colon or scheme not in standards():
        found = shown(scheme) if colon else "no colon"
        schemes = ", ".join(standards())
        raise InvalidIdentifier(f"{shown(canonical)}: expected scheme:value with a scheme of {schemes}, found {found}.")
    return standards()[scheme].parse(value)


def read(text: str, symbology_identifier: str | None = None) -> Reading:
    """What a scanned text may be, by every standard that we know.

    Args:
        text: what the scanner gave, at most 2,000 characters. Scanners may be set to put the symbology identifier in
            front of the text; it is taken off.
        symbology_identifier: AIM's, three characters, if the scanner gave it apart from the text.

    Raises:
        InvalidInput: not a text, or a symbology identifier that is none.
        TooLarge: more than 2,000 characters.

    References:
        ISO/IEC 15424 (symbology identifiers)

    Examples:
        >>> read("]A01M8GDM9AXKP042788").symbology_identifier
        ']A0'
        >>> read("a shopping list").candidates
        ()
    """
    require_text(text)
    if symbology_identifier is None:
        prefix = _SYMBOLOGY_IDENTIFIER.match(text)
        symbology_identifier = prefix and prefix[0]
    elif not _SYMBOLOGY_IDENTIFIER.fullmatch(require_text(symbology_identifier)):
        raise InvalidInput(f"{shown(symbology_identifier)}: expected a symbology identifier such as ]Q1.")
    data = text.removeprefix(symbology_identifier or "")
    candidates: list[Identifier] = []
    fragments: list[Fragment] = []
    faults: list[Fault] = []
    for scheme, standard in standards().items():
        try:
            answers = standard.read(data, symbology_identifier)
        except InvalidIdentifier as error:
            faults.append(Fault(scheme, error.message))
            continue
        for known in answers:
            if isinstance(known, Fragment):
                fragments.append(known)
            else:
                candidates.append(known)
    if len(candidates) > 1:
        candidates.sort(key=_doubt)
    return Reading(data, symbology_identifier, tuple(candidates), tuple(fragments), tuple(faults))


def _doubt(candidate: Identifier) -> int:
    return len(candidate.findings)
