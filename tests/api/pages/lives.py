"""Labels in every state that a page can show."""

from __future__ import annotations

import random
from typing import Any

from tests.conftest import Bench
from twin.domain.actor import Actor
from twin.domain.history import Command, Document
from twin.identity import Granularity
from twin.services.labels import Order

HEADLINES = {
    "unclaimed": "This label is unclaimed.",
    "issued": "This label is not in use yet.",
    "printed": "This label is not in use yet.",
    "applied": "This label is current.",
    "verified": "This label is current.",
    "stale": "This label is out of date.",
    "damaged": "This label was reported damaged.",
    "lost": "This label was reported lost.",
    "removed": "This label was removed.",
    "replaced": "This label was replaced.",
    "void": "This label is void.",
}
"""What the page of a label says in its headline, by the life that `lived` gives the label."""

WHY = Command(reason="A reason that is internal")


async def issued(bench: Bench, actor: Actor, face: dict[str, str] | None = None) -> Document:
    """A new asset tag on a new vehicle with a VIN."""
    asset = await bench.services.assets.register(
        actor,
        kind="liftTruck",
        granularity=Granularity.ITEM,
        name="Lift truck 7",
        identifiers=[f"vin:WVWZZZ1JZXW{random.randrange(10**6):06}"],  # noqa: S311 - a name, no secret
        attributes={},
        command=Command(),
    )
    order = Order(asset["_id"], "asset_tag", face or {"tag": "T-1", "owner": "Works", "note": "In the safe"})
    return (await bench.services.labels.issue(actor, [order], Command()))[0]


async def lived(bench: Bench, actor: Actor, life: str) -> Document:
    """A label that has had one of the lives of HEADLINES."""
    labels = bench.services.labels
    if life == "unclaimed":
        return (await labels.preprint(actor, "asset_tag", 1, WHY))[0]
    label = await issued(bench, actor)
    key = label["_id"]
    if life == "issued":
        return label
    label = await labels.print_label(actor, key, command=Command())
    if life == "printed":
        return label
    label = await labels.apply(actor, key, Command())
    if life == "applied":
        return label
    ends: dict[str, Any] = {
        "verified": lambda: labels.verify(actor, key, read=labels.payload(label), grade="A", command=Command()),
        "stale": lambda: revised(bench, actor, label, {"owner": "New works"}),
        "damaged": lambda: labels.report(actor, key, lost=False, command=WHY),
        "lost": lambda: labels.report(actor, key, lost=True, command=WHY),
        "removed": lambda: labels.remove(actor, key, WHY),
        "replaced": lambda: bench.services.replacements.replace(actor, key, by=None, face=None, command=WHY),
        "void": lambda: labels.void(actor, key, WHY),
    }
    after = await ends[life]()
    return after[0] if isinstance(after, tuple) else after  # type: ignore[no-any-return]


async def revised(bench: Bench, actor: Actor, label: Document, face: dict[str, str]) -> Document:
    """The label after a change of its face."""
    command = Command(reason=WHY.reason, expected_revision=label["revision"])
    return await bench.services.labels.revise(actor, label["_id"], face=face, attributes={}, command=command)


def link_id(label: Document) -> str:
    """The printed id."""
    return str(label["head"]["link_id"])
