"""What a deployment decides about its edge; without a word of it, nothing is bounded beyond what always is."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edge:
    """How the web application meets the world.

    Args:
        hosts: names that it answers to, beside those of its links; None answers to every name.
    """

    hosts: Set[str] | None = None


OPEN = Edge()
