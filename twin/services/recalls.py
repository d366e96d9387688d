"""Recalls: opened, frozen, published by a second person, worked through by scanning, closed with a report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

from twin import identity
from twin.domain import fields
from twin.domain import recall as rules
from twin.domain.actor import Actor, Audience, Permission
from twin.domain.history import AsOf, Command, Document
from twin.domain.recall import Criteria, Progress, RecallAction, RecallState, Standing
from twin.errors import InvalidInput, MutationIdReused, NotFound, Refused, Unavailable, shown
from twin.identity.link import LinkId
from twin.services.assets import Assets, named
from twin.services.commits import TRIES, Change, Commits
from twin.services.labels import Labels
from twin.services.notices import Notices
from twin.services.recall_sets import RecallSets
from twin.services.signing import Signer, signed
from twin.store.mongo import Session
from twin.store.paging import Page, PageRequest
from twin.store.recalls import item_query
from twin.store.twins import Lost

PREFIX = "rcl"
LONGEST_PLACE = 120
_TOLD = (RecallAction.PUBLISH, RecallAction.CLOSE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a new recall is to be.

    Args:
        title: what people call it.
        criteria: what it starts from; the assets by any text that names one.
        notice: what the public is told: what is wrong, and what to do.
        url: where more of that is.
        as_of: the moment at which things count as affected, and as it was known when; now if not said.
        like: a recall whose criteria are asked again, in the place of others.
    """

    title: str
    criteria: Criteria
    notice: str
    url: str | None = None
    as_of: AsOf | None = None
    like: str | None = None


