"""Facts through the service: recorded once, proven by the twins that they name, refused when they cannot have been."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.factory import Doc, name, new_asset, why
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission, Role, actor_with
from twin.domain.fact import FactKind, fact_hash
from twin.domain.history import AsOf, Command
from twin.errors import (
    AssetMerged,
    Forbidden,
    InconsistentFact,
    InvalidInput,
    MutationIdReused,
    NotFound,
    Refused,
    TooLarge,
    TwinError,
    Unauthenticated,
)
from twin.identity import Granularity
from twin.services.facts import Named
from twin.store import spans
from twin.store.paging import PageRequest

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def things(bench: Bench, actor: Actor, many: int) -> list[str]:
    early = Command(occurred_at=bench.clock.now - 100 * DAY)
    return [await new_asset(bench, actor, command=early) for _ in range(many)]


async def lot(bench: Bench, actor: Actor) -> str:
    early = Command(occurred_at=bench.clock.now - 100 * DAY)
    return await new_asset(bench, actor, granularity=Granularity.LOT, command=early)


async def record(bench: Bench, actor: Actor, kind: FactKind, what: Any, into: Any = None, **more: Any) -> Doc:
    whats = [part if isinstance(part, Named) else Named(part) for part in ([what] if isinstance(what, str) else what)]
    intos = [] if into is None else [Named(part) for part in ([into] if isinstance(into, str) else into)]
    more.setdefault("command", Command())
    return await bench.services.facts.record(actor, kind, what=whats, into=intos, **more)


async def inside(bench: Bench, actor: Actor, thing: str, as_of: AsOf | None = None) -> set[str]:
    return {step.thing for step in await bench.services.genealogy.uses(actor, thing, as_of)}


async def test_a_fact_is_hashed_and_its_hash_stands_in_a_version_of_each_twin(bench: Bench, actor: Actor) -> None:
    wheel, car = await things(bench, actor, 2)
    fact = await record(
        bench, actor, FactKind.INSTALL, wheel, car, said={"position": "front left"}, attributes={"torqueNm": "120"}
    )
    assert fact["hash"] == fact_hash(fact)
    for twin in (wheel, car):
        [version] = await bench.services.assets.versions(actor, twin, 2, 2)
        assert version["action"] == "INSTALL"
        assert version["evidence"] == {"fact": fact["_id"], "sha256": fact["hash"]}
    assert fact["said"] == {"position": "front left"}
    assert fact["attributes"] == {"torqueNm": "120"}
    stands = await bench.services.facts.find(actor, fact["_id"])
    assert fact_hash(stands) == fact["hash"], "as it stands in the database"


async def test_a_repeat_answers_the_same_and_writes_nothing(bench: Bench, actor: Actor) -> None:
    wheel, car, other = await things(bench, actor, 3)
    command = Command(client_mutation_id=name())
    first, second = [await record(bench, actor, FactKind.INSTALL, wheel, car, command=command) for _ in range(2)]
    assert first["_id"] == second["_id"]
    assert (await bench.services.assets.find(actor, wheel))["revision"] == 2
    with pytest.raises(MutationIdReused):
        await record(bench, actor, FactKind.INSTALL, wheel, other, command=command)


async def test_at_once_the_same_install_happens_once(bench: Bench, actor: Actor) -> None:
    wheel, *cars = await things(bench, actor, 6)
    installs = [record(bench, actor, FactKind.INSTALL, wheel, car) for car in cars]
    answers = await asyncio.gather(*installs, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, InconsistentFact)]
    assert len(refused) == 4, answers
    assert len(await inside(bench, actor, wheel)) == 1


async def test_a_circle_is_refused_also_when_each_half_of_it_comes_at_the_same_time(bench: Bench, actor: Actor) -> None:
    for _ in range(5):
        a, b, c, d = await things(bench, actor, 4)
        await record(bench, actor, FactKind.INSTALL, a, b)
        await record(bench, actor, FactKind.INSTALL, c, d)
        answers = await asyncio.gather(
            record(bench, actor, FactKind.INSTALL, b, c),
            record(bench, actor, FactKind.INSTALL, d, a),
            return_exceptions=True,
        )
        assert sum(isinstance(answer, InconsistentFact) for answer in answers) == 1, answers
        assert a not in await inside(bench, actor, a)


async def test_a_late_fact_must_fit_what_happened_after_it(bench: Bench, actor: Actor) -> None:
    wheel, car, other = await things(bench, actor, 3)
    now = bench.clock.now
    await record(bench, actor, FactKind.INSTALL, wheel, car, command=Command(occurred_at=now - 5 * DAY))
    early = Command(occurred_at=now - 10 * DAY)
    with pytest.raises(InconsistentFact, match="it is INSTALLED in"):
        await record(bench, actor, FactKind.INSTALL, wheel, other, command=early)
    assert (await bench.services.assets.find(actor, wheel))["revision"] == 2, "nothing is half-written"
    await record(bench, actor, FactKind.MOVE, wheel, said={"movement": "RECEIVE", "place": "P1"}, command=early)
    places = await bench.services.genealogy.whereabouts(actor, [wheel], AsOf(occurred=now - 7 * DAY))
    assert places[wheel].place == "P1"


async def test_a_correction_takes_back_and_the_past_knew_better(bench: Bench, actor: Actor) -> None:
    wheel, car = await things(bench, actor, 2)
    fact = await record(bench, actor, FactKind.INSTALL, wheel, car, command=Command(occurred_at=bench.clock.now - DAY))
    known = bench.clock.now
    correction = await bench.services.facts.correct(actor, fact["_id"], why("it was another wheel"))
    assert await inside(bench, actor, wheel) == set()
    assert await inside(bench, actor, wheel, AsOf(recorded=known)) == {car}
    stands = await bench.services.facts.find(actor, fact["_id"])
    assert stands["corrected_by"] == correction["_id"]
    assert fact_hash(stands) == fact["hash"], "the mistake stays as it was"
    with pytest.raises(Refused, match="corrected by"):
        await bench.services.facts.correct(actor, fact["_id"], why())
    with pytest.raises(InvalidInput, match="is a correction"):
        await bench.services.facts.correct(actor, correction["_id"], why())


async def test_nothing_is_corrected_that_later_facts_need(bench: Bench, actor: Actor) -> None:
    wheel, car = await things(bench, actor, 2)
    fact = await record(bench, actor, FactKind.INSTALL, wheel, car)
    await record(bench, actor, FactKind.REMOVE, wheel, car)
    with pytest.raises(InconsistentFact, match="in nothing"):
        await bench.services.facts.correct(actor, fact["_id"], why())


async def test_what_was_taken_out_is_where_that_was(bench: Bench, actor: Actor) -> None:
    case, pallet, box = await things(bench, actor, 3)
    await record(bench, actor, FactKind.PACK, [box], case)
    await record(bench, actor, FactKind.PACK, [case], pallet)
    await record(bench, actor, FactKind.MOVE, pallet, said={"movement": "SHIP", "place": "D7", "party": "Dealer 7"})
    find = bench.services.genealogy.whereabouts
    at = (await find(actor, [box]))[box]
    assert (at.inside, at.place, at.party, at.transit) == ((case, pallet), "D7", "Dealer 7", True)
    await record(bench, actor, FactKind.UNPACK, [case], pallet)
    await record(bench, actor, FactKind.MOVE, pallet, said={"movement": "TRANSFER", "place": "YARD"})
    at = (await find(actor, [box]))[box]
    assert (at.inside, at.place) == ((case,), "D7")
    with pytest.raises(InconsistentFact, match="PACKED in"):
        await record(bench, actor, FactKind.MOVE, box, said={"movement": "TRANSFER", "place": "YARD"})


async def test_what_was_taken_out_as_its_container_came_to_a_place_is_there(bench: Bench, actor: Actor) -> None:
    first, last, pallet = await things(bench, actor, 3)
    begun = bench.clock.now - 10 * DAY
    await record(bench, actor, FactKind.PACK, [first, last], pallet, command=Command(occurred_at=begun))
    for thing, place, at in ((first, "D7", begun + DAY), (last, "YARD", begun + 2 * DAY)):
        command = Command(occurred_at=at)
        await record(bench, actor, FactKind.MOVE, pallet, said={"movement": "ARRIVE", "place": place}, command=command)
        await record(bench, actor, FactKind.UNPACK, [thing], pallet, command=command)
    found = await bench.services.genealogy.whereabouts(actor, [first, last])
    assert [found[thing].place for thing in (first, last)] == ["D7", "YARD"], "asked for at once, as alone"


async def test_several_are_found_where_each_was_left_by_what_had_just_come(bench: Bench, actor: Actor) -> None:
    early, first, late, second = await things(bench, actor, 4)
    for days, what, into in ((9, early, first), (5, late, second)):
        await record(
            bench, actor, FactKind.INSTALL, what, into, command=Command(occurred_at=bench.clock.now - 20 * DAY)
        )
        moment = Command(occurred_at=bench.clock.now - days * DAY)
        await record(bench, actor, FactKind.MOVE, into, said={"movement": "ARRIVE", "place": "YARD"}, command=moment)
        await record(bench, actor, FactKind.REMOVE, what, into, command=moment)
    places = await bench.services.genealogy.whereabouts(actor, [early, late])
    assert {thing: at.place for thing, at in places.items()} == {early: "YARD", late: "YARD"}


async def test_many_things_are_looked_for_in_several_queries(
    bench: Bench, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, *inside = await things(bench, actor, 8)
    await record(bench, actor, FactKind.PACK, inside, box)
    await record(bench, actor, FactKind.MOVE, box, said={"movement": "ARRIVE", "place": "D7"})
    genealogy = bench.services.genealogy
    whole = await genealogy.whereabouts(actor, inside), await genealogy.exposed(inside)
    monkeypatch.setattr(spans, "IN_ONE_QUERY", 2)
    assert (await genealogy.whereabouts(actor, inside), await genealogy.exposed(inside)) == whole
    assert {at.place for at in whole[0].values()} == {"D7"}
    await record(bench, actor, FactKind.UNPACK, inside, box)  # what a transaction looks for, too
    assert {at.inside for at in (await genealogy.whereabouts(actor, inside)).values()} == {()}


@pytest.mark.parametrize(
    ("kind", "what", "into", "more", "message"),
    [
        (FactKind.INSTALL, ["item"], ["item"], {}, "cannot go into itself"),
        (FactKind.INSTALL, ["item", "other"], ["third"], {}, "at most 1, found 2"),
        (FactKind.INSTALL, ["lot"], ["other"], {}, "expected an ITEM"),
        (FactKind.PACK, ["item"], [], {}, "container: expected 1 to 1, found none"),
        (FactKind.PACK, ["item", "item"], ["other"], {}, "found .* twice"),
        (FactKind.CONSUME, [("lot", "0", "KGM")], ["item"], {}, "not a number above 0"),
        (FactKind.CONSUME, [("lot", "1e3", "KGM")], ["item"], {}, "not a number above 0"),
        (FactKind.CONSUME, [("lot", "1", "kilo")], ["item"], {}, "Recommendation 20"),
        (FactKind.CONSUME, [("lot", "1", None)], ["item"], {}, "a number and a unit"),
        (FactKind.CONSUME, [("item", "1", "KGM")], ["other"], {}, "expected no quantity"),
        (FactKind.MOVE, ["item"], [], {"said": {"movement": "SHIP"}}, "place: MOVE needs it"),
        (FactKind.INSTALL, ["item"], ["other"], {"said": {"place": "x"}}, "INSTALL does not say that"),
        (FactKind.INSTALL, ["item"], ["other"], {"attributes": {"$where": "x"}}, "not the name of a field"),
        (FactKind.PRODUCE, ["item"], [], {"said": {"site": "x" * 201}}, "at most 200"),
        (FactKind.INSPECT, [], [], {}, "at least one thing"),
        (FactKind.NOTE, ["item"], [], {}, "text: NOTE needs it"),
        (FactKind.NOTE, ["item"], [], {"said": {"text": "x" * 1_001}}, "at most 1000"),
    ],
)
async def test_what_cannot_be_said_is_refused_with_the_reason(
    bench: Bench, actor: Actor, kind: FactKind, what: list[Any], into: list[str], more: dict[str, Any], message: str
) -> None:
    item, other, third = await things(bench, actor, 3)
    names = {"item": item, "other": other, "third": third, "lot": await lot(bench, actor)}
    parts = [Named(names[part]) if isinstance(part, str) else Named(names[part[0]], *part[1:]) for part in what]
    with pytest.raises(InvalidInput, match=message):
        await record(bench, actor, kind, parts, [names[each] for each in into], **more)


async def test_sizes_are_bounded(bench: Bench, actor: Actor) -> None:
    [item] = await things(bench, actor, 1)
    with pytest.raises(TooLarge):
        await record(bench, actor, FactKind.INSPECT, [f"ast_{n}" for n in range(1_001)])
    with pytest.raises(NotFound):
        await record(bench, actor, FactKind.INSTALL, item, "ast_none")


async def test_a_fact_before_a_twin_began_is_refused(bench: Bench, actor: Actor) -> None:
    wheel, car = await things(bench, actor, 2)
    with pytest.raises(InvalidInput, match="before the twin began"):
        await record(
            bench, actor, FactKind.INSTALL, wheel, car, command=Command(occurred_at=bench.clock.now - 200 * DAY)
        )


async def test_a_merged_asset_has_no_more_facts_and_one_with_facts_is_not_merged(bench: Bench, actor: Actor) -> None:
    wheel, car, twice = await things(bench, actor, 3)
    await bench.services.identifiers.merge(actor, duplicate=twice, into=car, command=why())
    with pytest.raises(AssetMerged):
        await record(bench, actor, FactKind.INSTALL, wheel, twice)
    await record(bench, actor, FactKind.INSTALL, wheel, car)
    with pytest.raises(Refused, match="correct those"):
        await bench.services.identifiers.merge(actor, duplicate=wheel, into=car, command=why())


async def test_who_may_record_and_who_may_see(bench: Bench, actor: Actor) -> None:
    wheel, car = await things(bench, actor, 2)
    fact = await record(bench, actor, FactKind.INSTALL, wheel, car)
    viewer = actor_with("viewer", [Role.VIEWER])
    partner = actor_with("partner", [Role.VIEWER], [Audience.PUBLIC, Audience.PARTNER])
    errors: list[tuple[Actor, type[TwinError]]] = [(viewer, Forbidden), (ANONYMOUS, Unauthenticated)]
    for caller, error in errors:
        with pytest.raises(error):
            await record(bench, caller, FactKind.REMOVE, wheel, car)
        with pytest.raises(error):
            await bench.services.facts.correct(caller, fact["_id"], why())
    assert await inside(bench, viewer, wheel) == {car}
    assert await inside(bench, partner, wheel) == set()
    assert (await bench.services.genealogy.whereabouts(partner, [wheel]))[wheel].inside == ()
    with pytest.raises(NotFound):
        await bench.services.facts.find(partner, fact["_id"])
    page = await bench.services.facts.page(partner, PageRequest(10), assets=[wheel])
    assert (list(page.documents), await bench.services.facts.count(partner, assets=[wheel])) == ([], 0)
    assert Permission.RECORD_FACTS not in viewer.permissions


async def test_the_time_line_has_mistakes_too_unless_a_point_is_asked_for(bench: Bench, actor: Actor) -> None:
    wheel, car = await things(bench, actor, 2)
    mistake = await record(bench, actor, FactKind.INSTALL, wheel, car)
    correction = await bench.services.facts.correct(actor, mistake["_id"], why())
    again = await record(bench, actor, FactKind.INSTALL, wheel, car)
    facts = bench.services.facts
    page = await facts.page(actor, PageRequest(10), assets=[wheel])
    assert {fact["_id"] for fact in page.documents} == {mistake["_id"], correction["_id"], again["_id"]}
    page = await facts.page(actor, PageRequest(10), assets=[wheel], as_of=AsOf(), kinds=[FactKind.INSTALL])
    assert [fact["_id"] for fact in page.documents] == [again["_id"]]


async def test_history_with_facts_is_whole(fresh_bench: Bench, actor: Actor) -> None:
    wheel, car = await things(fresh_bench, actor, 2)
    fact = await record(fresh_bench, actor, FactKind.INSTALL, wheel, car)
    await fresh_bench.services.facts.correct(actor, fact["_id"], why())
    report = await fresh_bench.services.audit.check_history(actor)
    assert (report.twins, report.findings) == (2, [])


@pytest.mark.parametrize(
    ("spoil", "why_not"),
    [
        ({"facts": {"$set": {"said.position": "rear"}}}, "is not what this version says"),
        ({"facts": {"$set": {"superseded": datetime(2026, 1, 1, tzinfo=UTC)}}}, "without its correction"),
        ({"spans": {"$set": {"into": "ast_other"}}}, "does not follow from its facts"),
        ({"spans": None}, "does not follow from its facts"),
        ({"facts": None}, "is not there"),
    ],
)
async def test_who_alters_a_fact_or_where_a_thing_is_is_found_out(
    fresh_bench: Bench, actor: Actor, spoil: dict[str, Any], why_not: str
) -> None:
    wheel, car = await things(fresh_bench, actor, 2)
    await record(fresh_bench, actor, FactKind.INSTALL, wheel, car, said={"position": "front"})
    [(where, change)] = spoil.items()
    collection = fresh_bench.mongo.collection(where)
    await (collection.delete_many({}) if change is None else collection.update_many({}, change))
    report = await fresh_bench.services.audit.check_history(actor)
    assert any(why_not in finding.why for finding in report.findings), report.findings


async def test_a_fact_that_was_slipped_in_is_found_out(fresh_bench: Bench, actor: Actor) -> None:
    wheel, car = await things(fresh_bench, actor, 2)
    fact = await record(fresh_bench, actor, FactKind.INSTALL, wheel, car)
    await fresh_bench.mongo.collection("facts").insert_one({**fact, "_id": "fct_false"})
    report = await fresh_bench.services.audit.check_history(actor)
    assert {"no version of it says so" in finding.why for finding in report.findings} == {True}
    assert len(report.findings) == 2
