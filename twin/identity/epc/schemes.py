"""The EPC schemes: the components of their URIs, and the GS1 key that they are, one entry of a table each.

References:
    GS1 EPC Tag Data Standard 2.3, 5 and 6.3 (grammar), 6.4 (lots), 7 (GS1 keys), 8 (patterns), Annex A (characters)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

__all__ = ["COMPANY_PREFIX", "SCHEMES", "Component", "Fault", "Key", "Scheme"]

SET_82: Final = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
SET_39: Final = r"[#\-/0-9A-Z]"


@dataclass(frozen=True, slots=True)
class Component:
    """One of the pieces between the dots.

    Args:
        name: for people.
        form: of the characters, without escapes.
        expected: the form in words.
        check_digit: what its last character must be, from those before it.
    """

    name: str
    form: re.Pattern[str]
    expected: str
    check_digit: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """How an EPC's components make a GS1 key. The first two are the GS1 Company Prefix and a reference.

    Args:
        ai: the application identifier.
        least: the fewest characters of company prefix and reference together.
        most: the most of them.
        before: what the element string has before the key.
        leads: whether the reference's first digit comes first, as a GTIN's indicator and an SSCC's extension do.
        checked: whether a check digit follows company prefix and reference.
        joined: how many of the components that follow stand in the same element string.
        then: the application identifier of the last component, if it has its own; else empty.
        without: the last component that says that there is none.
        types: whether the key without the last component names what all of a type have in common.
    """

    ai: str
    least: int
    most: int
    before: str = ""
    leads: bool = False
    checked: bool = True
    joined: int = 0
    then: str = ""
    without: str = ""
    types: bool = False


class Fault(NamedTuple):
    """Why components are not of a scheme: which one, and what was expected instead."""

    place: int
    expected: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """An EPC scheme.

    Args:
        name: as it stands in a URI.
        title: for people.
        components: in order.
        key: the GS1 key that it is; None when it is none.
        namespace: `id`, or `class` for what never names one object.
    """

    name: str
    title: str
    components: tuple[Component, ...]
    key: Key | None = None
    namespace: str = "id"

    def fault(self, components: tuple[str, ...]) -> Fault | None:
        """What is wrong with the components, without escapes; None when nothing is.

        The last component is missing in a type, where the scheme has types.
        """
        wanted = len(self.components)
        if len(components) != wanted and not (self.key and self.key.types and len(components) == wanted - 1):
            return Fault(min(len(components), wanted), f"{wanted} components with dots between them")
        for index, (component, value) in enumerate(zip(self.components, components, strict=False)):
            if not component.form.fullmatch(value):
                return Fault(index, f"{component.expected} ({component.name})")
            if component.check_digit and component.check_digit(value[:-1]) != value[-1]:
                return Fault(index, f"the check digit {component.check_digit(value[:-1])} ({component.name})")
        if self.key and not self.key.least <= len(components[0]) + len(components[1]) <= self.key.most:
            least, most = (max(0, length - len(components[0])) for length in (self.key.least, self.key.most))
            expected = f"{least} characters" if least == most else f"at most {most} characters"
            return Fault(
                1, f"{expected} ({self.components[1].name}) next to a {self.components[0].name} of {len(components[0])}"
            )
        return None


def _bic_check_digit(characters: str) -> str:
    # ISO 6346: letters count from 10 on without the multiples of 11, and each place counts twice the one before it.
    total = sum(_BIC_VALUES[character] << place for place, character in enumerate(characters))
    return str(total % 11 % 10)


def _imo_check_digit(digits: str) -> str:
    # The places count 7, 6, … 2; of their sum the last digit is the check digit.
    return str(sum(int(digit) * (7 - place) for place, digit in enumerate(digits)) % 10)


_BIC_VALUES: Final = dict(
    zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (value for value in range(39) if value % 11 or not value), strict=True)
)


def _digits(name: str, least: int, most: int) -> Component:
    return Component(name, re.compile(rf"[0-9]{{{least},{most}}}"), _count(least, most, "digits"))


def _number(name: str, most: int) -> Component:
    form = re.compile(rf"0|[1-9][0-9]{{0,{most - 1}}}")
    return Component(name, form, f"{_count(1, most, 'digits')} without leading zeros")


def _string(name: str, most: int) -> Component:
    form = re.compile(rf"{SET_82}{{1,{most}}}")
    return Component(name, form, f"{_count(1, most, 'characters')} of the GS1 set of 82")


def _count(least: int, most: int, what: str) -> str:
    return f"{least} {what}" if least == most else f"{least} to {most} {what}"


COMPANY_PREFIX: Final = _digits("GS1 Company Prefix", 6, 12)
_ITEM_REFERENCE: Final = _digits("Item reference and indicator", 1, 7)
_SERIAL: Final = _string("Serial number", 20)
_SERVICE_REFERENCE: Final = _digits("Service reference", 5, 11)
_PART_REFERENCE: Final = Component(
    "Component or part reference", re.compile(rf"{SET_39}{{1,24}}"), "1 to 24 characters of A-Z, 0-9, #, - and /"
)
# The standard's grammar would take 0, but the syntax dictionary's AI 8011 does not.
_PART_SERIAL: Final = Component(
    "Serial number", re.compile(r"[1-9][0-9]{0,11}"), "1 to 12 digits, the first of them not 0"
)
_CAGE: Final = Component(
    "CAGE code or DoDAAC", re.compile(r"[0-9A-HJ-NP-Z]{5,6}"), "5 or 6 characters of A-Z without I and O, or 0-9"
)
_ORIGINAL_PART_NUMBER: Final = Component(
    "Original part number", re.compile(r"[A-Z0-9/-]{0,32}"), "0 to 32 characters of A-Z, 0-9, - and /"
)
_ADI_SERIAL: Final = Component(
    "Serial number",
    re.compile(r"(?=.{1,30}\Z)#?[A-Z0-9/-]+"),
    "1 to 30 characters of A-Z, 0-9, - and /, perhaps after #",
)
_BIC: Final = Component(
    "BIC container code",
    re.compile(r"[A-HJ-NP-Z]{3}[JUZ][0-9]{7}"),
    "three letters, J, U or Z, and seven digits",
    _bic_check_digit,
)
_IMO_NUMBER: Final = Component("IMO vessel number", re.compile(r"[0-9]{7}"), "7 digits", _imo_check_digit)

SCHEMES: Final = {
    scheme.name: scheme
    for scheme in (
        # Of several schemes of one key, the first is the one of the key alone.
        Scheme(
            "sgtin",
            "Serialised trade item",
            (COMPANY_PREFIX, _ITEM_REFERENCE, _SERIAL),
            Key("01", 13, 13, leads=True, then="21", types=True),
        ),
        Scheme(
            "upui",
            "Unit pack of tobacco",
            (COMPANY_PREFIX, _ITEM_REFERENCE, _string("Third-party controlled extension", 28)),
            Key("01", 13, 13, leads=True, then="235", types=True),
        ),
        Scheme(
            "lgtin",
            "Lot of a trade item",
            (COMPANY_PREFIX, _ITEM_REFERENCE, _string("Batch or lot", 20)),
            Key("01", 13, 13, leads=True, then="10"),
            namespace="class",
        ),
        Scheme(
            "sscc",
            "Logistic unit",
            (COMPANY_PREFIX, _digits("Serial reference and extension", 5, 11)),
            Key("00", 17, 17, leads=True),
        ),
        Scheme(
            "sgln",
            "Location",
            (COMPANY_PREFIX, _digits("Location reference", 0, 6), _string("Extension", 20)),
            Key("414", 12, 12, then="254", without="0"),
        ),
        Scheme(
            "grai",
            "Returnable asset",
            (COMPANY_PREFIX, _digits("Asset type", 0, 6), _string("Serial number", 16)),
            Key("8003", 12, 12, before="0", joined=1, types=True),
        ),
        Scheme(
            "giai",
            "Individual asset",
            (COMPANY_PREFIX, _string("Individual asset reference", 24)),
            Key("8004", 7, 30, checked=False),
        ),
        Scheme("gsrn", "Service recipient", (COMPANY_PREFIX, _SERVICE_REFERENCE), Key("8018", 17, 17)),
        Scheme("gsrnp", "Service provider", (COMPANY_PREFIX, _SERVICE_REFERENCE), Key("8017", 17, 17)),
        Scheme(
            "gdti",
            "Document",
            (COMPANY_PREFIX, _digits("Document type", 0, 6), _string("Serial number", 17)),
            Key("253", 12, 12, joined=1, types=True),
        ),
        Scheme(
            "cpi",
            "Component or part",
            (COMPANY_PREFIX, _PART_REFERENCE, _PART_SERIAL),
            Key("8010", 7, 30, checked=False, then="8011", types=True),
        ),
        Scheme(
            "sgcn",
            "Coupon",
            (COMPANY_PREFIX, _digits("Coupon reference", 0, 6), _digits("Serial component", 1, 12)),
            Key("255", 12, 12, joined=1, types=True),
        ),
        Scheme(
            "ginc",
            "Consignment",
            (COMPANY_PREFIX, _string("Consignment reference", 24)),
            Key("401", 7, 30, checked=False),
        ),
        Scheme("gsin", "Shipment", (COMPANY_PREFIX, _digits("Shipper reference", 4, 10)), Key("402", 16, 16)),
        Scheme(
            "itip",
            "Piece of a trade item",
            (COMPANY_PREFIX, _ITEM_REFERENCE, _digits("Piece", 2, 2), _digits("Total", 2, 2), _SERIAL),
            Key("8006", 13, 13, leads=True, joined=2, then="21", types=True),
        ),
        Scheme("pgln", "Party", (COMPANY_PREFIX, _digits("Party reference", 0, 6)), Key("417", 12, 12)),
        Scheme(
            "gid",
            "General identifier",
            (_number("General manager number", 9), _number("Object class", 8), _number("Serial number", 11)),
        ),
        Scheme("usdod", "Shipment to the US Department of Defense", (_CAGE, _number("Serial number", 11))),
        Scheme("adi", "Aerospace or defence part", (_CAGE, _ORIGINAL_PART_NUMBER, _ADI_SERIAL)),
        Scheme("bic", "Intermodal container", (_BIC,)),
        Scheme("imovn", "Vessel", (_IMO_NUMBER,)),
    )
}
