"""The symbols that a label carries: which they may be, how big at least, and what each encodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Content = Callable[[Mapping[str, str]], str | None]
"""From the face to what a symbol encodes; None where the face holds nothing to encode."""

LINK = "link"


@dataclass(frozen=True, slots=True)
class Carrier:
    """One symbol that a label carries.

    Args:
        name: what templates call it.
        symbologies: the permitted ones; the first is the default.
        least_module_mm: the least size of a module, or of the narrowest bar, in millimetres.
        content: from the face to what it encodes; None for the link, which encodes the label's payload.
        options: of the first symbology, as its renderer names them (`{"level": "Q"}`); another symbology has none.
        required: whether every label of the profile carries it. One that is not is carried where there is content.
        clause: where the rule comes from.
        most_module_mm: the greatest size of a module, where there is one.
    """

    name: str
    symbologies: tuple[str, ...]
    least_module_mm: float
    content: Content | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    required: bool = True
    clause: str | None = None
    most_module_mm: float | None = None

    def options_of(self, symbology: str) -> Mapping[str, str]:
        """The options that the profile asks for where this symbology is drawn."""
        return self.options if symbology == self.symbologies[0] else {}


def link(
    *symbologies: str, least_module_mm: float, options: Mapping[str, str] | None = None, clause: str | None = None
) -> Carrier:
    """The carrier of the link that leads to the twin: the first of every profile.

    Args:
        symbologies: the permitted ones; the first is the default.
        least_module_mm: the least size of a module, in millimetres.
        options: of the first symbology.
        clause: where the rule comes from.
    """
    return Carrier(LINK, symbologies, least_module_mm, options=options or {}, clause=clause)
