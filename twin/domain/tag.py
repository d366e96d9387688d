"""The RFID tag of a label: what is written into its EPC memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from twin import identity
from twin.domain.history import Document
from twin.errors import InvalidIdentifier, InvalidInput, shown
from twin.identity.epc import EPC
from twin.identity.gs1 import GS1

__all__ = ["Tag"]

PREFIXES: Final = 4, 12
FILTERS: Final = 0, 63


@dataclass(frozen=True, slots=True)
class Tag:
    """That a label has a tag, and how the EPC of its asset is encoded: in the shortest coding that holds it.

    Args:
        company_prefix_length: how many digits of a GS1 key are the GS1 Company Prefix, 4 to 12, which the key does not
            tell; None: only assets have an EPC that have an identifier of the scheme `epc`.
        filter_value: what kind of thing is tagged, a help to readers: 0 for all others, to 7 (63 of an aerospace part).

    Raises:
        InvalidInput: a number out of range.

    References:
        GS1 EPC Tag Data Standard 2.3, 7 (GS1 keys), 10 (filter values)
    """

    company_prefix_length: int | None = None
    filter_value: int = 0

    def __post_init__(self) -> None:
        if self.company_prefix_length is not None:
            _whole("companyPrefixLength", self.company_prefix_length, PREFIXES)
        _whole("filterValue", self.filter_value, FILTERS)

    @classmethod
    def from_document(cls, document: Document) -> Tag:
        """The tag that a document holds."""
        return cls(document.get("company_prefix_length"), document["filter_value"])

    def as_document(self) -> dict[str, Any]:
        """As a template's document holds it: what is not said is absent."""
        length = self.company_prefix_length
        return ({} if length is None else {"company_prefix_length": length}) | {"filter_value": self.filter_value}

    def epc_of(self, identifiers: Iterable[str]) -> str:
        """What the tag of an asset stores, in hexadecimal digits, filled up to words of 16 bits.

        Args:
            identifiers: the asset's, in canonical form.

        Raises:
            InvalidInput: none of them is an EPC that a tag holds, or several are different ones.

        Examples:
            >>> Tag(7, 3).epc_of(["vin:1M8GDM9AXKP042788", "gs1:01/80614141123458/21/6789"])
            '3074257BF7194E4000001A85'
        """
        known, found, why = list(identifiers), {}, ""
        for canonical in known:
            try:
                epc = self._epc(canonical)
                if epc is not None:
                    found[epc.as_hex(self.filter_value)] = canonical
            except InvalidInput as error:
                why = f" {error.message}"
        if len(found) == 1:
            return next(iter(found))
        named = " and ".join(map(shown, found.values() if found else known)) or "none"
        expected = "an identifier that is an EPC" if not found else "one identifier that is an EPC"
        raise InvalidInput(f"expected {expected} for the tag, found {named}.{why}", path=("tag",))

    def _epc(self, canonical: str) -> EPC | None:
        scheme, _, _ = canonical.partition(":")
        if scheme not in {"epc", "gs1"}:
            return None
        known = identity.parse(canonical)
        if isinstance(known, EPC):
            return known
        if not isinstance(known, GS1):
            return None
        if self.company_prefix_length is None:
            raise InvalidIdentifier(f"The template does not say how long the company prefix of {shown(canonical)} is.")
        return EPC.of_gs1(known, self.company_prefix_length)


def _whole(name: str, found: object, bounds: tuple[int, int]) -> None:
    low, high = bounds
    if type(found) is not int or not low <= found <= high:
        raise InvalidInput(
            f"{name}: expected a whole number, {low} to {high}, found {shown(found)}.", path=("tag", name)
        )
