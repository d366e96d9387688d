"""Identification links: a web address that is itself the unique name of one item, for ever.

The standard was not at hand. What is here comes from one public implementation and from RFC 3986, and is NOT VERIFIED:
at most 255 characters, of those that a URI may have, scheme and host in lower case, no user information. What its
clauses on uniqueness, on no reuse and on no altering (ILS-1, 3 and 4) ask for is the maker's and the service's to keep.

No text tells an identification link from any other web address. So a scanned address is always a candidate here, with a
finding that says so: whatever knows the address better stands before it.

References:
    IEC 61406-1:2022, ILS-5 to ILS-9 (not verified); RFC 3986, 2, 3 and 6.2.2.1
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import (
    BLANKS,
    GS1_SYMBOLOGY_IDENTIFIERS,
    Finding,
    Granularity,
    Identifier,
    Part,
    require_text,
)

__all__ = ["SCHEME", "TITLE", "IdentificationLink", "parse", "read"]

SCHEME = "iec61406"
TITLE = "Identification link"

MAX_LENGTH: Final = 255
_MAX_PORT: Final = 65_535

_CHARACTER: Final = r"(?:[0-9A-Za-z._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_LABEL: Final = r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
# Each piece is optional, so that a match ends where the first thing stands that does not belong.
_URL: Final = re.compile(
    rf"(?:(?P<scheme>https?)://(?:(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[0-9]{{1,5}}))?"
    rf"(?P<path>(?:/{_CHARACTER}*)*)(?:\?(?P<query>(?:{_CHARACTER}|[/?])*))?(?:\#(?P<fragment>(?:{_CHARACTER}|[/?])*))?)?)?",
    re.IGNORECASE | re.ASCII,
)
_PLAIN_URL: Final = Finding(
    "IEC61406_PLAIN_URL", "Expected an identification link, found a web address: no text tells which of the two it is."
)
_CASE: Final = Finding("IEC61406_CASE", "Scheme and host: expected lower case, found upper case.")


@dataclass(frozen=True, slots=True)
class IdentificationLink:
    """A web address that names one item.

    Args:
        url: http or https, a host name or IPv4 address, perhaps a port, a path, a query and a fragment; scheme and host
            in lower case; at most 255 characters. It is a name: nothing else in it is changed to compare it.
        findings: remarks of the reader. They have no part in equality.

    Raises:
        InvalidIdentifier: anything else.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        IEC 61406-1:2022, ILS-5 to ILS-8 (not verified); RFC 3986, 3

    Examples:
        >>> IdentificationLink("https://id.example/m/4711?s=42").canonical
        'iec61406:https://id.example/m/4711?s=42'
        >>> IdentificationLink("https://ID.example/4711")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: 'https://ID.example/4711' is not an identification link: expected scheme and \
host in lower case, found 'https://ID.example'.
    """

    url: str
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        wrong = f"{shown(require_text(self.url))} is not an identification link"
        if len(self.url) > MAX_LENGTH:
            raise InvalidIdentifier(f"{wrong}: expected at most {MAX_LENGTH} characters, found {len(self.url)}.")
        url = _matched(self.url)
        if url["host"] is None or url.end() != len(self.url):
            found = shown(self.url[url.end()]) if url.end() < len(self.url) else "the end"
            raise InvalidIdentifier(
                f"{wrong}: expected http(s)://host, perhaps :port, /path, ?query and #fragment, without user "
                f"information, found {found} at position {url.end() + 1}."
            )
        if url["port"] is not None and not 0 < int(url["port"]) <= _MAX_PORT:
            raise InvalidIdentifier(f"{wrong}: expected a port from 1 to {_MAX_PORT}, found {url['port']}.")
        origin = self.url[: url.end("host")]
        if origin != origin.lower():
            raise InvalidIdentifier(f"{wrong}: expected scheme and host in lower case, found {shown(origin)}.")

    @property
    def canonical(self) -> str:
        """The unique form, `iec61406:` and the link."""
        return f"{SCHEME}:{self.url}"

    @property
    def granularity(self) -> Granularity:
        """One item."""
        return Granularity.ITEM

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """None: what else the item is called, the link does not tell."""
        return ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The pieces of the address that are there, without the marks between them.

        References:
            RFC 3986, 3
        """
        url = _matched(self.url)
        names = ("scheme", "host", "port", "path", "query", "fragment")
        return tuple(Part(name.capitalize(), url[name]) for name in names if url[name])


def parse(text: str) -> IdentificationLink:
    """The identification link that the text is.

    Args:
        text: what `IdentificationLink` accepts.

    Raises:
        InvalidIdentifier: anything else, upper case in scheme or host among it.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        IEC 61406-1:2022, ILS-5 to ILS-8 (not verified)

    Examples:
        >>> parse("https://id.example/4711").parts[1]
        Part(name='Host', value='id.example')
    """
    return IdentificationLink(text)


def read(text: str, symbology_identifier: str | None = None) -> tuple[IdentificationLink, ...]:
    """The identification link that a scanned web address may be.

    Args:
        text: any http(s) address without user information, of at most 255 characters, with white space around it.
            Scheme and host in upper case are forgiven.
        symbology_identifier: one that promises GS1 data rules a link out.

    Raises:
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        IEC 61406-1:2022, ILS-8 (not verified); RFC 3986, 6.2.2.1

    Examples:
        >>> found = read("HTTPS://ID.EXAMPLE/4711")[0]
        >>> found.url, [finding.code for finding in found.findings]
        ('https://id.example/4711', ['IEC61406_PLAIN_URL', 'IEC61406_CASE'])
    """
    bare = require_text(text).strip(BLANKS)
    if bare[:4].lower() != "http" or len(bare) > MAX_LENGTH or symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS:
        return ()
    host = _matched(bare).end("host")
    if host < 0:
        return ()
    folded = bare[:host].lower() + bare[host:]
    findings = (_PLAIN_URL,) if folded == bare else (_PLAIN_URL, _CASE)
    try:
        return (IdentificationLink(folded, findings),)
    except InvalidIdentifier:
        return ()


def _matched(text: str) -> re.Match[str]:
    match = _URL.match(text)
    if match is None:  # pragma: no cover - every piece is optional
        raise InvalidIdentifier(f"{shown(text)} is not an identification link.")
    return match
