"""Replacements: the one move of two labels, written for both or for neither."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twin.domain import moves as rules
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document, Draft
from twin.domain.label import Label, LabelState
from twin.errors import InvalidInput, NotFound
from twin.services import audiences, recalled
from twin.services.commits import Change, Commits
from twin.services.labels import PREFIX, Labels, label_query
from twin.store.mongo import Session

Texts = Mapping[str, str | None]


class Replacements:
    """What callers do when a new label takes over from an old one.

    Args:
        commits: the write path.
        labels: to find labels, and to name new ones.
    """

    def __init__(self, commits: Commits, labels: Labels) -> None:
        self._commits = commits
        self._labels = labels
        self._twins = commits.store.labels

    async def replace(
        self, actor: Actor, key: str, *, by: str | None, face: Texts | None, command: Command
    ) -> tuple[Document, Document]:
        """A new label takes over from an old one, both or neither.

        Args:
            actor: needs `labels:replace`.
            key: the old label.
            by: the new one: pre-printed and unclaimed, or issued or printed for the same asset. None issues a new one
                of the same profile.
            face: printed fields of a label that is issued or claimed here; None takes over the old ones.
            command: the reason is required.

        Returns:
            The old label and the new one.
        """
        actor.require(Permission.REPLACE_LABELS)
        inputs = {
            "label": label_query(key),
            "by": None if by is None else label_query(by),
            "face": None if face is None else dict(face),
        }
        change = self._commits.change(actor, "replaceLabel", command, inputs)

        async def look(_: bool) -> tuple[dict[str, Any], dict[str, Any] | None]:  # noqa: FBT001 - as `once` calls it
            old = await self._labels.head(actor, key)
            return old, None if by is None else await self._labels.head(actor, by)

        async def attempt(seen: tuple[dict[str, Any], dict[str, Any] | None]) -> tuple[Document, Document]:
            return await self._replace(change, *seen, face)

        async def answer(twin: str, revision: int) -> tuple[Document, Document]:
            new = await self._commits.repeated(change, position=1)
            return await self._replaced(actor, (twin, revision), new)

        return await self._commits.once(change, look, attempt, answer)

    async def _replace(
        self, change: Change, old_document: dict[str, Any], new_document: dict[str, Any] | None, face: Texts | None
    ) -> tuple[Document, Document]:
        self._commits.check_revision(old_document, change.command)
        old = Label.from_document(old_document)
        new_id = self._commits.twin_id(PREFIX, change.mutation, 1) if new_document is None else new_document["_id"]
        retire = rules.replace(old, by=new_id, command=change.command, now=self._commits.clock())
        successor = await self._successor(change, old, new_document, face)
        old_version, old_bindings = self._commits.next(old_document, retire, change)

        async def work(session: Session) -> tuple[Document, Document]:
            after = await self._twins.append(old_document, old_version, old_bindings, session=session)
            if new_document is None:
                born = await self._twins.insert([self._commits.birth(new_id, successor, change, 1)], session=session)
                return after, born[0]
            version, bindings = self._commits.next(new_document, successor, change, 1)
            return after, await self._twins.append(new_document, version, bindings, session=session)

        before, after = await self._commits.store.mongo.transaction(work)
        both = [audiences.label(change.actor, document) for document in (before, after)]
        retired, successive = await recalled.marked(self._commits.store.recalls, both)
        return retired, successive

    async def _successor(
        self, change: Change, old: Label, new_document: dict[str, Any] | None, face: Texts | None
    ) -> Draft:
        if old.last_asset is None:
            raise InvalidInput("label: it was never on an asset; void it instead.", path=("label",))
        identifiers = await self._labels.identifiers(old.last_asset)
        entries = dict(old.face) if face is None else face
        if new_document is None:
            return rules.issue(
                link_id=self._labels.new_link_id(change, 1),
                asset=old.last_asset,
                profile_name=old.profile,
                face=entries,
                attributes={},
                identifiers=identifiers,
                command=change.command,
                now=self._commits.clock(),
                replaces=old.id,
                standing=old.face,
            )
        new = Label.from_document(new_document)
        if new.state is LabelState.UNCLAIMED:
            return rules.claim(
                new,
                asset=old.last_asset,
                face=entries,
                identifiers=identifiers,
                command=change.command,
                now=self._commits.clock(),
                replaces=old.id,
                standing=old.face,
            )
        if face is not None:
            raise InvalidInput("face: the new label has its own already; expected none.", path=("face",))
        return rules.take_over(new, replaced=old, command=change.command, now=self._commits.clock())

    async def _replaced(
        self, actor: Actor, old: tuple[str, int], new: tuple[str, int] | None
    ) -> tuple[Document, Document]:
        if new is None:
            raise NotFound("label", old[0])
        first, second = [
            audiences.label(actor, await self._commits.find(actor, self._twins, {"_id": twin}, revision, "label", twin))
            for twin, revision in (old, new)
        ]
        return first, second
