"""What every answer tells a browser: run nothing, be framed nowhere, guess no types, say nowhere whence you came."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Scope

NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
INERT: Final = f"{NOTHING}; style-src 'unsafe-inline'; sandbox"
"""For an image that is opened as a page: SVG may have a style, and runs, loads and sends nothing."""

A_YEAR_OF_TLS: Final = "max-age=31536000"

_NOTHING: Final = NOTHING.encode()
_INERT: Final = INERT.encode()
_EVERY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_FOR_ANYBODY: Final = ("image/", "application/json", "application/linkset+json", "application/ld+json")


def guard(scope: Scope, headers: MutableHeaders) -> None:
    """Add what is missing; a page that says its own policy keeps it.

    Who speaks HTTPS goes on doing so, but for `localhost`, whose other ports are others' services.
    Symbols and link sets may be shown by pages of others, which is what they are for; nothing else may.

    Args:
        scope: of the request.
        headers: of its answer.
    """
    raw = headers.raw
    given = {name for name, _ in raw}
    kind = headers["content-type"] if b"content-type" in given else ""
    raw += [(name, value) for name, value in _EVERY if name not in given]
    if b"content-security-policy" not in given:
        raw.append((b"content-security-policy", _INERT if kind.startswith("image/svg") else _NOTHING))
    if b"cross-origin-resource-policy" not in given:
        shared = kind.startswith(_FOR_ANYBODY) and scope["path"] != "/graphql"
        raw.append((b"cross-origin-resource-policy", b"cross-origin" if shared else b"same-origin"))
    if scope.get("scheme") == "https" and b"strict-transport-security" not in given and not _is_localhost(scope):
        raw.append((b"strict-transport-security", A_YEAR_OF_TLS.encode()))


def _is_localhost(scope: Scope) -> bool:
    return Headers(scope=scope).get("host", "").partition(":")[0] == "localhost"
