"""From a set of qualified elements to what it names: a UII by one of its constructs, else the maker's part.

The same sets are used outside defence, with part and serial numbers that no UII may hold: then the item is named by its
maker, part number and serial number, with the reason as a finding.

References:
    MIL-STD-130N with Change 1, tables IV, VI, VII and A-II, read in excerpts. Unverified, and as public programs have
    it: the lot under each of LOT, LTN and BII, and that USN and UST begin with a CAGE code without the agency's D
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import Finding, Identifier
from twin.identity.iuid.agencies import AGENCIES, CAGE
from twin.identity.iuid.enveloped import remarked
from twin.identity.iuid.uii import IUID, Construct
from twin.identity.part import MakerPart

__all__ = ["DATA_IDENTIFIERS", "TEXT_ELEMENTS", "Derivation", "Qualifiers"]

_GS1: Final = "0-9"
_IN_DATA: Final = ""


@dataclass(frozen=True, slots=True)
class Qualifiers:
    """Which qualifiers of a format say what.

    Args:
        enterprises: the agency's code by the qualifier of the enterprise; "" where the data begins with the code.
        parts: part numbers; the first alone makes a UII.
        lots: lots, which may take the part's place in a UII.
        serial: a serial number that is unique within the part or the lot.
        cage_and_serial: a CAGE code and a serial number in one, without the agency's code.
        complete: a UII in one.
        enterprise_serials: serial numbers that are unique within the enterprise, by its qualifier; others' under "".
        makers: further qualifiers of who numbers parts, which make no UII.
        telephone: a cell phone's serial number, an equivalent of a UII.
    """

    enterprises: Mapping[str, str]
    parts: tuple[str, ...]
    lots: tuple[str, ...]
    serial: str
    cage_and_serial: tuple[str, ...]
    complete: str
    enterprise_serials: Mapping[str, str] = field(default_factory=dict)
    makers: tuple[str, ...] = ()
    telephone: str | None = None


DATA_IDENTIFIERS: Final = Qualifiers(
    enterprises={"17V": "D", "12V": "UN", "3V": _GS1, "7L": "LD", "18V": _IN_DATA},
    parts=("1P",),
    lots=("1T",),
    serial="S",
    cage_and_serial=("18S",),
    complete="25S",
    makers=("25V", "13V"),
    telephone="22S",
)
"""MIL-STD-130N, table A-II; the makers as in ANSI MH10.8.2."""

TEXT_ELEMENTS: Final = Qualifiers(
    enterprises={"CAG": "D", "MFR": "D", "SPL": "D", "DUN": "UN", "EUC": _GS1},
    parts=("PNO", "PNR"),
    lots=("LTN", "LOT", "BII"),
    serial="SEQ",
    cage_and_serial=("USN", "UST"),
    complete="UID",
    enterprise_serials={"SPL": "UCN", "": "SER"},
)
"""MIL-STD-130N, table VI."""

_CAGE_AND_SERIAL: Final = re.compile(rf"({CAGE})(.+)", re.DOTALL)
# Where the agency's code can be told from the enterprise that follows it.
_AGENCY_AND_ENTERPRISE: Final = re.compile(rf"(D)({CAGE})|(UN)([0-9]{{9,13}})|(LD)([0-9A-Z]{{6}})|(L[BH])([0-9A-Z]+)")
_SOME_AGENCY_AND_ENTERPRISE: Final = re.compile("[0-9A-Z]{3,}")


@dataclass(frozen=True, slots=True)
class _Enterprise:
    qualifier: str
    agency: str | None
    value: str


class Derivation:
    """What a set of elements names, and what of it was used for that.

    Args:
        elements: qualifiers and data, in order.
        qualifiers: the format's.

    Attributes:
        identifiers: what is named, the likeliest first.
        used: the qualifiers that it was derived from.
        values: the data of each qualifier that was not repeated, without blanks around it.
        trimmed: the qualifiers whose data had blanks around it.
        remarks: what is doubtful about the set.
        faults: why something that the set clearly means to name is broken.

    References:
        MIL-STD-130N, tables IV, VI and A-II

    Examples:
        >>> derived = Derivation([("17V", "1AB23"), ("1T", "L7"), ("S", "9"), ("Q", "1")], DATA_IDENTIFIERS)
        >>> [found.canonical for found in derived.identifiers], sorted(derived.used)
        (['iuid:D1AB23L79'], ['17V', '1T', 'S'])
        >>> derived = Derivation([("DUN", "194532636"), ("PNO", "PN 7"), ("SEQ", "a.1")], TEXT_ELEMENTS)
        >>> [found.canonical for found in derived.identifiers]
        ['part:194532636/PN%207/serial/a.1']
    """

    def __init__(self, elements: Sequence[tuple[str, str]], qualifiers: Qualifiers) -> None:
        self.identifiers: list[Identifier] = []
        self.used: set[str] = set()
        self.trimmed: set[str] = {qualifier for qualifier, value in elements if value != value.strip(" ")}
        self.remarks: list[Finding] = []
        self.faults: list[InvalidIdentifier] = []
        self._qualifiers = qualifiers
        self.values = self._single(elements)
        self._derive()

    def _single(self, elements: Sequence[tuple[str, str]]) -> dict[str, str]:
        """The data of each qualifier that stands once, or always with the same data."""
        values: dict[str, str] = {}
        present = [(qualifier, bare) for qualifier, value in elements if (bare := value.strip(" "))]
        repeated = {qualifier for qualifier, value in present if values.setdefault(qualifier, value) != value}
        for qualifier in sorted(repeated):
            del values[qualifier]
            message = f"{qualifier}: expected it once, found it with several data, of which none was chosen."
            self.remarks.append(Finding("IUID_REPEATED", message))
        return values

    def _derive(self) -> None:
        qualifiers = self._qualifiers
        part, lot, serial = (self._first(each) for each in (qualifiers.parts, qualifiers.lots, (qualifiers.serial,)))
        for qualifier in self._present(qualifiers.cage_and_serial):
            self._cage_and_serial(qualifier, part, lot)
        original = part if part == qualifiers.parts[0] else None
        if serial and (original or lot):
            for enterprise in self._enterprises():
                self._item(Construct.TWO, enterprise, serial, original, lot)
        else:
            for enterprise, its_serial in self._enterprise_serials():
                self._item(Construct.ONE, enterprise, its_serial, part, lot)
        for qualifier in self._present((qualifiers.complete,)):
            self._complete(qualifier)
        for qualifier in self._present((qualifiers.telephone or "",)):
            self._equivalent(qualifier)
        if part and not self.identifiers and not self.faults:
            self._part(part, lot, serial)

    def _present(self, wanted: Iterable[str]) -> list[str]:
        return [qualifier for qualifier in wanted if qualifier in self.values]

    def _first(self, wanted: Iterable[str]) -> str | None:
        return next(iter(self._present(wanted)), None)

    def _enterprises(self) -> list[_Enterprise]:
        """Each enterprise that is named and is one."""
        found = []
        for qualifier in self._present(self._qualifiers.enterprises):
            try:
                found.append(self._enterprise(qualifier))
            except InvalidIdentifier as error:
                self.faults.append(error)
        return found

    def _enterprise(self, qualifier: str) -> _Enterprise:
        code, value = self._qualifiers.enterprises[qualifier], self.values[qualifier]
        if code == _IN_DATA:
            return self._named_in_data(qualifier, value)
        if code == _GS1:
            return _Enterprise(qualifier, value[0], AGENCIES["0"].require(value))
        return _Enterprise(qualifier, code, AGENCIES[code].require(value))

    def _named_in_data(self, qualifier: str, value: str) -> _Enterprise:
        """The enterprise of data that begins with the agency's code; all of the data when we know no such agency."""
        if found := _AGENCY_AND_ENTERPRISE.fullmatch(value):
            agency, enterprise = filter(None, found.groups())
            return _Enterprise(qualifier, agency, enterprise)
        if AGENCIES["0"].form.fullmatch(value):
            return _Enterprise(qualifier, value[0], value)
        if not _SOME_AGENCY_AND_ENTERPRISE.fullmatch(value):
            raise InvalidIdentifier(
                f"{shown(value)} is not an agency's code and an enterprise, as {qualifier} is: expected at least 3 "
                "characters, A-Z or 0-9."
            )
        message = f"{qualifier}: expected an issuing agency that MIL-STD-130 names, found {shown(value)}."
        self.remarks.append(Finding("IUID_AGENCY", message))
        return _Enterprise(qualifier, None, value)

    def _enterprise_serials(self) -> list[tuple[_Enterprise, str]]:
        """Each enterprise and the qualifier of its serial number; another's if nobody else claims that."""
        usual = self._qualifiers.enterprise_serials
        if not self._first(usual.values()):
            return []
        enterprises = self._enterprises()
        pairs = [(each, usual.get(each.qualifier, usual[""])) for each in enterprises]
        found = [(each, serial) for each, serial in pairs if serial in self.values]
        return found or [(each, serial) for each in enterprises[:1] for serial in self._present(usual.values())[:1]]

    def _item(
        self, construct: Construct, enterprise: _Enterprise, serial: str, part: str | None, lot: str | None
    ) -> None:
        """The UII, or the maker's part with the reason why there is none."""
        part, lot = self._sound(construct, part, lot)
        used = [enterprise.qualifier, serial, *filter(None, (part, lot))]
        within = None if construct is Construct.ONE else part or lot
        encoded = tuple((each, self.values[each]) for each in (enterprise.qualifier, within, serial) if each)
        number, batch, its_serial = self._optional(part), self._optional(lot), self.values[serial]
        try:
            self.identifiers.append(
                IUID.derived(construct, enterprise.agency, enterprise.value, number, batch, its_serial, encoded)
            )
            self.used.update(used)
        except InvalidIdentifier as error:
            if number is None:
                self.faults.append(error)
                return
            why = Finding("IUID_NOT_UII", f"Named by its maker's numbers instead: {error.message}")
            self._add(used, lambda: remarked(MakerPart(enterprise.value, number, batch, its_serial), (why,)))

    def _sound(self, construct: Construct, part: str | None, lot: str | None) -> tuple[str | None, str | None]:
        """The qualifiers of part and lot, without what only stands beside the UII and is no number."""
        if part is not None and construct is Construct.ONE and not _is_number(self.values[part]):
            part = None
        beside = construct is Construct.ONE or part is not None
        return part, lot if lot is None or not beside or _is_number(self.values[lot]) else None

    def _cage_and_serial(self, qualifier: str, part: str | None, lot: str | None) -> None:
        value, findings = _raised(self.values[qualifier])
        found = _CAGE_AND_SERIAL.fullmatch(value)
        if found is None:
            self.faults.append(
                InvalidIdentifier(
                    f"{shown(value)} is not a CAGE code and a serial number, as {qualifier} is: expected "
                    f"{AGENCIES['D'].expected}, then the serial number."
                )
            )
            return
        part, lot = self._sound(Construct.ONE, part, lot)
        beside, encoded = (self._optional(part), self._optional(lot)), ((qualifier, self.values[qualifier]),)
        self._add(
            [qualifier, *filter(None, (part, lot))],
            lambda: replace(IUID.derived(Construct.ONE, "D", found[1], *beside, found[2], encoded), findings=findings),
        )

    def _complete(self, qualifier: str) -> None:
        value, findings = _raised(self.values[qualifier])
        encoded = ((qualifier, self.values[qualifier]),)
        self._add([qualifier], lambda: replace(IUID.complete(value), encoded=encoded, findings=findings))

    def _equivalent(self, qualifier: str) -> None:
        value = self.values[qualifier]
        encoded = ((qualifier, value),)
        self._add([qualifier], lambda: IUID(value, Construct.EQUIVALENT, serial=value, encoded=encoded))

    def _part(self, part: str, lot: str | None, serial: str | None) -> None:
        """The maker's part, for what makes no UII: without a serial number, or by a maker that is no enterprise."""
        enterprise = next(iter(self._enterprises()), None)
        maker = self._first(self._qualifiers.makers)
        if enterprise is not None:
            maker, name, serial = enterprise.qualifier, enterprise.value, None
        elif maker is not None:
            name = self.values[maker]
        else:
            return
        self._add(
            [maker, part, *filter(None, (lot, serial))],
            lambda: MakerPart(name, self.values[part], self._optional(lot), self._optional(serial)),
        )

    def _optional(self, qualifier: str | None) -> str | None:
        return None if qualifier is None else self.values[qualifier]

    def _add(self, used: Iterable[str], make: Callable[[], Identifier]) -> None:
        """Add what can be made of these qualifiers, or why it cannot."""
        try:
            self.identifiers.append(make())
            self.used.update(used)
        except InvalidIdentifier as error:
            self.faults.append(error)


def _is_number(value: str) -> bool:
    """Whether a part number or a lot can be one."""
    try:
        MakerPart("any", value)
    except InvalidIdentifier:
        return False
    return True


def _raised(value: str) -> tuple[str, tuple[Finding, ...]]:
    """The data of an element that holds nothing but a UII, in upper case, and a remark if it was not."""
    raised = value.upper() if value.isascii() else value
    if raised == value:
        return value, ()
    return raised, (Finding("IUID_CASE", f"Letters: expected upper case, found {shown(value)}."),)
