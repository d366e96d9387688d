"""Keys: made, recognised, and never kept as text."""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from twin.domain.actor import PERMISSIONS, Actor, Audience, Permission, Role, actor_with, full_actor
from twin.errors import Forbidden, InvalidInput, NotFound, Unauthenticated

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

CHIEF = full_actor("chief")


async def admin(bench: Bench, name: str) -> str:
    return await bench.services.keys.add(CHIEF, name, roles=["admin"])


async def test_a_key_stands_for_an_actor_and_the_next_one_for_the_same_if_that_is_said(bench: Bench) -> None:
    keys = bench.services.keys
    one, other = await admin(bench, "line-3"), await admin(bench, "line-3")
    actor = await keys.actor(one)
    assert actor == full_actor(actor.id) != await keys.actor(other)
    two = await keys.add(CHIEF, "line-3", roles=["admin"], stands_for=actor.id)
    assert len({one, two, other}) == 3
    assert len(one) >= 43
    assert await keys.actor(two) == actor


async def test_a_key_stands_for_nobody_who_has_none(bench: Bench) -> None:
    for nobody, refusal in (("act-0123456789abcdef", NotFound), ("cli", NotFound), ("", InvalidInput)):
        with pytest.raises(refusal):
            await bench.services.keys.add(CHIEF, "line-3", roles=["admin"], stands_for=nobody)


async def test_the_text_of_a_key_stands_nowhere_in_the_database(bench: Bench) -> None:
    key = await admin(bench, "teller")
    assert key not in repr(await bench.mongo.collection("keys").find({}).to_list(None))


@pytest.mark.parametrize("key", ["", " ", "x", "demo", "test-key ", "Test-Key", "\u00e9", "x" * 10_000, "\ud800"])
async def test_an_unknown_key_is_nobodys(bench: Bench, key: str) -> None:
    with pytest.raises(Unauthenticated, match="This key is not known"):
        await bench.services.keys.actor(key)


async def test_the_demo_key_works_in_its_process_and_is_not_stored(bench: Bench) -> None:
    assert (await bench.services.keys.actor("test-key")).id == "demo"
    assert await bench.mongo.collection("keys").find_one({"actor": "demo"}) is None


@pytest.mark.parametrize("name", ["a", "7", "line-3.night", "Zo\u00eb M\u00fcller", "a" * 100, "anonymous"])
async def test_a_name_is_any_line_and_never_the_id_that_history_shows(bench: Bench, name: str) -> None:
    actor = await bench.services.keys.actor(await admin(bench, name))
    assert re.fullmatch("act-[0-9a-f]{16}", actor.id)
    assert await bench.services.people.names(CHIEF, [actor.id]) == {actor.id: name}


@pytest.mark.parametrize("name", ["", " ", "a\n", "a\u202eb", "\ud800", "a" * 101])
async def test_other_names_are_refused(bench: Bench, name: str) -> None:
    with pytest.raises(InvalidInput, match="name: ") as refused:
        await admin(bench, name)
    assert refused.value.path == ("name",)


@pytest.mark.parametrize("role", Role)
async def test_a_key_may_what_its_roles_may(bench: Bench, role: Role) -> None:
    key = await bench.services.keys.add(CHIEF, "line-1", roles=[role])
    assert (await bench.services.keys.actor(key)).permissions == PERMISSIONS[role]


