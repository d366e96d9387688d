"""What a message names, whichever of its formats says so.

References:
    ISO/IEC 15434 (its text was not at hand); ANSI MH10.8.2 (data identifiers, and the application identifiers that
    they correspond to); MIL-STD-130N, tables A-II, VI and VII
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity import gs1, licence_plate, vin
from twin.identity._convention import Finding, Fragment, Identifier, Part
from twin.identity.gs1 import GS1
from twin.identity.iuid import constructs, data_identifiers, envelope, text_elements
from twin.identity.iuid.constructs import Derivation
from twin.identity.iuid.data_identifiers import DATA_IDENTIFIERS
from twin.identity.iuid.envelope import Format, Message
from twin.identity.iuid.enveloped import remarked
from twin.identity.iuid.text_elements import TEXT_ELEMENTS
from twin.identity.iuid.uii import IUID, Construct

__all__ = ["named"]

DATA: Final = "Data of an ISO/IEC 15434 message"

_FORMATS: Final = {
    "01": "Transportation data",
    "02": "Complete EDI message",
    "03": "ASC X12 data",
    "04": "UN/EDIFACT data",
    "07": "Free text",
    "08": "CII data",
    "09": "Binary data",
    "14": "JSON data",
    "15": "Digital signature data",
}

GS1_DATA_MATRIX: Final = "]d2"

# The application identifiers that are accepted for a UII. A cell phone's (8002) is no GS1 key.
_GS1_EQUIVALENTS: Final = ("8004", "8003")
_TELEPHONE: Final = "8002"


_OF_ONE_ELEMENT: Final[Mapping[str, Callable[[str], Identifier]]] = {
    "I": vin.parse,
    "4I": lambda value: vin.parse(value.partition("+")[0]),  # and the registration plate
    "8S": lambda value: GS1.of([("00", value)]),
    **dict.fromkeys(licence_plate.DATA_IDENTIFIERS, licence_plate.of_transport_unit),
}
# The application identifiers that correspond to what may stand next to a GTIN under 8P.
_BESIDE_GTIN: Final = {"1T": "10", "S": "21"}


@dataclass(slots=True)
class _Named:
    """What the formats of a message name, together."""

    identifiers: list[Identifier] = field(default_factory=list)
    fragments: list[Fragment] = field(default_factory=list)
    faults: list[InvalidIdentifier] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)

    def attempt(self, make: Callable[[str], Identifier], value: str) -> bool:
        """Add what can be made of a value, or why it cannot; whether it could."""
        try:
            self.identifiers.append(make(value))
        except InvalidIdentifier as error:
            self.faults.append(error)
            return False
        return True


def named(message: Message) -> tuple[Identifier | Fragment, ...]:
    r"""What the message names, the likeliest first, then the data that names nothing.

    What is the matter with the message is a finding of each identifier; what is the matter with data that names nothing
    is one of the fragment. Several identifiers that are not one thing have the finding `IUID_SEVERAL`.

    Args:
        message: as it was read.

    Raises:
        InvalidIdentifier: it clearly means to name something, and nothing that it names is valid.

    References:
        MIL-STD-130N, tables A-II, VI and VII

    Examples:
        >>> message = envelope.read("[)>\x1e06\x1d17V1AB23\x1d1PPN123\x1dSSER\x1dQ1\x1e\x04")
        >>> item, rest = named(message)
        >>> item.canonical, rest.parts
        ('iuid:D1AB23PN123SER', (Part(name='Quantity', value='1'),))
        >>> [found.canonical for found in named(envelope.read("[)>\x1e06\x1dI1M8GDM9AXKP042788\x1e\x04"))]
        ['vin:1M8GDM9AXKP042788']
    """
    found = _Named()
    for each in message.formats:
        if each.indicator == envelope.DATA_IDENTIFIERS:
            _read_data_identifiers(each.elements, found)
        elif each.indicator in envelope.TEXT_ELEMENTS:
            _read_text_elements(each.elements, found)
        elif each.indicator == envelope.APPLICATION_IDENTIFIERS:
            _read_application_identifiers(each.elements, found)
        else:
            found.fragments.append(_other_format(each))
    identifiers = _distinct(found.identifiers)
    if found.faults and not identifiers:
        raise found.faults[0]
    findings = [*message.findings, *found.remarks]
    findings += [Finding("IUID_ELEMENT", f"An element was passed over: {fault.message}") for fault in found.faults]
    if not identifiers:
        return tuple(Fragment(each.title, each.parts, (*findings, *each.findings)) for each in found.fragments)
    if len(identifiers) > 1:
        several = ", ".join(each.canonical for each in identifiers)
        findings.append(Finding("IUID_SEVERAL", f"Expected a message that names one thing, found {several}."))
    return (*(remarked(each, tuple(findings)) for each in identifiers), *found.fragments)


def _distinct(identifiers: Sequence[Identifier]) -> list[Identifier]:
    """The identifiers without those that say the same, or that another implies."""
    first = {each.canonical: each for each in reversed(identifiers)}
    implied = {other.canonical for each in identifiers for other in each.implied}
    return [each for each in identifiers if first[each.canonical] is each and each.canonical not in implied]


def _read_data_identifiers(elements: Iterable[str], found: _Named) -> None:
    pairs = [data_identifiers.split(element) or ("", element) for element in elements]
    derivation = _derived(pairs, constructs.DATA_IDENTIFIERS, found)
    used = derivation.used
    for code, make in _OF_ONE_ELEMENT.items():
        if code in derivation.values and found.attempt(make, derivation.values[code]):
            used.add(code)
    if gtin := derivation.values.get("8P"):
        beside = [(ai, derivation.values[code]) for code, ai in _BESIDE_GTIN.items() if code in derivation.values]
        if found.attempt(lambda value: GS1.of([("01", value), *beside]), gtin):
            used.update(("8P", *_BESIDE_GTIN))
    _rest(pairs, derivation, _data_identifier, found)


def _read_text_elements(elements: Sequence[str], found: _Named) -> None:
    pairs = [text_elements.split(element) or ("", element) for element in elements]
    for (code, _), element in zip(pairs, elements, strict=True):
        if code and element[len(code)] != " ":
            message = f"{code}: expected a space before the data, found {shown(element[len(code)])}."
            found.remarks.append(Finding("IUID_TEXT_ELEMENT", message))
    derivation = _derived(pairs, constructs.TEXT_ELEMENTS, found)
    _rest(pairs, derivation, _text_element, found)


def _derived(pairs: Sequence[tuple[str, str]], qualifiers: constructs.Qualifiers, found: _Named) -> Derivation:
    derivation = Derivation([pair for pair in pairs if pair[0]], qualifiers)
    found.identifiers += derivation.identifiers
    found.faults += derivation.faults
    found.remarks += derivation.remarks
    return derivation


def _read_application_identifiers(elements: Sequence[str], found: _Named) -> None:
    try:
        read: Sequence[Identifier | Fragment] = gs1.read(envelope.GS.join(elements), GS1_DATA_MATRIX)
    except InvalidIdentifier as error:
        read = [each for element in elements if (each := _equivalent(element))]
        if not read:
            found.faults.append(error)
            return
        found.remarks.append(Finding("IUID_GS1_DATA", f"Only what is a UII was read: {error.message}"))
    identifiers = [each for each in read if not isinstance(each, Fragment)]
    found.identifiers += identifiers or [each for element in elements if (each := _equivalent(element))]
    found.fragments += [each for each in read if isinstance(each, Fragment)]


def _equivalent(element: str) -> Identifier | None:
    """What an application identifier that is accepted for a UII names by itself."""
    ai, value = element[:4], element[4:]
    try:
        if ai in _GS1_EQUIVALENTS:
            return GS1.of([(ai, value)])
        if ai == _TELEPHONE:
            return IUID(value, Construct.EQUIVALENT, serial=value, encoded=((ai, value),))
    except InvalidIdentifier:
        return None
    return None


def _data_identifier(code: str, value: str) -> tuple[str, Finding | None]:
    """The name of a data identifier, and what is the matter with it or its data."""
    known = DATA_IDENTIFIERS.get(code)
    if known is None:
        return f"Data identifier {code}", Finding("IUID_DATA_IDENTIFIER", f"{code}: expected a known data identifier.")
    if known.admits(value):
        return known.name, None
    return known.name, Finding(
        "IUID_FORMAT", f"{code}: expected data of the format {known.format}, found {shown(value)}."
    )


def _text_element(code: str, _: str) -> tuple[str, Finding | None]:
    """The name of a text element; of its data we know no format."""
    return TEXT_ELEMENTS.get(code, f"Text element {code}"), None


def _rest(
    pairs: Iterable[tuple[str, str]],
    derivation: Derivation,
    name: Callable[[str, str], tuple[str, Finding | None]],
    found: _Named,
) -> None:
    """Keep the data that names nothing, and remark on blanks around the data that does."""
    found.remarks += [
        Finding("IUID_BLANKS", f"{code}: expected data without blanks around it.")
        for code in sorted(derivation.trimmed & derivation.used)
    ]
    parts, findings = [], []
    for code, value in pairs:
        if code in derivation.used:
            continue
        if code:
            title, finding = name(code, value)
        else:
            title = "Data without an identifier"
            finding = Finding("IUID_DATA_IDENTIFIER", f"Expected an identifier before the data, found {shown(value)}.")
        parts.append(Part(title, value))
        if finding is not None:
            findings.append(finding)
    if parts:
        found.fragments.append(Fragment(DATA, tuple(parts), tuple(findings)))


def _other_format(format: Format) -> Fragment:  # noqa: A002
    name = _FORMATS.get(format.indicator, f"Data of format {format.indicator}")
    return Fragment(DATA, tuple(Part(name, element) for element in format.elements))
