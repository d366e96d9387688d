"""Catena-X's test data: digital twins of parts and batches, and what they were assembled from.

A container has a list of twins, each an id (`urn:uuid:…`) and aspects by the URN of their model. Read are the serial
number of a part, the batch, and the assembly; the others (weights, recycling, certificates) say nothing of genealogy.

References:
    io.catenax.serial_part_typization 1.1.0, io.catenax.batch 1.0.0, io.catenax.assembly_part_relationship 1.1.0, as the
    published test data use them; the texts of the models were not at hand: NOT VERIFIED
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from twin.domain.quantities import plain
from twin.errors import InvalidInput, TooLarge, shown
from twin.identity import Granularity

LARGEST: Final = 64 * 1024 * 1024
MOST_TWINS: Final = 50_000

_CONTAINER: Final = "https://catenax.io/schema/TestDataContainer/1.0.0"
_ASPECTS: Final = {"SerialPartTypization": Granularity.ITEM, "Batch": Granularity.LOT}
_ASSEMBLY: Final = "AssemblyPartRelationship"
_UNITS: Final = {"unit:piece": "C62", "unit:kilogram": "KGM"}


@dataclass(frozen=True, slots=True)
class Use:
    """That a thing went into another one.

    Args:
        parent: the id of what it went into.
        quantity: how much of it, a decimal number as text.
        unit: its code of UN/ECE Recommendation 20.
        at: when the relationship was created: the only date that there is of it.
        context: of the life cycle, such as `AsBuilt`.
    """

    parent: str
    quantity: str
    unit: str
    at: datetime
    context: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A part, a batch, or a twin that tells neither.

    Args:
        id: `urn:uuid:…`.
        granularity: an item, or a lot where it is a batch.
        kind: its classification, such as `product` or `component`; `other` where there is none.
        name: at its manufacturer; the id where there is none.
        attributes: its local identifiers, and what else its type says.
        made: when it was made; a time without a zone is taken for UTC.
        country: where, ISO 3166-1 alpha-3.
        uses: what it went into.
    """

    id: str
    granularity: Granularity
    kind: str
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    made: datetime | None = None
    country: str | None = None
    uses: tuple[Use, ...] = ()


def parse(text: str | bytes) -> list[Thing]:
    """The things of a container of test data, in its order, each with all that it went into.

    Args:
        text: JSON, 64 MiB at most.

    Raises:
        InvalidInput: it is no such container, names a part that is not in it, or one twice, or a unit that is unknown.
        TooLarge: over 64 MiB, or more than 50,000 twins.
    """
    if len(text) > LARGEST:
        raise TooLarge(f"Expected at most {LARGEST} bytes, found {len(text)}.")
    try:
        container = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"Expected JSON: {error}.") from None
    twins = _of(container, _CONTAINER, list, "the container")
    if len(twins) > MOST_TWINS:
        raise TooLarge(f"Expected at most {MOST_TWINS} twins, found {len(twins)}.")
    uses: dict[str, list[Use]] = {}
    for number, twin in enumerate(twins):
        name = _of(twin, "catenaXId", str, f"twin {number}")
        if name in uses:
            raise InvalidInput(f"Expected each twin once, found {shown(name)} twice.")
        uses[name] = []
    for twin in twins:
        for child, use in _assembled(twin):
            if child not in uses:
                raise InvalidInput(f"{use.parent}: expected parts that are in the container, found {shown(child)}.")
            uses[child].append(use)
    return [_thing(twin, tuple(uses[twin["catenaXId"]])) for twin in twins]


def _thing(twin: Mapping[str, Any], uses: tuple[Use, ...]) -> Thing:
    name = twin["catenaXId"]
    model = next((model for model in _ASPECTS if _aspect(twin, model) is not None), None)
    if model is None or (aspect := _aspect(twin, model)) is None:
        return Thing(name, Granularity.ITEM, "other", name, uses=uses)
    where = f"{name}, {model}"
    of_type, made = (
        _of(aspect, "partTypeInformation", dict, where),
        _of(aspect, "manufacturingInformation", dict, where),
    )
    local = {
        _of(row, "key", str, where): _of(row, "value", str, where)
        for row in _of(aspect, "localIdentifiers", list, where)
    }
    said = {part: _of(of_type, part, str, where) for part in ("customerPartId", "nameAtCustomer") if part in of_type}
    number = _of(of_type, "manufacturerPartId", str, where)
    if local.get("manufacturerPartId", number) != number:
        said["typeManufacturerPartId"] = number
    return Thing(
        name,
        _ASPECTS[model],
        _of(of_type, "classification", str, where),
        _of(of_type, "nameAtManufacturer", str, where).strip(),
        {"manufacturerPartId": number, **said, **local},
        _moment(made, "date", where),
        _of(made, "country", str, where),
        uses,
    )


def _assembled(twin: Mapping[str, Any]) -> list[tuple[str, Use]]:
    """What a twin was assembled from."""
    where = f"{twin['catenaXId']}, {_ASSEMBLY}"
    aspect = _aspect(twin, _ASSEMBLY) or {}
    found = []
    for part in _of(aspect, "childParts", list, where) if "childParts" in aspect else ():
        quantity = _of(part, "quantity", dict, where)
        unit = _of(_of(quantity, "measurementUnit", dict, where), "lexicalValue", str, where)
        if unit not in _UNITS:
            raise InvalidInput(f"{where}: expected a unit of {', '.join(_UNITS)}, found {shown(unit)}.")
        use = Use(
            twin["catenaXId"],
            _number(quantity.get("quantityNumber"), where),
            _UNITS[unit],
            _moment(part, "createdOn", where),
            _of(part, "lifecycleContext", str, where),
        )
        found.append((_of(part, "childCatenaXId", str, where), use))
    return found


def _aspect(twin: Mapping[str, Any], model: str) -> Mapping[str, Any] | None:
    """The aspect of a model, of any version; the container has a list of one for each."""
    for name in twin:
        if name.partition("#")[2] == model:
            where = f"{twin['catenaXId']}, {model}"
            rows = _of(twin, name, list, where)
            if len(rows) != 1 or not isinstance(rows[0], dict):
                raise InvalidInput(f"{where}: expected a list of one object, found {shown(rows)}.")
            return rows[0]
    return None


def _of(holder: object, name: str, kind: type[str | list[Any] | dict[str, Any]], where: str) -> Any:
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, kind):
        word = "a text" if kind is str else "a list" if kind is list else "an object"
        raise InvalidInput(f"{where}: {name}: expected {word}, found {shown(value)}.")
    return value


def _number(value: object, where: str) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InvalidInput(f"{where}: quantityNumber: expected a number, found {shown(value)}.")
    return plain(number)


def _moment(holder: Mapping[str, Any], name: str, where: str) -> datetime:
    text = _of(holder, name, str, where)
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{where}: {name}: expected a time such as 2022-02-04T14:48:54Z, found {shown(text)}."
        ) from None
