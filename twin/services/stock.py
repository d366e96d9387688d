"""The ledger of lots, written with the facts that it follows from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from twin.domain.fact import Fact, FactKind
from twin.domain.stock import COUNTED, Entry, Stock, stock_of
from twin.store import Store
from twin.store.mongo import Session


class Ledger:
    """Makes the ledger say what the facts say, in the transaction that writes them.

    Args:
        store: where ledger and facts are.
    """

    def __init__(self, store: Store) -> None:
        self._ledger = store.ledger
        self._facts = store.facts

    async def enter(self, fact: Fact, lots: Collection[str], at: datetime, session: Session) -> None:
        """Enter a fact that was just written.

        Where it comes after all that is known of a lot, what that adds up to is all that is looked at. Else the whole
        story is told again. Whoever writes a fact about a lot writes a version of its twin too, so no two do at once.

        Args:
            fact: the fact.
            lots: those that it happened to.
            at: when it was recorded.
            session: the transaction.

        Raises:
            InconsistentFact: more would have been taken than was there, then or later.
            InvalidInput: it does not say how much, of what is counted.
        """
        if fact.kind not in (*COUNTED, FactKind.CORRECT):
            return
        kept = await self._ledger.stocks(lots, session=session)
        quantities = {part.asset: part.quantity for part in fact.what}
        changed: list[Stock] = []
        following: list[Entry] = []
        for lot in lots:
            stock = kept.get(lot)
            if quantities[lot] is None:
                if stock is not None:
                    stock.require_quantity(fact)
                continue
            before = stock is not None and stock.exact
            if stock is not None and stock.follows(fact):
                following += stock.enter(fact)
            else:
                stock, entries = stock_of(lot, await self._facts.counted(lot, session=session))
                await self._ledger.rewrite(lot, entries, at, session=session)
            stock.require_whole(exact_before=before)
            changed.append(stock)
        await self._ledger.add(following, at, session=session)
        await self._ledger.keep(changed, session=session)
