"""Use cases. Every one takes the caller first, asks for the permission, and redacts by audience before it returns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from twin.services.assets import Assets
from twin.services.commits import Clock, Commits, system_clock
from twin.services.keys import Keys
from twin.services.labels import Labels
from twin.services.scans import Scans
from twin.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a door of the service can ask for."""

    assets: Assets
    labels: Labels
    scans: Scans
    keys: Keys
    ping: Callable[[], Awaitable[None]]

    @classmethod
    async def on(
        cls,
        store: Store,
        *,
        public_url: str,
        former_urls: tuple[str, ...] = (),
        demo_key: str | None = None,
        clock: Clock = system_clock,
    ) -> Services:
        """The services on a prepared store.

        Args:
            store: where everything is kept.
            public_url: the host that new links name.
            former_urls: the hosts that older links name; the list only grows.
            demo_key: a key that works in this process alone.
            clock: tells the time, in UTC.
        """
        commits = Commits(store, await store.mongo.secret(), clock)
        assets, labels = Assets(commits), Labels(commits, public_url)
        scans = Scans(commits, labels, assets, frozenset({public_url, *former_urls}))
        return cls(assets, labels, scans, Keys(store.keys, clock, demo_key), store.mongo.ping)
