"""What a resolver knows of the request."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from strawberry.dataloader import DataLoader
from strawberry.types import Info as StrawberryInfo

from twin.api.graphql.trusted import ANY, Trusted
from twin.api.rates import Guesses
from twin.domain.actor import ANONYMOUS, Actor
from twin.domain.history import AsOf, Document
from twin.services import Services
from twin.services.audit_log import Call, Door
from twin.services.genealogy import Whereabouts
from twin.services.inventory import Level

ACTOR_NAME = (
    "What the actor is called: null where nobody said, where that was forgotten, or for who may not see who acted."
)


class Context:
    """One request: who calls, what may be asked, and what was loaded already.

    Args:
        services: the use cases.
        actor: the caller.
        request_id: how the request is found in the log.
        client: the name of the caller's program, as that tells it.
        lasting: whether it is a connection that goes on for long, so that nothing loaded may be kept.
        explained: whether anybody may ask for the schema, and is told what a misspelt field may have meant.
        trusted: which documents are executed.
        guesses: is told of what there is not; None where nobody counts.
    """

    def __init__(
        self,
        services: Services,
        actor: Actor,
        request_id: str,
        client: str | None,
        *,
        lasting: bool = False,
        explained: bool = False,
        trusted: Trusted = ANY,
        guesses: Guesses | None = None,
    ) -> None:
        self.services = services
        self.actor = actor
        self.request_id = request_id
        self._client = client
        self._lasting = lasting
        self._explained = explained
        self.trusted = trusted
        self._whereabouts: dict[AsOf | None, DataLoader[str, Whereabouts]] = {}
        self.guesses = guesses
        self._stock: dict[AsOf | None, DataLoader[str, list[Level]]] = {}

    @property
    def sees_schema(self) -> bool:
        """Whether this caller may ask for the schema: who has a key, or everybody where GraphiQL is."""
        return self._explained or self.actor is not ANONYMOUS

    @property
    def call(self) -> Call:
        """Who calls, for the audit log."""
        return Call(self.actor.id, Door.GRAPHQL, self.request_id, self._client)

    def missed(self) -> None:
        """There is not what the caller asked for: through every door that costs the same."""
        if self.guesses is not None:
            self.guesses.missed()

    @cached_property
    def assets(self) -> DataLoader[str, Document | None]:
        """The assets of labels that the caller holds, in one round trip for all of a level."""

        async def load(ids: Sequence[str]) -> Sequence[Document | None]:
            found = await self.services.assets.of_labels(self.actor, ids)
            return [found.get(twin) for twin in ids]

        return DataLoader(load, cache=not self._lasting)

    @cached_property
    def facts(self) -> DataLoader[str, Document]:
        """Facts by their ids, in one round trip for all of a level."""

        async def load(ids: Sequence[str]) -> Sequence[Document]:
            found = await self.services.facts.several(self.actor, ids)
            return [found[fact] for fact in ids]

        return DataLoader(load, cache=not self._lasting)

    @cached_property
    def recalls(self) -> DataLoader[str, list[Document]]:
        """What assets are recalled for, in one round trip for all of a level."""

        async def load(ids: Sequence[str]) -> Sequence[list[Document]]:
            found = await self.services.recalls.notices(set(ids))
            return [list(found.get(asset, ())) for asset in ids]

        return DataLoader(load, cache=not self._lasting)

    def whereabouts(self, as_of: AsOf | None) -> DataLoader[str, Whereabouts]:
        """Where assets were at a point, in few round trips for all of a level."""
        if as_of not in self._whereabouts:

            async def load(ids: Sequence[str]) -> Sequence[Whereabouts]:
                found = await self.services.genealogy.whereabouts(self.actor, set(ids), as_of)
                return [found[twin] for twin in ids]

            self._whereabouts[as_of] = DataLoader(load, cache=not self._lasting)
        return self._whereabouts[as_of]

    @cached_property
    def names(self) -> DataLoader[str, str | None]:
        """What actors are called, as far as the caller may see it, in one round trip for all of a level."""

        async def load(ids: Sequence[str]) -> Sequence[str | None]:
            found = await self.services.people.names(self.actor, ids)
            return [found.get(id_) for id_ in ids]

        return DataLoader(load, cache=not self._lasting)

    def stock(self, as_of: AsOf | None) -> DataLoader[str, list[Level]]:
        """How much of lots was where at a point, in one round trip for all of a level."""
        if as_of not in self._stock:

            async def load(ids: Sequence[str]) -> Sequence[list[Level]]:
                found = await self.services.inventory.stock(self.actor, set(ids), as_of)
                return [found[twin] for twin in ids]

            self._stock[as_of] = DataLoader(load, cache=not self._lasting)
        return self._stock[as_of]


Info = StrawberryInfo[Context, None]
