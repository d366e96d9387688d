"""What a print made, and from what, as the version that it wrote keeps it."""

from __future__ import annotations

import strawberry

from twin.api.graphql.nodes import Field, fields_of
from twin.domain.history import Document


@strawberry.type(description="A symbol of a printed label.")
class PrintedCarrier:
    """A carrier as it was printed."""

    name: str = strawberry.field(description="Which carrier of the profile: `link` leads to the twin.")
    symbology: str = strawberry.field(description="Which kind of symbol.")
    content: str = strawberry.field(description="What it encodes.")
    module: str = strawberry.field(description="The side of a module in millimetres, as a decimal.")
    options: list[Field] = strawberry.field(description="What else was chosen, such as the level of error correction.")


@strawberry.type(description="What a print made, and from what. It is hashed with its version.")
class Print:
    """The provenance of a piece of paper."""

    job: strawberry.ID | None = strawberry.field(description="The print job; null of a label printed by itself.")
    template: str | None = strawberry.field(description="`name@version`; null where only the symbol was drawn.")
    template_sha256: str | None = strawberry.field(
        description="SHA-256 of the template's canonical JSON (RFC 8785), hexadecimal."
    )
    carriers: list[PrintedCarrier] = strawberry.field(description="The symbols on the label.")
    format: str | None = strawberry.field(description="What was made of it: `pdf`, `zpl` or `svg`.")
    dpi: int | None = strawberry.field(description="Dots per inch of the printer.")
    copies: int = strawberry.field(description="Pieces of paper.")
    sha256: str = strawberry.field(description="SHA-256 of the label's own artefact, hexadecimal.")
    overridden: list[Field] = strawberry.field(
        description="The rules that the label breaks, each with the reason why it was printed all the same."
    )
    epc: str | None = strawberry.field(
        description="What was written into its RFID tag, in hexadecimal digits; null: nothing."
    )

    @classmethod
    def of(cls, evidence: Document) -> Print | None:
        """What the evidence of a version says of a print; None when it was none, or may not be seen."""
        if "sha256" not in evidence or "copies" not in evidence:
            return None
        job = evidence.get("job")
        return cls(
            job=None if job is None else strawberry.ID(job),
            template=evidence.get("template"),
            template_sha256=evidence.get("template_sha256"),
            carriers=[_carrier(symbol) for symbol in evidence.get("carriers", ())],
            format=evidence.get("format"),
            dpi=evidence.get("dpi"),
            copies=evidence["copies"],
            sha256=evidence["sha256"],
            overridden=fields_of(evidence.get("overridden", {})),
            epc=evidence.get("epc"),
        )


def _carrier(symbol: Document) -> PrintedCarrier:
    said = {name: str(symbol[name]) for name in ("name", "symbology", "content", "module")}
    return PrintedCarrier(**said, options=fields_of(symbol.get("options", {})))
