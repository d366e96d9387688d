"""Links: what resolvers send people to, kept for each level of an identifier and versioned like twins."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twin.domain import links as rules
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document
from twin.domain.links import Link
from twin.errors import InvalidInput, NotFound, RevisionConflict, TooLarge, shown, within
from twin.identity.gs1 import Level
from twin.services import audiences
from twin.services.commits import At, Change, Commits
from twin.store.links import linkset_id
from twin.store.mongo import Session
from twin.store.paging import Page, PageRequest

MOST_AT_ONCE = 500

_ID = re.compile("lnk_[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Order:
    """The links that one level shall have.

    Args:
        identifier: the level: `01/09506000134352/10/ABC`, or a Digital Link URI.
        description: of the thing, for people.
        links: all of them; they take the place of those that it has.
        expected_revision: the revision that the order is based on; 0 where there are none yet.
    """

    identifier: str
    description: str
    links: Sequence[Link]
    expected_revision: int

    def as_input(self, level: Level) -> dict[str, Any]:
        """As a document, to tell one order from another."""
        return {"path": level.path, "expected": self.expected_revision, **rules.inputs_of(self.description, self.links)}


class Links:
    """What callers do with the links of levels.

    Args:
        commits: the write path.
    """

    def __init__(self, commits: Commits) -> None:
        self._commits = commits
        self._twins = commits.store.links

    async def set(self, actor: Actor, order: Order, command: Command) -> Document:
        """Give a level its links; see `set_many`."""
        actor.require(Permission.SET_LINKS)
        return (await self._set(actor, "setLinks", [order], [Level.parse(order.identifier)], command))[0]

    async def set_many(self, actor: Actor, orders: Sequence[Order], command: Command) -> list[Document]:
        """Give several levels their links, all or none.

        Args:
            actor: needs `links:set`.
            orders: 1 to 500 levels, each once.
            command: reason, occurred_at and client_mutation_id count.

        Returns:
            The link sets, in the order of the orders.

        Raises:
            RevisionConflict: somebody else has changed the links of a level since.
            InvalidInput: anything that breaks a rule.
        """
        actor.require(Permission.SET_LINKS)
        if not 1 <= len(orders) <= MOST_AT_ONCE:
            kind = InvalidInput if not orders else TooLarge
            raise kind(f"levels: expected 1 to {MOST_AT_ONCE} at once, found {len(orders)}.", path=("levels",))
        levels: dict[Level, None] = {}
        for place, order in enumerate(orders):
            with within("levels", str(place), "identifier"):
                level = Level.parse(order.identifier)
                if level in levels:
                    raise InvalidInput(f"{shown(level.path)} stands twice; expected each level once.")
                levels[level] = None
        return await self._set(actor, "setLinksets", orders, list(levels), command)

    async def _set(
        self, actor: Actor, name: str, orders: Sequence[Order], levels: Sequence[Level], command: Command
    ) -> list[Document]:
        asked = [order.as_input(level) for order, level in zip(orders, levels, strict=True)]
        change = self._commits.change(actor, name, command, {"levels": asked})
        ids = [linkset_id(level.path) for level in levels]

        async def look(sure: bool) -> dict[str, dict[str, Any]]:  # noqa: FBT001 - as `once` calls it
            if sure:  # then so is what is read after it
                await self._twins.sure_head({"_id": ids[0]})
            return await self._twins.heads(ids)

        async def attempt(heads: dict[str, dict[str, Any]]) -> list[Document]:
            return await self._written(orders, levels, ids, heads, change)

        async def answer(*_: object) -> list[Document]:
            return await asyncio.gather(*(self._as_written(change, place) for place in range(len(ids))))

        found = await self._commits.once(change, look, attempt, answer)
        return [audiences.linkset(actor, document) for document in found]

    async def _written(
        self,
        orders: Sequence[Order],
        levels: Sequence[Level],
        ids: Sequence[str],
        heads: Mapping[str, dict[str, Any]],
        change: Change,
    ) -> list[Document]:
        births, changes = [], []
        for place, (order, level) in enumerate(zip(orders, levels, strict=True)):
            head = heads.get(ids[place])
            _require_revision(ids[place], order.expected_revision, 0 if head is None else head["revision"])
            with within(*(("levels", str(place)) if len(orders) > 1 else ())):
                draft = rules.set_links(
                    {} if head is None else head["head"],
                    level,
                    description=order.description,
                    links=order.links,
                    command=change.command,
                    now=self._commits.clock(),
                )
            if head is None:
                births.append(self._commits.birth(ids[place], draft, change, place))
            else:
                changes.append((head, self._commits.next(head, draft, change, place)[0]))

        async def work(session: Session) -> dict[str, Document]:
            new = await self._twins.insert(births, session=session) if births else []
            changed = [await self._twins.append(head, version, session=session) for head, version in changes]
            return {document["_id"]: document for document in (*new, *changed)}

        written = await self._commits.store.mongo.transaction(work)
        return [written[twin] for twin in ids]

    async def _as_written(self, change: Change, place: int) -> Document:
        written = await self._commits.repeated(change, place)
        twin, revision = written or ("", 0)
        return await self._commits.find(change.actor, self._twins, {"_id": twin}, revision, "link set", twin)

    async def find(self, actor: Actor, identifier: str, at: At = None) -> Document:
        """What is stored of one level itself, now or as it was; what it inherits is for the resolver to say.

        Args:
            actor: needs `twins:read`; sees the links of its audiences.
            identifier: the level, or the id of its link set.
            at: which state is meant.

        Raises:
            NotFound: the level has no links, or no such state.
        """
        actor.require(Permission.READ_TWINS)
        twin = _id_of(identifier)
        found = await self._commits.find(actor, self._twins, {"_id": twin}, at, "link set of", identifier)
        return audiences.linkset(actor, found)

    async def page(self, actor: Actor, request: PageRequest) -> Page:
        """A page of the link sets, those of the newest levels first."""
        actor.require(Permission.READ_TWINS)
        page = await self._twins.page(request)
        return Page([audiences.linkset(actor, one) for one in page.documents], page.has_next, page.has_previous)

    async def count(self, actor: Actor) -> int:
        """How many link sets there are in all."""
        actor.require(Permission.READ_TWINS)
        return await self._twins.count()

    async def versions(self, actor: Actor, twin: str, first: int, last: int) -> list[Document]:
        """The versions of a link set from one revision to another, oldest first."""
        actor.require(Permission.READ_TWINS)
        found = await self._commits.versions(actor, self._twins, {"_id": twin}, first, last, "link set", twin)
        return [audiences.linkset_version(actor, version) for version in found]


def _id_of(identifier: str) -> str:
    if identifier.startswith("lnk_"):
        if not _ID.fullmatch(identifier):
            raise NotFound("link set", identifier)
        return identifier
    return linkset_id(Level.parse(identifier).path)


def _require_revision(twin: str, expected: int, actual: int) -> None:
    if expected != actual:
        raise RevisionConflict(twin=twin, expected=expected, actual=actual)
