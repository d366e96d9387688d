"""Our own link id, the name of a twin that stands in every link which we print.

Thirteen random characters of Crockford's base 32 (65 bits, so it cannot be guessed and says nothing), and a check
character of the same alphabet, by the Luhn algorithm modulo 32. That detects every single wrong character, and every
swap of two neighbours but 0 and Z.

References:
    Crockford, Base 32 (the alphabet, and what people may type for it); Luhn modulo N
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from twin.errors import InvalidIdentifier, InvalidInput, TooLarge, shown
from twin.identity._convention import BLANKS, GS1_SYMBOLOGY_IDENTIFIERS, Finding, Identifier, Part, require_text

__all__ = ["SCHEME", "TITLE", "LinkId", "origin_of", "parse", "public_url_of", "read"]

SCHEME = "link"
TITLE = "Link id"

RANDOM_CHARACTERS: Final = 13
RANDOM_BITS: Final = 5 * RANDOM_CHARACTERS
LENGTH: Final = RANDOM_CHARACTERS + 1

MAX_PUBLIC_URL: Final = 255 - len("/L/") - LENGTH
"""The longest public URL, in characters: a whole link keeps to the 255 that IEC 61406-1 is said to allow."""

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODES: Final = {character: code for code, character in enumerate(_ALPHABET)}
# What people write for these characters. Not `str.upper`: it makes letters of characters that are none.
_FOLDED: Final = str.maketrans(_ALPHABET.lower() + "IiLlOo", _ALPHABET + "111100", "-")

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_AND_PORT = rf"(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[0-9]{{1,5}}))?"
_PATH_CHARACTER = "(?:[a-z0-9._~!$&'()*+,;=:@-]|%[0-9a-f]{2})"
# Each piece is optional, so that a match ends where the first thing stands that does not belong.
_PUBLIC_URL: Final = re.compile(
    rf"(?:(?P<scheme>https?)://(?:{_HOST_AND_PORT}(?P<path>(?:/(?!\.\.?(?:/|\Z)){_PATH_CHARACTER}+)*))?)?",
    re.ASCII | re.IGNORECASE,
)
_SCANNED: Final = re.compile(
    rf"(?P<scheme>https?)://{_HOST_AND_PORT}(?:/(?:{_PATH_CHARACTER}|/)*)?"
    r"/L/(?P<id>[a-z0-9-]+)(?:\.[a-z0-9]{1,8})?/?(?:[?#]\S*)?",
    re.ASCII | re.IGNORECASE,
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAX_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class LinkId:
    """The id of a link of ours, and the origin that it was scanned with.

    Args:
        value: 13 characters and the check character, all of 0-9 and A-Z without I, L, O and U.
        origin: scheme, host and port of the scanned link, in lower case and without a default port; None when the id
            was not in a link. It has no part in equality: two links to one id are one identifier. Whether the origin is
            one of ours is for the caller to judge.

    Raises:
        InvalidIdentifier: the value is anything else.
        InvalidInput: the value is not a text, or the origin not an origin.
        TooLarge: more than 2,000 characters.

    Examples:
        >>> LinkId("0123456789ABC8").canonical
        'link:0123456789ABC8'
        >>> LinkId("0123456789ABCX")
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '0123456789ABCX' is not a link id: expected the check character 8 at position \
14, found 'X'.
    """

    value: str
    origin: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        wrong = f"{shown(require_text(self.value))} is not a link id"
        if len(self.value) != LENGTH:
            raise InvalidIdentifier(f"{wrong}: expected {LENGTH} characters, found {len(self.value)}.")
        for position, character in enumerate(self.value, 1):
            if character not in _CODES:
                raise InvalidIdentifier(
                    f"{wrong}: expected A-Z without I, L, O, U, or 0-9, at position {position}, "
                    f"found {shown(character)}."
                )
        expected = _check_character(self.value[:-1])
        if self.value[-1] != expected:
            raise InvalidIdentifier(
                f"{wrong}: expected the check character {expected} at position {LENGTH}, found {shown(self.value[-1])}."
            )
        if self.origin is not None and self.origin != origin_of(self.origin):
            raise InvalidInput(f"{shown(self.origin)}: expected the origin {shown(origin_of(self.origin))} alone.")

    @classmethod
    def from_random(cls, bits: bytes | int) -> LinkId:
        r"""The link id of 65 random bits. Randomness is an argument: nothing here draws it.

        Args:
            bits: at least 9 bytes, of which the first 65 bits count; or a number of 65 bits, from 0 to 2**65 - 1.

        Raises:
            InvalidInput: too few bytes, a number out of range, or anything else.

        Examples:
            >>> LinkId.from_random(bytes(8) + b"\x80").value, LinkId.from_random(2**65 - 1).value
            ('0000000000001Y', 'ZZZZZZZZZZZZZD')
        """
        if isinstance(bits, bytes):
            if 8 * len(bits) < RANDOM_BITS:
                raise InvalidInput(f"Expected at least 9 random bytes for a link id, found {len(bits)}.")
            number = int.from_bytes(bits[:9], "big") >> 72 - RANDOM_BITS
        elif isinstance(bits, int) and not isinstance(bits, bool):
            number = bits
        else:
            raise InvalidInput(f"Expected bytes or an integer for a link id, found {type(bits).__name__}.")
        if not 0 <= number < 2**RANDOM_BITS:
            raise InvalidInput(f"Expected a number of {RANDOM_BITS} bits for a link id, found one out of range.")
        random = "".join(_ALPHABET[number >> shift & 31] for shift in range(RANDOM_BITS - 5, -1, -5))
        return cls(random + _check_character(random))

    @property
    def canonical(self) -> str:
        """The unique form, `link:` and the value."""
        return f"{SCHEME}:{self.value}"

    @property
    def granularity(self) -> None:
        """It names a label, not an asset."""
        return None

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """None: which asset the label is on is for the twin to say."""
        return ()

    @property
    def host(self) -> str | None:
        """Host and port of the scanned link, without the scheme; None when the id was not in a link."""
        return self.origin and self.origin.partition("://")[2]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """None: a link id is right or it is none."""
        return ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The random characters and the check character."""
        return (Part("Random characters", self.value[:-1]), Part("Check character", self.value[-1]))

    def as_url(self, public_url: str, *, lower_case: bool = False) -> str:
        """The link as it is printed: upper-case where case says nothing, so that it fits QR's alphanumeric mode.

        Args:
            public_url: where the service is reached; the case of its path is kept, for there case may matter.
            lower_case: whether scheme and host stand in lower case, as IEC 61406 asks.

        Raises:
            InvalidInput: not a public URL, as `public_url_of` says.
            TooLarge: a longer one than a link has room for.

        References:
            ISO/IEC 18004 (alphanumeric mode); RFC 3986, 6.2.2.1 (case); IEC 61406-1:2022, ILS-8 (unverified)

        Examples:
            >>> LinkId("0123456789ABC8").as_url("https://twin.example")
            'HTTPS://TWIN.EXAMPLE/L/0123456789ABC8'
            >>> LinkId("0123456789ABC8").as_url("https://twin.example", lower_case=True)
            'https://twin.example/L/0123456789ABC8'
        """
        origin, path = _split(public_url)
        return f"{origin.lower() if lower_case else origin.upper()}{path}/L/{self.value}"


