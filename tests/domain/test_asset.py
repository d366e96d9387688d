"""An asset: registering and revising it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from twin.domain import asset as rules
from twin.domain.asset import Asset
from twin.domain.history import Command, Draft
from twin.errors import AssetMerged, InvalidInput, TooLarge
from twin.identity import Finding, Granularity, Identifier, Part
from twin.identity.uuid import Uuid

ITEM, LOT, PRODUCT = Granularity.ITEM, Granularity.LOT, Granularity.PRODUCT


@dataclass(frozen=True)
class Named:
    """An identifier of no standard."""

    canonical: str
    granularity: Granularity | None = ITEM
    implied: tuple[Identifier, ...] = ()
    findings: tuple[Finding, ...] = ()
    parts: tuple[Part, ...] = ()


GTIN = Named("gs1:01/09506000134352", PRODUCT)
OF_LOT = Named("gs1:01/09506000134352/10/L7", LOT, (GTIN,))
PLACE = Named("gs1:414/9506000134352", None)
SERIAL = Named("gs1:01/09506000134352/21/S1", ITEM, (Named("part:ACME/P/serial/S1"), OF_LOT, GTIN, PLACE))
VIN = Named("vin:1M8GDM9AXKP042788")
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
USUAL: dict[str, Any] = {
    "kind": "vehicle",
    "granularity": Granularity.ITEM,
    "name": "A bus",
    "identifiers": (VIN,),
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
    assert register(identifiers=(Named("b:2"), Named("a:1"), Named("b:2"))).change["identifiers"] == ["a:1", "b:2"]
    assert register(identifiers=()).change["identifiers"] == []


@pytest.mark.parametrize("granularity", Granularity)
def test_every_granularity(granularity: Granularity) -> None:
    draft = register(granularity=granularity, identifiers=(Named("a:1", granularity),))
    assert draft.change["granularity"] == granularity.value


@pytest.mark.parametrize(
    ("given", "error", "path"),
    [
        ({"kind": "Vehicle"}, InvalidInput, ("kind",)),
        ({"kind": ""}, InvalidInput, ("kind",)),
        ({"name": " "}, InvalidInput, ("name",)),
        ({"name": "x" * 121}, TooLarge, ("name",)),
        ({"name": "\u202e"}, InvalidInput, ("name",)),
        ({"identifiers": tuple(Named(f"vin:{n}") for n in range(33))}, TooLarge, ("identifiers",)),
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
    head: dict[str, Any] = {
        "name": "A bus",
        "granularity": "ITEM",
        "identifiers": ["vin:1M8GDM9AXKP042788"],
        "attributes": {"colour": "red", "seats": "52"},
    }
    assert Asset.from_document({"_id": "ast_one", "revision": 1, "head": head}) == BUS
    head = {
        "name": "x",
        "granularity": "LOT",
        "former": ["a:1"],
        "broader": ["p:1"],
        "merged": ["ast_one"],
        "merged_into": "ast_three",
    }
    assert Asset.from_document({"_id": "ast_two", "revision": 3, "head": head}) == Asset(
        "ast_two", 3, "x", (), {}, LOT, ("a:1",), ("p:1",), ("ast_one",), "ast_three"
    )


def test_identifiers_say_what_the_asset_is_of_and_what_else_it_is_called() -> None:
    change = register(identifiers=(SERIAL, VIN)).change
    assert change["identifiers"] == [SERIAL.canonical, "part:ACME/P/serial/S1", VIN.canonical]
    assert change["broader"] == [GTIN.canonical, OF_LOT.canonical]
    assert "broader" not in register(identifiers=(VIN,)).change


@pytest.mark.parametrize(
    ("granularity", "identifier", "means"),
    [
        (ITEM, GTIN, "names a product, expected one that names an item"),
        (PRODUCT, SERIAL, "names an item, expected one that names a product"),
        (LOT, GTIN, "names a product, expected one that names a lot"),
        (ITEM, PLACE, "names no asset, expected one that names an item"),
    ],
)
def test_an_identifier_is_of_the_assets_granularity(granularity: Granularity, identifier: Named, means: str) -> None:
    with pytest.raises(InvalidInput, match=means) as refused:
        register(granularity=granularity, identifiers=(identifier,))
    assert refused.value.path == ("identifiers",)
    with pytest.raises(InvalidInput, match=means):
        identify(Asset("ast_one", 1, "x", (), {}, granularity), identifier)


def identify(asset: Asset, *identifiers: Named, command: Command = Command()) -> Draft:  # noqa: B008 - frozen
    return rules.identify(asset, identifiers, command=command, now=NOW)


@pytest.mark.parametrize("granularity", Granularity)
def test_a_uuid_is_of_any_granularity(granularity: Granularity) -> None:
    named = Uuid("62d3e027-04e6-4952-89da-ed4e1c60414f")
    change = register(granularity=granularity, identifiers=(named,)).change
    assert change["identifiers"] == ["uuid:62d3e027-04e6-4952-89da-ed4e1c60414f"]


def test_more_identifiers_stand_beside_those_that_there_are() -> None:
    draft = identify(BUS, SERIAL, VIN, command=Command("counted"))
    assert (draft.action, draft.reason) == ("IDENTIFY", "counted")
    assert draft.change["identifiers"] == [SERIAL.canonical, "part:ACME/P/serial/S1", VIN.canonical]
    assert draft.change["broader"] == [GTIN.canonical, OF_LOT.canonical]
    for known in ((), (VIN,)):
        with pytest.raises(InvalidInput, match="expected at least one that the asset has not"):
            identify(BUS, *known)
    with pytest.raises(TooLarge, match="at most 32, found 33"):
        identify(BUS, *(Named(f"a:{n}") for n in range(32)))


def test_a_former_identifier_can_come_back() -> None:
    asset = Asset("ast_one", 2, "x", ("a:1",), {}, former=("a:2", "a:3"))
    assert identify(asset, Named("a:2")).change == {"identifiers": ["a:1", "a:2"], "former": ["a:3"]}


def correct(asset: Asset, wrong: str, right: Named, command: Command = Command("typed")) -> Draft:  # noqa: B008 - frozen
    return rules.correct_identifier(asset, wrong, right, command=command, now=NOW)


def test_a_corrected_identifier_becomes_a_former_one() -> None:
    draft = correct(BUS, VIN.canonical, Named("vin:right"))
    assert (draft.action, draft.reason) == ("CORRECT_IDENTIFIER", "typed")
    assert draft.change == {"identifiers": ["vin:right"], "former": [VIN.canonical]}
    back = Asset("ast_one", 2, "x", ("vin:right",), {}, former=(VIN.canonical,))
    assert correct(back, "vin:right", VIN).change == {"identifiers": [VIN.canonical], "former": ["vin:right"]}


def test_what_a_correction_says_besides_is_no_former_one() -> None:
    back = Asset("ast_one", 2, "x", ("vin:right",), {}, former=("a:1", VIN.canonical))
    assert correct(back, "vin:right", Named("iuid:X", implied=(VIN,))).change == {
        "identifiers": ["iuid:X", VIN.canonical],
        "former": ["a:1", "vin:right"],
    }


def test_a_wrong_identifier_is_put_right_by_one_that_the_asset_has() -> None:
    """As after the merge of two records, one of which was misread."""
    both = Asset("ast_one", 3, "x", ("a:1", "a:2"), {})
    assert correct(both, "a:1", Named("a:2")).change == {"identifiers": ["a:2"], "former": ["a:1"]}


@pytest.mark.parametrize(
    ("wrong", "right", "command", "path"),
    [
        ("vin:other", Named("vin:right"), Command("typed"), ("wrong",)),
        (VIN.canonical, VIN, Command("typed"), ("right",)),
        (VIN.canonical, Named("iuid:X", implied=(VIN,)), Command("typed"), ("right",)),
        (VIN.canonical, GTIN, Command("typed"), ("identifiers",)),
        (VIN.canonical, Named("vin:right"), Command(), ("reason",)),
    ],
)
def test_what_a_correction_may_not_be(wrong: str, right: Named, command: Command, path: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        correct(BUS, wrong, right, command)
    assert refused.value.path == path


def test_two_that_are_one() -> None:
    duplicate = Asset("ast_dup", 4, "x", ("a:1", VIN.canonical), {}, ITEM, ("a:0",), ("p:1",), ("ast_older",))
    retired, own = rules.merge_into(duplicate, BUS, command=Command("same plate"), now=NOW)
    assert (retired.action, retired.change) == ("MERGE", {"merged_into": "ast_one"})
    assert own.action == "ABSORB"
    assert own.change == {
        "identifiers": ["a:1", VIN.canonical],
        "former": ["a:0"],
        "broader": ["p:1"],
        "merged": ["ast_dup", "ast_older"],
    }


def test_what_a_merge_may_not_be() -> None:
    lot = Asset("ast_lot", 1, "x", (), {}, LOT)
    many = Asset("ast_many", 1, "x", tuple(f"a:{n}" for n in range(32)), {})
    for duplicate, into, reason, error in (
        (BUS, BUS, "same", InvalidInput),
        (BUS, lot, "same", InvalidInput),
        (BUS, many, "same", TooLarge),
        (many, BUS, None, InvalidInput),
    ):
        with pytest.raises(error):
            rules.merge_into(duplicate, into, command=Command(reason), now=NOW)


def test_a_merged_asset_changes_no_more() -> None:
    gone = Asset("ast_gone", 2, "x", ("a:1",), {}, merged_into="ast_one")
    for change in (
        lambda: identify(gone, VIN),
        lambda: correct(gone, "a:1", VIN),
        lambda: rules.revise(gone, name="y", attributes={}, command=Command(), now=NOW),
        lambda: rules.merge_into(gone, BUS, command=Command("same"), now=NOW),
        lambda: rules.merge_into(BUS, gone, command=Command("same"), now=NOW),
    ):
        with pytest.raises(AssetMerged, match="ast_gone was merged into ast_one; change that one instead"):
            change()
