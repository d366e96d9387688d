"""The scan log in the database: rows that expire, and counts that only grow."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from tests.services.factory import rows_of
from twin.domain.scan import Outcome

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

DAY = date(2026, 3, 1)


async def test_rows_stand_as_they_were_given_until_they_expire(bench: Bench) -> None:
    read = uuid.uuid4().hex
    await bench.store.scan_log.write([{"read": read, "expires": datetime(2099, 1, 1, tzinfo=UTC)}, {"read": read}])
    collection = rows_of(bench)
    assert await collection.count_documents({"read": read}) == 2
    index = (await collection.index_information())["expires"]
    assert (index["key"], index["expireAfterSeconds"]) == ([("expires", 1)], 0)


async def test_counts_of_a_label_and_a_day_add_up(bench: Bench) -> None:
    log, label, other = bench.store.scan_log, f"lbl_{uuid.uuid4().hex}", f"lbl_{uuid.uuid4().hex}"
    await log.count(
        {(label, DAY, Outcome.VOID): 2, (label, DAY, Outcome.CURRENT): 1, (label, date(2026, 3, 3), Outcome.VOID): 5}
    )
    await log.count({(label, DAY, Outcome.VOID): 1, (other, DAY, Outcome.VOID): 7, (f"{label}x", DAY, Outcome.VOID): 7})
    found = await log.counts(label, DAY, date(2026, 3, 3))
    assert [(one["day"], one["outcomes"]) for one in found] == [
        ("2026-03-01", {"VOID": 3, "CURRENT": 1}),
        ("2026-03-03", {"VOID": 5}),
    ]
    assert [one["day"] for one in await log.counts(label, date(2026, 3, 2), date(2026, 3, 9))] == ["2026-03-03"]
    assert await log.counts(label, date(2026, 2, 1), date(2026, 2, 28)) == []
