"""Previews: what the caller may see of a label, and nothing that a printer obeys before it is approved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.domain.test_template import template
from tests.services.factory import issued, name
from twin.domain.actor import ANONYMOUS, Actor, Audience
from twin.domain.elements import FieldsElement
from twin.errors import NotFound, Refused, Unauthenticated
from twin.services.printing import Image

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

ROWS = template(FieldsElement(1, 1, 48, 20, 2, 0.5, fields=("tag", "note")))


async def draw(bench: Bench, actor: Actor, template: str | None, label: str | None, format_name: str = "svg") -> Image:
    return await bench.services.previews.draw(actor, template, label=label, format_name=format_name, dpi=300)


async def test_what_the_caller_may_not_see_is_not_drawn(bench: Bench, actor: Actor) -> None:
    drawn = await bench.services.templates.draw(actor, name=f"t{name()}", template=ROWS)
    with_note, without = await issued(bench, actor, tag="7", note="secret"), await issued(bench, actor, tag="7")
    outsider = replace(actor, audiences=frozenset({Audience.PUBLIC}))
    full = await draw(bench, actor, drawn["_id"], with_note["_id"])
    redacted = await draw(bench, outsider, drawn["_id"], with_note["_id"])
    assert redacted.content == (await draw(bench, actor, drawn["_id"], without["_id"])).content
    assert redacted.content != full.content


async def test_a_preview_needs_a_key_and_things_that_are_there(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    with pytest.raises(Unauthenticated):
        await draw(bench, ANONYMOUS, None, label["head"]["link_id"])
    with pytest.raises(NotFound):
        await draw(bench, actor, "asset_tag@builtin", "00000000000001")
    with pytest.raises(NotFound):
        await draw(bench, actor, f"t{name()}@1", label["_id"])


async def test_the_template_of_the_profile_is_the_one_where_none_is_named(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor, tag="7")
    named = await draw(bench, actor, "asset_tag@builtin", label["_id"])
    assert await draw(bench, actor, None, label["_id"]) == named
    assert await draw(bench, actor, "asset_tag@builtin", None) != named, "that is the sample"


async def test_a_withdrawn_one_is_marked_again_and_printers_get_nothing(bench: Bench, actor: Actor) -> None:
    templates, second = bench.services.templates, replace(actor, id="second")
    drawn = await templates.draw(actor, name=f"t{name()}", template=ROWS)
    await templates.submit(actor, drawn["_id"])
    await templates.approve(second, drawn["_id"], sha256=drawn["sha256"])
    approved = await draw(bench, actor, drawn["_id"], None)
    await draw(bench, actor, drawn["_id"], None, "zpl")
    await templates.withdraw(second, drawn["_id"], reason="Old")
    assert (await draw(bench, actor, drawn["_id"], None)).content != approved.content
    with pytest.raises(Refused, match="Nothing prints from"):
        await draw(bench, actor, drawn["_id"], None, "zpl")
