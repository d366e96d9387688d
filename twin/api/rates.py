"""How many requests a minute one caller may make, or one address without a key: a bucket of tokens for each.

References:
    RateLimit header fields for HTTP (draft-ietf-httpapi-ratelimit-headers-10); RFC 6585, 4 (429); RFC 9110, 10.2.3
    (Retry-After)
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from twin.api.cookies import PLAIN_NAME, SECURE_NAME
from twin.api.errors import body, details
from twin.api.hosts import FOR_THE_PLATFORM
from twin.api.metrics import REFUSED
from twin.domain.actor import ANONYMOUS
from twin.errors import RateLimited

MOST_BUCKETS: Final = 10_000
MINUTE: Final = 60
GUESS: Final = 10
"""What it costs to ask for what there is not, or with a key that is none: a guess is looked up with special care."""

_GUESSED: Final = frozenset({401, 404})


@dataclass(slots=True)
class Bucket:
    """What is left for one caller."""

    left: float
    at: float


class Rate:
    """The buckets of one kind of caller. The ones not asked for longest are forgotten, which is to fill them.

    Args:
        name: of the kind.
        quota: tokens that a bucket holds, and gets back in a minute; 0 bounds nothing.
        now: seconds of a clock that never goes back.
    """

    def __init__(self, name: str, quota: int, now: Callable[[], float]) -> None:
        self.name, self.quota = name, quota
        self._now = now
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        """How many buckets are remembered."""
        return len(self._buckets)

    def take(self, caller: str, tokens: int = 1) -> bool:
        """Take tokens, if there is one at all; whether there was."""
        bucket = self._bucket(caller)
        if bucket.left < 1:
            return False
        bucket.left = max(0.0, bucket.left - tokens)
        return True

    def spent(self, caller: str) -> bool:
        """Whether there is no token left."""
        return self._bucket(caller).left < 1

    def wait(self, caller: str) -> int:
        """Whole seconds until there is a token again."""
        return max(1, math.ceil((1 - self._bucket(caller).left) * MINUTE / self.quota))

    def tell(self, caller: str, headers: MutableHeaders) -> None:
        """Say what is left, and in how many seconds all of it is back."""
        left = self._bucket(caller).left
        back = math.ceil((self.quota - left) * MINUTE / self.quota)
        headers["RateLimit-Policy"] = f'"{self.name}";q={self.quota};w={MINUTE}'
        headers["RateLimit"] = f'"{self.name}";r={int(left)};t={back}'

    def _bucket(self, caller: str) -> Bucket:
        now = self._now()
        bucket = self._buckets.pop(caller, None) or Bucket(self.quota, now)
        bucket.left = min(self.quota, bucket.left + (now - bucket.at) * self.quota / MINUTE)
        bucket.at = now
        self._buckets[caller] = bucket
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return bucket


class Guesses:
    """Charges one request, or one connection, for what it asks and there is not: GUESS each, its own token included.

    Args:
        rate: what it counts for.
        caller: who, there.
        scope: it is nobody's guess once that names a `caller`: guessing is for who has no key.
    """

    def __init__(self, rate: Rate, caller: str, scope: Scope) -> None:
        self._rate, self._caller, self._scope = rate, caller, scope
        self._paid = 1

    def missed(self) -> None:
        """There is not what was asked for."""
        if "caller" not in self._scope:
            self._rate.take(self._caller, GUESS - self._paid)
            self._paid = 0

    def asked(self) -> None:
        """Another operation of a connection has paid for itself."""
        self._paid = 1


class Rates:
    """Refuses who asks too often: 429 RATE_LIMITED, with Retry-After.

    Whose key a request has is known once it was looked up (`scope["caller"]`, which `auth` sets). Until a key was seen
    to be one, requests with it count as look-ups of their address: keys that are made up fill no buckets, and each is a
    guess; and who shares an address with many that have no key does not wait for them. What is guessed within a request
    or a connection, `scope["guesses"]` is told. A WebSocket connection counts when it is opened, and again for each
    operation, by `scope["rates"]`.

    Args:
        app: what the request goes on to.
        anonymous: requests of an address without a key, a minute; 0 bounds nothing.
        caller: requests of a caller with a key, a minute; 0 bounds nothing.
        now: seconds of a clock that never goes back.
    """

    def __init__(self, app: ASGIApp, anonymous: int, caller: int, now: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._anonymous = Rate("anonymous", anonymous, now)
        self._lookups = Rate("lookups", anonymous, now)
        self._caller = Rate("caller", caller, now)
        self._known: OrderedDict[bytes, str] = OrderedDict()  # digests of keys, and whose they are

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in {"http", "websocket"} or scope["path"] in FOR_THE_PLATFORM:
            await self._app(scope, receive, send)
            return
        scope["rates"] = self
        header, key = _credential(scope)
        rate, name = self._of(scope, key, looked_up=header)
        if not rate.quota:
            await self._app(scope, receive, self._learning(scope, key, send))
        elif rate.take(name):
            if rate is not self._caller:
                scope["guesses"] = Guesses(rate, name, scope)
            await self._app(scope, receive, self._told(scope, rate, name, self._learning(scope, key, send)))
        else:
            await self._refuse(scope, receive, send, rate, name)

    def charge(self, scope: Scope, caller: str | None, tokens: int = 1) -> None:
        """Count an operation of a connection that is open.

        Args:
            scope: of the connection.
            caller: whose key opened it; None where nobody's did.
            tokens: what it costs.

        Raises:
            RateLimited: nothing is left.
        """
        rate, name = (self._anonymous, address(scope)) if caller is None else (self._caller, caller)
        if rate.quota and not rate.take(name, tokens):
            REFUSED.labels(rate.name).inc()
            raise RateLimited(rate.quota, rate.wait(name))

    def _of(self, scope: Scope, key: bytes | None, *, looked_up: bool) -> tuple[Rate, str]:
        """What a request counts against."""
        caller = None if key is None else self._known.get(key)
        if caller is not None:
            return self._caller, caller
        return self._lookups if looked_up else self._anonymous, address(scope)

    def _told(self, scope: Scope, rate: Rate, name: str, send: Send) -> Send:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] in _GUESSED and rate is not self._caller:
                    scope["guesses"].missed()
                rate.tell(name, MutableHeaders(scope=message))
            await send(message)

        return tell

    def _learning(self, scope: Scope, key: bytes | None, send: Send) -> Send:
        if key is None:
            return send

        async def learn(message: Message) -> None:
            if message["type"] == "http.response.start":
                if "caller" in scope:
                    self._known[key] = scope["caller"]
                    if len(self._known) > MOST_BUCKETS:
                        self._known.popitem(last=False)
                elif message["status"] == 401 or scope.get("actor") == ANONYMOUS.id:  # of a session that has ended
                    self._known.pop(key, None)
            await send(message)

        return learn

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, rate: Rate, name: str) -> None:
        REFUSED.labels(rate.name).inc()
        if rate is self._caller:
            scope["actor"] = name  # for the audit log
        error = RateLimited(rate.quota, rate.wait(name))
        response = JSONResponse(body(error.message, **details(error)), 429, {"Retry-After": str(error.retry_after)})
        rate.tell(name, response.headers)
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(response)
        else:
            await response(scope, receive, send)


def address(scope: Scope) -> str:
    """Whom an anonymous request counts for: its address, or the network of 64 bits that one line of IPv6 has.

    Examples:
        >>> address({"client": ("2001:db8::7:8", 443)}), address({"client": ("192.0.2.7", 443)})
        ('2001:db8::/64', '192.0.2.7')
    """
    host = (scope.get("client") or ("-", 0))[0]
    try:
        found = ip_address(host)
    except ValueError:
        return str(host)
    return str(found) if found.version == 4 else str(ip_network((int(found), 64), strict=False))


def _credential(scope: Scope) -> tuple[bool, bytes | None]:
    """Whether a request has an `Authorization` header; and the digest of that, or else of the cookie of a session."""
    connection = HTTPConnection(scope)
    header = connection.headers.get("authorization")
    given = header or connection.cookies.get(SECURE_NAME) or connection.cookies.get(PLAIN_NAME)
    return header is not None, None if given is None else hashlib.sha256(given.encode()).digest()
