"""The EPC itself, and its written forms.

References:
    GS1 EPC Tag Data Standard 2.3, 6 (URIs), 7 (GS1 keys), 12 (tag URIs), 14 and 15.1.1 (binary)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from twin.errors import InvalidIdentifier, InvalidInput, shown
from twin.identity._convention import Finding, Granularity, Identifier, Part, require_text
from twin.identity.epc.codings import CODINGS, WORD
from twin.identity.epc.keys import components_of, elements_of
from twin.identity.epc.schemes import SCHEMES
from twin.identity.gs1 import GS1
from twin.identity.iuid import IUID
from twin.identity.part import MakerPart

if TYPE_CHECKING:
    from twin.identity.epc.codings import Coding
    from twin.identity.epc.fields import Bits
    from twin.identity.epc.schemes import Scheme

__all__ = ["EPC", "SCHEME"]

SCHEME: Final = "epc"

_ESCAPES: Final = str.maketrans({character: f"%{ord(character):02X}" for character in '"#%&/<>?'})

# 7.3.3 to 7.3.8: numbers for use within a company or a region, coupons, receipts, serial publications. Five zeros stand
# before a GTIN-8, which with 0 or 2 in front is for use within a company.
_NO_TRADE_ITEM: Final = re.compile(r"0[24]|000[1-7]|00000[02]|2|977|98[0-4]|99")

# The issuing agency code of a CAGE code of five characters, and of a DoDAAC of six, in a unique item identifier.
_AGENCIES: Final = {5: "D", 6: "LD"}


@dataclass(frozen=True, slots=True)
class EPC:
    """An electronic product code, or the type or lot that several have in common.

    Other than a GS1 key, it knows how long the GS1 Company Prefix is.

    Args:
        scheme: the EPC scheme, such as `sgtin`.
        components: what stands between the dots of its URI, without escapes. The last one, the serial number, is left
            out for what all of a type have in common.
        forgiven: what had to be forgiven when it was read.

    Raises:
        InvalidIdentifier: no such scheme, or components that break its rules or those of the GS1 key.
        InvalidInput: not texts.
        TooLarge: more than 2,000 characters.

    References:
        TDS 6.3 (schemes), 6.4 (lots), 7 (GS1 keys), 8 (types); of the check digits, ISO 6346 (containers) was not at
        hand, nor was the IMO's resolution on vessels

    Examples:
        >>> epc = EPC("sgtin", ("0614141", "812345", "6789"))
        >>> epc.canonical, epc.company_prefix
        ('gs1:01/80614141123458/21/6789', '0614141')
        >>> EPC("sgtin", ("0614141", "12345", "6789"))
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: 'sgtin:0614141.12345.6789' is not an EPC: expected 6 characters (Item reference \
and indicator) next to a GS1 Company Prefix of 7, found '12345' at position 15.
    """

    scheme: str
    components: tuple[str, ...]
    forgiven: tuple[Finding, ...] = field(default=(), compare=False, repr=False)
    _equivalent: Identifier | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if require_text(self.scheme) not in SCHEMES:
            raise InvalidIdentifier(f"Expected an EPC scheme of {', '.join(SCHEMES)}, found {shown(self.scheme)}.")
        if not isinstance(self.components, tuple):
            raise InvalidInput(f"Expected a tuple of components, found {type(self.components).__name__}.")
        for component in self.components:
            require_text(component)
        fault = self._rules.fault(self.components)
        if fault:
            written = f"{self.scheme}:{'.'.join(self.components)}"
            before = (self.scheme, *self.components[: fault.place])
            found = shown(self.components[fault.place]) if fault.place < len(self.components) else "the end"
            raise InvalidIdentifier(
                f"{shown(written)} is not an EPC: expected {fault.expected}, "
                f"found {found} at position {sum(map(len, before)) + len(before) + 1}."
            )
        object.__setattr__(self, "_equivalent", self._find_equivalent())

    @classmethod
    def of_gs1(cls, gs1: GS1, company_prefix_length: int) -> EPC:
        """The EPC that a GS1 identifier is, or the type or lot.

        Args:
            gs1: the identifier.
            company_prefix_length: how many digits of the key are the GS1 Company Prefix, 4 to 12. The key does not
                tell: its owner knows. One of 4 or 5 digits counts as one of 6.

        Raises:
            InvalidIdentifier: no EPC says as much, or the number must not become one.
            InvalidInput: a length out of range.

        References:
            TDS 7.1 (short prefixes), 7.3.3 to 7.3.8 (what must not become an SGTIN)

        Examples:
            >>> EPC.of_gs1(GS1.of([("00", "106141412345678908")]), 7).as_pure_identity()
            'urn:epc:id:sscc:0614141.1234567890'
        """
        if not isinstance(gs1, GS1):
            raise InvalidInput(f"Expected a GS1 identifier, found {type(gs1).__name__}.")
        whole = isinstance(company_prefix_length, int) and not isinstance(company_prefix_length, bool)
        if not whole or not 4 <= company_prefix_length <= 12:
            raise InvalidInput(f"Expected a company prefix length of 4 to 12, found {shown(company_prefix_length)}.")
        ai = gs1.canonical.removeprefix("gs1:").partition("/")[0]
        epc = cls(*components_of(dict(gs1.elements), ai, max(6, company_prefix_length)))
        if epc.canonical != gs1.canonical:
            raise InvalidIdentifier(f"{shown(gs1.canonical)} is no EPC: expected {shown(epc.canonical)} at most.")
        for finding in epc.findings:
            raise InvalidIdentifier(f"{shown(gs1.canonical)} must not become an EPC: {finding.message}")
        return epc

    @property
    def _rules(self) -> Scheme:
        return SCHEMES[self.scheme]

    def _find_equivalent(self) -> Identifier | None:
        """The same thing in another scheme: its GS1 key, or the unique item identifier of an aerospace part."""
        if self._rules.key:
            return GS1.of(elements_of(self._rules.key, self.components))
        if self.scheme != "adi":
            return None
        cage, part_number, serial = self.components
        try:
            return IUID.of(_AGENCIES[len(cage)], cage, serial, part_number=part_number or None)
        except InvalidIdentifier:  # `#` before the serial number, or more than such an identifier holds
            return None

    @property
    def is_type(self) -> bool:
        """Whether the serial number is left out, so that it names what all of a type have in common."""
        return len(self.components) < len(self._rules.components)

    @property
    def company_prefix(self) -> str | None:
        """The GS1 Company Prefix; None in a scheme that has none."""
        return self.components[0] if self._rules.key else None

    @property
    def canonical(self) -> str:
        """That of the GS1 key or unique item identifier that it is; if it is neither, `epc:`, the scheme and the rest.

        A part that bears `#` before its serial number is no unique item: the number was made up for the tag.

        References:
            TDS 6.3.18

        Examples:
            >>> EPC("adi", ("35962", "PQ7VZ4", "M37GXB92")).canonical
            'iuid:D35962PQ7VZ4M37GXB92'
            >>> EPC("adi", ("35962", "PQ7VZ4", "#1")).canonical
            'epc:adi:35962.PQ7VZ4.%231'
        """
        return self._equivalent.canonical if self._equivalent else f"{SCHEME}:{self.scheme}:{self._written}"

    @property
    def granularity(self) -> Granularity | None:
        """That of the GS1 key; in a scheme without one, it names one object."""
        return self._equivalent.granularity if self._equivalent else Granularity.ITEM

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """What its GS1 key or unique item identifier implies; of a part that has none, its maker's part number."""
        if self._equivalent:
            return self._equivalent.implied
        return (MakerPart(*self.components[:2]),) if self.scheme == "adi" and self.components[1] else ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was forgiven, and `EPC_RESTRICTED_NUMBER`: a number that must not become an EPC of a trade item.

        References:
            TDS 7.3.3 to 7.3.8

        Examples:
            >>> [finding.code for finding in EPC("sgtin", ("2012345", "012345", "1")).findings]
            ['EPC_RESTRICTED_NUMBER']
        """
        if self.scheme != "sgtin":
            return self.forgiven
        restricted = _NO_TRADE_ITEM.match(self.components[0] + self.components[1][1:])
        if not restricted:
            return self.forgiven
        message = f"Expected a number of a trade item, found one that begins with {restricted[0]}, which is restricted."
        return (*self.forgiven, Finding("EPC_RESTRICTED_NUMBER", message))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The components that are not empty, without escapes."""
        named = zip(self._rules.components, self.components, strict=False)
        return tuple(Part(component.name, value) for component, value in named if value)

    @property
    def _written(self) -> str:
        return ".".join(component.translate(_ESCAPES) for component in self.components)

    def as_gs1(self) -> GS1 | None:
        """The GS1 identifier that it is; None in a scheme without a GS1 key.

        References:
            TDS 7
        """
        return self._equivalent if isinstance(self._equivalent, GS1) else None

    def as_pure_identity(self) -> str:
        """The URI: of one object, of a lot, or the pattern that all of a type match.

        References:
            TDS 6.3 (one object), 6.4 (lot), 8 (pattern)

        Examples:
            >>> EPC("sgtin", ("0614141", "712345", "32a/b")).as_pure_identity()
            'urn:epc:id:sgtin:0614141.712345.32a%2Fb'
            >>> EPC("sgtin", ("0614141", "712345")).as_pure_identity()
            'urn:epc:idpat:sgtin:0614141.712345.*'
        """
        if self.is_type:
            return f"urn:epc:idpat:{self.scheme}:{self._written}.*"
        return f"urn:epc:{self._rules.namespace}:{self.scheme}:{self._written}"

    def as_tag_uri(self, filter_value: int = 0, coding: str | None = None) -> str:
        """The URI that says how it stands on a tag.

        Args:
            filter_value: what kind of thing is tagged, a help to readers: 0 for all others, to 7 (15 in a DoD
                identifier, 63 in an ADI, 0 in a GID, which has none).
            coding: the binary coding scheme, such as `sgtin-198`; by default the shortest that holds the EPC.

        Raises:
            InvalidInput: a filter value out of range, or no coding that holds the EPC.

        References:
            TDS 10 (filter values), 12.3.2

        Examples:
            >>> EPC("sgtin", ("0614141", "812345", "06789")).as_tag_uri(3)
            'urn:epc:tag:sgtin-198:3.0614141.812345.06789'
        """
        used, _ = self._coded(filter_value, coding)
        written_filter = f"{filter_value}." if used.filter_bits else ""
        return f"urn:epc:tag:{used.name}:{written_filter}{self._written}"

    def as_hex(self, filter_value: int = 0, coding: str | None = None) -> str:
        """What a tag stores, in hexadecimal digits: the encoding, filled up with zero bits to words of 16.

        Args:
            filter_value: as for the tag URI.
            coding: as for the tag URI.

        Raises:
            InvalidInput: a filter value out of range, or no coding that holds the EPC.

        References:
            TDS 14.3, 15.1.1

        Examples:
            >>> EPC("sgtin", ("0614141", "812345", "6789")).as_hex(3)
            '3074257BF7194E4000001A85'
        """
        _, (number, length) = self._coded(filter_value, coding)
        words = -(-length // WORD)
        return f"{number << words * WORD - length:0{words * WORD // 4}X}"

    def _coded(self, filter_value: int, name: str | None) -> tuple[Coding, Bits]:
        fitting = [coding for coding in CODINGS.values() if coding.scheme == self.scheme and not coding.retired]
        if name is not None:
            fitting = [coding for coding in fitting if coding.name == require_text(name)]
        if self.is_type or not fitting:
            raise InvalidInput(
                f"{self.as_pure_identity()}: expected one object in a binary coding scheme, found {shown(name)}."
            )
        why = ""
        for coding in fitting:
            coding.require_filter_value(filter_value)
            try:
                return coding, coding.encode(self.components, filter_value)
            except InvalidIdentifier as error:
                why = f"{self.as_pure_identity()} does not fit {coding.name}: {error.message}."
        raise InvalidInput(why)
