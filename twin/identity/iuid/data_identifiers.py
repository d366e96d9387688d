"""The data identifiers of ANSI MH10.8.2: what stands in front of each element of a message of format 06.

A data identifier is a letter with up to three digits before it. The table of them, `data_identifiers.csv`, is made by
`_dictionary`. Its formats are pieces with `+` between them: `n` for digits, `a` for letters A-Z, `d` for digits and
points, `an` for any printable characters (the standard's own examples hold more than A-Z and 0-9 there), each with how
many, such as `an1..35`; or a date such as `YYMMDD`, where `D0` allows the day 00.

References:
    ANSI MH10.8.2 (its text was not at hand: codes and formats as Solidsoft Reply's validating parser has them)
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final

__all__ = ["DATA_IDENTIFIERS", "DataIdentifier", "split"]

_ELEMENT: Final = re.compile(r"([0-9]{0,3}[A-Z])(.+)", re.DOTALL)

_CLASSES: Final = {"a": "[A-Z]", "n": "[0-9]", "d": "[0-9.]", "an": "[ -~]"}
_PIECE: Final = re.compile(r"(an|a|n|d)(?:([0-9]+)(?:\.\.([0-9]+))?)?")

_YEAR, _DAY = "[0-9]{2}", "0[1-9]|[12][0-9]"
_MONTHS: Final = (("0[13578]|1[02]", "|3[01]"), ("0[469]|11", "|30"), ("02", ""))
_MONTH_DAY: Final = "|".join(f"(?:{month})[-/]?(?:{_DAY}{more})" for month, more in _MONTHS)
_DAY_MONTH: Final = "|".join(f"(?:{_DAY}{more})[-/]?(?:{month})" for month, more in _MONTHS)
_WEEK: Final = "0[1-9]|[1-4][0-9]|5[0-3]"
_DAY_OF_YEAR: Final = "(?!000)(?:[0-2][0-9]{2}|3[0-5][0-9]|36[0-6])"

# The longer first: a date is these words one after another.
_WORDS: Final = {
    "YYYYMMDD": f"[0-9]{{4}}[-/]?(?:{_MONTH_DAY})",
    "DDMMYYYY": f"(?:{_DAY_MONTH})[-/]?[0-9]{{4}}",
    "YYYY": "[12][0-9]{3}",
    "MMDD": f"(?:{_MONTH_DAY})",
    "MMD0": f"(?:{_MONTH_DAY}|(?:0[1-9]|1[0-2])00)",
    "D0MM": f"(?:{_DAY_MONTH}|00(?:0[1-9]|1[0-2]))",
    "HHMM": "(?:[01][0-9]|2[0-3])[0-5][0-9]",
    "DDD": _DAY_OF_YEAR,
    "YY": _YEAR,
    "MM": "(?:0[1-9]|1[0-2])",
    "WW": f"(?:{_WEEK})",
    "Y": "[0-9]",
}
_WORD: Final = re.compile("|".join(_WORDS))


@dataclass(frozen=True, slots=True)
class DataIdentifier:
    """A data identifier.

    Args:
        code: such as 1P.
        name: a name that a person understands.
        format: what its data looks like, as this module's docstring says.
    """

    code: str
    name: str
    format: str

    def admits(self, value: str) -> bool:
        """Whether the data is of the format.

        Examples:
            >>> DATA_IDENTIFIERS["16D"].admits("20240229"), DATA_IDENTIFIERS["16D"].admits("20240431")
            (True, False)
        """
        return _pattern(self.format).fullmatch(value) is not None


def _table() -> Mapping[str, DataIdentifier]:
    text = files(__package__).joinpath("data_identifiers.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["di"]: DataIdentifier(*row.values()) for row in csv.DictReader(text.splitlines())})


DATA_IDENTIFIERS: Final = _table()
"""Every data identifier by its code."""


def split(element: str) -> tuple[str, str] | None:
    """The data identifier of an element and its data; None when the element begins with none.

    Args:
        element: what stands between the separators of a message of format 06.

    Examples:
        >>> split("17V1AB23"), split("1724")
        (('17V', '1AB23'), None)
    """
    found = _ELEMENT.fullmatch(element)
    return None if found is None else (found[1], found[2])


@functools.cache
def _pattern(format: str) -> re.Pattern[str]:  # noqa: A002
    return re.compile("".join(_piece(piece) for piece in format.split("+")))


def _piece(piece: str) -> str:
    """The pattern of one piece of a format."""
    found = _PIECE.fullmatch(piece)
    if found is None:
        return _WORD.sub(lambda word: _WORDS[word[0]], piece)
    least = found[2] or "0"
    return f"{_CLASSES[found[1]]}{{{least},{found[3] or found[2] or ''}}}"