def public_url_of(text: str) -> str:
    """The public URL that the text is, with scheme and host in lower case and no default port.

    Args:
        text: http or https, a host name or IPv4 address, perhaps a port, perhaps a path. No user info, query or
            fragment; no slash at the end; at most 238 characters, so that the whole link has at most 255.

    Raises:
        InvalidInput: anything else.
        TooLarge: more than 238 characters.

    References:
        RFC 3986, 3 and 6.2

    Examples:
        >>> public_url_of("HTTPS://Twin.Example:443/Plant-7")
        'https://twin.example/Plant-7'
        >>> public_url_of("https://twin.example/")
        Traceback (most recent call last):
        twin.errors.InvalidInput: 'https://twin.example/' is not a public URL: expected http(s)://host, perhaps :port, \
perhaps /path without a slash at the end, found '/' at position 21.
    """
    return "".join(_split(text))


def origin_of(public_url: str) -> str:
    """Scheme, host and port of a public URL, to compare with the origin of a scanned link.

    Args:
        public_url: what `public_url_of` accepts.

    Raises:
        InvalidInput: anything else.
        TooLarge: more than 238 characters.

    References:
        RFC 6454, 4

    Examples:
        >>> origin_of("https://Twin.Example/Plant-7")
        'https://twin.example'
    """
    return _split(public_url)[0]


