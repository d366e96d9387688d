"""Paper: which prints of a label there are, and what each shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from twin.domain.history import Document, FieldChange, changed_fields
from twin.domain.label import LabelAction
from twin.domain.verification import carried, recorded, same

__all__ = ["ABOUT_PAPER", "Print", "prints"]

_PRINTS = frozenset({LabelAction.PREPRINT.value, LabelAction.PRINT.value, LabelAction.REPRINT.value})
ABOUT_PAPER = _PRINTS | {LabelAction.CLAIM.value, LabelAction.CORRECT.value}
"""The actions of the versions that `prints` has to see."""


@dataclass(frozen=True, slots=True)
class Print:
    """One print of a label.

    Args:
        version: the version that records it.
        face: the fields that its paper shows; of a pre-printed label, what was filled in when it was claimed.
    """

    version: Document
    face: Mapping[str, str]

    @property
    def carriers(self) -> dict[str, str]:
        """What each carrier on the paper says, by name: as the print recorded it, or else as the profile says."""
        snapshot = self.version["snapshot"]
        return recorded(self.version) or carried(snapshot["profile"], snapshot["payload"], self.face)

    def carrier_of(self, text: str) -> str | None:
        """The carrier on this paper that says a text; None when there is none.

        Args:
            text: what was read.
        """
        return next((name for name, content in self.carriers.items() if same(text, content)), None)

    def changes_to(self, face: Mapping[str, str]) -> tuple[FieldChange, ...]:
        """What the paper says otherwise than a face: each field, what it shows and what it would have to show."""
        return tuple(changed_fields(self.face, face, ("face",)))


def prints(versions: Iterable[Document]) -> list[Print]:
    """The prints of a label, oldest first; one that was taken back by a correction never was.

    Args:
        versions: those of the label, oldest first; all that are of one of the actions `ABOUT_PAPER`.
    """
    history = list(versions)
    mistakes = {version["corrects"] for version in history if "corrects" in version}
    found: list[Print] = []
    for version in history:
        if version["revision"] in mistakes:
            continue
        if version["action"] in _PRINTS:
            found.append(Print(version, version["snapshot"]["printed"]["face"]))
        elif version["action"] == LabelAction.CLAIM and found:
            found[-1] = Print(found[-1].version, version["snapshot"]["printed"]["face"])
    return found
