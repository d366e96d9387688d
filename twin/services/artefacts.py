"""Artefacts: what is printed of one label, byte for byte the same whenever it is drawn again from the same state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import renderers
from renderers.writers.pdf import A4, LETTER, Grid
from twin.domain.approval import TemplateVersion
from twin.domain.history import Document
from twin.domain.lint import Finding, lint_face, lint_layout, lint_tag
from twin.domain.print_job import PrintedSymbol, PrintFormat, PrintOrder, Provenance
from twin.domain.profiles import profile
from twin.domain.template import SymbolElement, Template
from twin.errors import InvalidInput, LabelNotClean, shown
from twin.services.filling import page_of, translated

__all__ = [
    "SHEETS",
    "Artefact",
    "Grid",
    "Layout",
    "artefact_of",
    "clean_artefact_of",
    "ending_of",
    "grid_of",
    "require_clean",
    "streamed",
]


@dataclass(frozen=True, slots=True)
class Layout:
    """A template that is ready to print many labels: what is the same for all of them is worked out once.

    Args:
        id: `name@version`.
        template: where everything stands.
        sha256: the template's.
        findings: what is wrong with it at the printer's resolution, whatever its labels say.
    """

    id: str
    template: Template
    sha256: str
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, version: TemplateVersion, dpi: int, symbology: str | None = None) -> Layout:
        """The layout of a version at a resolution.

        Args:
            version: of a template.
            dpi: dots per inch of the printer.
            symbology: what the link is drawn in; None: what the template says.

        Raises:
            InvalidInput: a symbology that the profile does not permit.
        """
        template, known = version.template, profile(version.template.profile)
        if symbology is not None:
            template = template.linked_by(known.link_symbology(symbology))
        findings = lint_layout(known, template, dpi=dpi)
        return cls(str(version.id), template, version.template.sha256, findings)


@dataclass(frozen=True, slots=True)
class Artefact:
    """What is printed of one label.

    Args:
        drawing: what the writers draw.
        content: the bytes of this label alone.
        provenance: what they were made from.
    """

    drawing: renderers.Drawing
    content: bytes
    provenance: Provenance


def clean_artefact_of(
    label: Document,
    payload: str,
    identifiers: Sequence[str],
    layout: Layout,
    order: PrintOrder,
    *,
    job: str | None = None,
) -> Artefact:
    """Draw a label that breaks no rule, or only rules that the order overrides: whatever prints a label calls this.

    Args:
        label: its document.
        payload: what its link encodes.
        identifiers: its asset's, in canonical form.
        layout: the template.
        order: how it is printed.
        job: the id of the job; None of a label that is printed by itself.

    Raises:
        LabelNotClean: it breaks other rules.
        InvalidInput: what the template, the profile or the renderers refuse.
    """
    overridden = require_clean(label, identifiers, layout, order)
    epc = _epc(layout, identifiers, order, overridden)
    return artefact_of(label, payload, layout, order, epc=epc, job=job, overridden=overridden)


def artefact_of(
    label: Document,
    payload: str,
    layout: Layout,
    order: PrintOrder,
    *,
    epc: str | None = None,
    job: str | None = None,
    overridden: Mapping[str, str] | None = None,
) -> Artefact:
    """Draw a label as it is, whatever rules it breaks.

    Args:
        label: its document.
        payload: what its link encodes.
        layout: the template.
        order: how it is printed.
        epc: what is written into its RFID tag, in hexadecimal digits; None: nothing.
        job: the id of the job; None of a label that is printed by itself.
        overridden: the rules that it breaks, each with the reason why it is printed all the same.

    Raises:
        InvalidInput: what the template, the profile or the renderers refuse.
    """
    page = page_of(layout.template, label, payload, epc)
    with translated():
        drawing = renderers.compose(page)
        content = renderers.draw(drawing, order.format.value, dpi=order.dpi)
    provenance = Provenance(
        template=layout.id,
        template_sha256=layout.sha256,
        symbols=tuple(_symbols(layout.template, page, drawing, order)),
        format=order.format.value,
        dpi=order.dpi,
        copies=order.copies,
        sha256=hashlib.sha256(content).hexdigest(),
        job=job,
        overridden=overridden,
        epc=epc,
    )
    return Artefact(drawing, content, provenance)


def streamed(artefacts: Iterable[Artefact], order: PrintOrder, grid: Grid | None = None) -> Iterator[bytes]:
    """Many labels as one file, part by part.

    Args:
        artefacts: of the labels, each as often as it has copies.
        order: its format and dpi count; SVGs come as a zip.
        grid: where labels stand on a sheet, of PDF alone.

    Raises:
        InvalidInput: what the renderers refuse.
    """
    if order.format.for_printers:  # one after the other, as they are
        yield from (artefact.content for artefact in artefacts)
        return
    drawings = (artefact.drawing for artefact in artefacts)
    with translated():
        yield from renderers.stream(drawings, ending_of(order.format), dpi=order.dpi, grid=grid)


SHEETS: Mapping[str, tuple[float, float]] = {"A4": A4, "LETTER": LETTER}


def grid_of(
    sheet: str,
    columns: int,
    rows: int,
    margins: tuple[float, float, float, float] = (0, 0, 0, 0),
    gaps: tuple[float, float] = (0, 0),
) -> Grid:
    """Where labels stand on a sheet; all measures are millimetres.

    Args:
        sheet: `A4` or `LETTER`.
        columns: labels side by side.
        rows: labels one below the other.
        margins: from the edges of the sheet to the outer labels: top, right, bottom, left.
        gaps: between columns, and between rows.

    Raises:
        InvalidInput: another sheet, or one that has no room for them.

    Examples:
        >>> grid_of("A4", 3, 8).cell
        (70.0, 37.125)
    """
    if sheet not in SHEETS:
        raise InvalidInput(f"sheet: expected {' or '.join(SHEETS)}, found {shown(sheet)}.", path=("sheet",))
    with translated():
        return Grid(SHEETS[sheet], columns, rows, margins, gaps)


def ending_of(format_: PrintFormat) -> str:
    """How the name of a file of many labels ends.

    Examples:
        >>> ending_of(PrintFormat.SVG), ending_of(PrintFormat.ZPL_NATIVE)
        ('zip', 'zpl')
    """
    if format_.for_printers:
        return PrintFormat.ZPL.value
    return "zip" if format_ is PrintFormat.SVG else format_.value


def require_clean(label: Document, identifiers: Sequence[str], layout: Layout, order: PrintOrder) -> dict[str, str]:
    """Let pass a label that breaks no rule, or only rules that the order overrides.

    Args:
        label: its document.
        identifiers: its asset's, in canonical form.
        layout: the template.
        order: the overrides.

    Returns:
        The rules that it breaks, each with the reason why it is printed all the same.

    Raises:
        LabelNotClean: it breaks others.
    """
    head = label["head"]
    face = lint_face(profile(head["profile"]), head.get("face", {}), identifiers)
    found = (*face, *layout.findings, *lint_tag(layout.template, identifiers))
    reasons = {override.rule: override.reason for override in order.overrides}
    if forbidden := [finding for finding in found if finding.rule not in reasons]:
        raise LabelNotClean([(finding.rule, finding.clause, finding.message) for finding in forbidden])
    return {finding.rule: reasons[finding.rule] for finding in found}


def _epc(layout: Layout, identifiers: Sequence[str], order: PrintOrder, overridden: Mapping[str, str]) -> str | None:
    """What is written into the tag of a label; nothing where its asset has none, and the order overrides that."""
    tag = layout.template.tag
    if tag is None:
        return None
    if not order.format.for_printers:
        raise InvalidInput(
            f"format: {layout.id} writes an RFID tag, which needs zpl, found {order.format.value}.", path=("format",)
        )
    return None if "tag.epc" in overridden else tag.epc_of(identifiers)


def _symbols(
    template: Template, page: renderers.Page, drawing: renderers.Drawing, order: PrintOrder
) -> Iterator[PrintedSymbol]:
    printed = drawing.in_dots(order.dpi, least=1) if order.format.for_printers else drawing
    for placed in printed.marks:
        element, mark = template.elements[placed.element], page.elements[placed.element]
        assert isinstance(element, SymbolElement)  # noqa: S101 - a template and its page have the same indices
        assert isinstance(mark, renderers.Mark)  # noqa: S101
        yield PrintedSymbol(
            name=element.carrier,
            symbology=mark.symbology,
            content=mark.payload,
            module=f"{round(placed.module_mm, 4):g}",
            options={name: str(value) for name, value in sorted(mark.options.items())},
        )
