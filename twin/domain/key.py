"""An API key: for whom it stands, for how long. Its text is nowhere; it is known by the SHA-256 of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from twin.domain.actor import WITHIN_PROFILES, Actor, Audience, Role, actor_with
from twin.domain.profiles import profiles as known_profiles
from twin.errors import InvalidInput, shown

_ACTOR = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_SPAN = re.compile(r"([1-9][0-9]{0,4})([hd])")
_HOURS = {"h": 1, "d": 24}
ACTOR_PREFIX = "act-"
LONGEST = timedelta(days=3_660)
ID_PREFIX = "key_"
ID = re.compile(r"key_[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Key:
    """What an API key may do; valid if it exists.

    Args:
        actor: the id that history shows: `act-` and 16 hexadecimal digits, a pseudonym; in keys from before there were
            pseudonyms any lower-case letters, digits, `-` and `.`.
        roles: one or more; the holder may do what any of them may.
        audiences: whose fields the holder sees.
        created_at: when it was made, in UTC.
        expires_at: from when on it is nobody's; None: never.
        revoked_at: when it was taken back; None: it was not.
        last_used: about when it was used last, to the minute.
        profiles: of which profiles the labels are that there are for the holder, who keeps of its roles what is about
            such labels alone; None: of all.

    Raises:
        InvalidInput: no such actor id, no role, or an end that is not after the beginning or more than ten years later.
    """

    actor: str
    roles: frozenset[Role]
    audiences: frozenset[Audience]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used: datetime | None = None
    profiles: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not _ACTOR.fullmatch(self.actor) or self.actor == "anonymous":
            raise InvalidInput(
                f"actor: {shown(self.actor)} is not an actor's id; expected lower-case letters, digits, - and ., "
                "63 at most.",
                path=("actor",),
            )
        if not self.roles:
            raise InvalidInput(f"roles: expected one or more of {', '.join(Role)}, found none.", path=("roles",))
        if self.expires_at is not None and not self.created_at < self.expires_at <= self.created_at + LONGEST:
            raise InvalidInput(
                f"expires: {self.expires_at.isoformat()} is not within ten years from {self.created_at.isoformat()}.",
                path=("expiresAt",),
            )

    def holder(self, now: datetime) -> Actor | None:
        """Who stands behind it now; None when it has expired or was revoked."""
        if self.revoked_at is not None or (self.expires_at is not None and now >= self.expires_at):
            return None
        holder = actor_with(self.actor, self.roles, self.audiences)
        if self.profiles is None:
            return holder
        return replace(holder, permissions=holder.permissions & WITHIN_PROFILES, profiles=self.profiles)

    def as_document(self) -> dict[str, Any]:
        """As the store keeps it: what is not said is absent."""
        whole = {
            "actor": self.actor,
            "roles": sorted(self.roles),
            "audiences": sorted(self.audiences),
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "revoked_at": self.revoked_at,
            "last_used": self.last_used,
            "profiles": None if self.profiles is None else sorted(self.profiles),
        }
        return {name: value for name, value in whole.items() if value is not None}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Key:
        """The key of a document; one from before there were roles has all of them."""
        return cls(
            actor=document["actor"],
            roles=frozenset(Role(name) for name in document.get("roles", (Role.ADMIN,))),
            audiences=frozenset(Audience(name) for name in document.get("audiences", tuple(Audience))),
            created_at=document["created_at"],
            expires_at=document.get("expires_at"),
            revoked_at=document.get("revoked_at"),
            last_used=document.get("last_used"),
            profiles=frozenset(document["profiles"]) if "profiles" in document else None,
        )


def audiences_of(audience: Audience) -> frozenset[Audience]:
    """Whose fields a holder of that audience sees: its own and the public's; who is inside sees all.

    Examples:
        >>> sorted(audiences_of(Audience.PARTNER))
        [<Audience.PARTNER: 'partner'>, <Audience.PUBLIC: 'public'>]
    """
    return frozenset(Audience) if audience is Audience.INTERNAL else frozenset({Audience.PUBLIC, audience})


def roles_of(names: Collection[str]) -> frozenset[Role]:
    """The roles of these names.

    Raises:
        InvalidInput: one is none.
    """
    unknown = sorted(set(names) - {*Role})
    if unknown:
        raise InvalidInput(f"roles: expected {', '.join(Role)}, found {shown(unknown[0])}.", path=("roles",))
    return frozenset(Role(name) for name in names)


def profiles_of(names: Collection[str]) -> frozenset[str]:
    """The profiles of these names.

    Raises:
        InvalidInput: one is none, or there is none.
    """
    unknown = sorted(set(names) - known_profiles().keys())
    if unknown or not names:
        found = shown(unknown[0]) if unknown else "none"
        raise InvalidInput(f"profiles: expected {', '.join(known_profiles())}, found {found}.", path=("profiles",))
    return frozenset(names)


def expiry_of(text: str, now: datetime) -> datetime:
    """When a key expires: in so many hours or days, or at the beginning of a day of UTC.

    Args:
        text: `12h`, `90d` or `2027-01-31`.
        now: from when on hours and days count.

    Raises:
        InvalidInput: it is neither.

    Examples:
        >>> expiry_of("90d", datetime(2026, 1, 1, tzinfo=UTC)).isoformat()
        '2026-04-01T00:00:00+00:00'
    """
    span = _SPAN.fullmatch(text)
    if span:
        return now + timedelta(hours=int(span[1]) * _HOURS[span[2]])
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput(
            f"expires: expected hours, days or a day such as 12h, 90d or 2027-01-31, found {shown(text)}.",
            path=("expires",),
        ) from None


def id_of(digest: str) -> str:
    """How a key is called where it is listed and revoked; the text cannot be found by it.

    Args:
        digest: SHA-256 of its text, hexadecimal.
    """
    return ID_PREFIX + digest[:12]
