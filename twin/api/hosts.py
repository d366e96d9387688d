"""Which names this service answers to, so that nobody has it speak in the name of another.

Nothing is ever built of the Host header: links name the public URL, and redirects are relative. That it must be one of
ours keeps caches that stand before us, and pages whose name was pointed at this address, from making anything of it.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterable, Set
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from twin.api.errors import body
from twin.errors import Unavailable, shown
from twin.services import Services

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
FOR_THE_PLATFORM: Final = frozenset({"/healthz", "/readyz"})  # asked by address
MISDIRECTED: Final = 421
LOOK_EVERY_S: Final = 1.0

_HOST: Final = re.compile(r"([a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[[0-9a-f:]{2,45}\])(?::[0-9]{1,5})?")


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach what listens there.

    Examples:
        >>> is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0"), is_loopback("")
        (True, True, False, False)
    """
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False


class Hosts:
    """Refuses a request whose Host header names none of ours: 421 MISDIRECTED.

    Args:
        app: what the request goes on to.
        services: know every host that our links name, or ever named.
        more: other names of ours; None lets every name pass.
        now: seconds of a clock that never goes back.
    """

    def __init__(
        self, app: ASGIApp, services: Services, more: Set[str] | None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._services = services
        self._more = more
        self._now, self._next_look = now, -math.inf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if self._more is None or scope["type"] not in {"http", "websocket"} or scope["path"] in FOR_THE_PLATFORM:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).getlist("host")
        if self._is_ours(given, self._more) or await self._is_new(given, self._more):
            await self._app(scope, receive, send)
            return
        text = f"Host: {shown(', '.join(given))} is not a name of this service. TWIN_HOSTS lists more names."
        response = JSONResponse(body(text, "MISDIRECTED"), MISDIRECTED)
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(response)
        else:
            await response(scope, receive, send)

    async def _is_new(self, given: list[str], more: Set[str]) -> bool:
        """Whether it is ours by now, since another process serves under it: looked up once a second at most."""
        now = self._now()
        if now < self._next_look or len(given) != 1 or not _HOST.fullmatch(given[0].lower()):
            return False
        self._next_look = now + LOOK_EVERY_S
        with suppress(Unavailable):
            await self._services.scans.looked_up()
        return self._is_ours(given, more)

    def _is_ours(self, given: list[str], more: Set[str]) -> bool:
        found = _HOST.fullmatch(given[0].lower()) if len(given) == 1 else None
        return found is not None and (found[1] in more or found[1] in _names(self._services.scans.hosts))


def _names(hosts: Iterable[str]) -> set[str]:
    return {host.partition(":")[0] for host in hosts}
