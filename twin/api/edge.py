"""What a deployment decides about its edge; without a word of it, nothing is bounded beyond what always is."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from twin.api.graphql.trusted import ANY, Trusted


@dataclass(frozen=True, slots=True)
class Edge:
    """How the web application meets the world.

    Args:
        hosts: names that it answers to, beside those of its links; None answers to every name.
        rate_anonymous: requests a minute of one address without a key; 0 bounds nothing.
        rate_caller: requests a minute of one caller with a key; 0 bounds nothing.
        trusted: documents of GraphQL that are known by their digest.
    """

    hosts: Set[str] | None = None
    rate_anonymous: int = 0
    rate_caller: int = 0
    trusted: Trusted = ANY


OPEN = Edge()
