"""A day of a phone without network: what it does, as mutations of `sync`, and what must come of each, by the models."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.genealogy_model import Impossible, Plain, Told
from tests.model import Ask, Refusal, Step, World

BEGAN = datetime(2026, 2, 20, 6, 0, tzinfo=UTC)
"""When all twins were made known; the phone's day comes after it, and the service's clock after that."""
NOW = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URL = "HTTP://127.0.0.1:8000"
KINDS: Mapping[str, int] = {
    "applyLabel": 10,
    "verifyLabel": 8,
    "reportLabel": 3,
    "removeLabel": 3,
    "reprintLabel": 2,
    "correctLabel": 3,
    "voidLabel": 1,
    "reviseLabel": 12,
    "reviseAsset": 8,
    "recordMovement": 14,
    "installComponent": 6,
    "removeComponent": 6,
    "packItems": 4,
    "unpackItems": 4,
    "recordInspection": 6,
    "recordNote": 8,
    "recordScan": 8,
}
FACTS = {
    "recordMovement": "MOVE",
    "installComponent": "INSTALL",
    "removeComponent": "REMOVE",
    "packItems": "PACK",
    "unpackItems": "UNPACK",
    "recordInspection": "INSPECT",
    "recordNote": "NOTE",
}
Verdict = tuple[str, str]
"""The code of the refusal and the last word of its path; both empty where it is accepted."""
ACCEPTED: Verdict = ("", "")


@dataclass(frozen=True)
class Item:
    """One mutation: its kind, its input as the phone sends it, and the same as the models take it."""

    kind: str
    input: dict[str, Any]
    ask: Ask | None = None
    fact: Told | None = None

    @property
    def name(self) -> str:
        return str(self.input["clientMutationId"])


class Phone:
    """What a phone does in a day, without knowing what others do.

    Args:
        seed: of this day.
        labels: the link ids of the labels that it has, by the labels' ids.
        assets: the things that it has.
    """

    def __init__(self, seed: int, labels: Mapping[str, str], assets: list[str]) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a run that can be repeated
        self.labels, self.assets = labels, assets

    def day(self, items: int) -> list[Item]:
        """So many mutations; a few come twice under one name, with another reason."""
        kinds = self.random.choices(list(KINDS), list(KINDS.values()), k=items)
        done = [self._item(kind, f"m{number}") for number, kind in enumerate(kinds)]
        for place in self.random.sample(range(1, items), items // 50):
            other = done[self.random.randrange(place)]
            done[place] = replace(
                other,
                input={**other.input, "reason": "another"},
                ask=other.ask and replace(other.ask, reason="another"),
                fact=other.fact and replace(other.fact),
            )
        return done

    def deliveries(self, items: list[Item]) -> list[list[Item]]:
        """The mutations, shuffled, three in ten of them twice, in batches of which every third is sent again."""
        sent = [*items, *self.random.sample(items, len(items) * 3 // 10)]
        self.random.shuffle(sent)
        batches = []
        while sent:
            size = self.random.randint(1, 150)
            batch, sent = sent[:size], sent[size:]
            batches += [batch] * self.random.choice((1, 1, 2))
        return batches

    def _item(self, kind: str, name: str) -> Item:
        occurred = BEGAN + self.random.randint(1, 900) * MINUTE
        given: dict[str, Any] = {"clientMutationId": name, "occurredAt": occurred.isoformat(), "reason": f"why {name}"}
        if self.random.random() < 0.1:
            del given["reason"]
        if kind in FACTS:
            return self._fact(kind, given, occurred)
        if kind == "recordScan":
            return Item(kind, {**given, "text": f"{URL}/L/{self.random.choice(list(self.labels.values()))}"})
        return self._move(kind, given, occurred)

    def _move(self, kind: str, given: dict[str, Any], occurred: datetime) -> Item:
        pick = self.random
        label = pick.choice(list(self.labels))
        key, args = label, dict[str, Any]()
        expected: int | None = None
        if kind == "correctLabel":
            del given["occurredAt"]
        if kind == "verifyLabel":
            args = {"read": f"{URL}/L/{self.labels[label]}" if pick.random() < 0.7 else "something else"}
            given |= args
        if kind == "reportLabel":
            args = {"lost": pick.random() < 0.5}
            given["damage"] = "LOST" if args["lost"] else "DAMAGED"
        if kind in ("reviseLabel", "reviseAsset"):
            expected = pick.randint(1, 12)
            free = {name: f"{pick.randint(1, 3)}" for name in ("shelf", "by") if pick.random() < 0.6}
            given |= {"expectedRevision": expected, "attributes": _fields(free)}
            if kind == "reviseAsset":
                key, args = pick.choice(self.assets), {"name": None, "attributes": free}
            else:
                face = {"tag": f"T{pick.randint(1, 3)}"} if pick.random() < 0.5 else {}
                args = {"face": face, "attributes": free}
                given["face"] = _fields(face)
        given["asset" if kind == "reviseAsset" else "label"] = key
        names = {"reviseAsset": "revise_asset", "reprintLabel": "reprint"}
        ask = Ask(
            names.get(kind, kind.removesuffix("Label")),
            key,
            args,
            given.get("reason"),
            None if kind == "correctLabel" else occurred,
            expected,
            given["clientMutationId"],
        )
        return Item(kind, given, ask=ask)

    def _fact(self, kind: str, given: dict[str, Any], occurred: datetime) -> Item:
        pick = self.random
        what, into = pick.sample(self.assets, 2)
        place = pick.choice(("PLANT-1", "PLANT-2", "DEALER-7")) if kind == "recordMovement" else ""
        goes = (into,) if kind in ("installComponent", "removeComponent", "packItems", "unpackItems") else ()
        told = Told(given["clientMutationId"], FACTS[kind], (what,), goes, occurred, NOW, place, movement="TRANSFER")
        more: Mapping[str, dict[str, Any]] = {
            "recordMovement": {"assets": [{"asset": what}], "movement": "TRANSFER", "place": place},
            "recordInspection": {"assets": [what], "outcome": "PASSED"},
            "recordNote": {"assets": [what], "text": f"Seen by {given['clientMutationId']}"},
        }
        parts = (
            {"items": [what], "container": into} if kind.endswith("Items") else {"component": what, "assembly": into}
        )
        return Item(kind, given | more.get(kind, parts), fact=told)


class Truth:
    """What must have come of all that was sent: two models, each of which shares no rule with the service."""

    def __init__(self) -> None:
        self.world, self.plain = World(URL), Plain(())
        self.scans: set[str] = set()
        self.done: dict[str, Item] = {}
        self.notes: dict[str, list[str]] = {}

    def judge(self, item: Item) -> Verdict:
        """Do one item, or refuse it."""
        if item.name in self.done:
            return ACCEPTED if self.done[item.name].input == item.input else ("MUTATION_ID_REUSED", "")
        try:
            self._do(item)
        except Impossible:
            return "INCONSISTENT_FACT", ""
        except Refusal as refusal:
            return refusal.told
        self.done[item.name] = item
        return ACCEPTED

    def _do(self, item: Item) -> None:
        if item.fact is not None:
            self.plain.judge([*self.plain.counting(None), item.fact])
            self.plain.facts.append(item.fact)
            for twin in (*item.fact.what, *item.fact.into):
                told = Step(twin, item.fact.kind, {}, item.fact.at, item.input.get("reason"))
                self.world.record(told, twin, NOW)
            if item.kind == "recordNote":
                self.notes.setdefault(item.fact.what[0], []).append(item.input["text"])
        elif item.ask is not None:
            [step] = self.world.decide(item.ask, NOW)
            assert isinstance(step, Step)
            assert step.twin is not None
            self.world.record(step, step.twin, NOW)
        else:
            self.scans.add(item.name)


def _fields(given: Mapping[str, str | None]) -> list[dict[str, str | None]]:
    return [{"name": name, "value": value} for name, value in given.items()]
