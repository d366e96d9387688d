"""What a resolver knows of the request."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from strawberry.dataloader import DataLoader
from strawberry.types import Info as StrawberryInfo

from twin.domain.actor import Actor
from twin.domain.history import Document
from twin.services import Services


class Context:
    """One request: who calls, what may be asked, and what was loaded already.

    Args:
        services: the use cases.
        actor: the caller.
        request_id: how the request is found in the log.
        lasting: whether it is a connection that goes on for long, so that nothing loaded may be kept.
    """

    def __init__(self, services: Services, actor: Actor, request_id: str, *, lasting: bool = False) -> None:
        self.services = services
        self.actor = actor
        self.request_id = request_id
        self._lasting = lasting

    @cached_property
    def assets(self) -> DataLoader[str, Document | None]:
        """The assets of labels that the caller holds, in one round trip for all of a level."""

        async def load(ids: Sequence[str]) -> Sequence[Document | None]:
            found = await self.services.assets.of_labels(self.actor, ids)
            return [found.get(twin) for twin in ids]

        return DataLoader(load, cache=not self._lasting)


Info = StrawberryInfo[Context, None]
