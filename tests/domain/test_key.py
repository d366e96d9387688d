"""Keys as values: when they hold, and how they are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from twin.domain.actor import Audience, Role, actor_with
from twin.domain.key import Key, audiences_of, expiry_of, id_of

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
KEY = Key("line-3", frozenset({Role.OPERATOR}), frozenset(Audience), NOW, NOW + timedelta(days=1))


def test_a_key_holds_until_its_end() -> None:
    assert KEY.holder(NOW) == actor_with("line-3", [Role.OPERATOR])
    assert KEY.holder(NOW + timedelta(days=1) - timedelta(milliseconds=1)) is not None
    assert KEY.holder(NOW + timedelta(days=1)) is None


def test_a_document_is_the_key() -> None:
    assert Key.from_document(KEY.as_document()) == KEY
    assert set(KEY.as_document()) == {"actor", "roles", "audiences", "created_at", "expires_at"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1h", NOW + timedelta(hours=1)),
        ("30d", NOW + timedelta(days=30)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_ends(text: str, expected: datetime) -> None:
    assert expiry_of(text, NOW) == expected


def test_who_is_inside_sees_all() -> None:
    assert audiences_of(Audience.INTERNAL) == frozenset(Audience)
    assert audiences_of(Audience.AUTHORITY) == {Audience.PUBLIC, Audience.AUTHORITY}


def test_an_id_is_the_beginning_of_a_digest() -> None:
    assert id_of("0123456789abcdef" * 4) == "key_0123456789ab"
