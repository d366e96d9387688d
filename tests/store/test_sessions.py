"""The collection of sessions: found by digest, prolonged while they are there, and taken out by the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import Bench

pytestmark = pytest.mark.anyio

LATER = datetime(2100, 1, 1, tzinfo=UTC)


async def test_a_session_is_prolonged_never_shortened_and_never_back_from_its_end(fresh_bench: Bench) -> None:
    sessions = fresh_bench.store.sessions
    await sessions.add("d1", {"key": "k", "ends": LATER, "expires": LATER})
    for expires in (LATER + timedelta(hours=1), LATER):
        await sessions.prolong("d1", expires)
        assert await sessions.find("d1") == {
            "_id": "d1",
            "key": "k",
            "ends": LATER,
            "expires": LATER + timedelta(hours=1),
        }
    await sessions.end("d1")
    await sessions.prolong("d1", LATER)
    assert await sessions.find("d1") is None


async def test_the_database_takes_out_what_has_expired(fresh_bench: Bench) -> None:
    indexes = await fresh_bench.mongo.collection("sessions").index_information()
    assert indexes["expires"]["expireAfterSeconds"] == 0
