"""What the tests of the resolver share: GTINs that nobody else uses, links, and levels that have some."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from twin.domain.history import Command
from twin.domain.links import Link
from twin.services.links import Order

if TYPE_CHECKING:
    from tests.conftest import Bench
    from twin.domain.actor import Actor

VOC = "https://ref.gs1.org/voc/"
LINKSET = "application/linkset+json"


def new_gtin() -> str:
    """A GTIN of 14 digits that nobody else uses, under a prefix for examples."""
    body = f"0950600{uuid.uuid4().int % 10**6:06}"
    check = -sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(body)) % 10
    return f"{body}{check}"


def link(term: str = "pip", href: str | None = None, **more: Any) -> Link:
    """A link of a type of the GS1 Web Vocabulary."""
    return Link(f"{VOC}{term}", more.pop("title", term), href or f"https://brand.example/{term}", **more)


async def give(bench: Bench, actor: Actor, level: str, *links: Link) -> None:
    """Give a level its first links; the first is the default, unless one says that it is."""
    if not any(one.default for one in links):
        first = links[0]
        changed = {name: getattr(first, name) for name in Link.__slots__} | {"default": True}
        links = (Link(**changed), *links[1:])
    await bench.services.links.set(actor, Order(level, f"Level {level}", links, 0), Command())
