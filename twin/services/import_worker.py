"""Doing imports: by whichever process has the lease, chunk by chunk, each in one transaction.

A chunk is judged row by row, by the rules that `registerAsset` and `issueLabels` have. Then one transaction writes the
assets, their identifiers, their labels, what became of each row, and the job's cursor: all of it or nothing. So a
process that is killed, or two that do the same chunk, write no row twice, and none is half done. While the database
writes a chunk, the next one is judged.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from twin.domain import asset as asset_rules
from twin.domain import fields
from twin.domain import moves as label_rules
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document, Draft
from twin.domain.imports import OPEN, ImportState, Said
from twin.domain.serials import PLACEHOLDER, filled
from twin.errors import IdentifierTaken, TwinError, Unavailable, within
from twin.identity import Granularity
from twin.services import assets, labels
from twin.services.commits import PAUSE_S, TRIES, Change, Commits
from twin.services.imports import refusal
from twin.services.labels import Labels
from twin.services.print_worker import LEASE_S, Lease
from twin.services.serials import Serials
from twin.store.twins import Lost, new_document

BREATH: Final = 8
"""After so many rows others have their turn: judging one takes a fraction of a millisecond."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Judged:
    """A chunk whose rows are judged, and what is to be written of it.

    Args:
        number: of the chunk.
        outcomes: what becomes of each row.
        assets, labels: the documents of the new twins.
        holders: the asset of each new identifier.
    """

    number: int
    outcomes: list[Document] = field(default_factory=list)
    assets: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    holders: dict[str, str] = field(default_factory=dict)


