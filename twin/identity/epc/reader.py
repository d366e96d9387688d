"""From text to EPCs: URIs of all kinds, and hexadecimal digits.

References:
    GS1 EPC Tag Data Standard 2.3, 6 (URIs), 8 (patterns), 12 (tag and raw URIs), 14.4 (decoding)
"""

from __future__ import annotations

import re
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import Finding, Fragment, Part
from twin.identity.epc.codings import BY_HEADER, CODINGS, NOT_READ
from twin.identity.epc.fields import Bits
from twin.identity.epc.identifier import EPC
from twin.identity.epc.keys import check_digit_of
from twin.identity.epc.schemes import SCHEMES, Scheme

__all__ = ["PREFIX", "Reader"]

PREFIX: Final = "urn:epc:"

MOST_DIGITS: Final = 500
"""More hexadecimal digits than any tag gives."""

_NO_DIGIT: Final = re.compile(r"[^0-9A-Fa-f]")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_BARE: Final = re.compile(r'["#&/<>?]|%(?![0-9A-Fa-f]{2})')
_FILTER_VALUE: Final = re.compile(r"0|[1-9][0-9]?")
_CONTROL_FIELDS: Final = re.compile(r"\A(?:\[(?:att|umi|xpc|xpc-w1)=(?:[01]|x[0-9A-Fa-f]{1,8})\])+:")
_RAW: Final = re.compile(
    r"(?P<length>[1-9][0-9]{0,3})\."
    r"(?:[xX](?P<hexadecimal>[0-9A-Fa-f]+)|(?P<decimal>[0-9]+)|[xX][0-9A-Fa-f]{1,2}(?P<other>\.[xX][0-9A-Fa-f]*))"
)

# Where the key stands in an encoding of TDS 2 (14.6): its name, after how many bits, and how many digits of four bits.
_KEY_DIGITS: Final = {
    "SGTIN": ("GTIN", 12, 14),
    "DSGTIN": ("GTIN", 32, 14),
    "ITIP": ("GTIN", 12, 14),
    "SSCC": ("SSCC", 12, 18),
    "SGLN": ("GLN", 12, 13),
    "GRAI": ("GRAI", 12, 14),
    "GSRN": ("GSRN", 12, 18),
    "GSRNP": ("GSRN", 12, 18),
    "GDTI": ("GDTI", 12, 13),
    "SGCN": ("GCN", 12, 13),
}