async def test_several_roles_add_up_and_a_partner_sees_what_is_its_own(bench: Bench) -> None:
    keys = bench.services.keys
    key = await keys.add(CHIEF, "line-1", roles=["viewer", "auditor"], audience=Audience.PARTNER)
    actor = await keys.actor(key)
    assert actor.permissions == PERMISSIONS[Role.VIEWER] | PERMISSIONS[Role.AUDITOR]
    assert actor.audiences == {Audience.PUBLIC, Audience.PARTNER}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"roles": []}, "roles: expected one or more of viewer, .*, found none"),
        ({"roles": ["chief"]}, "roles: expected viewer, .*, found 'chief'"),
        ({"roles": ["viewer"], "expires": "soon"}, "expires: expected hours, days or a day .*, found 'soon'"),
        ({"roles": ["viewer"], "expires": "0d"}, "expires: expected hours, days or a day .*, found '0d'"),
        ({"roles": ["viewer"], "expires": "2026-02-30"}, "expires: expected hours, .*, found '2026-02-30'"),
        ({"roles": ["viewer"], "expires": "2020-01-01"}, "is not within ten years from"),
        ({"roles": ["viewer"], "expires": "99999d"}, "is not within ten years from"),
    ],
)
async def test_a_key_that_cannot_be_is_refused(bench: Bench, given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        await bench.services.keys.add(CHIEF, "line-1", **given)


async def test_a_key_that_has_expired_is_nobodys(bench: Bench) -> None:
    keys = bench.services.keys
    key = await keys.add(CHIEF, "night-shift", roles=["operator"], expires="12h")
    assert (await keys.actor(key)).may(Permission.CLAIM_LABELS)
    bench.clock.now += timedelta(hours=12)
    with pytest.raises(Unauthenticated, match="This key is not known"):
        await keys.actor(key)


async def test_a_key_that_was_taken_back_is_nobodys_at_once(bench: Bench) -> None:
    keys, name = bench.services.keys, f"gone-{uuid.uuid4().hex[:8]}"
    text = await keys.add(CHIEF, name, roles=["operator"])
    await keys.actor(text)
    [listed] = [each for each in await keys.all(CHIEF) if each.name == name]
    await keys.revoke(CHIEF, listed.id)
    with pytest.raises(Unauthenticated, match="This key is not known"):
        await keys.actor(text)
    [after] = [each for each in await keys.all(CHIEF) if each.name == name]
    await keys.revoke(CHIEF, listed.id)
    [again] = [each for each in await keys.all(CHIEF) if each.name == name]
    assert after.key.revoked_at is not None
    assert again == after


@pytest.mark.parametrize("id_", ["", "key_", "key_zzzzzzzzzzzz", "key_0123456789ab", "key_.{12}", "admin"])
async def test_a_key_that_is_none_cannot_be_taken_back(bench: Bench, id_: str) -> None:
    with pytest.raises(NotFound):
        await bench.services.keys.revoke(CHIEF, id_)


async def test_nobody_gives_more_rights_than_they_have(bench: Bench) -> None:
    keys = bench.services.keys
    clerk = Actor("clerk", PERMISSIONS[Role.OPERATOR] | {Permission.MANAGE_KEYS}, frozenset({Audience.PUBLIC}))
    with pytest.raises(Forbidden, match="clerk cannot give more rights than it has"):
        await keys.add(clerk, "friend", roles=["admin"], audience=Audience.PUBLIC)
    with pytest.raises(Forbidden, match="clerk cannot give more rights than it has"):
        await keys.add(clerk, "friend", roles=["viewer"])
    assert await keys.add(clerk, "friend", roles=["operator"], audience=Audience.PUBLIC)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
async def test_keys_are_for_admins(bench: Bench, role: Role) -> None:
    keys, actor = bench.services.keys, actor_with("somebody", [role])
    with pytest.raises(Forbidden, match="keys:manage"):
        await keys.add(actor, "friend", roles=["viewer"])
    with pytest.raises(Forbidden, match="keys:manage"):
        await keys.all(actor)
    with pytest.raises(Forbidden, match="keys:manage"):
        await keys.revoke(actor, "key_0123456789ab")


async def test_when_a_key_was_used_is_noted_to_the_minute(fresh_bench: Bench) -> None:
    keys, clock = fresh_bench.services.keys, fresh_bench.clock
    text = await keys.add(CHIEF, "line-1", roles=["viewer"])
    seen = []
    for seconds in (0, 10, 120):
        clock.now += timedelta(seconds=seconds)
        await keys.actor(text)
        await keys.settled()
        [listed] = await keys.all(CHIEF)
        seen.append(listed.key.last_used)
    first, soon, later = seen
    assert None not in seen
    assert first == soon != later


async def test_a_key_from_before_there_were_roles_may_everything(fresh_bench: Bench) -> None:
    digest = hashlib.sha256(b"old").hexdigest()
    await fresh_bench.mongo.collection("keys").insert_one(
        {"_id": digest, "actor": "old", "created_at": fresh_bench.clock()}
    )
    assert await fresh_bench.services.keys.actor("old") == full_actor("old")
    [listed] = await fresh_bench.services.keys.all(CHIEF)
    await fresh_bench.services.keys.revoke(CHIEF, listed.id)
    with pytest.raises(Unauthenticated):
        await fresh_bench.services.keys.actor("old")


async def test_the_first_key_is_made_once_whoever_asks(fresh_bench: Bench) -> None:
    keys = fresh_bench.services.keys
    made = await asyncio.gather(*(keys.first() for _ in range(8)))
    [text] = [each for each in made if each is not None]
    assert await keys.actor(text) == full_actor("admin")
    assert await keys.first() is None


async def test_there_is_no_first_key_where_there_is_another(fresh_bench: Bench) -> None:
    await admin(fresh_bench, "somebody")
    assert await fresh_bench.services.keys.first() is None
