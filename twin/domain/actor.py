"""Who calls, and what the caller may do and see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from twin.errors import Forbidden, NotFound, Unauthenticated


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
    RECORD_FACTS = "facts:record"
    CORRECT_FACTS = "facts:correct"
    OPEN_RECALLS = "recalls:open"
    PUBLISH_RECALLS = "recalls:publish"
    WORK_RECALLS = "recalls:work"
    CHECK_HISTORY = "history:check"
    CHECKPOINT_HISTORY = "history:checkpoint"
    PROVE_HISTORY = "history:prove"
    READ_AUDIT_LOG = "audit:read"
    READ_METRICS = "metrics:read"
    MANAGE_KEYS = "keys:manage"
    FORGET_PEOPLE = "people:forget"


class Role(StrEnum):
    """A set of rights with a name, as people at a plant share the work."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ISSUER = "issuer"
    APPROVER = "approver"
    AUDITOR = "auditor"
    MONITOR = "monitor"
    ADMIN = "admin"


_VIEWER = frozenset({Permission.READ_TWINS})
_OPERATOR = _VIEWER | {
    Permission.CLAIM_LABELS,
    Permission.PRINT_LABELS,
    Permission.APPLY_LABELS,
    Permission.VERIFY_LABELS,
    Permission.REPORT_LABELS,
    Permission.REMOVE_LABELS,
    Permission.REPLACE_LABELS,
    Permission.CORRECT_LABELS,
    Permission.RECORD_SCANS,
    Permission.RECORD_FACTS,
    Permission.CORRECT_FACTS,
    Permission.WORK_RECALLS,
}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.ISSUER: _OPERATOR
    | {
        Permission.REGISTER_ASSETS,
        Permission.REVISE_ASSETS,
        Permission.IDENTIFY_ASSETS,
        Permission.DEFINE_SERIALS,
        Permission.ISSUE_LABELS,
        Permission.REVISE_LABELS,
        Permission.VOID_LABELS,
        Permission.DRAW_TEMPLATES,
        Permission.SET_LINKS,
        Permission.OPEN_RECALLS,
    },
    Role.APPROVER: _VIEWER
    | {
        Permission.REVIEW_TEMPLATES,
        Permission.APPROVE_TEMPLATES,
        Permission.MERGE_ASSETS,
        Permission.PUBLISH_RECALLS,
    },
    Role.AUDITOR: _VIEWER
    | {
        Permission.CHECK_HISTORY,
        Permission.CHECKPOINT_HISTORY,
        Permission.PROVE_HISTORY,
        Permission.READ_AUDIT_LOG,
    },
    Role.MONITOR: frozenset({Permission.READ_METRICS}),
    Role.ADMIN: frozenset(Permission),
}
"""What each role may do. A caller with several roles may do what any of them may."""


WITHIN_PROFILES = frozenset(
    {
        Permission.READ_TWINS,
        Permission.ISSUE_LABELS,
        Permission.CLAIM_LABELS,
        Permission.PRINT_LABELS,
        Permission.APPLY_LABELS,
        Permission.VERIFY_LABELS,
        Permission.REPORT_LABELS,
        Permission.REMOVE_LABELS,
        Permission.REPLACE_LABELS,
        Permission.VOID_LABELS,
        Permission.REVISE_LABELS,
        Permission.CORRECT_LABELS,
        Permission.DRAW_TEMPLATES,
        Permission.REVIEW_TEMPLATES,
        Permission.APPROVE_TEMPLATES,
        Permission.RECORD_SCANS,
    }
)
"""What of its roles a caller keeps who is restricted to the labels of some profiles: all else reaches beyond them."""


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
        profiles: of which profiles the labels, templates and print jobs are that there are for it; None: of all.
    """

    id: str
    permissions: frozenset[Permission]
    audiences: frozenset[Audience]
    profiles: frozenset[str] | None = None

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

    def reaches(self, profile: str | None) -> bool:
        """Whether there is, for it, what is of that profile; what is of none, such as an asset, is there for all."""
        return self.profiles is None or profile is None or profile in self.profiles

    def within(self, profiles: Iterable[str] | None) -> frozenset[str] | None:
        """Those of the profiles that it reaches, for a list of what is of them; None, which means all, for all."""
        wanted = None if profiles is None else frozenset(profiles)
        if self.profiles is None or wanted is None:
            return self.profiles if wanted is None else wanted
        return self.profiles & wanted

    def require_profile(self, profile: str) -> None:
        """Let pass who reaches what is of that profile.

        Raises:
            NotFound: the same as for a profile that there is not.
        """
        if not self.reaches(profile):
            raise NotFound("profile", profile)


def actor_with(id: str, roles: Iterable[Role], audiences: Iterable[Audience] = tuple(Audience)) -> Actor:  # noqa: A002
    """An actor with what its roles may do.

    Args:
        id: what history shows.
        roles: any number of them.
        audiences: whose fields it may see; everybody's if not said.
    """
    return Actor(id, frozenset().union(*(PERMISSIONS[role] for role in roles)), frozenset(audiences))


ANONYMOUS = Actor("anonymous", frozenset(), frozenset({Audience.PUBLIC}))


def full_actor(id: str) -> Actor:  # noqa: A002 - the field's name
    """An actor with every permission, who sees every field."""
    return Actor(id, frozenset(Permission), frozenset(Audience))
