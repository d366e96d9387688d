"""Twins of Catena-X, taken in: each becomes an asset, with how it was made and what it went into as facts.

Each change has a clientMutationId made of the twin's id: taking the same in again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from twin.domain.actor import Actor
from twin.domain.fact import FactKind
from twin.domain.history import Command
from twin.exchange.catenax import Thing, Use
from twin.identity import Granularity
from twin.services.assets import Assets
from twin.services.facts import Facts, Named


class CatenaX:
    """Takes in what `twin.exchange.catenax` has read.

    Args:
        assets: to register assets.
        facts: to record facts.
    """

    def __init__(self, assets: Assets, facts: Facts) -> None:
        self._assets = assets
        self._facts = facts

    async def take_in(self, actor: Actor, things: Sequence[Thing]) -> Counter[str]:
        """Register things by their UUIDs, and record what is known of them.

        A part that went into one thing is installed in it. A part that went into several, and a batch, are consumed:
        that is what the data can mean. A quantity of a part stands among the free fields of the fact.

        Args:
            actor: needs `assets:register` and `facts:record`.
            things: with all that they went into.

        Returns:
            How many there are of `assets` and of each kind of fact.

        Raises:
            IdentifierTaken: another caller has registered one of them.
            MutationIdReused: it was taken in before, and said something else then.
            InvalidInput: what an asset or a fact may not be.
        """
        began = {thing.id: [thing.made] if thing.made else [] for thing in things}
        for thing in things:
            for use in thing.uses:
                began[thing.id].append(use.at)
                began[use.parent].append(use.at)
        ids: dict[str, str] = {}
        for thing in things:
            document = await self._assets.register(
                actor,
                kind=thing.kind,
                granularity=thing.granularity,
                name=thing.name,
                identifiers=[thing.id],
                attributes=thing.attributes,
                command=Command(occurred_at=min(began[thing.id], default=None), client_mutation_id=_mutation(thing.id)),
            )
            ids[thing.id] = document["_id"]
        counts = Counter(assets=len(ids))
        for thing in things:
            counts += await self._record(actor, thing, ids)
        return counts

    async def _record(self, actor: Actor, thing: Thing, ids: dict[str, str]) -> Counter[str]:
        counts = Counter[str]()
        if thing.made is not None:
            made = Command(occurred_at=thing.made, client_mutation_id=_mutation(thing.id, "made"))
            said = {"site": thing.country}
            await self._facts.record(actor, FactKind.PRODUCE, what=[Named(ids[thing.id])], said=said, command=made)
            counts[FactKind.PRODUCE] += 1
        lot = thing.granularity is Granularity.LOT
        uses = [(use,) for use in thing.uses] if lot else [thing.uses] if thing.uses else []
        for together in uses:
            kind = FactKind.CONSUME if lot or len(together) > 1 else FactKind.INSTALL
            first: Use = together[0]
            attributes = {"lifecycleContext": first.context}
            if not lot and (first.quantity, first.unit) != ("1", "C62"):
                attributes |= {"quantity": first.quantity, "unit": first.unit}
            await self._facts.record(
                actor,
                kind,
                what=[Named(ids[thing.id], first.quantity, first.unit) if lot else Named(ids[thing.id])],
                into=[Named(ids[use.parent]) for use in together],
                attributes=attributes,
                command=Command(
                    occurred_at=max(use.at for use in together),
                    client_mutation_id=_mutation(thing.id, "in", *([first.parent] if lot else [])),
                ),
            )
            counts[kind] += 1
        return counts


def _mutation(thing: str, *more: str) -> str:
    return "-".join(part.removeprefix("urn:uuid:") for part in ("catenax", thing, *more))
