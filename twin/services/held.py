"""What a caller holds, and for how long: a connection that stays open asks again whether it holds still."""

from __future__ import annotations

from dataclasses import dataclass

from twin.domain.actor import Actor


@dataclass(frozen=True, slots=True)
class Held:
    """A key, a token or a session that holds now.

    Args:
        actor: the caller.
        left: in how many seconds it ends by itself; None: it does not.
    """

    actor: Actor
    left: float | None