class Recalls:
    """What callers do with recalls.

    Args:
        commits: the clock, the store, and the ids of new things.
        assets: to find assets.
        labels: to find what a label is on.
        sets: computes what is affected.
        signer: signs what is frozen; None where the process has no key for that.
        notices: writes down what is to be told.
    """

    def __init__(
        self,
        commits: Commits,
        assets: Assets,
        labels: Labels,
        sets: RecallSets,
        signer: Signer | None,
        notices: Notices,
    ) -> None:
        self._commits = commits
        self._store = commits.store.recalls
        self._assets = assets
        self._labels = labels
        self._sets = sets
        self._signer = signer
        self._notices = notices
        self.asked = asyncio.Event()  # set when there is something to compute, or to tell

    async def open(self, actor: Actor, asked: Asked, command: Command) -> Document:
        """Open a recall: what it affects is computed at once, in the background, and frozen.

        Args:
            actor: needs `recalls:open`.
            asked: what it is to be.
            command: the reason is required; client_mutation_id counts.

        Raises:
            InvalidInput: no reason, no criteria, or a moment that has not come.
            NotFound: there is no such asset.
        """
        actor.require(Permission.OPEN_RECALLS)
        criteria, as_of = asked.criteria, asked.as_of or AsOf()
        inputs = {
            "title": asked.title,
            "criteria": criteria.as_document(),
            "notice": asked.notice,
            "url": asked.url,
            "like": asked.like,
            "as_of": {"occurred": as_of.occurred, "recorded": as_of.recorded},
        }
        change = self._commits.change(actor, "openRecall", command, inputs)
        recall = self._commits.twin_id(PREFIX, change.mutation, 0)
        if asked.like is not None:
            if criteria != Criteria():
                raise InvalidInput("like: expected criteria or a recall to ask again, found both.", path=("like",))
            criteria = Criteria.from_document((await self.find(actor, asked.like))["criteria"])
        criteria.require_any()
        now = fields.moment(None, now=self._commits.clock())
        ids = await self._assets.ids_of(set(criteria.assets))
        owns = await self._commits.store.assets.owns(set(ids.values()))
        if missing := [key for key in criteria.assets if ids[key] not in owns]:
            raise NotFound("asset", missing[0])
        of = tuple(dict.fromkeys(named(text).canonical for text in criteria.part_of))
        own = Criteria(
            tuple(dict.fromkeys(owns[ids[key]]["_id"] for key in criteria.assets)),
            of,
            criteria.made,
            criteria.made_from and fields.utc(criteria.made_from, path=("criteria", "madeFrom")),
            criteria.made_until and fields.utc(criteria.made_until, path=("criteria", "madeUntil")),
        )
        document: dict[str, Any] = {
            "_id": recall,
            "title": rules.title(asked.title),
            "notice": fields.text(asked.notice, path=("notice",), longest=rules.LONGEST_NOTICE),
            "url": _web_address(asked.url),
            "criteria": own.as_document(),
            "as_of": {
                "occurred": fields.moment(as_of.occurred, now=now, path=("asOf", "occurred")),
                "recorded": fields.moment(as_of.recorded, now=now, path=("asOf", "recorded")),
            },
            "state": RecallState.COMPUTING.value,
            "created": {"recorded_at": now},
            "revision": 1,
            "found": 0,
            "written": 0,
            "worked": 0,
            "events": [self._event(change, RecallAction.OPEN, _reason(command))],
        }
        document = {name: value for name, value in document.items() if value is not None}
        if not await self._store.add(document):
            document = await self._repeat(recall, change)
        self.asked.set()
        return document

    async def publish(self, actor: Actor, recall: str, *, digest: str, command: Command) -> Document:
        """Tell the world: from now on every scan and page of an affected label shows it.

        Args:
            actor: needs `recalls:publish`; another person than who opened it.
            recall: its id.
            digest: of what is frozen, as the actor has looked at it.
            command: reason and client_mutation_id count.

        Raises:
            Refused: it is not frozen, is the actor's own, or something else is frozen.
        """
        actor.require(Permission.PUBLISH_RECALLS)
        change = self._commits.change(actor, "publishRecall", command, {"recall": recall, "digest": digest})

        async def judge(before: Document, _: Session) -> dict[str, Any]:
            rules.require_other(before, actor.id, digest)
            return {"state": RecallState.PUBLISHED.value, "published": fields.moment(None, now=self._commits.clock())}

        return await self._step(change, recall, RecallAction.PUBLISH, judge)

    async def withdraw(self, actor: Actor, recall: str, command: Command) -> Document:
        """Give up a recall that was not published. Needs `recalls:open`, and a reason."""
        actor.require(Permission.OPEN_RECALLS)
        change = self._commits.change(actor, "withdrawRecall", command, {"recall": recall})
        _reason(command)

        async def judge(*_: object) -> dict[str, Any]:
            return {"state": RecallState.WITHDRAWN.value}

        return await self._step(change, recall, RecallAction.WITHDRAW, judge)

    async def close(self, actor: Actor, recall: str, command: Command) -> Document:
        """End a recall with a report of what became of each thing, signed.

        Args:
            actor: needs `recalls:publish`.
            recall: its id.
            command: the reason is required: what was done.

        Raises:
            Refused: it is not published, or the work on something affected has not ended.
        """
        actor.require(Permission.PUBLISH_RECALLS)
        change = self._commits.change(actor, "closeRecall", command, {"recall": recall})
        _reason(command)

        async def judge(before: Document, session: Session) -> dict[str, Any]:
            counts = await self._store.counts(recall, session=session)
            affected = {
                progress: many for (standing, progress), many in counts.items() if standing == Standing.AFFECTED
            }
            waiting = {progress: many for progress, many in affected.items() if progress not in rules.ENDS}
            if waiting:
                told = ", ".join(f"{many} {progress}" for progress, many in sorted(waiting.items()))
                ends = ", ".join(sorted(rules.ENDS))
                raise Refused(f"{recall}: expected everything affected to be {ends}, found {told}.")
            report = {"counts": affected, "closed_at": fields.moment(None, now=self._commits.clock())}
            signature = signed(self._signer, {"recall": recall, "frozen": before["frozen"]["digest"], **report})
            return {"state": RecallState.CLOSED.value, "report": {**report, **signature}}

        return await self._step(change, recall, RecallAction.CLOSE, judge)

    async def work(
        self, actor: Actor, recall: str, key: str, *, progress: Progress, place: str | None, command: Command
    ) -> Document:
        """Note how far the work on one thing has come, by scanning it.

        Args:
            actor: needs `recalls:work`.
            recall: its id.
            key: a label's link or id, an asset's id, or the text of a carrier.
            progress: how far.
            place: roughly where.
            command: reason, occurred_at and client_mutation_id count.

        Returns:
            The item.

        Raises:
            Refused: the recall is not published.
            InvalidInput: the thing is not in the recall's set; or OPEN, which is where it begins.
        """
        actor.require(Permission.WORK_RECALLS)
        if progress is Progress.OPEN:
            raise InvalidInput("progress: expected what was done, found OPEN.", path=("progress",))
        inputs = {"recall": recall, "item": key, "progress": progress.value, "place": place}
        change = self._commits.change(actor, "workRecall", command, inputs)
        asset = await self._asset_of(actor, key)
        said = {
            "progress": progress.value,
            "place": fields.optional_text(place, path=("place",), longest=LONGEST_PLACE),
            "occurred_at": fields.moment(command.occurred_at, now=self._commits.clock()),
        }
        event = {**self._event(change, None, command.reason), **said}
        event = {name: value for name, value in event.items() if value is not None}
        for _ in range(TRIES):
            going, item = await asyncio.gather(self._store.find(recall), self._store.item(recall, asset))
            if going is None:
                raise NotFound("recall", recall)
            if item is None:
                raise InvalidInput(f"item: {asset} is not in {recall}; it is not recalled by it.", path=("item",))
            if (done := _done(item["events"], change)) is not None:
                return {**item, "progress": done["progress"]}
            if going["state"] != RecallState.PUBLISHED:
                raise Refused(f"{recall}: work needs PUBLISHED, found {going['state']}.")

            async def write(session: Session, item: Document = item) -> None:
                await self._store.work(item, progress.value, event, session=session)

            try:
                await self._commits.store.mongo.transaction(write)
            except Lost:
                continue
            return {**item, "progress": progress.value, "events": [*item["events"], event]}
        raise Unavailable("Many others are changing the same thing just now; try again.")

    # Reading

    async def find(self, actor: Actor, recall: str) -> Document:
        """A recall.

        Args:
            actor: needs `twins:read`, and to see what is internal.
            recall: its id.
        """
        actor.require(Permission.READ_TWINS)
        found = await self._store.find(recall) if Audience.INTERNAL in actor.audiences else None
        if found is None:
            raise NotFound("recall", recall)
        return found

    async def page(self, actor: Actor, request: PageRequest, states: Collection[RecallState] | None = None) -> Page:
        """A page of the recalls, newest first; as `find` takes the actor."""
        actor.require(Permission.READ_TWINS)
        if Audience.INTERNAL not in actor.audiences:
            return Page([], has_next=False, has_previous=False)
        return await self._store.page(request, states)

    async def count(self, actor: Actor, states: Collection[RecallState] | None = None) -> int:
        """How many recalls there are."""
        actor.require(Permission.READ_TWINS)
        return await self._store.count(states) if Audience.INTERNAL in actor.audiences else 0

    async def items(
        self,
        actor: Actor,
        recall: str,
        size: int,
        after: str | None,
        *,
        standing: Standing | None = None,
        progress: Progress | None = None,
    ) -> list[dict[str, Any]]:
        """The things in a recall's set, in the order of their ids, one more than `size` if there are more."""
        await self.find(actor, recall)
        return await self._store.items_page(item_query(recall, standing, progress), size, after)

    async def item(self, actor: Actor, recall: str, asset: str) -> Document | None:
        """One thing in a recall's set."""
        await self.find(actor, recall)
        return await self._store.item(recall, asset)

    async def count_items(
        self, actor: Actor, recall: str, *, standing: Standing | None = None, progress: Progress | None = None
    ) -> int:
        """How many things are in a recall's set."""
        await self.find(actor, recall)
        return await self._store.count_items(item_query(recall, standing, progress))

    async def counts(self, actor: Actor, recall: str) -> dict[tuple[str, str], int]:
        """How many things of each standing have come how far."""
        await self.find(actor, recall)
        return await self._store.counts(recall)

    async def notices(self, assets: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """What the public is told of things: the recalls that are published and affect them, by thing.

        For anybody: who holds a label may know that what it is on is recalled.
        """
        return await self._store.open_of(assets)

    async def difference(self, actor: Actor, recall: str) -> dict[str, list[str]]:
        """What the same question would answer now, beside what is frozen: the assets that came, went, or changed.

        Args:
            actor: needs `twins:read`, and to see what is internal.
            recall: its id.
        """
        document = await self.find(actor, recall)
        if "frozen" not in document:
            raise Refused(f"{recall}: nothing is frozen yet, it is {document['state']}.")
        now = {item["asset"]: item["standing"] async for item in self._sets.found(document, recorded=None)}
        then: dict[str, str] = {}
        async with aclosing(self._store.all_items(recall)) as items:
            async for item in items:
                then[item["asset"]] = item["standing"]
        return {
            "added": sorted(now.keys() - then.keys()),
            "removed": sorted(then.keys() - now.keys()),
            "changed": sorted(asset for asset in now.keys() & then.keys() if now[asset] != then[asset]),
        }

    async def _step(
        self,
        change: Change,
        recall: str,
        action: RecallAction,
        judge: Callable[[Document, Session], Awaitable[dict[str, Any]]],
    ) -> Document:
        event = self._event(change, action, change.command.reason)
        for _ in range(TRIES):
            before = await self._store.find(recall)
            if before is None:
                raise NotFound("recall", recall)
            if _done(before["events"], change) is not None:
                return before
            rules.require_legal(before, action)

            async def work(session: Session, before: Document = before) -> dict[str, Any]:
                after = await self._store.step(before, await judge(before, session), event, session=session)
                if action in _TOLD:
                    told = self._notices.about(after, action, event["at"])
                    await self._commits.store.notices.add(told, session=session)
                return after

            try:
                done = await self._commits.store.mongo.transaction(work)
            except Lost:
                continue
            self.asked.set()
            return done
        raise Unavailable("Many others are changing the same thing just now; try again.")

    async def _repeat(self, recall: str, change: Change) -> dict[str, Any]:
        stands = await self._store.find(recall)
        if stands is None or _done(stands["events"], change) is None:
            raise Unavailable("Many others are changing the same thing just now; try again.")
        return stands

    async def _asset_of(self, actor: Actor, key: str) -> str:
        """The asset that somebody has scanned: what a label is on, or what an identifier names."""
        links = [key] if key.startswith("lbl_") else []
        if not key.startswith("ast_"):
            found = identity.read(fields.scanned_text(key, path=("item",))).candidates
            links += [candidate.value for candidate in found if isinstance(candidate, LinkId)]
        for link in links:
            with suppress(NotFound):
                asset = (await self._labels.head(actor, link))["head"].get("asset")
                if asset is None:
                    raise InvalidInput(f"item: {shown(key)} is a label that is on nothing.", path=("item",))
                return str(asset)
        return await self._assets.id_of(key)

    def _event(self, change: Change, action: RecallAction | None, reason: str | None) -> dict[str, Any]:
        event: dict[str, Any] = {
            "actor": change.actor.id,
            "at": fields.moment(None, now=self._commits.clock()),
            "mutation": change.mutation.key,
            "digest": change.mutation.digest,
        }
        if action is not None:
            event["action"] = action.value
        if reason is not None:
            event["reason"] = fields.text(reason, path=("reason",))
        return event


def _done(events: Sequence[Document], change: Change) -> Document | None:
    """What this mutation did before, if it did.

    Raises:
        MutationIdReused: it did, but with another input.
    """
    for event in events:
        if event.get("mutation") == change.mutation.key:
            if event["digest"] != change.mutation.digest:
                raise MutationIdReused(change.mutation.client_id)
            return event
    return None


def _reason(command: Command) -> str:
    if command.reason is None:
        raise InvalidInput("reason: expected a reason, found none.", path=("reason",))
    return command.reason


def _web_address(url: str | None) -> str | None:
    if url is None:
        return None
    text = fields.text(url, path=("url",), longest=2_000)
    if not text.startswith("https://") or " " in text:
        raise InvalidInput(f"url: expected an address with https, found {shown(text)}.", path=("url",))
    return text
