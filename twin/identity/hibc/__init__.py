"""Health Industry Bar Codes: what HIBCC's supplier labels carry, one of the forms of a UDI.

A symbol begins with `+`. Primary data name the labeler, the product and the level of packaging; secondary data, behind
a slash or in a symbol of their own, tell lot, serial number, dates and quantity. The last character checks the others.
A symbol of secondary data alone names nothing: it is a fragment, whose link character is the check character of the
symbol that it belongs to. Patients and records of hospitals (`+/…`, the provider standard) are not read.

References:
    ANSI/HIBC 2.6 (supplier labeling). Its text was not at hand: the rules are held to the examples that it publishes
"""

from __future__ import annotations

import re
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import BLANKS, GS1_SYMBOLOGY_IDENTIFIERS, Finding, Fragment, require_text
from twin.identity.hibc._check import check_character, check_pair
from twin.identity.hibc._date import DateForm, HIBCDate
from twin.identity.hibc._label import HIBC, SCHEME, BasicUDIDI
from twin.identity.hibc._symbol import CHARACTERS, Data, data_of, require_check_character

__all__ = ["HIBC", "SCHEME", "TITLE", "BasicUDIDI", "DateForm", "HIBCDate", "parse", "read"]

TITLE = "Health Industry Bar Code"

_LONGEST: Final = 300
_PRIMARY: Final = r"\+[A-Z][0-9A-Z]{5,22}(?<=[0-9])"
_PRIMARY_ALONE: Final = re.compile(rf"{_PRIMARY}.")
_CONCATENATED: Final = re.compile(rf"({_PRIMARY})/..+")
_TWO_SYMBOLS: Final = re.compile(rf"({_PRIMARY}.)[\r\n\t]*(\+[$0-9].+)")
_SECONDARY_ALONE: Final = re.compile(r"\+(?:\$|[0-9]{5}|1[46]D).+")
_TELEPHONE: Final = re.compile(r"\+[0-9 ./-]*")
_BASIC: Final = re.compile(r"\+\+[A-Z][0-9A-Z]{4,20}[2-9A-HJ-NP-Z]{2}")
_LEVELS: Final = ("lot", "serial")


def parse(text: str) -> HIBC | BasicUDIDI:
    """The product, lot or item that the text names.

    Args:
        text: labeler, product and unit of measure as one word, perhaps with `/lot/…` or `/serial/…` behind it; or what
            a symbol says, from the `+` to the check character; or a Basic UDI-DI, from `++` to the check characters.
            Lower case is raised.

    Raises:
        InvalidIdentifier: none of these, or a wrong check character.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ANSI/HIBC 2.6, 2.1, 2.2.1.1

    Examples:
        >>> parse("A123BJC5D6E71/lot/10X3").as_primary()
        '+A123BJC5D6E71G'
        >>> parse("+A123BJC5D6E71/$$52001510X3C").canonical
        'hibc:A123BJC5D6E71/lot/10X3'
        >>> parse("+A123BJC5D6E71H")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '+A123BJC5D6E71H' is not an HIBC symbol: expected the check character 'G' at \
position 15, found 'H'.
    """
    require_text(text)
    # Only ASCII is raised: elsewhere upper case makes letters of what is none, such as S of a long s.
    raised = text.upper() if text.isascii() else text
    if raised.startswith("++"):
        return _basic(raised)
    if raised.startswith("+"):
        return _strict(raised)
    product, *rest = raised.split("/")
    level = rest[0].lower() if len(rest) == 2 else None
    if rest and level not in _LEVELS:
        raise InvalidIdentifier(
            f"{shown(text)} is not an HIBC device: expected labeler, product and unit of measure, then perhaps "
            f"/lot/… or /serial/…, found {shown(text[len(product) :])} at position {len(product) + 1}."
        )
    return HIBC(
        product[:4],
        product[4:-1],
        product[4:][-1:],
        lot=rest[1] if level == "lot" else None,
        serial=rest[1] if level == "serial" else None,
    )


def read(text: str, symbology_identifier: str | None = None) -> tuple[HIBC | BasicUDIDI | Fragment, ...]:
    """What an HIBC symbol names or, if it is one of secondary data alone, says.

    Args:
        text: what the symbol says, from the `+` on. White space and Code 39's printed `*` around it are forgiven, as
            are lower case, a check character that is a blank and was lost or printed as `_`, and both symbols of a
            linear label in one text. A telephone number is not taken for a symbol.
        symbology_identifier: one that promises GS1 data rules HIBC out.

    Raises:
        InvalidIdentifier: the text has the form of a symbol, and a wrong check character or broken data.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ANSI/HIBC 2.6, 2.2, 4.1 (blanks as underscores), appendix E (link character)

    Examples:
        >>> [found.canonical for found in read("*+A99912345/$$52001510X3/16D20111212/S77DEFG457*")]
        ['hibc:A99912345/serial/77DEFG45']
        >>> read("+$$52001510X3GD")[0].parts[-1]
        Part(name='Link character', value='G')
        >>> read("+4930123456")
        ()
    """
    bare = require_text(text).strip(BLANKS + "*")
    if not bare.startswith("+") or len(bare) > _LONGEST or symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS:
        return ()
    raised = bare.upper() if bare.isascii() else bare
    findings = [Finding("HIBC_CASE", "Letters: expected capitals, found small ones.")] if raised != bare else []
    try:
        found = _read(raised, _tail(text), findings)
    except InvalidIdentifier:
        if findings:  # small letters: it may be anything
            return ()
        raise
    return () if found is None else (found,)