def parse(text: str) -> LinkId:
    """The link id that a text is, as Crockford lets people write it.

    Args:
        text: 14 characters in either case; I and L are read as 1, O as 0, and hyphens are dropped. U is invalid.

    Raises:
        InvalidIdentifier: not a link id, or a wrong check character; positions count without hyphens.
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    References:
        Crockford, Base 32: what decoding forgives

    Examples:
        >>> parse("ol23-4567-89ab-c8").value
        '0123456789ABC8'
    """
    return LinkId(require_text(text).translate(_FOLDED))


def read(text: str, symbology_identifier: str | None = None) -> tuple[LinkId, ...]:
    """The link id that a scanned or typed text holds, bare or in a link, if any.

    Args:
        text: what `parse` accepts, with spaces anywhere; or an http(s) URL with `/L/` and the id in its path. A suffix
            such as `.svg`, a query and a fragment are passed over. A URL with user info is no link of ours: it is how
            a foreign host is dressed up.
        symbology_identifier: one that promises GS1 data rules a link out.

    Raises:
        InvalidInput: not a text.
        TooLarge: more than 2,000 characters.

    Examples:
        >>> read("https://Twin.Example:8443/l/0123456789abc8.svg?size=2")
        (LinkId(value='0123456789ABC8', origin='https://twin.example:8443'),)
        >>> read("0123 4567 89AB C8")
        (LinkId(value='0123456789ABC8', origin=None),)
    """
    bare = require_text(text).strip(BLANKS)
    if symbology_identifier in GS1_SYMBOLOGY_IDENTIFIERS:
        return ()
    compact = bare.replace(" ", "")
    link = _SCANNED.fullmatch(bare) if "/" in bare else None
    if link is None and len(compact.replace("-", "")) != LENGTH:
        return ()
    try:
        if link is None:
            return (parse(compact),)
        return (LinkId(link["id"].translate(_FOLDED), origin=_origin(link)),)
    except InvalidInput:
        return ()


def _check_character(random: str) -> str:
    # From the right, every second character counts double, and a product counts as the sum of its base-32 digits.
    codes = [_CODES[character] for character in random]
    doubled = [sum(divmod(2 * code, 32)) for code in codes[::-2]]
    return _ALPHABET[-(sum(doubled) + sum(codes[-2::-2])) % 32]


def _split(text: str) -> tuple[str, str]:
    """Origin and path of a public URL."""
    if len(require_text(text)) > MAX_PUBLIC_URL:
        raise TooLarge(f"{shown(text)}: expected a public URL of at most {MAX_PUBLIC_URL} characters.")
    url = _PUBLIC_URL.match(text)
    if url is None or url["host"] is None or url.end() != len(text):
        end = url.end() if url else 0
        found = shown(text[end]) if end < len(text) else "the end"
        raise InvalidInput(
            f"{shown(text)} is not a public URL: expected http(s)://host, perhaps :port, perhaps /path without a slash "
            f"at the end, found {found} at position {end + 1}."
        )
    return _origin(url), url["path"]


def _origin(url: re.Match[str]) -> str:
    scheme, host = url["scheme"].lower(), url["host"].lower()
    port = int(url["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port <= _MAX_PORT:
        raise InvalidInput(f"{shown(url.string)}: expected a port from 1 to {_MAX_PORT}, found {port}.")
    return f"{scheme}://{host}" if port == _DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"
