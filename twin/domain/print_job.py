"""A print job: what is asked for, the states that it goes through, and what is kept of each label that it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from twin.domain import fields
from twin.domain.history import Document
from twin.errors import InvalidInput, TooLarge, shown

MOST_LABELS = 10_000
MOST_COPIES = 1_000
MOST_PIECES = 100_000
MOST_OVERRIDES = 20
LONGEST_NAME = 80
DPI = (203, 300, 600)


class JobState(StrEnum):
    """Where a print job stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    CANCELLING = "CANCELLING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


OPEN = frozenset({JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING})


class PrintFormat(StrEnum):
    """The bytes that a job makes of a label, by the name that their writer has."""

    PDF = "pdf"
    ZPL = "zpl"
    ZPL_NATIVE = "zplnative"
    SVG = "svg"

    @property
    def for_printers(self) -> bool:
        """Whether it is ZPL, which printers obey."""
        return self in {PrintFormat.ZPL, PrintFormat.ZPL_NATIVE}


@dataclass(frozen=True, slots=True)
class Override:
    """A rule of `lint` that a job may break, and why.

    Raises:
        InvalidInput: either is empty or not one printable line.
    """

    rule: str
    reason: str

    def __post_init__(self) -> None:
        fields.text(self.rule, path=("overrides", "rule"), longest=LONGEST_NAME)
        fields.text(self.reason, path=("overrides", "reason"))


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """How the labels of a job are printed.

    Args:
        format: what is made of each label.
        dpi: dots per inch of the printer: 203, 300 or 600.
        copies: pieces of paper for each label, 1 to 1,000.
        template: `name@version`; None means the built-in one of each label's profile.
        printer: the name of a printer that the deployment knows; None means that the artefacts are downloaded.
        reason: why; a label that was printed before needs one.
        overrides: the rules that labels may break, each once.

    Raises:
        InvalidInput: a value out of its range, a rule twice, or another format than ZPL for a printer.
        TooLarge: more copies or overrides than a job may have.

    Examples:
        >>> PrintOrder(PrintFormat.PDF, printer="line-3")
        Traceback (most recent call last):
        twin.errors.InvalidInput: format: a printer takes zpl, found pdf.
    """

    format: PrintFormat
    dpi: int = 300
    copies: int = 1
    template: str | None = None
    printer: str | None = None
    reason: str | None = None
    overrides: tuple[Override, ...] = ()

    def __post_init__(self) -> None:
        if self.dpi not in DPI:
            raise InvalidInput(f"dpi: expected {' or '.join(map(str, DPI))}, found {self.dpi}.", path=("dpi",))
        if not 1 <= self.copies <= MOST_COPIES:
            raise InvalidInput(f"copies: expected 1 to {MOST_COPIES}, found {self.copies}.", path=("copies",))
        for name in ("template", "printer"):
            fields.optional_text(getattr(self, name), path=(name,), longest=LONGEST_NAME)
        fields.optional_text(self.reason, path=("reason",))
        if self.printer is not None and not self.format.for_printers:
            raise InvalidInput(f"format: a printer takes zpl, found {self.format.value}.", path=("format",))
        self._require_overrides()

    def _require_overrides(self) -> None:
        path = ("overrides",)
        if len(self.overrides) > MOST_OVERRIDES:
            raise TooLarge(f"overrides: expected at most {MOST_OVERRIDES}, found {len(self.overrides)}.", path=path)
        rules = [override.rule for override in self.overrides]
        if twice := next((rule for rule in rules if rules.count(rule) > 1), None):
            raise InvalidInput(f"overrides: expected each rule once, found {shown(twice)} twice.", path=path)

    def as_document(self) -> dict[str, Any]:
        """As a job's document holds it: what is not said is absent."""
        whole = asdict(self) | {"format": self.format.value, "overrides": [asdict(each) for each in self.overrides]}
        return {name: value for name, value in whole.items() if value not in (None, [])}

    @classmethod
    def from_document(cls, document: Document) -> PrintOrder:
        """The order that a job's document holds."""
        known = {name: document[name] for name in cls.__slots__ if name in document}
        overrides = tuple(Override(**each) for each in document.get("overrides", ()))
        return cls(**(known | {"format": PrintFormat(document["format"]), "overrides": overrides}))


def require_few(labels: int, copies: int) -> None:
    """Let pass no more labels and pieces of paper than one job may print.

    Raises:
        InvalidInput: no label at all.
        TooLarge: more than 10,000 labels or 100,000 pieces.
    """
    if labels < 1:
        raise InvalidInput("labels: expected at least 1, found 0.", path=("labels",))
    if labels > MOST_LABELS:
        raise TooLarge(f"labels: expected at most {MOST_LABELS} in one job, found {labels}.", path=("labels",))
    if labels * copies > MOST_PIECES:
        raise TooLarge(
            f"copies: expected at most {MOST_PIECES} pieces of paper in one job, "
            f"found {labels} labels of {copies} copies.",
            path=("copies",),
        )


@dataclass(frozen=True, slots=True)
class PrintedSymbol:
    """One symbol of a printed label.

    Args:
        name: of the carrier: `link`, `udi`….
        symbology: which kind of symbol.
        content: what it encodes.
        module: the side of its module in millimetres, as a decimal.
        options: what else was chosen: the level of error correction, the shape….
    """

    name: str
    symbology: str
    content: str
    module: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a print made, and from what: kept with the version, hashed with it.

    Args:
        template: `name@version`.
        template_sha256: of the template's canonical JSON, hexadecimal: nobody changes a template unnoticed.
        symbols: those on the label.
        format, dpi, copies: as the order says.
        sha256: of this label's own artefact, hexadecimal.
        job: the id of the print job; None of a label that was printed by itself.
        overridden: the rules that this label breaks, each with the reason why it was printed all the same.
        epc: what was written into its RFID tag, in hexadecimal digits; None: nothing.
    """

    template: str
    template_sha256: str
    symbols: tuple[PrintedSymbol, ...]
    format: str
    dpi: int
    copies: int
    sha256: str
    job: str | None = None
    overridden: Mapping[str, str] | None = None
    epc: str | None = None

    def as_evidence(self) -> dict[str, Any]:
        """As a version keeps it: what is empty is absent."""
        symbols = [{name: value for name, value in asdict(each).items() if value} for each in self.symbols]
        whole = {
            "job": self.job,
            "template": self.template,
            "template_sha256": self.template_sha256,
            "carriers": symbols,
            "format": self.format,
            "dpi": self.dpi,
            "copies": self.copies,
            "sha256": self.sha256,
            "overridden": dict(self.overridden or {}),
            "epc": self.epc,
        }
        return {name: value for name, value in whole.items() if value not in (None, {}, [])}
