"""OpenID Connect tokens: recognise the caller behind one that the issuer has signed (RFC 7519, RFC 8725)."""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from twin.domain.actor import Actor
from twin.domain.issuer import KEY_OF, Issuer
from twin.errors import Unauthenticated, shown
from twin.services.commits import Clock
from twin.services.held import Held
from twin.services.issuer_keys import IssuerKeys, Jwk
from twin.services.people import People

LONGEST: Final = 16 * 1024
LONGEST_KID: Final = 256
SKEW_S: Final = 60.0
SMALLEST_RSA_BITS: Final = 2_048  # RFC 7518, section 3.3

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_CHECKS: Final = {
    "require": ["iss", "aud", "sub", "exp", "iat"],
    "verify_exp": False,  # times are checked here, by the clock of the services
    "verify_nbf": False,
    "verify_iat": False,
}
_REFUSED: Final = "This token does not count; expected one of the issuer, for this service, that holds now."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who sent a token, and for how long it says so.

    Args:
        actor: the caller.
        until: when the token ends.
    """

    actor: Actor
    until: datetime


class _WrongToken(Exception):
    """Why a token does not count; for the log."""


class Tokens:
    """Who sent which token.

    Args:
        issuer: whose tokens count.
        keys: its public keys.
        secret: the deployment's; makes ids of actors that name nobody.
        people: the names of actors.
        clock: tells the time.
    """

    def __init__(self, issuer: Issuer, keys: IssuerKeys, secret: bytes, people: People, clock: Clock) -> None:
        self._issuer = issuer
        self._keys = keys
        self._secret = secret
        self._people = people
        self._clock = clock

    async def bearer(self, token: str) -> Bearer:
        """Who sent a token. Only its signature, times, `iss`, `aud`, `sub` and roles count; a name is kept apart.

        Args:
            token: in compact form.

        Raises:
            Unauthenticated: it does not count; the log says why.
            Unavailable: the issuer's keys cannot be had.
        """
        try:
            claims = await self._claims(token)
            until = _times(claims, self._clock())
            actor = self._issuer.actor(self._id(claims["sub"]), claims)
            self._people.heard(actor.id, claims.get(self._issuer.name_claim))
            return Bearer(actor, until)
        except _WrongToken as wrong:
            log.warning("a token was refused: %s", wrong)
            raise Unauthenticated(_REFUSED) from None

    def held(self, bearer: Bearer) -> Held | None:
        """Who sent a token that was verified, and for how long it counts; None when it does no more."""
        left = (bearer.until - self._clock()).total_seconds() + SKEW_S
        return Held(bearer.actor, left) if left > 0 else None

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """The claims, once the signature says that they are the issuer's."""
        if len(token) > LONGEST or not _COMPACT.fullmatch(token):
            raise _WrongToken(f"{len(token)} characters, not three parts in base64url of {LONGEST} at most")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise _WrongToken(f"its header: {type(error).__name__}") from None
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._issuer.algorithms:
            raise _WrongToken(f"alg {shown(algorithm)} is not one of TWIN_OIDC_ALGORITHMS")
        if not isinstance(kid, str) or len(kid) > LONGEST_KID:
            raise _WrongToken("it names no key")
        key = await self._keys.find(kid)
        if key is None:
            raise _WrongToken(f"the issuer has no key {shown(kid)}")
        try:
            return jwt.decode(
                token,
                _public(key, algorithm),
                algorithms=[algorithm],
                audience=self._issuer.audience,
                issuer=self._issuer.url,
                options=_CHECKS,  # type: ignore[arg-type]
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise _WrongToken(type(error).__name__) from None

    def _id(self, subject: str) -> str:
        """Who that is in history: the same for ever, and nobody's name."""
        told = b"\0".join((b"oidc", self._issuer.url.encode(), subject.encode("utf-8", "surrogatepass")))
        return "oidc-" + hmac.new(self._secret, told, hashlib.sha256).hexdigest()[:16]


def _public(key: Jwk, algorithm: str) -> Any:
    """The key, if it is one for this algorithm, and for signatures."""
    kind, curve = KEY_OF[algorithm]
    if key.get("kty") != kind or (curve is not None and key.get("crv") != curve):
        raise _WrongToken(f"its key is not of the type of {algorithm}")
    if key.get("alg", algorithm) != algorithm or key.get("use", "sig") != "sig":
        raise _WrongToken(f"its key is not for signatures by {algorithm}")
    public = jwt.PyJWK({name: value for name, value in key.items() if name not in {"d", "p", "q"}}, algorithm).key
    if isinstance(public, RSAPublicKey) and public.key_size < SMALLEST_RSA_BITS:
        raise _WrongToken(f"its key has {public.key_size} bits, fewer than {SMALLEST_RSA_BITS}")
    return public


def _times(claims: Mapping[str, Any], now: datetime) -> datetime:
    """When a token ends, if it holds now, give or take what clocks differ by."""
    at = now.timestamp()
    until, since = _seconds(claims, "exp"), max(_seconds(claims, "iat"), _seconds(claims, "nbf", 0.0))
    if at >= until + SKEW_S:
        raise _WrongToken(f"it ended {at - until:.0f} s ago")
    if at < since - SKEW_S:
        raise _WrongToken(f"it begins in {since - at:.0f} s")
    try:
        return datetime.fromtimestamp(until, now.tzinfo)
    except (ValueError, OverflowError, OSError):
        raise _WrongToken("it ends after the last day of the calendar") from None


def _seconds(claims: Mapping[str, Any], name: str, otherwise: float | None = None) -> float:
    found = claims.get(name, otherwise)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise _WrongToken(f"{name} is not a number")
    try:
        seconds = float(found)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise _WrongToken(f"{name} is not a moment")
    return seconds
