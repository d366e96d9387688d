"""Templates: drawn, submitted, approved by somebody else, withdrawn; and the one that labels are printed from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from twin.domain import fields
from twin.domain.actor import Actor, Permission
from twin.domain.approval import (
    BUILTIN,
    TemplateAction,
    TemplateId,
    TemplateState,
    TemplateVersion,
    require_name,
)
from twin.domain.builtin import builtins
from twin.domain.history import Document, Mutation
from twin.domain.profiles import profile
from twin.domain.template import Template
from twin.errors import MutationIdReused, NotFound, Unavailable, shown
from twin.services import audiences
from twin.services.commits import Clock
from twin.store import Store
from twin.store.paging import Page, PageRequest

TRIES = 20


class Templates:
    """What callers do with templates.

    Args:
        store: where they are.
        clock: tells the time, in UTC.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store.templates
        self._clock = clock

    # Steps

    async def draw(
        self,
        actor: Actor,
        *,
        name: str,
        template: Template,
        draft: int | None = None,
        client_mutation_id: str | None = None,
    ) -> Document:
        """Draw a new version of a template, or one of its drafts again.

        Args:
            actor: needs `templates:draw`.
            name: the template's.
            template: the layout.
            draft: the version to be drawn again, which must be a draft; None for a new version.
            client_mutation_id: repeating it answers with the version as it is then, and writes nothing.

        Returns:
            The version.

        Raises:
            InvalidInput: it names what its profile does not have, or is for other labels than the versions before.
            NotFound: no such draft.
            Refused: the draft is none any more.
        """
        actor.require(Permission.DRAW_TEMPLATES)
        actor.require_profile(template.profile)
        require_name(name)
        template.require_fit(profile(template.profile))
        inputs = {"mutation": "drawTemplate", "name": name, "layout": template.as_document(), "draft": draft}
        mutation = _mutation(actor, client_mutation_id, inputs)
        if draft is not None:
            return await self._step(actor, f"{name}@{draft}", TemplateAction.DRAW, mutation, template=template)

        for _ in range(TRIES):
            if (repeated := await self._repeated(mutation)) is not None:
                return audiences.template(actor, repeated)
            document = _written(await self._next(name, template, actor), None, mutation)
            if await self._store.add(document):
                return audiences.template(actor, document)
        raise Unavailable(f"Too many versions of {shown(name)} are drawn at once; try again in a moment.")

    async def _next(self, name: str, template: Template, actor: Actor) -> TemplateVersion:
        newest = await self._store.newest(name, sure=True)
        if newest is None:
            return TemplateVersion.drawn(name, 1, template, actor=actor.id, now=self._now)
        return TemplateVersion.from_document(newest).followed(template, actor=actor.id, now=self._now)

    async def submit(self, actor: Actor, template: str, *, client_mutation_id: str | None = None) -> Document:
        """Hand a draft in for review. Needs `templates:draw`."""
        actor.require(Permission.DRAW_TEMPLATES)
        return await self._said(actor, template, TemplateAction.SUBMIT, client_mutation_id)

    async def approve(
        self, actor: Actor, template: str, *, sha256: str, client_mutation_id: str | None = None
    ) -> Document:
        """Let labels be printed from a version from now on.

        Args:
            actor: needs `templates:approve`; neither drew nor submitted it.
            template: name and version.
            sha256: the digest of the layout that the actor has looked at.
            client_mutation_id: repeating it answers with the version as it is then, and writes nothing.

        Raises:
            Refused: it is not in review, the actor's own, or another layout by now.
        """
        actor.require(Permission.APPROVE_TEMPLATES)
        return await self._said(actor, template, TemplateAction.APPROVE, client_mutation_id, sha256=sha256)

    async def refuse(
        self, actor: Actor, template: str, *, reason: str | None, client_mutation_id: str | None = None
    ) -> Document:
        """Send a version that is in review back to be drawn again. Needs `templates:review`, and a reason."""
        actor.require(Permission.REVIEW_TEMPLATES)
        return await self._said(actor, template, TemplateAction.REFUSE, client_mutation_id, reason=reason)

    async def withdraw(
        self, actor: Actor, template: str, *, reason: str | None, client_mutation_id: str | None = None
    ) -> Document:
        """Let nothing be printed from a version any more, for ever. Needs `templates:approve`, and a reason."""
        actor.require(Permission.APPROVE_TEMPLATES)
        return await self._said(actor, template, TemplateAction.WITHDRAW, client_mutation_id, reason=reason)

    async def _said(
        self, actor: Actor, template: str, action: TemplateAction, client_mutation_id: str | None, **said: str | None
    ) -> Document:
        inputs = {"mutation": action.value, "template": template, **said}
        return await self._step(actor, template, action, _mutation(actor, client_mutation_id, inputs), **said)

    async def _step(
        self, actor: Actor, key: str, action: TemplateAction, mutation: Mutation | None, **said: Any
    ) -> Document:
        for _ in range(TRIES):
            if (repeated := await self._repeated(mutation)) is not None:
                return audiences.template(actor, repeated)
            before = _seen_by(actor, await self._version(key, sure=True), key)
            if mutation is not None and any(each.get("mutation") == mutation.key for each in before["events"]):
                continue  # written a moment ago, by the same request
            after = TemplateVersion.from_document(before).after(action, actor=actor.id, now=self._now, **said)
            document = _written(after, before, mutation)
            if await self._store.replace(document):
                return audiences.template(actor, document)
        raise Unavailable(f"Too many changes of {shown(key)} at once; try again in a moment.")

    async def _repeated(self, mutation: Mutation | None) -> Document | None:
        found = None if mutation is None else await self._store.by_mutation(mutation.key)
        if mutation is None or found is None:
            return None
        event = next(each for each in found["events"] if each.get("mutation") == mutation.key)
        if event["digest"] != mutation.digest:
            raise MutationIdReused(mutation.client_id)
        return found

    # Reading

    async def find(self, actor: Actor, template: str) -> Document:
        """A version of a template; of a name alone, its current version.

        Args:
            actor: needs `twins:read`.
            template: name and version, or a name.

        Raises:
            InvalidInput: not an id.
            NotFound: there is none.
        """
        actor.require(Permission.READ_TWINS)
        return audiences.template(actor, _seen_by(actor, await self._version(template), template))

    async def page(
        self, actor: Actor, request: PageRequest, *, profile: str | None = None, state: TemplateState | None = None
    ) -> Page:
        """A page of the versions without their elements, newest first; those that came with profiles are not there.

        Args:
            actor: needs `twins:read`.
            request: which part.
            profile: only those for its labels.
            state: only those that stand there.
        """
        actor.require(Permission.READ_TWINS)
        page = await self._store.page(request, profiles=_within(actor, profile), state=state)
        visible = [audiences.template(actor, document) for document in page.documents]
        return Page(visible, page.has_next, page.has_previous)

    async def count(self, actor: Actor, *, profile: str | None = None, state: TemplateState | None = None) -> int:
        """How many versions there are in all."""
        actor.require(Permission.READ_TWINS)
        return await self._store.count(profiles=_within(actor, profile), state=state)

    async def approved(self, template: str | None, profile_name: str) -> TemplateVersion:
        """What labels of a profile are printed from.

        Args:
            template: name and version; a name alone means its current version; None what came with the profile.
            profile_name: the labels'.

        Raises:
            InvalidInput: not an id, or a template for other labels.
            NotFound: there is none.
            Refused: it is not approved.
        """
        if template is None:
            return builtins()[profile_name]
        version = TemplateVersion.from_document(await self._version(template))
        version.require_for(profile_name)
        version.require_approved()
        return version

    async def version(self, template: str) -> TemplateVersion:
        """A version, approved or not, for the services alone: what was printed from one is drawn again from it.

        Raises:
            NotFound: there is none.
        """
        return TemplateVersion.from_document(await self._version(template))

    async def _version(self, template: str, *, sure: bool = False) -> Document:
        wanted = TemplateId.parse(template)
        if wanted.version == BUILTIN:
            known = builtins().get(wanted.name)
            found: Document | None = None if known is None else known.as_document()
        elif wanted.version is None:
            found = await self._store.newest(wanted.name, state=TemplateState.APPROVED, sure=sure)
        else:
            found = await self._store.find(template, sure=sure)
        if found is None:
            raise NotFound("template", template)
        return found

    @property
    def _now(self) -> datetime:
        return fields.moment(None, now=self._clock())


def _seen_by(actor: Actor, document: Document, key: str) -> Document:
    """The version, if it is for labels that there are for the actor.

    Raises:
        NotFound: it is not.
    """
    if not actor.reaches(document["profile"]):
        raise NotFound("template", key)
    return document


def _within(actor: Actor, profile: str | None) -> frozenset[str] | None:
    return actor.within(None if profile is None else (profile,))


def _mutation(actor: Actor, client_id: str | None, inputs: Document) -> Mutation | None:
    return None if client_id is None else Mutation.of(actor, client_id, inputs)


def _written(version: TemplateVersion, before: Document | None, mutation: Mutation | None) -> dict[str, Any]:
    """The document after a step: the events before stand as they are, with the mutations that wrote them."""
    document = version.as_document()
    *_, event = document["events"]
    if mutation is not None:
        event |= {"mutation": mutation.key, "digest": mutation.digest}
    if before is None:
        return {**document, "created": {"recorded_at": event["at"]}}
    return {**document, "events": [*before["events"], event], "created": before["created"]}
