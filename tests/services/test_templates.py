"""Templates through the services: who may do what, and what labels are printed from."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.test_template import TAG, template
from tests.services.factory import Doc, name
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission, full_actor
from twin.domain.approval import TemplateState
from twin.domain.elements import BoxElement, SymbolElement, TextElement
from twin.domain.template import Template
from twin.errors import (
    Forbidden,
    InvalidInput,
    MutationIdReused,
    NotFound,
    Refused,
    TwinError,
    Unauthenticated,
)
from twin.services.templates import Templates
from twin.store.paging import PageRequest
from twin.store.templates import Templates as TemplateStore

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

OTHER = template(TAG, BoxElement(0, 0, 50, 25, 0.2))
SECOND = full_actor("second")


@pytest.fixture
def templates(bench: Bench) -> Templates:
    return bench.services.templates


@pytest.fixture
def called() -> str:
    return f"t{name()}"


async def draw(templates: Templates, actor: Actor, called: str, layout: Template = OTHER, **more: Any) -> Doc:
    return await templates.draw(actor, name=called, template=layout, **more)


async def approved(templates: Templates, actor: Actor, called: str, layout: Template = OTHER) -> Doc:
    drawn = await draw(templates, actor, called, layout)
    await templates.submit(actor, drawn["_id"])
    return await templates.approve(SECOND, drawn["_id"], sha256=drawn["sha256"])


async def test_a_version_walks_to_its_approval(templates: Templates, actor: Actor, called: str) -> None:
    drawn = await draw(templates, actor, called)
    assert (drawn["_id"], drawn["state"], drawn["sha256"]) == (f"{called}@1", "DRAFT", OTHER.sha256)
    submitted = await templates.submit(actor, drawn["_id"])
    assert submitted["state"] == "IN_REVIEW"
    refused = await templates.refuse(SECOND, drawn["_id"], reason="Too small")
    assert refused["state"] == "DRAFT"
    again = await draw(templates, actor, called, template(), draft=1)
    assert (again["_id"], again["sha256"]) == (f"{called}@1", template().sha256)
    await templates.submit(actor, f"{called}@1")
    done = await templates.approve(SECOND, f"{called}@1", sha256=template().sha256)
    assert done["state"] == "APPROVED"
    assert [(event["action"], event["actor"]) for event in done["events"]] == [
        ("DRAW", actor.id),
        ("SUBMIT", actor.id),
        ("REFUSE", "second"),
        ("DRAW", actor.id),
        ("SUBMIT", actor.id),
        ("APPROVE", "second"),
    ]
    assert done["events"][2]["reason"] == "Too small"
    assert done == await templates.find(actor, f"{called}@1") == await templates.find(actor, called)
    assert (await templates.approved(called, "asset_tag")).template == template()


async def test_nobody_approves_their_own_and_nothing_is_written(
    templates: Templates, actor: Actor, called: str
) -> None:
    drawn = await draw(templates, actor, called)
    await templates.submit(SECOND, drawn["_id"])
    before = await templates.find(actor, drawn["_id"])
    for own in (actor, SECOND):
        with pytest.raises(Refused, match="needs somebody else"):
            await templates.approve(own, drawn["_id"], sha256=drawn["sha256"])
    assert await templates.find(actor, drawn["_id"]) == before


async def test_nothing_prints_from_what_is_not_approved(templates: Templates, actor: Actor, called: str) -> None:
    drawn = await draw(templates, actor, called)
    with pytest.raises(Refused, match="expected APPROVED, found DRAFT"):
        await templates.approved(drawn["_id"], "asset_tag")
    with pytest.raises(NotFound):
        await templates.approved(called, "asset_tag")
    await templates.submit(actor, drawn["_id"])
    with pytest.raises(Refused, match="expected APPROVED, found IN_REVIEW"):
        await templates.approved(drawn["_id"], "asset_tag")
    await templates.approve(SECOND, drawn["_id"], sha256=drawn["sha256"])
    with pytest.raises(InvalidInput, match="is for labels of asset_tag; expected that, found 'vin_plate'"):
        await templates.approved(drawn["_id"], "vin_plate")
    assert (await templates.approved(drawn["_id"], "asset_tag")).template == OTHER


async def test_the_newest_approved_version_is_the_current_one(templates: Templates, actor: Actor, called: str) -> None:
    await approved(templates, actor, called, template())
    await approved(templates, actor, called, OTHER)
    await draw(templates, actor, called)
    current = await templates.approved(called, "asset_tag")
    assert (str(current.id), current.template) == (f"{called}@2", OTHER)
    assert (await templates.approved(f"{called}@1", "asset_tag")).template == template(), "where it is named"
    await templates.withdraw(SECOND, f"{called}@2", reason="A wrong clause")
    assert str((await templates.approved(called, "asset_tag")).id) == f"{called}@1"
    with pytest.raises(Refused, match="found WITHDRAWN"):
        await templates.approved(f"{called}@2", "asset_tag")
    with pytest.raises(Refused, match="WITHDRAW is not legal now"):
        await templates.withdraw(SECOND, f"{called}@2", reason="again")


async def test_without_a_name_it_is_what_came_with_the_profile(templates: Templates, actor: Actor) -> None:
    builtin = await templates.approved(None, "vin_plate")
    assert str(builtin.id) == "vin_plate@builtin"
    assert builtin == await templates.approved("vin_plate@builtin", "vin_plate")
    with pytest.raises(Refused, match="never changes"):
        await templates.withdraw(actor, "vin_plate@builtin", reason="because")
    with pytest.raises(NotFound):
        await templates.find(actor, "nothing@builtin")


async def test_of_many_who_draw_at_once_each_gets_a_version(templates: Templates, called: str) -> None:
    actors = [full_actor(f"drawer-{number}") for number in range(8)]
    drawn = await asyncio.gather(*(draw(templates, each, called) for each in actors))
    assert sorted(each["version"] for each in drawn) == list(range(1, 9))


async def test_of_two_who_judge_at_once_one_does(templates: Templates, actor: Actor, called: str) -> None:
    for number in range(1, 6):
        drawn = await draw(templates, actor, called)
        await templates.submit(actor, drawn["_id"])
        answers = await asyncio.gather(
            templates.approve(SECOND, drawn["_id"], sha256=drawn["sha256"]),
            templates.approve(full_actor("third"), drawn["_id"], sha256=drawn["sha256"]),
            templates.refuse(full_actor("fourth"), drawn["_id"], reason="No"),
            return_exceptions=True,
        )
        done = [answer for answer in answers if not isinstance(answer, BaseException)]
        assert len(done) == 1
        assert all(isinstance(answer, Refused) for answer in answers if isinstance(answer, BaseException))
        stands = await templates.find(actor, f"{called}@{number}")
        assert stands == done[0]
        assert len(stands["events"]) == 3


async def test_what_was_redrawn_meanwhile_is_not_approved(templates: Templates, actor: Actor, called: str) -> None:
    drawn = await draw(templates, actor, called, template())
    await templates.submit(actor, drawn["_id"])
    await templates.refuse(SECOND, drawn["_id"], reason="No")
    await draw(templates, actor, called, OTHER, draft=1)
    await templates.submit(actor, drawn["_id"])
    with pytest.raises(Refused, match="not the layout that was looked at"):
        await templates.approve(SECOND, drawn["_id"], sha256=drawn["sha256"])


async def test_a_repeat_writes_nothing(templates: Templates, actor: Actor, called: str) -> None:
    first = await draw(templates, actor, called, client_mutation_id="draw")
    assert await draw(templates, actor, called, client_mutation_id="draw") == first
    await templates.submit(actor, first["_id"], client_mutation_id="submit")
    done = await templates.approve(SECOND, first["_id"], sha256=first["sha256"], client_mutation_id="approve")
    assert await templates.submit(actor, first["_id"], client_mutation_id="submit") == done, "as it is by now"
    with pytest.raises(MutationIdReused):
        await draw(templates, actor, called, template(), client_mutation_id="draw")
    with pytest.raises(MutationIdReused):
        await templates.submit(actor, f"{called}@2", client_mutation_id="draw")


async def test_the_same_request_many_times_at_once_is_one_step(templates: Templates, actor: Actor, called: str) -> None:
    drawn = await asyncio.gather(*(draw(templates, actor, called, client_mutation_id="draw") for _ in range(8)))
    assert {each["_id"] for each in drawn} == {f"{called}@1"}
    submitted = await asyncio.gather(
        *(templates.submit(actor, drawn[0]["_id"], client_mutation_id="submit") for _ in range(8))
    )
    assert all(each == submitted[0] for each in submitted)
    assert len(submitted[0]["events"]) == 2


class Overtaken(TemplateStore):
    """A store in which the same request is done by somebody else just before a version is read for the first time."""

    overtaking: Callable[[], Awaitable[object]] | None = None

    async def find(self, template: str, *, sure: bool = False) -> dict[str, Any] | None:
        if self.overtaking is not None:
            overtaking, self.overtaking = self.overtaking, None
            await overtaking()
        return await super().find(template, sure=sure)


async def test_a_request_that_its_own_repeat_overtakes_is_answered_as_that(
    bench: Bench, templates: Templates, actor: Actor, called: str
) -> None:
    drawn = await draw(templates, actor, called)
    store = Overtaken(bench.mongo)
    slow = Templates(replace(bench.store, templates=store), bench.clock)
    store.overtaking = lambda: templates.submit(actor, drawn["_id"], client_mutation_id="submit")
    answer = await slow.submit(actor, drawn["_id"], client_mutation_id="submit")
    assert answer == await templates.find(actor, drawn["_id"])
    assert answer["state"] == "IN_REVIEW"


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        (template(TextElement(1, 1, 20, 4, "{colour}", 3)), "not a field"),
        (template(SymbolElement(1, 1, "udi", 0.5)), "not a carrier"),
        (template(profile="sticker"), "profile: 'sticker' is not known"),
    ],
)
async def test_what_its_profile_does_not_have_is_refused(
    templates: Templates, actor: Actor, called: str, layout: Template, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        await draw(templates, actor, called, layout)
    with pytest.raises(NotFound):
        await templates.find(actor, f"{called}@1")


@pytest.mark.parametrize("wrong", ["", "$where", "a.b", "A", "x@y@1", "x@0", "\ud800", "x" * 200])
async def test_what_is_no_name_is_refused(templates: Templates, actor: Actor, wrong: str) -> None:
    with pytest.raises(TwinError):
        await templates.find(actor, wrong)
    with pytest.raises(TwinError):
        await templates.submit(actor, wrong)
    with pytest.raises(TwinError):
        await draw(templates, actor, wrong)


async def test_each_step_needs_its_right(templates: Templates, actor: Actor, called: str) -> None:
    drawn = await draw(templates, actor, called)

    def without(right: Permission) -> Actor:
        return replace(actor, permissions=actor.permissions - {right})

    steps: list[tuple[Permission, Callable[[Actor], Awaitable[object]]]] = [
        (Permission.DRAW_TEMPLATES, lambda who: draw(templates, who, called)),
        (Permission.DRAW_TEMPLATES, lambda who: templates.submit(who, drawn["_id"])),
        (Permission.REVIEW_TEMPLATES, lambda who: templates.refuse(who, drawn["_id"], reason="No")),
        (Permission.APPROVE_TEMPLATES, lambda who: templates.approve(who, drawn["_id"], sha256="")),
        (Permission.APPROVE_TEMPLATES, lambda who: templates.withdraw(who, drawn["_id"], reason="No")),
        (Permission.READ_TWINS, lambda who: templates.find(who, drawn["_id"])),
        (Permission.READ_TWINS, lambda who: templates.page(who, PageRequest(1))),
        (Permission.READ_TWINS, lambda who: templates.count(who)),
    ]
    for right, step in steps:
        with pytest.raises(Forbidden, match=right):
            await step(without(right))
        with pytest.raises(Unauthenticated):
            await step(ANONYMOUS)
    assert await templates.find(actor, drawn["_id"]) == drawn


async def test_who_did_what_is_internal(templates: Templates, actor: Actor, called: str) -> None:
    drawn = await draw(templates, actor, called)
    partner = replace(actor, audiences=frozenset({Audience.PUBLIC, Audience.PARTNER}))
    seen = await templates.find(partner, drawn["_id"])
    assert seen == {**drawn, "events": []}
    page = await templates.page(partner, PageRequest(100), state=TemplateState.DRAFT)
    assert all(document["events"] == [] for document in page.documents)
    assert actor.id not in repr(page)
