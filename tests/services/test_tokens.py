"""Tokens of an issuer: good ones are somebody, and no attack on one is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.conftest import PUBLIC_URL, Bench
from tests.services.issuers import AUDIENCE, OF, IssuerServer, issuing, private, public
from twin.api import web
from twin.app import opened
from twin.config import Settings
from twin.domain.actor import PERMISSIONS, Audience, Role
from twin.domain.issuer import Issuer
from twin.errors import InvalidInput, Unauthenticated
from twin.services import Services
from twin.services.tokens import LONGEST, Bearer

pytestmark = pytest.mark.anyio


@dataclass
class Gate:
    """An issuer, the services that trust it, and a client of theirs."""

    issuer: IssuerServer
    services: Services
    client: httpx.AsyncClient
    bench: Bench

    def token(self, key: str = "rsa", algorithm: str = "RS256", **more: Any) -> str:
        return self.issuer.token(self.bench.clock.now, key, algorithm, **more)

    def at(self, seconds: float) -> int:
        return int((self.bench.clock.now + timedelta(seconds=seconds)).timestamp())

    async def bearer(self, token: str) -> Bearer:
        assert self.services.tokens is not None
        return await self.services.tokens.bearer(token)

    async def code(self, token: str) -> tuple[int, str]:
        """The status and code that a token gets, at a door that asks for a right."""
        answer = await self.client.get("/jobs/job_0.pdf", headers={"authorization": f"Bearer {token}"})
        return answer.status_code, str(answer.json()["errors"][0]["extensions"]["code"])


@pytest.fixture
async def gate(bench: Bench) -> AsyncIterator[Gate]:
    with issuing() as issuer:
        services = await Services.on(
            bench.store, public_url=PUBLIC_URL, clock=bench.clock, issuer=Issuer(issuer.url, AUDIENCE)
        )
        transport = httpx.ASGITransport(web.application(services, graphiql=False, demo_key=None))
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
            yield Gate(issuer, services, client, bench)
        await services.changes.close()


def claims(name: str, value: Any) -> dict[str, Any]:
    return {name: value}


def coded(part: Any) -> str:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", OF)
async def test_a_good_token_is_a_caller_with_its_roles(gate: Gate, algorithm: str) -> None:
    token = gate.token(OF[algorithm], algorithm)
    bearer = await gate.bearer(token)
    assert bearer.actor.permissions == PERMISSIONS[Role.OPERATOR]
    assert bearer.actor.audiences == frozenset(Audience)
    assert await gate.code(token) == (404, "NOT_FOUND")


async def test_its_id_is_the_same_for_ever_and_names_nobody(gate: Gate) -> None:
    first, again = await gate.bearer(gate.token()), await gate.bearer(gate.token("ec", "ES256", name="Anna"))
    other = await gate.bearer(gate.token(sub="bert"))
    assert first.actor.id == again.actor.id != other.actor.id
    assert first.actor.id.startswith("oidc-")
    assert len(first.actor.id) == 21


async def test_without_a_role_a_caller_is_known_and_may_do_nothing(gate: Gate) -> None:
    for roles in (None, [], ["janitor"], {"operator": True}, 7):
        assert await gate.code(gate.token(roles=roles)) == (403, "FORBIDDEN")
    bearer = await gate.bearer(gate.token(roles=None))
    assert bearer.actor.audiences == {Audience.PUBLIC}


async def test_a_token_sees_the_fields_of_the_audience_that_it_names(gate: Gate) -> None:
    suppliers = Issuer(
        gate.issuer.url, AUDIENCE, audiences_claim="groups", audiences=frozenset({("acme", Audience.PARTNER)})
    )
    services = await Services.on(gate.bench.store, public_url=PUBLIC_URL, clock=gate.bench.clock, issuer=suppliers)
    application = web.application(services, graphiql=False, demo_key=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=PUBLIC_URL) as client:
        for groups, seen in ((["acme"], ["partner", "public"]), (["internal"], ["public"]), (None, ["public"])):
            headers = {"authorization": f"Bearer {gate.token(groups=groups)}"}
            assert (await client.get("/session", headers=headers)).json()["audiences"] == seen


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example.com"},
        {"iss": None},
        {"aud": "another-service"},
        {"aud": None},
        {"sub": None},
        {"sub": 7},
        {"iat": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": -1},
        {"nbf": "later"},
    ],
    ids=str,
)
async def test_claims_that_do_not_hold_are_refused(gate: Gate, claims: dict[str, Any]) -> None:
    assert await gate.code(gate.token(**claims)) == (401, "UNAUTHENTICATED")


async def test_clocks_may_differ_by_a_minute_and_no_more(gate: Gate) -> None:
    for name, seconds in (("exp", -50), ("nbf", 50), ("iat", 50)):
        await gate.bearer(gate.token(**claims(name, gate.at(seconds))))
    for name, seconds in (("exp", -61), ("nbf", 90), ("iat", 90)):
        with pytest.raises(Unauthenticated):
            await gate.bearer(gate.token(**claims(name, gate.at(seconds))))


def _hmac(gate: Gate) -> str:
    """Signed with the public key as if it were a secret."""
    pem = private("rsa").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{coded({'alg': 'HS256', 'kid': 'rsa'})}.{gate.token().split('.')[1]}"
    return f"{signed}.{coded(hmac.new(pem, signed.encode(), hashlib.sha256).digest())}"


def _tampered(gate: Gate) -> str:
    header, _, signature = gate.token().split(".")
    return f"{header}.{coded(gate.issuer.claims(gate.bench.clock.now, roles=['admin']))}.{signature}"


def _foreign(gate: Gate, **headers: Any) -> str:
    """Signed by a key of the attacker, which the header brings or names."""
    claims = gate.issuer.claims(gate.bench.clock.now, roles=["admin"])
    return jwt.encode(claims, private("rsa-evil"), "RS256", headers=headers)


ATTACKS: dict[str, Callable[[Gate], str]] = {
    "alg none": lambda gate: f"{coded({'alg': 'none', 'kid': 'rsa'})}.{gate.token().split('.')[1]}.{coded(b'x')}",
    "no signature": lambda gate: f"{coded({'alg': 'none'})}.{gate.token().split('.')[1]}.",
    "HMAC with the public key": _hmac,
    "another algorithm of the key": lambda gate: gate.token("rsa", "PS256"),
    "the key of another type": lambda gate: jwt.encode(
        gate.issuer.claims(gate.bench.clock.now), private("ec"), "ES256", headers={"kid": "rsa"}
    ),
    "tampered": _tampered,
    "foreign key": lambda gate: _foreign(gate, kid="rsa"),
    "its own key": lambda gate: _foreign(gate, kid="rsa", jwk=public("rsa-evil")),
    "a key elsewhere": lambda gate: _foreign(gate, kid="rsa-evil", jku=f"{gate.issuer.url}/keys", x5u=gate.issuer.url),
    "no kid": lambda gate: _foreign(gate),
    "kid of a path": lambda gate: _foreign(gate, kid="../../../../dev/null"),
    "kid of a query": lambda gate: _foreign(gate, kid="' or '1'='1"),
    "alg of a list": lambda gate: f"{coded({'alg': ['RS256'], 'kid': 'rsa'})}.{gate.token().split('.', 1)[1]}",
    "kid of a list": lambda gate: f"{coded({'alg': 'RS256', 'kid': ['rsa']})}.{gate.token().split('.', 1)[1]}",
    "a small key": lambda gate: gate.token("rsa-small"),
    "crit": lambda gate: jwt.encode(
        gate.issuer.claims(gate.bench.clock.now), private("rsa"), "RS256", headers={"kid": "rsa", "crit": ["exp"]}
    ),
    "a deep header": lambda gate: f"{coded(b'[' * 8_000)}.{gate.token().split('.', 1)[1]}",
    "no JSON": lambda gate: f"{coded(bytes(range(128, 200)))}.{gate.token().split('.', 1)[1]}",
    "a long number": lambda gate: coded(b'{"alg": ' + b"9" * 9_000 + b"}") + ".x.y",
    "huge": lambda gate: gate.token(padding="x" * LONGEST),
    "no base64url": lambda gate: "ä.b.c",
    "empty parts": lambda gate: "..",
}


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits")
@pytest.mark.parametrize("attack", ATTACKS)
async def test_no_attack_is_somebody(gate: Gate, attack: str, caplog: pytest.LogCaptureFixture) -> None:
    gate.issuer.names = ("rsa", "ec", "ed", "rsa-small")
    token = ATTACKS[attack](gate)
    with caplog.at_level(logging.WARNING), pytest.raises(Unauthenticated) as refused:
        await gate.bearer(token)
    assert "This token does not count" in refused.value.message
    assert "a token was refused" in caplog.text
    assert token not in caplog.text
    if token.isascii():
        assert await gate.code(token) == (401, "UNAUTHENTICATED")


async def test_a_flood_of_unknown_keys_asks_the_issuer_once(gate: Gate) -> None:
    for number in range(100):
        assert await gate.code(_foreign(gate, kid=f"made-up-{number}")) == (401, "UNAUTHENTICATED")
    assert gate.issuer.asked == 1


async def test_an_issuer_that_never_answered_is_our_trouble_not_the_callers(gate: Gate) -> None:
    gate.issuer.status = 500
    assert await gate.code(gate.token()) == (503, "UNAVAILABLE")


async def test_a_service_with_an_issuer_that_cannot_be_does_not_start() -> None:
    settings = Settings(oidc_issuer="https://id.example.com", oidc_audience=AUDIENCE, oidc_algorithms="RS256,HS256")
    with pytest.raises(InvalidInput, match=r"TWIN_OIDC_ALGORITHMS.*HS256"):
        async with opened(settings):
            pass


async def test_keys_of_ours_count_still_and_unknown_texts_do_not(gate: Gate) -> None:
    assert await gate.code("neither") == (401, "UNAUTHENTICATED")
    assert gate.issuer.asked == 0
