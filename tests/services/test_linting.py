"""Linting: drafts of templates count too, and a label without an asset has findings, not a stack trace."""

from __future__ import annotations

import pytest

from tests.conftest import Bench
from tests.services.factory import issued, new_asset, preprinted
from twin.domain.actor import Actor, Audience, Permission
from twin.domain.builtin import builtins
from twin.domain.template import SymbolElement, Template
from twin.errors import Forbidden, InvalidInput, NotFound

pytestmark = pytest.mark.anyio


async def test_a_draft_of_a_template_is_linted_before_anybody_approves_it(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    layout = Template("asset_tag", 40, 20, (SymbolElement(1, 1, carrier="link", module=0.2),))
    drawn = await bench.services.templates.draw(actor, name="tiny", template=layout)
    found = await bench.services.linting.of_label(actor, label, None, template=drawn["_id"], dpi=203)
    assert found is not None
    assert [(each.rule, each.path) for each in found] == [("layout.field", ("elements",))]
    found = await bench.services.linting.of_label(actor, label, None, template=drawn["_id"], dpi=None)
    assert found is not None
    assert [each.rule for each in found] == ["symbol.module", "layout.field"]


async def test_what_came_with_the_profile_is_taken_unless_another_is_named(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    assert await bench.services.linting.of_label(actor, label, None, template=None, dpi=300) == ()
    assert builtins()["asset_tag"].template.profile == "asset_tag"


async def test_a_label_on_nothing_says_what_is_missing(bench: Bench, actor: Actor) -> None:
    found = await bench.services.linting.of_label(actor, await preprinted(bench, actor), None, template=None, dpi=None)
    assert found is not None
    assert [each.rule for each in found] == ["field.required"]


async def test_who_does_not_see_internal_fields_sees_no_findings(bench: Bench, actor: Actor) -> None:
    label = await issued(bench, actor)
    partner = Actor("partner", frozenset(Permission), frozenset({Audience.PUBLIC, Audience.PARTNER}))
    assert await bench.services.linting.of_label(partner, label, None, template=None, dpi=None) is None


async def test_a_draft_needs_the_right_to_issue_a_known_field_and_a_known_asset(bench: Bench, actor: Actor) -> None:
    draft = bench.services.linting.of_draft
    reader = Actor("reader", frozenset({Permission.READ_TWINS}), frozenset(Audience))
    with pytest.raises(Forbidden):
        await draft(reader, "asset_tag", {}, asset=None, template=None, dpi=None)
    with pytest.raises(InvalidInput, match="'colour' is not a field of the profile asset tag"):
        await draft(actor, "asset_tag", {"colour": "red"}, asset=None, template=None, dpi=None)
    with pytest.raises(NotFound):
        await draft(actor, "asset_tag", {}, asset="ast_nosuch", template=None, dpi=None)
    on = await new_asset(bench, actor)
    assert await draft(actor, "asset_tag", {"tag": "7", "note": None}, asset=on, template=None, dpi=300) == (
        {"tag": "7"},
        (),
    )
