"""Assets and labels for the tests of the services, made through the services."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pymongo.read_concern import ReadConcern

from twin.domain.actor import Actor
from twin.domain.history import Command
from twin.identity import Granularity
from twin.services.labels import Order
from twin.store.mongo import Collection

if TYPE_CHECKING:
    from tests.conftest import Bench

Doc = Mapping[str, Any]
_VALUES = {character: code for code, character in enumerate("0123456789")} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def name() -> str:
    """A clientMutationId that nobody else uses."""
    return uuid.uuid4().hex


def why(reason: str = "because", **more: Any) -> Command:
    """A command with a reason."""
    return Command(reason=reason, **more)


def new_vin() -> str:
    """A North American VIN that nobody else uses, with its check digit (49 CFR 565.15(c), worked out once more)."""
    tail = f"{uuid.uuid4().int % 10**6:06}"
    serial = "".join("ABCDEFGHJK"[int(digit)] for digit in f"{uuid.uuid4().int % 10**4:04}")
    text = f"1M8{serial}A0KP{tail}"
    rest = sum(_VALUES[character] * weight for character, weight in zip(text, _WEIGHTS, strict=True)) % 11
    return f"{text[:8]}{'X' if rest == 10 else rest}{text[9:]}"


async def new_asset(bench: Bench, actor: Actor, *identifiers: str, **more: Any) -> str:
    """The id of a new asset."""
    given: dict[str, Any] = {"kind": "tool", "name": "A drill", "attributes": {"shelf": "12"}, "command": Command()}
    given["granularity"] = Granularity.ITEM
    document = await bench.services.assets.register(actor, identifiers=identifiers, **(given | more))
    return str(document["_id"])


async def issued(bench: Bench, actor: Actor, asset: str | None = None, **face: str) -> Doc:
    """A label of the profile asset_tag, on a new asset unless told otherwise."""
    on = asset or await new_asset(bench, actor)
    order = Order(on, "asset_tag", face or {"tag": "7"})
    return (await bench.services.labels.issue(actor, [order], Command()))[0]


async def preprinted(bench: Bench, actor: Actor) -> Doc:
    """A label that waits for its asset."""
    return (await bench.services.labels.preprint(actor, "asset_tag", 1, why()))[0]


async def printed(bench: Bench, actor: Actor, asset: str | None = None, **face: str) -> Doc:
    """A label that is printed, not applied."""
    label = await issued(bench, actor, asset, **face)
    return await bench.services.labels.print_label(actor, label["_id"], command=Command())


async def applied(bench: Bench, actor: Actor, asset: str | None = None, **face: str) -> Doc:
    """A label on its asset."""
    label = await printed(bench, actor, asset, **face)
    return await bench.services.labels.apply(actor, label["_id"], Command())


async def stored(bench: Bench, twin: str) -> dict[str, Any]:
    """The label's document as it stands in the database."""
    document = await bench.store.labels.read({"_id": twin})
    assert document is not None
    return document


def rows_of(bench: Bench) -> Collection:
    """The rows of the scan log as the primary has them: nobody waits until all have them."""
    return bench.mongo.collection("scan_log").with_options(read_concern=ReadConcern("local"))


def told(document: Doc) -> dict[str, Any]:
    """What an answer says of the twin at its revision."""
    return {name: document[name] for name in ("_id", "revision", "head", "hash", "changed", "created")}
