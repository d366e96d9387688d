"""Whether facts are what the versions of twins say of them, and whether where things are follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twin.domain.fact import NEVER, Fact, fact_hash
from twin.domain.history import Document
from twin.domain.spans import Span, spans_of
from twin.errors import InconsistentFact, InvalidInput
from twin.exchange.proof import Break
from twin.identity import Granularity
from twin.store import Store


class FactAudit:
    """Compares a twin's facts with its versions, and its spans with its facts.

    Args:
        store: where facts and spans are.
    """

    def __init__(self, store: Store) -> None:
        self._facts = store.facts
        self._spans = store.spans

    async def differing(self, document: Document, told: Mapping[str, tuple[int, str]]) -> Break | None:
        """The first thing that is not as the twin's versions say.

        Args:
            document: the twin's.
            told: of each fact that its versions tell of, the revision and the SHA-256.
        """
        twin = document["_id"]
        facts = {fact["_id"]: fact for fact in await self._facts.naming(twin)}
        for fact, (revision, sha256) in told.items():
            if fact not in facts:
                return Break(revision, f"the fact {fact} that it tells of is not there")
            if (why := _altered(facts[fact], sha256)) is not None:
                return Break(revision, f"the fact {fact} {why}")
        if extra := sorted(facts.keys() - told.keys()):
            return Break(document["revision"], f"the fact {extra[0]} names it, and no version of it says so")
        corrected = {fact["corrects"] for fact in facts.values() if "corrects" in fact}
        for fact, stands in facts.items():
            if (stands.get("superseded") != NEVER) != (fact in corrected):
                return Break(told[fact][0], f"the fact {fact} is corrected, or not, without its correction")
        counting = [fact for name, fact in facts.items() if name not in corrected and "corrects" not in fact]
        return await self._misplaced(document, counting)

    async def _misplaced(self, document: Document, facts: Sequence[Document]) -> Break | None:
        twin, lot = document["_id"], document["head"]["granularity"] == Granularity.LOT
        try:
            expected = spans_of(twin, [Fact.from_document(fact, twin) for fact in facts], lot=lot)
        except InconsistentFact as error:
            return Break(document["revision"], f"its facts contradict each other: {error.message}")
        found = [Span.from_document(row) for row in await self._spans.now(twin)]
        if set(found) != set(expected) or len(found) != len(expected):
            return Break(document["revision"], "where it is does not follow from its facts")
        return None


def told_by(version: Document) -> dict[str, tuple[int, str]]:
    """The fact that a version of an asset tells of: by its id the revision and the SHA-256."""
    evidence = version.get("evidence")
    if not isinstance(evidence, Mapping) or not {"fact", "sha256"} <= evidence.keys():
        return {}
    return {str(evidence["fact"]): (version["revision"], str(evidence["sha256"]))}


def _altered(fact: Document, sha256: str) -> str | None:
    try:
        found = fact_hash(fact)
    except (InvalidInput, TypeError):
        return "cannot be read"
    return None if found == sha256 else "is not what this version says"
