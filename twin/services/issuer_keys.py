"""The public keys of an issuer: fetched when they are needed, kept for an hour, and followed when they rotate."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
import orjson

from twin.domain.issuer import Issuer, secure_url
from twin.errors import InvalidInput, Unavailable, shown

FRESH_S: Final = 3_600.0
PAUSE_S: Final = 30.0
OLDEST_S: Final = 86_400.0
PATIENCE_S: Final = 10.0
LARGEST: Final = 256 * 1024
DISCOVERY: Final = "/.well-known/openid-configuration"

Jwk = Mapping[str, Any]
log = logging.getLogger(__name__)


class IssuerKeys:
    """The keys of one issuer by their ids.

    Whatever is asked for, they are fetched once in 30 seconds at most, by one fetch for all who wait. While that fails,
    those of before count for a day.

    Args:
        issuer: whose.
        elapsed: seconds since some moment; never goes back.
    """

    def __init__(self, issuer: Issuer, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._elapsed = elapsed
        self._keys: Mapping[str, Jwk] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> Jwk | None:
        """The key of this id (RFC 7517), or None when the issuer has none.

        Raises:
            Unavailable: the issuer was not heard from, for a day or at all.
        """
        if kid not in self._keys or self._age() >= FRESH_S:
            await self._refreshed()
        if self._age() >= OLDEST_S:
            raise Unavailable("The keys of the issuer of tokens cannot be had now. Try again in a minute.")
        return self._keys.get(kid)

    def _age(self) -> float:
        return float("inf") if self._fetched is None else self._elapsed() - self._fetched

    async def _refreshed(self) -> None:
        """Wait for the fetch that runs, or for a new one if it is time; whoever goes away does not end it."""
        now = self._elapsed()
        if self._fetching is None:
            if self._tried is not None and now - self._tried < PAUSE_S:
                return
            self._tried = now
            self._fetching = asyncio.create_task(self._fetch())
        await asyncio.shield(self._fetching)

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(timeout=PATIENCE_S) as client:
                url = self._issuer.jwks_url or await self._discovered(client)
                self._keys = _by_id(await _document(client, url))
            self._fetched = self._elapsed()
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, InvalidInput) as error:
            reason = error.message if isinstance(error, InvalidInput) else f"{type(error).__name__} {error}"
            log.warning("the keys of %s were not fetched: %s", self._issuer.url, reason)
        finally:
            self._fetching = None

    async def _discovered(self, client: httpx.AsyncClient) -> str:
        """Where the issuer says that its keys are (OpenID Connect Discovery 1.0, section 4)."""
        found = await _document(client, self._issuer.url.rstrip("/") + DISCOVERY)
        if found.get("issuer") != self._issuer.url:
            named = shown(found.get("issuer"))
            raise InvalidInput(f"issuer: expected {shown(self._issuer.url)} as in TWIN_OIDC_ISSUER, found {named}.")
        return secure_url(str(found.get("jwks_uri")), "jwks_uri")


async def _document(client: httpx.AsyncClient, url: str) -> Mapping[str, Any]:
    """A JSON object of 256 KiB at most, as it is sent: nothing is unpacked, and nobody sends us elsewhere."""
    content = bytearray()
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    async with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code != 200:
            raise InvalidInput(f"{shown(url)}: expected 200, found {answer.status_code}.")
        async for piece in answer.aiter_raw():
            content += piece
            if len(content) > LARGEST:
                raise InvalidInput(f"{shown(url)}: expected {LARGEST} bytes at most, found more.")
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{shown(url)}: expected JSON, found something else.") from error
    if not isinstance(found, dict):
        raise InvalidInput(f"{shown(url)}: expected a JSON object, found {type(found).__name__}.")
    return found


def _by_id(jwks: Mapping[str, Any]) -> Mapping[str, Jwk]:
    keys = jwks.get("keys")
    if not isinstance(keys, list):
        raise InvalidInput("keys: expected a list of keys (RFC 7517, section 5), found none.")
    return {key["kid"]: key for key in keys if isinstance(key, dict) and isinstance(key.get("kid"), str)}
