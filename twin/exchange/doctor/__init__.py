"""The doctor: whether a resolver, ours or another's, does what a GS1-conformant resolver has to do.

Each statement is asked of the resolver over HTTP, and of nobody else: no redirect is followed. What cannot be asked is
listed with the reason. A passed examination is no certificate of GS1's.

References:
    GS1-Conformant Resolver Standard, as its test suite says it (gs1/GS1DL-resolver-testsuite, ConformantResolver1_0.txt
    and Conformance1_2.txt); the text of release 1.2.1 was not at hand
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from twin.errors import InvalidInput
from twin.exchange.doctor import linksets, redirects
from twin.exchange.doctor.client import Client
from twin.exchange.doctor.probe import Fails, Probe, Untested
from twin.exchange.doctor.statement import STATEMENTS, Statement
from twin.identity.gs1 import Level

__all__ = ["MOST_KNOWN", "STATEMENTS", "Client", "Finding", "Statement", "Verdict", "examine", "linksets", "redirects"]

MOST_KNOWN = 20


class Verdict(StrEnum):
    """What came of asking."""

    PASSED = "passed"
    FAILED = "failed"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one statement.

    Args:
        statement: which.
        verdict: whether it holds.
        why: what was expected and what was found; or why it could not be asked.
    """

    statement: Statement
    verdict: Verdict
    why: str = ""

    @property
    def breaks(self) -> bool:
        """Whether the resolver does not conform for this reason."""
        return self.verdict is Verdict.FAILED and self.statement.binding


def examine(client: Client, known: Sequence[str]) -> list[Finding]:
    """What came of every statement, in their order.

    Args:
        client: asks the resolver.
        known: paths that the resolver knows, such as `01/09506000134352`: 1 to 20. The more levels and languages they
            have links of, the more can be asked.

    Raises:
        InvalidInput: a path that is none of a Digital Link, or not so many.
        Unavailable: the resolver cannot be reached.
    """
    if not 1 <= len(known) <= MOST_KNOWN:
        raise InvalidInput(f"Expected 1 to {MOST_KNOWN} paths that the resolver knows, found {len(known)}.")
    probe = Probe(client, [Level.parse(path.strip("/")) for path in known])
    client.ask("/.well-known/gs1resolver")  # whether there is anybody
    return [_examined(statement, probe) for statement in STATEMENTS]


def _examined(statement: Statement, probe: Probe) -> Finding:
    try:
        statement.check(probe)
    except Untested as reason:
        return Finding(statement, Verdict.UNTESTED, str(reason))
    except Fails as fault:
        return Finding(statement, Verdict.FAILED, str(fault))
    return Finding(statement, Verdict.PASSED)
