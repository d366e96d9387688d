"""Agencies that give enterprises their identifiers, as far as unique item identifiers name them.

References:
    MIL-STD-130N with Change 1, table V (read in excerpts); ISO/IEC 15459-2 (the register, which names more of them)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity._convention import require_text

__all__ = ["AGENCIES", "CAGE", "GS1", "IssuingAgency", "agency_of"]

CAGE: Final = "[0-9A-HJ-NP-Z]{5}"
"""The pattern of a CAGE code, which is NATO's too: I and O are not used (GS1 EPC Tag Data Standard, ADI)."""


@dataclass(frozen=True, slots=True)
class IssuingAgency:
    """Who gives enterprises their identifiers.

    Args:
        code: its code; for GS1 the first digit of the company prefix is, which is never repeated.
        name: for people.
        enterprise: what it calls the identifier of an enterprise.
        form: the pattern of that.
        expected: the pattern in words.
        data_identifier: what marks such an enterprise in a message of format 06.
        text_element: what marks it in one of format 12; None if nothing does.
    """

    code: str
    name: str
    enterprise: str
    form: re.Pattern[str]
    expected: str
    data_identifier: str
    text_element: str | None = None

    def require(self, enterprise: str) -> str:
        """The identifier of an enterprise, if it is one of this agency's.

        Raises:
            InvalidIdentifier: it is not.
            InvalidInput: not a text.
            TooLarge: more than 2,000 characters.
        """
        if not self.form.fullmatch(require_text(enterprise)):
            raise InvalidIdentifier(f"{shown(enterprise)} is not a {self.enterprise}: expected {self.expected}.")
        return enterprise


GS1: Final = IssuingAgency("0-9", "GS1", "GS1 company prefix", re.compile("[0-9]{4,12}"), "4 to 12 digits", "3V", "EUC")
"""The agency of every code that is a digit."""

_OTHERS: Final = (
    IssuingAgency(
        "D", "NATO AC/135", "CAGE code", re.compile(CAGE), "5 characters, A-Z without I, O, or 0-9", "17V", "CAG"
    ),
    IssuingAgency(
        "UN", "Dun & Bradstreet", "D-U-N-S number", re.compile("[0-9]{9,13}"), "9 to 13 digits", "12V", "DUN"
    ),
    IssuingAgency("LD", "Department of Defense", "DoDAAC", re.compile("[0-9A-Z]{6}"), "6 characters, A-Z or 0-9", "7L"),
    IssuingAgency("LB", "Telcordia", "Company code", re.compile("[0-9A-Z]+"), "A-Z or 0-9", "18V"),
    IssuingAgency("LH", "EHIBCC", "Labeler code", re.compile("[0-9A-Z]+"), "A-Z or 0-9", "18V"),
)

AGENCIES: Final = MappingProxyType(
    {agency.code: agency for agency in _OTHERS} | {str(digit): GS1 for digit in range(10)}
)
"""The agencies that MIL-STD-130N, table V, names, by code; GS1 by each digit that a company prefix can begin with."""


def agency_of(code: str) -> IssuingAgency:
    """The issuing agency of a code.

    Args:
        code: D, UN, LD, LB, LH, or a digit for GS1.

    Raises:
        InvalidIdentifier: any other.

    References:
        MIL-STD-130N, table V; ISO/IEC 15459-2

    Examples:
        >>> agency_of("D").enterprise
        'CAGE code'
    """
    agency = AGENCIES.get(require_text(code))
    if agency is None:
        raise InvalidIdentifier(
            f"{shown(code)} is not an issuing agency of UIIs: expected D, UN, LD, LB, LH or a digit."
        )
    return agency
