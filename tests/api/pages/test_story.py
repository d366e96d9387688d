"""What pages tell of parts, places and past: to those inside, in words as in drawings; and to nobody else."""

from __future__ import annotations

import gzip
import html
import re
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from tests.api.pages.lives import issued, link_id
from tests.conftest import Bench
from tests.services.factory import new_asset
from tests.services.test_facts import DAY, lot, record, things
from twin.api.pages.story import MOST_NODES, tree_of
from twin.domain.actor import Actor
from twin.domain.fact import FactKind
from twin.domain.history import Command
from twin.domain.tracing import Step

pytestmark = pytest.mark.anyio

HOSTILE = "</text><script>alert(1)</script>"
SECTIONS = ("parts", "uses", "where", "made", "timeline")


async def built(bench: Bench, actor: Actor) -> tuple[str, str]:
    """A vehicle with parts, places and a past, and the link id of its label."""
    label = await issued(bench, actor)
    vehicle = label["head"]["asset"]
    engine, ship = await new_asset(bench, actor, name=HOSTILE), await new_asset(bench, actor, name="MS Example")
    oil = await lot(bench, actor)
    await record(bench, actor, FactKind.CONSUME, oil, engine)
    await record(bench, actor, FactKind.INSTALL, engine, vehicle, said={"position": "front"})
    said = {"site": "P1", "workOrder": "4711"}
    await record(bench, actor, FactKind.PRODUCE, vehicle, said=said, attributes={"torqueNm": "85"})
    for movement, place in (("TRANSFER", "Yard 5"), ("SHIP", "Dealer 7")):
        more = {"movement": movement, "place": place, "party": "A carrier", "transport": HOSTILE}
        await record(bench, actor, FactKind.MOVE, vehicle, said=more)
    await record(bench, actor, FactKind.PACK, vehicle, ship)
    return vehicle, link_id(label)


def told(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", " ", page)))


async def test_the_page_of_a_label_tells_those_inside(bench: Bench, actor: Actor, client: httpx.AsyncClient) -> None:
    vehicle, label = await built(bench, actor)
    for path in (f"/L/{label}", f"/A/{vehicle}"):
        answer = await client.get(path, headers={"accept": "text/html"})
        page, text = answer.text, told(answer.text)
        assert answer.status_code == 200
        assert set(SECTIONS) <= set(re.findall(r'<h2 id="([^"]+)"', page))
        assert "2 things" in text
        assert text.count("front") >= 2, "drawn, and in the list"
        assert "MS Example" in text
        assert "Shipped · " in text
        assert "Yard 5" in text
        assert "A carrier" in text
        assert "Torque nm" in text
        assert "Work order: 4711" in text
        assert page.count("<script") == path.startswith("/L/")
        assert " style=" not in page
        assert len(re.findall(r'role="img" aria-label', page)) == 3
        for target in set(re.findall(r'href="(\.\./A/[^"]+)"', page)):
            assert (await client.get(f"/x/{target}")).status_code == 200, target


async def test_nobody_else_is_told_and_nothing_is_asked_for_them(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    vehicle, label = await built(bench, actor)
    answer = await anonymous.get(f"/A/{vehicle}", headers={"accept": "text/html"})
    assert answer.status_code == 401
    assert "Lift truck" not in answer.text

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a query that nobody needs")

    for collection in (bench.store.spans, bench.store.facts):
        monkeypatch.setattr(collection, "collection", property(never))
    answer = await anonymous.get(f"/L/{label}", headers={"accept": "text/html"})
    page = answer.text
    assert answer.status_code == 200
    assert not set(SECTIONS) & set(re.findall(r'<h2 id="([^"]+)"', page))
    assert "MS Example" not in page


async def test_an_asset_that_is_scanned_by_its_digital_link_tells_the_same(
    bench: Bench, actor: Actor, client: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    serial = (await things(bench, actor, 1))[0][-12:].upper()
    part = await new_asset(bench, actor, f"gs1:01/09506000134352/21/{serial}", name="A pump")
    whole = (await things(bench, actor, 1))[0]
    await record(bench, actor, FactKind.INSTALL, part, whole)
    path = f"/A/01/09506000134352/21/{serial}"
    page = (await client.get(path)).text
    assert f'href="../../../../A/{whole}"' in page
    assert (await client.get(urljoin(path, f"../../../../A/{whole}"))).status_code == 200
    assert 'id="uses"' in page
    assert 'id="uses"' not in (await anonymous.get(path)).text


async def test_a_large_tree_is_cut_and_the_page_stays_small(
    bench: Bench, actor: Actor, client: httpx.AsyncClient
) -> None:
    early = Command(occurred_at=bench.clock.now - 50 * DAY)
    whole, *parts = await things(bench, actor, 61)
    for part in parts:
        await record(bench, actor, FactKind.INSTALL, part, whole, command=early)
    page = (await client.get(f"/A/{whole}")).text
    assert "and 20 more" in told(page)
    assert "60 things" in told(page)
    assert len(gzip.compress(page.encode())) < 50_000
    assert page.count('r="4"/>') == MOST_NODES


def test_what_is_in_two_places_is_opened_once() -> None:
    def step(level: int, thing: str, via: str) -> Step:
        return Step(level, thing, via, {"how": "INSTALLED", "position": None})

    steps = [step(1, "a", "root"), step(1, "b", "root"), step(2, "c", "a"), step(2, "c", "b"), step(3, "d", "c")]
    tree = tree_of("root", steps, {"a": "A"})
    a, b = tree.nodes
    assert (a.name.text, b.name.text) == ("A", "b")
    assert [node.name.id for node in a.nodes[0].nodes] == ["d"]
    assert b.nodes[0].nodes == ()
    assert [row.x for row in tree.rows] == [20, 40, 60, 20, 40]
    assert tree.count == 4
    assert tree_of("root", None, {}).count is None
