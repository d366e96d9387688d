"""Assets to be imported, as lines of NDJSON or CSV, read as their bytes come: a line is a row, and all that is kept.

NDJSON: each line is an object as `twin.domain.imports.row_of` takes it. CSV (RFC 4180) has a line of names first:
`kind` and `name`, perhaps `granularity`, `identifier` as often as wanted, `attributes.NAME`, and for a label `profile`,
`face.NAME` and `labelAttributes.NAME`; an empty cell says nothing. No cell goes on in the next line, since no text of
ours does: so one stray quotation mark spoils one row.

A row that cannot be read is a row with its error: those after it are read all the same.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from twin.domain.imports import LARGEST_FILE, LARGEST_ROW, MOST_ROWS, row_of
from twin.errors import InvalidInput, TooLarge, shown

_BOM = b"\xef\xbb\xbf"
_PLAIN = ("kind", "granularity", "name", "identifier", "profile")
_NAMED = ("attributes", "face", "labelAttributes")


class RowFormat(StrEnum):
    """What the lines are."""

    NDJSON = "ndjson"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Args:
        number: from 1; blank lines and the names of columns are none.
        line: where it stands in the file, from 1.
        said: what it says, as `row_of` makes it; None where it could not be read.
        error: why not.
    """

    number: int
    line: int
    said: dict[str, Any] | None
    error: InvalidInput | None = None


class Reader:
    """Reads rows out of bytes, part by part.

    Args:
        form: what the lines are.
    """

    def __init__(self, form: RowFormat) -> None:
        self._read: Callable[[str], Any] | None = _json if form is RowFormat.NDJSON else None
        self._rest = b""
        self._too_long = False
        self._taken = self._line = 0
        self.rows = 0

    def feed(self, part: bytes) -> Iterator[Row]:
        """The rows that end in what has come.

        Raises:
            InvalidInput: the names of the columns are none that we know.
            TooLarge: the file has more than 128 MiB or 100,000 rows.
        """
        self._taken += len(part)
        if self._taken > LARGEST_FILE:
            raise TooLarge(f"A file holds {LARGEST_FILE} bytes at most.")
        first, *lines = part.split(b"\n")
        if not lines:
            self._keep(first)
            return
        self._keep(first)
        yield from self._row(self._rest)
        for line in lines[:-1]:
            self._rest, self._too_long = b"", len(line) > LARGEST_ROW
            yield from self._row(line)
        self._rest, self._too_long = b"", False
        self._keep(lines[-1])

    def end(self) -> Iterator[Row]:
        """The row that nothing ends, if there is one.

        Raises:
            InvalidInput: there was no row at all.
        """
        if self._rest or self._too_long:
            yield from self._row(self._rest)
        if not self.rows:
            raise InvalidInput("Expected at least one row, found none.")

    def _keep(self, part: bytes) -> None:
        if len(self._rest) + len(part) > LARGEST_ROW:
            self._too_long, self._rest = True, b""
        elif not self._too_long:
            self._rest += part

    def _row(self, line: bytes) -> Iterator[Row]:
        self._line += 1
        line = line.removeprefix(_BOM) if self._line == 1 else line
        if not self._too_long and not line.strip():
            return
        if self._read is None:
            self._read = _columns(self._text(line))
            return
        self.rows += 1
        if self.rows > MOST_ROWS:
            raise TooLarge(f"An import holds {MOST_ROWS} rows at most.")
        try:
            yield Row(self.rows, self._line, row_of(self._read(self._text(line))))
        except InvalidInput as error:
            yield Row(self.rows, self._line, None, error)

    def _text(self, line: bytes) -> str:
        if self._too_long:
            raise TooLarge(f"A row holds {LARGEST_ROW} bytes at most; this one is longer.")
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise InvalidInput(
                f"Expected UTF-8, found the byte {line[error.start]:02X} at position {error.start + 1}."
            ) from None


def _json(line: str) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{shown(line)}: expected one JSON object, found {error}.") from None


def _columns(line: str) -> Callable[[str], dict[str, Any]]:
    """What reads the rows below these names.

    Raises:
        InvalidInput: a name that is not known, or that stands twice; or neither `kind` nor `name` is there.
    """
    names = [name.strip() for name in _cells(line)]
    for name in names:
        head, dot, tail = name.partition(".")
        if not (name in _PLAIN or (head in _NAMED and dot and tail)):
            expected = ", ".join((*_PLAIN, *(f"{each}.NAME" for each in _NAMED)))
            raise InvalidInput(f"The first line names the columns: expected {expected}, found {shown(name)}.")
        if name != "identifier" and names.count(name) > 1:
            raise InvalidInput(f"The first line names the columns: expected each once, found {shown(name)} twice.")
    for needed in ("kind", "name"):
        if needed not in names:
            raise InvalidInput(f"The first line names the columns: expected {needed} among them, found {shown(line)}.")

    def read(line: str) -> dict[str, Any]:
        cells = _cells(line)
        if len(cells) != len(names):
            raise InvalidInput(f"{shown(line)}: expected {len(names)} cells, found {len(cells)}.")
        return _object(names, cells)

    return read


def _cells(line: str) -> list[str]:
    try:
        [cells] = csv.reader([line], strict=True)
    except (csv.Error, ValueError) as error:
        raise InvalidInput(f"{shown(line)}: expected cells with commas between them, found {error}.") from None
    return cells


def _object(names: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """What the cells of a row say, as a line of NDJSON would."""
    row: dict[str, Any] = {"identifiers": []}
    named: dict[str, dict[str, str]] = {}
    for name, cell in zip(names, cells, strict=True):
        if not cell:
            continue
        head, _, tail = name.partition(".")
        if tail:
            named.setdefault(head, {})[tail] = cell
        elif name == "identifier":
            row["identifiers"].append(cell)
        else:
            row[name] = cell
    attributes = named.get("attributes")
    label = {"profile": row.pop("profile", None), "face": named.get("face"), "attributes": named.get("labelAttributes")}
    if label["profile"] is None and (label["face"] or label["attributes"]):
        raise InvalidInput("profile: expected that of the label, found none.", path=("label", "profile"))
    return {**row, "attributes": attributes, "label": label if label["profile"] else None}
