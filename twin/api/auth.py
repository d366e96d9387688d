"""Who is calling."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from twin.domain.actor import ANONYMOUS, Actor
from twin.errors import Unauthenticated
from twin.services import Services

LONGEST_KEY = 512
DOTS_OF_A_TOKEN = 2


async def actor_of(connection: HTTPConnection, services: Services) -> Actor:
    """The caller: anonymous without an `Authorization` header, else whoever holds the key or sent the token in it.

    Raises:
        Unauthenticated: a header that is not `Bearer …`, a key that is not known, or a token that does not count.
        Unavailable: a token, whose issuer cannot be asked for its keys.
    """
    actor = await actor_behind(connection.headers.get("authorization"), services)
    connection.scope["actor"] = actor.id  # for the audit log, should the request be refused
    if actor is not ANONYMOUS:
        connection.scope["caller"] = actor.id  # for whom the request counts
    return actor


async def actor_behind(authorization: str | None, services: Services) -> Actor:
    """The caller behind the text of an `Authorization` header, or behind none.

    Raises:
        Unauthenticated: it is not `Bearer …`, the key is not known, or the token does not count.
        Unavailable: a token, whose issuer cannot be asked for its keys.
    """
    if authorization is None:
        return ANONYMOUS
    scheme, _, given = authorization.partition(" ")
    key = given.strip()
    if scheme.lower() == "bearer" and services.tokens is not None and key.count(".") == DOTS_OF_A_TOKEN:
        return (await services.tokens.bearer(key)).actor
    if scheme.lower() != "bearer" or not key or len(key) > LONGEST_KEY:
        raise Unauthenticated("Authorization: expected Bearer and a key.")
    return await services.keys.actor(key)
