"""Statements: what a resolver has to do, how it is asked, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from twin.exchange.doctor.probe import Probe, Untested

Check = Callable[[Probe], None]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    Args:
        number: in this list.
        name: stable, in words with hyphens.
        binding: SHALL, and not SHOULD.
        text: what it says.
        check: asks it; raises Fails or Untested.
    """

    number: int
    name: str
    binding: bool
    text: str
    check: Check


STATEMENTS: Final[list[Statement]] = []


def statement(name: str, text: str, *, binding: bool = True) -> Callable[[Check], Check]:
    """List a check as the next statement."""

    def listed(check: Check) -> Check:
        STATEMENTS.append(Statement(len(STATEMENTS) + 1, name, binding, text, check))
        return check

    return listed


def untestable(name: str, text: str, why: str, *, binding: bool = True) -> None:
    """List a statement that cannot be asked, and why."""

    def check(_: Probe) -> None:
        raise Untested(why)

    STATEMENTS.append(Statement(len(STATEMENTS) + 1, name, binding, text, check))
