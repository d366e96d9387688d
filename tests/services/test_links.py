"""Links through the services: versioned like twins, one level or many at once."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import name
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission
from twin.domain.history import Command
from twin.domain.links import Link
from twin.errors import (
    Forbidden,
    InvalidIdentifier,
    InvalidInput,
    MutationIdReused,
    NotFound,
    RevisionConflict,
    TooLarge,
    Unauthenticated,
)
from twin.services.links import Order

if TYPE_CHECKING:
    from tests.conftest import Bench

DAY = timedelta(days=1)

pytestmark = pytest.mark.anyio


def link(term: str = "pip", **more: Any) -> Link:
    given: dict[str, Any] = {"title": term, "href": f"https://brand.example/{term}", "default": True}
    return Link(f"https://ref.gs1.org/voc/{term}", **(given | more))


def new_level() -> str:
    """The level of an asset that nobody else uses."""
    return f"8004/9506000{uuid.uuid4().hex[:16]}"


def order(level: str, *links: Link, expected: int = 0, description: str = "A drill") -> Order:
    return Order(level, description, links or (link(),), expected)


async def test_links_are_versioned(bench: Bench, actor: Actor) -> None:
    service, level = bench.services.links, new_level()
    first = await service.set(actor, order(level), Command(reason="launch"))
    dated = link(default=False, hreflang=("de",), valid_from=bench.clock.now, valid_until=bench.clock.now + DAY)
    again = await service.set(actor, order(f"gs1:{level}", link("faqs"), dated, expected=1), Command())
    assert [first["revision"], again["revision"]] == [1, 2]
    assert first["_id"] == again["_id"]
    versions = await service.versions(actor, first["_id"], 1, 2)
    assert [version["action"] for version in versions] == ["SET_LINKS"] * 2
    assert versions[0]["reason"] == "launch"
    assert versions[1]["previous_hash"] == versions[0]["hash"]
    assert (await service.find(actor, level, 1))["head"]["links"]["000"]["title"] == "pip"
    assert (await service.find(actor, level))["head"]["links"]["000"]["title"] == "faqs"
    report = await bench.services.audit.check_history(actor, first["_id"])
    assert (report.twins, report.versions, report.broken) == (1, 2, 0)


async def test_links_of_more_versions_than_one_document_holds_are_whole(bench: Bench, actor: Actor) -> None:
    service, level = bench.services.links, new_level()
    for revision in range(40):
        await service.set(actor, order(level, expected=revision, description=f"Drill {revision}"), Command())
    found = await service.find(actor, level, 3)
    assert found["head"]["description"] == "Drill 2"
    assert (await bench.services.audit.check_history(actor, found["_id"])).broken == 0


async def test_a_stale_writer_is_refused(bench: Bench, actor: Actor) -> None:
    service, level = bench.services.links, new_level()
    await service.set(actor, order(level), Command())
    for expected in (0, 2):
        with pytest.raises(RevisionConflict) as refused:
            await service.set(actor, order(level, link("faqs"), expected=expected), Command())
        assert (refused.value.expected, refused.value.actual) == (expected, 1)


async def test_of_many_first_writers_one_wins(bench: Bench, actor: Actor) -> None:
    service, level = bench.services.links, new_level()
    given = [service.set(actor, order(level, description=f"Drill {n}"), Command()) for n in range(8)]
    answers = await asyncio.gather(*given, return_exceptions=True)
    assert sum(isinstance(answer, RevisionConflict) for answer in answers) == 7


async def test_a_repeat_writes_nothing(bench: Bench, actor: Actor) -> None:
    service, levels = bench.services.links, [new_level() for _ in range(3)]
    command = Command(client_mutation_id=name())
    first = await service.set_many(actor, [order(level) for level in levels], command)
    assert [one["head"]["path"] for one in first] == levels
    repeat = await service.set_many(actor, [order(level) for level in levels], command)
    assert [one["hash"] for one in repeat] == [one["hash"] for one in first]
    with pytest.raises(MutationIdReused):
        await service.set_many(actor, [order(level, link("faqs")) for level in levels], command)


async def test_many_levels_are_set_all_or_none(bench: Bench, actor: Actor) -> None:
    service, known, new = bench.services.links, new_level(), new_level()
    await service.set(actor, order(known), Command())
    with pytest.raises(RevisionConflict):
        await service.set_many(actor, [order(new), order(known, link("faqs"))], Command())
    with pytest.raises(NotFound):
        await service.find(actor, new)
    both = await service.set_many(actor, [order(new), order(known, link("faqs"), expected=1)], Command())
    assert [one["revision"] for one in both] == [1, 2]


async def test_five_hundred_levels_are_set_at_once(bench: Bench, actor: Actor) -> None:
    orders = [order(new_level()) for _ in range(500)]
    assert len(await bench.services.links.set_many(actor, orders, Command())) == 500
    with pytest.raises(TooLarge):
        await bench.services.links.set_many(actor, [*orders, order(new_level())], Command())


async def test_what_is_wrong_in_a_batch_is_named(bench: Bench, actor: Actor) -> None:
    level = new_level()
    for orders, path in (
        ([order(new_level()), order("01/09506000134353")], ("levels", "1", "identifier")),
        ([order(level), order(f"gs1:{level}")], ("levels", "1", "identifier")),
        ([order(level), order(new_level(), link(default=False))], ("levels", "1", "links")),
        ([], ("levels",)),
    ):
        with pytest.raises(InvalidInput) as refused:
            await bench.services.links.set_many(actor, orders, Command())
        assert refused.value.path == path
    with pytest.raises(InvalidIdentifier):
        await bench.services.links.set(actor, order("vin:1M8GDM9AXKP042788"), Command())


async def test_who_may_set_and_see_links(bench: Bench, actor: Actor) -> None:
    service, level = bench.services.links, new_level()
    partner = Actor("partner", frozenset({Permission.READ_TWINS}), frozenset({Audience.PUBLIC, Audience.PARTNER}))
    secret = link("masterData", default=False, audience=Audience.INTERNAL)
    shared = link("faqs", default=False, audience=Audience.PARTNER)
    with pytest.raises(Unauthenticated):
        await service.set(ANONYMOUS, order(level), Command())
    with pytest.raises(Forbidden):
        await service.set(partner, order(level), Command())
    found = await service.set(actor, order(level, link(), secret, shared), Command(reason="why"))
    assert set(found["head"]["links"]) == {"000", "001", "002"}
    assert set((await service.find(partner, level))["head"]["links"]) == {"000", "002"}
    [version] = await service.versions(partner, found["_id"], 1, 1)
    assert set(version["snapshot"]["links"]) == {"000", "002"}
    assert "reason" not in version
    assert "change" not in version
    with pytest.raises(Unauthenticated):
        await service.find(ANONYMOUS, level)


async def test_links_are_taken_away_and_their_history_stays(bench: Bench, actor: Actor) -> None:
    service, level = bench.services.links, new_level()
    await service.set(actor, order(level), Command())
    emptied = await service.set(actor, Order(level, "A drill", (), 1), Command(reason="sold"))
    assert emptied["head"]["links"] == {}
    assert "default" not in emptied["head"]
    assert (await service.find(actor, level, 1))["head"]["default"] == "000"
