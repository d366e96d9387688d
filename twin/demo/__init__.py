"""The demo: a small fleet of vehicles with published VINs and what they are made of, loaded through the services.

Every change has its own clientMutationId: loading it again changes nothing, and an interrupted load goes on.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import click

from twin.demo.genealogy import ACTOR, BEGUN, STEPS, Genealogy
from twin.domain.history import Command, Document
from twin.errors import MutationIdReused, SetupError
from twin.identity import Granularity
from twin.services import Services
from twin.services.labels import Order

KEY = "demo"
HOST = "127.0.0.1"
OWNER = "Example Motor Works"


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A row of `vehicles.csv`; `source` says where the VIN is published."""

    vin: str
    make: str
    model_year: str
    source: str


@dataclass(frozen=True, slots=True)
class Component:
    """A row of `components.csv`: made up, installed in no vehicle yet."""

    name: str
    part_number: str
    serial_number: str


def vehicles() -> list[Vehicle]:
    """The vehicles of the fleet."""
    return [Vehicle(**row) for row in _rows("vehicles.csv")]


def components() -> list[Component]:
    """The components in stock."""
    return [Component(**row) for row in _rows("components.csv")]


async def load(services: Services) -> str:
    """Load the fleet, with a progress bar, and return the link id of a label to look at.

    Raises:
        SetupError: the demo of another version was loaded into these data.
    """
    try:
        return await _load(services)
    except MutationIdReused as other:
        raise SetupError(
            "TWIN_DATA_DIR (.twin) holds the demo of another version; remove it, or name another directory."
        ) from other


async def _load(services: Services) -> str:
    fleet, stock = vehicles(), components()
    length = len(fleet) + len(stock) + 1 + STEPS
    with click.progressbar(length=length, label="Loading the demo fleet") as bar:
        plates = []
        for number, vehicle in enumerate(fleet, start=1):
            plates.append(await _load_vehicle(services, number, vehicle))
            bar.update(1)
        await Genealogy(services, lambda: bar.update(1)).load([vehicle.vin for vehicle in fleet])
        for number, component in enumerate(stock, start=1):
            await _load_component(services, number, component)
            bar.update(1)
        await _load_lives(services, plates)
        bar.update(1)
    return str(plates[0]["head"]["link_id"])


def what_to_open(url: str, link_id: str, key: str = KEY) -> str:
    """The text that the demo ends its start with."""
    alone, graphiql = ("", "") if key != KEY else (", on this machine alone", f"\n  GraphiQL      {url}/graphql")
    return f"""
The label twin service is running{alone}.

  a twin page   {url}/L/{link_id}
  its symbol    {url}/L/{link_id}.svg?symbology=qr{graphiql}

Changes need a key; here it is: {key}. Ctrl-C stops everything; the data stay.
"""


def how_to_trust(certificate: Path) -> str:
    """How browsers come to trust a certificate that this machine has signed itself."""
    return f"""
It speaks HTTPS with a certificate that this machine signed itself, which nobody trusts yet:

  {certificate}

  curl           curl --cacert {certificate} ...
  this machine   a browser warns once and can go on; or import the file as an authority (Firefox: Settings,
                 Certificates; Debian: as /usr/local/share/ca-certificates/label-twin.crt, update-ca-certificates)
  iPhone, iPad   send the file there, open it, install the profile, then Settings, General, About, Certificate Trust
  Android        send the file there, then Settings, Security, Encryption & credentials, Install a CA certificate

Whoever has the key beside it can speak in the name of this machine: trust it for the demo alone, and take it out after.
"""


async def _load_vehicle(services: Services, number: int, vehicle: Vehicle) -> Document:
    asset = await services.assets.register(
        ACTOR,
        kind="vehicle",
        granularity=Granularity.ITEM,
        name=f"{vehicle.make} {vehicle.model_year}",
        identifiers=[f"vin:{vehicle.vin}"],
        attributes={"vinSource": vehicle.source},
        command=Command(occurred_at=BEGUN, client_mutation_id=f"demo-vehicle-{number}"),
    )
    plate = Order(asset["_id"], "vin_plate", {"manufacturer": vehicle.make, "modelYear": vehicle.model_year})
    tag = Order(asset["_id"], "asset_tag", {"tag": f"FLEET-{number:04}", "owner": OWNER})
    labels = await services.labels.issue(ACTOR, [plate, tag], _command(f"vehicle-{number}-labels"))
    for position, label in enumerate(labels):
        await _put_on(services, label, f"vehicle-{number}-label-{position}")
    return labels[0]


async def _load_component(services: Services, number: int, component: Component) -> None:
    asset = await services.assets.register(
        ACTOR,
        kind="component",
        granularity=Granularity.ITEM,
        name=component.name,
        identifiers=[],
        attributes={"partNumber": component.part_number, "serialNumber": component.serial_number},
        command=_command(f"component-{number}"),
    )
    tag = Order(asset["_id"], "asset_tag", {"tag": f"PART-{number:04}", "owner": OWNER})
    label = (await services.labels.issue(ACTOR, [tag], _command(f"component-{number}-label")))[0]
    await _put_on(services, label, f"component-{number}-label")


async def _put_on(services: Services, label: Document, name: str) -> None:
    key = label["_id"]
    await services.labels.print_label(ACTOR, key, command=_command(f"{name}-print"))
    await services.labels.apply(ACTOR, key, _command(f"{name}-apply"))
    payload = services.labels.payload(await services.labels.find(ACTOR, key))
    await services.labels.verify(ACTOR, key, read=payload, grade="A", command=_command(f"{name}-verify"))


async def _load_lives(services: Services, plates: list[Document]) -> None:
    """A label of every other state, so that there is something to see."""
    labels = services.labels
    _, stale, damaged, replaced, removed, void, corrected = (plate["_id"] for plate in plates[:7])
    face = {"manufacturer": "Dodge (FCA US LLC)"}
    await labels.revise(ACTOR, stale, face=face, attributes={}, command=_command("stale", "Maker renamed", 4))
    await labels.report(ACTOR, damaged, lost=False, command=_command("damaged", "Scratched in the car wash"))
    await services.replacements.replace(
        ACTOR, replaced, by=None, face=None, command=_command("replaced", "Windscreen changed")
    )
    await labels.remove(ACTOR, removed, _command("removed", "Windscreen taken out"))
    await labels.void(ACTOR, void, _command("void", "Plate went to the wrong line"))
    await labels.report(ACTOR, corrected, lost=True, command=_command("lost", "Not found at the gate"))
    await labels.correct(ACTOR, corrected, _command("found", "It was behind the sun visor"))
    await labels.preprint(ACTOR, "asset_tag", 5, _command("batch", "Stock for the yard"))


def _command(name: str, reason: str | None = None, expected_revision: int | None = None) -> Command:
    return Command(reason=reason, expected_revision=expected_revision, client_mutation_id=f"demo-{name}")


def _rows(name: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(resources.files(__name__).joinpath(name).read_text(encoding="utf-8").splitlines()))