class ImportWorker:
    """Does the imports of one process.

    Args:
        commits: the write path.
        labels: gives link ids.
        serials: the next serial of each kind.
        asked: set when there is something to do.
    """

    def __init__(self, commits: Commits, labels: Labels, serials: Serials, asked: asyncio.Event) -> None:
        self._commits = commits
        self._store = commits.store
        self._jobs = commits.store.imports
        self._labels = labels
        self._serials = serials
        self._asked = asked

    async def rest(self, longest_s: float) -> None:
        """Wait until there may be something to do."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self._asked.wait()
        self._asked.clear()

    async def do_next(self, only: str | None = None) -> bool:
        """Do the oldest import that nobody does; False when there is none.

        Args:
            only: the one import that counts.

        Raises:
            Unavailable: the database does not answer; the import goes on later, here or elsewhere.
        """
        leases = self._store.leases
        for job in await self._jobs.open():
            if only not in (None, job["_id"]):
                continue
            name = f"import {job['_id']}"
            token = await leases.take(name, LEASE_S)
            if token is None:
                continue
            try:
                await self._do(Lease(leases, name, token), job["_id"])
            except Unavailable:
                raise
            except Exception:
                log.exception("%s failed", job["_id"])
                why = "Something went wrong here; the log says what."
                await self._jobs.end(job["_id"], ImportState.FAILED, self._now, why)
            finally:
                await asyncio.shield(leases.end(name, token))
            return True
        return False

    async def _do(self, lease: Lease, key: str) -> None:
        await self._jobs.start(key, self._now)
        job = await self._jobs.find(key)
        lost = 0
        judged = None if job is None else await self._judged(job, job["cursor"], {})
        while job is not None and judged is not None:
            if not await lease.hold():
                return
            following = asyncio.create_task(self._judged(job, judged.number + 1, judged.holders))
            try:
                written = await self._written(job, judged)
            except BaseException:
                following.cancel()
                raise
            if written:
                judged, lost = await following, 0
                continue
            following.cancel()  # it may have counted on what was not written
            lost += 1
            if lost == TRIES:
                raise Unavailable("Many others are changing the same thing just now; the import goes on later.")
            await asyncio.sleep(random.uniform(0, lost * PAUSE_S))  # noqa: S311 - spreads the losers of a race
            job = await self._jobs.find(key)
            judged = None if job is None else await self._judged(job, job["cursor"], {})
        await self._jobs.end(key, ImportState.DONE, self._now)

    async def _written(self, job: Document, judged: Judged) -> bool:
        """Write a chunk; False when others were first: with the chunk, or with an identifier in it."""

        async def work(session: Any) -> None:
            await self._jobs.settle(job, judged.number, judged.outcomes, session=session)
            if judged.holders:
                await self._store.identifiers.add(judged.holders, session=session)
            if judged.assets:
                await self._store.assets.add(judged.assets, session=session)
            if judged.labels:
                await self._store.labels.add(judged.labels, session=session)

        try:
            await self._store.mongo.transaction(work)
        except (Lost, IdentifierTaken):
            return False
        return True

    async def _judged(self, job: Document, number: int, before: Mapping[str, str]) -> Judged | None:
        """What is to be written of a chunk; None after the last one.

        Args:
            job: its document.
            number: of the chunk.
            before: the identifiers that are being written just now, as they will be held.
        """
        if job["state"] not in OPEN or number >= job["chunks"]:
            return None
        chunk = await self._jobs.chunk(job["upload"], number)
        if chunk is None:
            raise Unavailable("The database does not show all that it has taken yet; the import goes on later.")
        judged = Judged(number)
        drafts: dict[int, Draft | TwinError] = {}
        said: dict[int, Said] = {}
        for row in chunk["rows"]:
            if "said" in row:
                said[row["row"]] = orjson.loads(row["said"])
                drafts[row["row"]] = await self._asset(job, said[row["row"]])
                if row["row"] % BREATH == 0:
                    await asyncio.sleep(0)
        names = {name for draft in drafts.values() if isinstance(draft, Draft) for name in draft.change["identifiers"]}
        held = {name: holder.asset for name, holder in (await self._store.identifiers.holders(names)).items()}
        held |= {name: before[name] for name in names if name in before}
        for row in chunk["rows"]:
            place = {"row": row["row"], "line": row["line"]}
            try:
                outcome = self._row(job, row, said, drafts, held, judged)
            except TwinError as error:
                outcome = {"error": refusal(error)}
            judged.outcomes.append({**place, **outcome})
            if row["row"] % BREATH == 0:
                await asyncio.sleep(0)
        return judged

    def _row(
        self,
        job: Document,
        row: Document,
        said: Mapping[int, Said],
        drafts: Mapping[int, Draft | TwinError],
        held: dict[str, str],
        judged: Judged,
    ) -> Document:
        """Judge one row, and put what is to be written of it to the rest.

        Raises:
            TwinError: why it is refused; then nothing of it is written.
        """
        if "error" in row:
            return {"error": row["error"]}
        draft, number = drafts[row["row"]], row["row"]
        if isinstance(draft, TwinError):
            raise draft
        identifiers = draft.change["identifiers"]
        if taken := next((name for name in identifiers if name in held), None):
            raise IdentifierTaken(taken, held[taken])
        change = self._change(job, number, said[number])
        twin = self._commits.twin_id(assets.PREFIX, change.mutation, 0)
        asset = new_document(*self._commits.birth(twin, draft, change, 0))
        outcome = {"asset": twin}
        if (order := said[number]["label"]) is not None:
            with within("label"):
                label = self._label(order, twin, identifiers, change)
            judged.labels.append(label)
            outcome |= {"label": label["_id"], "link_id": label["head"]["link_id"]}
        judged.assets.append(asset)
        mine = dict.fromkeys(identifiers, twin)
        held.update(mine)
        judged.holders.update(mine)
        return outcome

    def _label(self, order: Said, asset: str, identifiers: list[str], change: Change) -> dict[str, Any]:
        draft = label_rules.issue(
            link_id=self._labels.new_link_id(change, 1),
            asset=asset,
            profile_name=order["profile"],
            face=order["face"],
            attributes=order["attributes"],
            identifiers=identifiers,
            command=change.command,
            now=self._commits.clock(),
        )
        twin = self._commits.twin_id(labels.PREFIX, change.mutation, 1)
        return new_document(*self._commits.birth(twin, draft, change, 1))

    async def _asset(self, job: Document, said: Said) -> Draft | TwinError:
        """The registration of a row's asset, or why it is refused."""
        command = Command(job.get("reason"))
        texts = (said["name"], *said["identifiers"], *said["attributes"].values())

        def draft(serial: str) -> Draft:
            return asset_rules.register(
                kind=said["kind"],
                granularity=Granularity(said["granularity"]),
                name=filled(said["name"], serial),
                identifiers=assets.issued_identifiers([filled(text, serial) for text in said["identifiers"]]),
                attributes={name: filled(text, serial) for name, text in said["attributes"].items()},
                command=command,
                now=self._commits.clock(),
            )

        try:
            if any(PLACEHOLDER in text for text in texts):
                return await self._serials.numbered(said["kind"], draft)
            return draft(PLACEHOLDER)
        except Unavailable:
            raise
        except TwinError as error:
            return error

    def _change(self, job: Document, number: int, said: Said) -> Change:
        """The one change that a row stands for, whoever makes it, and however often."""
        actor = Actor(job["actor"], frozenset({Permission.REGISTER_ASSETS, Permission.ISSUE_LABELS}), frozenset())
        command = Command(job.get("reason"), client_mutation_id=f"{job['_id']}.{number}")
        return self._commits.change(actor, "importAsset", command, {"row": said})

    @property
    def _now(self) -> Any:
        return fields.moment(None, now=self._commits.clock())
