"""Whether facts are what the versions of twins say of them, and whether what is where follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from twin.domain.fact import NEVER, Fact, fact_hash
from twin.domain.history import Document
from twin.domain.spans import Span, spans_of
from twin.domain.stock import Stock, stock_of
from twin.errors import InconsistentFact, InvalidInput, TooLarge
from twin.exchange.proof import Break
from twin.identity import Granularity
from twin.store import Store


class FactAudit:
    """Compares a twin's facts with its versions, and its spans and its ledger with its facts.

    Args:
        store: where facts and spans are.
    """

    def __init__(self, store: Store) -> None:
        self._facts = store.facts
        self._spans = store.spans
        self._ledger = store.ledger

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
        told = [Fact.from_document(fact, twin) for fact in facts]
        try:
            expected = spans_of(twin, told, lot=lot)
            miscounted = lot and await self._miscounted(twin, told)
        except (InconsistentFact, TooLarge) as error:
            return Break(document["revision"], f"its facts contradict each other: {error.message}")
        found = [Span.from_document(row) for row in await self._spans.now(twin)]
        if set(found) != set(expected) or len(found) != len(expected):
            return Break(document["revision"], "where it is does not follow from its facts")
        return Break(document["revision"], "how much is where does not follow from its facts") if miscounted else None

    async def _miscounted(self, lot: str, facts: Sequence[Fact]) -> bool:
        """Whether the ledger of a lot, or what it adds up to, is not what the facts say."""
        stock, entries = stock_of(lot, [fact for fact in facts if any(part.asset == lot for part in fact.what)])
        stock.require_whole(exact_before=False)
        found = Counter(entry for _, entry in await self._ledger.standing(lot))
        kept = await self._ledger.stocks([lot])
        return found != Counter(entries) or kept.get(lot, Stock(lot)) != stock


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
