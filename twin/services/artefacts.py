"""Artefacts: what is printed of one label, byte for byte the same whenever it is drawn again from the same state."""

from __future__ import annotations

from dataclasses import dataclass

from twin.domain.history import Document
from twin.domain.print_job import PrintedSymbol, PrintOrder, Provenance
from twin.domain.profiles import profile
from twin.services import printing


@dataclass(frozen=True, slots=True)
class Artefact:
    """What is printed of one label.

    Args:
        content: the bytes.
        provenance: what they were made from.
    """

    content: bytes
    provenance: Provenance


def artefact_of(label: Document, payload: str, order: PrintOrder, *, job: str) -> Artefact:
    """Draw a label for a job.

    Args:
        label: its document.
        payload: what its link encodes.
        order: how it is printed.
        job: the id of the job.

    Raises:
        InvalidInput: what the profile or the renderer refuses.
    """
    name = label["head"]["profile"]
    image = printing.draw_label(label, payload, format_name=order.format.value, dpi=order.dpi)
    symbol = PrintedSymbol("link", profile(name).symbologies[0], payload, "0.5", {})
    provenance = Provenance(
        template=f"{name}@builtin",
        template_sha256="",
        symbols=(symbol,),
        format=order.format.value,
        dpi=order.dpi,
        copies=order.copies,
        sha256=image.sha256,
        job=job,
    )
    return Artefact(image.content, provenance)
