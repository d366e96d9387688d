"""Who may do what."""

from __future__ import annotations

import re

import pytest

from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission, full_actor
from twin.errors import Forbidden, Unauthenticated


@pytest.mark.parametrize("permission", Permission)
def test_anonymous_may_nothing_and_may_come_back_with_a_key(permission: Permission) -> None:
    assert not ANONYMOUS.may(permission)
    with pytest.raises(Unauthenticated, match=f"{permission.value}.*Authorization: Bearer"):
        ANONYMOUS.require(permission)


@pytest.mark.parametrize("permission", Permission)
def test_a_known_caller_is_told_which_right_is_missing(permission: Permission) -> None:
    actor = Actor("clerk", frozenset(Permission) - {permission}, frozenset({Audience.PUBLIC}))
    for other in set(Permission) - {permission}:
        actor.require(other)
    with pytest.raises(Forbidden, match=f"clerk has not the right {permission.value}"):
        actor.require(permission)


def test_a_caller_that_is_called_anonymous_has_a_key() -> None:
    with pytest.raises(Forbidden):
        Actor("anonymous", frozenset(), frozenset()).require(Permission.READ_TWINS)


def test_a_full_actor_may_and_sees_all() -> None:
    actor = full_actor("chief")
    assert all(actor.may(permission) for permission in Permission)
    assert actor.audiences == frozenset(Audience)
    assert frozenset({Audience.PUBLIC}) == ANONYMOUS.audiences


def test_permissions_are_named_thing_and_deed() -> None:
    assert all(re.fullmatch(r"[a-z]+:[a-z]+", permission.value) for permission in Permission)