def _read(bare: str, blanks: int, findings: list[Finding]) -> HIBC | BasicUDIDI | Fragment | None:
    if bare.startswith("++"):
        return _basic(bare) if _BASIC.fullmatch(bare) and not findings else None
    if two := _TWO_SYMBOLS.fullmatch(bare):
        return _joined(two[1], _with_blanks(two[2], blanks, findings), findings)
    if _TELEPHONE.fullmatch(bare):
        return None
    return _value(_with_blanks(bare, blanks, findings), findings)


def _strict(symbol: str) -> HIBC:
    findings: list[Finding] = []
    found = _value(symbol, findings)
    if isinstance(found, HIBC) and not found.findings:
        return found
    if isinstance(found, HIBC):
        why = found.findings[0].message
    else:
        why = f"Expected primary data, found {'secondary data alone' if found else 'another form'}."
    raise InvalidIdentifier(f"{shown(symbol)} is not an HIBC device. {why}")


def _tail(text: str) -> int:
    """How many blanks stand at the end, where a check character may be one."""
    bare = text.rstrip("\t\r\n*")
    return len(bare) - len(bare.rstrip(" "))


def _with_blanks(bare: str, blanks: int, findings: list[Finding]) -> str:
    """The symbol with the blanks at its end that its check character asks for."""
    if bare.endswith("_"):
        findings.append(Finding("HIBC_BLANK", "Check character: expected a blank, found the underscore that means it."))
        bare = bare.replace("_", " ")
    if not CHARACTERS.fullmatch(bare):
        return bare
    for count in range(min(blanks, 2), -1, -1):
        symbol = bare + " " * count
        if check_character(symbol[:-1]) == symbol[-1]:
            return symbol
    if check_character(bare) == " ":
        findings.append(Finding("HIBC_BLANK", "Check character: expected a blank at the end, found nothing."))
        return f"{bare} "
    return bare


def _value(symbol: str, findings: list[Finding]) -> HIBC | Fragment | None:
    """What the symbol says, or None when it has not the form of one."""
    if not CHARACTERS.fullmatch(symbol):
        return None
    if _PRIMARY_ALONE.fullmatch(symbol):
        require_check_character(symbol)
        return _labeled(symbol[1:-1], Data(), findings)
    if concatenated := _CONCATENATED.fullmatch(symbol):
        require_check_character(symbol)
        end = concatenated.end(1)
        return _labeled(symbol[1:end], data_of(symbol, end + 1, len(symbol) - 1), findings)
    if not _SECONDARY_ALONE.fullmatch(symbol):
        return None
    try:
        require_check_character(symbol)
        data = data_of(symbol, 1, len(symbol) - 2)
    except InvalidIdentifier:
        if symbol.startswith("+$$"):
            raise
        return None
    data.findings[:0] = findings
    return data.as_fragment(link=symbol[-2])


def _joined(primary: str, secondary: str, findings: list[Finding]) -> HIBC | None:
    """The two symbols of a linear label, scanned into one text: the second links to the first."""
    if not CHARACTERS.fullmatch(secondary) or not CHARACTERS.fullmatch(primary):
        return None
    require_check_character(primary)
    require_check_character(secondary)
    if secondary[-2] != primary[-1]:
        raise InvalidIdentifier(
            f"{shown(secondary)} does not belong to {shown(primary)}: expected the link character "
            f"{shown(primary[-1])} at position {len(secondary) - 1}, found {shown(secondary[-2])}."
        )
    return _labeled(primary[1:-1], data_of(secondary, 1, len(secondary) - 2), findings)


def _labeled(device: str, data: Data, findings: list[Finding]) -> HIBC:
    return HIBC(
        device[:4],
        device[4:-1],
        device[-1],
        lot=data.lot,
        serial=data.serial,
        expires=data.expires,
        manufactured=data.manufactured,
        quantity=data.quantity,
        findings=(*findings, *data.findings),
    )


def _basic(text: str) -> BasicUDIDI:
    found = BasicUDIDI(text[2:6], text[6:-2])
    if found.value != text:
        expected = check_pair(text[:-2])
        raise InvalidIdentifier(
            f"{shown(text)} is not a Basic UDI-DI: expected the check characters {expected} "
            f"at position {len(text) - 1}, found {shown(text[-2:])}."
        )
    return found
