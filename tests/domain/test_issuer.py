"""Which issuers a deployment may trust, and what roles its tokens give."""

from __future__ import annotations

from typing import Any

import pytest

from twin.domain.actor import Audience, Role
from twin.domain.issuer import issuer_of
from twin.errors import InvalidInput

URL = "https://id.example.com"


def test_nobody_is_trusted_unless_named() -> None:
    assert issuer_of(None, None, algorithms="none") is None


@pytest.mark.parametrize(
    ("setting", "more"),
    [
        ("TWIN_OIDC_AUDIENCE", {"audience": None}),
        ("TWIN_OIDC_ISSUER", {"url": "http://id.example.com"}),
        ("TWIN_OIDC_ISSUER", {"url": "https://[::1"}),
        ("TWIN_OIDC_JWKS_URL", {"jwks_url": "file:///etc/passwd"}),
        ("TWIN_OIDC_ALGORITHMS", {"algorithms": "RS256,none"}),
        ("TWIN_OIDC_ALGORITHMS", {"algorithms": "HS256"}),
        ("TWIN_OIDC_ALGORITHMS", {"algorithms": " "}),
        ("TWIN_OIDC_ROLES", {"roles": "ops=janitor"}),
        ("TWIN_OIDC_ROLES", {"roles": "operator"}),
        ("TWIN_OIDC_AUDIENCES", {"audiences_claim": "groups", "audiences": "acme=friends"}),
        ("TWIN_OIDC_AUDIENCES_CLAIM", {"audiences": "acme=partner"}),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(setting: str, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=f"^{setting}: expected"):
        issuer_of(**{"url": URL, "audience": "twin", **more})


@pytest.mark.parametrize(
    ("claim", "roles", "claims", "given"),
    [
        ("roles", "", {"roles": ["viewer", "approver", 7]}, {Role.VIEWER, Role.APPROVER}),
        ("scope", "", {"scope": "openid viewer"}, {Role.VIEWER}),
        ("a.b", "", {"a": {"b": ["viewer"]}}, {Role.VIEWER}),
        ("a.b", "", {"a": ["b"]}, set()),
        ("https://x.example/roles", "", {"https://x.example/roles": ["viewer"]}, {Role.VIEWER}),
        ("groups", "ops=operator, cn=it=admin", {"groups": ["ops", "cn=it"]}, {Role.OPERATOR, Role.ADMIN}),
        ("groups", "ops=operator", {"groups": ["admin"]}, set()),
    ],
)
def test_roles_are_where_the_settings_say(claim: str, roles: str, claims: dict[str, Any], given: set[Role]) -> None:
    issuer = issuer_of(URL, "twin", roles_claim=claim, roles=roles)
    assert issuer is not None
    assert issuer.roles_in(claims) == given


@pytest.mark.parametrize(
    ("claim", "audiences", "claims", "seen"),
    [
        (None, "", {"audiences": "partner"}, {*Audience}),  # nobody said that tokens tell
        ("audiences", "", {}, {Audience.PUBLIC}),
        ("audiences", "", {"audiences": ["staff", 7]}, {Audience.PUBLIC}),
        ("audiences", "", {"audiences": {"internal": True}}, {Audience.PUBLIC}),
        ("audiences", "", {"audiences": ["partner"]}, {Audience.PUBLIC, Audience.PARTNER}),
        ("audiences", "", {"audiences": "partner authority"}, {Audience.PUBLIC, Audience.PARTNER, Audience.AUTHORITY}),
        ("audiences", "", {"audiences": ["internal"]}, {*Audience}),
        ("groups", "acme=partner", {"groups": ["acme", "internal"]}, {Audience.PUBLIC, Audience.PARTNER}),
    ],
)
def test_whose_fields_a_token_lets_see(
    claim: str | None, audiences: str, claims: dict[str, Any], seen: set[Audience]
) -> None:
    issuer = issuer_of(URL, "twin", audiences_claim=claim, audiences=audiences)
    assert issuer is not None
    assert issuer.actor("oidc-1", {"roles": ["viewer"], **claims}).audiences == seen
    assert issuer.actor("oidc-1", claims).audiences == {Audience.PUBLIC}
