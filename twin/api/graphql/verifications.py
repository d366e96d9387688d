"""Verifications in the API: what was seen of a label, and how it compares with the twin."""

from __future__ import annotations

import strawberry

from twin.domain.history import Document
from twin.domain.label import LabelAction

_ACTIONS = frozenset({LabelAction.VERIFY.value, LabelAction.FAIL_VERIFICATION.value})


@strawberry.type(description="A symbol that was read in a photo.")
class SeenSymbol:
    """One symbol of a photo."""

    text: str = strawberry.field(description="What it says; `sha256:` and its digest where that is no line of text.")
    symbology_identifier: str | None = strawberry.field(description="AIM's (ISO/IEC 15424), such as `]Q1`.")
    carrier: str | None = strawberry.field(description="The label's carrier that it is; null when it is none.")


@strawberry.type(description="A photo that was looked at. It is not kept.")
class Photo:
    """A photo, by what tells it from others."""

    sha256: str = strawberry.field(description="SHA-256 of the file, hexadecimal.")
    size: int = strawberry.field(description="The size of the file, in bytes.")
    symbols: list[SeenSymbol] = strawberry.field(description="What was read in it, from the top down.")


@strawberry.type(description="What was read from a label, and whether that is what must be there.")
class Verification:
    """A comparison of paper and twin."""

    passed: bool = strawberry.field(
        description="Whether one of the label's carriers was read, and no other is contradicted."
    )
    read: str = strawberry.field(description="The text that decided.")
    carrier: str | None = strawberry.field(
        description="The carrier that it is, such as `link`; null when it is none, or nobody kept it."
    )
    grade: str | None = strawberry.field(
        description="The letter of the print quality, A to F, if a verifier gave one (ISO/IEC 15415)."
    )
    photo: Photo | None = strawberry.field(description="The photo; null where a scanner gave the text.")

    @classmethod
    def of(cls, version: Document) -> Verification | None:
        """The verification that a version records, as far as its document shows it."""
        evidence = version.get("evidence", {})
        if version["action"] not in _ACTIONS or "read" not in evidence:
            return None
        return cls(
            passed=version["action"] == LabelAction.VERIFY,
            read=evidence["read"],
            carrier=evidence.get("carrier"),
            grade=evidence.get("grade"),
            photo=_photo(evidence),
        )


def _photo(evidence: Document) -> Photo | None:
    if "photo" not in evidence:
        return None
    symbols = [
        SeenSymbol(text=row["text"], symbology_identifier=row.get("aim"), carrier=row.get("carrier"))
        for row in evidence["symbols"]
    ]
    return Photo(sha256=evidence["photo"]["sha256"], size=evidence["photo"]["size"], symbols=symbols)
