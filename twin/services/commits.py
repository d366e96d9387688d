"""How every change of a twin is committed: once for each mutation, on the newest revision, judged by the rules."""

from __future__ import annotations

import asyncio
import base64
import hmac
import itertools
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from twin.domain import fields
from twin.domain.actor import Actor
from twin.domain.history import AsOf, Command, Document, Draft, Mutation, Version, next_version
from twin.domain.label import bindings_after, bindings_at
from twin.errors import InvalidInput, MutationIdReused, NotFound, RevisionConflict, TwinError, Unavailable
from twin.store import Store
from twin.store.mongo import Session
from twin.store.twins import Lost, Twins

Result = TypeVar("Result")

Seen = TypeVar("Seen")

TRIES = 24
PAUSE_S = 0.005
LONGEST_TURN_S = 20.0

Clock = Callable[[], datetime]
At = int | AsOf | None
"""Which state of a twin is meant: that of a revision, that as of a point on both axes, or (None) the head's."""


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """A change under way: who asks for what, in which mutation."""

    actor: Actor
    command: Command
    mutation: Mutation
    may_repeat: bool


class Commits:
    """The write path that assets and labels share.

    Args:
        store: where twins are.
        secret: what the ids of new twins are derived with.
        clock: tells the time, in UTC.
    """

    def __init__(self, store: Store, secret: bytes, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self._secret = secret
        self._process = secrets.token_urlsafe(12)
        self._count = itertools.count()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def _unnamed(self) -> str:
        return f"~{self._process}-{next(self._count)}"

    def change(self, actor: Actor, name: str, command: Command, inputs: Mapping[str, Any]) -> Change:
        """The change that a command asks for; one without a clientMutationId gets one that nobody can repeat.

        Args:
            actor: who asks.
            name: the service's name for what is asked.
            command: reason, occurred_at, expected_revision and client_mutation_id.
            inputs: all else that was asked for: the same again is a repeat, anything else a reuse of the id.
        """
        occurred_at = command.occurred_at and fields.utc(command.occurred_at, path=("occurredAt",))
        said = {"occurred_at": occurred_at, "reason": command.reason, "expected": command.expected_revision}
        whole = {name: value for name, value in {**inputs, **said, "command": name}.items() if value is not None}
        client_id = command.client_mutation_id
        mutation = Mutation.of(actor, self._unnamed() if client_id is None else client_id, whole)
        return Change(actor, command, mutation, may_repeat=client_id is not None)

    def twin_id(self, prefix: str, mutation: Mutation, position: int) -> str:
        """The id of a new twin: nobody can guess it, and the same mutation always gives the same."""
        return f"{prefix}_{base64.b32encode(self.derived('twin', mutation, position)[:15]).decode().lower()}"

    def derived(self, purpose: str, mutation: Mutation, position: int) -> bytes:
        """32 bytes that look random and that only this deployment derives from a mutation."""
        return hmac.digest(self._secret, f"{purpose} {mutation.at(position)}".encode(), "sha256")

    def pseudonym(self, purpose: str, name: str) -> str:
        """A text that tells one name from another, and from which nobody without the secret finds the name."""
        return hmac.digest(self._secret, f"{purpose} {name}".encode(), "sha256").hex()[:32]

    async def repeated(self, change: Change, position: int = 0, *, sure: bool = False) -> tuple[str, int] | None:
        """The twin and the revision that this mutation has written already, if it has.

        Args:
            change: the change.
            position: which of the twins that it writes.
            sure: whether every acknowledged write must be seen, whoever became primary a moment ago.

        Raises:
            MutationIdReused: it has, but with another input.
        """
        written = await self.store.by_mutation(change.mutation.at(position), sure=sure)
        if written is None:
            return None
        twin, version = written
        if version["digest"] != change.mutation.digest:
            raise MutationIdReused(change.mutation.client_id)
        return twin, version.get("revision", 0)  # a row of the scan log has none

    async def once(
        self,
        change: Change,
        look: Callable[[bool], Awaitable[Seen]],
        attempt: Callable[[Seen], Awaitable[Result]],
        answer: Callable[[str, int], Awaitable[Result]],
    ) -> Result:
        """Write what a mutation asks for, once, or answer what it got when it was written before.

        An attempt that loses a race is made again, so a move is judged again. An attempt that is refused may have been
        refused because the same request, sent twice, has just been granted: then it gets that answer. And it may have
        been refused on what is old: so it is judged again on what is surely the newest. That cannot be when the
        revision that it is based on was seen to have passed, since none comes back; but the search for the mutation may
        have been answered by a new primary, from before that. So it is searched for once more, surely.

        An attempt that was not answered may have been written. From then on a change that nobody can repeat is searched
        for too: it must not be refused for what it did itself. Before there was one, no answer is the answer.

        Args:
            change: the change.
            look: reads what the attempt is based on; told whether it must surely be the newest, or may be what this
                process saw last. It comes before the search for the mutation: whoever writes the mutation after that
                search then also moves what was read.
            attempt: judges and writes; raises Lost when another writer was first.
            answer: from the twin and the revision that the mutation wrote to what its caller gets.

        Raises:
            MutationIdReused: the mutation's id stands for another input.
            Unavailable: so many others write the same that it could not be its turn.
        """
        sure, may_stand = False, change.may_repeat
        for lost in range(TRIES):
            if lost > 1:
                await asyncio.sleep(random.uniform(0, lost * PAUSE_S))  # noqa: S311 - spreads the losers of a race
            attempted = False
            try:
                seen = await look(sure)
                if may_stand and (written := await self.repeated(change)):
                    return await answer(*written)
                attempted = True
                return await attempt(seen)
            except Lost:
                continue
            except TwinError as refused:
                unanswered = isinstance(refused, Unavailable)
                if isinstance(refused, MutationIdReused) or (unanswered and not attempted):
                    raise
                may_stand = may_stand or unanswered
                passed = isinstance(refused, RevisionConflict) and refused.actual > refused.expected
                if may_stand and (written := await self.repeated(change, sure=passed)):
                    return await answer(*written)
                if sure or passed:
                    raise
                sure = True
        raise Unavailable("Many others are changing the same thing just now; try again.")

    async def create(
        self,
        twins: Twins,
        change: Change,
        ids: Sequence[str],
        decide: Callable[[], Awaitable[Sequence[Draft]]],
        along: Callable[[Sequence[Draft], Session], Awaitable[None]] | None = None,
    ) -> list[Document]:
        """Write new twins in one transaction, or find those that the same mutation wrote before.

        Args:
            twins: the collection.
            change: the change.
            ids: of the new twins; position 0 first.
            decide: the rules: the first version of each, or a refusal.
            along: what else belongs to the transaction.
        """

        async def look(sure: bool) -> None:  # noqa: FBT001 - as `once` calls it
            if sure:  # then so is what `decide` reads after it
                await twins.sure_head({"_id": ids[0]})

        async def attempt(_: None) -> list[Document]:
            drafts = await decide()
            new = [
                self.birth(twin, draft, change, position)
                for position, (twin, draft) in enumerate(zip(ids, drafts, strict=True))
            ]

            async def work(session: Session) -> list[Document]:
                documents = await twins.insert(new, session=session)
                if along is not None:
                    await along(drafts, session)
                return list(documents)

            return await self.store.mongo.transaction(work)

        async def answer(*_: object) -> list[Document]:
            return [await self.find(change.actor, twins, {"_id": twin}, 1, "twin", twin) for twin in ids]

        return await self.once(change, look, attempt, answer)

    async def commit(
        self,
        twins: Twins,
        query: Mapping[str, Any],
        change: Change,
        decide: Callable[[Document], Awaitable[Draft]],
        *,
        what: str,
        key: str,
    ) -> Document:
        """Commit the next version of one twin, or find the version that the same mutation wrote before.

        Args:
            twins: the collection.
            query: which twin.
            change: the change.
            decide: the rules: from the twin's document to its next version, or a refusal.
            what: the word for such a twin, for errors.
            key: what the caller called it, for errors.

        Raises:
            NotFound: no such twin.
            RevisionConflict: it has moved on from the expected revision.
            MutationIdReused: the mutation's id stands for another input.
            Unavailable: so many others write this twin that it could not be its turn.
        """

        async def look(sure: bool) -> dict[str, Any]:  # noqa: FBT001 - as `once` calls it
            head = await (twins.sure_head(query) if sure else twins.recent_head(query))
            return there_for(change.actor, head, what, key)

        async def attempt(head: dict[str, Any]) -> Document:
            self.check_revision(head, change.command)
            version, bindings = self.next(head, await decide(head), change)
            return await twins.append(head, version, bindings)

        async def answer(twin: str, revision: int) -> Document:
            return await self.find(change.actor, twins, {"_id": twin}, revision, what, key)

        if change.command.expected_revision is not None:  # it is the next one, or a conflict: waiting cannot help
            return await self.once(change, look, attempt, answer)
        async with self.turn(str(query)):
            return await self.once(change, look, attempt, answer)

    @asynccontextmanager
    async def turn(self, *keys: str) -> AsyncIterator[None]:
        """Have those of this process who write the same take turns: they would spend their time on losing races.

        Args:
            keys: what tells the same from others.

        Raises:
            Unavailable: so many others write this that it could not be its turn.
        """
        turns = [self._turns.setdefault(key, asyncio.Lock()) for key in sorted(set(keys))]  # in one order for all
        async with AsyncExitStack() as taken:
            try:
                async with asyncio.timeout(LONGEST_TURN_S):
                    for turn in turns:
                        await taken.enter_async_context(turn)
            except TimeoutError:
                raise Unavailable("Many others are changing the same thing just now; try again.") from None
            yield

    def birth(self, twin: str, draft: Draft, change: Change, position: int) -> tuple[Version, list[Document]]:
        """The first version of a twin, and its bindings."""
        version = self._version(twin, None, draft, change, position)
        return version, bindings_after([], version.as_document())

    def next(
        self, document: Document, draft: Draft, change: Change, position: int = 0
    ) -> tuple[Version, list[Document] | None]:
        """The next version of a twin, and the bindings after it if it changes any."""
        version = self._version(document["_id"], document, draft, change, position)
        changes = "asset" in version.change
        return version, bindings_after(document["bindings"], version.as_document()) if changes else None

    def _version(self, twin: str, head: Document | None, draft: Draft, change: Change, position: int) -> Version:
        return next_version(
            draft,
            twin=twin,
            head=head,
            actor=change.actor,
            now=self.clock(),
            mutation=change.mutation,
            position=position,
        )

    @staticmethod
    def check_revision(document: Document, command: Command) -> None:
        """Let pass a change that is based on the head, or on no revision in particular.

        Raises:
            RevisionConflict: it is based on another one.
        """
        expected = command.expected_revision
        if expected is not None and expected != document["revision"]:
            raise RevisionConflict(twin=document["_id"], expected=expected, actual=document["revision"])

    async def find(self, actor: Actor, twins: Twins, query: Mapping[str, Any], at: At, what: str, key: str) -> Document:
        """The head of a twin, now or as it was: `head`, `revision`, `hash` and `changed` are those of then.

        Raises:
            NotFound: no such twin, or it had no such revision, or had not begun.
        """
        head = there_for(actor, await (twins.head(query) if at is None else twins.recent_head(query)), what, key)
        if isinstance(at, int):
            if at > head["revision"]:
                head = there_for(actor, await twins.head(query), what, key)
            if not 1 <= at <= head["revision"]:
                raise NotFound(f"revision {at} of the {what}", key)
            if at < head["revision"]:
                [version] = await twins.versions(head, at, at)
                return _as_it_was(head, version["snapshot"], version)
        elif at is not None:
            then = await twins.state_as_of(head["_id"], at)
            if then is None:
                raise NotFound(f"state then of the {what}", key)
            if then[1]["revision"] > head["revision"]:  # another process has written since this one looked
                head = there_for(actor, await twins.head(query), what, key)
            return _as_it_was(head, *then)
        return head

    async def versions(
        self, actor: Actor, twins: Twins, query: Mapping[str, Any], first: int, last: int, what: str, key: str
    ) -> list[Document]:
        """The versions of a twin from one revision to another, oldest first."""
        head = there_for(actor, await twins.recent_head(query), what, key)
        if last > head["revision"]:
            head = there_for(actor, await twins.head(query), what, key)
        return await twins.versions(head, first, last)


def found(head: dict[str, Any] | None, what: str, key: str) -> dict[str, Any]:
    """The document of a thing, which must be there.

    Raises:
        NotFound: it is not.
    """
    if head is None:
        raise NotFound(what, key)
    return head


def there_for(actor: Actor, head: dict[str, Any] | None, what: str, key: str) -> dict[str, Any]:
    """The head of a twin, which must be there for the actor: one of a profile that it does not reach is not.

    Raises:
        NotFound: it is not, in the words that nothing of that name gets.
    """
    return found(head if head is not None and actor.reaches(head["head"].get("profile")) else None, what, key)


def _as_it_was(head: Document, state: Document, version: Document) -> Document:
    return {
        **head,
        "head": state,
        "revision": version["revision"],
        "hash": version["hash"],
        "bindings": bindings_at(head["bindings"], version["revision"]),
        "changed": {"occurred_at": version["occurred_at"], "recorded_at": version["recorded_at"]},
    }


def require_revision(command: Command) -> None:
    """Let pass a free edit that names the revision that it is based on: a free edit never wins by time.

    Raises:
        InvalidInput: it names none.
    """
    if command.expected_revision is None:
        raise InvalidInput(
            "expectedRevision: a free edit names the revision that it is based on, found none.",
            path=("expectedRevision",),
        )
