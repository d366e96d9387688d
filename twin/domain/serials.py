"""Serial numbers: how the numbers that a kind of assets counts become texts, no two of them the same.

A scheme counts 1, 2, 3… and writes each number once. A sequential serial is the number itself. A random one is where a
keyed permutation of all texts of that length puts the number: so it is unique without being looked up, and nobody who
has not the deployment's secret can tell which come next, or how many there are. What a scheme writes for a number must
never change: the counters that stand in databases go on.

References:
    GS1 General Specifications, AI 21 (20 characters at most) and 7.11 (character set 82)
    Crockford, Base 32 (the alphabet of random serials, which has no look-alikes)
    Bellare, Rogaway and Spies, The FFX Mode of Operation (the permutation: an alternating Feistel network of 12 rounds)
    Commission Delegated Regulation (EU) 2016/161, Article 4 (a chance of less than 1 in 10,000 to guess a serial)
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from twin.domain import fields
from twin.domain.history import Document
from twin.errors import InvalidInput, shown

PLACEHOLDER: Final = "{serial}"
"""What stands in a registration for the serial that it gets."""

LONGEST_PREFIX: Final = 10
MOST_CHARACTERS: Final = 16
LONGEST_SERIAL: Final = 20
MOST_SERIALS: Final = 2**31 - 1
"""What one scheme counts to at most: what an Int of GraphQL holds."""

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS: Final = 5
_ROUNDS: Final = 12
# Of GS1's set 82, what needs no escape in a URL (so no / either) and has no lower case, which people lose.
_PREFIX: Final = re.compile(r"[0-9A-Z._-]*", re.ASCII)


class SerialStyle(StrEnum):
    """How a number is written."""

    SEQUENTIAL = "SEQUENTIAL"
    RANDOM = "RANDOM"


@dataclass(frozen=True, slots=True)
class SerialScheme:
    """How the serials of one kind of assets are written: the prefix, then `length` characters.

    Of a random scheme with n serials in use, a guess hits one with a chance of n in 32**length: choose the length so
    that this stays below 1 in 10,000 where a regulation asks for it.

    Args:
        kind: the kind of assets, written as a field's name is.
        style: decimal digits with leading zeros that count 1, 2, 3…; or random ones of 0-9 and A-Z without I, L, O, U.
        prefix: 10 characters of 0-9, A-Z, `.`, `_` and `-` at most; may be empty.
        length: characters after the prefix, 1 to 16, and 20 at most with it.

    Raises:
        InvalidInput: anything else.

    Examples:
        >>> pump = SerialScheme("pump", SerialStyle.SEQUENTIAL, "P-", 6)
        >>> pump.serial(1, b"secret"), pump.serial(2, b"secret"), pump.capacity
        ('P-000001', 'P-000002', 999999)
        >>> valve = SerialScheme("valve", SerialStyle.RANDOM, "", 8)
        >>> valve.serial(1, b"secret"), valve.serial(2, b"secret"), valve.capacity
        ('4J7DVED0', 'FXGP0A63', 2147483647)
    """

    kind: str
    style: SerialStyle
    prefix: str
    length: int

    def __post_init__(self) -> None:
        fields.field_name(self.kind, path=("kind",))
        if len(self.prefix) > LONGEST_PREFIX or not _PREFIX.fullmatch(self.prefix):
            raise InvalidInput(
                f"prefix: expected {LONGEST_PREFIX} characters of 0-9, A-Z, ., _ and - at most, "
                f"found {shown(self.prefix)}.",
                path=("prefix",),
            )
        most = min(MOST_CHARACTERS, LONGEST_SERIAL - len(self.prefix))
        if not 1 <= self.length <= most:
            raise InvalidInput(
                f"length: expected 1 to {most} characters after the prefix, found {self.length}.", path=("length",)
            )

    @classmethod
    def from_document(cls, document: Document) -> SerialScheme:
        """The scheme that a document holds."""
        style = SerialStyle(document["style"])
        return cls(document["_id"], style, document["prefix"], document["length"])

    def as_document(self) -> dict[str, Any]:
        """As it is stored: one for each kind."""
        return {"_id": self.kind, "style": self.style.value, "prefix": self.prefix, "length": self.length}

    @property
    def capacity(self) -> int:
        """How many serials it has."""
        every = 10**self.length - 1 if self.style is SerialStyle.SEQUENTIAL else 1 << self._bits
        return min(every, MOST_SERIALS)

    @property
    def sample(self) -> str:
        """A text of the scheme's form, to see what could be made with a serial before one is taken."""
        return self.prefix + "0" * self.length

    def serial(self, number: int, secret: bytes) -> str:
        """The serial of a number.

        Args:
            number: from 1 to `capacity`.
            secret: the deployment's; of no account for sequential serials.
        """
        if self.style is SerialStyle.SEQUENTIAL:
            return f"{self.prefix}{number:0{self.length}}"
        place = self._permuted(number - 1, secret)
        shifts = range(self._bits - _BITS, -1, -_BITS)
        return self.prefix + "".join(_ALPHABET[place >> shift & 31] for shift in shifts)

    @property
    def _bits(self) -> int:
        return _BITS * self.length

    def _permuted(self, place: int, secret: bytes) -> int:
        """Another place of the 2**bits that there are. Each step can be undone, so no two places lead to one.

        The halves change in turn, each by what a keyed function makes of the other. All texts of a length are a power
        of two, so there is nothing to walk around.
        """
        narrow = self._bits // 2
        wide = self._bits - narrow
        left, right = place >> narrow, place & (1 << narrow) - 1
        for step in range(0, _ROUNDS, 2):
            left ^= self._mixed(step, right, wide, secret)
            right ^= self._mixed(step + 1, left, narrow, secret)
        return left << narrow | right

    def _mixed(self, step: int, half: int, bits: int, secret: bytes) -> int:
        digest = hmac.digest(secret, f"serial {self.kind} {step} {half}".encode(), "sha256")
        return int.from_bytes(digest, "big") >> 8 * len(digest) - bits


def filled(text: str, serial: str) -> str:
    """The text with the serial in each place that is kept for it.

    Examples:
        >>> filled("part:ACME/PN-1/serial/{serial}", "P-000001")
        'part:ACME/PN-1/serial/P-000001'
    """
    return text.replace(PLACEHOLDER, serial)