class Reader:
    """What reads one text, and remembers what it has forgiven.

    Its methods raise InvalidIdentifier for what they cannot read.

    Args:
        text: all of it, for messages.
        strict: whether nothing is forgiven.
    """

    def __init__(self, text: str, *, strict: bool) -> None:
        self._text, self._strict = text, strict
        self._forgiven: list[Finding] = []

    def lowered(self) -> str:
        """The URI with the words before its data in lower case."""
        words = self._text.split(":", 5 if ":[" in self._text else 4)
        lowered = ":".join([*(word.lower() for word in words[:-1]), words[-1]])
        if lowered != self._text:
            self._forgive("EPC_URI_CASE", "Expected lower case in the URI before its data, found upper case.")
        return lowered

    def digits(self) -> str:
        """The hexadecimal digits without 0x and spaces."""
        digits = self._text.replace(" ", "").removeprefix("0x").removeprefix("0X")
        if digits != self._text:
            self._forgive("EPC_HEX_SPELLING", "Expected hexadecimal digits alone, found 0x or spaces with them.")
        return digits

    def uri(self, uri: str) -> EPC | Fragment:
        """What a URI that begins with `urn:epc:` names."""
        namespace, _, rest = uri.removeprefix(PREFIX).partition(":")
        if namespace in ("id", "class"):
            return self.identity(rest, namespace)
        if namespace == "idpat":
            return self._pattern(rest)
        if namespace == "tag":
            return self._tag(_CONTROL_FIELDS.sub("", rest, count=1))
        if namespace == "raw":
            return self._raw(_CONTROL_FIELDS.sub("", rest, count=1))
        if namespace == "pat":
            return Fragment("Pattern of EPC tags", (Part("Pattern", rest),), tuple(self._forgiven))
        raise self._refusal(f"expected {PREFIX} and id, class, idpat, tag, raw or pat, found {shown(namespace)}")

    def identity(self, rest: str, namespace: str | None = None) -> EPC:
        """The EPC that a URI names.

        Args:
            rest: what follows `urn:epc:id:` or `urn:epc:class:`.
            namespace: which of them it was; None when it was neither.

        References:
            TDS 6.3, 6.4
        """
        scheme, body = self._scheme(rest)
        if namespace not in (None, scheme.namespace):
            raise self._refusal(f"expected {PREFIX}{scheme.namespace}:{scheme.name}, found {namespace}")
        return self._epc(scheme, self._components(body, len(scheme.components)))

    def _pattern(self, rest: str) -> EPC | Fragment:
        """The type that a pattern stands for; a fragment when it stands for more (8.1)."""
        scheme, body = self._scheme(rest)
        pieces = self._components(body, len(scheme.components))
        known = list(pieces)
        while known and known[-1] == "*":
            known.pop()
        if scheme.namespace == "class":
            raise self._refusal(f"expected {PREFIX}class:{scheme.name}, found idpat")
        stars = len(pieces) - len(known)
        if not stars or (stars == 1 and scheme.key and scheme.key.types):
            return self._epc(scheme, tuple(known))
        for component, value in zip(scheme.components, known, strict=False):
            if not component.form.fullmatch(value):
                raise self._refusal(f"expected {component.expected} ({component.name}), found {shown(value)}")
        parts = tuple(Part(component.name, value) for component, value in zip(scheme.components, known, strict=False))
        return Fragment(f"Pattern of EPCs ({scheme.title})", parts, tuple(self._forgiven))

    def _tag(self, rest: str) -> EPC:
        """The EPC that a tag URI names; it must have room in the coding (12.3.2, 12.4)."""
        name, _, body = rest.partition(":")
        coding = CODINGS.get(name)
        if not coding:
            raise self._refusal(f"expected a binary coding scheme of {', '.join(CODINGS)}, found {shown(name)}")
        scheme = SCHEMES[coding.scheme]
        filter_value = "0"
        if coding.filter_bits:
            filter_value, _, body = body.partition(".")
            if not _FILTER_VALUE.fullmatch(filter_value) or int(filter_value) >> coding.filter_bits:
                most = (1 << coding.filter_bits) - 1
                raise self._refusal(f"expected a filter value from 0 to {most}, found {shown(filter_value)}")
        if coding.retired:
            self._remark_retired(coding.name)
        epc = self._epc(scheme, self._components(body, len(scheme.components)))
        try:
            coding.encode(epc.components, int(filter_value))
        except InvalidIdentifier as error:
            raise self._refusal(f"{error.message} in {coding.name}") from None
        return epc

    def _raw(self, rest: str) -> EPC | Fragment:
        """What the bits of a raw URI encode (12.4)."""
        raw = _RAW.fullmatch(rest)
        if not raw:
            raise self._refusal(f"expected the number of bits, a dot, x and hexadecimal digits, found {shown(rest)}")
        if raw["other"]:
            raise self._refusal("expected the bits of an EPC, found those of another application family")
        length = int(raw["length"])
        number = int(raw["decimal"]) if raw["decimal"] else int(raw["hexadecimal"], 16)
        if number >> length:
            raise self._refusal(f"expected a number of {length} bits, found a larger one")
        return self._encoding(Bits(number, length))

    def hexadecimal(self, digits: str) -> EPC | Fragment:
        """What the bits of hexadecimal digits encode."""
        wrong = _NO_DIGIT.search(digits)
        if wrong:
            raise self._refusal(
                f"expected hexadecimal digits or a URI, found {shown(wrong[0])} at position {wrong.start() + 1}"
            )
        if not 2 <= len(digits) <= MOST_DIGITS:
            raise self._refusal(f"expected 2 to {MOST_DIGITS} hexadecimal digits, found {len(digits)}")
        return self._encoding(Bits(int(digits, 16), 4 * len(digits)))

    def _encoding(self, bits: Bits) -> EPC | Fragment:
        """What an encoding names (14.4)."""
        header = bits.number >> max(0, bits.length - 8)
        if header in NOT_READ:
            return self._not_read(NOT_READ[header], bits)
        coding = BY_HEADER.get(header)
        if not coding or bits.length < 8:
            raise self._refusal(f"expected the header of a binary coding scheme, found {header:02X}")
        try:
            components, _ = coding.decode(bits)
        except InvalidIdentifier as error:
            raise self._refusal(f"{error.message} in {coding.name}") from None
        if coding.retired:
            self._remark_retired(coding.name)
        return self._epc(SCHEMES[coding.scheme], components)

    def _not_read(self, name: str, bits: Bits) -> Fragment:
        """The key of an encoding as TDS 2 has it, of which nothing else is read."""
        title, start, count = _KEY_DIGITS.get(name.rstrip("+"), ("", 0, 0))
        left = bits.length - start - 4 * count
        key = f"{bits.number >> max(0, left) & (1 << 4 * count) - 1:0{count}X}" if count else ""
        if left < 0 or not key.isdecimal() or check_digit_of(key[:-1]) != key[-1]:
            raise self._refusal(f"expected a coding scheme older than TDS 2, found {name}, which is not read yet")
        finding = Finding(
            "EPC_NOT_READ", f"Expected a coding scheme older than TDS 2, found {name}: read is its key alone."
        )
        return Fragment(f"{name} tag", (Part(title, key),), (*self._forgiven, finding))

    def _scheme(self, rest: str) -> tuple[Scheme, str]:
        name, _, body = rest.partition(":")
        if name not in SCHEMES:
            raise self._refusal(f"expected an EPC scheme of {', '.join(SCHEMES)}, found {shown(name)}")
        return SCHEMES[name], body

    def _components(self, body: str, count: int) -> tuple[str, ...]:
        """What stands between the dots, without escapes; the last of them may have dots of its own."""
        bare = _BARE.search(body)
        if bare and self._strict:
            position = len(self._text) - len(body) + bare.start() + 1
            raise self._refusal(f"expected %{ord(bare[0]):02X}, found {shown(bare[0])} at position {position}")
        if bare:
            self._forgive("EPC_URI_ESCAPE", f"Expected %{ord(bare[0]):02X}, found {shown(bare[0])}.")
        pieces = body.split(".", count - 1)
        if len(pieces) != count:
            raise self._refusal(f"expected {count} components with dots between them, found {len(pieces)}")
        return tuple(_ESCAPE.sub(_unescaped, piece) for piece in pieces)

    def _epc(self, scheme: Scheme, components: tuple[str, ...]) -> EPC:
        return EPC(scheme.name, components, tuple(self._forgiven))

    def _remark_retired(self, name: str) -> None:
        message = f"Expected a coding that is still written, found {name}."
        self._forgive("EPC_RETIRED_CODING", message)

    def _forgive(self, code: str, message: str) -> None:
        self._forgiven.append(Finding(code, message))

    def _refusal(self, why: str) -> InvalidIdentifier:
        return InvalidIdentifier(f"{shown(self._text)} is not an EPC: {why}.")


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16))
