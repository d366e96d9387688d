"""Facts: recorded and corrected, each in one transaction with a version of every twin that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twin.domain import fact as rules
from twin.domain.actor import Actor, Audience, Permission
from twin.domain.asset import AssetAction
from twin.domain.fact import NEVER, Fact, FactKind, Part
from twin.domain.history import AsOf, Command, Document, Draft
from twin.domain.spans import GENEALOGY, Span, spans_of
from twin.errors import AssetMerged, InconsistentFact, InvalidInput, NotFound, Refused, TooLarge
from twin.identity import Granularity
from twin.services.assets import Assets
from twin.services.commits import Change, Commits
from twin.services.stock import Ledger
from twin.store.facts import fact_query
from twin.store.mongo import Session
from twin.store.paging import Page, PageRequest
from twin.store.spans import Window

PREFIX = "fct"
MOST_RELATED = 50_000
"""How many things are looked at, at most, to make sure that nothing would come to be within itself."""

_MOVING = (
    FactKind.INSTALL,
    FactKind.REMOVE,
    FactKind.PACK,
    FactKind.UNPACK,
    FactKind.MOVE,
    FactKind.CONSUME,
)
_HEADS = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Named:
    """A thing as a caller names it, and how much of it.

    Args:
        key: the asset's id, or a text that names it.
        quantity: a decimal number as text.
        unit: of the quantity.
    """

    key: str
    quantity: str | None = None
    unit: str | None = None


class Facts:
    """What callers do with facts.

    Args:
        commits: the write path.
        assets: to find assets.
    """

    def __init__(self, commits: Commits, assets: Assets) -> None:
        self._commits = commits
        self._assets = assets
        self._twins = commits.store.assets
        self._facts = commits.store.facts
        self._spans = commits.store.spans
        self._ledger = Ledger(commits.store)

    async def record(
        self,
        actor: Actor,
        kind: FactKind,
        *,
        what: Sequence[Named],
        into: Sequence[Named] = (),
        said: Mapping[str, str | None] | None = None,
        attributes: Mapping[str, str | None] | None = None,
        command: Command,
    ) -> Document:
        """Record what happened, wholly or not at all.

        Args:
            actor: needs `facts:record`.
            kind: what it is; not CORRECT.
            what: the things that it happened to.
            into: where they went.
            said: what the kind knows, such as `position`.
            attributes: free fields: torque, test values.
            command: reason, occurred_at and client_mutation_id count.

        Returns:
            The fact.

        Raises:
            InconsistentFact: it cannot have happened, by what else is known: a thing would be in two, or in itself, or
                taken out of what it is not in, or more of a lot taken than was there, then or at any later time.
            AssetMerged: another asset has taken over one of the things.
            NotFound: there is no such thing.
            InvalidInput: anything else that breaks a rule.
        """
        actor.require(Permission.RECORD_FACTS)
        said, attributes = said or {}, attributes or {}
        inputs = {
            "kind": kind.value,
            "what": [_said(named) for named in what],
            "into": [_said(named) for named in into],
            "said": {name: value for name, value in said.items() if value is not None},
            "attributes": dict(attributes),
        }
        change = self._commits.change(actor, "recordFact", command, inputs)
        _require_few(what, into)
        ids = await self._assets.ids_of({named.key for named in (*what, *into)})

        def draft(id: str) -> Fact:  # noqa: A002 - the field's name
            return rules.drafted(
                kind,
                id,
                what=[Part(ids[named.key], named.quantity, named.unit) for named in what],
                into=[Part(ids[named.key], named.quantity, named.unit) for named in into],
                said=said,
                attributes=attributes,
                command=command,
                now=self._commits.clock(),
            )

        fact = draft(self._commits.twin_id(PREFIX, change.mutation, 0))
        return await self._write(change, fact, None)

    async def correct(self, actor: Actor, id: str, command: Command) -> Document:  # noqa: A002 - the field's name
        """Declare that a fact was a mistake. It stays, and counts no more.

        Args:
            actor: needs `facts:correct`.
            id: the fact's.
            command: the reason is required.

        Returns:
            The correction.

        Raises:
            InconsistentFact: what was recorded of the same things could not have happened without it.
            Refused: it was corrected before.
        """
        actor.require(Permission.CORRECT_FACTS)
        change = self._commits.change(actor, "correctFact", command, {"fact": id})
        mistake = await self.find(actor, id)
        new = self._commits.twin_id(PREFIX, change.mutation, 0)
        fact = rules.correction(Fact.from_document(mistake), new, command=command)
        return await self._write(change, fact, mistake)

    async def find(self, actor: Actor, id: str) -> Document:  # noqa: A002 - the field's name
        """A fact.

        Args:
            actor: needs `twins:read`, and to see what is internal.
            id: the fact's.
        """
        actor.require(Permission.READ_TWINS)
        found = await self._facts.find(id) if Audience.INTERNAL in actor.audiences else None
        if found is None:
            raise NotFound("fact", id)
        return found

    async def several(self, actor: Actor, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Facts by their ids, as `find` takes them."""
        actor.require(Permission.READ_TWINS)
        return await self._facts.several(ids) if Audience.INTERNAL in actor.audiences else {}

    async def page(
        self,
        actor: Actor,
        request: PageRequest,
        *,
        assets: Collection[str] | None = None,
        kinds: Iterable[FactKind] | None = None,
        marks: Iterable[str] | None = None,
        as_of: AsOf | None = None,
    ) -> Page:
        """Facts, those that happened last first.

        Args:
            actor: needs `twins:read`; who does not see what is internal sees none.
            request: which part.
            assets: only those that name one of these, by id.
            kinds: only of these kinds.
            marks: only those that say one of these, such as `workOrder:4711`.
            as_of: what had happened, as it was known; None means all, mistakes and corrections too.
        """
        actor.require(Permission.READ_TWINS)
        if Audience.INTERNAL not in actor.audiences:
            return Page([], has_next=False, has_previous=False)
        return await self._facts.page(fact_query(assets=assets, kinds=kinds, marks=marks, as_of=as_of), request)

    async def count(
        self,
        actor: Actor,
        *,
        assets: Collection[str] | None = None,
        kinds: Iterable[FactKind] | None = None,
        marks: Iterable[str] | None = None,
        as_of: AsOf | None = None,
    ) -> int:
        """How many facts `page` would list in all."""
        actor.require(Permission.READ_TWINS)
        if Audience.INTERNAL not in actor.audiences:
            return 0
        return await self._facts.count(fact_query(assets=assets, kinds=kinds, marks=marks, as_of=as_of))

    async def _write(self, change: Change, fact: Fact, mistake: Document | None) -> Document:
        named = fact.named()

        async def look(sure: bool) -> _HEADS:  # noqa: FBT001 - as `once` calls it
            if sure:  # then so is what is read after it
                await self._twins.sure_head({"_id": named[0]})
            found = await self._twins.heads(named)
            if missing := [twin for twin in named if twin not in found]:
                raise NotFound("asset", missing[0])
            return found

        async def attempt(heads: _HEADS) -> Document:
            if mistake is not None:
                now = await self._facts.find(mistake["_id"])
                if now is not None and now["superseded"] != NEVER:
                    raise Refused(f"{mistake['_id']} was corrected by {now['corrected_by']} before.")
            sizes = _sizes(heads)
            if mistake is None:
                rules.require_granularity(fact, sizes)
            return await self._commit(change, fact, heads, sizes)

        async def answer(*_: object) -> Document:
            written = await self._facts.find(fact.id)
            if written is None:
                raise NotFound("fact", fact.id)
            return written

        async with self._commits.turn(*(str({"_id": twin}) for twin in named)):
            return await self._commits.once(change, look, attempt, answer)

    async def _commit(
        self, change: Change, fact: Fact, heads: _HEADS, sizes: Mapping[str, Granularity]
    ) -> dict[str, Any]:
        """Write the fact, a version of each twin that it names, and where the things are after it."""
        fact = fact.at({twin: head["revision"] + 1 for twin, head in heads.items()})
        document = fact.as_document(
            actor=change.actor.id,
            recorded_at=self._commits.clock(),
            mutation=change.mutation.key,
            digest=change.mutation.digest,
        )
        action = AssetAction.CORRECT_FACT if fact.kind is FactKind.CORRECT else AssetAction(fact.kind.value)
        draft = Draft(
            action=action,
            change={},
            occurred_at=fact.occurred_at,
            reason=fact.reason,
            evidence={"fact": fact.id, "sha256": document["hash"]},
        )
        named = fact.named()
        versions = [self._commits.next(heads[twin], draft, change, place)[0] for place, twin in enumerate(named)]

        async def work(session: Session) -> None:
            for twin, version in zip(named, versions, strict=True):
                await self._twins.append(heads[twin], version, session=session)
            if fact.corrects is not None:
                await self._facts.supersede(fact.corrects, document["recorded_at"], fact.id, session=session)
            await self._facts.insert(document, session=session)
            new = await self._rewrite(fact, document["recorded_at"], sizes, session)
            if new:
                await self._require_acyclic(new, session)

        await self._commits.store.mongo.transaction(work)
        return document

    async def _rewrite(
        self, fact: Fact, at: datetime, sizes: Mapping[str, Granularity], session: Session
    ) -> list[Span]:
        """Make the spans say what the facts now say, and return those that are new."""
        whats = [part.asset for part in fact.what]
        items = [twin for twin in whats if sizes[twin] is Granularity.ITEM]
        lots = [twin for twin in whats if sizes[twin] is Granularity.LOT]
        if lots:
            await self._ledger.enter(fact, lots, at, session)
        gone, new = [], []
        if lots and fact.corrects is not None:
            gone += [row["_id"] for row in await self._spans.begun_by(fact.corrects, lots, session=session)]
        for lot in lots:
            new += spans_of(lot, [fact], lot=True)
        if items:
            told = await self._facts.about(items, _MOVING, session=session)
            standing = await self._spans.standing(items, session=session)
            stories = _by_item(told, items)
            for item in items:
                after = spans_of(item, stories[item], lot=False)
                before = {Span.from_document(row): row["_id"] for row in standing[item]}
                gone += [row for span, row in before.items() if span not in after]
                new += [span for span in after if span not in before]
        await self._spans.change(gone, new, at, session=session)
        return [span for span in new if span.how in GENEALOGY]

    async def _require_acyclic(self, new: Sequence[Span], session: Session) -> None:
        """Let pass spans after which nothing is in itself, and make sure that nobody changes that meanwhile.

        Whoever writes a span writes a version of what and of into, and touches all that into is in, or all that is in
        what, whichever is less. Of several transactions that together would close a circle, the last one then meets
        what another one of them has written: one of both is done again, and sees it.

        Raises:
            InconsistentFact: a thing would be in itself.
        """
        things, holders = {span.what for span in new}, {str(span.into) for span in new}
        window = Window(min(span.start for span in new), max(span.end for span in new))
        above, below = set(holders), set(things)
        rising, sinking = set(holders), set(things)
        while rising and sinking:
            rising = {row["into"] for row in await self._spans.up(rising, window, session=session)} - above
            above |= rising
            if not rising:
                break
            sinking = {row["what"] for row in await self._spans.down(sinking, window, session=session)} - below
            below |= sinking
            if len(above) + len(below) > MOST_RELATED:
                raise TooLarge(f"Expected at most {MOST_RELATED} related things, found more; record it in parts.")
        seen, suspect = (above, above & things) if not rising else (below, below & holders)
        if suspect:
            for span in new:
                await self._require_outside(span, session)
        await self._twins.touch(seen, session=session)

    async def _require_outside(self, span: Span, session: Session) -> None:
        """Let pass a span during which what it holds is not within itself.

        Raises:
            InconsistentFact: it is.
        """
        frontier = {str(span.into): [(span.start, span.end)]}
        seen: set[tuple[str, datetime, datetime]] = set()
        while frontier:
            following: dict[str, list[tuple[datetime, datetime]]] = {}
            for row in await self._spans.up(frontier, Window(span.start, span.end), session=session):
                for start, end in frontier[row["what"]]:
                    period = max(start, row["start"]), min(end, row["end"])
                    if period[0] >= period[1] or (row["into"], *period) in seen:
                        continue
                    if row["into"] == span.what:
                        raise InconsistentFact(
                            f"{span.what} would be in {span.into}, which is in {span.what} itself from "
                            f"{period[0].isoformat()} on."
                        )
                    seen.add((row["into"], *period))
                    following.setdefault(row["into"], []).append(period)
            frontier = following


def _said(named: Named) -> dict[str, str]:
    said = {"asset": named.key, "quantity": named.quantity, "unit": named.unit}
    return {name: value for name, value in said.items() if value is not None}


def _require_few(*names: Sequence[Named]) -> None:
    """Let pass so few that they may be looked up."""
    found = sum(map(len, names))
    if found > 2 * rules.MOST_NAMED:
        raise TooLarge(f"Expected at most {2 * rules.MOST_NAMED} things, found {found}.")
    if not found:
        raise InvalidInput("Expected at least one thing, found none.")


def _sizes(heads: Mapping[str, Document]) -> dict[str, Granularity]:
    for twin, head in heads.items():
        if (into := head["head"].get("merged_into")) is not None:
            raise AssetMerged(twin, into)
    return {twin: Granularity(head["head"]["granularity"]) for twin, head in heads.items()}


def _by_item(facts: Iterable[Document], items: Collection[str]) -> dict[str, list[Fact]]:
    wanted, found = set(items), {item: list[Fact]() for item in items}
    for document in facts:
        for part in document["what"]:
            if part["asset"] in wanted:
                found[part["asset"]].append(Fact.from_document(document, part["asset"]))
    return found
