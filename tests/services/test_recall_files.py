"""Recalls as files: every thing with why and where, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from tests.services.factory import new_asset
from tests.services.test_facts import lot, record, things
from tests.services.test_recalls import frozen
from twin.domain.actor import Actor, Audience, Role, actor_with
from twin.domain.fact import FactKind
from twin.errors import NotFound

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def test_each_thing_has_a_line_with_why_and_where(bench: Bench, actor: Actor) -> None:
    bad = await lot(bench, actor)
    [car] = await things(bench, actor, 1)
    fact = await record(bench, actor, FactKind.CONSUME, bad, car)
    await record(bench, actor, FactKind.MOVE, car, said={"movement": "SHIP", "place": "D7", "party": "Dealer 7"})
    recall = await frozen(bench, actor, bad)
    text = b"".join([part async for part in bench.services.recall_files.csv(actor, recall["_id"])]).decode()
    rows = {row["asset"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows.keys() == {bad, car}
    told = {name: rows[car][name] for name in ("standing", "progress", "place", "party", "inTransit", "way")}
    assert told == {
        "standing": "AFFECTED",
        "progress": "OPEN",
        "place": "D7",
        "party": "Dealer 7",
        "inTransit": "yes",
        "way": f"{bad} CONSUMED {car} ({fact['_id']})",
    }


async def test_no_name_becomes_a_formula(bench: Bench, actor: Actor) -> None:
    item = await new_asset(bench, actor, name='=HYPERLINK("https://evil.example";"x")')
    recall = await frozen(bench, actor, item)
    text = b"".join([part async for part in bench.services.recall_files.csv(actor, recall["_id"])]).decode()
    [row] = csv.DictReader(io.StringIO(text))
    assert row["name"] == '\'=HYPERLINK("https://evil.example";"x")'


async def test_it_is_not_for_partners(bench: Bench, actor: Actor) -> None:
    [item] = await things(bench, actor, 1)
    recall = await frozen(bench, actor, item)
    partner = actor_with("partner", [Role.VIEWER], [Audience.PARTNER])
    with pytest.raises(NotFound):
        [part async for part in bench.services.recall_files.csv(partner, recall["_id"])]
