"""Computing recalls: by whichever process has the lease, and again by another one if that process is killed."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from twin.domain import fields
from twin.domain.history import Document
from twin.domain.recall import RecallAction, RecallState
from twin.errors import TwinError, Unavailable
from twin.services.commits import Clock
from twin.services.recall_sets import RecallSets
from twin.services.signing import Signer, signed
from twin.store import Store
from twin.store.twins import Lost

LEASE_S = 120.0

log = logging.getLogger(__name__)


class RecallWorker:
    """Computes what recalls affect, and freezes it.

    Args:
        store: where recalls are.
        sets: computes what is affected.
        signer: signs what is frozen; None where the process has no key for that.
        clock: tells the time, in UTC.
        asked: set when there is something to compute, or to tell.
    """

    def __init__(
        self, store: Store, sets: RecallSets, signer: Signer | None, clock: Clock, asked: asyncio.Event
    ) -> None:
        self._recalls = store.recalls
        self._leases = store.leases
        self._sets = sets
        self._signer = signer
        self._clock = clock
        self._asked = asked

    async def rest(self, longest_s: float) -> None:
        """Wait until there may be something to do."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self._asked.wait()
        self._asked.clear()

    async def compute_next(self) -> bool:
        """Compute and freeze the oldest recall that nobody computes; False when there is none.

        Raises:
            Unavailable: the database does not answer; it is computed later, here or elsewhere.
        """
        for recall in await self._recalls.computing():
            name = f"recall {recall['_id']}"
            token = await self._leases.take(name, LEASE_S)
            if token is None:
                continue
            try:
                await self.freeze(recall)
            except Unavailable:
                raise
            except TwinError as error:
                await self._give_up(recall, error.message)
            except Exception:
                log.exception("%s could not be computed", recall["_id"])
                await self._give_up(recall, "Something went wrong here; the log says what.")
            finally:
                await asyncio.shield(self._leases.end(name, token))
            return True
        return False

    async def freeze(self, recall: Document) -> Document | None:
        """Compute what a recall affects, keep it, and freeze it; None when somebody else did, or it was withdrawn.

        What is computed follows from facts as they were known at a moment, so whoever does it again after a kill finds
        and keeps the same.
        """
        written = await self._sets.write(recall)
        if written is None:
            return None
        counts = {standing.value: many for standing, many in written.counts.items()}
        frozen = {"digest": written.digest, "counts": counts, "at": fields.moment(None, now=self._clock())}
        signature = signed(self._signer, {"recall": recall["_id"], **frozen})
        total = sum(written.counts.values())
        changed = {"state": RecallState.FROZEN.value, "frozen": {**frozen, **signature}}
        try:
            return await self._recalls.step(
                recall, {**changed, "found": total, "written": total}, self._event(recall, RecallAction.FREEZE)
            )
        except Lost:
            return None

    async def _give_up(self, recall: Document, why: str) -> None:
        event = {**self._event(recall, RecallAction.WITHDRAW), "reason": why}
        with suppress(Lost):
            await self._recalls.step(recall, {"state": RecallState.WITHDRAWN.value}, event)

    def _event(self, recall: Document, action: RecallAction) -> dict[str, object]:
        """What is done for whoever opened it."""
        at = fields.moment(None, now=self._clock())
        return {"action": action.value, "actor": recall["events"][0]["actor"], "at": at}
