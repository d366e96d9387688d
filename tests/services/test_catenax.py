"""The published test data of Catena-X, taken in through the services: every twin, every tree, both ways; and once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import twin
from twin.domain.actor import Actor, Role, actor_with
from twin.errors import Forbidden, InvalidInput, MutationIdReused
from twin.exchange import catenax
from twin.exchange.catenax import parse

if TYPE_CHECKING:
    from tests.conftest import Bench

PUBLISHED = Path(__file__).parents[3] / "shared" / "vectors" / "supply-chain" / "catena-x-small.json"
published = pytest.mark.skipif(not PUBLISHED.exists(), reason="the wider vectors lie outside the repository")

CONTAINER = "https://catenax.io/schema/TestDataContainer/1.0.0"
SERIAL = "urn:bamm:io.catenax.serial_part_typization:1.1.0#SerialPartTypization"
BATCH = "urn:bamm:io.catenax.batch:1.0.0#Batch"
ASSEMBLY = "urn:bamm:io.catenax.assembly_part_relationship:1.1.0#AssemblyPartRelationship"
CAR, GLUE = (f"urn:uuid:62d3e027-04e6-4952-89da-ed4e1c60414{digit}" for digit in "ab")


def named(thing: str, model: str, name: str) -> dict[str, Any]:
    said = {
        "catenaXId": thing,
        "localIdentifiers": [{"key": "manufacturerId", "value": "BPNL00000003AVTH"}],
        "manufacturingInformation": {"date": "2022-02-04T14:48:54", "country": "DEU"},
        "partTypeInformation": {
            "manufacturerPartId": "7",
            "classification": "component",
            "nameAtManufacturer": name,
        },
    }
    return {"catenaXId": thing, model: [said]}


def small() -> dict[str, Any]:
    """A car and its glue."""
    part = {
        "childCatenaXId": GLUE,
        "quantity": {"quantityNumber": 0.2, "measurementUnit": {"lexicalValue": "unit:kilogram"}},
        "createdOn": "2022-02-05T14:48:54Z",
        "lifecycleContext": "AsBuilt",
    }
    car = named(CAR, SERIAL, "Car") | {ASSEMBLY: [{"catenaXId": CAR, "childParts": [part]}]}
    return {CONTAINER: [car, named(GLUE, BATCH, "Glue")]}


def edges() -> list[tuple[str, str]]:
    """Parent and child, as the file says, without the reader."""
    [twins] = json.loads(PUBLISHED.read_bytes()).values()
    return [
        (twin["catenaXId"], part["childCatenaXId"])
        for twin in twins
        for aspect in twin.get(ASSEMBLY, ())
        for part in aspect.get("childParts", ())
    ]


def reached(start: str, following: dict[str, set[str]]) -> dict[str, int]:
    """All that is reached, with the level at which it is first."""
    found: dict[str, int] = {}
    frontier, level = {start}, 0
    while frontier:
        level += 1
        frontier = {after for thing in frontier for after in following[thing]} - found.keys()
        found |= dict.fromkeys(frontier, level)
    return found


@published
@pytest.mark.anyio
async def test_every_tree_is_as_the_file_says_both_ways_and_again_changes_nothing(
    fresh_bench: Bench, actor: Actor
) -> None:
    services, genealogy = fresh_bench.services, fresh_bench.services.genealogy
    things = parse(PUBLISHED.read_bytes())
    assert len(things) == 162
    counts = await services.catenax.take_in(actor, things)
    assert counts == {"assets": 162, "PRODUCE": 161, "INSTALL": 110, "CONSUME": 33 + 76}

    async def everything() -> list[Any]:
        heads = await fresh_bench.mongo.collection("assets").find({}, {"hash": True}).sort("_id").to_list(None)
        return [*heads, await fresh_bench.mongo.collection("facts").count_documents({})]

    before = await everything()
    assert await services.catenax.take_in(actor, things) == counts
    assert await everything() == before
    ids = {thing.id: await services.assets.id_of(thing.id) for thing in things}
    names = {asset: thing for thing, asset in ids.items()}
    below, above = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    assert len(edges()) == 283
    for parent, child in edges():
        below[parent].add(child)
        above[child].add(parent)
    for thing, asset in ids.items():
        for walk, following in ((genealogy.components, below), (genealogy.uses, above)):
            steps = await walk(actor, asset)
            found: dict[str, int] = {}
            for step in steps:
                found.setdefault(names[step.thing], step.level)
            assert found == reached(thing, following)
            pairs = {(names[step.via], names[step.thing]) for step in steps}
            assert pairs == {(via, after) for via in (thing, *found) for after in following[via]}
    report = await services.audit.check_history(actor)
    assert (report.broken, report.twins) == (0, 162)


@published
def test_the_command_takes_it_in_once_and_is_noted(tmp_path: Path) -> None:
    for _ in range(2):
        done = twin(tmp_path, "import-catenax", str(PUBLISHED))
        assert (done.returncode, done.stderr) == (0, "")
        lines = {line.strip() for line in done.stdout.splitlines()}
        assert lines == {"162  assets", "161  produce", "110  install", "109  consume"}
    noted = twin(tmp_path, "audit-log", "--operation", "import-catenax")
    assert noted.stdout.count("done") == 2


@pytest.mark.anyio
async def test_a_small_container_becomes_a_car_with_its_glue(fresh_bench: Bench, actor: Actor) -> None:
    services = fresh_bench.services
    counts = await services.catenax.take_in(actor, parse(json.dumps(small())))
    assert counts == {"assets": 2, "PRODUCE": 2, "CONSUME": 1}
    [step] = await services.genealogy.components(actor, CAR)
    assert (step.span["how"], step.span["quantity"], step.span["unit"]) == ("CONSUMED", "0.2", "KGM")
    glue = await services.assets.find(actor, GLUE)
    assert glue["head"]["granularity"] == "LOT"
    assert glue["head"]["identifiers"] == [GLUE.removeprefix("urn:")]
    assert glue["head"]["attributes"] == {"manufacturerId": "BPNL00000003AVTH", "manufacturerPartId": "7"}
    other = small()
    other[CONTAINER][1][BATCH][0]["partTypeInformation"]["nameAtManufacturer"] = "Grease"
    with pytest.raises(MutationIdReused):
        await services.catenax.take_in(actor, parse(json.dumps(other)))


@pytest.mark.anyio
async def test_who_may_not_register_takes_nothing_in(fresh_bench: Bench) -> None:
    viewer = actor_with("viewer", [Role.VIEWER])
    with pytest.raises(Forbidden):
        await fresh_bench.services.catenax.take_in(viewer, parse(json.dumps(small())))


def _part(container: dict[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = container[CONTAINER][0][ASSEMBLY][0]["childParts"][0]
    return part


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda it: it.pop(CONTAINER), f"the container: {CONTAINER}: expected a list, found None."),
        (lambda it: it[CONTAINER].append("x"), "twin 2: catenaXId: expected a text, found None."),
        (lambda it: it[CONTAINER].append(it[CONTAINER][0]), f"Expected each twin once, found {CAR!r} twice."),
        (lambda it: _part(it).update(childCatenaXId="urn:uuid:1"), "expected parts that are in the container"),
        (lambda it: _part(it).pop("quantity"), "quantity: expected an object, found None."),
        (lambda it: _part(it)["quantity"].update(quantityNumber="NaN"), "expected a number, found 'NaN'."),
        (lambda it: _part(it)["quantity"].update(quantityNumber=None), "expected a number, found None."),
        (lambda it: _part(it).update(createdOn="yesterday"), "expected a time such as 2022-02-04T14:48:54Z"),
        (lambda it: it[CONTAINER][1][BATCH].clear(), "expected a list of one object, found []."),
        (
            lambda it: _part(it)["quantity"]["measurementUnit"].update(lexicalValue="unit:furlong"),
            "expected a unit of unit:piece, unit:kilogram, found 'unit:furlong'.",
        ),
    ],
)
def test_what_is_no_such_container_is_refused_with_the_place(
    spoil: Callable[[dict[str, Any]], object], why: str
) -> None:
    container = small()
    spoil(container)
    with pytest.raises(InvalidInput) as refused:
        parse(json.dumps(container))
    assert why in refused.value.message


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff\xfe", "[]", '{"a": NaN}'])
def test_what_is_no_json_or_no_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidInput):
        parse(text)


def test_the_command_refuses_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("{}")
    done = twin(tmp_path, "import-catenax", str(file))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"{catenax._CONTAINER}: expected a list, found None" in done.stderr
    gone = twin(tmp_path, "import-catenax", str(tmp_path / "none.json"))
    assert (gone.returncode, "cannot be read" in gone.stderr) == (2, True)
