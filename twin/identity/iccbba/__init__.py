"""ISBT 128 as a UDI: medical devices that hold products of human origin, and blood containers.

A message is a row of data structures, each with a data identifier before it and a length of its own: `=/` the product,
`=` the donation, `=,` the division of it, `=>` expiry, `=}` production, `&,1` the lot. Each may also stand in a symbol
of its own, which then names nothing by itself. One device is named by its product, donation and division together: a
division is counted anew for each donation.

References:
    ICCBBA ST-017 1.0.0 (devices), ST-001 6.2.2, 2.3 and 2.4 (data structures), both at second hand; FDA, UDI formats by
    FDA-accredited issuing agency, 1.3 (fields and sizes). The sequences that `=+aabbb` may name are not checked
"""

from __future__ import annotations

import re
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import BLANKS, GS1_SYMBOLOGY_IDENTIFIERS, Finding, Fragment, Part, require_text
from twin.identity.iccbba._device import ICCBBA, SCHEME
from twin.identity.iccbba._message import name_of, structures_of

__all__ = ["ICCBBA", "SCHEME", "TITLE", "parse", "read"]

TITLE = "ISBT 128 device"

_LONGEST: Final = 600
# What hardly anything else begins with: a compound message, a device identifier, a donation.
_MEANT: Final = re.compile(r"=\+[0-9]{5}=|=/[0-9A-NP-Z]{5}[0-9A-Z]{11}|=[1-9A-NP-Z][0-9A-NP-Z]{2}[0-9]{12}(?:[=&]|\Z)")
_LEVELS: Final = ((), ("lot",), ("donation",), ("donation", "serial"))
_NO_DIVISION: Final = "000000"


def parse(text: str) -> ICCBBA:
    """The product, lot or device that the text names.

    Args:
        text: a device identifier; perhaps with `/lot/…`, `/donation/…` or `/donation/…/serial/…` behind it. Or data
            structures in a row, the device identifier's among them, with or without the header of a compound message.

    Raises:
        InvalidIdentifier: none of these.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ICCBBA ST-017, 4 and 5

    Examples:
        >>> parse("A9997XYZ100T0479/donation/A999917123456").granularity
        <Granularity.LOT: 'LOT'>
        >>> parse("=/A9997XYZ100T0479=,000012=A99991712345600").canonical
        'iccbba:A9997XYZ100T0479/donation/A999917123456/serial/000012'
    """
    if require_text(text).startswith(("=", "&")):
        found = _value(text, structures_of(text))
        if isinstance(found, Fragment):
            raise InvalidIdentifier(
                f"{shown(text)} is not an ISBT 128 device: expected a device identifier, found none."
            )
        if found.findings:
            raise InvalidIdentifier(f"{shown(text)} is not an ISBT 128 device. {found.findings[0].message}")
        return found
    code, *rest = text.split("/")
    levels, values = tuple(rest[::2]), rest[1::2]
    if levels not in _LEVELS or len(levels) != len(values):
        raise InvalidIdentifier(
            f"{shown(text)} is not an ISBT 128 device: expected a device identifier, then perhaps /lot/…, /donation/… "
            f"or /donation/…/serial/…, found {shown(text[len(code) :])} at position {len(code) + 1}."
        )
    known = dict(zip(levels, values, strict=True))
    return ICCBBA(code, donation=known.get("donation"), division=known.get("serial"), lot=known.get("lot"))


def read(text: str, symbology_identifier: str | None = None) -> tuple[ICCBBA | Fragment, ...]:
    """What ISBT 128 data structures name or, where the device identifier is not among them, say.

    Args:
        text: one structure or several in a row, with or without the header of a compound message. White space around
            and between them is forgiven, for people print it.
        symbology_identifier: one that promises GS1 data rules ISBT 128 out.

    Raises:
        InvalidIdentifier: the text begins as only a message with a device identifier can, and is broken; or a donation
            has a check character in its flags that is wrong.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ICCBBA ST-017, 5; ST-001, 2.1 (data identifiers), appendix A (check character)

    Examples:
        >>> [found.canonical for found in read("=/A9999XYZ100T0476=,000025=A99971712345600=>019032")]
        ['iccbba:A9999XYZ100T0476/donation/A999717123456/serial/000025']
        >>> read("=>019032")[0].parts
        (Part(name='Expiration date', value='019032'),)
        >>> read("=A1+B2")
        ()
    """
    bare = require_text(text).strip(BLANKS)
    if not bare.startswith(("=", "&")) or len(bare) > _LONGEST or symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS:
        return ()
    compact = bare.replace(" ", "")
    try:
        structures = structures_of(compact)
    except InvalidIdentifier:
        if _MEANT.match(compact):
            raise
        return ()
    return (_value(compact, structures),)


def _value(message: str, structures: list[tuple[str, str]]) -> ICCBBA | Fragment:
    told: dict[str, str] = {}
    for identifier, content in structures:
        if told.setdefault(identifier, content) != content:
            raise InvalidIdentifier(
                f"{shown(message)} is not an ISBT 128 message: expected one {name_of(identifier)}, "
                f"found {shown(told[identifier])} and {shown(content)}."
            )
    donation = told["="][:13] if "=" in told else None
    if "=/" in told:
        return _device(told, donation)
    if "=)" in told and not {"=", "=,", "&,1"} & set(told):
        return ICCBBA(told["=)"], lot=told.get("&)"), expires=told.get("=>"), manufactured=told.get("=}"))
    parts = (Part(name_of(one), content if one != "=" else content[:13]) for one, content in structures)
    return Fragment("ISBT 128 data", tuple(parts))


def _device(told: dict[str, str], donation: str | None) -> ICCBBA:
    division = told.get("=,")
    findings = []
    if division == _NO_DIVISION:
        message = "Product division: expected other characters than zeros, found 000000. It is not kept."
        findings.append(Finding("ICCBBA_DIVISION", message))
        division = None
    if division is not None and donation is None:
        message = "Donation identification number: expected one beside the product division, found none."
        findings.append(Finding("ICCBBA_NO_DONATION", message))
    return ICCBBA(
        told["=/"],
        donation=donation,
        division=division,
        lot=told.get("&,1"),
        expires=told.get("=>"),
        manufactured=told.get("=}"),
        findings=tuple(findings),
    )
