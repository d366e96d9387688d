"""An identifier of any standard, with remarks on the message that it came in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from twin.identity._convention import Finding, Granularity, Identifier, Part
from twin.identity.gs1 import GS1
from twin.identity.iuid.uii import IUID
from twin.identity.licence_plate import LicencePlate

__all__ = ["Enveloped", "remarked"]


@dataclass(frozen=True, slots=True)
class Enveloped:
    """An identifier that has no place for remarks, out of a message with which something is the matter.

    Args:
        identifier: what the message names.
        remarks: what is the matter.
    """

    identifier: Identifier
    remarks: tuple[Finding, ...]

    @property
    def canonical(self) -> str:
        """The identifier's."""
        return self.identifier.canonical

    @property
    def granularity(self) -> Granularity | None:
        """The identifier's."""
        return self.identifier.granularity

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """The identifier's."""
        return self.identifier.implied

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The identifier's, then the remarks."""
        return self.identifier.findings + self.remarks

    @property
    def parts(self) -> tuple[Part, ...]:
        """The identifier's."""
        return self.identifier.parts


def remarked(identifier: Identifier, remarks: tuple[Finding, ...]) -> Identifier:
    """The identifier with these remarks among its findings; the identifier itself when there are none.

    Args:
        identifier: of this standard or any other.
        remarks: to be added.
    """
    if not remarks:
        return identifier
    if isinstance(identifier, IUID | LicencePlate):
        return replace(identifier, findings=identifier.findings + remarks)
    if isinstance(identifier, GS1):
        return replace(identifier, forgiven=identifier.forgiven + remarks)
    if isinstance(identifier, Enveloped):
        return Enveloped(identifier.identifier, identifier.remarks + remarks)
    return Enveloped(identifier, remarks)
