"""Notices of recalls: sent to the addresses that the deployment names until they are taken, signed.

A notice is written in the transaction of the step that it tells of, so none is forgotten; one may come twice, and then
has the same id.

References:
    Standard Webhooks 1.0 (webhook-id, webhook-timestamp, webhook-signature)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import orjson

from twin.domain.history import Document
from twin.services.commits import Clock
from twin.store import Store

PATIENCE_S: Final = 10.0
AT_ONCE: Final = 20
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1_440, 1_440, 1_440))
"""How long to wait after each try that failed; after the last one nobody tries again."""
LEASE_S: Final = 300.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Whom to tell.

    Args:
        urls: the addresses that are told.
        secret: what the notices are signed with.
    """

    urls: tuple[str, ...] = ()
    secret: bytes = b""


class Notices:
    """Writes down what is to be told, and tells it.

    Args:
        store: where they are kept.
        clock: tells the time, in UTC.
        webhooks: whom to tell.
    """

    def __init__(self, store: Store, clock: Clock, webhooks: Webhooks) -> None:
        self._store = store.notices
        self._leases = store.leases
        self._clock = clock
        self._webhooks = webhooks

    def about(self, recall: Document, action: str, at: datetime) -> list[dict[str, Any]]:
        """What is to be told of a step of a recall: a notice for each address."""
        body = {
            "type": f"recall.{action.lower()}",
            "timestamp": _text(at),
            "data": {
                "recall": recall["_id"],
                "title": recall["title"],
                "notice": recall["notice"],
                "url": recall.get("url"),
                "digest": recall["frozen"]["digest"],
                "affected": recall["frozen"]["counts"].get("AFFECTED", 0),
                "exposed": recall["frozen"]["counts"].get("EXPOSED", 0),
            },
        }
        return [
            {
                "_id": f"{recall['_id']}:{action}:{hashlib.sha256(url.encode()).hexdigest()[:16]}",
                "recall": recall["_id"],
                "url": url,
                "body": orjson.dumps(body).decode(),
                "at": at,
                "next_at": at,
                "tries": 0,
            }
            for url in self._webhooks.urls
        ]

    async def of(self, recall: str) -> Sequence[Document]:
        """The notices of a recall, and what became of them."""
        return await self._store.of(recall)

    async def send_due(self) -> bool:
        """Send what is due; False when nothing is, or somebody else is at it.

        Raises:
            Unavailable: the database does not answer.
        """
        due = await self._store.due(self._clock(), AT_ONCE)
        if not due or (token := await self._leases.take("notices", LEASE_S)) is None:
            return False
        try:
            due = await self._store.due(self._clock(), AT_ONCE)
            async with httpx.AsyncClient(timeout=PATIENCE_S, follow_redirects=False) as client:
                for notice in due:
                    await self._send(client, notice)
        finally:
            await self._leases.release("notices", token)
        return bool(due)

    async def _send(self, client: httpx.AsyncClient, notice: Document) -> None:
        outcome, taken = await self._outcome(client, notice)
        now = self._clock()
        pause = None if taken or notice["tries"] >= len(PAUSES) else PAUSES[notice["tries"]]
        if not taken:
            log.warning("%s was not taken: %s", notice["_id"], outcome)
        await self._store.tried(notice["_id"], now, outcome, None if pause is None else now + pause)

    async def _outcome(self, client: httpx.AsyncClient, notice: Document) -> tuple[str, bool]:
        body, stamp = notice["body"].encode(), str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": notice["_id"],
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature(self._webhooks.secret, notice['_id'], stamp, body)}",
        }
        try:
            answer = await client.post(notice["url"], content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__, False
        return str(answer.status_code), answer.is_success


def signature(secret: bytes, name: str, stamp: str, body: bytes) -> str:
    """The signature of a notice: HMAC-SHA-256 over its id, when it is sent, and its body, in base 64.

    Args:
        secret: what both sides know.
        name: the `webhook-id`.
        stamp: the `webhook-timestamp`, in seconds since 1970.
        body: as it is sent.
    """
    signed = f"{name}.{stamp}.".encode() + body
    return base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
