"""What the vehicles of the demo are made of, and where they went: made up, and the same in every demo.

In April 2025 the works rebuilt them in three series of eight, each with an electric drive and a new airbag. Each series
has its own lots of cells, inflators and brake fluid, and leaves on one car carrier: the third is on its way still. In
the field one airbag was replaced by another one; its inflator is of a lot of which only two were ever used.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources

from twin.domain.actor import full_actor
from twin.domain.fact import FactKind
from twin.domain.history import Command
from twin.identity import Granularity
from twin.services import Services
from twin.services.facts import Named

ACTOR = full_actor("demo-loader")
BEGUN = datetime(2025, 1, 7, 8, tzinfo=UTC)
SERIES = 8
DEALERS = ("Dealer 7, Basel", "Dealer 3, Lyon", "Dealer 5, Turin")
STEPS = 1 + 4 * len(DEALERS)
"""How often `load` says that it has come further."""

_REBUILT = datetime(2025, 4, 7, 6, tzinfo=UTC)
_WORKS = {"site": "Example Motor Works, Steyr", "line": "REBUILD-1"}
_MODULES = {"site": "Example Batteries, Graz", "line": "MODULE-2", "machine": "WELDER-11"}
_AIRBAGS = {"site": "Example Airbags, Brno", "line": "L6"}
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lot:
    """A row of `lots.csv`: how much of what was made when, and where."""

    kind: str
    name: str
    identifier: str
    quantity: str
    unit: str
    made: str
    site: str
    line: str
    machine: str
    work_order: str


class Genealogy:
    """Loads all of it.

    Args:
        services: through which.
        done: is called after each step.
    """

    def __init__(self, services: Services, done: Callable[[], object]) -> None:
        self._services = services
        self._done = done

    async def load(self, vins: Sequence[str]) -> None:
        """Rebuild the vehicles, in the order of their VINs' list, and send them out."""
        text = resources.files(__package__).joinpath("lots.csv").read_text(encoding="utf-8")
        lots = [Lot(**row) for row in csv.DictReader(text.splitlines())]
        await asyncio.gather(*(self._make_lot(lot) for lot in lots))
        self._done()
        cells, inflators, fluid = (
            [lot for lot in lots if lot.kind == kind] for kind in ("cells", "inflators", "fluid")
        )
        for number in range(len(DEALERS)):
            series = [f"vin:{vin}" for vin in vins[number * SERIES : (number + 1) * SERIES]]
            numbers = [f"{number + 1}{place:02}" for place in range(1, len(series) + 1)]
            at = _REBUILT + number * _DAY
            await self._make_batteries(number, numbers, cells[number], at - 7 * _DAY)
            self._done()
            await self._make_airbags(numbers, inflators[number], at - 7 * _DAY)
            self._done()
            await self._rebuild(number, series, numbers, fluid[number], at)
            self._done()
            await self._send(number, series, at + 2 * _DAY)
            self._done()
        await self._replace_airbag(f"vin:{vins[0]}", inflators[-1])

    async def _make_lot(self, lot: Lot) -> None:
        at = datetime.fromisoformat(lot.made).replace(hour=14, tzinfo=UTC)
        await self._register(lot.kind, f"{lot.name}, lot {lot.identifier.rpartition('/')[2]}", lot.identifier, lot=True)
        said = {"site": lot.site, "line": lot.line, "machine": lot.machine, "workOrder": lot.work_order}
        whole = Named(lot.identifier, lot.quantity, lot.unit)
        await self._record(FactKind.PRODUCE, f"{lot.identifier}-made", [whole], at=at, said=said)

    async def _make_batteries(self, series: int, numbers: Sequence[str], cells: Lot, at: datetime) -> None:
        batteries = [_battery(number) for number in numbers]
        modules = [module for number in numbers for module in _modules(number)]
        await asyncio.gather(
            *(self._register("component", "Battery 64 kWh", battery) for battery in batteries),
            *(self._register("component", "Battery module 32 kWh", module) for module in modules),
        )
        await self._consume(cells, modules, at)
        order = {"workOrder": f"WO-25-70{series + 1}"}
        await self._record(FactKind.PRODUCE, f"modules-{series}", modules, at=at + _HOUR, said=_MODULES | order)
        await asyncio.gather(*(self._fill(number, at + 2 * _HOUR) for number in numbers))
        await self._record(FactKind.PRODUCE, f"batteries-{series}", batteries, at=at + 3 * _HOUR, said=_MODULES | order)

    async def _fill(self, number: str, at: datetime) -> None:
        for place, module in enumerate(_modules(number), start=1):
            await self._install(module, _battery(number), at, position=f"slot {place}", torqueNm="12")

    async def _make_airbags(self, numbers: Sequence[str], inflators: Lot, at: datetime) -> None:
        airbags = [_airbag(number) for number in numbers]
        await asyncio.gather(*(self._register("component", "Airbag module driver", airbag) for airbag in airbags))
        await self._consume(inflators, airbags, at)
        order = {"workOrder": f"{inflators.work_order}-M"}
        await self._record(FactKind.PRODUCE, f"{airbags[0]}-made", airbags, at=at + _HOUR, said=_AIRBAGS | order)

    async def _rebuild(
        self, number: int, series: Sequence[str], numbers: Sequence[str], fluid: Lot, at: datetime
    ) -> None:
        async def rebuild(vehicle: str, number: str) -> None:
            await self._install(_battery(number), vehicle, at, position="underfloor", torqueNm="110")
            await self._install(_airbag(number), vehicle, at + _HOUR, position="driver", torqueNm="9")

        await asyncio.gather(*(rebuild(*pair) for pair in zip(series, numbers, strict=True)))
        await self._consume(fluid, series, at + 2 * _HOUR)
        said = _WORKS | {"workOrder": f"WO-25-90{number + 1}"}
        await self._record(FactKind.PRODUCE, f"series-{number}", series, at=at + 8 * _HOUR, said=said)
        said = {"outcome": "PASSED", "site": _WORKS["site"]}
        await self._record(FactKind.INSPECT, f"inspected-{number}", series, at=at + 9 * _HOUR, said=said)

    async def _send(self, number: int, series: Sequence[str], at: datetime) -> None:
        carrier, dealer = f"part:EXLOG/CARRIER-8/serial/T-0{number + 1}", DEALERS[number]
        await self._register("container", f"Car carrier T-0{number + 1}", carrier)
        await self._record(FactKind.PACK, f"loaded-{number}", series, [carrier], at=at)
        said = {"movement": "SHIP", "place": dealer, "origin": _WORKS["site"], "transport": f"CMR-25-{number + 1}"}
        await self._record(FactKind.MOVE, f"shipped-{number}", [carrier], at=at + _HOUR, said=said)
        if number == len(DEALERS) - 1:
            return
        said = {"movement": "ARRIVE", "place": dealer, "party": dealer.partition(",")[0]}
        await self._record(FactKind.MOVE, f"arrived-{number}", [carrier], at=at + _DAY, said=said)
        await self._record(FactKind.UNPACK, f"unloaded-{number}", series, [carrier], at=at + _DAY + _HOUR)
        said["movement"] = "RECEIVE"
        await self._record(FactKind.MOVE, f"received-{number}", series, at=at + _DAY + 2 * _HOUR, said=said)

    async def _replace_airbag(self, vehicle: str, inflators: Lot) -> None:
        """The first vehicle gets one of two spare airbags; the other one waits in the depot."""
        at = datetime(2025, 9, 30, 9, tzinfo=UTC)
        await self._make_airbags(["901", "902"], inflators, datetime(2025, 7, 9, 8, tzinfo=UTC))
        old, new, spare = map(_airbag, ("101", "901", "902"))
        said = {"movement": "ARRIVE", "place": "Parts depot, Graz"}
        await self._record(FactKind.MOVE, "spare", [spare], at=at - 30 * _DAY, said=said)
        await self._record(FactKind.REMOVE, "airbag-out", [old], [vehicle], at=at, reason="Warning light stays on")
        await self._install(new, vehicle, at + _HOUR, position="driver", torqueNm="9")
        said = {"movement": "SHIP", "place": "Example Airbags, Brno", "origin": DEALERS[0]}
        await self._record(FactKind.MOVE, "airbag-back", [old], at=at + _DAY, said=said)

    async def _register(self, kind: str, name: str, identifier: str, *, lot: bool = False) -> None:
        await self._services.assets.register(
            ACTOR,
            kind=kind,
            granularity=Granularity.LOT if lot else Granularity.ITEM,
            name=name,
            identifiers=[identifier],
            attributes={},
            command=_command(identifier, BEGUN),
        )

    async def _consume(self, lot: Lot, products: Sequence[str], at: datetime) -> None:
        material = Named(lot.identifier, lot.quantity, lot.unit)
        await self._record(FactKind.CONSUME, f"{lot.identifier}-used", [material], products, at=at)

    async def _install(self, component: str, assembly: str, at: datetime, *, position: str, **attributes: str) -> None:
        name, said = f"{component}-in", {"position": position}
        await self._record(FactKind.INSTALL, name, [component], [assembly], at=at, said=said, attributes=attributes)

    async def _record(
        self,
        kind: FactKind,
        name: str,
        what: Sequence[Named | str],
        into: Sequence[str] = (),
        *,
        at: datetime,
        said: dict[str, str] | None = None,
        attributes: dict[str, str] | None = None,
        reason: str | None = None,
    ) -> None:
        await self._services.facts.record(
            ACTOR,
            kind,
            what=[Named(each) if isinstance(each, str) else each for each in what],
            into=[Named(each) for each in into],
            said=said,
            attributes=attributes,
            command=_command(name, at, reason),
        )


def _battery(number: str) -> str:
    return f"part:EXBAT/EX-BAT-64/serial/B64-{number}"


def _modules(number: str) -> list[str]:
    return [f"part:EXBAT/EX-MOD-32/serial/M32-{number}-{place}" for place in (1, 2)]


def _airbag(number: str) -> str:
    return f"part:EXAIR/EX-ABM-D/serial/AD-{number}"


def _command(name: str, at: datetime, reason: str | None = None) -> Command:
    return Command(reason=reason, occurred_at=at, client_mutation_id=f"demo-{name}")
