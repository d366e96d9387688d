r"""ISO/IEC 15434 messages: one or more envelopes of data in one symbol, each of a stated format.

A message is `[)>` RS, then format envelopes with RS between them, then RS EOT. Formats 05 (application identifiers of
GS1), 06 (data identifiers) and 12 (text elements) hold elements with GS between them; so does DD, which the Department
of Defense used for text elements before 12 was given to them. The other formats are kept as they stand.

What the macro characters 05 and 06 of Data Matrix stand for is the same message, and readers give it as such.

References:
    ISO/IEC 15434 (its text was not at hand: the syntax is as public readers and tutorials tell it); MIL-STD-130N, 6.7
    (DD)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from twin.errors import InvalidIdentifier, InvalidInput, shown
from twin.identity._convention import Finding, require_text, restored

__all__ = ["Format", "Message", "read", "written"]

GS: Final = "\x1d"
RS: Final = "\x1e"
EOT: Final = "\x04"

OPENING: Final = "[)>"
DATA_IDENTIFIERS: Final = "06"
APPLICATION_IDENTIFIERS: Final = "05"
TEXT_ELEMENTS: Final = frozenset({"12", "DD"})

_OF_ELEMENTS: Final = frozenset({APPLICATION_IDENTIFIERS, DATA_IDENTIFIERS, *TEXT_ELEMENTS})
_BINARY: Final = "09"
_INDICATOR: Final = re.compile(r"[0-9]{2}|DD")
_HEADER: Final = re.compile(rf"(>?){re.escape(OPENING)}({RS}?)")
_ILLEGAL: Final = re.compile(r"[^ -~]")
_CONTROLS: Final = {GS: "GS", RS: "RS", EOT: "EOT"}


@dataclass(frozen=True, slots=True)
class Format:
    """A format envelope.

    Args:
        indicator: two characters that tell the format, such as 06.
        elements: what stands between its separators; all of it in one piece where the format has none.
    """

    indicator: str
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was read.

    Args:
        formats: its format envelopes, in order; at least one.
        findings: what had to be forgiven.
    """

    formats: tuple[Format, ...]
    findings: tuple[Finding, ...] = ()


def read(text: str) -> Message:
    r"""The message that a scanned text is.

    Args:
        text: a text that begins with `[)>`. Control characters that were spelt out, a header without RS or with a `>`
            in front, a missing trailer and an empty element are forgiven: `IUID_SEPARATORS`, `IUID_HEADER`,
            `IUID_TRAILER` and `IUID_EMPTY_ELEMENT`.

    Raises:
        InvalidIdentifier: broken beyond that; positions count in the text with its control characters restored.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        ISO/IEC 15434, message and format envelopes

    Examples:
        >>> message = read("[)>\x1e06\x1d17V1AB23\x1d1PPN123\x1dSSER\x1e\x04")
        >>> message.formats
        (Format(indicator='06', elements=('17V1AB23', '1PPN123', 'SSER')),)
        >>> [finding.code for finding in read("[)>06<GS>1PPN123").findings]
        ['IUID_SEPARATORS', 'IUID_HEADER', 'IUID_TRAILER']
    """
    findings = []
    if GS not in require_text(text) and GS in (clear := restored(text)):
        findings.append(Finding("IUID_SEPARATORS", "Separators: expected control characters, found them spelt out."))
        text = clear
    header = _HEADER.match(text)
    if header is None:
        raise _not_a_message(text, OPENING, 0)
    if header[1] or not header[2]:
        findings.append(Finding("IUID_HEADER", f"Header: expected [)> and RS, found {shown(header[0])}."))
    end, finding = _end(text)
    if finding:
        findings.append(finding)
    formats: list[Format] = []
    start = header.end()
    while not formats or start < end:
        found, start = _format(text, start, end)
        formats.append(found)
    if any(not element for found in formats for element in found.elements):
        findings.append(Finding("IUID_EMPTY_ELEMENT", "Elements: expected data between the separators, found none."))
        full = [Format(found.indicator, tuple(filter(None, found.elements))) for found in formats]
        formats = [found for found in full if found.elements]
    if not formats:
        raise _not_a_message(text, "data", end)
    return Message(tuple(formats), tuple(findings))


def written(indicator: str, elements: Iterable[str]) -> str:
    r"""The message of one format envelope, complete, as it is to be printed.

    Args:
        indicator: 05, 06 or 12.
        elements: at least one; printable ASCII.

    Raises:
        InvalidInput: another format, no element, an empty one, or one with other characters.

    References:
        ISO/IEC 15434, message and format envelopes

    Examples:
        >>> written("06", ["17V1AB23", "1PPN123", "SSER"])
        '[)>\x1e06\x1d17V1AB23\x1d1PPN123\x1dSSER\x1e\x04'
    """
    elements = tuple(elements)
    if indicator not in _OF_ELEMENTS - {"DD"} or not all(elements) or not elements:
        raise InvalidInput("Expected a message of format 05, 06 or 12 with at least one element and none empty.")
    for element in elements:
        if illegal := _ILLEGAL.search(element):
            raise InvalidInput(
                f"{shown(element)} is not an element of a message: expected printable ASCII, "
                f"found {shown(illegal[0])} at position {illegal.start() + 1}."
            )
    return f"{OPENING}{RS}{GS.join((indicator, *elements))}{RS}{EOT}"


def _end(text: str) -> tuple[int, Finding | None]:
    """Where the data ends and the trailer begins, and what is wrong with the trailer."""
    end = len(text) - 1 if text.endswith(EOT) else len(text)
    end -= text.endswith(RS, 0, end)
    trailer = text[end:]
    if trailer == RS + EOT:
        return end, None
    found = " ".join(_CONTROLS[control] for control in trailer) or "none"
    return end, Finding("IUID_TRAILER", f"Trailer: expected RS EOT at the end, found {found}.")


def _format(text: str, start: int, end: int) -> tuple[Format, int]:
    """The format envelope that starts here, and where the next one starts."""
    indicator = _INDICATOR.match(text, start, end)
    if indicator is None:
        raise _not_a_message(text, "a format of two digits", start)
    start = indicator.end()
    if indicator[0] == _BINARY:  # RS and GS may be data there
        return Format(_BINARY, (text[start:end],)), end
    found = text.find(RS, start, end)
    stop = end if found < 0 else found
    if indicator[0] not in _OF_ELEMENTS:
        return Format(indicator[0], (text[start:stop],)), stop + 1
    if text[start : start + 1] != GS:
        raise _not_a_message(text, f"GS after the format {indicator[0]}", start)
    stray = text.find(EOT, start, stop)
    if stray >= 0:
        raise _not_a_message(text, "the end after EOT", stray + 1)
    return Format(indicator[0], tuple(text[start + 1 : stop].split(GS))), stop + 1


def _not_a_message(text: str, expected: str, position: int) -> InvalidIdentifier:
    found = shown(text[position]) if position < len(text) else "the end"
    return InvalidIdentifier(
        f"{shown(text)} is not an ISO/IEC 15434 message: expected {expected}, found {found} at position {position + 1}."
    )
