"""Who is calling."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import HTTPConnection

from twin.api.cookies import require_own_page, session_in
from twin.domain.actor import ANONYMOUS, Actor
from twin.errors import Unauthenticated
from twin.services import Services
from twin.services.held import Held
from twin.services.keys import digest_of

Look = Callable[[], Awaitable[Held | None]]
"""Asks who holds what a connection was opened with; None: nobody any more."""

LONGEST_KEY = 512
DOTS_OF_A_TOKEN = 2


async def actor_of(connection: HTTPConnection, services: Services) -> Actor:
    """The caller: whoever holds the key or sent the token in the `Authorization` header; without one, of the session.

    Raises:
        Unauthenticated: a header that is not `Bearer …`, a key that is not known, or a token that does not count.
        Forbidden: a cookie that a page of another origin made a browser send.
        Unavailable: a token, whose issuer cannot be asked for its keys.
    """
    header = connection.headers.get("authorization")
    actor = await (actor_in_session(connection, services) if header is None else actor_behind(header, services))
    connection.scope["actor"] = actor.id  # for the audit log, should the request be refused
    if actor is not ANONYMOUS:
        connection.scope["caller"] = actor.id  # for whom the request counts
    return actor


async def actor_in_session(connection: HTTPConnection, services: Services) -> Actor:
    """The caller in the session of a cookie: anonymous without one, and in one that has ended.

    Raises:
        Forbidden: a page of another origin made a browser send it, with what is no mere question.
    """
    text = session_in(connection, services.resolution.public_url)
    if text is None:
        return ANONYMOUS
    require_own_page(connection, services.resolution.public_url)
    return await services.sessions.actor(text) or ANONYMOUS


async def actor_behind(authorization: str, services: Services) -> Actor:
    """The caller behind the text of an `Authorization` header.

    Raises:
        Unauthenticated: it is not `Bearer …`, the key is not known, or the token does not count.
        Unavailable: a token, whose issuer cannot be asked for its keys.
    """
    text = bearer_in(authorization, services)
    if services.tokens is not None and is_token(text):
        return (await services.tokens.bearer(text)).actor
    return await services.keys.actor(text)


async def look_in_session(connection: HTTPConnection, services: Services) -> Look | None:
    """How to ask who is in the session of a cookie; None without one.

    Raises:
        Forbidden: a page of another origin made a browser send it.
    """
    text = session_in(connection, services.resolution.public_url)
    if text is None:
        return None
    require_own_page(connection, services.resolution.public_url)
    return partial(services.sessions.held, text)


async def look_behind(authorization: str, services: Services) -> Look:
    """How to ask who stands behind the text of an `Authorization` header, now and later.

    Raises:
        Unauthenticated: it is not `Bearer …`, the key is not known, or the token does not count.
        Unavailable: a token, whose issuer cannot be asked for its keys.
    """
    text = bearer_in(authorization, services)
    tokens = services.tokens
    if tokens is None or not is_token(text):
        await services.keys.actor(text)
        return partial(services.keys.held, digest_of(text))
    bearer = await tokens.bearer(text)

    async def look() -> Held | None:
        return tokens.held(bearer)

    return look


def bearer_in(authorization: str, services: Services) -> str:
    """The key or token of the text of an `Authorization` header.

    Raises:
        Unauthenticated: it is not `Bearer …`, or too long.
    """
    scheme, _, given = authorization.partition(" ")
    text = given.strip()
    too_long = len(text) > LONGEST_KEY and not (services.tokens is not None and is_token(text))  # which bounds itself
    if scheme.lower() != "bearer" or not text or too_long:
        raise Unauthenticated("Authorization: expected Bearer and a key.")
    return text


def is_token(text: str) -> bool:
    """Whether it is meant as a token: keys have no dots."""
    return text.count(".") == DOTS_OF_A_TOKEN
