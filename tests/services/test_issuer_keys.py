"""Public keys of an issuer: one fetch for many, rotation, and what holds while the issuer does not answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.services.issuers import AUDIENCE, IssuerServer, issuing
from twin.domain.issuer import Issuer
from twin.errors import Unavailable
from twin.services.issuer_keys import FRESH_S, LARGEST, OLDEST_S, PAUSE_S, IssuerKeys

pytestmark = pytest.mark.anyio


class Elapsed:
    """Seconds that tests set."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> Iterator[IssuerServer]:
    with issuing() as running:
        yield running


def keys_of(issuer: IssuerServer) -> tuple[IssuerKeys, Elapsed]:
    elapsed = Elapsed()
    return IssuerKeys(Issuer(issuer.url, AUDIENCE), elapsed), elapsed


async def test_keys_are_discovered_fetched_once_and_kept_for_an_hour(issuer: IssuerServer) -> None:
    keys, elapsed = keys_of(issuer)
    found = await asyncio.gather(*(keys.find(kid) for kid in ("rsa", "ec", "ed") * 10))
    assert all(found)
    elapsed.now += FRESH_S - 1
    assert await keys.find("rsa")
    assert issuer.asked == 1
    elapsed.now += 1
    assert await keys.find("rsa")
    assert issuer.asked == 2


async def test_a_flood_of_unknown_keys_is_one_fetch_in_30_seconds(issuer: IssuerServer) -> None:
    keys, elapsed = keys_of(issuer)
    assert await asyncio.gather(*(keys.find(f"made-up-{n}") for n in range(100))) == [None] * 100
    assert issuer.asked == 1
    elapsed.now += PAUSE_S - 1
    assert await keys.find("made-up") is None
    assert issuer.asked == 1


async def test_a_rotated_key_is_found_and_the_old_one_is_gone(issuer: IssuerServer) -> None:
    keys, elapsed = keys_of(issuer)
    assert await keys.find("rsa")
    issuer.names = ("rsa-new",)
    elapsed.now += PAUSE_S
    assert await keys.find("rsa-new")
    assert await keys.find("rsa") is None


async def test_while_the_issuer_fails_old_keys_hold_for_a_day(issuer: IssuerServer) -> None:
    keys, elapsed = keys_of(issuer)
    assert await keys.find("rsa")
    issuer.status = 500
    elapsed.now += OLDEST_S - 1
    assert await keys.find("rsa")
    elapsed.now += 1
    with pytest.raises(Unavailable):
        await keys.find("rsa")
    issuer.status = 200
    elapsed.now += PAUSE_S
    assert await keys.find("rsa")


@pytest.mark.parametrize("how", ["redirect", "too large", "another issuer", "not keys", "gone"])
async def test_what_is_no_set_of_keys_is_not_believed(issuer: IssuerServer, how: str) -> None:
    keys, _ = keys_of(issuer)
    if how == "redirect":
        issuer.status = 302
    elif how == "too large":
        issuer.padding = LARGEST
    elif how == "another issuer":
        issuer.named = "https://evil.example.com"
    elif how == "not keys":
        keys = IssuerKeys(Issuer(issuer.url, AUDIENCE, f"{issuer.url}/.well-known/openid-configuration"))
    else:
        keys = IssuerKeys(Issuer("http://127.0.0.1:9", AUDIENCE))
    with pytest.raises(Unavailable):
        await keys.find("rsa")


async def test_whoever_goes_away_does_not_end_the_fetch_for_others(issuer: IssuerServer) -> None:
    keys, _ = keys_of(issuer)
    issuer.release = threading.Event()
    first, second = asyncio.create_task(keys.find("rsa")), asyncio.create_task(keys.find("rsa"))
    await asyncio.sleep(0)
    first.cancel()
    issuer.release.set()
    assert await second
    assert issuer.asked == 1
