"""What every answer tells a browser: run nothing, be framed nowhere, guess no types, say nowhere whence you came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Scope

NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
INERT: Final = f"{NOTHING}; style-src 'unsafe-inline'; sandbox"
"""For an image that is opened as a page: SVG may have a style, and runs, loads and sends nothing."""

A_YEAR_OF_TLS: Final = "max-age=31536000"

_EVERY: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_FOR_ANYBODY: Final = ("image/", "application/json", "application/linkset+json", "application/ld+json")


def guard(scope: Scope, headers: MutableHeaders) -> None:
    """Add what is missing; a page that says its own policy keeps it.

    Who speaks HTTPS goes on doing so, but for `localhost`, whose other ports are others' services.
    Symbols and link sets may be shown by pages of others, which is what they are for; nothing else may.

    Args:
        scope: of the request.
        headers: of its answer.
    """
    kind = headers.get("content-type", "")
    for name, value in _EVERY.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", INERT if kind.startswith("image/svg") else NOTHING)
    shared = kind.startswith(_FOR_ANYBODY) and scope["path"] != "/graphql"
    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if shared else "same-origin")
    if scope.get("scheme") == "https" and Headers(scope=scope).get("host", "").partition(":")[0] != "localhost":
        headers.setdefault("Strict-Transport-Security", A_YEAR_OF_TLS)
