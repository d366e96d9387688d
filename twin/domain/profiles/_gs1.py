"""What profiles of GS1 labels share: from an asset's key to fields, and from fields to an element string."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from twin.identity import Identifier
from twin.identity.gs1 import GS1

_DATES = frozenset({"11", "13", "15", "16", "17"})


def element_of(ai: str) -> Callable[[Identifier], str | None]:
    """What a GS1 key says under an application identifier, as the source of a field."""
    return lambda known: known.value_of(ai) if isinstance(known, GS1) else None


def key_of(face: Mapping[str, str], names: Mapping[str, str]) -> GS1 | None:
    """The key whose elements the face holds; None where it lacks the first.

    Args:
        face: name to text; dates as 2026-11-22.
        names: application identifier to the name of its field, in the order of the symbol; the first is the key.

    Raises:
        InvalidIdentifier: the elements are not what GS1 allows.

    Examples:
        >>> face = {"gtin": "09506000134352", "expires": "2026-12-31", "serial": "SER42"}
        >>> key_of(face, {"01": "gtin", "17": "expires", "10": "lot", "21": "serial"}).as_bracketed()
        '(01)09506000134352(17)261231(21)SER42'
    """
    if next(iter(names.values())) not in face:
        return None
    return GS1.of([(ai, _value(ai, face[name])) for ai, name in names.items() if name in face])


def _value(ai: str, text: str) -> str:
    return text.replace("-", "")[2:] if ai in _DATES else text
