"""Who calls, and what the caller may do and see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from twin.errors import Forbidden, Unauthenticated


class Permission(StrEnum):
    """A right, named as the thing and what is done to it."""

    READ_TWINS = "twins:read"
    REGISTER_ASSETS = "assets:register"
    REVISE_ASSETS = "assets:revise"
    IDENTIFY_ASSETS = "assets:identify"
    MERGE_ASSETS = "assets:merge"
    DEFINE_SERIALS = "serials:define"
    ISSUE_LABELS = "labels:issue"
    CLAIM_LABELS = "labels:claim"
    PRINT_LABELS = "labels:print"
    APPLY_LABELS = "labels:apply"
    VERIFY_LABELS = "labels:verify"
    REPORT_LABELS = "labels:report"
    REMOVE_LABELS = "labels:remove"
    REPLACE_LABELS = "labels:replace"
    VOID_LABELS = "labels:void"
    REVISE_LABELS = "labels:revise"
    CORRECT_LABELS = "labels:correct"
    DRAW_TEMPLATES = "templates:draw"
    REVIEW_TEMPLATES = "templates:review"
    APPROVE_TEMPLATES = "templates:approve"
    SET_LINKS = "links:set"
    RECORD_SCANS = "scans:record"
    CHECK_HISTORY = "history:check"
    CHECKPOINT_HISTORY = "history:checkpoint"
    PROVE_HISTORY = "history:prove"


class Audience(StrEnum):
    """Who may see a field."""

    PUBLIC = "public"
    PARTNER = "partner"
    AUTHORITY = "authority"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller: a pseudonymous id with permissions. Names of people stand elsewhere.

    Args:
        id: what history shows; lower-case letters, digits, `-` and `.`.
        permissions: what it may do.
        audiences: whose fields it may see.
    """

    id: str
    permissions: frozenset[Permission]
    audiences: frozenset[Audience]

    def require(self, permission: Permission) -> None:
        """Let pass who has the permission.

        Raises:
            Unauthenticated: an anonymous caller, who may come back with a key.
            Forbidden: a known caller without this right.
        """
        if permission in self.permissions:
            return
        if self is ANONYMOUS:
            raise Unauthenticated(f"This needs a key with the right {permission}: send Authorization: Bearer ….")
        raise Forbidden(f"{self.id} has not the right {permission}.")

    def may(self, permission: Permission) -> bool:
        """Whether it has the permission."""
        return permission in self.permissions


ANONYMOUS = Actor("anonymous", frozenset(), frozenset({Audience.PUBLIC}))


def full_actor(id: str) -> Actor:  # noqa: A002 - the field's name
    """An actor with every permission, who sees every field."""
    return Actor(id, frozenset(Permission), frozenset(Audience))
