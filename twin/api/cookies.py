"""The cookie of a session: its name and attributes, and which requests may use it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from twin.errors import Forbidden

SECURE_NAME, PLAIN_NAME = "__Host-twin", "twin-session"

_QUESTIONS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_secure(connection: HTTPConnection, public_url: str) -> bool:
    """Whether browsers come over TLS: to us, or to what stands before us."""
    return connection.url.scheme in {"https", "wss"} or public_url.startswith("https:")


def session_in(connection: HTTPConnection, public_url: str) -> str | None:
    """What the cookie of a session holds, if there is one."""
    if "cookie" not in connection.headers:
        return None
    return connection.cookies.get(SECURE_NAME if is_secure(connection, public_url) else PLAIN_NAME)


def cookie(connection: HTTPConnection, public_url: str, text: str, seconds: int) -> str:
    """The header that sets the cookie, or with no seconds takes it away.

    No page can read it, no other host set it (`__Host-`), and other sites send it only with links that are followed.
    Plain http has a name and cookie of its own, which browsers would not take otherwise.

    Raises:
        Forbidden: over plain http from another machine, where anybody could read it.
    """
    secure = is_secure(connection, public_url)
    if not secure and connection.url.hostname not in _LOOPBACK:
        raise Forbidden("A session needs https, or a browser on the machine of the service.")
    name, more = (SECURE_NAME, "; Secure") if secure else (PLAIN_NAME, "")
    return f"{name}={text}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{more}"


def require_own_page(connection: HTTPConnection, public_url: str) -> None:
    """Let pass mere questions, and what a page of ours sends; a WebSocket is no mere question.

    Raises:
        Forbidden: the browser says that another page sends it, or nothing.
    """
    if connection.scope["type"] == "http" and connection.scope["method"] in _QUESTIONS:
        return
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if site == "same-origin" or (site is None and origin in _own_origins(connection, public_url)):
        return
    raise Forbidden("A session is for pages of this service alone; others send Authorization: Bearer ….")


def _own_origins(connection: HTTPConnection, public_url: str) -> set[str]:
    secure = connection.url.scheme in {"https", "wss"}
    public = urlsplit(public_url)
    return {f"{'https' if secure else 'http'}://{connection.url.netloc}", f"{public.scheme}://{public.netloc}"}
