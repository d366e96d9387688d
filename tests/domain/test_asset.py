"""An asset: registering and revising it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from twin.domain import asset as rules
from twin.domain.asset import Asset
from twin.domain.history import Command, Draft
from twin.errors import InvalidInput, TooLarge
from twin.identity import Granularity

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
USUAL: dict[str, Any] = {
    "kind": "vehicle",
    "granularity": Granularity.ITEM,
    "name": "A bus",
    "identifiers": ("vin:1M8GDM9AXKP042788",),
    "attributes": {"colour": "red"},
    "command": Command("built"),
    "now": NOW,
}
BUS = Asset("ast_one", 1, "A bus", ("vin:1M8GDM9AXKP042788",), {"colour": "red", "seats": "52"})


def register(**given: Any) -> Draft:
    return rules.register(**(USUAL | given))


def revise(name: str | None = None, command: Command | None = None, **attributes: str | None) -> Draft:
    return rules.revise(BUS, name=name, attributes=attributes, command=command or Command(), now=NOW)


def test_a_new_asset() -> None:
    draft = register()
    assert (draft.action, draft.reason, draft.occurred_at) == ("REGISTER", "built", NOW)
    assert draft.change == {
        "kind": "vehicle",
        "granularity": "ITEM",
        "name": "A bus",
        "identifiers": ["vin:1M8GDM9AXKP042788"],
        "attributes": {"colour": "red"},
    }


def test_identifiers_are_sorted_and_each_stands_once_and_none_is_well() -> None:
    assert register(identifiers=("b:2", "a:1", "b:2")).change["identifiers"] == ["a:1", "b:2"]
    assert register(identifiers=()).change["identifiers"] == []


@pytest.mark.parametrize("granularity", Granularity)
def test_every_granularity(granularity: Granularity) -> None:
    assert register(granularity=granularity).change["granularity"] == granularity.value


@pytest.mark.parametrize(
    ("given", "error", "path"),
    [
        ({"kind": "Vehicle"}, InvalidInput, ("kind",)),
        ({"kind": ""}, InvalidInput, ("kind",)),
        ({"name": " "}, InvalidInput, ("name",)),
        ({"name": "x" * 121}, TooLarge, ("name",)),
        ({"name": "\u202e"}, InvalidInput, ("name",)),
        ({"identifiers": tuple(f"vin:{n}" for n in range(17))}, TooLarge, ("identifiers",)),
        ({"attributes": {"$set": "1"}}, InvalidInput, ("attributes",)),
        ({"attributes": {"a": None}}, InvalidInput, ("attributes", "a")),
        ({"command": Command(" ")}, InvalidInput, ("reason",)),
        ({"command": Command(occurred_at=NOW + timedelta(hours=1))}, InvalidInput, ("occurredAt",)),
    ],
)
def test_what_a_new_asset_may_not_be(given: dict[str, Any], error: type[InvalidInput], path: tuple[str, ...]) -> None:
    with pytest.raises(error) as refused:
        register(**given)
    assert refused.value.path == path


def test_a_revision_changes_what_it_names() -> None:
    draft = revise("A coach", Command("sold"), seats=None, site="Werk 3", colour="red")
    assert draft.change == {"name": "A coach", "attributes": {"seats": None, "site": "Werk 3"}}
    assert (draft.action, draft.reason) == ("REVISE", "sold")


@pytest.mark.parametrize("given", [{}, {"name": "A bus"}, {"colour": "red"}, {"missing": None}])
def test_a_revision_that_changes_nothing_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="already says that; expected at least one field to change"):
        revise(**given)


@pytest.mark.parametrize("given", [{"name": ""}, {"A": "1"}, {"a": "\n"}])
def test_a_revision_is_held_to_the_same_rules(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        revise(**given)


def test_attributes_are_bounded_over_all_revisions() -> None:
    many: dict[str, Any] = {f"f{number}": "x" for number in range(63)}
    with pytest.raises(TooLarge, match="at most 64 fields, found 65"):
        revise(**many)


def test_an_asset_is_read_from_its_twins_document() -> None:
    head = {"name": "A bus", "identifiers": ["vin:1M8GDM9AXKP042788"], "attributes": {"colour": "red", "seats": "52"}}
    assert Asset.from_document({"_id": "ast_one", "revision": 1, "head": head}) == BUS
    assert Asset.from_document({"_id": "ast_two", "revision": 3, "head": {"name": "x"}}) == Asset(
        "ast_two", 3, "x", (), {}
    )
