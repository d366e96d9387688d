"""What is on hand where: items, what they are packed in, and quantities of lots, on both axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import name, new_asset, why
from tests.services.test_facts import DAY, record
from twin.domain.actor import ANONYMOUS, Actor, Audience, Role, actor_with
from twin.domain.fact import FactKind
from twin.domain.history import AsOf, Command
from twin.domain.stock import Spot
from twin.errors import InvalidInput, TooLarge, Unauthenticated
from twin.identity import Granularity
from twin.services import inventory
from twin.services.facts import Named
from twin.services.inventory import Level

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

PRODUCT = "gs1:01/09506000134352"


class Yard:
    """Things of one product and lot, and places of their own."""

    def __init__(self, bench: Bench, actor: Actor) -> None:
        self.bench, self.actor, self.tag = bench, actor, name()[:12]
        self.lot = f"{PRODUCT}/10/{self.tag}"

    def place(self, name: str) -> str:
        return f"{name}-{self.tag}"

    async def item(self, kind: str = "component", *, of_lot: bool = True) -> str:
        serial = f"(01)09506000134352(10){self.tag}(21){name()[:15]}"
        early = Command(occurred_at=self.bench.clock.now - 100 * DAY)
        return await new_asset(self.bench, self.actor, *([serial] if of_lot else ()), kind=kind, command=early)

    async def material(self) -> str:
        early = Command(occurred_at=self.bench.clock.now - 100 * DAY)
        more: dict[str, Any] = {"granularity": Granularity.LOT, "kind": "material", "command": early}
        return await new_asset(self.bench, self.actor, self.lot, **more)

    async def move(self, what: str | Named, place: str, movement: str = "RECEIVE", days: float = 0) -> str:
        command = Command(occurred_at=self.bench.clock.now - days * DAY) if days else Command()
        part = what if isinstance(what, Named) else Named(what)
        said = {"movement": movement, "place": self.place(place)}
        return str((await record(self.bench, self.actor, FactKind.MOVE, [part], said=said, command=command))["_id"])

    async def rows(self, *places: str, **asked: Any) -> list[tuple[Any, ...]]:
        """Place, whether on its way, kind, whether it is of the product and of the lot, items, and quantity."""
        if places:
            asked["places"] = [self.place(each) for each in places]
        found = await self.bench.services.inventory.rows(self.actor, **asked)
        return [
            (
                (row.spot.place or "").removesuffix(f"-{self.tag}") + ("…" if row.spot.transit else ""),
                row.kind,
                (row.products, row.lots) == ((PRODUCT,), (self.lot,)),
                row.items or (row.quantity, row.unit),
            )
            for row in found
        ]


@pytest.fixture
def yard(bench: Bench, actor: Actor) -> Yard:
    return Yard(bench, actor)


async def test_what_is_packed_counts_where_its_container_is_and_what_is_built_in_does_not(yard: Yard) -> None:
    bench, actor = yard.bench, yard.actor
    pallet, case, car = [await yard.item(kind, of_lot=False) for kind in ("container", "container", "vehicle")]
    loose, first, second, built, used, left = [await yard.item() for _ in range(6)]
    await record(bench, actor, FactKind.PACK, [first, second, left], case)
    await record(bench, actor, FactKind.PACK, [case], pallet)
    await record(bench, actor, FactKind.INSTALL, built, car)
    await record(bench, actor, FactKind.CONSUME, [used], car)
    for thing, place in ((pallet, "P"), (car, "P"), (loose, "Q")):
        await yard.move(thing, place)
    await record(bench, actor, FactKind.UNPACK, [left], case)
    expected = [("P", "component", True, 3), ("P", "container", False, 2), ("P", "vehicle", False, 1)]
    assert await yard.rows("P") == expected
    assert await yard.rows("P", "Q", kinds=["component"]) == [expected[0], ("Q", "component", True, 1)]
    assert await yard.rows(part_of=yard.lot) == [expected[0], ("Q", "component", True, 1)]
    await record(bench, actor, FactKind.REMOVE, built, car)
    await yard.move(pallet, "Q", "SHIP")
    assert await yard.rows("P") == [("P", "component", True, 2), ("P", "vehicle", False, 1)], "left and removed ones"
    assert ("Q…", "component", True, 2) in await yard.rows("Q")
    assert await yard.rows(part_of=yard.lot) == [
        ("P", "component", True, 2),
        ("Q", "component", True, 1),
        ("Q…", "component", True, 2),
    ]


async def test_quantities_of_lots_stand_beside_items(yard: Yard) -> None:
    material = await yard.material()
    await yard.move(Named(material, "10", "KGM"), "P")
    await yard.move(Named(material, "4", "KGM"), "Q", "SHIP")
    await yard.move(await yard.item(), "Q")
    expected = [
        ("P", "material", True, ("6", "KGM")),
        ("Q", "component", True, 1),
        ("Q…", "material", True, ("4", "KGM")),
    ]
    assert await yard.rows("P", "Q") == expected
    assert await yard.rows(part_of=yard.lot) == expected
    assert await yard.rows("P", "Q", part_of=PRODUCT) == expected
    assert await yard.rows("P", "Q", kinds=["material"]) == [expected[0], expected[2]]
    levels = await yard.bench.services.inventory.stock(yard.actor, [material])
    assert levels == {
        material: [Level(Spot(yard.place("P")), "6", "KGM"), Level(Spot(yard.place("Q"), transit=True), "4", "KGM")]
    }


async def test_the_past_is_as_it_was_and_as_it_was_known(yard: Yard) -> None:
    material, item = await yard.material(), await yard.item()
    await yard.move(Named(material, "10", "KGM"), "P", days=9)
    await yard.move(item, "P", days=9)
    before = yard.bench.clock.now
    mistake = await yard.move(Named(material, "4", "KGM"), "Q", "TRANSFER", days=5)
    await yard.move(item, "Q", "TRANSFER", days=5)
    known = yard.bench.clock.now
    await yard.bench.services.facts.correct(yard.actor, mistake, why())
    for as_of, expected in (
        (None, [("P", "material", True, ("10", "KGM")), ("Q", "component", True, 1)]),
        (AsOf(occurred=before - 7 * DAY), [("P", "component", True, 1), ("P", "material", True, ("10", "KGM"))]),
        (AsOf(occurred=before - 10 * DAY), []),
        (AsOf(recorded=before), [("P", "component", True, 1), ("P", "material", True, ("10", "KGM"))]),
        (
            AsOf(recorded=known),
            [
                ("P", "material", True, ("6", "KGM")),
                ("Q", "component", True, 1),
                ("Q", "material", True, ("4", "KGM")),
            ],
        ),
    ):
        assert await yard.rows("P", "Q", as_of=as_of) == expected, as_of
        assert await yard.rows(part_of=yard.lot, as_of=as_of) == expected, as_of


async def test_who_may_ask_and_for_how_much(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    service = yard.bench.services.inventory
    material = await yard.material()
    await yard.move(Named(material, "10", "KGM"), "P")
    for _ in range(3):
        await yard.move(await yard.item(), "P")
    partner = actor_with("partner", [Role.VIEWER], [Audience.PUBLIC, Audience.PARTNER])
    assert await service.rows(partner, places=[yard.place("P")]) == []
    assert await service.stock(partner, [material]) == {material: []}
    with pytest.raises(Unauthenticated):
        await service.rows(ANONYMOUS, places=["P"])
    with pytest.raises(Unauthenticated):
        await service.stock(ANONYMOUS, [material])
    wrong: list[dict[str, Any]] = [{}, {"kinds": ["tool"]}, {"places": []}, {"places": ["P"] * 101}, {"part_of": "x:y"}]
    for asked in wrong:
        with pytest.raises(InvalidInput):
            await service.rows(yard.actor, **asked)
    monkeypatch.setattr(inventory, "MOST_ITEMS", 2)
    many: list[dict[str, Any]] = [{"places": [yard.place("P")]}, {"part_of": yard.lot}]
    for asked in many:
        with pytest.raises(TooLarge, match="at most 2 items"):
            await service.rows(yard.actor, **asked)
    monkeypatch.setattr(inventory, "MOST_LEVELS", 0)
    with pytest.raises(TooLarge, match="at most 0 quantities"):
        await service.stock(yard.actor, [material])
