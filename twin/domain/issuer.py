"""Who else may say who calls: one OpenID Connect issuer, and what of its tokens counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from twin.domain.actor import Actor, Audience, Role, actor_with
from twin.domain.key import audiences_of
from twin.errors import InvalidInput, shown

KEY_OF: Final[Mapping[str, tuple[str, str | None]]] = {
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""The type and curve of the key of each algorithm that may be named: no `none`, no HMAC (RFC 8725)."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ALGORITHMS: Final = "RS256,ES256,EdDSA"
_CLAIM: Final = "roles"
_NAME_CLAIM: Final = "name"


@dataclass(frozen=True, slots=True)
class Issuer:
    """An OpenID Connect issuer, as the deployment trusts it.

    Args:
        url: what its tokens name as `iss`, letter for letter.
        audience: what its tokens for us name as `aud`.
        jwks_url: where its public keys are; None: where its discovery document says.
        algorithms: those that a token may be signed by.
        roles_claim: the claim that holds roles; a dot leads into an object.
        roles: the role for each value of that claim; empty: values are the names of our roles.
        name_claim: the claim that holds what the caller is called.
        audiences_claim: the claim that holds whose fields the caller sees; None: who has a role sees all.
        audiences: the audience for each value of that claim; empty: values are the names of our audiences.
    """

    url: str
    audience: str
    jwks_url: str | None = None
    algorithms: frozenset[str] = frozenset(_ALGORITHMS.split(","))
    roles_claim: str = _CLAIM
    roles: frozenset[tuple[str, Role]] = field(default_factory=frozenset)
    name_claim: str = _NAME_CLAIM
    audiences_claim: str | None = None
    audiences: frozenset[tuple[str, Audience]] = field(default_factory=frozenset)

    def roles_in(self, claims: Mapping[str, Any]) -> frozenset[Role]:
        """The roles that claims give; values that are no role of ours say nothing.

        Examples:
            >>> keycloak = Issuer("https://id.example.com", "twin", roles_claim="realm_access.roles")
            >>> keycloak.roles_in({"realm_access": {"roles": ["operator", "offline_access"]}})
            frozenset({<Role.OPERATOR: 'operator'>})
        """
        held = _values(claims, self.roles_claim)
        known = self.roles or {(role.value, role) for role in Role}
        return frozenset(role for value, role in known if value in held)

    def audiences_in(self, claims: Mapping[str, Any]) -> frozenset[Audience]:
        """Whose fields claims let see: the public's at least; values that are no audience of ours say nothing.

        Examples:
            >>> suppliers = Issuer("https://id.example.com", "twin", audiences_claim="groups",
            ...                    audiences=frozenset({("acme", Audience.PARTNER)}))
            >>> sorted(suppliers.audiences_in({"groups": ["acme", "staff"]}))
            [<Audience.PARTNER: 'partner'>, <Audience.PUBLIC: 'public'>]
        """
        if self.audiences_claim is None:
            return frozenset(Audience)
        held = _values(claims, self.audiences_claim)
        known = self.audiences or {(audience.value, audience) for audience in Audience}
        return frozenset({Audience.PUBLIC}).union(*(audiences_of(each) for value, each in known if value in held))

    def actor(self, id: str, claims: Mapping[str, Any]) -> Actor:  # noqa: A002 - the field's name
        """Who calls with such claims: without a role a known caller, who may do nothing and sees what the public sees.

        Args:
            id: what history shows.
            claims: of a token that was verified.
        """
        roles = self.roles_in(claims)
        return actor_with(id, roles, self.audiences_in(claims) if roles else (Audience.PUBLIC,))


def issuer_of(
    url: str | None,
    audience: str | None,
    *,
    jwks_url: str | None = None,
    algorithms: str = _ALGORITHMS,
    roles_claim: str = _CLAIM,
    roles: str = "",
    name_claim: str = _NAME_CLAIM,
    audiences_claim: str | None = None,
    audiences: str = "",
) -> Issuer | None:
    """The issuer that settings name, or None.

    Args:
        url: its own; None: nobody is trusted.
        audience: what it calls us.
        jwks_url: where its keys are, if that is not to be discovered.
        algorithms: names with commas between them.
        roles_claim: where roles are in a token.
        roles: `value=role` with commas between them.
        name_claim: where the caller's name is.
        audiences_claim: where audiences are in a token; None: who has a role sees all.
        audiences: `value=audience` with commas between them.

    Raises:
        InvalidInput: any of them cannot be; the message names the setting.
    """
    if url is None:
        return None
    if not audience:
        raise InvalidInput("TWIN_OIDC_AUDIENCE: expected what the issuer's tokens for this service name as aud.")
    if audiences and audiences_claim is None:
        raise InvalidInput("TWIN_OIDC_AUDIENCES_CLAIM: expected the claim whose values TWIN_OIDC_AUDIENCES names.")
    return Issuer(
        secure_url(url, "TWIN_OIDC_ISSUER"),
        audience,
        None if jwks_url is None else secure_url(jwks_url, "TWIN_OIDC_JWKS_URL"),
        _algorithms_of(algorithms),
        roles_claim,
        frozenset((value, Role(name)) for value, name in _pairs("TWIN_OIDC_ROLES", roles, "role", Role)),
        name_claim,
        audiences_claim,
        frozenset(
            (value, Audience(name)) for value, name in _pairs("TWIN_OIDC_AUDIENCES", audiences, "audience", Audience)
        ),
    )


def secure_url(url: str, what: str) -> str:
    """The URL, if what comes from there can be believed: https, or plain http on this machine.

    Args:
        url: any text.
        what: names it in the error.

    Raises:
        InvalidInput: it is another.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        raise InvalidInput(f"{what}: expected https://…, found {shown(url)}.")
    return url


def _algorithms_of(text: str) -> frozenset[str]:
    found = frozenset(filter(None, map(str.strip, text.split(","))))
    wrong = sorted(found - KEY_OF.keys())
    if wrong or not found:
        raise InvalidInput(
            f"TWIN_OIDC_ALGORITHMS: expected some of {', '.join(KEY_OF)}, found {shown(wrong[0] if wrong else text)}."
        )
    return found


def _pairs(setting: str, text: str, what: str, names: type[StrEnum]) -> set[tuple[str, str]]:
    """The values of a claim, each with what it means to us.

    Raises:
        InvalidInput: a part is no `value=name` with one of the names.
    """
    found = set()
    for part in filter(None, map(str.strip, text.split(","))):
        value, _, name = part.rpartition("=")
        if not value or name not in {*names}:
            expected = f"value={what} with one of {', '.join(names)}"
            raise InvalidInput(f"{setting}: expected {expected}, found {shown(part)}.")
        found.add((value, name))
    return found


def _values(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """The texts of a claim: of one that has this very name, or else of the one that the dots lead to."""
    found: Any = claims
    for step in (path,) if path in claims else path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return frozenset(found.split())
    return frozenset(each for each in found if isinstance(each, str)) if isinstance(found, list) else frozenset()
